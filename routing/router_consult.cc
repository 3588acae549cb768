// SPDX-License-Identifier: Apache-2.0
// Consults, conferences, and agents who leave a call.
#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

// Whether the call may be given to somebody else once more. What a switch has done is done.
bool may_transfer(const Command& command, const Call& call, const TenantConfig& config) {
  return command.source.valid() || call.transfers < config.transfers_max;
}

void count_transfer(Call* call) {
  if (call->transfers < kTransfersMaxLimit) ++call->transfers;
}

}  // namespace

// --- Who is on a call.

AgentIndex Router::next_party(AgentIndex agent, CallIndex call) const {
  return roster_.at(agent).item_of(call).next_party;
}

AgentIndex Router::party_of(CallIndex index, std::string_view id) const {
  const AgentIndex first = calls_.at(index).agent;
  if (id.empty()) return next_party(first, index).valid() ? AgentIndex() : first;
  const AgentIndex named = roster_.find(id);
  for (AgentIndex a = first; a.valid(); a = next_party(a, index)) {
    if (a == named) return a;
  }
  return {};
}

size_t Router::party_count(CallIndex index) const {
  size_t count = 0;
  for (AgentIndex a = calls_.at(index).agent; a.valid(); a = next_party(a, index)) ++count;
  return count;
}

AgentIndex Router::consulting_agent(CallIndex consult) const {
  const CallIndex parent = calls_.at(consult).parent;
  AgentIndex agent = calls_.at(parent).agent;
  while (agent.valid() && roster_.at(agent).item_of(parent).consult != consult) {
    agent = next_party(agent, parent);
  }
  return agent;
}

void Router::add_party(CallIndex index, AgentIndex agent) {
  AgentIndex* link = &calls_.at(index).agent;
  while (link->valid()) link = &roster_.at(*link).item_of(index).next_party;
  *link = agent;
}

void Router::remove_party(CallIndex index, AgentIndex agent, int32_t cause, bool is_lost,
                          bool is_transfer) {
  ACD_CHECK(party_count(index) > 1);
  end_consult(index, agent, is_lost);
  Event& event = emit_offer(EventKind::kCallPartyLeft, index, agent);
  event.cause = cause;
  event.detail = is_transfer ? 1 : 0;
  WorkItem* const item = &roster_.at(agent).item_of(index);
  AgentIndex* link = &calls_.at(index).agent;
  while (*link != agent) link = &roster_.at(*link).item_of(index).next_party;
  *link = item->next_party;
  item->next_party = AgentIndex();
  item->call = CallIndex();
  const Call& call = calls_.at(index);
  const uint64_t hash = is_lost ? 0 : HashedName(call.id.view()).hash;
  start_wrap_up_or_finish(agent, item, call.queue, hash);
}

Reject Router::leave_call(const Command& command, std::string_view arena, CallIndex index) {
  if (calls_.at(index).stage != CallStage::kConnected) return Reject::kCallState;
  const AgentIndex agent = party_of(index, command.name.in(arena));
  if (!agent.valid()) return Reject::kPartyUnknown;
  if (party_count(index) > 1) {
    // Who came by a consult stands for the call now: a transfer in another way.
    if (agent == calls_.at(index).agent) count_transfer(&calls_.at(index));
    remove_party(index, agent, command.cause, false, false);
  } else {
    const auto by_agent = static_cast<uint8_t>(EndedBy::kAgent);
    finish_call(index, {EventKind::kCallCompleted, by_agent, command.cause, {}});
  }
  return Reject::kNone;
}

// --- Consults.

Reject Router::consult(const Command& command, std::string_view arena, CallIndex parent_index) {
  const HashedName id(command.leg.in(arena));
  if (is_known_call(id)) return Reject::kCallExists;
  const Call& parent = calls_.at(parent_index);
  if (parent.stage != CallStage::kConnected || parent.parent.valid()) return Reject::kCallState;
  const AgentIndex agent = party_of(parent_index, command.preferred.in(arena));
  if (!agent.valid()) return Reject::kPartyUnknown;
  if (roster_.at(agent).item_of(parent_index).consult.valid()) return Reject::kConsultOpen;
  if (!is_switch_here(parent)) return Reject::kSwitchAway;
  if (calls_.count() >= kCallsMax) return Reject::kLimitReached;
  Call fresh;
  fresh.source = parent.source;
  fresh.medium = parent.medium;
  Reject reject = Reject::kNone;
  fresh.requirement = requirement_for({}, &reject);
  if (reject != Reject::kNone) return reject;
  Transfer target;
  reject = find_consulted(command, arena, parent, agent, fresh.requirement, &target);
  if (reject != Reject::kNone) return reject;
  fresh.queue = target.queue;
  fresh.parent = parent_index;
  fresh.has_priority = true;
  fresh.priority = parent.priority;
  fresh.line_ns = now_ns_;
  fresh.enqueued_ns = now_ns_;
  fresh.treated_ns = now_ns_ - 1;
  fresh.key_ns = parent.key_ns;
  fresh.preferred = target.agent;
  fresh.preferred_until_ns = now_ns_ + config_.transfer_wait_ns;
  fresh.waits_if_busy = target.target == TransferTarget::kSupervisor;
  if (!has_room_for(&fresh)) return Reject::kLimitReached;
  const CallIndex index = add_call(fresh, id);
  roster_.at(agent).item_of(parent_index).consult = index;
  for (AgentIndex a = calls_.at(parent_index).agent; a.valid(); a = next_party(a, parent_index)) {
    calls_.exclude(index, a, 0, kNeverNs);  // Whatever room they have: they could not be joined.
  }
  const std::string_view about = calls_.at(parent_index).id.view();
  if (target.target == TransferTarget::kOutside) {
    begin_visit(index, VisitEntry::kConsult, 0, {}, about);
    dial_outside(index, target.name);
  } else if (target.agent.valid()) {  // As a transfer to them.
    begin_visit(index, VisitEntry::kConsult, 0, {}, about);
    start_waiting(index);
  } else {
    enter_queue(index, VisitEntry::kConsult, 0, {}, about);
  }
  return Reject::kNone;
}

// As a transfer by that agent would, with no needs but the queue's. Who is outside serves no queue:
// that of the call counts them.
Reject Router::find_consulted(const Command& command, std::string_view arena, const Call& parent,
                              AgentIndex agent, RequirementIndex none, Transfer* transfer) const {
  transfer->queue = parent.queue;
  Call asking = parent;
  asking.agent = agent;
  asking.requirement = none;
  return find_target(command, arena, asking, transfer);
}

// It has no time-out: who consults hears what becomes of it, and ends it.
void Router::dial_outside(CallIndex index, std::string_view number) {
  set_stage(index, CallStage::kDialingOutside);
  Call& call = calls_.at(index);
  ++call.generation;
  outside_numbers_.emplace(call.order, number);
  Event& event = emit(EventKind::kCallOutsideDialed, index);
  event.agent = consulting_agent(index);
  event.flag = true;
  event.text = log_.add_text(number);
}

std::string_view Router::outside_number(const Call& call) const {
  return outside_numbers_.at(call.order);
}

// By who consults, or somebody on their behalf.
void Router::take_back(CallIndex consult) {
  const CallStage stage = calls_.at(consult).stage;
  const bool is_answered = stage == CallStage::kConnected || stage == CallStage::kOutside;
  CallEnd end{is_answered ? EventKind::kCallCompleted : EventKind::kCallWithdrawn,
              static_cast<uint8_t>(EndedBy::kCaller),
              0,
              {}};
  end.tells_switch = true;
  finish_call(consult, end);
}

// Without a retrieval: who consults is off the call.
void Router::end_consult(CallIndex parent, AgentIndex agent, bool is_lost) {
  const CallIndex index = roster_.at(agent).item_of(parent).consult;
  if (!index.valid()) return;
  roster_.at(agent).item_of(parent).consult = CallIndex();
  if (!is_lost) return take_back(index);
  finish_call(index,
              {EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kSwitchLost), 0, {}});
}

// What ends the consult; who consults has none any longer.
void Router::tell_merge(const Command& command, CallIndex consult, AgentIndex consulting) {
  const CallIndex parent = calls_.at(consult).parent;
  Event& event = emit(EventKind::kCallMerged, consult);
  event.flag = command.flag;
  event.detail = command.source.valid() ? 0 : 1;
  event.text = log_.add_text(calls_.at(parent).id.view());
  event.text2 = log_.add_text(roster_.at(consulting).id.view());
  roster_.at(consulting).item_of(parent).consult = CallIndex();
}

Reject Router::merge_call(const Command& command, CallIndex index) {
  const Call& consult = calls_.at(index);
  if (consult.stage == CallStage::kOutside) return merge_outside(command, index);
  if (consult.stage != CallStage::kConnected || !consult.parent.valid()) return Reject::kCallState;
  const CallIndex parent = consult.parent;
  const AgentIndex consulting = consulting_agent(index);
  const AgentIndex consulted = consult.agent;
  // With room for several calls they may have come to be on it meanwhile.
  if (roster_.at(consulted).find_item(parent) != nullptr) return Reject::kCallState;
  if (!is_switch_here(consult)) return Reject::kSwitchAway;
  if (command.flag && party_count(parent) >= kPartiesMax) return Reject::kLimitReached;
  if (!command.flag && !may_transfer(command, calls_.at(parent), config_))
    return Reject::kTransfersUsed;
  tell_merge(command, index, consulting);
  WorkItem* const item = &roster_.at(consulted).item_of(index);
  forget_call(index, consulted, false);
  item->call = parent;
  item->generation = ++calls_.at(parent).generation;
  add_party(parent, consulted);
  emit_offer(EventKind::kCallPartyJoined, parent, consulted);
  if (item->work != Work::kOnCall) set_work(consulted, item, Work::kOnCall);
  if (command.flag) return Reject::kNone;
  count_transfer(&calls_.at(parent));
  remove_party(parent, consulting, 0, false, true);
  return Reject::kNone;
}

// No agent comes in the place of who consults. Others who are on the call have it already; of them all
// it is a transfer only where the first one leaves.
Reject Router::merge_outside(const Command& command, CallIndex index) {
  const Call& consult = calls_.at(index);
  const CallIndex parent = consult.parent;
  const AgentIndex consulting = consulting_agent(index);
  if (!is_switch_here(consult)) return Reject::kSwitchAway;
  const bool is_transfer = !command.flag && consulting == calls_.at(parent).agent;
  if (is_transfer && !may_transfer(command, calls_.at(parent), config_))
    return Reject::kTransfersUsed;
  tell_merge(command, index, consulting);
  const std::string number = outside_numbers_.at(consult.order);
  forget_call(index, AgentIndex(), false);
  if (command.flag) return Reject::kNone;
  if (is_transfer) count_transfer(&calls_.at(parent));
  if (party_count(parent) > 1) {
    remove_party(parent, consulting, 0, false, false);
    return Reject::kNone;
  }
  CallEnd end{EventKind::kCallTransferred, static_cast<uint8_t>(TransferTarget::kOutside), 0,
              number};
  end.is_joined = true;
  finish_call(parent, end);
  return Reject::kNone;
}

}  // namespace acd
