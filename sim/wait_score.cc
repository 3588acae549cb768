// SPDX-License-Identifier: Apache-2.0
#include "sim/wait_score.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace acd::sim {
namespace {

constexpr double kP80Level = 0.8;
// A p80 of nothing is exceeded by any wait.
constexpr double kP80LeastS = 1e-9;

}  // namespace

MeanScore score_means(std::span<const JudgedWait> waits) {
  MeanScore score;
  for (const JudgedWait& one : waits) {
    if (!one.is_answered) continue;
    ++score.answered;
    score.wait_s += one.wait_s;
  }
  if (score.answered == 0) return score;
  const auto count = static_cast<double>(score.answered);
  score.wait_s /= count;
  double squares = 0;
  double errors = 0;
  for (const JudgedWait& one : waits) {
    if (!one.is_answered) continue;
    squares += std::pow(one.wait_s - score.wait_s, 2);
    errors += std::pow(one.mean_s - one.wait_s, 2);
    score.bias_s += (one.mean_s - one.wait_s) / count;
  }
  score.deviation_s = std::sqrt(squares / count);
  score.error_s = std::sqrt(errors / count);
  return score;
}

P80Score score_p80s(std::span<const JudgedWait> waits) {
  P80Score score;
  double answered = 0;
  std::vector<std::pair<double, bool>> by_ratio;  // At one place answers before those who left.
  by_ratio.reserve(waits.size());
  for (const JudgedWait& one : waits) {
    by_ratio.emplace_back(one.wait_s / std::max(one.p80_s, kP80LeastS), !one.is_answered);
    if (!one.is_answered) continue;
    answered += 1;
    const double over_s = one.wait_s - one.p80_s;
    if (over_s <= 0) score.answered_percent += 1;
    score.pinball_s += over_s > 0 ? kP80Level * over_s : (kP80Level - 1) * over_s;
  }
  if (answered == 0) return score;
  score.answered_percent *= 100 / answered;
  score.pinball_s /= answered;
  std::ranges::sort(by_ratio);
  double waiting = 1;  // Share of whom no agent has by then.
  auto left = static_cast<double>(by_ratio.size());
  for (const auto& [ratio, is_censored] : by_ratio) {
    if (ratio > 1) break;
    if (!is_censored) waiting *= 1 - 1 / left;
    left -= 1;
  }
  score.all_percent = 100 * (1 - waiting);
  return score;
}

}  // namespace acd::sim
