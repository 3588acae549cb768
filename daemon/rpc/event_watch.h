// SPDX-License-Identifier: Apache-2.0
// The stream of one who follows the events of a tenant.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "acd/v1/event_service.pb.h"
#include "daemon/directory.h"
#include "daemon/rpc/event_codec.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"

namespace acd {

// A watcher that was sent nothing for so long is sent its token.
inline constexpr std::chrono::seconds kWatchHeartbeat{5};

// What a request of WatchEvents says.
struct WatchStart {
  EventFilter filter;
  std::optional<int64_t> after;  // Sequence of a token.
  bool oldest = false;
};

// One stream of EventService.WatchEvents. It asks to look whenever it has written all it had; the
// observer shows it what there is then, and nothing is kept for it meanwhile but its place.
//
// Threads:  look() on the observer's thread; tick() on another.
// Owns:     its place in the events.
// Bounds:   one response to be written, above kPendingOwnBytesMax out of the pool of all watchers.
// Fails:    the stream ends with a status that says from where to go on.
class EventWatch final : public WriteStream, public Watcher {
 public:
  // `port` outlives the stream's life in gRPC and, like `streams`, is not used after it.
  EventWatch(TenantPort* port, std::shared_ptr<EventPages> pages, WatchStart start,
             StreamSet<EventWatch>* streams, std::unique_ptr<StreamTicket> ticket,
             grpc::CallbackServerContext* context);

  [[nodiscard]] Look look(const Board& board, const WatchTail& tail) override;

  // Sends the heartbeat when it is due, and cuts the stream when it stalls.
  void tick(StreamClock::time_point now);

 private:
  void on_begin() override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void on_done() override;
  [[nodiscard]] bool next_message(grpc::ByteBuffer* bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void on_flushed() override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void add_resume_point(RpcError* error) const override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void ask_to_look();
  // Finds the place to start at, and answers with it; the error that ends the stream, if any.
  [[nodiscard]] std::optional<RpcError> take_place(const Board& board, const WatchTail& tail)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void send(grpc::ByteBuffer bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  TenantPort* const port_;
  const std::shared_ptr<EventPages> pages_;
  const WatchStart start_;
  StreamSet<EventWatch>* const streams_;
  const std::unique_ptr<StreamTicket> ticket_;

  // Sequence of the last event that was sent or filtered out; none before the first look.
  std::optional<int64_t> place_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::ByteBuffer> message_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<PendingShare> share_ ABSL_GUARDED_BY(mutex_);  // Of what is being written.
  StreamClock::time_point sent_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
