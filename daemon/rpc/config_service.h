// SPDX-License-Identifier: Apache-2.0
// ConfigService: checks, reads and changes of the routing configuration.
#pragma once

#include <chrono>

#include "acd/v1/config_service.grpc.pb.h"
#include "daemon/config/config_tables.h"
#include "daemon/rpc/changes.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {

// Bytes of a request that carries a configuration, with its name, etag and id.
inline constexpr size_t kConfigRequestBytesMax = kConfigBytesMax + (16 << 10);

using ConfigServiceBase = v1::ConfigService::WithRawCallbackMethod_ValidateConfig<
    v1::ConfigService::WithRawCallbackMethod_GetConfig<
        v1::ConfigService::WithRawCallbackMethod_ListTenants<
            v1::ConfigService::WithRawCallbackMethod_ApplyConfig<
                v1::ConfigService::WithRawCallbackMethod_UpsertAgents<
                    v1::ConfigService::WithRawCallbackMethod_OverrideQueue<
                        v1::ConfigService::Service>>>>>>;

// Threads:  gRPC's, the observer's for the reply of GetConfig, and a journal's or a shard's for the
//           replies of changes.
// Bounds:   kChangesMax changes at once, kConfigRequestBytesMax each; others by
//           RpcOptions.message_bytes_max.
class ConfigService final : public ConfigServiceBase {
 public:
  // `edge` outlives the service.
  explicit ConfigService(const Edge& edge) : edge_(edge) {}

  grpc::ServerUnaryReactor* ValidateConfig(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ApplyConfig(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UpsertAgents(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* OverrideQueue(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListTenants(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

  // For a stop, as Changes::finish().
  void finish_changes(std::chrono::steady_clock::time_point limit) { changes_.finish(limit); }

 private:
  const Edge& edge_;
  Changes changes_{kChangesMax};
};

}  // namespace acd
