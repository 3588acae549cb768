// SPDX-License-Identifier: Apache-2.0
// A wallboard as a client has it: all that the responses of one stream have told.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"

namespace acd {

struct Wall {
  std::vector<std::string> order;  // Of the queues in the last snapshot, then as they came.
  std::map<std::string, v1::QueueStats> queues;
  v1::QueueStats total;
  std::map<std::string, v1::AgentStatus> agents;
  std::map<std::string, v1::CallStatus> calls;
  v1::WatchResponse last;
  int snapshots = 0;

  void take(const v1::WatchResponse& response) {
    if (response.snapshot()) {
      ++snapshots;
      order.clear();
      queues.clear();
      total.Clear();
      agents.clear();
      calls.clear();
    }
    for (const v1::QueueStats& queue : response.queues()) {
      if (queues.insert_or_assign(queue.name(), queue).second) order.push_back(queue.name());
    }
    if (response.has_total()) total = response.total();
    for (const v1::AgentStatus& agent : response.agents()) {
      agents.insert_or_assign(agent.name(), agent);
    }
    for (const std::string& name : response.gone_calls()) {
      EXPECT_EQ(calls.erase(name), 1u) << name << " was never told";
    }
    for (const v1::CallStatus& call : response.calls()) calls.insert_or_assign(call.name(), call);
    last = response;
  }
};

// Without what time alone changes.
inline std::string timeless(v1::AgentStatus status) {
  status.clear_time_in_state();
  status.clear_occupancy_percent();
  return status.DebugString();
}
inline std::string timeless(v1::CallStatus status) {
  status.clear_wait();
  status.clear_wait_total();
  status.mutable_ewt()->clear_p50();
  status.mutable_ewt()->clear_p80();
  status.mutable_ewt()->clear_p95();
  return status.DebugString();
}

}  // namespace acd
