// SPDX-License-Identifier: Apache-2.0
// What happens to a call while it waits: steps, preferred agent, limits, treatments.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

uint8_t limit_bit(LimitKind kind) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(kind));
}

}  // namespace

// --- Into a queue and out of it.

void Router::begin_visit(CallIndex index, VisitEntry entry, int64_t age_ns,
                         std::string_view requirement, std::string_view leg) {
  Call& call = calls_.at(index);
  Queue& entered = queue(call.queue);
  ++entered.live_calls;
  if (!call.has_priority) call.priority = entered.config.priority;
  Event& event = emit(EventKind::kCallEnqueued, index);
  event.number = call.priority;
  event.duration_ns = age_ns;
  event.detail = static_cast<uint8_t>(entry);
  set_order_key(call.key_ns, &event);
  if (entry == VisitEntry::kConsult) {
    event.agent = consulting_agent(index);
  } else {
    set_preferred(call.preferred, call.preferred_until_ns, &event);
  }
  event.text = log_.add_text(call.id.view());
  event.text2 = log_.add_text(requirement);
  event.text3 = log_.add_text(leg);
}

void Router::enter_queue(CallIndex index, VisitEntry entry, int64_t age_ns,
                         std::string_view requirement, std::string_view leg) {
  begin_visit(index, entry, age_ns, requirement, leg);
  const Call& call = calls_.at(index);
  if (entry != VisitEntry::kDrained && !call.is_of_nobody()) {
    const LimitKind kind = limit_on_entry(call);
    if (kind != LimitKind::kNone && meet_limit(index, kind)) return;
  }
  start_waiting(index);
}

void Router::start_waiting(CallIndex index) {
  refresh_steps(index);
  list_waiting(index);
}

void Router::list_waiting(CallIndex index) {
  Call& call = calls_.at(index);
  const CallClassIndex joined = call_class_for(class_key(call));
  if (joined != call.call_class) {
    leave_call_class(index);
    calls_.at(index).call_class = joined;
    if (calls_.class_at(joined).live_calls == 0) ++classes_begun_;
    calls_.join_class(joined);
  }
  if (call.preferred.valid()) {
    call.is_boxed = may_box(index);
    if (call.is_boxed) {
      Agent& agent = roster_.at(call.preferred);
      calls_.insert_boxed(index, &agent.preferring);
      ++agent.preferring_count;
      if (!are_agents_known()) mark_boxes(call.preferred);
    } else {
      call.preferred = AgentIndex();  // For good.
    }
  }
  calls_.insert_waiting(index, order_rule(call.queue));
  ++queue(call.queue).waiting_calls;
  if (!call.is_on_line()) ++queue(call.queue).off_line_calls;
  count_anew(call.queue);
  refresh_deadline(index);
  mark_call(index);
}

void Router::stop_waiting(CallIndex index) {
  Call& call = calls_.at(index);
  calls_.erase_waiting(index);
  --queue(call.queue).waiting_calls;
  if (!call.is_on_line()) --queue(call.queue).off_line_calls;
  count_anew(call.queue);
  if (!call.is_boxed) return;
  Agent& agent = roster_.at(call.preferred);
  calls_.erase_boxed(index, &agent.preferring);
  --agent.preferring_count;
  call.is_boxed = false;
}

void Router::return_to_queue(CallIndex index) {
  Call& call = calls_.at(index);
  set_stage(index, CallStage::kEnqueued);
  call.agent = AgentIndex();
  call.not_before_ns = INT64_MIN;
  call.limits_at_ns = kNeverNs;
  if (call.round_failed) ++call.offers;
  calls_.drop_exclusions(index, now_ns_);
  call.treated_ns = std::max(call.treated_ns, now_ns_ - 1);  // What fell due meanwhile is skipped.
  const Queue& of_call = queue(call.queue);
  if (!of_call.is_removed) {
    refresh_priority(index);
    refresh_steps(index);
  }
  if (meet_limits_in_queue(index, true)) return;
  if (of_call.is_removed) return drain(index);  // What it met while it rang comes first.
  start_waiting(index);
}

void Router::reconsider(CallIndex index) {
  stop_waiting(index);
  Call& call = calls_.at(index);
  call.not_before_ns = std::max(
      call.not_before_ns, now_ns_);  // Nothing of it falls due before the bulk work has matched it.
  const Queue& of_call = queue(call.queue);
  if (of_call.is_removed) return drain(index);
  const bool is_live_change =
      calls_.class_at(call.call_class).key.version < of_call.configured_version;
  if (is_live_change) call.treated_ns = std::max(call.treated_ns, now_ns_ - 1);
  refresh_priority(index);
  start_waiting(index);
}

void Router::refresh_priority(CallIndex index) {
  Call& call = calls_.at(index);
  const int32_t priority = queue(call.queue).config.priority;
  if (call.has_priority || call.priority == priority) return;
  call.priority = priority;
  emit(EventKind::kCallPriorityChanged, index).number = priority;
}

void Router::overflow(CallIndex index, QueueIndex target, VisitEntry entry, LimitKind kind) {
  Call& call = calls_.at(index);
  ACD_CHECK(target.valid() && !call.is_waiting);
  Event& event = emit(EventKind::kCallOverflowed, index);
  event.detail = static_cast<uint8_t>(kind);
  event.text = log_.add_text(queue(target).config.id);
  calls_.visit(index, call.queue);
  if (entry == VisitEntry::kOverflow) ++call.overflows;
  change_queue(index, target);
  enter_queue(index, entry, 0, {}, {});
}

void Router::change_queue(CallIndex index, QueueIndex target) {
  Call& call = calls_.at(index);
  --queue(call.queue).live_calls;
  leave_call_class(index);
  call.queue = target;
  call.enqueued_ns = now_ns_;
  if (call.is_on_line()) call.line_ns = now_ns_;
  call.treated_ns = now_ns_ - 1;
  call.limits_at_ns = kNeverNs;
  call.steps = 0;
  call.offers = 0;
  call.actions_taken = 0;
}

void Router::drain(CallIndex index) {
  const Call& call = calls_.at(index);
  if (call.parent.valid()) {  // A consult goes nowhere else.
    const auto kind = static_cast<uint8_t>(LimitKind::kDrained);
    return finish_call(index, {EventKind::kCallRejected, kind, 0, {}});
  }
  overflow(index, queue(call.queue).drain_target, VisitEntry::kDrained, LimitKind::kDrained);
}

// --- Steps and classes.

uint16_t Router::steps_in_force(const Call& call) const {
  const Queue& of_call = queue(call.queue);
  uint32_t mask = of_call.condition_mask;
  const int64_t waited_ns = now_ns_ - call.enqueued_ns;
  for (size_t i = 0; i < of_call.steps.size(); ++i) {
    if (waited_ns >= of_call.steps[i].config.after_ns) mask |= 1u << i;
  }
  return static_cast<uint16_t>(mask);
}

void Router::refresh_steps(CallIndex index) {
  Call& call = calls_.at(index);
  call.steps_seen_ns = now_ns_;
  const uint16_t steps = steps_in_force(call);
  if (steps == call.steps) return;
  call.steps = steps;
  emit(EventKind::kCallStepChanged, index).number = steps;
}

CallClassKey Router::class_key(const Call& call) const {
  return {call.queue,
          queue(call.queue).version,
          call.steps,
          call.requirement,
          calls_.requirement_at(call.requirement).stamp,
          call.source,
          call.medium,
          !call.is_on_line()};
}

CallClassIndex Router::call_class_for(const CallClassKey& key) {
  bool created = false;
  const CallClassIndex index = calls_.class_for(key, reach_.zone_of(key.source), &created);
  Queue& of_call = queue(key.queue);
  // One that no call can wait in again needs no links.
  if (!created || key.version != of_call.version) return index;
  if (of_call.classes.size() == of_call.classes.capacity()) {
    std::erase_if(of_call.classes, [this](const ClassRef& one) {
      return calls_.class_at(one.index).stamp != one.stamp;
    });
  }
  of_call.classes.push_back({index, calls_.class_at(index).stamp});
  compile_class(&calls_.class_at(index));
  connect_call_class(index);
  return index;
}

// What the queue's steps in force make of its requirement, joined with the call's own.
void Router::compile_class(CallClass* fresh) const {
  const Queue& of_class = queue(fresh->key.queue);
  Requirement base = of_class.requirement;
  for (size_t i = 0; i < of_class.steps.size(); ++i) {
    if ((fresh->key.steps & (1u << i)) == 0) continue;
    const Step& step = of_class.steps[i];
    switch (step.config.change) {
      case StepConfig::Change::kReplace:
        base.terms = step.needs.terms;
        if (!step.needs.prefers.empty()) base.prefers = step.needs.prefers;
        break;
      case StepConfig::Change::kAddTerm:
        base.terms.insert(base.terms.end(), step.needs.terms.begin(), step.needs.terms.end());
        break;
      case StepConfig::Change::kDropTerm:
        drop_term(&base, step.config.text);
        break;
      case StepConfig::Change::kLowerLevel:
        lower_level(&base, step.skill, step.config.number);
        break;
      case StepConfig::Change::kOpenTeam:
        fresh->opened_teams.push_back({step.team, step.config.number});
        break;
    }
  }
  fresh->needs = joined(base, calls_.requirement_at(fresh->key.requirement).requirement);
  fresh->asked_skills = asked_skills(fresh->needs);
  const std::vector<SkillIndex>& asked = fresh->asked_skills;
  for (size_t i = 0; i < protect_skills_.size(); ++i) {
    if (std::binary_search(asked.begin(), asked.end(), protect_skills_[i])) {
      fresh->exempt_mask |= 1u << i;
    }
  }
}

void Router::leave_call_class(CallIndex index) {
  Call& call = calls_.at(index);
  if (!call.call_class.valid()) return;
  calls_.leave_class(call.call_class);
  call.call_class = CallClassIndex();
}

// --- What comes next for a waiting call.

void Router::fire_waiting(CallIndex index) {
  // Taken out and put in again under what holds now.
  const bool box_ends = calls_.at(index).is_boxed && calls_.at(index).preferred_until_ns <= now_ns_;
  stop_waiting(index);
  if (box_ends) calls_.at(index).preferred = AgentIndex();
  calls_.drop_exclusions(index, now_ns_ + 1);
  start_waiting(index);
  match_all();
  Call& call = calls_.at(index);
  if (call.stage != CallStage::kEnqueued) return;
  if (meet_limits_in_queue(index, false)) return;
  if (is_switch_here(call)) {
    play_treatments(index);
  } else {
    call.treated_ns = now_ns_;  // Nobody could play them; they are not made up for.
  }
  refresh_deadline(index);
}

void Router::refresh_deadline(CallIndex index) {
  const Call& call = calls_.at(index);
  const Queue& of_call = queue(call.queue);
  int64_t deadline_ns = calls_.next_exclusion_end_ns(call);
  for (const Step& step : of_call.steps) {
    if (step.config.after_ns == kNeverNs) continue;
    const int64_t due_ns = call.enqueued_ns + step.config.after_ns;
    if (due_ns > call.steps_seen_ns) deadline_ns = std::min(deadline_ns, due_ns);
  }
  if (call.is_boxed) deadline_ns = std::min(deadline_ns, call.preferred_until_ns);
  const QueueLimits& limits = of_call.config.limits;
  if (call.limits_at_ns != kNeverNs) {
    deadline_ns = std::min(deadline_ns, call.limits_at_ns);
  } else if (!call.is_of_nobody() && limits.wait_max_ns != kNeverNs &&
             limits.wait.kind != LimitAction::Kind::kWait &&
             (call.actions_taken & limit_bit(LimitKind::kWait)) == 0) {
    deadline_ns = std::min(deadline_ns, call.line_ns + limits.wait_max_ns);
  }
  deadline_ns = std::min(deadline_ns, next_treatment_ns(call));
  if (deadline_ns != kNeverNs) deadline_ns = std::max(deadline_ns, call.not_before_ns);
  set_call_deadline(index, deadline_ns);
}

int64_t Router::next_treatment_ns(const Call& call) const {
  int64_t next_ns = kNeverNs;
  if (call.is_of_nobody()) return next_ns;
  for (const TreatmentConfig& treatment : queue(call.queue).config.treatments) {
    int64_t due_ns = call.line_ns + treatment.after_ns;
    if (due_ns <= call.treated_ns) {
      if (treatment.repeat_ns == kNeverNs) continue;
      due_ns += ((call.treated_ns - due_ns) / treatment.repeat_ns + 1) * treatment.repeat_ns;
    }
    next_ns = std::min(next_ns, due_ns);
  }
  return next_ns;
}

void Router::play_treatments(CallIndex index) {
  Call& call = calls_.at(index);
  if (call.is_of_nobody()) return;
  const Queue& of_call = queue(call.queue);
  for (const TreatmentConfig& treatment : of_call.config.treatments) {
    const int64_t first_ns = call.line_ns + treatment.after_ns;
    const bool repeats = treatment.repeat_ns != kNeverNs;
    int64_t due_ns = first_ns;
    if (repeats && now_ns_ > first_ns) {
      due_ns += (now_ns_ - first_ns) / treatment.repeat_ns * treatment.repeat_ns;
    }
    if (due_ns <= call.treated_ns || due_ns > now_ns_) continue;
    Event& event = emit(EventKind::kCallTreated, index);
    event.detail = static_cast<uint8_t>(TreatmentKind::kScheduled);
    event.text = log_.add_text(treatment.media);
    const QueuePlace place =
        treatment.tells_position || treatment.tells_ewt ? place_of(index) : QueuePlace();
    event.number = treatment.tells_position ? place.position : 0;
    event.duration_ns = treatment.tells_ewt ? told_ewt_ns(of_call.ewt_ns, place) : kNeverNs;
  }
  call.treated_ns = now_ns_;
}

Router::QueuePlace Router::place_of(CallIndex index) const {
  const Call& call = calls_.at(index);
  const CallOrderRule rule = order_rule(call.queue);
  QueuePlace place;
  const auto add = [&](CallClassIndex of) {
    place.position += static_cast<int32_t>(calls_.waiting_before(of, index, rule));
    place.waiting += static_cast<int32_t>(calls_.waiting_count(of));
  };
  for (const ClassRef& one : queue(call.queue).classes) {
    if (calls_.class_at(one.index).stamp == one.stamp) add(one.index);
  }
  for (const ClassRef& one : stale_classes_) {  // Bulk work has not reached them yet.
    const CallClass& stale = calls_.class_at(one.index);
    if (stale.stamp == one.stamp && stale.key.queue == call.queue) add(one.index);
  }
  return place;
}

// Of an arrival's wait as much as it is nearer to the front than an arrival would be, in seconds
// rounded up.
int64_t Router::told_ewt_ns(int64_t ewt_ns, const QueuePlace& place) {
  if (ewt_ns == kNeverNs) return kNeverNs;
  const Wide parts = Wide{place.waiting} + 1;
  const Wide part_ns = (Wide{ewt_ns} * place.position + parts - 1) / parts;
  return static_cast<int64_t>((part_ns + kNsPerS - 1) / kNsPerS * kNsPerS);
}

// --- Limits.

LimitKind Router::limit_on_entry(const Call& call) const {
  const Queue& entered = queue(call.queue);
  const QueueLimits& limits = entered.config.limits;
  const auto acts = [](const LimitAction& action) {
    return action.kind != LimitAction::Kind::kWait;
  };
  if (acts(limits.closed) && !entered.is_open) return LimitKind::kClosed;
  // While agents are brought to a new configuration nobody knows who serves what.
  if (are_agents_known()) {
    const bool all = entered.config.members_all;
    const auto medium = static_cast<size_t>(call.medium);
    const auto count = [&](const MediaCounts& of_tenant, const MediaCounts& of_queue) {
      return all ? of_tenant[medium] - of_queue[medium] : of_queue[medium];
    };
    const int64_t logged_in = count(logged_in_, entered.logged_in);
    const int64_t ready = count(ready_, entered.ready);
    if (acts(limits.no_agents) && logged_in == 0) return LimitKind::kNoAgents;
    if (acts(limits.none_ready) && ready == 0) return LimitKind::kNoneReady;
  }
  if (acts(limits.length) && limits.length_max > 0 &&
      entered.callers_waiting() >= limits.length_max) {
    return LimitKind::kLength;
  }
  if (acts(limits.ewt) && entered.ewt_ns != kNeverNs && entered.ewt_ns > limits.ewt_max_ns) {
    return LimitKind::kEwt;
  }
  return LimitKind::kNone;
}

bool Router::is_switch_here(const Call& call) const {
  const Source& source = sessions_.at(call.source);
  return source.connected && !source.rematch_pending;
}

bool Router::meet_limits_in_queue(CallIndex index, bool is_back) {
  Call& call = calls_.at(index);
  if (call.is_of_nobody()) return false;  // Limits are there for callers.
  const QueueLimits& limits = queue(call.queue).config.limits;
  const auto acts = [&](const LimitAction& action, LimitKind kind) {
    return action.kind != LimitAction::Kind::kWait && (call.actions_taken & limit_bit(kind)) == 0;
  };
  const bool are_offers_over = (is_back || call.limits_at_ns != kNeverNs) &&
                               call.offers >= limits.offers_max &&
                               acts(limits.offers, LimitKind::kOffers);
  const bool is_wait_over = limits.wait_max_ns != kNeverNs &&
                            call.line_ns + limits.wait_max_ns <= now_ns_ &&
                            acts(limits.wait, LimitKind::kWait);
  call.limits_at_ns = kNeverNs;
  if ((are_offers_over || is_wait_over) && !is_switch_here(call)) {
    call.limits_at_ns = now_ns_ + kLimitRetryNs;  // Else nobody would tell the caller.
    return false;
  }
  if (are_offers_over && meet_limit(index, LimitKind::kOffers)) return true;
  return is_wait_over && meet_limit(index, LimitKind::kWait);
}

bool Router::meet_limit(CallIndex index, LimitKind kind) {
  Call& call = calls_.at(index);
  const QueueLimits& limits = queue(call.queue).config.limits;
  const LimitAction* action = nullptr;
  CallEnd release{EventKind::kCallRejected, static_cast<uint8_t>(kind), 0, {}};
  switch (kind) {
    case LimitKind::kClosed:
      action = &limits.closed;
      break;
    case LimitKind::kNoAgents:
      action = &limits.no_agents;
      break;
    case LimitKind::kNoneReady:
      action = &limits.none_ready;
      break;
    case LimitKind::kLength:
      action = &limits.length;
      break;
    case LimitKind::kEwt:
      action = &limits.ewt;
      break;
    case LimitKind::kWait:
      action = &limits.wait;
      release.kind = EventKind::kCallTimedOut;
      release.detail = static_cast<uint8_t>(EndedBy::kTimeout);
      break;
    case LimitKind::kOffers:
      action = &limits.offers;
      release.kind = EventKind::kCallFailed;
      release.detail = static_cast<uint8_t>(FailReason::kOffers);
      break;
    case LimitKind::kNone:
    case LimitKind::kDrained:
      return false;
  }
  if (action->kind == LimitAction::Kind::kWait) return false;
  call.actions_taken |= limit_bit(kind);
  if (call.parent.valid()) {  // A consult goes nowhere else, and nobody calls it back.
    switch (action->kind) {
      case LimitAction::Kind::kQueue:
      case LimitAction::Kind::kOutside:
        finish_call(index, release);
        return true;
      case LimitAction::Kind::kOfferCallback:
        return false;
      case LimitAction::Kind::kWait:
      case LimitAction::Kind::kAnnounce:
      case LimitAction::Kind::kAgent:
      case LimitAction::Kind::kRelease:
        break;
    }
  }
  switch (action->kind) {
    case LimitAction::Kind::kWait:
      return false;
    case LimitAction::Kind::kAnnounce:
    case LimitAction::Kind::kOfferCallback: {
      const bool announces = action->kind == LimitAction::Kind::kAnnounce;
      Event& event = emit(EventKind::kCallTreated, index);
      event.detail = static_cast<uint8_t>(announces ? TreatmentKind::kAnnouncement
                                                    : TreatmentKind::kCallbackOffer);
      event.text = log_.add_text(action->text);
      event.duration_ns = kNeverNs;
      return false;
    }
    case LimitAction::Kind::kQueue: {
      const QueueIndex target = find_queue(action->text);
      if (!target.valid() || target == call.queue || calls_.has_visited(call, target) ||
          call.overflows >= config_.overflows_max) {
        return false;
      }
      if (call.is_waiting) stop_waiting(index);
      overflow(index, target, VisitEntry::kOverflow, kind);
      return true;
    }
    case LimitAction::Kind::kAgent: {
      const AgentIndex agent = roster_.find(HashedName(action->text));
      if (!agent.valid()) return false;
      const bool waits = call.is_waiting;
      if (waits) stop_waiting(index);
      call.preferred = agent;
      call.preferred_until_ns = now_ns_ + action->wait_ns;
      call.waits_if_busy = true;
      call.is_for_owner = false;
      if (waits) list_waiting(index);
      return false;
    }
    case LimitAction::Kind::kOutside:
      finish_call(index, {EventKind::kCallOverflowed, static_cast<uint8_t>(kind), 0, action->text});
      return true;
    case LimitAction::Kind::kRelease:
      release.cause = action->number;
      finish_call(index, release);
      return true;
  }
  return false;
}

// --- Preferred agent.

bool Router::may_box(CallIndex index) const {
  const Call& call = calls_.at(index);
  if (!call.preferred.valid() || call.preferred_until_ns <= now_ns_) return false;
  const Agent& agent = roster_.at(call.preferred);
  if (!agent.is_reachable()) return false;
  if ((agent.roomy_media() & mask_of(call.medium)) == 0 && !call.waits_if_busy) return false;
  if (!call.is_boxed && agent.preferring_count >= kPreferringCallsMax) return false;
  // While agents are brought to a new configuration; looked at again when the classes stand.
  if (!are_agents_known()) return true;
  return agent.agent_class.valid() && reach_.reaches(call.source, agent.source) &&
         serves(agent.agent_class, call.call_class) && !calls_.is_excluded(call, call.preferred);
}

void Router::close_box(CallIndex index) {
  stop_waiting(index);
  calls_.at(index).preferred = AgentIndex();
  list_waiting(index);
}

void Router::settle_boxes() {
  while (!dirty_boxes_.empty()) {
    const AgentIndex index = dirty_boxes_.back();
    dirty_boxes_.pop_back();
    Agent& agent = roster_.at(index);
    agent.is_box_dirty = false;
    for (CallIndex call(agent.preferring.first()); call.valid();) {
      const CallIndex next = calls_.next_boxed(call);
      if (!may_box(call)) close_box(call);
      call = next;
    }
  }
}

}  // namespace acd
