// SPDX-License-Identifier: Apache-2.0
// Alignment counts characters of the bare text; colour is put around a cell after it is padded.
#include "clients/acdctl/table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/time/time.h>

#include <algorithm>
#include <utility>

namespace acd::acdctl {
namespace {

constexpr int64_t kSecondsPerMinute = 60;
constexpr int64_t kSecondsPerHour = 3'600;

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kHeading:
      return "\x1b[1m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kActive:
      return "\x1b[36m";
    case Tone::kNotice:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[1;31m";
  }
  return "";
}

// Length in bytes of the well-formed UTF-8 character that `text` begins with, or 0.
size_t character_size(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size_t size = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xbf;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) size = 2;
  if (lead >= 0xe0 && lead <= 0xef) size = 3;
  if (lead >= 0xf0 && lead <= 0xf4) size = 4;
  if (lead == 0xe0) second_min = 0xa0;  // Shorter forms of the same character are not UTF-8.
  if (lead == 0xed) second_max = 0x9f;  // Surrogates are not characters.
  if (lead == 0xf0) second_min = 0x90;
  if (lead == 0xf4) second_max = 0x8f;
  if (size == 0 || text.size() < size) return 0;
  if (byte(1) < second_min || byte(1) > second_max) return 0;
  for (size_t i = 2; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return size;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first < 0x20 || first == 0x7f) return true;
  // U+0080..U+009F: terminals may read these as escape sequences too.
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

Table Table::without_titles(const std::vector<Align>& aligns) {
  std::vector<Column> columns;
  columns.reserve(aligns.size());
  for (Align align : aligns) columns.push_back({"", align});
  Table table(std::move(columns));
  table.has_titles_ = false;
  return table;
}

void Table::add_row(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

void Table::add_rule() { rows_.emplace_back(); }

std::vector<size_t> Table::widths() const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(character_count(column.title));
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], character_count(row[i].text));
    }
  }
  return widths;
}

std::string Table::render(bool is_colored) const {
  const std::vector<size_t> widths = this->widths();
  std::string text;
  const auto add_line = [&](const std::vector<Cell>& cells) {
    std::string line;
    size_t pending = 0;  // Spaces are written only when something follows them.
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string_view bare = cells[i].text;
      const size_t first = bare.find_first_not_of(' ');
      const size_t padding = widths[i] - character_count(bare);
      if (columns_[i].align == Align::kRight) pending += padding;
      if (first != std::string_view::npos) {
        const std::string_view core = bare.substr(first, bare.find_last_not_of(' ') + 1 - first);
        line.append(pending + first, ' ');
        line += paint(core, cells[i].tone, is_colored);
        pending = bare.size() - first - core.size();
      } else {
        pending += bare.size();
      }
      if (columns_[i].align == Align::kLeft) pending += padding;
      pending += kGapWidth;
    }
    absl::StrAppend(&text, line, "\n");
  };

  if (has_titles_) {
    std::vector<Cell> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) titles.push_back({column.title, Tone::kHeading});
    add_line(titles);
  }
  for (const std::vector<Cell>& row : rows_) {
    if (!row.empty()) {
      add_line(row);
      continue;
    }
    std::vector<Cell> dashes;
    dashes.reserve(widths.size());
    for (size_t width : widths) dashes.push_back({std::string(width, '-')});
    add_line(dashes);
  }
  return text;
}

std::string paint(std::string_view text, Tone tone, bool is_colored) {
  const std::string_view escape = escape_of(tone);
  if (!is_colored || escape.empty()) return std::string(text);
  std::string painted(escape);
  painted += text;
  painted += "\x1b[0m";
  return painted;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t size = character_size(text);
    if (size == 0 || is_control(text.substr(0, size))) {
      result += '?';
    } else {
      result += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return result;
}

std::string count_text(int64_t count, std::string_view noun) {
  return absl::StrCat(count, " ", std::string(noun), count == 1 ? "" : "s");
}

size_t character_count(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string cut_text(std::string_view text, size_t characters_max) {
  if (character_count(text) <= characters_max) return std::string(text);
  size_t end = 0;
  for (size_t i = 1; i < characters_max; ++i) end += character_size(text.substr(end));
  return absl::StrCat(std::string(text.substr(0, end)), "\u2026");
}

std::string format_duration(const google::protobuf::Duration& duration) {
  const bool is_negative = duration.seconds() < 0 || duration.nanos() < 0;
  // Through unsigned, so that even the smallest number has an opposite.
  const auto raw = static_cast<uint64_t>(duration.seconds());
  const uint64_t total = duration.seconds() < 0 ? 0 - raw : raw;
  const uint64_t hours = total / kSecondsPerHour;
  const uint64_t minutes = total / kSecondsPerMinute % kSecondsPerMinute;
  const uint64_t seconds = total % kSecondsPerMinute;
  const char* sign = is_negative && total > 0 ? "-" : "";
  if (hours == 0) return absl::StrFormat("%s%d:%02d", sign, minutes, seconds);
  return absl::StrFormat("%s%d:%02d:%02d", sign, hours, minutes, seconds);
}

std::string time_text(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string format_percent(std::optional<double> percent) {
  if (!percent.has_value()) return "-";
  return absl::StrFormat("%.1f%%", *percent);
}

std::optional<double> share_percent(int64_t part, int64_t whole) {
  if (whole <= 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace acd::acdctl
