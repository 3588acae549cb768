// SPDX-License-Identifier: Apache-2.0
// The command line: what it means, and what is said about a wrong one.
#include "clients/acdctl/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace acd::acdctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Arguments> parse(const std::vector<std::string>& words,
                                const Environment& environment = {}) {
  return parse_arguments(words, environment);
}

std::string error_of(const std::vector<std::string>& words) {
  const absl::StatusOr<Arguments> parsed = parse(words);
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << parsed.status();
  return std::string(parsed.status().message());
}

TEST(ArgumentsTest, HasTheDocumentedDefaults) {
  const auto parsed = parse({"queues"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->command, Command::kQueues);
  EXPECT_EQ(parsed->target, "127.0.0.1:7710");
  EXPECT_EQ(parsed->tenant, "");
  EXPECT_EQ(parsed->timeout, absl::Seconds(5));
  EXPECT_EQ(parsed->interval, absl::Seconds(1));
  EXPECT_FALSE(parsed->is_json);
  EXPECT_TRUE(parsed->is_colored);
}

TEST(ArgumentsTest, ReadsWhatASupervisorSaysOfAQueue) {
  const auto parsed = parse({"queues", "close", "sales", "--reason", "fire drill", "--until",
                             "2026-11-23T18:00:00+01:00"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->command, Command::kQueuesClose);
  EXPECT_THAT(parsed->words, ElementsAre("sales"));
  EXPECT_EQ(parsed->reason, "fire drill");
  EXPECT_EQ(parsed->ends_ms, 1'795'453'200'000);
  EXPECT_EQ(parse({"queues", "open", "q", "--reason", "r"})->ends_ms, 0);
  EXPECT_EQ(parse({"queues", "follow", "q", "--reason", "r"})->command, Command::kQueuesFollow);
  EXPECT_EQ(parse({"queues", "q"})->command, Command::kQueues);
  EXPECT_THAT(error_of({"queues", "open", "q"}), HasSubstr("--reason is missing"));
  EXPECT_THAT(error_of({"queues", "open", "--reason", "r"}), HasSubstr("too few arguments"));
  EXPECT_THAT(error_of({"queues", "open", "q", "--reason", "r", "--until", "soon"}),
              HasSubstr("\"soon\" is no time; write it like 2026-11-22, 2026-11-22T08:00:00+01:00 "
                        "or, for so long from now, 8h"));
  EXPECT_THAT(error_of({"queues", "follow", "q", "--reason", "r", "--until", "8h"}),
              HasSubstr("--until is no option of \"queues follow\""));
  EXPECT_THAT(error_of({"queues", "open", "q", "--reason", "a\nb"}),
              HasSubstr("holds control characters"));
}

TEST(ArgumentsTest, AnEndIsAheadWhereATimeIsAgo) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  EXPECT_EQ(*parse_end("until", "90m", now), 1'005'400'000);
  EXPECT_EQ(*parse_end("until", "2d", now), 1'172'800'000);
  EXPECT_EQ(*parse_time("until", "90m", now), 994'600'000);
  EXPECT_EQ(*parse_end("until", "1970-01-02", now), 86'400'000);
  EXPECT_FALSE(parse_end("until", "-5m", now).ok());
}

TEST(ArgumentsTest, TakesOptionsOnEitherSideOfTheCommand) {
  const auto parsed = parse({"--json", "agents", "--state=ready,on-call", "--tenant", "bank"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->command, Command::kAgents);
  EXPECT_TRUE(parsed->is_json);
  EXPECT_EQ(parsed->tenant, "bank");
  EXPECT_THAT(parsed->states, ElementsAre(v1::AGENT_STATE_READY, v1::AGENT_STATE_ON_CALL));
}

TEST(ArgumentsTest, PrefersTheCommandLineToTheEnvironment) {
  const Environment environment = {{"ACD_TARGET", "unix:/run/acdd"}, {"ACD_TENANT", "tenants/b"}};
  const auto from_environment = parse({"queues"}, environment);
  ASSERT_TRUE(from_environment.ok());
  EXPECT_EQ(from_environment->target, "unix:/run/acdd");
  EXPECT_EQ(from_environment->tenant, "b");
  const auto from_line = parse({"queues", "--target=h:1", "--tenant=a"}, environment);
  ASSERT_TRUE(from_line.ok());
  EXPECT_EQ(from_line->target, "h:1");
  EXPECT_EQ(from_line->tenant, "a");
}

TEST(ArgumentsTest, DropsColoursUnderNoColor) {
  EXPECT_FALSE(parse({"queues"}, {{"NO_COLOR", "1"}})->is_colored);
  EXPECT_TRUE(parse({"queues"}, {{"NO_COLOR", ""}})->is_colored);
  EXPECT_FALSE(parse({"queues", "--no-color"})->is_colored);
}

TEST(ArgumentsTest, ReadsCommandsOfTwoWords) {
  const auto parsed = parse({"config", "validate", "file.yaml", "--offline"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->command, Command::kConfigValidate);
  EXPECT_THAT(parsed->words, ElementsAre("file.yaml"));
  EXPECT_TRUE(parsed->is_offline);
}

TEST(ArgumentsTest, TakesWordsBehindTheEndOfOptionsAsTheyAre) {
  const auto parsed = parse({"calls", "--", "--odd-call-id"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->words, ElementsAre("--odd-call-id"));
}

TEST(ArgumentsTest, SuggestsTheNearestCommand) {
  EXPECT_THAT(error_of({"queue"}),
              HasSubstr("unknown command \"queue\": did you mean \"queues\"?"));
  EXPECT_THAT(error_of({"wacth"}), HasSubstr("did you mean \"watch\"?"));
  EXPECT_THAT(error_of({"config", "gte"}),
              HasSubstr("unknown command \"config gte\": did you mean \"config get\"?"));
  EXPECT_THAT(error_of({"xyzzy"}), HasSubstr("unknown command \"xyzzy\" ("));
}

TEST(ArgumentsTest, SaysWhatIsMissing) {
  EXPECT_THAT(error_of({}), HasSubstr("a command is missing"));
  EXPECT_THAT(error_of({"config"}), HasSubstr("\"config apply\" or \"config validate\""));
  EXPECT_THAT(error_of({"config", "validate"}),
              HasSubstr("too few arguments: acdctl config validate FILE"));
  EXPECT_THAT(error_of({"completion"}), HasSubstr("acdctl completion bash|zsh"));
  EXPECT_THAT(error_of({"queues", "--target"}), HasSubstr("--target"));
}

TEST(ArgumentsTest, SaysWhatIsTooMuch) {
  EXPECT_THAT(error_of({"queues", "a", "b"}), HasSubstr("from \"b\" on: acdctl queues [QUEUE]"));
  EXPECT_THAT(error_of({"queues", "--json", "--tenant=a", "--tenant=b"}), HasSubstr("--tenant"));
  EXPECT_THAT(error_of({"health", "--interval=1s"}),
              HasSubstr("--interval is no option of \"health\""));
  EXPECT_THAT(error_of({"watch", "calls", "--state=ready"}),
              HasSubstr("--state is for a watch of agents"));
  EXPECT_THAT(error_of({"agents", "A01", "--state=ready"}), HasSubstr("for lists"));
}

TEST(ArgumentsTest, SuggestsTheNearestOption) {
  EXPECT_THAT(error_of({"queues", "--tennant=x"}),
              HasSubstr("unknown option \"tennant\": did you mean \"tenant\"?"));
}

TEST(ArgumentsTest, NamesAllStatesWhenOneIsUnknown) {
  EXPECT_THAT(error_of({"agents", "--state=ready,asleep"}),
              HasSubstr("unknown state \"asleep\"; they are logged-out, not-ready, ready"));
  EXPECT_THAT(error_of({"agents", "--state=ready,"}), HasSubstr("unknown state \"\""));
}

TEST(ArgumentsTest, RefusesDurationsThatAreNone) {
  EXPECT_THAT(error_of({"queues", "--timeout=5"}), HasSubstr("write it like 500ms, 5s or 2m"));
  EXPECT_THAT(error_of({"queues", "--timeout=-1s"}), HasSubstr("outside 1ms..1h"));
  EXPECT_THAT(error_of({"queues", "--timeout=inf"}), HasSubstr("outside 1ms..1h"));
  EXPECT_THAT(error_of({"watch", "--interval=10ms"}), HasSubstr("outside 100ms..1m"));
}

TEST(ArgumentsTest, RefusesEmptyArguments) {
  EXPECT_THAT(error_of({"queues", ""}), HasSubstr("an argument is empty"));
  EXPECT_THAT(error_of({"queues", "--target", ""}), HasSubstr("--target has an empty value"));
  EXPECT_THAT(error_of({"calls", "--queue", ""}), HasSubstr("--queue has an empty value"));
}

TEST(ArgumentsTest, RefusesNamesThatAreNoText) {
  EXPECT_THAT(error_of({"queues", "a\xff"}), HasSubstr("\"a?\" is not valid UTF-8"));
  EXPECT_THAT(error_of({"queues", "--tenant", "a\nb"}), HasSubstr("\"a?b\" is not valid UTF-8"));
}

TEST(ArgumentsTest, HelpNamesEveryCommandOptionAndExitCode) {
  const std::string text = help_text();
  for (const CommandInfo& info : commands()) {
    EXPECT_THAT(text, HasSubstr("  " + std::string(info.name)));
    const std::vector<std::string> words = {std::string(info.name)};
    EXPECT_TRUE(help_text(words).has_value()) << info.name;
  }
  for (const OptionInfo& option : global_options()) {
    EXPECT_THAT(text, HasSubstr("--" + std::string(option.name)));
  }
  for (const char* code : {"  0  ", "  1  ", "  2  ", "  3  ", "  4  "}) {
    EXPECT_THAT(text, HasSubstr(code));
  }
}

TEST(ArgumentsTest, HelpOnAGroupShowsAllItsCommands) {
  const std::vector<std::string> words = {"config"};
  const auto text = help_text(words);
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, HasSubstr("acdctl config get"));
  EXPECT_THAT(*text, HasSubstr("acdctl config validate FILE"));
}

}  // namespace
}  // namespace acd::acdctl
