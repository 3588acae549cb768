// SPDX-License-Identifier: Apache-2.0
// Two ways to let a call log happen again, told as a daemon tells events: as it was recorded, and as
// the Router would have decided it.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/call_log.h"
#include "sim/replay_plan.h"
#include "sim/router_daemon.h"

namespace acd::sim {

// A queue for each type of call in either log, which asks for the skill of its name, as
// `acdsim bank-config` writes it.
[[nodiscard]] TenantConfig log_centre(const std::vector<const CallLog*>& logs);
// The log's agents, with the types that it shows them serving.
[[nodiscard]] std::vector<AgentProfile> log_agents(const CallLog& log);

// The Router decides: the log's callers, their patience and the agents' shifts, played as
// `acdsim replay` plays them and held to the same promises.
class ReplayedWorld {
 public:
  ReplayedWorld(const TenantConfig& config, WorldHooks hooks) : daemon_(config, std::move(hooks)) {}

  // Each log after the one before. INTERNAL: the Router broke a promise.
  absl::Status play(const CallLog& log, const std::function<bool()>& is_stopped);

 private:
  RouterDaemon daemon_;
  uint64_t logs_ = 0;
};

// The log decides: who waited how long and who answered. Agents who are in no call are in wrap-up
// for kRecordedWrapUpNs after one and then not ready, as a log does not tell breaks; they are ready
// at no time. A row that was served by nobody it names is taken by an agent without skills.
//
// Order:    within an instant: log-ins, ends of calls and wrap-ups, answers and abandons, arrivals,
//           log-outs.
class RecordedWorld {
 public:
  static constexpr int64_t kRecordedWrapUpNs = 45 * kNsPerS;

  RecordedWorld(const TenantConfig& config, WorldHooks hooks);

  absl::Status play(const CallLog& log, const std::function<bool()>& is_stopped);

 private:
  // In the order in which they happen within one instant.
  enum class Kind : uint8_t { kLogIn, kCallEnd, kWrapUpEnd, kCallLeaves, kArrival, kLogOut };
  struct Due {
    int64_t time_ns = 0;
    Kind kind{};
    uint32_t id = 0;   // Of a shift, a row or an agent.
    int32_t item = 0;  // Of a wrap-up.
    auto operator<=>(const Due&) const = default;
  };
  struct Agent {
    std::string id;
    AgentState state = AgentState::kLoggedOut;
    int32_t calls = 0;    // In hand.
    int32_t items = 0;    // Work items so far.
    int32_t wrap_up = 0;  // Number of the item that is wrapped up; 0: none.
    QueueIndex wrap_up_queue;
  };
  struct Live {
    CallIndex index;
    AgentIndex agent;
    QueueIndex queue;
    int32_t item = 0;
  };

  void happen(const Due& due);
  void upsert(const AgentProfile& agent);
  void arrive(uint32_t row);
  void leave(uint32_t row);
  void end_call(uint32_t row);
  void end_wrap_up(AgentIndex index, int32_t item);
  void log_in(AgentIndex index);
  void log_out(AgentIndex index);
  void set_state(AgentIndex index, AgentState state, int32_t reason);
  [[nodiscard]] AgentIndex agent_of(const CallRow& row);
  Event& emit(EventKind kind);
  Event& emit(EventKind kind, const Live& call);
  // Hands on what was emitted.
  void tell();

  WorldHooks hooks_;
  EventLog log_;
  int64_t sequence_ = 0;
  int64_t now_ns_ = 0;
  int64_t base_ns_ = 0;  // Of the log's first midnight.
  const CallLog* rows_ = nullptr;
  ReplayPlan plan_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> schedule_;
  std::map<std::string, QueueIndex> queues_;
  std::map<std::string, AgentIndex> agents_by_id_;
  std::vector<Agent> agents_;
  std::vector<AgentIndex> unnamed_;  // Who serve what nobody named serves, and are free.
  std::map<uint32_t, Live> live_;    // By row.
  std::vector<CallIndex> free_calls_;
  uint32_t calls_ = 0;
};

}  // namespace acd::sim
