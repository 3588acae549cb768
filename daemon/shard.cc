// SPDX-License-Identifier: Apache-2.0
#include "daemon/shard.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/router_clock.h"
#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

// How soon a partition goes on that waited for space on its disk.
constexpr int64_t kSpaceLookNs = 50 * kNsPerMs;

}  // namespace

Shard::Shard(ShardOptions options, std::vector<Partition*> partitions)
    : options_(options),
      partitions_(std::move(partitions)),
      inbox_(options.inbox_batches_max),
      batches_(partitions_.size()) {}

Shard::~Shard() { ACD_CHECK(!thread_.joinable()); }

void Shard::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), ("shard-" + std::to_string(options_.number)).c_str());
}

void Shard::stop() {
  if (!thread_.joinable()) return;
  is_stopping_.store(true, std::memory_order_relaxed);  // wake() and the join order the rest.
  inbox_.wake();
  thread_.join();
}

void Shard::run() {
  const Suspects::CrashStack crash_stack;
  while (!is_stopping_.load(std::memory_order_relaxed)) {
    run_turns();
    const int64_t timeout_ns = sleep_ns();
    if (timeout_ns != 0) inbox_.wait(timeout_ns);
  }
  inbox_.close();
  is_last_ = true;
  run_turns();  // What was taken in before the stop.
}

void Shard::run_turns() {
  bool more = true;
  while (more) {
    uint32_t commands = 0;
    while (commands < options_.drain_commands_max) {
      std::unique_ptr<Batch> batch = inbox_.pop();
      if (batch == nullptr) break;
      commands += static_cast<uint32_t>(batch->commands.size()) + 1;
      batches_[batch->partition].push_back(std::move(batch));
    }
    more = commands != 0;
    for (size_t i = 0; i < partitions_.size(); ++i) {
      const bool due = partitions_[i]->next_turn_ns() <= partitions_[i]->clock().now_ns();
      if ((batches_[i].empty() && !due) || waits_for_space(*partitions_[i])) continue;
      const int64_t began_ns = monotonic_ns();
      partitions_[i]->turn(batches_[i]);
      ++turn_times_.turns;
      turn_times_.longest_ns = std::max(turn_times_.longest_ns, monotonic_ns() - began_ns);
      more = true;
    }
  }
}

// Its next frame would hold up this thread, and with it the others, whose disks may have room.
bool Shard::waits_for_space(const Partition& partition) const {
  return partitions_.size() > 1 && !is_last_ && partition.space() == JournalSpace::kNone;
}

int64_t Shard::sleep_ns() const {
  int64_t timeout_ns = -1;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const Partition& partition = *partitions_[i];
    const int64_t next_ns = partition.next_turn_ns();
    const bool is_waiting = !batches_[i].empty() || waits_for_space(partition);
    if (next_ns == kNeverNs && !is_waiting) continue;
    const int64_t left_ns =
        is_waiting ? kSpaceLookNs : std::max<int64_t>(0, next_ns - partition.clock().now_ns());
    timeout_ns = timeout_ns < 0 ? left_ns : std::min(timeout_ns, left_ns);
  }
  return timeout_ns;
}

}  // namespace acd
