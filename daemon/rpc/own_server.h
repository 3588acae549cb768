// SPDX-License-Identifier: Apache-2.0
// The daemon's own way to its services: for what is asked over HTTP, and for the pulse.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/channel.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <vector>

namespace acd {

// The same services once more, on one connection over a pair of sockets that have no name: nobody
// else can be its peer, which gRPC calls "fd:N". It is never closed for its age, for silence or for
// want of memory, as it could not be made anew.
//
// Not gRPC's channel in process: in 1.51, when its other side is slow to take them, a call's status
// overtakes its messages, or the call is never over, for which the server then waits for ever
// (ConnectCallsTest.AnswersAsTheServiceDoes under a sanitizer and load: one run of some hundreds).
//
// Threads:  start() and stop() from one thread; channel() from any in between.
// Fails:    start(), when there is no descriptor left.
class OwnServer {
 public:
  OwnServer() = default;
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  // Callback services, which outlive it.
  [[nodiscard]] absl::Status start(const std::vector<grpc::Service*>& services,
                                   int receive_bytes_max);
  // Cancels what is under way at `limit`, and waits for it. Idempotent.
  void stop(std::chrono::system_clock::time_point limit);
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const { return channel_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace acd
