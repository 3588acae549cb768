// SPDX-License-Identifier: Apache-2.0
// A file system that fails, writes short or holds a sync when a test says so; else the real one.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

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

  absl::StatusOr<std::unique_ptr<File>> open(const std::string& path) override {
    absl::StatusOr<std::unique_ptr<File>> file = posix_files().open(path);
    if (!file.ok()) return file.status();
    return std::make_unique<FaultyFile>(this, *std::move(file));
  }
  absl::Status rename(const std::string& from, const std::string& to) override {
    return posix_files().rename(from, to);
  }
  absl::Status remove(const std::string& path) override { return posix_files().remove(path); }
  absl::Status sync_folder(const std::string& folder) override {
    return posix_files().sync_folder(folder);
  }

 private:
  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFiles* files, std::unique_ptr<File> file)
        : files_(files), file_(std::move(file)) {}
    ssize_t write(std::span<const iovec> pieces, uint64_t offset) override {
      size_t bytes_max = 0;
      {
        const MutexLock lock(&files_->mutex_);
        if (files_->write_error_ != 0) return -files_->write_error_;
        bytes_max = files_->write_bytes_max_;
      }
      if (bytes_max == std::numeric_limits<size_t>::max()) return file_->write(pieces, offset);
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
      }
      return file_->sync();
    }

   private:
    FaultyFiles* files_;
    std::unique_ptr<File> file_;
  };

  Mutex mutex_;
  CondVar changed_;
  size_t write_bytes_max_ ABSL_GUARDED_BY(mutex_) = std::numeric_limits<size_t>::max();
  int write_error_ ABSL_GUARDED_BY(mutex_) = 0;
  int sync_error_ ABSL_GUARDED_BY(mutex_) = 0;
  bool are_syncs_held_ ABSL_GUARDED_BY(mutex_) = false;
  int held_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int sync_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace acd
