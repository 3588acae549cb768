// SPDX-License-Identifier: Apache-2.0
// SwitchService: the streams of the telephony switches.
#include "daemon/rpc/switch_service.h"

#include <grpcpp/server_context.h>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/switch_connection.h"
#include "routing/check.h"

namespace acd {
namespace {

// A stream that ends as it begins.
class RefusedStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

SwitchService::~SwitchService() {
  const MutexLock lock(&mutex_);
  ACD_CHECK(connections_.empty());
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SwitchService::Connect(
    grpc::CallbackServerContext* context) {
  if (edge_.stopping()) return new RefusedStream(shutting_down_status());
  if (!slots_->take()) {
    return new RefusedStream(overloaded_status("As many switches are connected as may be."));
  }
  RpcError error;
  auto place =
      edge_.principals().take_stream(StreamKind::kSwitch, principal_of(context->peer()), &error);
  if (place == nullptr) {
    slots_->give_back();
    return new RefusedStream(make_status(error));
  }
  auto connection =
      std::make_shared<SwitchConnection>(edge_, this, slots_, std::move(place), context);
  {
    const MutexLock lock(&mutex_);
    connections_.emplace(connection.get(), connection);
  }
  connection->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) connection->finish(shutting_down_status());
  return connection.get();
}

void SwitchService::tick(StreamClock::time_point now) {
  for (const auto& connection : connections()) connection->tick(now);
  std::vector<std::shared_ptr<SwitchConnection>> owing;
  {
    const MutexLock lock(&mutex_);
    owing.swap(owing_);
  }
  for (auto& connection : owing) {
    if (!connection->submit_close_if_owed()) keep_owing(std::move(connection));
  }
}

void SwitchService::drain(StreamClock::time_point limit) {
  for (const auto& connection : connections()) connection->drain();
  const MutexLock lock(&mutex_);
  while (!connections_.empty() && StreamClock::now() < limit) forgot_.wait_until(&mutex_, limit);
}

void SwitchService::finish_all() {
  for (const auto& connection : connections()) connection->finish(shutting_down_status());
}

size_t SwitchService::stream_count() const {
  const MutexLock lock(&mutex_);
  return connections_.size();
}

void SwitchService::forget(const SwitchConnection* connection) {
  const MutexLock lock(&mutex_);
  connections_.erase(connection);
  forgot_.notify_all();
}

void SwitchService::keep_owing(std::shared_ptr<SwitchConnection> connection) {
  const MutexLock lock(&mutex_);
  owing_.push_back(std::move(connection));
}

std::vector<std::shared_ptr<SwitchConnection>> SwitchService::connections() const {
  std::vector<std::shared_ptr<SwitchConnection>> alive;
  const MutexLock lock(&mutex_);
  alive.reserve(connections_.size());
  for (const auto& [key, weak] : connections_) {
    if (auto connection = weak.lock()) alive.push_back(std::move(connection));
  }
  return alive;
}

}  // namespace acd
