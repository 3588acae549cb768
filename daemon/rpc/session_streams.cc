// SPDX-License-Identifier: Apache-2.0
// The streams of the sessions of one service.
#include "daemon/rpc/session_streams.h"

#include <utility>

namespace acd {

BidiReactor* SessionStreams::start(std::shared_ptr<SessionConnection> connection) {
  streams_.add(connection);
  connection->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) connection->finish_for_stop();
  return connection.get();
}

void SessionStreams::tick(StreamClock::time_point now) {
  streams_.tick(now);
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
  // All first: what somebody sends who has seen another one end is not taken.
  const auto connections = streams_.all();
  for (const auto& connection : connections) connection->stop_reading();
  for (const auto& connection : connections) connection->drain();
}

void SessionStreams::keep_owing(std::shared_ptr<SessionConnection> connection) {
  const MutexLock lock(&mutex_);
  owing_.push_back(std::move(connection));
}

}  // namespace acd
