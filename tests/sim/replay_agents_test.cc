// SPDX-License-Identifier: Apache-2.0
// What agents of a mix do beside answering, against a daemon in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/replay_mix.h"
#include "tests/sim/replay_world.h"

namespace acd::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Two calls for one agent, and a third that keeps the agent at work; nobody acts but as `act` says.
World wrap_up_world(WrapUpAct act) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"},
               {.arrival_s = 110, .handle_s = 60, .agent = "A01"},
               {.arrival_s = 300, .handle_s = 60, .agent = "A01"}},
              {.wrapup = 100});
  for (PlannedCall& call : world.plan.calls) call.part.wrap_up = WrapUpAct::kNone;
  world.plan.calls[0].part.wrap_up = act;
  return world;
}

// The second call is answered when the first one, of 100 s to 160 s, is wrapped up.
TEST(ReplayAgentsTest, WrapUpEndsAtItsLimitOrAsTheAgentSays) {
  const struct {
    WrapUpAct act;
    int64_t answered_s;
    std::vector<std::string> told;
  } kActs[] = {
      {WrapUpAct::kNone, 170, {}},
      {WrapUpAct::kEnds, 165, {"165s wrap_up_ended bank-1-000001A01"}},
      {WrapUpAct::kExtends, 185, {"165s wrap_up_extended bank-1-000001A01"}},
      {WrapUpAct::kExtendsAndEnds,
       177,
       {"165s wrap_up_extended bank-1-000001A01", "177s wrap_up_ended bank-1-000001A01"}},
  };
  for (const auto& one : kActs) {
    World world = wrap_up_world(one.act);
    const ReplayResult result = world.run();
    EXPECT_THAT(result.breaches, IsEmpty());
    EXPECT_THAT(world.at(one.answered_s), Contains("leg_answered bank-1-000002"));
    std::vector<std::string> told;
    for (const std::string& line : world.daemon.history) {
      if (line.find("wrap_up") != std::string::npos) told.push_back(line);
    }
    EXPECT_EQ(told, one.told);
  }
}

TEST(ReplayAgentsTest, LogsInAgainWhenTheWrapUpOfTheLastShiftIsOver) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}}, {.wrapup = 1});
  world.plan.shifts.push_back(world.plan.shifts[0]);
  world.plan.shifts[1].begin_ns = 165 * kNsPerS;
  world.plan.shifts[1].end_ns = 300 * kNsPerS;
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(160), ElementsAre("agent_logged_out A01", "call_ended bank-1-000001"));
  EXPECT_THAT(world.at(165), IsEmpty());
  EXPECT_THAT(world.at(170), ElementsAre("agent_logged_in A01", "agent_ready A01"));
}

TEST(ReplayAgentsTest, JudgeRefusesADaemonWhoseWrapUpEndsLate) {
  World world = wrap_up_world(WrapUpAct::kNone);
  world.daemon.wrap_up_late_ns = 1;
  EXPECT_THAT(world.run().breaches, Contains(HasSubstr("the wrap-up of agent A01 after call")));
}

TEST(ReplayAgentsTest, JudgeRefusesADaemonWhoseWrapUpEndsEarly) {
  World world = wrap_up_world(WrapUpAct::kNone);
  world.daemon.wrap_up_late_ns = -1;
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, Contains(HasSubstr("who has call bank-1-000001 (wrap-up)")));
}

// --- Outcomes.

World outcome_world() {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}},
              {.outcome = 100, .label = 100, .quality = 100});
  CallPart& part = world.plan.calls[0].part;
  part.survey_score = 3;
  part.labels = 2;
  part.quality_score = 95;
  part.is_survey_late = true;
  return world;
}

TEST(ReplayAgentsTest, LabelsAndScoresComeLaterAndTakeThePlaceOfWhatWasSaid) {
  World world = outcome_world();
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.labelled, 1);
  EXPECT_EQ(result.mix.quality_sum, 95);
  EXPECT_EQ(result.mix.surveys, 1);
  EXPECT_EQ(result.mix.survey_sum, 9);
  const ReplayOutcome& outcome = world.daemon.outcomes.at("bank-1-000001");
  EXPECT_TRUE(outcome.code.has_value());
  EXPECT_THAT(outcome.labels, ElementsAre("angry", "fraud"));
  EXPECT_EQ(result.log_ns, 760 * kNsPerS);
}

TEST(ReplayAgentsTest, JudgeRefusesADaemonThatForgetsAScoreThatCameLate) {
  World world = outcome_world();
  world.daemon.forgets_quality = true;
  EXPECT_THAT(world.run().breaches, Contains(HasSubstr("qualities is 0 in the daemon's")));
}

// --- Stations.

TEST(ReplayAgentsTest, NobodyIsRungWhereTheStationAnswersByItself) {
  for (const char* mix : {"auto=100", "nailed_up=100"}) {
    World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}}, *parse_mix(mix));
    const ReplayResult result = world.run();
    EXPECT_THAT(result.breaches, IsEmpty());
    EXPECT_EQ(result.answered_at_once, 1);
    for (const std::string& line : world.daemon.history) {
      EXPECT_THAT(line, Not(HasSubstr("leg_answered")));
    }
    EXPECT_THAT(world.at(100), Contains("call_connected bank-1-000001"));
  }
}

TEST(ReplayAgentsTest, GoesOnAfterACutBetweenOfferAndAnswer) {
  for (int cut = 1; cut <= 8; ++cut) {
    for (const bool is_before : {false, true}) {
      World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}}, {.auto_answer = 100});
      (is_before ? world.daemon.cuts_before : world.daemon.cuts_after) = {cut};
      EXPECT_THAT(world.run().breaches, IsEmpty()) << cut;
    }
  }
}

// A leg that is lost with the end of a call keeps its agent away until it is up.
World lost_leg_world() {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"},
               {.arrival_s = 110, .handle_s = 60, .agent = "A01"},
               {.arrival_s = 400, .handle_s = 60, .agent = "A01"}},
              {.nailed_up = 100});
  for (PlannedCall& call : world.plan.calls) call.part.loses_leg = false;
  world.plan.calls[0].part.loses_leg = true;
  return world;
}

TEST(ReplayAgentsTest, LegIsLostAndComesUp) {
  World world = lost_leg_world();
  EXPECT_THAT(world.run().breaches, IsEmpty());
  EXPECT_THAT(world.at(100),
              ElementsAre("agent_logged_in A01", "leg_up A01", "agent_ready A01",
                          "call_offered bank-1-000001", "call_connected bank-1-000001"));
  EXPECT_THAT(world.at(160), ElementsAre("leg_lost A01", "call_ended bank-1-000001"));
  EXPECT_THAT(world.at(180),
              ElementsAre("leg_up A01", "agent_ready A01", "call_connected bank-1-000002"));
}

TEST(ReplayAgentsTest, JudgeRefusesADaemonThatRingsEverybody) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}}, {.auto_answer = 100});
  world.daemon.rings_everybody = true;
  EXPECT_THAT(world.run().breaches,
              Contains(HasSubstr("bank-1-000001, but their station answers by itself")));
}

TEST(ReplayAgentsTest, JudgeRefusesADaemonThatForgetsLostLegs) {
  World world = lost_leg_world();
  world.daemon.forgets_lost_legs = true;
  EXPECT_THAT(world.run().breaches,
              Contains(HasSubstr("was offered to agent A01, whose leg is down")));
}

}  // namespace
}  // namespace acd::sim
