// SPDX-License-Identifier: Apache-2.0
// The oracle's calls and offers.
#include <algorithm>
#include <utility>
#include <variant>

#include "routing/check.h"
#include "routing/leg_id.h"
#include "sim/oracle.h"

namespace acd {

Reject Oracle::enqueue_call(const Command& command, std::string_view arena) {
  if (command.detail >> 1 >= static_cast<int>(kMediumCount)) return Reject::kRequirementInvalid;
  if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
  const std::string_view id = command.call.in(arena);
  const QueueIndex queue = find_queue(command.name.in(arena));
  if (!queue.valid()) return Reject::kQueueUnknown;
  if (is_taken(id)) return Reject::kCallExists;
  if (command.leg.in(arena).starts_with(kOwnLegPrefix)) return Reject::kLegTaken;
  if (calls_.size() >= kCallsMax) return Reject::kLimitReached;
  auto own = parse_requirement(command.text.in(arena),
                               [&](std::string_view name) { return find_skill(name); });
  if (const auto* error = std::get_if<RequirementError>(&own)) {
    return error->is_unknown_skill ? Reject::kSkillUnknown : Reject::kRequirementInvalid;
  }
  const std::string_view preferred = command.preferred.in(arena);
  const AgentIndex preferred_agent = find_agent(preferred);
  if (!preferred.empty() && !preferred_agent.valid()) return Reject::kAgentUnknown;

  const std::string_view leg = command.leg.in(arena);
  const bool is_leg_free = call_with_leg(command.source, leg) == nullptr;
  Call fresh;
  if (is_leg_free) fresh.leg = leg;
  fresh.source = command.source;
  fresh.own = std::get<Requirement>(std::move(own));
  fresh.own_text = command.text.in(arena);
  fresh.queue = queue;
  fresh.has_priority = command.flag;
  fresh.medium = static_cast<Medium>(command.detail >> 1);
  fresh.priority = command.flag ? command.number : queue_at(queue).config.priority;
  fresh.entered_ns = now_ns_ - command.age_ns;
  fresh.line_ns = fresh.entered_ns;
  fresh.key_ns = fresh.entered_ns - command.age_credit_ns;
  fresh.treat_from_ns = fresh.entered_ns;

  Call& call = begin_call(std::move(fresh), id);
  const Wish wish = {preferred_agent, (command.detail & 1) != 0, call.entered_ns + command.wait_ns};
  Event& event = begin_visit(call, VisitEntry::kArrival, wish);
  event.text2 = log_.add_text(command.text.in(arena));
  event.text3 = log_.add_text(command.leg.in(arena));
  call.was_named_on_arrival = preferred_agent.valid();
  if (wish.agent.valid()) prefer(call, wish);
  after_entry(call, true);
  return Reject::kNone;
}

// In its first queue, behind all that came before.
Oracle::Call& Oracle::begin_call(Call fresh, std::string_view id) {
  fresh.id = id;
  fresh.order = next_order_++;
  fresh.source_order = fresh.order;
  fresh.index = CallIndex(call_ids_.size());
  call_ids_.emplace_back(id);
  fresh.visited = {fresh.queue};
  const uint64_t order = fresh.order;
  return calls_[order] = std::move(fresh);
}

Event& Oracle::begin_visit(const Call& call, VisitEntry entry, const Wish& wish) {
  Event& event = emit(EventKind::kCallEnqueued, call);
  event.detail = static_cast<uint8_t>(entry);
  event.number = call.priority;
  if (entry == VisitEntry::kArrival || entry == VisitEntry::kCallback) {
    event.duration_ns = now_ns_ - call.entered_ns;
  }
  set_order_key(call.key_ns, &event);
  set_preferred(wish.agent, wish.until_ns, &event);
  event.text = log_.add_text(call.id);
  return event;
}

// --- What the switch reports of a call.

Reject Oracle::end_call(const Command& command, std::string_view arena, Call& call) {
  const bool is_connected = call.stage == Stage::kConnected;
  const bool is_by_supervisor = static_cast<EndedBy>(command.detail) == EndedBy::kSupervisor;
  if (!command.source.valid() && is_by_supervisor) {
    const bool is_caller_waiting =
        !is_connected && call.stage != Stage::kOutside && !call.is_of_nobody() && !call.parent;
    if (!is_caller_waiting) return Reject::kCallState;
    if (!sessions_.at(call.source).is_here()) return Reject::kSwitchAway;
    finish_call(call, EventKind::kCallWithdrawn, command.detail, command.cause, true);
    return Reject::kNone;
  }
  if (!command.source.valid() && call.parent) {
    end_by_asker(call);
    return Reject::kNone;
  }
  if (!command.source.valid() && (is_connected || !call.is_of_nobody())) return Reject::kCallState;
  EventKind kind = EventKind::kCallAbandoned;
  if (call.stage == Stage::kConnected || call.stage == Stage::kOutside) {
    kind = EventKind::kCallCompleted;
  } else if (call.is_of_nobody()) {
    const auto ended_by = static_cast<EndedBy>(command.detail);
    if (ended_by == EndedBy::kAgent) {
      if (call.stage == Stage::kConnecting) {
        requeue(call, false);  // The agent has left, not the customer.
      } else {
        note_stale(command, arena, &call, false);  // They have left it already.
      }
      return Reject::kNone;
    }
    kind = ended_by == EndedBy::kTimeout ? EventKind::kCallTimedOut : EventKind::kCallWithdrawn;
  } else {
    // An end is a fact whoever reports it: the caller is gone, so the call must not wait on.
    switch (static_cast<EndedBy>(command.detail)) {
      case EndedBy::kNone:
      case EndedBy::kCaller:
      case EndedBy::kAgent:
      case EndedBy::kSupervisor:  // Of no switch.
        break;
      case EndedBy::kTimeout:
        kind = EventKind::kCallTimedOut;
        break;
      case EndedBy::kSwitch:
        kind = EventKind::kCallWithdrawn;
        break;
    }
  }
  finish_call(call, kind, command.detail, command.cause);
  return Reject::kNone;
}

Reject Oracle::reroute_call(const Command& command, std::string_view id, Call* call) {
  if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
  if (call != nullptr) {
    if (call->stage >= Stage::kConnected) return Reject::kCallState;
    finish_call(*call, EventKind::kCallWithdrawn, static_cast<uint8_t>(EndedBy::kSwitch),
                command.cause, false, {}, true);
    return Reject::kNone;
  }
  if (scheduled_.contains(id)) return Reject::kCallState;
  if (is_taken(id)) return Reject::kNone;
  Event& event = emit(EventKind::kCallRerouted);
  event.source = command.source;
  event.cause = command.cause;
  event.text = log_.add_text(id);
  remember_rerouted(id, command.source);
  return Reject::kNone;
}

Reject Oracle::change_priority(Call& call, int32_t priority) {
  if (call.stage >= Stage::kConnected) return Reject::kCallState;
  call.has_priority = true;
  if (call.priority == priority) return Reject::kNone;
  call.priority = priority;
  emit(EventKind::kCallPriorityChanged, call).number = priority;
  return Reject::kNone;
}

Reject Oracle::hold_call(const Command& command, std::string_view arena, Call& call) {
  const bool hold = command.kind == CommandKind::kHoldCall;
  switch (call.stage) {
    case Stage::kEnqueued:
    case Stage::kAlerting:
    case Stage::kScheduled:
    case Stage::kDialing:
    case Stage::kDialingOutside:
    case Stage::kOutside:
      note_stale(command, arena, &call, false);
      return Reject::kNone;
    case Stage::kConnecting:
    case Stage::kConnected:
      break;
  }
  const Offer* const holder = party(call, command.name.in(arena));
  if (holder == nullptr) return Reject::kPartyUnknown;
  if (call.stage == Stage::kConnecting) {
    call.on_hold = hold;
    return Reject::kNone;
  }
  const bool is_held = item_of(agent_at(holder->agent), call.order).work == Work::kOnHold;
  if (is_held != hold) show_hold(call, *holder, hold);  // Switches repeat these.
  return Reject::kNone;
}

void Oracle::show_hold(Call& call, const Offer& holder, bool hold) {
  emit_of_party(hold ? EventKind::kCallHeld : EventKind::kCallResumed, call, holder);
  Agent& agent = agent_at(holder.agent);
  set_work(agent, item_of(agent, call.order), hold ? Work::kOnHold : Work::kOnCall);
}

Oracle::Offer* Oracle::open_offer(Call* call, uint32_t generation) {
  if (call == nullptr || call->stage != Stage::kAlerting) return nullptr;
  return offer_of(call, generation);
}

// Open or accepted.
Oracle::Offer* Oracle::offer_of(Call* call, uint32_t generation) {
  if (call == nullptr) return nullptr;
  for (Offer& offer : call->offers) {
    if (offer.generation == generation) return &offer;
  }
  return nullptr;
}

bool Oracle::is_outside_by(const Call* call, uint32_t dial) {
  return call != nullptr && call->stage > Stage::kConnected && call->generation == dial;
}

void Oracle::leg_ringing(const Command& command, Call* call) {
  Offer* const offer = open_offer(call, command.generation);
  if (offer == nullptr || offer->ringing) return;  // A fact of an offer that is over, or a repeat.
  offer->ringing = true;
  Event& event = emit(EventKind::kOfferRinging, *call);
  event.agent = offer->agent;
  event.generation = offer->generation;
  Agent& agent = agent_at(offer->agent);
  set_work(agent, item_of(agent, call->order), Work::kRinging);
}

void Oracle::leg_answered(const Command& command, std::string_view arena, Call* call) {
  if (open_offer(call, command.generation) != nullptr) {
    accept_offer(*call, command.generation, true);
    return;
  }
  if (offer_of(call, command.generation) != nullptr) return;  // A repeat.
  if (is_outside_by(call, command.generation)) return;        // `call_connected` is to come.
  if (adopt_late_answer(call, command.generation, true)) return;
  note_stale(command, arena, call, true);
}

Reject Oracle::leg_failed(const Command& command, std::string_view arena, Call* call) {
  if (is_outside_by(call, command.generation)) return connect_failed(command, arena, call);
  const auto outcome = static_cast<OfferOutcome>(command.detail);
  if (call != nullptr && call->stage == Stage::kConnecting &&
      offer_of(call, command.generation) != nullptr &&
      agent_at(call->offers.front().agent).answer_mode != AnswerMode::kPhone) {
    requeue(*call, false, outcome);  // Rung to be connected, in vain.
    return Reject::kNone;
  }
  if (open_offer(call, command.generation) == nullptr) {
    note_stale(command, arena, call, false);
    return Reject::kOfferStale;
  }
  fail_offer(*call, command.generation, outcome, false, command.cause);
  return Reject::kNone;
}

void Oracle::call_connected(const Command& command, std::string_view arena, Call* call) {
  if (is_outside_by(call, command.generation)) {
    if (call->stage == Stage::kOutside) return;  // A repeat.
    call->stage = Stage::kOutside;
    emit(EventKind::kCallOutsideAnswered, *call);
    return;
  }
  // A switch that joins on answer may leave out leg_answered.
  if (open_offer(call, command.generation) != nullptr) {
    accept_offer(*call, command.generation, false);
  } else if (offer_of(call, command.generation) == nullptr &&
             !adopt_late_answer(call, command.generation, false)) {
    note_stale(command, arena, call, true);
    return;
  }
  if (call->stage != Stage::kConnecting) return;  // A repeat.
  call->stage = Stage::kConnected;
  call->deadline_ns = kNeverNs;
  call->not_before_ns = INT64_MIN;
  Agent& agent = agent_at(call->offers.front().agent);
  agent.rejects = 0;
  if (uses(Strategy::kFewestCalls)) agent.calls.add(1, now_ns_, config_.decay_half_life_ns);
  Event& connected = emit(EventKind::kCallConnected, *call);
  if (!call->is_on_line) put_on_line(*call, command.leg.in(arena), connected);
  set_work(agent, item_of(agent, call->order), Work::kOnCall);
  if (std::exchange(call->on_hold, false)) show_hold(*call, call->offers.front(), true);
}

Reject Oracle::connect_failed(const Command& command, std::string_view arena, Call* call) {
  const auto outcome = static_cast<DialOutcome>(command.detail);
  if (call != nullptr && call->stage == Stage::kDialingOutside &&
      call->generation == command.generation) {
    finish_call(*call, EventKind::kCallWithdrawn, static_cast<uint8_t>(EndedBy::kSwitch),
                command.cause);
    return Reject::kNone;
  }
  if (call != nullptr && call->stage == Stage::kDialing && call->dial == command.generation) {
    end_dial(*call, outcome == DialOutcome::kNone ? DialOutcome::kUnreachable : outcome, false);
    return Reject::kNone;
  }
  const bool is_current = call != nullptr && call->stage == Stage::kConnecting &&
                          offer_of(call, command.generation) != nullptr;
  if (!is_current) {
    note_stale(command, arena, call, false);
    return Reject::kOfferStale;
  }
  const bool is_customers = outcome != DialOutcome::kNone && !call->is_on_line;
  if (is_customers) {
    end_dial(*call, outcome, false);
  } else {
    requeue(*call, false);
  }
  return Reject::kNone;
}

// What an agent says to an offer themselves.
Reject Oracle::claim_offer(const Command& command, std::string_view arena, Call* call,
                           Agent& agent) {
  const bool accepts = command.kind == CommandKind::kAcceptOffer;
  const Offer* const offer = offer_of(call, command.generation);
  const bool is_theirs = offer != nullptr && offer->agent == agent.index;
  const bool is_open = is_theirs && call->stage == Stage::kAlerting;
  if (accepts && is_theirs && !is_open) return Reject::kNone;  // A repeat.
  if (!is_open) {
    note_stale(command, arena, call, false);
    return Reject::kOfferStale;
  }
  if (!accepts) {
    fail_offer(*call, command.generation, OfferOutcome::kRejected, true, 0);
    return Reject::kNone;
  }
  if (agent.answer_mode != AnswerMode::kDesktop) return Reject::kAgentState;
  accept_offer(*call, command.generation, true);
  return Reject::kNone;
}

// An offer's event that came too late. `drop_leg`: the switch is to undo it.
void Oracle::note_stale(const Command& command, std::string_view arena, const Call* call,
                        bool drop_leg) {
  Event& event = emit(EventKind::kOfferStale);
  if (call != nullptr) event.call = call->index;
  event.source = command.source;
  event.generation = command.generation;
  event.flag = drop_leg;
  event.text = log_.add_text(command.call.in(arena));
}

// --- The life of an offer.

void Oracle::begin_round(Call& call) {
  ACD_CHECK(call.stage == Stage::kEnqueued && call.offers.empty());
  call.stage = Stage::kAlerting;
  call.round_failed = false;
  call.not_before_ns = INT64_MIN;
  call.deadline_ns = now_ns_ + queue_of(call).config.offer_timeout_ns;
}

void Oracle::open_offer(Call& call, AgentIndex index) {
  Queue& queue = queue_of(call);
  Agent& agent = agent_at(index);
  if (queue.config.strategy == Strategy::kFewestCalls) fewest_calls_floor_ = agent.calls;
  if (queue.config.strategy == Strategy::kLeastOccupied) {
    least_occupied_floor_ppm_ = agent.occupancy_ppm;
  }
  const bool has_share =
      queue.config.strategy == Strategy::kPercentAllocation && membership(call, agent).percent > 0;
  if (has_share) queue.given_floor = queue.given_to(index);
  queue.rung_last = index;
  if (call.is_preferring && call.is_of_limit) see(Sight::kAgentOfLimit);
  const uint32_t generation = ++call.generation;
  call.offers.push_back({index, generation, false});
  Event& event = emit(EventKind::kOfferCreated, call);
  event.agent = index;
  event.generation = generation;
  event.duration_ns = queue.config.offer_timeout_ns;
  event.number = static_cast<int32_t>(agent.items_begun + 1);
  const AgentState from = displayed_state(agent);
  add_item(agent, call.medium, call.order).work = Work::kReserved;
  show_work(agent, from);
  const bool answers_itself =
      agent.answer_mode == AnswerMode::kAuto || agent.answer_mode == AnswerMode::kNailedUp;
  if (answers_itself) accept_offer(call, generation, true);
}

void Oracle::accept_offer(Call& call, uint32_t generation, bool tell_switch) {
  std::vector<Offer> losers;
  for (const Offer& offer : call.offers) {
    if (offer.generation != generation) losers.push_back(offer);
  }
  call.offers = {*offer_of(&call, generation)};
  begin_connecting(call, tell_switch, false);
  for (const Offer& offer : losers) {
    tell_offer_end(call, offer, OfferOutcome::kRescinded, true);
    penalise(agent_at(offer.agent), call, OfferOutcome::kRescinded);
  }
}

// The answer to an offer that is over, where the queue takes it and nothing speaks against it.
bool Oracle::adopt_late_answer(Call* call, uint32_t generation, bool tell_switch) {
  if (call == nullptr || call->stage != Stage::kEnqueued) return false;
  if (!queue_of(*call).config.adopts_late_answer) return false;
  if (hold_back_of(*call) != HoldBack::kNone) return false;
  const auto left_out = std::find_if(
      call->exclusions.begin(), call->exclusions.end(), [&](const Exclusion& exclusion) {
        return exclusion.generation == generation && exclusion.until_ns != kNeverNs;
      });
  if (left_out == call->exclusions.end()) return false;
  Agent& agent = agent_at(left_out->agent);
  const bool is_here =
      agent.presence != Presence::kLoggedOut && reaches(call->source, agent.source);
  if (!is_here || !has_room(agent, call->medium)) return false;
  call->exclusions.erase(left_out);
  call->offers = {{agent.index, generation, true}};
  add_item(agent, call->medium, call->order);
  begin_connecting(*call, tell_switch, true);
  if (agent.presence == Presence::kNotReady && agent.reason == kReasonRona) {
    agent.presence = Presence::kReady;  // Taken back; what shows is the work.
    agent.reason = kReasonNone;
  }
  return true;
}

void Oracle::begin_connecting(Call& call, bool tell_switch, bool late) {
  Agent& agent = agent_at(call.offers.front().agent);
  call.stage = Stage::kConnecting;
  call.not_before_ns = INT64_MIN;
  call.deadline_ns =
      now_ns_ + (call.is_on_line ? queue_of(call).config.connect_timeout_ns : dial_limit_ns(call));
  agent.no_answers = 0;
  const int32_t percent = membership(call, agent).percent;
  if (queue_of(call).config.strategy == Strategy::kPercentAllocation && percent > 0) {
    Queue& queue = queue_of(call);
    DecayedCount count = queue.given_to(agent.index);
    count.add(1'000'000 / percent, now_ns_, config_.decay_half_life_ns);
    queue.given[agent.index] = count;
  }
  Event& event = emit(EventKind::kOfferAccepted, call);
  event.flag = tell_switch && call.is_on_line;
  event.detail = late ? 1 : 0;
  set_work(agent, item_of(agent, call.order), Work::kConnecting);
  if (tell_switch && !call.is_on_line) tell_dial(call);
}

// No phone rings of an offer that is at a desktop.
Event& Oracle::tell_offer_end(const Call& call, const Offer& offer, OfferOutcome outcome,
                              bool tell_switch) {
  Event& event = emit(EventKind::kOfferEnded, call);
  event.agent = offer.agent;
  event.generation = offer.generation;
  event.detail = static_cast<uint8_t>(outcome);
  event.flag = tell_switch && agent_at(offer.agent).answer_mode == AnswerMode::kPhone;
  return event;
}

void Oracle::fail_offer(Call& call, uint32_t generation, OfferOutcome outcome, bool tell_switch,
                        int32_t cause) {
  const AgentIndex agent = offer_of(&call, generation)->agent;
  tell_offer_end(call, *offer_of(&call, generation), outcome, tell_switch).cause = cause;
  if (outcome != OfferOutcome::kRescinded) {
    exclude(call, agent, generation, outcome);
    call.round_failed = true;
  }
  std::erase_if(call.offers, [&](const Offer& offer) { return offer.generation == generation; });
  const bool is_last = call.offers.empty();
  if (is_last) {
    if (call.round_failed) ++call.offers_failed;
    return_to_queue(call);
  }
  penalise(agent_at(agent), call, outcome);
  if (is_last) come_back(call);
}

// The agent answered, but caller and agent could not be joined: the call goes back to its place.
void Oracle::requeue(Call& call, bool tell_switch, OfferOutcome outcome) {
  const Offer accepted = call.offers.front();
  const bool is_of_line = is_beyond(call, accepted.agent, outcome);
  Event& event = emit(EventKind::kCallRequeued, call);
  event.flag = tell_switch;
  if (is_of_line) event.detail = static_cast<uint8_t>(outcome);
  const bool is_rescinded = outcome == OfferOutcome::kRescinded;  // Nobody is to blame.
  if (!is_rescinded) exclude(call, accepted.agent, accepted.generation, outcome);
  if (!is_rescinded || call.round_failed) ++call.offers_failed;
  call.offers.clear();
  call.on_hold = false;
  return_to_queue(call);
  Agent& agent = agent_at(accepted.agent);
  const bool is_blamed = !is_of_line && !is_rescinded;
  if (is_blamed) ++agent.rejects;
  const bool has_no_phone =
      outcome == OfferOutcome::kUnreachable || outcome == OfferOutcome::kUnknownAddress;
  const bool is_over = has_no_phone || agent.rejects >= config_.rejects_max;
  if (is_over && is_blamed && agent.presence == Presence::kReady) {
    // Else caller and phone would try each other for ever.
    agent.presence = Presence::kNotReady;
    agent.reason = kReasonPhone;
  }
  Item& item = item_of(agent, call.order);
  item.call.reset();
  finish_item(agent, item, false);
  come_back(call);
}

void Oracle::exclude(Call& call, AgentIndex agent, uint32_t generation, OfferOutcome outcome) {
  std::erase_if(call.exclusions, [&](const Exclusion& other) { return other.agent == agent; });
  Exclusion fresh{agent, now_ns_ + queue_of(call).config.reoffer_after_ns, generation};
  fresh.is_beyond = is_beyond(call, agent, outcome);
  if (fresh.is_beyond) fresh.until_ns = std::max(fresh.until_ns, now_ns_ + kReachRetryNs);
  call.exclusions.push_back(fresh);
}

bool Oracle::is_beyond(const Call& call, AgentIndex agent, OfferOutcome outcome) const {
  const bool is_dead =
      outcome == OfferOutcome::kUnreachable || outcome == OfferOutcome::kUnknownAddress;
  return is_dead && agent_at(agent).source != call.source;
}

void Oracle::drop_exclusions(Call& call, int64_t before_ns) {
  std::erase_if(call.exclusions,
                [&](const Exclusion& exclusion) { return exclusion.until_ns < before_ns; });
}

void Oracle::return_to_queue(Call& call) {
  call.stage = Stage::kEnqueued;
  call.not_before_ns = INT64_MIN;
  call.deadline_ns = kNeverNs;
  call.limits_at_ns = kNeverNs;
  call.treat_from_ns = std::max(call.treat_from_ns, now_ns_);
  drop_exclusions(call, now_ns_);
}

void Oracle::come_back(Call& call) {
  const bool is_removed = queue_of(call).removed;
  if (!is_removed) {
    refresh_priority(call);
    look_at_steps(call);
  }
  if (look_at_limits(call, true) != Aftermath::kWaits) return;
  if (is_removed) {
    drain_call(call);
    return;
  }
  look_at_preference(call);
}

// Ends a call in any stage, and with it its offers or its agent's work.
void Oracle::finish_call(Call& call, EventKind kind, uint8_t detail, int32_t cause,
                         bool tells_switch, std::string_view text, bool is_rerouted) {
  const Stage stage = call.stage;
  const bool is_lost =
      kind == EventKind::kCallFailed && static_cast<FailReason>(detail) == FailReason::kSwitchLost;
  if (stage == Stage::kConnected) {
    // It ends with the first who came; the others leave before.
    while (call.offers.size() > 1) let_leave(call, call.offers[1].agent, cause, is_lost, false);
    end_consult(call, call.offers.front().agent, is_lost);
  }
  const QueueIndex queue = call.queue;
  const std::vector<Offer> offers = call.offers;
  if (stage == Stage::kAlerting) {
    for (const Offer& offer : offers) {
      tell_offer_end(call, offer, OfferOutcome::kCanceled, true);
    }
  }
  Event& event = emit(kind, call);
  event.detail = detail;
  event.cause = cause;
  const bool has_leg = stage == Stage::kConnecting || stage == Stage::kDialing;
  event.flag = has_leg || tells_switch;
  event.number = is_rerouted ? 1 : 0;
  event.text = log_.add_text(text);
  // A switch that was lost may bring a caller of its own back under the same id.
  const std::string id = is_lost ? std::string() : call.id;
  const std::string known_as = call.id;
  const std::optional<uint64_t> parent = call.parent;
  const AgentIndex consulting = call.consulting;
  if (!is_lost) remember(call);
  const uint64_t order = call.order;
  calls_.erase(order);
  for (const Offer& offer : offers) {
    Agent& agent = agent_at(offer.agent);
    Item& item = item_of(agent, order);
    item.call.reset();
    if (stage == Stage::kConnected) {
      start_wrap_up_or_finish(agent, item, queue, id);
    } else {
      finish_item(agent, item, false);
    }
  }
  if (!parent) return;
  Call& left = calls_.at(*parent);
  const auto back = std::find_if(left.offers.begin(), left.offers.end(),
                                 [&](const Offer& one) { return one.agent == consulting; });
  Event& retrieved = emit_of_party(EventKind::kCallRetrieved, left, *back);
  retrieved.text2 = log_.add_text(known_as);
}

// --- Timers.

void Oracle::fire_call(Call& call) {
  call.not_before_ns = INT64_MIN;
  switch (call.stage) {
    case Stage::kEnqueued:
      fire_waiting(call);
      return;
    case Stage::kAlerting:
      fire_alerting(call);
      return;
    case Stage::kScheduled:
      emit(EventKind::kCallDue, call);
      return_to_queue(call);
      come_back(call);
      return;
    case Stage::kDialing:
    case Stage::kConnecting:
      if (!sessions_.at(call.source).is_here()) {
        call.deadline_ns = now_ns_ + (call.is_on_line ? queue_of(call).config.connect_timeout_ns
                                                      : dial_limit_ns(call));
      } else if (call.is_on_line) {
        requeue(call, true);
      } else {
        end_dial(call, DialOutcome::kNoAnswer, true);
      }
      return;
    case Stage::kConnected:
    case Stage::kDialingOutside:
    case Stage::kOutside:
      ACD_CHECK(false && "no timer in this stage");
      return;
  }
}

void Oracle::fire_waiting(Call& call) {
  look_at_steps(call);
  look_at_preference(call);
  drop_exclusions(call, now_ns_ + 1);
  match_all();
  if (call.stage != Stage::kEnqueued) return;
  const size_t taken_before = call.taken.size();
  if (look_at_limits(call, false) != Aftermath::kWaits) return;
  if (call.taken.size() != taken_before) look_at_preference(call);
  if (sessions_.at(call.source).is_here()) {
    play_treatments(call);
  } else {
    call.treat_from_ns = now_ns_ + 1;  // Skipped.
  }
}

void Oracle::fire_alerting(Call& call) {
  const Source& source = sessions_.at(call.source);
  const std::vector<Offer> open = call.offers;
  for (const Offer& offer : open) {
    // A switch that is away cannot tell whether the phone rang: nobody is to blame.
    OfferOutcome outcome = OfferOutcome::kRescinded;
    if (source.is_here()) {
      const bool is_at_desktop = agent_at(offer.agent).answer_mode == AnswerMode::kDesktop;
      const bool rang = offer.ringing || !source.reports_ringing || is_at_desktop;
      outcome = rang ? OfferOutcome::kNoAnswer : OfferOutcome::kUnreachable;
    }
    fail_offer(call, offer.generation, outcome, true, 0);
  }
}

int64_t Oracle::deadline_of(const Call& call) const {
  int64_t deadline_ns = call.deadline_ns;
  if (call.stage == Stage::kEnqueued) {
    const auto consider = [&](int64_t at_ns) { deadline_ns = std::min(deadline_ns, at_ns); };
    const QueueConfig& config = queue_of(call).config;
    for (const StepConfig& step : config.steps) {
      if (step.after_ns == kNeverNs) continue;
      if (call.entered_ns + step.after_ns > call.steps_seen_ns) {
        consider(call.entered_ns + step.after_ns);
      }
    }
    for (const Exclusion& exclusion : call.exclusions) consider(exclusion.until_ns);
    if (call.is_preferring) consider(call.preferring_until_ns);
    const int64_t wait_max_ns = config.limits.wait_max_ns;
    if (call.limits_at_ns != kNeverNs) {
      consider(call.limits_at_ns);
    } else if (!call.is_of_nobody() && wait_max_ns != kNeverNs &&
               config.limits.wait.kind != LimitAction::Kind::kWait &&
               !call.taken.contains(LimitKind::kWait)) {
      consider(call.line_ns + wait_max_ns);
    }
    for (const TreatmentConfig& treatment : config.treatments) {
      consider(treatment_due(call, treatment));
    }
  }
  if (deadline_ns == kNeverNs) return kNeverNs;
  deadline_ns = std::max(deadline_ns, call.not_before_ns);
  // A live change reaches a call by the bulk work, not before.
  return is_live_change_ ? std::max(deadline_ns, bulk_deadline_ns_) : deadline_ns;
}

}  // namespace acd
