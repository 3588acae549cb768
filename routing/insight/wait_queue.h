// SPDX-License-Identifier: Apache-2.0
// What the wait predictor keeps of queues, agents and calls. Times in seconds where they are
// doubles.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "routing/call_order.h"
#include "routing/ids.h"
#include "routing/insight/queue_wait.h"
#include "routing/insight/wait_eligibility.h"
#include "routing/insight/wait_prediction.h"
#include "routing/insight/wait_residuals.h"
#include "routing/insight/wait_ridge.h"
#include "routing/limits.h"
#include "routing/media.h"
#include "routing/ordered_index.h"
#include "routing/wide.h"

namespace acd {

[[nodiscard]] inline double to_seconds(Wide ns) {
  return static_cast<double>(ns) / double{kNsPerS};
}

// Arrivals that have the same head start over who waits, but for the queue's own rule.
struct ArrivalBand {
  int32_t priority = 0;
  int32_t credit_class = 0;  // Of similar credits.
  double credit_s = 0;       // Their mean of late.

  bool operator==(const ArrivalBand&) const = default;
};
// Of a tenant; arrivals in further ones are not expected to overtake anybody.
inline constexpr size_t kArrivalBandsMax = 8;

// Seconds after which an arrival counts for 1/e.
inline constexpr double kArrivalMemoryS = 1'800;

// Ages at which the prediction of a waiting call is looked at again, to learn from it.
inline constexpr std::array<int64_t, 6> kWaitLooksS = {15, 30, 60, 120, 240, 480};
// Classes of age that have a correction of their own.
inline constexpr size_t kAgeClasses = 3;

// Numbers that a queue has learned, all of them saved.
struct LearnedWait {
  // At starts, i.e. when somebody who serves the queue takes a call while others of it wait: starts
  // and agent-seconds at work, in wrap-up and away, decayed alike.
  double starts = 0;
  double work_s = 0;  // Calls in hand and wrap-ups.
  double wrap_s = 0;  // Wrap-ups of them.
  double away_s = 0;
  DecayedRatio wrap_ends;  // Of wrap-ups, by seconds in them.
  DecayedRatio returns;    // From being away, by seconds away.
  DecayedRatio leaves;     // Without an agent, by seconds waited.
  DecayedRatio gap;        // Seconds waited by places in the order.
  DecayedRatio usual;      // Seconds waited by calls.
  DecayedRatio in_p80;     // Of the answered those within their p80, by the answered.
  std::array<DecayedRatio, kAgeClasses> age;
  // What has passed since each of them was told last, while calls of the queue waited.
  double new_work_s = 0;
  double new_wrap_s = 0;
  double new_away_s = 0;
  double ending_wrap_s = 0;
  double returning_away_s = 0;
  double leaving_wait_s = 0;
  // By band; arrivals of later count more, by e for each kArrivalMemoryS since the landmark.
  std::array<double, kArrivalBandsMax> arrivals{};
  int64_t taught = 0;  // Answered calls that waited.

  bool operator==(const LearnedWait&) const = default;
};

// Of calls of another queue, the share that agents of this queue take.
struct QueueShare {
  uint32_t common = 0;  // Agents who serve both.
  float taken = 0;
  float seen = 0;
};

struct WaitingQueue {
  QueueIndex index;
  bool is_bound = false;              // An event has told which queue it is.
  const ServingRule* rule = nullptr;  // Null: removed, or not told yet.
  CallOrderRule order_rule;           // By which `order` stands.
  MediaMask media = 0;                // Of calls that ever came; none yet: of any.
  // Agents who may serve it, at work or not, and what those at work have in hand.
  int32_t staff = 0;
  int32_t in_hand = 0;
  int32_t wrapping = 0;
  int32_t away = 0;
  int32_t free = 0;
  int32_t waiting = 0;   // Calls in the order past the instant of their coming.
  int64_t since_ns = 0;  // Up to then the time is counted.
  OrderedIndex order;
  OrderedIndex by_entry;
  LearnedWait learned;
  WaitRidge ridge;
  WaitResiduals at_entry;
  WaitResiduals in_wait;
  WaitScore score;
  std::vector<QueueShare> shares;  // By queue.

  [[nodiscard]] MediaMask served_media() const { return media == 0 ? kAllMedia : media; }
};

// What was said of a call, to learn from when its visit is over.
struct WaitLook {
  int64_t at_ns = 0;
  QueueWait wait;
  double base_s = 0;   // Of the mean, before its age was looked at.
  double usual_s = 0;  // Scale of its error.
  uint32_t stratum = 0;

  bool operator==(const WaitLook&) const = default;
};
struct WaitPromise {
  WaitLook entry;
  WaitRidge::Features features{};
  double gap_s = 0;
  double ahead = 0;
  WaitQuantiles quantiles_s{};
  uint32_t looked = 0;          // How many of kWaitLooksS are over.
  std::vector<WaitLook> looks;  // Those at which it waited.
};

struct WaitingCall {
  CallPlace place;
  QueueIndex queue;
  SourceIndex source;
  int64_t entered_ns = 0;  // This queue, whatever age it brought.
  int64_t prefers_until_ns = 0;
  bool is_open = false;  // Its visit has not ended.
  bool is_in_order = false;
  bool is_new = false;                   // In the order, and the instant of its coming is not over.
  bool teaches = false;                  // A caller on the line: their waits are what is predicted.
  std::vector<AgentIndex> holders;       // Who has it in hand.
  std::unique_ptr<WaitPromise> promise;  // Null: it did not have to wait, or nothing could be said.
};

// What an agent at work does.
struct AgentLoad {
  int32_t in_hand = 0;
  bool is_wrapping = false;
  bool is_away = false;
  MediaMask open = 0;  // Media of which they would take a call now.

  bool operator==(const AgentLoad&) const = default;
};
struct ServingAgent {
  bool is_known = false;  // An event has told of them.
  std::vector<SkillLevel> levels;
  std::vector<uint32_t> queues;  // That they may serve, sorted.
  AgentLoad load;
};

}  // namespace acd
