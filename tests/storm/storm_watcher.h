// SPDX-License-Identifier: Apache-2.0
// A watcher who follows the events of a tenant through a bad network, by tokens.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/event_service.grpc.pb.h"

namespace acd::storm {

// What is lost last on a stream shows on the next one only, so none lasts longer.
inline constexpr std::chrono::seconds kStreamLife{2};
// Streams in a row that bring nothing new once the end is known; then it gives up.
inline constexpr int kIdleStreamsMax = 20;

// Begins with the oldest event and takes up each stream where it had handled the last one. The network may
// repeat a message; an event that comes again in another one is the daemon's fault. It may also lose one
// within a stream, as gRPC never does: that is noticed by the sequence, but not with a filter, so such a
// watcher needs a network that loses none.
//
// Threads:  one of its own, which does all the work; the functions are called from one other.
// Bounds:   as the events that there are.
class StormWatcher {
 public:
  // `filter` names the tenant, and no start.
  StormWatcher(const std::string& target, v1::WatchEventsRequest filter);
  // Joins.
  ~StormWatcher();
  StormWatcher(const StormWatcher&) = delete;
  StormWatcher& operator=(const StormWatcher&) = delete;

  // The last event that it is to get; it waits until it has that one, or gives up.
  void finish(int64_t last_sequence);

  // After finish(): each event as it came, in the order of arrival, and how often a stream was begun.
  [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }
  [[nodiscard]] int64_t streams() const { return streams_; }
  [[nodiscard]] int64_t gaps() const { return gaps_; }
  // An error that no network makes; empty: none.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const v1::WatchEventsRequest& filter() const { return filter_; }

 private:
  void run();
  void read_stream();
  // Whether the stream may be read on.
  bool take(const v1::WatchEventsResponse& response);
  [[nodiscard]] bool is_done();

  const v1::WatchEventsRequest filter_;
  const bool is_filtered_;
  std::unique_ptr<v1::EventService::Stub> stub_;
  std::vector<std::string> seen_;
  int64_t last_sequence_ = 0;
  std::string token_;
  std::string last_response_;  // Of the stream.
  int64_t streams_ = 0;
  int64_t gaps_ = 0;
  std::string error_;

  std::mutex mutex_;
  int64_t until_ = std::numeric_limits<int64_t>::max();  // Under mutex_.
  grpc::ClientContext* context_ = nullptr;               // Of the open stream; under mutex_.
  std::thread thread_;
};

}  // namespace acd::storm
