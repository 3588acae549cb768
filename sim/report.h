// SPDX-License-Identifier: Apache-2.0
// The report of a replay: what was played beside what the log recorded.
#pragma once

#include <cstdint>
#include <string>

#include "sim/replay.h"
#include "sim/replay_plan.h"

namespace acd::sim {

// Calls released for want of an agent that a report names; the rest is counted.
inline constexpr size_t kReportedCallsMax = 10;

struct RunFacts {
  std::string file;
  std::string source_id;
  uint64_t seed = 1;
  int64_t wall_ns = 0;
};

// For people: a table of queues and total, notes, and the verdict.
[[nodiscard]] std::string text_report(const ReplayPlan& plan, const ReplayResult& result,
                                      const RunFacts& facts);

// The same as one JSON document on several lines. Times in seconds, percent 0..100, null where
// undefined.
[[nodiscard]] std::string json_report(const ReplayPlan& plan, const ReplayResult& result,
                                      const RunFacts& facts);

}  // namespace acd::sim
