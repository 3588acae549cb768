// SPDX-License-Identifier: Apache-2.0
// The clock of the load, and the times it took.
#include "bench/round_trips.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "bench/batch_writer.h"

namespace acd::bench {

int64_t monotonic_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void RoundTrips::add(int64_t ns) {
  ++counts_[static_cast<size_t>(std::clamp<int64_t>(ns / kNsPerUs, 0, kMaxUs))];
  ++total_;
}

void RoundTrips::clear() {
  std::fill(counts_.begin(), counts_.end(), 0u);
  total_ = 0;
}

int64_t RoundTrips::quantile_us(int64_t per_mille) const {
  if (total_ == 0) return 0;
  const int64_t rank = (total_ * per_mille + 999) / 1000;
  int64_t seen = 0;
  for (size_t us = 0; us < counts_.size(); ++us) {
    seen += counts_[us];
    if (seen >= rank) return static_cast<int64_t>(us);
  }
  return kMaxUs;
}

}  // namespace acd::bench
