// SPDX-License-Identifier: Apache-2.0
// The scripts, run by the shell they are for.
#include "clients/acdctl/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "clients/acdctl/command_table.h"
#include "tests/clients/run_completion.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;

std::string completions(const std::string& words) {
  return run_completion(bash_completion(), "acdctl", words);
}

TEST(CompletionTest, ContainsEveryCommandAndOption) {
  for (const std::string& script : {bash_completion(), zsh_completion()}) {
    for (const CommandInfo& info : commands()) {
      EXPECT_THAT(script, HasSubstr("'" + std::string(info.name) + "')"));
    }
    for (const OptionInfo& option : global_options()) {
      EXPECT_THAT(script, HasSubstr("--" + std::string(option.name)));
    }
    for (const OptionInfo& option : command_options()) {
      EXPECT_THAT(script, HasSubstr("--" + std::string(option.name)));
    }
  }
}

TEST(CompletionTest, OffersCommandsByTheirBeginning) {
  EXPECT_EQ(completions("''"),
            "queues agents calls why why-idle watch top events tenants config journal backup "
            "restore history "
            "health completion help");
  EXPECT_EQ(completions("c"), "calls config completion");
}

TEST(CompletionTest, OffersSecondWordsAndChoices) {
  EXPECT_EQ(completions("config ''"), "get export diff apply validate");
  EXPECT_EQ(completions("agents ''"),
            "upsert import accept reject ready not-ready log-out end-wrap-up extend-wrap-up pause "
            "unpause");
  EXPECT_EQ(completions("calls o"), "outcome");
  EXPECT_EQ(completions("--target x watch a"), "agents");
  EXPECT_EQ(completions("completion ''"), "bash zsh");
}

TEST(CompletionTest, OffersOptionsOfTheCommandOnly) {
  EXPECT_EQ(completions("agents --st"), "--state");
  EXPECT_EQ(completions("queues --st"), "");
  EXPECT_EQ(completions("config apply --y"), "--yes");
  EXPECT_EQ(completions("agents upsert --y"), "");
  EXPECT_EQ(completions("agents import --m"), "--mapping");
  EXPECT_EQ(completions("calls outcome --re"), "--reference --resolved");
  EXPECT_EQ(completions("calls outcome --resolved ''"), "yes no");
  EXPECT_EQ(completions("--t"), "--target --tenant --timeout");
}

TEST(CompletionTest, OffersStatesBehindTheirOption) {
  EXPECT_EQ(completions("agents --state on"), "on-call on-hold");
  EXPECT_EQ(completions("agents --target ''"), "");
}

TEST(CompletionTest, OffersPathsBehindTheirOptionAndWhereTheCommandTakesThem) {
  const std::string folder = ::testing::TempDir() + "completion-of-paths";
  std::filesystem::create_directories(folder + "/data");
  std::ofstream(folder + "/a.yaml") << "";
  for (const std::string words : {"config diff ", "config apply --based-on "}) {
    EXPECT_EQ(completions(words + folder + "/a"), folder + "/a.yaml");
  }
  EXPECT_EQ(completions("history calls --data-dir " + folder + "/d"), folder + "/data");
  EXPECT_EQ(completions("journal verify " + folder + "/"), folder + "/data");
}

}  // namespace
}  // namespace acd::acdctl
