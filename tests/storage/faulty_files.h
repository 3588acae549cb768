// SPDX-License-Identifier: Apache-2.0
// A file system that fails, fills up, writes short or holds a sync when a test says so; else the
// real one.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/storage/file.h"

namespace acd {

// Threads:  any.
class FaultyFiles final : public Files {
 public:
  // From now on each write takes at most `bytes`.
  void shorten_writes(size_t bytes) {
    const MutexLock lock(&mutex_);
    write_bytes_max_ = bytes;
  }
  // From now on writes fail with `error`; 0 heals.
  void fail_writes(int error) {
    const MutexLock lock(&mutex_);
    write_error_ = error;
  }
  void fail_syncs(int error) {
    const MutexLock lock(&mutex_);
    sync_error_ = error;
  }
  // The same for the file that has this name at the time.
  void fail_syncs_of(const std::string& name, int error) {
    const MutexLock lock(&mutex_);
    name_of_error_ = name;
    named_sync_error_ = error;
  }
  // From now on files may grow by `bytes` together; what would be more fails with `error`.
  void limit_space(uint64_t bytes, int error = ENOSPC) {
    const MutexLock lock(&mutex_);
    space_left_ = bytes;
    space_error_ = error;
  }
  void lift_space_limit() { limit_space(kUnlimited); }
  // Removals and folder syncs work so often more, and then fail with EIO: the process has died.
  void die_after(int operations) {
    const MutexLock lock(&mutex_);
    operations_left_ = operations;
  }
  // The next sync and those behind it wait for release_syncs().
  void hold_syncs() {
    const MutexLock lock(&mutex_);
    are_syncs_held_ = true;
  }
  void release_syncs() {
    const MutexLock lock(&mutex_);
    are_syncs_held_ = false;
    changed_.notify_all();
  }
  // Returns when a sync is being held.
  void wait_held() {
    const MutexLock lock(&mutex_);
    while (held_count_ == 0) changed_.wait(&mutex_);
  }
  int sync_count() {
    const MutexLock lock(&mutex_);
    return sync_count_;
  }
  uint64_t written_bytes() {
    const MutexLock lock(&mutex_);
    return written_bytes_;
  }
  // Names that were removed, and "sync" for each sync of a folder, in order.
  std::vector<std::string> folder_operations() {
    const MutexLock lock(&mutex_);
    return folder_operations_;
  }

  absl::StatusOr<std::unique_ptr<File>> open(const std::string& path) override {
    absl::StatusOr<std::unique_ptr<File>> file = posix_files().open(path);
    if (!file.ok()) return file.status();
    const MutexLock lock(&mutex_);
    std::shared_ptr<uint64_t>& size = sizes_[path];
    std::error_code error;
    if (size == nullptr) size = std::make_shared<uint64_t>(std::filesystem::file_size(path, error));
    return std::make_unique<FaultyFile>(this, *std::move(file), size);
  }
  absl::Status rename(const std::string& from, const std::string& to) override {
    const absl::Status status = posix_files().rename(from, to);
    if (!status.ok()) return status;
    const MutexLock lock(&mutex_);
    sizes_[to] = std::exchange(sizes_[from], nullptr);
    return status;
  }
  absl::Status remove(const std::string& path) override {
    if (!may_operate(std::filesystem::path(path).filename().string())) {
      return file_error("cannot remove", path, EIO);
    }
    const absl::Status status = posix_files().remove(path);
    if (!status.ok()) return status;
    const MutexLock lock(&mutex_);
    const std::shared_ptr<uint64_t> size = std::exchange(sizes_[path], nullptr);
    if (size != nullptr && space_left_ != kUnlimited) space_left_ += *size;
    return status;
  }
  absl::StatusOr<uint64_t> free_bytes(const std::string& folder) override {
    {
      const MutexLock lock(&mutex_);
      if (space_left_ != kUnlimited) return space_left_;
    }
    return posix_files().free_bytes(folder);
  }
  absl::Status sync_folder(const std::string& folder) override {
    if (!may_operate("sync")) return file_error("cannot sync folder", folder, EIO);
    return posix_files().sync_folder(folder);
  }

 private:
  static constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFiles* files, std::unique_ptr<File> file, std::shared_ptr<uint64_t> size)
        : files_(files), file_(std::move(file)), size_(std::move(size)) {}
    ssize_t write(std::span<const iovec> pieces, uint64_t offset) override {
      size_t bytes = 0;
      for (const iovec& piece : pieces) bytes += piece.iov_len;
      size_t bytes_max = 0;
      {
        const MutexLock lock(&files_->mutex_);
        if (files_->write_error_ != 0) return -files_->write_error_;
        bytes_max = std::min(files_->write_bytes_max_, files_->grow(*size_, offset, bytes));
        if (bytes_max == 0) return -files_->space_error_;
        files_->written_bytes_ += std::min(bytes_max, bytes);
      }
      if (bytes_max >= bytes) return file_->write(pieces, offset);
      std::array<iovec, 1> piece{pieces[0]};
      piece[0].iov_len = std::min(piece[0].iov_len, bytes_max);
      return file_->write(piece, offset);
    }
    int sync() override {
      {
        const MutexLock lock(&files_->mutex_);
        ++files_->held_count_;
        files_->changed_.notify_all();
        while (files_->are_syncs_held_) files_->changed_.wait(&files_->mutex_);
        --files_->held_count_;
        ++files_->sync_count_;
        if (files_->sync_error_ != 0) return -files_->sync_error_;
        if (files_->has_named_error(size_)) return -files_->named_sync_error_;
      }
      return file_->sync();
    }

   private:
    FaultyFiles* files_;
    std::unique_ptr<File> file_;
    const std::shared_ptr<uint64_t> size_;
  };

  // How many of `bytes` at `offset` find room in a file of `size`, which becomes larger by them.
  size_t grow(uint64_t& size, uint64_t offset, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const uint64_t end = offset + bytes;
    if (end <= size || space_left_ == kUnlimited) {
      size = std::max(size, end);
      return bytes;
    }
    const uint64_t granted = std::min(end - size, space_left_);
    space_left_ -= granted;
    size += granted;
    return size <= offset ? 0 : size - offset;
  }

  bool has_named_error(const std::shared_ptr<uint64_t>& file) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return named_sync_error_ != 0 &&
           std::any_of(sizes_.begin(), sizes_.end(), [&](const auto& one) {
             return one.second == file &&
                    std::filesystem::path(one.first).filename() == name_of_error_;
           });
  }

  bool may_operate(const std::string& name) {
    const MutexLock lock(&mutex_);
    if (operations_left_ == 0) return false;
    if (operations_left_ > 0) --operations_left_;
    folder_operations_.push_back(name);
    return true;
  }

  Mutex mutex_;
  CondVar changed_;
  size_t write_bytes_max_ ABSL_GUARDED_BY(mutex_) = std::numeric_limits<size_t>::max();
  int write_error_ ABSL_GUARDED_BY(mutex_) = 0;
  int sync_error_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string name_of_error_ ABSL_GUARDED_BY(mutex_);
  int named_sync_error_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t written_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t space_left_ ABSL_GUARDED_BY(mutex_) = kUnlimited;
  int space_error_ ABSL_GUARDED_BY(mutex_) = ENOSPC;
  std::map<std::string, std::shared_ptr<uint64_t>> sizes_ ABSL_GUARDED_BY(mutex_);
  int operations_left_ ABSL_GUARDED_BY(mutex_) = -1;  // Negative: no end.
  std::vector<std::string> folder_operations_ ABSL_GUARDED_BY(mutex_);
  bool are_syncs_held_ ABSL_GUARDED_BY(mutex_) = false;
  int held_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int sync_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace acd
