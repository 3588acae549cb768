// SPDX-License-Identifier: Apache-2.0
// Desktop sessions: agents who are attached to one, and what becomes of them when it is gone.
#include <algorithm>
#include <string>

#include "routing/router.h"

namespace acd {

// Whether somebody is attached to it who was so before it came anew, or was forgotten.
bool Router::has_left_behind(const Source& desktop) const {
  return desktop.first_agent.valid() &&
         roster_.at(desktop.first_agent).attach_order < desktop.lost_before;
}

// Of an agent who accepts at a desktop: whether the one that speaks for them is away, or came anew and
// does not know them yet.
bool Router::lacks_desktop(const Agent& agent) const {
  if (agent.answer_mode != AnswerMode::kDesktop || !agent.desktop.valid()) return false;
  const Source& desktop = sessions_.at(agent.desktop);
  return !desktop.connected || agent.attach_order < desktop.lost_before;
}

// Nobody could accept what they were offered.
void Router::look_at_desk(AgentIndex index) {
  Agent& agent = roster_.at(index);
  const bool is_empty = lacks_desktop(agent);
  if (agent.is_desk_empty == is_empty) return;
  agent.is_desk_empty = is_empty;
  refresh_idle(index);
}

// At once, of at most kAttachedMax.
void Router::look_at_desks(SourceIndex desktop) {
  for (AgentIndex a = sessions_.at(desktop).first_agent; a.valid();
       a = roster_.at(a).next_of_desktop) {
    look_at_desk(a);
  }
}

void Router::open_desktop(SourceIndex index, bool resumed) {
  // Who was attached before it came anew has the grace to be attached again, once: cuts make it no longer.
  Source& desktop = sessions_.at(index);
  if (!resumed) desktop.resync_until_ns = now_ns_ + config_.agent_grace_ns;
  if (!has_left_behind(desktop)) desktop.resync_until_ns = kNeverNs;
  set_source_deadline(index, std::max(desktop.resync_until_ns, now_ns_));
  Event& event = emit(EventKind::kDesktopConnected);
  event.source = index;
  event.flag = resumed;
  event.text = log_.add_text(sessions_.at(index).id.view());
  look_at_desks(index);
}

void Router::close_desktop(SourceIndex index) {
  set_source_deadline(index, now_ns_ + config_.agent_grace_ns);
  emit(EventKind::kDesktopDisconnected).source = index;
  look_at_desks(index);
}

// Its grace is over: detaches who is left, at most kBulkSliceMax.
void Router::fire_desktop(SourceIndex index) {
  const Source& desktop = sessions_.at(index);
  for (size_t i = 0; i < kBulkSliceMax && has_left_behind(desktop); ++i) {
    detach_agent(desktop.first_agent, DetachReason::kLost);
  }
  is_slice_left_ = has_left_behind(desktop);
  if (is_slice_left_) set_source_deadline(index, now_ns_);
}

Reject Router::check_desktop(const Command& command, std::string_view arena) const {
  const AgentIndex index = roster_.find(command.name.in(arena));
  switch (command.kind) {
    case CommandKind::kRefused:
    case CommandKind::kCloseSession:
      return Reject::kNone;
    case CommandKind::kAttachAgent:
      return sessions_.at(command.source).connected ? Reject::kNone : Reject::kSourceUnknown;
    case CommandKind::kDetachAgent:
    case CommandKind::kLogIn:
    case CommandKind::kLogOut:
    case CommandKind::kSetReady:
    case CommandKind::kSetNotReady:
    case CommandKind::kEndWrapUp:
    case CommandKind::kExtendWrapUp:
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
      break;
    default:
      return Reject::kSourceUnknown;  // A switch's to say.
  }
  if (!index.valid()) return Reject::kAgentUnknown;
  if (roster_.at(index).desktop != command.source) return Reject::kNotAttached;
  if (command.kind != CommandKind::kLogIn) return Reject::kNone;
  const SourceIndex station = station_switch(command, arena);
  const bool is_here = station.valid() && sessions_.at(station).connected;
  return is_here ? Reject::kNone : Reject::kSwitchAway;
}

SourceIndex Router::station_switch(const Command& command, std::string_view arena) const {
  return sessions_.is_desktop(command.source) ? sessions_.find(command.preferred.in(arena))
                                              : command.source;
}

// The newer session takes over, also within one that came anew.
Reject Router::attach_agent(SourceIndex desktop, AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.desktop != desktop && sessions_.at(desktop).attached >= kAttachedMax) {
    return Reject::kLimitReached;
  }
  if (agent.desktop.valid()) {
    if (agent.desktop != desktop) {
      Event& left = emit(EventKind::kAgentDetached);
      left.agent = index;
      left.source = agent.desktop;
      left.detail = static_cast<uint8_t>(DetachReason::kTakenOver);
    }
    unlink_attached(index);
  }
  agent.desktop = desktop;
  agent.attach_order = next_order_++;
  link_attached(index);
  Event& event = emit(EventKind::kAgentAttached);
  event.agent = index;
  event.source = desktop;
  look_at_desk(index);
  return Reject::kNone;
}

// Nobody speaks for them any more: they are ready no longer; what they have in hand goes on.
void Router::detach_agent(AgentIndex index, DetachReason reason) {
  Agent& agent = roster_.at(index);
  Event& event = emit(EventKind::kAgentDetached);
  event.agent = index;
  event.source = agent.desktop;
  event.detail = static_cast<uint8_t>(reason);
  unlink_attached(index);
  agent.desktop = SourceIndex();
  agent.attach_order = 0;
  const bool is_rona = agent.presence == Presence::kNotReady && agent.reason == kReasonRona;
  if (agent.presence == Presence::kReady || is_rona) {  // No late answer makes them ready again.
    set_presence(index, Presence::kNotReady, kReasonConnectionLost);
  }
  look_at_desk(index);
}

void Router::link_attached(AgentIndex index) {
  Agent& agent = roster_.at(index);
  Source& desktop = sessions_.at(agent.desktop);
  agent.previous_of_desktop = desktop.last_agent;
  agent.next_of_desktop = AgentIndex();
  (desktop.last_agent.valid() ? roster_.at(desktop.last_agent).next_of_desktop
                              : desktop.first_agent) = index;
  desktop.last_agent = index;
  ++desktop.attached;
}

void Router::unlink_attached(AgentIndex index) {
  Agent& agent = roster_.at(index);
  Source& desktop = sessions_.at(agent.desktop);
  (agent.previous_of_desktop.valid() ? roster_.at(agent.previous_of_desktop).next_of_desktop
                                     : desktop.first_agent) = agent.next_of_desktop;
  (agent.next_of_desktop.valid() ? roster_.at(agent.next_of_desktop).previous_of_desktop
                                 : desktop.last_agent) = agent.previous_of_desktop;
  --desktop.attached;
}

std::string Router::desktop_fault() const {
  size_t attached = 0;
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    attached += agent.desktop.valid() ? 1 : 0;
    if (agent.is_desk_empty != lacks_desktop(agent)) {
      return "agent " + std::string(agent.id.view()) + " is held back, or not, against its desktop";
    }
  }
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    const Source& desktop = sessions_.at(SourceIndex(i));
    if (desktop.kind != SourceKind::kDesktop) continue;
    const std::string which = "desktop " + std::string(desktop.id.view());
    uint64_t last = 0;
    uint32_t listed = 0;
    for (AgentIndex a = desktop.first_agent; a.valid(); a = roster_.at(a).next_of_desktop) {
      const Agent& agent = roster_.at(a);
      if (agent.desktop != SourceIndex(i)) return which + " lists somebody of another";
      if (agent.attach_order <= last) return which + " lists its agents in disorder";
      last = agent.attach_order;
      ++listed;
    }
    if (listed != desktop.attached || listed > attached) return which + " miscounts its agents";
    attached -= listed;
    const bool is_gone = !desktop.connected || has_left_behind(desktop);
    if (listed > 0 && is_gone && desktop.deadline_ns == kNeverNs) {
      return which + " is gone for ever, with agents";
    }
  }
  return attached == 0 ? "" : "an agent is attached and in no list";
}

}  // namespace acd
