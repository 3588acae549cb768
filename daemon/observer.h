// SPDX-License-Identifier: Apache-2.0
// The thread that folds durable events into what wallboards read, and answers the reads.
#pragma once

#include <absl/base/thread_annotations.h>

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/directory.h"
#include "daemon/mutex.h"
#include "daemon/table_change.h"
#include "routing/event.h"
#include "routing/insight/board.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/watch_tail.h"
#include "routing/insight/window_stats.h"
#include "routing/tenant_config.h"

namespace acd {

// Where the present comes from when a board is read.
class RouterClock;
class HistoryWriter;
struct SavedTenant;
struct WaitsQuestion;

// What one turn brought, which is what one frame of the journal brings: published as a whole.
struct TurnEvents {
  uint64_t sequence = 0;       // Last record of the partition that they depend on; 0: no new one.
  int64_t now_ns = 0;          // Router time of the turn.
  int64_t unix_offset_ns = 0;  // Unix time less Router time, as the journal tells it.
  uint32_t board = 0;          // Of one of the partition's tenants; counts when `sequence` does.
  // By BoardId of the observer. The configurations that came into force, before the events.
  std::vector<std::pair<uint32_t, std::shared_ptr<const ConfigInForce>>> configs;
  std::vector<std::pair<uint32_t, EventLog>> logs;
  // By what the queues of a board are open, after the events.
  std::vector<std::pair<uint32_t, std::shared_ptr<const HoursList>>> hours;

  [[nodiscard]] size_t event_count() const {
    size_t count = 0;
    for (const auto& of_board : logs) count += of_board.second.events.size();
    return count;
  }
  [[nodiscard]] bool empty() const {
    return sequence == 0 && configs.empty() && logs.empty() && hours.empty();
  }
};

// Who does an observer's work: a replay that nobody waits for needs no second thread.
enum class ObserverThread { kOwn, kCallers };

// Threads:  publish(), add_tenant(), read(), predict() and watch() from any thread; boards are
//           touched by the observer's alone. With ObserverThread::kCallers there is none, one
//           thread calls, and everything is done when a call returns.
// Owns:     one board and one tail of events a tenant. Feeds the history files.
// Bounds:   kTurnsMax turns, and kEventsMax events and one turn, wait to be folded; publish() blocks
//           above that, and while a history file is too far behind, and through the gate and the journal the shards wait too. kReadsMax reads
//           wait; more are refused; a question of each partition. The tails have kTailsBytesMax
//           together. A watcher waits once, and its own service counts them. Looks hold folding and
//           reads up by kLookBudget: who comes too late for the tail loses its place, and nobody
//           waits for it.
// Order:    a read, and a watcher's first look, see every log that was published before. Looks go
//           round: whoever wants to see more comes last.
class Observer {
 public:
  static constexpr size_t kTurnsMax = 4'096;
  // A read comes behind them: under overload 0.5 s at the p99, on two busy cores (bench/RESULTS.md).
  static constexpr size_t kEventsMax = 131'072;
  static constexpr size_t kReadsMax = 1'024;
  // Watchers are shown what came after so many events at the latest.
  static constexpr size_t kUnseenMax = 4'096;
  // Looks take turns with what was published and the reads: no further one begins when those of
  // this round have looked at so many events.
  static constexpr size_t kLookBudget = 4'096;
  // What a look costs at least, in events.
  static constexpr size_t kLookCost = 16;
  static constexpr size_t kTailsBytesMax = size_t{512} << 20;

  // One tenant's board, as its edges know it.
  using BoardId = uint32_t;

  explicit Observer(ObserverThread whose = ObserverThread::kOwn);
  // REQUIRES: stopped if it was started.
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // `clock` outlives the observer; so does `history`, which its events are written to (null: none).
  // With `saved` board and history go on from there.
  BoardId add_tenant(std::shared_ptr<const ConfigInForce> config, const RouterClock* clock,
                     HistoryWriter* history = nullptr, const SavedTenant* saved = nullptr);

  // Turns of one partition in order.
  void publish(TurnEvents turn);
  // From now on publish() does not wait for a history that is behind: a stop must end. What is
  // missing there is filled in from the journal at the next start.
  void stop_waiting_for_history();

  // See TenantPort::read().
  [[nodiscard]] bool read(BoardId board, TenantPort::Visit visit);

  // Answers the question behind all that was published before. REQUIRES: not stopped.
  void predict(std::shared_ptr<WaitsQuestion> question);

  // See TenantPort::watch().
  void watch(BoardId board, std::shared_ptr<Watcher> watcher);

  // Puts what is known of a tenant into `*saved`: its board, its tail, and its history if it has one.
  // What was published before is in it. REQUIRES: started, not stopped, and not from the observer's thread.
  void save(BoardId board, SavedTenant* saved);

  void start();
  // Folds what is published, answers what was asked, finishes the files of history, and joins.
  // Idempotent.
  void stop();

 private:
  struct Tenant {
    Board board;
    WaitPredictor predictor{board};
    WatchTail tail;
    std::set<std::shared_ptr<Watcher>> waiting;  // For what comes.
    bool has_news = false;
    std::shared_ptr<const ConfigInForce> config;
    const RouterClock* clock = nullptr;
    int64_t turn_now_ns = 0;
    HistoryWriter* history = nullptr;
    size_t history_tenant = 0;          // Within it.
    std::unique_ptr<HistoryFold> fold;  // Until `history` has it; without one it stays.
    WindowStats windows;                // Told by the fold.
  };
  struct Task {
    BoardId board = 0;             // Of a read, or of what is added.
    TenantPort::Visit visit;       // Set: a read.
    SavedTenant* saved = nullptr;  // Set: to be filled; `is_saved` waits.
    std::promise<void>* is_saved = nullptr;
    std::shared_ptr<Watcher> watcher;         // Set: it asks for the first time.
    std::shared_ptr<WaitsQuestion> question;  // Set: to be answered.
    TurnEvents turn;
    std::unique_ptr<Tenant> added;

    [[nodiscard]] bool is_turn() const {
      return added == nullptr && watcher == nullptr && visit == nullptr && saved == nullptr &&
             question == nullptr;
    }
  };

  // A watcher that asked to look.
  struct Ask {
    BoardId board = 0;
    std::shared_ptr<Watcher> watcher;
  };

  void run();
  void finish_histories();
  void carry_out(Task& task);
  void add(Task& task);
  void answer(WaitsQuestion& question) const;
  void fold(TurnEvents& turn);
  [[nodiscard]] bool must_wait() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets those wait no longer who waited for the room that a turn took.
  void give_room(size_t events);
  // The oldest of the largest go while they are too many.
  void trim_tails();
  void trim_histograms();
  // Has it look when it is its turn, unless it is going to anyhow.
  void list(BoardId board, std::shared_ptr<Watcher> watcher);
  void show(Ask ask, size_t* looked);
  // Lists those who wait for what came, and those who asked; as many look as kLookBudget lets.
  void show_news() ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes what is due, and makes publish() wait or go on. Returns when to look again, kNeverNs
  // when nothing waits to be written.
  int64_t tend_histories() ABSL_LOCKS_EXCLUDED(mutex_);

  const ObserverThread whose_;
  Mutex mutex_;
  CondVar filled_;
  CondVar drained_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  // Beside the tasks, but for the first of a watcher: who keeps up is not to fall behind because
  // many turns wait.
  std::vector<Ask> asks_ ABSL_GUARDED_BY(mutex_);
  // Those that are being folded included.
  size_t turns_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t events_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t reads_waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  BoardId next_board_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_history_full_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_for_history_ ABSL_GUARDED_BY(mutex_) = true;
  // Of the observer's thread.
  std::vector<std::unique_ptr<Tenant>> tenants_;
  size_t tails_bytes_ = 0;
  // Since watchers were last shown anything.
  std::vector<BoardId> news_;  // Tenants to which something came, each once.
  size_t unseen_events_ = 0;
  std::deque<Ask> listed_;                 // Who looks next, each once.
  std::vector<HistoryWriter*> histories_;  // Each once.
  std::thread thread_;
};

}  // namespace acd
