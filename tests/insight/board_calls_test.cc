// SPDX-License-Identifier: Apache-2.0
// Calls, offers and queue counters on the board.
#include <gtest/gtest.h>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

// Two agents, and every test ends with its books balanced.
class BoardCallsTest : public testing::Test, protected EventFeed {
 protected:
  BoardCallsTest() {
    upsert(0, "ada");
    upsert(1, "bob");
  }
  void TearDown() override {
    for (const QueueView* queue : board.queues()) EXPECT_TRUE(queue->counts.conserved());
    EXPECT_TRUE(board.total().conserved());
  }
  void answer_and_supervise() {
    enqueue(0);
    answer(0, 0);
    add(EventKind::kCallSupervised, call_index(0), agent_index(0));
  }
  const CallView& call(uint32_t index) const { return board.call(call_index(index)); }
  const AgentView& agent(uint32_t index) const { return board.agent(agent_index(index)); }
};

TEST_F(BoardCallsTest, ShowsEnqueuedCall) {
  at_s(50);
  enqueue(3, 1, 10 * kNsPerS);
  const CallView* const view = board.find_call("c3");
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->id, "c3");
  EXPECT_EQ(view->state, CallState::kEnqueued);
  EXPECT_EQ(view->queue, queue_index(1));
  EXPECT_EQ(view->priority, 7);
  EXPECT_EQ(view->key_ns, view->arrived_ns);
  EXPECT_EQ(view->entered_ns, 40 * kNsPerS);
  EXPECT_FALSE(view->agent.valid());
  EXPECT_EQ(view->requirement, "ps >= 5");
  EXPECT_EQ(view->leg, "leg-3");
  EXPECT_EQ(view->offers, 0);
  EXPECT_EQ(view->source, SourceIndex(0u));
  EXPECT_EQ(counts(1).offered, 1);
  EXPECT_EQ(counts(1).waiting, 1);
  EXPECT_EQ(counts(0).offered, 0);
}

TEST_F(BoardCallsTest, CountsWhatWasReroutedUnseenAndNoSupervision) {
  answer_and_supervise();
  EXPECT_EQ(board.total().rerouted, 0);
  add(EventKind::kCallRerouted, {});
  EXPECT_EQ(board.total().rerouted, 1);
}

TEST_F(BoardCallsTest, CountsAWaitingCallThatItsSwitchRerouted) {
  enqueue(0);
  Event event;
  event.kind = EventKind::kCallWithdrawn;
  event.call = call_index(0);
  event.number = 1;
  add(event);
  EXPECT_EQ(board.total().rerouted, 1);
  EXPECT_EQ(counts().rerouted, 1);
}

TEST_F(BoardCallsTest, FollowsCallThroughItsStates) {
  enqueue(0);
  offer(0, 0);
  EXPECT_EQ(call(0).state, CallState::kAlerting);
  EXPECT_EQ(call(0).agent, agent_index(0));
  EXPECT_EQ(agent(0).calls, std::vector{call_index(0)});
  EXPECT_EQ(counts().waiting, 1);
  accept(0, 0);
  EXPECT_EQ(call(0).state, CallState::kConnecting);
  EXPECT_EQ(counts().waiting, 1);
  at_s(8);
  connect(0, 0);
  EXPECT_EQ(call(0).state, CallState::kConnected);
  EXPECT_EQ(call(0).connected_ns, 8 * kNsPerS);
  EXPECT_EQ(counts().waiting, 0);
  EXPECT_EQ(counts().connected, 1);
  EXPECT_EQ(counts().answered, 1);
  EXPECT_EQ(counts().wait_answered_sum_ns, 8 * kNsPerS);
  EXPECT_EQ(agent(0).answered, 1);
  complete(0, 0);
  EXPECT_EQ(board.find_call("c0"), nullptr);
  EXPECT_EQ(counts().connected, 0);
  EXPECT_TRUE(agent(0).calls.empty());
}

TEST_F(BoardCallsTest, PutsCallBackWhenOfferFails) {
  enqueue(0);
  offer(0, 0);
  end_offer(0, 0, OfferOutcome::kNoAnswer);
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
  EXPECT_FALSE(call(0).agent.valid());
  EXPECT_TRUE(agent(0).calls.empty());
  offer(0, 1);
  EXPECT_EQ(call(0).offers, 2);
  EXPECT_EQ(call(0).agent, agent_index(1));
}

TEST_F(BoardCallsTest, PutsCallBackWhenItCannotBeConnected) {
  enqueue(0);
  offer(0, 0);
  accept(0, 0);
  add(EventKind::kCallRequeued, call_index(0), agent_index(0));
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
  EXPECT_TRUE(agent(0).calls.empty());
  EXPECT_EQ(counts().requeued, 1);
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(counts().offers.accepted, 1);
}

TEST_F(BoardCallsTest, CountsOffersByOutcome) {
  using enum OfferOutcome;
  enqueue(0);
  for (const OfferOutcome outcome : {kNoAnswer, kRejected, kRejected, kBusy, kBusy, kBusy,
                                     kUnreachable, kUnknownAddress, kRescinded}) {
    offer(0, 0);
    end_offer(0, 0, outcome);
  }
  answer(0, 0);
  const OfferCounts& offers = counts().offers;
  EXPECT_EQ(offers.created, 10);
  EXPECT_EQ(offers.accepted, 1);
  EXPECT_EQ(offers.no_answer, 1);
  EXPECT_EQ(offers.rejected, 2);
  EXPECT_EQ(offers.busy, 3);
  EXPECT_EQ(offers.unreachable, 1);
  EXPECT_EQ(offers.unknown_address, 1);
  EXPECT_EQ(offers.rescinded, 1);
  EXPECT_EQ(offers.canceled, 0);
  EXPECT_EQ(agent(0).no_answer, 1);
}

TEST_F(BoardCallsTest, CountsCanceledOfferAroundEndOfItsCall) {
  enqueue(0, 1);
  offer(0, 0);
  end_offer(0, 0, OfferOutcome::kCanceled);
  abandon(0);
  enqueue(0, 1);
  offer(0, 0);
  abandon(0);
  end_offer(0, 0, OfferOutcome::kCanceled);
  EXPECT_EQ(counts(1).offers.canceled, 2);
  EXPECT_EQ(counts(1).short_abandoned, 2);
  EXPECT_TRUE(agent(0).calls.empty());
}

TEST_F(BoardCallsTest, CountsStaleOffersOfLiveAndEndedCalls) {
  enqueue(0, 1);
  add(EventKind::kOfferStale, call_index(0));
  EXPECT_EQ(counts(1).offers.stale, 1);
  add(EventKind::kOfferStale, CallIndex());
  EXPECT_EQ(counts(0).offers.stale + counts(1).offers.stale, 1);
  EXPECT_EQ(board.total().offers.stale, 2);
}

TEST_F(BoardCallsTest, CountsEachEndOfWaitingCall) {
  for (uint32_t i = 0; i < 5; ++i) enqueue(i);
  at_s(5);
  abandon(0);
  add(EventKind::kCallTimedOut, call_index(1));
  at_s(9);
  add(EventKind::kCallWithdrawn, call_index(2));
  add(EventKind::kCallFailed, call_index(3));
  EXPECT_EQ(counts().abandoned, 1);
  EXPECT_EQ(counts().timed_out, 1);
  EXPECT_EQ(counts().withdrawn, 1);
  EXPECT_EQ(counts().failed_waiting, 1);
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(counts().wait_max_ns, 9 * kNsPerS);
  EXPECT_EQ(counts().wait_answered_sum_ns, 0);
  EXPECT_EQ(counts().handled, 0);
  EXPECT_EQ(board.calls_by_age().size(), 1u);
}

TEST_F(BoardCallsTest, CountsCallerWhoLeavesWhileConnectingAsAbandoned) {
  enqueue(0);
  offer(0, 0);
  accept(0, 0);
  at_s(6);
  abandon(0);
  EXPECT_EQ(counts().abandoned, 1);
  EXPECT_EQ(counts().answered, 0);
  EXPECT_TRUE(agent(0).calls.empty());
  EXPECT_EQ(agent(0).answered, 0);
}

TEST_F(BoardCallsTest, CountsHandleTimeAtCompletionWithoutWrapUp) {
  enqueue(0);
  at_s(10);
  answer(0, 0);
  add(EventKind::kCallHeld, call_index(0), agent_index(0));
  at_s(40);
  add(EventKind::kCallResumed, call_index(0), agent_index(0));
  at_s(100);
  complete(0, 0);
  EXPECT_EQ(counts().handled, 1);
  EXPECT_EQ(counts().handle_sum_ns, 90 * kNsPerS);
}

// Ten thousand agents reach it in a month.
TEST_F(BoardCallsTest, SumsOfTimeOutgrowSixtyFourBits) {
  QueueCounts month;
  month.handle_sum_ns = month.wait_answered_sum_ns = INT64_MAX;
  QueueCounts total;
  for (int i = 0; i < 100; ++i) total += month;
  EXPECT_EQ(total.handle_sum_ns, Wide{INT64_MAX} * 100);
  EXPECT_EQ(total.wait_answered_sum_ns, Wide{INT64_MAX} * 100);
}

TEST_F(BoardCallsTest, CountsHandleTimeAtEndOfWrapUp) {
  enqueue(0);
  answer(0, 0);
  at_s(60);
  complete(0, 0);
  start_wrap_up(0, 0);
  at_s(75);
  EXPECT_EQ(counts().handled, 0);
  EXPECT_EQ(counts().handle_sum_ns, 0);
  end_wrap_up(0, 0);
  EXPECT_EQ(counts().handled, 1);
  EXPECT_EQ(counts().handle_sum_ns, 75 * kNsPerS);
}

TEST_F(BoardCallsTest, CountsWrapUpWithItsOwnCallOnly) {
  enqueue(0, 1);
  answer(0, 0);
  at_s(10);
  complete(0, 0);
  enqueue(1, 0);
  answer(1, 0);
  at_s(30);
  complete(1, 0);
  start_wrap_up(0, 0);
  EXPECT_EQ(counts(1).handled, 1);
  EXPECT_EQ(counts(0).handled, 0);
  at_s(35);
  end_wrap_up(0, 0);
  EXPECT_EQ(counts(1).handle_sum_ns, 10 * kNsPerS);
  EXPECT_EQ(counts(0).handle_sum_ns, 25 * kNsPerS);
}

TEST_F(BoardCallsTest, CountsWrapUpOfConnectedCallThatFails) {
  enqueue(0);
  answer(0, 0);
  at_s(10);
  add(EventKind::kCallFailed, call_index(0), agent_index(0));
  start_wrap_up(0, 0);
  EXPECT_EQ(counts().handled, 0);
  at_s(12);
  end_wrap_up(0, 0);
  EXPECT_EQ(counts().handled, 1);
  EXPECT_EQ(counts().handle_sum_ns, 12 * kNsPerS);
}

TEST_F(BoardCallsTest, CountsConnectedCallThatFailsAsHandled) {
  enqueue(0);
  at_s(5);
  answer(0, 0);
  at_s(25);
  add(EventKind::kCallFailed, call_index(0), agent_index(0));
  EXPECT_EQ(counts().failed_waiting, 0);
  EXPECT_EQ(counts().answered, 1);
  EXPECT_EQ(counts().connected, 0);
  EXPECT_EQ(counts().handled, 1);
  EXPECT_EQ(counts().handle_sum_ns, 20 * kNsPerS);
}

TEST_F(BoardCallsTest, OrdersWaitingAndLiveCallsByAge) {
  at_s(100);
  enqueue(0);
  enqueue(1, 0, 30 * kNsPerS);
  enqueue(2, 1, 10 * kNsPerS);
  enqueue(3, 0, 30 * kNsPerS);
  answer(3, 0);
  using Key = std::pair<int64_t, CallIndex>;
  EXPECT_EQ(board.queues()[0]->waiting_calls,
            (std::set<Key>{{70 * kNsPerS, call_index(1)}, {100 * kNsPerS, call_index(0)}}));
  const std::vector<Key> by_age(board.calls_by_age().begin(), board.calls_by_age().end());
  EXPECT_EQ(by_age, (std::vector<Key>{{70 * kNsPerS, call_index(1)},
                                      {70 * kNsPerS, call_index(3)},
                                      {90 * kNsPerS, call_index(2)},
                                      {100 * kNsPerS, call_index(0)}}));
}

TEST_F(BoardCallsTest, StartsAfreshWhenIndexIsUsedAgain) {
  enqueue(0, 1);
  board.advance(60 * kNsPerS);
  at_s(60);
  answer(0, 0);
  complete(0, 0);
  enqueue(0);
  EXPECT_EQ(call(0).queue, queue_index(0));
  EXPECT_EQ(call(0).offers, 0);
  EXPECT_EQ(call(0).connected_ns, 0);
  EXPECT_FALSE(call(0).in_service_level);
  EXPECT_FALSE(call(0).agent.valid());
}

TEST_F(BoardCallsTest, SumsQueuesInTotal) {
  enqueue(0, 0);
  enqueue(1, 1);
  at_s(4);
  answer(0, 0);
  at_s(7);
  answer(1, 1);
  enqueue(2, 1);
  const QueueCounts total = board.total();
  EXPECT_EQ(total.offered, 3);
  EXPECT_EQ(total.answered, 2);
  EXPECT_EQ(total.waiting, 1);
  EXPECT_EQ(total.connected, 2);
  EXPECT_EQ(total.wait_answered_sum_ns, 11 * kNsPerS);
  EXPECT_EQ(total.wait_max_ns, 7 * kNsPerS);
  EXPECT_EQ(total.offers.created, 2);
}

TEST_F(BoardCallsTest, StaysWholeWhenMoved) {
  enqueue(0);
  enqueue(1);
  Board moved = std::move(board);
  ASSERT_NE(moved.find_call("c1"), nullptr);
  EXPECT_EQ(moved.find_call("c1")->id, "c1");
  board = std::move(moved);
  abandon(1);
  EXPECT_EQ(board.find_call("c1"), nullptr);
  EXPECT_NE(board.find_call("c0"), nullptr);
}

TEST(BoardDeathTest, RefusesEventsThatCannotBe) {
  EventFeed feed;
  feed.enqueue(0);
  Event gap;
  gap.kind = EventKind::kCallHeld;
  gap.sequence = feed.board.sequence() + 2;
  EXPECT_DEATH(feed.board.apply(gap, ""), "CHECK failed");
  EXPECT_DEATH(feed.enqueue(0), "CHECK failed");
  EXPECT_DEATH(feed.abandon(1), "CHECK failed");
  EXPECT_DEATH(feed.complete(0, 0), "CHECK failed");
  EXPECT_DEATH(feed.offer(0, 9), "CHECK failed");
  feed.upsert(0, "ada");
  EXPECT_DEATH(feed.start_wrap_up(0, 0), "CHECK failed");
  EXPECT_DEATH(feed.end_wrap_up(0, 0), "CHECK failed");
  EXPECT_DEATH(feed.end_offer(0, 0, OfferOutcome::kNoAnswer), "CHECK failed");
  EXPECT_DEATH(feed.accept(0, 0), "CHECK failed");
  feed.offer(0, 0, 2);
  EXPECT_DEATH(feed.accept(0, 0, 1), "CHECK failed");
  EXPECT_DEATH(feed.adopt(0, 0, 2), "CHECK failed");
  EXPECT_DEATH(feed.enqueue(1, 2), "CHECK failed");
}

}  // namespace
}  // namespace acd
