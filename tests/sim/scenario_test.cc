// SPDX-License-Identifier: Apache-2.0
// The language of golden scenarios: errors with their places, and expectations that can fail.
#include "sim/scenario.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace acd::sim {
namespace {

constexpr char kHead[] = R"(# A test.
centre:
  skills: [sales]
  queues:
    - {id: sales}
  agents:
    - id: ada
    - id: bob
story:
)";

// The first error of a story, or of playing it; empty if all is well.
std::string outcome(const std::string& story) {
  const auto parsed = parse_scenario(kHead + story, "f");
  if (const auto* error = std::get_if<std::string>(&parsed)) return *error;
  return play_scenario(std::get<Scenario>(parsed));
}

TEST(ScenarioTest, PlaysAStory) {
  EXPECT_EQ(outcome("  0s  ada logs in at p1, ready\n"
                    "  5s  call c1 enters sales\n"
                    "      expect offer c1 to ada; ada turns reserved\n"
                    "  25s expect c1 no answer by ada; ada not ready (RONA); c1 waits\n"),
            "");
}

TEST(ScenarioTest, NamesThePlaceOfAnError) {
  EXPECT_EQ(outcome("  0s ada jumps\n  expect nothing\n").substr(0, 16), "f:10:10: expecte");
  EXPECT_EQ(outcome("  0s eve becomes ready\n"), "f:10:6: no such agent");
  EXPECT_EQ(outcome("  0s call c1 enters home\n"), "f:10:21: no such queue");
  EXPECT_EQ(outcome("  0s c1 hangs up\n"), "f:10:6: no such call");
  EXPECT_EQ(outcome("  soon ada becomes ready\n"),
            "f:10:3: expected a time such as 20s, or \"expect\"");
  EXPECT_EQ(outcome("  5s ada becomes ready\n  4s ada becomes ready\n"), "f:11:3: time goes back");
  EXPECT_EQ(outcome("  0s call c1 enters sales needing \"x\n"), "f:10:35: no closing quote");
  EXPECT_EQ(outcome("  0s ada becomes ready -> refused: later\n"),
            "f:10:36: no verdict has that name");
}

TEST(ScenarioTest, NamesTheLineOfAnErrorInACentre) {
  const auto parsed =
      parse_scenario("# A test.\ncentre:\n  queues:\n    - {id: a, prio: 3}\n", "f");
  ASSERT_TRUE(std::holds_alternative<std::string>(parsed));
  EXPECT_EQ(std::get<std::string>(parsed).substr(0, 4), "f:4:");
}

TEST(ScenarioTest, WantsAnIntroductionACentreAndAnExpectation) {
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_scenario("", "f")));
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_scenario("centre:\n", "f")));
  EXPECT_EQ(outcome("  0s ada logs in at p1\n"), "f:10:1: the story expects nothing");
}

TEST(ScenarioTest, UnexpectedEventsFail) {
  const std::string start = "  0s ada logs in at p1, ready\n  1s call c1 enters sales\n";
  EXPECT_NE(outcome(start + "  expect nothing\n"), "");
  EXPECT_NE(outcome(start + "  2s ada becomes ready\n  expect nothing\n"), "");
  EXPECT_NE(outcome(start + "  expect c1 waits\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to ada\n  30s expect ada is not-ready\n"), "");
}

TEST(ScenarioTest, WrongExpectationsFail) {
  const std::string start = "  0s ada logs in at p1, ready\n  1s call c1 enters sales\n";
  EXPECT_EQ(outcome(start + "  expect offer c1 to ada\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to bob\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to ada (offer 2)\n"), "");
  EXPECT_NE(outcome(start + "  expect c1 abandoned\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to ada; offer c1 to ada\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to ada; ada is ready\n"), "");
  EXPECT_NE(outcome(start + "  expect offer c1 to ada; ada turns ready\n"), "");
}

TEST(ScenarioTest, WrongReasonsFail) {
  const std::string story =
      "  0s ada logs in at p1\n  1s call c1 enters sales\n     expect nothing; ";
  EXPECT_EQ(outcome(story + "c1 waits because not_ready 2\n"), "");
  EXPECT_EQ(outcome(story + "c1 waits because not_ready 1\n"),
            "f:12: the reasons are: not_ready 2");
  EXPECT_EQ(outcome(story + "c1 waits because not_ready 2, capacity 1\n"),
            "f:12: the reasons are: not_ready 2");
  EXPECT_EQ(outcome(story + "c1 waits because laziness 2\n"), "f:12: no such reason: laziness");
  EXPECT_EQ(outcome(story + "c1 waits because not_ready some\n"), "f:12:49: expected a number");
  EXPECT_EQ(outcome(story + "c1 waits because not_ready 2 until 5s\n"),
            "f:12: nothing changes that by itself");
  EXPECT_EQ(outcome(story + "c1 waits because its switch is away\n"), "f:12: its switch is here");
  EXPECT_EQ(outcome(story + "ada is idle because not_ready\n"), "");
  EXPECT_EQ(outcome(story + "ada is idle because capacity\n"),
            "f:12: of the agent's own there is not_ready");
  EXPECT_EQ(outcome(story + "ada is idle because nothing waits\n"),
            "f:12: the agent's own reason is not_ready");
  EXPECT_EQ(outcome(story + "c1 went to ada by only\n"), "f:12: it was given to nobody");
}

TEST(ScenarioTest, WrongRecordsOfAssignmentsFail) {
  const std::string story =
      "  0s ada logs in at p1, ready; bob logs in at p2, ready\n"
      "  1s call c1 enters sales\n"
      "     expect offer c1 to ada; ";
  EXPECT_EQ(outcome(story + "c1 went to ada by added over bob\n"), "");
  EXPECT_EQ(outcome(story + "c1 went to bob by added over ada\n"), "f:12: it went to ada");
  EXPECT_EQ(outcome(story + "c1 went to ada by idle\n"), "f:12: it went by added");
  EXPECT_EQ(outcome(story + "c1 went to ada by added over ada\n"), "f:12: it went over bob");
  EXPECT_EQ(outcome(story + "c1 went to ada by added as preferred\n"),
            "f:12: nobody was preferred");
}

TEST(ScenarioTest, VerdictsMustBeAsTold) {
  EXPECT_EQ(outcome("  0s ada becomes ready -> refused: agent_state\n  expect nothing\n"), "");
  EXPECT_NE(outcome("  0s ada becomes ready\n  expect nothing\n"), "");
  EXPECT_NE(outcome("  0s ada logs in at p1 -> refused: agent_state\n  expect nothing\n"), "");
}

TEST(ScenarioTest, AnInstantThatWasLookedAtIsOver) {
  EXPECT_NE(outcome("  5s expect nothing\n  5s ada logs in at p1\n"), "");
  EXPECT_EQ(outcome("  5s expect nothing\n  6s ada logs in at p1\n"), "");
}

TEST(ScenarioTest, DurationsAreSumsOfParts) {
  EXPECT_EQ(parse_duration("1m30s"), 90 * kNsPerS);
  EXPECT_EQ(parse_duration("20s+1ns"), 20 * kNsPerS + 1);
  EXPECT_EQ(parse_duration("500ms"), kNsPerS / 2);
  for (const char* bad : {"", "s", "5", "5x", "-5s", "5s+", "99999999h"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace acd::sim
