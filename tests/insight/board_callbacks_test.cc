// SPDX-License-Identifier: Apache-2.0
// Callbacks as queues and calls show them.
#include <gtest/gtest.h>

#include "routing/callback.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

class BoardCallbacksTest : public ::testing::Test, public EventFeed {
 protected:
  BoardCallbacksTest() { upsert(0, "ada"); }

  void ask(uint32_t call, uint32_t origin) {
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.detail = static_cast<uint8_t>(VisitEntry::kCallback);
    event.call = call_index(call);
    event.queue = queue_index(0);
    event.source = SourceIndex(0u);
    event.medium = Medium::kCallback;
    event.text = log.add_text("c" + std::to_string(call));
    event.text3 = log.add_text("c" + std::to_string(origin));
    add(event);
  }
  void dial(uint32_t call, AgentIndex agent = {}) {
    add(EventKind::kCallDialed, call_index(call), agent);
  }
  void end_dial(uint32_t call, DialOutcome outcome, int32_t attempts, int64_t again_ns,
                AgentIndex agent = {}) {
    Event event;
    event.kind = EventKind::kCallDialEnded;
    event.call = call_index(call);
    event.agent = agent;
    event.detail = static_cast<uint8_t>(outcome);
    event.number = attempts;
    event.duration_ns = again_ns;
    add(event);
  }
  CallState state(uint32_t call) { return board.call(call_index(call)).state; }
};

TEST_F(BoardCallbacksTest, WaitBesideThoseOnTheLine) {
  enqueue(0);
  at_s(10);
  add(EventKind::kCallCallbackRequested, call_index(0));
  ask(1, 0);
  EXPECT_EQ(counts().waiting, 0);
  EXPECT_EQ(counts().callbacks_waiting, 1);
  EXPECT_EQ(counts().callback_requested, 1);
  EXPECT_EQ(counts().offered, 2);
  EXPECT_EQ(counts().abandoned, 0);
  EXPECT_TRUE(board.queue(queue_index(0)).waiting_calls.empty());
  EXPECT_EQ(board.call(call_index(1)).origin, "c0");
  EXPECT_TRUE(counts().conserved());
}

TEST_F(BoardCallbacksTest, AreInNoWaitAndInNoServiceLevel) {
  ask(1, 0);
  at_s(900);
  board.advance(now_ns);
  offer(1, 0);
  accept(1, 0);
  dial(1, agent_index(0));
  EXPECT_EQ(state(1), CallState::kConnecting);
  connect(1, 0);
  EXPECT_EQ(counts().answered, 1);
  EXPECT_EQ(counts().callbacks_answered, 1);
  EXPECT_EQ(counts().callbacks_waiting, 0);
  EXPECT_EQ(counts().wait_answered_sum_ns, 0);
  EXPECT_EQ(counts().wait_max_ns, 0);
  EXPECT_EQ(counts().sl_entered, 0);
  EXPECT_EQ(counts().sl_left_out, 1);
  at_s(960);
  complete(1, 0);
  EXPECT_EQ(counts().handle_sum_ns, 60 * kNsPerS);
  EXPECT_TRUE(counts().conserved());
}

TEST_F(BoardCallbacksTest, AnAttemptFreesTheAgentAndIsCounted) {
  ask(1, 0);
  offer(1, 0);
  accept(1, 0);
  dial(1, agent_index(0));
  EXPECT_EQ(board.agent(agent_index(0)).calls.size(), 1u);
  end_dial(1, DialOutcome::kBusy, 1, 60 * kNsPerS, agent_index(0));
  EXPECT_EQ(state(1), CallState::kScheduled);
  EXPECT_TRUE(board.agent(agent_index(0)).calls.empty());
  EXPECT_EQ(board.call(call_index(1)).attempts, 1);
  EXPECT_EQ(counts().dials_failed, 1);
  EXPECT_EQ(counts().callbacks_waiting, 1);
  add(EventKind::kCallDue, call_index(1));
  EXPECT_EQ(state(1), CallState::kEnqueued);
  // The switch is lost meanwhile: no attempt.
  offer(1, 0, 2);
  accept(1, 0, 2);
  dial(1, agent_index(0));
  end_dial(1, DialOutcome::kNone, 1, 0, agent_index(0));
  EXPECT_EQ(state(1), CallState::kEnqueued);
  EXPECT_EQ(counts().dials_failed, 1);
  add(EventKind::kCallFailed, call_index(1), {}, static_cast<uint8_t>(FailReason::kAttempts));
  EXPECT_EQ(counts().failed_waiting, 1);
  EXPECT_EQ(counts().callbacks_waiting, 0);
  EXPECT_TRUE(counts().conserved());
}

TEST_F(BoardCallbacksTest, ACustomerOnTheLineWaitsFromTheirAnswerOn) {
  ask(1, 0);
  at_s(100);
  dial(1);
  EXPECT_EQ(state(1), CallState::kDialing);
  at_s(110);
  end_dial(1, DialOutcome::kAnswered, 0, 0);
  EXPECT_EQ(counts().waiting, 1);
  EXPECT_EQ(counts().callbacks_waiting, 0);
  EXPECT_EQ(board.queue(queue_index(0)).waiting_calls.begin()->first, 110 * kNsPerS);
  at_s(117);
  answer(1, 0);
  EXPECT_EQ(counts().wait_answered_sum_ns, 7 * kNsPerS);
  EXPECT_EQ(counts().sl_entered, 1);
  EXPECT_EQ(counts().callbacks_answered, 0);
  EXPECT_TRUE(counts().conserved());
}

}  // namespace
}  // namespace acd
