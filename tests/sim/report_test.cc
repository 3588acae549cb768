// SPDX-License-Identifier: Apache-2.0
// What a user of acdsim reads: the report, the progress, and the answers to a wrong command line.
#include "sim/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/arguments.h"
#include "sim/log_time.h"
#include "sim/progress.h"

namespace acd::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

ReplayPlan some_plan() {
  ReplayPlan plan;
  plan.first_day = 10'594;  // 1999-01-03
  plan.days = 2;
  plan.queues = {"ne", "ps"};
  plan.recorded.resize(2);
  plan.recorded[1] = {.offered = 10,
                      .answered = 8,
                      .abandoned = 1,
                      .short_abandoned = 1,
                      .timed_out = 0,
                      .released = 0,
                      .transferred = 0,
                      .turned_away = 0,
                      .transferred_in = 0,
                      .left_out_of_level = 0,
                      .answered_in_target = 6,
                      .wait_answered_sum_ns = 80 * kNsPerS,
                      .handle_sum_ns = 800 * kNsPerS,
                      .wait_max_ns = 125 * kNsPerS};
  return plan;
}

ReplayResult some_result() {
  ReplayResult result;
  result.tallies.resize(2);
  result.tallies[1] = some_plan().recorded[1];
  result.tallies[1].wait_max_ns = 3'725 * kNsPerS;
  result.calls = 10;
  result.events = 50;
  result.batches = 40;
  result.timed_out_calls = std::vector<std::string>(12, "bank-1-000001");
  return result;
}

const RunFacts kFacts{"day.csv", "replay-1", 1, 2 * kNsPerS};

// The first line of `text` that holds `part`, with single spaces.
std::string line_with(const std::string& text, const std::string& part) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) == std::string::npos) continue;
    std::istringstream words(line);
    std::string squeezed;
    for (std::string word; words >> word;) squeezed += (squeezed.empty() ? "" : " ") + word;
    return squeezed;
  }
  return "";
}

TEST(ReportTest, SetsReplayBesideLog) {
  const std::string text = text_report(some_plan(), some_result(), kFacts);
  EXPECT_EQ(line_with(text, "ps  "), "ps replay 10 8 2 1 0 66.7% 10.0 s 100.0 s 1:02:05");
  EXPECT_EQ(line_with(text, "     2:05"), "log 10 8 2 1 0 66.7% 10.0 s 100.0 s 2:05");
  EXPECT_EQ(line_with(text, "ne  "), "ne replay 0 0 0 0 0 - - - 0:00");
  EXPECT_EQ(line_with(text, "total  "), "total replay 10 8 2 1 0 66.7% 10.0 s 100.0 s 1:02:05");
  EXPECT_THAT(text, HasSubstr("1999-01-03, 2 days"));
  EXPECT_THAT(text, HasSubstr("10 calls, 50 events, 40 batches in 2.0 s: 5 calls/s"));
  EXPECT_THAT(text, HasSubstr("12 callers were released"));
  EXPECT_THAT(text, HasSubstr(" and 2 more"));
  ReplayPlan mixed = some_plan();
  mixed.mix.callback = 1;
  EXPECT_THAT(text_report(mixed, some_result(), kFacts),
              HasSubstr("12 calls, callbacks and tasks were released"));
  EXPECT_THAT(text, HasSubstr("Breaks are unknown"));
  EXPECT_THAT(text, HasSubstr("VERIFIED"));
}

// Else a queue that calls are transferred to answers more than were offered to it.
TEST(ReportTest, CountsWhoWasTransferredInTheServiceLevel) {
  ReplayPlan plan = some_plan();
  plan.mix.transfer = 10;
  ReplayResult result = some_result();
  result.tallies[1].offered = 4;
  result.tallies[1].transferred_in = 8;
  result.tallies[1].left_out_of_level = 1;
  const std::string text = text_report(plan, result, kFacts);
  EXPECT_EQ(line_with(text, "ps  "), "ps replay 4 8 8 2 1 0 60.0% 10.0 s 100.0 s 1:02:05");
  EXPECT_EQ(line_with(text, "     2:05"), "log 10 0 8 2 1 0 66.7% 10.0 s 100.0 s 2:05");
  EXPECT_THAT(line_with(text, "queue  "), HasSubstr("offered transferred answered"));
  EXPECT_THAT(text_report(some_plan(), result, kFacts), Not(HasSubstr("transferred")));
  EXPECT_THAT(json_report(plan, result, kFacts),
              HasSubstr("\"offered\": 4, \"transferred_in\": 8, \"answered\": 8"));
}

TEST(ReportTest, TellsWhatTheDaemonDidAtLimits) {
  ReplayResult result = some_result();
  EXPECT_EQ(line_with(text_report(some_plan(), result, kFacts), "At limits"), "");
  result.tallies[0].released = 3;
  result.tallies[1].transferred = 2;
  result.treatments = 7;
  EXPECT_EQ(line_with(text_report(some_plan(), result, kFacts), "At limits"),
            "At limits of its queues the daemon released 3 callers and transferred 2 outside; it "
            "had 7 treatments played.");
  EXPECT_THAT(json_report(some_plan(), result, kFacts), HasSubstr("\"treatments\": 7,"));
}

TEST(ReportTest, TellsCallersWhomAFullDiskKeptOut) {
  ReplayResult result = some_result();
  EXPECT_EQ(line_with(text_report(some_plan(), result, kFacts), "disk was full"), "");
  result.tallies[1].turned_away = 4;
  const std::string text = text_report(some_plan(), result, kFacts);
  EXPECT_THAT(text, HasSubstr("it turned away 4 callers (STORAGE_FULL)"));
  EXPECT_THAT(text, HasSubstr("VERIFIED: 10 calls, 4 of them turned away; none lost"));
}

TEST(ReportTest, FailsLoudly) {
  ReplayResult result = some_result();
  result.breaches = {"day 1 00:00:01: agent \"A01\" holds two calls"};
  EXPECT_THAT(text_report(some_plan(), result, kFacts), HasSubstr("FAILED: 1 breach:\n  day 1"));
  const std::string json = json_report(some_plan(), result, kFacts);
  EXPECT_THAT(json, HasSubstr("\"verified\": false"));
  EXPECT_THAT(json, HasSubstr("[\"day 1 00:00:01: agent \\\"A01\\\" holds two calls\"]"));
}

TEST(ReportTest, WritesJson) {
  const std::string json = json_report(some_plan(), some_result(), kFacts);
  EXPECT_THAT(json, HasSubstr("\"verified\": true"));
  EXPECT_THAT(json, HasSubstr("{\"queue\": \"ps\", \"replay\": {\"offered\": 10, "
                              "\"transferred_in\": 0, \"answered\": 8, "
                              "\"abandoned\": 1, \"short_abandoned\": 1, \"timed_out\": 0, "
                              "\"released\": 0, \"transferred\": 0, \"turned_away\": 0, "
                              "\"service_level_percent\": 66.667, \"asa_s\": 10.000, "
                              "\"aht_s\": 100.000, \"wait_max_s\": 3725.000}"));
  EXPECT_THAT(json, HasSubstr("\"asa_s\": null"));
  EXPECT_THAT(json, HasSubstr("\"calls_per_s\": 5.000"));
}

TEST(ProgressTest, WritesLineEveryTenthWithoutTerminal) {
  std::ostringstream out;
  Progress progress(out, false);
  for (int64_t i = 0; i <= 1'000; ++i) progress.update({i, 1'000, 90'061 * kNsPerS}, i * kNsPerMs);
  progress.clear();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_THAT(text, HasSubstr(" 50 %  500 of 1000 calls  day 2 01:01:01  1000 calls/s"));
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ProgressTest, RedrawsBarOnTerminalAndTakesItAway) {
  std::ostringstream out;
  Progress progress(out, true);
  progress.update({0, 1'000, 0}, 0);
  progress.update({1, 1'000, 0}, 1);  // Too soon.
  progress.update({500, 1'000, 0}, kNsPerS);
  EXPECT_EQ(out.str().find('\n'), std::string::npos);
  EXPECT_THAT(out.str(), HasSubstr("\r[###############...............]  50 %"));
  EXPECT_THAT(out.str(), Not(HasSubstr("1 of 1000")));
  progress.clear();
  EXPECT_TRUE(out.str().ends_with("\r"));
}

TEST(LogTimeTest, FormatsForPeople) {
  EXPECT_EQ(format_instant(0), "day 1 00:00:00");
  EXPECT_EQ(format_instant(kDayNs + 3'661 * kNsPerS + 5), "day 2 01:01:01.000000005");
  EXPECT_EQ(format_duration(59 * kNsPerS), "0:59");
  EXPECT_EQ(format_duration(3'599 * kNsPerS + kNsPerS / 2), "1:00:00");
}

TEST(ArgumentsTest, TakesReplayWithDefaults) {
  const auto arguments = parse_arguments({"replay", "day.csv"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  const auto& replay = std::get<ReplayArguments>(*arguments);
  EXPECT_EQ(replay.file, "day.csv");
  EXPECT_EQ(replay.target, "127.0.0.1:7710");
  EXPECT_EQ(replay.tenant, "bank");
  EXPECT_EQ(replay.source_id, "replay-1");
  EXPECT_FALSE(replay.speed.has_value());
  EXPECT_EQ(replay.reconnect_timeout_ns, 30 * kNsPerS);
  EXPECT_EQ(replay.answer_timeout_ns, 30 * kNsPerS);
}

TEST(ArgumentsTest, TakesEveryOption) {
  const auto arguments =
      parse_arguments({"replay", "--target", "unix:/tmp/s", "day.csv", "--tenant=t", "--speed",
                       "60", "--seed", "7", "--from", "1999-01-03", "--to", "1999-01-04",
                       "--source-id", "pbx", "--reconnect-timeout", "5", "--json", "--quiet"});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  const auto& replay = std::get<ReplayArguments>(*arguments);
  EXPECT_EQ(replay.target, "unix:/tmp/s");
  EXPECT_EQ(replay.speed, 60.0);
  EXPECT_EQ(replay.seed, 7u);
  EXPECT_EQ(replay.to_day.value() - replay.from_day.value(), 1);
  EXPECT_EQ(replay.source_id, "pbx");
  EXPECT_TRUE(replay.is_json);
  EXPECT_TRUE(replay.is_quiet);
}

TEST(ArgumentsTest, RefusesWrongCommandLines) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{}, "which command?"},
      {{"reply"}, "no command \"reply\""},
      {{"replay"}, "which FILE?"},
      {{"replay", "a", "b"}, "too many positional"},
      {{"replay", "a", "--sped", "1"}, "unrecognised option '--sped'"},
      {{"replay", "a", "--speed", "fast"}, "--speed:"},
      {{"replay", "a", "--speed", "0"}, "--speed:"},
      {{"replay", "a", "--speed", "-1"}, "--speed:"},
      {{"replay", "a", "--speed", "nan"}, "--speed:"},
      {{"replay", "a", "--seed=-1"}, "--seed:"},
      {{"replay", "a", "--seed", "99999999999999999999"}, "--seed:"},
      {{"replay", "a", "--from", "1999-2-1"}, "--from: must be a date"},
      {{"replay", "a", "--from", "1999-02-02", "--to", "1999-02-01"}, "--from: is after --to"},
      {{"replay", "a", "--tenant", "a/b"}, "--tenant: must be"},
      {{"replay", "a", "--source-id", std::string(65, 'x')}, "--source-id: must be"},
      {{"replay", "a", "--reconnect-timeout", "0"}, "--reconnect-timeout:"},
      {{"replay", "a", "--answer-timeout", "3601"}, "--answer-timeout:"},
      {{"bank-config"}, "which FILE?"},
      {{"bank-config", "a", "--json"}, "unrecognised option '--json'"},
  };
  for (const auto& [words, expected] : cases) {
    const auto arguments = parse_arguments(words);
    ASSERT_FALSE(arguments.ok()) << expected;
    EXPECT_THAT(std::string(arguments.status().message()), HasSubstr(expected));
    EXPECT_THAT(std::string(arguments.status().message()), HasSubstr("acdsim help"));
  }
}

TEST(ArgumentsTest, HelpTeachesWithExamplesAndExitCodes) {
  const auto text_of = [](const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words);
    return arguments.ok() ? std::get<PrintArguments>(*arguments).text : "";
  };
  EXPECT_THAT(text_of({"--help"}), HasSubstr("Exit codes:"));
  EXPECT_THAT(text_of({"help", "replay"}), HasSubstr("Examples:"));
  EXPECT_EQ(text_of({"replay", "--help"}), text_of({"help", "replay"}));
  EXPECT_THAT(text_of({"bank-config", "--help"}), HasSubstr("> bank.yaml"));
  EXPECT_THAT(text_of({"--version"}), HasSubstr("acdsim "));
}

}  // namespace
}  // namespace acd::sim
