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
  // How much later than its limit a wrap-up ends here.
  int64_t wrap_up_late_ns = 0;
  // It rings whom it should not, and offers calls to legs that are down.
  bool rings_everybody = false;
  bool forgets_lost_legs = false;
  // Of who is escalated or sent outside: anybody gets them, or the switch hears nothing of it.
  bool escalates_to_anybody = false;
  bool keeps_outside_to_itself = false;
  bool forgets_quality = false;

  // --- What it saw.

  // "12s call_offered bank-1-000001" and so on, each applied event once.
  std::vector<std::string> history;
  std::vector<int64_t> nows;
  std::map<std::string, ReplayOutcome> outcomes;
  std::map<std::string, int64_t> scheduled;  // For later, ever: Router time.
  int connects = 0;

 private:
  struct Agent {
    std::set<std::string> queues;
    std::string station;
    AnswerMode answer_mode = AnswerMode::kPhone;
    bool is_ready = false;
    bool is_log_out_pending = false;
    std::string call;
    int64_t wrap_up_begin_ns = kNeverNs;  // After that call.
    int64_t wrap_up_end_ns = kNeverNs;
    int64_t idle_since = 0;  // Order of becoming idle.
  };
  struct Call {
    enum class State { kWaiting, kRinging, kConnecting, kConnected, kEnded };
    State state = State::kWaiting;
    std::string queue;
    std::string agent;
    int64_t generation = 0;
    int64_t offered_ns = 0;
    int64_t connected_ns = 0;
    std::pair<int64_t, int64_t> key;
  };

  void apply(const ReplayEvent& event, int64_t now_ns);
  void refuse(const ReplayRefusal& refusal);
  void end_call(const ReplayEvent& event, int64_t now_ns);
  void take_outcome(const ReplayEvent& event);
  void transfer(const ReplayEvent& event, int64_t now_ns);
  void finish_talk(Call& call, int64_t now_ns);
  void release(const std::string& agent_id);
  void end_wrap_up(const std::string& agent_id, int64_t now_ns);
  void match();
  void ring(const std::string& call_id, const std::string& agent_id);
  void repeat_open_commands();
  void ring_agent(const std::string& call_id, const Call& call);
  [[nodiscard]] static std::string leg_of(const std::string& call_id, const Call& call);
  void connect_agent(const std::string& call_id, const Call& call);

  std::map<std::string, Agent> agents_;
  std::map<std::string, Call> calls_;
  std::map<std::pair<int64_t, int64_t>, std::string> waiting_;  // By key.
  std::map<std::string, int64_t> for_later_;                    // Router time.
  std::map<std::string, QueueFigures> figures_;
  std::set<std::string> wrap_up_queues_;
  std::vector<std::string> roster_;
  ReplayAnswer answer_;
  std::vector<ReplayRefusal> refusals_;  // Of the session; repeated after a cut.
  int exchanges_ = 0;
  int64_t last_sequence_ = 0;
  int64_t order_ = 0;
  bool is_connected_ = false;
};

}  // namespace acd::sim
