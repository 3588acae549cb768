// SPDX-License-Identifier: Apache-2.0
// Sessions of switches: sequences, cuts, restarts, and the restart of the daemon itself.
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RouterSessionsTest : public RouterFixture {
 protected:
  Reject numbered(int64_t sequence, Command command) {
    command.sequence = sequence;
    return apply(command);
  }
  Command arrival(std::string_view call, std::string_view queue) {
    Command command = of_call(CommandKind::kEnqueueCall, call);
    command.name = text(queue);
    return command;
  }
};

TEST_F(RouterSessionsTest, AppliesEachSequenceOnce) {
  EXPECT_EQ(numbered(1, arrival("c1", "sales")), Reject::kNone);
  EXPECT_EQ(numbered(1, arrival("c1", "sales")), Reject::kRepeat);
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_EQ(numbered(3, arrival("c3", "sales")), Reject::kSequenceGap);
  EXPECT_EQ(numbered(2, arrival("c2", "sales")), Reject::kNone);
  EXPECT_EQ(router_.sessions().at(source_).last_sequence, 2);
}

TEST_F(RouterSessionsTest, RepeatAndGapLeaveNoTrace) {
  EXPECT_EQ(numbered(1, arrival("c1", "sales")), Reject::kNone);
  const uint64_t state_hash = router_.state_hash();
  const uint64_t event_hash = router_.event_hash();
  EXPECT_EQ(numbered(1, arrival("c9", "sales")), Reject::kRepeat);
  EXPECT_EQ(numbered(7, arrival("c9", "sales")), Reject::kSequenceGap);
  EXPECT_EQ(router_.state_hash(), state_hash);
  EXPECT_EQ(router_.event_hash(), event_hash);
}

TEST_F(RouterSessionsTest, RefusedEventUsesItsSequenceAndIsRemembered) {
  EXPECT_EQ(numbered(1, arrival("c1", "nowhere")), Reject::kQueueUnknown);
  EXPECT_EQ(numbered(1, arrival("c1", "nowhere")), Reject::kRepeat);
  ASSERT_NE(router_.sessions().refusal(source_, 1), nullptr);
  EXPECT_EQ(router_.sessions().refusal(source_, 1)->reject, Reject::kQueueUnknown);
  EXPECT_EQ(numbered(2, arrival("c1", "sales")), Reject::kNone);
  EXPECT_EQ(router_.sessions().refusal(source_, 2), nullptr);
}

TEST_F(RouterSessionsTest, CutKeepsCallsAndResumeOffersAgain) {
  enqueue("c1", "sales");
  log_in("ada", "phone-ada");
  close();
  EXPECT_THAT(lines_, ElementsAre("switch.disconnected"));
  pass(30 * kSecond);
  open("pbx", "epoch-1");
  EXPECT_THAT(lines_, ElementsAre("switch.connected"));
  ready("ada");
  EXPECT_THAT(lines_, ElementsAre("offer.created c1 ada"));
}

TEST_F(RouterSessionsTest, OffersNothingWhileTheSwitchIsAway) {
  bring("ada");
  enqueue("c1", "sales");
  close();
  pass(20 * kSecond + 1);
  // Nobody can tell whether the phone rang: no RONA, the agent stays ready, the call waits on.
  EXPECT_THAT(lines_, ElementsAre("offer.rescinded c1 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
  open("pbx", "epoch-1");
  EXPECT_THAT(lines_, ElementsAre("switch.connected", "offer.created c1 ada"));
}

TEST_F(RouterSessionsTest, ResumeMatchesTheWaitingInTheirOrder) {
  bring("ada");
  bring("bob");
  talk("c1", "sales");
  talk("c2", "sales");
  enqueue("low", "sales");
  enqueue_with_priority("high", "sales", 3);
  close();
  open("pbx", "epoch-1");
  end("c1");
  EXPECT_THAT(lines_, Contains("offer.created high ada"));
}

TEST_F(RouterSessionsTest, SwitchThatStaysAwayLosesItsCallsAndAgents) {
  bring("ada");
  bring("bob");
  talk("c1", "sales");
  enqueue("c2", "service");
  enqueue("c3", "sales");
  close();
  pass(60 * kSecond + 1);
  EXPECT_THAT(lines_, Contains("call.failed c1 ada"));
  EXPECT_THAT(lines_, Contains("call.failed c3"));
  EXPECT_EQ(router_.live_call_count(), 0u);
  EXPECT_EQ(state_of("ada"), AgentState::kLoggedOut);
  EXPECT_EQ(state_of("bob"), AgentState::kLoggedOut);
}

TEST_F(RouterSessionsTest, NewEpochLosesWhatTheOldOneKnew) {
  bring("ada");
  enqueue("c1", "sales");
  open("pbx", "epoch-2");
  EXPECT_THAT(lines_, ElementsAre("switch.connected", "offer.canceled c1 ada", "call.failed c1",
                                  "agent.logged_out ada"));
  EXPECT_EQ(router_.sessions().at(source_).last_sequence, 0);
}

TEST_F(RouterSessionsTest, WhoLogsInAgainDuringAListIsKept) {
  bring("ada");
  bring("bob");
  EXPECT_EQ(apply(of(CommandKind::kResyncBegin)), Reject::kNone);
  EXPECT_EQ(log_in("ada", "phone-ada"), Reject::kNone);
  EXPECT_EQ(apply(of(CommandKind::kResyncEnd)), Reject::kNone);
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
  EXPECT_EQ(state_of("bob"), AgentState::kLoggedOut);
}

TEST_F(RouterSessionsTest, ListedCallerOfAQueueThatNeverWasIsRefused) {
  bring("ada");
  talk("c1", "sales");
  EXPECT_EQ(apply(of(CommandKind::kResyncBegin)), Reject::kNone);
  Command waiting = arrival("c1", "nowhere");
  waiting.kind = CommandKind::kKeepCall;
  EXPECT_EQ(apply(waiting), Reject::kQueueUnknown);
}

TEST_F(RouterSessionsTest, LosingManyCallsGoesInSlices) {
  for (size_t i = 0; i < 2 * kBulkSliceMax + 5; ++i) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text("c" + std::to_string(i));
    command.name = text("sales");
    ASSERT_EQ(send(command), Reject::kNone);
  }
  collect();
  open("pbx", "epoch-2");
  EXPECT_EQ(router_.live_call_count(), kBulkSliceMax + 5);
  bring("ada");  // Nothing lost is offered to the newcomer.
  enqueue("fresh", "sales");
  pass(1);
  EXPECT_EQ(router_.live_call_count(), 1u);
  EXPECT_THAT(lines_, Contains("offer.created fresh ada"));
}

TEST_F(RouterSessionsTest, RestartCutsSessionsAndMovesLateDeadlines) {
  bring("ada");
  enqueue("c1", "sales");
  now_ns_ += 300 * kSecond;  // The daemon was down.
  apply(of(CommandKind::kResume));
  EXPECT_THAT(lines_, ElementsAre("switch.disconnected"));
  EXPECT_EQ(router_.next_deadline_ns(), now_ns_ + kReconnectGraceDefaultNs);
  open("pbx", "epoch-1");
  EXPECT_EQ(answer("c1"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted c1 ada"));
}

TEST_F(RouterSessionsTest, ListsWhatIsOpenForASwitchThatResumes) {
  bring("ada");
  bring("bob");
  enqueue("c1", "sales");
  enqueue("c2", "sales");
  enqueue("c3", "sales");
  answer("c2");
  const std::vector<Router::OpenOffer> open_calls = router_.open_offers(source_);
  ASSERT_EQ(open_calls.size(), 2u);
  EXPECT_EQ(router_.call(open_calls[0].call).id.view(), "c1");
  EXPECT_EQ(router_.call(open_calls[1].call).id.view(), "c2");
}

TEST_F(RouterSessionsTest, SwitchThatComesBackAfterTheGraceBeginsAnew) {
  EXPECT_EQ(numbered(1, arrival("c1", "sales")), Reject::kNone);
  close();
  pass(60 * kSecond + 1);
  EXPECT_THAT(lines_, ElementsAre("call.failed c1"));
  open("pbx", "epoch-1");
  EXPECT_EQ(router_.sessions().at(source_).last_sequence, 0);
  // The caller is still there: the switch brings them back under the same id.
  EXPECT_EQ(numbered(1, arrival("c1", "sales")), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
}

TEST_F(RouterSessionsTest, OneAdvanceLosesOneSliceOfALostSwitch) {
  for (size_t i = 0; i < 3 * kBulkSliceMax; ++i) {
    Command command = of(CommandKind::kEnqueueCall);
    command.call = text("c" + std::to_string(i));
    command.name = text("sales");
    ASSERT_EQ(send(command), Reject::kNone);
  }
  close();
  now_ns_ += 61 * kSecond;
  EXPECT_EQ(router_.advance(now_ns_, 10'000), 1u);
  EXPECT_EQ(router_.live_call_count(), 2 * kBulkSliceMax);
  pass(kSecond);
  EXPECT_EQ(router_.live_call_count(), 0u);
}

TEST(SessionsTest, ANewDesktopTakesThePlaceOfOneThatIsForgotten) {
  Sessions sessions;
  for (size_t i = 0; i < kDesktopsMax; ++i) {
    const SourceIndex added = sessions.add("d" + std::to_string(i), SourceKind::kDesktop);
    ASSERT_TRUE(added.valid());
    sessions.at(added).epoch = IdText("epoch");
  }
  EXPECT_FALSE(sessions.add("one more", SourceKind::kDesktop).valid());
  sessions.at(SourceIndex(7u)).epoch = IdText();
  sessions.at(SourceIndex(8u)).epoch = IdText();
  sessions.at(SourceIndex(7u)).attached = 1;  // Its agents go in slices.
  EXPECT_EQ(sessions.add("one more", SourceKind::kDesktop), SourceIndex(8u));
  EXPECT_FALSE(sessions.find("d8", SourceKind::kDesktop).valid());
  EXPECT_EQ(sessions.find("one more", SourceKind::kDesktop), SourceIndex(8u));
  // Switches have ids of their own.
  EXPECT_FALSE(sessions.find("one more").valid());
  EXPECT_EQ(sessions.add("one more"), SourceIndex(kDesktopsMax));
}

}  // namespace
}  // namespace acd
