// SPDX-License-Identifier: Apache-2.0
// The completion scripts of acdsim, run by the shell they are for.
#include "sim/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "sim/arguments.h"
#include "tests/clients/run_completion.h"
#include "tests/sim/log_files.h"

namespace acd::sim {
namespace {

using testing::HasSubstr;

std::string completions(const std::string& words) {
  return run_completion(bash_completion(), "acdsim", words);
}

TEST(CompletionTest, ContainsEveryCommandAndOption) {
  for (const std::string& script : {bash_completion(), zsh_completion()}) {
    for (const CommandWords& command : command_words()) {
      EXPECT_THAT(script, HasSubstr("    '" + command.name + "') words="));
      for (const std::string& option : command.options) EXPECT_THAT(script, HasSubstr(option));
    }
  }
}

TEST(CompletionTest, OffersCommandsByTheirBeginning) {
  EXPECT_EQ(completions("''"), "replay bank-config predict fuzz completion help");
  EXPECT_EQ(completions("re"), "replay");
  EXPECT_EQ(completions("--v"), "--version");
  EXPECT_EQ(completions("help f"), "fuzz");
  EXPECT_EQ(completions("completion ''"), "bash zsh");
}

TEST(CompletionTest, OffersOptionsOfTheCommandOnly) {
  EXPECT_EQ(completions("fuzz --se"), "--seeds");
  EXPECT_EQ(completions("replay --se"), "--seed");
  EXPECT_EQ(completions("bank-config --se"), "");
  EXPECT_EQ(completions("fuzz --seeds 3 --q"), "--quiet");
  EXPECT_EQ(completions("predict --w"), "--world");
}

TEST(CompletionTest, OffersNothingForAValueAndFilesForAFile) {
  EXPECT_EQ(completions("replay --target ''"), "");
  EXPECT_EQ(completions("fuzz --seeds ''"), "");
  const std::string file = write_file("csv.gz", "");
  EXPECT_EQ(completions("replay --tenant fuzz " + file.substr(0, file.size() - 3)), file);
  EXPECT_EQ(completions("fuzz --history " + file.substr(0, file.size() - 3)), file);
  EXPECT_EQ(completions("fuzz --history " + file + " --q"), "--quiet");
  EXPECT_EQ(completions("fuzz ''"), "");
}

TEST(CompletionTest, IsACommand) {
  const auto text_of = [](const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words);
    return arguments.ok() ? std::get<PrintArguments>(*arguments).text
                          : std::string(arguments.status().message());
  };
  EXPECT_EQ(text_of({"completion", "bash"}), bash_completion());
  EXPECT_EQ(text_of({"completion", "zsh"}), zsh_completion());
  EXPECT_THAT(text_of({"completion", "fish"}), HasSubstr("which shell? `bash` or `zsh`"));
  EXPECT_THAT(text_of({"completion"}), HasSubstr("which shell? `bash` or `zsh`"));
}

}  // namespace
}  // namespace acd::sim
