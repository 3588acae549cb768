// SPDX-License-Identifier: Apache-2.0
// Transfers of a mix to supervisors and outside: against a daemon in memory, and what the judge says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/mix_run.h"
#include "tests/sim/replay_world.h"

namespace acd::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One call, from 100 s to 160 s, which is transferred half-way; A01 and A03 are of one team.
World transfer_world(const ReplayMix& mix) {
  World world({{.arrival_s = 10, .handle_s = 300, .agent = "A03"},
               {.arrival_s = 20, .handle_s = 300, .agent = "A02"},
               {.arrival_s = 30, .handle_s = 300, .agent = "A01"}},
              mix);
  world.plan.calls.erase(world.plan.calls.begin(), world.plan.calls.begin() + 2);
  world.plan.calls[0].arrival_ns = 100 * kNsPerS;
  world.plan.calls[0].handle_ns = 60 * kNsPerS;
  world.plan.calls[0].part.asks_by_request = false;
  return world;
}

TEST(ReplayTransfersTest, CallIsEscalatedToASupervisorOfTheTeam) {
  World world = transfer_world({.supervisor = 100});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.transfers_to_supervisors, 1);
  const std::string id = world.plan.calls[0].id;
  EXPECT_THAT(world.at(130), ElementsAre("transfer_requested " + id + "A03", "leg_answered " + id,
                                         "call_connected " + id));
  EXPECT_THAT(world.at(160), ElementsAre("call_ended " + id));
}

TEST(ReplayTransfersTest, AgentGoesOnWhereNoSupervisorIsThere) {
  World world = transfer_world({.supervisor = 100});
  world.plan.shifts.resize(1);
  world.plan.shifts[0] = {
      .agent = world.plan.shifts[0].agent, .begin_ns = 0, .end_ns = 300 * kNsPerS};
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.claims_refused, 1);
  EXPECT_THAT(world.at(160), ElementsAre("call_ended " + world.plan.calls[0].id));
}

TEST(ReplayTransfersTest, CallThatIsSentOutsideIsOver) {
  World world = transfer_world({.outside = 100});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.transfers_outside, 1);
  EXPECT_THAT(world.at(130), ElementsAre("transfer_requested " + world.plan.calls[0].id + "A03"));
  EXPECT_THAT(world.at(160), IsEmpty());
}

TEST(ReplayTransfersTest, JudgeRefusesADaemonThatEscalatesToAnybody) {
  World world = transfer_world({.supervisor = 100});
  world.daemon.escalates_to_anybody = true;
  EXPECT_THAT(world.run().breaches, Contains(HasSubstr("but waits for supervisor A0")));
}

TEST(ReplayTransfersTest, JudgeRefusesADaemonThatTellsTheSwitchNothing) {
  World world = transfer_world({.outside = 100});
  world.daemon.keeps_outside_to_itself = true;
  EXPECT_THAT(world.run().breaches, Contains(HasSubstr("was not told to transfer_call for call")));
}

// --- The judge alone.

ReplayEvent escalation() {
  ReplayEvent event = MixRun::about(ReplayEventKind::kTransferRequested, "c1");
  event.agent = "a";
  event.is_to_supervisor = true;
  return event;
}

void begin_with_supervisors(MixRun& run) {
  run.member("ps", {"a", "b", "c"});
  run.checker().add_supervisor("a", "b");
  run.checker().add_supervisor("a", "c");
  run.begin();
  run.log_in({"c"});
}

TEST(ReplayTransfersTest, JudgeKnowsWhoOfTheSupervisorsIsFree) {
  for (const bool is_first_busy : {false, true}) {
    MixRun run;
    begin_with_supervisors(run);
    if (is_first_busy) {
      run.say({MixRun::offered("c2")});
      run.talk("c2", "b");
    }
    run.say({escalation()}, {MixRun::park("c1", "ps"), MixRun::ring("c1", "c", 2)});
    EXPECT_EQ(run.breaches().empty(), is_first_busy);
  }
}

TEST(ReplayTransfersTest, JudgeLetsAnybodyHaveTheCallWhenTheSupervisorIsGoneOrTheWaitOver) {
  for (const bool is_gone : {false, true}) {
    MixRun run;
    begin_with_supervisors(run);
    run.say({escalation()}, {MixRun::park("c1", "ps")});
    ReplayEvent out = MixRun::about(ReplayEventKind::kAgentLoggedOut, "");
    out.agent = "b";
    if (is_gone) {
      run.say({out});
    } else {
      run.pass(kTransferWaitDefaultNs / kNsPerS);
    }
    run.say({}, {MixRun::ring("c1", "c", 2)});
    EXPECT_THAT(run.breaches(), IsEmpty());
  }
}

TEST(ReplayTransfersTest, JudgeKnowsWhetherASupervisorIsThere) {
  MixRun run;
  begin_with_supervisors(run);
  run.checker().asked(escalation(), "NO_SUPERVISOR no");
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("was refused: NO_SUPERVISOR")));
  MixRun alone;
  alone.begin();
  alone.checker().asked(escalation(), "NO_SUPERVISOR no");
  EXPECT_THAT(alone.breaches(), IsEmpty());
}

TEST(ReplayTransfersTest, JudgeFindsACallSentToAnotherNumberOrTwice) {
  MixRun run;
  run.begin();
  ReplayEvent outside = run.transfer("");
  outside.number = "+972";
  ReplayCommand told = MixRun::command(ReplayCommandKind::kTransferCall, "c1");
  told.number = "+972";
  run.say({outside}, {told});
  run.cut();
  run.say({}, {told});
  EXPECT_THAT(run.breaches(), IsEmpty());
  run.say({}, {told});
  EXPECT_THAT(run.breaches(), Contains(HasSubstr("call c1 was transferred, but has left")));
  MixRun other;
  other.begin();
  told.number = "+973";
  other.say({outside}, {told});
  EXPECT_THAT(other.breaches(), Contains(HasSubstr("not told to transfer_call for call c1")));
}

}  // namespace
}  // namespace acd::sim
