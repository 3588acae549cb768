// SPDX-License-Identifier: Apache-2.0
// A copy of a history file for a backup, taken while the daemon writes it, and its way back.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

namespace acd {

// Copies the history at `path`, as it is at one moment, to the new file `copy`, and checks that the
// copy is whole. Returns the last record of the journal that it holds. The daemon writes on
// meanwhile: its log of what is new grows as long, and nothing waits.
[[nodiscard]] absl::StatusOr<uint64_t> copy_history(const std::string& path,
                                                    const std::string& copy);

// Makes the history at `path` that of the journal with the history id `journal`: of a journal that
// was brought back under a new one.
[[nodiscard]] absl::Status move_history(const std::string& path, const std::string& journal);

}  // namespace acd
