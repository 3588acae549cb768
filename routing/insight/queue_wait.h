// SPDX-License-Identifier: Apache-2.0
// The arithmetic of waiting behind a known number of calls. Times in seconds; nothing here has
// state.
#pragma once

#include <span>

namespace acd {

// Sum over sum, where what is older counts less: of the last `memory` events or so.
struct DecayedRatio {
  double over = 0;
  double under = 0;

  void add(double more_over, double more_under, double memory) {
    const double kept = 1 - 1 / memory;
    over = over * kept + more_over;
    under = under * kept + more_under;
  }
  // The ratio, as if `weight` had been seen at `usual` before anything else. REQUIRES: weight > 0.
  [[nodiscard]] double value(double usual, double weight) const {
    return (over + usual * weight) / (under + weight);
  }
  bool operator==(const DecayedRatio&) const = default;
};

// Who takes the calls of a queue while it does not run empty.
struct QueueService {
  double rate = 0;          // Calls taken a second by those at work, in the long run.
  double ending = 0;        // Wrap-ups under way beyond those usual at that rate; negative: fewer.
  double ending_rate = 0;   // At which each of them ends.
  double leaving_rate = 0;  // At which each waiting caller gives up.
};

// Mean, and shape as of a gamma distribution: mean² ÷ variance.
struct QueueWait {
  double mean_s = 0;
  double shape = 1;

  bool operator==(const QueueWait&) const = default;
};

// Wrap-ups beyond the usual that are counted; more end as if they were not there.
inline constexpr int kEndingMax = 64;

// The wait of who has `ahead` calls before it: until ahead + 1 calls are taken, those before it
// leaving too. REQUIRES: ahead >= 0, and rate > 0.
[[nodiscard]] QueueWait queue_wait(double ahead, const QueueService& service);

// Calls yet to come that will go before one that waits already.
struct Overtakers {
  double rate = 0;          // Arrivals a second.
  double head_start_s = 0;  // They do if they come within that time; infinity: always.
};

// The mean wait with those who will overtake. `wait_s` is that of without, behind `ahead` calls.
// Sorts `overtakers`.
[[nodiscard]] double wait_with_overtakers(double wait_s, double ahead,
                                          std::span<Overtakers> overtakers);

}  // namespace acd
