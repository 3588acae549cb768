// SPDX-License-Identifier: Apache-2.0
// A partition's snapshot on its way through a backup.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/storage/segment_format.h"

namespace acd {

// A snapshot by its name, "00000000000000000017.snapshot".
struct SnapshotName {
  uint64_t sequence = 0;  // Of the last record in it.
  std::string name;
};

// The newest in `folder`; none when there is none.
[[nodiscard]] absl::StatusOr<std::optional<SnapshotName>> newest_snapshot_name(
    const std::string& folder);

// Gives the snapshot at `path` from the journal with the history id `from` to that with `to`.
// DATA_LOSS when it does not belong to `from`, or is damaged.
[[nodiscard]] absl::Status move_snapshot(const std::string& path, const HistoryId& from,
                                         const HistoryId& to);

}  // namespace acd
