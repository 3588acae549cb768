// SPDX-License-Identifier: Apache-2.0
// What switches report of calls.
#include <variant>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

Reject Router::enqueue_call(const Command& command, std::string_view arena, const HashedName& id) {
  const QueueIndex entered = find_queue(command.name.in(arena));
  if (!entered.valid()) return Reject::kQueueUnknown;
  const auto medium = static_cast<Medium>(command.detail >> 1);
  if (static_cast<size_t>(medium) >= kMediumCount) return Reject::kRequirementInvalid;
  if (is_known_call(id)) return Reject::kCallExists;
  if (command.leg.in(arena).starts_with(kOwnLegPrefix)) return Reject::kLegTaken;
  if (calls_.count() >= kCallsMax) return Reject::kLimitReached;
  Reject reject = Reject::kNone;
  const RequirementIndex requirement = requirement_for(command.text.in(arena), &reject);
  if (reject != Reject::kNone) return reject;
  AgentIndex preferred;
  if (command.preferred.size > 0) {
    preferred = roster_.find(command.preferred.in(arena));
    if (!preferred.valid()) return Reject::kAgentUnknown;
  }
  Call fresh;
  fresh.source = command.source;
  fresh.medium = medium;
  fresh.queue = entered;
  fresh.requirement = requirement;
  fresh.has_priority = command.flag;
  fresh.priority = command.number;
  fresh.enqueued_ns = now_ns_ - command.age_ns;
  fresh.line_ns = fresh.enqueued_ns;
  fresh.treated_ns = fresh.enqueued_ns - 1;
  fresh.key_ns = fresh.enqueued_ns - command.age_credit_ns;
  fresh.preferred = preferred;
  fresh.preferred_until_ns = fresh.enqueued_ns + command.wait_ns;
  fresh.waits_if_busy = (command.detail & 1) != 0;
  fresh.is_for_owner = preferred.valid();
  if (!has_room_for(&fresh)) return Reject::kLimitReached;
  const CallIndex index = add_call(fresh, id);
  take_leg(index, command.leg.in(arena));
  enter_queue(index, VisitEntry::kArrival, command.age_ns, command.text.in(arena),
              command.leg.in(arena));
  return Reject::kNone;
}

bool Router::has_room_for(Call* fresh) const {
  fresh->steps = steps_in_force(*fresh);
  const bool has_room = calls_.has_room_for(class_key(*fresh));
  fresh->steps = 0;
  return has_room;
}

// What is left is to enter its queue; call.enqueued is to be the next event.
CallIndex Router::add_call(const Call& fresh, const HashedName& id) {
  const CallIndex index = calls_.add(id);
  Call& call = calls_.at(index);
  const IdText name = call.id;
  call = fresh;
  call.id = name;
  call.order = next_order_++;
  call.source_order = call.order;
  call.number = event_sequence_ + 1;
  calls_.use_requirement(call.requirement);
  set_stage(index, CallStage::kEnqueued);
  link_call(index);
  return index;
}

RequirementIndex Router::requirement_for(std::string_view text, Reject* reject) {
  const RequirementIndex known = calls_.find_requirement(text);
  if (known.valid()) return known;
  auto parsed = parse_requirement(text, [this](std::string_view name) { return find_skill(name); });
  if (const auto* error = std::get_if<RequirementError>(&parsed)) {
    *reject = error->is_unknown_skill ? Reject::kSkillUnknown : Reject::kRequirementInvalid;
    return {};
  }
  const RequirementIndex fresh =
      calls_.add_requirement(text, std::get<Requirement>(std::move(parsed)));
  if (!fresh.valid()) *reject = Reject::kLimitReached;
  return fresh;
}

Reject Router::end_call(const Command& command, std::string_view arena, CallIndex index) {
  const auto ended_by = static_cast<EndedBy>(command.detail);
  // Who is on the line is the switch's to end.
  const bool is_connected = calls_.at(index).stage == CallStage::kConnected;
  const bool is_of_nobody = calls_.at(index).is_of_nobody();
  if (!command.source.valid()) {
    if (ended_by == EndedBy::kSupervisor) return withdraw_call(command, index);
    if (calls_.at(index).parent.valid()) {
      take_back(index);
      return Reject::kNone;
    }
    if (is_connected || !is_of_nobody) return Reject::kCallState;
  }
  if (is_connected || calls_.at(index).stage == CallStage::kOutside) {
    finish_call(index, {EventKind::kCallCompleted, command.detail, command.cause, {}});
    return Reject::kNone;
  }
  if (is_of_nobody) {
    // Nobody was on the line: an agent may leave, but who could abandon it?
    if (ended_by == EndedBy::kAgent) {
      if (calls_.at(index).stage == CallStage::kConnecting) {
        requeue(index, false);
      } else {
        note_stale(command, arena, index, false);  // Whoever had it is off it already.
      }
      return Reject::kNone;
    }
    const bool is_timeout = ended_by == EndedBy::kTimeout;
    finish_call(index, {is_timeout ? EventKind::kCallTimedOut : EventKind::kCallWithdrawn,
                        command.detail, command.cause});
    return Reject::kNone;
  }
  // An end is a fact whoever reports it: the caller is gone, so the call must not wait on.
  EventKind kind = EventKind::kCallAbandoned;
  if (ended_by == EndedBy::kTimeout) kind = EventKind::kCallTimedOut;
  if (ended_by == EndedBy::kSwitch) kind = EventKind::kCallWithdrawn;
  finish_call(index, {kind, command.detail, command.cause, {}});
  return Reject::kNone;
}

// A fact: the switch waited for an answer no longer. Of a call that it told of in vain the id is kept,
// so that neither a late arrival brings it nor a repeat counts it.
Reject Router::reroute_call(const Command& command, CallIndex index, const HashedName& id) {
  if (index.valid()) {
    const Call& call = calls_.at(index);
    if (call.stage == CallStage::kConnected || call.is_outside()) return Reject::kCallState;
    CallEnd end{EventKind::kCallWithdrawn, static_cast<uint8_t>(EndedBy::kSwitch), command.cause};
    end.is_rerouted = true;
    finish_call(index, end);
    return Reject::kNone;
  }
  if (scheduled_.contains(id.text)) return Reject::kCallState;
  if (is_known_call(id)) return Reject::kNone;
  Event& event = emit(EventKind::kCallRerouted);
  event.source = command.source;
  event.cause = command.cause;
  event.text = log_.add_text(id.text);
  EndedCalls::Ended never_came;
  never_came.hash = id.hash;
  never_came.ended_ns = now_ns_;
  never_came.number = event.sequence;
  never_came.source = command.source;
  ended_calls_.add(never_came);
  return Reject::kNone;
}

// As a supervisor asks, of a caller on the line who talks to nobody yet.
Reject Router::withdraw_call(const Command& command, CallIndex index) {
  const Call& caller = calls_.at(index);
  const bool is_served =
      caller.stage == CallStage::kConnected || caller.stage == CallStage::kOutside;
  if (is_served || caller.is_of_nobody() || caller.parent.valid()) return Reject::kCallState;
  if (!is_switch_here(caller)) return Reject::kSwitchAway;
  CallEnd end{EventKind::kCallWithdrawn, command.detail, command.cause, {}};
  end.tells_switch = true;
  finish_call(index, end);
  return Reject::kNone;
}

Reject Router::leg_ringing(const Command& command, CallIndex index) {
  const AgentIndex agent = offered_agent(index, command.generation);
  if (!agent.valid()) return Reject::kNone;
  WorkItem* const item = &roster_.at(agent).item_of(index);
  if (item->ringing_seen) return Reject::kNone;
  item->ringing_seen = true;
  emit_offer(EventKind::kOfferRinging, index, agent);
  set_work(agent, item, Work::kRinging);
  return Reject::kNone;
}

Reject Router::leg_answered(const Command& command, std::string_view arena, CallIndex index) {
  const AgentIndex agent = offered_agent(index, command.generation);
  if (agent.valid()) {
    accept_offer(index, agent, true, false);
    return Reject::kNone;
  }
  // Who is outside: `call_connected` says that they talk.
  if (index.valid() && calls_.at(index).is_outside_by(command.generation)) return Reject::kNone;
  const bool is_repeat = is_served(index, command.generation);
  if (is_repeat || adopt_late_answer(command, index, true)) return Reject::kNone;
  note_stale(command, arena, index, true);
  return Reject::kNone;
}

Reject Router::leg_failed(const Command& command, std::string_view arena, CallIndex index) {
  if (index.valid() && calls_.at(index).is_outside_by(command.generation)) {
    return connect_failed(command, arena, index);
  }
  const AgentIndex agent = offered_agent(index, command.generation);
  if (is_rung_to_connect(index, command.generation)) {
    requeue(index, false, static_cast<OfferOutcome>(command.detail));
    return Reject::kNone;
  }
  if (!agent.valid()) {
    note_stale(command, arena, index, false);
    return Reject::kOfferStale;
  }
  fail_offer(index, agent, static_cast<OfferOutcome>(command.detail), false, command.cause);
  return Reject::kNone;
}

Reject Router::call_connected(const Command& command, std::string_view arena, CallIndex index) {
  if (index.valid() && calls_.at(index).is_outside_by(command.generation)) {
    if (calls_.at(index).stage == CallStage::kOutside) return Reject::kNone;  // A repeat.
    set_stage(index, CallStage::kOutside);
    emit(EventKind::kCallOutsideAnswered, index);
    return Reject::kNone;
  }
  // A switch that joins on answer may leave out leg_answered.
  const AgentIndex offered = offered_agent(index, command.generation);
  if (offered.valid()) accept_offer(index, offered, false, false);
  if (!is_served(index, command.generation) && !adopt_late_answer(command, index, false)) {
    note_stale(command, arena, index, true);
    return Reject::kNone;
  }
  Call& call = calls_.at(index);
  if (call.stage != CallStage::kConnecting) return Reject::kNone;  // A repeat.
  set_stage(index, CallStage::kConnected);
  Agent& agent = roster_.at(call.agent);
  agent.rejects = 0;
  if (keeps_calls()) agent.connected_calls.add(1, now_ns_, config_.decay_half_life_ns);
  set_call_deadline(index, kNeverNs);
  Event& event = emit(EventKind::kCallConnected, index);
  if (!call.is_on_line()) put_on_line(index, command.leg.in(arena), &event);
  WorkItem* const item = &agent.item_of(index);
  set_work(call.agent, item, Work::kOnCall);
  if (call.on_hold) {
    call.on_hold = false;  // From here on the work says so.
    emit(EventKind::kCallHeld, index);
    set_work(call.agent, item, Work::kOnHold);
  }
  return Reject::kNone;
}

bool Router::is_served(CallIndex index, uint32_t generation) const {
  if (!index.valid()) return false;
  for (AgentIndex a = calls_.at(index).agent; a.valid(); a = next_party(a, index)) {
    if (roster_.at(a).item_of(index).generation == generation) return true;
  }
  return false;
}

// Whether the agent is rung only now that the offer is accepted.
bool Router::is_rung_to_connect(CallIndex index, uint32_t generation) const {
  return is_served(index, generation) && calls_.at(index).stage == CallStage::kConnecting &&
         roster_.at(calls_.at(index).agent).answer_mode != AnswerMode::kPhone;
}

Reject Router::connect_failed(const Command& command, std::string_view arena, CallIndex index) {
  const auto outcome = static_cast<DialOutcome>(command.detail);
  if (index.valid() && calls_.at(index).is_outside_by(command.generation) &&
      calls_.at(index).stage == CallStage::kDialingOutside) {
    const auto by_switch = static_cast<uint8_t>(EndedBy::kSwitch);
    finish_call(index, {EventKind::kCallWithdrawn, by_switch, command.cause, {}});
    return Reject::kNone;
  }
  const bool is_dial = index.valid() && calls_.at(index).stage == CallStage::kDialing &&
                       calls_.at(index).generation == command.generation;
  if (is_dial) {
    end_dial(index, outcome == DialOutcome::kNone ? DialOutcome::kUnreachable : outcome, false);
    return Reject::kNone;
  }
  if (!is_served(index, command.generation) || calls_.at(index).stage != CallStage::kConnecting) {
    note_stale(command, arena, index, false);
    return Reject::kOfferStale;
  }
  if (outcome != DialOutcome::kNone && !calls_.at(index).is_on_line()) {
    end_dial(index, outcome, false);
  } else {
    requeue(index, false);
  }
  return Reject::kNone;
}

Reject Router::hold_call(const Command& command, std::string_view arena, CallIndex index) {
  const bool hold = command.kind == CommandKind::kHoldCall;
  Call& call = calls_.at(index);
  if (!call.has_agent()) {
    note_stale(command, arena, index, false);
    return Reject::kNone;
  }
  const AgentIndex agent = party_of(index, command.name.in(arena));
  if (!agent.valid()) return Reject::kPartyUnknown;
  if (call.stage == CallStage::kConnecting) {
    call.on_hold = hold;
    return Reject::kNone;
  }
  WorkItem* const item = &roster_.at(agent).item_of(index);
  if ((item->work == Work::kOnHold) == hold) return Reject::kNone;  // Switches repeat these.
  emit_offer(hold ? EventKind::kCallHeld : EventKind::kCallResumed, index, agent);
  set_work(agent, item, hold ? Work::kOnHold : Work::kOnCall);
  return Reject::kNone;
}

Reject Router::change_priority(CallIndex index, int32_t priority) {
  Call& call = calls_.at(index);
  if (call.stage == CallStage::kConnected || call.is_outside()) return Reject::kCallState;
  call.has_priority = true;
  if (call.priority == priority) return Reject::kNone;
  const bool waits = call.is_waiting;
  if (waits) calls_.erase_waiting(index);
  call.priority = priority;
  if (waits) calls_.insert_waiting(index, order_rule(call.queue));
  emit(EventKind::kCallPriorityChanged, index).number = priority;
  return Reject::kNone;
}

void Router::finish_call(CallIndex index, const CallEnd& end) {
  Call& call = calls_.at(index);
  const CallStage stage = call.stage;
  const bool is_lost = end.kind == EventKind::kCallFailed &&
                       end.detail == static_cast<uint8_t>(FailReason::kSwitchLost);
  if (stage == CallStage::kConnected) {
    // It ends with the first of those who are on it.
    for (AgentIndex a = next_party(call.agent, index); a.valid();
         a = next_party(call.agent, index)) {
      remove_party(index, a, end.cause, is_lost, false);
    }
    end_consult(index, call.agent, is_lost);
  }
  const AgentIndex agent = call.agent;
  const CallIndex parent = call.parent;
  const AgentIndex consulting = parent.valid() ? consulting_agent(index) : AgentIndex();
  if (call.is_waiting) stop_waiting(index);
  const AgentIndex first_offered = call.first_offered;
  for (AgentIndex a = first_offered; a.valid(); a = next_offered(a, index)) {
    Event& canceled = emit_offer(EventKind::kOfferEnded, index, a);
    canceled.detail = static_cast<uint8_t>(OfferOutcome::kCanceled);
    canceled.flag = is_rung(a);
  }
  call.first_offered = AgentIndex();
  Event& event = emit(end.kind, index);
  event.detail = end.detail;
  event.cause = end.cause;
  // A leg is up, or on its way, and must be dropped; or the call leaves for that number.
  event.flag = stage == CallStage::kConnecting || stage == CallStage::kDialing ||
               end.kind == EventKind::kCallOverflowed || end.kind == EventKind::kCallTransferred ||
               end.tells_switch;
  event.text = log_.add_text(end.text);
  event.number = end.is_joined || end.is_rerouted ? 1 : 0;
  const uint64_t hash = is_lost ? 0 : HashedName(call.id.view()).hash;
  forget_call(index, stage == CallStage::kConnected ? agent : AgentIndex(), is_lost);

  for (AgentIndex a = first_offered; a.valid();) {
    const AgentIndex next = next_offered(a, index);
    roster_.at(a).item_of(index).next_offered = AgentIndex();
    penalise(a, index, OfferOutcome::kCanceled);
    a = next;
  }
  if (agent.valid()) {
    WorkItem* const item = &roster_.at(agent).item_of(index);
    item->call = CallIndex();
    if (stage == CallStage::kConnected) {
      start_wrap_up_or_finish(agent, item, call.queue, hash);
    } else {
      finish_item(agent, item, false);
    }
  }
  if (!consulting.valid()) return;
  roster_.at(consulting).item_of(parent).consult = CallIndex();
  Event& retrieved = emit_offer(EventKind::kCallRetrieved, parent, consulting);
  retrieved.text2 = log_.add_text(call.id.view());
}

void Router::forget_call(CallIndex index, AgentIndex connected, bool is_lost) {
  Call& call = calls_.at(index);
  calls_.forget_exclusions(index);
  calls_.forget_visits(index);
  if (call.deadline_ns != kNeverNs) timers_.cancel(TimerKind::kCall, index.value());
  calls_.release_requirement(call.requirement);
  leave_call_class(index);
  if (call.stage == CallStage::kDialing) leave_dialing(index);
  if (call.is_outside()) outside_numbers_.erase(call.order);
  --queue(call.queue).live_calls;
  unlink_call(index);
  if (call.medium == Medium::kCallback) forget_callback(call);
  const HashedName id(call.id.view());
  if (!is_lost) {
    ended_calls_.add({id.hash, now_ns_, call.number, call.source, call.queue, connected,
                      call.outcome, call.medium, call.parent.valid()});
  }
  set_stage(index, CallStage::kFree);
  calls_.remove(id, index);
}

// Of what a switch brought as one, if it is no callback of ours, there is nothing.
void Router::forget_callback(const Call& call) {
  const auto facts = callbacks_.find(call.order);
  if (facts == callbacks_.end()) return;
  open_numbers_.erase({facts->second.asked_queue, facts->second.number});
  callbacks_.erase(facts);
}

void Router::fire_call(CallIndex index) {
  Call& call = calls_.at(index);
  call.not_before_ns = INT64_MIN;
  const bool switch_here = sessions_.at(call.source).is_here();
  switch (call.stage) {
    case CallStage::kEnqueued:
      fire_waiting(index);
      return;
    case CallStage::kAlerting:
      fail_round(index);
      return;
    case CallStage::kScheduled:
      come_due(index);
      return;
    case CallStage::kDialing:
    case CallStage::kConnecting:
      if (!switch_here) {
        const int64_t timeout_ns =
            call.is_on_line() ? queue(call.queue).config.connect_timeout_ns : dial_limit_ns(call);
        set_call_deadline(index, now_ns_ + timeout_ns);
      } else if (call.is_on_line()) {
        requeue(index, true);
      } else {
        end_dial(index, DialOutcome::kNoAnswer, true);
      }
      return;
    case CallStage::kConnected:
    case CallStage::kDialingOutside:
    case CallStage::kOutside:
    case CallStage::kFree:
      ACD_CHECK(false && "no timer in this stage");
      return;
  }
}

void Router::set_call_deadline(CallIndex index, int64_t deadline_ns) {
  Call& call = calls_.at(index);
  const bool had_one = call.deadline_ns != kNeverNs;
  call.deadline_ns = deadline_ns;
  if (deadline_ns != kNeverNs) {
    timers_.set(TimerKind::kCall, index.value(), call.order, deadline_ns);
  } else if (had_one) {
    timers_.cancel(TimerKind::kCall, index.value());
  }
}

}  // namespace acd
