// SPDX-License-Identifier: Apache-2.0
// The fold of agents and their memberships, and the intervals.
#include <algorithm>
#include <optional>

#include "routing/check.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/slots.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr int64_t kIntervalNs = kIntervalMs * kNsPerMs;

int64_t interval_of(int64_t unix_ns) {
  return (unix_ns - (unix_ns < 0 ? kIntervalNs - 1 : 0)) / kIntervalNs;
}

bool holds(const std::vector<QueueIndex>& queues, QueueIndex queue) {
  return std::find(queues.begin(), queues.end(), queue) != queues.end();
}

}  // namespace

// --- Queues.

void HistoryFold::configure(const TenantConfig& config) {
  state_.configs = config.queues;
  for (Queue& queue : state_.queues) take_settings(queue);
  if (sink_ != nullptr) sink_->configure(config);
}

void HistoryFold::bind_queue(const Event& event, std::string_view arena) {
  Queue& queue = slot_of(state_.queues, event.queue, kQueuesMax);
  queue.id = event.text.in(arena);
  take_settings(queue);
  if (sink_ != nullptr) sink_->queue_bound(event.queue, queue.id);
}

void HistoryFold::take_settings(Queue& queue) {
  const auto found = std::find_if(state_.configs.begin(), state_.configs.end(),
                                  [&](const QueueConfig& config) { return config.id == queue.id; });
  if (found == state_.configs.end()) return;
  queue.thresholds = {found->service_level_target_ns, found->short_abandon_ns};
  queue.wrap_up_extension_ns = found->wrap_up_extension_ns;
  if (queue.has_all_members == found->members_all) return;
  // Who is staff is counted in another way from now on.
  settle(queue);
  const int64_t before_ns = staffed_ns(queue);
  queue.has_all_members = found->members_all;
  queue.staffed_base_ns += before_ns - staffed_ns(queue);
}

// Its members and pauses go with it.
void HistoryFold::remove_queue(const Event& event) {
  Queue& queue = changed_queue(event.queue);
  queue.members.add(-queue.members.count, state_.now_ns);
  queue.paused.add(-queue.paused.count, state_.now_ns);
  for (Agent& agent : state_.agents) {
    std::erase(agent.queues, event.queue);
    std::erase(agent.paused, event.queue);
  }
}

void HistoryFold::settle(Queue& queue) {
  state_.logged_in.settle(state_.now_ns);
  queue.members.settle(state_.now_ns);
  queue.paused.settle(state_.now_ns);
}

// REQUIRES: settled.
int64_t HistoryFold::staffed_ns(const Queue& queue) const {
  return queue.staffed_base_ns + (queue.has_all_members
                                      ? state_.logged_in.sum_ns - queue.paused.sum_ns
                                      : queue.members.sum_ns);
}

// --- Agents.

void HistoryFold::change_agent(const Event& event, std::string_view arena, HistoryRows* rows) {
  switch (event.kind) {
    case EventKind::kAgentUpserted: {
      Agent& agent = slot_of(state_.agents, event.agent, kAgentsMax);
      if (agent.id.empty()) agent.id = event.text.in(arena);
      if (sink_ == nullptr) return;
      const std::optional<UpsertedAgent> told = decode_upserted(event.text3.in(arena));
      ACD_CHECK(told);
      return sink_->agent_upserted(event.agent, told->team);
    }
    case EventKind::kAgentLoggedIn:
      return log_in(event, arena, rows);
    case EventKind::kAgentLoggedOut:
      return log_out(event, rows);
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
      return add_station_event(
          event,
          event.kind == EventKind::kAgentLegUp ? AgentEventKind::kLegUp : AgentEventKind::kLegLost,
          arena, rows);
    case EventKind::kAgentStateChanged:
      return set_agent_state(event.agent, event.to, event.number, rows);
    case EventKind::kAgentWrapUpStarted:
      return start_wrap_up(event);
    case EventKind::kAgentWrapUpEnded:
      return end_wrap_up(event, rows);
    default:
      return change_member(event, rows);
  }
}

void HistoryFold::log_in(const Event& event, std::string_view arena, HistoryRows* rows) {
  Agent& agent = known_agent(event.agent);
  if (!agent.is_logged_in) {
    agent.is_logged_in = true;
    agent.logged_in_ns = state_.now_ns;
    count_log_in(agent, 1);
  }
  add_station_event(event, AgentEventKind::kLoggedIn, arena, rows);
  set_agent_state(event.agent, AgentState::kNotReady, kReasonLoggedIn, rows);
}

// The change of state may be told before it.
void HistoryFold::log_out(const Event& event, HistoryRows* rows) {
  set_agent_state(event.agent, AgentState::kLoggedOut, kReasonNone, rows);
  Agent& agent = known_agent(event.agent);
  if (!agent.is_logged_in) return;
  agent.is_logged_in = false;
  count_log_in(agent, -1);
  add_agent_event(event.agent, AgentEventKind::kLoggedOut, rows, 0, {},
                  (state_.now_ns - agent.logged_in_ns) / kNsPerMs);
}

void HistoryFold::count_log_in(const Agent& agent, int64_t change) {
  state_.logged_in.add(change, state_.now_ns);
  for (const QueueIndex queue : agent.queues) {
    if (!holds(agent.paused, queue)) changed_queue(queue).members.add(change, state_.now_ns);
  }
  for (const QueueIndex queue : agent.paused) {
    changed_queue(queue).paused.add(change, state_.now_ns);
  }
}

void HistoryFold::change_member(const Event& event, HistoryRows* rows) {
  Agent& agent = known_agent(event.agent);
  const QueueIndex index = event.queue;
  // Counted out as it was, and in as it will be.
  const auto count = [&](int64_t change) {
    if (!agent.is_logged_in) return;
    Queue& queue = changed_queue(index);
    if (holds(agent.paused, index)) {
      queue.paused.add(change, state_.now_ns);
    } else if (holds(agent.queues, index)) {
      queue.members.add(change, state_.now_ns);
    }
  };
  count(-1);
  AgentEventKind kind = AgentEventKind::kMemberAdded;
  switch (event.kind) {
    case EventKind::kMemberAdded:
      if (!holds(agent.queues, index)) agent.queues.push_back(index);
      break;
    case EventKind::kMemberRemoved:
      std::erase(agent.queues, index);
      std::erase(agent.paused, index);
      kind = AgentEventKind::kMemberRemoved;
      break;
    case EventKind::kMemberPaused:
      if (!holds(agent.paused, index)) agent.paused.push_back(index);
      kind = AgentEventKind::kMemberPaused;
      break;
    default:
      std::erase(agent.paused, index);
      kind = AgentEventKind::kMemberUnpaused;
      break;
  }
  count(1);
  add_agent_event(event.agent, kind, rows, event.number, index);
}

void HistoryFold::start_wrap_up(const Event& event) {
  Agent& agent = known_agent(event.agent);
  ACD_CHECK(!agent.ended_calls.empty());
  HistoryState::EndedCall& ended = agent.ended_calls.back();
  ended.number = event.number;
  ended.wrap_up_begin_ns = event.time_ns;
  ended.wrap_up_length_ns = event.duration_ns;
  ended.wrap_up_extension_ns = state_.queues[event.queue.value()].wrap_up_extension_ns;
}

void HistoryFold::end_wrap_up(const Event& event, HistoryRows* rows) {
  Agent& agent = known_agent(event.agent);
  const auto found =
      std::find_if(agent.ended_calls.begin(), agent.ended_calls.end(),
                   [&](const HistoryState::EndedCall& one) { return one.number == event.number; });
  ACD_CHECK(found != agent.ended_calls.end() && found->wrap_up_begin_ns >= 0);
  const int64_t wrap_up_ns = event.time_ns - found->wrap_up_begin_ns;
  const int64_t over_ns = wrap_up_ns - found->wrap_up_length_ns;
  // A timer fires at its deadline to the nanosecond, extended or not.
  const bool is_extended =
      over_ns > 0 && found->wrap_up_extension_ns > 0 && over_ns % found->wrap_up_extension_ns == 0;
  found->talk.wrap_up_end = over_ns == 0 || is_extended ? WrapUpEnd::kTime : WrapUpEnd::kAgent;
  const auto place = static_cast<size_t>(found - agent.ended_calls.begin());
  finish_handled_call(event.agent, place, wrap_up_ns, rows);
}

void HistoryFold::set_agent_state(AgentIndex index, AgentState state, int32_t reason,
                                  HistoryRows* rows) {
  Agent& agent = known_agent(index);
  if (agent.state == state && agent.reason == reason) return;
  settle(changed_agent(index), state_.now_ns);
  if (sink_ != nullptr && agent.state != state) sink_->agent_changed(index, agent.state, state);
  agent.state = state;
  agent.reason = reason;
  if (state == AgentState::kNotReady) {
    agent.is_not_ready = true;
    add_agent_event(index, AgentEventKind::kNotReady, rows, reason);
  } else if (state == AgentState::kLoggedOut) {
    agent.is_not_ready = false;
  } else if (agent.is_not_ready &&
             (state == AgentState::kReady || state == AgentState::kReserved)) {
    agent.is_not_ready = false;
    add_agent_event(index, AgentEventKind::kReady, rows);
  }
}

// Counts the time in the state up to now.
void HistoryFold::settle(Agent& agent, int64_t now_ns) {
  const int64_t duration_ns = now_ns - agent.since_ns;
  agent.since_ns = now_ns;
  if (agent.state == AgentState::kLoggedOut || duration_ns == 0) return;
  agent.interval.state_ns[static_cast<size_t>(agent.state)] += duration_ns;
  if (agent.state != AgentState::kNotReady) return;
  auto& reasons = agent.interval.not_ready_ns;
  const auto found = std::find_if(reasons.begin(), reasons.end(),
                                  [&](const auto& one) { return one.first == agent.reason; });
  if (found != reasons.end()) {
    found->second += duration_ns;
  } else {
    reasons.emplace_back(agent.reason, duration_ns);
  }
}

void HistoryFold::add_agent_event(AgentIndex agent, AgentEventKind kind, HistoryRows* rows,
                                  int32_t number, QueueIndex queue, int64_t duration_ms) {
  if (rows == nullptr) return;
  AgentEventRow& row = rows->agent_events.emplace_back();
  row.sequence = state_.sequence;
  row.at_ms = state_.unix_ms(state_.now_ns);
  row.agent = known_agent(agent).id;
  row.kind = kind;
  if (queue.valid()) row.queue = state_.queues[queue.value()].id;
  row.number = number;
  row.duration_ms = duration_ms;
}

void HistoryFold::add_station_event(const Event& event, AgentEventKind kind, std::string_view arena,
                                    HistoryRows* rows) {
  if (rows == nullptr) return;
  add_agent_event(event.agent, kind, rows);
  rows->agent_events.back().station = event.text.in(arena);
  rows->agent_events.back().source = source_id(event.source);
}

// --- Intervals.

// Where Unix time has leapt, either way, what came before is told by the time of then, and the
// intervals that were leapt over have had none.
void HistoryFold::move_to(int64_t time_ns, int64_t unix_offset_ns, HistoryRows* rows) {
  time_ns = std::max(time_ns, state_.now_ns);
  const int64_t interval = interval_of(time_ns + unix_offset_ns);
  if (state_.interval == HistoryState::kNoInterval) {
    begin_interval(interval);
  } else {
    while (state_.interval < interval_of(time_ns + state_.unix_offset_ns)) {
      close_interval((state_.interval + 1) * kIntervalNs - state_.unix_offset_ns, rows);
      begin_interval(state_.interval + 1);
    }
    if (state_.interval != interval) {
      close_interval(time_ns, rows);
      begin_interval(interval);
    }
  }
  state_.unix_offset_ns = unix_offset_ns;
  state_.now_ns = time_ns;
  if (sink_ != nullptr) sink_->move_to(time_ns, unix_offset_ns);
}

void HistoryFold::begin_interval(int64_t interval) {
  state_.interval = interval;
  state_.pass = interval > state_.latest_interval ? 0 : state_.sequence;
  state_.latest_interval = std::max(state_.latest_interval, interval);
}

void HistoryFold::close_interval(int64_t time_ns, HistoryRows* rows) {
  // Who waits past the target enters the service level in the interval in which it passed.
  for (Call& call : state_.calls) {
    if (!call.is_live || !call.is_waiting || call.is_in_service_level) continue;
    if (call.entry == VisitEntry::kConsult || !call.is_on_line) continue;  // In no service level.
    const VisitThresholds& thresholds = state_.queues[call.queue.value()].thresholds;
    if (call.entered_ns + thresholds.entry_delay_ns() < time_ns) set_in_service_level(call, true);
  }
  state_.now_ns = time_ns;
  for (Queue& queue : state_.queues) {
    settle(queue);
    queue.staffed_seen_ns = staffed_ns(queue);
    QueueIntervalRow row = queue_row(queue);
    if (rows != nullptr && row.interval != QueueInterval{}) {
      rows->queue_intervals.push_back(std::move(row));
    }
    queue.interval = QueueInterval{};
    queue.waiting_at_begin = queue.waiting;
    queue.members.sum_ns = 0;
    queue.paused.sum_ns = 0;
    queue.staffed_base_ns = 0;
    queue.staffed_seen_ns = 0;
  }
  state_.logged_in.settle(time_ns);
  state_.logged_in.sum_ns = 0;
  for (Agent& agent : state_.agents) {
    if (agent.id.empty()) continue;
    settle(agent, time_ns);
    if (rows != nullptr && agent.interval != AgentInterval{}) {
      rows->agent_intervals.push_back(agent_row(agent));
    }
    agent.interval = AgentInterval{};
  }
  if (sink_ != nullptr) {
    sink_->interval_ended(state_.interval * kIntervalMs, state_.pass, time_ns, rows);
    sink_->move_to(time_ns, state_.unix_offset_ns);
  }
  changed_queues_.clear();
  changed_agents_.clear();
  is_queue_changed_.assign(is_queue_changed_.size(), false);
  is_agent_changed_.assign(is_agent_changed_.size(), false);
}

void HistoryFold::take_open_intervals(HistoryRows* rows) {
  for (const QueueIndex index : changed_queues_) {
    rows->queue_intervals.push_back(queue_row(state_.queues[index.value()]));
    is_queue_changed_[index.value()] = false;
  }
  for (const AgentIndex index : changed_agents_) {
    rows->agent_intervals.push_back(agent_row(state_.agents[index.value()]));
    is_agent_changed_[index.value()] = false;
  }
  changed_queues_.clear();
  changed_agents_.clear();
}

QueueIntervalRow HistoryFold::queue_row(const Queue& queue) const {
  QueueIntervalRow row{queue.id, state_.interval * kIntervalMs, state_.pass, queue.interval};
  row.interval.staffed_ns = queue.staffed_seen_ns;
  for (size_t i = 0; i < kMediumCount; ++i) {
    if (queue.waiting[i] == 0 && queue.connected[i] == 0 && queue.waiting_at_begin[i] == 0)
      continue;
    QueueFigures& figures = row.interval.media.of(static_cast<Medium>(i));
    figures.counts.waiting = queue.waiting[i];
    figures.counts.connected = queue.connected[i];
    figures.waiting_at_begin = queue.waiting_at_begin[i];
    figures.callbacks_waiting_at_end = queue.callbacks_waiting[i];
  }
  return row;
}

AgentIntervalRow HistoryFold::agent_row(const Agent& agent) const {
  return {agent.id, state_.interval * kIntervalMs, state_.pass, agent.interval};
}

}  // namespace acd
