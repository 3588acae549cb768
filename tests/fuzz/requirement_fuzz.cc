// SPDX-License-Identifier: Apache-2.0
// Any bytes as a requirement. Must never happen: a column outside the text, a term out of bounds,
// or a requirement that means something else once it is written out and read again.
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

using Terms = std::vector<RequirementTerm>;

void check_terms(std::string_view text, const Terms& terms) {
  ACD_CHECK(terms.size() <= kRequirementTermsMax);
  std::string written;
  for (const RequirementTerm& term : terms) {
    ACD_CHECK(term.level >= kSkillLevelMin && term.level <= kSkillLevelMax);
    ACD_CHECK(!term.skill.empty() && term.column >= 1 && term.column <= text.size());
    ACD_CHECK(text.substr(term.column - 1, term.skill.size()) == term.skill);
    if (!written.empty()) written += " AND ";
    written += std::string(term.skill) + " >= " + std::to_string(term.level);
  }
  const auto again = parse_requirement(written);
  ACD_CHECK(std::holds_alternative<Terms>(again));
  const Terms& same = std::get<Terms>(again);
  ACD_CHECK(same.size() == terms.size());
  for (size_t i = 0; i < terms.size(); ++i) {
    ACD_CHECK(same[i].skill == terms[i].skill && same[i].level == terms[i].level);
  }
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = acd::parse_requirement(text);
  if (const auto* terms = std::get_if<acd::Terms>(&parsed)) {
    acd::check_terms(text, *terms);
  } else {
    const auto& error = std::get<acd::RequirementError>(parsed);
    ACD_CHECK(error.column >= 1 && error.column <= size + 1 && !error.description.empty());
  }
  return 0;
}
