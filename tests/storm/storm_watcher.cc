// SPDX-License-Identifier: Apache-2.0
#include "tests/storm/storm_watcher.h"

#include <absl/strings/str_cat.h>

#include <utility>

namespace acd::storm {
namespace {

std::shared_ptr<grpc::Channel> channel_to(const std::string& target) {
  grpc::ChannelArguments arguments;
  // A connection of its own, as another machine would have.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// What a cut, a refusal or the watcher's own deadline looks like.
bool is_of_network(grpc::StatusCode code) {
  return code == grpc::StatusCode::CANCELLED || code == grpc::StatusCode::UNAVAILABLE ||
         code == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

StormWatcher::StormWatcher(const std::string& target, v1::WatchEventsRequest filter)
    : filter_(std::move(filter)),
      is_filtered_(filter_.queue_ids_size() + filter_.agent_ids_size() + filter_.call_ids_size() +
                       filter_.types_size() >
                   0),
      stub_(v1::EventService::NewStub(channel_to(target))),
      thread_([this] { run(); }) {}

StormWatcher::~StormWatcher() { finish(0); }

void StormWatcher::finish(int64_t last_sequence) {
  {
    const std::lock_guard lock(mutex_);
    until_ = last_sequence;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

bool StormWatcher::is_done() {
  const std::lock_guard lock(mutex_);
  return last_sequence_ >= until_;
}

void StormWatcher::run() {
  for (int idle = 0; error_.empty() && !is_done();) {
    const int64_t before = last_sequence_;
    read_stream();
    const std::lock_guard lock(mutex_);
    const bool is_end_known = until_ != std::numeric_limits<int64_t>::max();
    idle = is_end_known && last_sequence_ == before ? idle + 1 : 0;
    if (idle > kIdleStreamsMax) return;
  }
}

void StormWatcher::read_stream() {
  ++streams_;
  last_response_.clear();
  v1::WatchEventsRequest request = filter_;
  token_.empty() ? request.set_oldest(true) : request.set_resume_token(token_);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kStreamLife);
  const auto stream = stub_->WatchEvents(&context, request);
  {
    const std::lock_guard lock(mutex_);
    context_ = &context;
  }
  v1::WatchEventsResponse response;
  while (!is_done() && stream->Read(&response) && take(response)) {
  }
  context.TryCancel();
  {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok() && !is_of_network(status.error_code())) {
    error_ = absl::StrCat("the daemon ended the stream: ", status.error_message());
  }
}

bool StormWatcher::take(const v1::WatchEventsResponse& response) {
  std::string bytes = response.SerializeAsString();
  if (bytes == last_response_) return true;  // Came twice.
  last_response_ = std::move(bytes);
  for (const v1::Event& event : response.events()) {
    if (event.sequence() <= last_sequence_) {
      error_ = absl::StrCat("event ", event.sequence(), " came again behind ", last_sequence_);
      return false;
    }
    if (!is_filtered_ && event.sequence() > last_sequence_ + 1) {
      ++gaps_;
      return false;
    }
    seen_.push_back(event.SerializeAsString());
    last_sequence_ = event.sequence();
  }
  // A token alone may cover events whose message was lost.
  if (is_filtered_ || response.events_size() > 0) token_ = response.resume_token();
  return true;
}

}  // namespace acd::storm
