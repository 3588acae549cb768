// SPDX-License-Identifier: Apache-2.0
// Any bytes as a requirement. Must never happen: a column outside the text, a description that is
// no plain text, a value beyond its limits, one that differs once it is written out and read again,
// or a canonical form that means something else.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "routing/check.h"
#include "routing/limits.h"
#include "routing/requirement.h"

namespace acd {
namespace {

constexpr size_t kDescriptionBytesMax = 256;
constexpr uint32_t kAgentsTried = 8;

// Declares every skill that it is asked for, except those that begin with `u`.
class OpenSkills {
 public:
  SkillIndex find(std::string_view name) {
    if (name.front() == 'u') return {};
    const auto it = std::find(names_.begin(), names_.end(), name);
    const auto index = static_cast<size_t>(it - names_.begin());
    if (it == names_.end()) names_.emplace_back(name);
    return SkillIndex(index);
  }
  [[nodiscard]] std::string_view name(SkillIndex skill) const { return names_.at(skill.value()); }
  [[nodiscard]] size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
};

void check_error(std::string_view text, const RequirementError& error) {
  ACD_CHECK(error.column >= 1 && error.column <= text.size() + 1);
  ACD_CHECK(!error.description.empty() && error.description.size() <= kDescriptionBytesMax);
  ACD_CHECK(std::all_of(error.description.begin(), error.description.end(),
                        [](char c) { return c >= ' ' && c <= '~'; }));
  ACD_CHECK(!error.is_unknown_skill || text[error.column - 1] == 'u');
}

// Counts the skills of a term and checks that it is a program in postfix order.
size_t check_term(const RequirementTerm& term, const OpenSkills& skills) {
  size_t skill_count = 0;
  size_t value_count = 0;
  for (const RequirementOp& op : term.ops) {
    switch (op.kind) {
      case RequirementOp::Kind::kSkill:
        ACD_CHECK(op.level >= kSkillLevelMin && op.level <= kSkillLevelMax);
        ACD_CHECK(op.skill.value() < skills.size());
        ++skill_count;
        ++value_count;
        break;
      case RequirementOp::Kind::kNot:
        ACD_CHECK(value_count >= 1);
        break;
      case RequirementOp::Kind::kAnd:
      case RequirementOp::Kind::kOr:
        ACD_CHECK(value_count >= 2);
        --value_count;
        break;
    }
  }
  ACD_CHECK(value_count == 1);
  return skill_count;
}

void check_limits(const Requirement& requirement, const OpenSkills& skills) {
  size_t skill_count = 0;
  for (const RequirementTerm& term : requirement.terms) {
    skill_count += check_term(term, skills);
    ACD_CHECK(term.label.empty() ||
              std::count_if(requirement.terms.begin(), requirement.terms.end(),
                            [&](const auto& other) { return other.label == term.label; }) == 1);
  }
  ACD_CHECK(skill_count <= kRequirementTermsMax);
  ACD_CHECK(requirement.prefers.size() <= kPrefersMax);
  for (size_t i = 0; i < requirement.prefers.size(); ++i) {
    const SkillWeight& weight = requirement.prefers[i];
    ACD_CHECK(weight.weight != 0 && weight.skill.value() < skills.size());
    ACD_CHECK(weight.weight >= -kSkillWeightMax && weight.weight <= kSkillWeightMax);
    ACD_CHECK(i == 0 || requirement.prefers[i - 1].skill < weight.skill);
  }
}

void check_round_trip(const Requirement& requirement, OpenSkills* skills) {
  const std::string written =
      to_text(requirement, [skills](SkillIndex skill) { return skills->name(skill); });
  const auto again =
      parse_requirement(written, [skills](std::string_view name) { return skills->find(name); });
  ACD_CHECK(std::holds_alternative<Requirement>(again));
  ACD_CHECK(std::get<Requirement>(again) == requirement);
}

// Agent `seed`: about half of the skills, at levels that differ.
std::vector<SkillLevel> made_agent(uint32_t seed, const OpenSkills& skills) {
  std::vector<SkillLevel> made;
  uint32_t state = seed;
  for (size_t i = 0; i < skills.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const auto level = static_cast<uint8_t>((state >> 16) % 21);
    if (level >= kSkillLevelMin && level <= kSkillLevelMax) made.push_back({SkillIndex(i), level});
  }
  return made;
}

void check_canonical(const Requirement& requirement, OpenSkills* skills) {
  const Requirement canonical = joined({}, requirement);
  ACD_CHECK(!canonical.replaces && canonical.terms.size() <= kRequirementTermsMax);
  ACD_CHECK(joined(canonical, canonical).terms == canonical.terms);
  ACD_CHECK(asked_skills(canonical) == asked_skills(requirement));
  check_limits(canonical, *skills);
  check_round_trip(canonical, skills);
  for (uint32_t i = 0; i < kAgentsTried; ++i) {
    const std::vector<SkillLevel> agent = made_agent(i, *skills);
    ACD_CHECK(satisfies(agent, canonical) == satisfies(agent, requirement));
    ACD_CHECK(preference(agent, canonical) == preference(agent, requirement));
  }
}

// Steps leave what can be written out and read again, too.
void check_steps(Requirement requirement, OpenSkills* skills) {
  for (const SkillIndex skill : asked_skills(requirement)) {
    lower_level(&requirement, skill, 3);
    ACD_CHECK(!lower_level(&requirement, skill, 3));
  }
  check_round_trip(requirement, skills);
  while (!requirement.terms.empty()) {
    const std::string label = requirement.terms.back().label;
    if (!drop_term(&requirement, label)) requirement.terms.pop_back();
    check_round_trip(requirement, skills);
  }
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  acd::OpenSkills skills;
  const auto parsed =
      acd::parse_requirement(text, [&skills](std::string_view name) { return skills.find(name); });
  if (const auto* requirement = std::get_if<acd::Requirement>(&parsed)) {
    acd::check_limits(*requirement, skills);
    acd::check_round_trip(*requirement, &skills);
    acd::check_canonical(*requirement, &skills);
    acd::check_steps(*requirement, &skills);
  } else {
    acd::check_error(text, std::get<acd::RequirementError>(parsed));
  }
  return 0;
}
