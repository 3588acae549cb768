// SPDX-License-Identifier: Apache-2.0
#include "routing/requirement.h"

#include <algorithm>
#include <cctype>

#include "routing/limits.h"

namespace acd {
namespace {

// Reads one text from left to right.
class RequirementReader {
 public:
  explicit RequirementReader(std::string_view text) : text_(text) {}

  std::variant<std::vector<RequirementTerm>, RequirementError> read() {
    std::vector<RequirementTerm> terms;
    skip_space();
    if (at_end()) return terms;
    for (;;) {
      if (terms.size() == kRequirementTermsMax) {
        return error("more than " + std::to_string(kRequirementTermsMax) + " terms");
      }
      RequirementTerm term;
      term.column = column();
      term.skill = take_word();
      if (term.skill.empty()) return error("expected a skill");
      if (is_keyword(term.skill, "AND"))
        return error_at(term.column, "expected a skill before AND");
      if (is_keyword(term.skill, "OR") || is_keyword(term.skill, "NOT")) {
        return error_at(term.column, "only skill >= level joined by AND is understood");
      }
      skip_space();
      if (!take(">=")) return error("expected '>=' after the skill");
      skip_space();
      const uint32_t level_column = column();
      if (!take_level(&term.level)) return error_at(level_column, "expected a level from 1 to 10");
      terms.push_back(term);
      skip_space();
      if (at_end()) return terms;
      const uint32_t keyword_column = column();
      if (!is_keyword(take_word(), "AND")) {
        return error_at(keyword_column, "expected AND or the end");
      }
      skip_space();
    }
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] uint32_t column() const { return static_cast<uint32_t>(at_ + 1); }

  void skip_space() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  // [A-Za-z][A-Za-z0-9_.-]*, or empty.
  std::string_view take_word() {
    const size_t begin = at_;
    if (at_end() || !std::isalpha(static_cast<unsigned char>(text_[at_]))) return {};
    while (!at_end()) {
      const char c = text_[at_];
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-') break;
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  bool take_level(int* level) {
    size_t digits = 0;
    int value = 0;
    while (!at_end() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
      if (++digits > 2) return false;
      value = value * 10 + (text_[at_] - '0');
      ++at_;
    }
    *level = value;
    return value >= kSkillLevelMin && value <= kSkillLevelMax;
  }

  static bool is_keyword(std::string_view word, std::string_view keyword) {
    if (word.size() != keyword.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      if (std::toupper(static_cast<unsigned char>(word[i])) != keyword[i]) return false;
    }
    return true;
  }

  [[nodiscard]] RequirementError error(std::string description) const {
    return error_at(column(), std::move(description));
  }
  static RequirementError error_at(uint32_t column, std::string description) {
    return {column, std::move(description)};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::variant<std::vector<RequirementTerm>, RequirementError> parse_requirement(
    std::string_view text) {
  return RequirementReader(text).read();
}

bool satisfies(std::span<const SkillLevel> skills, std::span<const SkillLevel> needs) {
  auto skill = skills.begin();
  for (const SkillLevel& need : needs) {
    while (skill != skills.end() && skill->skill < need.skill) ++skill;
    if (skill == skills.end() || skill->skill != need.skill || skill->level < need.level) {
      return false;
    }
  }
  return true;
}

std::vector<SkillLevel> merged_needs(std::vector<SkillLevel> needs,
                                     std::span<const SkillLevel> more) {
  needs.insert(needs.end(), more.begin(), more.end());
  // Highest level first within a skill, so that unique() keeps it.
  std::sort(needs.begin(), needs.end(), [](const SkillLevel& a, const SkillLevel& b) {
    return a.skill != b.skill ? a.skill < b.skill : a.level > b.level;
  });
  const auto same_skill = [](const SkillLevel& a, const SkillLevel& b) {
    return a.skill == b.skill;
  };
  needs.erase(std::unique(needs.begin(), needs.end(), same_skill), needs.end());
  return needs;
}

}  // namespace acd
