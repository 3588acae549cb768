// SPDX-License-Identifier: Apache-2.0
// Tests of what members, strategies, steps, limits and treatments become in the Router's tables.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config_tables.h"
#include "routing/limits.h"
#include "tests/config/queue_samples.h"

namespace acd {
namespace {

using Change = StepConfig::Change;

QueueConfig table_of(const std::function<void(Queue&)>& fill) {
  Config config = make_config();
  fill(*config.mutable_queues(0));
  return to_tables(config).queues.at(0);
}

TEST(QueueTablesTest, MembersReachTheTables) {
  const QueueConfig table = table_of([](Queue& q) {
    q.set_strategy(v1::STRATEGY_PERCENT_ALLOCATION);
    q.mutable_members()->add_agents("tenants/bank/agents/Z");
    add_agent(q, "B")->set_percent(30);
    v1::Member* team = q.mutable_members()->add_entries();
    team->set_team("A");
    team->set_rank(3);
  });
  EXPECT_FALSE(table.members_all);
  ASSERT_EQ(table.members.size(), 3u);
  EXPECT_EQ(table.members[0].id, "Z");
  EXPECT_EQ(table.members[0].percent, 0);
  EXPECT_EQ(table.members[1].id, "B");
  EXPECT_EQ(table.members[1].kind, MemberConfig::Kind::kAgent);
  EXPECT_EQ(table.members[1].percent, 30);
  EXPECT_EQ(table.members[1].rank, 1);
  EXPECT_EQ(table.members[2].id, "A");
  EXPECT_EQ(table.members[2].kind, MemberConfig::Kind::kTeam);
  EXPECT_EQ(table.members[2].rank, 3);
  EXPECT_EQ(table.members[2].weight, 1);
}

TEST(QueueTablesTest, EveryStrategyReachesTheTables) {
  for (int value = v1::STRATEGY_LONGEST_IDLE; value <= v1::STRATEGY_RING_ALL; ++value) {
    const QueueConfig table = table_of([value](Queue& q) {
      q.set_strategy(static_cast<v1::Strategy>(value));
      if (value == v1::STRATEGY_SKILL_WEIGHT) {
        (*q.mutable_skill_weights())["ps"] = 2;
        (*q.mutable_skill_weights())["ne"] = -1;
      }
      if (value == v1::STRATEGY_PERCENT_ALLOCATION) add_agent(q, "A")->set_percent(1);
      if (value == v1::STRATEGY_WEIGHTED_RANDOM) add_agent(q, "A")->set_weight(9);
      if (value == v1::STRATEGY_RING_ALL) q.set_ring_max(7);
    });
    // The two enums list the same in the same order.
    EXPECT_EQ(static_cast<int>(table.strategy), value - 1);
    EXPECT_EQ(table.ring_max, value == v1::STRATEGY_RING_ALL ? 7 : kRingMaxDefault);
    if (value == v1::STRATEGY_WEIGHTED_RANDOM) {
      EXPECT_EQ(table.members.at(0).weight, 9);
    }
    if (value == v1::STRATEGY_SKILL_WEIGHT) {
      const std::vector<std::pair<std::string, int32_t>> weights = {{"ne", -1}, {"ps", 2}};
      EXPECT_EQ(table.skill_weights, weights);
    }
  }
}

TEST(QueueTablesTest, StepsReachTheTables) {
  const QueueConfig table = table_of([](Queue& q) {
    add_step(q)->set_replace("ps");
    add_step(q)->set_drop("tongue");
    add_step(q)->set_add("vip: ne >= 2");
    v1::Step* lower = add_step(q);
    lower->mutable_lower()->set_skill("ps");
    lower->mutable_lower()->set_to(2);
    add_step(q)->set_open_team("night");
    v1::Step* open = q.add_steps();
    open->set_consider_if("logged_in(ne >= 4) < 2");
    open->set_open_team("day");
    open->set_rank(9);
  });
  ASSERT_EQ(table.steps.size(), 6u);
  const std::vector<std::pair<Change, std::string>> changes = {
      {Change::kReplace, "ps"},           {Change::kDropTerm, "tongue"},
      {Change::kAddTerm, "vip: ne >= 2"}, {Change::kLowerLevel, "ps"},
      {Change::kOpenTeam, "night"},       {Change::kOpenTeam, "day"}};
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(table.steps[i].change, changes[i].first) << i;
    EXPECT_EQ(table.steps[i].text, changes[i].second) << i;
    EXPECT_EQ(table.steps[i].after_ns, i == 5 ? kNeverNs : 30 * kNsPerS) << i;
    EXPECT_EQ(table.steps[i].has_condition, i == 5) << i;
  }
  EXPECT_EQ(table.steps[3].number, 2);
  EXPECT_EQ(table.steps[4].number, 1);
  EXPECT_EQ(table.steps[5].number, 9);
  EXPECT_EQ(table.steps[5].condition.counter, Condition::Counter::kLoggedIn);
  EXPECT_EQ(table.steps[5].condition.skill, "ne");
  EXPECT_EQ(table.steps[5].condition.level, 4);
  EXPECT_EQ(table.steps[5].condition.value, 2);
}

TEST(QueueTablesTest, LimitsReachTheTables) {
  const QueueLimits none = table_of([](Queue&) {}).limits;
  EXPECT_EQ(none.closed.kind, LimitAction::Kind::kWait);
  EXPECT_EQ(none.length_max, 0);
  EXPECT_EQ(none.ewt_max_ns, kNeverNs);
  EXPECT_EQ(none.wait_max_ns, kNeverNs);
  EXPECT_EQ(none.offers_max, kOffersMaxDefault);
  const QueueLimits table = table_of([](Queue& q) {
                              v1::QueueLimits* limits = q.mutable_limits();
                              limits->mutable_closed()->set_release(17);
                              limits->mutable_no_agents()->set_queue("tenants/bank/queues/night");
                              limits->mutable_none_ready()->set_announce("busy");
                              limits->mutable_length()->set_max(5);
                              limits->mutable_length()->mutable_action()->set_callback("call");
                              *limits->mutable_ewt()->mutable_max() = seconds(600);
                              limits->mutable_ewt()->mutable_action()->set_outside("+44");
                              *limits->mutable_wait()->mutable_max() = seconds(300);
                              limits->mutable_wait()->mutable_action()->set_release(31);
                              v1::LimitAction* boss = limits->mutable_offers()->mutable_action();
                              boss->set_agent("tenants/bank/agents/boss");
                              *boss->mutable_agent_wait() = seconds(30);
                            }).limits;
  EXPECT_EQ(table.closed.kind, LimitAction::Kind::kRelease);
  EXPECT_EQ(table.closed.number, 17);
  EXPECT_EQ(table.no_agents.kind, LimitAction::Kind::kQueue);
  EXPECT_EQ(table.no_agents.text, "night");
  EXPECT_EQ(table.none_ready.kind, LimitAction::Kind::kAnnounce);
  EXPECT_EQ(table.none_ready.text, "busy");
  EXPECT_EQ(table.length_max, 5);
  EXPECT_EQ(table.length.kind, LimitAction::Kind::kOfferCallback);
  EXPECT_EQ(table.length.text, "call");
  EXPECT_EQ(table.ewt_max_ns, 600 * kNsPerS);
  EXPECT_EQ(table.ewt.kind, LimitAction::Kind::kOutside);
  EXPECT_EQ(table.ewt.text, "+44");
  EXPECT_EQ(table.wait_max_ns, 300 * kNsPerS);
  EXPECT_EQ(table.wait.number, 31);
  EXPECT_EQ(table.offers_max, kOffersMaxDefault);
  EXPECT_EQ(table.offers.kind, LimitAction::Kind::kAgent);
  EXPECT_EQ(table.offers.text, "boss");
  EXPECT_EQ(table.offers.wait_ns, 30 * kNsPerS);
}

TEST(QueueTablesTest, TreatmentsReachTheTablesByTheirTime) {
  const QueueConfig table = table_of([](Queue& q) {
    v1::Treatment* late = q.add_treatments();
    *late->mutable_after() = seconds(60);
    *late->mutable_repeat() = seconds(45);
    late->set_media("late");
    late->set_tells_ewt(true);
    q.add_treatments()->set_media("music");
    q.set_adopts_late_answer(true);
  });
  EXPECT_TRUE(table.adopts_late_answer);
  ASSERT_EQ(table.treatments.size(), 2u);
  EXPECT_EQ(table.treatments[0].media, "music");
  EXPECT_EQ(table.treatments[0].after_ns, 0);
  EXPECT_EQ(table.treatments[0].repeat_ns, kNeverNs);
  EXPECT_FALSE(table.treatments[0].tells_ewt);
  EXPECT_EQ(table.treatments[1].media, "late");
  EXPECT_EQ(table.treatments[1].after_ns, 60 * kNsPerS);
  EXPECT_EQ(table.treatments[1].repeat_ns, 45 * kNsPerS);
  EXPECT_TRUE(table.treatments[1].tells_ewt);
  EXPECT_FALSE(table.treatments[1].tells_position);
}

TEST(QueueTablesTest, TheTenantsOrderReachesTheTables) {
  Config config = make_config();
  config.set_call_order(v1::CALL_ORDER_SERVICE_OBJECTIVE);
  config.add_protects()->set_skill("ne");
  config.add_protects()->set_skill("ps");
  config.mutable_protects(1)->set_ready_max(4);
  *config.mutable_decay_half_life() = seconds(60);
  config.set_random_seed(0);
  config.set_overflows_max(7);
  config.add_drains()->set_queue("tenants/bank/queues/former");
  config.mutable_drains(0)->set_target("tenants/bank/queues/night");
  config.mutable_queues(0)->set_age_rate(0);
  *config.mutable_queues(0)->mutable_objective() = seconds(90);
  const TenantConfig table = to_tables(config);
  EXPECT_EQ(table.call_order, CallOrder::kServiceObjective);
  ASSERT_EQ(table.protects.size(), 2u);
  EXPECT_EQ(table.protects[0].skill, "ne");
  EXPECT_EQ(table.protects[0].ready_max, 1);
  EXPECT_EQ(table.protects[1].ready_max, 4);
  EXPECT_EQ(table.decay_half_life_ns, 60 * kNsPerS);
  EXPECT_EQ(table.random_seed, 0u);
  EXPECT_EQ(table.overflows_max, 7);
  ASSERT_EQ(table.drains.size(), 1u);
  EXPECT_EQ(table.drains[0].queue, "former");
  EXPECT_EQ(table.drains[0].target, "night");
  EXPECT_EQ(table.queues[0].age_rate, 0);
  EXPECT_EQ(table.queues[0].objective_ns, 90 * kNsPerS);
}

}  // namespace
}  // namespace acd
