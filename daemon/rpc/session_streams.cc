// SPDX-License-Identifier: Apache-2.0
// The streams of the sessions of one service.
#include "daemon/rpc/session_streams.h"

#include "daemon/rpc/session_connection.h"
#include "routing/check.h"

namespace acd {
namespace {

// A stream that ends as it begins.
class RefusedStream final : public SessionReactor {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

SessionStreams::~SessionStreams() {
  const MutexLock lock(&mutex_);
  ACD_CHECK(connections_.empty());
}

std::unique_ptr<PrincipalLimits::StreamPlace> SessionStreams::take_place(
    grpc::CallbackServerContext* context, grpc::Status* refusal) {
  if (edge_.stopping()) {
    *refusal = shutting_down_status();
    return nullptr;
  }
  if (!slots_->take()) {
    *refusal = overloaded_status(kind_ == StreamKind::kSwitch
                                     ? "As many switches are connected as may be."
                                     : "As many desktops are connected as may be.");
    return nullptr;
  }
  RpcError error;
  auto place = edge_.principals().take_stream(kind_, principal_of(context->peer()), &error);
  if (place == nullptr) {
    slots_->give_back();
    *refusal = make_status(error);
  }
  return place;
}

SessionReactor* SessionStreams::refuse(const grpc::Status& status) {
  return new RefusedStream(status);
}

SessionReactor* SessionStreams::start(std::shared_ptr<SessionConnection> connection) {
  {
    const MutexLock lock(&mutex_);
    connections_.emplace(connection.get(), connection);
  }
  connection->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) connection->finish(shutting_down_status());
  return connection.get();
}

void SessionStreams::tick(StreamClock::time_point now) {
  for (const auto& connection : connections()) connection->tick(now);
  std::vector<std::shared_ptr<SessionConnection>> owing;
  {
    const MutexLock lock(&mutex_);
    owing.swap(owing_);
  }
  for (auto& connection : owing) {
    if (!connection->submit_close_if_owed()) keep_owing(std::move(connection));
  }
}

void SessionStreams::drain() {
  for (const auto& connection : connections()) connection->drain();
}

void SessionStreams::wait(StreamClock::time_point limit) {
  const MutexLock lock(&mutex_);
  while (!connections_.empty() && StreamClock::now() < limit) forgot_.wait_until(&mutex_, limit);
}

void SessionStreams::finish_all() {
  for (const auto& connection : connections()) connection->finish(shutting_down_status());
}

size_t SessionStreams::count() const {
  const MutexLock lock(&mutex_);
  return connections_.size();
}

void SessionStreams::forget(const SessionConnection* connection) {
  const MutexLock lock(&mutex_);
  connections_.erase(connection);
  forgot_.notify_all();
}

void SessionStreams::keep_owing(std::shared_ptr<SessionConnection> connection) {
  const MutexLock lock(&mutex_);
  owing_.push_back(std::move(connection));
}

std::vector<std::shared_ptr<SessionConnection>> SessionStreams::connections() const {
  std::vector<std::shared_ptr<SessionConnection>> alive;
  const MutexLock lock(&mutex_);
  alive.reserve(connections_.size());
  for (const auto& [key, weak] : connections_) {
    if (auto connection = weak.lock()) alive.push_back(std::move(connection));
  }
  return alive;
}

}  // namespace acd
