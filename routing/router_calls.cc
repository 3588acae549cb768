// SPDX-License-Identifier: Apache-2.0
// The Router's calls and offers.
#include <variant>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

Reject Router::enqueue_call(const Command& command, std::string_view arena) {
  const std::string_view id = command.call.in(arena);
  const QueueIndex queue(queue_by_id_.find(command.name.in(arena)));
  if (!queue.valid()) return Reject::kQueueUnknown;
  ended_calls_.expire(now_ns_);
  if (calls_.find(id).valid() || ended_calls_.contains(id)) return Reject::kCallExists;
  if (calls_.count() >= kCallsMax) return Reject::kLimitReached;
  Reject reject = Reject::kNone;
  const RequirementIndex requirement = requirement_for(command.text.in(arena), &reject);
  if (reject != Reject::kNone) return reject;

  const Queue& entered = queues_[queue.value()];
  const int32_t priority = command.flag ? command.number : entered.config.priority;
  const std::vector<SkillLevel> needs =
      merged_needs(entered.needs, calls_.requirement_at(requirement).needs);
  bool created = false;
  CallClassIndex call_class = calls_.class_for(queue, needs, priority, command.source, &created);
  if (!call_class.valid() && forget_empty_call_classes()) {
    call_class = calls_.class_for(queue, needs, priority, command.source, &created);
  }
  if (!call_class.valid()) return Reject::kLimitReached;
  if (created) connect_call_class(call_class);

  const CallIndex index = calls_.add(id);
  Call& call = calls_.at(index);
  call.stage = CallStage::kEnqueued;
  call.source = command.source;
  call.queue = queue;
  call.call_class = call_class;
  call.requirement = requirement;
  ++calls_.requirement_at(requirement).users;
  call.priority = priority;
  call.order = next_order_++;
  call.enqueued_ns = now_ns_ - command.age_ns;
  call.key_ns = call.enqueued_ns - command.age_credit_ns;
  calls_.join_class(index);
  link_call(index);
  calls_.insert_waiting(index);

  Event& event = emit(EventKind::kCallEnqueued, index);
  event.number = priority;
  event.duration_ns = command.age_ns;
  event.text = log_.add_text(id);
  event.text2 = log_.add_text(command.text.in(arena));
  event.text3 = log_.add_text(command.leg.in(arena));
  match_call(index);
  return Reject::kNone;
}

RequirementIndex Router::requirement_for(std::string_view text, Reject* reject) {
  const RequirementIndex known = calls_.find_requirement(text);
  if (known.valid()) return known;
  const auto parsed = parse_requirement(text);
  if (std::holds_alternative<RequirementError>(parsed)) {
    *reject = Reject::kRequirementInvalid;
    return {};
  }
  std::vector<SkillLevel> needs;
  for (const RequirementTerm& term : std::get<std::vector<RequirementTerm>>(parsed)) {
    const SkillIndex skill = find_skill(term.skill);
    if (!skill.valid()) {
      *reject = Reject::kSkillUnknown;
      return {};
    }
    needs.push_back({skill, static_cast<uint8_t>(term.level)});
  }
  const RequirementIndex fresh = calls_.add_requirement(text, merged_needs(std::move(needs), {}));
  if (!fresh.valid()) *reject = Reject::kLimitReached;
  return fresh;
}

// --- What the switch reports of a call.

Reject Router::end_call(const Command& command, CallIndex index) {
  const auto ended_by = static_cast<EndedBy>(command.detail);
  if (calls_.at(index).stage == CallStage::kConnected) {
    finish_call(index, EventKind::kCallCompleted, ended_by, command.cause);
    return Reject::kNone;
  }
  // An end is a fact whoever reports it: the caller is gone, so the call must not wait on.
  EventKind kind = EventKind::kCallAbandoned;
  if (ended_by == EndedBy::kTimeout) kind = EventKind::kCallTimedOut;
  if (ended_by == EndedBy::kSwitch) kind = EventKind::kCallWithdrawn;
  finish_call(index, kind, ended_by, command.cause);
  return Reject::kNone;
}

bool Router::is_open_offer(const Command& command, CallIndex index) const {
  return index.valid() && calls_.at(index).stage == CallStage::kAlerting &&
         calls_.at(index).generation == command.generation;
}

Reject Router::leg_ringing(const Command& command, CallIndex index) {
  if (!is_open_offer(command, index)) return Reject::kNone;  // A fact of an offer that is over.
  Call& call = calls_.at(index);
  if (call.ringing_seen) return Reject::kNone;
  call.ringing_seen = true;
  emit(EventKind::kOfferRinging, index);
  set_work(call.agent, Work::kRinging);
  return Reject::kNone;
}

Reject Router::leg_answered(const Command& command, std::string_view arena, CallIndex index) {
  if (is_open_offer(command, index)) {
    accept_offer(index, true);
    return Reject::kNone;
  }
  const bool repeat = index.valid() && calls_.at(index).agent.valid() &&
                      calls_.at(index).generation == command.generation;
  if (!repeat) note_stale(command, arena, index, true);
  return Reject::kNone;
}

Reject Router::leg_failed(const Command& command, std::string_view arena, CallIndex index) {
  if (!is_open_offer(command, index)) {
    note_stale(command, arena, index, false);
    return Reject::kOfferStale;
  }
  fail_offer(index, static_cast<OfferOutcome>(command.detail), false, command.cause);
  return Reject::kNone;
}

Reject Router::call_connected(const Command& command, std::string_view arena, CallIndex index) {
  // A switch that joins on answer may leave out leg_answered.
  if (is_open_offer(command, index)) accept_offer(index, false);
  const bool current = index.valid() && calls_.at(index).agent.valid() &&
                       calls_.at(index).generation == command.generation;
  if (!current) {
    note_stale(command, arena, index, true);
    return Reject::kNone;
  }
  Call& call = calls_.at(index);
  if (call.stage != CallStage::kConnecting) return Reject::kNone;  // A repeat.
  call.stage = CallStage::kConnected;
  roster_.at(call.agent).rejects = 0;
  set_call_deadline(index, kNeverNs);
  emit(EventKind::kCallConnected, index);
  set_work(call.agent, Work::kOnCall);
  return Reject::kNone;
}

Reject Router::connect_failed(const Command& command, std::string_view arena, CallIndex index) {
  const bool current = index.valid() && calls_.at(index).stage == CallStage::kConnecting &&
                       calls_.at(index).generation == command.generation;
  if (!current) {
    note_stale(command, arena, index, false);
    return Reject::kOfferStale;
  }
  requeue(index, false);
  return Reject::kNone;
}

Reject Router::hold_call(CallIndex index, bool hold) {
  Call& call = calls_.at(index);
  if (call.stage != CallStage::kConnected) return Reject::kCallState;
  if (call.on_hold == hold) return Reject::kNone;  // Switches repeat these.
  call.on_hold = hold;
  emit(hold ? EventKind::kCallHeld : EventKind::kCallResumed, index);
  set_work(call.agent, hold ? Work::kOnHold : Work::kOnCall);
  return Reject::kNone;
}

void Router::note_stale(const Command& command, std::string_view arena, CallIndex index,
                        bool drop_leg) {
  Event& event = emit(EventKind::kOfferStale);
  event.call = index;
  event.source = command.source;
  event.generation = command.generation;
  event.flag = drop_leg;
  event.text = log_.add_text(command.call.in(arena));
}

// --- The life of an offer.

void Router::open_offer(CallIndex call_index, AgentIndex agent_index) {
  Call& call = calls_.at(call_index);
  Agent& agent = roster_.at(agent_index);
  ACD_CHECK(call.stage == CallStage::kEnqueued && agent.idle_node.linked());
  calls_.erase_waiting(call_index);
  roster_.erase_idle(agent_index);
  call.stage = CallStage::kAlerting;
  call.agent = agent_index;
  call.ringing_seen = false;
  ++call.generation;
  agent.call = call_index;
  const int64_t timeout_ns = queues_[call.queue.value()].config.offer_timeout_ns;
  set_call_deadline(call_index, now_ns_ + timeout_ns);
  Event& event = emit(EventKind::kOfferCreated, call_index);
  event.duration_ns = timeout_ns;
  set_work(agent_index, Work::kReserved);
}

void Router::accept_offer(CallIndex index, bool tell_switch) {
  Call& call = calls_.at(index);
  call.stage = CallStage::kConnecting;
  roster_.at(call.agent).no_answers = 0;
  set_call_deadline(index, now_ns_ + queues_[call.queue.value()].config.connect_timeout_ns);
  Event& event = emit(EventKind::kOfferAccepted, index);
  event.flag = tell_switch;
  set_work(call.agent, Work::kConnecting);
}

void Router::fail_offer(CallIndex index, OfferOutcome outcome, bool tell_switch, int32_t cause) {
  Call& call = calls_.at(index);
  const AgentIndex agent = call.agent;
  Event& event = emit(EventKind::kOfferEnded, index);
  event.detail = static_cast<uint8_t>(outcome);
  event.flag = tell_switch;
  event.cause = cause;
  if (outcome != OfferOutcome::kRescinded) {
    calls_.exclude(index, agent, now_ns_ + queues_[call.queue.value()].config.reoffer_after_ns);
  }
  return_to_queue(index);
  penalise(agent, outcome);
  match_after_failure(index, agent);
}

// What a failed offer means for the agent; ends the work item.
void Router::penalise(AgentIndex index, OfferOutcome outcome) {
  Agent& agent = roster_.at(index);
  agent.call = CallIndex();
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      if (++agent.no_answers >= config_.no_answers_max && agent.presence == Presence::kReady) {
        agent.presence = Presence::kNotReady;
        agent.reason = kReasonRona;
      }
      finish_work(index, true);
      return;
    case OfferOutcome::kRejected:
      if (++agent.rejects >= config_.rejects_max && agent.presence == Presence::kReady) {
        agent.presence = Presence::kNotReady;
        agent.reason = kReasonRejects;
      }
      finish_work(index, true);
      return;
    case OfferOutcome::kBusy:
      set_work(index, Work::kBusyOther);
      set_agent_deadline(index, now_ns_ + config_.busy_limit_ns);
      return;
    case OfferOutcome::kUnreachable:
    case OfferOutcome::kUnknownAddress:
      if (agent.presence == Presence::kReady) {
        agent.presence = Presence::kNotReady;
        agent.reason = kReasonPhone;
      }
      finish_work(index, false);
      return;
    case OfferOutcome::kCanceled:
    case OfferOutcome::kRescinded:
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:
      finish_work(index, false);
      return;
  }
}

// The agent answered, but caller and agent could not be joined: the call goes back to its place.
void Router::requeue(CallIndex index, bool tell_switch) {
  Call& call = calls_.at(index);
  const AgentIndex agent = call.agent;
  Event& event = emit(EventKind::kCallRequeued, index);
  event.flag = tell_switch;
  calls_.exclude(index, agent, now_ns_ + queues_[call.queue.value()].config.reoffer_after_ns);
  return_to_queue(index);
  Agent& answered = roster_.at(agent);
  answered.call = CallIndex();
  if (++answered.rejects >= config_.rejects_max && answered.presence == Presence::kReady) {
    answered.presence =
        Presence::kNotReady;  // Else caller and phone would try each other for ever.
    answered.reason = kReasonPhone;
  }
  finish_work(agent, false);
  match_after_failure(index, agent);
}

// A call that is before this one may wait for the agent; else the call goes to whoever is first.
void Router::match_after_failure(CallIndex index, AgentIndex agent) {
  const bool agent_first = roster_.at(agent).idle_node.linked() && best_call(agent) != index;
  if (agent_first) match_agent(agent);
  match_call(index);
  if (!agent_first) match_agent(agent);
}

void Router::return_to_queue(CallIndex index) {
  Call& call = calls_.at(index);
  call.stage = CallStage::kEnqueued;
  call.agent = AgentIndex();
  calls_.insert_waiting(index);
  set_call_deadline(index, calls_.drop_exclusions(index, now_ns_));
}

// Ends a call in any stage, and with it its offer or its agent's work.
void Router::finish_call(CallIndex index, EventKind kind, EndedBy ended_by, int32_t cause) {
  Call& call = calls_.at(index);
  const AgentIndex agent = call.agent;
  const CallStage stage = call.stage;
  if (stage == CallStage::kEnqueued) calls_.erase_waiting(index);
  if (stage == CallStage::kAlerting) {
    Event& canceled = emit(EventKind::kOfferEnded, index);
    canceled.detail = static_cast<uint8_t>(OfferOutcome::kCanceled);
    canceled.flag = true;
  }
  Event& event = emit(kind, index);
  event.detail = static_cast<uint8_t>(ended_by);
  event.cause = cause;
  event.flag = stage == CallStage::kConnecting;  // The agent's leg is up and must be dropped.
  calls_.drop_exclusions(index, kNeverNs);
  timers_.cancel(TimerKind::kCall, index.value());
  --calls_.requirement_at(call.requirement).users;
  calls_.leave_class(index);
  unlink_call(index);
  // A switch that was lost may bring a caller of its own back under the same id.
  if (kind != EventKind::kCallFailed) ended_calls_.add(call.id.view(), now_ns_);
  calls_.remove(index);

  if (!agent.valid()) return;
  roster_.at(agent).call = CallIndex();
  if (stage == CallStage::kConnected) {
    start_wrap_up_or_finish(agent, call.queue);
  } else {
    finish_work(agent, false);
  }
  match_agent(agent);
}

void Router::fire_call(CallIndex index) {
  Call& call = calls_.at(index);
  const bool switch_here = sessions_.at(call.source).connected;
  switch (call.stage) {
    case CallStage::kEnqueued:
      set_call_deadline(index, calls_.drop_exclusions(index, now_ns_ + 1));
      match_call(index);
      return;
    case CallStage::kAlerting:
      // A switch that is away cannot tell whether the phone rang: nobody is to blame.
      if (!switch_here) {
        fail_offer(index, OfferOutcome::kRescinded, true, 0);
      } else if (call.ringing_seen || !sessions_.at(call.source).reports_ringing) {
        fail_offer(index, OfferOutcome::kNoAnswer, true, 0);
      } else {
        fail_offer(index, OfferOutcome::kUnreachable, true, 0);
      }
      return;
    case CallStage::kConnecting:
      if (switch_here) {
        requeue(index, true);
      } else {
        set_call_deadline(index, now_ns_ + queues_[call.queue.value()].config.connect_timeout_ns);
      }
      return;
    case CallStage::kConnected:
    case CallStage::kFree:
      ACD_CHECK(false && "no timer in this stage");
      return;
  }
}

void Router::set_call_deadline(CallIndex index, int64_t deadline_ns) {
  Call& call = calls_.at(index);
  call.deadline_ns = deadline_ns;
  if (deadline_ns == kNeverNs) {
    timers_.cancel(TimerKind::kCall, index.value());
  } else {
    timers_.set(TimerKind::kCall, index.value(), call.order, deadline_ns);
  }
}

}  // namespace acd
