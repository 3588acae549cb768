// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/queue_wait.h"

#include <algorithm>
#include <cmath>

namespace acd {
namespace {

// Of all calls that are taken while one waits, those that overtook it at most.
constexpr double kOvertakenMax = .95;
// Callers leave so seldom that the logarithm would lose more digits than the mean rate does.
constexpr double kLeavingLeast = 1e-3;

}  // namespace

// With n calls ahead, the next event takes a call or one of the n leaves: at r + n θ. One call less
// is ahead then. So the wait is Σ 1/(r + n θ) over n = ahead .. 0 and its variance Σ 1/(r + n θ)²:
// the wait of the (n+1)-th in M/M/s+M (Whitt, "Improving service by informing customers about
// anticipated delays", 1999, eq. 3; the predictor QL_m of Ibrahim and Whitt, "Wait-time predictors
// for customer service systems with time-varying demand and capacity", 2011).
QueueWait queue_wait(double ahead, const QueueService& service) {
  const double leaving = service.leaving_rate;
  double left = ahead + 1;  // Terms of the sum.
  double mean = 0;
  double variance = 0;
  // Wrap-ups that are missing have to begin before they can end: they are calls ahead. Those beyond
  // the usual end sooner than the long run has it: the fluid limit of talk and wrap-up in series,
  // with work w(t) in the second stage: w' = -h (w - w*), so an excess x gives x e^(-ht) more.
  if (service.ending < 0) left -= service.ending;
  double ending = service.ending_rate > 0 ? std::min<double>(service.ending, kEndingMax) : 0;
  for (; ending > 0 && left > 0; ending -= 1) {
    const double term = std::min(1.0, left);
    const double rate = service.rate + service.ending_rate * ending + (left - term) * leaving;
    mean += term / rate;
    variance += term / (rate * rate);
    left -= term;
  }
  if (left > 0) {
    // The rest by integrals, which take the middle of each term: Σ 1/(r + n θ) ~ ln(b/a)/θ.
    if (leaving * left < kLeavingLeast * service.rate) {
      const double rate = service.rate + .5 * (left - 1) * leaving;
      mean += left / rate;
      variance += left / (rate * rate);
    } else {
      const double a = std::max(service.rate - .5 * leaving, .5 * service.rate);
      const double b = a + left * leaving;
      mean += std::log(b / a) / leaving;
      variance += (1 / a - 1 / b) / leaving;
    }
  }
  return {mean, std::max(1.0, mean * mean / variance)};
}

// Each call that overtakes costs what one ahead costs, wait ÷ (ahead + 1). Those of rate λ that
// come within min(W, D) are λ min(W, D), so W = wait + Σ ρ min(W, D) with ρ = λ wait ÷ (ahead + 1):
// the share of the rate that they use up, as in Cobham's formula for priorities (1954) where D is
// infinite. W is found from the shortest D on: those with D < W add ρ D, the others multiply by
// 1/(1 - Σ ρ).
double wait_with_overtakers(double wait_s, double ahead, std::span<Overtakers> overtakers) {
  std::ranges::sort(overtakers, {}, &Overtakers::head_start_s);
  const double share_of_rate = wait_s / (ahead + 1);
  double rate = 0;
  for (const Overtakers& one : overtakers) rate += one.rate;
  double fixed = wait_s;
  for (const Overtakers& one : overtakers) {
    const double wait = fixed / (1 - std::min(kOvertakenMax, rate * share_of_rate));
    if (wait <= one.head_start_s) return wait;
    fixed += one.rate * share_of_rate * one.head_start_s;
    rate = std::max(0.0, rate - one.rate);
  }
  return fixed;
}

}  // namespace acd
