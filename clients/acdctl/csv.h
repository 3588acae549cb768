// SPDX-License-Identifier: Apache-2.0
// Reads comma-separated values as spreadsheets write them.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace acd::acdctl {

inline constexpr size_t kCsvColumnsMax = 1'000;
inline constexpr size_t kCsvRecordsMax = 1'000'000;

// One record; a field between quotes may hold line feeds, so that records are not lines.
struct CsvRecord {
  int line = 0;  // Where it begins, from 1.
  std::vector<std::string> fields;
};

// All records of a text, empty lines left out. A byte order mark in front is none of it; lines end
// with LF or CRLF; a quote within quotes is written twice. DATA_LOSS "line 7: ..." of the first
// fault: a quote that is not closed or stands inside a field, bytes that are no UTF-8, too much.
[[nodiscard]] absl::StatusOr<std::vector<CsvRecord>> parse_csv(std::string_view text,
                                                               char separator);

}  // namespace acd::acdctl
