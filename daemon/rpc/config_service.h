// SPDX-License-Identifier: Apache-2.0
// ConfigService: checks, reads and changes of the routing configuration.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "acd/v1/config_service.grpc.pb.h"
#include "daemon/config/config_tables.h"
#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/table_change.h"

namespace acd {

struct UnaryCall;
class UnaryReply;

// Bytes of a request that carries a configuration, with its name, etag and id.
inline constexpr size_t kConfigRequestBytesMax = kConfigBytesMax + (16 << 10);
// Requests that carry a configuration or agents and are parsed, checked or under way at once.
inline constexpr int kChangesMax = 4;

using ConfigServiceBase = v1::ConfigService::WithRawCallbackMethod_ValidateConfig<
    v1::ConfigService::WithRawCallbackMethod_GetConfig<
        v1::ConfigService::WithRawCallbackMethod_ListTenants<
            v1::ConfigService::WithRawCallbackMethod_ApplyConfig<
                v1::ConfigService::WithRawCallbackMethod_UpsertAgents<
                    v1::ConfigService::Service>>>>>;

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
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListTenants(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

  // For a stop, when nothing new is taken any more: waits until `limit` for the answers of changes
  // under way, then gives the others up: a shard that waits for its disk would hold the stop up for
  // ever.
  void finish_changes(std::chrono::steady_clock::time_point limit);

 private:
  // One of kChangesMax places; whoever holds it may work on a change.
  class Place {
   public:
    explicit Place(ConfigService* service) : service_(service) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    ConfigService* const service_;
  };
  // Null when all are taken; then the reply is given.
  [[nodiscard]] std::shared_ptr<Place> take_place(const UnaryCall& call);

  static void submit(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                     std::unique_ptr<TableChange> change);

  const Edge& edge_;
  Mutex mutex_;
  CondVar place_left_;
  int places_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of changes under way, and of some that are over.
  std::vector<std::weak_ptr<UnaryReply>> replies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
