// SPDX-License-Identifier: Apache-2.0
// What the responses of WallboardService.Watch have told so far, as the lists that say the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"

namespace acd::acdctl {

// Bounds:  what the daemon has.
class Wall {
 public:
  void take(const v1::WatchResponse& response);

  [[nodiscard]] v1::ListQueueStatsResponse queues() const;
  // With the time in state as it is by now.
  [[nodiscard]] v1::ListAgentsResponse agents() const;
  // Those that wait, longest first, with the wait as it is by now.
  [[nodiscard]] v1::ListCallsResponse calls() const;

 private:
  struct ToldAgent {
    v1::AgentStatus status;
    int64_t at_ns = 0;  // The daemon's time.
  };

  std::vector<std::string> order_;  // Of the queues.
  std::map<std::string, v1::QueueStats> queues_;
  v1::QueueStats total_;
  struct ToldCall {
    v1::CallStatus status;
    int64_t at_ns = 0;
  };
  std::map<std::string, ToldAgent> agents_;
  std::map<std::string, ToldCall> calls_;
  v1::WatchResponse last_;  // Without lists.
};

}  // namespace acd::acdctl
