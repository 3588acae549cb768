// SPDX-License-Identifier: Apache-2.0
// Reads the condition of a step from left to right.
#include "daemon/config/condition.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "daemon/config/text.h"
#include "routing/limits.h"

namespace acd {
namespace {

static_assert(kConditionValueMax >= static_cast<int32_t>(kCallsMax));
static_assert(kConditionValueMax >= static_cast<int32_t>(kAgentsMax));

struct CounterWord {
  std::string_view word;
  Condition::Counter counter;
};
constexpr CounterWord kCounters[] = {{"logged_in", Condition::Counter::kLoggedIn},
                                     {"ready", Condition::Counter::kReady},
                                     {"waiting", Condition::Counter::kWaiting}};
constexpr char kForm[] = "write e.g. logged_in(spanish >= 5) < 1";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

class ConditionReader {
 public:
  ConditionReader(std::string_view text, const FindSkill& find_skill)
      : text_(text), find_skill_(find_skill) {}

  std::variant<Condition, RequirementError> read() {
    skip_space();
    if (!read_counter() || !read_skill() || !read_comparison()) return std::move(error_);
    return std::move(condition_);
  }

 private:
  bool read_counter() {
    const size_t begin = at_;
    const std::string_view word = take_word();
    for (const CounterWord& known : kCounters) {
      if (known.word != word) continue;
      condition_.counter = known.counter;
      return true;
    }
    return fail(begin, absl::StrCat("expected logged_in, ready or waiting: ", kForm));
  }

  bool read_skill() {
    const size_t begin = at_;
    if (!take("(")) return true;
    if (condition_.counter == Condition::Counter::kWaiting) {
      return fail(begin, "waiting counts the calls of the queue and takes no skill");
    }
    const size_t skill_begin = at_;
    const std::string_view skill = take_word();
    if (skill.empty()) return fail(skill_begin, "expected a skill behind '('");
    if (!find_skill_(skill).valid()) {
      error_.is_unknown_skill = true;
      return fail(skill_begin, absl::StrCat("no skill ", quote(skill), " is declared"));
    }
    condition_.skill = skill;
    if (take(">=")) {
      const size_t level_begin = at_;
      if (!take_number(kSkillLevelMax, &condition_.level) || condition_.level < kSkillLevelMin) {
        return fail(level_begin, "a level is a whole number from 1 to 10");
      }
    } else if (!next_is(')')) {
      return fail(at_, "expected >= and a level, or ')'");
    }
    return take(")") || fail(at_, absl::StrCat("expected ')' for the '(' in column ", begin + 1));
  }

  bool read_comparison() {
    const size_t begin = at_;
    if (take("<")) {
      condition_.compare = Condition::Compare::kBelow;
    } else if (take(">")) {
      condition_.compare = Condition::Compare::kAbove;
    } else {
      return fail(begin, absl::StrCat("expected < or > and a number: ", kForm));
    }
    if (next_is('=') || next_is('<') || next_is('>')) {
      return fail(begin, "only < and > are understood: < 2 is at most 1, > 1 is at least 2");
    }
    const size_t value_begin = at_;
    if (!take_number(kConditionValueMax, &condition_.value)) {
      return fail(value_begin,
                  absl::StrCat("expected a whole number from 0 to ", kConditionValueMax));
    }
    if (condition_.compare == Condition::Compare::kBelow && condition_.value == 0) {
      return fail(value_begin, "a count is never below 0: < 1 is none");
    }
    return at_ == text_.size() || fail(at_, "expected the end: one comparison a condition");
  }

  void skip_space() {
    while (next_is(' ') || next_is('\t')) ++at_;
  }
  [[nodiscard]] bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    skip_space();
    return true;
  }

  std::string_view take_word() {
    const size_t begin = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && is_word_part(text_[at_])) ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    skip_space();
    return word;
  }

  // Takes digits; false when there are none, they are more than `max`, or a fraction follows.
  bool take_number(int32_t max, int32_t* value) {
    if (at_ == text_.size() || !is_digit(text_[at_])) return false;
    int64_t number = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      number = std::min<int64_t>(number * 10 + (text_[at_] - '0'), int64_t{max} + 1);
      ++at_;
    }
    const bool is_whole = at_ == text_.size() || !is_word_part(text_[at_]);
    *value = static_cast<int32_t>(number);
    skip_space();
    return is_whole && number <= max;
  }

  bool fail(size_t at, std::string description) {
    error_.column = static_cast<uint32_t>(at + 1);
    error_.description = std::move(description);
    return false;
  }

  std::string_view text_;
  const FindSkill& find_skill_;
  size_t at_ = 0;
  Condition condition_;
  RequirementError error_;
};

}  // namespace

std::variant<Condition, RequirementError> parse_condition(std::string_view text,
                                                          const FindSkill& find_skill) {
  return ConditionReader(text, find_skill).read();
}

}  // namespace acd
