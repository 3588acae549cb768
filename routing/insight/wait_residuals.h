// SPDX-License-Identifier: Apache-2.0
// How far waits were from their predictions, and what that says of the next one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include "routing/insight/queue_wait.h"
#include "routing/insight/wait_prediction.h"

namespace acd {

// A residual is a standard normal quantile as long as the wait has a gamma distribution of the mean
// and shape predicted: z = 3 √k ((wait ÷ mean)^(1/3) - 1 + 1/(9k)) (Wilson and Hilferty 1931). So
// before anything was learned the quantiles are those of the theory, and what is learned corrects
// the distribution and not single numbers.
// REQUIRES: wait_s > 0, mean_s > 0.
[[nodiscard]] double residual_of(double wait_s, const QueueWait& predicted);
// The other way round; never below 0.
[[nodiscard]] double wait_of(double residual, const QueueWait& predicted);

// Residuals of late: newer ones count more.
struct ResidualHistogram {
  static constexpr size_t kBins = 48;
  static constexpr double kLeast = -4;  // Of a residual; what is beyond goes into the last bin.
  static constexpr double kMost = 8;
  static constexpr double kBinWidth = (kMost - kLeast) / kBins;
  using Density = std::array<double, kBins>;

  std::array<float, kBins> mass{};
  float weight = 0;  // Σ mass

  void add(const Density& more);
  bool operator==(const ResidualHistogram&) const = default;
};

// Histograms of a queue: one of all its residuals, and one for each stratum, i.e. for calls that
// were alike when they were predicted. A stratum leans on the whole and the whole on the normal
// distribution as long as they have little of their own.
class WaitResiduals {
 public:
  // Residuals at the levels.
  [[nodiscard]] WaitQuantiles quantiles(uint32_t stratum) const;
  // `is_over`: the wait is over at that residual; else the caller left at it. Then the wait would
  // have been longer, and is spread above as the present density has it: each step of
  // self-consistency of Efron ("The two sample problem with censored data", 1967), whose fixed
  // point is the estimate of Kaplan and Meier. `may_add` says whether a stratum may be begun.
  void learn(uint32_t stratum, double residual, bool is_over, bool may_add);

  struct State {
    ResidualHistogram pool;
    std::map<uint32_t, ResidualHistogram> strata;
    bool operator==(const State&) const = default;
  };
  [[nodiscard]] const State& state() const { return state_; }
  void restore(State state) { state_ = std::move(state); }

 private:
  [[nodiscard]] ResidualHistogram::Density density(uint32_t stratum) const;

  State state_;
};

}  // namespace acd
