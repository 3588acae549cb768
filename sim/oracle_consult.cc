// SPDX-License-Identifier: Apache-2.0
// The oracle's consults and conferences: several agents on one call.
#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {

// --- Who is on a call: whose offers were accepted, in the order in which they came.

// The agent named; of one alone there is no need to name them.
Oracle::Offer* Oracle::party(Call& call, std::string_view agent_id) {
  if (agent_id.empty()) return call.offers.size() == 1 ? &call.offers.front() : nullptr;
  for (Offer& one : call.offers) {
    if (agent_at(one.agent).id == agent_id) return &one;
  }
  return nullptr;
}

// The consult that the agent has about the call; null if none.
Oracle::Call* Oracle::consult_of(const Call& call, AgentIndex agent) {
  for (auto& [order, other] : calls_) {
    if (other.parent == call.order && other.consulting == agent) return &other;
  }
  return nullptr;
}

Event& Oracle::emit_of_party(EventKind kind, const Call& call, const Offer& party) {
  Event& event = emit(kind, call);
  event.agent = party.agent;
  event.generation = party.generation;
  return event;
}

Reject Oracle::leave_call(const Command& command, std::string_view arena, Call& call) {
  if (call.stage != Stage::kConnected) return Reject::kCallState;
  const Offer* const leaver = party(call, command.name.in(arena));
  if (leaver == nullptr) return Reject::kPartyUnknown;
  if (call.offers.size() > 1) {
    // With the first the call passes to somebody who was consulted.
    const bool is_first = leaver == &call.offers.front();
    if (is_first) call.transfers = std::min(call.transfers + 1, kTransfersMaxLimit);
    let_leave(call, leaver->agent, command.cause, false, false);
  } else {
    finish_call(call, EventKind::kCallCompleted, static_cast<uint8_t>(EndedBy::kAgent),
                command.cause);
  }
  return Reject::kNone;
}

// The call goes on with the others.
void Oracle::let_leave(Call& call, AgentIndex index, int32_t cause, bool is_lost,
                       bool is_transfer) {
  end_consult(call, index, is_lost);
  const auto leaver = std::find_if(call.offers.begin(), call.offers.end(),
                                   [&](const Offer& one) { return one.agent == index; });
  Event& event = emit_of_party(EventKind::kCallPartyLeft, call, *leaver);
  event.cause = cause;
  event.detail = is_transfer ? 1 : 0;
  call.offers.erase(leaver);
  ACD_CHECK(!call.offers.empty());
  Agent& agent = agent_at(index);
  Item& item = item_of(agent, call.order);
  item.call.reset();
  start_wrap_up_or_finish(agent, item, call.queue, is_lost ? std::string() : call.id);
}

// --- Consults.

Reject Oracle::consult(const Command& command, std::string_view arena, Call& parent) {
  const std::string id(command.leg.in(arena));
  if (is_taken(id)) return Reject::kCallExists;
  // Of a call that agents talk on, and not of a consult.
  if (parent.stage != Stage::kConnected || parent.parent) return Reject::kCallState;
  const Offer* const party_consulting = party(parent, command.preferred.in(arena));
  if (party_consulting == nullptr) return Reject::kPartyUnknown;
  const AgentIndex consulting = party_consulting->agent;
  if (consult_of(parent, consulting) != nullptr) return Reject::kConsultOpen;
  if (!sessions_.at(parent.source).is_here()) return Reject::kSwitchAway;
  if (calls_.size() >= kCallsMax) return Reject::kLimitReached;

  Call fresh;
  fresh.source = parent.source;
  fresh.medium = parent.medium;
  fresh.parent = parent.order;
  fresh.consulting = consulting;
  fresh.has_priority = true;
  fresh.priority = parent.priority;
  fresh.key_ns = parent.key_ns;
  fresh.entered_ns = now_ns_;
  fresh.treat_from_ns = now_ns_;
  fresh.own = parsed("");
  Destination to;
  const Reject reject = find_consulted(command, arena, parent, *party_consulting, &to);
  if (reject != Reject::kNone) return reject;
  fresh.queue = to.queue;

  fresh.line_ns = now_ns_;
  // Nobody is rung for their own consult, nor for one of somebody on the same call.
  for (const Offer& one : parent.offers) fresh.exclusions.push_back({one.agent, kNeverNs, 0});
  Call& call = begin_call(std::move(fresh), id);
  Event& event = begin_visit(call, VisitEntry::kConsult, {});
  event.agent = consulting;
  event.text3 = log_.add_text(parent.id);
  if (to.target == TransferTarget::kOutside) {
    call.stage = Stage::kDialingOutside;
    call.outside = to.name;
    ++call.generation;
    Event& dialed = emit(EventKind::kCallOutsideDialed, call);
    dialed.agent = consulting;
    dialed.flag = true;
    dialed.text = log_.add_text(call.outside);
    return Reject::kNone;
  }
  if (to.agent.valid()) {
    prefer(call, {to.agent, to.target == TransferTarget::kSupervisor,
                  now_ns_ + config_.transfer_wait_ns});
  }
  after_entry(call, !to.agent.valid());
  return Reject::kNone;
}

// As for a transfer by that agent, with no needs but the queue's.
Reject Oracle::find_consulted(const Command& command, std::string_view arena, const Call& parent,
                              const Offer& consulting, Destination* to) const {
  to->target = static_cast<TransferTarget>(command.detail);
  to->name = command.name.in(arena);
  if (to->target == TransferTarget::kNone) return Reject::kCallState;
  if (to->target == TransferTarget::kOutside) {
    to->queue = parent.queue;  // It has to count somewhere.
    return Reject::kNone;
  }
  to->queue = queue_towards(*to, command.text.in(arena), parent);
  if (!to->queue.valid()) return Reject::kQueueUnknown;
  Call asking = parent;
  asking.own = parsed("");
  asking.in_force = {};
  const auto by = std::find_if(asking.offers.begin(), asking.offers.end(),
                               [&](const Offer& one) { return one.agent == consulting.agent; });
  std::iter_swap(asking.offers.begin(), by);  // The team is that of who asks.
  if (to->target == TransferTarget::kAgent) return find_agent_for(asking, to);
  if (to->target == TransferTarget::kSupervisor) return find_supervisor_for(asking, to);
  return Reject::kNone;
}

// Who consults has left the call, so that nothing is to be retrieved.
void Oracle::end_consult(const Call& parent, AgentIndex agent, bool is_lost) {
  Call* const call = consult_of(parent, agent);
  if (call == nullptr) return;
  call->parent.reset();
  if (is_lost) {
    finish_call(*call, EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kSwitchLost), 0);
    return;
  }
  end_by_asker(*call);
}

// Who consults wants it no longer.
void Oracle::end_by_asker(Call& consult) {
  const bool is_answered = consult.stage == Stage::kConnected || consult.stage == Stage::kOutside;
  finish_call(consult, is_answered ? EventKind::kCallCompleted : EventKind::kCallWithdrawn,
              static_cast<uint8_t>(EndedBy::kCaller), 0, true);
}

Reject Oracle::merge_call(const Command& command, Call& call) {
  if (call.stage == Stage::kOutside) return merge_outside(command, call);
  if (call.stage != Stage::kConnected || !call.parent) return Reject::kCallState;
  Call& parent = calls_.at(*call.parent);
  const AgentIndex consulting = call.consulting;
  const AgentIndex consulted = call.offers.front().agent;
  const bool is_there = std::any_of(parent.offers.begin(), parent.offers.end(),
                                    [&](const Offer& one) { return one.agent == consulted; });
  if (is_there) return Reject::kCallState;
  if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
  if (command.flag && parent.offers.size() >= kPartiesMax) return Reject::kLimitReached;
  const bool is_request = !command.source.valid();
  if (!command.flag && is_request && parent.transfers >= config_.transfers_max) {
    return Reject::kTransfersUsed;
  }
  Event& event = emit(EventKind::kCallMerged, call);
  event.flag = command.flag;
  event.detail = is_request ? 1 : 0;
  event.text = log_.add_text(parent.id);
  event.text2 = log_.add_text(agent_at(consulting).id);
  remember(call);
  Agent& agent = agent_at(consulted);
  Item& item = item_of(agent, call.order);
  item.call = parent.order;
  calls_.erase(call.order);
  parent.offers.push_back({consulted, ++parent.generation, false});
  emit_of_party(EventKind::kCallPartyJoined, parent, parent.offers.back());
  if (item.work != Work::kOnCall) set_work(agent, item, Work::kOnCall);
  if (command.flag) return Reject::kNone;
  parent.transfers = std::min(parent.transfers + 1, kTransfersMaxLimit);
  let_leave(parent, consulting, 0, false, true);
  return Reject::kNone;
}

// Who is outside has the call, or talks on with those who are on it.
Reject Oracle::merge_outside(const Command& command, Call& call) {
  Call& parent = calls_.at(*call.parent);
  const AgentIndex consulting = call.consulting;
  const bool is_request = !command.source.valid();
  const bool stays = command.flag;
  if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
  const bool is_first = parent.offers.front().agent == consulting;
  if (!stays && is_first && is_request && parent.transfers >= config_.transfers_max) {
    return Reject::kTransfersUsed;
  }
  Event& event = emit(EventKind::kCallMerged, call);
  event.flag = stays;
  event.detail = is_request ? 1 : 0;
  event.text = log_.add_text(parent.id);
  event.text2 = log_.add_text(agent_at(consulting).id);
  const std::string number = call.outside;
  remember(call);
  calls_.erase(call.order);
  if (stays) return Reject::kNone;
  if (is_first) parent.transfers = std::min(parent.transfers + 1, kTransfersMaxLimit);
  if (parent.offers.size() > 1) {
    let_leave(parent, consulting, 0, false, false);
    return Reject::kNone;
  }
  Destination outside;
  outside.target = TransferTarget::kOutside;
  outside.name = number;
  send_outside(parent, outside).number = 1;
  return Reject::kNone;
}

}  // namespace acd
