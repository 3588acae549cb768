// SPDX-License-Identifier: Apache-2.0
// Text tables and the way values are written in them. Pure functions from values to text.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace acd::acdctl {

enum class Align { kLeft, kRight };

// What a cell means. A tone is never the only sign of it: the words say the same without colour.
enum class Tone { kPlain, kHeading, kGood, kActive, kNotice, kBad };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

// A table with aligned columns, two spaces apart.
class Table {
 public:
  // Between two columns.
  static constexpr size_t kGapWidth = 2;

  explicit Table(std::vector<Column> columns);

  // A table without a heading line: labels and values.
  [[nodiscard]] static Table without_titles(const std::vector<Align>& aligns);

  // REQUIRES: as many cells as columns; fewer are filled with empty ones.
  void add_row(std::vector<Cell> cells);

  // A line of dashes, as above a total.
  void add_rule();

  // Lines end in '\n' and have no trailing spaces. Control characters come out as '?', so that no
  // name can write to the terminal; widths count characters, not bytes.
  [[nodiscard]] std::string render(bool is_colored) const;

 private:
  [[nodiscard]] std::vector<size_t> widths() const;

  std::vector<Column> columns_;
  bool has_titles_ = true;
  // An empty row is a rule.
  std::vector<std::vector<Cell>> rows_;
};

// `text` in the colour of `tone`, or as it is.
[[nodiscard]] std::string paint(std::string_view text, Tone tone, bool is_colored);

// `text` with control characters, and bytes that are not UTF-8, replaced by '?'.
[[nodiscard]] std::string printable(std::string_view text);

// "1 queue", "2 queues".
[[nodiscard]] std::string count_text(int64_t count, std::string_view noun);

// Characters of UTF-8 `text`.
[[nodiscard]] size_t character_count(std::string_view text);

// `text`, or as many of its first characters as leave room for an ellipsis. REQUIRES: UTF-8;
// `characters_max` > 0.
[[nodiscard]] std::string cut_text(std::string_view text, size_t characters_max);

// "m:ss", from one hour on "h:mm:ss"; fractions of a second are dropped.
[[nodiscard]] std::string format_duration(const google::protobuf::Duration& duration);

// "2026-11-22 17:00:00 UTC"; fractions of a second are dropped.
[[nodiscard]] std::string time_text(const google::protobuf::Timestamp& time);

// "71.2%", or "-" when there is none.
[[nodiscard]] std::string format_percent(std::optional<double> percent);

// `part` of `whole` in percent, or none when there is no whole.
[[nodiscard]] std::optional<double> share_percent(int64_t part, int64_t whole);

}  // namespace acd::acdctl
