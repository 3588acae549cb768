// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/screen.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <cstddef>
#include <vector>

namespace acd::acdctl {

std::string screen_text(const std::string& text, int rows) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  // The last row holds the cursor.
  const size_t shown_max = rows > 3 ? static_cast<size_t>(rows) - 1 : lines.size();
  if (lines.size() > shown_max) {
    const size_t hidden = lines.size() - shown_max + 1;
    lines.resize(shown_max - 1);
    lines.push_back(absl::StrCat("... ", hidden, " more lines"));
  }
  constexpr char kHomeWithoutWrap[] = "\x1b[H\x1b[?7l";
  constexpr char kClearLineEnd[] = "\x1b[K\n";
  constexpr char kClearBelowAndWrap[] = "\x1b[J\x1b[?7h";
  std::string screen = kHomeWithoutWrap;
  for (const std::string& line : lines) absl::StrAppend(&screen, line, kClearLineEnd);
  return screen + kClearBelowAndWrap;
}

}  // namespace acd::acdctl
