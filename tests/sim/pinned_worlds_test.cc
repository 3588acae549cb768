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
    {1, 8251264841086970302u, 5795209892977007511u},
    {2, 14542688572981292155u, 4738035397659572419u},
    {3, 12062705632180923914u, 11034447097387827046u},
    {4, 14210945972080895881u, 7236022034747194575u},
    {5, 10178269498826732702u, 16291262243481765771u},
    {6, 10724199115882562401u, 15172518931690791302u},
    {7, 4878282490665140484u, 8727928720180786258u},
    {48, 6696294884533036120u, 2658277531165395877u},
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
