// SPDX-License-Identifier: Apache-2.0
// A journal in memory that fails, is fenced, takes its time or is full when a test says so.
#pragma once

#include <absl/status/status.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/storage/journal.h"
#include "routing/check.h"

namespace acd {

// Durable at once, in append() itself, unless told otherwise. It outlives the partitions that use
// it one after another: stop() ends a life, and what was not durable by then is gone.
//
// Threads:  as Journal; what a test says comes from any thread, and the listener is told there.
// Bounds:   none but while it is full, when append() blocks.
class FakeJournal final : public Journal {
 public:
  struct Frame {
    FrameHeader header;
    std::string payload;
  };

  // From now on frames become durable by make_durable() only.
  void hold() {
    const MutexLock lock(&mutex_);
    is_held_ = true;
  }
  // Everything appended so far is durable; with `go_on` what follows is so at once again.
  void make_durable(bool go_on = false) {
    {
      const MutexLock lock(&mutex_);
      if (go_on) is_held_ = false;
      if (has_failed_) return;
    }
    settle();
  }
  // A write failed: nothing more becomes durable.
  void fail(const absl::Status& status) {
    JournalListener* listener = nullptr;
    {
      const MutexLock lock(&mutex_);
      if (std::exchange(has_failed_, true)) return;
      listener = listener_;
      changed_.notify_all();
    }
    listener->on_failed(status);
  }
  // The next append fails.
  void fail_next(absl::Status status) {
    const MutexLock lock(&mutex_);
    next_status_ = std::move(status);
  }
  // Another owner has `epoch`: an append of a lower one fails as ABORTED.
  void fence(uint64_t epoch) {
    const MutexLock lock(&mutex_);
    epoch_ = epoch;
  }
  // Says so to the listener. While there is no space append() blocks.
  void set_space(JournalSpace space) {
    JournalListener* listener = nullptr;
    {
      const MutexLock lock(&mutex_);
      space_ = space;
      listener = listener_;
      changed_.notify_all();
    }
    listener->on_space(space, space == JournalSpace::kEnough
                                  ? absl::OkStatus()
                                  : absl::ResourceExhaustedError("the fake disk is full"));
  }
  // Returns when an append() is blocked.
  void wait_blocked() {
    const MutexLock lock(&mutex_);
    while (blocked_count_ == 0) changed_.wait(&mutex_);
  }
  [[nodiscard]] std::vector<Frame> frames() const {
    const MutexLock lock(&mutex_);
    return frames_;
  }

  [[nodiscard]] absl::Status follow(
      uint64_t from,
      absl::FunctionRef<absl::Status(const FrameHeader& header, std::string_view payload)> visit)
      override {
    if (from < first_sequence()) return absl::DataLossError("truncated away");
    if (from > position()) return absl::OutOfRangeError("not in the journal");
    for (const Frame& frame : frames()) {
      if (last_sequence(frame) < from) continue;
      absl::Status status = visit(frame.header, frame.payload);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  [[nodiscard]] absl::Status start(JournalListener* listener) override {
    const MutexLock lock(&mutex_);
    listener_ = listener;
    return absl::OkStatus();
  }

  void append(const FrameHeader& header, std::string payload) override {
    ACD_CHECK(header.first_sequence == position());
    ACD_CHECK(header.record_count >= 1 && payload.size() <= kFrameBytesMax);
    absl::Status failure;
    bool is_settled = false;
    {
      const MutexLock lock(&mutex_);
      next_sequence_ += header.record_count;
      const bool is_blocked = space_ == JournalSpace::kNone;
      if (is_blocked) ++blocked_count_;
      changed_.notify_all();
      while (space_ == JournalSpace::kNone && !has_failed_ && !is_stop_near_) {
        changed_.wait(&mutex_);
      }
      if (is_blocked) --blocked_count_;
      if (has_failed_) return;
      failure = std::exchange(next_status_, absl::OkStatus());
      if (header.epoch < epoch_) failure = absl::AbortedError("a later epoch has written");
      if (space_ == JournalSpace::kNone) failure = absl::CancelledError("stopped without space");
      if (failure.ok()) {
        epoch_ = header.epoch;
        frames_.push_back({header, std::move(payload)});
        is_settled = !is_held_;
      }
    }
    if (!failure.ok()) return fail(failure);
    if (is_settled) settle();
  }

  // Each frame is a segment of its own.
  [[nodiscard]] absl::Status truncate(uint64_t before) override {
    const MutexLock lock(&mutex_);
    while (frames_.size() > 1 && last_sequence(frames_.front()) < before) {
      frames_.erase(frames_.begin());
    }
    return absl::OkStatus();
  }
  [[nodiscard]] uint64_t position() const override {
    const MutexLock lock(&mutex_);
    return next_sequence_;
  }
  [[nodiscard]] uint64_t first_sequence() const override {
    const MutexLock lock(&mutex_);
    return frames_.empty() ? next_sequence_ : frames_.front().header.first_sequence;
  }
  void begin_stop() override {
    const MutexLock lock(&mutex_);
    is_stop_near_ = true;
    changed_.notify_all();
  }
  void stop() override {
    const MutexLock lock(&mutex_);
    std::erase_if(frames_, [&](const Frame& frame) { return last_sequence(frame) > durable_; });
    next_sequence_ = durable_ + 1;
    listener_ = nullptr;
    has_failed_ = is_held_ = is_stop_near_ = false;
  }

 private:
  static uint64_t last_sequence(const Frame& frame) {
    return frame.header.first_sequence + frame.header.record_count - 1;
  }

  void settle() {
    JournalListener* listener = nullptr;
    uint64_t durable = 0;
    {
      const MutexLock lock(&mutex_);
      durable_ = std::max(durable_, frames_.empty() ? 0 : last_sequence(frames_.back()));
      durable = durable_;
      listener = listener_;
    }
    if (listener != nullptr && durable > 0) listener->on_durable(durable);
  }

  mutable Mutex mutex_;
  CondVar changed_;
  JournalListener* listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::vector<Frame> frames_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t durable_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  JournalSpace space_ ABSL_GUARDED_BY(mutex_) = JournalSpace::kEnough;
  absl::Status next_status_ ABSL_GUARDED_BY(mutex_);
  int blocked_count_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_held_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stop_near_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace acd
