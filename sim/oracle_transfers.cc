// SPDX-License-Identifier: Apache-2.0
// The oracle's transfers: to a queue, to an agent, to a supervisor, outside; and legs.
#include <algorithm>

#include "routing/check.h"
#include "routing/leg_id.h"
#include "sim/oracle.h"

namespace acd {

Reject Oracle::transfer_call(const Command& command, std::string_view arena, Call& call) {
  const bool is_nowhere = call.is_reminder && call.stage != Stage::kConnected;
  if (is_nowhere && static_cast<TransferTarget>(command.detail) == TransferTarget::kOutside) {
    return Reject::kCallState;
  }
  if (const Reject reject = check_transfer(call); reject != Reject::kNone) return reject;
  const std::string_view by = command.preferred.in(arena);
  if (!by.empty()) {
    const AgentIndex agent = find_agent(by);
    if (!agent.valid()) return Reject::kAgentUnknown;
    const bool has_it = call.stage == Stage::kConnected && call.offers.front().agent == agent;
    if (!has_it) return Reject::kCallState;
  }

  Destination to;
  to.target = static_cast<TransferTarget>(command.detail);
  to.name = command.name.in(arena);
  to.queue = queue_towards(to, command.text.in(arena), call);
  const bool goes_outside = to.target == TransferTarget::kOutside;
  if (!goes_outside && !to.queue.valid()) return Reject::kQueueUnknown;
  Reject reject = Reject::kNone;
  if (to.target == TransferTarget::kAgent) reject = find_agent_for(call, &to);
  if (to.target == TransferTarget::kSupervisor) reject = find_supervisor_for(call, &to);
  if (reject != Reject::kNone) return reject;

  if (call.stage == Stage::kConnected) end_consult(call, call.offers.front().agent, false);
  if (call.stage == Stage::kAlerting) rescind_offers(call);
  if (goes_outside) {
    send_outside(call, to);
  } else {
    move_elsewhere(call, to);
  }
  return Reject::kNone;
}

Reject Oracle::check_transfer(const Call& call) const {
  if (call.stage == Stage::kConnecting || !call.is_on_line || call.parent)
    return Reject::kCallState;
  if (call.stage == Stage::kConnected && call.offers.size() > 1) return Reject::kCallState;
  if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
  return call.transfers < config_.transfers_max ? Reject::kNone : Reject::kTransfersUsed;
}

Reject Oracle::requeue_call(Call& call) {
  if (call.parent) return Reject::kCallState;
  if (call.stage == Stage::kConnected) {
    if (const Reject reject = check_transfer(call); reject != Reject::kNone) return reject;
    if (queue_of(call).removed) return Reject::kQueueUnknown;
    end_consult(call, call.offers.front().agent, false);
    move_elsewhere(call, {TransferTarget::kQueue, queue_of(call).config.id, call.queue, {}});
    return Reject::kNone;
  }
  if (call.stage != Stage::kAlerting) return Reject::kCallState;
  if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
  for (const Offer& offer : call.offers) {
    exclude(call, offer.agent, 0, OfferOutcome::kRescinded);
  }
  rescind_offers(call);
  if (call.round_failed) ++call.offers_failed;
  return_to_queue(call);
  come_back(call);
  return Reject::kNone;
}

Reject Oracle::supervise_call(const Command& command, std::string_view arena, Call& call) {
  if (call.stage != Stage::kConnected) return Reject::kCallState;
  if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
  const auto what = static_cast<Supervision>(command.detail);
  const Offer* of = party(call, command.name.in(arena));
  const bool records = what == Supervision::kRecord || what == Supervision::kStopRecording;
  if (records && command.name.size == 0) of = &call.offers.front();
  if (of == nullptr) return Reject::kPartyUnknown;
  std::string station(command.text.in(arena));
  const std::string by(command.preferred.in(arena));
  if (!by.empty()) {
    const AgentIndex index = find_agent(by);
    if (!index.valid()) return Reject::kAgentUnknown;
    const Agent& supervisor = agent_at(index);
    if (supervisor.presence == Presence::kLoggedOut) return Reject::kAgentState;
    if (supervisor.source != call.source) return Reject::kAgentOfOtherSwitch;
    for (const Offer& other : call.offers) {
      if (other.agent == index) return Reject::kCallState;
    }
    station = supervisor.station;
  }
  Event& event = emit(EventKind::kCallSupervised, call);
  event.agent = of->agent;
  event.generation = of->generation;
  event.detail = command.detail;
  event.text = log_.add_text(station);
  event.text2 = log_.add_text(by);
  return Reject::kNone;
}

// The queue asked for; for somebody by `way`, or where the call is.
QueueIndex Oracle::queue_towards(const Destination& to, std::string_view way,
                                 const Call& call) const {
  if (to.target == TransferTarget::kQueue) return find_queue(to.name);
  if (!way.empty()) return find_queue(way);
  return queue_of(call).removed ? QueueIndex() : call.queue;
}

Reject Oracle::find_agent_for(const Call& call, Destination* to) const {
  to->agent = find_agent(to->name);
  if (!to->agent.valid()) return Reject::kAgentUnknown;
  for (const Offer& offer : call.offers) {
    if (offer.agent == to->agent) return Reject::kCallState;  // Has it, or is rung for it.
  }
  const Agent& agent = agent_at(to->agent);
  const bool is_ready = agent.presence == Presence::kReady && !agent.log_out_pending;
  if (!is_ready || is_cut_off(call, agent)) return Reject::kAgentState;
  if (!has_room_beside(agent, call.medium)) return Reject::kAgentBusy;
  return could_serve_in(call, to->queue, agent) ? Reject::kNone : Reject::kNotMember;
}

Reject Oracle::find_supervisor_for(const Call& call, Destination* to) const {
  if (call.stage != Stage::kConnected) return Reject::kCallState;
  const Agent& had = agent_at(call.offers.front().agent);
  std::vector<AgentIndex> able;
  for (const TeamConfig& team : config_.teams) {
    if (had.team.empty() || team.id != had.team) continue;
    for (const std::string& id : team.supervisors) {
      const AgentIndex index = find_agent(id);
      const auto has_it = [&](const Offer& one) { return one.agent == index; };
      if (!index.valid() || std::any_of(call.offers.begin(), call.offers.end(), has_it)) continue;
      const Agent& agent = agent_at(index);
      const bool comes = agent.presence == Presence::kReady && !agent.log_out_pending &&
                         !is_cut_off(call, agent) && could_serve_in(call, to->queue, agent);
      if (comes) able.push_back(index);
    }
  }
  if (able.empty()) return Reject::kNoSupervisor;
  const auto now = std::find_if(able.begin(), able.end(), [&](AgentIndex index) {
    return is_open(agent_at(index), call.medium);
  });
  to->agent = now != able.end() ? *now : able.front();
  to->name = agent_at(to->agent).id;
  return Reject::kNone;
}

bool Oracle::could_serve_in(const Call& call, QueueIndex queue, const Agent& agent) const {
  Call there = call;
  there.queue = queue;
  there.entered_ns = now_ns_;
  there.steps = steps_in_force(there);
  return could_serve(there, requirement_in_force(there), agent);
}

// --- Legs.

Oracle::Call* Oracle::call_with_leg(SourceIndex source, std::string_view leg) {
  for (auto& [order, call] : calls_) {
    if (call.source == source && !leg.empty() && call.leg == leg) return &call;
  }
  return nullptr;
}

Reject Oracle::replace_leg(const Command& command, std::string_view arena) {
  const std::string_view fresh = command.leg.in(arena);
  const std::string_view old = command.text.in(arena);
  if (fresh.starts_with(kOwnLegPrefix)) return Reject::kLegTaken;
  Call* named = nullptr;
  std::optional<Offer> of_agent;
  if (const std::optional<OwnLeg> own = parse_leg_id(old)) {
    for (auto& [order, call] : calls_) {
      if (call.source != command.source) continue;
      for (const Offer& offer : call.offers) {
        const bool is_it =
            offer.agent == own->agent && item_of(agent_at(offer.agent), order).number == own->item;
        if (!is_it) continue;
        named = &call;
        of_agent = offer;
      }
    }
  } else {
    named = call_with_leg(command.source, old);
  }
  if (named == nullptr) return Reject::kLegUnknown;
  Event& event = emit(EventKind::kCallLegReplaced, *named);
  event.text = log_.add_text(fresh);
  event.text2 = log_.add_text(old);
  if (of_agent) {
    event.flag = true;
    event.agent = of_agent->agent;
    event.generation = of_agent->generation;
    return Reject::kNone;
  }
  named->leg.clear();
  if (call_with_leg(command.source, fresh) == nullptr) named->leg = fresh;
  return Reject::kNone;
}

void Oracle::rescind_offers(Call& call) {
  const std::vector<Offer> open = call.offers;
  for (const Offer& offer : open) {
    tell_offer_end(call, offer, OfferOutcome::kRescinded, true);
    call.offers.erase(call.offers.begin());
    penalise(agent_at(offer.agent), call, OfferOutcome::kRescinded);
  }
}

Event& Oracle::send_outside(Call& call, const Destination& to) {
  const size_t place = log_.events.size();
  finish_call(call, EventKind::kCallTransferred, static_cast<uint8_t>(to.target), 0);
  Event& event = log_.events[place];
  ACD_CHECK(event.kind == EventKind::kCallTransferred);
  event.flag = true;
  event.text = log_.add_text(to.name);
  return event;
}

// All of the visit is forgotten but the age; what the limits did in other queues, too.
void Oracle::move_elsewhere(Call& call, const Destination& to) {
  Event& left = emit(EventKind::kCallTransferred, call);
  left.detail = static_cast<uint8_t>(to.target);
  left.text = log_.add_text(to.name);
  left.text2 = log_.add_text(queue_at(to.queue).config.id);
  const QueueIndex queue_left = call.queue;
  const bool was_connected = call.stage == Stage::kConnected;
  const std::vector<Offer> had = call.offers;
  call.offers.clear();
  call.stage = Stage::kEnqueued;
  call.on_hold = false;
  call.deadline_ns = kNeverNs;
  call.not_before_ns = INT64_MIN;
  call.exclusions.clear();
  call.queue = to.queue;
  call.visited = {to.queue};
  call.entered_ns = now_ns_;
  call.steps = 0;
  call.offers_failed = 0;
  call.round_failed = false;
  call.taken.clear();
  call.treat_from_ns = now_ns_;
  call.line_ns = now_ns_;
  call.limits_at_ns = kNeverNs;
  call.overflows = 0;
  ++call.transfers;
  if (was_connected) {
    call.exclusions = {{had.front().agent, now_ns_ + queue_of(call).config.reoffer_after_ns, 0}};
    Agent& agent = agent_at(had.front().agent);
    Item& item = item_of(agent, call.order);
    item.call.reset();
    start_wrap_up_or_finish(agent, item, queue_left, call.id);
  }
  if (!call.has_priority) call.priority = queue_of(call).config.priority;
  const bool keeps = call.is_preferring && call.was_named_on_arrival && !to.agent.valid();
  if (to.agent.valid()) call.was_named_on_arrival = false;
  Wish wish;
  if (keeps) {
    wish = wish_of(call);
  } else if (to.agent.valid()) {
    const bool is_supervisor = to.target == TransferTarget::kSupervisor;
    wish = {to.agent, is_supervisor, now_ns_ + config_.transfer_wait_ns};
  }
  begin_visit(call, VisitEntry::kTransfer, wish);
  call.is_preferring = false;
  if (wish.agent.valid()) prefer(call, wish);
  // Who comes for somebody comes whatever the queue is like.
  const uint64_t order = call.order;
  after_entry(call, to.target == TransferTarget::kQueue);
  const auto here = calls_.find(order);
  const bool goes_on = here != calls_.end() && here->second.is_preferring;
  if (keeps && goes_on && !here->second.is_of_limit) see(Sight::kPreferredKept);
}

}  // namespace acd
