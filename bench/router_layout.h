// SPDX-License-Identifier: Apache-2.0
// Who can do what, and what calls ask for: the call centre that benchmarks of the Router play in.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "routing/limits.h"
#include "routing/tenant_config.h"

namespace acd {

enum class Profiles : uint8_t {
  kMixed,     // 2,000 profiles of 1 to 6 skills out of 100, popular skills in most of them.
  kSparse,    // 2,000 profiles of one or two skills.
  kDense,     // 2,000 profiles of 20 to 40 skills.
  kFew,       // 64 profiles of 1 to 6 skills.
  kDistinct,  // Five skills; each agent has a profile of their own.
};

struct RouterWorldOptions {
  uint32_t agents = 1'000;
  uint32_t classes = 1'000;  // Distinct requirements.
  uint32_t terms_max = 2;    // Skills that one asks for.
  uint32_t priorities = 10;
  uint32_t waiting = 100'000;  // Calls kept waiting; 0: agents are idle instead.
  uint32_t idle_percent = 0;   // Of the agents, where nobody waits.
  uint32_t ended = 0;          // Calls that began and ended before: the Router remembers a million.
  Profiles profiles = Profiles::kMixed;
  uint32_t teams =
      0;  // Not 0: agents are in so many, and queues name these, with weights and shares.
  Strategy strategy = Strategy::kLongestIdle;
  CallOrder call_order = CallOrder::kPriority;

  bool operator==(const RouterWorldOptions&) const = default;
};

// The same numbers on every machine: a xorshift generator.
class BenchDraw {
 public:
  uint32_t below(uint32_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>((state_ >> 20) % limit);
  }

 private:
  uint64_t state_ = 0x9e3779b97f4a7c15ull;
};

// A skill by number, at or of a level.
using SkillTerm = std::pair<uint32_t, int>;

struct RouterLayout {
  std::vector<std::vector<SkillTerm>> profiles;  // Sorted by skill.
  std::vector<uint32_t> profile_of;              // By agent.
  std::vector<std::vector<SkillTerm>> needs;     // By class of calls; distinct.
  uint32_t teams = 0;
};

inline constexpr uint32_t kBenchSkills = 100;
inline constexpr uint32_t kBenchQueues = 10;

// Fewer classes than asked for where the profiles do not give as many.
[[nodiscard]] RouterLayout make_layout(const RouterWorldOptions& options);
[[nodiscard]] std::string skill_name(uint32_t skill);
[[nodiscard]] std::string team_name(uint32_t team);
[[nodiscard]] std::string requirement_text(const std::vector<SkillTerm>& needs);
// What the Router is told of those agents, from `begin` to before `end`.
[[nodiscard]] std::vector<AgentProfile> agent_profiles(const RouterLayout& layout, uint32_t begin,
                                                       uint32_t end);
// The names of agents and calls have one length each, so that making one costs the same for all.
inline constexpr uint32_t kAgentIdSize = 12;  // "agent-001234"
inline constexpr uint32_t kCallIdSize = 16;   // "c0042-0000123456": class and number.
void write_agent_id(uint32_t agent, char* text);
void write_call_id(uint32_t of_class, uint64_t number, char* text);
[[nodiscard]] uint32_t class_of_call_id(const char* text);

}  // namespace acd
