// SPDX-License-Identifier: Apache-2.0
// Who may write a partition's journal: the holder of the folder's epoch file, and a fake for tests.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/mutex.h"
#include "daemon/storage/journal.h"

namespace acd {

class Files;

// Ownership by a file in the journal's folder: each open takes the next epoch and keeps it for
// ever.
class FileOwnership final : public Ownership {
 public:
  // Raises the epoch in `folder`/EPOCH, at least to `epoch_last` + 1, and makes it durable.
  // `epoch_last` is the journal's; it counts when the file was lost. REQUIRES: the caller holds the
  // folder's lock, i.e. has its SegmentJournal open. `files`: null for posix_files().
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<FileOwnership>> open(
      const std::string& folder, uint64_t epoch_last, Files* files = nullptr);

  [[nodiscard]] uint64_t epoch() const override { return epoch_; }
  [[nodiscard]] int64_t valid_until_ns() const override { return INT64_MAX; }

 private:
  explicit FileOwnership(uint64_t epoch) : epoch_(epoch) {}

  const uint64_t epoch_;
};

// Ownership as a test wants it.
//
// Threads:  any. The test expires it while a shard reads it.
class FakeOwnership final : public Ownership {
 public:
  explicit FakeOwnership(uint64_t epoch) : epoch_(epoch) {}

  [[nodiscard]] uint64_t epoch() const override { return epoch_; }
  [[nodiscard]] int64_t valid_until_ns() const override {
    const MutexLock lock(&mutex_);
    return valid_until_ns_;
  }
  void expire_at(int64_t valid_until_ns) {
    const MutexLock lock(&mutex_);
    valid_until_ns_ = valid_until_ns;
  }

 private:
  const uint64_t epoch_;
  mutable Mutex mutex_;
  int64_t valid_until_ns_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
};

}  // namespace acd
