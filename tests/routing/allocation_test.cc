// SPDX-License-Identifier: Apache-2.0
// The Router allocates nothing for a call once its tables have grown.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "routing/router.h"

namespace {
bool is_counting = false;
long allocation_count = 0;
}  // namespace

// Counts what the program under test asks for.
[[gnu::noinline]] void* operator new(size_t size) {
  if (is_counting) ++allocation_count;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace acd {
namespace {

// Agents, and the sets of skills among them that no call asks for: so many classes in one tier.
struct Staff {
  int agents = 40;
  int skill_sets = 1;
};

// Two queues, calls that wait, ring out, are rejected, answered, or given up.
class BusyCentre {
 public:
  explicit BusyCentre(Strategy strategy, Staff staff = {}) : agent_count_(staff.agents) {
    TenantConfig config;
    config.id = "busy";
    config.skills = {"a", "b"};
    std::vector<std::string> extra;
    for (int bit = 0; 1 << bit < staff.skill_sets; ++bit) {
      extra.push_back("extra" + std::to_string(bit));
    }
    config.skills.insert(config.skills.end(), extra.begin(), extra.end());
    for (const char* id : {"first", "second"}) {
      QueueConfig queue;
      queue.id = id;
      queue.requirement = "a >= 2 PREFERS b * 1";
      queue.strategy = strategy;
      queue.wrap_up_mode = WrapUpMode::kTimed;
      queue.wrap_up_ns = kNsPerS;
      queue.limits.wait_max_ns = 60 * kNsPerS;
      queue.limits.wait.kind = LimitAction::Kind::kQueue;
      queue.limits.wait.text = "second";
      queue.members_all = !reads_members(strategy);
      for (int i = 0; i < agent_count_ && !queue.members_all; ++i) {
        MemberConfig& member = queue.members.emplace_back();
        member.id = "agent" + std::to_string(i);
        member.weight = 1 + i % 3;
        member.percent = i % 4;  // Some have no share.
      }
      config.queues.push_back(queue);
    }
    EXPECT_EQ(router_.configure(config, 0), Reject::kNone);
    std::vector<AgentProfile> agents;
    for (int i = 0; i < agent_count_; ++i) {
      AgentProfile& agent = agents.emplace_back();
      agent.id = "agent" + std::to_string(i);
      agent.skills = {{"a", 1 + i % 5}, {"b", 3}};
      for (size_t bit = 0; bit < extra.size(); ++bit) {
        if ((i % staff.skill_sets >> bit & 1) != 0) agent.skills.emplace_back(extra[bit], 1);
      }
    }
    EXPECT_EQ(router_.upsert_agents(agents, 0), Reject::kNone);
    say(CommandKind::kOpenSession, {}, "pbx", "1");
    source_ = router_.sessions().find("pbx");
    for (const AgentProfile& agent : agents) {
      say(CommandKind::kLogIn, {}, agent.id, agent.id);
      say(CommandKind::kSetReady, {}, agent.id, {});
    }
  }

  // One more call; what rings is answered, rejected or left to ring by turns.
  void play() {
    char id[16];
    const int size = std::snprintf(id, sizeof(id), "c%07d", next_call_++);
    const std::string_view call(id, static_cast<size_t>(size));
    say(CommandKind::kEnqueueCall, call, next_call_ % 3 == 0 ? "second" : "first",
        next_call_ % 2 == 0 ? "b >= 2" : "");
    router_.take_events(&log_);
    for (const Event& event : log_.events) {
      if (event.kind != EventKind::kOfferCreated) continue;
      const int turn = ++offers_ % 8;
      if (turn == 1) continue;
      command_ = Command();
      command_.generation = event.generation;
      command_.detail = static_cast<uint8_t>(OfferOutcome::kRejected);
      say(turn == 2 ? CommandKind::kLegFailed : CommandKind::kCallConnected,
          router_.call(event.call).id.view(), {}, {});
    }
    if (next_call_ > 30) {  // Somebody who called a while ago hangs up.
      std::snprintf(id, sizeof(id), "c%07d", next_call_ - 30);
      command_ = Command();
      command_.detail = static_cast<uint8_t>(EndedBy::kCaller);
      say(CommandKind::kEndCall, call.substr(0, 8), {}, {});
    }
    for (int i = 0; i < agent_count_ && next_call_ % 50 == 0; ++i) {
      std::snprintf(id, sizeof(id), "agent%d", i);
      say(CommandKind::kSetReady, {}, id, {});
    }
  }

 private:
  static bool reads_members(Strategy strategy) {
    return strategy == Strategy::kWeightedRandom || strategy == Strategy::kPercentAllocation;
  }
  void say(CommandKind kind, std::string_view call, std::string_view name, std::string_view text) {
    command_.kind = kind;
    command_.source = source_;
    const auto put = [this](std::string_view value) {
      const TextRef ref{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(value.size())};
      arena_ += value;
      return ref;
    };
    command_.call = put(call);
    command_.name = put(name);
    command_.text = put(text);
    now_ns_ += kNsPerS / 10;
    is_counting = true;
    router_.advance(now_ns_, 1'000);
    static_cast<void>(router_.apply(command_, arena_, now_ns_));  // Some come too late, by intent.
    is_counting = false;
    arena_.clear();
    command_ = Command();
  }

  const int agent_count_;
  Router router_;
  SourceIndex source_;
  Command command_;
  EventLog log_;
  std::string arena_;
  int64_t now_ns_ = 0;
  int next_call_ = 0;
  int offers_ = 0;
};

TEST(AllocationTest, CountsWhatIsAllocated) {
  allocation_count = 0;
  is_counting = true;
  std::vector<int> some(100, 1);
  is_counting = false;
  EXPECT_EQ(allocation_count, 1) << some.size();
}

class AllocationOfStrategyTest : public ::testing::TestWithParam<Strategy> {};

INSTANTIATE_TEST_SUITE_P(Strategies, AllocationOfStrategyTest,
                         ::testing::Values(Strategy::kLongestIdle, Strategy::kFewestCalls,
                                           Strategy::kRoundRobin, Strategy::kRandom,
                                           Strategy::kWeightedRandom, Strategy::kSkillWeight,
                                           Strategy::kPercentAllocation, Strategy::kRingAll));

TEST_P(AllocationOfStrategyTest, NothingIsAllocatedForACallOnceTheTablesHaveGrown) {
  constexpr int kCalls = 20'000;
  BusyCentre centre(GetParam());
  for (int i = 0; i < 5'000; ++i) centre.play();
  allocation_count = 0;
  for (int i = 0; i < kCalls; ++i) centre.play();
  // The list of ended calls still grows, by one chunk for hundreds of them.
  EXPECT_LT(allocation_count, kCalls / 200);
}

// Few agents of each class, and many: whom a call draws is found in other ways.
class AllocationOfDrawTest
    : public ::testing::TestWithParam<std::tuple<Strategy, std::pair<int, int>>> {};

INSTANTIATE_TEST_SUITE_P(
    LargeTiers, AllocationOfDrawTest,
    ::testing::Combine(::testing::Values(Strategy::kRandom, Strategy::kWeightedRandom),
                       ::testing::Values(std::pair(250, 250), std::pair(2'600, 70))));

TEST_P(AllocationOfDrawTest, NothingIsAllocatedToDrawFromATierOfManyClasses) {
  constexpr int kCalls = 5'000;
  const auto& [strategy, staff] = GetParam();
  BusyCentre centre(strategy, {staff.first, staff.second});
  for (int i = 0; i < 2'000; ++i) centre.play();
  allocation_count = 0;
  for (int i = 0; i < kCalls; ++i) centre.play();
  EXPECT_LT(allocation_count, kCalls / 200);
}

}  // namespace
}  // namespace acd
