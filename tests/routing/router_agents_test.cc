// SPDX-License-Identifier: Apache-2.0
// Agents, stations and phones.
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using RouterAgentsTest = RouterFixture;

TEST_F(RouterAgentsTest, LogInLeavesTheAgentNotReady) {
  EXPECT_EQ(log_in("ada", "phone"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("agent.logged_in ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterAgentsTest, RefusesUnknownAgentsAndStations) {
  EXPECT_EQ(log_in("nobody", "phone"), Reject::kAgentUnknown);
  EXPECT_EQ(ready("nobody"), Reject::kAgentUnknown);
  EXPECT_EQ(phone(CommandKind::kPhoneBusy, "nowhere"), Reject::kStationUnknown);
}

TEST_F(RouterAgentsTest, RefusesActionsOfAnAgentWhoIsLoggedOut) {
  EXPECT_EQ(ready("ada"), Reject::kAgentState);
  EXPECT_EQ(agent(CommandKind::kSetNotReady, "ada", 3), Reject::kAgentState);
  EXPECT_EQ(agent(CommandKind::kLogOut, "ada"), Reject::kAgentState);
  EXPECT_EQ(agent(CommandKind::kEndWrapUp, "ada"), Reject::kAgentState);
}

TEST_F(RouterAgentsTest, NotReadyWhileRingingLetsTheOfferFinish) {
  bring("ada");
  enqueue("c1", "sales");
  agent(CommandKind::kSetNotReady, "ada", 7);
  EXPECT_EQ(state_of("ada"), AgentState::kReserved);
  answer("c1");
  connect("c1");
  end("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterAgentsTest, AgentWhoAskedToLogOutIsGoneWhenThePhoneIsBusy) {
  bring("ada");
  ASSERT_EQ(enqueue("c1", "sales"), Reject::kNone);
  ASSERT_EQ(agent(CommandKind::kLogOut, "ada"), Reject::kNone);
  ASSERT_EQ(fail("c1", OfferOutcome::kBusy), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.busy c1 ada", "agent.logged_out ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kLoggedOut);
}

TEST_F(RouterAgentsTest, LogOutWaitsForTheWorkInHandAndTakesNoMore) {
  bring("ada");
  talk("c1", "sales");
  enqueue("c2", "sales");
  EXPECT_EQ(agent(CommandKind::kLogOut, "ada"), Reject::kNone);
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("call.completed c1 ada", "agent.logged_out ada"));
}

TEST_F(RouterAgentsTest, LogInDuringTheWorkCancelsThePendingLogOut) {
  bring("ada");
  talk("c1", "sales");
  agent(CommandKind::kLogOut, "ada");
  log_in("ada", "phone-ada");
  end("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterAgentsTest, NewerLogInTakesOverTheStation) {
  bring("ada");
  EXPECT_EQ(log_in("bob", "phone-ada"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("agent.logged_out ada", "agent.logged_in bob"));
}

TEST_F(RouterAgentsTest, NewerLogInMovesTheAgent) {
  bring("ada");
  EXPECT_EQ(log_in("ada", "desk-2"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("agent.logged_out ada", "agent.logged_in ada"));
  EXPECT_EQ(phone(CommandKind::kPhoneBusy, "phone-ada"), Reject::kStationUnknown);
}

TEST_F(RouterAgentsTest, LogInDoesNotTakeOverWorkInHand) {
  bring("ada");
  talk("c1", "sales");
  EXPECT_EQ(log_in("ada", "desk-2"), Reject::kAgentBusy);
  EXPECT_EQ(log_in("bob", "phone-ada"), Reject::kStationBusy);
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
}

TEST_F(RouterAgentsTest, NewerLogInEndsAWrapUpOnItsWay) {
  bring("ada");
  talk("c1", "service");
  end("c1");
  EXPECT_EQ(log_in("bob", "phone-ada"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada", "agent.logged_out ada",
                                  "agent.logged_in bob"));
  EXPECT_EQ(router_.next_deadline_ns(), kNeverNs);
}

TEST_F(RouterAgentsTest, AgentEndsTimedWrapUpEarly) {
  bring("ada");
  talk("c1", "service");
  end("c1");
  pass(kSecond);
  EXPECT_EQ(agent(CommandKind::kEndWrapUp, "ada"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada"));
  EXPECT_EQ(router_.next_deadline_ns(), kNeverNs);
}

TEST_F(RouterAgentsTest, EndOfWrapUpTakesTheNextCall) {
  bring("ada");
  talk("c1", "service");
  enqueue("c2", "service");
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("call.completed c1 ada", "agent.wrap_up_started ada"));
  pass(10 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada", "offer.created c2 ada"));
}

TEST_F(RouterAgentsTest, BusyPhoneTakesNoCallsUntilIdle) {
  bring("ada");
  phone(CommandKind::kPhoneBusy, "phone-ada");
  EXPECT_EQ(state_of("ada"), AgentState::kBusyOther);
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  phone(CommandKind::kPhoneIdle, "phone-ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterAgentsTest, BusyReportDuringACallChangesNothing) {
  bring("ada");
  talk("c1", "sales");
  EXPECT_EQ(phone(CommandKind::kPhoneBusy, "phone-ada"), Reject::kNone);
  EXPECT_EQ(phone(CommandKind::kPhoneIdle, "phone-ada"), Reject::kNone);
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
}

TEST_F(RouterAgentsTest, UnregisteredPhoneMakesTheAgentNotReady) {
  bring("ada");
  phone(CommandKind::kPhoneUnregistered, "phone-ada");
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterAgentsTest, IdleClockRestartsWhenReadyAgain) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  pass(kSecond);
  agent(CommandKind::kSetNotReady, "ada", 1);
  ready("ada");
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c1 bob"));
}

TEST_F(RouterAgentsTest, RepeatedReadyKeepsTheIdleClock) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  ready("ada");
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c1 ada"));
}

TEST_F(RouterAgentsTest, NewSkillsReachCallsThatWait) {
  bring("cy");
  enqueue("c1", "service");
  EXPECT_EQ(router_.upsert_agents({{"cy", "", {{"sales", 3}, {"service", 2}}, ""}}, now_ns_),
            Reject::kNone);
  lines_.clear();
  collect();
  EXPECT_THAT(lines_, Contains("offer.created c1 cy"));
}

TEST_F(RouterAgentsTest, WorkInHandSurvivesANewSkill) {
  bring("cy");
  talk("c1", "sales");
  EXPECT_EQ(router_.upsert_agents({{"cy", "", {{"service", 2}}, ""}}, now_ns_), Reject::kNone);
  collect();
  EXPECT_EQ(end("c1"), Reject::kNone);
  enqueue("c2", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c2"));
}

// A call that only the leaver excluded somebody from must not find an agent who is about to move.
TEST_F(RouterAgentsTest, TakesOverAStationWhileACallExcludesTheNewcomer) {
  bring("ada");
  log_in("bob", "phone-bob");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kRejected);  // ada is left out while bob is logged in.
  EXPECT_EQ(log_in("ada", "phone-bob"), Reject::kNone);
  EXPECT_THAT(lines_,
              ElementsAre("agent.logged_out ada", "agent.logged_out bob", "agent.logged_in ada"));
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterAgentsTest, UnregisteredPhoneEndsBeingBusyOtherwise) {
  bring("ada");
  phone(CommandKind::kPhoneBusy, "phone-ada");
  phone(CommandKind::kPhoneUnregistered, "phone-ada");
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterAgentsTest, BusyOtherwiseHoldsNobodyAtAStation) {
  bring("ada");
  phone(CommandKind::kPhoneBusy, "phone-ada");
  EXPECT_EQ(log_in("ada", "desk-2"), Reject::kNone);
  phone(CommandKind::kPhoneBusy, "desk-2");
  EXPECT_EQ(agent(CommandKind::kLogOut, "ada"), Reject::kNone);
  EXPECT_EQ(state_of("ada"), AgentState::kLoggedOut);
}

TEST_F(RouterAgentsTest, PhoneThatIsBusyAtTheEndOfWrapUpIsNotRung) {
  bring("ada");
  talk("c1", "service");
  end("c1");
  phone(CommandKind::kPhoneBusy, "phone-ada");
  enqueue("c2", "sales");
  pass(10 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kBusyOther);
  phone(CommandKind::kPhoneIdle, "phone-ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c2 ada"));
}

TEST_F(RouterAgentsTest, EventsOfAnAgentCountOnlyFromTheSwitchOfTheirStation) {
  const SourceIndex first = source_;
  bring("ada");
  open("other", "epoch-1");
  log_in("ada", "desk");  // Moves to the other switch.
  source_ = first;
  EXPECT_EQ(agent(CommandKind::kLogOut, "ada"), Reject::kAgentOfOtherSwitch);
  EXPECT_EQ(ready("ada"), Reject::kAgentOfOtherSwitch);
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

}  // namespace
}  // namespace acd
