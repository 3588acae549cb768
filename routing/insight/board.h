// SPDX-License-Identifier: Apache-2.0
// What a wallboard shows of one tenant: queues, agents and live calls, folded from its events.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/callback.h"
#include "routing/event.h"
#include "routing/ids.h"
#include "routing/insight/decision_ring.h"
#include "routing/insight/statistics.h"
#include "routing/media.h"
#include "routing/station.h"
#include "routing/tenant_config.h"

namespace acd {

struct SavedBoard;

// What decides whether a queue is open.
enum class HoursSource : uint8_t {
  kAlwaysOpen,
  kCalendar,
  kOverride,     // A supervisor.
  kUnknownZone,  // A calendar whose zone the machine does not know.
};

// By what a queue is open or closed: told beside the events, as no rule reads it. Times are Unix
// milliseconds, 0: none.
struct QueueHours {
  HoursSource source = HoursSource::kAlwaysOpen;
  std::string calendar;  // Id; empty: none.
  std::string reason;    // Of kOverride, as are all below but the last.
  std::string principal;
  int64_t since_ms = 0;
  int64_t until_ms = 0;
  int64_t next_change_ms = 0;

  bool operator==(const QueueHours&) const = default;
};

// Of one queue.
struct ToldHours {
  std::string queue;  // Id.
  QueueHours hours;
  QueueHours callback_hours;

  bool operator==(const ToldHours&) const = default;
};
// In the order of the configuration.
using HoursList = std::vector<ToldHours>;

struct QueueView {
  std::string id;
  QueueIndex index;  // That it was told by last; none before the first event of it.
  int64_t service_level_target_ns = kServiceLevelTargetDefaultNs;
  int32_t service_level_goal_percent = kServiceLevelGoalDefaultPercent;
  ServiceLevelVariant service_level_variant = ServiceLevelVariant::kAbandonedNegative;
  int64_t short_abandon_ns = kShortAbandonDefaultNs;
  QueueCounts counts;
  CodeCounts codes;  // Of the calls that ended in it.
  bool is_open = true;
  QueueHours hours;
  bool are_callbacks_open = true;  // Its customers may be called.
  QueueHours callback_hours;       // By what; never overridden.
  std::set<AgentIndex> members_paused;
  // Waiting calls by (entered at, call): the first has waited longest in this queue.
  std::set<std::pair<int64_t, CallIndex>> waiting_calls;
};

struct AgentView {
  std::string id;
  std::string display_name;
  std::string team;  // Empty: none.
  std::vector<std::pair<std::string, int>> skills;
  MediaRule media;
  AgentState state = AgentState::kLoggedOut;
  int32_t reason = 0;
  int64_t state_since_ns = 0;
  std::string station;  // Empty: logged out.
  SourceIndex source;
  SourceIndex desktop;  // The session of the agent's desktop, if there is one.
  AnswerMode answer_mode = AnswerMode::kPhone;
  MediaMask station_media = kAllMedia;
  bool is_leg_up = false;        // Of a nailed-up station.
  std::vector<CallIndex> calls;  // In hand or offered, as they came; not those in wrap-up.
  int64_t answered = 0;
  int64_t no_answer = 0;
  int64_t joined = 0;       // Calls on which others were: merged with a consult of the agent.
  int64_t transferred = 0;  // Of both those.
  int64_t busy_sum_ns = 0;  // With work in hand, up to state_since_ns.
  int64_t idle_sum_ns = 0;  // READY without work, up to state_since_ns.
  // Of the calls that ended connected to the agent.
  OutcomeCounts outcomes;
  CodeCounts codes;

  bool operator==(const AgentView&) const = default;
};

enum class CallState : uint8_t {
  kEnqueued = 1,
  kAlerting = 2,
  kConnecting = 3,
  kConnected = 4,
  kDialing = 5,
  kScheduled = 6,  // Out of the order until the next attempt.
  kOutside = 7,    // Somebody outside talks with who consults.
};

// An offer that is not over.
struct OpenOffer {
  AgentIndex agent;
  uint32_t generation = 0;

  bool operator==(const OpenOffer&) const = default;
};

// An agent on a connected call.
struct CallParty {
  AgentIndex agent;
  int64_t since_ns = 0;

  bool operator==(const CallParty&) const = default;
};

struct CallView {
  std::string id;
  CallState state = CallState::kEnqueued;
  Medium medium = Medium::kVoice;
  QueueIndex queue;
  int32_t priority = 0;
  int64_t arrived_ns = 0;    // When it entered its first queue (its age counted back).
  int64_t entered_ns = 0;    // When it entered this queue; in the first as arrived_ns.
  int64_t key_ns = 0;        // Its place in the order: since when it counts as waiting.
  int64_t connected_ns = 0;  // kConnected only.
  // Who accepted it, or the first of those who are on it; else the first of those it is offered to.
  AgentIndex agent;
  std::vector<CallParty> parties;      // kConnected only; as they came.
  std::string parent;                  // Of a consult: id of the call that it is about.
  AgentIndex consulting;               // The same: who consults.
  std::vector<OpenOffer> open_offers;  // In the order made; several where a queue rings all.
  std::string requirement;
  std::string leg;
  int64_t offers = 0;
  int64_t visits = 0;  // Queues it has been in, this one included.
  int64_t transfers = 0;
  bool is_transferred = false;  // Since it was connected: its visit is counted.
  SourceIndex source;
  bool in_service_level = false;
  bool is_on_line = true;       // Else a callback whose customer is not there yet.
  std::string origin;           // Id of the call that a callback came of; empty: none.
  int64_t attempts = 0;         // Of a callback: dials that failed.
  std::string number;           // The same: of its customer.
  int64_t next_attempt_ns = 0;  // kScheduled only: when it comes back.
  ToldOutcome outcome;          // As told while it lives; counted when it ends.

  [[nodiscard]] bool is_consult() const { return !parent.empty(); }
  bool operator==(const CallView&) const = default;
};

// Its caller waits: offered or being connected counts, who is to be called back does not, nor a consult.
[[nodiscard]] bool is_waiting(const CallView& call);
// States of agents as they are displayed.
inline constexpr size_t kAgentStateCount = static_cast<size_t>(AgentState::kBusyOther) + 1;

// Time with work in hand over that and idle READY time up to `now_ns`, percent 0..100; nothing
// before either. REQUIRES: now_ns >= agent.state_since_ns.
[[nodiscard]] std::optional<double> occupancy_percent(const AgentView& agent, int64_t now_ns);
// Calls transferred of those answered and joined, percent 0..100; nothing before the first.
[[nodiscard]] std::optional<double> transfer_percent(const AgentView& agent);

// The agents of one team. A team without agents is none.
struct AgentsOfTeam {
  std::list<AgentIndex> agents;  // Who changed last comes first.
  int64_t left = 0;              // Sequence of an event up to which agents have left it.
};

// Whose caller waits there no more.
struct GoneCall {
  int64_t sequence = 0;  // Of the event.
  int64_t since = 0;     // Of the one by which the wait began; 0: before the board was restored.
  QueueIndex queue;
  std::string id;
};
// Of those that went last.
inline constexpr size_t kGoneCallsMax = 16'384;

// Fold over the events of one tenant. The same events and the same last advance() give the same
// board, however often it was read on the way.
//
// Threads:  one at a time (the observer's).
// Bounds:   as many agents, queues and calls as the Router holds.
// Fails:    never; an event that cannot follow the ones before it is a bug and aborts.
class Board {
 public:
  Board() = default;
  Board(const Board&) = delete;  // Indexes point into queues_ and calls_; a move keeps the slots.
  Board& operator=(const Board&) = delete;
  Board(Board&&) = default;
  Board& operator=(Board&&) = default;

  // `config` describes the queues from now on: their settings and their order. Counters and calls
  // stay with the id. A queue that is left out goes when its removal is told; until then it is
  // listed behind the others. Which index means which queue is told by queue.config_changed, before
  // or after this.
  void configure(const TenantConfig& config);

  // Applies one event; `arena` holds its texts. REQUIRES: events in order, without gaps.
  void apply(const Event& event, std::string_view arena);

  // From now on these say by what queues are open; those that are not in it always are. No part of
  // what is saved: who starts again is told anew.
  void set_hours(const HoursList& list);

  // The visits that pass their target by waiting enter the service level up to `now_ns`. Call
  // before a read. Never goes back. Costs a search per queue with waiting calls and a step per
  // visit that enters.
  void advance(int64_t now_ns);

  // The state, for a snapshot.
  [[nodiscard]] SavedBoard save() const;
  // Takes that state: goes on as the board that was saved would have. REQUIRES: nothing was asked of
  // this one before; `saved` is what save() gave.
  void restore(const SavedBoard& saved);

  [[nodiscard]] int64_t now_ns() const { return now_ns_; }
  [[nodiscard]] int64_t sequence() const { return sequence_; }  // Of the last event.

  // In the order of the configuration, then those that are on their way out.
  [[nodiscard]] const std::vector<const QueueView*>& queues() const { return listed_queues_; }
  // REQUIRES: an event has told what `index` means.
  [[nodiscard]] const QueueView& queue(QueueIndex index) const;
  // Over all queues, removed ones and stale offers of ended calls included.
  [[nodiscard]] QueueCounts total() const;
  [[nodiscard]] CodeCounts total_codes() const;
  [[nodiscard]] const QueueView* find_queue(std::string_view id) const;
  // Whether there is or ever was one with that id: who followed it may go on.
  [[nodiscard]] bool has_known_queue(std::string_view id) const {
    return queues_by_id_.contains(id);
  }

  // REQUIRES: `index` was upserted.
  [[nodiscard]] const AgentView& agent(AgentIndex index) const;
  [[nodiscard]] const AgentView* find_agent(std::string_view id) const;
  // Agents by id.
  [[nodiscard]] const std::map<std::string, AgentIndex, std::less<>>& agents_by_id() const {
    return agents_by_id_;
  }
  // By team, also those of none; who follows agents looks at the first of each alone.
  [[nodiscard]] const std::map<std::string, AgentsOfTeam, std::less<>>& teams() const {
    return teams_;
  }
  // Sequence of the event that last changed what the board says of it, or of the one up to which the
  // board was restored. REQUIRES: `index` was upserted.
  [[nodiscard]] int64_t agent_changed(AgentIndex index) const;
  // Nobody has left `team` by a later event than this. There need not be one.
  [[nodiscard]] int64_t team_left(std::string_view team) const;
  // Count of agents in each displayed state; all states, also those of nobody.
  [[nodiscard]] std::map<AgentState, int64_t> agents_by_state() const;

  // REQUIRES: the call is live.
  [[nodiscard]] const CallView& call(CallIndex index) const;
  // Sequence of the event that last changed what the board says of it, or of the one up to which the
  // board was restored. REQUIRES: the call is live.
  [[nodiscard]] int64_t call_changed(CallIndex index) const;
  // The last kGoneCallsMax, by their sequence: all after the event gone_floor().
  [[nodiscard]] const std::deque<GoneCall>& gone_calls() const { return gone_calls_; }
  [[nodiscard]] int64_t gone_floor() const { return gone_floor_; }
  // The call that had this index last, live or not; null when none did since the board began or was
  // restored.
  [[nodiscard]] const CallView* told_call(CallIndex index) const;
  [[nodiscard]] const CallView* find_call(std::string_view id) const;
  // The same by its index.
  [[nodiscard]] std::optional<CallIndex> index_of_call(std::string_view id) const;
  // The record of the latest assignment of a live call, or else of the one with that id that ended last;
  // null: there is none, or it is no longer kept.
  [[nodiscard]] const CallDecision* find_decision(std::string_view call_id) const;
  // Live calls by (arrived at, index): longest in the system first.
  [[nodiscard]] const std::set<std::pair<int64_t, CallIndex>>& calls_by_age() const {
    return calls_by_age_;
  }
  // What is for later, by (Unix time in ms, id): the first is due first.
  [[nodiscard]] const std::set<std::pair<int64_t, std::string>>& scheduled_by_time() const {
    return scheduled_by_time_;
  }
  // REQUIRES: it is for later.
  [[nodiscard]] const ScheduledCall& scheduled(const std::string& id) const {
    return scheduled_.at(id);
  }
  // Whether the desktop of the agent has lost its connection.
  [[nodiscard]] bool is_desktop_away(const AgentView& agent) const {
    return agent.desktop.valid() && is_away_[agent.desktop.value()] != 0;
  }
  // Of a switch or a desktop session. REQUIRES: it has connected.
  [[nodiscard]] const std::string& source_id(SourceIndex index) const;

 private:
  // Never freed: calls, wrap-ups and counters outlive the removal of their queue.
  struct QueueSlot {
    QueueView view;
    bool is_configured = false;  // In the configuration that came last.
    bool is_listed = false;      // Configured, or its removal was not told yet.
  };

  struct AgentSlot {
    AgentView view;  // An empty id: not upserted.
    int64_t changed = 0;
    AgentsOfTeam* team = nullptr;  // Null: not upserted.
    std::list<AgentIndex>::iterator place;
    // The last connected call that ended: its queue (null: none yet), talk and hold.
    QueueView* handled_queue = nullptr;
    int64_t handled_ns = 0;
    // After such calls, which count as handled only when the wrap-up ends.
    struct WrapUp {
      int32_t number = 0;  // Of the work item.
      QueueView* queue = nullptr;
      int64_t handled_ns = 0;
      int64_t begin_ns = 0;
    };
    std::vector<WrapUp> wrap_ups;
  };
  struct CallSlot {
    CallView view;  // Its queue outlives the call, for an offer that is ended after it.
    bool is_live = false;
    bool is_waiting = false;  // Its visit is open: neither connected nor between two queues.
    int64_t changed = 0;
    int64_t waits_since = 0;  // Sequence of the event.
  };

  void bind_queue(const Event& event, std::string_view arena);
  void remove_queue(const Event& event);
  void change_member(const Event& event);

  void enqueue_call(const Event& event, std::string_view arena);
  void change_schedule(const Event& event, std::string_view arena);
  [[nodiscard]] QueueCounts& counts_for_later(std::string_view queue);
  void unschedule(std::string_view id);
  void overflow_call(const Event& event);
  void transfer_call(const Event& event);
  void connect_call(const Event& event, std::string_view arena);
  void end_call(const Event& event, VisitEnd end);
  void requeue_call(const Event& event);
  void merge_call(const Event& event);
  void join_call(const Event& event);
  void leave_call(const Event& event);
  void count_transfer(CallView& call, AgentIndex agent);
  void dial_customer(const Event& event);
  void end_dial(const Event& event, std::string_view arena);
  void come_due(const Event& event);
  void score_call(const Event& event, std::string_view arena);
  void count_outcome(const ToldOutcome& outcome, int64_t times, QueueIndex queue, AgentIndex agent);
  void create_offer(const Event& event);
  void accept_offer(const Event& event);
  void end_offer(const Event& event);
  void upsert_agent(const Event& event, std::string_view arena);
  void log_in_agent(const Event& event, std::string_view arena);
  void log_out_agent(const Event& event);
  void join_team(AgentIndex index);
  void leave_team(AgentSlot& agent);
  void attach_agent(AgentIndex index, SourceIndex desktop);
  void start_wrap_up(const Event& event);
  void end_wrap_up(const Event& event);
  void connect_switch(const Event& event, std::string_view arena);

  void begin_call(const Event& event, std::string_view arena);
  void begin_visit(const Event& event);
  void begin_wait(CallIndex index, int64_t entered_ns);
  void end_wait(CallIndex index);
  void end_visit(CallIndex index, VisitEnd end, int64_t time_ns);
  void end_talk(CallView& call, AgentIndex agent, int64_t time_ns);
  void close_call(CallIndex index);
  void take_in_hand(AgentIndex agent, CallIndex call);
  void clear_hand(AgentIndex agent, CallIndex call);
  void release_agents(CallIndex index);
  void show_offers(CallView& call) const;
  void set_agent_state(AgentSlot& agent, AgentState state, int32_t reason, int64_t time_ns);

  // Of one that the event under way changes.
  [[nodiscard]] CallSlot& live_slot(CallIndex index);
  [[nodiscard]] CallView& live_call(CallIndex index) { return live_slot(index).view; }
  [[nodiscard]] AgentSlot& known_agent(AgentIndex index);
  // The same, of one that the event under way changes.
  [[nodiscard]] AgentSlot& changed_agent(AgentIndex index);
  [[nodiscard]] QueueView& queue_at(QueueIndex index);
  [[nodiscard]] QueueView& queue_of(const CallView& call) { return queue_at(call.queue); }
  [[nodiscard]] QueueSlot& queue_named(std::string_view id);

  static constexpr int64_t kNotAdvanced = INT64_MIN / 2;

  int64_t now_ns_ = 0;
  int64_t sequence_ = 0;
  // Every waiting call that is due to enter the service level by then has entered.
  int64_t advanced_ns_ = kNotAdvanced;

  std::deque<QueueSlot> queues_;  // A deque: what follows points into its slots.
  std::map<std::string, QueueSlot*, std::less<>> queues_by_id_;
  std::vector<const QueueView*> listed_queues_;
  std::vector<QueueView*> queue_at_;  // By QueueIndex.
  QueueCounts elsewhere_;             // What belongs to no queue.

  std::deque<AgentSlot> agents_;
  std::map<std::string, AgentIndex, std::less<>> agents_by_id_;
  std::map<std::string, AgentsOfTeam, std::less<>> teams_;
  int64_t team_ended_ = 0;  // Sequence of the last event by which a team was left by all.
  std::array<int64_t, kAgentStateCount> agent_counts_{};  // By displayed state.

  std::deque<CallSlot> calls_;  // A deque: the keys of calls_by_id_ point into its slots.
  std::map<std::string_view, CallIndex, std::less<>> calls_by_id_;
  std::set<std::pair<int64_t, CallIndex>> calls_by_age_;

  std::deque<GoneCall> gone_calls_;
  int64_t gone_floor_ = 0;

  DecisionRing decisions_;

  std::map<std::string, ScheduledCall, std::less<>> scheduled_;  // By id.
  std::set<std::pair<int64_t, std::string>> scheduled_by_time_;

  std::vector<std::string> source_ids_;
  std::vector<uint8_t> is_away_;                // Of desktop sessions, by source.
  std::vector<std::set<AgentIndex>> attached_;  // To them, the same.
};

}  // namespace acd
