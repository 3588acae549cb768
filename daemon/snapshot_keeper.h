// SPDX-License-Identifier: Apache-2.0
// Has snapshots made while the daemon runs, and drops the part of the journal that they stand for.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/history/history_writer.h"
#include "daemon/mutex.h"
#include "daemon/partition.h"
#include "daemon/storage/segment_journal.h"

namespace acd {

// How it stands with the snapshots of one partition, for health and metrics.
struct SnapshotState {
  std::string partition;
  uint64_t sequence = 0;    // Record of the newest snapshot; 0: there is none.
  int64_t unix_ns = 0;      // When that was written.
  uint64_t bytes = 0;       // Of that.
  int64_t duration_ns = 0;  // What the last one took; 0: none was made since the start.
  int64_t written = 0;      // Since the start.
  int64_t failures = 0;     // Since the start.
  std::string error;        // Of the last try; empty when it went well.
  bool is_running = false;  // One is being made.
};

struct SnapshotKeeperOptions {
  std::string program = "/proc/self/exe";  // Is run with the arguments of run_snapshot_child().
  uint64_t every_records = 10'000'000;
  // After a try that gave nothing, and near the largest size of the journal.
  int64_t retry_every_ns = 60'000'000'000;
  int64_t retry_near_full_ns = 5'000'000'000;
  // A child that takes longer is ended, and has failed.
  int64_t child_max_ns = int64_t{30} * 60 * 1'000'000'000;
};

// Threads:  the main thread's; states() from any.
// Owns:     at most one child process over all partitions.
// Order:    the records of a snapshot are dropped, and the snapshot before it, once it is there and
//           history has reached it on disk; not while a backup runs.
// Fails:    a child that fails is told in log and state, changes nothing, and another is run later.
class SnapshotKeeper {
 public:
  // All outlive the keeper.
  struct Kept {
    std::string partition;
    std::string folder;
    SegmentJournal* journal = nullptr;
    const Partition* state = nullptr;
    const HistoryWriter* history = nullptr;  // Null: none is kept.
  };

  explicit SnapshotKeeper(SnapshotKeeperOptions options);
  // Stops.
  ~SnapshotKeeper();
  SnapshotKeeper(const SnapshotKeeper&) = delete;
  SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

  void add(Kept kept);
  // Looks at everything; to be called about once a second.
  void tend(int64_t monotonic_ns);
  // Ends the child. Idempotent.
  void stop();
  // Looks for a snapshot that somebody else wrote, and drops what it stands for.
  void settle();

  [[nodiscard]] std::vector<SnapshotState> states() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct One {
    Kept kept;
    SnapshotState state;
    uint64_t settled = 0;     // The newest snapshot whose records are dropped.
    int64_t next_try_ns = 0;  // Monotonic time.
  };

  void reap(int64_t monotonic_ns);
  void finish_child(int status, int64_t monotonic_ns);
  // True when there is one that was not known.
  bool find_newest(One& one);
  void settle(One& one);
  void start_due(int64_t monotonic_ns);
  [[nodiscard]] absl::Status spawn(One& one, int64_t monotonic_ns);
  void fail(One& one, const std::string& why, int64_t monotonic_ns);
  void publish() ABSL_LOCKS_EXCLUDED(mutex_);

  const SnapshotKeeperOptions options_;
  std::vector<One> all_;
  pid_t child_ = 0;  // 0: none.
  int child_output_ = -1;
  size_t child_of_ = 0;  // In all_.
  int64_t child_began_ns_ = 0;

  mutable Mutex mutex_;
  std::vector<SnapshotState> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
