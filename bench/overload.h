// SPDX-License-Identifier: Apache-2.0
// More than the daemon can take: its peak first, then a multiple of it from arrivals that wait for nobody.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

#include "bench/traffic.h"

namespace acd::bench {

struct OverloadOptions {
  std::string target;
  int server_pid = 0;
  // Switches, each with a connection of its own. With few of them, HTTP/2 and the daemon hold less than the lines.
  uint32_t streams = 16;
  uint32_t lines = 6'000;  // Calls that one switch has room for; and its agents.
  uint32_t window =
      32;  // Messages of one switch without acknowledgement, up to the peak; then no limit.
  uint32_t batch = 64;
  double factor = 3;  // Arrivals in the overload, by those of the peak.
  double overload_seconds = 12;
  double seconds = 4;  // Of the peak, and of the normal load before and behind.
  // Before the peak: the daemon then knows as many ended calls as it ever does, and grows no more for that.
  int64_t warmup_calls = 1'100'000;
  std::string tenant = "bench";
};

// What the daemon must keep.
inline constexpr double kGoodputShareMin = 0.8;  // Of the peak, acknowledged in time.
// Growth from the second third of the overload to the last, by the calls that ended meanwhile. A call that is
// kept costs the Router alone 291.
inline constexpr double kMemoryPerCallMax = 64;
// p99 of the wait from arrival to acknowledgement, by `Hello.ack_timeout`.
inline constexpr double kArrivalWaitShareMax = 1.0;
// Arrivals without a line, of all: else the lines keep the overload from the daemon.
inline constexpr double kNoLineShareMax = 0.01;
inline constexpr double kRecoveredFactorMax = 2.0;    // p99 behind the overload, by p99 before it,
inline constexpr int64_t kRecoveredSlackUs = 20'000;  // and so much on top.

// Plays it all before a daemon on a fresh data folder; appends the figures to `report`, and to `broken` a line
// for each bound that was not kept. An error: a call or an answer was lost, doubled or wrong.
[[nodiscard]] absl::Status play_overload(const OverloadOptions& options, std::string& report,
                                         std::string& broken);

}  // namespace acd::bench
