// SPDX-License-Identifier: Apache-2.0
// Text from outside: checks of UTF-8, quoting, and the known word nearest to a slip.
#include "daemon/config/text.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <vector>

#include "routing/check.h"

namespace acd {
namespace {

unsigned byte_at(std::string_view text, size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool continues(std::string_view text, size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xc0u) == 0x80u;
}

// Insertions, deletions and replacements that turn `source` into `target`. Both are short.
size_t edit_distance(std::string_view source, std::string_view target) {
  std::vector<size_t> row(target.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= source.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= target.size(); ++j) {
      const size_t replaced = diagonal + (source[i - 1] == target[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

size_t utf8_sequence_size(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(text, 1)) return 0;
  if (first < 0xe0) return 2;
  // Four first bytes narrow the second: no overlong forms, no surrogates, nothing past U+10FFFF.
  const unsigned second = byte_at(text, 1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  if (!continues(text, 2)) return 0;
  if (first < 0xf0) return 3;
  return continues(text, 3) ? 4 : 0;
}

bool begins_with_control(std::string_view text) {
  ACD_CHECK(!text.empty());
  const unsigned first = byte_at(text, 0);
  if (first < 0x20 || first == 0x7f) return true;
  return first == 0xc2 && text.size() > 1 && byte_at(text, 1) < 0xa0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = utf8_sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const size_t size = utf8_sequence_size(text);
    if (size == 0 || begins_with_control(text)) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string quote(std::string_view text) {
  const std::string_view shown = text.substr(0, kQuotedBytesMax);
  return absl::StrCat("'", absl::CHexEscape({shown.data(), shown.size()}),
                      shown.size() < text.size() ? "..." : "", "'");
}

std::string suggestion_for(std::string_view word, std::span<const std::string_view> known) {
  size_t nearest_distance = kSlipMax + 1;
  std::string nearest;
  for (const std::string_view candidate : known) {
    // A word much longer than the known one is no slip, and not worth the comparison.
    if (word.size() > candidate.size() + kSlipMax) continue;
    const size_t distance = edit_distance(word, candidate);
    if (distance < nearest_distance && distance < candidate.size()) {
      nearest_distance = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty()) return absl::StrCat("did you mean '", nearest, "'?");
  const auto append = [](std::string* out, std::string_view each) { out->append(each); };
  return absl::StrCat("known here: ", absl::StrJoin(known, ", ", append));
}

}  // namespace acd
