// SPDX-License-Identifier: Apache-2.0
// The thread that folds durable events into what wallboards read, and answers the reads.
#pragma once

#include <absl/base/thread_annotations.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/directory.h"
#include "daemon/mutex.h"
#include "daemon/table_change.h"
#include "routing/event.h"
#include "routing/insight/board.h"
#include "routing/tenant_config.h"

namespace acd {

// Where the present comes from when a board is read.
class RouterClock;

// Threads:  publish(), add_tenant(), configure() and read() from any thread; boards are touched by
//           the observer's alone.
// Owns:     one board a tenant.
// Bounds:   kEventLogsMax logs wait; publish() blocks above that, and through the gate and the
//           journal the shards wait too. kReadsMax reads wait; more are refused.
// Order:    a read sees every log that was published before it.
class Observer {
 public:
  static constexpr size_t kEventLogsMax = 4'096;
  static constexpr size_t kReadsMax = 1'024;

  // One tenant's board, as its edges know it.
  using BoardId = uint32_t;

  Observer();
  // REQUIRES: stopped if it was started.
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // `clock` outlives the observer.
  BoardId add_tenant(std::shared_ptr<const ConfigInForce> config, const RouterClock* clock);

  // The next configuration of a tenant, in the order of its events: before those that say what came
  // of it. Counts against kEventLogsMax.
  void configure(BoardId board, std::shared_ptr<const ConfigInForce> config);

  // Events of one tenant in order; `now_ns` is the time of the turn they came from.
  void publish(BoardId board, int64_t now_ns, EventLog log);

  // See TenantPort::read().
  [[nodiscard]] bool read(BoardId board, TenantPort::Visit visit);

  void start();
  // Folds what is published, answers what was asked, and joins. Idempotent.
  void stop();

 private:
  struct Tenant {
    Board board;
    std::shared_ptr<const ConfigInForce> config;
    const RouterClock* clock = nullptr;
    int64_t turn_now_ns = 0;
  };
  struct Task {
    BoardId board = 0;
    int64_t now_ns = 0;
    EventLog log;
    TenantPort::Visit visit;  // Set: a read.
    std::shared_ptr<const ConfigInForce> config;
    std::unique_ptr<Tenant> added;
  };

  void run();
  void push(Task task) ABSL_LOCKS_EXCLUDED(mutex_);
  void carry_out(Task& task);

  Mutex mutex_;
  CondVar filled_;
  CondVar drained_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  size_t logs_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t reads_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  BoardId next_board_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Tenant>> tenants_;  // The observer's thread.
  std::thread thread_;
};

}  // namespace acd
