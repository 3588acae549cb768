// SPDX-License-Identifier: Apache-2.0
// Fold of one tenant's events into the rows of its history.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/event.h"
#include "routing/ids.h"
#include "routing/insight/fact_sink.h"
#include "routing/insight/history_rows.h"
#include "routing/insight/statistics.h"
#include "routing/tenant_config.h"

namespace acd {

// So many of something at a time, and how long altogether.
struct CountOverTime {
  int64_t count = 0;
  int64_t since_ns = 0;
  int64_t sum_ns = 0;  // Up to since_ns.

  void settle(int64_t now_ns) {
    sum_ns += count * (now_ns - since_ns);
    since_ns = now_ns;
  }
  void add(int64_t change, int64_t now_ns) {
    settle(now_ns);
    count += change;
  }
  bool operator==(const CountOverTime&) const = default;
};

// All that the fold remembers: what is open. Plain values, so that it can be written and read.
struct HistoryState {
  static constexpr int64_t kNoInterval = INT64_MIN;

  struct OpenOffer {
    AgentIndex agent;
    uint32_t generation = 0;
    int64_t made_ns = 0;
    bool has_rung = false;

    bool operator==(const OpenOffer&) const = default;
  };

  // An agent on a connected call.
  struct Party {
    AgentIndex agent;
    int32_t part = 0;
    int64_t since_ns = 0;
    int64_t since_ms = 0;
    int64_t held_since_ns = -1;  // -1: not on hold.
    int64_t hold_ns = 0;
    int32_t holds = 0;

    bool operator==(const Party&) const = default;
  };

  // By CallIndex. The row is filled as the call goes on.
  struct Call {
    bool is_live = false;
    bool is_waiting = false;  // Its visit is open.
    bool is_on_line = true;   // Else a callback whose customer is not there yet.
    bool is_connected = false;
    bool is_transferred = false;  // Since it was connected: its visit is counted.
    bool is_in_service_level = false;
    CallRow row;
    QueueIndex queue;
    AgentIndex agent;        // Who accepted, or the first of those who are on it.
    int64_t arrived_ns = 0;  // Its age counted back.
    int64_t entered_ns = 0;  // Of this visit, the same.
    int64_t entered_ms = 0;
    VisitEntry entry = VisitEntry::kArrival;
    int32_t visit_offers = 0;
    int32_t position = 0;
    int32_t steps = 0;
    int64_t ring_ns = -1;           // Of the accepted offer.
    int64_t waited_ns = 0;          // In the visits that are over.
    int64_t waited_on_line_ns = 0;  // Of it, with somebody on the line.
    VisitGroup group = 0;           // Of this visit, or the one that was answered.
    std::vector<OpenOffer> open_offers;
    std::vector<Party> parties;  // As they came.
    int32_t parts = 0;           // That began.
    int64_t left_talk_ns = 0;    // Of those who have left it.
    int64_t left_hold_ns = 0;

    bool operator==(const Call&) const = default;
  };

  // By QueueIndex.
  struct Queue {
    std::string id;  // Empty: not told yet.
    VisitThresholds thresholds;
    bool has_all_members = false;
    int64_t wrap_up_extension_ns = 0;
    std::array<int64_t, kMediumCount> waiting{};
    std::array<int64_t, kMediumCount> callbacks_waiting{};  // Of `waiting`: nobody on the line.
    std::array<int64_t, kMediumCount> waiting_at_begin{};   // Of the interval.
    std::array<int64_t, kMediumCount> connected{};
    CountOverTime members;  // Named members logged in and not paused here.
    CountOverTime paused;   // Agents logged in and paused here.
    int64_t staffed_base_ns = 0;
    int64_t staffed_seen_ns = 0;  // Of this interval, when something last happened here.
    QueueInterval interval;

    bool operator==(const Queue&) const = default;
  };

  // An agent's part of a connected call that ended, until its wrap-up is over.
  struct EndedCall {
    TalkRow talk;
    CallRow row;
    bool lives_on = false;  // Without the agent: the row says nothing.
    QueueIndex queue;
    VisitGroup group = 0;
    int64_t talk_ns = 0;
    int64_t hold_ns = 0;
    int32_t number = 0;             // Of the work item, in wrap-up.
    int64_t wrap_up_begin_ns = -1;  // -1: none.
    int64_t wrap_up_length_ns = 0;
    int64_t wrap_up_extension_ns = 0;

    bool operator==(const EndedCall&) const = default;
  };

  // By AgentIndex.
  struct Agent {
    std::string id;  // Empty: not upserted.
    AgentState state = AgentState::kLoggedOut;
    int32_t reason = 0;
    int64_t since_ns = 0;  // Its time in the state is counted up to here.
    int64_t logged_in_ns = 0;
    bool is_logged_in = false;
    bool is_not_ready = false;           // As last told by an agent event.
    std::vector<QueueIndex> queues;      // That name the agent as a member.
    std::vector<QueueIndex> paused;      // Where they are paused.
    std::vector<EndedCall> ended_calls;  // As they ended.
    AgentInterval interval;

    bool operator==(const Agent&) const = default;
  };

  int64_t sequence = 0;  // Of the last event.
  int64_t now_ns = 0;    // Of the last event.
  int64_t unix_offset_ns = 0;
  int64_t interval = kNoInterval;  // Unix time ÷ kIntervalMs.
  // The latest one that ever began. One that begins and is not later has begun before the clock was
  // set back; `pass` tells its second row from the first.
  int64_t latest_interval = kNoInterval;
  int64_t pass = 0;       // Of this interval: 0, or the event with which it began again.
  AgentIndex just_ended;  // Whose call ended with the last event.
  CountOverTime logged_in;
  std::vector<std::string> sources;
  std::deque<Call> calls;
  std::deque<Queue> queues;
  std::deque<Agent> agents;
  std::vector<QueueConfig> configs;  // In force: settings of a queue that is told later.

  [[nodiscard]] int64_t unix_ms(int64_t time_ns) const;
};

// Threads:  one at a time (the observer's).
// Bounds:   what is open: calls, their open offers, agents, queues. Rows are the caller's.
// Order:    the same events and offsets give the same rows, whoever took rows in between.
// Fails:    never; an event that cannot follow the ones before it is a bug and aborts.
class HistoryFold {
 public:
  HistoryFold() = default;
  // Goes on from where another fold was.
  explicit HistoryFold(HistoryState state) : state_(std::move(state)) {}

  // From now on `sink` is told what happens (null: nobody is). It outlives the fold, or what applies to
  // it.
  void set_sink(FactSink* sink) { sink_ = sink; }

  // `config` describes the queues from now on.
  void configure(const TenantConfig& config);

  // Applies one event; `arena` holds its texts, `unix_offset_ns` is Unix time less Router time.
  // Appends the rows that it finishes to `rows`; null: they are not wanted.
  void apply(const Event& event, std::string_view arena, int64_t unix_offset_ns, HistoryRows* rows);

  // Appends the open interval of every queue and agent that changed since the last call, as it was
  // at its last change.
  void take_open_intervals(HistoryRows* rows);

  [[nodiscard]] const HistoryState& state() const { return state_; }
  // Unix time of the last event.
  [[nodiscard]] int64_t unix_ms() const { return state_.unix_ms(state_.now_ns); }

 private:
  using Call = HistoryState::Call;
  using Queue = HistoryState::Queue;
  using Agent = HistoryState::Agent;

  void apply_event(const Event& event, std::string_view arena, HistoryRows* rows);

  // --- history_fold.cc: calls.
  void enqueue_call(const Event& event, std::string_view arena);
  void end_visit(const Event& event, VisitEnd end, LimitKind limit, HistoryRows* rows);
  void tell_visit_end(const Event& event, const Call& call, VisitEnd end, bool was_on_line,
                      bool is_over);
  void set_in_service_level(Call& call, bool is_in);
  void end_call(const Event& event, CallOutcome outcome, VisitEnd end, HistoryRows* rows);
  void connect_call(const Event& event, HistoryRows* rows);
  void requeue_call(const Event& event);
  void end_dial(const Event& event);
  void score_call(const Event& event, std::string_view arena, HistoryRows* rows);
  // `call`: null when it is over.
  void count_outcome(const ToldOutcome& outcome, Medium medium, int64_t times, QueueIndex queue,
                     AgentIndex agent, const Call* call);
  void note_decision(const Event& event, std::string_view arena);
  void create_offer(const Event& event);
  void accept_offer(const Event& event, HistoryRows* rows);
  void end_offer(const Event& event, OfferOutcome outcome, HistoryRows* rows);

  // --- history_talks.cc: each agent's part of a call.
  void add_party(Call& call, const Event& event);
  // The agent has the call no more: what comes next is their wrap-up, or nothing.
  HistoryState::EndedCall& end_part(Call& call, AgentIndex agent, TalkEnd end, int64_t time_ns);
  // The same of the last one who has it.
  HistoryState::EndedCall& end_talk(Call& call, TalkEnd end, int64_t time_ns);
  void finish_connected_call(Call& call, const Event& event);
  void transfer_call(const Event& event, std::string_view arena, HistoryRows* rows);
  void merge_call(const Event& event, HistoryRows* rows);
  void join_call(const Event& event);
  void leave_call(const Event& event);
  void hold_call(const Event& event);
  void count_transfer(Call& call, AgentIndex agent);
  // The one at that place of the agent's ended calls.
  void finish_handled_call(AgentIndex index, size_t place, int64_t wrap_up_ns, HistoryRows* rows);

  // --- history_agents.cc: agents, memberships, intervals.
  void change_agent(const Event& event, std::string_view arena, HistoryRows* rows);
  void log_in(const Event& event, std::string_view arena, HistoryRows* rows);
  void log_out(const Event& event, HistoryRows* rows);
  void start_wrap_up(const Event& event);
  void end_wrap_up(const Event& event, HistoryRows* rows);
  void change_member(const Event& event, HistoryRows* rows);
  void set_agent_state(AgentIndex index, AgentState state, int32_t reason, HistoryRows* rows);
  void add_agent_event(AgentIndex agent, AgentEventKind kind, HistoryRows* rows, int32_t number = 0,
                       QueueIndex queue = {}, int64_t duration_ms = kAbsentMs);
  // The same of the agent's station.
  void add_station_event(const Event& event, AgentEventKind kind, std::string_view arena,
                         HistoryRows* rows);
  [[nodiscard]] std::string_view source_id(SourceIndex source) const;
  void count_log_in(const Agent& agent, int64_t change);
  static void settle(Agent& agent, int64_t now_ns);
  void settle(Queue& queue);

  void bind_queue(const Event& event, std::string_view arena);
  void remove_queue(const Event& event);
  void take_settings(Queue& queue);
  [[nodiscard]] int64_t staffed_ns(const Queue& queue) const;

  // Moves to the time of an event, through the intervals in between.
  void move_to(int64_t time_ns, int64_t unix_offset_ns, HistoryRows* rows);
  void begin_interval(int64_t interval);
  void close_interval(int64_t time_ns, HistoryRows* rows);
  // As of the last thing that happened there, so that it does not matter when it is taken.
  [[nodiscard]] QueueIntervalRow queue_row(const Queue& queue) const;
  [[nodiscard]] AgentIntervalRow agent_row(const Agent& agent) const;

  // Of a medium in the open interval.
  [[nodiscard]] QueueFigures& figures(QueueIndex queue, Medium medium) {
    return changed_queue(queue).interval.media.of(medium);
  }
  [[nodiscard]] AgentFigures& figures(AgentIndex agent, Medium medium) {
    return changed_agent(agent).interval.media.of(medium);
  }
  [[nodiscard]] Call& live_call(CallIndex index);
  [[nodiscard]] Agent& known_agent(AgentIndex index);
  // Both of them count as changed in their interval.
  [[nodiscard]] Queue& changed_queue(QueueIndex index);
  [[nodiscard]] Agent& changed_agent(AgentIndex index);

  HistoryState state_;
  FactSink* sink_ = nullptr;
  // Changed since take_open_intervals().
  std::vector<QueueIndex> changed_queues_;
  std::vector<AgentIndex> changed_agents_;
  std::vector<bool> is_queue_changed_;
  std::vector<bool> is_agent_changed_;
};

}  // namespace acd
