// SPDX-License-Identifier: Apache-2.0
// A few calls over SQLite: open, execute, statements with typed binds, errors as a status.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace acd {

// One prepared statement. Binds are numbered by themselves, from the first parameter on.
//
// Threads:  its database's.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* database, sqlite3_stmt* statement);

  // The text must live until step() has run.
  void bind(std::string_view text);
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(int64_t number);
  void bind(int32_t number) { bind(int64_t{number}); }
  void bind(bool flag) { bind(int64_t{flag ? 1 : 0}); }
  void bind_null();

  // Binds all of them, runs a statement that gives no rows, and makes it ready for the next time.
  template <typename... Values>
  [[nodiscard]] absl::Status run(const Values&... values) {
    (bind(values), ...);
    return finish();
  }

  // The next row: true when there is one.
  [[nodiscard]] absl::StatusOr<bool> step();
  void reset();

  // Of the present row.
  [[nodiscard]] int column_count() const;
  [[nodiscard]] std::string column_name(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] bool is_number(int column) const;
  [[nodiscard]] int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  [[nodiscard]] absl::Status finish();

  sqlite3* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

// One connection.
//
// Threads:  one at a time.
// Fails:    with SQLite's own words and the path. RESOURCE_EXHAUSTED: no space; UNAVAILABLE: locked
//           by somebody else; DATA_LOSS: damaged; FAILED_PRECONDITION: no database.
class Database {
 public:
  enum class Mode { kReadOnly, kWrite };

  [[nodiscard]] static absl::StatusOr<Database> open(const std::string& path, Mode mode);

  // Statements without rows, parted by semicolons.
  [[nodiscard]] absl::Status execute(const std::string& sql);
  // Copies all of it, as it is at one moment, to a new file at `path`. Other connections read and
  // write meanwhile.
  [[nodiscard]] absl::Status copy_to(const std::string& path);
  // The one number that a query gives; 0 when it gives no row.
  [[nodiscard]] absl::StatusOr<int64_t> number(const std::string& sql);
  [[nodiscard]] absl::StatusOr<Statement> prepare(const std::string& sql);
  [[nodiscard]] int64_t changed_rows() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

// "INSERT OR REPLACE INTO table VALUES (?, ...)", with all columns but computed ones.
[[nodiscard]] absl::StatusOr<Statement> prepare_insert(Database& database,
                                                       const std::string& table);

}  // namespace acd
