// SPDX-License-Identifier: Apache-2.0
// A small daemon in memory: longest-idle matching by the skills of a plan, one session, cuts on
// demand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/replay_daemon.h"
#include "sim/replay_plan.h"

namespace acd::sim {

class FakeDaemon final : public ReplayDaemon {
 public:
  // Agents have the skills that the plan gives them.
  explicit FakeDaemon(const ReplayPlan& plan);

  absl::StatusOr<ReplayHello> connect() override;
  absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) override;
  absl::StatusOr<std::string> request(const ReplayEvent& event,
                                      const std::string& request_id) override;
  absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) override;
  absl::StatusOr<std::vector<QueueFigures>> queue_figures() override;

  // --- How it misbehaves or differs.

  ReplayHello hello{.is_clock_driven = true, .batch_events_max = 1'024};
  // By number of the exchange, from 1: cut before the batch is applied, or after, with its answer
  // lost.
  std::set<int> cuts_before;
  std::set<int> cuts_after;
  // Further ones fail.
  int connects_max = 1'000;
  // Events that a restart forgets.
  int64_t events_lost_by_cut = 0;
  // Timers that do nothing but make the conductor stop for them.
  std::set<int64_t> deadlines;
  // Last word on an answer and on the statistics.
  std::function<void(ReplayAnswer&)> spoil_answer;
  std::function<void(std::vector<QueueFigures>&)> spoil_figures;
  // Agents who do not exist here.
  std::set<std::string> unknown_agents;
  // Calls that are released when they come.
  std::set<std::string> releases;
  // Calls that are never offered.
  std::set<std::string> forgotten;
  // Unix time of Router time 0: calls for later are a deadline, and never enter.
  int64_t unix_offset_ns = 1'900'000'000 * kNsPerS;
  // Calls that come when its disk is full.
  std::set<std::string> kept_out;

  // --- What it saw.

  // "12s call_offered bank-1-000001" and so on, each applied event once.
  std::vector<std::string> history;
  std::vector<int64_t> nows;
  int connects = 0;

 private:
  struct Agent {
    std::set<std::string> queues;
    std::string station;
    bool is_ready = false;
    bool is_log_out_pending = false;
    std::string call;
    int64_t idle_since = 0;  // Order of becoming idle.
  };
  struct Call {
    enum class State { kWaiting, kRinging, kConnecting, kConnected, kEnded };
    State state = State::kWaiting;
    std::string queue;
    std::string agent;
    int64_t generation = 0;
    int64_t offered_ns = 0;
    std::pair<int64_t, int64_t> key;
  };

  void apply(const ReplayEvent& event, int64_t now_ns);
  void refuse(const ReplayRefusal& refusal);
  void end_call(const ReplayEvent& event, int64_t now_ns);
  void release(const std::string& agent_id);
  void match();
  void ring(const std::string& call_id, const std::string& agent_id);
  void repeat_open_commands();

  std::map<std::string, Agent> agents_;
  std::map<std::string, Call> calls_;
  std::map<std::pair<int64_t, int64_t>, std::string> waiting_;  // By key.
  std::map<std::string, int64_t> for_later_;                    // Router time.
  std::map<std::string, QueueFigures> figures_;
  ReplayAnswer answer_;
  std::vector<ReplayRefusal> refusals_;  // Of the session; repeated after a cut.
  int exchanges_ = 0;
  int64_t last_sequence_ = 0;
  int64_t order_ = 0;
  bool is_connected_ = false;
};

}  // namespace acd::sim
