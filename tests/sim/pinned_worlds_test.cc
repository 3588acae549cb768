// SPDX-License-Identifier: Apache-2.0
// A few random worlds must end with the same hashes on every compiler and build.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "sim/draw.h"
#include "sim/fuzz_player.h"
#include "sim/fuzz_world.h"

namespace acd::sim {
namespace {

struct PinnedWorld {
  uint64_t seed;
  uint64_t event_hash;
  uint64_t state_hash;
};
// The same on every compiler and build. They change with the rules and with what worlds are drawn:
// the failure prints the table that takes their place. The last one is a big centre.
constexpr PinnedWorld kPinnedWorlds[] = {
    {1, 3069042253555096848u, 12707607395368675212u},
    {2, 14012352734544715996u, 4330619441100112221u},
    {3, 13859629775290810896u, 2918952670937143163u},
    {4, 9505310388595944826u, 5510536797817703971u},
    {5, 5395779887965341711u, 18440634657209860610u},
    {6, 7573842575933929726u, 590931095580353805u},
    {7, 4088986227672185981u, 6481456371439967473u},
    {53, 10430544741188550799u, 18361329149168810794u},
};

TEST(PinnedWorldsTest, HashesAreThoseOfThisBehaviourVersion) {
  std::string table;
  bool is_same = true;
  bool is_big = false;
  for (const PinnedWorld& pinned : kPinnedWorlds) {
    SeededDraw draw(pinned.seed);
    FuzzRun run;
    play_world(
        draw, 1'000, [] { return false; }, {}, nullptr, &run);
    EXPECT_EQ(run.failure, "");
    is_big = run.world.features.has(Feature::kBigCentre);
    is_same = is_same && run.event_hash == pinned.event_hash && run.state_hash == pinned.state_hash;
    table += "    {" + std::to_string(pinned.seed) + ", " + std::to_string(run.event_hash) + "u, " +
             std::to_string(run.state_hash) + "u},\n";
  }
  EXPECT_TRUE(is_same) << "kPinnedWorlds as they are now:\n" << table;
  EXPECT_TRUE(is_big) << "the last world is no big centre any more";
}

}  // namespace
}  // namespace acd::sim
