// SPDX-License-Identifier: Apache-2.0
// Snapshots of a partition: which of them a start begins with, and how the next one is made from
// the journal, beside the running daemon and without its help.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/snapshot.h"
#include "daemon/storage/segment_format.h"

namespace acd {

// The state is saved after one of the last so many records, a tenth of the new ones at most, at the
// first at which no work is half done.
inline constexpr uint64_t kCheckpointWindow = 100'000;

// What a snapshot must fit to.
struct SnapshotNeeds {
  std::string partition;
  HistoryId history_id{};       // Of the journal.
  uint64_t first_sequence = 1;  // Of the journal.
  uint64_t position = 1;        // Of the journal: one past its last record.
  // Up to here the file of history is filled; what is behind a later snapshot would be missing.
  uint64_t history_sequence = UINT64_MAX;
  // The journal has its first record, and a release with other rules decided on that.
  bool begins_by_other_rules = false;
};

struct SnapshotChoice {
  std::optional<SavedPartition> saved;  // None: the journal from its first record.
  uint64_t bytes = 0;
  // Paths of those that are damaged.
  std::vector<std::string> unusable;
  // Of what was passed over and of what will be missing, a sentence each.
  std::vector<std::string> notes;
};

// What a start begins with: the newest snapshot that the history reaches, or else the whole
// journal, or else the oldest snapshot. DATA_LOSS when nothing of that is there or readable, or a
// readable one proves that the journal has lost its end,
// FAILED_PRECONDITION when a snapshot is of another partition or journal, or of other rules and not
// of the journal's end.
[[nodiscard]] absl::StatusOr<SnapshotChoice> choose_snapshot(const std::string& folder,
                                                             const SnapshotNeeds& needs);

// Puts what a start could not use out of the way, as "... .snapshot.damaged", of which the newest is kept: else it
// would count as the newest one, and stand for records whose state nobody has.
[[nodiscard]] absl::Status set_aside(const std::vector<std::string>& unusable);

// As a snapshot names its journal.
[[nodiscard]] std::string_view bytes_of(const HistoryId& id);

// Writes `saved` into `folder` under a draft's name, reads it back and makes the state of it; only
// then it takes its name. Those before it stay. `free_bytes_min` as SnapshotWriter.
[[nodiscard]] absl::Status put_snapshot(const std::string& folder, const SavedPartition& saved,
                                        uint64_t free_bytes_min = 0);

// Removes the snapshots before `sequence`; none while a backup runs.
[[nodiscard]] absl::Status remove_snapshots(const std::string& folder, uint64_t before);

struct CheckpointOptions {
  std::string folder;
  std::string partition;
  std::string release;            // Stands in the snapshot.
  uint64_t through = UINT64_MAX;  // Records up to here are durable; later ones are left alone.
  // The partition's file of history, which is brought to the journal's end before the snapshot is
  // written; empty: none. With it `through` is left alone.
  std::string history_path{};
  uint64_t free_bytes_min = 0;  // RESOURCE_EXHAUSTED rather than leave less on the disk.
};

struct Checkpoint {
  uint64_t sequence = 0;       // Of the newest snapshot afterwards; 0 without any.
  uint64_t last_sequence = 0;  // Of the journal's last record that was read.
  bool is_new = false;  // It was written now: else nothing came after it, or work was half done.
  std::vector<std::string> notes;  // As those of SnapshotChoice.
};

// Replays the journal behind the newest snapshot that history has reached, checks every frame's
// event hash, and writes the next snapshot. Only reads the journal, which may be in use; it is not
// truncated meanwhile. A file of history may not be in use.
[[nodiscard]] absl::StatusOr<Checkpoint> write_checkpoint(const CheckpointOptions& options);

}  // namespace acd
