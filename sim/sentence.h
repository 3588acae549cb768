// SPDX-License-Identifier: Apache-2.0
// Sentences of a small language: words with their columns, and patterns that recognise them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace acd::sim {

struct Word {
  std::string text;
  uint32_t column = 0;  // From 1.
  bool is_quoted = false;
};

struct SentenceError {
  uint32_t column = 0;
  std::string description;
};

// Splits at blanks. "..." is one word without its quotes; `, ; : ( ) ->` and `'s` are words of
// their own.
[[nodiscard]] std::variant<std::vector<Word>, SentenceError> split_words(std::string_view line,
                                                                         uint32_t first_column);

// A pattern is words; `<name>` stands for any one word, `[ ... ]` may be missing (not in each
// other), e.g. "<agent> answers <call> [late]"; its first word is then a slot, too.
struct SentencePattern {
  int id = 0;
  std::string_view text;
};

struct Sentence {
  int id = 0;
  uint32_t column = 0;
  std::map<std::string, Word, std::less<>> slots;

  [[nodiscard]] bool has(std::string_view slot) const { return slots.find(slot) != slots.end(); }
  // Empty if the sentence does not have it.
  [[nodiscard]] std::string text(std::string_view slot) const;
};

// The first pattern that all words match. The error names the words that could stand where the
// best attempt stopped. REQUIRES: words are not empty.
[[nodiscard]] std::variant<Sentence, SentenceError> recognise(
    std::span<const SentencePattern> patterns, std::span<const Word> words);

// e.g. "1m30s", "500ms", "20s+1ns"; none if it is no duration.
[[nodiscard]] std::optional<int64_t> parse_duration(std::string_view text);

// The number in that slot; `usual`, if there is none.
[[nodiscard]] int32_t number_of(const Sentence& sentence, std::string_view slot, int32_t usual);

}  // namespace acd::sim
