// SPDX-License-Identifier: Apache-2.0
// A thread that runs partitions. One that waits for space on its disk does not hold up the others.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "daemon/inbox.h"
#include "daemon/partition.h"

namespace acd {

struct ShardOptions {
  uint32_t number = 0;  // The thread is called "shard-N".
  uint32_t inbox_batches_max = 8'192;
  // Commands that one turn takes from the inbox.
  uint32_t drain_commands_max = 16'384;
};

// Threads:  inbox() from any thread; start() and stop() from the main thread; the partitions belong
//           to the shard's own thread from start() until stop() has returned.
class Shard {
 public:
  // The partitions outlive the shard.
  Shard(ShardOptions options, std::vector<Partition*> partitions);
  // REQUIRES: stopped if it was started.
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] Inbox& inbox() { return inbox_; }
  void start();
  // Takes what is in the inbox, then joins. Idempotent.
  void stop();

  struct TurnTimes {
    uint64_t turns = 0;
    int64_t longest_ns = 0;
  };
  // After stop().
  [[nodiscard]] TurnTimes turn_times() const { return turn_times_; }

 private:
  void run();
  void run_turns();
  [[nodiscard]] int64_t sleep_ns() const;
  [[nodiscard]] bool waits_for_space(const Partition& partition) const;

  const ShardOptions options_;
  const std::vector<Partition*> partitions_;
  Inbox inbox_;
  std::vector<std::vector<std::unique_ptr<Batch>>> batches_;  // Of one turn, by partition.
  TurnTimes turn_times_;
  bool is_last_ = false;  // The turns before the thread ends: nothing is left for later.
  // Written once by stop(); the shard's thread reads it between turns.
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace acd
