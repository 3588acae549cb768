// SPDX-License-Identifier: Apache-2.0
// A terminal that is drawn over from its top.
#pragma once

#include <string>

namespace acd::acdctl {

inline constexpr char kClearScreen[] = "\x1b[2J";

// `text` drawn over the screen from its top. Lines longer than the screen are cut by the terminal,
// and lines that do not fit in `rows` are counted instead.
[[nodiscard]] std::string screen_text(const std::string& text, int rows);

}  // namespace acd::acdctl
