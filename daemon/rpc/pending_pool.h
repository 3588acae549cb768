// SPDX-License-Identifier: Apache-2.0
// What may wait to be read by all streams together.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "daemon/mutex.h"

namespace acd {

// Bytes that may wait for each stream whatever the others leave unread. What it has above comes out
// of the pool of all.
inline constexpr size_t kPendingOwnBytesMax = 64 << 10;

// Threads:  any.
class PendingPool {
 public:
  explicit PendingPool(size_t bytes_max) : free_(bytes_max) {}

  [[nodiscard]] bool take(size_t bytes) {
    const MutexLock lock(&mutex_);
    if (bytes > free_) return false;
    free_ -= bytes;
    return true;
  }
  void give_back(size_t bytes) {
    const MutexLock lock(&mutex_);
    free_ += bytes;
  }

 private:
  Mutex mutex_;
  size_t free_ ABSL_GUARDED_BY(mutex_);
};

// What one stream has taken of the pool, or one response that several may share.
//
// Threads:  one at a time.
class PendingShare {
 public:
  // `own_bytes` are not taken out of it.
  explicit PendingShare(std::shared_ptr<PendingPool> pool, size_t own_bytes = kPendingOwnBytesMax)
      : pool_(std::move(pool)), own_bytes_(own_bytes) {}
  ~PendingShare() { pool_->give_back(taken_); }
  PendingShare(const PendingShare&) = delete;
  PendingShare& operator=(const PendingShare&) = delete;

  // To be told what waits, whenever that changes. False when it is more than the pool has left.
  [[nodiscard]] bool cover(size_t pending_bytes) {
    const size_t needed = pending_bytes > own_bytes_ ? pending_bytes - own_bytes_ : 0;
    if (needed > taken_ && !pool_->take(needed - taken_)) return false;
    if (needed < taken_) pool_->give_back(taken_ - needed);
    taken_ = needed;
    return true;
  }

 private:
  const std::shared_ptr<PendingPool> pool_;
  const size_t own_bytes_;
  size_t taken_ = 0;
};

}  // namespace acd
