// SPDX-License-Identifier: Apache-2.0
// Calls that go from queue to queue, ring several agents at once, or are answered late.
#include <gtest/gtest.h>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

// Three agents, and every test ends with its books balanced.
class BoardVisitsTest : public testing::Test, protected EventFeed {
 protected:
  BoardVisitsTest() {
    upsert(0, "ada");
    upsert(1, "bob");
    upsert(2, "cyd");
  }
  void TearDown() override {
    for (const QueueView* queue : board.queues()) EXPECT_TRUE(queue->counts.conserved());
    EXPECT_TRUE(board.total().conserved());
  }
  const CallView& call(uint32_t index) const { return board.call(call_index(index)); }
  // Of one who has no more.
  CallIndex in_hand(uint32_t agent) const {
    const std::vector<CallIndex>& calls = board.agent(agent_index(agent)).calls;
    EXPECT_LE(calls.size(), 1u);
    return calls.empty() ? CallIndex() : calls.front();
  }
};

// --- Overflow.

TEST_F(BoardVisitsTest, OverflowEndsOneVisitAndBeginsNext) {
  at_s(100);
  enqueue(0, 0, 10 * kNsPerS);
  at_s(115);
  overflow(0, 1);
  EXPECT_EQ(counts(0).offered, 1);
  EXPECT_EQ(counts(0).overflowed_out, 1);
  EXPECT_EQ(counts(0).waiting, 0);
  EXPECT_EQ(counts(0).wait_max_ns, 25 * kNsPerS);
  EXPECT_EQ(counts(1).offered, 0);
  EXPECT_EQ(counts(1).overflowed_in, 1);
  EXPECT_EQ(counts(1).visits(), 1);
  EXPECT_EQ(counts(1).waiting, 1);
  EXPECT_EQ(board.total().offered, 1);
  EXPECT_EQ(call(0).queue, queue_index(1));
  EXPECT_EQ(call(0).visits, 2);
  EXPECT_EQ(call(0).arrived_ns, 90 * kNsPerS);
  EXPECT_EQ(call(0).entered_ns, 115 * kNsPerS);
}

TEST_F(BoardVisitsTest, KeepsCallOverOverflow) {
  enqueue(0, 0);
  offer(0, 0);
  end_offer(0, 0, OfferOutcome::kNoAnswer);
  overflow(0, 1);
  ASSERT_NE(board.find_call("c0"), nullptr);
  EXPECT_EQ(call(0).requirement, "ps >= 5");
  EXPECT_EQ(call(0).leg, "leg-0");
  EXPECT_EQ(call(0).offers, 1);
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
  offer(0, 1, 2);
  EXPECT_EQ(counts(0).offers.created, 1);
  EXPECT_EQ(counts(1).offers.created, 1);
  EXPECT_EQ(call(0).offers, 2);
}

TEST_F(BoardVisitsTest, OrdersLiveCallsByArrivalOverOverflow) {
  enqueue(0, 0);
  at_s(5);
  enqueue(1, 1);
  at_s(9);
  overflow(0, 1);
  using Key = std::pair<int64_t, CallIndex>;
  EXPECT_EQ(board.calls_by_age(),
            (std::set<Key>{{0, call_index(0)}, {5 * kNsPerS, call_index(1)}}));
  EXPECT_EQ(board.queue(queue_index(1)).waiting_calls,
            (std::set<Key>{{5 * kNsPerS, call_index(1)}, {9 * kNsPerS, call_index(0)}}));
}

TEST_F(BoardVisitsTest, AnswersInSecondQueueOnly) {
  enqueue(0, 0);
  at_s(30);
  overflow(0, 1);
  at_s(32);
  answer(0, 0);
  at_s(60);
  complete(0, 0);
  EXPECT_EQ(counts(0).answered, 0);
  EXPECT_EQ(counts(1).answered, 1);
  EXPECT_EQ(counts(1).wait_answered_sum_ns, 2 * kNsPerS);
  EXPECT_EQ(counts(1).handle_sum_ns, 28 * kNsPerS);
  EXPECT_EQ(board.total().visits(), 2);
}

TEST_F(BoardVisitsTest, OverflowToOutsideNumberEndsCall) {
  enqueue(0, 0);
  at_s(8);
  overflow_outside(0);
  EXPECT_EQ(board.find_call("c0"), nullptr);
  EXPECT_TRUE(board.calls_by_age().empty());
  EXPECT_EQ(counts(0).overflowed_out, 1);
  EXPECT_EQ(board.total().overflowed_in, 0);
  enqueue(0, 1);
  EXPECT_EQ(call(0).visits, 1);
}

TEST_F(BoardVisitsTest, CountsRejectedCall) {
  enqueue(0, 0);
  reject(0);
  enqueue(0, 0);
  overflow(0, 1);
  reject(0);
  EXPECT_EQ(counts(0).rejected, 1);
  EXPECT_EQ(counts(1).rejected, 1);
  EXPECT_EQ(counts(0).overflowed_out, 1);
  EXPECT_EQ(board.find_call("c0"), nullptr);
}

TEST_F(BoardVisitsTest, ShowsChangedPriority) {
  enqueue(0);
  Event event;
  event.kind = EventKind::kCallPriorityChanged;
  event.call = call_index(0);
  event.queue = queue_index(0);
  event.number = 42;
  add(event);
  EXPECT_EQ(call(0).priority, 42);
  overflow(0, 1);
  EXPECT_EQ(call(0).priority, 42);
}

TEST_F(BoardVisitsTest, KeepsThePlaceInTheOrderOverAllVisits) {
  at_s(100);
  Event event;
  event.kind = EventKind::kCallEnqueued;
  event.call = call_index(0);
  event.queue = queue_index(0);
  event.source = SourceIndex(0u);
  event.duration_ns = 10 * kNsPerS;
  event.text = log.add_text("c0");
  event.generation = 90'000;
  add(event);
  EXPECT_EQ(call(0).arrived_ns, 90 * kNsPerS);
  EXPECT_EQ(call(0).key_ns, 0);
  at_s(150);
  overflow(0, 1);
  EXPECT_EQ(call(0).entered_ns, 150 * kNsPerS);
  EXPECT_EQ(call(0).key_ns, 0);
}

TEST_F(BoardVisitsTest, PassesOverWhatItDoesNotShow) {
  enqueue(0);
  for (const EventKind kind :
       {EventKind::kCallStepChanged, EventKind::kCallTreated, EventKind::kCallDecided}) {
    add(kind, call_index(0));
  }
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
}

// --- Several offers at once.

TEST_F(BoardVisitsTest, RingsSeveralAgentsUntilOneAccepts) {
  enqueue(0);
  for (uint32_t i = 0; i < 3; ++i) offer(0, i, i + 1);
  EXPECT_EQ(call(0).state, CallState::kAlerting);
  EXPECT_EQ(call(0).agent, agent_index(0));
  EXPECT_EQ(call(0).open_offers.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(in_hand(i), call_index(0));
  accept(0, 1, 2);
  EXPECT_EQ(call(0).state, CallState::kConnecting);
  EXPECT_EQ(call(0).agent, agent_index(1));
  end_offer(0, 0, OfferOutcome::kRescinded, 1);
  end_offer(0, 2, OfferOutcome::kRescinded, 3);
  EXPECT_EQ(call(0).state, CallState::kConnecting);
  EXPECT_EQ(call(0).agent, agent_index(1));
  EXPECT_TRUE(call(0).open_offers.empty());
  EXPECT_FALSE(in_hand(0).valid());
  EXPECT_EQ(in_hand(1), call_index(0));
  EXPECT_FALSE(in_hand(2).valid());
  connect(0, 1);
  EXPECT_EQ(counts().answered, 1);
  EXPECT_EQ(counts().offers.created, 3);
  EXPECT_EQ(counts().offers.accepted, 1);
  EXPECT_EQ(counts().offers.rescinded, 2);
}

TEST_F(BoardVisitsTest, RescindsOthersBeforeTheAcceptanceAsWell) {
  enqueue(0);
  offer(0, 0, 1);
  offer(0, 1, 2);
  end_offer(0, 0, OfferOutcome::kRescinded, 1);
  EXPECT_EQ(call(0).agent, agent_index(1));
  accept(0, 1, 2);
  EXPECT_EQ(call(0).agent, agent_index(1));
  EXPECT_FALSE(in_hand(0).valid());
}

TEST_F(BoardVisitsTest, StaysAlertingWhileAnybodyRings) {
  enqueue(0);
  for (uint32_t i = 0; i < 3; ++i) offer(0, i, i + 1);
  end_offer(0, 0, OfferOutcome::kRejected, 1);
  EXPECT_EQ(call(0).state, CallState::kAlerting);
  EXPECT_EQ(call(0).agent, agent_index(1));
  EXPECT_FALSE(in_hand(0).valid());
  end_offer(0, 2, OfferOutcome::kNoAnswer, 3);
  EXPECT_EQ(call(0).state, CallState::kAlerting);
  end_offer(0, 1, OfferOutcome::kNoAnswer, 2);
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
  EXPECT_FALSE(call(0).agent.valid());
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(board.agent(agent_index(2)).no_answer, 1);
}

TEST_F(BoardVisitsTest, LetsGoOfAllWhenCallerLeavesWhileSeveralRing) {
  enqueue(0);
  for (uint32_t i = 0; i < 3; ++i) offer(0, i, i + 1);
  end_offer(0, 0, OfferOutcome::kCanceled, 1);
  abandon(0);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_FALSE(in_hand(i).valid());
  end_offer(0, 1, OfferOutcome::kCanceled, 2);
  end_offer(0, 2, OfferOutcome::kCanceled, 3);
  EXPECT_EQ(counts().offers.canceled, 3);
  enqueue(0);
  EXPECT_TRUE(call(0).open_offers.empty());
}

TEST_F(BoardVisitsTest, GoesBackAfterBridgeOfOneOfSeveralFails) {
  enqueue(0);
  offer(0, 0, 1);
  offer(0, 1, 2);
  accept(0, 0, 1);
  end_offer(0, 1, OfferOutcome::kRescinded, 2);
  add(EventKind::kCallRequeued, call_index(0), agent_index(0));
  EXPECT_EQ(call(0).state, CallState::kEnqueued);
  EXPECT_FALSE(in_hand(0).valid());
}

// --- Late answers.

TEST_F(BoardVisitsTest, AdoptsLateAnswer) {
  enqueue(0);
  offer(0, 0, 1);
  end_offer(0, 0, OfferOutcome::kNoAnswer, 1);
  adopt(0, 0, 1);
  EXPECT_EQ(call(0).state, CallState::kConnecting);
  EXPECT_EQ(call(0).agent, agent_index(0));
  EXPECT_EQ(in_hand(0), call_index(0));
  at_s(4);
  connect(0, 0);
  EXPECT_EQ(counts().answered, 1);
  EXPECT_EQ(counts().offers.created, 1);
  EXPECT_EQ(counts().offers.no_answer, 1);
  EXPECT_EQ(counts().offers.accepted, 0);
  EXPECT_EQ(counts().offers.adopted, 1);
}

}  // namespace
}  // namespace acd
