// SPDX-License-Identifier: Apache-2.0
// Plays every *.scenario of this folder on the Router and the oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario.h"

namespace acd::sim {
namespace {

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(ACD_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() == ".scenario") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

class GoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, EndsAsItIsTold) {
  const std::string file = "tests/golden/" + GetParam() + ".scenario";
  std::ifstream stream(std::string(ACD_SOURCE_DIR) + "/" + file);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  const auto parsed = parse_scenario(text, file);
  if (const auto* error = std::get_if<std::string>(&parsed)) FAIL() << *error;
  EXPECT_EQ(play_scenario(std::get<Scenario>(parsed)), "");
}

INSTANTIATE_TEST_SUITE_P(Scenarios, GoldenTest, ::testing::ValuesIn(scenario_names()),
                         [](const auto& scenario) { return scenario.param; });

TEST(GoldenFolderTest, HasScenarios) { EXPECT_GE(scenario_names().size(), 80u); }

}  // namespace
}  // namespace acd::sim
