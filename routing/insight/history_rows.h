// SPDX-License-Identifier: Apache-2.0
// What history keeps: one row each finished call, talk, visit, offer and interval. Times are Unix time in
// milliseconds, durations milliseconds; kAbsentMs where there was none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "routing/command.h"
#include "routing/decision.h"
#include "routing/event.h"
#include "routing/insight/histogram.h"
#include "routing/insight/statistics.h"
#include "routing/insight/window_figures.h"
#include "routing/insight/window_view.h"
#include "routing/media.h"
#include "routing/outcome.h"

namespace acd {

inline constexpr int64_t kAbsentMs = -1;

// Length of an interval; they begin at full quarters of an hour of Unix time.
inline constexpr int64_t kIntervalMs = int64_t{15} * 60 * 1'000;

// How a call ended.
enum class CallOutcome : uint8_t {
  kCompleted,
  kAbandoned,
  kTimedOut,
  kWithdrawn,
  kFailed,
  kRejected,
  kOverflowed,   // To an outside number.
  kTransferred,  // The same, because somebody said so.
  kMerged,       // A consult, with the call that it was about.
  kCallbackRequested,
  kRerouted,  // Withdrawn: its switch gave it to its own default route.
};

// E.g. "timed_out".
[[nodiscard]] std::string_view outcome_word(CallOutcome outcome);

// How a wrap-up ended: its time was over, or before that, by the agent or for them.
enum class WrapUpEnd : uint8_t { kNone, kTime, kAgent };

// How an agent's part of a call ended.
enum class TalkEnd : uint8_t {
  kCompleted,
  kTransferred,
  kConsultTransferred,  // To whom they had consulted.
  kLeft,                // Others stayed on the call.
  kMerged,              // Of a consult: goes on as a part of the call that it was about.
  kLost,                // With its switch.
};

// Of the record of a decision, what history keeps in columns.
struct DecisionSummary {
  bool is_made = false;  // Somebody was chosen at least once.
  uint32_t config_version = 0;
  CallOrder call_order = CallOrder::kPriority;
  Strategy strategy = Strategy::kLongestIdle;
  TieBreak tie_break = TieBreak::kOnly;
  bool was_preferred = false;
  uint16_t steps = 0;
  int32_t rank = 1;
  int64_t preference = 0;
  int32_t candidates = 0;  // Free for the call, at most four counted.
  AgentIndex runner_up;

  bool operator==(const DecisionSummary&) const = default;
};

// A call that is over, its wrap-up included.
struct CallRow {
  int64_t number = 0;  // Of the event by which it arrived: names the call within its tenant.
  std::string call;
  std::string source;
  std::string parent;  // Of a consult: id of the call that it was about.
  std::string first_queue;
  std::string queue;  // The last one.
  std::string requirement;
  Medium medium = Medium::kVoice;
  int32_t priority = 0;
  int64_t arrived_ms = 0;
  int64_t connected_ms = kAbsentMs;  // To the agent below; absent when it waited again at its end.
  int64_t ended_ms = 0;
  int64_t wait_ms = 0;  // In all its visits together.
  int64_t ring_ms = kAbsentMs;
  int64_t talk_ms = kAbsentMs;  // Of all agents who were on it, as hold.
  int64_t hold_ms = kAbsentMs;
  int32_t holds = 0;  // As those.
  int64_t wrap_up_ms = kAbsentMs;
  WrapUpEnd wrap_up_end = WrapUpEnd::kNone;
  int32_t visits = 0;
  int32_t overflows = 0;
  int32_t offers = 0;
  int32_t requeues = 0;
  int32_t transfers = 0;
  CallOutcome outcome = CallOutcome::kCompleted;
  EndedBy ended_by = EndedBy::kNone;
  LimitKind limit = LimitKind::kNone;  // That it met last.
  bool is_switch_lost = false;
  int32_t cause = 0;
  std::string target;  // The outside number, or the id of the callback that took its place.
  std::string agent;   // Whom it was connected to last, and until its end; of several the last.
  int64_t offer = 0;   // Generation of the offer that was accepted; 0: none.
  bool is_adopted = false;
  DecisionSummary decision;  // The last one.
  std::string runner_up;
  ToldOutcome told;
  std::string labels;  // Comma-separated.
  std::string reference;
  std::string origin;           // Of a callback: the call whose place it took.
  int32_t attempts = 0;         // The same: dials that failed.
  std::string customer_number;  // The same: who was to be called.

  bool operator==(const CallRow&) const = default;
};

// What is told of a call whose row is complete: it replaces these columns of the row.
struct OutcomeRow {
  int64_t number = 0;  // Of the call.
  ToldOutcome told;    // All of it, as it is now.
  bool says_labels = false;
  std::string labels;
  bool says_reference = false;
  std::string reference;

  bool operator==(const OutcomeRow&) const = default;
};

// An agent's part of a call, its wrap-up included.
struct TalkRow {
  int64_t number = 0;  // Of the call.
  int32_t part = 0;    // From 1, as they came to be on it.
  std::string call;
  std::string parent;  // Of a consult, as in its CallRow.
  Medium medium = Medium::kVoice;
  std::string queue;
  int32_t visit = 0;  // That was answered before it.
  std::string agent;
  int64_t connected_ms = 0;
  int64_t ended_ms = 0;
  int64_t talk_ms = 0;  // Without hold.
  int64_t hold_ms = 0;
  int32_t holds = 0;
  int64_t wrap_up_ms = kAbsentMs;
  WrapUpEnd wrap_up_end = WrapUpEnd::kNone;
  TalkEnd end = TalkEnd::kCompleted;
  TransferTarget target_kind = TransferTarget::kNone;
  std::string target;  // Of a transfer: queue, agent or number.

  bool operator==(const TalkRow&) const = default;
};

// A visit that is over.
struct VisitRow {
  int64_t number = 0;  // Of the call.
  int32_t visit = 0;   // From 1.
  std::string call;
  std::string queue;
  Medium medium = Medium::kVoice;
  VisitEntry entry = VisitEntry::kArrival;
  int64_t entered_ms = 0;
  int64_t ended_ms = 0;
  int64_t wait_ms = 0;
  VisitEnd end = VisitEnd::kAnswered;
  bool is_short = false;               // A short abandon.
  LimitKind limit = LimitKind::kNone;  // That ended it.
  int32_t priority = 0;
  int32_t steps = 0;     // In force at its end: bit i for the i-th.
  int32_t position = 0;  // Calls in the queue when it entered, itself included.
  int32_t offers = 0;
  bool is_in_target = false;
  bool is_in_service_level = false;
  std::string agent;  // Who answered.
  TransferTarget target_kind = TransferTarget::kNone;
  std::string target;  // Of a transfer: queue, agent or number.

  bool operator==(const VisitRow&) const = default;
};

// An offer that is over.
struct OfferRow {
  int64_t number = 0;      // Of the call.
  int64_t generation = 0;  // Within the call, from 1.
  int32_t visit = 0;
  std::string call;
  std::string queue;
  std::string agent;
  int64_t made_ms = 0;
  int64_t ended_ms = 0;
  int64_t ring_ms = 0;  // How long it was open.
  bool has_rung = false;
  OfferOutcome outcome = OfferOutcome::kNone;
  int32_t cause = 0;

  bool operator==(const OfferRow&) const = default;
};

// What agents and their memberships did.
enum class AgentEventKind : uint8_t {
  kLoggedIn,
  kLoggedOut,  // duration: since the log-in
  kReady,
  kNotReady,        // number = reason
  kMemberAdded,     // queue, number = rank
  kMemberRemoved,   // queue
  kMemberPaused,    // queue, number = reason
  kMemberUnpaused,  // queue
  kLegUp,           // The open leg of a nailed-up station.
  kLegLost
};

struct AgentEventRow {
  int64_t sequence = 0;  // Of the event.
  int64_t at_ms = 0;
  std::string agent;
  AgentEventKind kind{};
  std::string queue;
  int32_t number = 0;
  std::string station;
  int64_t duration_ms = kAbsentMs;
  std::string source;  // The switch of that station.

  bool operator==(const AgentEventRow&) const = default;
};

// A sum of durations with the longest.
struct DurationSum {
  int64_t sum_ns = 0;
  int64_t max_ns = 0;

  void add(int64_t duration_ns) {
    sum_ns += duration_ns;
    if (duration_ns > max_ns) max_ns = duration_ns;
  }
  DurationSum& operator+=(const DurationSum& other) {
    sum_ns += other.sum_ns;
    if (other.max_ns > max_ns) max_ns = other.max_ns;
    return *this;
  }
  bool operator==(const DurationSum&) const = default;
};

// Figures of each medium of which there were any, by medium; they add up.
template <typename Figures>
struct MediaFigures {
  std::vector<std::pair<Medium, Figures>> all;

  [[nodiscard]] Figures& of(Medium medium) {
    const auto at = std::lower_bound(all.begin(), all.end(), medium,
                                     [](const auto& one, Medium two) { return one.first < two; });
    if (at != all.end() && at->first == medium) return at->second;
    return all.emplace(at, medium, Figures())->second;
  }
  [[nodiscard]] Figures total() const {
    Figures total;
    for (const auto& [medium, figures] : all) total += figures;
    return total;
  }
  bool operator==(const MediaFigures&) const = default;
};

// A queue in one interval. What ends counts where it ends. Of `counts`, waiting and connected are
// those at the end.
struct QueueFigures {
  QueueCounts counts;
  DurationSum wait_answered;
  DurationSum wait_abandoned;  // Without the short ones.
  DurationSum wait_all;        // Of all that ended with somebody on the line.
  int64_t waits_over = 0;      // After which their call waits no more.
  DurationSum wait_total;      // Of those the waits on the line in all queues together.
  int64_t waiting_at_begin = 0;
  int64_t callbacks_waiting_at_end = 0;  // Of counts.waiting.
  DurationSum ring;                      // Of the accepted offers.
  DurationSum talk;                      // Of the handled calls, as all that follow.
  DurationSum hold;
  DurationSum wrap_up;

  QueueFigures& operator+=(const QueueFigures& other);
  bool operator==(const QueueFigures&) const = default;
};
struct QueueInterval {
  MediaFigures<QueueFigures> media;
  int64_t staffed_ns = 0;  // Σ over members of the time logged in and not paused there.

  bool operator==(const QueueInterval&) const = default;
};

// One interval may be passed through several times, when the clock is set back. Each pass has a row
// with a number of its own, which grows; 0: the first. They add up.
struct QueueIntervalRow {
  std::string queue;
  int64_t begin_ms = 0;
  int64_t pass = 0;
  QueueInterval interval;

  bool operator==(const QueueIntervalRow&) const = default;
};

// An agent in one interval: the contacts, and the time, which knows no medium.
struct AgentFigures {
  OfferCounts offers;
  int64_t connected = 0;
  int64_t handled = 0;
  int64_t joined = 0;       // Calls on which others were.
  int64_t transferred = 0;  // Of the connected and the joined.
  OutcomeCounts outcomes;
  int64_t talk_ns = 0;  // Of the handled, as those that follow. Several contacts count each.
  int64_t hold_ns = 0;
  int64_t wrap_up_ns = 0;

  AgentFigures& operator+=(const AgentFigures& other);
  bool operator==(const AgentFigures&) const = default;
};
struct AgentInterval {
  static constexpr size_t kStateCount = static_cast<size_t>(AgentState::kBusyOther) + 1;

  std::array<int64_t, kStateCount> state_ns{};            // By displayed state; not logged out.
  std::vector<std::pair<int32_t, int64_t>> not_ready_ns;  // By reason, as they came up.
  MediaFigures<AgentFigures> media;

  bool operator==(const AgentInterval&) const = default;
};

struct AgentIntervalRow {
  std::string agent;
  int64_t begin_ms = 0;
  int64_t pass = 0;
  AgentInterval interval;

  bool operator==(const AgentIntervalRow&) const = default;
};

// The tenant, a skill, a priority band or a team in one interval, when it is over; of a queue the
// histogram alone, for QueueIntervalRow has the rest. What a figure counts: window_view.h.
struct ScopeIntervalRow {
  StatsScope::Kind kind{};
  std::string name;  // "low", "normal", "high" of a band. Empty of the tenant, and of none.
  int64_t begin_ms = 0;
  int64_t pass = 0;  // As of QueueIntervalRow.
  Cells figures;
  int64_t waiting_at_begin = 0;
  int64_t waiting_at_end = 0;
  int64_t live_at_begin = 0;  // Calls of the tenant.
  int64_t live_at_end = 0;
  Histogram histogram;  // By DurationKind. Empty: nothing lasted, or memory ran short.

  bool operator==(const ScopeIntervalRow&) const = default;
};

// Rows of one tenant, in the order they came to be.
struct HistoryRows {
  std::vector<CallRow> calls;
  std::vector<TalkRow> talks;
  std::vector<VisitRow> visits;
  std::vector<OfferRow> offers;
  std::vector<OutcomeRow> outcomes;  // In the order told; of calls above or of before.
  std::vector<AgentEventRow> agent_events;
  // Absolute: the last one of an interval's pass counts.
  std::vector<QueueIntervalRow> queue_intervals;
  std::vector<AgentIntervalRow> agent_intervals;
  std::vector<ScopeIntervalRow> scope_intervals;  // Of intervals that are over.

  [[nodiscard]] size_t size() const {
    return calls.size() + talks.size() + visits.size() + offers.size() + outcomes.size() +
           agent_events.size() + queue_intervals.size() + agent_intervals.size() +
           scope_intervals.size();
  }
};

}  // namespace acd
