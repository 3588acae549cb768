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
    {1, 13091293210613410732u, 17605241136093666295u},
    {2, 3227350283657478110u, 13536343000565749084u},
    {3, 16034463329610638221u, 13987767744851637578u},
    {4, 8517737178193656789u, 9006470434146634890u},
    {5, 6888132273075039032u, 10673184685512243646u},
    {6, 735935846667822968u, 10950997380353165147u},
    {7, 9833981027709627355u, 5662759377038758713u},
    {198, 9737751940042255466u, 10032747620344957468u},
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
