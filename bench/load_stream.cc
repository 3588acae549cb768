// SPDX-License-Identifier: Apache-2.0
// One stream kept full: a closed loop with a window of messages without answer.
#include "bench/load_stream.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace acd::bench {
namespace {

void* to_pointer(intptr_t tag) { return reinterpret_cast<void*>(tag); }

}  // namespace

int64_t monotonic_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void RoundTrips::add(int64_t ns) {
  ++counts_[static_cast<size_t>(std::clamp<int64_t>(ns / kNsPerUs, 0, kMaxUs))];
  ++total_;
}

void RoundTrips::clear() {
  std::fill(counts_.begin(), counts_.end(), 0u);
  total_ = 0;
}

int64_t RoundTrips::quantile_us(int64_t per_mille) const {
  if (total_ == 0) return 0;
  const int64_t rank = (total_ * per_mille + 999) / 1000;
  int64_t seen = 0;
  for (size_t us = 0; us < counts_.size(); ++us) {
    seen += counts_[us];
    if (seen >= rank) return static_cast<int64_t>(us);
  }
  return kMaxUs;
}

LoadStream::LoadStream(const std::shared_ptr<grpc::Channel>& channel, Traffic& traffic,
                       uint32_t window)
    : traffic_(traffic), window_(window), stub_(channel) {
  stream_ = stub_.PrepareCall(&context_, "/acd.v1.SwitchService/Connect", &queue_);
  stream_->StartCall(to_pointer(kStart));
  progress_ns_ = monotonic_now_ns();
}

LoadStream::~LoadStream() {
  if (!finished_) {
    context_.TryCancel();
    (void)finish();
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

absl::Status LoadStream::run_until(const std::function<bool()>& done) {
  progress_ns_ = monotonic_now_ns();
  while (!done()) {
    if (absl::Status status = step(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LoadStream::step() {
  void* tag = nullptr;
  bool ok = false;
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(kStallSeconds);
  const auto got = queue_.AsyncNext(&tag, &ok, deadline);
  if (got == grpc::CompletionQueue::GOT_EVENT && !ok) return finish();
  if (got == grpc::CompletionQueue::GOT_EVENT) {
    switch (static_cast<Tag>(reinterpret_cast<intptr_t>(tag))) {
      case kStart:
        started_ = true;
        start_read();
        break;
      case kRead:
        if (absl::Status status = take_reply(); !status.ok()) return status;
        start_read();
        break;
      case kWrite:
        writing_ = false;
        break;
      case kWritesDone:
      case kFinish:
        break;
    }
  }
  if (monotonic_now_ns() - progress_ns_ > kStallSeconds * kNsPerS) {
    return absl::DeadlineExceededError(absl::StrCat("no answer for ", kStallSeconds, " s with ",
                                                    sent_.size(), " messages under way"));
  }
  if (started_ && !closing_) send_what_fits();
  return absl::OkStatus();
}

absl::Status LoadStream::take_reply() {
  const int64_t now_ns = monotonic_now_ns();
  ++totals_.replies;
  totals_.reply_bytes += static_cast<int64_t>(reply_.Length());
  const absl::StatusOr<uint32_t> answered = traffic_.received(reply_);
  if (!answered.ok()) return answered.status();
  if (*answered > sent_.size()) return absl::InternalError("more answers than messages");
  for (uint32_t index = 0; index < *answered; ++index) {
    const Sent& sent = sent_.front();
    round_trips_.add(now_ns - sent.sent_ns);
    ++totals_.messages_answered;
    totals_.events_answered += sent.event_count;
    totals_.request_bytes_answered += static_cast<int64_t>(sent.size);
    sent_.pop_front();
    progress_ns_ = now_ns;
  }
  return absl::OkStatus();
}

void LoadStream::start_read() { stream_->Read(&reply_, to_pointer(kRead)); }

void LoadStream::send_what_fits() {
  if (writing_ || sent_.size() >= window_) return;
  std::optional<Message> message = traffic_.next();
  if (!message) return;
  sent_.push_back({.sent_ns = monotonic_now_ns(),
                   .event_count = message->event_count,
                   .size = message->bytes.size()});
  const grpc::ByteBuffer bytes(&message->bytes, 1);
  writing_ = true;
  stream_->Write(bytes, to_pointer(kWrite));
}

absl::Status LoadStream::close() {
  closing_ = true;
  while (writing_) {
    if (absl::Status status = step(); !status.ok()) return status;
  }
  stream_->WritesDone(to_pointer(kWritesDone));
  return finish();
}

absl::Status LoadStream::finish() {
  grpc::Status status;
  finished_ = true;
  stream_->Finish(&status, to_pointer(kFinish));
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(kStallSeconds);
  void* tag = nullptr;
  bool ok = false;
  while (true) {
    const auto got = queue_.AsyncNext(&tag, &ok, deadline);
    if (got != grpc::CompletionQueue::GOT_EVENT) {
      // The destructor's drain must not wait for a server that never ends.
      context_.TryCancel();
      while (queue_.Next(&tag, &ok) && tag != to_pointer(kFinish)) {
      }
      return absl::DeadlineExceededError("the server does not end the stream");
    }
    if (tag == to_pointer(kFinish)) break;
    // The server may go on until it sees the half-close.
    if (tag == to_pointer(kRead) && ok) start_read();
  }
  if (status.ok() && closing_) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the stream ended: code=", static_cast<int>(status.error_code()), " ",
                   status.error_message()));
}

}  // namespace acd::bench
