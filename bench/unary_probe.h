// SPDX-License-Identifier: Apache-2.0
// Unary calls beside a load: whether they are answered, and how.
#pragma once

#include <cstdint>
#include <string>

#include "bench/round_trips.h"

namespace acd::bench {

// How calls were answered.
struct UnaryFigures {
  int64_t ok = 0;
  int64_t overloaded = 0;  // RESOURCE_EXHAUSTED OVERLOADED that says when to come again.
  int64_t other = 0;       // Anything else is a fault.
  std::string first_other;
  // From when a round was due, also if the one before it was still under way.
  RoundTrips reads;
  RoundTrips changes;     // Those that were taken.
  RoundTrips reads_sent;  // From when it was sent.
};

// Changes at once: twice as many as the daemon takes (`kChangesMax`), so that some are above the limit.
inline constexpr int kProbeChanges = 8;
inline constexpr int64_t kProbePeriodNs = 20'000'000;

// Until `end_ns` of the monotonic clock, every kProbePeriodNs: kProbeChanges changes of an agent whom nobody
// needs, and one read, all at once, over a connection of its own. Returns when all are answered.
[[nodiscard]] UnaryFigures probe_unary_calls(const std::string& target, const std::string& tenant,
                                             int64_t end_ns);

}  // namespace acd::bench
