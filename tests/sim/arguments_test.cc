// SPDX-License-Identifier: Apache-2.0
// The command line of `acdsim fuzz`.
#include "sim/arguments.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace acd::sim {
namespace {

std::string error_of(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  return arguments.ok() ? "" : std::string(arguments.status().message());
}

TEST(FuzzArgumentsTest, HasDefaults) {
  const auto arguments = parse_arguments({"fuzz"});
  ASSERT_TRUE(arguments.ok());
  const auto& fuzz = std::get<FuzzArguments>(*arguments);
  EXPECT_EQ(fuzz.first_seed, 1u);
  EXPECT_EQ(fuzz.seeds, 100u);
  EXPECT_EQ(fuzz.commands, kSwarmCommandsDefault);
  EXPECT_FALSE(fuzz.is_verbose);
  EXPECT_EQ(fuzz.history, "");
}

TEST(FuzzArgumentsTest, TakesAllOptions) {
  const auto arguments = parse_arguments(
      {"fuzz", "--seeds", "7", "--first-seed", "9", "--commands", "11", "--verbose", "--quiet"});
  ASSERT_TRUE(arguments.ok());
  const auto& fuzz = std::get<FuzzArguments>(*arguments);
  EXPECT_EQ(fuzz.first_seed, 9u);
  EXPECT_EQ(fuzz.seeds, 7u);
  EXPECT_EQ(fuzz.commands, 11u);
  EXPECT_TRUE(fuzz.is_verbose);
  EXPECT_TRUE(fuzz.is_quiet);
  const auto with_history = parse_arguments({"fuzz", "--history", "one.txt"});
  ASSERT_TRUE(with_history.ok());
  EXPECT_EQ(std::get<FuzzArguments>(*with_history).history, "one.txt");
}

TEST(FuzzArgumentsTest, RefusesWhatIsNoCount) {
  for (const char* bad : {"0", "-1", "x", "1.5", ""}) {
    EXPECT_NE(error_of({"fuzz", "--seeds", bad}).find("--seeds"), std::string::npos) << bad;
    EXPECT_NE(error_of({"fuzz", "--commands", bad}).find("--commands"), std::string::npos) << bad;
  }
  EXPECT_NE(error_of({"fuzz", "--commands", "1000001"}), "");
  EXPECT_NE(error_of({"fuzz", "--first-seed", "-1"}), "");
  EXPECT_NE(error_of({"fuzz", "file"}), "");
}

TEST(FuzzArgumentsTest, RefusesAHistoryTogetherWithSeeds) {
  for (const std::string option : {"--seeds", "--first-seed", "--commands"}) {
    EXPECT_EQ(
        error_of({"fuzz", "--history", "one.txt", option, "7"}),
        "--history: plays what it says; " + option + " is for seeds\nTry `acdsim help fuzz`.");
  }
  EXPECT_NE(error_of({"fuzz", "--history", ""}), "");
  EXPECT_EQ(error_of({"fuzz", "--history", "one.txt", "--verbose", "--quiet"}), "");
}

TEST(FuzzArgumentsTest, HelpTeaches) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"fuzz", "--help"}, std::vector<std::string>{"help", "fuzz"}}) {
    const auto arguments = parse_arguments(words);
    ASSERT_TRUE(arguments.ok());
    const std::string& text = std::get<PrintArguments>(*arguments).text;
    EXPECT_NE(text.find("Examples:"), std::string::npos);
    EXPECT_NE(text.find("--first-seed"), std::string::npos);
  }
}

}  // namespace
}  // namespace acd::sim
