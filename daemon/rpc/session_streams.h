// SPDX-License-Identifier: Apache-2.0
// The streams of the sessions of one service.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/rpc/auth.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/session_connection.h"
#include "daemon/rpc/stream.h"
#include "daemon/rpc/stream_ticket.h"

namespace acd {

// A stream that has not opened its session within this time ends.
inline constexpr std::chrono::seconds kOpenWaitMax{10};

// Threads:  begin() from gRPC's threads, the rest from any.
// Owns:     nothing; it knows the streams that are alive, and counts them.
// Bounds:   `streams_max` streams.
class SessionStreams {
 public:
  // `edge` outlives it, and it outlives its streams.
  SessionStreams(const Edge& edge, StreamKind kind, uint32_t streams_max)
      : edge_(edge), kind_(kind), slots_(std::make_shared<StreamSlots>(streams_max)) {}

  // A stream that begins, or one that ends as it begins.
  template <typename Connection>
  [[nodiscard]] BidiReactor* begin(grpc::CallbackServerContext* context) {
    grpc::Status refusal;
    auto ticket = take_ticket(edge_, slots_, kind_, principal_of(*context), &refusal);
    if (ticket == nullptr) return new RefusedStream<BidiReactor>(refusal);
    return start(std::make_shared<Connection>(edge_, this, std::move(ticket), context));
  }

  // Ends the streams whose peers stall, and closes sessions that are owed it. Called every fraction of
  // a second.
  void tick(StreamClock::time_point now);

  // For a stop: reads no more. New ones are refused by the edge's stop.
  void drain();
  // Waits until `limit` for the streams to end.
  void wait(StreamClock::time_point limit) { streams_.wait_for_none(limit); }

  // Ends every stream with SHUTTING_DOWN.
  void finish_all() { streams_.finish_all(); }

  // Streams that are alive.
  [[nodiscard]] size_t count() const { return streams_.count(); }

  // Called by a stream that is over.
  void forget(const SessionConnection* connection) { streams_.forget(connection); }
  // Called by one that could not hand over the close of its session yet: tick() does.
  void keep_owing(std::shared_ptr<SessionConnection> connection);

 private:
  [[nodiscard]] BidiReactor* start(std::shared_ptr<SessionConnection> connection);

  const Edge& edge_;
  const StreamKind kind_;
  // Shared with the connections: the last of their batches may outlive this.
  const std::shared_ptr<StreamSlots> slots_;
  Mutex mutex_;
  std::vector<std::shared_ptr<SessionConnection>> owing_ ABSL_GUARDED_BY(mutex_);
  StreamSet<SessionConnection> streams_;
};

}  // namespace acd
