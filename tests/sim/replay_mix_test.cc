// SPDX-License-Identifier: Apache-2.0
// The shares of a mix: how they are said, and which calls are in them.
#include "sim/replay_mix.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/arguments.h"
#include "sim/bank_config.h"
#include "tests/sim/log_files.h"

namespace acd::sim {
namespace {

std::string mix_error(const std::string& text) {
  const auto mix = parse_mix(text);
  return mix.ok() ? "" : std::string(mix.status().message());
}

ReplayMix full_mix() {
  return *parse_mix(
      "chat=20,email=10,transfer=20,consult=20,supervisor=10,outside=10,callback=40,outcome=50,"
      "followup=25,desktop=50");
}

TEST(ReplayMixTest, ReadsSharesInAnyOrder) {
  const auto mix = parse_mix("transfer=10,chat=20");
  ASSERT_TRUE(mix.ok()) << mix.status();
  EXPECT_EQ(mix->chat, 20);
  EXPECT_EQ(mix->transfer, 10);
  EXPECT_EQ(mix->email, 0);
  EXPECT_EQ(mix_text(*mix), "chat=20,transfer=10");
  EXPECT_FALSE(parse_mix("chat=0")->is_any());
}

TEST(ReplayMixTest, RefusalNamesTheShare) {
  EXPECT_EQ(
      mix_error("fax=3"),
      "no share \"fax\": there are chat, email, transfer, consult, supervisor, outside, callback, "
      "outcome, label, quality, followup, desktop, auto, nailed_up, wrapup");
  EXPECT_EQ(mix_error("chat"), "chat: how many percent? chat=N");
  EXPECT_EQ(mix_error("chat=101"), "chat: must be a whole number of percent, 0..100, not \"101\"");
  EXPECT_EQ(mix_error("chat=20,chat=20"), "chat: twice");
  EXPECT_EQ(mix_error("chat=60,email=41"), "chat and email: must be 100 at most together, not 101");
  EXPECT_EQ(mix_error("desktop=40,auto=40,nailed_up=30"),
            "desktop and auto and nailed_up: must be 100 at most together, not 110");
  EXPECT_EQ(mix_error("transfer=60,consult=41"),
            "transfer and consult and supervisor and outside: must be 100 at most together, not "
            "101");
  for (const char* bad :
       {"", ",", "chat=", "chat=-1", "chat=+1", "chat=1.5", "chat=1 ", "chat=1,"}) {
    EXPECT_NE(mix_error(bad), "") << bad;
  }
}

TEST(ReplayMixTest, CommandLineNamesTheOption) {
  const auto bad = parse_arguments({"replay", "day.csv", "--mix", "chat=x"});
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(std::string(bad.status().message()).rfind("--mix: chat: must be", 0), 0u);
  const auto good = parse_arguments({"replay", "day.csv", "--mix", "chat=5"});
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(std::get<ReplayArguments>(*good).mix.chat, 5);
  EXPECT_FALSE(std::get<ReplayArguments>(*parse_arguments({"replay", "day.csv"})).mix.is_any());
}

TEST(ReplayMixTest, SameCallAlwaysDoesTheSame) {
  const CallPart part = part_of(full_mix(), "bank-1-000017");
  EXPECT_EQ(part, part_of(full_mix(), "bank-1-000017"));
  // One share does not move another.
  ReplayMix more = full_mix();
  more.outcome = 100;
  EXPECT_EQ(part.turn, part_of(more, "bank-1-000017").turn);
  EXPECT_EQ(part.medium, part_of(more, "bank-1-000017").medium);
}

TEST(ReplayMixTest, SharesAreAboutWhatWasAsked) {
  const ReplayMix mix = full_mix();
  int chats = 0;
  int transfers = 0;
  int consults = 0;
  int outcomes = 0;
  std::set<Turn> turns;
  constexpr int kCalls = 10'000;
  for (int i = 0; i < kCalls; ++i) {
    const CallPart part = part_of(mix, "bank-1-" + std::to_string(i));
    turns.insert(part.turn);
    chats += part.medium == Medium::kChat ? 1 : 0;
    transfers += is_transfer(part.turn) ? 1 : 0;
    consults += !is_transfer(part.turn) && part.turn != Turn::kNone ? 1 : 0;
    outcomes += part.outcome != OutcomeTime::kNever ? 1 : 0;
    EXPECT_FALSE(part.asks_callback && part.medium != Medium::kVoice);
    EXPECT_LE(part.dials_failing, kMixDialsMax);
  }
  EXPECT_NEAR(chats, kCalls * 20 / 100, kCalls / 50);
  EXPECT_NEAR(transfers, kCalls * 40 / 100, kCalls / 50);
  EXPECT_NEAR(consults, kCalls * 20 / 100, kCalls / 50);
  EXPECT_NEAR(outcomes, kCalls * 50 / 100, kCalls / 50);
  EXPECT_EQ(turns.size(), 8u);
}

TEST(ReplayMixTest, NoMixIsVoiceAlone) {
  EXPECT_EQ(part_of({}, "bank-1-000017"),
            (CallPart{.asks_by_request = part_of({}, "bank-1-000017").asks_by_request}));
  EXPECT_EQ(answer_mode_of({}, "A01"), AnswerMode::kPhone);
}

TEST(ReplayMixTest, PlanHasThePartOfEachCallAndAgent) {
  const CallLog log = log_of({{.handle_s = 60, .agent = "A01"}, {.arrival_s = 5}});
  PlanOptions options;
  options.tenant = "bank";
  options.mix = *parse_mix("chat=100,transfer=100,desktop=100");
  const auto plan = plan_replay(log, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (const PlannedCall& call : plan->calls) {
    EXPECT_EQ(call.part.medium, Medium::kChat);
    EXPECT_NE(call.part.turn, Turn::kNone);
  }
  EXPECT_EQ(plan->agents[0].answer_mode, AnswerMode::kDesktop);
}

TEST(ReplayMixTest, ConfigurationHasWhatAMixNeedsOnlyWhenAsked) {
  const CallLog log = log_of({{.type = "NE", .handle_s = 60, .agent = "A01"}, {.type = "PS"}});
  const std::string mixed = bank_config(log, "bank", true);
  for (const char* part :
       {"wrap_up_codes: [settled, sold, call_again]", "mode: agent_first",
        "labels: [angry, fraud, regular]", "teams:\n      - {id: north, supervisors: [A01]}",
        "        team: north\n",
        "wrap_up: {mode: timed, duration: 10s, extensions: 1, extension: 15s}",
        "limits: {ewt: {max: 30s, announce: long-wait}}", "mode: customer_first",
        "{medium: chat, capacity: 3}"}) {
    EXPECT_NE(mixed.find(part), std::string::npos) << part;
    EXPECT_EQ(bank_config(log, "bank").find(part), std::string::npos) << part;
  }
}

TEST(ReplayMixTest, RequestIdIsAUuidAndTheSameAgain) {
  const std::string id = request_id_of("call_outcome", "bank-1-000017", 0);
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_EQ(id[19], '8');
  EXPECT_EQ(id, request_id_of("call_outcome", "bank-1-000017", 0));
  EXPECT_NE(id, request_id_of("call_outcome", "bank-1-000017", 1));
  EXPECT_NE(id, request_id_of("call_scheduled", "bank-1-000017", 0));
}

TEST(ReplayMixTest, ReadsHoursOfADay) {
  EXPECT_EQ(parse_utc_hours("8-18").value(), (UtcHours{8, 18}));
  EXPECT_EQ(parse_utc_hours("0-24").value(), UtcHours());
  for (const char* wrong :
       {"", "8", "8-", "-18", "18-8", "8-8", "8-25", "8-18-20", "a-b", "08:00-18:00"}) {
    EXPECT_FALSE(parse_utc_hours(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace acd::sim
