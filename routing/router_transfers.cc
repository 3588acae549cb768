// SPDX-License-Identifier: Apache-2.0
// Transfers: a call goes to another queue, to an agent, to a supervisor or outside.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

Reject Router::transfer_call(const Command& command, std::string_view arena, CallIndex index) {
  const Call& call = calls_.at(index);
  const bool is_outside = static_cast<TransferTarget>(command.detail) == TransferTarget::kOutside;
  if (is_outside && call.is_of_nobody() && !call.agent.valid()) return Reject::kCallState;
  if (const Reject reject = check_transfer(index); reject != Reject::kNone) return reject;
  if (command.preferred.size > 0) {
    const AgentIndex by = roster_.find(command.preferred.in(arena));
    if (!by.valid()) return Reject::kAgentUnknown;
    if (by != call.agent) return Reject::kCallState;
  }
  Transfer transfer;
  const Reject reject = find_target(command, arena, call, &transfer);
  if (reject != Reject::kNone) return reject;

  if (call.agent.valid()) end_consult(index, call.agent, false);
  rescind_offers(index);
  if (transfer.target == TransferTarget::kOutside) {
    finish_call(index, {EventKind::kCallTransferred, command.detail, 0, transfer.name});
  } else {
    move_by_transfer(index, transfer);
  }
  return Reject::kNone;
}

Reject Router::check_transfer(CallIndex index) const {
  const Call& call = calls_.at(index);
  if (call.stage == CallStage::kConnecting || call.parent.valid()) return Reject::kCallState;
  if (!call.is_on_line()) return Reject::kCallState;
  // Of several who talk, who wants to go leaves.
  if (call.agent.valid() && next_party(call.agent, index).valid()) return Reject::kCallState;
  if (!is_switch_here(call)) return Reject::kSwitchAway;
  if (call.transfers >= config_.transfers_max) return Reject::kTransfersUsed;
  return Reject::kNone;
}

// As a supervisor asks: whom it rings is left out for a while, who has it gives it back.
Reject Router::requeue_call(CallIndex index) {
  const Call& call = calls_.at(index);
  if (call.parent.valid()) return Reject::kCallState;
  const bool is_alerting = call.stage == CallStage::kAlerting;
  if (is_alerting && !is_switch_here(call)) return Reject::kSwitchAway;
  if (is_alerting) {
    const int64_t until_ns = now_ns_ + queue(call.queue).config.reoffer_after_ns;
    while (calls_.at(index).first_offered.valid()) {
      const AgentIndex agent = calls_.at(index).first_offered;
      // Of no offer, so that no late answer of theirs is adopted.
      calls_.exclude(index, agent, 0, until_ns);
      end_offer(index, agent, OfferOutcome::kRescinded, true, 0);
    }
    return_to_queue(index);
    return Reject::kNone;
  }
  if (call.stage != CallStage::kConnected) return Reject::kCallState;
  if (const Reject reject = check_transfer(index); reject != Reject::kNone) return reject;
  if (queue(call.queue).is_removed) return Reject::kQueueUnknown;
  end_consult(index, call.agent, false);
  move_by_transfer(index,
                   {TransferTarget::kQueue, queue(call.queue).config.id, call.queue, AgentIndex()});
  return Reject::kNone;
}

// The switch does it, and it changes nothing here.
Reject Router::supervise_call(const Command& command, std::string_view arena, CallIndex index) {
  const Call& talk = calls_.at(index);
  if (talk.stage != CallStage::kConnected) return Reject::kCallState;
  if (!is_switch_here(talk)) return Reject::kSwitchAway;
  const std::string_view of = command.name.in(arena);
  const bool is_of_all = of.empty() && is_recording(static_cast<Supervision>(command.detail));
  const AgentIndex agent = is_of_all ? talk.agent : party_of(index, of);
  if (!agent.valid()) return Reject::kPartyUnknown;
  std::string_view station = command.text.in(arena);
  const std::string_view by = command.preferred.in(arena);
  if (!by.empty()) {
    const AgentIndex supervisor = roster_.find(by);
    if (!supervisor.valid()) return Reject::kAgentUnknown;
    const Agent& one = roster_.at(supervisor);
    if (one.presence == Presence::kLoggedOut) return Reject::kAgentState;
    if (one.source != talk.source) return Reject::kAgentOfOtherSwitch;
    if (one.find_item(index) != nullptr) return Reject::kCallState;
    station = one.station.view();
  }
  Event& event = emit_offer(EventKind::kCallSupervised, index, agent);
  event.detail = command.detail;
  event.text = log_.add_text(station);
  event.text2 = log_.add_text(by);
  return Reject::kNone;
}

Reject Router::find_target(const Command& command, std::string_view arena, const Call& call,
                           Transfer* transfer) const {
  transfer->target = static_cast<TransferTarget>(command.detail);
  transfer->name = command.name.in(arena);
  const std::string_view way = command.text.in(arena);
  switch (transfer->target) {
    case TransferTarget::kNone:
      return Reject::kCallState;
    case TransferTarget::kOutside:
      return Reject::kNone;
    case TransferTarget::kQueue:
      transfer->queue = find_queue(transfer->name);
      return transfer->queue.valid() ? Reject::kNone : Reject::kQueueUnknown;
    case TransferTarget::kAgent:
    case TransferTarget::kSupervisor:
      transfer->queue = way.empty() ? call.queue : find_queue(way);
      break;
  }
  if (!transfer->queue.valid() || queue(transfer->queue).is_removed) return Reject::kQueueUnknown;
  const CallClass there = class_in(call, transfer->queue);
  if (transfer->target == TransferTarget::kSupervisor) {
    return find_supervisor(call, there, transfer);
  }
  transfer->agent = roster_.find(transfer->name);
  if (!transfer->agent.valid()) return Reject::kAgentUnknown;
  const Agent& agent = roster_.at(transfer->agent);
  if (has_in_hand(agent, call)) return Reject::kCallState;
  if (!may_come(agent, call)) return Reject::kAgentState;
  if ((agent.roomy_media() & mask_of(call.medium)) == 0) return Reject::kAgentBusy;
  return could_serve(agent, there) ? Reject::kNone : Reject::kNotMember;
}

// Whether they are ready, and their switch could ring them if it is not the call's own.
bool Router::may_come(const Agent& agent, const Call& call) const {
  return agent.presence == Presence::kReady && !agent.log_out_pending &&
         (agent.source == call.source || sessions_.at(agent.source).is_here());
}

// Whether they are rung for it, being joined, or on it. `call` may be a copy.
bool Router::has_in_hand(const Agent& agent, const Call& call) const {
  return std::any_of(agent.items.begin(), agent.items.end(), [&](const WorkItem& item) {
    return item.call.valid() && calls_.at(item.call).order == call.order;
  });
}

// The first who is free for it, else the first who will be.
Reject Router::find_supervisor(const Call& call, const CallClass& there, Transfer* transfer) const {
  if (!call.agent.valid()) return Reject::kCallState;
  const TeamConfig* const team = team_of(roster_.at(call.agent));
  if (team == nullptr) return Reject::kNoSupervisor;
  for (const std::string& id : team->supervisors) {
    const AgentIndex index = roster_.find(HashedName(id));
    if (!index.valid()) continue;
    const Agent& supervisor = roster_.at(index);
    if (has_in_hand(supervisor, call)) continue;
    if (!may_come(supervisor, call) || !could_serve(supervisor, there)) continue;
    const bool is_free = (supervisor.open_media() & mask_of(call.medium)) != 0;
    if (transfer->agent.valid() && !is_free) continue;
    transfer->agent = index;
    transfer->name = supervisor.id.view();
    if (is_free) return Reject::kNone;
  }
  return transfer->agent.valid() ? Reject::kNone : Reject::kNoSupervisor;
}

const TeamConfig* Router::team_of(const Agent& agent) const {
  if (!agent.team.valid()) return nullptr;
  const std::string& id = teams_[agent.team.value()];
  const auto found = std::lower_bound(
      config_.teams.begin(), config_.teams.end(), id,
      [](const TeamConfig& team, const std::string& key) { return team.id < key; });
  return found != config_.teams.end() && found->id == id ? &*found : nullptr;
}

CallClass Router::class_in(const Call& call, QueueIndex queue) const {
  Call there = call;
  there.queue = queue;
  there.enqueued_ns = now_ns_;
  there.steps = steps_in_force(there);
  CallClass made;
  made.key = class_key(there);
  compile_class(&made);
  return made;
}

// By the present configuration, also where the agent's class is not brought to it yet.
bool Router::could_serve(const Agent& agent, const CallClass& calls) const {
  AgentClassKey key = key_without_work(agent);
  key.memberships = memberships_of(agent);
  Standing standing;
  return can_serve(key, calls, &standing) == Blocker::kNone;
}

// The visit, or the talk, ends here, and another visit begins there.
void Router::move_by_transfer(CallIndex index, const Transfer& transfer) {
  Call& call = calls_.at(index);
  if (call.is_waiting) stop_waiting(index);
  Event& event = emit(EventKind::kCallTransferred, index);
  event.detail = static_cast<uint8_t>(transfer.target);
  event.text = log_.add_text(transfer.name);
  event.text2 = log_.add_text(queue(transfer.queue).config.id);
  const AgentIndex had = call.agent;
  const QueueIndex left = call.queue;
  calls_.drop_exclusions(index, kNeverNs);
  calls_.forget_visits(index);
  set_call_deadline(index, kNeverNs);
  change_queue(index, transfer.queue);
  if (had.valid()) {  // Of no offer, so that no late answer of theirs is adopted.
    calls_.exclude(index, had, 0, now_ns_ + queue(transfer.queue).config.reoffer_after_ns);
  }
  if (call.stage != CallStage::kEnqueued) set_stage(index, CallStage::kEnqueued);
  call.line_ns = now_ns_;
  ++call.transfers;
  call.overflows = 0;
  call.agent = AgentIndex();
  call.on_hold = false;
  call.round_failed = false;
  call.not_before_ns = INT64_MIN;
  // The owner stays preferred while the wait lasts, nobody whom a transfer or a limit named.
  if (transfer.agent.valid() || !call.is_for_owner) {
    call.is_for_owner = false;
    call.preferred = transfer.agent;
    call.preferred_until_ns = now_ns_ + config_.transfer_wait_ns;
    call.waits_if_busy = transfer.target == TransferTarget::kSupervisor;
  }

  if (had.valid()) {
    WorkItem* const item = &roster_.at(had).item_of(index);
    item->call = CallIndex();
    start_wrap_up_or_finish(had, item, left, HashedName(call.id.view()).hash);
  }
  if (!transfer.agent.valid()) return enter_queue(index, VisitEntry::kTransfer, 0, {}, {});
  // Who comes for an agent comes whatever the queue is like.
  begin_visit(index, VisitEntry::kTransfer, 0, {}, {});
  start_waiting(index);
}

}  // namespace acd
