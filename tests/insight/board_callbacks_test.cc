// SPDX-License-Identifier: Apache-2.0
// Callbacks as queues and calls show them.
#include <gtest/gtest.h>

#include "routing/callback.h"
#include "routing/insight/saved_board.h"
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
    event.text3 = log.add_text(encode_asked({"0201", "c" + std::to_string(origin)}));
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
    if (outcome == DialOutcome::kAnswered) event.text = log.add_text("acd-c1-1");
    add(event);
  }
  void schedule(ScheduleChange change, const std::string& id, int64_t due_ms,
                const std::string& queue = "sales") {
    Event event;
    event.kind = EventKind::kCallScheduled;
    event.detail = static_cast<uint8_t>(change);
    event.source = SourceIndex(0u);
    event.flag = true;
    event.number = 7;
    event.duration_ns = due_ms * kNsPerMs;
    event.text = log.add_text(id);
    event.text2 = log.add_text(queue);
    event.text3 = log.add_text("0201");
    add(event);
  }
  // "1000 c1, 2000 c2".
  std::string scheduled() {
    std::string text;
    for (const auto& [due_ms, id] : board.scheduled_by_time()) {
      text += (text.empty() ? "" : ", ") + std::to_string(due_ms) + " " + id;
    }
    return text;
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
  EXPECT_EQ(board.call(call_index(1)).number, "0201");
  EXPECT_EQ(board.call(call_index(1)).leg, "");
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
  EXPECT_EQ(board.call(call_index(1)).next_attempt_ns, now_ns + 60 * kNsPerS);
  EXPECT_TRUE(board.agent(agent_index(0)).calls.empty());
  EXPECT_EQ(board.call(call_index(1)).attempts, 1);
  EXPECT_EQ(counts().dials_failed, 1);
  EXPECT_EQ(counts().callbacks_waiting, 1);
  add(EventKind::kCallDue, call_index(1));
  EXPECT_EQ(state(1), CallState::kEnqueued);
  EXPECT_EQ(board.call(call_index(1)).next_attempt_ns, 0);
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
  EXPECT_EQ(board.call(call_index(1)).leg, "acd-c1-1");
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

TEST_F(BoardCallbacksTest, WhatIsForLaterIsListedUntilItEnters) {
  schedule(ScheduleChange::kMade, "c7", 3'000);
  schedule(ScheduleChange::kMade, "c1", 2'000);
  schedule(ScheduleChange::kMade, "c2", 1'000);
  EXPECT_EQ(scheduled(), "1000 c2, 2000 c1, 3000 c7");
  EXPECT_EQ(board.scheduled("c7"),
            (ScheduledCall{"sales", SourceIndex(0u), "0201", true, 7, 3'000}));
  schedule(ScheduleChange::kMoved, "c2", 2'500);
  EXPECT_EQ(scheduled(), "2000 c1, 2500 c2, 3000 c7");
  EXPECT_EQ(board.scheduled("c2").due_ms, 2'500);
  Board restored;
  restored.restore(board.save());
  EXPECT_EQ(restored.scheduled_by_time(), board.scheduled_by_time());
  EXPECT_TRUE(restored.save() == board.save());
  ask(1, 0);  // Its time has come.
  EXPECT_EQ(scheduled(), "2500 c2, 3000 c7");
  schedule(ScheduleChange::kDropped, "c2", 2'500);
  EXPECT_EQ(scheduled(), "3000 c7");
  schedule(ScheduleChange::kCanceled, "c7", 3'000);
  EXPECT_EQ(scheduled(), "");
}

TEST_F(BoardCallbacksTest, WhatIsForLaterAndComesToNothingCountsForItsQueue) {
  schedule(ScheduleChange::kMade, "c1", 1'000);
  schedule(ScheduleChange::kDropped, "c1", 1'000);
  schedule(ScheduleChange::kMade, "c2", 1'000);
  schedule(ScheduleChange::kCanceled, "c2", 1'000);
  EXPECT_EQ(counts().scheduled_dropped, 1);
  EXPECT_EQ(counts().scheduled_canceled, 1);
  EXPECT_EQ(counts().visits(), 0);
  EXPECT_TRUE(counts().conserved());
  // Of a queue that nobody knows any more.
  schedule(ScheduleChange::kMade, "c3", 1'000, "gone");
  schedule(ScheduleChange::kDropped, "c3", 1'000, "gone");
  EXPECT_EQ(counts().scheduled_dropped, 1);
  EXPECT_EQ(board.total().scheduled_dropped, 2);
}

TEST_F(BoardCallbacksTest, TheWindowOfAQueueIsToldAndGoesWithTheQueue) {
  const auto is_open = [&] { return board.queue(queue_index(0)).are_callbacks_open; };
  EXPECT_TRUE(is_open());
  Event event;
  event.queue = queue_index(0);
  event.kind = EventKind::kQueueCallbacksClosed;
  add(event);
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(board.queue(queue_index(0)).is_open);
  Board restored;
  restored.restore(board.save());
  EXPECT_FALSE(restored.queue(queue_index(0)).are_callbacks_open);
  event.kind = EventKind::kQueueCallbacksOpened;
  add(event);
  EXPECT_TRUE(is_open());
  event.kind = EventKind::kQueueCallbacksClosed;
  add(event);
  remove_queue(0);
  EXPECT_TRUE(is_open());
}

}  // namespace
}  // namespace acd
