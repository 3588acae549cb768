// SPDX-License-Identifier: Apache-2.0
// What a replay will do, worked out from a call log: the rules for what a log does not tell.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "routing/limits.h"
#include "sim/call_log.h"
#include "sim/replay_mix.h"
#include "sim/tally.h"

namespace acd::sim {

// Head start of a call of the log's priority 2.
inline constexpr int64_t kPriorityAgeCreditNs = 90 * kNsPerS;

// One caller. Times are log time: ns since midnight of the plan's first day.
struct PlannedCall {
  std::string id;
  uint32_t queue = 0;  // Index into ReplayPlan::queues.
  int32_t day = 0;     // Since the plan's first day.
  int64_t arrival_ns = 0;
  int64_t age_credit_ns = 0;
  // How long the caller waits before hanging up; kNeverNs if the log has them served.
  int64_t patience_ns = kNeverNs;
  // How long the call takes once answered.
  int64_t handle_ns = 0;
  CallPart part;
};

// One stay of an agent at work.
struct Shift {
  uint32_t agent = 0;  // Index into ReplayPlan::agents.
  int32_t day = 0;     // Of its first call.
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

struct PlannedAgent {
  std::string id;
  std::string station;
  std::vector<uint32_t> queues;  // That need what this agent can do; sorted.
  AnswerMode answer_mode = AnswerMode::kPhone;
};

struct ReplayPlan {
  std::string tenant;
  uint64_t seed = 1;
  ReplayMix mix;
  UtcHours callback_hours;  // When the queues call customers.
  int32_t first_day = 0;    // Since 1970-01-01.
  int32_t days = 0;
  std::vector<std::string> queues;
  std::vector<PlannedAgent> agents;
  std::vector<PlannedCall> calls;    // In the order of the log.
  std::vector<Shift> shifts;         // By agent, then begin; those of an agent do not touch.
  std::vector<QueueTally> recorded;  // What the log says of the same calls, by queue.
};

struct PlanOptions {
  std::string tenant;
  uint64_t seed = 1;
  // First and last day to play, since 1970-01-01. Default: all.
  std::optional<int32_t> from_day;
  std::optional<int32_t> to_day;
  ReplayMix mix = {};
  UtcHours callback_hours = {};
};

// Applies the rules of sim/README.md. INVALID_ARGUMENT when no call is in the range of days.
[[nodiscard]] absl::StatusOr<ReplayPlan> plan_replay(const CallLog& log,
                                                     const PlanOptions& options);

}  // namespace acd::sim
