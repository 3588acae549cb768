// SPDX-License-Identifier: Apache-2.0
// What the wait predictor answers, and how its answers of the past have turned out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace acd {

// Why a wait cannot be said. Never reuse a value: they are in the public contract.
enum class WaitUnknown : uint8_t {
  kNone = 0,           // It is known.
  kNoAgents = 1,       // Nobody who may serve the queue is at work.
  kLearning = 2,       // Too few calls of the queue were answered so far.
  kUnreliable = 3,     // Of late the queue's own predictions were wrong too often.
  kClosed = 4,         // The queue is closed; of a callback, its customer may not be called now.
  kSwitchAway = 5,     // The call's switch has lost its connection: the call is not offered.
  kWaitsForAgent = 6,  // For one agent alone.
  kNotDue = 7,         // A callback between two attempts.
  kAlerting = 8,       // Somebody's phone rings already.
  kNotWaiting = 9,     // Connected, over, or never there.
};
inline constexpr size_t kWaitUnknownCount = 10;

// E.g. "no_agents"; of kNone "known", of a value that is none "unknown".
[[nodiscard]] std::string_view wait_unknown_name(WaitUnknown unknown);

// The levels that are told.
inline constexpr std::array<double, 3> kWaitLevels = {.5, .8, .95};
inline constexpr size_t kP80 = 1;  // Place in them of what callers are promised.
using WaitQuantiles = std::array<double, kWaitLevels.size()>;

// The wait from now on until an agent is connected.
struct WaitPrediction {
  WaitUnknown unknown = WaitUnknown::kNone;  // Else the waits mean nothing.
  // Calls of the queue that go before it, and itself: 1 is next. 0: it is in no order. Also where
  // the wait is unknown.
  int32_t position = 0;
  // Calls that go before it in all queues that share agents with it, each by the share of such
  // calls that agents of this queue take.
  double calls_ahead = 0;
  int64_t mean_ns = 0;
  int64_t p50_ns = 0;  // Half of such calls wait no longer; this is no promise, p80 is one.
  int64_t p80_ns = 0;
  int64_t p95_ns = 0;

  [[nodiscard]] bool is_known() const { return unknown == WaitUnknown::kNone; }
  bool operator==(const WaitPrediction&) const = default;
};

// A call that would come now.
struct WaitArrival {
  int32_t priority = 0;
  int64_t age_ns = 0;  // That it brings along, credit included.
  bool operator==(const WaitArrival&) const = default;
};

// The predictions of one queue that were made when calls came that had to wait, held against what
// became of them. Sums since the journal began; the difference of two is that of the time between.
struct WaitScore {
  static constexpr size_t kBins = 64;

  int64_t scored = 0;    // Answered after a prediction.
  int64_t censored = 0;  // Ended otherwise: how long they would have waited nobody knows.
  // Of the scored, by kWaitLevels: those that waited no longer, and Σ of the pinball loss.
  std::array<int64_t, kWaitLevels.size()> within{};
  WaitQuantiles pinball_s{};
  double error2_s2 = 0;    // Σ (mean - wait)², of the scored.
  double predicted_s = 0;  // Σ mean, the same.
  double waited_s = 0;     // Σ wait, the same.
  // By wait ÷ p80, in 64 equal bins of 0..1 and one above: scored and censored.
  std::array<int64_t, kBins + 1> answered_by_ratio{};
  std::array<int64_t, kBins + 1> censored_by_ratio{};

  void add(double wait_s, bool is_answered, double mean_s, const WaitQuantiles& quantiles_s);
  WaitScore& operator+=(const WaitScore& other);
  bool operator==(const WaitScore&) const = default;
  [[nodiscard]] WaitScore since(const WaitScore& earlier) const;

  // All nothing before the first.
  // Of the answered, percent that waited no longer than their p80; its mean pinball loss.
  [[nodiscard]] std::optional<double> coverage_percent() const;
  [[nodiscard]] std::optional<double> mean_pinball_s() const;
  // The same of all, by Kaplan and Meier: who left counts for as long as they waited.
  [[nodiscard]] std::optional<double> kaplan_meier_percent() const;
  // Root of the mean squared error by the mean wait.
  [[nodiscard]] std::optional<double> relative_error() const;
};

}  // namespace acd
