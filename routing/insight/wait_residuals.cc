// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/wait_residuals.h"

#include <algorithm>
#include <cmath>

namespace acd {
namespace {

constexpr double kResidualMemory = 500;  // Residuals.
constexpr double kPoolWeight = 50;       // Of the normal distribution in the whole.
constexpr double kStratumWeight = 30;    // Of the whole in a stratum.
// Beyond so little of the density it says nothing of where a wait would have ended.
constexpr double kTailLeast = 1e-9;

// The standard normal distribution by bins, tails included. Literal, so that no library decides it.
constexpr ResidualHistogram::Density kNormal = {
    8.841728520e-05, 1.442117938e-04, 3.443959634e-04, 7.728729892e-04, 1.629865203e-03,
    3.229902091e-03, 6.014807329e-03, 1.052565929e-02, 1.730902492e-02, 2.674804441e-02,
    3.884257240e-02, 5.300548026e-02, 6.797209845e-02, 8.191018635e-02, 9.275613559e-02,
    9.870632568e-02, 9.870632568e-02, 9.275613559e-02, 8.191018635e-02, 6.797209845e-02,
    5.300548026e-02, 3.884257240e-02, 2.674804441e-02, 1.730902492e-02, 1.052565929e-02,
    6.014807329e-03, 3.229902091e-03, 1.629865203e-03, 7.728729892e-04, 3.443959634e-04,
    1.442117938e-04, 5.674604337e-05, 2.098271606e-05, 7.290852650e-06, 2.380589882e-06,
    7.304316707e-07, 2.106019667e-07, 5.706004270e-08, 1.452739001e-08, 3.475584809e-09,
    7.813613025e-10, 1.650663367e-10, 3.276774806e-11, 6.112445234e-12, 1.071426728e-12,
    1.764768991e-13, 2.731428929e-14, 4.594627436e-15};

}  // namespace

double residual_of(double wait_s, const QueueWait& predicted) {
  const double k = predicted.shape;
  return 3 * std::sqrt(k) * (std::cbrt(wait_s / predicted.mean_s) - 1 + 1 / (9 * k));
}

double wait_of(double residual, const QueueWait& predicted) {
  const double k = predicted.shape;
  const double root = 1 - 1 / (9 * k) + residual / (3 * std::sqrt(k));
  return root > 0 ? predicted.mean_s * root * root * root : 0;
}

void ResidualHistogram::add(const Density& more) {
  constexpr double kKept = 1 - 1 / kResidualMemory;
  for (size_t i = 0; i < kBins; ++i) mass[i] = static_cast<float>(mass[i] * kKept + more[i]);
  weight = static_cast<float>(weight * kKept + 1);
}

ResidualHistogram::Density WaitResiduals::density(uint32_t stratum) const {
  const auto mix = [](const ResidualHistogram& own, const ResidualHistogram::Density& usual,
                      double usual_weight) {
    ResidualHistogram::Density mixed;
    const double scale = 1 / (own.weight + usual_weight);
    for (size_t i = 0; i < mixed.size(); ++i) {
      mixed[i] = (own.mass[i] + usual_weight * usual[i]) * scale;
    }
    return mixed;
  };
  const ResidualHistogram::Density whole = mix(state_.pool, kNormal, kPoolWeight);
  const auto own = state_.strata.find(stratum);
  return own == state_.strata.end() ? whole : mix(own->second, whole, kStratumWeight);
}

// One pass; inside a bin as if all of it were even.
WaitQuantiles WaitResiduals::quantiles(uint32_t stratum) const {
  const ResidualHistogram::Density all = density(stratum);
  WaitQuantiles found;
  double below = 0;
  size_t bin = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    while (bin + 1 < all.size() && below + all[bin] < kWaitLevels[i]) below += all[bin++];
    const double inside = std::min(1.0, (kWaitLevels[i] - below) / all[bin]);
    found[i] = ResidualHistogram::kLeast +
               ResidualHistogram::kBinWidth * (static_cast<double>(bin) + inside);
  }
  return found;
}

void WaitResiduals::learn(uint32_t stratum, double residual, bool is_over, bool may_add) {
  constexpr size_t kLast = ResidualHistogram::kBins - 1;
  const double place = std::clamp(
      (residual - ResidualHistogram::kLeast) / ResidualHistogram::kBinWidth, 0.0, kLast + 1.0);
  const size_t bin = std::min(kLast, static_cast<size_t>(place));
  ResidualHistogram::Density more{};
  if (is_over) {
    more[bin] = 1;
  } else {
    const ResidualHistogram::Density all = density(stratum);
    const double rest = all[bin] * (static_cast<double>(bin) + 1 - place);
    double tail = rest;
    for (size_t i = bin + 1; i <= kLast; ++i) tail += all[i];
    if (tail < kTailLeast) return;
    more[bin] = rest / tail;
    for (size_t i = bin + 1; i <= kLast; ++i) more[i] = all[i] / tail;
  }
  state_.pool.add(more);
  auto own = state_.strata.find(stratum);
  if (own == state_.strata.end() && may_add) {
    own = state_.strata.try_emplace(stratum).first;
  }
  if (own != state_.strata.end()) own->second.add(more);
}

}  // namespace acd
