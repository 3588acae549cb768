// SPDX-License-Identifier: Apache-2.0
// Records of assignments: of live calls, and of the last that ended.
#include <gtest/gtest.h>

#include <string>

#include "routing/insight/saved_board.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

class DecisionRingTest : public ::testing::Test {
 protected:
  void decide(uint32_t call, const std::string& record) {
    Event event;
    event.kind = EventKind::kCallDecided;
    event.call = call_index(call);
    event.text = feed_.log.add_text(record);
    feed_.add(event);
  }
  static std::string record_of(const Board& board, const std::string& call) {
    const CallDecision* decision = board.find_decision(call);
    return decision == nullptr ? "none" : decision->record;
  }
  std::string record_of(const std::string& call) { return record_of(feed_.board, call); }

  EventFeed feed_;
};

TEST_F(DecisionRingTest, KeepsTheLatestOfACallAlsoWhenItHasEnded) {
  EXPECT_EQ(record_of("c1"), "none");
  feed_.enqueue(1);
  EXPECT_EQ(record_of("c1"), "none");
  decide(1, "first");
  decide(1, "second");
  EXPECT_EQ(record_of("c1"), "second");
  EXPECT_EQ(feed_.board.find_decision("c1")->queue, queue_index(0));
  EXPECT_EQ(feed_.board.find_decision("c1")->sequence, feed_.board.sequence());
  feed_.abandon(1);
  EXPECT_EQ(record_of("c1"), "second");
}

TEST_F(DecisionRingTest, ALiveCallIsNotTakenForAnEarlierOneOfItsId) {
  feed_.enqueue(1);
  decide(1, "of the first");
  feed_.abandon(1);
  feed_.enqueue(1);
  EXPECT_EQ(record_of("c1"), "none");
  feed_.abandon(1);
  EXPECT_EQ(record_of("c1"), "of the first");
}

TEST_F(DecisionRingTest, KeepsThoseOfTheLastCallsThatEndedAndNoMore) {
  feed_.enqueue(0);
  decide(0, "lives");
  for (uint32_t call = 1; call <= DecisionRing::kEndedMax + 1; ++call) {
    feed_.enqueue(call);
    decide(call, std::to_string(call));
    feed_.abandon(call);
  }
  EXPECT_EQ(record_of("c0"), "lives");
  EXPECT_EQ(record_of("c1"), "none");
  EXPECT_EQ(record_of("c2"), "2");
  EXPECT_EQ(record_of("c10001"), "10001");
}

TEST_F(DecisionRingTest, ARestoredBoardKnowsThemAndGoesOn) {
  for (const uint32_t call : {1u, 2u, 3u}) {
    feed_.enqueue(call);
    decide(call, std::to_string(call));
  }
  feed_.abandon(2);
  feed_.abandon(1);
  const SavedBoard saved = feed_.board.save();
  Board board;
  board.restore(saved);
  EXPECT_EQ(board.save(), saved);
  EXPECT_EQ(record_of(board, "c1"), "1");
  EXPECT_EQ(record_of(board, "c3"), "3");
  feed_.abandon(3);
  board.apply(feed_.log.events.back(), feed_.log.arena);
  EXPECT_EQ(board.save(), feed_.board.save());
}

}  // namespace
}  // namespace acd
