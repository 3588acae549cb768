// SPDX-License-Identifier: Apache-2.0
// The requirement language: what is read, what is refused and where, and what it means.
#include "routing/requirement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "routing/limits.h"

namespace acd {
namespace {

// The declared skills: a .. f, some by name, and s0 .. s69.
const std::vector<std::string>& skill_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made = {"a",         "b",       "c",       "d",
                                     "e",         "f",       "spanish", "billing",
                                     "retention", "trainee", "vip",     "T_2.x-y"};
    for (int i = 0; i < 70; ++i) made.push_back("s" + std::to_string(i));
    return made;
  }();
  return names;
}

SkillIndex skill(std::string_view name) {
  const auto& names = skill_names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return SkillIndex(i);
  }
  return {};
}

std::variant<Requirement, RequirementError> parse(std::string_view text) {
  return parse_requirement(text, skill);
}

Requirement read(std::string_view text) {
  auto parsed = parse(text);
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    ADD_FAILURE() << text << ": column " << error->column << ": " << error->description;
    return {};
  }
  return std::get<Requirement>(std::move(parsed));
}

RequirementError error_of(std::string_view text) {
  auto parsed = parse(text);
  if (!std::holds_alternative<RequirementError>(parsed)) {
    ADD_FAILURE() << text << " was taken";
    return {};
  }
  return std::get<RequirementError>(std::move(parsed));
}

std::string text_of(const Requirement& requirement) {
  return to_text(requirement,
                 [](SkillIndex index) { return std::string_view(skill_names()[index.value()]); });
}

// Read and written out again.
std::string rewritten(std::string_view text) { return text_of(read(text)); }

std::vector<SkillLevel> agent(std::vector<std::pair<std::string, int>> skills) {
  std::vector<SkillLevel> sorted;
  for (const auto& [name, level] : skills) {
    sorted.push_back({skill(name), static_cast<uint8_t>(level)});
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// --- What is read.

TEST(RequirementTest, EmptyTextNeedsNothing) {
  EXPECT_EQ(read(""), Requirement{});
  EXPECT_EQ(read(" \t "), Requirement{});
  EXPECT_TRUE(satisfies({}, read("")));
}

TEST(RequirementTest, SkillAloneMeansLevelOne) {
  EXPECT_EQ(read("spanish"), read("spanish >= 1"));
  EXPECT_NE(read("spanish"), read("spanish >= 2"));
}

TEST(RequirementTest, ReadsTermsJoinedByAndInAnyCaseAndSpacing) {
  const Requirement requirement = read("spanish>=5 and\tT_2.x-y >= 10 AnD a >= 03");
  ASSERT_EQ(requirement.terms.size(), 3u);
  const RequirementOp expected = {RequirementOp::Kind::kSkill, 10, skill("T_2.x-y")};
  EXPECT_EQ(requirement.terms[1].ops, std::vector<RequirementOp>{expected});
  EXPECT_EQ(requirement, read("spanish >= 5 AND T_2.x-y >= 10 AND a >= 3"));
}

TEST(RequirementTest, CompilesToPostfixOrder) {
  using Kind = RequirementOp::Kind;
  const Requirement requirement = read("a OR NOT b >= 2 AND c");
  ASSERT_EQ(requirement.terms.size(), 1u);
  const std::vector<RequirementOp> expected = {
      {Kind::kSkill, 1, skill("a")}, {Kind::kSkill, 2, skill("b")}, {Kind::kNot, 0, {}},
      {Kind::kSkill, 1, skill("c")}, {Kind::kAnd, 0, {}},           {Kind::kOr, 0, {}}};
  EXPECT_EQ(requirement.terms[0].ops, expected);
}

TEST(RequirementTest, AndBindsTighterThanOrAndNotTightest) {
  EXPECT_EQ(read("a OR b AND c"), read("a OR (b AND c)"));
  EXPECT_NE(read("a OR b AND c"), read("(a OR b) AND c"));
  EXPECT_EQ(read("a AND b OR c AND d OR e"), read("((a AND b) OR (c AND d)) OR e"));
  EXPECT_EQ(read("NOT a AND b"), read("(NOT a) AND b"));
  EXPECT_EQ(read("not a >= 5 or b"), read("(NOT (a >= 5)) OR b"));
}

TEST(RequirementTest, LabelsNameTermsAtTheTop) {
  const Requirement requirement =
      read("language: spanish >= 5 AND (a OR b) AND last:NOT a AND spanish : (c OR d)");
  ASSERT_EQ(requirement.terms.size(), 4u);
  EXPECT_EQ(requirement.terms[0].label, "language");
  EXPECT_EQ(requirement.terms[1].label, "");
  EXPECT_EQ(requirement.terms[2].label, "last");
  EXPECT_EQ(requirement.terms[3].label, "spanish");  // A skill of that name does not matter.
  EXPECT_NE(read("x: a"), read("y: a"));
  EXPECT_EQ(read("x: a AND X: b").terms.size(), 2u);  // Labels are as written.
}

TEST(RequirementTest, ReplaceStandsAtTheStartWithOrWithoutNeeds) {
  EXPECT_TRUE(read("REPLACE a").replaces);
  EXPECT_FALSE(read("a").replaces);
  const Requirement nobody_excluded = read(" replace ");
  EXPECT_TRUE(nobody_excluded.replaces);
  EXPECT_TRUE(nobody_excluded.terms.empty());
  EXPECT_TRUE(read("REPLACE PREFERS a").replaces);
  EXPECT_TRUE(read("REPLACE x: a AND b").replaces);
}

TEST(RequirementTest, PrefersIsSortedBySkill) {
  const Requirement requirement = read("a OR b PREFERS vip*3,b , a * -1000, c * 1000");
  const std::vector<SkillWeight> expected = {
      {skill("a"), -1000}, {skill("b"), 1}, {skill("c"), 1000}, {skill("vip"), 3}};
  EXPECT_EQ(requirement.prefers, expected);
  EXPECT_TRUE(read("prefers a").terms.empty());
}

TEST(RequirementTest, ReadsTheExampleOfTheHeader) {
  const Requirement requirement = read(
      "language: spanish >= 5 AND (billing >= 3 OR retention) AND NOT trainee PREFERS vip * 3");
  EXPECT_EQ(requirement.terms.size(), 3u);
  EXPECT_TRUE(satisfies(agent({{"spanish", 5}, {"billing", 3}}), requirement));
  EXPECT_TRUE(satisfies(agent({{"spanish", 9}, {"retention", 1}}), requirement));
  EXPECT_FALSE(satisfies(agent({{"spanish", 4}, {"billing", 3}}), requirement));
  EXPECT_FALSE(satisfies(agent({{"spanish", 5}, {"billing", 2}}), requirement));
  EXPECT_FALSE(satisfies(agent({{"spanish", 5}, {"billing", 3}, {"trainee", 1}}), requirement));
}

// --- What is refused.

TEST(RequirementTest, SaysWhatToWriteInsteadAndWhere) {
  constexpr const char* kNotBelow = "only >= is understood: NOT spanish >= 5 is below 5";
  constexpr const char* kLevel = "a level is a whole number from 1 to 10";
  constexpr const char* kPutBehind =
      "put the OR in parentheses behind the label: label: (one OR other)";
  constexpr const char* kWeight = "a weight is a whole number from -1000 to 1000, not 0";
  constexpr const char* kNoComma =
      "expected ',' or the end: weights are written PREFERS a * 3, b * -1";
  constexpr const char* kNoWeight =
      "expected a skill behind PREFERS: weights are written PREFERS a * 3, b * -1";
  constexpr const char* kNoEnd = "expected AND, OR, PREFERS or the end";
  constexpr const char* kNested =
      "label 'x' inside parentheses or NOT: put it before the whole term";
  const struct {
    const char* text;
    uint32_t column;
    const char* description;
  } kCases[] = {
      // Comparisons and levels.
      {"spanish > 5", 9, kNotBelow},
      {"spanish < 7", 9, "only >= is understood: NOT spanish >= 7 is below 7"},
      {"spanish<=x", 8, kNotBelow},
      {"spanish = 5", 9, kNotBelow},
      {"spanish == 5", 9, kNotBelow},
      {"spanish => 5", 9, kNotBelow},
      {"spanish > = 5", 9, kNotBelow},
      {"spanish != 5", 9, kNotBelow},
      {"spanish \xE2\x89\xA5 99", 9, kNotBelow},
      {"spanish 5", 9, "write >= before the level"},
      {"spanish >=", 11, "expected a level from 1 to 10"},
      {"spanish >= x", 12, "expected a level from 1 to 10"},
      {"spanish >= -1", 12, "expected a level from 1 to 10"},
      {"spanish >== 5", 11, "expected a level from 1 to 10"},
      {"spanish >= 0", 12, "levels begin at 1: NOT spanish is without the skill"},
      {"spanish >= 11", 12, kLevel},
      {"spanish >= 4294967301", 12, kLevel},
      {"spanish >= 5.5", 12, kLevel},
      // Operands.
      {"AND a", 1, "expected a skill, NOT or '(' before AND"},
      {"OR", 1, "expected a skill, NOT or '(' before OR"},
      {"a AND", 6, "expected a skill, NOT or '(' behind AND"},
      {"a AND  ", 8, "expected a skill, NOT or '(' behind AND"},
      {"a or", 5, "expected a skill, NOT or '(' behind OR"},
      {"a AND AND b", 7, "expected a skill, NOT or '(' behind AND"},
      {"a AND PREFERS b", 7, "expected a skill, NOT or '(' behind AND"},
      {"a OR )", 6, "expected a skill, NOT or '(' behind OR"},
      {"NOT", 4, "expected a skill, NOT or '(' behind NOT"},
      {"(", 2, "expected a skill, NOT or '(' behind '('"},
      {"a AND ()", 8, "expected a skill, NOT or '(' behind '('"},
      {"REPLACE AND a", 9, "expected a skill, NOT or '(' behind REPLACE"},
      {"!a", 1, "expected a skill, NOT or '(': write NOT for !"},
      {"1a >= 1", 1, "expected a skill, NOT or '(': a skill begins with a letter"},
      {"a AND 5", 7, "expected a skill, NOT or '(' behind AND: a skill begins with a letter"},
      {"\xC3\xB1", 1, "expected a skill, NOT or '('"},
      {">= 5", 1, "expected a skill, NOT or '('"},
      // Behind an operand.
      {"a b", 3, kNoEnd},
      {"a;", 2, kNoEnd},
      {"a >= 1 >= 2", 8, kNoEnd},
      {"a\nAND b", 2, kNoEnd},
      {"(a) >= 2", 5, kNoEnd},
      {"(a): b", 4, kNoEnd},
      {"a NOT b", 3, "expected AND, OR, PREFERS or the end before NOT"},
      {"a && b", 3, "expected AND, OR, PREFERS or the end: write AND for &"},
      {"a || b", 3, "expected AND, OR, PREFERS or the end: write OR for |"},
      {"a, b", 2, "expected AND, OR, PREFERS or the end: write AND or OR for ,"},
      {"a)", 2, "')' without a '('"},
      {"a REPLACE b", 3, "REPLACE stands once, at the start"},
      {"a AND REPLACE b", 7, "REPLACE stands once, at the start"},
      {"REPLACE REPLACE", 9, "REPLACE stands once, at the start"},
      // Parentheses.
      {"(a", 3, "expected AND, OR or ')' for the '(' in column 1"},
      {"a AND (b OR (c)", 16, "expected AND, OR or ')' for the '(' in column 7"},
      {"a AND (b OR (c d))", 16, "expected AND, OR or ')' for the '(' in column 13"},
      {"(a PREFERS b)", 4,
       "expected AND, OR or ')' for the '(' in column 1: PREFERS stands outside of parentheses"},
      // Labels.
      {"x: a OR b", 6, kPutBehind},
      {"a OR x: b", 6, kPutBehind},
      {"x: a AND b OR c", 12, kPutBehind},
      {"a AND (x: b)", 8, kNested},
      {"NOT x: b", 5, kNested},
      {"x: y: a", 4, "a term has one label"},
      {"x: a AND x: b", 10, "label 'x' stands twice"},
      {"x:", 3, "expected a skill, NOT or '(' behind the label"},
      {": a", 1, "expected a skill, NOT or '('"},
      {"and: a", 1, "AND is a keyword, no label and no skill"},
      {"a AND not: b", 7, "NOT is a keyword, no label and no skill"},
      {"replace : a", 1, "REPLACE is a keyword, no label and no skill"},
      {"a AND or >= 5", 7, "OR is a keyword, no label and no skill"},
      {"prefers >= 5", 1, "PREFERS is a keyword, no label and no skill"},
      // Weights.
      {"PREFERS", 8, kNoWeight},
      {"a PREFERS b,", 13,
       "expected a skill behind ',': weights are written PREFERS a * 3, b * -1"},
      {"PREFERS NOT a", 9, kNoWeight},
      {"PREFERS a AND b", 11, kNoComma},
      {"PREFERS a >= 3", 11, kNoComma},
      {"PREFERS a PREFERS b", 11, kNoComma},
      {"PREFERS a, b * 2, a * 3", 19, "skill 'a' has two weights"},
      {"PREFERS a *", 12, kWeight},
      {"PREFERS a * 0", 13, kWeight},
      {"PREFERS a * -", 13, kWeight},
      {"PREFERS a * +1", 13, kWeight},
      {"PREFERS a * 1.5", 13, kWeight},
      {"PREFERS a * 1001", 13, kWeight},
      {"PREFERS a * -1001", 13, kWeight},
      {"PREFERS a * 18446744073709551617", 13, kWeight},
  };
  for (const auto& test : kCases) {
    const RequirementError error = error_of(test.text);
    EXPECT_EQ(error.column, test.column) << test.text;
    EXPECT_EQ(error.description, test.description) << test.text;
    EXPECT_FALSE(error.is_unknown_skill) << test.text;
  }
}

TEST(RequirementTest, NamesAnUnknownSkill) {
  const struct {
    const char* text;
    uint32_t column;
    const char* description;
  } kCases[] = {
      {"klingon", 1, "no skill 'klingon' is declared"},
      {"a AND (b OR NOT klingon >= 3)", 17, "no skill 'klingon' is declared"},
      {"x: A", 4, "no skill 'A' is declared"},
      {"a PREFERS b, klingon * 2", 14, "no skill 'klingon' is declared"},
  };
  for (const auto& test : kCases) {
    const RequirementError error = error_of(test.text);
    EXPECT_EQ(error.column, test.column) << test.text;
    EXPECT_EQ(error.description, test.description) << test.text;
    EXPECT_TRUE(error.is_unknown_skill) << test.text;
  }
  const RequirementError cut = error_of(std::string(kIdBytesMax + 1, 'z'));
  EXPECT_EQ(cut.description, "no skill '" + std::string(kIdBytesMax, 'z') + "...' is declared");
}

TEST(RequirementTest, LimitsTheNumberOfSkills) {
  std::string text = "(s0";
  for (size_t i = 1; i < kRequirementTermsMax; ++i) {
    text += (i % 2 == 0 ? " OR s" : " AND NOT s") + std::to_string(i % 70);
  }
  EXPECT_TRUE(std::holds_alternative<Requirement>(parse(text + ") PREFERS a")));
  const RequirementError error = error_of(text + " OR a)");
  EXPECT_EQ(error.column, text.size() + 5);
  EXPECT_EQ(error.description, "more than 64 skills");
}

TEST(RequirementTest, LimitsTheNumberOfWeights) {
  std::string text = "PREFERS s0";
  for (size_t i = 1; i < kPrefersMax; ++i) text += ", s" + std::to_string(i);
  EXPECT_EQ(read(text).prefers.size(), kPrefersMax);
  const RequirementError error = error_of(text + ", a");
  EXPECT_EQ(error.column, text.size() + 3);
  EXPECT_EQ(error.description, "more than 16 weights");
}

TEST(RequirementTest, LimitsTheDepthOfParenthesesAndNots) {
  std::string open;
  std::string close;
  for (int i = 0; i < kRequirementDepthMax; ++i) {
    open += i % 2 == 0 ? "(" : "NOT ";
    if (i % 2 == 0) close += ")";
  }
  EXPECT_EQ(read(open + "a" + close).terms.size(), 1u);
  for (const char* more : {"(a)", "NOT a"}) {
    const RequirementError error = error_of(open + more + close);
    EXPECT_EQ(error.column, open.size() + 1);
    EXPECT_EQ(error.description, "more than 16 parentheses and NOTs in each other");
  }
  // Side by side they do not add up.
  std::string side_by_side = "NOT a";
  for (int i = 0; i < 20; ++i) side_by_side += " AND (NOT b OR c)";
  EXPECT_EQ(read(side_by_side).terms.size(), 21u);
  EXPECT_FALSE(error_of(std::string(100'000, '(')).description.empty());
}

// --- What it means.

TEST(RequirementTest, PreferenceAddsUpWeightsTimesLevels) {
  const Requirement requirement = read("a PREFERS b * 3, d * -2, vip");
  EXPECT_EQ(preference({}, requirement), 0);
  EXPECT_EQ(preference(agent({{"a", 9}, {"c", 9}}), requirement), 0);
  EXPECT_EQ(preference(agent({{"b", 5}, {"c", 9}, {"d", 10}, {"vip", 1}}), requirement), -4);
  EXPECT_EQ(preference(agent({{"a", 1}, {"vip", 7}, {"s3", 7}}), requirement), 7);
  EXPECT_EQ(preference(agent({{"b", 5}}), read("b >= 5")), 0);
}

TEST(RequirementTest, PreferenceReachesItsBound) {
  std::string text = "PREFERS s0 * -1000";
  std::vector<SkillLevel> all;
  for (size_t i = 0; i < kPrefersMax; ++i) {
    if (i > 0) text += ", s" + std::to_string(i) + " * -1000";
    all.push_back({skill("s" + std::to_string(i)), kSkillLevelMax});
  }
  EXPECT_EQ(preference(all, read(text)), -160'000);
  EXPECT_EQ(preference(all, joined(read(text), read(text))), -320'000);
}

TEST(RequirementTest, AsksForSkillsOutsideOfNot) {
  const auto asked = [](std::string_view text) { return asked_skills(read(text)); };
  const std::vector<SkillIndex> a_and_c = {skill("a"), skill("c")};
  EXPECT_EQ(asked("c >= 5 AND (a OR c) AND NOT b PREFERS d"), a_and_c);
  EXPECT_EQ(asked("a OR NOT (b OR NOT c AND d)"), a_and_c);
  EXPECT_EQ(asked("NOT NOT a AND NOT NOT NOT b AND c"), a_and_c);
  EXPECT_TRUE(asked("NOT (a AND b)").empty());
  EXPECT_TRUE(asked("").empty());
}

TEST(RequirementTest, SkillThatNobodyHasIsNeverSatisfied) {
  Requirement requirement = read("a");
  requirement.terms[0].ops[0].skill = SkillIndex();
  EXPECT_FALSE(satisfies(agent({{"a", 10}, {"s69", 10}}), requirement));
  EXPECT_FALSE(satisfies({}, requirement));
  EXPECT_TRUE(asked_skills(requirement).empty());
  EXPECT_EQ(text_of(requirement), "?");
}

// --- Joined.

TEST(RequirementTest, JoinsTermsAndWeightsOfQueueAndCall) {
  const Requirement both = joined(read("x: b >= 3 AND a PREFERS a * 2, b, c * 1000"),
                                  read("(c OR a) AND a PREFERS a * 5, b * -1, c * 1000, vip"));
  EXPECT_EQ(text_of(both), "a AND b >= 3 AND (a OR c) PREFERS a * 7, c * 2000, vip");
}

TEST(RequirementTest, ReplacingCallStandsAlone) {
  const Requirement both = joined(read("a AND b PREFERS a * 2"), read("REPLACE c PREFERS b"));
  EXPECT_EQ(text_of(both), "c PREFERS a * 2, b");
  EXPECT_EQ(joined(read("a AND b"), read("REPLACE")), Requirement{});
  EXPECT_EQ(joined(read("a AND b"), read("")), joined({}, read("b AND a")));
}

TEST(RequirementTest, SameMeaningInAnotherOrderIsEqual) {
  const std::array<std::pair<const char*, const char*>, 12> kPairs = {{
      {"a AND b", "b AND a"},
      {"a OR b OR c", "(c OR b) OR a"},
      {"a OR (b OR c)", "c OR a OR b OR a"},
      {"(a AND b) AND c", "a AND (b AND c)"},
      {"x: (a AND b)", "y: a AND z: b"},
      {"NOT NOT a", "a"},
      {"NOT NOT (a AND b) AND c", "a AND b AND c"},
      {"NOT NOT NOT (a OR NOT NOT b)", "NOT (b OR a)"},
      {"(a AND b) OR (b AND a)", "a AND b"},
      {"a OR b AND c", "c AND b OR a"},
      {"(a OR b) AND (c OR d)", "(d OR c) AND (b OR a)"},
      {"a AND (b OR NOT NOT (c OR d))", "(d OR c OR b) AND a >= 1"},
  }};
  for (const auto& [one, other] : kPairs) {
    EXPECT_EQ(joined(read(one), {}), joined(read(other), {})) << one << " / " << other;
  }
  EXPECT_EQ(joined(read("a"), read("b OR c")), joined(read("c OR b"), read("a")));
}

TEST(RequirementTest, AnotherMeaningIsNotEqual) {
  const std::array<std::pair<const char*, const char*>, 6> kPairs = {{
      {"a", "a >= 2"},
      {"a", "NOT a"},
      {"a AND b", "a OR b"},
      {"a AND (b OR c)", "a AND b OR c"},
      {"NOT (a AND b)", "NOT a AND b"},
      {"a PREFERS b", "a PREFERS b * 2"},
  }};
  for (const auto& [one, other] : kPairs) {
    EXPECT_NE(joined(read(one), {}), joined(read(other), {})) << one << " / " << other;
  }
}

// --- Steps.

TEST(RequirementTest, DropsATermByItsLabel) {
  Requirement requirement = read("x: a AND b AND y: (c OR d)");
  EXPECT_FALSE(drop_term(&requirement, "z"));
  EXPECT_FALSE(drop_term(&requirement, ""));
  EXPECT_FALSE(drop_term(&requirement, "X"));
  EXPECT_EQ(requirement.terms.size(), 3u);
  EXPECT_TRUE(drop_term(&requirement, "y"));
  EXPECT_EQ(requirement, read("x: a AND b"));
  EXPECT_FALSE(drop_term(&requirement, "y"));
}

TEST(RequirementTest, LowersWhatAsksForMore) {
  Requirement requirement =
      read("x: a >= 8 AND (b >= 7 OR a >= 3) AND NOT (a >= 9 AND NOT a >= 6) AND NOT a >= 7");
  EXPECT_TRUE(lower_level(&requirement, skill("a"), 4));
  EXPECT_EQ(requirement, read("x: a >= 4 AND (b >= 7 OR a >= 3) AND NOT (a >= 9 AND NOT a >= 4) "
                              "AND NOT a >= 7"));
  EXPECT_FALSE(lower_level(&requirement, skill("a"), 4));
  EXPECT_FALSE(lower_level(&requirement, skill("c"), 1));
  Requirement excluding = read("NOT a >= 5");
  EXPECT_FALSE(lower_level(&excluding, skill("a"), 1));
}

TEST(RequirementDeathTest, RefusesALevelOutOfRange) {
  Requirement requirement = read("a >= 5");
  EXPECT_DEATH(lower_level(&requirement, skill("a"), 0), "CHECK failed");
  EXPECT_DEATH(lower_level(&requirement, skill("a"), 11), "CHECK failed");
}

// --- Written out.

TEST(RequirementTest, WritesWithNoMoreParenthesesThanNeeded) {
  const std::array<std::pair<const char*, const char*>, 16> kPairs = {{
      {"", ""},
      {" replace", "REPLACE"},
      {"a>=1", "a"},
      {"replace a>=2 prefers b*1", "REPLACE a >= 2 PREFERS b"},
      {"prefers c*-3,b", "PREFERS b, c * -3"},
      {"((a))", "a"},
      {"(a OR b)", "a OR b"},
      {"(a AND b)", "(a AND b)"},
      {"(a OR b) AND c", "(a OR b) AND c"},
      {"x:(a AND b) AND y : c", "x: (a AND b) AND y: c"},
      {"x: (a OR b)", "x: (a OR b)"},
      {"(a AND b) OR ((c))", "a AND b OR c"},
      {"a OR (b OR c)", "a OR (b OR c)"},
      {"a OR (b AND (c AND d))", "a OR b AND (c AND d)"},
      {"not(a or b)and not(not c)", "NOT (a OR b) AND NOT NOT c"},
      {"NOT (a AND b) OR c", "NOT (a AND b) OR c"},
  }};
  for (const auto& [text, written] : kPairs) {
    EXPECT_EQ(rewritten(text), written);
    EXPECT_EQ(read(rewritten(text)), read(text)) << text;
  }
}

}  // namespace
}  // namespace acd
