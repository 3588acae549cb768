// SPDX-License-Identifier: Apache-2.0
// Text from outside: whether it is fit to keep, and how it is shown in a message.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace acd {

// Changed letters up to which an unknown word is taken for a slip of a known one.
inline constexpr size_t kSlipMax = 3;
// Bytes of a foreign value that quote() shows at most.
inline constexpr size_t kQuotedBytesMax = 80;

// Bytes of the UTF-8 sequence (Unicode table 3-7) that `text` begins with, 1..4; 0 when it begins
// with none, or is empty.
[[nodiscard]] size_t utf8_sequence_size(std::string_view text);

// Whether the UTF-8 sequence that `text` begins with is a control character (C0, DEL, C1).
// REQUIRES: utf8_sequence_size(text) is not 0.
[[nodiscard]] bool begins_with_control(std::string_view text);

// Whether `text` is valid UTF-8. Empty is.
[[nodiscard]] bool is_utf8(std::string_view text);

// Whether `text` is valid UTF-8 without control characters. Empty is.
[[nodiscard]] bool is_text(std::string_view text);

// `text` between single quotes, escaped, cut after kQuotedBytesMax bytes. Plain ASCII whatever the
// bytes, so that a message may carry it anywhere.
[[nodiscard]] std::string quote(std::string_view text);

// What to write instead of the unknown `word`: "did you mean 'queues'?" for the nearest of `known`,
// or all of them when none is near. REQUIRES: `known` are a few short words.
[[nodiscard]] std::string suggestion_for(std::string_view word,
                                         std::span<const std::string_view> known);

}  // namespace acd
