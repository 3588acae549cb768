// SPDX-License-Identifier: Apache-2.0
#include "daemon/observer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "daemon/config/calendar.h"
#include "daemon/history/history_writer.h"
#include "daemon/predicted_waits.h"
#include "daemon/router_clock.h"
#include "daemon/snapshot.h"
#include "routing/check.h"

namespace acd {
namespace {

// The days of a tenant, by the zone that it has configured; UTC without one, and where this machine
// does not know it.
DayRule day_rule_of(const ConfigInForce& config) {
  return [days = LocalDays(config.message.time_zone())](int64_t unix_ms) {
    const int64_t unix_ns = unix_ms * kNsPerMs;
    return LocalDay{days.begin_ns(unix_ns) / kNsPerMs, days.next_begin_ns(unix_ns) / kNsPerMs};
  };
}

}  // namespace

Observer::Observer(ObserverThread whose) : whose_(whose) {}

Observer::~Observer() { ACD_CHECK(!thread_.joinable()); }

Observer::BoardId Observer::add_tenant(std::shared_ptr<const ConfigInForce> config,
                                       const RouterClock* clock, HistoryWriter* history,
                                       const SavedTenant* saved) {
  Task task;
  task.added = std::make_unique<Tenant>();
  if (saved != nullptr) {
    task.added->board.restore(saved->board);
    task.added->tail.restore(saved->tail, saved->board.sequence + 1);
  } else {
    task.added->board.configure(config->tables);
  }
  task.added->predictor.configure(config->tables);
  if (saved != nullptr) task.added->predictor.restore(saved->predictor);
  task.added->fold = saved == nullptr ? std::make_unique<HistoryFold>()
                                      : std::make_unique<HistoryFold>(saved->history);
  if (saved != nullptr) task.added->windows.restore(saved->windows);
  task.added->windows.set_day_rule(day_rule_of(*config));
  task.added->fold->set_sink(&task.added->windows);
  task.added->fold->configure(config->tables);
  task.added->config = std::move(config);
  task.added->clock = clock;
  task.added->history = history;
  const MutexLock lock(&mutex_);
  task.board = next_board_++;
  const BoardId board = task.board;
  if (whose_ == ObserverThread::kCallers) {
    add(task);
    return board;
  }
  tasks_.push_back(std::move(task));
  filled_.notify_one();
  return board;
}

void Observer::publish(TurnEvents turn) {
  if (whose_ == ObserverThread::kCallers) {
    fold(turn);
    do {
      show_news();
    } while (!listed_.empty());
    tend_histories();
    return;
  }
  Task task;
  task.turn = std::move(turn);
  const size_t events = task.turn.event_count();
  const MutexLock lock(&mutex_);
  while (must_wait()) drained_.wait(&mutex_);
  ++turns_waiting_;
  events_waiting_ += events;
  tasks_.push_back(std::move(task));
  filled_.notify_one();
}

bool Observer::must_wait() const {
  return turns_waiting_ >= kTurnsMax || events_waiting_ >= kEventsMax ||
         (is_history_full_ && waits_for_history_);
}

// Turn by turn: whoever waited for all of them at once would find nothing under way afterwards.
void Observer::give_room(size_t events) {
  const MutexLock lock(&mutex_);
  const bool was_full = must_wait();
  --turns_waiting_;
  events_waiting_ -= events;
  if (was_full && !must_wait()) drained_.notify_all();
}

void Observer::stop_waiting_for_history() {
  const MutexLock lock(&mutex_);
  waits_for_history_ = false;
  drained_.notify_all();
}

bool Observer::read(BoardId board, TenantPort::Visit visit) {
  Task task;
  task.board = board;
  task.visit = std::move(visit);
  if (whose_ == ObserverThread::kCallers) {
    carry_out(task);
    return true;
  }
  const MutexLock lock(&mutex_);
  if (reads_waiting_ >= kReadsMax || is_stopping_) return false;
  ++reads_waiting_;
  tasks_.push_back(std::move(task));
  filled_.notify_one();
  return true;
}

void Observer::predict(std::shared_ptr<WaitsQuestion> question) {
  if (whose_ == ObserverThread::kCallers) return answer(*question);
  Task task;
  task.question = std::move(question);
  const MutexLock lock(&mutex_);
  ACD_CHECK(!is_stopping_);
  tasks_.push_back(std::move(task));
  filled_.notify_one();
}

void Observer::watch(BoardId board, std::shared_ptr<Watcher> watcher) {
  if (whose_ == ObserverThread::kCallers) {
    list(board, std::move(watcher));
    while (!listed_.empty()) show_news();
    return;
  }
  const MutexLock lock(&mutex_);
  if (is_stopping_) return;
  if (std::exchange(watcher->has_asked_, true)) {
    asks_.push_back({board, std::move(watcher)});
  } else {
    Task task;
    task.board = board;
    task.watcher = std::move(watcher);
    tasks_.push_back(std::move(task));
  }
  filled_.notify_one();
}

void Observer::save(BoardId board, SavedTenant* saved) {
  std::promise<void> is_saved;
  Task task;
  task.board = board;
  task.saved = saved;
  task.is_saved = &is_saved;
  if (whose_ == ObserverThread::kCallers) {
    carry_out(task);
  } else {
    const MutexLock lock(&mutex_);
    ACD_CHECK(!is_stopping_);
    tasks_.push_back(std::move(task));
    filled_.notify_one();
  }
  is_saved.get_future().get();
}

void Observer::start() {
  if (whose_ == ObserverThread::kCallers) return;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "observer");
}

void Observer::stop() {
  if (whose_ == ObserverThread::kCallers) finish_histories();
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
  int64_t look_at_ns = kNeverNs;  // Monotonic time.
  for (;;) {
    {
      const MutexLock lock(&mutex_);
      while (tasks_.empty() && asks_.empty() && listed_.empty() && !is_stopping_) {
        if (look_at_ns == kNeverNs) {
          filled_.wait(&mutex_);
        } else if (!filled_.wait_for(&mutex_, look_at_ns - monotonic_ns())) {
          break;
        }
      }
      if (tasks_.empty() && is_stopping_) break;
      std::swap(taken, tasks_);
      reads_waiting_ = 0;
    }
    for (Task& task : taken) {
      const bool is_turn = task.is_turn();
      const size_t events = task.turn.event_count();
      carry_out(task);
      if (is_turn) {
        task.turn = TurnEvents();  // Folded: its memory goes before another turn takes the room.
        give_room(events);
      }
      if (unseen_events_ >= kUnseenMax) show_news();
    }
    taken.clear();
    show_news();
    look_at_ns = tend_histories();
  }
  finish_histories();
}

void Observer::finish_histories() {
  for (HistoryWriter* history : histories_) history->finish().IgnoreError();
}

void Observer::carry_out(Task& task) {
  if (task.added != nullptr) return add(task);
  if (task.watcher != nullptr) return list(task.board, std::move(task.watcher));
  if (task.question != nullptr) return answer(*task.question);
  if (task.is_turn()) return fold(task.turn);
  Tenant& tenant = *tenants_[task.board];
  if (task.saved != nullptr) {
    task.saved->board = tenant.board.save();
    task.saved->tail = tenant.tail.save();
    task.saved->predictor = tenant.predictor.save();
    task.saved->history = tenant.history != nullptr ? tenant.history->state(tenant.history_tenant)
                                                    : tenant.fold->state();
    task.saved->windows = tenant.windows.save();
    return task.is_saved->set_value();
  }
  tenant.board.advance(std::max(tenant.turn_now_ns, tenant.clock->now_ns()));
  tenant.windows.advance(tenant.board, tenant.board.now_ns());
  task.visit({tenant.board, tenant.config->bytes, tenant.windows, tenant.predictor});
}

void Observer::answer(WaitsQuestion& question) const {
  for (PredictedWait& wait : question.waits) {
    const Tenant& tenant = *tenants_[wait.board];
    const QueueView* const queue = tenant.board.find_queue(wait.queue);
    if (queue == nullptr || !queue->index.valid()) continue;  // No event has told it yet.
    const WaitPrediction prediction = tenant.predictor.predict_arrival(
        queue->index, tenant.predictor.usual_arrival(queue->index), question.now_ns);
    if (!prediction.is_known()) continue;
    wait.wait_ns = (prediction.p80_ns + kNsPerMs / 2) / kNsPerMs * kNsPerMs;
  }
  question.answered.set_value();
}

void Observer::add(Task& task) {
  ACD_CHECK(task.board == tenants_.size());
  tenants_.push_back(std::move(task.added));
  Tenant& tenant = *tenants_.back();
  tails_bytes_ += tenant.tail.bytes();
  HistoryWriter* const history = tenant.history;
  if (history == nullptr) return;
  tenant.history_tenant = history->add_tenant(tenant.config->tables.id, std::move(tenant.fold));
  if (std::find(histories_.begin(), histories_.end(), history) == histories_.end()) {
    histories_.push_back(history);
  }
}

void Observer::fold(TurnEvents& turn) {
  // Also of a turn without events: the file is complete up to it.
  HistoryWriter* history = turn.sequence == 0 ? nullptr : tenants_[turn.board]->history;
  for (auto& [board, config] : turn.configs) {
    Tenant& tenant = *tenants_[board];
    tenant.board.configure(config->tables);
    tenant.predictor.configure(config->tables);
    tenant.config = std::move(config);
    tenant.windows.set_day_rule(day_rule_of(*tenant.config));
    history = tenant.history;  // All tenants of a partition have one.
    if (history != nullptr) {
      history->configure(tenant.history_tenant, tenant.config->tables);
    } else {
      tenant.fold->configure(tenant.config->tables);
    }
  }
  for (const auto& [board, log] : turn.logs) {
    Tenant& tenant = *tenants_[board];
    const size_t tail_bytes = tenant.tail.bytes();
    for (const Event& event : log.events) {
      tenant.board.apply(event, log.arena);
      tenant.predictor.apply(event);
      tenant.tail.add(event, log.arena, tenant.board, turn.unix_offset_ns);
    }
    tails_bytes_ += tenant.tail.bytes() - tail_bytes;
    if (!std::exchange(tenant.has_news, true)) news_.push_back(board);
    unseen_events_ += log.events.size();
    tenant.turn_now_ns = std::max(tenant.turn_now_ns, turn.now_ns);
    history = tenant.history;
    if (history == nullptr) {
      for (const Event& event : log.events) {
        tenant.fold->apply(event, log.arena, turn.unix_offset_ns, nullptr);
      }
      continue;
    }
    history->fold(tenant.history_tenant, turn.sequence, log, turn.unix_offset_ns);
  }
  trim_tails();
  trim_histograms();
  for (const auto& [board, list] : turn.hours) tenants_[board]->board.set_hours(*list);
  if (history != nullptr) history->end_turn(turn.sequence, monotonic_ns());
}

void Observer::trim_tails() {
  while (tails_bytes_ > kTailsBytesMax) {
    WatchTail& largest = (*std::ranges::max_element(tenants_, {}, [](const auto& one) {
                           return one->tail.bytes();
                         }))->tail;
    const size_t bytes = largest.bytes();
    largest.drop_block();
    tails_bytes_ -= bytes - largest.bytes();
  }
}

void Observer::trim_histograms() {
  size_t bytes = 0;
  for (const auto& tenant : tenants_) bytes += tenant->windows.histogram_bytes();
  while (bytes > kHistogramBytesMax) {
    WindowStats& largest = (*std::ranges::max_element(tenants_, {}, [](const auto& one) {
                             return one->windows.histogram_bytes();
                           }))->windows;
    const size_t before = largest.histogram_bytes();
    if (!largest.drop_histograms()) return;
    bytes -= before - largest.histogram_bytes();
  }
}

void Observer::list(BoardId board, std::shared_ptr<Watcher> watcher) {
  if (std::exchange(watcher->is_listed_, true)) return;
  listed_.push_back({board, std::move(watcher)});
}

void Observer::show(Ask ask, size_t* looked) {
  Tenant& tenant = *tenants_[ask.board];
  ask.watcher->is_listed_ = false;
  const Look look = ask.watcher->look(tenant.board, tenant.tail);
  *looked += std::max(look.events, kLookCost);
  switch (look.standing) {
    case Watching::kWaits:
      tenant.waiting.insert(std::move(ask.watcher));
      return;
    case Watching::kMore:
      return list(ask.board, std::move(ask.watcher));
    case Watching::kBusy:
    case Watching::kOver:
      tenant.waiting.erase(ask.watcher);
      return;
  }
}

void Observer::show_news() {
  for (const BoardId board : std::exchange(news_, {})) {
    tenants_[board]->has_news = false;
    for (const auto& watcher : std::exchange(tenants_[board]->waiting, {})) list(board, watcher);
  }
  unseen_events_ = 0;
  std::vector<Ask> asks;
  {
    const MutexLock lock(&mutex_);
    std::swap(asks, asks_);
  }
  for (Ask& ask : asks) {
    // One of a tenant that is still to be added has its first look before it.
    if (ask.board < tenants_.size()) list(ask.board, std::move(ask.watcher));
  }
  for (size_t looked = 0; looked < kLookBudget && !listed_.empty();) {
    Ask next = std::move(listed_.front());
    listed_.pop_front();
    show(std::move(next), &looked);
  }
}

int64_t Observer::tend_histories() {
  int64_t look_at_ns = kNeverNs;
  bool is_full = false;
  for (HistoryWriter* history : histories_) {
    look_at_ns = std::min(look_at_ns, history->write_due(monotonic_ns()));
    is_full = is_full || history->is_full();
  }
  const MutexLock lock(&mutex_);
  is_history_full_ = is_full;
  if (!is_full) drained_.notify_all();
  return look_at_ns;
}

}  // namespace acd
