// SPDX-License-Identifier: Apache-2.0
// Bulk work beside what happens meanwhile, and work over many at once.
#include <string>
#include <vector>

#include "routing/limits.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class RouterBulkTest : public RouterFixture {
 protected:
  // The i-th of many requirements, all different, that everybody satisfies.
  static std::string needs_of(size_t i) {
    return "PREFERS sales * " + std::to_string(i % 999 + 2) + ", spanish * " +
           std::to_string(i / 999 + 2);
  }
  void begin_call(size_t i, const std::string& queue) {
    Command command = of_call(CommandKind::kEnqueueCall, "c" + std::to_string(i));
    command.name = text(queue);
    command.text = text(needs_of(i));
    ASSERT_EQ(send(command), Reject::kNone);
  }
  void end_call(size_t i) {
    const Command command = of_call(CommandKind::kEndCall, "c" + std::to_string(i));
    ASSERT_EQ(send(command), Reject::kNone);
  }
  void call_once_each(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      begin_call(i, "vip");
      end_call(i);
    }
  }
  void log_in_many(const std::string& prefix, size_t count) {
    for (size_t done = 0; done < count;) {
      std::vector<AgentProfile> some;
      for (; done < count && some.size() < kUpsertAgentsMax; ++done) {
        some.push_back({prefix + std::to_string(done), "", {}, ""});
      }
      ASSERT_EQ(router_.upsert_agents(some, now_ns_), Reject::kNone);
      for (const AgentProfile& one : some) {
        Command command = of_agent(CommandKind::kLogIn, one.id);
        command.text = text("phone-" + one.id);
        ASSERT_EQ(send(command), Reject::kNone);
      }
    }
  }
};

TEST_F(RouterBulkTest, RequirementInThePlaceOfAnotherIsNotTakenForIt) {
  bring("ada");
  ASSERT_EQ(enqueue("first", "sales", "spanish >= 1"), Reject::kNone);
  ASSERT_EQ(end("first"), Reject::kNone);
  call_once_each(kRequirementsMax - 1);
  ASSERT_EQ(enqueue("again", "sales", "spanish >= 1"), Reject::kNone);
  ASSERT_EQ(end("again"), Reject::kNone);
  // Every place is taken by one that no call has, and the first of them goes.
  ASSERT_EQ(enqueue("new", "sales", "spanish >= 9"), Reject::kNone);
  EXPECT_THAT(lines_, Not(Contains("offer.created new ada")));
  ASSERT_EQ(enqueue("other", "sales", "spanish >= 5"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created other ada"));
}

TEST_F(RouterBulkTest, RequirementsBeyondTheLimitAreRefusedOnlyWhileEachIsInUse) {
  for (size_t i = 0; i < kRequirementsMax - 1; ++i) begin_call(i, "vip");
  ASSERT_EQ(enqueue("last", "vip", "spanish >= 9"), Reject::kNone);
  lines_.clear();
  EXPECT_EQ(enqueue("more", "vip", "spanish >= 8"), Reject::kLimitReached);
  EXPECT_EQ(enqueue("known", "vip", "spanish >= 9"), Reject::kNone);
  end_call(0);
  EXPECT_EQ(enqueue("more", "vip", "spanish >= 8"), Reject::kNone);
  for (size_t i = 1; i < kRequirementsMax - 1; ++i) end_call(i);
}

TEST_F(RouterBulkTest, ClassThatEndsWhileItIsToBeMovedLeavesItsPlaceToAnother) {
  call_once_each(kEmptyCallClassesKept);
  ASSERT_EQ(enqueue("w", "vip", "PREFERS sales * 1000"), Reject::kNone);
  ASSERT_EQ(router_.configure(sample_config(), now_ns_), Reject::kNone);
  ASSERT_EQ(end("w"), Reject::kNone);
  ASSERT_EQ(enqueue("n", "vip", "PREFERS sales * 999, service * 999"), Reject::kNone);
  now_ns_ += 1;
  for (int turn = 0; turn < 10; ++turn) router_.advance(now_ns_, 1'000);
  EXPECT_GE(router_.next_deadline_ns(), now_ns_);
  ASSERT_EQ(log_in("bob", "phone-bob"), Reject::kNone);
  ASSERT_EQ(ready("bob"), Reject::kNone);
  EXPECT_THAT(lines_, Contains("offer.created n bob"));
}

TEST_F(RouterBulkTest, CallWhosePreferredAgentIsLostWithTheSwitchGoesFirst) {
  log_in_many("extra", kBulkSliceMax + 100);
  bring("bob");
  ASSERT_EQ(open("pbx", "epoch-2"), Reject::kNone);  // The first slice leaves bob to the next.
  ASSERT_EQ(log_in("ada", "phone-ada"), Reject::kNone);
  ASSERT_EQ(ready("ada"), Reject::kNone);
  Command urgent = of_call(CommandKind::kEnqueueCall, "urgent");
  urgent.name = text("sales");
  urgent.flag = true;
  urgent.number = 9;
  urgent.preferred = text("bob");
  urgent.wait_ns = 60 * kSecond;
  urgent.detail = 1;  // Even if busy.
  ASSERT_EQ(apply(urgent), Reject::kNone);
  ASSERT_EQ(enqueue_with_priority("other", "sales", 1), Reject::kNone);
  pass(1);
  EXPECT_THAT(lines_, Contains("offer.created urgent ada"));
  EXPECT_THAT(lines_, Not(Contains("offer.created other ada")));
}

TEST_F(RouterBulkTest, AgentsWhoGainASkillAllTakeACall) {
  log_in_many("extra", 40);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(ready("extra" + std::to_string(i)), Reject::kNone);
    ASSERT_EQ(enqueue("c" + std::to_string(i), "sales"), Reject::kNone);
  }
  std::vector<AgentProfile> skilled;
  for (int i = 0; i < 40; ++i) {
    skilled.push_back({"extra" + std::to_string(i), "", {{"sales", 1}}, ""});
  }
  lines_.clear();
  ASSERT_EQ(router_.upsert_agents(skilled, now_ns_), Reject::kNone);
  collect();
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_THAT(lines_, Contains("offer.created c" + number + " extra" + number));
  }
}

// While the calls are brought to what a condition made of their steps, it flips with every slice.
TEST_F(RouterBulkTest, ConditionThatFlipsDuringBulkWorkKeepsNobodyFromBeingMatched) {
  constexpr int kWaiting = static_cast<int>(2 * kBulkSliceMax) + 200;
  TenantConfig config = sample_config();
  StepConfig& step = config.queues[0].steps.emplace_back();
  step.change = StepConfig::Change::kReplace;
  step.text = "sales >= 2";
  step.after_ns = kNeverNs;
  step.has_condition = true;
  step.condition.counter = Condition::Counter::kWaiting;
  step.condition.compare = Condition::Compare::kAbove;
  step.condition.value = kWaiting;
  ASSERT_EQ(router_.configure(config, now_ns_), Reject::kNone);
  pass(1);
  for (int i = 0; i < kWaiting; ++i) {
    Command command = of_call(CommandKind::kEnqueueCall, "c" + std::to_string(i));
    command.name = text("sales");
    ASSERT_EQ(send(command), Reject::kNone);
  }
  ASSERT_EQ(enqueue("x0", "sales"), Reject::kNone);  // It holds.
  bring("ada");
  std::vector<std::string> seen;
  for (int slice = 1; slice < 9; ++slice) {
    const std::string call = "x" + std::to_string(slice / 2);
    ASSERT_EQ(slice % 2 == 0 ? enqueue(call, "sales") : end(call), Reject::kNone);
    now_ns_ += 1;
    router_.advance(now_ns_, 1);
    lines_.clear();
    collect();
    seen.insert(seen.end(), lines_.begin(), lines_.end());
  }
  EXPECT_THAT(seen, Contains("offer.created c0 ada"));
}

TEST(RouterProtectTest, TakesAsManyRulesAsThereMayBe) {
  TenantConfig config;
  config.id = "bank";
  for (size_t i = 0; i < kProtectsMax; ++i) {
    config.skills.push_back("s" + std::to_string(i));
    config.protects.push_back({config.skills.back(), 1});
  }
  Router router;
  ASSERT_EQ(router.configure(config, 0), Reject::kNone);
  EXPECT_EQ(router.check_invariants(), "");
}

TEST_F(RouterBulkTest, AgentWhoseMediaChangeBeforeTheirTurnIsInNoClassOfWhatTheyWere) {
  log_in_many("extra", kBulkSliceMax + 100);
  bring("bob");
  ASSERT_EQ(router_.configure(sample_config(), now_ns_), Reject::kNone);  // Bob's turn is later.
  AgentProfile fresh{"bob", "", {{"sales", 9}}, ""};
  fresh.media.capacity[static_cast<size_t>(Medium::kVoice)] = 0;
  ASSERT_EQ(router_.upsert_agents({fresh}, now_ns_), Reject::kNone);
  EXPECT_EQ(router_.check_invariants(), "");
}

// The change brings a limit that the calls are past; a slice ends when some of them are moved.
TEST_F(RouterBulkTest, LimitOfANewConfigurationWaitsUntilAllIsMatched) {
  log_in_many("extra", kBulkSliceMax - 16);
  bring("ada");
  for (int i = 0; i < 40; ++i) ASSERT_EQ(enqueue("c" + std::to_string(i), "vip"), Reject::kNone);
  pass(19 * kSecond);
  TenantConfig next = sample_config();
  next.queues[2].members = {{MemberConfig::Kind::kAgent, "ada"}};
  next.queues[2].limits.wait_max_ns = 5 * kSecond;
  next.queues[2].limits.wait.kind = LimitAction::Kind::kRelease;
  ASSERT_EQ(router_.configure(next, now_ns_), Reject::kNone);
  pass(1);
  EXPECT_THAT(lines_, Contains("offer.created c0 ada"));
  EXPECT_THAT(lines_, Contains("call.timed_out c1"));
  EXPECT_THAT(lines_, Not(Contains("call.timed_out c0")));
}

}  // namespace
}  // namespace acd
