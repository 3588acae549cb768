// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/service_calls.h"

#include <grpcpp/channel.h>

#include <utility>

#include "daemon/principal.h"

namespace acd {

ServiceCall::ServiceCall(CallRequest request, CallReader* reader, HttpPost post, Done done)
    : request_(std::move(request)),
      reader_(reader),
      post_(std::move(post)),
      done_(std::move(done)) {}

void ServiceCall::start(grpc::GenericStub* stub) {
  context_.AddMetadata(kPrincipalMetadata, request_.principal);
  if (request_.timeout) {
    context_.set_deadline(std::chrono::system_clock::now() + *request_.timeout);
  }
  stub->PrepareBidiStreamingCall(&context_, request_.method, {}, this);
  // Else it could be done, with messages unread, while nobody reads.
  AddHold();
  StartWriteLast(&request_.message, grpc::WriteOptions());
  StartCall();
}

void ServiceCall::read() {
  is_reading_ = true;
  StartRead(&message_);
}

void ServiceCall::drop() {
  reader_ = nullptr;
  cancel();
}

void ServiceCall::end(const grpc::Status& why) {
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->on_over(why);
  cancel();
}

void ServiceCall::cancel() {
  context_.TryCancel();
  if (!is_reading_) release();
}

void ServiceCall::release() {
  if (std::exchange(is_released_, true)) return;
  RemoveHold();
}

void ServiceCall::OnReadDone(bool is_message) {
  post_([this, is_message] {
    is_reading_ = false;
    if (is_message && reader_ != nullptr) {
      reader_->on_message(message_);
    } else {
      release();
    }
  });
}

void ServiceCall::OnDone(const grpc::Status& status) {
  const HttpPost post = post_;  // What is posted may end this call before post() returns.
  post([this, status] {
    if (reader_ != nullptr) std::exchange(reader_, nullptr)->on_over(status);
    const Done done = done_;
    done(this);
  });
}

void ServiceCalls::open(const std::shared_ptr<grpc::Channel>& channel) {
  if (closed_ == nullptr) stub_ = std::make_unique<grpc::GenericStub>(channel);
}

ServiceCall* ServiceCalls::start(CallRequest request, CallReader* reader) {
  if (stub_ == nullptr || closed_ != nullptr) return nullptr;
  auto call = std::make_unique<ServiceCall>(std::move(request), reader, post_,
                                            [this](ServiceCall* over) { done(over); });
  ServiceCall* const started = call.get();
  calls_.emplace(started, std::move(call));
  started->start(stub_.get());
  return started;
}

void ServiceCalls::close(std::function<void()> closed) {
  closed_ = std::move(closed);
  close_if_done();
}

void ServiceCalls::end_all(const grpc::Status& why) {
  for (const auto& [key, call] : calls_) call->end(why);
}

void ServiceCalls::end_streams(const grpc::Status& why) {
  for (const auto& [key, call] : calls_) {
    if (call->is_stream()) call->end(why);
  }
}

void ServiceCalls::done(ServiceCall* call) {
  calls_.erase(call);
  close_if_done();
}

void ServiceCalls::close_if_done() {
  if (closed_ == nullptr || !calls_.empty()) return;
  stub_.reset();
  closed_();
}

}  // namespace acd
