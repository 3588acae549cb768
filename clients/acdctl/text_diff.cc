// SPDX-License-Identifier: Apache-2.0
// E. W. Myers' O(ND) algorithm between the first and the last line that differ.
#include "clients/acdctl/text_diff.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <vector>

#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

using Lines = std::vector<std::string_view>;

enum class Edit { kKeep, kRemove, kAdd };

struct Step {
  Edit edit = Edit::kKeep;
  std::string_view line;
};

Lines split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return lines;
}

// How far each diagonal was reached with so many edits, for all numbers of edits so far.
class Trace {
 public:
  Trace(const Lines& before, const Lines& after) : before_(before), after_(after) {}

  // Whether kDiffEditsMax edits lead to the end.
  bool search() {
    const int rows = static_cast<int>(before_.size());
    const int columns = static_cast<int>(after_.size());
    for (int edits = 0; edits <= std::min(kDiffEditsMax, rows + columns); ++edits) {
      reached_.emplace_back(static_cast<size_t>(2 * edits + 1), 0);
      for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
        int row = edits == 0 ? 0 : start_row(edits, diagonal);
        while (row < rows && row - diagonal < columns && row - diagonal >= 0 &&
               before_[static_cast<size_t>(row)] == after_[static_cast<size_t>(row - diagonal)]) {
          ++row;
        }
        at(edits, diagonal) = row;
        if (row >= rows && row - diagonal >= columns) return true;
      }
    }
    return false;
  }

  // The steps of the way that was found. REQUIRES: search().
  [[nodiscard]] std::vector<Step> steps() {
    std::vector<Step> steps;
    int row = static_cast<int>(before_.size());
    int column = static_cast<int>(after_.size());
    for (int edits = static_cast<int>(reached_.size()) - 1; edits >= 0; --edits) {
      const int diagonal = row - column;
      const bool adds = edits > 0 && is_added(edits, diagonal);
      const int start = edits == 0 ? 0 : start_row(edits, diagonal);
      for (; row > start; --row, --column) {
        steps.push_back({Edit::kKeep, before_[static_cast<size_t>(row - 1)]});
      }
      if (edits == 0) break;
      if (adds) {
        steps.push_back({Edit::kAdd, after_[static_cast<size_t>(--column)]});
      } else {
        steps.push_back({Edit::kRemove, before_[static_cast<size_t>(--row)]});
      }
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

 private:
  [[nodiscard]] int& at(int edits, int diagonal) {
    return reached_[static_cast<size_t>(edits)][static_cast<size_t>(diagonal + edits)];
  }
  // Whether the last edit on the way to this diagonal adds a line.
  [[nodiscard]] bool is_added(int edits, int diagonal) {
    if (diagonal == -edits) return true;
    if (diagonal == edits) return false;
    return at(edits - 1, diagonal - 1) < at(edits - 1, diagonal + 1);
  }
  [[nodiscard]] int start_row(int edits, int diagonal) {
    return is_added(edits, diagonal) ? at(edits - 1, diagonal + 1)
                                     : at(edits - 1, diagonal - 1) + 1;
  }

  const Lines& before_;
  const Lines& after_;
  std::vector<std::vector<int>> reached_;  // By edits, then by diagonal + edits.
};

void add_lines(std::vector<Step>* steps, Edit edit, const Lines& lines) {
  for (const std::string_view line : lines) steps->push_back({edit, line});
}

std::vector<Step> steps_between(const Lines& before, const Lines& after) {
  const size_t least = std::min(before.size(), after.size());
  size_t head = 0;
  while (head < least && before[head] == after[head]) ++head;
  size_t tail = 0;
  while (tail < least - head && before.end()[-1 - static_cast<ptrdiff_t>(tail)] ==
                                    after.end()[-1 - static_cast<ptrdiff_t>(tail)]) {
    ++tail;
  }
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<ptrdiff_t>(head),
                 lines.end() - static_cast<ptrdiff_t>(tail));
  };
  const Lines old_lines = middle(before);
  const Lines new_lines = middle(after);
  std::vector<Step> steps;
  add_lines(&steps, Edit::kKeep,
            Lines(before.begin(), before.begin() + static_cast<ptrdiff_t>(head)));
  Trace trace(old_lines, new_lines);
  if (trace.search()) {
    const std::vector<Step> found = trace.steps();
    steps.insert(steps.end(), found.begin(), found.end());
  } else {
    add_lines(&steps, Edit::kRemove, old_lines);
    add_lines(&steps, Edit::kAdd, new_lines);
  }
  add_lines(&steps, Edit::kKeep, Lines(before.end() - static_cast<ptrdiff_t>(tail), before.end()));
  return steps;
}

// Which steps are shown: the changes and what stands near them.
std::vector<bool> shown_steps(const std::vector<Step>& steps) {
  std::vector<bool> shown(steps.size(), false);
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].edit == Edit::kKeep) continue;
    const size_t begin = i - std::min<size_t>(i, kDiffContextLines);
    const size_t limit = std::min(steps.size(), i + 1 + kDiffContextLines);
    std::fill(shown.begin() + static_cast<ptrdiff_t>(begin),
              shown.begin() + static_cast<ptrdiff_t>(limit), true);
  }
  return shown;
}

std::string step_text(const Step& step, bool is_colored) {
  const char* const mark = step.edit == Edit::kKeep ? " " : step.edit == Edit::kAdd ? "+" : "-";
  const std::string line = absl::StrCat(mark, printable(step.line));
  if (step.edit == Edit::kKeep) return line + "\n";
  return paint(line, step.edit == Edit::kAdd ? Tone::kGood : Tone::kBad, is_colored) + "\n";
}

}  // namespace

std::string diff_text(std::string_view before, std::string_view after,
                      const std::function<std::string(std::string_view)>& heading,
                      bool is_colored) {
  if (before == after) return "";
  const std::vector<Step> steps = steps_between(split_lines(before), split_lines(after));
  const std::vector<bool> shown = shown_steps(steps);
  std::string text;
  std::string place;
  size_t placed = 0;  // Steps that `place` has seen.
  const auto place_before = [&](size_t limit) {
    for (; placed < limit; ++placed) {
      const std::string named = heading(steps[placed].line);
      if (!named.empty()) place = named;
    }
    return place;
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!shown[i]) continue;
    if (i == 0 || !shown[i - 1]) {
      size_t change = i;
      while (steps[change].edit == Edit::kKeep) ++change;
      absl::StrAppend(&text, paint("@@ " + place_before(change), Tone::kHeading, is_colored), "\n");
    }
    text += step_text(steps[i], is_colored);
  }
  return text;
}

}  // namespace acd::acdctl
