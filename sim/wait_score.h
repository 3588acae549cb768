// SPDX-License-Identifier: Apache-2.0
// How good predicted waits were.
#pragma once

#include <cstdint>
#include <span>

namespace acd::sim {

// One prediction, and what became of it.
struct JudgedWait {
  double wait_s = 0;
  bool is_answered = false;  // Else the caller left by then, and would have waited longer.
  double mean_s = 0;
  double p80_s = 0;
};

// Of the answered alone.
struct MeanScore {
  int64_t answered = 0;
  double wait_s = 0;  // Mean.
  double deviation_s = 0;
  double error_s = 0;  // Root of the mean squared one.
  double bias_s = 0;   // Mean of predicted less waited.

  // 0 where there is nothing to compare.
  [[nodiscard]] double by_wait() const { return wait_s > 0 ? error_s / wait_s : 0; }
  [[nodiscard]] double by_deviation() const { return deviation_s > 0 ? error_s / deviation_s : 0; }
};
[[nodiscard]] MeanScore score_means(std::span<const JudgedWait> waits);

struct P80Score {
  double answered_percent = 0;  // Of the answered: no longer than the p80.
  double all_percent = 0;       // By Kaplan and Meier, over wait ÷ p80: who left is censored.
  double pinball_s = 0;         // Mean loss, of the answered.
};
[[nodiscard]] P80Score score_p80s(std::span<const JudgedWait> waits);

}  // namespace acd::sim
