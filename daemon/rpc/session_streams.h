// SPDX-License-Identifier: Apache-2.0
// The streams of the sessions of one service.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/rpc/auth.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/principal_limits.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/stream.h"

namespace acd {

class SessionConnection;

// A stream that has not opened its session within this time ends.
inline constexpr std::chrono::seconds kOpenWaitMax{10};

// Counts streams until the last of their batches has come back, so that the inbox has room for all
// of them.
//
// Threads:  any.
class StreamSlots {
 public:
  explicit StreamSlots(uint32_t slots_max) : free_(slots_max) {}
  [[nodiscard]] bool take() {
    const MutexLock lock(&mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void give_back() {
    const MutexLock lock(&mutex_);
    ++free_;
  }

 private:
  Mutex mutex_;
  uint32_t free_ ABSL_GUARDED_BY(mutex_);
};

using SessionReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// Threads:  begin() from gRPC's threads, the rest from any.
// Owns:     nothing; it knows the streams that are alive, and counts them.
// Bounds:   `streams_max` streams.
class SessionStreams {
 public:
  // `edge` outlives it, and it outlives its streams.
  SessionStreams(const Edge& edge, StreamKind kind, uint32_t streams_max)
      : edge_(edge), kind_(kind), slots_(std::make_shared<StreamSlots>(streams_max)) {}
  ~SessionStreams();
  SessionStreams(const SessionStreams&) = delete;
  SessionStreams& operator=(const SessionStreams&) = delete;

  // A stream that begins, or one that ends as it begins.
  template <typename Connection>
  [[nodiscard]] SessionReactor* begin(grpc::CallbackServerContext* context) {
    grpc::Status refusal;
    auto place = take_place(context, &refusal);
    if (place == nullptr) return refuse(refusal);
    return start(std::make_shared<Connection>(edge_, this, slots_, std::move(place), context));
  }

  // Ends the streams whose peers stall. Called every fraction of a second.
  void tick(StreamClock::time_point now);

  // For a stop: reads no more. New ones are refused by the edge's stop.
  void drain();
  // Waits until `limit` for the streams to end.
  void wait(StreamClock::time_point limit);

  // Ends every stream with SHUTTING_DOWN.
  void finish_all();

  // Streams that are alive.
  [[nodiscard]] size_t count() const;

  // Called by a stream that is over.
  void forget(const SessionConnection* connection);
  // Called by one that could not hand over the close of its session yet: tick() does.
  void keep_owing(std::shared_ptr<SessionConnection> connection);

 private:
  // Null: no stream may begin.
  [[nodiscard]] std::unique_ptr<PrincipalLimits::StreamPlace> take_place(
      grpc::CallbackServerContext* context, grpc::Status* refusal);
  [[nodiscard]] static SessionReactor* refuse(const grpc::Status& status);
  [[nodiscard]] SessionReactor* start(std::shared_ptr<SessionConnection> connection);
  [[nodiscard]] std::vector<std::shared_ptr<SessionConnection>> connections() const;

  const Edge& edge_;
  const StreamKind kind_;
  // Shared with the connections: the last of their batches may outlive this.
  const std::shared_ptr<StreamSlots> slots_;
  mutable Mutex mutex_;
  CondVar forgot_;
  std::vector<std::shared_ptr<SessionConnection>> owing_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<const SessionConnection*, std::weak_ptr<SessionConnection>> connections_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
