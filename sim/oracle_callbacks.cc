// SPDX-License-Identifier: Apache-2.0
// The oracle's callbacks.
#include <algorithm>
#include <optional>

#include "routing/check.h"
#include "routing/leg_id.h"
#include "sim/oracle.h"

namespace acd {

Reject Oracle::request_callback(const Command& command, std::string_view arena) {
  const std::string_view id = command.call.in(arena);
  if (is_taken(id)) return Reject::kCallExists;
  if (calls_.size() >= kCallsMax) return Reject::kLimitReached;
  if (are_callbacks_used_up()) return Reject::kLimitReached;

  const std::string origin_id(command.flag ? command.preferred.in(arena) : std::string_view());
  Call fresh;
  Call* origin = nullptr;
  if (!command.flag) {
    fresh.queue = find_queue(command.name.in(arena));
    if (!fresh.queue.valid()) return Reject::kQueueUnknown;
    fresh.source = command.source;
    if (!fresh.source.valid()) fresh.source = sessions_.find(command.preferred.in(arena));
    if (!sessions_.contains(fresh.source)) return Reject::kSourceUnknown;
    fresh.entered_ns = now_ns_;
    fresh.key_ns = now_ns_;
  } else {
    origin = find_call(origin_id);
    if (origin == nullptr) return Reject::kCallUnknown;
    if (command.source.valid() && origin->source != command.source) {
      return Reject::kCallOfOtherSwitch;
    }
    const bool waits = origin->stage <= Stage::kAlerting && !origin->is_of_nobody();
    if (!waits || origin->parent) return Reject::kCallState;
    fresh.queue = origin->queue;
    fresh.source = origin->source;
    fresh.own = origin->own;
    fresh.own_text = origin->own_text;
    fresh.has_priority = origin->has_priority;
    fresh.priority = origin->priority;
    fresh.entered_ns = origin->entered_ns;
    fresh.key_ns = origin->key_ns;
  }
  return begin_callback(fresh, command.text.in(arena), id, origin, !command.source.valid());
}

bool Oracle::are_callbacks_used_up() const {
  const auto callbacks = std::count_if(
      calls_.begin(), calls_.end(), [](const auto& entry) { return !entry.second.number.empty(); });
  return static_cast<size_t>(callbacks) >= kCallbacksMax;
}

Reject Oracle::begin_callback(Call fresh, std::string_view text, std::string_view id, Call* origin,
                              bool is_origin_told) {
  const Queue& queue = queue_at(fresh.queue);
  const CallbackConfig& config = queue.config.callback;
  if (queue.removed || !config.is_taken) return Reject::kNoCallbacks;
  const std::optional<std::string> number = normalised_number(text);
  if (!number) return Reject::kNumberInvalid;
  if (!is_number_allowed(config, *number)) return Reject::kNumberNotAllowed;
  for (const auto& [order, other] : calls_) {
    if (&other == origin) continue;  // Its place is taken.
    if (other.number == *number && other.asked_queue == fresh.queue) return Reject::kCallbackOpen;
  }

  Wish wish;
  if (origin != nullptr) fresh.was_named_on_arrival = origin->was_named_on_arrival;
  const std::string origin_id = origin != nullptr ? origin->id : "";
  if (origin != nullptr) {
    wish = wish_of(*origin);
    finish_call(*origin, EventKind::kCallCallbackRequested, 0, is_origin_told ? 16 : 0,
                is_origin_told, id);
  }
  fresh.medium = Medium::kCallback;
  fresh.is_on_line = false;
  fresh.number = *number;
  fresh.asked_queue = fresh.queue;
  fresh.treat_from_ns = now_ns_;
  if (!fresh.has_priority) fresh.priority = queue.config.priority;
  Call& call = begin_call(std::move(fresh), id);
  Event& event = begin_visit(call, VisitEntry::kCallback, wish);
  event.text2 = log_.add_text(call.own_text);
  event.text3 = log_.add_text(encode_asked({call.number, origin_id}));
  if (wish.agent.valid()) prefer(call, wish);
  after_entry(call, false);
  return Reject::kNone;
}

bool Oracle::is_customer_first(const Call& call) const {
  return !call.is_on_line && queue_of(call).config.callback.mode == CallbackMode::kCustomerFirst;
}

HoldBack Oracle::hold_back_of(const Call& call) const {
  if (!call.is_on_line && !queue_of(call).may_call) return HoldBack::kCallbacksClosed;
  if (!is_customer_first(call)) return HoldBack::kNone;
  const auto dialing = std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return entry.second.queue == call.queue && entry.second.stage == Stage::kDialing;
  });
  return dialing >= queue_of(call).config.callback.dials_max ? HoldBack::kDialsUsed
                                                             : HoldBack::kNone;
}

int64_t Oracle::dial_limit_ns(const Call& call) const {
  const QueueConfig& config = queue_of(call).config;
  return config.connect_timeout_ns + config.callback.dial_timeout_ns;
}

void Oracle::tell_dial(Call& call) {
  Event& event = emit(EventKind::kCallDialed, call);
  event.text = log_.add_text(call.number);
  event.number = call.attempts + 1;
  event.duration_ns = queue_of(call).config.callback.dial_timeout_ns;
  event.flag = true;
  ++call.dials;
  event.text2 = log_.add_text(leg_id(CustomerLeg{call.order, call.dials}));
}

void Oracle::put_on_line(Call& call, std::string_view leg, Event& told) {
  std::string customers(leg);
  const bool is_another =
      customers.starts_with(kOwnLegPrefix) || call_with_leg(call.source, leg) != nullptr;
  if (customers.empty() || is_another) {
    customers = call.dials == 0 ? "" : leg_id(CustomerLeg{call.order, call.dials});
  }
  call.leg = customers;
  call.is_on_line = true;
  call.line_ns = now_ns_;
  told.text = log_.add_text(customers);
}

void Oracle::dial_customer(Call& call) {
  ACD_CHECK(call.stage == Stage::kEnqueued);
  call.stage = Stage::kDialing;
  call.not_before_ns = INT64_MIN;
  call.dial = ++call.generation;
  call.deadline_ns = now_ns_ + dial_limit_ns(call);
  tell_dial(call);
}

// An attempt that failed, or, where nobody knows, none.
void Oracle::end_dial(Call& call, DialOutcome outcome, bool tell_switch) {
  const CallbackConfig& config = queue_of(call).config.callback;
  const bool counts = outcome != DialOutcome::kNone;
  if (counts) ++call.attempts;
  const bool gives_up = counts && call.attempts >= config.attempts_max;
  Event& event = emit(EventKind::kCallDialEnded, call);
  event.detail = static_cast<uint8_t>(outcome);
  event.flag = tell_switch;
  event.number = call.attempts;
  event.duration_ns = gives_up ? kNeverNs : counts ? config.retry_ns : 0;
  const std::vector<Offer> waiting = call.offers;
  call.offers.clear();
  call.on_hold = false;
  call.round_failed = false;
  call.not_before_ns = INT64_MIN;
  call.stage = Stage::kScheduled;
  call.deadline_ns = counts && !gives_up ? now_ns_ + config.retry_ns : kNeverNs;
  for (const Offer& accepted : waiting) {
    Agent& agent = agent_at(accepted.agent);
    Item& item = item_of(agent, call.order);
    item.call.reset();
    finish_item(agent, item, false);
  }
  if (gives_up) {
    finish_call(call, EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kAttempts), 0);
  } else if (!counts) {
    return_to_queue(call);
    come_back(call);
  }
}

void Oracle::customer_answered(const Command& command, std::string_view arena, Call* call) {
  const bool is_meant =
      call != nullptr && !call->number.empty() && call->dial == command.generation;
  if (is_meant && call->is_on_line) return;  // Told twice.
  if (is_outside_by(call, command.generation)) return;
  if (!is_meant || call->stage != Stage::kDialing) {
    note_stale(command, arena, call, true);
    return;
  }
  Event& event = emit(EventKind::kCallDialEnded, *call);
  event.detail = static_cast<uint8_t>(DialOutcome::kAnswered);
  event.number = call->attempts;
  put_on_line(*call, command.leg.in(arena), event);
  call->offers_failed = 0;
  return_to_queue(*call);
  come_back(*call);
}

// What a switch that is lost leaves of a callback with nobody on the line.
void Oracle::take_back(Call& call) {
  call.source_order = next_order_++;
  switch (call.stage) {
    case Stage::kEnqueued:
    case Stage::kScheduled:
      return;
    case Stage::kAlerting: {
      const std::vector<Offer> open = call.offers;
      for (const Offer& offer : open) {
        fail_offer(call, offer.generation, OfferOutcome::kRescinded, true, 0);
      }
      return;
    }
    case Stage::kDialing:
    case Stage::kConnecting:
      if (call.is_reminder) return requeue(call, false);
      end_dial(call, DialOutcome::kNone, false);
      return;
    case Stage::kConnected:
    case Stage::kDialingOutside:
    case Stage::kOutside:
      ACD_CHECK(false && "somebody is on the line");
      return;
  }
}

}  // namespace acd
