// SPDX-License-Identifier: Apache-2.0
#include "sim/sentence.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "routing/limits.h"

namespace acd::sim {
namespace {

constexpr int64_t kDurationMaxNs = int64_t{1'000} * 3'600 * kNsPerS;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Marks that are words of their own wherever they stand.
size_t mark_at(std::string_view rest) {
  if (rest.starts_with("->")) return 2;
  const bool ends_after = rest.size() == 2 || (rest.size() > 2 && is_blank(rest[2]));
  if (rest.starts_with("'s") && ends_after) return 2;
  return std::string_view(",;:()").find(rest.front()) == std::string_view::npos ? 0 : 1;
}

// Tries one pattern on all words.
class Attempt {
 public:
  Attempt(std::string_view pattern, std::span<const Word> words)
      : tokens_(split_pattern(pattern)), words_(words) {}

  bool run() { return match(0, 0); }
  std::map<std::string, Word, std::less<>> slots;
  size_t reached = 0;              // The word that no token matched.
  std::set<std::string> expected;  // What could have stood there.

 private:
  static std::vector<std::string> split_pattern(std::string_view pattern) {
    std::vector<std::string> tokens;
    std::string token;
    const auto flush = [&] {
      if (!token.empty()) tokens.push_back(std::exchange(token, {}));
    };
    for (const char c : pattern) {
      if (c == '[' || c == ']') {
        flush();
        tokens.emplace_back(1, c);
      } else if (is_blank(c)) {
        flush();
      } else {
        token += c;
      }
    }
    flush();
    return tokens;
  }

  bool match(size_t token, size_t word) {
    if (token == tokens_.size()) {
      if (word < words_.size()) note(word, "the end");
      return word == words_.size();
    }
    const std::string& wanted = tokens_[token];
    if (wanted == "]") return match(token + 1, word);
    if (wanted == "[") {
      const auto saved = slots;
      // A part that was there is known by its first word, too.
      if (word < words_.size()) slots[tokens_[token + 1]] = words_[word];
      if (match(token + 1, word)) return true;
      slots = saved;
      const auto close =
          std::find(tokens_.begin() + static_cast<std::ptrdiff_t>(token), tokens_.end(), "]");
      return match(static_cast<size_t>(close - tokens_.begin()) + 1, word);
    }
    const bool is_slot = wanted.front() == '<';
    if (word == words_.size() || !accepts(wanted, words_[word], is_slot)) {
      note(word, is_slot ? wanted : "\"" + wanted + "\"");
      return false;
    }
    if (is_slot) slots[wanted.substr(1, wanted.size() - 2)] = words_[word];
    return match(token + 1, word + 1);
  }

  static bool accepts(const std::string& wanted, const Word& word, bool is_slot) {
    if (is_slot) return word.is_quoted || mark_at(word.text) == 0;
    return !word.is_quoted && word.text == wanted;
  }

  void note(size_t word, const std::string& wanted) {
    if (word > reached) expected.clear();
    reached = std::max(reached, word);
    if (word == reached) expected.insert(wanted);
  }

  const std::vector<std::string> tokens_;
  const std::span<const Word> words_;
};

}  // namespace

std::string Sentence::text(std::string_view slot) const {
  const auto it = slots.find(slot);
  return it == slots.end() ? std::string() : it->second.text;
}

std::variant<std::vector<Word>, SentenceError> split_words(std::string_view line,
                                                           uint32_t first_column) {
  std::vector<Word> words;
  const auto column_at = [&](size_t at) { return first_column + static_cast<uint32_t>(at); };
  for (size_t at = 0; at < line.size();) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    Word word;
    word.column = column_at(at);
    if (line[at] == '"') {
      const size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos) return SentenceError{column_at(at), "no closing quote"};
      word.text = line.substr(at + 1, end - at - 1);
      word.is_quoted = true;
      at = end + 1;
    } else if (const size_t mark = mark_at(line.substr(at)); mark > 0) {
      word.text = line.substr(at, mark);
      at += mark;
    } else {
      size_t end = at + 1;
      while (end < line.size() && !is_blank(line[end]) && mark_at(line.substr(end)) == 0) ++end;
      word.text = line.substr(at, end - at);
      at = end;
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::variant<Sentence, SentenceError> recognise(std::span<const SentencePattern> patterns,
                                                std::span<const Word> words) {
  size_t reached = 0;
  std::set<std::string> expected;
  for (const SentencePattern& pattern : patterns) {
    Attempt attempt(pattern.text, words);
    if (attempt.run()) return Sentence{pattern.id, words.front().column, std::move(attempt.slots)};
    if (attempt.reached > reached) expected.clear();
    reached = std::max(reached, attempt.reached);
    if (attempt.reached == reached) expected.merge(attempt.expected);
  }
  std::string description = "expected ";
  for (const std::string& one : expected) {
    if (&one != &*expected.begin()) description += ", ";
    description += one;
  }
  if (reached < words.size()) return SentenceError{words[reached].column, description};
  const Word& last = words.back();
  return SentenceError{last.column + static_cast<uint32_t>(last.text.size()), description};
}

std::optional<int64_t> parse_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"h", 3'600 * kNsPerS}, {"ms", kNsPerMs}, {"m", 60 * kNsPerS}, {"ns", 1}, {"s", kNsPerS}};
  if (text.empty()) return std::nullopt;
  int64_t sum_ns = 0;
  while (!text.empty()) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const auto unit =
        std::ranges::find_if(kUnits, [&](const auto& one) { return text.starts_with(one.first); });
    if (unit == std::end(kUnits) || number > kDurationMaxNs / unit->second) return std::nullopt;
    sum_ns += number * unit->second;
    if (sum_ns > kDurationMaxNs) return std::nullopt;
    text.remove_prefix(unit->first.size());
    if (text.starts_with("+")) {
      text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
    }
  }
  return sum_ns;
}

int32_t number_of(const Sentence& sentence, std::string_view slot, int32_t usual) {
  int32_t number = usual;
  const std::string text = sentence.text(slot);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace acd::sim
