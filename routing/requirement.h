// SPDX-License-Identifier: Apache-2.0
// What a call needs of an agent, and whom it prefers: the requirement language.
//
//   requirement := [ "REPLACE" ] [ needs ] [ "PREFERS" weight { "," weight } ]
//   needs       := term { "AND" term } | either            either without labels
//   term        := [ label ":" ] unary
//   either      := both { "OR" both }
//   both        := unary { "AND" unary }
//   unary       := "NOT" unary | "(" either ")" | skill [ ">=" level ]
//   weight      := skill [ "*" integer ]
//
// e.g. `language: spanish >= 5 AND (billing >= 3 OR retention) AND NOT trainee PREFERS vip * 3`.
// AND binds tighter than OR; a skill alone means `>= 1`; keywords in any case, skills and labels as
// written ([A-Za-z][A-Za-z0-9_.-]*, no keyword). A label names a top-level term for steps; without
// needs everybody will do. A weight alone is `* 1`. Between words: spaces and tabs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "routing/ids.h"
#include "routing/limits.h"

namespace acd {

// A skill at a level: what an agent has, or the least that a call needs.
struct SkillLevel {
  SkillIndex skill;
  uint8_t level = 0;  // 1..10

  auto operator<=>(const SkillLevel&) const = default;
};

// The same in two bytes.
class PackedSkill {
 public:
  PackedSkill() = default;
  explicit PackedSkill(const SkillLevel& one)
      : bits_(static_cast<uint16_t>(one.skill.value() << kLevelBits | one.level)) {
    static_assert(kSkillsMax <= size_t{1} << (16 - kLevelBits) && kSkillLevelMax < 1 << kLevelBits);
  }
  [[nodiscard]] SkillIndex skill() const { return SkillIndex(uint32_t{bits_} >> kLevelBits); }
  [[nodiscard]] uint8_t level() const { return bits_ & ((1u << kLevelBits) - 1); }
  [[nodiscard]] uint16_t bits() const { return bits_; }
  bool operator==(const PackedSkill&) const = default;

 private:
  static constexpr uint32_t kLevelBits = 4;
  uint16_t bits_ = 0;
};

// The skills of somebody, and what tells of most skills without a look at them that they lack them.
struct SkillView {
  std::span<const PackedSkill> skills;  // Sorted by skill, each once.
  uint64_t bits = ~uint64_t{0};         // skill_bits() of them, or all.
};

// How much each level of a skill counts among the eligible.
struct SkillWeight {
  SkillIndex skill;
  int32_t weight = 0;  // -kSkillWeightMax..kSkillWeightMax, not 0

  auto operator<=>(const SkillWeight&) const = default;
};

// One operation of a boolean program in postfix order.
struct RequirementOp {
  enum class Kind : uint8_t { kSkill, kNot, kAnd, kOr };
  Kind kind = Kind::kSkill;
  uint8_t level = 0;  // kSkill: at least this level.
  SkillIndex skill;   // kSkill. Valid, or "nobody has it" after a step named an unknown skill.

  auto operator<=>(const RequirementOp&) const = default;
};

// One of the terms that are joined by AND at the top.
struct RequirementTerm {
  std::string label;  // Empty: none.
  std::vector<RequirementOp> ops;

  auto operator<=>(const RequirementTerm&) const = default;
};

// A requirement, compiled. No terms: everybody will do.
struct Requirement {
  bool replaces = false;  // The call's own stands instead of its queue's, not beside it.
  std::vector<RequirementTerm> terms;
  std::vector<SkillWeight> prefers;  // Sorted by skill, each once.

  auto operator<=>(const Requirement&) const = default;
};

// Where a text stops being a requirement.
struct RequirementError {
  uint32_t column = 0;      // From 1, in bytes.
  std::string description;  // e.g. "expected ')'"
  bool is_unknown_skill = false;
};

// The index of a skill by its name; none if there is no such skill.
using FindSkill = std::function<SkillIndex(std::string_view name)>;
// The name of a skill.
using SkillName = std::function<std::string_view(SkillIndex skill)>;

// Parses and compiles `text`. At most kRequirementTermsMax skills named in the needs,
// kPrefersMax weights, kRequirementDepthMax parentheses and NOTs in each other; a label once, and
// a skill once in PREFERS. The error is the first from the left; its column is 1..size + 1 and its
// description printable ASCII. The size of `text` is the caller's to limit.
[[nodiscard]] std::variant<Requirement, RequirementError> parse_requirement(
    std::string_view text, const FindSkill& find_skill);

// Whether an agent with `skills` (sorted by skill, each once) has what it takes. Allocates nothing.
[[nodiscard]] bool satisfies(std::span<const SkillLevel> skills, const Requirement& requirement);
[[nodiscard]] bool satisfies_packed(const SkillView& skills, const Requirement& requirement);

// The level of a skill; 0 without it.
[[nodiscard]] uint8_t level_of(std::span<const PackedSkill> skills, SkillIndex skill);
[[nodiscard]] uint8_t level_of(const SkillView& skills, SkillIndex skill);

// One bit for each 64th skill: those that an agent has, and those without which nobody satisfies the
// requirement. Who lacks a bit that is a must need not be looked at.
[[nodiscard]] uint64_t skill_bits(std::span<const PackedSkill> skills);
[[nodiscard]] uint64_t must_bits(const Requirement& requirement);

// Σ weight × level over `prefers`. Within ±kPrefersMax * kSkillWeightMax * kSkillLevelMax for what
// was parsed, twice that for what was joined of two.
[[nodiscard]] int64_t preference(std::span<const SkillLevel> skills,
                                 const Requirement& requirement);
[[nodiscard]] int64_t preference_packed(const SkillView& skills, const Requirement& requirement);

// The skills that the needs ask for, i.e. name outside of NOT (NOT NOT asks again); sorted, each
// once. An unknown skill is not among them.
[[nodiscard]] std::vector<SkillIndex> asked_skills(const Requirement& requirement);

// Of a queue and of a call together: the terms of both, or the call's alone if it replaces; the
// weights of both, added up. The same meaning written in another order gives an equal value: nested
// ANDs and ORs are flattened, every AND at the top is split into terms, terms and operands are
// sorted, double ones and double NOTs dropped. Labels and `replaces` have done their work and are
// cleared.
[[nodiscard]] Requirement joined(const Requirement& queue, const Requirement& call);

// --- What steps do to a queue's requirement. Each says whether it found its target.
// Drops the term with that label.
bool drop_term(Requirement* requirement, std::string_view label);
// Lowers every comparison with `skill` that asks for more than `level` to `level`. Inside NOT a
// comparison does not ask, and stays: lowered it would exclude more. False: none asks for more.
// REQUIRES: `level` is kSkillLevelMin..kSkillLevelMax.
bool lower_level(Requirement* requirement, SkillIndex skill, int level);

// Written out, so that parsing it again gives an equal value; what was joined of two may be beyond
// the limits of one text. `name` is asked for valid skills only, an unknown one is written `?`.
[[nodiscard]] std::string to_text(const Requirement& requirement, const SkillName& name);

}  // namespace acd
