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
    {1, 6597670495527814708u, 2335786553662311844u},
    {2, 13134472250509670549u, 11270447379156548795u},
    {3, 17836773995715977443u, 1774234598183870716u},
    {4, 12837508673165202519u, 14619406067538487683u},
    {5, 12891015808643412848u, 18285556233949120351u},
    {6, 2868158537706220128u, 13457926510964861606u},
    {7, 16281825000255156853u, 3626444488303521195u},
    {38, 15788718897210512552u, 115327075879476425u},
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
