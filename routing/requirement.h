// SPDX-License-Identifier: Apache-2.0
// What a call needs: `skill >= level AND skill >= level ...`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "routing/ids.h"

namespace acd {

// One term of a requirement as written.
struct RequirementTerm {
  std::string_view skill;  // Points into the parsed text.
  int level = 0;           // 1..10
  uint32_t column = 0;     // Of the skill, from 1.
};

// Where a text stops being a requirement.
struct RequirementError {
  uint32_t column = 0;      // From 1, in bytes.
  std::string description;  // e.g. "expected '>=' after the skill"
};

// Parses `text`: empty (no need at all), or terms `skill >= level` joined by AND. Skills are
// [A-Za-z][A-Za-z0-9_.-]*, levels 1..10, keywords in any case. At most kRequirementTermsMax terms.
[[nodiscard]] std::variant<std::vector<RequirementTerm>, RequirementError> parse_requirement(
    std::string_view text);

// One need, resolved.
struct SkillLevel {
  SkillIndex skill;
  uint8_t level = 0;

  auto operator<=>(const SkillLevel&) const = default;
};

// Whether `skills` satisfies every one of `needs`. REQUIRES: both sorted by skill, each skill once.
[[nodiscard]] bool satisfies(std::span<const SkillLevel> skills, std::span<const SkillLevel> needs);

// The needs of both, sorted by skill, each skill once at its highest level.
[[nodiscard]] std::vector<SkillLevel> merged_needs(std::vector<SkillLevel> needs,
                                                   std::span<const SkillLevel> more);

}  // namespace acd
