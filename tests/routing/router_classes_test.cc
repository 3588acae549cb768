// SPDX-License-Identifier: Apache-2.0
// Calls that thousands of classes of agents can serve get whom a look at everybody would give them.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "routing/limits.h"
#include "routing/shuffle.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

constexpr int kAgents = 3'000;
constexpr int kSteps = 4'000;

// Who is free, as a test that looks at everybody sees it.
struct Person {
  int sales = 0;
  int service = 0;
  int64_t idle_since_ns = 0;
  bool is_free = false;
  DecayedCount had;  // Of what the queue gives by shares.
};

// By team, where the queue names its members; the last team does not serve it.
constexpr int kTeams = 4;
constexpr int kWeights[] = {1, 2, 10, 0};
constexpr int kPercents[] = {30, 10, 0, 0};

class RouterClassesTest : public RouterFixture, public ::testing::WithParamInterface<Strategy> {
 protected:
  RouterClassesTest() : RouterFixture(config_for(GetParam())) {}

  // "vip" takes everybody, or the first three teams; a hundred more skills make each profile one of
  // its own.
  static TenantConfig config_for(Strategy strategy) {
    TenantConfig config = sample_config();
    for (int i = 0; i < 100; ++i) config.skills.push_back("x" + std::to_string(i));
    config.queues[2].members_all = true;
    config.queues[2].members.clear();
    config.queues[2].requirement = "sales >= 1";
    config.queues[2].strategy = strategy;
    config.queues[2].members_all = !names_members(strategy);
    for (int team = 0; team + 1 < kTeams && names_members(strategy); ++team) {
      MemberConfig& member = config.queues[2].members.emplace_back();
      member.kind = MemberConfig::Kind::kTeam;
      member.id = "t" + std::to_string(team);
      member.weight = kWeights[team];
      member.percent = kPercents[team];
    }
    return config;
  }
  static bool names_members(Strategy strategy) {
    return strategy == Strategy::kWeightedRandom || strategy == Strategy::kPercentAllocation;
  }

  uint32_t draw(uint32_t below) {
    seed_ = seed_ * 1664525u + 1013904223u;
    return (seed_ >> 8) % below;
  }
  static std::string name(size_t i) { return "p" + std::to_string(i); }

  void give_profiles(size_t begin, size_t end) {
    std::vector<AgentProfile> some;
    for (size_t i = begin; i < end; ++i) {
      people_[i].sales = 1 + static_cast<int>(draw(10));
      people_[i].service = 1 + static_cast<int>(draw(10));
      some.push_back({name(i),
                      "",
                      {{"sales", people_[i].sales},
                       {"service", people_[i].service},
                       {"x" + std::to_string(i % 100), 1 + static_cast<int>(i / 100 % 10)},
                       {"x" + std::to_string(draw(100)), 1 + static_cast<int>(draw(10))}},
                      "t" + std::to_string(i % kTeams)});
      std::sort(some.back().skills.begin(), some.back().skills.end());
      some.back().skills.erase(
          std::unique(some.back().skills.begin(), some.back().skills.end(),
                      [](const auto& a, const auto& b) { return a.first == b.first; }),
          some.back().skills.end());
    }
    ASSERT_EQ(router_.upsert_agents(some, now_ns_), Reject::kNone);
  }
  void act(Command command, const std::string& text_of_it = "") {
    ++now_ns_;
    command.text = text(text_of_it);
    ASSERT_EQ(send(command), Reject::kNone);
  }
  void come(size_t i) {
    act(of_agent(CommandKind::kSetReady, name(i)));
    people_[i].is_free = true;
    people_[i].idle_since_ns = now_ns_;
  }
  void go(size_t i) {
    act(of_agent(CommandKind::kSetNotReady, name(i)));
    people_[i].is_free = false;
  }

  // Who should get a call of these needs: smaller keys first, then who was added first; or drawn.
  [[nodiscard]] std::string expected(int sales, bool prefers_service) {
    using Key = std::tuple<int, int, DecayedCount, int64_t, size_t>;
    std::map<Key, size_t> all;
    for (size_t i = 0; i < people_.size(); ++i) {
      const Person& one = people_[i];
      if (!one.is_free || one.sales < sales) continue;
      const size_t team = i % kTeams;
      if (names_members(GetParam()) && team + 1 == kTeams) continue;
      const int preference = prefers_service ? -one.service : 0;
      const bool has_share = kPercents[team] > 0;
      int by_strategy = 0;
      if (GetParam() == Strategy::kMostSkilled) by_strategy = -one.sales;
      if (GetParam() == Strategy::kPercentAllocation) by_strategy = has_share ? 0 : 1;
      const int64_t since_ns = is_drawn() ? 0 : one.idle_since_ns;
      all.emplace(Key(preference, by_strategy, one.had, since_ns, i), i);
    }
    if (all.empty()) return "nobody";
    return name(is_drawn() ? drawn_of(all) : all.begin()->second);
  }
  [[nodiscard]] static bool is_drawn() {
    return GetParam() == Strategy::kRandom || GetParam() == Strategy::kWeightedRandom;
  }
  // One of those with the preference of the first, by the generator that the Router has.
  template <typename People>
  size_t drawn_of(const People& all) {
    std::vector<size_t> best;
    uint64_t total = 0;
    const auto weight_of = [](size_t i) {
      return GetParam() == Strategy::kRandom ? 1u : static_cast<uint64_t>(kWeights[i % kTeams]);
    };
    for (const auto& [key, i] : all) {
      if (std::get<0>(key) != std::get<0>(all.begin()->first)) break;
      best.push_back(i);
      total += weight_of(i);
    }
    if (best.size() <= kDrawnAsTheyStandMax) {
      uint64_t mark = best.size() > 1 ? random_.below(total) : 0;
      size_t at = 0;
      for (; mark >= weight_of(best[at]); ++at) mark -= weight_of(best[at]);
      return best[at];
    }
    const bool is_weighted = GetParam() == Strategy::kWeightedRandom;
    const auto each = static_cast<uint64_t>(
        is_weighted ? *std::max_element(std::begin(kWeights), std::end(kWeights)) : 1);
    const Shuffle tickets(random_.next(), router_.agent_count() * each);
    const auto first_of = [&](size_t i) {
      uint64_t first = UINT64_MAX;
      for (uint64_t k = 0; k < weight_of(i); ++k) {
        first = std::min(first, tickets.place_of((known_before_ + i) * each + k));
      }
      return first;
    };
    return *std::min_element(best.begin(), best.end(),
                             [&](size_t a, size_t b) { return first_of(a) < first_of(b); });
  }
  // Who was offered the call, and as which of its offers.
  [[nodiscard]] std::string offered() {
    EventLog log;
    router_.take_events(&log);
    for (const Event& event : log.events) {
      if (event.kind != EventKind::kOfferCreated) continue;
      generation_ = event.generation;
      return std::string(router_.agent(event.agent).id.view());
    }
    return "nobody";
  }
  // The agent answers, so that it counts, and is free anew when the call ends.
  void answer_and_end(const std::string& call_id, const std::string& agent) {
    Command answer = of_call(CommandKind::kCallConnected, call_id);
    answer.generation = generation_;
    act(answer);
    Person& person = people_[std::stoul(agent.substr(1))];
    const int percent = kPercents[std::stoul(agent.substr(1)) % kTeams];
    if (GetParam() == Strategy::kPercentAllocation && percent > 0) {
      person.had.add(1'000'000 / percent, now_ns_, kDecayHalfLifeDefaultNs);
    }
    act(of_call(CommandKind::kEndCall, call_id));
    person.idle_since_ns = now_ns_;
  }

  // Agents of the sample configuration, who were added first.
  const size_t known_before_ = router_.agent_count();
  std::vector<Person> people_ = std::vector<Person>(kAgents);
  RandomDraw random_{TenantConfig().random_seed};
  uint32_t generation_ = 0;
  uint32_t seed_ = 7;
};

INSTANTIATE_TEST_SUITE_P(Strategies, RouterClassesTest,
                         ::testing::Values(Strategy::kLongestIdle, Strategy::kMostSkilled,
                                           Strategy::kRandom, Strategy::kWeightedRandom,
                                           Strategy::kPercentAllocation));

TEST_P(RouterClassesTest, BestOfThousandsOfKindsIsFoundWhileProfilesChange) {
  static constexpr const char* kNeeds[] = {"sales >= 2", "sales >= 6 PREFERS service * 1",
                                           "sales >= 9", ""};
  constexpr int kLevels[] = {2, 6, 9, 1};
  for (size_t begin = 0; begin < kAgents; begin += kUpsertAgentsMax) {
    give_profiles(begin, begin + kUpsertAgentsMax);
  }
  for (size_t i = 0; i < kAgents; ++i) {
    act(of_agent(CommandKind::kLogIn, name(i)), "phone-" + name(i));
    if (draw(2) == 0) come(i);
  }
  int matched = 0;
  for (int step = 0; step < kSteps; ++step) {
    const size_t who = draw(kAgents);
    if (draw(4) == 0) {
      give_profiles(who, who + 1);
      continue;
    }
    people_[who].is_free ? go(who) : come(who);
    (void)offered();
    const uint32_t needs = draw(4);
    const std::string wanted = expected(kLevels[needs], needs == 1);
    Command call = of_call(CommandKind::kEnqueueCall, "c");
    call.name = text("vip");
    call.call = text("c" + std::to_string(step));
    act(call, kNeeds[needs]);
    ASSERT_EQ(offered(), wanted) << "step " << step << ", " << kNeeds[needs];
    matched += wanted == "nobody" ? 0 : 1;
    if (wanted != "nobody" && draw(2) == 0) {
      answer_and_end("c" + std::to_string(step), wanted);
    } else {
      act(of_call(CommandKind::kEndCall, "c" + std::to_string(step)));
    }
  }
  EXPECT_GT(matched, kSteps / 2);
}

}  // namespace
}  // namespace acd
