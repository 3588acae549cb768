// SPDX-License-Identifier: Apache-2.0
// Folds a partition's events into rows and writes them, some way behind, into its history file.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/history/history_file.h"
#include "daemon/mutex.h"
#include "routing/event.h"
#include "routing/insight/history_fold.h"
#include "routing/tenant_config.h"

namespace acd {

// What --history-days may say.
inline constexpr uint32_t kHistoryDaysMax = 36'500;

struct HistoryOptions {
  std::string path;
  HistoryOrigin origin;
  // Rows older than so many days go.
  int32_t days = 400;
  // history_lag_max: rows that may wait to be written before routing is held up.
  size_t lag_max_rows = 200'000;
  // A transaction is begun when so many rows wait, or when so much time has passed.
  size_t transaction_rows = 5'000;
  int64_t transaction_every_ns = 1'000'000'000;
  // After a failure, and between two looks for what is too old.
  int64_t retry_every_ns = 1'000'000'000;
  int64_t removal_every_ns = int64_t{60} * 1'000'000'000;
  // Of a table, that go at a time; more where the transaction before them had more.
  size_t removal_rows = 500;
};

// How far a history is, for health.
struct HistoryStatus {
  uint64_t written_sequence = 0;  // Records up to here are in the file.
  uint64_t folded_sequence = 0;   // Records up to here are rows.
  size_t rows_waiting = 0;
  int64_t waiting_since_ns = 0;  // Monotonic time of the oldest turn that waits; 0: none does.
  uint64_t failures = 0;         // Attempts that failed, since the start.
  bool is_full = false;          // Routing is held up.
  std::string error;             // Of the last attempt; empty when it went well.
};

// The Unix time to which rows are old: the smallest of the last hour of Router time, and of up to
// one more. So a clock that is wrong for less than an hour makes nothing old.
class ProvenTime {
 public:
  static constexpr int64_t kAbsent = INT64_MIN;

  void on_turn(int64_t router_ns, int64_t unix_ms);
  // kAbsent: it is not yet an hour since the first turn.
  [[nodiscard]] int64_t unix_ms() const {
    return before_ms_ == kAbsent ? kAbsent : std::min(before_ms_, present_ms_);
  }

 private:
  int64_t begin_ns_ = 0;  // Router time of the present stretch.
  int64_t present_ms_ = kAbsent;
  int64_t before_ms_ = kAbsent;  // Of the stretch before it.
};

// Threads:  the observer's; status() from any thread, open() and the destructor from the main one.
// Owns:     the file, a fold a tenant, and the rows that wait.
// Bounds:   `lag_max_rows` and what the observer still folds after is_full() said so.
// Order:    a record counts once: what the file holds when it is opened is not written again,
//           however often the journal is replayed.
// Fails:    open(). Later the history falls behind, says so once, and tries again.
class HistoryWriter {
 public:
  // `sequence_last` is the journal's last record.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HistoryWriter>> open(HistoryOptions options,
                                                                           uint64_t sequence_last);
  // Folds without a file: for a snapshot, from which a history may go on.
  [[nodiscard]] static std::unique_ptr<HistoryWriter> without_file();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  // Index of a tenant within this history. `fold` is configured.
  size_t add_tenant(std::string id, std::unique_ptr<HistoryFold> fold);
  void configure(size_t tenant, const TenantConfig& config);
  // What a tenant's history has open.
  [[nodiscard]] const HistoryState& state(size_t tenant) const {
    return tenants_[tenant].fold->state();
  }

  // Events of one tenant in one turn; end_turn() follows when all tenants' are folded.
  void fold(size_t tenant, uint64_t sequence, const EventLog& log, int64_t unix_offset_ns);
  void end_turn(uint64_t sequence, int64_t monotonic_ns);

  // Writes what is due. Returns when to call it again, kNeverNs: after the next turn.
  int64_t write_due(int64_t monotonic_ns);
  // So far behind that nothing more should come.
  [[nodiscard]] bool is_full() const { return rows_waiting() > options_.lag_max_rows; }
  // Writes what there is, as far as it can be written. OK: nothing waits any more.
  absl::Status finish();

  [[nodiscard]] HistoryStatus status() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Tenant {
    std::unique_ptr<HistoryFold> fold;
    TenantRows fresh;  // Of the transaction after the next.
  };

  HistoryWriter(HistoryOptions options, std::unique_ptr<HistoryFile> file);

  [[nodiscard]] size_t rows_waiting() const { return taken_rows_ + fresh_rows_; }
  [[nodiscard]] bool has_work() const;
  // Something waits that is in no transaction yet.
  [[nodiscard]] bool has_fresh() const;
  [[nodiscard]] int64_t waiting_since_ns() const {
    return has_taken_ ? taken_since_ns_ : fresh_since_ns_;
  }
  // Moves the fresh rows and the open intervals into the next transaction.
  void take_rows();
  // Tries to write it.
  [[nodiscard]] absl::Status write_taken(int64_t monotonic_ns);
  void remove_old(int64_t monotonic_ns, size_t written_rows);
  void note(const absl::Status& status);
  void publish_status() ABSL_LOCKS_EXCLUDED(mutex_);

  const HistoryOptions options_;
  const std::unique_ptr<HistoryFile> file_;  // Null: nothing is written.
  const uint64_t sequence_at_open_;

  // Of the observer's thread.
  std::vector<Tenant> tenants_;
  size_t fresh_rows_ = 0;
  uint64_t folded_sequence_ = 0;
  int64_t folded_unix_ms_ = 0;
  ProvenTime proven_time_;
  int64_t fresh_since_ns_ = 0;  // Of the first turn that is not in a transaction; 0: none.
  // The transaction that is under way, or being tried again.
  bool has_taken_ = false;
  std::vector<TenantRows> taken_;
  size_t taken_rows_ = 0;
  uint64_t taken_sequence_ = 0;
  int64_t taken_unix_ms_ = 0;
  int64_t taken_since_ns_ = 0;
  int64_t next_write_ns_ = 0;  // Monotonic time.
  int64_t next_removal_ns_ = 0;
  std::string error_;
  uint64_t failures_ = 0;

  mutable Mutex mutex_;
  HistoryStatus status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
