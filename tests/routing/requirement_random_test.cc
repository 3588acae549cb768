// SPDX-License-Identifier: Apache-2.0
// The requirement language on random expressions, against a second opinion.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "routing/requirement.h"

namespace acd {
namespace {

constexpr uint32_t kSkills = 80;
constexpr uint32_t kSkillsDrawn = 6;  // Few, so that the same come together often.

std::string_view skill_name(uint32_t index) {
  static const auto names = [] {
    std::array<std::string, kSkills> made;
    for (uint32_t i = 0; i < kSkills; ++i) made[i] = "s" + std::to_string(i);
    return made;
  }();
  return names.at(index);
}

SkillIndex numbered_skill(std::string_view name) {
  for (uint32_t i = 0; i < kSkills; ++i) {
    if (skill_name(i) == name) return SkillIndex(i);
  }
  return {};
}

std::variant<Requirement, RequirementError> parse_drawn(std::string_view text) {
  return parse_requirement(text, numbered_skill);
}

Requirement read_drawn(std::string_view text) {
  auto parsed = parse_drawn(text);
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    ADD_FAILURE() << text << ": column " << error->column << ": " << error->description;
    return {};
  }
  return std::get<Requirement>(std::move(parsed));
}

std::string drawn_text(const Requirement& requirement) {
  return to_text(requirement, [](SkillIndex index) { return skill_name(index.value()); });
}

// An expression as it was drawn.
struct Drawn {
  char kind = 's';  // s, !, & or |
  std::string name;
  int level = 1;
  std::vector<Drawn> operands;
};

using Random = std::mt19937;

uint32_t below(Random& random, uint32_t limit) { return static_cast<uint32_t>(random() % limit); }

// At most `skills_max` skills, and 2 * `depth` parentheses and NOTs in each other.
Drawn draw(Random& random, int depth, int skills_max) {
  Drawn drawn;
  const uint32_t kind = depth == 0 ? 0 : below(random, 6);
  if (kind <= 1 || skills_max < 2) {
    drawn.name = skill_name(below(random, kSkillsDrawn));
    drawn.level = 1 + static_cast<int>(below(random, 10));
  } else if (kind == 2) {
    drawn.kind = '!';
    drawn.operands.push_back(draw(random, depth - 1, skills_max));
  } else {
    drawn.kind = kind <= 3 ? '&' : '|';
    const int count = std::min(2 + static_cast<int>(below(random, 3)), skills_max);
    for (int i = 0; i < count; ++i) {
      drawn.operands.push_back(draw(random, depth - 1, skills_max / count));
    }
  }
  return drawn;
}

bool holds(const Drawn& drawn, const std::vector<SkillLevel>& skills) {
  switch (drawn.kind) {
    case '!':
      return !holds(drawn.operands[0], skills);
    case '&':
      return std::all_of(drawn.operands.begin(), drawn.operands.end(),
                         [&](const Drawn& operand) { return holds(operand, skills); });
    case '|':
      return std::any_of(drawn.operands.begin(), drawn.operands.end(),
                         [&](const Drawn& operand) { return holds(operand, skills); });
    default:
      return std::any_of(skills.begin(), skills.end(), [&](const SkillLevel& has) {
        return has.skill == numbered_skill(drawn.name) && has.level >= drawn.level;
      });
  }
}

// With a pair of parentheses around every operand, or only where they matter.
std::string written(const Drawn& drawn, bool is_cautious, char outer = ' ') {
  if (drawn.kind == 's') return drawn.name + ">=" + std::to_string(drawn.level);
  std::string text;
  if (drawn.kind == '!') {
    text = "NOT " + written(drawn.operands[0], is_cautious, '!');
  } else {
    for (const Drawn& operand : drawn.operands) {
      if (!text.empty()) text += drawn.kind == '&' ? " AND " : " OR ";
      text += written(operand, is_cautious, drawn.kind);
    }
  }
  const bool matters = drawn.kind != '!' && (outer == '!' || (outer == '&' && drawn.kind == '|'));
  return is_cautious || matters ? "(" + text + ")" : text;
}

// The same meaning in another order.
Drawn shuffled(Random& random, Drawn drawn) {
  for (Drawn& operand : drawn.operands) operand = shuffled(random, std::move(operand));
  if (drawn.kind == '&' || drawn.kind == '|') {
    for (size_t i = drawn.operands.size() - 1; i > 0; --i) {
      std::swap(drawn.operands[i], drawn.operands[below(random, static_cast<uint32_t>(i + 1))]);
    }
    if (below(random, 3) == 0) drawn.operands.push_back(drawn.operands[0]);
    if (drawn.operands.size() > 2 && below(random, 2) == 0) {
      Drawn pair = {drawn.kind, "", 1, {drawn.operands[0], drawn.operands[1]}};
      drawn.operands.erase(drawn.operands.begin());
      drawn.operands[0] = std::move(pair);
    }
  }
  if (below(random, 8) == 0) {
    Drawn once = {'!', "", 1, {std::move(drawn)}};
    return {'!', "", 1, {std::move(once)}};
  }
  return drawn;
}

// An agent with `count` skills, of which some are among those drawn.
std::vector<SkillLevel> draw_agent(Random& random, size_t count) {
  std::vector<SkillLevel> skills;
  while (skills.size() < count) {
    const SkillIndex fresh(
        size_t{below(random, 2) == 0 ? below(random, kSkillsDrawn) : below(random, kSkills)});
    const bool is_known = std::any_of(skills.begin(), skills.end(),
                                      [&](const SkillLevel& has) { return has.skill == fresh; });
    if (!is_known) skills.push_back({fresh, static_cast<uint8_t>(1 + below(random, 10))});
  }
  std::sort(skills.begin(), skills.end());
  return skills;
}

TEST(RequirementRandomTest, MeansWhatTheNaiveEvaluatorSays) {
  Random random(1);
  int satisfied_count = 0;
  int agent_count = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Drawn drawn = draw(random, 7, 30);
    const Drawn other = draw(random, 3, 6);
    const Requirement requirement = read_drawn(written(drawn, false));
    const Requirement cautious = read_drawn(written(drawn, true));
    const Requirement both = joined(read_drawn(written(other, true)), cautious);
    for (size_t count = 0; count <= 20; ++count) {
      const std::vector<SkillLevel> skills = draw_agent(random, count);
      const bool expected = holds(drawn, skills);
      const std::vector<PackedSkill> packed(skills.begin(), skills.end());
      for (const SkillView& view : {SkillView{packed}, SkillView{packed, skill_bits(packed)}}) {
        ASSERT_EQ(satisfies_packed(view, requirement), expected) << written(drawn, false);
        ASSERT_EQ(preference_packed(view, requirement), preference(skills, requirement));
      }
      ASSERT_EQ(satisfies(skills, requirement), expected) << written(drawn, false);
      ASSERT_EQ(satisfies(skills, cautious), expected) << written(drawn, true);
      ASSERT_EQ(satisfies(skills, joined(requirement, {})), expected) << written(drawn, false);
      ASSERT_EQ(satisfies(skills, both), expected && holds(other, skills)) << drawn_text(both);
      satisfied_count += expected ? 1 : 0;
      ++agent_count;
    }
  }
  // Neither answer is rare, or this shows little.
  EXPECT_GT(satisfied_count, agent_count / 5);
  EXPECT_LT(satisfied_count, agent_count * 4 / 5);
}

TEST(RequirementRandomTest, WrittenOutAndReadAgainIsEqual) {
  Random random(2);
  for (int i = 0; i < 5'000; ++i) {
    const Drawn drawn = draw(random, 7, 60);
    for (const bool is_cautious : {false, true}) {
      const Requirement requirement = read_drawn(written(drawn, is_cautious));
      ASSERT_EQ(read_drawn(drawn_text(requirement)), requirement) << drawn_text(requirement);
      const Requirement alone = joined(requirement, {});
      ASSERT_EQ(read_drawn(drawn_text(alone)), alone) << drawn_text(alone);
      ASSERT_EQ(joined(alone, alone), alone) << drawn_text(alone);
    }
  }
}

TEST(RequirementRandomTest, AnotherOrderGivesAnEqualValue) {
  Random random(3);
  int compared_count = 0;
  for (int i = 0; i < 5'000; ++i) {
    const Drawn drawn = draw(random, 4, 12);
    const Drawn other = shuffled(random, drawn);
    const auto parsed = parse_drawn(written(other, below(random, 2) == 0));
    if (const auto* error = std::get_if<RequirementError>(&parsed)) {
      ASSERT_TRUE(error->description.starts_with("more than")) << error->description;
      continue;  // The added NOTs and copies went over a limit.
    }
    ASSERT_EQ(joined(std::get<Requirement>(parsed), {}),
              joined(read_drawn(written(drawn, false)), {}))
        << written(drawn, false) << " / " << written(other, false);
    ++compared_count;
  }
  EXPECT_GT(compared_count, 4'000);
}

}  // namespace
}  // namespace acd
