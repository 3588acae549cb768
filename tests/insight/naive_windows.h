// SPDX-License-Identifier: Apache-2.0
// Figures of windows recomputed from a whole log of events, one by one: slow and obvious.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "routing/insight/window_stats.h"
#include "tests/insight/random_world.h"

namespace acd {

// The first midnight comes after twenty minutes.
inline constexpr int64_t kMidnightSoonNs = (int64_t{20'000} * 86'400 - 1'200) * kNsPerS;
inline constexpr int64_t kMinuteNs = 60 * kNsPerS;
inline constexpr int64_t kDayNs = int64_t{86'400} * kNsPerS;

// A scope by a name of the test: "tenant", "queue 0", "skill ps", "band 2", "agent 3", "team night".
using Scopes = std::vector<std::string>;

struct Happening {
  int64_t time_ns = 0;
  Scopes scopes;
  std::string figure;
  int64_t value = 1;
};

struct Lasted {
  int64_t time_ns = 0;  // When it is counted.
  Scopes scopes;
  DurationKind kind{};
  int64_t duration_ns = 0;
};

// All that ever happened by the log, one by one. Slow and obvious.
class NaiveWindows {
 public:
  NaiveWindows(const std::vector<Event>& log, std::string_view arena, int64_t now_ns)
      : log_(log), arena_(arena), now_ns_(now_ns), config_(four_queues()) {
    for (size_t i = 0; i < log_.size(); ++i) {
      if (log_[i].kind == EventKind::kCallEnqueued) add_visit(i);
      add_offer_event(i);
    }
    for (uint32_t i = 0; i < kAgentCount; ++i) add_agent(i);
  }

  std::vector<Happening> happenings;
  std::vector<Lasted> lasted;

  // Under way just before `time_ns`, in a scope.
  int64_t waiting_before(const std::string& scope, int64_t time_ns) const {
    int64_t waiting = 0;
    for (const Visit& visit : visits_) {
      if (!contains(visit.scopes, scope) || visit.begin_ns >= time_ns) continue;
      waiting += !visit.end_ns || *visit.end_ns >= time_ns ? 1 : 0;
    }
    return waiting;
  }
  // Greatest number that waited from `begin_ns` until `end_ns`.
  int64_t waiting_max(const std::string& scope, int64_t begin_ns, int64_t end_ns) const {
    int64_t waiting = waiting_before(scope, begin_ns);
    int64_t most = waiting;
    for (const auto& [event, one] : changes_) {
      if (one.time_ns < begin_ns || one.time_ns >= end_ns || !contains(one.scopes, scope)) continue;
      most = std::max(most, waiting += one.change);
    }
    return most;
  }
  // Of an agent or several, from `begin_ns` until now: busy and idle.
  std::pair<int64_t, int64_t> time_of(const std::vector<uint32_t>& agents, int64_t begin_ns) const {
    std::pair<int64_t, int64_t> sum;
    for (const uint32_t agent : agents) {
      for (size_t i = 0; i < spells_[agent].size(); ++i) {
        const auto& [from_ns, state] = spells_[agent][i];
        const int64_t to_ns = i + 1 < spells_[agent].size() ? spells_[agent][i + 1].first : now_ns_;
        const int64_t duration_ns = to_ns - std::max(from_ns, begin_ns);
        if (duration_ns <= 0) continue;
        if (state == AgentState::kReady) sum.second += duration_ns;
        if (state > AgentState::kReady) sum.first += duration_ns;
      }
    }
    return sum;
  }

  static bool contains(const Scopes& scopes, const std::string& scope) {
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  }

 private:
  using Kinds = std::set<EventKind>;
  struct Visit {
    Scopes scopes;
    int64_t begin_ns = 0;
    std::optional<int64_t> end_ns;
  };

  // The first event after `begin` of the call, or of the agent, that is one of `kinds`.
  std::optional<size_t> next(size_t begin, CallIndex call, AgentIndex agent,
                             const Kinds& kinds) const {
    for (size_t i = begin + 1; i < log_.size(); ++i) {
      if (call.valid() && log_[i].call != call) continue;
      if (agent.valid() && log_[i].agent != agent) continue;
      if (kinds.contains(log_[i].kind)) return i;
    }
    return std::nullopt;
  }
  // The latest enqueued of the call before `limit`, by arrival if `is_arrival`.
  size_t enqueued_before(size_t limit, CallIndex call, bool is_arrival) const {
    for (size_t i = limit; i-- > 0;) {
      if (log_[i].kind != EventKind::kCallEnqueued || log_[i].call != call) continue;
      if (!is_arrival || log_[i].detail == static_cast<uint8_t>(VisitEntry::kArrival)) return i;
    }
    ADD_FAILURE() << "no visit";
    return 0;
  }

  Scopes scopes_of_visit(size_t begin) const {
    const Event& event = log_[begin];
    Scopes scopes = {"tenant", "queue " + std::to_string(event.queue.value())};
    scopes.push_back(event.number < 0 ? "band 0" : event.number == 0 ? "band 1" : "band 2");
    const std::string_view asked =
        log_[enqueued_before(begin + 1, event.call, true)].text2.in(arena_);
    if (asked.empty()) scopes.push_back("skill ");
    for (const char* skill : {"ps", "it", "hr"}) {
      const size_t at = asked.find(skill);
      const bool is_negative =
          at != std::string_view::npos && at >= 4 && asked.substr(at - 4, 4) == "NOT ";
      if (at != std::string_view::npos && !is_negative) {
        scopes.push_back(std::string("skill ") + skill);
      }
    }
    return scopes;
  }
  static Scopes scopes_of_agent(AgentIndex agent) {
    return {"agent " + std::to_string(agent.value()),
            agent.value() % 2 == 0 ? "team " : "team night"};
  }

  void happen(size_t event, const Scopes& scopes, std::string figure, int64_t value = 1) {
    happenings.push_back({log_[event].time_ns, scopes, std::move(figure), value});
  }
  void last(size_t event, const Scopes& scopes, DurationKind kind, int64_t duration_ns) {
    lasted.push_back({log_[event].time_ns, scopes, kind, duration_ns});
  }

  void add_visit(size_t begin) {
    const Event& enqueued = log_[begin];
    const Scopes scopes = scopes_of_visit(begin);
    const bool is_arrival = enqueued.detail == static_cast<uint8_t>(VisitEntry::kArrival);
    happen(begin, scopes, is_arrival ? "offered" : "overflowed_in");
    if (is_arrival) happen(begin, {"tenant"}, "calls begun");
    changes_[begin] = {1, enqueued.time_ns, scopes};
    const std::optional<size_t> end =
        next(begin, enqueued.call, {},
             {EventKind::kCallConnected, EventKind::kCallAbandoned, EventKind::kCallTimedOut,
              EventKind::kCallWithdrawn, EventKind::kCallRejected, EventKind::kCallOverflowed,
              EventKind::kCallFailed});
    Visit& visit = visits_.emplace_back();
    visit.scopes = scopes;
    visit.begin_ns = enqueued.time_ns;
    if (end) visit.end_ns = log_[*end].time_ns;
    const QueueConfig& queue = config_.queues[enqueued.queue.value()];
    const int64_t target_ns = queue.service_level_target_ns;
    const int64_t entered_ns = enqueued.time_ns - enqueued.duration_ns;
    const int64_t delay_ns = std::max(target_ns + 1, queue.short_abandon_ns);
    if (!end) {
      if (entered_ns + delay_ns <= now_ns_) {
        happenings.push_back({entered_ns + delay_ns, scopes, "sl_entered", 1});
      }
      return;
    }
    changes_[*end] = {-1, log_[*end].time_ns, scopes};
    const int64_t wait_ns = log_[*end].time_ns - entered_ns;
    const bool is_in_target = wait_ns <= target_ns;
    bool enters = !is_in_target;
    last(*end, scopes, DurationKind::kWaitAll, wait_ns);
    const bool is_outside = log_[*end].flag;
    if (log_[*end].kind != EventKind::kCallOverflowed || is_outside) {
      last(*end, scopes, DurationKind::kWaitTotal, wait_of_call(begin, log_[*end].time_ns));
    }
    std::string in_target;
    switch (log_[*end].kind) {
      case EventKind::kCallConnected: {
        happen(*end, scopes, "answered");
        const Scopes agents = scopes_of_agent(log_[*end].agent);
        happen(*end, agents, "answered");
        last(*end, scopes, DurationKind::kWaitAnswered, wait_ns);
        last(*end, agents, DurationKind::kWaitAnswered, wait_ns);
        in_target = "sl_answered_in_target";
        enters = true;
        add_talk(*end, scopes);
        break;
      }
      case EventKind::kCallAbandoned:
        enters = wait_ns >= queue.short_abandon_ns;
        happen(*end, scopes, enters ? "abandoned" : "short_abandoned");
        if (enters) last(*end, scopes, DurationKind::kWaitAbandoned, wait_ns);
        in_target = enters ? "sl_abandoned_in_target" : "sl_short_abandoned_in_target";
        end_call(*end, CallOutcome::kAbandoned);
        break;
      case EventKind::kCallTimedOut:
        happen(*end, scopes, "timed_out");
        in_target = "sl_timed_out_in_target";
        enters = true;
        end_call(*end, CallOutcome::kTimedOut);
        break;
      case EventKind::kCallWithdrawn:
        happen(*end, scopes, "withdrawn");
        in_target = "sl_withdrawn_in_target";
        end_call(*end, CallOutcome::kWithdrawn);
        break;
      case EventKind::kCallRejected:
        happen(*end, scopes, "rejected");
        enters = false;
        end_call(*end, CallOutcome::kRejected);
        break;
      case EventKind::kCallOverflowed:
        happen(*end, scopes, "overflowed_out");
        in_target = "sl_overflowed_in_target";
        if (is_outside) end_call(*end, CallOutcome::kOverflowed);
        break;
      default:
        happen(*end, scopes, "failed_waiting");
        end_call(*end, CallOutcome::kFailed);
    }
    if (is_in_target && !in_target.empty()) happen(*end, scopes, in_target);
    if (!enters) return happen(*end, scopes, "sl_left_out");
    happenings.push_back(
        {std::min(log_[*end].time_ns, entered_ns + delay_ns), scopes, "sl_entered", 1});
  }

  // From its arrival on without a gap: overflow goes on at the same instant.
  int64_t wait_of_call(size_t visit, int64_t end_ns) const {
    const Event& arrival = log_[enqueued_before(visit + 1, log_[visit].call, true)];
    return end_ns - (arrival.time_ns - arrival.duration_ns);
  }

  void end_call(size_t event, CallOutcome outcome) {
    happen(event, {"tenant"}, "calls ended " + std::to_string(static_cast<int>(outcome)));
  }

  void add_talk(size_t connected, const Scopes& visit) {
    const Event& begin = log_[connected];
    const std::optional<size_t> end =
        next(connected, begin.call, {}, {EventKind::kCallCompleted, EventKind::kCallFailed});
    if (!end) return;
    end_call(*end, log_[*end].kind == EventKind::kCallFailed ? CallOutcome::kFailed
                                                             : CallOutcome::kCompleted);
    int64_t hold_ns = 0;
    bool was_held = false;
    for (size_t i = connected; i < *end; ++i) {
      if (log_[i].call != begin.call || log_[i].kind != EventKind::kCallHeld) continue;
      was_held = true;
      hold_ns +=
          log_[*next(i, begin.call, {}, {EventKind::kCallResumed})].time_ns - log_[i].time_ns;
    }
    if (*end + 1 == log_.size()) return;  // Whether there is a wrap-up is told with the next event.
    size_t done = *end;
    const int64_t talk_ns = log_[*end].time_ns - begin.time_ns - hold_ns;
    int64_t wrap_up_ns = 0;
    const bool has_wrap_up = log_[*end + 1].kind == EventKind::kAgentWrapUpStarted;
    if (has_wrap_up) {
      const std::optional<size_t> over =
          next(*end, {}, begin.agent, {EventKind::kAgentWrapUpEnded});
      if (!over) return;
      done = *over;
      wrap_up_ns = log_[done].time_ns - log_[*end + 1].time_ns;
    }
    Scopes scopes = visit;
    for (const std::string& scope : scopes_of_agent(begin.agent)) scopes.push_back(scope);
    happen(done, scopes, "handled");
    last(done, scopes, DurationKind::kTalk, talk_ns);
    if (was_held) last(done, scopes, DurationKind::kHold, hold_ns);
    if (has_wrap_up) last(done, scopes, DurationKind::kWrapUp, wrap_up_ns);
    last(done, scopes, DurationKind::kHandle, talk_ns + hold_ns + wrap_up_ns);
  }

  void add_offer_event(size_t i) {
    const Event& event = log_[i];
    std::string figure;
    if (event.kind == EventKind::kCallRequeued) figure = "requeued";
    if (event.kind == EventKind::kOfferCreated) figure = "offers.created";
    if (event.kind == EventKind::kOfferAccepted) {
      figure = event.detail == 0 ? "offers.accepted" : "offers.adopted";
    }
    if (event.kind == EventKind::kOfferEnded) {
      const std::map<OfferOutcome, std::string> names = {
          {OfferOutcome::kNoAnswer, "no_answer"},
          {OfferOutcome::kRejected, "rejected"},
          {OfferOutcome::kBusy, "busy"},
          {OfferOutcome::kUnreachable, "unreachable"},
          {OfferOutcome::kUnknownAddress, "unknown_address"},
          {OfferOutcome::kCanceled, "canceled"},
          {OfferOutcome::kRescinded, "rescinded"}};
      figure = "offers." + names.at(static_cast<OfferOutcome>(event.detail));
    }
    if (figure.empty()) return;
    Scopes scopes = scopes_of_visit(enqueued_before(i, event.call, false));
    for (const std::string& scope : scopes_of_agent(event.agent)) scopes.push_back(scope);
    happen(i, scopes, figure);
    if (figure != "offers.accepted") return;
    for (size_t made = i; made-- > 0;) {
      if (log_[made].kind != EventKind::kOfferCreated || log_[made].call != event.call ||
          log_[made].generation != event.generation) {
        continue;
      }
      return last(i, scopes, DurationKind::kRing, event.time_ns - log_[made].time_ns);
    }
  }

  void add_agent(uint32_t index) {
    std::vector<std::pair<int64_t, AgentState>>& spells = spells_[index];
    Scopes scopes = scopes_of_agent(agent_index(index));
    scopes.push_back("tenant");
    AgentState state = AgentState::kLoggedOut;
    int64_t since_ns = 0;
    for (size_t i = 0; i < log_.size(); ++i) {
      const Event& event = log_[i];
      if (event.agent != agent_index(index)) continue;
      std::optional<AgentState> to;
      if (event.kind == EventKind::kAgentLoggedIn) to = AgentState::kNotReady;
      if (event.kind == EventKind::kAgentLoggedOut) to = AgentState::kLoggedOut;
      if (event.kind == EventKind::kAgentStateChanged) to = event.to;
      if (!to || *to == state) continue;
      if (state == AgentState::kReady) {
        last(i, scopes, DurationKind::kIdle, event.time_ns - since_ns);
      }
      state = *to;
      since_ns = event.time_ns;
      spells.emplace_back(event.time_ns, *to);
    }
  }

  const std::vector<Event>& log_;
  std::string_view arena_;
  int64_t now_ns_;
  TenantConfig config_;
  struct Change {
    int64_t change = 0;
    int64_t time_ns = 0;
    Scopes scopes;
  };
  std::vector<Visit> visits_;
  std::map<size_t, Change> changes_;  // By event.
  std::array<std::vector<std::pair<int64_t, AgentState>>, kAgentCount> spells_;
};

// What is shown, by the test's names.
inline std::map<std::string, int64_t> figures_named(const WindowView& view) {
  const QueueCounts& c = view.counts;
  const OfferCounts& o = c.offers;
  std::map<std::string, int64_t> all = {
      {"offered", c.offered},
      {"overflowed_in", c.overflowed_in},
      {"overflowed_out", c.overflowed_out},
      {"rejected", c.rejected},
      {"answered", c.answered},
      {"abandoned", c.abandoned},
      {"short_abandoned", c.short_abandoned},
      {"timed_out", c.timed_out},
      {"withdrawn", c.withdrawn},
      {"failed_waiting", c.failed_waiting},
      {"requeued", c.requeued},
      {"handled", c.handled},
      {"sl_entered", c.sl_entered},
      {"sl_answered_in_target", c.sl_answered_in_target},
      {"sl_abandoned_in_target", c.sl_abandoned_in_target},
      {"sl_short_abandoned_in_target", c.sl_short_abandoned_in_target},
      {"sl_withdrawn_in_target", c.sl_withdrawn_in_target},
      {"sl_timed_out_in_target", c.sl_timed_out_in_target},
      {"sl_left_out", c.sl_left_out},
      {"sl_overflowed_in_target", c.sl_overflowed_in_target},
      {"offers.created", o.created},
      {"offers.accepted", o.accepted},
      {"offers.no_answer", o.no_answer},
      {"offers.rejected", o.rejected},
      {"offers.busy", o.busy},
      {"offers.unreachable", o.unreachable},
      {"offers.unknown_address", o.unknown_address},
      {"offers.canceled", o.canceled},
      {"offers.rescinded", o.rescinded},
      {"offers.adopted", o.adopted},
      {"calls begun", view.calls.begun},
      {"transferred_in", c.transferred_in},
      {"consults", c.consults}};
  for (size_t i = 0; i < CallCounts::kOutcomeCount; ++i) {
    all["calls ended " + std::to_string(i)] = view.calls.ended[i];
  }
  std::erase_if(all, [](const auto& one) { return one.second == 0; });
  return all;
}

// By nearest rank of all values, as its bucket shows it.
inline int64_t nearest_rank(const std::vector<int64_t>& sorted, int64_t percent) {
  const size_t rank = (sorted.size() * static_cast<size_t>(percent) + 99) / 100;
  const int64_t exact_ns = sorted[rank - 1];
  const int64_t shown_ns =
      HistogramBuckets::middle(HistogramBuckets::of(exact_ns / kNsPerMs)) * kNsPerMs;
  return std::min(shown_ns, sorted.back());
}

}  // namespace acd
