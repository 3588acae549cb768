// SPDX-License-Identifier: Apache-2.0
#include "daemon/storage/snapshot_file.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <sys/uio.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "daemon/storage/field_archive.h"
#include "routing/check.h"

namespace acd {

// As list_fields() of SavedPartition has them.
template <typename A>
void list_fields(A& archive, SnapshotOrigin& origin) {
  archive(1, origin.partition);
  archive(2, origin.history_id);
  archive(3, origin.release);
  archive(4, origin.sequence);
}

namespace {

constexpr uint8_t kOriginRecord = 1;
constexpr std::string_view kSnapshotMagic = "acdsnap\n";
constexpr uint32_t kSnapshotFormat = 5;
constexpr absl::string_view kSnapshotEnding = ".snapshot";
constexpr absl::string_view kDraftEnding = ".draft";
constexpr size_t kRecordHeadBytes = 9;  // Kind and size.
constexpr size_t kSnapshotBufferBytes = 1 << 20;
constexpr uint8_t kEndRecord = 0;  // Size: how many records came before it. Then the checksum.

template <typename Number>
std::string little_endian(Number number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

template <typename Number>
Number take_number(std::string_view* bytes) {
  Number number = 0;
  std::memcpy(&number, bytes->data(), sizeof(number));
  bytes->remove_prefix(sizeof(number));
  return number;
}

uint32_t add_to_checksum(uint32_t checksum, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

SnapshotWriter::SnapshotWriter(std::string path, Files* files, uint64_t free_bytes_min)
    : path_(std::move(path)),
      draft_(absl::StrCat(path_, kDraftEnding)),
      files_(files == nullptr ? posix_files() : *files),
      free_bytes_min_(free_bytes_min) {
  status_ = files_.remove(draft_);
  if (!status_.ok()) return;
  absl::StatusOr<std::unique_ptr<File>> file = files_.open(draft_);
  status_ = file.status();
  if (!file.ok()) return;
  file_ = *std::move(file);
  append(kSnapshotMagic);
  append(little_endian(kSnapshotFormat));
}

SnapshotWriter::~SnapshotWriter() {
  file_.reset();
  if (!is_finished_) static_cast<void>(files_.remove(draft_));
}

absl::Status SnapshotWriter::add(uint8_t kind, std::string_view bytes) {
  ACD_CHECK(kind != kEndRecord && !is_finished_);
  if (!status_.ok()) return status_;
  append(std::string_view(reinterpret_cast<const char*>(&kind), 1));
  append(little_endian(uint64_t{bytes.size()}));
  append(bytes);
  ++records_;
  return buffer_.size() < kSnapshotBufferBytes ? absl::OkStatus() : flush();
}

absl::Status SnapshotWriter::finish(SnapshotCheck check) {
  ACD_CHECK(!is_finished_);
  if (!status_.ok()) return status_;
  append(std::string_view(reinterpret_cast<const char*>(&kEndRecord), 1));
  append(little_endian(records_));
  buffer_ += little_endian(checksum_);
  status_ = flush();
  if (!status_.ok()) return status_;
  if (const int error = file_->sync(); error != 0) {
    return status_ = file_error("cannot be synced", draft_, -error);
  }
  status_ = check(draft_);
  if (status_.ok()) status_ = files_.rename(draft_, path_);
  if (!status_.ok()) return status_;
  is_finished_ = true;
  return status_ = files_.sync_folder(std::filesystem::path(path_).parent_path().string());
}

void SnapshotWriter::append(std::string_view bytes) {
  checksum_ = add_to_checksum(checksum_, bytes);
  buffer_.append(bytes);
}

absl::Status SnapshotWriter::flush() {
  status_ = check_room(files_, std::filesystem::path(path_).parent_path().string(), buffer_.size(),
                       free_bytes_min_);
  if (!status_.ok()) return status_;
  iovec piece{buffer_.data(), buffer_.size()};
  status_ = write_fully(*file_, draft_, {&piece, 1}, written_);
  written_ += buffer_.size();
  buffer_.clear();
  return status_;
}

absl::Status read_snapshot_file(
    const std::string& path,
    absl::FunctionRef<absl::Status(uint8_t kind, std::string_view bytes)> visit) {
  std::string file;
  if (absl::Status status = read_file(path, kSnapshotBytesMax, &file); !status.ok()) return status;
  std::string_view left = file;
  if (!left.starts_with(kSnapshotMagic)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is no snapshot"));
  }
  left.remove_prefix(kSnapshotMagic.size());
  const auto damaged = [&](std::string_view what) {
    return absl::DataLossError(
        absl::StrCat(path, ": is damaged: ", std::string(what),
                     "; restore it from a backup, with the journal that belongs to it"));
  };
  if (left.size() < sizeof(uint32_t)) return damaged("it is cut");
  if (const auto format = take_number<uint32_t>(&left); format != kSnapshotFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is of format ", format, ", and this release knows format ",
                     kSnapshotFormat, " alone: start the release that wrote it"));
  }
  if (left.size() < kRecordHeadBytes + sizeof(uint32_t)) return damaged("it is cut");
  std::string_view checksum = left.substr(left.size() - sizeof(uint32_t));
  left.remove_suffix(sizeof(uint32_t));
  const auto whole = std::string_view(file).substr(0, file.size() - sizeof(uint32_t));
  if (take_number<uint32_t>(&checksum) != add_to_checksum(0, whole)) {
    return damaged("its checksum is wrong");
  }
  for (uint64_t records = 0;; ++records) {
    if (left.size() < kRecordHeadBytes) return damaged("its last record is missing");
    const auto kind = take_number<uint8_t>(&left);
    const auto size = take_number<uint64_t>(&left);
    if (kind == kEndRecord) {
      return size == records && left.empty() ? absl::OkStatus() : damaged("records are missing");
    }
    if (size > left.size()) return damaged("a record is cut");
    if (absl::Status status = visit(kind, left.substr(0, size)); !status.ok()) return status;
    left.remove_prefix(size);
  }
}

absl::StatusOr<SnapshotOrigin> read_snapshot_origin(const std::string& path) {
  SnapshotOrigin origin;
  absl::Status status =
      read_snapshot_file(path, [&](uint8_t kind, std::string_view bytes) -> absl::Status {
        if (kind != kOriginRecord || from_bytes(bytes, &origin)) return absl::OkStatus();
        return absl::DataLossError(absl::StrCat(path, ": its first record cannot be read"));
      });
  if (!status.ok()) return status;
  return origin;
}

std::string snapshot_path(const std::string& folder, uint64_t sequence) {
  return absl::StrFormat("%s/%020u%s", folder, sequence, kSnapshotEnding);
}

absl::StatusOr<std::vector<std::pair<uint64_t, std::string>>> list_snapshots(
    const std::string& folder) {
  std::vector<std::pair<uint64_t, std::string>> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    uint64_t sequence = 0;
    if (!absl::EndsWith(name, kSnapshotEnding)) continue;
    const std::string digits = name.substr(0, name.size() - kSnapshotEnding.size());
    if (absl::SimpleAtoi(digits, &sequence)) found.emplace_back(sequence, entry.path().string());
  }
  if (error) return file_error("cannot list", folder, error.value());
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status remove_snapshot_drafts(const std::string& folder) {
  const std::string ending = absl::StrCat(kSnapshotEnding, kDraftEnding);
  std::vector<std::string> drafts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (absl::EndsWith(entry.path().string(), ending)) drafts.push_back(entry.path().string());
  }
  if (error) return file_error("cannot list", folder, error.value());
  absl::Status status;
  for (const std::string& draft : drafts) {
    if (status.ok()) status = posix_files().remove(draft);
  }
  return status;
}

}  // namespace acd
