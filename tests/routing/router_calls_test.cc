// SPDX-License-Identifier: Apache-2.0
// Calls: their order, their offers, and every way they end.
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using RouterCallsTest = RouterFixture;

TEST_F(RouterCallsTest, OffersCallToLongestIdleAgent) {
  bring("bob");
  pass(kSecond);
  bring("ada");
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1", "offer.created c1 bob"));
}

TEST_F(RouterCallsTest, SaysBeforeEachOfferWhyThatAgent) {
  bring("ada");
  bring("bob");
  enqueue("c1", "sales");
  EXPECT_THAT(decisions_, ElementsAre("call.decided c1 ada"));
  fail("c1", OfferOutcome::kRejected);
  EXPECT_THAT(decisions_, ElementsAre("call.decided c1 ada", "call.decided c1 bob"));
}

TEST_F(RouterCallsTest, BreaksEqualIdleTimeByAgentOrder) {
  bring("bob");
  bring("ada");  // Same instant; ada was added first.
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, GivesFreedAgentTheCallThatWaitsLongestAcrossQueues) {
  enqueue("c1", "service");
  pass(kSecond);
  enqueue("c2", "sales");
  log_in("ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, ServesHigherPriorityBeforeOlderCall) {
  enqueue("old", "sales");
  pass(60 * kSecond);
  enqueue_with_priority("urgent", "sales", 5);
  log_in("ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created urgent ada"));
}

TEST_F(RouterCallsTest, UsesPriorityOfQueueWhereCallHasNone) {
  enqueue("plain", "sales");
  pass(kSecond);
  enqueue("vip", "vip");
  log_in("bob", "phone");
  ready("bob");
  EXPECT_THAT(lines_, ElementsAre("offer.created vip bob"));
}

TEST_F(RouterCallsTest, AgeCreditMovesCallAhead) {
  enqueue("first", "sales");
  pass(30 * kSecond);
  enqueue_with_credit("credited", "sales", 90 * kSecond);
  log_in("ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created credited ada"));
}

TEST_F(RouterCallsTest, AgeCountsFromTheSwitchsTime) {
  pass(100 * kSecond);
  enqueue("heard_first", "sales");
  enqueue("waited_longer", "sales", "", 5 * kSecond);
  log_in("ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created waited_longer ada"));
}

TEST_F(RouterCallsTest, OffersOnlyToAgentsWithTheSkillsAtTheirLevels) {
  bring("cy");
  enqueue("service_call", "service");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued service_call"));
  enqueue("high_level", "sales", "sales >= 4");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued high_level"));
  enqueue("fits", "sales", "sales >= 3");
  EXPECT_THAT(lines_, Contains("offer.created fits cy"));
}

TEST_F(RouterCallsTest, JoinsRequirementsOfCallAndQueue) {
  bring("cy");
  enqueue("c1", "sales", "spanish >= 1");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  log_in("ada", "phone");
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, OffersNamedQueueToItsMembersOnly) {
  bring("ada");
  enqueue("c1", "vip");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  log_in("cy", "phone-cy");
  ready("cy");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 cy"));
}

TEST_F(RouterCallsTest, PlaysTheWholeLifeOfACall) {
  bring("ada");
  enqueue("c1", "service");
  EXPECT_EQ(state_of("ada"), AgentState::kReserved);
  leg(CommandKind::kLegRinging, "c1", 1);
  EXPECT_EQ(state_of("ada"), AgentState::kRinging);
  answer("c1");
  EXPECT_THAT(lines_, ElementsAre("offer.accepted c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kConnecting);
  connect("c1");
  EXPECT_THAT(lines_, ElementsAre("call.connected c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
  hold("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kOnHold);
  resume("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("call.completed c1 ada", "agent.wrap_up_started ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kWrapUp);
  pass(10 * kSecond);
  EXPECT_EQ(state_of("ada"), AgentState::kWrapUp);  // The instant of the deadline comes first.
  pass(1);
  EXPECT_THAT(lines_, ElementsAre("agent.wrap_up_ended ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterCallsTest, AcceptsRepeatedHoldAndResume) {
  bring("ada");
  talk("c1", "sales");
  EXPECT_EQ(hold("c1"), Reject::kNone);
  EXPECT_EQ(hold("c1"), Reject::kNone);
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_EQ(resume("c1"), Reject::kNone);
  EXPECT_EQ(resume("c1"), Reject::kNone);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(RouterCallsTest, CountsTheHoldOfACallThatNobodyAnsweredAsStale) {
  enqueue("c1", "sales");
  EXPECT_EQ(hold("c1"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.stale c1"));
  bring("ada");
  answer("c1");
  connect("c1");
  EXPECT_EQ(state_of("ada"), AgentState::kOnCall);
}

TEST_F(RouterCallsTest, UnansweredOfferReturnsCallToItsPlaceAndRestsTheAgent) {
  bring("ada");
  enqueue("c1", "sales");
  enqueue("c2", "sales");
  pass(20 * kSecond);
  EXPECT_THAT(lines_, IsEmpty());  // Exactly at the deadline an answer would still win.
  pass(1);
  EXPECT_THAT(lines_, ElementsAre("offer.no_answer c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
  log_in("bob", "phone-bob");
  ready("bob");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 bob"));  // Still before c2.
}

TEST_F(RouterCallsTest, AnswerAtTheDeadlineComesBeforeIt) {
  bring("ada");
  enqueue("c1", "sales");
  pass(20 * kSecond);
  EXPECT_EQ(answer("c1"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted c1 ada"));
}

TEST_F(RouterCallsTest, PhoneThatNeverRangIsUnreachableWhereTheSwitchReportsRinging) {
  open("sip", "epoch-1", true);
  bring("ada");
  enqueue("c1", "sales");
  pass(20 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("offer.unreachable c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterCallsTest, PhoneThatRangIsARonaWhereTheSwitchReportsRinging) {
  open("sip", "epoch-1", true);
  bring("ada");
  enqueue("c1", "sales");
  leg(CommandKind::kLegRinging, "c1", 1);
  pass(20 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("offer.no_answer c1 ada"));
}

TEST_F(RouterCallsTest, RejectedOfferGoesToTheNextAgentAndComesBackAfterTheExclusion) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  enqueue("c1", "sales");
  EXPECT_EQ(fail("c1", OfferOutcome::kRejected), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 ada", "offer.created c1 bob"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
  fail("c1", OfferOutcome::kRejected, 2);
  // Both are excluded and nobody else is logged in: the exclusions do not hold, longest idle is
  // first.
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 bob", "offer.created c1 ada"));
}

TEST_F(RouterCallsTest, ExcludedAgentWaitsOutTheExclusionWhileAnotherIsLoggedIn) {
  bring("ada");
  log_in("bob", "phone-bob");  // Logged in, not ready.
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kRejected);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 ada"));
  pass(30 * kSecond);
  EXPECT_THAT(lines_, IsEmpty());
  pass(1);
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, ExclusionEndsWhenTheOnlyOtherAgentLogsOut) {
  bring("ada");
  log_in("bob", "phone-bob");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kRejected);
  agent(CommandKind::kLogOut, "bob");
  EXPECT_THAT(lines_, ElementsAre("agent.logged_out bob", "offer.created c1 ada"));
}

TEST_F(RouterCallsTest, ExcludedAgentTakesOtherCalls) {
  bring("ada");
  log_in("bob", "phone-bob");
  enqueue("c1", "sales");
  enqueue("c2", "sales");
  fail("c1", OfferOutcome::kRejected);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 ada", "offer.created c2 ada"));
}

TEST_F(RouterCallsTest, ThirdRejectInARowMakesTheAgentNotReady) {
  bring("ada");
  enqueue("c1", "sales");
  for (uint32_t generation = 1; generation <= 2; ++generation) {
    fail("c1", OfferOutcome::kRejected, generation);
    EXPECT_NE(state_of("ada"), AgentState::kNotReady);
  }
  fail("c1", OfferOutcome::kRejected, 3);
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterCallsTest, BusyPhoneMakesTheAgentBusyUntilItIsIdle) {
  bring("ada");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kBusy);
  EXPECT_EQ(state_of("ada"), AgentState::kBusyOther);
  phone(CommandKind::kPhoneIdle, "phone-ada");
  EXPECT_THAT(lines_, Contains("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, BusyPhoneIsTriedAgainAfterTheLimit) {
  bring("ada");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kBusy);
  pass(60 * kSecond + 1);
  EXPECT_THAT(lines_, Contains("offer.created c1 ada"));
}

TEST_F(RouterCallsTest, UnreachableAndUnknownPhonesMakeTheAgentNotReady) {
  for (const OfferOutcome outcome : {OfferOutcome::kUnreachable, OfferOutcome::kUnknownAddress}) {
    bring("ada");
    enqueue("c1", "sales");
    fail("c1", outcome, router_.call(CallIndex(0u)).generation);
    EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
  }
}

TEST_F(RouterCallsTest, CallerWhoLeavesWhileRingingKeepsTheAgentsIdleTime) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  enqueue("c1", "sales");
  pass(5 * kSecond);
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("offer.canceled c1 ada", "call.abandoned c1"));
  enqueue("c2", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c2 ada"));  // Not bob: ada's clock went on.
}

TEST_F(RouterCallsTest, UnansweredOfferRestartsTheIdleClock) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kRejected);  // ada; bob gets it.
  enqueue("c2", "sales");
  answer("c1", 2);
  connect("c1", 2);
  end("c2");
  pass(kSecond);
  end("c1");  // bob is idle since now, ada since her reject.
  enqueue("c3", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c3 ada"));
}

TEST_F(RouterCallsTest, CallerWhoLeavesWhileConnectingHasAbandonedAndCausesNoWrapUp) {
  bring("ada");
  enqueue("c1", "service");
  answer("c1");
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("call.abandoned c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterCallsTest, FailedConnectPutsTheCallBackAndTriesAnother) {
  bring("ada");
  pass(kSecond);
  bring("bob");
  enqueue("c1", "sales");
  answer("c1");
  EXPECT_EQ(leg(CommandKind::kConnectFailed, "c1", 1), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("call.requeued c1 ada", "offer.created c1 bob"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterCallsTest, ConnectThatTakesTooLongPutsTheCallBack) {
  bring("ada");
  log_in("bob", "phone-bob");
  enqueue("c1", "sales");
  answer("c1");
  pass(10 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("call.requeued c1 ada"));
}

TEST_F(RouterCallsTest, SwitchThatJoinsOnAnswerMayLeaveTheAnswerOut) {
  bring("ada");
  enqueue("c1", "sales");
  EXPECT_EQ(connect("c1"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted c1 ada", "call.connected c1 ada"));
}

TEST_F(RouterCallsTest, AnswerAfterTheOfferIsOverIsDroppedAndCounted) {
  bring("ada");
  enqueue("c1", "sales");
  pass(20 * kSecond + 1);
  EXPECT_EQ(answer("c1", 1), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.stale c1"));
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

TEST_F(RouterCallsTest, AnswerAfterTheCallerLeftIsDroppedAndCounted) {
  bring("ada");
  enqueue("c1", "sales");
  end("c1");
  EXPECT_EQ(answer("c1", 1), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.stale"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(RouterCallsTest, ClaimWithAnOldGenerationIsRefusedAndCounted) {
  bring("ada");
  enqueue("c1", "sales");
  fail("c1", OfferOutcome::kRejected);  // Offered again as generation 2: nobody else is logged in.
  EXPECT_EQ(fail("c1", OfferOutcome::kRejected, 1), Reject::kOfferStale);
  EXPECT_THAT(lines_, ElementsAre("offer.stale c1"));
  EXPECT_EQ(state_of("ada"), AgentState::kReserved);
}

TEST_F(RouterCallsTest, RepeatedAnswerChangesNothing) {
  bring("ada");
  enqueue("c1", "sales");
  answer("c1");
  EXPECT_EQ(answer("c1"), Reject::kNone);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(RouterCallsTest, SwitchTimeoutAndTakeBackAreNoAbandons) {
  enqueue("c1", "sales");
  end("c1", EndedBy::kTimeout);
  EXPECT_THAT(lines_, ElementsAre("call.timed_out c1"));
  enqueue("c2", "sales");
  end("c2", EndedBy::kSwitch);
  EXPECT_THAT(lines_, ElementsAre("call.withdrawn c2"));
}

TEST_F(RouterCallsTest, HangUpsFromBothSidesAtOnceEndTheCallOnce) {
  bring("ada");
  talk("c1", "sales");
  EXPECT_EQ(end("c1", EndedBy::kAgent), Reject::kNone);
  EXPECT_EQ(end("c1", EndedBy::kCaller), Reject::kCallUnknown);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(RouterCallsTest, RefusesWhatItCannotPlace) {
  EXPECT_EQ(enqueue("c1", "nowhere"), Reject::kQueueUnknown);
  EXPECT_EQ(enqueue("c1", "sales", "sales >"), Reject::kRequirementInvalid);
  EXPECT_EQ(enqueue("c1", "sales", "juggling >= 1"), Reject::kSkillUnknown);
  EXPECT_EQ(router_.live_call_count(), 0u);
  EXPECT_EQ(end("c1"), Reject::kCallUnknown);
}

TEST_F(RouterCallsTest, RefusesIdOfLiveAndOfRecentlyEndedCall) {
  enqueue("c1", "sales");
  EXPECT_EQ(enqueue("c1", "service"), Reject::kCallExists);
  end("c1");
  EXPECT_EQ(enqueue("c1", "sales"), Reject::kCallExists);
  pass(kEndedCallKeptNs + 1);
  EXPECT_EQ(enqueue("c1", "sales"), Reject::kNone);
}

TEST_F(RouterCallsTest, NewcomerDoesNotTakeCallsOfAnotherSwitch) {
  enqueue("c1", "sales");
  open("other", "epoch-1");
  log_in("ada", "phone");  // At the other switch.
  ready("ada");
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_EQ(end("c1"), Reject::kCallOfOtherSwitch);
}

TEST_F(RouterCallsTest, AgentWhoseOfferFailedGetsTheMoreUrgentCall) {
  bring("ada");
  enqueue("low", "sales");
  enqueue_with_priority("high", "sales", 10);
  fail("low", OfferOutcome::kRejected);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected low ada", "offer.created high ada"));
}

TEST_F(RouterCallsTest, AgentWhoseConnectFailedGetsTheMoreUrgentCall) {
  bring("ada");
  enqueue("low", "sales");
  enqueue_with_priority("high", "sales", 10);
  answer("low");
  leg(CommandKind::kConnectFailed, "low", 1);
  EXPECT_THAT(lines_, ElementsAre("call.requeued low ada", "offer.created high ada"));
}

TEST_F(RouterCallsTest, BridgeThatKeepsFailingMakesTheAgentNotReady) {
  bring("ada");
  enqueue("c1", "sales");
  for (uint32_t generation = 1; generation <= 3; ++generation) {
    ASSERT_EQ(answer("c1", generation), Reject::kNone);
    leg(CommandKind::kConnectFailed, "c1", generation);
  }
  EXPECT_EQ(state_of("ada"), AgentState::kNotReady);
}

// Slots of classes are used again at the limit; nobody may inherit the links of the former class.
TEST_F(RouterCallsTest, ClassesOfCallsAreUsedAgainWithoutTheirLinks) {
  for (int32_t i = 0; i < static_cast<int32_t>(kCallClassesMax); ++i) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text("filler");
    command.name = text("sales");
    command.flag = true;
    command.number = i;  // Each its own class.
    ASSERT_EQ(send(command), Reject::kNone);
    command = of_call(CommandKind::kEndCall, "filler");
    ASSERT_EQ(send(command), Reject::kNone);
    now_ns_ += kEndedCallKeptNs + 1;  // The same id again.
  }
  EventLog dropped;
  router_.take_events(&dropped);
  log_in("cy", "phone-cy");
  ready("cy");
  EXPECT_EQ(enqueue("c1", "service"), Reject::kNone);  // cy has no such skill.
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  EXPECT_EQ(enqueue("c2", "sales"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created c2 cy"));
}

TEST_F(RouterCallsTest, QueueLeftOutWithCallsIsRefusedWithTheirCount) {
  bring("ada");
  talk("c1", "sales");
  ASSERT_EQ(enqueue("c2", "sales"), Reject::kNone);
  TenantConfig without = sample_config();
  without.queues.erase(without.queues.begin());
  EXPECT_EQ(router_.configure(without, now_ns_), Reject::kQueueNotEmpty);
  EXPECT_EQ(router_.left_out_queue(without).id, "sales");
  EXPECT_EQ(router_.left_out_queue(without).live_calls, 2);
  without.drains.push_back({"sales", "service"});
  EXPECT_EQ(router_.left_out_queue(without).id, "");
}

}  // namespace
}  // namespace acd
