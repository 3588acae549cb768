// SPDX-License-Identifier: Apache-2.0
// Tests of the conditions of steps: what they mean, and where they stop being one.
#include "daemon/config/condition.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/text.h"

namespace acd {
namespace {

using Compare = Condition::Compare;
using Counter = Condition::Counter;

SkillIndex find_skill(std::string_view name) {
  return name == "spanish" ? SkillIndex(0u) : SkillIndex();
}

std::string condition_error(std::string_view text) {
  const auto parsed = parse_condition(text, find_skill);
  const auto* error = std::get_if<RequirementError>(&parsed);
  return error == nullptr ? "" : std::to_string(error->column) + ": " + error->description;
}

struct Good {
  std::string text;
  Counter counter;
  std::string skill;
  int level;
  Compare compare;
  int value;
};

TEST(ConditionTest, ReadsEveryForm) {
  const std::vector<Good> cases = {
      {"logged_in(spanish >= 5) < 1", Counter::kLoggedIn, "spanish", 5, Compare::kBelow, 1},
      {"ready(spanish) < 2", Counter::kReady, "spanish", 1, Compare::kBelow, 2},
      {"ready < 1", Counter::kReady, "", 1, Compare::kBelow, 1},
      {"logged_in > 0", Counter::kLoggedIn, "", 1, Compare::kAbove, 0},
      {"waiting > 10", Counter::kWaiting, "", 1, Compare::kAbove, 10},
      {"  waiting<2000000\t", Counter::kWaiting, "", 1, Compare::kBelow, 2'000'000},
      {"ready( spanish>=10 )>3", Counter::kReady, "spanish", 10, Compare::kAbove, 3},
  };
  for (const Good& good : cases) {
    const auto parsed = parse_condition(good.text, find_skill);
    const auto* condition = std::get_if<Condition>(&parsed);
    ASSERT_NE(condition, nullptr) << good.text << ": " << condition_error(good.text);
    EXPECT_EQ(condition->counter, good.counter) << good.text;
    EXPECT_EQ(condition->skill, good.skill) << good.text;
    EXPECT_EQ(condition->level, good.level) << good.text;
    EXPECT_EQ(condition->compare, good.compare) << good.text;
    EXPECT_EQ(condition->value, good.value) << good.text;
  }
}

TEST(ConditionTest, NamesTheColumnOfEveryFault) {
  const char* only_two = "only < and > are understood: < 2 is at most 1, > 1 is at least 2";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "1: expected logged_in, ready or waiting: write e.g. logged_in(spanish >= 5) < 1"},
      {"spanish < 1", "1: expected logged_in, *"},
      {"Ready < 1", "1: expected logged_in, *"},
      {"ready", "6: expected < or > and a number: *"},
      {"ready = 1", "7: expected < or > and a number: *"},
      {"ready <= 1", std::string("7: ") + only_two},
      {"ready >= 1", std::string("7: ") + only_two},
      {"ready <> 1", std::string("7: ") + only_two},
      {"ready <", "8: expected a whole number from 0 to 2000000"},
      {"ready < -1", "9: expected a whole number from 0 to 2000000"},
      {"ready < many", "9: expected a whole number from 0 to 2000000"},
      {"ready < 1.5", "9: expected a whole number from 0 to 2000000"},
      {"ready < 2000001", "9: expected a whole number from 0 to 2000000"},
      {"ready < 99999999999999999999", "9: expected a whole number from 0 to 2000000"},
      {"ready < 0", "9: a count is never below 0: < 1 is none"},
      {"ready < 1 AND waiting > 1", "11: expected the end: one comparison a condition"},
      {"waiting(spanish) > 1", "8: waiting counts the calls of the queue and takes no skill"},
      {"ready() < 1", "7: expected a skill behind '('"},
      {"ready(5) < 1", "7: expected a skill behind '('"},
      {"ready(french) < 1", "7: no skill 'french' is declared"},
      {"ready(spanish < 1", "15: expected >= and a level, or ')'"},
      {"ready(spanish >= 5 < 1", "20: expected ')' for the '(' in column 6"},
      {"ready(spanish >= 0) < 1", "18: a level is a whole number from 1 to 10"},
      {"ready(spanish >= 11) < 1", "18: a level is a whole number from 1 to 10"},
      {"ready(spanish >= ) < 1", "18: a level is a whole number from 1 to 10"},
      {"ready(spanish) \xff", "16: expected < or > and a number: *"},
  };
  for (auto [text, expected] : cases) {
    std::string actual = condition_error(text);
    if (expected.ends_with('*')) {
      expected.pop_back();
      actual = actual.substr(0, expected.size());
    }
    EXPECT_EQ(actual, expected) << text;
  }
}

TEST(ConditionTest, TellsAnUnknownSkillApart) {
  const auto parsed = parse_condition("ready(french) < 1", find_skill);
  EXPECT_TRUE(std::get<RequirementError>(parsed).is_unknown_skill);
}

TEST(ConditionTest, NoTextWhateverLeavesItsColumns) {
  std::mt19937_64 random(1);
  const std::vector<std::string> pieces = {"logged_in", "ready", "waiting", "(", ")",  "spanish",
                                           ">=",        "<",     ">",       " ", "12", "\xff"};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (uint64_t i = random() % 9; i > 0; --i) text += pieces[random() % pieces.size()];
    const auto parsed = parse_condition(text, find_skill);
    if (const auto* error = std::get_if<RequirementError>(&parsed)) {
      EXPECT_GE(error->column, 1u);
      EXPECT_LE(error->column, text.size() + 1) << text;
      EXPECT_TRUE(is_text(error->description)) << error->description;
    } else {
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 10);
}

}  // namespace
}  // namespace acd
