// SPDX-License-Identifier: Apache-2.0
// The clock of the load, and the times it took.
#pragma once

#include <cstdint>
#include <vector>

namespace acd::bench {

// Nanoseconds of the monotonic clock.
[[nodiscard]] int64_t monotonic_now_ns();

// Times in whole microseconds, exact up to kMaxUs.
class RoundTrips {
 public:
  RoundTrips() : counts_(kMaxUs + 1) {}

  void add(int64_t ns);
  void clear();
  // The time that `per_mille` of all do not exceed; 0 when there are none.
  [[nodiscard]] int64_t quantile_us(int64_t per_mille) const;

 private:
  static constexpr int64_t kMaxUs = 4'000'000;  // Longer ones count as this.

  std::vector<uint32_t> counts_;
  int64_t total_ = 0;
};

}  // namespace acd::bench
