// SPDX-License-Identifier: Apache-2.0
// Adds up the rows of an interval that was passed through several times, as the clock was set back.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "daemon/history/database.h"

namespace acd {

// One table of intervals, T, and T_passes, which has the rows of each pass of an interval that had
// several. T has their sum.
//
// Order:  set_aside(), the row of the pass into T, add_up(): in one transaction, and as often as that
//         pass is written.
class IntervalPasses {
 public:
  // `owner`: the column that says whose interval it is. `database` outlives it.
  [[nodiscard]] static absl::StatusOr<IntervalPasses> prepare(Database& database,
                                                              const std::string& table,
                                                              const std::string& owner);
  IntervalPasses() = default;

  // Makes room in T; what it has of the first pass is kept.
  [[nodiscard]] absl::Status set_aside(const std::string& tenant, const std::string& owner,
                                       int64_t begin_ms);
  [[nodiscard]] absl::Status add_up(const std::string& tenant, const std::string& owner,
                                    int64_t begin_ms, int64_t pass);

 private:
  Statement keep_first_;
  Statement remove_;
  Statement keep_;
  Statement add_up_;
};

// A row that `insert` writes into several tables, of a later pass through its interval.
template <typename Insert>
absl::Status write_pass(std::initializer_list<IntervalPasses*> tables, const std::string& tenant,
                        const std::string& owner, int64_t begin_ms, int64_t pass, Insert insert) {
  absl::Status status;
  for (IntervalPasses* table : tables) {
    if (status.ok()) status = table->set_aside(tenant, owner, begin_ms);
  }
  if (status.ok()) status = insert();
  for (IntervalPasses* table : tables) {
    if (status.ok()) status = table->add_up(tenant, owner, begin_ms, pass);
  }
  return status;
}

}  // namespace acd
