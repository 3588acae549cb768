// SPDX-License-Identifier: Apache-2.0
// acdd as the program that writes snapshots: by hand, and as the daemon's child.
#pragma once

#include <string>

namespace acd {

// The first argument of the child.
inline constexpr char kSnapshotChildWord[] = "--snapshot-child";

// acdd --snapshot-child FOLDER PARTITION THROUGH PARENT NICE: one snapshot of the journal in FOLDER,
// whose records up to THROUGH are durable, at that niceness; ends when the process PARENT does.
// Returns the exit code; says on standard output why it is not 0.
[[nodiscard]] int run_snapshot_child(int argc, const char* const* argv);

// acdd --checkpoint: a snapshot of everything in each journal of `data_dir`, which no daemon has
// open. Returns the exit code; says what was written.
[[nodiscard]] int run_checkpoint(const std::string& data_dir);

}  // namespace acd
