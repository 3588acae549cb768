// SPDX-License-Identifier: Apache-2.0
// The oracle's agents and phones.
#include <algorithm>
#include <optional>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {

// --- Commands.

Reject Oracle::log_in(const Command& command, std::string_view arena) {
  if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
  const AgentIndex index = find_agent(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  const std::string_view station = command.text.in(arena);
  Agent& agent = agent_at(index);
  const AgentIndex occupant = at_station(command.source, station);
  if (occupant == index) {
    if (!agent.log_out_forced) agent.log_out_pending = false;  // Back before the work was done.
    return Reject::kNone;
  }
  // The newer log-in takes over, of the agent and of the station, unless work is in hand.
  const auto is_working = [](const Agent& who) {
    return who.work != Work::kNone && who.work != Work::kBusyOther;
  };
  if (is_working(agent)) return Reject::kAgentBusy;
  if (occupant.valid() && is_working(agent_at(occupant))) return Reject::kStationBusy;
  if (agent.presence != Presence::kLoggedOut) leave(agent);
  if (occupant.valid()) leave(agent_at(occupant));

  agent.source = command.source;
  agent.station = station;
  agent.log_in_order = next_order_++;
  agent.rejects = 0;
  agent.no_answers = 0;
  agent.idle_since_ns = now_ns_;
  start_counts(agent);
  Event& event = emit(EventKind::kAgentLoggedIn);
  event.agent = index;
  event.source = agent.source;
  event.text = log_.add_text(station);
  set_presence(agent, Presence::kNotReady, kReasonLoggedIn);
  return Reject::kNone;
}

// A newcomer is not flooded.
void Oracle::start_counts(Agent& agent) {
  agent.calls = std::max(agent.calls, fewest_calls_floor_);
  for (Queue& queue : queues_) {
    const bool has_share = queue.config.strategy == Strategy::kPercentAllocation &&
                           membership(queue, agent).percent > 0;
    if (queue.removed || !has_share) continue;
    queue.given[agent.index] = std::max(queue.given_to(agent.index), queue.given_floor);
  }
  const bool has_history = !agent.worked.is_zero() || !agent.idled.is_zero();
  if (!has_history) agent.occupancy_ppm = least_occupied_floor_ppm_;
}

// Counts are kept while some queue reads them.
bool Oracle::uses(Strategy strategy) const {
  return std::any_of(config_.queues.begin(), config_.queues.end(),
                     [&](const QueueConfig& queue) { return queue.strategy == strategy; });
}

Reject Oracle::log_out(Agent& agent, bool forced) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.work != Work::kNone && agent.work != Work::kBusyOther) {
    agent.log_out_pending = true;
    agent.log_out_forced = agent.log_out_forced || forced;
    agent.changed = true;
    return Reject::kNone;
  }
  leave(agent);
  return Reject::kNone;
}

void Oracle::leave(Agent& agent) {
  agent.log_out_pending = false;
  agent.log_out_forced = false;
  if (agent.work == Work::kBusyOther) end_work(agent, true);
  ACD_CHECK(agent.work == Work::kNone && agent.presence != Presence::kLoggedOut);
  agent.is_phone_busy = false;
  set_presence(agent, Presence::kLoggedOut, kReasonNone);
  agent.station.clear();
  emit(EventKind::kAgentLoggedOut).agent = agent.index;
}

Reject Oracle::set_ready(Agent& agent) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (!agent.log_out_forced) agent.log_out_pending = false;
  if (agent.presence == Presence::kReady) return Reject::kNone;
  agent.idle_since_ns = now_ns_;
  agent.rejects = 0;
  agent.no_answers = 0;
  set_presence(agent, Presence::kReady, kReasonNone);
  return Reject::kNone;
}

Reject Oracle::set_not_ready(Agent& agent, int32_t reason) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  set_presence(agent, Presence::kNotReady, reason);
  return Reject::kNone;
}

Reject Oracle::end_wrap_up(Agent& agent) {
  if (agent.work != Work::kWrapUp) return Reject::kAgentState;
  finish_work(agent, true);
  return Reject::kNone;
}

Reject Oracle::extend_wrap_up(Agent& agent) {
  if (agent.work != Work::kWrapUp || agent.deadline_ns == kNeverNs) return Reject::kAgentState;
  if (agent.extensions_left == 0) return Reject::kExtensionsUsed;
  --agent.extensions_left;
  agent.deadline_ns += agent.extension_ns;
  return Reject::kNone;
}

Reject Oracle::pause_member(const Command& command, std::string_view arena, Agent& agent) {
  const QueueIndex index = find_queue(command.text.in(arena));
  if (!index.valid()) return Reject::kQueueUnknown;
  Queue& queue = queue_at(index);
  if (!membership(queue, agent).serves) return Reject::kNotMember;
  const auto known = queue.paused.find(agent.index);
  const bool is_paused = known != queue.paused.end();
  const bool pauses = command.kind == CommandKind::kPauseMember;
  if (is_paused == pauses) return Reject::kNone;  // It changes nothing.
  agent.changed = true;
  if (!pauses) {
    queue.paused.erase(known);
    Event& event = emit(EventKind::kMemberUnpaused);
    event.agent = agent.index;
    event.queue = index;
    return Reject::kNone;
  }
  queue.paused[agent.index] = command.number;
  Event& event = emit(EventKind::kMemberPaused);
  event.agent = agent.index;
  event.queue = index;
  event.number = command.number;
  return Reject::kNone;
}

Reject Oracle::phone_event(const Command& command, std::string_view arena) {
  const AgentIndex index = at_station(command.source, command.text.in(arena));
  if (!index.valid()) return Reject::kStationUnknown;
  Agent& agent = agent_at(index);
  if (command.kind != CommandKind::kPhoneBusy) {
    agent.is_phone_busy = false;
    if (command.kind == CommandKind::kPhoneUnregistered && agent.presence == Presence::kReady) {
      set_presence(agent, Presence::kNotReady, kReasonPhone);
    }
    if (agent.work == Work::kBusyOther) finish_work(agent, true);
  } else if (agent.work == Work::kNone) {
    set_work(agent, Work::kBusyOther);
  } else if (agent.work == Work::kBusyOther) {
    agent.deadline_ns = kNeverNs;  // The switch says so itself: until it reports idle.
  } else if (agent.work == Work::kWrapUp) {
    agent.is_phone_busy = true;  // Busy otherwise once wrap-up is over.
  }                              // Else the phone is busy with what was routed.
  return Reject::kNone;
}

AgentIndex Oracle::at_station(SourceIndex source, std::string_view station) const {
  for (const Agent& agent : agents_) {
    const bool is_here = agent.presence != Presence::kLoggedOut && agent.source == source &&
                         agent.station == station;
    if (is_here) return agent.index;
  }
  return {};
}

// --- State changes: each emits what a watcher sees.

// What a failed offer means for the agent; ends the work item.
void Oracle::penalise(Agent& agent, OfferOutcome outcome) {
  const auto take_away = [&](int32_t reason) {
    if (agent.presence != Presence::kReady) return;
    agent.presence = Presence::kNotReady;
    agent.reason = reason;
  };
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      if (++agent.no_answers >= config_.no_answers_max) take_away(kReasonRona);
      finish_work(agent, true);
      return;
    case OfferOutcome::kRejected:
      if (++agent.rejects >= config_.rejects_max) take_away(kReasonRejects);
      finish_work(agent, true);
      return;
    case OfferOutcome::kBusy:
      if (agent.log_out_pending) {
        finish_work(agent, false);
        return;
      }
      set_work(agent, Work::kBusyOther);
      agent.deadline_ns = now_ns_ + config_.busy_limit_ns;
      return;
    case OfferOutcome::kUnreachable:
    case OfferOutcome::kUnknownAddress:
      take_away(kReasonPhone);
      finish_work(agent, false);
      return;
    case OfferOutcome::kCanceled:
    case OfferOutcome::kRescinded:
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:
      finish_work(agent, false);
      return;
  }
}

void Oracle::set_presence(Agent& agent, Presence presence, int32_t reason) {
  const AgentState from = displayed_state(agent);
  const bool reason_changed = agent.reason != reason;
  agent.presence = presence;
  agent.reason = reason;
  agent.changed = true;
  account(agent);
  if (from != displayed_state(agent) || reason_changed) emit_state_change(agent, from);
}

void Oracle::set_work(Agent& agent, Work work) {
  const AgentState from = displayed_state(agent);
  agent.work = work;
  agent.changed = true;
  account(agent);
  if (from != displayed_state(agent)) emit_state_change(agent, from);
}

void Oracle::finish_work(Agent& agent, bool restart_idle) {
  end_work(agent, restart_idle);
  if (agent.log_out_pending) leave(agent);
}

void Oracle::end_work(Agent& agent, bool restart_idle) {
  const bool was_wrap_up = agent.work == Work::kWrapUp;
  agent.deadline_ns = kNeverNs;
  if (restart_idle) agent.idle_since_ns = now_ns_;
  if (was_wrap_up) {
    Event& event = emit(EventKind::kAgentWrapUpEnded);
    event.agent = agent.index;
    event.queue = agent.wrap_up_queue;
    agent.wrap_up_queue = QueueIndex();
  }
  const bool is_busy = was_wrap_up && agent.is_phone_busy && !agent.log_out_pending;
  agent.is_phone_busy = false;
  set_work(agent, is_busy ? Work::kBusyOther : Work::kNone);
}

void Oracle::start_wrap_up_or_finish(Agent& agent, QueueIndex queue) {
  const QueueConfig& config = queue_at(queue).config;
  if (config.wrap_up_mode == WrapUpMode::kNone) {
    finish_work(agent, true);
    return;
  }
  const bool is_timed = config.wrap_up_mode == WrapUpMode::kTimed;
  agent.wrap_up_queue = queue;
  agent.extensions_left = config.wrap_up_extensions;
  agent.extension_ns = config.wrap_up_extension_ns;
  Event& event = emit(EventKind::kAgentWrapUpStarted);
  event.agent = agent.index;
  event.queue = queue;
  event.duration_ns = is_timed ? config.wrap_up_ns : kNeverNs;
  set_work(agent, Work::kWrapUp);
  if (is_timed) agent.deadline_ns = now_ns_ + config.wrap_up_ns;
}

void Oracle::account(Agent& agent) {
  const bool is_working = agent.work != Work::kNone;
  const int64_t half_life_ns = config_.decay_half_life_ns;
  const bool counts = uses(Strategy::kLeastOccupied);
  if (counts && agent.was_working && !is_working) {
    agent.worked.add(now_ns_ - agent.work_since_ns, now_ns_, half_life_ns);
  }
  if (counts && agent.was_free && !is_free(agent)) {
    agent.idled.add(now_ns_ - agent.free_since_ns, now_ns_, half_life_ns);
  }
  if (!agent.was_working && is_working) agent.work_since_ns = now_ns_;
  if (!agent.was_free && is_free(agent)) {
    agent.free_since_ns = now_ns_;
    if (!agent.worked.is_zero() || !agent.idled.is_zero()) {
      agent.occupancy_ppm = DecayedCount::share_ppm(agent.worked, agent.idled);
    }
  }
  agent.was_working = is_working;
  agent.was_free = is_free(agent);
}

void Oracle::emit_state_change(const Agent& agent, AgentState from) {
  const AgentState to = displayed_state(agent);
  Event& event = emit(EventKind::kAgentStateChanged);
  event.agent = agent.index;
  event.from = from;
  event.to = to;
  event.number = to == AgentState::kNotReady ? agent.reason : kReasonNone;
}

bool Oracle::is_free(const Agent& agent) {
  return agent.presence == Presence::kReady && agent.work == Work::kNone && !agent.log_out_pending;
}

AgentState Oracle::displayed_state(const Agent& agent) {
  switch (agent.work) {
    case Work::kReserved:
      return AgentState::kReserved;
    case Work::kRinging:
      return AgentState::kRinging;
    case Work::kConnecting:
      return AgentState::kConnecting;
    case Work::kOnCall:
      return AgentState::kOnCall;
    case Work::kOnHold:
      return AgentState::kOnHold;
    case Work::kWrapUp:
      return AgentState::kWrapUp;
    case Work::kBusyOther:
      return AgentState::kBusyOther;
    case Work::kNone:
      break;
  }
  switch (agent.presence) {
    case Presence::kLoggedOut:
      return AgentState::kLoggedOut;
    case Presence::kNotReady:
      return AgentState::kNotReady;
    case Presence::kReady:
      return AgentState::kReady;
  }
  return AgentState::kLoggedOut;
}

}  // namespace acd
