// SPDX-License-Identifier: Apache-2.0
// What the folds of one tenant's events cost, event by event: the board, history, and the windows that
// history tells.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "routing/check.h"
#include "routing/event.h"
#include "routing/insight/board.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/window_stats.h"

namespace acd::bench {
namespace {

constexpr uint32_t kQueues = 20;
constexpr uint32_t kTeams = 20;
constexpr int64_t kUnixOffsetNs = int64_t{1'700'000'000} * kNsPerS;
constexpr int kRepetitions = 5;

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Calls one after the other with all that the Router tells of each: entered, offered, rung, accepted,
// connected, over, wrapped up.
class Traffic {
 public:
  Traffic(uint32_t agents, int64_t calls) {
    config_.id = "bench";
    for (uint32_t i = 0; i < kQueues; ++i) {
      config_.queues.emplace_back().id = "queue-" + std::to_string(i);
      Event event;
      event.kind = EventKind::kQueueConfigChanged;
      event.queue = QueueIndex(i);
      event.text = log_.add_text(config_.queues.back().id);
      add(event);
    }
    for (uint32_t i = 0; i < agents; ++i) {
      Event event;
      event.kind = EventKind::kAgentUpserted;
      event.agent = AgentIndex(i);
      event.text = log_.add_text("agent-" + std::to_string(i));
      event.text3 = log_.add_text("|team-" + std::to_string(i % kTeams));
      add(event);
      event = Event();
      event.kind = EventKind::kAgentLoggedIn;
      event.agent = AgentIndex(i);
      event.source = SourceIndex(0u);
      event.text = log_.add_text("phone");
      add(event);
      change_state(i, AgentState::kNotReady, AgentState::kReady);
    }
    for (uint32_t i = 0; i < 5; ++i) {
      requirements_[i] = log_.add_text("skill" + std::to_string(i) + " >= 3");
    }
    // At any time half of the agents are at work; every tenth caller gives up.
    const uint32_t live = std::max(agents / 2, 1u);
    for (int64_t call = 0; call < calls; ++call) {
      const auto slot = static_cast<uint32_t>(call % live);
      if (call >= live) finish(slot);
      now_ns_ += 50 * kNsPerMs;
      begin(slot, call);
    }
  }

  const TenantConfig& config() const { return config_; }
  const EventLog& log() const { return log_; }

 private:
  void add(Event event) {
    event.sequence = ++sequence_;
    event.time_ns = now_ns_;
    log_.events.push_back(event);
  }
  void add(EventKind kind, uint32_t call, uint32_t agent) {
    Event event;
    event.kind = kind;
    event.call = CallIndex(call);
    event.agent = AgentIndex(agent);
    event.generation = 1;
    add(event);
  }
  void change_state(uint32_t agent, AgentState from, AgentState to) {
    Event event;
    event.kind = EventKind::kAgentStateChanged;
    event.agent = AgentIndex(agent);
    event.from = from;
    event.to = to;
    add(event);
  }
  void begin(uint32_t slot, int64_t call) {
    const auto agent = slot;
    queue_of_.resize(std::max<size_t>(queue_of_.size(), slot + 1));
    queue_of_[slot] = static_cast<uint32_t>(call) % kQueues;
    Event event;
    event.kind = EventKind::kCallEnqueued;
    event.call = CallIndex(slot);
    event.queue = QueueIndex(queue_of_[slot]);
    event.source = SourceIndex(0u);
    event.text = log_.add_text("call-" + std::to_string(call));
    event.text2 = requirements_[static_cast<size_t>(call) % requirements_.size()];
    add(event);
    add(EventKind::kOfferCreated, slot, agent);
    change_state(agent, AgentState::kReady, AgentState::kReserved);
    now_ns_ += static_cast<int64_t>(call * 7919 % 100) * kNsPerMs;
    add(EventKind::kOfferRinging, slot, agent);
    add(EventKind::kOfferAccepted, slot, agent);
    change_state(agent, AgentState::kReserved, AgentState::kConnecting);
    add(EventKind::kCallConnected, slot, agent);
    change_state(agent, AgentState::kConnecting, AgentState::kOnCall);
  }
  void finish(uint32_t slot) {
    add(EventKind::kCallCompleted, slot, slot);
    Event event;
    event.kind = EventKind::kAgentWrapUpStarted;
    event.agent = AgentIndex(slot);
    event.queue = QueueIndex(queue_of_[slot]);
    add(event);
    change_state(slot, AgentState::kOnCall, AgentState::kWrapUp);
    now_ns_ += 20 * kNsPerMs;
    event.kind = EventKind::kAgentWrapUpEnded;
    add(event);
    change_state(slot, AgentState::kWrapUp, AgentState::kReady);
  }

  TenantConfig config_;
  EventLog log_;
  std::array<TextRef, 5> requirements_;
  std::vector<uint32_t> queue_of_;
  int64_t sequence_ = 0;
  int64_t now_ns_ = 0;
};

// Nanoseconds of CPU an event; the median.
template <typename Fold>
double measure(const Traffic& traffic, Fold fold) {
  std::array<double, kRepetitions> all{};
  for (double& one : all) {
    const double begin_ns = cpu_ns();
    fold();
    one = (cpu_ns() - begin_ns) / static_cast<double>(traffic.log().events.size());
  }
  std::sort(all.begin(), all.end());
  return all[kRepetitions / 2];
}

void run(uint32_t agents, int64_t calls) {
  const Traffic traffic(agents, calls);
  const EventLog& log = traffic.log();
  const double board_ns = measure(traffic, [&] {
    Board board;
    board.configure(traffic.config());
    for (const Event& event : log.events) board.apply(event, log.arena);
  });
  const double history_ns = measure(traffic, [&] {
    HistoryFold fold;
    fold.configure(traffic.config());
    for (const Event& event : log.events) fold.apply(event, log.arena, kUnixOffsetNs, nullptr);
  });
  double read_us = 0;
  const double windows_ns = measure(traffic, [&] {
    WindowStats windows;
    HistoryFold fold;
    fold.set_sink(&windows);
    fold.configure(traffic.config());
    for (const Event& event : log.events) fold.apply(event, log.arena, kUnixOffsetNs, nullptr);
  });
  {
    WindowStats windows;
    HistoryFold fold;
    fold.set_sink(&windows);
    fold.configure(traffic.config());
    for (const Event& event : log.events) fold.apply(event, log.arena, kUnixOffsetNs, nullptr);
    const int64_t now_ns = log.events.back().time_ns;
    constexpr int kReads = 1'000;
    int64_t answered = 0;
    const double begin_ns = cpu_ns();
    for (uint32_t i = 0; i < kReads; ++i) {
      const StatsScope scope = StatsScope::of(QueueIndex(i % kQueues));
      answered += windows.read(scope, StatsWindow::k60Min, now_ns).counts.answered;
    }
    read_us = (cpu_ns() - begin_ns) / 1e3 / kReads;
    ACD_CHECK(answered > 0 && windows.conservation_violations() == 0);
  }
  std::printf("| %u | %zu | %.0f | %.0f | %.0f | %.1f |\n", agents, log.events.size(), board_ns,
              history_ns, windows_ns - history_ns, read_us);
}

}  // namespace
}  // namespace acd::bench

int main(int argc, char** argv) {
  const bool is_tiny = argc > 1 && std::strcmp(argv[1], "--tiny") == 0;
  if (argc > 2 || (argc == 2 && !is_tiny)) {
    std::fprintf(stderr, "usage: insight_bench [--tiny]\n");
    return 2;
  }
  std::printf(
      "| agents | events | board ns | history ns | windows ns more | read of 60 min us |\n"
      "|---|---|---|---|---|---|\n");
  for (const uint32_t agents : {100u, 1'000u, 10'000u}) {
    acd::bench::run(agents, is_tiny ? 2 * agents : 200'000);
  }
  return 0;
}
