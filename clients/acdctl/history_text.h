// SPDX-License-Identifier: Apache-2.0
// Rows of a query as tables, JSON and CSV.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "clients/acdctl/arguments.h"
#include "clients/acdctl/command_table.h"
#include "daemon/history/database.h"

namespace acd::acdctl {

// `text` as a field of a CSV file: quoted where it must be.
[[nodiscard]] std::string csv_field(std::string_view text);

// A heading and a line a row, lines end in '\n'. Calls `tell` now and then with the rows so far.
[[nodiscard]] absl::Status write_csv(Statement& rows, std::ostream& out,
                                     const std::function<void(int64_t)>& tell);

// {"NAME":[{"column":value,...},...]} on one line with '\n'.
[[nodiscard]] absl::Status write_json(Statement& rows, const std::string& name, std::ostream& out);

// Tables for people: of the columns that `history_columns` names for the arguments.
[[nodiscard]] absl::StatusOr<std::string> history_table(const Arguments& arguments,
                                                        Statement& rows);
// What a query for history_table() selects.
[[nodiscard]] std::string history_columns(const Arguments& arguments);

// The query of a list of `columns`, the newest first. Its parameters: tenant, since, until, queue,
// agent, call and medium where these are given, limit.
[[nodiscard]] std::string history_query(const Arguments& arguments, const std::string& columns);

// Every column that has a value, one a line, row by row.
[[nodiscard]] absl::StatusOr<std::string> labels_and_values(Statement& rows, bool is_colored);

}  // namespace acd::acdctl
