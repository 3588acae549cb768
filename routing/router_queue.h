// SPDX-License-Identifier: Apache-2.0
// A queue as the Router has it: its configuration, compiled, and its counts.
#pragma once

#include <cstdint>
#include <vector>

#include "routing/decision.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/requirement.h"
#include "routing/share_order.h"
#include "routing/tenant_config.h"

namespace acd {

struct RouterQueue {
  // A step with its texts resolved.
  struct Step {
    StepConfig config;
    Requirement needs;  // kReplace, kAddTerm
    SkillIndex skill;   // kLowerLevel
    TeamIndex team;     // kOpenTeam
    SkillIndex condition_skill;
    int64_t condition_count = 0;  // Agents that the condition counts now.
  };
  struct ClassRef {
    CallClassIndex index;
    uint32_t stamp = 0;  // Of the class; another one: it is dead.
  };

  QueueConfig config;
  uint64_t config_hash = 0;
  bool is_removed = false;
  bool is_open = true;
  bool are_callbacks_open = true;  // Its customers may be called.
  bool is_conditional = false;     // Some step has a condition.
  bool is_counted_anew = false;    // Since its conditions were looked at.
  uint32_t version = 0;  // Of its classes; grows when all its waiting calls are to be looked at.
  uint32_t configured_version = 0;  // The first of the present configuration.
  Requirement requirement;
  std::vector<Step> steps;
  uint32_t condition_mask = 0;  // Steps whose condition held when it was looked at last.
  std::vector<SkillWeight> skill_weights;
  QueueIndex drain_target;  // Of a removed one.
  int64_t live_calls = 0;
  int64_t scheduled_calls = 0;    // That are to enter it later.
  int64_t waiting_calls = 0;      // kEnqueued
  int64_t off_line_calls = 0;     // Of them those with nobody on the line.
  int64_t dialing_calls = 0;      // kDialing
  int64_t ewt_ns = kNeverNs;      // As told; kNeverNs: unknown.
  MediaCounts logged_in{};        // Named members, not paused; of members_all: paused ones.
  MediaCounts ready{};            // The same whose presence is READY.
  AgentIndex rang_last;           // kRoundRobin
  uint64_t weight_max = 1;        // kWeightedRandom: of its members.
  ShareOrder shares;              // kPercentAllocation
  std::vector<ClassRef> classes;  // Of the present version, and dead ones.

  // Callers on the line who wait.
  [[nodiscard]] int64_t callers_waiting() const { return waiting_calls - off_line_calls; }
  // Whether an agent who is free for such a call lets the customer be dialed.
  [[nodiscard]] bool is_dialed_first(bool is_off_line) const {
    return is_off_line && config.callback.mode == CallbackMode::kCustomerFirst;
  }
  [[nodiscard]] HoldBack hold_back_of(bool is_off_line) const {
    if (!is_off_line) return HoldBack::kNone;  // Without a look at the queue.
    if (!are_callbacks_open) return HoldBack::kCallbacksClosed;
    const bool is_full = dialing_calls >= config.callback.dials_max;
    return is_full && is_dialed_first(is_off_line) ? HoldBack::kDialsUsed : HoldBack::kNone;
  }
};

}  // namespace acd
