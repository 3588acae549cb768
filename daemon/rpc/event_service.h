// SPDX-License-Identifier: Apache-2.0
// EventService: the streams of those who follow what happens.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "acd/v1/event_service.grpc.pb.h"
#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/event_watch.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"

namespace acd {

// Streams of watchers at once, over all tenants.
inline constexpr uint32_t kWatchersMax = 20'000;

// Threads:  WatchEvents() from gRPC's threads, the rest from any.
// Owns:     the pages that the watchers of a tenant share.
// Bounds:   kWatchersMax streams.
class EventService final
    : public v1::EventService::WithRawCallbackMethod_WatchEvents<v1::EventService::Service> {
 public:
  // `edge` outlives the service, and the service outlives its streams.
  explicit EventService(const Edge& edge, uint32_t watchers_max = kWatchersMax)
      : edge_(edge), slots_(std::make_shared<StreamSlots>(watchers_max)) {}

  WriteReactor* WatchEvents(grpc::CallbackServerContext* context,
                            const grpc::ByteBuffer* request) override;

  // Sends heartbeats and ends the streams whose peers stall. Called every fraction of a second.
  void tick(StreamClock::time_point now) { streams_.tick(now); }
  // Ends every stream with SHUTTING_DOWN and its last token.
  void finish_all() { streams_.finish_all(); }
  // Streams that are alive.
  [[nodiscard]] size_t stream_count() const { return streams_.count(); }

 private:
  [[nodiscard]] std::shared_ptr<EventPages> pages_of(const std::string& tenant,
                                                     const TenantPort& port);

  const Edge& edge_;
  // Shared with the watchers: the observer may hold the last of them when the service is gone.
  const std::shared_ptr<StreamSlots> slots_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<EventPages>> pages_ ABSL_GUARDED_BY(mutex_);
  StreamSet<EventWatch> streams_;
};

}  // namespace acd
