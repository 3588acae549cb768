// SPDX-License-Identifier: Apache-2.0
// What a seed makes of a stream, and the words that say how often.
#include "tests/net/fault_script.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

namespace acd::net {
namespace {

using testing::HasSubstr;

std::vector<ScriptStep> steps(uint64_t seed, const std::string& method, int64_t ordinal,
                              Direction direction, bool is_single = false) {
  const FaultRates rates = *parse_rates("delay=100,stall=100,drop=100,repeat=100,cut=100");
  FaultScript script(rates, seed, method, ordinal, direction, is_single);
  std::vector<ScriptStep> all;
  for (int i = 0; i < 2'000; ++i) all.push_back(script.next());
  return all;
}

TEST(FaultScriptTest, IsTheSameForTheSameSeedMethodStreamAndDirection) {
  const auto first = steps(7, "/a/B", 3, Direction::kUp);
  EXPECT_EQ(first, steps(7, "/a/B", 3, Direction::kUp));
  EXPECT_NE(first, steps(8, "/a/B", 3, Direction::kUp));
  EXPECT_NE(first, steps(7, "/a/C", 3, Direction::kUp));
  EXPECT_NE(first, steps(7, "/a/B", 4, Direction::kUp));
  EXPECT_NE(first, steps(7, "/a/B", 3, Direction::kDown));
}

// 100 of 1,000 are 200 of 2,000; by chance 13 more or less, so five times that never.
TEST(FaultScriptTest, DoesEachFaultAsOftenAsItIsTold) {
  ByFault<int> counts;
  for (const ScriptStep& step : steps(1, "/a/B", 0, Direction::kUp)) ++counts[step.fault];
  for (const Fault fault : kFaults) {
    if (fault == Fault::kNone) continue;
    EXPECT_NEAR(counts[fault], 200, 67) << name_of(fault);
  }
  EXPECT_NEAR(counts[Fault::kNone], 1'000, 112);
}

TEST(FaultScriptTest, DelaysAndStallsWithinTheirLimits) {
  std::set<int32_t> delays;
  std::set<int32_t> stalls;
  for (const ScriptStep& step : steps(1, "/a/B", 0, Direction::kUp)) {
    if (step.fault == Fault::kDelay) delays.insert(step.delay_ms);
    if (step.fault == Fault::kStall) stalls.insert(step.stall_messages);
  }
  EXPECT_EQ(*delays.begin(), 1);
  EXPECT_EQ(*delays.rbegin(), kDelayMaxMs);
  EXPECT_EQ(*stalls.begin(), 1);
  EXPECT_EQ(*stalls.rbegin(), kStallMessagesMax);
}

TEST(FaultScriptTest, LosesAndDoublesNothingWhereThereIsOneMessageOnly) {
  ByFault<int> counts;
  for (const ScriptStep& step : steps(1, "/a/B", 0, Direction::kUp, true)) ++counts[step.fault];
  EXPECT_EQ(counts[Fault::kDrop], 0);
  EXPECT_EQ(counts[Fault::kRepeat], 0);
  EXPECT_GT(counts[Fault::kCut], 0);
}

TEST(FaultScriptTest, RefusesStreamsAsOftenAsItIsTold) {
  const FaultRates rates = *parse_rates("refuse=250");
  int refused = 0;
  for (int64_t ordinal = 0; ordinal < 2'000; ++ordinal) {
    const bool is_so = is_refused(rates, 5, "/a/B", ordinal);
    EXPECT_EQ(is_so, is_refused(rates, 5, "/a/B", ordinal));
    refused += is_so ? 1 : 0;
  }
  EXPECT_NEAR(refused, 500, 97);
  EXPECT_FALSE(is_refused({}, 5, "/a/B", 0));
}

TEST(FaultScriptTest, ReadsRatesForBothDirectionsAndForOne) {
  const FaultRates rates = *parse_rates("cut=5,up:drop=2,down:drop=1000,refuse=10,down:cut=0");
  FaultRates expected;
  expected.messages[Direction::kUp][Fault::kCut] = 5;
  expected.messages[Direction::kUp][Fault::kDrop] = 2;
  expected.messages[Direction::kDown][Fault::kDrop] = 1'000;
  expected.refuse = 10;
  EXPECT_EQ(rates, expected);
  EXPECT_EQ(*parse_rates(""), FaultRates());
}

TEST(FaultScriptTest, NamesTheWordThatItCannotRead) {
  const std::vector<std::string> bad = {"cut",       "cut=",          "cut=x",  "cut=-1",
                                        "cut=1001",  "pass=1",        "lose=1", "up:refuse=1",
                                        "side:cut=", "up:down:cut=1", "=1"};
  for (const std::string& word : bad) {
    const auto rates = parse_rates("drop=1," + word);
    ASSERT_FALSE(rates.ok()) << word;
    EXPECT_THAT(std::string(rates.status().message()), HasSubstr("\"" + word + "\""));
  }
  EXPECT_THAT(std::string(parse_rates("drop=600,up:cut=401").status().message()),
              HasSubstr("more than 1000 of 1,000 messages up"));
}

}  // namespace
}  // namespace acd::net
