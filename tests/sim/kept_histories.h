// SPDX-License-Identifier: Apache-2.0
// Plays the histories of tests/histories, each of which failed once.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>

#include "sim/fuzz_history.h"

namespace acd::sim {

inline void expect_kept_histories_play() {
  int played = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ACD_SOURCE_DIR "/tests/histories")) {
    if (entry.path().extension() != ".txt") continue;
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream stream(entry.path());
    const std::string text((std::istreambuf_iterator<char>(stream)),
                           std::istreambuf_iterator<char>());
    const auto history = parse_history(text);
    if (const auto* wrong = std::get_if<std::string>(&history)) {
      ADD_FAILURE() << *wrong;
      continue;
    }
    const auto& [world, steps] = std::get<FuzzHistory>(history);
    EXPECT_FALSE(steps.empty());
    EXPECT_EQ(impossible_step(world, steps), 0u) << "it no longer shows what it did";
    EXPECT_EQ(play_again(world, steps, nullptr), "");
    ++played;
  }
  EXPECT_GT(played, 0);
}

}  // namespace acd::sim
