// SPDX-License-Identifier: Apache-2.0
// History as Asterisk's queue_log: epoch|callid|queue|agent|EVENT|data..., for its reporting tools.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include <cstdint>
#include <string>

#include "daemon/history/database.h"

namespace acd {

// By when a line can be told: lines of a visit when it is over, of the end of a talk when its wrap-up
// is. So windows that follow each other have every line once.
struct QueueLogFilter {
  std::string tenant;
  int64_t since_ms = 0;
  int64_t until_ms = INT64_MAX;  // Excluded.
  std::string medium = {};       // Of calls; empty: any.
};

// Hands every line, in the order of time and with its line feed, to `visit`; stops at its first
// error. README.md says which row becomes which line.
[[nodiscard]] absl::Status read_queue_log(
    Database& database, const QueueLogFilter& filter,
    absl::FunctionRef<absl::Status(const std::string& line)> visit);

}  // namespace acd
