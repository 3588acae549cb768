// SPDX-License-Identifier: Apache-2.0
// WallboardService: reads of queues, agents and calls, and the streams of wallboards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"
#include "daemon/rpc/wallboard_feed.h"
#include "daemon/rpc/wallboard_watch.h"

namespace acd {

using WallboardServiceBase = v1::WallboardService::WithRawCallbackMethod_GetQueueStats<
    v1::WallboardService::WithRawCallbackMethod_ListQueueStats<
        v1::WallboardService::WithRawCallbackMethod_GetAgent<
            v1::WallboardService::WithRawCallbackMethod_ListAgents<
                v1::WallboardService::WithRawCallbackMethod_GetCall<
                    v1::WallboardService::WithRawCallbackMethod_ListCalls<
                        v1::WallboardService::WithRawCallbackMethod_PredictWait<
                            v1::WallboardService::WithRawCallbackMethod_ListGroupStats<
                                v1::WallboardService::WithRawCallbackMethod_ListDayPoints<
                                    v1::WallboardService::WithRawCallbackMethod_Watch<
                                        v1::WallboardService::Service>>>>>>>>>>;

// Streams of wallboards at once, over all tenants.
inline constexpr uint32_t kWallboardsMax = 20'000;

// Each unary method checks its request, has the observer read the board, and replies from there.
//
// Threads:  gRPC's, and the observer's for the replies; tick() and finish_all() from any.
// Owns:     a feed a tenant, for its streams.
// Bounds:   waiting reads, by the tenant's port; a page, by kPageSizeMax and kPageBytesMax;
//           kWallboardsMax streams.
class WallboardService final : public WallboardServiceBase {
 public:
  // `edge` outlives the service.
  explicit WallboardService(const Edge& edge, uint32_t wallboards_max = kWallboardsMax)
      : edge_(edge), slots_(std::make_shared<StreamSlots>(wallboards_max)) {}

  grpc::ServerUnaryReactor* GetQueueStats(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListQueueStats(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetAgent(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListAgents(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PredictWait(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListGroupStats(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListDayPoints(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  WriteReactor* Watch(grpc::CallbackServerContext* context,
                      const grpc::ByteBuffer* request) override;

  // Shows what is due, and ends the streams whose peers stall. Called every kPulsePeriod.
  void tick(StreamClock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends every stream with SHUTTING_DOWN.
  void finish_all() { streams_.finish_all(); }
  // Streams that are alive.
  [[nodiscard]] size_t stream_count() const { return streams_.count(); }

 private:
  [[nodiscard]] std::shared_ptr<WallboardFeed> feed_of(const std::string& tenant, TenantPort* port)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Edge& edge_;
  // Shared with the streams: the observer may hold the last of them when the service is gone.
  const std::shared_ptr<StreamSlots> slots_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<WallboardFeed>> feeds_ ABSL_GUARDED_BY(mutex_);
  StreamSet<WallboardWatch> streams_;
};

}  // namespace acd
