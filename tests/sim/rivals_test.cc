// SPDX-License-Identifier: Apache-2.0
// Each rival's formula, on stories that can be reckoned by hand.
#include "sim/rivals.h"

#include <gtest/gtest.h>

#include <string>

#include "routing/limits.h"

namespace acd::sim {
namespace {

class RivalsTest : public ::testing::Test {
 protected:
  RivalsTest() {
    for (const char* queue : {"ps", "ne"}) {
      Event event;
      event.kind = EventKind::kQueueConfigChanged;
      event.queue = QueueIndex(queues_++);
      event.text = log_.add_text(queue);
      add(event, 0);
    }
  }

  void log_in(uint32_t agent, const std::string& skills) {
    Event event;
    event.kind = EventKind::kAgentUpserted;
    event.agent = AgentIndex(agent);
    event.text = log_.add_text("a" + std::to_string(agent));
    event.text3 = log_.add_text(encode_upserted({skills, {}, {}}));
    add(event, 0);
    event = Event();
    event.kind = EventKind::kAgentLoggedIn;
    event.agent = AgentIndex(agent);
    add(event, 0);
  }
  void log_out(uint32_t agent) {
    Event event;
    event.kind = EventKind::kAgentLoggedOut;
    event.agent = AgentIndex(agent);
    add(event, 0);
  }
  // A call of queue 0 is ps, of queue 1 ne.
  void enter(uint32_t call, int64_t at_s, uint32_t queue = 0, int64_t credit_s = 0) {
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.call = CallIndex(call);
    event.queue = QueueIndex(queue);
    event.time_ns = at_s * kNsPerS;
    set_order_key(event.time_ns - credit_s * kNsPerS, &event);
    add(event, at_s);
  }
  void happen(EventKind kind, uint32_t call, int64_t at_s) {
    Event event;
    event.kind = kind;
    event.call = CallIndex(call);
    add(event, at_s);
  }
  void connect(uint32_t call, int64_t at_s) {
    happen(EventKind::kOfferCreated, call, at_s);
    happen(EventKind::kCallConnected, call, at_s);
  }
  void hang_up(uint32_t call, int64_t at_s) { happen(EventKind::kCallCompleted, call, at_s); }
  // A whole call: it waits, and talks.
  void pass(uint32_t call, int64_t at_s, int64_t wait_s, int64_t talk_s = 0) {
    enter(call, at_s);
    connect(call, at_s + wait_s);
    hang_up(call, at_s + wait_s + talk_s);
  }
  double guess(Rival rival, uint32_t call) const {
    return rivals_.guesses(CallIndex(call))[static_cast<size_t>(rival)];
  }

  Rivals rivals_;

 private:
  void add(Event event, int64_t at_s) {
    event.time_ns = at_s * kNsPerS;
    rivals_.apply(event, log_.arena);
  }

  EventLog log_;
  uint32_t queues_ = 0;
};

TEST_F(RivalsTest, ConstantIsTheMeanWaitOfTheTraining) {
  pass(1, 0, 10);
  pass(2, 100, 0);  // Did not wait.
  pass(3, 200, 40);
  rivals_.end_training();
  pass(4, 300, 1'000);
  enter(5, 2'000);
  EXPECT_DOUBLE_EQ(guess(Rival::kConstant, 5), 25);
}

TEST_F(RivalsTest, LastWaitIsThatOfTheLastAnsweredCallThatWaited) {
  pass(1, 0, 10);
  pass(2, 100, 30);
  pass(3, 200, 0);
  enter(4, 300);
  happen(EventKind::kCallAbandoned, 4, 390);
  enter(5, 400);
  EXPECT_DOUBLE_EQ(guess(Rival::kLastWait, 5), 30);
  enter(6, 400, 1);
  EXPECT_DOUBLE_EQ(guess(Rival::kLastWait, 6), 0) << "of its own queue";
}

TEST_F(RivalsTest, MeanOfTheLastTenForgetsTheEleventh) {
  for (uint32_t i = 1; i <= 11; ++i) pass(i, 100 * i, i);
  enter(20, 2'000);
  EXPECT_DOUBLE_EQ(guess(Rival::kLastTen, 20), 6.5);
}

TEST_F(RivalsTest, AsteriskTakesAQuarterOfTheNewestInWholeSeconds) {
  enter(1, 0);
  EXPECT_DOUBLE_EQ(guess(Rival::kAsterisk, 1), 0);
  connect(1, 3);  // Three seconds never raise it from zero.
  enter(2, 10);
  EXPECT_DOUBLE_EQ(guess(Rival::kAsterisk, 2), 0);
  connect(2, 110);
  enter(3, 200);
  EXPECT_DOUBLE_EQ(guess(Rival::kAsterisk, 3), 25);
  connect(3, 200);  // Who did not wait counts: 75 >> 2.
  enter(4, 300);
  EXPECT_DOUBLE_EQ(guess(Rival::kAsterisk, 4), 18);
}

TEST_F(RivalsTest, OpenSipsTakesTheMeanHandleTimeTimesTheQueueByItsAgents) {
  log_in(0, "ps=5");
  log_in(1, "ne=3,ps=1");
  log_in(2, "ne=5");  // Not of this queue.
  pass(1, 0, 0, 100);
  pass(2, 200, 10, 300);
  enter(3, 600);
  enter(4, 600);
  enter(5, 600, 1);
  enter(6, 601);
  EXPECT_DOUBLE_EQ(guess(Rival::kOpenSips, 3), 0);
  EXPECT_DOUBLE_EQ(guess(Rival::kOpenSips, 6), 200.0 * 2 / 2);
  log_out(0);
  log_out(1);
  enter(7, 602);
  EXPECT_DOUBLE_EQ(guess(Rival::kOpenSips, 7), 200.0 * 3) << "one at least";
}

TEST_F(RivalsTest, AvayaTakesThePlaceTimesTheTimeBetweenRemovalsOfItsPriority) {
  enter(1, 0);
  EXPECT_DOUBLE_EQ(guess(Rival::kAvaya, 1), 30);
  enter(2, 0);
  EXPECT_DOUBLE_EQ(guess(Rival::kAvaya, 2), 60);
  enter(3, 5);
  connect(1, 10);  // Ten seconds after somebody began to wait.
  connect(2, 30);  // .9 x 10 + .1 x 20
  enter(4, 31);
  EXPECT_NEAR(guess(Rival::kAvaya, 4), 22, 1e-9);
  enter(5, 32, 1);
  enter(6, 33, 0, 90);  // Before all of them, and of another priority, whose time is not known.
  EXPECT_NEAR(guess(Rival::kAvaya, 6), 30, 1e-9);
}

TEST_F(RivalsTest, QueueLengthCountsAllWhoWaitWhateverTheirPlace) {
  log_in(0, "ps=5");
  log_in(1, "ps=5");
  pass(1, 0, 0, 100);
  enter(2, 600);
  enter(3, 600, 1);
  enter(4, 600);
  connect(4, 600);
  enter(5, 601, 0, 90);
  EXPECT_DOUBLE_EQ(guess(Rival::kQueueLength, 5), 100.0 * 3 / 2);
}

TEST_F(RivalsTest, FittedQueueLengthIsThePlaceTimesTheBestFactorOfTheTraining) {
  enter(1, 0);
  enter(2, 0);
  connect(1, 10);
  connect(2, 30);  // (1 x 10 + 2 x 30) / (1 + 4) = 14
  rivals_.end_training();
  pass(3, 100, 50);
  enter(4, 200);
  enter(5, 200, 1);
  enter(6, 201);
  enter(7, 202, 0, 90);
  EXPECT_DOUBLE_EQ(guess(Rival::kQueueLengthFitted, 4), 14);
  EXPECT_DOUBLE_EQ(guess(Rival::kQueueLengthFitted, 6), 42);
  EXPECT_DOUBLE_EQ(guess(Rival::kQueueLengthFitted, 7), 14) << "its head start puts it first";
}

TEST_F(RivalsTest, EachHasAName) {
  for (size_t i = 0; i < kRivalCount; ++i) EXPECT_NE(rival_name(static_cast<Rival>(i)), "");
}

}  // namespace
}  // namespace acd::sim
