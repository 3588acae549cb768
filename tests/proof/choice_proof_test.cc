// SPDX-License-Identifier: Apache-2.0
// Strategies that choose by who is busy alone, with slow and fast agents: the chance to wait and
// everybody's occupancy follow from whom they choose.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/proof/centre.h"
#include "tests/proof/exact.h"
#include "tests/proof/judge.h"
#include "tests/proof/known_centres.h"

namespace acd::proof {
namespace {

constexpr uint32_t kCallsByChoice = 300'000;
constexpr uint32_t kAgents = 4;

// Whom the queue is told to choose, and what that comes to.
struct Rule {
  std::string name;
  std::function<void(CentreSpec*)> tell;
  Choice choice;
};

uint32_t bit_of(uint32_t agent) { return 1u << agent; }

std::vector<MemberConfig> members(const std::vector<uint32_t>& agents) {
  std::vector<MemberConfig> list;
  for (const uint32_t a : agents) {
    list.push_back({MemberConfig::Kind::kAgent, "agent" + std::to_string(a)});
  }
  return list;
}

// The first of the groups with somebody free, and in it by weight.
Choice by_groups(const std::vector<std::vector<std::pair<uint32_t, double>>>& groups) {
  return [groups](uint32_t busy, uint32_t chosen) {
    for (const auto& group : groups) {
      double all = 0;
      double own = 0;
      for (const auto& [agent, weight] : group) {
        if ((busy & bit_of(agent)) != 0) continue;
        all += weight;
        if (agent == chosen) own = weight;
      }
      if (all > 0) return own / all;
    }
    return 0.0;
  };
}

Choice in_order(const std::vector<uint32_t>& agents) {
  std::vector<std::vector<std::pair<uint32_t, double>>> groups;
  for (const uint32_t a : agents) groups.push_back({{a, 1}});
  return by_groups(groups);
}

QueueConfig& queue_of(CentreSpec* spec) { return spec->config.queues.front(); }

CentreSpec told(const Rule& rule) {
  CentreSpec spec;
  spec.config.id = "proof";
  spec.config.skills = {"x", "y"};
  spec.config.queues.emplace_back().id = "all";
  spec.service_rates = {.3 * kPerMinute, .5 * kPerMinute, .7 * kPerMinute, .9 * kPerMinute};
  spec.types = {{"all", "", 1.7 * kPerMinute}};
  for (uint32_t a = 0; a < kAgents; ++a) {
    spec.agents.emplace_back().id = "agent" + std::to_string(a);
  }
  rule.tell(&spec);
  return spec;
}

Forecast forecast_of(const CentreSpec& spec, const Choice& choice) {
  return forecast(spec.types.front().rate, spec.service_rates, choice, spec.target_s);
}

void give_levels(CentreSpec* spec, const std::vector<std::pair<int, int>>& levels) {
  for (uint32_t a = 0; a < kAgents; ++a) {
    if (levels[a].first > 0) spec->agents[a].skills.emplace_back("x", levels[a].first);
    if (levels[a].second > 0) spec->agents[a].skills.emplace_back("y", levels[a].second);
  }
}

std::vector<Rule> rules() {
  const auto with = [](Strategy strategy, std::vector<std::pair<int, int>> levels,
                       std::string requirement) {
    return [=](CentreSpec* spec) {
      queue_of(spec).strategy = strategy;
      queue_of(spec).requirement = requirement;
      give_levels(spec, levels);
    };
  };
  return {
      {"Ordered",
       [](CentreSpec* spec) {
         queue_of(spec).strategy = Strategy::kOrdered;
         queue_of(spec).members_all = false;
         queue_of(spec).members = members({2, 0, 3, 1});
       },
       in_order({2, 0, 3, 1})},
      {"Random", [](CentreSpec* spec) { queue_of(spec).strategy = Strategy::kRandom; },
       by_groups({{{0, 1}, {1, 1}, {2, 1}, {3, 1}}})},
      {"WeightedRandom",
       [](CentreSpec* spec) {
         queue_of(spec).strategy = Strategy::kWeightedRandom;
         queue_of(spec).members_all = false;
         queue_of(spec).members = members({0, 1, 2, 3});
         for (uint32_t a = 0; a < kAgents; ++a) queue_of(spec).members[a].weight = 1 << a;
       },
       by_groups({{{0, 1}, {1, 2}, {2, 4}, {3, 8}}})},
      {"Ranks",
       [](CentreSpec* spec) {
         queue_of(spec).strategy = Strategy::kRandom;
         queue_of(spec).members_all = false;
         queue_of(spec).members = members({0, 1, 2, 3});
         queue_of(spec).members[0].rank = 2;
         queue_of(spec).members[2].rank = 2;
         queue_of(spec).members[3].rank = 7;
       },
       by_groups({{{1, 1}}, {{0, 1}, {2, 1}}, {{3, 1}}})},
      {"MostSkilled", with(Strategy::kMostSkilled, {{3, 0}, {2, 9}, {5, 0}, {4, 0}}, "x >= 1"),
       in_order({2, 3, 0, 1})},
      {"LeastSkilled", with(Strategy::kLeastSkilled, {{3, 1}, {9, 0}, {2, 0}, {3, 3}}, "x >= 1"),
       in_order({2, 1, 0, 3})},
      {"SkillWeight",
       [](CentreSpec* spec) {
         queue_of(spec).strategy = Strategy::kSkillWeight;
         queue_of(spec).skill_weights = {{"x", 3}, {"y", -1}};
         give_levels(spec, {{1, 0}, {2, 4}, {2, 6}, {1, 2}});
       },
       in_order({0, 1, 3, 2})},
      {"PrefersBeforeTheStrategy",
       [](CentreSpec* spec) {
         queue_of(spec).strategy = Strategy::kRandom;
         queue_of(spec).requirement = "PREFERS x * 2, y * 1";
         give_levels(spec, {{1, 2}, {2, 0}, {0, 5}, {3, 1}});
       },
       by_groups({{{3, 1}}, {{2, 1}}, {{0, 1}, {1, 1}}})},
  };
}

class ChoiceProofTest : public ::testing::TestWithParam<size_t> {};

TEST_P(ChoiceProofTest, GivesEverybodyTheOccupancyOfItsMarkovChain) {
  const Rule rule = rules()[GetParam()];
  const CentreSpec spec = told(rule);
  expect_close(Centre(spec, 40 + GetParam()).play(kCallsByChoice), forecast_of(spec, rule.choice));
}

TEST_P(ChoiceProofTest, MissesWhatAnotherRuleComesTo) {
  const Rule rule = rules()[GetParam()];
  const Rule other = rules()[(GetParam() + 1) % rules().size()];
  const CentreSpec spec = told(rule);
  EXPECT_GE(
      furthest_off(Centre(spec, 60).play(kCallsByChoice / 4), forecast_of(spec, other.choice)),
      kErrorsOfWrongRule);
}

INSTANTIATE_TEST_SUITE_P(Rules, ChoiceProofTest, ::testing::Range(size_t{0}, rules().size()),
                         [](const auto& index) { return rules()[index.param].name; });

}  // namespace
}  // namespace acd::proof
