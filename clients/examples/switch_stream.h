// SPDX-License-Identifier: Apache-2.0
// One connection of a switch to the daemon: nobody who uses it waits for the network.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "acd/v1/switch_service.grpc.pb.h"

namespace example {

using acd::v1::ConnectRequest;
using acd::v1::ConnectResponse;
using Clock = std::chrono::steady_clock;

// One connection. gRPC's threads tell when a read or write is done; one of each is under way, so that the main thread
// never waits for a daemon that stands.
class Stream final : public grpc::ClientBidiReactor<ConnectRequest, ConnectResponse> {
 public:
  enum class Got { kNothing, kResponse, kEnd };

  explicit Stream(const std::string& target) {
    grpc::ChannelArguments settings;
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 15'000);
    settings.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
    // Else gRPC waits up to two minutes by itself before it connects again.
    settings.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    settings.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    stub_ = acd::v1::SwitchService::NewStub(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), settings));
    stub_->async()->Connect(&context_, this);
    AddHold();  // Until end(): the main thread may write at any time.
    StartRead(&read_);
    StartCall();
  }

  bool can_write() {
    const std::lock_guard lock(mutex_);
    return !is_writing_;
  }
  void write(ConnectRequest request) {
    {
      const std::lock_guard lock(mutex_);
      is_writing_ = true;
    }
    written_ = std::move(request);
    StartWrite(&written_);
  }
  // The next response, waited for until then, or until a write is done.
  Got take(Clock::time_point until, ConnectResponse* response) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [this] { return has_read_ || is_over_ || has_written_; });
    has_written_ = false;
    if (is_over_) return Got::kEnd;
    if (!has_read_) return Got::kNothing;
    has_read_ = false;
    response->Swap(&read_);
    lock.unlock();
    StartRead(&read_);
    return Got::kResponse;
  }
  // To be called once, last.
  grpc::Status end() {
    std::unique_lock lock(mutex_);
    if (!is_over_) context_.TryCancel();
    lock.unlock();
    RemoveHold();
    lock.lock();
    changed_.wait(lock, [this] { return is_done_; });
    return status_;
  }

 private:
  void OnReadDone(bool is_good) override { note(is_good ? &has_read_ : &is_over_); }
  void OnWriteDone(bool) override {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    has_written_ = true;
    changed_.notify_one();
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    status_ = status;
    is_done_ = true;
    changed_.notify_one();
  }
  void note(bool* what) {
    const std::lock_guard lock(mutex_);
    *what = true;
    changed_.notify_one();
  }

  std::unique_ptr<acd::v1::SwitchService::Stub> stub_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  ConnectResponse read_;
  ConnectRequest written_;
  grpc::Status status_;
  bool has_read_ = false, is_over_ = false, is_writing_ = false, has_written_ = false,
       is_done_ = false;
};

}  // namespace example
