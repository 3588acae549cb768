// SPDX-License-Identifier: Apache-2.0
// A beat that keeps the server awake.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <functional>
#include <memory>

#include "daemon/mutex.h"
#include "daemon/rpc/stream.h"

namespace acd {

// Also the shortest interval of a wallboard.
inline constexpr std::chrono::milliseconds kPulsePeriod{100};

// Calls `tick` and a service over `channel` every kPulsePeriod. gRPC 1.51 lets its callback
// threads sleep 100 ms at a time after a second of silence; with the call there never is one.
//
// Threads:  start() and stop() from the main thread; the beats run on gRPC's.
// Bounds:   one call under way.
class Pulse {
 public:
  Pulse(const std::shared_ptr<grpc::Channel>& channel,
        std::function<void(StreamClock::time_point now)> tick)
      : stub_(channel), tick_(std::move(tick)) {}
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  void start();
  // Waits for the beat and the call under way. Idempotent.
  void stop();

 private:
  void beat(bool expired);
  void arm() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void call() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  grpc::GenericStub stub_;
  const std::function<void(StreamClock::time_point now)> tick_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool calling_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace acd
