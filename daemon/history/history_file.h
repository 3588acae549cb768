// SPDX-License-Identifier: Apache-2.0
// The SQLite file of one partition's history: made, checked, written, thinned out.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/history/database.h"
#include "daemon/history/interval_passes.h"
#include "daemon/history/scope_tables.h"
#include "routing/insight/history_rows.h"

namespace acd {

inline constexpr char kHistoryFileName[] = "history.sqlite";

// Whose history it is.
struct HistoryOrigin {
  std::string journal;  // Its history id.
  std::string partition;
};

struct TenantRows {
  std::string tenant;
  HistoryRows rows;
};

// Opens for reading; FAILED_PRECONDITION in one sentence when it is no history file of this format.
[[nodiscard]] absl::StatusOr<Database> open_history_for_reading(const std::string& path);

// Threads:  one at a time.
// Bounds:   nothing; rows go by remove_before().
// Order:    a transaction stores rows together with the sequence up to which they are complete.
// Fails:    open() with FAILED_PRECONDITION when the file is of another program, a newer format or
//           another journal. A failed write() leaves the file as it was before.
class HistoryFile {
 public:
  // Makes a missing file. `sequence_last` is the journal's last record: a file that knows more is
  // refused.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HistoryFile>> open(
      const std::string& path, const HistoryOrigin& origin, uint64_t sequence_last);

  // All in one transaction; from then on sequence() is `sequence`. `unix_ms` is the time of the
  // last event, for readers.
  [[nodiscard]] absl::Status write(const std::vector<TenantRows>& batch, uint64_t sequence,
                                   int64_t unix_ms);

  // Removes a slice of what is older: at most about `rows_max` rows, and hands pages back to the
  // file system. True when there may be more.
  [[nodiscard]] absl::StatusOr<bool> remove_before(const std::string& tenant, int64_t unix_ms,
                                                   int64_t rows_max);

  // Every record up to it is in the file, durably.
  [[nodiscard]] uint64_t sequence() const { return sequence_; }
  [[nodiscard]] const std::string& path() const { return database_.path(); }

 private:
  explicit HistoryFile(Database database) : database_(std::move(database)) {}

  [[nodiscard]] absl::Status make(const HistoryOrigin& origin);
  [[nodiscard]] absl::Status check(const HistoryOrigin& origin, uint64_t sequence_last);
  [[nodiscard]] absl::Status prepare();
  [[nodiscard]] absl::Status write_rows(const TenantRows& batch);
  [[nodiscard]] absl::Status write_call(const std::string& tenant, const CallRow& row);
  [[nodiscard]] absl::Status write_outcome(const std::string& tenant, const OutcomeRow& row);
  [[nodiscard]] absl::Status write_talk(const std::string& tenant, const TalkRow& row);
  [[nodiscard]] absl::Status write_visit(const std::string& tenant, const VisitRow& row);
  [[nodiscard]] absl::Status write_offer(const std::string& tenant, const OfferRow& row);
  [[nodiscard]] absl::Status write_agent_event(const std::string& tenant, const AgentEventRow& row);
  [[nodiscard]] absl::Status write_queue_interval(const std::string& tenant,
                                                  const QueueIntervalRow& row);
  [[nodiscard]] absl::Status write_agent_interval(const std::string& tenant,
                                                  const AgentIntervalRow& row);
  [[nodiscard]] absl::Status insert_queue_interval(const std::string& tenant,
                                                   const QueueIntervalRow& row);
  [[nodiscard]] absl::Status insert_agent_interval(const std::string& tenant,
                                                   const AgentIntervalRow& row);
  [[nodiscard]] absl::StatusOr<int64_t> remove_calls(const std::string& tenant, int64_t unix_ms,
                                                     int64_t rows_max);

  Database database_;  // Outlives its statements.
  Statement insert_call_;
  Statement update_outcome_;
  Statement insert_talk_;
  Statement insert_visit_;
  Statement insert_offer_;
  Statement insert_agent_event_;
  Statement insert_queue_interval_;
  Statement insert_queue_medium_;
  Statement insert_agent_interval_;
  Statement insert_agent_medium_;
  Statement insert_not_ready_;
  IntervalPasses queue_passes_;
  IntervalPasses queue_medium_passes_;
  IntervalPasses agent_passes_;
  IntervalPasses agent_medium_passes_;
  IntervalPasses not_ready_passes_;
  ScopeTables scopes_;
  Statement update_progress_;
  uint64_t sequence_ = 0;
};

}  // namespace acd
