// SPDX-License-Identifier: Apache-2.0
// Two Routers that will act differently have different state hashes.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "routing/router.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

TenantConfig full_config() {
  TenantConfig config;
  config.id = "bank";
  config.skills = {"sales", "spanish"};
  config.protects = {{"spanish", 1}};
  config.reaches = {{"pbx", "lab", "7"}};
  QueueConfig& queue = config.queues.emplace_back();
  queue.id = "sales";
  queue.requirement = "sales >= 1";
  queue.members_all = false;
  queue.members = {{MemberConfig::Kind::kAgent, "ada"}};
  queue.skill_weights = {{"sales", 2}};
  queue.steps.emplace_back().text = "spanish >= 1";
  queue.treatments.emplace_back().media = "waltz";
  return config;
}

uint64_t state_hash_with(const TenantConfig& config) {
  Router router;
  EXPECT_EQ(router.configure(config, 0), Reject::kNone);
  return router.state_hash();
}

TEST(RouterStateHashTest, DiffersWithEveryFieldOfTheConfiguration) {
  using Edit = std::function<void(TenantConfig&, QueueConfig&)>;
  const std::vector<Edit> edits = {
      [](TenantConfig& t, QueueConfig&) { t.id = "shop"; },
      [](TenantConfig& t, QueueConfig&) { t.skills.emplace_back("french"); },
      [](TenantConfig& t, QueueConfig&) {
        t.drains.push_back({"old", "sales"});
      },
      [](TenantConfig& t, QueueConfig&) { t.call_order = CallOrder::kScore; },
      [](TenantConfig& t, QueueConfig&) { t.protects[0].ready_max = 2; },
      [](TenantConfig& t, QueueConfig&) { t.reaches[0].from = "hub"; },
      [](TenantConfig& t, QueueConfig&) { t.reaches[0].to = "hub"; },
      [](TenantConfig& t, QueueConfig&) { t.reaches[0].dial_prefix = "8"; },
      [](TenantConfig& t, QueueConfig&) { ++t.decay_half_life_ns; },
      [](TenantConfig& t, QueueConfig&) { ++t.random_seed; },
      [](TenantConfig& t, QueueConfig&) { ++t.overflows_max; },
      [](TenantConfig& t, QueueConfig&) { ++t.switch_grace_ns; },
      [](TenantConfig& t, QueueConfig&) { ++t.agent_grace_ns; },
      [](TenantConfig& t, QueueConfig&) { ++t.arrival_ack_timeout_ns; },
      [](TenantConfig& t, QueueConfig&) { ++t.busy_limit_ns; },
      [](TenantConfig& t, QueueConfig&) { ++t.rejects_max; },
      [](TenantConfig& t, QueueConfig&) { ++t.no_answers_max; },
      [](TenantConfig&, QueueConfig& q) { q.requirement = "sales >= 2"; },
      [](TenantConfig&, QueueConfig& q) { ++q.priority; },
      [](TenantConfig&, QueueConfig& q) { ++q.age_rate; },
      [](TenantConfig&, QueueConfig& q) { ++q.objective_ns; },
      [](TenantConfig&, QueueConfig& q) { q.members_all = true; },
      [](TenantConfig&, QueueConfig& q) { q.members[0].id = "bob"; },
      [](TenantConfig&, QueueConfig& q) { q.members[0].kind = MemberConfig::Kind::kTeam; },
      [](TenantConfig&, QueueConfig& q) { ++q.members[0].rank; },
      [](TenantConfig&, QueueConfig& q) { ++q.members[0].weight; },
      [](TenantConfig&, QueueConfig& q) { ++q.members[0].percent; },
      [](TenantConfig&, QueueConfig& q) { q.strategy = Strategy::kRingAll; },
      [](TenantConfig&, QueueConfig& q) { ++q.skill_weights[0].second; },
      [](TenantConfig&, QueueConfig& q) { ++q.ring_max; },
      [](TenantConfig&, QueueConfig& q) { ++q.steps[0].after_ns; },
      [](TenantConfig&, QueueConfig& q) { q.steps[0].has_condition = true; },
      [](TenantConfig&, QueueConfig& q) { ++q.steps[0].condition.value; },
      [](TenantConfig&, QueueConfig& q) { q.steps[0].change = StepConfig::Change::kAddTerm; },
      [](TenantConfig&, QueueConfig& q) { ++q.steps[0].number; },
      [](TenantConfig&, QueueConfig& q) { q.limits.closed.kind = LimitAction::Kind::kRelease; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.no_agents.number; },
      [](TenantConfig&, QueueConfig& q) { q.limits.none_ready.text = "sorry"; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.length_max; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.length.wait_ns; },
      [](TenantConfig&, QueueConfig& q) { --q.limits.ewt_max_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.ewt.number; },
      [](TenantConfig&, QueueConfig& q) { --q.limits.wait_max_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.wait.number; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.offers_max; },
      [](TenantConfig&, QueueConfig& q) { ++q.limits.offers.number; },
      [](TenantConfig&, QueueConfig& q) { ++q.treatments[0].after_ns; },
      [](TenantConfig&, QueueConfig& q) { --q.treatments[0].repeat_ns; },
      [](TenantConfig&, QueueConfig& q) { q.treatments[0].media = "tango"; },
      [](TenantConfig&, QueueConfig& q) { q.treatments[0].tells_position = true; },
      [](TenantConfig&, QueueConfig& q) { q.treatments[0].tells_ewt = true; },
      [](TenantConfig&, QueueConfig& q) { q.wrap_up_mode = WrapUpMode::kManual; },
      [](TenantConfig&, QueueConfig& q) { ++q.wrap_up_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.wrap_up_extensions; },
      [](TenantConfig&, QueueConfig& q) { ++q.wrap_up_extension_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.offer_timeout_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.reoffer_after_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.connect_timeout_ns; },
      [](TenantConfig&, QueueConfig& q) { q.adopts_late_answer = true; },
      [](TenantConfig&, QueueConfig& q) { ++q.service_level_target_ns; },
      [](TenantConfig&, QueueConfig& q) { ++q.service_level_goal_percent; },
      [](TenantConfig&, QueueConfig& q) {
        q.service_level_variant = ServiceLevelVariant::kIgnoreAbandoned;
      },
      [](TenantConfig&, QueueConfig& q) { ++q.short_abandon_ns; },
  };
  const uint64_t plain = state_hash_with(full_config());
  EXPECT_EQ(state_hash_with(full_config()), plain);
  for (size_t i = 0; i < edits.size(); ++i) {
    TenantConfig edited = full_config();
    edits[i](edited, edited.queues[0]);
    EXPECT_NE(state_hash_with(edited), plain) << "edit " << i;
  }
}

TEST(RouterStateHashTest, DiffersWhileCountsOfAnotherHalfLifeAreLeft) {
  Router routers[2];
  for (int i = 0; i < 2; ++i) {
    TenantConfig config = full_config();
    config.decay_half_life_ns += i * kNsPerS;
    ASSERT_EQ(routers[i].configure(config, 0), Reject::kNone);
    ASSERT_EQ(routers[i].upsert_agents({{"ada", "", {}, ""}}, 0), Reject::kNone);
    ASSERT_EQ(routers[i].configure(full_config(), 1), Reject::kNone);
  }
  EXPECT_NE(routers[0].state_hash(), routers[1].state_hash());
  for (Router& router : routers) router.advance(2, 10);
  EXPECT_EQ(routers[0].state_hash(), routers[1].state_hash());
}

// A Router with two calls that wait, and the classes of calls in the given order.
class TwoWaiting : public RouterFixture {
 public:
  TwoWaiting(const std::string& first, const std::string& second) {
    play("x", first);
    play("y", second);
    EXPECT_EQ(enqueue("c1", "sales", "sales >= 2"), Reject::kNone);
    EXPECT_EQ(enqueue("c2", "sales", "sales >= 3"), Reject::kNone);
  }
  [[nodiscard]] uint64_t hash() const { return router_.state_hash(); }
  void begin_change() {
    TenantConfig config = sample_config();
    config.queues[0].priority = 1;
    EXPECT_EQ(router_.configure(config, now_ns_), Reject::kNone);
    collect();
  }
  // What the bulk work does.
  std::vector<std::string> end_change() {
    pass(1);
    return lines_;
  }

 private:
  void play(const std::string& call, const std::string& needs) {
    EXPECT_EQ(enqueue(call, "sales", needs), Reject::kNone);
    EXPECT_EQ(end(call), Reject::kNone);
  }
  void TestBody() override {}
};

TEST(RouterStateHashTest, IsTheSameWhicheverClassOfCallsCameToBeFirstAndSoIsBulkWork) {
  TwoWaiting one("sales >= 2", "sales >= 3");
  TwoWaiting other("sales >= 3", "sales >= 2");
  const uint64_t before = one.hash();
  EXPECT_EQ(before, other.hash());
  one.begin_change();
  other.begin_change();
  EXPECT_NE(one.hash(), before);
  EXPECT_EQ(one.hash(), other.hash());
  EXPECT_EQ(one.end_change(), other.end_change());
  EXPECT_EQ(one.hash(), other.hash());
}

TEST(RouterEventHashTest, TakesTheVerdictsOnRefusedTablesAndOnAnUnknownSwitch) {
  Router router;
  ASSERT_EQ(router.configure(full_config(), 0), Reject::kNone);
  TenantConfig large = full_config();
  for (size_t i = 0; i < kSkillsMax; ++i) large.skills.push_back("s" + std::to_string(i));
  const uint64_t state_hash = router.state_hash();
  uint64_t event_hash = router.event_hash();
  EXPECT_EQ(router.configure(large, 0), Reject::kLimitReached);
  EXPECT_NE(std::exchange(event_hash, router.event_hash()), router.event_hash());
  EXPECT_EQ(router.upsert_agents(std::vector<AgentProfile>(kAgentsMax + 1), 0),
            Reject::kLimitReached);
  EXPECT_NE(router.event_hash(), event_hash);
  EXPECT_EQ(router.state_hash(), state_hash);
  event_hash = router.event_hash();
  Command of_nobody;
  of_nobody.kind = CommandKind::kSetReady;
  of_nobody.source = SourceIndex(5u);
  of_nobody.sequence = 1;
  EXPECT_EQ(router.apply(of_nobody, "", 0), Reject::kSourceUnknown);
  EXPECT_NE(router.event_hash(), event_hash);
  // As every command, they move the time.
  EXPECT_EQ(router.configure(large, 7), Reject::kLimitReached);
  EXPECT_EQ(router.now_ns(), 7);
}

}  // namespace
}  // namespace acd
