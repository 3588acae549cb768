// SPDX-License-Identifier: Apache-2.0
// Transfers as queues, agents and calls show them.
#include <gtest/gtest.h>

#include <string>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

class BoardTransfersTest : public ::testing::Test, public EventFeed {
 protected:
  BoardTransfersTest() {
    for (uint32_t i = 0; i < 2; ++i) upsert(i, "a" + std::to_string(i));
  }
  // The call leaves the queue it is in; `agent` had it, if one is given.
  void leave_by_transfer(uint32_t call, bool is_outside, AgentIndex agent = {}) {
    Event event;
    event.kind = EventKind::kCallTransferred;
    event.call = call_index(call);
    event.queue = board.call(call_index(call)).queue;
    event.agent = agent;
    event.flag = is_outside;
    event.detail =
        static_cast<uint8_t>(is_outside ? TransferTarget::kOutside : TransferTarget::kQueue);
    add(event);
  }
  void enter_by_transfer(uint32_t call, uint32_t to) {
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.detail = static_cast<uint8_t>(VisitEntry::kTransfer);
    event.call = call_index(call);
    event.queue = queue_index(to);
    event.source = SourceIndex(0u);
    event.text = log.add_text("c" + std::to_string(call));
    add(event);
  }
  // `to` joins the call and `from` leaves it.
  void merge_on(uint32_t call, uint32_t from, uint32_t to) {
    add(EventKind::kCallPartyJoined, call_index(call), agent_index(to));
    add(EventKind::kCallPartyLeft, call_index(call), agent_index(from), 1);
  }
  const QueueCounts& counts(uint32_t queue) { return board.queue(queue_index(queue)).counts; }
};

TEST_F(BoardTransfersTest, AConnectedCallEndsItsTalkThereAndBeginsAVisitHere) {
  now_ns = 100 * kNsPerS;
  enqueue(0, 0);
  now_ns += 5 * kNsPerS;
  offer(0, 0);
  answer(0, 0);
  now_ns += 60 * kNsPerS;
  leave_by_transfer(0, false, agent_index(0));
  enter_by_transfer(0, 1);
  EXPECT_EQ(counts(0).transferred_out, 1);
  EXPECT_EQ(counts(0).transferred_out_waiting, 0);
  EXPECT_EQ(counts(0).connected, 0);
  EXPECT_EQ(counts(0).handled, 1);
  EXPECT_EQ(counts(0).handle_sum_ns, 60 * kNsPerS);
  EXPECT_EQ(counts(1).transferred_in, 1);
  EXPECT_EQ(counts(1).offered, 0);
  EXPECT_EQ(counts(1).waiting, 1);
  EXPECT_EQ(counts(0).transfer_percent(), 100.0);
  EXPECT_EQ(counts(1).transfer_percent(), std::nullopt);
  const AgentView& ada = board.agent(agent_index(0));
  EXPECT_EQ(ada.transferred, 1);
  EXPECT_TRUE(ada.calls.empty());
  EXPECT_EQ(transfer_percent(ada), 100.0);
  const CallView& call = *board.find_call("c0");
  EXPECT_EQ(call.transfers, 1);
  EXPECT_EQ(call.state, CallState::kEnqueued);
  EXPECT_EQ(call.arrived_ns, 100 * kNsPerS);
  EXPECT_EQ(call.entered_ns, now_ns);

  offer(0, 1, 2);
  accept(0, 1, 2);
  connect(0, 1);
  complete(0, 1);
  EXPECT_EQ(counts(1).answered, 1);
  EXPECT_TRUE(board.total().conserved());
}

TEST_F(BoardTransfersTest, AVisitIsTransferredOnceAndAnAgentAsOftenAsTheyHadTheCall) {
  enqueue(0, 0);
  answer(0, 0);
  merge_on(0, 0, 1);
  merge_on(0, 1, 0);
  const AgentView& ada = board.agent(agent_index(0));
  const AgentView& bob = board.agent(agent_index(1));
  EXPECT_EQ(board.find_call("c0")->transfers, 2);
  EXPECT_EQ(counts(0).transferred_out, 1);
  EXPECT_EQ(counts(0).transfer_percent(), 100.0);
  EXPECT_EQ(ada.answered, 1);
  EXPECT_EQ(ada.joined, 1);
  EXPECT_EQ(transfer_percent(ada), 50.0);
  EXPECT_EQ(bob.answered, 0);
  EXPECT_EQ(transfer_percent(bob), 100.0);
  leave_by_transfer(0, false, agent_index(0));
  enter_by_transfer(0, 1);
  EXPECT_EQ(counts(0).transferred_out, 1);
  EXPECT_EQ(transfer_percent(ada), 100.0);
  // Answered anew, it is transferred anew.
  offer(0, 1, 2);
  accept(0, 1, 2);
  connect(0, 1);
  merge_on(0, 1, 0);
  EXPECT_EQ(counts(1).transferred_out, 1);
  EXPECT_EQ(counts(1).transfer_percent(), 100.0);
  EXPECT_EQ(board.total().transfer_percent(), 100.0);
}

TEST_F(BoardTransfersTest, AWaitingCallIsLeftOutOfTheServiceLevelWithinTheTarget) {
  enqueue(0, 0);
  leave_by_transfer(0, false);
  enter_by_transfer(0, 1);
  EXPECT_EQ(counts(0).transferred_out_waiting, 1);
  EXPECT_EQ(counts(0).transferred_out, 0);
  EXPECT_EQ(counts(0).sl_left_out, 1);
  EXPECT_EQ(counts(0).sl_transferred_in_target, 1);
  EXPECT_EQ(counts(0).sl_entered, 0);
  now_ns += 3600 * kNsPerS;
  leave_by_transfer(0, true);
  EXPECT_EQ(counts(1).transferred_out_waiting, 1);
  EXPECT_EQ(counts(1).sl_entered, 1);
  EXPECT_EQ(counts(1).sl_transferred_in_target, 0);
  EXPECT_EQ(board.find_call("c0"), nullptr);
  EXPECT_TRUE(counts(0).conserved() && counts(1).conserved());
}

}  // namespace
}  // namespace acd
