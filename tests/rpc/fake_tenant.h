// SPDX-License-Identifier: Apache-2.0
// A tenant without a shard: keeps what it is handed until the test looks at it, and reads a board
// that the test has filled.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/directory.h"
#include "tests/rpc/insight_feed.h"
#include "tests/rpc/raw_client.h"

namespace acd {

class FakeTenant final : public TenantPort {
 public:
  PushResult submit(std::unique_ptr<Batch>& batch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return PushResult::kClosed;
    if (full_) {
      ++refused_;
      changed_.notify_all();
      return PushResult::kFull;
    }
    batches_.push_back(std::move(batch));
    ++submitted_;
    ++asks_;
    changed_.notify_all();
    return PushResult::kOk;
  }

  bool read(Visit visit) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++asks_;
      changed_.notify_all();
      if (reads_full_) return false;
      if (drops_reads_) return true;
      if (holds_reads_) {
        held_reads_.push_back(std::move(visit));
        changed_.notify_all();
        return true;
      }
    }
    visit(feed.read(config));
    return true;
  }

  // Nobody ever looks.
  void watch(std::shared_ptr<Watcher> watcher) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    // One that is over asks once more.
    if (watchers_.insert(watcher).second) ++asks_;
    changed_.notify_all();
  }
  const std::string& history_id() const override { return history; }

  // The oldest batch that was submitted; null when none comes in time.
  std::unique_ptr<Batch> next_batch() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, kTestWaitMax, [&] { return !batches_.empty(); })) return nullptr;
    std::unique_ptr<Batch> batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

  [[nodiscard]] int submitted() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return submitted_;
  }
  [[nodiscard]] bool wait_submitted(int count) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kTestWaitMax, [&] { return submitted_ >= count; });
  }

  // Batches that were taken, reads, and watchers, so far.
  [[nodiscard]] int asks() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return asks_;
  }
  [[nodiscard]] bool wait_asks(int count, std::chrono::milliseconds wait_max) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, wait_max, [&] { return asks_ >= count; });
  }

  void set_stopping() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  // Takes no batch for now.
  void set_full(bool full) {
    const std::lock_guard<std::mutex> lock(mutex_);
    full_ = full;
  }
  // Whether so many batches were turned away.
  [[nodiscard]] bool wait_refused(int count) const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kTestWaitMax, [&] { return refused_ >= count; });
  }
  void set_reads_full() {
    const std::lock_guard<std::mutex> lock(mutex_);
    reads_full_ = true;
  }
  // Takes reads and never runs them, as a daemon that stops.
  void set_drops_reads() {
    const std::lock_guard<std::mutex> lock(mutex_);
    drops_reads_ = true;
  }

  // Keeps reads until run_held_reads().
  void set_holds_reads() {
    const std::lock_guard<std::mutex> lock(mutex_);
    holds_reads_ = true;
  }
  [[nodiscard]] bool wait_held_read() const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kTestWaitMax, [&] { return !held_reads_.empty(); });
  }
  void run_held_reads() {
    std::vector<Visit> visits;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      visits = std::move(held_reads_);
      held_reads_.clear();
      holds_reads_ = false;
    }
    for (Visit& visit : visits) visit(feed.read(config));
  }

  // Before the server starts.
  InsightFeed feed;
  std::string config;
  std::string history = "0123456789abcdef";

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::unique_ptr<Batch>> batches_;
  int submitted_ = 0;
  int asks_ = 0;
  std::set<std::weak_ptr<Watcher>, std::owner_less<std::weak_ptr<Watcher>>> watchers_;
  int refused_ = 0;
  bool full_ = false;
  bool stopping_ = false;
  bool reads_full_ = false;
  bool drops_reads_ = false;
  bool holds_reads_ = false;
  std::vector<Visit> held_reads_;
};

// What a shard says when it opened a session.
inline Delivery opened(std::unique_ptr<Batch> batch, int64_t last_sequence = 0) {
  Delivery delivery;
  delivery.is_opened = true;
  delivery.opened.source = SourceIndex(0u);
  delivery.opened.resumed = last_sequence > 0;
  delivery.opened.last_sequence = last_sequence;
  delivery.opened.now_ns = 5 * kNsPerS;
  delivery.opened.grace_ns = 60 * kNsPerS;
  delivery.opened.arrival_ack_timeout_ns = 3 * kNsPerS;
  delivery.opened.unix_ns = 1'900'000'000 * kNsPerS + 7;
  delivery.finished.push_back(std::move(batch));
  return delivery;
}

inline Delivery acknowledged(std::unique_ptr<Batch> batch, int64_t through_sequence) {
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = through_sequence;
  delivery.finished.push_back(std::move(batch));
  return delivery;
}

}  // namespace acd
