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
    {1, 10409174447159638044u, 15622063140091531204u},
    {2, 12236282358786034316u, 2711600056820594848u},
    {3, 16022855581249355572u, 1047169290019545997u},
    {4, 3320047765027656792u, 10301867471729645612u},
    {5, 14569051473262679390u, 5383083444072757989u},
    {6, 5587656326021176022u, 10603217880560740982u},
    {7, 8026574859173744345u, 10723267812966730560u},
    {40, 2837315380003897494u, 10520833822906412512u},
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
