// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/database.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "routing/check.h"

namespace acd {
namespace {

// How long a statement waits for another connection's lock. The daemon is the only writer, and a
// reader locks nobody out; so somebody who writes by hand is waited for shortly.
constexpr int kBusyTimeoutMs = 50;

absl::Status database_status(sqlite3* database, int code, const std::string& what) {
  const std::string text = absl::StrCat(
      what, ": ", database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database));
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(text);
    case SQLITE_CORRUPT:
      return absl::DataLossError(text);
    case SQLITE_NOTADB:
      return absl::FailedPreconditionError(text);
    default:
      return absl::InternalError(text);
  }
}

std::string path_of(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  return path == nullptr ? "" : path;
}

// Makes a file that is not there, for its owner alone; SQLite gives its log the same mode. What goes
// wrong here SQLite says when it opens the file.
void make_private(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
}

}  // namespace

// --- Statement.

Statement::Statement(sqlite3* database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(std::string_view text) {
  ACD_CHECK(sqlite3_bind_text(statement_.get(), ++bound_, text.data() == nullptr ? "" : text.data(),
                              static_cast<int>(text.size()), SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bind(int64_t number) {
  ACD_CHECK(sqlite3_bind_int64(statement_.get(), ++bound_, number) == SQLITE_OK);
}

void Statement::bind_null() {
  ACD_CHECK(sqlite3_bind_null(statement_.get(), ++bound_) == SQLITE_OK);
}

absl::Status Statement::finish() {
  const absl::StatusOr<bool> stepped = step();
  reset();
  return stepped.ok() ? absl::OkStatus() : stepped.status();
}

absl::StatusOr<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_status(database_, code, path_of(database_));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());  // Says again what step() said.
  bound_ = 0;
}

int Statement::column_count() const { return sqlite3_column_count(statement_.get()); }

std::string Statement::column_name(int column) const {
  return sqlite3_column_name(statement_.get(), column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Statement::is_number(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr
             ? std::string()
             : std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
}

// --- Database.

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

absl::StatusOr<Database> Database::open(const std::string& path, Mode mode) {
  Database opened;
  opened.path_ = path;
  if (mode == Mode::kWrite) make_private(path);
  sqlite3* database = nullptr;
  const int flags =
      mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  opened.database_.reset(database);
  if (code != SQLITE_OK) return database_status(database, code, path);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  return opened;
}

absl::Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return absl::OkStatus();
  return database_status(database_.get(), code, path_);
}

absl::StatusOr<int64_t> Database::number(const std::string& sql) {
  absl::StatusOr<Statement> statement = prepare(sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->step();
  if (!row.ok()) return row.status();
  return *row ? statement->number(0) : 0;
}

absl::StatusOr<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.c_str(),
                                      static_cast<int>(sql.size()) + 1, &statement, nullptr);
  if (code != SQLITE_OK) return database_status(database_.get(), code, path_);
  return Statement(database_.get(), statement);
}

absl::Status Database::copy_to(const std::string& path) {
  absl::StatusOr<Database> target = open(path, Mode::kWrite);
  if (!target.ok()) return target.status();
  // In one step, which is one transaction on either side: whatever is written to the source
  // meanwhile is not seen, so the copying never begins anew.
  sqlite3_backup* backup =
      sqlite3_backup_init(target->database_.get(), "main", database_.get(), "main");
  if (backup == nullptr) {
    return database_status(target->database_.get(), SQLITE_ERROR, path);
  }
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return absl::OkStatus();
  const int code = finished == SQLITE_OK ? stepped : finished;
  return database_status(nullptr, code, absl::StrCat(path_, ": cannot be copied to ", path));
}

int64_t Database::changed_rows() const { return sqlite3_changes64(database_.get()); }

absl::StatusOr<Statement> prepare_insert(Database& database, const std::string& table) {
  absl::StatusOr<Statement> columns =
      database.prepare(absl::StrCat("SELECT name FROM pragma_table_info('", table, "')"));
  if (!columns.ok()) return columns.status();
  std::string names;
  std::string values;
  for (;;) {
    const absl::StatusOr<bool> row = columns->step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    absl::StrAppend(&names, names.empty() ? "\"" : ", \"", columns->text(0), "\"");
    absl::StrAppend(&values, values.empty() ? "?" : ", ?");
  }
  return database.prepare(
      absl::StrCat("INSERT OR REPLACE INTO ", table, "(", names, ") VALUES (", values, ")"));
}

}  // namespace acd
