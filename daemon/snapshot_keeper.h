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
  std::string cut_error;    // Why what is needless cannot be dropped; empty when it can.
  int64_t began_ns = 0;     // Monotonic time since which one is being made; 0: none is.
};

struct SnapshotKeeperOptions {
  std::string program = "/proc/self/exe";  // Is run with the arguments of run_snapshot_child().
  uint64_t every_records = 10'000'000;
  // Of the disk, which a snapshot leaves to the journal: for two of its segments.
  uint64_t spare_bytes = 2 * kSegmentBytesDefault;
  // After a try that gave nothing, and near the largest size of the journal.
  int64_t retry_every_ns = 60'000'000'000;
  int64_t retry_near_full_ns = 5'000'000'000;
  // A child that takes longer is ended, and has failed.
  int64_t child_max_ns = int64_t{30} * 60 * 1'000'000'000;
};

// Threads:  the main thread's; states() from any.
// Owns:     at most one child process over all partitions.
// Bounds:   no child is begun while kUnsettledMax snapshots of its partition wait beside the one
//           that the journal is cut behind. Nothing is held up by that: what they wait for, history
//           or the end of a backup, lets the journal be cut behind one of them, and a further one
//           would wait for the same.
// Order:    the journal is cut behind the newest snapshot that history has reached on disk, and the
//           snapshots before that one go; later ones stay. Not while a backup runs.
// Fails:    a child that fails is told in log and state, changes nothing, and another is run later.
//           A cut that fails is told beside that, and tried again at the next look.
class SnapshotKeeper {
 public:
  static constexpr size_t kUnsettledMax = 2;

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
  // What a snapshot must leave free on the disk while the journal stands so. Nothing once it cannot
  // complete its reserve: then a snapshot, which lets segments go, may be the only cure.
  [[nodiscard]] uint64_t free_bytes_min(JournalSpace space) const;
  // Ends the child. Idempotent.
  void stop();
  // Looks for a snapshot that somebody else wrote, and drops what it stands for.
  void settle();

  [[nodiscard]] std::vector<SnapshotState> states() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct One {
    Kept kept;
    SnapshotState state;
    size_t unsettled = 0;     // Snapshots beside the one that the journal is cut behind.
    int64_t next_try_ns = 0;  // Monotonic time.
  };

  void reap(int64_t monotonic_ns);
  void finish_child(int status, int64_t monotonic_ns);
  // True when there is one that was not known.
  bool find_newest(One& one);
  void settle(One& one);
  [[nodiscard]] absl::Status cut(One& one);
  void start_due(int64_t monotonic_ns);
  [[nodiscard]] absl::Status spawn(One& one, int64_t monotonic_ns);
  void fail(One& one, const std::string& why, int64_t monotonic_ns);
  void publish() ABSL_LOCKS_EXCLUDED(mutex_);

  const SnapshotKeeperOptions options_;
  std::vector<One> all_;
  pid_t child_ = 0;  // 0: none.
  int child_output_ = -1;
  size_t child_of_ = 0;  // In all_.

  mutable Mutex mutex_;
  std::vector<SnapshotState> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
