// SPDX-License-Identifier: Apache-2.0
// Tables of a README, for tests that hold them against the code.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace acd {

// A file of the source tree.
inline std::string source_text(const std::string& path) {
  std::ifstream file(ACD_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands between the separators, without spaces at its ends.
inline std::vector<std::string> split_cells(std::string_view line, char separator) {
  std::vector<std::string> cells;
  while (true) {
    const size_t end = line.find(separator);
    std::string_view cell = line.substr(0, end);
    while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
    while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
    cells.emplace_back(cell);
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

// The cells of the first table behind `heading`, row by row, without its titles.
inline std::vector<std::vector<std::string>> table_behind(const std::string& text,
                                                          const std::string& heading) {
  std::vector<std::vector<std::string>> rows;
  const size_t begin = text.find(heading);
  EXPECT_NE(begin, std::string::npos) << "there is no \"" << heading << "\"";
  if (begin == std::string::npos) return rows;
  std::istringstream lines(text.substr(begin + heading.size()));
  bool is_head = true;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() != '|') {
      if (!is_head) break;
      continue;
    }
    if (!is_head) rows.push_back(split_cells(line.substr(1, line.rfind('|') - 1), '|'));
    if (line.find("|---") == 0) is_head = false;
  }
  EXPECT_FALSE(rows.empty()) << "there is no table behind \"" << heading << "\"";
  return rows;
}

// "`a`, `b`" as a, b; what stands outside is left out.
inline std::vector<std::string> quoted_words(const std::string& cell) {
  std::vector<std::string> words;
  size_t at = 0;
  while ((at = cell.find('`', at)) != std::string::npos) {
    const size_t end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(cell.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

}  // namespace acd
