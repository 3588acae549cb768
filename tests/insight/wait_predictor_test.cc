// SPDX-License-Identifier: Apache-2.0
// What the wait predictor says, and why it says nothing.
#include "routing/insight/wait_predictor.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

// A queue for everybody, one for those with a skill, and one for nobody yet.
TenantConfig three_queues() {
  TenantConfig config;
  config.id = "bank";
  config.skills = {"loans"};
  for (const char* id : {"all", "loans", "quiet"}) config.queues.emplace_back().id = id;
  config.queues[1].requirement = "loans >= 5";
  return config;
}

class WaitPredictorTest : public ::testing::Test {
 protected:
  explicit WaitPredictorTest(const TenantConfig& config = three_queues())
      : feed_(TenantConfig()), predictor_(feed_.board) {
    feed_.listener = [this](const Event& event) { predictor_.apply(event); };
    predictor_.configure(config);
    feed_.configure(config);
    add_event(EventKind::kSwitchConnected);
  }

  void add_event(EventKind kind, uint32_t queue = 0) {
    Event event;
    event.kind = kind;
    event.source = SourceIndex(0u);
    event.queue = queue_index(queue);
    event.text = feed_.log.add_text("pbx");
    feed_.add(event);
  }
  void bring(uint32_t agent, const std::string& skills = "") {
    const std::string id = "a" + std::to_string(agent);
    feed_.upsert(agent, id, id, skills);
    feed_.log_in(agent, "phone-" + id);
    feed_.change_state(agent, AgentState::kReady);
  }
  void pass_s(int64_t s) { feed_.at(feed_.now_ns + s * kNsPerS); }

  void take(uint32_t call, uint32_t agent) {
    feed_.answer(call, agent);
    feed_.change_state(agent, AgentState::kOnCall);
  }
  void end(uint32_t call, uint32_t agent) {
    feed_.complete(call, agent);
    feed_.change_state(agent, AgentState::kReady);
  }
  // So many calls of the queue wait for agent 0, each for about a minute. The agent ends up with
  // one.
  uint32_t teach(int calls, uint32_t queue = 0) {
    feed_.enqueue(next_, queue);
    take(next_, 0);
    for (int i = 0; i < calls; ++i) {
      const uint32_t talking = next_++;
      pass_s(100);
      feed_.enqueue(next_, queue);
      // Different enough that four of five are within their p80.
      pass_s(i % 5 == 0 ? 160 : 30 + 7 * (i % 7));
      end(talking, 0);
      take(next_, 0);
    }
    return next_++;
  }
  [[nodiscard]] WaitPrediction of_call(uint32_t call) const {
    return predictor_.predict_call(call_index(call), feed_.now_ns);
  }
  [[nodiscard]] WaitPrediction of_arrival(uint32_t queue = 0, int32_t priority = 7) const {
    return predictor_.predict_arrival(queue_index(queue), {priority, 0}, feed_.now_ns);
  }
  void expect_unknown(WaitUnknown unknown, const WaitPrediction& prediction) const {
    EXPECT_EQ(wait_unknown_name(prediction.unknown), wait_unknown_name(unknown));
    EXPECT_EQ(prediction.p80_ns, 0);
  }

  EventFeed feed_;
  WaitPredictor predictor_;
  uint32_t next_ = 0;
};

// --- What is said.

TEST_F(WaitPredictorTest, NobodyWaitsWhereSomebodyIsFree) {
  bring(0);
  const WaitPrediction prediction = of_arrival();
  EXPECT_TRUE(prediction.is_known());
  EXPECT_EQ(prediction.position, 1);
  EXPECT_EQ(prediction.p95_ns, 0);
}

TEST_F(WaitPredictorTest, SaysQuantilesInTheirOrderOnceItHasLearned) {
  bring(0);
  teach(40);
  feed_.enqueue(next_++);
  pass_s(1);
  const WaitPrediction first = of_call(next_ - 1);
  ASSERT_TRUE(first.is_known()) << wait_unknown_name(first.unknown);
  EXPECT_EQ(first.position, 1);
  EXPECT_GT(first.mean_ns, 30 * kNsPerS);
  EXPECT_LT(first.mean_ns, 150 * kNsPerS);
  EXPECT_LT(0, first.p50_ns);
  EXPECT_LT(first.p50_ns, first.p80_ns);
  EXPECT_LT(first.p80_ns, first.p95_ns);
  const WaitPrediction second = of_arrival();
  EXPECT_EQ(second.position, 2);
  EXPECT_DOUBLE_EQ(second.calls_ahead, 1);
  EXPECT_GT(second.mean_ns, first.mean_ns);
}

TEST_F(WaitPredictorTest, WhoGoesFirstDoesNotCountThoseBehind) {
  bring(0);
  teach(40);
  for (int i = 0; i < 5; ++i) feed_.enqueue(next_++);
  pass_s(1);
  EXPECT_EQ(of_arrival(0, 7).position, 6);
  const WaitPrediction urgent = of_arrival(0, 8);
  EXPECT_EQ(urgent.position, 1);
  EXPECT_EQ(urgent.calls_ahead, 0);
  EXPECT_LT(urgent.mean_ns * 2, of_arrival(0, 7).mean_ns);
}

TEST_F(WaitPredictorTest, WhoCannotServeIsNotCounted) {
  bring(0, "loans=5");
  teach(40, 1);
  feed_.enqueue(next_++, 1);
  pass_s(1);
  const WaitPrediction before = of_call(next_ - 1);
  ASSERT_TRUE(before.is_known()) << wait_unknown_name(before.unknown);
  for (uint32_t agent = 1; agent < 20; ++agent) bring(agent, "loans=4");
  EXPECT_EQ(of_call(next_ - 1), before);
  EXPECT_FALSE(of_arrival(1).p80_ns == 0);
  EXPECT_EQ(of_arrival(0).p80_ns, 0);  // There they are free.
  bring(20, "loans=6");
  EXPECT_EQ(of_arrival(1).p80_ns, 0);
}

TEST_F(WaitPredictorTest, AMemberOnPauseIsNotCounted) {
  bring(0);
  EXPECT_TRUE(of_arrival().is_known());
  feed_.change_member(EventKind::kMemberPaused, 0, 0);
  expect_unknown(WaitUnknown::kNoAgents, of_arrival());
  feed_.change_member(EventKind::kMemberUnpaused, 0, 0);
  EXPECT_TRUE(of_arrival().is_known());
}

TEST_F(WaitPredictorTest, CallsOfOtherQueuesCountByTheAgentsTheyTake) {
  bring(0, "loans=5");
  teach(40);
  for (int i = 0; i < 4; ++i) feed_.enqueue(next_++, 1);
  pass_s(1);
  EXPECT_NEAR(of_arrival(0).calls_ahead, 4, .01);  // All loans agents serve both.
  EXPECT_EQ(of_arrival(0).position, 1);
  EXPECT_EQ(of_arrival(2).calls_ahead, of_arrival(0).calls_ahead);
}

TEST_F(WaitPredictorTest, AReadLeavesNoTrace) {
  bring(0);
  teach(40);
  feed_.enqueue(next_++);
  const WaitPrediction before = of_call(next_ - 1);
  static_cast<void>(predictor_.predict_call(call_index(next_ - 1), feed_.now_ns + 500 * kNsPerS));
  EXPECT_EQ(of_call(next_ - 1), before);
}

TEST_F(WaitPredictorTest, ScoresWhatItSaid) {
  bring(0);
  teach(40);
  const WaitScore& score = predictor_.score(queue_index(0));
  EXPECT_EQ(score.scored, 40);
  EXPECT_EQ(score.censored, 0);
  feed_.enqueue(next_++);
  pass_s(5);
  feed_.abandon(next_ - 1);
  EXPECT_EQ(score.censored, 1);
}

// --- Why nothing is said.

TEST_F(WaitPredictorTest, IsLearningUntilTwentyCallsWaited) {
  bring(0);
  teach(19);
  feed_.enqueue(next_++);
  pass_s(1);
  expect_unknown(WaitUnknown::kLearning, of_call(next_ - 1));
  EXPECT_EQ(of_call(next_ - 1).position, 1);
}

TEST_F(WaitPredictorTest, IsUnknownWithoutAgents) {
  bring(0);
  const uint32_t talking = teach(40);
  end(talking, 0);
  feed_.log_out(0);
  feed_.enqueue(next_++);
  pass_s(1);
  expect_unknown(WaitUnknown::kNoAgents, of_call(next_ - 1));
  expect_unknown(WaitUnknown::kNoAgents, of_arrival());
}

TEST_F(WaitPredictorTest, IsUnknownOfAClosedQueue) {
  bring(0);
  add_event(EventKind::kQueueClosed);
  expect_unknown(WaitUnknown::kClosed, of_arrival());
  add_event(EventKind::kQueueOpened);
  EXPECT_TRUE(of_arrival().is_known());
}

TEST_F(WaitPredictorTest, IsUnknownWhileTheSwitchIsAway) {
  bring(0);
  teach(40);
  feed_.enqueue(next_++);
  pass_s(1);
  add_event(EventKind::kSwitchDisconnected);
  expect_unknown(WaitUnknown::kSwitchAway, of_call(next_ - 1));
  add_event(EventKind::kSwitchConnected);
  EXPECT_TRUE(of_call(next_ - 1).is_known());
}

TEST_F(WaitPredictorTest, AnAgentBehindASwitchThatIsAwayIsNotFree) {
  bring(0);
  EXPECT_TRUE(of_arrival().is_known());
  EXPECT_EQ(of_arrival().p95_ns, 0);
  add_event(EventKind::kSwitchDisconnected);
  EXPECT_FALSE(of_arrival().is_known());
  add_event(EventKind::kSwitchConnected);
  EXPECT_TRUE(of_arrival().is_known());
  EXPECT_EQ(of_arrival().p95_ns, 0);
}

TEST_F(WaitPredictorTest, IsUnknownWhileItWaitsForOneAgent) {
  bring(0);
  teach(40);
  Event event;
  event.kind = EventKind::kCallEnqueued;
  event.call = call_index(next_);
  event.queue = queue_index(0);
  event.source = SourceIndex(0u);
  event.time_ns = feed_.now_ns;
  event.text = feed_.log.add_text("c" + std::to_string(next_++));
  set_preferred(agent_index(0), feed_.now_ns + 20 * kNsPerS, &event);
  feed_.add(event);
  pass_s(1);
  expect_unknown(WaitUnknown::kWaitsForAgent, of_call(next_ - 1));
  pass_s(20);
  EXPECT_TRUE(of_call(next_ - 1).is_known());
}

TEST_F(WaitPredictorTest, IsUnknownOfWhatRingsOrTalks) {
  bring(0);
  bring(1);
  const uint32_t talking = teach(40);
  expect_unknown(WaitUnknown::kNotWaiting, of_call(talking));
  expect_unknown(WaitUnknown::kNotWaiting, of_call(9'999));
  feed_.enqueue(next_++);
  feed_.offer(next_ - 1, 1);
  expect_unknown(WaitUnknown::kAlerting, of_call(next_ - 1));
  EXPECT_EQ(of_call(next_ - 1).position, 0);
  pass_s(20);
  feed_.end_offer(next_ - 1, 1, OfferOutcome::kNoAnswer);
  EXPECT_TRUE(of_call(next_ - 1).is_known());
  feed_.abandon(next_ - 1);
  expect_unknown(WaitUnknown::kNotWaiting, of_call(next_ - 1));
}

TEST_F(WaitPredictorTest, IsUnknownWhereItWasWrongTooOften) {
  bring(0);
  uint32_t talking = teach(40);
  // Each wait half as long again as it said.
  for (int i = 0; i < 130; ++i) {
    feed_.enqueue(next_);
    const double said_s =
        static_cast<double>(predictor_.predict_call(call_index(next_), feed_.now_ns).p95_ns) /
        double{kNsPerS};
    pass_s(1 + static_cast<int64_t>(said_s));
    end(talking, 0);
    take(next_, 0);
    talking = next_++;
    pass_s(50);
  }
  feed_.enqueue(next_++);
  pass_s(1);
  expect_unknown(WaitUnknown::kUnreliable, of_call(next_ - 1));
}

}  // namespace
}  // namespace acd
