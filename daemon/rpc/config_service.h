// SPDX-License-Identifier: Apache-2.0
// ConfigService: checks, reads and changes of the routing configuration.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
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

  // For a stop, when nothing new is taken any more: waits until `limit` for the answers of changes
  // under way, then gives the others up: a shard that waits for its disk would hold the stop up for
  // ever.
  void finish_changes(std::chrono::steady_clock::time_point limit);

 private:
  // Who works on a change. Shared with the changes, which may outlive the service in a shard that
  // stops after it.
  struct Places {
    Mutex mutex;
    CondVar left;
    int taken ABSL_GUARDED_BY(mutex) = 0;
    // Of changes under way, and of some that are over.
    std::vector<std::weak_ptr<UnaryReply>> replies ABSL_GUARDED_BY(mutex);
  };
  // One of kChangesMax places; whoever holds it may work on a change.
  class Place {
   public:
    explicit Place(std::shared_ptr<Places> places) : places_(std::move(places)) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    const std::shared_ptr<Places> places_;
  };
  // Null when all are taken; then the reply is given.
  [[nodiscard]] std::shared_ptr<Place> take_place(const UnaryCall& call);

  static void submit(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                     std::unique_ptr<TableChange> change);

  const Edge& edge_;
  const std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

}  // namespace acd
