// SPDX-License-Identifier: Apache-2.0
// A switch that says more than it is answered.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "acd/v1/switch_service.grpc.pb.h"
#include "daemon/mutex.h"

namespace acd {

// A switch that never waits for an answer before it says more. One thread says, another listens.
class BusySwitch {
 public:
  explicit BusySwitch(const std::shared_ptr<grpc::Channel>& channel,
                      const std::string& source = "pbx")
      : stub_(v1::SwitchService::NewStub(channel)), stream_(stub_->Connect(&context_)) {
    v1::ConnectRequest request;
    request.mutable_open_session()->set_tenant("tenants/bank");
    request.mutable_open_session()->set_source_id(source);
    request.mutable_open_session()->set_epoch("1");
    EXPECT_TRUE(stream_->Write(request));
    v1::ConnectResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    sequence_ = response.hello().last_durable_sequence();
    listener_ = std::thread([this] { listen(); });
  }
  ~BusySwitch() {
    context_.TryCancel();
    listener_.join();
  }

  v1::SwitchEvent& event() {
    v1::SwitchEvent& added = *request_.mutable_batch()->add_events();
    added.set_sequence(++sequence_);
    return added;
  }
  // Offers `count` calls named "PREFIX-N" and ends each of them at once.
  void play(const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string call = prefix + "-" + std::to_string(i);
      v1::SwitchEvent& offered = event();
      offered.set_call_id(call);
      offered.mutable_call_offered()->set_queue_id("sales");
      v1::SwitchEvent& ended = event();
      ended.set_call_id(call);
      ended.mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER);
    }
  }
  // False when the stream is over. Blocks while the daemon does not read.
  bool send() {
    const bool is_written = stream_->Write(request_);
    request_.Clear();
    return is_written;
  }
  // Returns when everything said so far is acknowledged.
  void await_all() {
    const MutexLock lock(&mutex_);
    while (acknowledged_ < sequence_) changed_.wait(&mutex_);
  }
  int64_t acknowledged() {
    const MutexLock lock(&mutex_);
    return acknowledged_;
  }
  // No acknowledgement went back behind one before it.
  bool is_in_order() {
    const MutexLock lock(&mutex_);
    return is_in_order_;
  }
  [[nodiscard]] int64_t sequence() const { return sequence_; }
  std::set<v1::ErrorReason> reasons() {
    const MutexLock lock(&mutex_);
    return reasons_;
  }

 private:
  void listen() {
    v1::ConnectResponse response;
    while (stream_->Read(&response)) {
      const MutexLock lock(&mutex_);
      if (response.has_ack()) {
        if (response.ack().through_sequence() < acknowledged_) is_in_order_ = false;
        acknowledged_ = response.ack().through_sequence();
      }
      for (const v1::Refusal& one : response.ack().refusals()) reasons_.insert(one.reason());
      changed_.notify_all();
    }
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::SwitchService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ConnectRequest, v1::ConnectResponse>> stream_;
  v1::ConnectRequest request_;
  int64_t sequence_ = 0;
  std::thread listener_;
  Mutex mutex_;
  CondVar changed_;
  int64_t acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_in_order_ ABSL_GUARDED_BY(mutex_) = true;
  std::set<v1::ErrorReason> reasons_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
