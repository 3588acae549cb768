// SPDX-License-Identifier: Apache-2.0
// The tables of intervals of the tenant, of skills, priority bands and teams, and the histograms of
// queues. README.md explains every column.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <string>

#include "daemon/history/database.h"
#include "daemon/history/interval_passes.h"
#include "routing/insight/history_rows.h"

namespace acd {

struct ScopeTable {
  StatsScope::Kind kind;
  const char* name;
  const char* owner;  // The column that says whose intervals they are.
};
inline constexpr std::array<ScopeTable, 5> kScopeTables = {
    {{StatsScope::Kind::kTenant, "tenant_intervals", "tenant"},
     {StatsScope::Kind::kSkill, "skill_intervals", "skill"},
     {StatsScope::Kind::kBand, "band_intervals", "band"},
     {StatsScope::Kind::kTeam, "team_intervals", "team"},
     {StatsScope::Kind::kQueue, "queue_histograms", "queue"}}};

// The columns of its key, as "tenant, skill, begin_ms".
[[nodiscard]] std::string scope_key(const ScopeTable& table);

// Its tables, indexes and views, and of each table the passes.
[[nodiscard]] std::string scope_schema();

// "[12000,3],[12544,1]": of each bucket that has any, its middle in ms and how many. Several behind each
// other, with a comma between, are their sum. Empty: none.
[[nodiscard]] std::string histogram_text(const Histogram& histogram, DurationKind kind);
// Adds them to a series. INVALID_ARGUMENT: it is no such text.
[[nodiscard]] absl::Status add_histogram_text(std::string_view text, uint32_t series,
                                              Histogram* histogram);

// Threads:  its database's.
class ScopeTables {
 public:
  // `database` outlives it.
  [[nodiscard]] static absl::StatusOr<ScopeTables> prepare(Database& database);
  ScopeTables() = default;

  // In a transaction.
  [[nodiscard]] absl::Status write(const std::string& tenant, const ScopeIntervalRow& row);

 private:
  struct Prepared {
    Statement insert;
    IntervalPasses passes;
  };
  std::array<Prepared, kScopeTables.size()> tables_;  // As kScopeTables.
};

}  // namespace acd
