// SPDX-License-Identifier: Apache-2.0
// ConfigService: checks and reads of the routing configuration.
#pragma once

#include "acd/v1/config_service.grpc.pb.h"
#include "daemon/rpc/edge.h"

namespace acd {

using ConfigServiceBase = v1::ConfigService::WithRawCallbackMethod_ValidateConfig<
    v1::ConfigService::WithRawCallbackMethod_GetConfig<
        v1::ConfigService::WithRawCallbackMethod_ListTenants<v1::ConfigService::Service>>>;

// Threads:  gRPC's, and the observer's for the reply of GetConfig.
// Bounds:   a configuration to check, by RpcOptions.message_bytes_max.
class ConfigService final : public ConfigServiceBase {
 public:
  // `edge` outlives the service.
  explicit ConfigService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* ValidateConfig(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListTenants(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  const Edge& edge_;
};

}  // namespace acd
