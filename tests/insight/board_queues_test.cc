// SPDX-License-Identifier: Apache-2.0
// Queues that are added, edited, opened, closed and removed while the board is in use.
#include <gtest/gtest.h>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

std::vector<std::string> listed_ids(const Board& board) {
  std::vector<std::string> ids;
  for (const QueueView* queue : board.queues()) ids.push_back(queue->id);
  return ids;
}

// Queues "sales" (0) and "slow" (1), agent "ada".
class BoardQueuesTest : public testing::Test, protected EventFeed {
 protected:
  BoardQueuesTest() { upsert(0, "ada"); }
  void TearDown() override { EXPECT_TRUE(board.total().conserved()); }
  bool is_open(uint32_t queue) const { return board.queue(queue_index(queue)).is_open; }
  void tell(EventKind kind, uint32_t queue) {
    Event event;
    event.kind = kind;
    event.queue = queue_index(queue);
    add(event);
  }
};

TEST_F(BoardQueuesTest, ListsConfiguredQueuesBeforeFirstEvent) {
  Board fresh;
  fresh.configure(two_queues());
  EXPECT_EQ(listed_ids(fresh), (std::vector<std::string>{"sales", "slow"}));
  EXPECT_NE(fresh.find_queue("slow"), nullptr);
}

TEST_F(BoardQueuesTest, KeepsIndexesAndCountersByIdWhenConfigured) {
  enqueue(0, 0);
  enqueue(1, 1);
  answer(1, 0);
  TenantConfig config = two_queues();
  std::swap(config.queues[0], config.queues[1]);
  config.queues.insert(config.queues.begin(), queue_config("new", kNsPerS, 0));
  config.queues[2].service_level_goal_percent = 95;
  configure(config);
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"new", "slow", "sales"}));
  EXPECT_EQ(board.queue(queue_index(2)).id, "new");
  EXPECT_EQ(board.find_queue("sales"), board.queues()[2]);
  EXPECT_EQ(board.find_queue("gone"), nullptr);
  EXPECT_EQ(board.find_queue("sales")->service_level_goal_percent, 95);
  EXPECT_EQ(counts(0).waiting, 1);
  EXPECT_EQ(counts(1).connected, 1);
  complete(1, 0);
  start_wrap_up(0, 1);
  end_wrap_up(0, 1);
  abandon(0);
  enqueue(2, 2);
  EXPECT_EQ(counts(1).handled, 1);
  EXPECT_EQ(counts(0).short_abandoned, 1);
  EXPECT_EQ(board.find_queue("new")->counts.offered, 1);
}

TEST_F(BoardQueuesTest, TakesSettingsAfterTheEventsToo) {
  TenantConfig config = two_queues();
  config.queues.insert(config.queues.begin(), queue_config("new", kNsPerS, 0));
  tell_queues(config);
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"sales", "slow", "new"}));
  enqueue(0, 2);
  board.configure(config);
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"new", "sales", "slow"}));
  EXPECT_EQ(board.find_queue("new")->service_level_target_ns, kNsPerS);
  EXPECT_EQ(counts(2).waiting, 1);
}

TEST_F(BoardQueuesTest, ListsQueueLeftOutUntilItsRemovalIsTold) {
  enqueue(0, 0);
  TenantConfig config = two_queues();
  config.queues.erase(config.queues.begin());
  configure(config);
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"slow", "sales"}));
  EXPECT_EQ(board.find_queue("sales")->counts.waiting, 1);
  at_s(7);
  overflow(0, 1, VisitEntry::kDrained);
  EXPECT_EQ(counts(0).overflowed_out, 1);
  EXPECT_EQ(counts(1).overflowed_in, 1);
  remove_queue(0);
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"slow"}));
  EXPECT_EQ(board.find_queue("sales"), nullptr);
  EXPECT_EQ(board.total().offered, 1);
  EXPECT_EQ(board.total().overflowed_out, 1);
}

TEST_F(BoardQueuesTest, KeepsRemovedQueueInTotalWithItsCallAndWrapUp) {
  enqueue(0, 1);
  answer(0, 0);
  TenantConfig config = two_queues();
  config.queues.pop_back();
  configure(config);
  remove_queue(1);
  EXPECT_EQ(board.find_queue("slow"), nullptr);
  EXPECT_EQ(board.queue(board.call(call_index(0)).queue).id, "slow");
  at_s(30);
  complete(0, 0);
  start_wrap_up(0, 1);
  at_s(40);
  end_wrap_up(0, 1);
  EXPECT_EQ(board.total().answered, 1);
  EXPECT_EQ(board.total().handled, 1);
  EXPECT_EQ(board.total().handle_sum_ns, 40 * kNsPerS);
  EXPECT_EQ(counts(0).handled, 0);
}

TEST_F(BoardQueuesTest, GoesOnCountingWhenQueueComesBack) {
  enqueue(0, 1);
  abandon(0);
  change_member(EventKind::kMemberPaused, 0, 1);
  tell(EventKind::kQueueClosed, 1);
  TenantConfig config = two_queues();
  config.queues.pop_back();
  configure(config);
  remove_queue(1);
  configure(two_queues());
  EXPECT_EQ(listed_ids(board), (std::vector<std::string>{"sales", "slow"}));
  EXPECT_EQ(counts(1).short_abandoned, 1);
  EXPECT_TRUE(is_open(1));
  EXPECT_TRUE(board.queue(queue_index(1)).members_paused.empty());
}

// Wherever the Router puts a queue that comes back.
TEST_F(BoardQueuesTest, FollowsQueueToAnotherIndex) {
  remove_queue(1);
  Event event;
  event.kind = EventKind::kQueueConfigChanged;
  event.queue = queue_index(2);
  event.text = log.add_text("slow");
  add(event);
  enqueue(0, 2);
  EXPECT_EQ(board.find_queue("slow")->counts.offered, 1);
}

TEST_F(BoardQueuesTest, ShowsOpenAndClosed) {
  EXPECT_TRUE(is_open(0));
  tell(EventKind::kQueueClosed, 0);
  EXPECT_FALSE(is_open(0));
  EXPECT_TRUE(is_open(1));
  configure(two_queues());
  EXPECT_FALSE(is_open(0));
  tell(EventKind::kQueueOpened, 0);
  EXPECT_TRUE(is_open(0));
}

TEST(BoardQueuesDeathTest, RefusesIndexOutOfOrder) {
  EventFeed feed;
  Event event;
  event.kind = EventKind::kQueueConfigChanged;
  event.queue = queue_index(3);
  event.text = feed.log.add_text("new");
  EXPECT_DEATH(feed.add(event), "CHECK failed");
  event.kind = EventKind::kQueueRemoved;
  EXPECT_DEATH(feed.add(event), "CHECK failed");
}

}  // namespace
}  // namespace acd
