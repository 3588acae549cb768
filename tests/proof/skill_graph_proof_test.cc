// SPDX-License-Identifier: Apache-2.0
// First come first served to the longest idle agent, on graphs of who may serve what.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/proof/centre.h"
#include "tests/proof/exact.h"
#include "tests/proof/judge.h"
#include "tests/proof/known_centres.h"

namespace acd::proof {
namespace {

constexpr uint32_t kCallsOfGraph = 500'000;
constexpr uint32_t kCallsOfWrongRule = 200'000;
constexpr uint32_t kRandomGraphs = 12;
constexpr uint32_t kCallsOfRandomGraph = 200'000;

// The same graph can be told in three ways.
enum class Telling {
  kMembers,  // A queue for each type, which names its members.
  kSkills,   // A queue for each type, which asks for a skill of its own.
  kNeeds,    // One queue, and calls that ask for one agent's skill or another's.
};

std::string type_name(size_t type) { return "type" + std::to_string(type); }
std::string agent_name(size_t agent) { return "agent" + std::to_string(agent); }

bool may_serve(const SkillGraph& graph, size_t agent, size_t type) {
  return (graph.agents_of[type] >> agent & 1) != 0;
}

CentreSpec told_by_queues(const SkillGraph& graph, bool by_members) {
  CentreSpec spec;
  spec.service_rates = graph.service_rates;
  spec.agents.resize(graph.service_rates.size());
  for (size_t a = 0; a < spec.agents.size(); ++a) spec.agents[a].id = agent_name(a);
  for (size_t t = 0; t < graph.arrival_rates.size(); ++t) {
    spec.types.push_back({type_name(t), "", graph.arrival_rates[t]});
    QueueConfig& queue = spec.config.queues.emplace_back();
    queue.id = type_name(t);
    queue.members_all = !by_members;
    if (!by_members) {
      spec.config.skills.push_back(type_name(t));
      queue.requirement = type_name(t) + " >= 3";
    }
    for (size_t a = 0; a < spec.agents.size(); ++a) {
      if (by_members && may_serve(graph, a, t)) {
        queue.members.push_back({MemberConfig::Kind::kAgent, agent_name(a)});
      }
      // Below the level is as good as nothing.
      if (!by_members)
        spec.agents[a].skills.emplace_back(type_name(t), may_serve(graph, a, t) ? 3 : 2);
    }
  }
  return spec;
}

CentreSpec told_by_needs(const SkillGraph& graph) {
  CentreSpec spec;
  spec.service_rates = graph.service_rates;
  spec.config.queues.emplace_back().id = "all";
  for (size_t a = 0; a < graph.service_rates.size(); ++a) {
    const std::string name = agent_name(a);
    spec.config.skills.push_back(name);
    AgentProfile& agent = spec.agents.emplace_back();
    agent.id = name;
    agent.skills = {{name, 1}};
  }
  for (size_t t = 0; t < graph.arrival_rates.size(); ++t) {
    std::string needs;
    for (size_t a = 0; a < spec.agents.size(); ++a) {
      if (!may_serve(graph, a, t)) continue;
      needs += (needs.empty() ? "" : " OR ") + agent_name(a) + " >= 1";
    }
    spec.types.push_back({"all", needs, graph.arrival_rates[t]});
  }
  return spec;
}

CentreSpec told(const SkillGraph& graph, Telling telling) {
  CentreSpec spec = telling == Telling::kNeeds
                        ? told_by_needs(graph)
                        : told_by_queues(graph, telling == Telling::kMembers);
  spec.config.id = "proof";
  return spec;
}

void expect_as_exact(const SkillGraph& graph, Telling telling, uint32_t calls, uint64_t seed) {
  const CentreSpec spec = told(graph, telling);
  expect_close(Centre(spec, seed).play(calls), forecast(graph, spec.target_s));
}

TEST(SkillGraphProofTest, TheNIsServedAsTheoryHasIt) {
  expect_as_exact(n_centre(), Telling::kMembers, 3 * kCallsOfGraph / 2, 1);
}

TEST(SkillGraphProofTest, TheWIsServedAsTheoryHasIt) {
  expect_as_exact(w_centre(), Telling::kSkills, kCallsOfGraph, 2);
}

TEST(SkillGraphProofTest, TheChainIsServedAsTheoryHasIt) {
  expect_as_exact(chain_centre(), Telling::kNeeds, kCallsOfGraph, 3);
}

// Any types for any agents, slow ones and fast ones; the busiest part of it has a load of 75 %.
SkillGraph random_graph(Chance& chance) {
  SkillGraph graph;
  const uint32_t agents = 3 + chance.below(5);
  const uint32_t types = 2 + chance.below(4);
  for (uint32_t a = 0; a < agents; ++a) {
    graph.service_rates.push_back((.3 + chance.next(.6)) * kPerMinute);
  }
  for (uint32_t t = 0; t < types; ++t) {
    graph.arrival_rates.push_back((.2 + chance.next()) * kPerMinute);
    graph.agents_of.push_back(1 + chance.below((1u << agents) - 1));
  }
  // Nobody is of no use.
  for (uint32_t a = 0; a < agents; ++a) graph.agents_of[chance.below(types)] |= 1u << a;
  while (!is_stable(graph, .75)) {
    for (double& rate : graph.arrival_rates) rate *= .98;
  }
  return graph;
}

// A graph with so different agents that it tells even longest idle from random.
constexpr uint64_t kTellingSeed = 3 * 7919;

class RandomGraphProofTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomGraphProofTest, IsServedAsTheoryHasIt) {
  Chance chance(GetParam() * 7919);
  const SkillGraph graph = random_graph(chance);
  expect_as_exact(graph, static_cast<Telling>(GetParam() % 3), kCallsOfRandomGraph, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Graphs, RandomGraphProofTest, ::testing::Range(0u, kRandomGraphs));

// --- Wrong rules miss the same numbers.

struct WrongRule {
  std::string name;
  std::function<void(TenantConfig*)> change;
  bool needs_uneven = false;  // Graph; the N is served almost the same.
};

void PrintTo(const WrongRule& rule, std::ostream* out) { *out << rule.name; }

class WrongRuleProofTest : public ::testing::TestWithParam<WrongRule> {};

TEST_P(WrongRuleProofTest, MissesWhatTheoryHas) {
  Chance chance(kTellingSeed);
  const SkillGraph graph = GetParam().needs_uneven ? random_graph(chance) : n_centre();
  CentreSpec spec = told(graph, Telling::kMembers);
  GetParam().change(&spec.config);
  const Measured measured = Centre(spec, 1).play(kCallsOfWrongRule);
  EXPECT_GE(furthest_off(measured, forecast(graph, spec.target_s)), kErrorsOfWrongRule);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, WrongRuleProofTest,
    ::testing::Values(WrongRule{"AgentsAtRandom",
                                [](TenantConfig* config) {
                                  for (QueueConfig& queue : config->queues)
                                    queue.strategy = Strategy::kRandom;
                                },
                                true},
                      WrongRule{"AgentsAsListed",
                                [](TenantConfig* config) {
                                  for (QueueConfig& queue : config->queues)
                                    queue.strategy = Strategy::kOrdered;
                                }},
                      WrongRule{"OneTypeBeforeTheOther",
                                [](TenantConfig* config) { config->queues[1].priority = 1; }},
                      WrongRule{"AgentsPreferAQueue",
                                [](TenantConfig* config) {
                                  for (MemberConfig& member : config->queues[1].members)
                                    member.rank = 2;
                                }},
                      WrongRule{
                          "AnAgentIsForgotten",
                          [](TenantConfig* config) { config->queues[0].members.pop_back(); }}),
    [](const auto& rule) { return rule.param.name; });

}  // namespace
}  // namespace acd::proof
