// SPDX-License-Identifier: Apache-2.0
// A backup's MANIFEST: lines of words, and a checksum over them at the end.
#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_split.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "daemon/storage/backup.h"

namespace acd {
namespace {

constexpr absl::string_view kManifestMagic = "acd-backup";
constexpr absl::string_view kSegmentWord = "segment";
constexpr absl::string_view kEpochWord = "epoch";
constexpr absl::string_view kHistoryWord = "history";
constexpr absl::string_view kSnapshotWord = "snapshot";

using Words = std::vector<absl::string_view>;

uint32_t text_checksum(absl::string_view text) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

absl::string_view word_of(BackupFileKind kind) {
  switch (kind) {
    case BackupFileKind::kSegment:
      return kSegmentWord;
    case BackupFileKind::kEpoch:
      return kEpochWord;
    case BackupFileKind::kHistory:
      return kHistoryWord;
    case BackupFileKind::kSnapshot:
      return kSnapshotWord;
  }
  return "";
}

bool parse_checksum(absl::string_view word, uint32_t* value) {
  return word.size() == 8 && absl::SimpleHexAtoi(word, value);
}

bool parse_history_id(absl::string_view word, HistoryId* id) {
  const bool is_hex = std::all_of(word.begin(), word.end(), absl::ascii_isxdigit);
  if (word.size() != 2 * id->size() || !is_hex) return false;
  std::memcpy(id->data(), absl::HexStringToBytes(word).data(), id->size());
  return true;
}

// A name that stays within its folder.
bool is_plain_name(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/');
}

absl::Status line_error(size_t number) {
  return absl::DataLossError(absl::StrCat("line ", number,
                                          ": cannot be read; the manifest is "
                                          "damaged"));
}

// "file KIND NAME BYTES CHECKSUM"
absl::Status read_file_line(const Words& words, size_t number, PartitionBackup* partition) {
  if (words.size() != 5 || !is_plain_name(words[2])) return line_error(number);
  BackupFile file;
  if (words[1] == kSegmentWord) {
    file.kind = BackupFileKind::kSegment;
  } else if (words[1] == kEpochWord) {
    file.kind = BackupFileKind::kEpoch;
  } else if (words[1] == kHistoryWord) {
    file.kind = BackupFileKind::kHistory;
  } else if (words[1] == kSnapshotWord) {
    file.kind = BackupFileKind::kSnapshot;
  } else {
    return absl::FailedPreconditionError(absl::StrCat(
        "line ", number, ": holds a ", words[1], ", which only a newer release can bring back"));
  }
  file.name = std::string(words[2]);
  if (!absl::SimpleAtoi(words[3], &file.bytes) || !parse_checksum(words[4], &file.checksum)) {
    return line_error(number);
  }
  partition->files.push_back(std::move(file));
  return absl::OkStatus();
}

// One line of a partition, behind the one that names it.
absl::Status read_partition_line(const Words& words, size_t number, PartitionBackup* partition) {
  if (words[0] == "file") return read_file_line(words, number, partition);
  bool is_good = false;
  if (words[0] == "history" && words.size() == 2) {
    is_good = parse_history_id(words[1], &partition->history_id);
  } else if (words[0] == "records" && words.size() == 3) {
    is_good = absl::SimpleAtoi(words[1], &partition->first_sequence) &&
              absl::SimpleAtoi(words[2], &partition->next_sequence);
  } else if (words[0] == "epoch" && words.size() == 2) {
    is_good = absl::SimpleAtoi(words[1], &partition->epoch);
  }
  return is_good ? absl::OkStatus() : line_error(number);
}

// The first line, whose version says whether the rest can be understood.
absl::Status check_version(absl::string_view line) {
  const Words words = absl::StrSplit(line, ' ');
  int version = 0;
  if (words.size() != 2 || words[0] != kManifestMagic || !absl::SimpleAtoi(words[1], &version)) {
    return absl::FailedPreconditionError("line 1: not the manifest of a backup");
  }
  if (version > kBackupFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "line 1: backup format ", version,
        " was written by a newer release; this one reads format ", kBackupFormatVersion));
  }
  return absl::OkStatus();
}

}  // namespace

std::string encode_manifest(const BackupManifest& manifest) {
  std::string text =
      absl::StrCat(kManifestMagic, " ", kBackupFormatVersion, "\ntaken ", manifest.taken, "\n");
  for (const PartitionBackup& partition : manifest.partitions) {
    absl::StrAppend(&text, "partition ", partition.partition, "\nhistory ",
                    to_text(partition.history_id), "\nrecords ", partition.first_sequence, " ",
                    partition.next_sequence, "\nepoch ", partition.epoch, "\n");
    for (const BackupFile& file : partition.files) {
      absl::StrAppend(&text, "file ", word_of(file.kind), " ", file.name, " ", file.bytes, " ",
                      absl::StrFormat("%08x", file.checksum), "\n");
    }
  }
  return with_manifest_checksum(text);
}

std::string with_manifest_checksum(std::string_view lines) {
  const absl::string_view text(lines.data(), lines.size());
  return absl::StrCat(text, "end ", absl::StrFormat("%08x", text_checksum(text)), "\n");
}

absl::StatusOr<BackupManifest> decode_manifest(std::string_view text) {
  const absl::string_view whole(text.data(), text.size());
  absl::Status status = check_version(whole.substr(0, whole.find('\n')));
  if (!status.ok()) return status;
  std::vector<absl::string_view> lines = absl::StrSplit(whole, '\n');
  // The last line ends with a line feed, behind which stands nothing.
  const size_t end = lines.size() < 3 ? 0 : lines.size() - 2;
  const size_t end_at = end == 0 ? 0 : static_cast<size_t>(lines[end].data() - whole.data());
  uint32_t checksum = 0;
  if (end == 0 || !lines.back().empty() || !absl::StartsWith(lines[end], "end ") ||
      !parse_checksum(lines[end].substr(4), &checksum) ||
      checksum != text_checksum(whole.substr(0, end_at))) {
    return absl::DataLossError(
        "the checksum in its last line is not that of the text; the manifest is damaged");
  }
  BackupManifest manifest;
  for (size_t i = 1; i < end && status.ok(); ++i) {
    const Words words = absl::StrSplit(lines[i], ' ');
    if (words[0] == "taken" && words.size() == 2) {
      manifest.taken = std::string(words[1]);
    } else if (words[0] == "partition" && words.size() == 2 && is_plain_name(words[1])) {
      manifest.partitions.emplace_back().partition = std::string(words[1]);
    } else if (manifest.partitions.empty()) {
      status = line_error(i + 1);
    } else {
      status = read_partition_line(words, i + 1, &manifest.partitions.back());
    }
  }
  if (!status.ok()) return status;
  return manifest;
}

}  // namespace acd
