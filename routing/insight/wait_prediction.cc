// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/wait_prediction.h"

#include <algorithm>
#include <cmath>

namespace acd {

std::string_view wait_unknown_name(WaitUnknown unknown) {
  switch (unknown) {
    case WaitUnknown::kNone:
      return "known";
    case WaitUnknown::kNoAgents:
      return "no_agents";
    case WaitUnknown::kLearning:
      return "learning";
    case WaitUnknown::kUnreliable:
      return "unreliable";
    case WaitUnknown::kClosed:
      return "closed";
    case WaitUnknown::kSwitchAway:
      return "switch_away";
    case WaitUnknown::kWaitsForAgent:
      return "waits_for_agent";
    case WaitUnknown::kNotDue:
      return "not_due";
    case WaitUnknown::kAlerting:
      return "alerting";
    case WaitUnknown::kNotWaiting:
      return "not_waiting";
  }
  return "unknown";
}

void WaitScore::add(double wait_s, bool is_answered, double mean_s,
                    const WaitQuantiles& quantiles_s) {
  const double p80_s = quantiles_s[kP80];
  // A p80 of 0 is met by no wait there is.
  const double ratio = p80_s > 0 ? wait_s / p80_s : 2;
  const size_t bin =
      ratio > 1 ? kBins : std::min(kBins - 1, static_cast<size_t>(ratio * double{kBins}));
  if (!is_answered) {
    ++censored;
    ++censored_by_ratio[bin];
    return;
  }
  ++scored;
  ++answered_by_ratio[bin];
  // Koenker and Bassett 1978: the p-quantile minimises the mean of it.
  for (size_t i = 0; i < kWaitLevels.size(); ++i) {
    const double over_s = wait_s - quantiles_s[i];
    within[i] += over_s <= 0 ? 1 : 0;
    pinball_s[i] += over_s > 0 ? kWaitLevels[i] * over_s : (kWaitLevels[i] - 1) * over_s;
  }
  error2_s2 += (mean_s - wait_s) * (mean_s - wait_s);
  predicted_s += mean_s;
  waited_s += wait_s;
}

WaitScore& WaitScore::operator+=(const WaitScore& other) {
  scored += other.scored;
  censored += other.censored;
  for (size_t i = 0; i < kWaitLevels.size(); ++i) {
    within[i] += other.within[i];
    pinball_s[i] += other.pinball_s[i];
  }
  error2_s2 += other.error2_s2;
  predicted_s += other.predicted_s;
  waited_s += other.waited_s;
  for (size_t i = 0; i <= kBins; ++i) {
    answered_by_ratio[i] += other.answered_by_ratio[i];
    censored_by_ratio[i] += other.censored_by_ratio[i];
  }
  return *this;
}

WaitScore WaitScore::since(const WaitScore& earlier) const {
  WaitScore later = *this;
  later.scored -= earlier.scored;
  later.censored -= earlier.censored;
  for (size_t i = 0; i < kWaitLevels.size(); ++i) {
    later.within[i] -= earlier.within[i];
    later.pinball_s[i] -= earlier.pinball_s[i];
  }
  later.error2_s2 -= earlier.error2_s2;
  later.predicted_s -= earlier.predicted_s;
  later.waited_s -= earlier.waited_s;
  for (size_t i = 0; i <= kBins; ++i) {
    later.answered_by_ratio[i] -= earlier.answered_by_ratio[i];
    later.censored_by_ratio[i] -= earlier.censored_by_ratio[i];
  }
  return later;
}

std::optional<double> WaitScore::coverage_percent() const {
  if (scored == 0) return std::nullopt;
  return 100.0 * static_cast<double>(within[kP80]) / static_cast<double>(scored);
}

// 1 - Π (1 - answered ÷ at risk) over the bins up to p80, half of a bin's censored at risk in it:
// the life table of actuaries.
std::optional<double> WaitScore::kaplan_meier_percent() const {
  if (scored == 0) return std::nullopt;
  auto at_risk = static_cast<double>(scored + censored);
  double waits_on = 1;
  for (size_t i = 0; i < kBins; ++i) {
    const auto answered = static_cast<double>(answered_by_ratio[i]);
    const auto left = static_cast<double>(censored_by_ratio[i]);
    if (answered > 0) waits_on *= 1 - answered / (at_risk - .5 * left);
    at_risk -= answered + left;
  }
  return 100 * (1 - waits_on);
}

std::optional<double> WaitScore::mean_pinball_s() const {
  if (scored == 0) return std::nullopt;
  return pinball_s[kP80] / static_cast<double>(scored);
}

std::optional<double> WaitScore::relative_error() const {
  if (scored == 0 || waited_s <= 0) return std::nullopt;
  const auto count = static_cast<double>(scored);
  return std::sqrt(error2_s2 / count) / (waited_s / count);
}

}  // namespace acd
