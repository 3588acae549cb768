// SPDX-License-Identifier: Apache-2.0
// A partition's snapshot on its way through a backup.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "daemon/storage/segment_format.h"

namespace acd {

// Gives the snapshot at `path` from the journal with the history id `from` to that with `to`.
// DATA_LOSS when it does not belong to `from`, or is damaged.
[[nodiscard]] absl::Status move_snapshot(const std::string& path, const HistoryId& from,
                                         const HistoryId& to);

}  // namespace acd
