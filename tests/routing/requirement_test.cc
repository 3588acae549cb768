// SPDX-License-Identifier: Apache-2.0
#include "routing/requirement.h"

#include <gtest/gtest.h>

namespace acd {
namespace {

RequirementError error_of(std::string_view text) {
  auto parsed = parse_requirement(text);
  if (!std::holds_alternative<RequirementError>(parsed)) {
    ADD_FAILURE() << text << " was taken";
    return {};
  }
  return std::get<RequirementError>(parsed);
}

TEST(RequirementTest, EmptyTextNeedsNothing) {
  EXPECT_TRUE(std::get<std::vector<RequirementTerm>>(parse_requirement("")).empty());
  EXPECT_TRUE(std::get<std::vector<RequirementTerm>>(parse_requirement("  ")).empty());
}

TEST(RequirementTest, ReadsTermsJoinedByAndInAnyCase) {
  const auto terms =
      std::get<std::vector<RequirementTerm>>(parse_requirement("spanish>=5 and  tier_2 >= 10"));
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[0].skill, "spanish");
  EXPECT_EQ(terms[0].level, 5);
  EXPECT_EQ(terms[1].skill, "tier_2");
  EXPECT_EQ(terms[1].level, 10);
  EXPECT_EQ(terms[1].column, 17u);
}

TEST(RequirementTest, NamesTheColumnOfAnythingElse) {
  const struct {
    const char* text;
    uint32_t column;
  } kCases[] = {
      {"spanish", 8},
      {"spanish > 5", 9},
      {"spanish >= 0", 12},
      {"spanish >= 11", 12},
      {"spanish >= 111", 12},
      {"spanish >= x", 12},
      {"a >= 1 OR b >= 2", 8},
      {"NOT a >= 1", 1},
      {"(a >= 1)", 1},
      {"a >= 1 AND", 11},
      {"a >= 1 AND AND b >= 1", 12},
      {"a >= 1 b >= 1", 8},
      {"1a >= 1", 1},
      {"a >= 1;", 7},
  };
  for (const auto& test : kCases) {
    const RequirementError error = error_of(test.text);
    EXPECT_EQ(error.column, test.column) << test.text << ": " << error.description;
    EXPECT_FALSE(error.description.empty()) << test.text;
  }
}

TEST(RequirementTest, LimitsTheNumberOfTerms) {
  std::string text = "a >= 1";
  for (int i = 0; i < 16; ++i) text += " AND a >= 1";
  EXPECT_NE(error_of(text).description.find("16"), std::string::npos);
}

TEST(RequirementTest, MergesToTheHighestLevelOfEachSkill) {
  const SkillLevel more[] = {{SkillIndex(2u), 4}, {SkillIndex(0u), 1}};
  const std::vector<SkillLevel> merged =
      merged_needs({{SkillIndex(2u), 7}, {SkillIndex(1u), 3}}, more);
  const std::vector<SkillLevel> expected = {
      {SkillIndex(0u), 1}, {SkillIndex(1u), 3}, {SkillIndex(2u), 7}};
  EXPECT_EQ(merged, expected);
}

TEST(RequirementTest, SatisfiedOnlyByEverySkillAtItsLevel) {
  const std::vector<SkillLevel> skills = {{SkillIndex(0u), 3}, {SkillIndex(2u), 5}};
  EXPECT_TRUE(satisfies(skills, {}));
  const SkillLevel exact[] = {{SkillIndex(0u), 3}, {SkillIndex(2u), 5}};
  EXPECT_TRUE(satisfies(skills, exact));
  const SkillLevel too_high[] = {{SkillIndex(2u), 6}};
  EXPECT_FALSE(satisfies(skills, too_high));
  const SkillLevel missing[] = {{SkillIndex(0u), 1}, {SkillIndex(1u), 1}};
  EXPECT_FALSE(satisfies(skills, missing));
}

}  // namespace
}  // namespace acd
