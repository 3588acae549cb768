// SPDX-License-Identifier: Apache-2.0
#include "daemon/observer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "daemon/router_clock.h"
#include "routing/check.h"

namespace acd {

Observer::Observer() = default;

Observer::~Observer() { ACD_CHECK(!thread_.joinable()); }

Observer::BoardId Observer::add_tenant(std::shared_ptr<const ConfigInForce> config,
                                       const RouterClock* clock) {
  Task task;
  task.added = std::make_unique<Tenant>();
  task.added->board.configure(config->tables);
  task.added->config = std::move(config);
  task.added->clock = clock;
  const MutexLock lock(&mutex_);
  task.board = next_board_++;
  const BoardId board = task.board;
  tasks_.push_back(std::move(task));
  filled_.notify_one();
  return board;
}

void Observer::configure(BoardId board, std::shared_ptr<const ConfigInForce> config) {
  Task task;
  task.board = board;
  task.config = std::move(config);
  push(std::move(task));
}

void Observer::publish(BoardId board, int64_t now_ns, EventLog log) {
  Task task;
  task.board = board;
  task.now_ns = now_ns;
  task.log = std::move(log);
  push(std::move(task));
}

void Observer::push(Task task) {
  const MutexLock lock(&mutex_);
  while (logs_waiting_ >= kEventLogsMax) drained_.wait(&mutex_);
  ++logs_waiting_;
  tasks_.push_back(std::move(task));
  filled_.notify_one();
}

bool Observer::read(BoardId board, TenantPort::Visit visit) {
  Task task;
  task.board = board;
  task.visit = std::move(visit);
  const MutexLock lock(&mutex_);
  if (reads_waiting_ >= kReadsMax || is_stopping_) return false;
  ++reads_waiting_;
  tasks_.push_back(std::move(task));
  filled_.notify_one();
  return true;
}

void Observer::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "observer");
}

void Observer::stop() {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(&mutex_);
    is_stopping_ = true;
    filled_.notify_one();
  }
  thread_.join();
}

void Observer::run() {
  std::deque<Task> taken;
  for (;;) {
    {
      const MutexLock lock(&mutex_);
      while (tasks_.empty() && !is_stopping_) filled_.wait(&mutex_);
      if (tasks_.empty()) return;
      std::swap(taken, tasks_);
      logs_waiting_ = 0;
      reads_waiting_ = 0;
      drained_.notify_all();
    }
    for (Task& task : taken) carry_out(task);
    taken.clear();
  }
}

void Observer::carry_out(Task& task) {
  if (task.added != nullptr) {
    ACD_CHECK(task.board == tenants_.size());
    tenants_.push_back(std::move(task.added));
    return;
  }
  Tenant& tenant = *tenants_[task.board];
  if (task.config != nullptr) {
    tenant.board.configure(task.config->tables);
    tenant.config = std::move(task.config);
    return;
  }
  if (task.visit == nullptr) {
    for (const Event& event : task.log.events) tenant.board.apply(event, task.log.arena);
    tenant.turn_now_ns = std::max(tenant.turn_now_ns, task.now_ns);
    return;
  }
  tenant.board.advance(std::max(tenant.turn_now_ns, tenant.clock->now_ns()));
  task.visit(tenant.board, tenant.config->bytes);
}

}  // namespace acd
