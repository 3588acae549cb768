// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/interval_passes.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <utility>

namespace acd {
namespace {

// How a column of several passes becomes one: the largest, the first, the last, one behind the other,
// or the sum.
std::string added_up(const std::string& column, const std::string& passes) {
  if (absl::EndsWith(column, "_max_ms")) return absl::StrCat("max(", column, ")");
  if (absl::EndsWith(column, "_at_begin")) {
    return absl::StrCat("(SELECT ", column, passes, " ORDER BY pass LIMIT 1)");
  }
  if (absl::EndsWith(column, "_at_end")) {
    return absl::StrCat("(SELECT ", column, passes, " ORDER BY pass DESC LIMIT 1)");
  }
  if (absl::EndsWith(column, "_histogram")) return absl::StrCat("group_concat(", column, ")");
  return absl::StrCat("sum(", column, ")");
}

// The columns of a table, those of its key as they are; and the key.
struct AddedUp {
  std::string columns;
  std::string key;
};
absl::StatusOr<AddedUp> added_up_columns(Database& database, const std::string& table,
                                         const std::string& passes) {
  absl::StatusOr<Statement> columns =
      database.prepare(absl::StrCat("SELECT name, pk FROM pragma_table_info('", table, "')"));
  if (!columns.ok()) return columns.status();
  AddedUp all;
  for (;;) {
    const absl::StatusOr<bool> row = columns->step();
    if (!row.ok()) return row.status();
    if (!*row) return all;
    const std::string name = columns->text(0);
    const bool is_key = columns->number(1) > 0;
    absl::StrAppend(&all.columns, all.columns.empty() ? "" : ", ",
                    is_key ? name : added_up(name, passes));
    if (is_key) absl::StrAppend(&all.key, all.key.empty() ? "" : ", ", name);
  }
}

}  // namespace

absl::StatusOr<IntervalPasses> IntervalPasses::prepare(Database& database, const std::string& table,
                                                       const std::string& owner) {
  const std::string where =
      absl::StrCat(" WHERE tenant = ?1 AND ", owner, " = ?2 AND begin_ms = ?3");
  const std::string passes = absl::StrCat(" FROM ", table, "_passes", where);
  const absl::StatusOr<AddedUp> all = added_up_columns(database, table, passes);
  if (!all.ok()) return all.status();
  IntervalPasses prepared;
  absl::Status status;
  const auto add = [&](Statement* statement, const std::string& sql) {
    if (!status.ok()) return;
    absl::StatusOr<Statement> one = database.prepare(sql);
    status = one.status();
    if (one.ok()) *statement = *std::move(one);
  };
  add(&prepared.keep_first_, absl::StrCat("INSERT INTO ", table, "_passes SELECT *, 0 FROM ", table,
                                          where, " AND NOT EXISTS (SELECT 1", passes, ")"));
  add(&prepared.remove_, absl::StrCat("DELETE FROM ", table, where));
  add(&prepared.keep_,
      absl::StrCat("INSERT OR REPLACE INTO ", table, "_passes SELECT *, ?4 FROM ", table, where));
  add(&prepared.add_up_, absl::StrCat("INSERT OR REPLACE INTO ", table, " SELECT ", all->columns,
                                      passes, " GROUP BY ", all->key));
  if (!status.ok()) return status;
  return prepared;
}

absl::Status IntervalPasses::set_aside(const std::string& tenant, const std::string& owner,
                                       int64_t begin_ms) {
  absl::Status status = keep_first_.run(tenant, owner, begin_ms);
  return status.ok() ? remove_.run(tenant, owner, begin_ms) : status;
}

absl::Status IntervalPasses::add_up(const std::string& tenant, const std::string& owner,
                                    int64_t begin_ms, int64_t pass) {
  absl::Status status = keep_.run(tenant, owner, begin_ms, pass);
  return status.ok() ? add_up_.run(tenant, owner, begin_ms) : status;
}

}  // namespace acd
