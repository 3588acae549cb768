// SPDX-License-Identifier: Apache-2.0
// The scripts, run by the shell they are for.
#include "clients/acdctl/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "clients/acdctl/command_table.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;

// What bash offers for the words, the last of which is being typed; parted by spaces.
std::string completions(const std::string& words) {
  const std::string script = "set -u\n" + bash_completion() + "COMP_WORDS=(acdctl " + words +
                             ")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_acdctl\n"
                             "echo \"${COMPREPLY[*]-}\"\n";
  std::string path = ::testing::TempDir() + "acdctl_completion_XXXXXX";
  const int file = mkstemp(path.data());
  EXPECT_GE(file, 0);
  std::FILE* stream = fdopen(file, "w");
  std::fputs(script.c_str(), stream);
  std::fclose(stream);

  std::FILE* shell = popen(("bash '" + path + "' 2>&1").c_str(), "r");
  std::string output;
  for (int c = std::fgetc(shell); c != EOF; c = std::fgetc(shell)) {
    output += static_cast<char>(c);
  }
  EXPECT_EQ(pclose(shell), 0) << output;
  std::remove(path.c_str());
  if (!output.empty()) output.pop_back();
  return output;
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
            "queues agents calls watch tenants config journal backup restore history health "
            "completion help");
  EXPECT_EQ(completions("c"), "calls config completion");
}

TEST(CompletionTest, OffersSecondWordsAndChoices) {
  EXPECT_EQ(completions("config ''"), "get export diff apply validate");
  EXPECT_EQ(completions("agents ''"), "upsert");
  EXPECT_EQ(completions("--target x watch a"), "agents");
  EXPECT_EQ(completions("completion ''"), "bash zsh");
}

TEST(CompletionTest, OffersOptionsOfTheCommandOnly) {
  EXPECT_EQ(completions("agents --st"), "--state");
  EXPECT_EQ(completions("queues --st"), "");
  EXPECT_EQ(completions("config apply --y"), "--yes");
  EXPECT_EQ(completions("agents upsert --y"), "");
  EXPECT_EQ(completions("--t"), "--target --tenant --timeout");
}

TEST(CompletionTest, OffersStatesBehindTheirOption) {
  EXPECT_EQ(completions("agents --state on"), "on-call on-hold");
  EXPECT_EQ(completions("agents --target ''"), "");
}

}  // namespace
}  // namespace acd::acdctl
