// SPDX-License-Identifier: Apache-2.0
// A copy of a data folder's journals, taken while the daemon runs, and the way back.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/storage/segment_format.h"

namespace acd {

inline constexpr int kBackupFormatVersion = 1;
// The file that makes a folder a backup.
inline constexpr char kManifestName[] = "MANIFEST";

// What a file of a backup is. A new kind is a new word here and in the manifest; a release that
// does not know it refuses the backup.
enum class BackupFileKind : uint8_t { kSegment, kEpoch, kHistory, kSnapshot };

// One file of a backup.
struct BackupFile {
  BackupFileKind kind = BackupFileKind::kSegment;
  std::string name;  // Within the partition's folder.
  uint64_t bytes = 0;
  uint32_t checksum = 0;  // CRC-32 (zlib's) of all of it.
};

// The part of a backup that is one partition: a folder of the same name.
struct PartitionBackup {
  std::string partition;
  HistoryId history_id{};
  uint64_t first_sequence = 1;  // Of the first record.
  uint64_t next_sequence = 1;   // Behind the last record.
  uint64_t epoch = 0;           // Of the last frame; 0 without one.
  std::vector<BackupFile> files;

  [[nodiscard]] uint64_t bytes() const;
};

// What stands in a backup's MANIFEST.
struct BackupManifest {
  std::string taken;  // As RFC 3339, in UTC.
  std::vector<PartitionBackup> partitions;
};

// As text; README.md beside this says the format.
[[nodiscard]] std::string encode_manifest(const BackupManifest& manifest);
// `lines` with the last line that makes a manifest of them.
[[nodiscard]] std::string with_manifest_checksum(std::string_view lines);
// DATA_LOSS with the line when it is damaged, FAILED_PRECONDITION when it is none or of a newer
// release.
[[nodiscard]] absl::StatusOr<BackupManifest> decode_manifest(std::string_view text);

// A file beside the journal that is folded from it, and that this room cannot read. A partition may
// be without it.
struct FoldedFile {
  BackupFileKind kind = BackupFileKind::kHistory;
  std::string name;
  // Makes a new file with what the one at `path` holds at one moment. Returns the last record of
  // the journal that is in it.
  std::function<absl::StatusOr<uint64_t>(const std::string& path, const std::string& copy)> copy;
  // Gives the file at `path` to the journal with this history id.
  std::function<absl::Status(const std::string& path, const HistoryId& history_id)> move;
};

// Copies every journal of `data_dir`, with its snapshots and the files that are folded from
// it, into `target`, which
// must not exist or be empty. A daemon may run on `data_dir` meanwhile; it keeps its segments as
// long. The copy of each partition is a prefix of its journal that ends with a durable frame, and
// is read once more when it stands.
[[nodiscard]] absl::StatusOr<BackupManifest> back_up(const std::string& data_dir,
                                                     const std::string& target,
                                                     std::span<const FoldedFile> folded = {});

// Whether `folder` is a backup or one that was cut short, and no data folder.
[[nodiscard]] bool is_backup(const std::string& folder);

// Reads every file of the backup in `source`: all are there and as its MANIFEST says, and its
// journals are whole.
[[nodiscard]] absl::StatusOr<BackupManifest> verify_backup(const std::string& source);

// Checks the backup in `source` and brings it into `data_dir`, which must not exist or be empty.
// What is brought back is a history of its own: it has a new history id, because what was said
// after the backup is not in it. Whatever stops this half-way leaves nothing that a daemon starts
// from.
[[nodiscard]] absl::StatusOr<BackupManifest> restore_backup(
    const std::string& source, const std::string& data_dir,
    std::span<const FoldedFile> folded = {});

}  // namespace acd
