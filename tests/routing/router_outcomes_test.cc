// SPDX-License-Identifier: Apache-2.0
// How calls went: what is kept, for how long, and how it is written down.
#include <gmock/gmock.h>

#include "routing/outcome.h"
#include "routing/saved_router.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

class RouterOutcomesTest : public RouterFixture {
 protected:
  static TenantConfig coded_config() {
    TenantConfig config = sample_config();
    config.wrap_up_codes = {"sold", "junk"};
    config.labels = {"vip"};
    return config;
  }
  RouterOutcomesTest() : RouterFixture(coded_config()) {}

  // Tells it and keeps its event in `scored_`.
  Reject tell(const Command& command) {
    const Reject reject = send(command);
    EventLog log;
    router_.take_events(&log);
    EXPECT_EQ(router_.check_invariants(), "");
    if (reject != Reject::kNone) return reject;
    scored_ = log.events.back();
    EXPECT_EQ(scored_.kind, EventKind::kCallScored);
    said_ = decode_scored(scored_.text2.in(log.arena)).value_or(ScoredCall());
    return reject;
  }
  Reject score(std::string_view call, std::string_view code) {
    Command command = of_call(CommandKind::kSetOutcome, call);
    command.detail = kSaysCode;
    command.name = text(code);
    return tell(command);
  }
  // A call that has ended without an agent.
  void end_one(std::string_view call) {
    ASSERT_EQ(enqueue(call, "sales"), Reject::kNone);
    ASSERT_EQ(end(call), Reject::kNone);
  }

  Event scored_;
  ScoredCall said_;
};

TEST_F(RouterOutcomesTest, KeepsWhatItIsToldOfLiveAndOfEndedCalls) {
  end_one("c1");
  ASSERT_EQ(enqueue("c2", "sales"), Reject::kNone);
  for (const char* call : {"c1", "c2"}) {
    for (const uint8_t says : {kSaysCode, kSaysResolved, kSaysSurvey, kSaysQuality}) {
      Command command = of_call(CommandKind::kSetOutcome, call);
      command.detail = says;
      if (says == kSaysCode) command.name = text("sold");
      command.number = 4;
      command.generation = 5;
      ASSERT_EQ(tell(command), Reject::kNone);
      const SavedRouter saved = router_.save();
      const OutcomeFacts& facts = std::string_view(call) == "c1" ? saved.ended_calls.back().outcome
                                                                 : saved.calls.back().outcome;
      EXPECT_EQ(facts.code, 1) << call;
      EXPECT_EQ(facts.resolved, says >= kSaysResolved ? Resolved::kNo : Resolved::kUnknown);
      EXPECT_EQ(facts.survey, says >= kSaysSurvey ? 4 : kNoScore) << call;
      EXPECT_EQ(facts.quality, says >= kSaysQuality ? 5 : kNoScore) << call;
    }
  }
}

TEST_F(RouterOutcomesTest, TwoRoutersThatDifferInAScoreAloneHaveOtherHashes) {
  end_one("c1");
  SavedRouter saved = router_.save();
  const uint64_t before = router_.state_hash();
  const auto hash_of_saved = [&] {
    Router restored;
    restored.restore(saved);
    EXPECT_EQ(restored.check_invariants(), "");
    return restored.state_hash();
  };
  EXPECT_EQ(hash_of_saved(), before);
  EndedCalls::Ended& ended = saved.ended_calls.back();
  ended.outcome.survey = 3;
  EXPECT_NE(hash_of_saved(), before);
  ended.outcome.survey = kNoScore;
  EXPECT_EQ(hash_of_saved(), before);
  ++ended.number;
  EXPECT_NE(hash_of_saved(), before);
}

TEST_F(RouterOutcomesTest, ACodeThatIsNoLongerConfiguredStaysWithItsCalls) {
  end_one("c1");
  ASSERT_EQ(score("c1", "junk"), Reject::kNone);
  TenantConfig config = coded_config();
  config.wrap_up_codes = {"new", "sold"};
  ASSERT_EQ(router_.configure(config, now_ns_), Reject::kNone);
  EXPECT_EQ(score("c1", "junk"), Reject::kCodeUnknown);
  EXPECT_EQ(score("c1", "new"), Reject::kNone);
  EXPECT_EQ(said_.before.code, "junk");
  EXPECT_EQ(said_.after.code, "new");
}

TEST_F(RouterOutcomesTest, CountsCodesThatWereThereOnceAgainstTheLimit) {
  TenantConfig config = coded_config();
  config.wrap_up_codes.clear();
  for (size_t i = 0; i + 1 < kWrapUpCodesMax; ++i) {
    config.wrap_up_codes.push_back("c" + std::to_string(i));
  }
  EXPECT_EQ(router_.check(config), Reject::kLimitReached);
  config.wrap_up_codes.pop_back();
  EXPECT_EQ(router_.check(config), Reject::kNone);
}

TEST_F(RouterOutcomesTest, NamesTheArrivalOfTheCall) {
  const int64_t arrival = router_.save().event_sequence + 1;
  ASSERT_EQ(enqueue("c1", "sales"), Reject::kNone);
  ASSERT_EQ(score("c1", "sold"), Reject::kNone);
  EXPECT_EQ(scored_.duration_ns, arrival);
  EXPECT_TRUE(scored_.call.valid());
  ASSERT_EQ(end("c1"), Reject::kNone);
  ASSERT_EQ(score("c1", "junk"), Reject::kNone);
  EXPECT_EQ(scored_.duration_ns, arrival);
  EXPECT_FALSE(scored_.call.valid());
}

TEST(EndedCallsTest, FindsEachOfManyAndForgetsTheOldest) {
  EndedCalls calls;
  constexpr int64_t kCount = 5'000;
  const auto hash_of = [](int64_t i) { return HashedName("call-" + std::to_string(i)).hash; };
  for (int64_t i = 0; i < kCount; ++i) {
    EndedCalls::Ended ended;
    ended.hash = hash_of(i);
    ended.ended_ns = i * kNsPerS;
    ended.number = i;
    calls.add(ended);
  }
  const int64_t now_ns = kEndedCallKeptNs + kCount / 2 * kNsPerS;
  for (int64_t i = 0; i < kCount; ++i) {
    const EndedCalls::Ended* found = calls.find(hash_of(i), now_ns);
    ASSERT_EQ(found != nullptr, i >= kCount / 2) << i;
    if (found != nullptr) {
      EXPECT_EQ(found->number, i);
    }
  }
  calls.expire(now_ns);
  EXPECT_EQ(calls.size(), static_cast<size_t>(kCount / 2));
  EXPECT_EQ(calls.find(hash_of(0), 0), nullptr);
  EXPECT_FALSE(calls.contains(HashedName("call-0")));
  EXPECT_TRUE(calls.contains(HashedName("call-4999")));
}

TEST(OutcomeTest, WhatIsWrittenIsRead) {
  const ScoredCall plain;
  EXPECT_EQ(decode_scored(encode_scored(plain)), plain);
  const ScoredCall full{
      {"junk", Resolved::kNo, 0, 0}, {"sold", Resolved::kYes, 10, 100}, "angry,vip"};
  EXPECT_EQ(decode_scored(encode_scored(full)), full);
}

TEST(OutcomeTest, RefusesWhatIsNone) {
  for (const char* text : {"", "\t", "a\t0\t-1\t-1\tb\t0\t-1\t-1", "a\t3\t-1\t-1\tb\t0\t-1\t-1\t",
                           "a\t0\t11\t-1\tb\t0\t-1\t-1\t", "a\t0\t-1\t101\tb\t0\t-1\t-1\t",
                           "a\t0\t-2\t-1\tb\t0\t-1\t-1\t", "a\t0\t-1\t-1\tb\t0\t-1\tx\t",
                           "a\t0\t-1\t-1\tb\t0\t-1\t-1\t\t"}) {
    EXPECT_FALSE(decode_scored(text)) << text;
  }
}

}  // namespace
}  // namespace acd
