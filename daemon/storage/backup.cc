// SPDX-License-Identifier: Apache-2.0
// Copying journals out and back in.
#include "daemon/storage/backup.h"

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "daemon/storage/file.h"
#include "daemon/storage/lease.h"
#include "daemon/storage/segment_reader.h"
#include "daemon/storage/snapshot_backup.h"
#include "daemon/storage/snapshot_file.h"

namespace acd {
namespace {

namespace fs = std::filesystem;

constexpr char kEpochName[] = "EPOCH";
constexpr char kDraftSuffix[] = ".draft";  // Behind the manifest's name while the backup is taken.
// Folder within a data folder that is being restored. A daemon takes it for a partition that its
// settings do not name, and does not start.
constexpr char kRestoringName[] = "restoring.partial";
constexpr size_t kManifestBytesMax = size_t{16} << 20;
constexpr size_t kEpochBytesMax = 64;
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int kSnapshotTriesMax = 5;

uint32_t bytes_checksum(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                         parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// `status` with the file in front.
absl::Status of_file(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// Makes `folder`, or finds it empty.
absl::Status claim_folder(const std::string& folder, absl::string_view what) {
  if (::mkdir(folder.c_str(), kPrivateFolderMode) == 0) return absl::OkStatus();
  if (errno != EEXIST) return file_error("cannot make", folder, errno);
  std::error_code error;
  const bool is_empty = fs::is_empty(folder, error);
  if (!error && is_empty && fs::is_directory(folder)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(folder, ": is not empty; ", what, " needs a folder of its own"));
}

// A backup within the data folder would be part of what the next one and the next start look at.
absl::Status check_outside(const std::string& data_dir, const std::string& target) {
  std::error_code error;
  // With a name behind it, so that a separator at the end makes no difference.
  const fs::path outer = fs::weakly_canonical(fs::path(data_dir) / "x", error).parent_path();
  const fs::path inner = fs::weakly_canonical(fs::path(target) / "x", error).parent_path();
  if (error) return file_error("cannot find", target, error.value());
  if (std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first != outer.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(target, ": lies in the data folder ", data_dir,
                                                    "; give a folder outside of it"));
}

absl::Status make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), kPrivateFolderMode) == 0) return absl::OkStatus();
  return file_error("cannot make", folder, errno);
}

// Hands the file at `path` to `visit`, piece by piece: a folded file may be larger than memory.
absl::Status read_pieces(const std::string& path,
                         absl::FunctionRef<absl::Status(std::string_view piece)> visit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return file_error("cannot open", path, errno);
  std::string buffer(kPieceBytes, '\0');
  absl::Status status;
  while (status.ok()) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) status = file_error("cannot read", path, errno);
    if (size <= 0) break;
    status = visit(std::string_view(buffer).substr(0, static_cast<size_t>(size)));
  }
  ::close(descriptor);
  return status;
}

// Counts `piece` as the next bytes of `file`.
void add_piece(std::string_view piece, BackupFile* file) {
  file->bytes += piece.size();
  file->checksum = static_cast<uint32_t>(
      crc32_z(file->checksum, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
}

// Size and checksum of what stands at `path`, into `file`.
absl::Status measure(const std::string& path, BackupFile* file) {
  file->bytes = 0;
  file->checksum = 0;
  return read_pieces(path, [&](std::string_view piece) {
    add_piece(piece, file);
    return absl::OkStatus();
  });
}

// Writes a file that is not there yet, and makes it durable.
absl::Status write_new(const std::string& path, std::string_view bytes) {
  absl::StatusOr<std::unique_ptr<File>> file = posix_files().open(path);
  if (!file.ok()) return file.status();
  std::array<iovec, 1> piece{iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  absl::Status status = write_fully(**file, path, piece, 0);
  if (!status.ok()) return status;
  const int result = (*file)->sync();
  return result == 0 ? absl::OkStatus() : file_error("cannot sync", path, -result);
}

// Writes `bytes` as a file of the backup and notes it.
absl::Status add_file(const std::string& folder, BackupFileKind kind, const std::string& name,
                      std::string_view bytes, PartitionBackup* backup) {
  backup->files.push_back({kind, name, bytes.size(), bytes_checksum(bytes)});
  return write_new(absl::StrCat(folder, "/", name), bytes);
}

absl::Status add_epoch(const std::string& folder, const std::string& copy_folder,
                       PartitionBackup* backup) {
  std::string bytes;
  absl::Status status = read_file(absl::StrCat(folder, "/", kEpochName), kEpochBytesMax, &bytes);
  // The journal knows an epoch as well; the file only may be ahead of it.
  if (absl::IsNotFound(status)) return absl::OkStatus();
  if (!status.ok()) return status;
  return add_file(copy_folder, BackupFileKind::kEpoch, kEpochName, bytes, backup);
}

// Before the segments, so that what is folded is never ahead of them. Returns the last record that
// is in one of them.
absl::StatusOr<uint64_t> add_folded(std::span<const FoldedFile> folded, const std::string& folder,
                                    const std::string& copy_folder, PartitionBackup* backup) {
  uint64_t last = 0;
  for (const FoldedFile& one : folded) {
    const std::string path = absl::StrCat(folder, "/", one.name);
    if (::access(path.c_str(), F_OK) != 0) continue;
    const std::string copy = absl::StrCat(copy_folder, "/", one.name);
    const absl::StatusOr<uint64_t> sequence = one.copy(path, copy);
    if (!sequence.ok()) return sequence.status();
    last = std::max(last, *sequence);
    BackupFile file{one.kind, one.name, 0, 0};
    absl::Status status = sync_path(copy);
    if (status.ok()) status = measure(copy, &file);
    if (!status.ok()) return status;
    backup->files.push_back(std::move(file));
  }
  return last;
}

// Copies a file in pieces and makes the copy durable. Size and checksum of what was read stand in
// `file` then.
absl::Status copy_file(const std::string& path, const std::string& copy, BackupFile* file) {
  absl::StatusOr<std::unique_ptr<File>> opened = posix_files().open(copy);
  if (!opened.ok()) return opened.status();
  file->bytes = 0;
  file->checksum = 0;
  const absl::Status status = read_pieces(path, [&](std::string_view bytes) {
    std::array<iovec, 1> piece{iovec{const_cast<char*>(bytes.data()), bytes.size()}};
    const absl::Status written = write_fully(**opened, copy, piece, file->bytes);
    add_piece(bytes, file);
    return written;
  });
  return status.ok() ? sync_path(copy) : status;
}

// One of the snapshots.
absl::Status add_snapshot(const std::string& path, const std::string& copy_folder,
                          PartitionBackup* backup) {
  BackupFile file{BackupFileKind::kSnapshot, fs::path(path).filename().string(), 0, 0};
  const std::string copy = absl::StrCat(copy_folder, "/", file.name);
  const absl::Status status = copy_file(path, copy, &file);
  if (status.ok()) {
    backup->files.push_back(std::move(file));
    return status;
  }
  std::error_code ignored;
  fs::remove(copy, ignored);
  return status;
}

// All snapshots: a start needs the one before the newest while the history has not reached that.
// They stay while there is a lease, but one may be on its way out when that is taken. Returns the
// newest one's sequence, 0 without any.
absl::StatusOr<uint64_t> add_snapshots(const std::string& folder, const std::string& copy_folder,
                                       PartitionBackup* backup) {
  const size_t files_before = backup->files.size();
  absl::Status status;
  for (int tries = 0; tries < kSnapshotTriesMax; ++tries) {
    const auto found = list_snapshots(folder);
    if (!found.ok()) return found.status();
    status = absl::OkStatus();
    for (const auto& [sequence, path] : *found) {
      if (status.ok()) status = add_snapshot(path, copy_folder, backup);
    }
    if (status.ok()) return found->empty() ? 0 : found->back().first;
    std::error_code ignored;
    for (size_t i = files_before; i < backup->files.size(); ++i) {
      fs::remove(absl::StrCat(copy_folder, "/", backup->files[i].name), ignored);
    }
    backup->files.resize(files_before);
  }
  return status;
}

// Reads the copy as a start would, and compares.
absl::Status check_copy(const std::string& folder, const PartitionBackup& backup) {
  const absl::StatusOr<Recovery> copy = recover_segments(folder, backup.partition);
  if (!copy.ok()) return copy.status();
  const uint64_t first =
      copy->segments.empty() ? copy->end.next_sequence : copy->segments.front().first_sequence;
  if (first != backup.first_sequence || copy->end.next_sequence != backup.next_sequence ||
      copy->history_id != backup.history_id || copy->torn_bytes != 0) {
    return absl::DataLossError(absl::StrCat(
        folder, ": holds records ", first, " to ", copy->end.next_sequence - 1, ", not ",
        backup.first_sequence, " to ", backup.next_sequence - 1, " of the history that was said"));
  }
  return absl::OkStatus();
}

// Copies the segments and notes what they hold.
absl::Status add_segments(const std::string& folder, const std::string& copy_folder,
                          PartitionBackup* backup) {
  const absl::StatusOr<Recovery> recovery = survey_segments(folder, backup->partition);
  if (!recovery.ok()) return recovery.status();
  backup->history_id = recovery->history_id;
  backup->next_sequence = recovery->end.next_sequence;
  backup->first_sequence = recovery->segments.empty() ? backup->next_sequence
                                                      : recovery->segments.front().first_sequence;
  backup->epoch = recovery->end.epoch;

  absl::Status status;
  std::string bytes;
  for (size_t i = 0; i < recovery->segments.size() && status.ok(); ++i) {
    const std::string& path = recovery->segments[i].path;
    status = read_file(path, kSegmentBytesMax, &bytes);
    if (status.ok() && i + 1 == recovery->segments.size()) {
      // What the daemon has not synced yet is synced here: a backup is never ahead of the disk.
      status = sync_path(path);
      bytes.resize(std::min<size_t>(bytes.size(), recovery->end.offset));
    }
    if (status.ok()) {
      status = add_file(copy_folder, BackupFileKind::kSegment, fs::path(path).filename().string(),
                        bytes, backup);
    }
  }
  return status;
}

absl::StatusOr<PartitionBackup> copy_partition(const std::string& folder,
                                               const std::string& copy_folder,
                                               std::span<const FoldedFile> folded) {
  const absl::StatusOr<std::unique_ptr<JournalLease>> lease = JournalLease::take(folder);
  if (!lease.ok()) return lease.status();
  PartitionBackup backup;
  backup.partition = fs::path(folder).filename().string();
  absl::Status status = make_folder(copy_folder);
  if (!status.ok()) return status;
  const absl::StatusOr<uint64_t> folded_last = add_folded(folded, folder, copy_folder, &backup);
  if (!folded_last.ok()) return folded_last.status();
  const absl::StatusOr<uint64_t> snapshot = add_snapshots(folder, copy_folder, &backup);
  if (!snapshot.ok()) return snapshot.status();
  const uint64_t last = std::max(*folded_last, *snapshot);
  status = add_segments(folder, copy_folder, &backup);
  if (status.ok() && last >= backup.next_sequence) {
    status = absl::FailedPreconditionError(
        absl::StrCat(folder, ": a file beside the journal holds its records up to ", last,
                     ", but the journal ends at ", backup.next_sequence - 1,
                     "; a daemon would not start on this either, and says what to move away"));
  }
  if (status.ok()) status = add_epoch(folder, copy_folder, &backup);
  if (status.ok()) status = posix_files().sync_folder(copy_folder);
  if (status.ok()) status = check_copy(copy_folder, backup);
  if (!status.ok()) return status;
  return backup;
}

absl::StatusOr<BackupManifest> read_manifest(const std::string& source) {
  const std::string path = absl::StrCat(source, "/", kManifestName);
  std::string text;
  const absl::Status status = read_file(path, kManifestBytesMax, &text);
  if (absl::IsNotFound(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat(source, ": holds no MANIFEST, so it is no backup, or one that was cut short"));
  }
  if (!status.ok()) return status;
  absl::StatusOr<BackupManifest> manifest = decode_manifest(text);
  if (!manifest.ok()) return of_file(path, manifest.status());
  return manifest;
}

absl::Status damaged_file(const std::string& path, uint64_t bytes, const BackupFile& file) {
  return absl::DataLossError(
      absl::StrCat(path, ": is not as the backup's MANIFEST says (", bytes, " of ", file.bytes,
                   " bytes, or another checksum); the backup is damaged, take another"));
}

// Reads a file of the backup, whole and unchanged.
absl::Status read_checked(const std::string& path, const BackupFile& file, std::string* bytes) {
  const absl::Status status = read_file(path, kSegmentBytesMax, bytes);
  if (!status.ok()) return status;
  if (bytes->size() == file.bytes && bytes_checksum(*bytes) == file.checksum) return status;
  return damaged_file(path, bytes->size(), file);
}

// Whether a file of the backup is one that is folded from the journal.
bool is_folded(const BackupFile& file) {
  return file.kind != BackupFileKind::kSegment && file.kind != BackupFileKind::kEpoch;
}

// Whether the file at `path` is the one of the backup, as far as it was read.
absl::Status check_same(const std::string& path, const BackupFile& found, const BackupFile& file) {
  const bool is_same = found.bytes == file.bytes && found.checksum == file.checksum;
  return is_same ? absl::OkStatus() : damaged_file(path, found.bytes, file);
}

// Checks a file of the backup without holding it.
absl::Status check_file(const std::string& path, const BackupFile& file) {
  BackupFile found = file;
  const absl::Status status = measure(path, &found);
  return status.ok() ? check_same(path, found, file) : status;
}

// Copies a file of the backup to `target`; it may have changed since it was checked.
absl::Status copy_checked(const std::string& path, const BackupFile& file,
                          const std::string& target) {
  BackupFile copied = file;
  const absl::Status status = copy_file(path, target, &copied);
  return status.ok() ? check_same(path, copied, file) : status;
}

absl::Status check_backup(const std::string& source, const BackupManifest& manifest) {
  for (const PartitionBackup& partition : manifest.partitions) {
    const std::string folder = absl::StrCat(source, "/", partition.partition);
    for (const BackupFile& file : partition.files) {
      const absl::Status status = check_file(absl::StrCat(folder, "/", file.name), file);
      if (!status.ok()) return status;
    }
    const absl::Status status = check_copy(folder, partition);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Brings a folded file to `target`, and to the journal that it now stands beside.
absl::Status restore_folded(std::span<const FoldedFile> folded, const std::string& path,
                            const BackupFile& file, const std::string& target,
                            const HistoryId& history_id) {
  const auto known = std::find_if(folded.begin(), folded.end(), [&](const FoldedFile& one) {
    return one.kind == file.kind && one.name == file.name;
  });
  if (known == folded.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is of a kind that is not brought back here"));
  }
  absl::Status status = copy_checked(path, file, target);
  if (status.ok()) status = known->move(target, history_id);
  return status.ok() ? sync_path(target) : status;
}

// The same with a snapshot.
absl::Status restore_snapshot(const std::string& path, const BackupFile& file,
                              const std::string& target, const HistoryId& from,
                              const HistoryId& to) {
  const absl::Status status = copy_checked(path, file, target);
  return status.ok() ? move_snapshot(target, from, to) : status;
}

// Brings one partition into `target` under a history id of its own, which `partition` has then.
absl::Status restore_partition(const std::string& folder, const std::string& target,
                               std::span<const FoldedFile> folded, PartitionBackup* partition) {
  const HistoryId old_id = partition->history_id;
  absl::Status status = make_folder(target);
  // Without a segment there is no history yet: the first start draws one.
  if (status.ok() && old_id != HistoryId{}) status = draw_history_id(&partition->history_id);
  std::string bytes;
  for (const BackupFile& file : partition->files) {
    if (!status.ok()) return status;
    const std::string path = absl::StrCat(folder, "/", file.name);
    const std::string target_path = absl::StrCat(target, "/", file.name);
    if (is_folded(file)) {
      if (old_id == HistoryId{}) continue;  // There is no record that it could be folded from.
      const HistoryId& new_id = partition->history_id;
      status = file.kind == BackupFileKind::kSnapshot
                   ? restore_snapshot(path, file, target_path, old_id, new_id)
                   : restore_folded(folded, path, file, target_path, new_id);
      continue;
    }
    status = read_checked(path, file, &bytes);
    if (status.ok() && file.kind == BackupFileKind::kSegment) {
      status = move_to_history(old_id, partition->history_id, &bytes);
    }
    if (status.ok()) status = write_new(target_path, bytes);
  }
  if (status.ok()) status = posix_files().sync_folder(target);
  return status.ok() ? check_copy(target, *partition) : status;
}

absl::Status fill_data_dir(const std::string& source, const std::string& data_dir,
                           std::span<const FoldedFile> folded, BackupManifest* manifest) {
  const std::string restoring = absl::StrCat(data_dir, "/", kRestoringName);
  absl::Status status = make_folder(restoring);
  for (PartitionBackup& partition : manifest->partitions) {
    if (!status.ok()) break;
    status =
        restore_partition(absl::StrCat(source, "/", partition.partition),
                          absl::StrCat(restoring, "/", partition.partition), folded, &partition);
  }
  if (status.ok()) status = posix_files().sync_folder(restoring);
  if (status.ok()) status = posix_files().sync_folder(data_dir);
  if (!status.ok()) {
    std::error_code ignored;
    fs::remove_all(restoring, ignored);
    return status;
  }
  // From the first rename on the folder stays whatever happens: a daemon that found some of its
  // partitions without it would begin the others anew.
  for (const PartitionBackup& partition : manifest->partitions) {
    if (!status.ok()) break;
    status = posix_files().rename(absl::StrCat(restoring, "/", partition.partition),
                                  absl::StrCat(data_dir, "/", partition.partition));
  }
  if (status.ok()) status = posix_files().sync_folder(data_dir);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat(status.message(), "; ", data_dir,
                                                    " is restored in part: remove it, and restore "
                                                    "again"));
  }
  // From here on a daemon starts.
  std::error_code error;
  fs::remove(restoring, error);
  if (error) return file_error("cannot remove", restoring, error.value());
  return posix_files().sync_folder(data_dir);
}

}  // namespace

uint64_t PartitionBackup::bytes() const {
  uint64_t sum = 0;
  for (const BackupFile& file : files) sum += file.bytes;
  return sum;
}

absl::StatusOr<BackupManifest> back_up(const std::string& data_dir, const std::string& target,
                                       std::span<const FoldedFile> folded) {
  const absl::StatusOr<std::vector<std::string>> folders = find_journals(data_dir);
  if (!folders.ok()) return folders.status();
  if (folders->front() == data_dir) {
    return absl::FailedPreconditionError(absl::StrCat(
        data_dir, ": is the folder of one partition; give the data folder that it lies in"));
  }
  absl::Status status = check_outside(data_dir, target);
  if (status.ok()) status = claim_folder(target, "a backup");
  // The manifest comes last: without it nothing there is a backup. Its draft, empty until then,
  // tells what was cut short from a data folder.
  const std::string path = absl::StrCat(target, "/", kManifestName);
  const std::string draft = path + kDraftSuffix;
  if (status.ok()) status = write_new(draft, {});
  if (status.ok()) status = posix_files().sync_folder(target);
  if (!status.ok()) return status;
  BackupManifest manifest;
  manifest.taken = utc_now();
  for (const std::string& folder : *folders) {
    absl::StatusOr<PartitionBackup> partition = copy_partition(
        folder, absl::StrCat(target, "/", fs::path(folder).filename().string()), folded);
    if (!partition.ok()) return partition.status();
    manifest.partitions.push_back(*std::move(partition));
  }
  status = write_new(draft, encode_manifest(manifest));
  if (status.ok()) status = posix_files().rename(draft, path);
  if (status.ok()) status = posix_files().sync_folder(target);
  if (!status.ok()) return status;
  return manifest;
}

absl::StatusOr<BackupManifest> restore_backup(const std::string& source,
                                              const std::string& data_dir,
                                              std::span<const FoldedFile> folded) {
  absl::StatusOr<BackupManifest> manifest = verify_backup(source);
  if (!manifest.ok()) return manifest.status();
  absl::Status status = claim_folder(data_dir, "what is restored");
  if (!status.ok()) return status;
  status = fill_data_dir(source, data_dir, folded, &*manifest);
  if (!status.ok()) return status;
  return manifest;
}

bool is_backup(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", kManifestName);
  std::error_code ignored;
  return fs::exists(path, ignored) || fs::exists(path + kDraftSuffix, ignored);
}

absl::StatusOr<BackupManifest> verify_backup(const std::string& source) {
  absl::StatusOr<BackupManifest> manifest = read_manifest(source);
  if (!manifest.ok()) return manifest.status();
  const absl::Status status = check_backup(source, *manifest);
  if (!status.ok()) return status;
  return manifest;
}

}  // namespace acd
