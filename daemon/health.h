// SPDX-License-Identifier: Apache-2.0
// What is wrong with a partition's storage, in words, and the log lines when it begins and ends.
#pragma once

#include <absl/base/thread_annotations.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/history/history_writer.h"
#include "daemon/metrics.h"
#include "daemon/mutex.h"
#include "daemon/snapshot_keeper.h"
#include "daemon/storage/journal.h"

namespace acd {

// `reason` is the journal's own, of the last change of `space`.
[[nodiscard]] std::vector<Trouble> journal_troubles(const std::string& partition,
                                                    JournalSpace space, const std::string& reason);
[[nodiscard]] std::vector<Trouble> history_troubles(const std::string& partition,
                                                    const HistoryStatus& status);
[[nodiscard]] std::vector<Trouble> snapshot_troubles(const SnapshotState& state);

// Remembers the troubles that were seen last and says what has changed.
//
// Threads:  any.
// Bounds:   one entry a part and partition.
class HealthLog {
 public:
  // Returns how many lines that took.
  int note(const std::vector<Trouble>& troubles) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Place = std::pair<std::string, std::string>;  // Part, partition.

  Mutex mutex_;
  std::map<Place, std::string> reasons_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
