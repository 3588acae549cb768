// SPDX-License-Identifier: Apache-2.0
// A snapshot as a file: records of bytes under one checksum. README.md beside this says the format.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/storage/file.h"

namespace acd {

// A snapshot is held in memory while it is read.
inline constexpr size_t kSnapshotBytesMax = size_t{8} << 30;

// Looks at the finished file, whose name is still that of a draft.
using SnapshotCheck = absl::FunctionRef<absl::Status(const std::string& draft)>;
[[nodiscard]] inline absl::Status accept_snapshot(const std::string&) { return absl::OkStatus(); }

// Writes one snapshot beside its place, and puts it there when it is whole.
//
// Threads:  one.
// Fails:    after the first error every further call gives it again, and the place stays as it was.
class SnapshotWriter {
 public:
  // `files` outlives the writer; null: posix_files(). A draft that an earlier one left is replaced.
  // RESOURCE_EXHAUSTED where less than `free_bytes_min` would be left on the disk.
  SnapshotWriter(std::string path, Files* files = nullptr, uint64_t free_bytes_min = 0);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;
  // Without finish() the draft is removed.
  ~SnapshotWriter();

  // REQUIRES: kind > 0.
  [[nodiscard]] absl::Status add(uint8_t kind, std::string_view bytes);
  // Durable under its name when this is OK, and only if `check` of what is on the disk by then is.
  [[nodiscard]] absl::Status finish(SnapshotCheck check = accept_snapshot);

 private:
  void append(std::string_view bytes);
  [[nodiscard]] absl::Status flush();

  const std::string path_;
  const std::string draft_;
  Files& files_;
  const uint64_t free_bytes_min_;
  std::unique_ptr<File> file_;
  absl::Status status_;
  std::string buffer_;
  uint64_t written_ = 0;  // Bytes of the file.
  uint64_t records_ = 0;
  uint32_t checksum_ = 0;
  bool is_finished_ = false;
};

// Checks the whole file, then hands every record to `visit` in order; stops at its first error.
// DATA_LOSS when it is damaged or cut, FAILED_PRECONDITION when it is no snapshot or of a newer
// format; both name the file.
[[nodiscard]] absl::Status read_snapshot_file(
    const std::string& path,
    absl::FunctionRef<absl::Status(uint8_t kind, std::string_view bytes)> visit);

// Whose a snapshot is, and of which record: the head of the fields of its first record.
struct SnapshotOrigin {
  std::string partition;
  std::string history_id;  // Of its journal, as bytes.
  std::string release;     // That wrote it.
  uint64_t sequence = 0;   // Of the last record in it.
};

// Checks the whole file, as read_snapshot_file() does; what the records hold is left alone.
[[nodiscard]] absl::StatusOr<SnapshotOrigin> read_snapshot_origin(const std::string& path);

// "folder/00000000000000000017.snapshot", the state after record 17.
[[nodiscard]] std::string snapshot_path(const std::string& folder, uint64_t sequence);

// Sequences and paths of the snapshots in `folder`, the oldest first.
[[nodiscard]] absl::StatusOr<std::vector<std::pair<uint64_t, std::string>>> list_snapshots(
    const std::string& folder);

// Removes what writers that were killed have left in `folder`. REQUIRES: none writes there.
[[nodiscard]] absl::Status remove_snapshot_drafts(const std::string& folder);

}  // namespace acd
