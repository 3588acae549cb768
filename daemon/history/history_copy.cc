// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_copy.h"

#include <absl/strings/str_cat.h>

#include "daemon/history/database.h"
#include "daemon/history/history_file.h"

namespace acd {
namespace {

// The daemon goes over to a log of its own when it opens the file.
constexpr char kOneFile[] = "PRAGMA journal_mode = DELETE";

// Structure and indexes; SQLite's pages have no checksums of their own.
absl::Status check_whole(Database& database) {
  absl::StatusOr<Statement> check = database.prepare("PRAGMA quick_check(1)");
  if (!check.ok()) return check.status();
  const absl::StatusOr<bool> row = check->step();
  if (!row.ok()) return row.status();
  const std::string found = *row ? check->text(0) : "no answer";
  if (found == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      database.path(), ": the history is damaged (", found,
      "); stop the daemon and move history.sqlite away: acdd fills it anew from the journal"));
}

}  // namespace

absl::StatusOr<uint64_t> copy_history(const std::string& path, const std::string& copy) {
  {
    absl::StatusOr<Database> source = open_history_for_reading(path);
    if (!source.ok()) return source.status();
    absl::Status status = source->copy_to(copy);
    if (!status.ok()) return status;
  }
  absl::StatusOr<Database> copied = Database::open(copy, Database::Mode::kWrite);
  if (!copied.ok()) return copied.status();
  // One file, with nothing beside it, that can be read where nothing can be written.
  absl::Status status = copied->execute(kOneFile);
  if (status.ok()) status = check_whole(*copied);
  if (!status.ok()) return status;
  const absl::StatusOr<int64_t> sequence = copied->number("SELECT sequence FROM progress");
  if (!sequence.ok()) return sequence.status();
  return static_cast<uint64_t>(*sequence);
}

absl::Status move_history(const std::string& path, const std::string& journal) {
  absl::StatusOr<Database> database = Database::open(path, Database::Mode::kWrite);
  if (!database.ok()) return database.status();
  absl::Status status = database->execute(kOneFile);
  if (!status.ok()) return status;
  absl::StatusOr<Statement> update = database->prepare("UPDATE progress SET journal = ?");
  if (!update.ok()) return update.status();
  return update->run(journal);
}

}  // namespace acd
