// SPDX-License-Identifier: Apache-2.0
// Reads a journal's folder: which segments there are, and whether what they hold is whole.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/storage/journal.h"
#include "daemon/storage/segment_format.h"

namespace acd {

// One file of the folder.
struct Segment {
  uint64_t first_sequence = 0;  // As its name says.
  std::string path;
  uint64_t bytes = 0;  // Of the file, or what it grows to.
};

// How far a walk over frames has come.
struct FramePosition {
  size_t offset = kSegmentHeaderBytes;  // Of the next frame in its segment.
  // Of the first frame in the segment whose durability no later frame proves.
  size_t unsettled_offset = kSegmentHeaderBytes;
  uint64_t next_sequence = 1;
  uint64_t settled_sequence = 0;  // Of the last frame.
  uint64_t epoch = 0;             // Of the last frame; 0 before the first.
};

// What a folder holds.
struct Recovery {
  std::vector<Segment> segments;  // Oldest first; empty for a new journal.
  HistoryId history_id{};         // Zero for a new journal.
  FramePosition end;              // In the last segment.
  std::string unsettled;          // Bytes from end.unsettled_offset to end.offset.
  uint64_t torn_bytes = 0;        // Of the last segment, behind `end`.
  uint64_t file_bytes = 0;        // Size of the last segment's file.
  uint64_t segment_bytes = 0;     // Size it shall have.
  uint64_t folder_bytes = 0;      // Size of all segments' files.
  std::string partition;          // As the segments say; empty for a new journal.
};

[[nodiscard]] std::string segment_path(const std::string& folder, uint64_t first_sequence);

// Checks every byte that counts of the journal of `partition` (empty: of any) in `folder`. Refuses
// what README.md calls corruption, and names file and byte; changes nothing.
[[nodiscard]] absl::StatusOr<Recovery> recover_segments(const std::string& folder,
                                                        const std::string& partition);

// As recover_segments(), for a journal that a daemon may be writing and truncating at the same time:
// what looks wrong once and is good, or elsewhere, at the next look was only caught in the making.
// `torn_bytes` may then be a frame that is being written.
[[nodiscard]] absl::StatusOr<Recovery> survey_segments(const std::string& folder,
                                                       const std::string& partition);

// Folders of journals: `path` itself where it holds segments, else those of its folders that hold
// some or were made for some, by name. FAILED_PRECONDITION when there is none.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> find_journals(const std::string& path);

// Whether a process has the journal in `folder` open, as far as this system tells. Takes no lock.
[[nodiscard]] bool is_journal_open(const std::string& folder);

using FrameVisit =
    absl::FunctionRef<absl::Status(const FrameHeader& header, std::string_view payload)>;

// Visits the frames of `recovery` that hold a record >= `from`, and none that was written since. A
// refusal names file and byte, the
// error of `visit` included.
[[nodiscard]] absl::Status follow_segments(const Recovery& recovery, uint64_t from,
                                           FrameVisit visit);

}  // namespace acd
