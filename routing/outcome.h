// SPDX-License-Identifier: Apache-2.0
// How a call went: what its agent, the caller's survey and a supervisor say of it, then and later.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "routing/hash64.h"

namespace acd {

// What a kSetOutcome says, as bits of its detail. What it does not say stays as it was.
inline constexpr uint8_t kSaysCode = 1;
inline constexpr uint8_t kSaysLabels = 2;
inline constexpr uint8_t kSaysReference = 4;
inline constexpr uint8_t kSaysResolved = 8;
inline constexpr uint8_t kSaysSurvey = 16;
inline constexpr uint8_t kSaysQuality = 32;
inline constexpr uint8_t kSaysAll = 63;

// The values are in the state hash.
enum class Resolved : uint8_t { kUnknown = 0, kNo = 1, kYes = 2 };

// Of a score that nobody gave.
inline constexpr int8_t kNoScore = -1;

// What the Router keeps of an outcome, so that a later one can take its place in every count. Labels
// and reference are counted nowhere: they only pass through.
struct OutcomeFacts {
  uint16_t code = 0;  // Place among all wrap-up codes that ever were configured, from 1; 0: none.
  Resolved resolved = Resolved::kUnknown;
  int8_t survey = kNoScore;   // 0..kSurveyScoreMax
  int8_t quality = kNoScore;  // 0..kQualityScoreMax

  void add_to(Hash64& hash) const {
    hash.add(static_cast<uint64_t>(code) << 32 | static_cast<uint64_t>(resolved) << 16 |
             static_cast<uint64_t>(static_cast<uint8_t>(survey)) << 8 |
             static_cast<uint8_t>(quality));
  }
  bool operator==(const OutcomeFacts&) const = default;
};

// The same with the code's name.
struct ToldOutcome {
  std::string code;  // Empty: none.
  Resolved resolved = Resolved::kUnknown;
  int8_t survey = kNoScore;
  int8_t quality = kNoScore;

  bool operator==(const ToldOutcome&) const = default;
};

// What a call.scored tells beside the call: how it was and how it is, and the labels if it names
// some, comma-separated.
struct ScoredCall {
  ToldOutcome before;
  ToldOutcome after;
  std::string labels;

  bool operator==(const ScoredCall&) const = default;
};

// One line of text, with tabs between its nine fields.
[[nodiscard]] std::string encode_scored(const ScoredCall& scored);
// None if it is no such text.
[[nodiscard]] std::optional<ScoredCall> decode_scored(std::string_view text);

// Whether `visit` says so of each of the labels in a list with commas between; stops at the first of
// which it does not.
template <typename Visit>
bool all_of_labels(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::string_view label = list.substr(0, list.find(','));
    if (!visit(label)) return false;
    list.remove_prefix(std::min(label.size() + 1, list.size()));
  }
  return true;
}

}  // namespace acd
