// SPDX-License-Identifier: Apache-2.0
#include "bench/router_layout.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace acd {
namespace {

constexpr uint32_t kSharedProfiles = 2'000;
constexpr uint32_t kFewProfiles = 64;
constexpr uint32_t kTriesPerClass = 200;

// Skill i is drawn with weight 1 / (i + 1).
uint32_t popular_skill(BenchDraw* draw) {
  for (;;) {
    const uint32_t skill = draw->below(kBenchSkills);
    if (draw->below(skill + 1) == 0) return skill;
  }
}

std::vector<SkillTerm> make_profile(uint32_t count, BenchDraw* draw) {
  std::set<uint32_t> skills;
  while (skills.size() < count) skills.insert(popular_skill(draw));
  std::vector<SkillTerm> profile;
  for (const uint32_t skill : skills) {
    profile.emplace_back(skill, 1 + static_cast<int>(draw->below(10)));
  }
  return profile;
}

uint32_t skill_count(Profiles profiles, BenchDraw* draw) {
  switch (profiles) {
    case Profiles::kMixed:
    case Profiles::kFew:
      return 1 + draw->below(6);
    case Profiles::kSparse:
      return 1 + draw->below(2);
    case Profiles::kDense:
      return 20 + draw->below(21);
    case Profiles::kDistinct:
      return 5;
  }
  return 1;
}

// One or two skills of somebody at half their levels, so that nobody waits for ever.
std::vector<SkillTerm> draw_needs(const std::vector<SkillTerm>& profile, uint32_t terms_max,
                                  BenchDraw* draw) {
  std::vector<SkillTerm> needs;
  for (uint32_t i = 0; i < terms_max; ++i) {
    const auto& [skill, level] = profile[draw->below(static_cast<uint32_t>(profile.size()))];
    const SkillTerm term(skill, (level + 1) / 2);
    if (std::find(needs.begin(), needs.end(), term) == needs.end()) needs.push_back(term);
  }
  std::sort(needs.begin(), needs.end());
  return needs;
}

void write_digits(uint64_t number, char* begin, char* end) {
  while (end != begin) {
    *--end = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

}  // namespace

RouterLayout make_layout(const RouterWorldOptions& options) {
  RouterLayout layout;
  BenchDraw draw;
  const bool is_distinct = options.profiles == Profiles::kDistinct;
  const uint32_t shared = options.profiles == Profiles::kFew ? kFewProfiles : kSharedProfiles;
  const uint32_t profile_count = is_distinct ? options.agents : shared;
  layout.teams = options.teams;
  std::set<std::vector<SkillTerm>> known;
  while (layout.profiles.size() < profile_count) {
    auto profile = make_profile(skill_count(options.profiles, &draw), &draw);
    if (is_distinct && !known.insert(profile).second) continue;
    layout.profiles.push_back(std::move(profile));
  }
  for (uint32_t i = 0; i < options.agents; ++i) {
    layout.profile_of.push_back(is_distinct ? i : draw.below(profile_count));
  }
  known.clear();
  for (uint32_t i = 0; i < options.classes * kTriesPerClass; ++i) {
    if (layout.needs.size() == options.classes) break;
    const auto& somebody = layout.profiles[layout.profile_of[draw.below(options.agents)]];
    auto needs = draw_needs(somebody, options.terms_max, &draw);
    if (known.insert(needs).second) layout.needs.push_back(std::move(needs));
  }
  return layout;
}

std::string skill_name(uint32_t skill) {
  std::string name = "s00";
  write_digits(skill, name.data() + 1, name.data() + 3);
  return name;
}

std::string team_name(uint32_t team) { return "t" + std::to_string(team); }

std::string requirement_text(const std::vector<SkillTerm>& needs) {
  std::string text;
  for (const auto& [skill, level] : needs) {
    if (!text.empty()) text += " AND ";
    text += skill_name(skill) + " >= " + std::to_string(level);
  }
  return text;
}

std::vector<AgentProfile> agent_profiles(const RouterLayout& layout, uint32_t begin, uint32_t end) {
  std::vector<AgentProfile> profiles;
  for (uint32_t i = begin; i < end; ++i) {
    AgentProfile& profile = profiles.emplace_back();
    profile.id.resize(kAgentIdSize);
    write_agent_id(i, profile.id.data());
    if (layout.teams != 0) profile.team = team_name(i % layout.teams);
    for (const auto& [skill, level] : layout.profiles[layout.profile_of[i]]) {
      profile.skills.emplace_back(skill_name(skill), level);
    }
  }
  return profiles;
}

void write_agent_id(uint32_t agent, char* text) {
  std::memcpy(text, "agent-", 6);
  write_digits(agent, text + 6, text + kAgentIdSize);
}

void write_call_id(uint32_t of_class, uint64_t number, char* text) {
  text[0] = 'c';
  write_digits(of_class, text + 1, text + 5);
  text[5] = '-';
  write_digits(number, text + 6, text + kCallIdSize);
}

uint32_t class_of_call_id(const char* text) {
  uint32_t of_class = 0;
  for (int i = 1; i < 5; ++i) of_class = of_class * 10 + static_cast<uint32_t>(text[i] - '0');
  return of_class;
}

}  // namespace acd
