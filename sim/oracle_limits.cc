// SPDX-License-Identifier: Apache-2.0
// What meets a call in a queue: limits and their actions, other queues, treatments.
#include <algorithm>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {
namespace {

__extension__ typedef __int128 int128;

}  // namespace

// After call.enqueued. The call may be elsewhere or gone afterwards.
void Oracle::after_entry(Call& call, bool test_limits) {
  if (test_limits && !call.is_of_nobody()) {
    const LimitKind kind = limit_on_entry(call);
    if (kind != LimitKind::kNone && take_action(call, kind) != Aftermath::kWaits) return;
  }
  look_at_steps(call);
  look_at_preference(call);
}

LimitKind Oracle::limit_on_entry(const Call& call) const {
  const Queue& queue = queue_of(call);
  const QueueLimits& limits = queue.config.limits;
  // One whose action is to wait is no limit.
  const auto acts = [](const LimitAction& action) {
    return action.kind != LimitAction::Kind::kWait;
  };
  if (acts(limits.closed) && !queue.open) return LimitKind::kClosed;
  bool has_agents = false;
  bool has_ready = false;
  for (const Agent& agent : agents_) {
    if (!membership(queue, agent).serves || queue.paused.contains(agent.index)) continue;
    const bool is_capable = agent.media.capacity[static_cast<size_t>(call.medium)] > 0;
    if (!is_capable || !agent.takes(call.medium)) continue;
    has_agents = has_agents || agent.presence != Presence::kLoggedOut;
    has_ready = has_ready || agent.presence == Presence::kReady;
  }
  if (acts(limits.no_agents) && !has_agents) return LimitKind::kNoAgents;
  if (acts(limits.none_ready) && !has_ready) return LimitKind::kNoneReady;
  int32_t others = 0;
  for (const auto& [order, other] : calls_) {
    const bool waits =
        other.stage == Stage::kEnqueued && other.queue == call.queue && other.is_on_line;
    if (waits && order != call.order) ++others;
  }
  if (acts(limits.length) && limits.length_max > 0 && others >= limits.length_max) {
    return LimitKind::kLength;
  }
  const bool is_long =
      acts(limits.ewt) && queue.ewt_ns != kNeverNs && queue.ewt_ns > limits.ewt_max_ns;
  return is_long ? LimitKind::kEwt : LimitKind::kNone;
}

const LimitAction& Oracle::action_of(const Call& call, LimitKind kind) const {
  const QueueLimits& limits = queue_of(call).config.limits;
  switch (kind) {
    case LimitKind::kClosed:
      return limits.closed;
    case LimitKind::kNoAgents:
      return limits.no_agents;
    case LimitKind::kNoneReady:
      return limits.none_ready;
    case LimitKind::kLength:
      return limits.length;
    case LimitKind::kEwt:
      return limits.ewt;
    case LimitKind::kWait:
      return limits.wait;
    case LimitKind::kOffers:
      return limits.offers;
    case LimitKind::kNone:
    case LimitKind::kDrained:
      break;
  }
  ACD_CHECK(false && "no limit with an action");
  return limits.wait;
}

bool Oracle::wait_is_over(const Call& call) const {
  const QueueLimits& limits = queue_of(call).config.limits;
  const int64_t wait_max_ns = limits.wait_max_ns;
  return limits.wait.kind != LimitAction::Kind::kWait && wait_max_ns != kNeverNs &&
         now_ns_ - call.line_ns >= wait_max_ns && !call.taken.contains(LimitKind::kWait);
}

bool Oracle::offers_are_over(const Call& call) const {
  const QueueLimits& limits = queue_of(call).config.limits;
  return limits.offers.kind != LimitAction::Kind::kWait &&
         call.offers_failed >= limits.offers_max && !call.taken.contains(LimitKind::kOffers);
}

Oracle::Aftermath Oracle::look_at_limits(Call& call, bool is_back) {
  if (call.is_of_nobody()) return Aftermath::kWaits;  // There is nobody to be told.
  std::vector<LimitKind> met;
  const bool was_left = call.limits_at_ns != kNeverNs;
  if ((is_back || was_left) && offers_are_over(call)) met.push_back(LimitKind::kOffers);
  if (wait_is_over(call)) met.push_back(LimitKind::kWait);
  call.limits_at_ns = kNeverNs;
  if (!met.empty() && !sessions_.at(call.source).is_here()) {
    // A switch that is away could not be told.
    call.limits_at_ns = now_ns_ + kLimitRetryNs;
    return Aftermath::kWaits;
  }
  for (const LimitKind kind : met) {
    const Aftermath aftermath = take_action(call, kind);
    if (aftermath != Aftermath::kWaits) return aftermath;
  }
  return Aftermath::kWaits;
}

Oracle::Aftermath Oracle::take_action(Call& call, LimitKind kind) {
  const LimitAction action = action_of(call, kind);
  const bool goes_elsewhere =
      action.kind == LimitAction::Kind::kQueue || action.kind == LimitAction::Kind::kOutside;
  // A consult is for who is asked here, or for nobody; and nobody calls it back.
  if (call.parent && goes_elsewhere) return release(call, kind, 0);
  if (call.parent && action.kind == LimitAction::Kind::kOfferCallback) {
    call.taken.insert(kind);
    return Aftermath::kWaits;
  }
  switch (action.kind) {
    case LimitAction::Kind::kWait:
      return Aftermath::kWaits;
    case LimitAction::Kind::kAnnounce:
      announce(call, TreatmentKind::kAnnouncement, action.text);
      break;
    case LimitAction::Kind::kOfferCallback:
      announce(call, TreatmentKind::kCallbackOffer, action.text);
      break;
    case LimitAction::Kind::kQueue: {
      const QueueIndex target = find_queue(action.text);
      const bool may_move = target.valid() && !call.visited.contains(target) &&
                            call.overflows < config_.overflows_max;
      if (!may_move) break;
      ++call.overflows;
      move_call(call, target, kind);
      return Aftermath::kMoved;
    }
    case LimitAction::Kind::kAgent: {
      const AgentIndex agent = find_agent(action.text);
      if (!agent.valid()) break;
      prefer(call, {agent, true, now_ns_ + action.wait_ns});
      call.is_of_limit = true;
      call.was_named_on_arrival = false;
      break;
    }
    case LimitAction::Kind::kOutside:
      finish_call(call, EventKind::kCallOverflowed, static_cast<uint8_t>(kind), 0);
      log_.events.back().flag = true;
      log_.events.back().text = log_.add_text(action.text);
      return Aftermath::kEnded;
    case LimitAction::Kind::kRelease:
      return release(call, kind, action.number);
  }
  call.taken.insert(kind);
  return Aftermath::kWaits;
}

Oracle::Aftermath Oracle::release(Call& call, LimitKind kind, int32_t cause) {
  switch (kind) {
    case LimitKind::kClosed:
    case LimitKind::kNoAgents:
    case LimitKind::kNoneReady:
    case LimitKind::kLength:
    case LimitKind::kEwt:
      finish_call(call, EventKind::kCallRejected, static_cast<uint8_t>(kind), cause);
      break;
    case LimitKind::kWait:
      finish_call(call, EventKind::kCallTimedOut, static_cast<uint8_t>(EndedBy::kTimeout), cause);
      break;
    case LimitKind::kOffers:
      finish_call(call, EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kOffers), cause);
      break;
    case LimitKind::kNone:
    case LimitKind::kDrained:
      ACD_CHECK(false && "no limit with an action");
      break;
  }
  return Aftermath::kEnded;
}

void Oracle::announce(Call& call, TreatmentKind kind, const std::string& media) {
  Event& event = emit(EventKind::kCallTreated, call);
  event.detail = static_cast<uint8_t>(kind);
  event.text = log_.add_text(media);
  event.duration_ns = kNeverNs;
}

// --- From queue to queue. A visit ends and another begins; the age is kept.

void Oracle::move_call(Call& call, QueueIndex target, LimitKind kind) {
  Event& left = emit(EventKind::kCallOverflowed, call);
  left.detail = static_cast<uint8_t>(kind);
  left.text = log_.add_text(queue_at(target).config.id);
  call.queue = target;
  call.visited.insert(target);
  call.entered_ns = now_ns_;
  call.line_ns = now_ns_;
  call.steps = 0;
  call.offers_failed = 0;
  call.taken.clear();
  call.treat_from_ns = now_ns_;
  call.limits_at_ns = kNeverNs;
  if (!call.has_priority) call.priority = queue_at(target).config.priority;
  const bool is_drained = kind == LimitKind::kDrained;
  begin_visit(call, is_drained ? VisitEntry::kDrained : VisitEntry::kOverflow, wish_of(call));
  after_entry(call, !is_drained);
}

void Oracle::drain_call(Call& call) {
  if (call.parent) {
    return finish_call(call, EventKind::kCallRejected, static_cast<uint8_t>(LimitKind::kDrained),
                       0);
  }
  const QueueIndex target = find_queue(queue_of(call).drains_to);
  ACD_CHECK(target.valid());
  move_call(call, target, LimitKind::kDrained);
}

// A queue's priority may have changed.
void Oracle::refresh_priority(Call& call) {
  const int32_t priority = queue_of(call).config.priority;
  if (call.has_priority || call.priority == priority) return;
  call.priority = priority;
  emit(EventKind::kCallPriorityChanged, call).number = priority;
}

// --- Treatments.

// The first beat from `treat_from_ns` on; kNeverNs if there is none.
int64_t Oracle::treatment_due(const Call& call, const TreatmentConfig& treatment) const {
  if (call.is_of_nobody()) return kNeverNs;
  const int64_t first_ns = call.line_ns + treatment.after_ns;
  if (first_ns >= call.treat_from_ns) return first_ns;
  if (treatment.repeat_ns == kNeverNs) return kNeverNs;
  const int64_t late_ns = call.treat_from_ns - first_ns;
  const int64_t beats = (late_ns + treatment.repeat_ns - 1) / treatment.repeat_ns;
  return first_ns + beats * treatment.repeat_ns;
}

void Oracle::play_treatments(Call& call) {
  if (call.is_of_nobody()) return;
  const Queue& queue = queue_of(call);
  for (const TreatmentConfig& treatment : queue.config.treatments) {
    if (treatment_due(call, treatment) > now_ns_) continue;
    Event& event = emit(EventKind::kCallTreated, call);
    event.detail = static_cast<uint8_t>(TreatmentKind::kScheduled);
    event.text = log_.add_text(treatment.media);
    event.number = treatment.tells_position ? position_of(call) : 0;
    event.duration_ns = treatment.tells_ewt ? told_ewt_ns(call) : kNeverNs;
  }
  call.treat_from_ns = std::max(call.treat_from_ns, now_ns_ + 1);
}

int32_t Oracle::position_of(const Call& call) const {
  int32_t before = 0;
  for (const auto& [order, other] : calls_) {
    const bool counts = other.stage == Stage::kEnqueued && other.queue == call.queue &&
                        !other.is_preferring && order != call.order;
    if (counts && goes_before(other, call)) ++before;
  }
  return before + 1;
}

// The wait of who comes last, by the call's share of the places up to theirs, in whole seconds.
int64_t Oracle::told_ewt_ns(const Call& call) const {
  const int64_t ewt_ns = queue_of(call).ewt_ns;
  if (ewt_ns == kNeverNs) return kNeverNs;
  const auto ahead_of_arrival = std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    const Call& other = entry.second;
    return other.stage == Stage::kEnqueued && other.queue == call.queue && !other.is_preferring;
  });
  const int128 second = static_cast<int128>(kNsPerS) * (ahead_of_arrival + 1);
  const int128 share = static_cast<int128>(ewt_ns) * position_of(call);
  const auto seconds = static_cast<int64_t>(share / second);
  return (seconds + (share % second > 0 ? 1 : 0)) * kNsPerS;
}

}  // namespace acd
