// SPDX-License-Identifier: Apache-2.0
// Random worlds on a core with small limits: what only large centres need (bitmaps of links, bulk
// work in slices, rematches, freed classes, tables that grow, a tenant that has as much as it may)
// is met in every world, with the oracle as its judge.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "routing/call_queue.h"
#include "routing/limits.h"
#include "sim/swarm.h"
#include "tests/sim/kept_histories.h"

namespace acd::sim {
namespace {

// The build replaces them; else these tests would say nothing.
static_assert(kBulkSliceMax == 3 && kListedLinksMax == 3 && kBandLinksMax == 2 &&
              kEmptyCallClassesKept == 2 && kEmptyAgentClassesKept == 1 && kClassesALink == 2 &&
              kColumnsOfFewMax == 4 && kRowsALink == 2 && kDrawnAsTheyStandMax == 2 &&
              kPartiesMax == 2 && kCallbacksMax == 2 && kScheduledMax == 2);

constexpr uint64_t kSmallSeeds = 150;  // Fewer do not meet all of the rows.
// Sanitized they would take two minutes.
#if defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kSeedsApart = 5;
#else
constexpr uint64_t kSeedsApart = 1;
#endif

TEST(SmallLimitsTest, WorldsShowNoDifference) {
  SwarmResult result;
  FuzzRun run;
  SwarmOptions options;
  options.seeds = 1;
  for (uint64_t seed = 1; seed <= kSmallSeeds; seed += kSeedsApart) {
    options.first_seed = seed;
    run_swarm(options, &run, &result);
    ASSERT_EQ(run.failure, "") << "seed " << seed;
  }
  if (kSeedsApart > 1) return;
  const std::vector<CoverageRow> rows = result.coverage.rows();
  for (const char* name :
       {"class of calls with many links", "class of agents with many links",
        "rematch of everything", "random draw among many", "classes of calls freed",
        "classes of agents freed", "bulk work in slices", "command between slices",
        "verdict limit_reached", "conference that is full", "callback beyond the limit",
        "callback due beyond the limit", "call for later beyond the limit"}) {
    const auto row = std::ranges::find(rows, name, &CoverageRow::name);
    ASSERT_NE(row, rows.end()) << name;
    EXPECT_GT(row->count, 0u) << name;
  }
}

TEST(SmallLimitsTest, HistoriesThatFailedOnceDoNotFailAgain) { expect_kept_histories_play(); }

}  // namespace
}  // namespace acd::sim
