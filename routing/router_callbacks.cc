// SPDX-License-Identifier: Apache-2.0
// Callbacks: asked for, dialed, tried again. Nobody is on the line of one before its customer has
// answered.
#include <utility>

#include "routing/callback.h"
#include "routing/check.h"
#include "routing/router.h"

namespace acd {

// --- Asked for.

Reject Router::request_callback(const Command& command, std::string_view arena,
                                const HashedName& id) {
  if (is_known_call(id)) return Reject::kCallExists;
  if (calls_.count() >= kCallsMax || callbacks_.size() >= kCallbacksMax) {
    return Reject::kLimitReached;
  }
  const std::string_view origin_id =
      command.flag ? command.preferred.in(arena) : std::string_view();
  CallIndex origin;
  Call fresh;
  fresh.medium = Medium::kCallback;
  if (!command.flag) {
    fresh.queue = find_queue(command.name.in(arena));
    if (!fresh.queue.valid()) return Reject::kQueueUnknown;
    fresh.source =
        command.source.valid() ? command.source : sessions_.find(command.preferred.in(arena));
    if (!sessions_.contains(fresh.source)) return Reject::kSourceUnknown;
    Reject reject = Reject::kNone;
    fresh.requirement = requirement_for({}, &reject);
    if (reject != Reject::kNone) return reject;
    fresh.enqueued_ns = now_ns_;
    fresh.key_ns = now_ns_;
  } else {
    origin = calls_.find(origin_id);
    if (!origin.valid()) return Reject::kCallUnknown;
    const Call& waiting = calls_.at(origin);
    if (command.source.valid() && waiting.source != command.source) {
      return Reject::kCallOfOtherSwitch;
    }
    const bool waits =
        waiting.stage == CallStage::kEnqueued || waiting.stage == CallStage::kAlerting;
    if (!waits || waiting.is_of_nobody() || waiting.parent.valid()) return Reject::kCallState;
    fresh.queue = waiting.queue;
    fresh.source = waiting.source;
    fresh.requirement = waiting.requirement;
    fresh.has_priority = waiting.has_priority;
    fresh.priority = waiting.priority;
    fresh.enqueued_ns = waiting.enqueued_ns;
    fresh.key_ns = waiting.key_ns;
    fresh.preferred = waiting.preferred;
    fresh.preferred_until_ns = waiting.preferred_until_ns;
    fresh.waits_if_busy = waiting.waits_if_busy;
    fresh.is_for_owner = waiting.is_for_owner;
  }
  // Who asked by another way than the switch wants the caller told that it is over.
  return begin_callback(fresh, command.text.in(arena), id, origin, !command.source.valid());
}

Reject Router::begin_callback(Call fresh, std::string_view text, const HashedName& id,
                              CallIndex origin, bool is_origin_told) {
  const Queue& entered = queue(fresh.queue);
  if (!entered.config.callback.is_taken || entered.is_removed) return Reject::kNoCallbacks;
  std::optional<std::string> number = normalised_number(text);
  if (!number) return Reject::kNumberInvalid;
  if (!is_number_allowed(entered.config.callback, *number)) return Reject::kNumberNotAllowed;
  // A callback whose customer waits on the line makes room for the next one.
  const CallbackFacts* own = origin.valid() ? callback_of(calls_.at(origin)) : nullptr;
  const bool is_replaced =
      own != nullptr && own->asked_queue == fresh.queue && own->number == *number;
  if (!is_replaced && open_numbers_.contains({fresh.queue, *number})) return Reject::kCallbackOpen;
  fresh.line_ns = kNeverNs;
  fresh.treated_ns = now_ns_ - 1;
  if (!has_room_for(&fresh)) return Reject::kLimitReached;

  // In a slot of its own before the other call leaves its one: events of both name them.
  const CallIndex index = add_call(fresh, id);
  callbacks_.emplace(calls_.at(index).order, CallbackFacts{*number, fresh.queue, 0, 0, 0});
  const IdText origin_id = origin.valid() ? calls_.at(origin).id : IdText();
  if (origin.valid()) {
    CallEnd end{EventKind::kCallCallbackRequested, 0, 0, id.text};
    end.tells_switch = is_origin_told;
    if (end.tells_switch) end.cause = kCauseNormal;
    finish_call(origin, end);
  }
  open_numbers_.insert({fresh.queue, *number});   // Behind that of the other call.
  calls_.at(index).number = event_sequence_ + 1;  // Behind what ended the other call.
  enter_queue(index, VisitEntry::kCallback, now_ns_ - fresh.enqueued_ns,
              calls_.requirement_at(fresh.requirement).text,
              encode_asked({*number, origin_id.view()}));
  return Reject::kNone;
}

// --- Dialed.

// What rings or is being dialed goes on.
void Router::turn_callbacks(QueueIndex index, bool is_open, int32_t reason) {
  Queue& turned = queue(index);
  if (turned.are_callbacks_open == is_open) return;
  turned.are_callbacks_open = is_open;
  Event& event =
      emit(is_open ? EventKind::kQueueCallbacksOpened : EventKind::kQueueCallbacksClosed);
  event.queue = index;
  event.number = reason;
  if (is_open) mark_callbacks(index);
}

int64_t Router::dial_limit_ns(const Call& call) const {
  const QueueConfig& config = queue(call.queue).config;
  return config.callback.dial_timeout_ns + config.connect_timeout_ns;
}

const CallbackFacts* Router::callback_of(const Call& call) const {
  const auto known = callbacks_.find(call.order);
  return known == callbacks_.end() ? nullptr : &known->second;
}

void Router::emit_dialed(CallIndex index) {
  const Call& call = calls_.at(index);
  CallbackFacts& facts = callbacks_.at(call.order);
  Event& event = emit(EventKind::kCallDialed, index);
  event.number = facts.attempts + 1;
  event.duration_ns = queue(call.queue).config.callback.dial_timeout_ns;
  event.flag = true;
  event.text = log_.add_text(facts.number);
  event.text2 = log_.add_text(leg_id(CustomerLeg{call.order, ++facts.dials}));
}

// An agent is free for it: the customer is asked first.
void Router::dial_customer(CallIndex index) {
  stop_waiting(index);
  Call& call = calls_.at(index);
  set_stage(index, CallStage::kDialing);
  call.not_before_ns = INT64_MIN;
  callbacks_.at(call.order).dial = ++call.generation;
  ++queue(call.queue).dialing_calls;
  set_call_deadline(index, now_ns_ + dial_limit_ns(call));
  emit_dialed(index);
}

// Without its customer; the agent who waited for them, if any, is to blame for nothing.
void Router::end_dial(CallIndex index, DialOutcome outcome, bool tell_switch) {
  Call& call = calls_.at(index);
  CallbackFacts& facts = callbacks_.at(call.order);
  const CallbackConfig& config = queue(call.queue).config.callback;
  const bool is_attempt = outcome != DialOutcome::kNone;
  if (is_attempt) ++facts.attempts;
  const bool is_last = is_attempt && facts.attempts >= config.attempts_max;
  Event& event = emit(EventKind::kCallDialEnded, index);
  event.detail = static_cast<uint8_t>(outcome);
  event.number = facts.attempts;
  event.flag = tell_switch;
  if (is_attempt) event.duration_ns = is_last ? kNeverNs : config.retry_ns;
  const AgentIndex agent = call.agent;
  if (call.stage == CallStage::kDialing) leave_dialing(index);
  set_stage(index, CallStage::kScheduled);
  call.agent = AgentIndex();
  call.on_hold = false;
  call.round_failed = false;
  call.not_before_ns = INT64_MIN;
  set_call_deadline(index, is_attempt && !is_last ? now_ns_ + config.retry_ns : kNeverNs);
  if (agent.valid()) {
    WorkItem* const item = &roster_.at(agent).item_of(index);
    item->call = CallIndex();
    finish_item(agent, item, false);
  }
  if (is_last) {
    finish_call(index,
                {EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kAttempts), 0, {}});
  } else if (!is_attempt) {
    return_to_queue(index);
  }
}

Reject Router::customer_answered(const Command& command, std::string_view arena, CallIndex index) {
  if (!index.valid()) {
    note_stale(command, arena, index, true);
    return Reject::kNone;
  }
  Call& call = calls_.at(index);
  if (call.is_outside_by(command.generation)) return Reject::kNone;  // As of an agent's leg.
  const auto facts = callbacks_.find(call.order);
  const bool is_latest = facts != callbacks_.end() && facts->second.dial == command.generation;
  if (is_latest && call.is_on_line()) return Reject::kNone;  // A repeat.
  if (!is_latest || call.stage != CallStage::kDialing) {
    note_stale(command, arena, index, true);
    return Reject::kNone;
  }
  Event& event = emit(EventKind::kCallDialEnded, index);
  event.detail = static_cast<uint8_t>(DialOutcome::kAnswered);
  event.number = facts->second.attempts;
  put_on_line(index, command.leg.in(arena), &event);
  leave_dialing(index);
  call.offers = 0;  // Of a limit of offers, which is there for callers.
  call.round_failed = false;
  return_to_queue(index);
  return Reject::kNone;
}

void Router::leave_dialing(CallIndex index) {
  const QueueIndex of_call = calls_.at(index).queue;
  Queue& dialed = queue(of_call);
  const bool was_gate_closed = dialed.dialing_calls >= dialed.config.callback.dials_max;
  --dialed.dialing_calls;
  if (was_gate_closed) mark_callbacks(of_call);  // Else whoever could go on has done so.
}

// The gate may be open again, for calls that nothing else marks.
void Router::mark_callbacks(QueueIndex index) {
  for (const ClassRef& one : queue(index).classes) {
    const CallClass& calls = calls_.class_at(one.index);
    if (calls.stamp != one.stamp || !calls.key.is_off_line) continue;
    mark_first(one.index);
    for (CallIndex waiting = calls_.first_boxed(one.index); waiting.valid();
         waiting = calls_.next_waiting(waiting)) {
      mark_call(waiting);
    }
  }
}

void Router::mark_first(CallClassIndex index) {
  for (CallIndex waiting = calls_.first_waiting(index); waiting.valid();
       waiting = calls_.next_waiting(waiting)) {
    mark_call(waiting);
    // Those behind it differ from it only if somebody is left out for it.
    if (calls_.at(waiting).first_exclusion == OrderedNode::kNone) break;
  }
}

// --- Tried again.

void Router::come_due(CallIndex index) {
  emit(EventKind::kCallDue, index);
  return_to_queue(index);
}

// Its switch is gone, but nobody of it was on the line: it goes on with the next session.
void Router::outlive_switch(CallIndex index) {
  Call& call = calls_.at(index);
  unlink_call(index);
  call.source_order = next_order_++;
  link_call(index);
  switch (call.stage) {
    case CallStage::kAlerting:
      rescind_offers(index);
      return_to_queue(index);
      return;
    case CallStage::kConnecting:
      if (call.is_reminder) return requeue(index, false);
      end_dial(index, DialOutcome::kNone, false);
      return;
    case CallStage::kDialing:
      end_dial(index, DialOutcome::kNone, false);
      return;
    case CallStage::kEnqueued:
    case CallStage::kScheduled:
      return;
    case CallStage::kConnected:
    case CallStage::kDialingOutside:
    case CallStage::kOutside:
    case CallStage::kFree:
      ACD_CHECK(false && "somebody is on the line");
      return;
  }
}

}  // namespace acd
