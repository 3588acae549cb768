// SPDX-License-Identifier: Apache-2.0
// How ended calls went, as queues and agents show it.
#include <gmock/gmock.h>

#include <string>

#include "routing/outcome.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class BoardOutcomesTest : public ::testing::Test, public EventFeed {
 protected:
  BoardOutcomesTest() {
    for (uint32_t i = 0; i < 2; ++i) upsert(i, "a" + std::to_string(i));
  }
  // Of a live call, or of one that ended in `queue` with `agent`.
  void score(const ToldOutcome& before, const ToldOutcome& after, CallIndex call,
             uint32_t queue = 0, AgentIndex agent = {}) {
    Event event;
    event.kind = EventKind::kCallScored;
    event.call = call;
    event.queue = queue_index(queue);
    event.agent = agent;
    event.text2 = log.add_text(encode_scored({before, after, ""}));
    add(event);
  }
  const OutcomeCounts& of_queue(uint32_t queue = 0) {
    return board.queue(queue_index(queue)).counts.outcomes;
  }
  const AgentView& of_agent(uint32_t agent) { return board.agent(agent_index(agent)); }

  const ToldOutcome none_;
  const ToldOutcome sold_{"sold", Resolved::kYes, 9, kNoScore};
  const ToldOutcome junk_{"junk", Resolved::kNo, 4, 80};
};

TEST_F(BoardOutcomesTest, CountsALiveCallWhenItEndsWhereItEnds) {
  enqueue(0, 0);
  score(none_, sold_, call_index(0));
  overflow(0, 1);
  offer(0, 0);
  answer(0, 0);
  EXPECT_EQ(of_queue(0), OutcomeCounts());
  EXPECT_EQ(of_queue(1), OutcomeCounts());
  EXPECT_EQ(board.find_call("c0")->outcome, sold_);
  complete(0, 0);
  EXPECT_EQ(of_queue(0), OutcomeCounts());
  EXPECT_EQ(of_queue(1).resolved, 1);
  EXPECT_EQ(of_queue(1).survey_sum, 9);
  EXPECT_EQ(of_agent(0).outcomes, of_queue(1));
  EXPECT_EQ(of_agent(1).outcomes, OutcomeCounts());
  EXPECT_THAT(of_agent(0).codes, ElementsAre(Pair("sold", 1)));
}

TEST_F(BoardOutcomesTest, CountsForNobodyWhereNobodyTalked) {
  enqueue(0, 1);
  offer(0, 0);
  score(none_, junk_, call_index(0));
  end_offer(0, 0, OfferOutcome::kCanceled);
  abandon(0);
  EXPECT_EQ(of_queue(1).unresolved, 1);
  EXPECT_EQ(of_agent(0).outcomes, OutcomeCounts());
  EXPECT_THAT(of_agent(0).codes, IsEmpty());
}

TEST_F(BoardOutcomesTest, CountsACallThatGoesOutside) {
  enqueue(0, 1);
  score(none_, junk_, call_index(0));
  overflow_outside(0);
  EXPECT_EQ(of_queue(1).qualities, 1);
}

TEST_F(BoardOutcomesTest, WhatIsToldAnewTakesThePlaceOfWhatWasCounted) {
  enqueue(0);
  offer(0, 0);
  answer(0, 0);
  complete(0, 0);
  score(none_, junk_, CallIndex(), 0, agent_index(0));
  score(junk_, sold_, CallIndex(), 0, agent_index(0));
  OutcomeCounts expected;
  expected.resolved = 1;
  expected.surveys = 1;
  expected.survey_sum = 9;
  EXPECT_EQ(of_queue(), expected);
  EXPECT_EQ(of_agent(0).outcomes, expected);
  EXPECT_EQ(board.total().outcomes, expected);
  EXPECT_THAT(board.queue(queue_index(0)).codes, ElementsAre(Pair("sold", 1)));
  EXPECT_THAT(board.total_codes(), ElementsAre(Pair("sold", 1)));
}

TEST_F(BoardOutcomesTest, TheSlotOfACallForgetsWhatItsLastOneWasTold) {
  enqueue(0);
  score(none_, sold_, call_index(0));
  abandon(0);
  enqueue(0);
  EXPECT_EQ(board.call(call_index(0)).outcome, none_);
  abandon(0);
  EXPECT_EQ(of_queue().resolved, 1);
}

TEST_F(BoardOutcomesTest, TheShareOfTheResolvedIsOfThoseThatWereTold) {
  OutcomeCounts counts;
  EXPECT_EQ(counts.resolved_percent(), std::nullopt);
  counts.resolved = 3;
  counts.unresolved = 1;
  counts.surveys = 10;
  EXPECT_DOUBLE_EQ(*counts.resolved_percent(), 75.0);
}

}  // namespace
}  // namespace acd
