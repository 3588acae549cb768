// SPDX-License-Identifier: Apache-2.0
// The Router's agents and phones.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

Reject Router::log_in(const Command& command, std::string_view arena) {
  const AgentIndex index = roster_.find(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  const std::string_view station = command.text.in(arena);
  Agent& agent = roster_.at(index);
  const AgentIndex occupant = roster_.at_station(command.source, station);
  if (occupant == index) {
    agent.log_out_pending = false;  // Back before the work was done.
    return Reject::kNone;
  }
  // The newer log-in takes over, of the agent and of the station, unless work is in hand.
  const auto is_working = [](const Agent& who) {
    return who.work != Work::kNone && who.work != Work::kBusyOther;
  };
  if (is_working(agent)) return Reject::kAgentBusy;
  if (occupant.valid() && is_working(roster_.at(occupant))) return Reject::kStationBusy;
  // Nobody is matched before all have moved: a call must not find an agent who is about to leave.
  std::vector<AgentClassIndex> left;
  for (const AgentIndex leaver : {index, occupant}) {
    if (!leaver.valid() || roster_.at(leaver).presence == Presence::kLoggedOut) continue;
    left.push_back(leave(leaver));
  }

  agent.source = command.source;
  agent.station = IdText(station);
  agent.log_in_order = next_order_++;
  agent.rejects = 0;
  agent.no_answers = 0;
  agent.idle_since_ns = now_ns_;
  roster_.occupy_station(index);
  link_agent(index);
  join_class(index);
  ++roster_.class_at(agent.agent_class).logged_in_count;
  Event& event = emit(EventKind::kAgentLoggedIn);
  event.agent = index;
  event.source = agent.source;
  event.text = log_.add_text(station);
  set_presence(index, Presence::kNotReady, kReasonLoggedIn);
  for (const AgentClassIndex agent_class : left) match_excluded(agent_class);
  return Reject::kNone;
}

Reject Router::log_out(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.work != Work::kNone && agent.work != Work::kBusyOther) {
    agent.log_out_pending = true;
    return Reject::kNone;
  }
  match_excluded(leave(index));
  return Reject::kNone;
}

// Logs the agent out and gives the class that they left; no match is tried.
AgentClassIndex Router::leave(AgentIndex index) {
  Agent& agent = roster_.at(index);
  agent.log_out_pending = false;
  if (agent.work == Work::kBusyOther) end_work(index, true);
  ACD_CHECK(agent.work == Work::kNone && agent.presence != Presence::kLoggedOut);
  agent.is_phone_busy = false;
  const AgentClassIndex left = agent.agent_class;
  set_presence(index, Presence::kLoggedOut, kReasonNone);
  --roster_.class_at(left).logged_in_count;
  agent.agent_class = AgentClassIndex();
  roster_.leave_station(index);
  unlink_agent(index);
  emit(EventKind::kAgentLoggedOut).agent = index;
  return left;
}

Reject Router::set_ready(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.presence == Presence::kReady) return Reject::kNone;
  agent.idle_since_ns = now_ns_;
  agent.rejects = 0;
  agent.no_answers = 0;
  set_presence(index, Presence::kReady, kReasonNone);
  match_agent(index);
  return Reject::kNone;
}

Reject Router::set_not_ready(AgentIndex index, int32_t reason) {
  if (roster_.at(index).presence == Presence::kLoggedOut) return Reject::kAgentState;
  set_presence(index, Presence::kNotReady, reason);
  return Reject::kNone;
}

Reject Router::end_wrap_up(AgentIndex index) {
  if (roster_.at(index).work != Work::kWrapUp) return Reject::kAgentState;
  finish_work(index, true);
  match_agent(index);
  return Reject::kNone;
}

Reject Router::phone_event(const Command& command, std::string_view arena) {
  const AgentIndex index = roster_.at_station(command.source, command.text.in(arena));
  if (!index.valid()) return Reject::kStationUnknown;
  Agent& agent = roster_.at(index);
  if (command.kind != CommandKind::kPhoneBusy) {
    agent.is_phone_busy = false;
    if (command.kind == CommandKind::kPhoneUnregistered && agent.presence == Presence::kReady) {
      set_presence(index, Presence::kNotReady, kReasonPhone);
    }
    if (agent.work != Work::kBusyOther) return Reject::kNone;
    finish_work(index, true);
    match_agent(index);
  } else if (agent.work == Work::kNone) {
    set_work(index, Work::kBusyOther);
  } else if (agent.work == Work::kBusyOther) {
    set_agent_deadline(index, kNeverNs);  // The switch says so itself: until it reports idle.
  } else if (agent.work == Work::kWrapUp) {
    agent.is_phone_busy = true;  // Busy otherwise once wrap-up is over.
  }                              // Else the phone is busy with what was routed.
  return Reject::kNone;
}

// --- State changes: each emits what a watcher sees and keeps the idle order true.

void Router::set_presence(AgentIndex index, Presence presence, int32_t reason) {
  Agent& agent = roster_.at(index);
  const AgentState from = displayed_state(agent);
  const bool reason_changed = agent.reason != reason;
  agent.presence = presence;
  agent.reason = reason;
  refresh_idle(index);
  if (from != displayed_state(agent) || reason_changed) emit_state_change(index, from);
}

void Router::set_work(AgentIndex index, Work work) {
  Agent& agent = roster_.at(index);
  const AgentState from = displayed_state(agent);
  agent.work = work;
  refresh_idle(index);
  if (from != displayed_state(agent)) emit_state_change(index, from);
}

void Router::finish_work(AgentIndex index, bool restart_idle) {
  end_work(index, restart_idle);
  if (roster_.at(index).log_out_pending) match_excluded(leave(index));
}

void Router::end_work(AgentIndex index, bool restart_idle) {
  Agent& agent = roster_.at(index);
  const bool was_wrap_up = agent.work == Work::kWrapUp;
  set_agent_deadline(index, kNeverNs);
  if (restart_idle) agent.idle_since_ns = now_ns_;
  if (was_wrap_up) {
    Event& event = emit(EventKind::kAgentWrapUpEnded);
    event.agent = index;
    event.queue = agent.wrap_up_queue;
    agent.wrap_up_queue = QueueIndex();
  }
  const bool is_busy = was_wrap_up && agent.is_phone_busy && !agent.log_out_pending;
  agent.is_phone_busy = false;
  set_work(index, is_busy ? Work::kBusyOther : Work::kNone);
}

void Router::start_wrap_up_or_finish(AgentIndex index, QueueIndex queue) {
  const QueueConfig& config = queues_[queue.value()].config;
  if (config.wrap_up_mode == WrapUpMode::kNone) {
    finish_work(index, true);
    return;
  }
  const bool timed = config.wrap_up_mode == WrapUpMode::kTimed;
  Agent& agent = roster_.at(index);
  agent.wrap_up_queue = queue;
  Event& event = emit(EventKind::kAgentWrapUpStarted);
  event.agent = index;
  event.queue = queue;
  event.duration_ns = timed ? config.wrap_up_ns : kNeverNs;
  set_work(index, Work::kWrapUp);
  if (timed) set_agent_deadline(index, now_ns_ + config.wrap_up_ns);
}

void Router::refresh_idle(AgentIndex index) {
  const Agent& agent = roster_.at(index);
  const bool idle =
      agent.presence == Presence::kReady && agent.work == Work::kNone && !agent.log_out_pending;
  if (idle == agent.idle_node.linked()) return;
  if (idle) {
    roster_.insert_idle(index);
  } else {
    roster_.erase_idle(index);
  }
}

void Router::emit_state_change(AgentIndex index, AgentState from) {
  const Agent& agent = roster_.at(index);
  const AgentState to = displayed_state(agent);
  Event& event = emit(EventKind::kAgentStateChanged);
  event.agent = index;
  event.from = from;
  event.to = to;
  event.number = to == AgentState::kNotReady ? agent.reason : kReasonNone;
}

// Puts a logged-in agent into the class of its skills, memberships and switch.
void Router::join_class(AgentIndex index) {
  Agent& agent = roster_.at(index);
  bool created = false;
  const AgentClassIndex joined =
      roster_.class_for(agent.skills, named_queues(agent.id.view()), agent.source, &created);
  if (created) connect_agent_class(joined);
  if (joined == agent.agent_class) return;
  const bool was_idle = agent.idle_node.linked();
  if (was_idle) roster_.erase_idle(index);
  const AgentClassIndex left = agent.agent_class;
  agent.agent_class = joined;
  if (!left.valid()) return;  // A log-in counts itself.
  --roster_.class_at(left).logged_in_count;
  ++roster_.class_at(joined).logged_in_count;
  if (was_idle) {
    roster_.insert_idle(index);
    match_agent(index);
  }
  match_excluded(left);
}

std::vector<QueueIndex> Router::named_queues(std::string_view agent_id) const {
  std::vector<QueueIndex> named;
  for (size_t i = 0; i < queues_.size(); ++i) {
    const std::vector<std::string>& members = queues_[i].config.members;
    if (std::binary_search(members.begin(), members.end(), agent_id)) named.emplace_back(i);
  }
  return named;
}

void Router::fire_agent(AgentIndex index) {
  finish_work(index, true);  // Wrap-up or busy is over.
  match_agent(index);
}

void Router::set_agent_deadline(AgentIndex index, int64_t deadline_ns) {
  roster_.at(index).deadline_ns = deadline_ns;
  if (deadline_ns == kNeverNs) {
    timers_.cancel(TimerKind::kAgent, index.value());
  } else {
    timers_.set(TimerKind::kAgent, index.value(), index.value(), deadline_ns);
  }
}

}  // namespace acd
