// SPDX-License-Identifier: Apache-2.0
// The oracle's desktop sessions.
#include <algorithm>
#include <map>

#include "sim/oracle.h"

namespace acd {

// Attached to it before that order number, the first first.
std::map<uint64_t, AgentIndex> Oracle::attached_before(SourceIndex desktop, uint64_t order) const {
  std::map<uint64_t, AgentIndex> found;
  for (const Agent& agent : agents_) {
    if (agent.desktop == desktop && agent.attach_order < order) {
      found.emplace(agent.attach_order, agent.index);
    }
  }
  return found;
}

void Oracle::open_desktop(SourceIndex index, bool resumed) {
  Source& desktop = sessions_.at(index);
  const bool waits = !attached_before(index, desktop.lost_before).empty();
  if (!resumed) desktop.resync_until_ns = now_ns_ + config_.agent_grace_ns;
  if (!waits) desktop.resync_until_ns = kNeverNs;
  desktop.deadline_ns = waits ? std::max(desktop.resync_until_ns, now_ns_) : kNeverNs;
  Event& event = emit(EventKind::kDesktopConnected);
  event.source = index;
  event.flag = resumed;
  event.text = log_.add_text(desktop.id.view());
  find_stranded();
}

// The grace is over: who was attached when it began to run out, or is to one that is away, is so no
// longer.
void Oracle::lose_desktop(SourceIndex index) {
  for (const auto& [order, agent] : attached_before(index, sessions_.at(index).lost_before)) {
    detach_agent(agent_at(agent), DetachReason::kLost);
  }
}

void Oracle::find_stranded() {
  for (Agent& agent : agents_) {
    bool is_stranded = false;
    if (agent.presence != Presence::kLoggedOut && agent.desktop.valid() &&
        agent.answer_mode == AnswerMode::kDesktop) {
      const Source& theirs = sessions_.at(agent.desktop);
      is_stranded = !theirs.connected || agent.attach_order < theirs.lost_before;
    }
    if (agent.is_stranded == is_stranded) continue;
    agent.is_stranded = is_stranded;
    agent.changed = true;
    account(agent);
  }
}

Reject Oracle::attach_agent(SourceIndex desktop, Agent& agent) {
  if (agent.desktop != desktop && attached_before(desktop, next_order_).size() >= kAttachedMax) {
    return Reject::kLimitReached;
  }
  if (agent.desktop.valid() && agent.desktop != desktop) {
    Event& left = emit(EventKind::kAgentDetached);
    left.agent = agent.index;
    left.source = agent.desktop;
    left.detail = static_cast<uint8_t>(DetachReason::kTakenOver);
  }
  agent.desktop = desktop;
  agent.attach_order = next_order_++;
  Event& event = emit(EventKind::kAgentAttached);
  event.agent = agent.index;
  event.source = desktop;
  find_stranded();
  return Reject::kNone;
}

void Oracle::detach_agent(Agent& agent, DetachReason reason) {
  Event& event = emit(EventKind::kAgentDetached);
  event.agent = agent.index;
  event.source = agent.desktop;
  event.detail = static_cast<uint8_t>(reason);
  agent.desktop = SourceIndex();
  if (agent.presence == Presence::kReady ||
      (agent.presence == Presence::kNotReady && agent.reason == kReasonRona)) {
    set_presence(agent, Presence::kNotReady, kReasonConnectionLost);
  }
  find_stranded();
}

// What a desktop says is about an agent who is attached to it.
Reject Oracle::desktop_command(const Command& command, std::string_view arena, Call* call) {
  const bool is_here = sessions_.at(command.source).connected;
  if (command.kind == CommandKind::kRefused) return Reject::kNone;
  if (command.kind == CommandKind::kCloseSession) {
    close_session(command.source);
    return Reject::kNone;
  }
  if (command.kind == CommandKind::kAttachAgent && !is_here) return Reject::kSourceUnknown;
  constexpr CommandKind kOwn[] = {
      CommandKind::kAttachAgent,   CommandKind::kDetachAgent,  CommandKind::kLogIn,
      CommandKind::kLogOut,        CommandKind::kSetReady,     CommandKind::kSetNotReady,
      CommandKind::kEndWrapUp,     CommandKind::kExtendWrapUp, CommandKind::kPauseMember,
      CommandKind::kUnpauseMember, CommandKind::kAcceptOffer,  CommandKind::kRejectOffer};
  if (std::ranges::find(kOwn, command.kind) == std::end(kOwn)) return Reject::kSourceUnknown;
  const AgentIndex index = find_agent(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  Agent& agent = agent_at(index);
  if (command.kind == CommandKind::kAttachAgent) return attach_agent(command.source, agent);
  if (agent.desktop != command.source) return Reject::kNotAttached;
  if (command.kind == CommandKind::kDetachAgent) {
    detach_agent(agent, DetachReason::kAsked);
    return Reject::kNone;
  }
  Command said = command;
  said.source = SourceIndex();
  if (command.kind == CommandKind::kLogIn) {
    said.source = sessions_.find(command.preferred.in(arena));
    const bool is_away = !said.source.valid() || !sessions_.at(said.source).connected;
    if (is_away) return Reject::kSwitchAway;
  }
  return obey(said, arena, call);
}

}  // namespace acd
