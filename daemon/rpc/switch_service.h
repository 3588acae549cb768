// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "acd/v1/switch_service.grpc.pb.h"
#include "daemon/mutex.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/stream.h"

namespace acd {

class SwitchConnection;

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

// Threads:  Connect() from gRPC's threads, the rest from any.
// Owns:     nothing; it knows the streams that are alive, and counts them.
// Bounds:   RpcOptions.switch_streams_max streams.
class SwitchService final
    : public v1::SwitchService::WithRawCallbackMethod_Connect<v1::SwitchService::Service> {
 public:
  // `edge` outlives the service, and the service outlives its streams.
  explicit SwitchService(const Edge& edge)
      : edge_(edge), slots_(std::make_shared<StreamSlots>(edge.options().switch_streams_max)) {}
  ~SwitchService() override;
  SwitchService(const SwitchService&) = delete;
  SwitchService& operator=(const SwitchService&) = delete;

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext* context) override;

  // Ends the streams whose peers stall. Called every fraction of a second.
  void tick(StreamClock::time_point now);

  // For a stop: reads no more, and waits until `limit` for what was read to be acknowledged and for the
  // streams to end. New ones are refused by the edge's stop.
  void drain(StreamClock::time_point limit);

  // Ends every stream with SHUTTING_DOWN.
  void finish_all();

  // Streams that are alive.
  [[nodiscard]] size_t stream_count() const;

  // Called by a stream that is over.
  void forget(const SwitchConnection* connection);
  // Called by one that could not hand over the close of its session yet: tick() does.
  void keep_owing(std::shared_ptr<SwitchConnection> connection);

 private:
  [[nodiscard]] std::vector<std::shared_ptr<SwitchConnection>> connections() const;

  const Edge& edge_;
  // Shared with the connections: the last of their batches may outlive the service.
  const std::shared_ptr<StreamSlots> slots_;
  mutable Mutex mutex_;
  CondVar forgot_;
  std::vector<std::shared_ptr<SwitchConnection>> owing_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<const SwitchConnection*, std::weak_ptr<SwitchConnection>> connections_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
