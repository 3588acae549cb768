// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/history.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/history_text.h"
#include "clients/acdctl/status.h"
#include "daemon/history/history_file.h"
#include "daemon/history/queue_log.h"

namespace acd::acdctl {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kTableRowsDefault = 50;

// A history file and the tenant to look at.
struct Source {
  Database database;
  std::string tenant;
};

// The files that --data-dir may mean: itself, in the folder, or one folder deeper.
absl::StatusOr<std::vector<std::string>> find_files(const std::string& path) {
  std::error_code error;
  const fs::file_status what = fs::status(path, error);
  if (!fs::exists(what)) {
    return absl::DataLossError(absl::StrCat("--data-dir: there is no ", path));
  }
  if (!fs::is_directory(what)) return std::vector<std::string>{path};
  const fs::path own = fs::path(path) / kHistoryFileName;
  if (fs::exists(own, error)) return std::vector<std::string>{own.string()};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const fs::path file = entry.path() / kHistoryFileName;
    if (fs::exists(file, error)) files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    return absl::DataLossError(absl::StrCat("--data-dir: there is no ", kHistoryFileName, " in ",
                                            path, " or a partition's folder there"));
  }
  return files;
}

// By one search in an index each.
absl::StatusOr<std::vector<std::string>> tenants_of(Database& database) {
  absl::StatusOr<Statement> next = database.prepare(
      "SELECT min(tenant) FROM (SELECT min(tenant) AS tenant FROM queue_intervals WHERE tenant > "
      "?1 "
      "UNION ALL SELECT min(tenant) FROM agent_events WHERE tenant > ?1)");
  if (!next.ok()) return next.status();
  std::vector<std::string> tenants;
  for (;;) {
    next->reset();
    next->bind(tenants.empty() ? std::string_view() : std::string_view(tenants.back()));
    const absl::StatusOr<bool> row = next->step();
    if (!row.ok()) return row.status();
    if (!*row || next->is_null(0)) return tenants;
    tenants.push_back(next->text(0));
  }
}

// The one tenant that is meant, in whichever file it is.
absl::StatusOr<Source> open_source(const Arguments& arguments) {
  if (arguments.data_dir.empty()) {
    return absl::InvalidArgumentError("--data-dir DIR is missing: where acdd keeps its data");
  }
  const absl::StatusOr<std::vector<std::string>> files = find_files(arguments.data_dir);
  if (!files.ok()) return files.status();
  std::vector<Source> found;
  std::string names;
  for (const std::string& file : *files) {
    absl::StatusOr<Database> database = open_history_for_reading(file);
    if (!database.ok()) return local_error(database.status());
    const absl::StatusOr<std::vector<std::string>> tenants = tenants_of(*database);
    if (!tenants.ok()) return local_error(tenants.status());
    for (const std::string& tenant : *tenants) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", tenant);
      if (!arguments.tenant.empty() && tenant != arguments.tenant) continue;
      absl::StatusOr<Database> own = open_history_for_reading(file);
      if (!own.ok()) return local_error(own.status());
      found.push_back({*std::move(own), tenant});
    }
  }
  if (found.size() == 1) return std::move(found.front());
  if (found.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are several tenants, name one with --tenant: ", names));
  }
  if (names.empty()) {  // Nothing has happened yet: of any tenant there is nothing.
    absl::StatusOr<Database> empty = open_history_for_reading(files->front());
    if (!empty.ok()) return local_error(empty.status());
    return Source{*std::move(empty), arguments.tenant};
  }
  return absl::DataLossError(absl::StrCat("there is no history of tenant \"", arguments.tenant,
                                          "\"; there is of: ", names));
}

// The newest first.
absl::StatusOr<Statement> select_rows(const Arguments& arguments, Source& source,
                                      const std::string& columns) {
  absl::StatusOr<Statement> statement = source.database.prepare(history_query(arguments, columns));
  if (!statement.ok()) return statement.status();
  statement->bind(source.tenant);
  statement->bind(arguments.since_ms);
  statement->bind(arguments.until_ms);
  for (const std::string* filter :
       {&arguments.queue, &arguments.agent, &arguments.call, &arguments.medium}) {
    if (!filter->empty()) statement->bind(*filter);
  }
  const bool is_table = !arguments.is_json && !arguments.is_csv;
  const int64_t limit = is_table ? kTableRowsDefault : int64_t{-1};  // -1: all.
  statement->bind(arguments.limit > 0 ? arguments.limit : limit);
  return statement;
}

// All that is known of the calls with that id.
absl::StatusOr<std::string> call_details(const Arguments& arguments, Source& source) {
  absl::StatusOr<Statement> calls = select_rows(arguments, source, "*");
  if (!calls.ok()) return calls.status();
  absl::StatusOr<std::string> text = labels_and_values(*calls, arguments.is_colored);
  if (!text.ok()) return text;
  const struct {
    const char* title;
    const char* view;
    const char* order;
  } kParts[] = {{"Visits", "visits_utc", "number, visit"},
                {"Offers", "offers_utc", "number, offer"},
                {"Talks", "talks_utc", "number, part"}};
  for (const auto& [title, view, order] : kParts) {
    absl::StatusOr<Statement> rows = source.database.prepare(absl::StrCat(
        "SELECT * FROM ", view, " WHERE tenant = ?1 AND number IN (SELECT number FROM calls WHERE ",
        "tenant = ?1 AND call = ?2) ORDER BY ", order));
    if (!rows.ok()) return rows.status();
    rows->bind(source.tenant);
    rows->bind(arguments.call);
    const absl::StatusOr<std::string> part = labels_and_values(*rows, arguments.is_colored);
    if (!part.ok()) return part;
    if (!part->empty()) absl::StrAppend(&*text, "\n", title, "\n", *part);
  }
  return text->empty() ? "nothing found\n" : *text;
}

// Writes the export, to standard output where the file is "-".
absl::Status write_export(const Arguments& arguments, Source& source, const Console& console,
                          std::ostream& out) {
  const auto tell = [&](int64_t rows) {
    if (console.is_terminal) console.err << "acdctl: " << rows << " rows\n" << std::flush;
  };
  if (arguments.is_queue_log) {
    constexpr int64_t kTellEvery = 100'000;
    int64_t count = 0;
    return read_queue_log(source.database,
                          {source.tenant, arguments.since_ms, arguments.until_ms, arguments.medium},
                          [&](const std::string& line) {
                            out << line;
                            if (++count % kTellEvery == 0) tell(count);
                            return out.good() ? absl::OkStatus()
                                              : absl::DataLossError("the output cannot be written");
                          });
  }
  absl::StatusOr<Statement> rows = source.database.prepare(
      "SELECT * FROM calls_utc WHERE tenant = ?1 AND over_ms >= ?2 AND over_ms < ?3 "
      "AND (?4 = '' OR medium = ?4) ORDER BY arrived_ms, number");
  if (!rows.ok()) return rows.status();
  rows->bind(source.tenant);
  rows->bind(arguments.since_ms);
  rows->bind(arguments.until_ms);
  rows->bind(arguments.medium);
  return write_csv(*rows, out, tell);
}

}  // namespace

ExitCode run_history(const Arguments& arguments, const Console& console) {
  absl::StatusOr<Source> source = open_source(arguments);
  if (!source.ok()) return fail(console, source.status());
  const bool is_table = !arguments.is_json && !arguments.is_csv;
  if (is_table && arguments.command == Command::kHistoryCalls && !arguments.call.empty()) {
    const absl::StatusOr<std::string> text = call_details(arguments, *source);
    return text.ok() ? print(console, *text) : fail(console, local_error(text.status()));
  }
  const std::string columns = is_table ? history_columns(arguments) : "*";
  absl::StatusOr<Statement> rows = select_rows(arguments, *source, columns);
  if (!rows.ok()) return fail(console, local_error(rows.status()));
  if (is_table) {
    const absl::StatusOr<std::string> text = history_table(arguments, *rows);
    return text.ok() ? print(console, *text) : fail(console, local_error(text.status()));
  }
  std::string name(command_info(arguments.command).name);
  name.erase(0, name.find(' ') + 1);
  const absl::Status status = arguments.is_csv ? write_csv(*rows, console.out, [](int64_t) {})
                                               : write_json(*rows, name, console.out);
  return status.ok() ? print(console, "") : fail(console, local_error(status));
}

ExitCode run_history_export(const Arguments& arguments, const Console& console) {
  if (arguments.is_csv == arguments.is_queue_log) {
    return fail(console,
                absl::InvalidArgumentError("history export wants one of --csv and --queue-log"));
  }
  absl::StatusOr<Source> source = open_source(arguments);
  if (!source.ok()) return fail(console, source.status());
  const std::string& path = arguments.words[0];
  if (path == "-") {
    const absl::Status status = write_export(arguments, *source, console, console.out);
    return status.ok() ? print(console, "") : fail(console, local_error(status));
  }
  // Written aside and renamed: a reader never sees half of it.
  const std::string aside = path + ".draft";
  std::ofstream file(aside, std::ios::binary | std::ios::trunc);
  absl::Status status = write_export(arguments, *source, console, file);
  file.close();
  if (status.ok() && (!file.good() || std::rename(aside.c_str(), path.c_str()) != 0)) {
    status = absl::DataLossError(absl::StrCat(path, ": cannot be written"));
  }
  if (status.ok()) return ExitCode::kOk;
  std::remove(aside.c_str());
  return fail(console, local_error(status));
}

}  // namespace acd::acdctl
