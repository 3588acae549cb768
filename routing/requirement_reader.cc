// SPDX-License-Identifier: Apache-2.0
// Reads a requirement: recursive descent, straight into postfix order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "routing/limits.h"
#include "routing/requirement.h"

namespace acd {
namespace {

using Kind = RequirementOp::Kind;
using Ops = std::vector<RequirementOp>;

enum class Keyword : uint8_t { kNoKeyword, kAnd, kOr, kNot, kReplace, kPrefers };
constexpr std::array<std::string_view, 6> kKeywords = {"",    "AND",     "OR",
                                                       "NOT", "REPLACE", "PREFERS"};

// Not <cctype>, which follows the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr bool is_letter(char c) { return upper(c) >= 'A' && upper(c) <= 'Z'; }
constexpr bool is_word_part(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
}

Keyword keyword_of(std::string_view word) {
  const auto is_same = [](char a, char b) { return upper(a) == b; };
  for (size_t i = 1; i < kKeywords.size(); ++i) {
    const std::string_view keyword = kKeywords[i];
    if (std::equal(word.begin(), word.end(), keyword.begin(), keyword.end(), is_same)) {
      return static_cast<Keyword>(i);
    }
  }
  return Keyword::kNoKeyword;
}

std::string_view name_of(Keyword keyword) { return kKeywords[static_cast<size_t>(keyword)]; }

// As much of a word as an error may repeat.
std::string quotable(std::string_view word) {
  if (word.size() <= kIdBytesMax) return std::string(word);
  return std::string(word.substr(0, kIdBytesMax)) + "...";
}

void append(const Ops& more, Ops* ops) { ops->insert(ops->end(), more.begin(), more.end()); }
void append(Kind kind, Ops* ops) { ops->push_back({kind, 0, SkillIndex()}); }

// Reads one text from left to right. Every function leaves off before the next word.
//
// Bounds:   nests kRequirementDepthMax deep.
// Fails:    false, with the reason in `error_`.
class RequirementReader {
 public:
  RequirementReader(std::string_view text, const FindSkill& find_skill)
      : text_(text), find_skill_(find_skill) {}

  std::variant<Requirement, RequirementError> read() {
    if (!read_all()) return std::move(error_);
    return std::move(requirement_);
  }

 private:
  // Where a part of the needs stands.
  static constexpr size_t kAtTop = SIZE_MAX;

  bool read_all() {
    skip_space();
    if (keyword() == Keyword::kReplace) {
      requirement_.replaces = true;
      if (!take_keyword()) return false;
    }
    if (!at_end() && keyword() != Keyword::kPrefers && !read_needs()) return false;
    return keyword() != Keyword::kPrefers || (take_keyword() && read_weights());
  }

  // --- The needs.
  bool read_needs() {
    std::vector<bool> is_alternative;  // Whether OR stands before the term.
    size_t or_at = kAtTop;
    for (;;) {
      is_alternative.push_back(keyword_before_ == Keyword::kOr);
      RequirementTerm& term = requirement_.terms.emplace_back();
      if (!read_label(or_at != kAtTop, &term.label) || !read_unary(&term.ops)) return false;
      if (at_end() || keyword() == Keyword::kPrefers) break;
      if (keyword() == Keyword::kOr) {
        if (has_label()) return fail(at_, std::string(kOrBehindLabel));
        or_at = at_;
      } else if (keyword() != Keyword::kAnd) {
        return fail_connector(kAtTop);
      }
      if (!take_keyword()) return false;
    }
    if (or_at != kAtTop) merge_alternatives(is_alternative);
    return true;
  }

  // Makes one term of all. AND binds tighter than OR.
  void merge_alternatives(const std::vector<bool>& is_alternative) {
    Ops either;
    Ops both;
    for (size_t i = 0; i < requirement_.terms.size(); ++i) {
      if (is_alternative[i]) {
        const bool is_first = either.empty();
        append(both, &either);
        if (!is_first) append(Kind::kOr, &either);
        both.clear();
      }
      const bool is_first = both.empty();
      append(requirement_.terms[i].ops, &both);
      if (!is_first) append(Kind::kAnd, &both);
    }
    append(both, &either);
    append(Kind::kOr, &either);
    requirement_.terms.clear();
    requirement_.terms.push_back({std::string(), std::move(either)});
  }

  [[nodiscard]] bool has_label() const {
    return std::any_of(requirement_.terms.begin(), requirement_.terms.end(),
                       [](const RequirementTerm& term) { return !term.label.empty(); });
  }

  // Takes a label if there is one.
  bool read_label(bool is_behind_or, std::string* label) {
    const size_t begin = at_;
    const std::string_view word = take_word();
    if (word.empty() || keyword_of(word) != Keyword::kNoKeyword || !next_is(":")) {
      at_ = begin;
      return true;
    }
    if (is_behind_or) return fail(begin, std::string(kOrBehindLabel));
    for (const RequirementTerm& term : requirement_.terms) {
      if (term.label == word) return fail(begin, "label '" + quotable(word) + "' stands twice");
    }
    take(":");
    behind_ = "the label";
    *label = word;
    return true;
  }

  bool read_either(size_t opened_at, Ops* ops) {
    if (!read_both(ops)) return false;
    while (keyword() == Keyword::kOr) {
      if (!take_keyword() || !read_both(ops)) return false;
      append(Kind::kOr, ops);
    }
    return next_is(")") || fail_connector(opened_at);
  }

  bool read_both(Ops* ops) {
    if (!read_unary(ops)) return false;
    while (keyword() == Keyword::kAnd) {
      if (!take_keyword() || !read_unary(ops)) return false;
      append(Kind::kAnd, ops);
    }
    return true;
  }

  bool read_unary(Ops* ops) {
    const size_t begin = at_;
    const bool is_not = keyword() == Keyword::kNot;
    if (!is_not && !next_is("(")) return read_skill(ops);
    if (depth_ == kRequirementDepthMax) {
      return fail(begin, "more than " + std::to_string(kRequirementDepthMax) +
                             " parentheses and NOTs in each other");
    }
    ++depth_;
    if (is_not) {
      if (!take_keyword() || !read_unary(ops)) return false;
      append(Kind::kNot, ops);
    } else {
      take("(");
      behind_ = "'('";
      if (!read_either(begin, ops)) return false;
      take(")");
    }
    --depth_;
    return true;
  }

  bool read_skill(Ops* ops) {
    const size_t begin = at_;
    if (keyword() != Keyword::kNoKeyword) return fail_operand();
    const std::string_view name = take_word();
    if (name.empty()) return fail_operand();
    if (next_is(":")) {
      if (depth_ == 0) return fail(begin, "a term has one label");
      return fail(begin, "label '" + quotable(name) +
                             "' inside parentheses or NOT: put it before the whole term");
    }
    if (skill_count_ == kRequirementTermsMax) {
      return fail(begin, "more than " + std::to_string(kRequirementTermsMax) + " skills");
    }
    ++skill_count_;
    RequirementOp op;
    if (!resolve(begin, name, &op.skill) || !read_level(name, &op.level)) return false;
    ops->push_back(op);
    return true;
  }

  // The level that `name` is compared with, or the least if it stands alone.
  bool read_level(std::string_view name, uint8_t* level) {
    *level = kSkillLevelMin;
    if (!take(">=")) {
      if (is_at_comparison()) return fail_comparison(name);
      if (!at_end() && is_digit(text_[at_])) return fail(at_, "write >= before the level");
      return true;
    }
    const size_t begin = at_;
    const Number number = take_number(false);
    if (!number.is_there) return fail(begin, "expected a level from 1 to 10");
    if (!number.is_whole || number.value > kSkillLevelMax) {
      return fail(begin, "a level is a whole number from 1 to 10");
    }
    if (number.value < kSkillLevelMin) {
      return fail(begin, "levels begin at 1: NOT " + quotable(name) + " is without the skill");
    }
    *level = static_cast<uint8_t>(number.value);
    return true;
  }

  // --- The weights.
  bool read_weights() {
    std::vector<SkillWeight>& prefers = requirement_.prefers;
    for (;;) {
      const size_t begin = at_;
      const std::string_view name = take_word();
      if (name.empty() || keyword_of(name) != Keyword::kNoKeyword) {
        return fail(begin, "expected a skill behind " + behind_ + std::string(kWeightForm));
      }
      if (prefers.size() == kPrefersMax) {
        return fail(begin, "more than " + std::to_string(kPrefersMax) + " weights");
      }
      SkillWeight weight;
      if (!resolve(begin, name, &weight.skill) || !read_weight(&weight.weight)) return false;
      for (const SkillWeight& other : prefers) {
        if (other.skill != weight.skill) continue;
        return fail(begin, "skill '" + quotable(name) + "' has two weights");
      }
      prefers.push_back(weight);
      if (at_end()) break;
      if (!take(",")) return fail(at_, "expected ',' or the end" + std::string(kWeightForm));
      behind_ = "','";
    }
    std::sort(prefers.begin(), prefers.end());
    return true;
  }

  bool read_weight(int32_t* weight) {
    *weight = 1;
    if (!take("*")) return true;
    const size_t begin = at_;
    const Number number = take_number(true);
    const bool is_in_range =
        number.value >= -kSkillWeightMax && number.value <= kSkillWeightMax && number.value != 0;
    if (!number.is_there || !number.is_whole || !is_in_range) {
      const std::string limit = std::to_string(kSkillWeightMax);
      return fail(begin, "a weight is a whole number from -" + limit + " to " + limit + ", not 0");
    }
    *weight = number.value;
    return true;
  }

  // --- Words and numbers.
  struct Number {
    bool is_there = false;
    bool is_whole = true;
    int32_t value = 0;  // Far beyond every limit if it is larger still.
  };

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  void skip_space() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  [[nodiscard]] bool next_is(std::string_view token) const {
    return text_.substr(at_).starts_with(token);
  }

  bool take(std::string_view token) {
    if (!next_is(token)) return false;
    at_ += token.size();
    skip_space();
    return true;
  }

  [[nodiscard]] std::string_view word() const {
    size_t end = at_;
    if (!at_end() && is_letter(text_[at_])) {
      while (end < text_.size() && is_word_part(text_[end])) ++end;
    }
    return text_.substr(at_, end - at_);
  }

  std::string_view take_word() {
    const std::string_view taken = word();
    at_ += taken.size();
    skip_space();
    return taken;
  }

  [[nodiscard]] Keyword keyword() const { return keyword_of(word()); }

  // REQUIRES: a keyword is next.
  bool take_keyword() {
    const size_t begin = at_;
    keyword_before_ = keyword_of(take_word());
    behind_ = name_of(keyword_before_);
    return !is_name() || fail_keyword_as_name(begin, keyword_before_);
  }

  // Whether the word before was meant for a label or a skill.
  [[nodiscard]] bool is_name() const { return next_is(":") || is_at_comparison(); }

  Number take_number(bool may_be_negative) {
    constexpr int32_t kFarBeyond = 1'000'000;
    Number number;
    const bool is_negative = may_be_negative && next_is("-");
    if (is_negative) ++at_;
    while (!at_end() && is_digit(text_[at_])) {
      number.is_there = true;
      number.value = std::min(number.value * 10 + (text_[at_] - '0'), kFarBeyond);
      ++at_;
    }
    number.is_whole = !next_is(".");
    if (is_negative) number.value = -number.value;
    skip_space();
    return number;
  }

  bool resolve(size_t begin, std::string_view name, SkillIndex* skill) {
    *skill = find_skill_(name);
    if (skill->valid()) return true;
    error_.is_unknown_skill = true;
    return fail(begin, "no skill '" + quotable(name) + "' is declared");
  }

  // Any comparison, also one that is not understood. The last two are the first bytes of those that
  // UTF-8 has in one character.
  [[nodiscard]] bool is_at_comparison() const {
    return next_is("<") || next_is(">") || next_is("=") || next_is("!=") || next_is("\xE2\x89");
  }

  // --- Errors.
  static constexpr std::string_view kOrBehindLabel =
      "put the OR in parentheses behind the label: label: (one OR other)";
  static constexpr std::string_view kWeightForm = ": weights are written PREFERS a * 3, b * -1";

  bool fail(size_t at, std::string description) {
    error_.column = static_cast<uint32_t>(at + 1);
    error_.description = std::move(description);
    return false;
  }

  bool fail_keyword_as_name(size_t at, Keyword keyword) {
    return fail(at, std::string(name_of(keyword)) + " is a keyword, no label and no skill");
  }

  // Another comparison than >= stands behind the skill `name`.
  bool fail_comparison(std::string_view name) {
    const size_t begin = at_;
    while (!at_end() && !is_word_part(text_[at_])) ++at_;
    const Number number = take_number(false);
    const bool is_level = number.value >= kSkillLevelMin && number.value <= kSkillLevelMax;
    const std::string level = std::to_string(is_level ? number.value : kSkillLevelMax / 2);
    return fail(begin, "only >= is understood: NOT " + quotable(name) + " >= " + level +
                           " is below " + level);
  }

  // Something else stands where an operand should.
  bool fail_operand() {
    const size_t begin = at_;
    std::string expected = "expected a skill, NOT or '('";
    if (!behind_.empty()) expected += " behind " + behind_;
    const Keyword found = keyword();
    if (found != Keyword::kNoKeyword) {
      take_word();
      if (is_name()) return fail_keyword_as_name(begin, found);
      if (found == Keyword::kReplace) return fail(begin, "REPLACE stands once, at the start");
      if (behind_.empty()) expected += " before " + std::string(name_of(found));
    } else if (next_is("!")) {
      expected += ": write NOT for !";
    } else if (!at_end() && is_digit(text_[at_])) {
      expected += ": a skill begins with a letter";
    }
    return fail(begin, std::move(expected));
  }

  // Something else stands behind an operand than may. `opened_at` is the innermost '(', or kAtTop.
  bool fail_connector(size_t opened_at) {
    const bool is_top = opened_at == kAtTop;
    std::string expected =
        is_top ? "expected AND, OR, PREFERS or the end" : "expected AND, OR or ')'";
    if (!is_top) expected += " for the '(' in column " + std::to_string(opened_at + 1);
    if (next_is(")")) return fail(at_, "')' without a '('");
    if (next_is("&")) return fail(at_, std::move(expected) + ": write AND for &");
    if (next_is("|")) return fail(at_, std::move(expected) + ": write OR for |");
    if (next_is(",")) return fail(at_, std::move(expected) + ": write AND or OR for ,");
    switch (keyword()) {
      case Keyword::kNot:
        return fail(at_, std::move(expected) + " before NOT");
      case Keyword::kReplace:
        return fail(at_, "REPLACE stands once, at the start");
      case Keyword::kPrefers:
        return fail(at_, std::move(expected) + ": PREFERS stands outside of parentheses");
      case Keyword::kNoKeyword:
      case Keyword::kAnd:
      case Keyword::kOr:
        break;
    }
    return fail(at_, std::move(expected));
  }

  std::string_view text_;
  const FindSkill& find_skill_;
  size_t at_ = 0;
  int depth_ = 0;
  size_t skill_count_ = 0;
  Keyword keyword_before_ = Keyword::kNoKeyword;
  std::string behind_;  // What an operand was expected behind.
  Requirement requirement_;
  RequirementError error_;
};

}  // namespace

std::variant<Requirement, RequirementError> parse_requirement(std::string_view text,
                                                              const FindSkill& find_skill) {
  return RequirementReader(text, find_skill).read();
}

}  // namespace acd
