// SPDX-License-Identifier: Apache-2.0
#include "routing/outcome.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "routing/limits.h"

namespace acd {
namespace {

constexpr char kSeparator = '\t';  // No id holds one.

void put(const ToldOutcome& outcome, std::string* text) {
  *text += outcome.code;
  for (const int number : {static_cast<int>(outcome.resolved), static_cast<int>(outcome.survey),
                           static_cast<int>(outcome.quality)}) {
    *text += kSeparator;
    *text += std::to_string(number);
  }
  *text += kSeparator;
}

// Takes the next field off the front; the last one ends with the text.
std::string_view take_field(std::string_view* text) {
  const std::string_view field = text->substr(0, text->find(kSeparator));
  text->remove_prefix(std::min(field.size() + 1, text->size()));
  return field;
}

bool take_number(std::string_view* text, int min, int max, int* number) {
  const std::string_view field = take_field(text);
  const char* const limit = field.data() + field.size();
  const auto [end, error] = std::from_chars(field.data(), limit, *number);
  return error == std::errc() && end == limit && *number >= min && *number <= max;
}

bool take(std::string_view* text, ToldOutcome* outcome) {
  int resolved = 0;
  int survey = 0;
  int quality = 0;
  outcome->code = take_field(text);
  if (outcome->code.size() > kIdBytesMax ||
      !take_number(text, 0, static_cast<int>(Resolved::kYes), &resolved) ||
      !take_number(text, kNoScore, kSurveyScoreMax, &survey) ||
      !take_number(text, kNoScore, kQualityScoreMax, &quality)) {
    return false;
  }
  outcome->resolved = static_cast<Resolved>(resolved);
  outcome->survey = static_cast<int8_t>(survey);
  outcome->quality = static_cast<int8_t>(quality);
  return true;
}

}  // namespace

std::string encode_scored(const ScoredCall& scored) {
  std::string text;
  put(scored.before, &text);
  put(scored.after, &text);
  return text + scored.labels;
}

std::optional<ScoredCall> decode_scored(std::string_view text) {
  if (std::count(text.begin(), text.end(), kSeparator) != 8) return std::nullopt;
  ScoredCall scored;
  if (!take(&text, &scored.before) || !take(&text, &scored.after)) return std::nullopt;
  scored.labels = text;
  return scored;
}

}  // namespace acd
