// SPDX-License-Identifier: Apache-2.0
// The life of an offer: one agent, or several at once where the strategy is ring_all.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

AgentIndex Router::offered_agent(CallIndex index, uint32_t generation) const {
  if (!index.valid()) return {};
  for (AgentIndex a = calls_.at(index).first_offered; a.valid(); a = next_offered(a, index)) {
    if (roster_.at(a).item_of(index).generation == generation) return a;
  }
  return {};
}

void Router::note_stale(const Command& command, std::string_view arena, CallIndex index,
                        bool drop_leg) {
  Event& event = emit(EventKind::kOfferStale);
  event.call = index;
  if (!sessions_.is_desktop(command.source)) event.source = command.source;  // A switch's phone.
  event.generation = command.generation;
  event.flag = drop_leg;
  event.text = log_.add_text(command.call.in(arena));
}

// --- Opening.

void Router::open_round(CallIndex index, AgentIndex first, bool by_other) {
  Queue& of_call = queue(calls_.at(index).queue);
  const bool is_boxed = calls_.at(index).is_boxed;
  if (of_call.is_dialed_first(!calls_.at(index).is_on_line())) return dial_customer(index);
  record_decision(index, first, by_other);
  stop_waiting(index);
  set_stage(index, CallStage::kAlerting);
  calls_.at(index).round_failed = false;
  calls_.at(index).not_before_ns = INT64_MIN;
  set_call_deadline(index, now_ns_ + of_call.config.offer_timeout_ns);
  if (!open_offer(index, first)) return;
  if (of_call.config.strategy == Strategy::kRingAll && !is_boxed) {
    for (int32_t i = 1; i < of_call.config.ring_max; ++i) {
      const AgentIndex next = best_agent(index);
      if (!next.valid() || !open_offer(index, next)) break;
    }
  }
}

bool Router::open_offer(CallIndex call_index, AgentIndex agent_index) {
  Call& call = calls_.at(call_index);
  Queue& of_call = queue(call.queue);
  Agent& agent = roster_.at(agent_index);
  ACD_CHECK(call.stage == CallStage::kAlerting && agent.is_listed);
  of_call.rang_last = agent_index;
  if (of_call.config.strategy == Strategy::kFewestCalls) {
    fewest_calls_floor_ = agent.connected_calls;
  } else if (of_call.config.strategy == Strategy::kLeastOccupied) {
    least_occupied_floor_ppm_ = agent.occupancy_ppm;
  } else if (of_call.config.strategy == Strategy::kPercentAllocation) {
    const Membership* member = membership_of(roster_.class_at(agent.agent_class).key, call.queue);
    if (member != nullptr && member->percent > 0) {
      of_call.shares.note_rung(agent_index);
    }
  }
  // At the end of the list, so that events name agents in the order they were rung.
  AgentIndex* link = &call.first_offered;
  while (link->valid()) link = &roster_.at(*link).item_of(call_index).next_offered;
  *link = agent_index;
  Event& event = emit(EventKind::kOfferCreated, call_index);
  event.agent = agent_index;
  event.generation = ++call.generation;
  event.duration_ns = of_call.config.offer_timeout_ns;
  event.number = static_cast<int32_t>(agent.items_begun + 1);  // Of the item below.
  // It holds for what the switch is told of this offer, whatever becomes of the rule.
  agent.dial_prefix = DialPrefix(reach_.dial_prefix(call.source, agent.source));
  add_item(agent_index, Work::kReserved, call.medium, call_index, call.generation);
  if (!accepts_at_once(agent.answer_mode)) return true;
  accept_offer(call_index, agent_index, true, false);
  return false;
}

AgentIndex Router::next_offered(AgentIndex agent, CallIndex call) const {
  return roster_.at(agent).item_of(call).next_offered;
}

// --- Closing.

void Router::accept_offer(CallIndex index, AgentIndex agent, bool tell_switch, bool late) {
  unlink_offer(index, agent);
  Call& call = calls_.at(index);
  Queue& of_call = queue(call.queue);
  set_stage(index, CallStage::kConnecting);
  call.agent = agent;
  roster_.at(agent).no_answers = 0;
  const bool is_on_line = call.is_on_line();
  set_call_deadline(
      index, now_ns_ + (is_on_line ? of_call.config.connect_timeout_ns : dial_limit_ns(call)));
  Event& event = emit(EventKind::kOfferAccepted, index);
  event.flag = tell_switch && is_on_line;
  event.detail = late ? 1 : 0;
  set_work(agent, &roster_.at(agent).item_of(index), Work::kConnecting);
  if (tell_switch && !is_on_line) emit_dialed(index);
  if (of_call.config.strategy == Strategy::kPercentAllocation) {  // Nobody who works is listed.
    for (const Membership& one : roster_.at(agent).memberships) {
      if (one.queue != calls_.at(index).queue || one.percent == 0) continue;
      of_call.shares.add(agent, kAllocationUnit / one.percent, now_ns_, config_.decay_half_life_ns);
    }
  }
  rescind_offers(index);  // The others were slower.
}

void Router::rescind_offers(CallIndex index) {
  while (calls_.at(index).first_offered.valid()) {
    end_offer(index, calls_.at(index).first_offered, OfferOutcome::kRescinded, true, 0);
  }
}

// An answer after the offer ended: if the call still waits and the agent has nothing else, theirs.
bool Router::adopt_late_answer(const Command& command, CallIndex index, bool tell_switch) {
  if (!index.valid() || calls_.at(index).stage != CallStage::kEnqueued) return false;
  const Call& call = calls_.at(index);
  if (!queue(call.queue).config.adopts_late_answer) return false;
  // Its customer may not be called now.
  if (hold_back_of(calls_.class_at(call.call_class)) != HoldBack::kNone) return false;
  AgentIndex late;
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
       i = calls_.exclusion_at(i).next) {
    const Exclusion& one = calls_.exclusion_at(i);
    if (one.generation == command.generation && one.until_ns != kNeverNs) {
      late = one.agent;
    }
  }
  if (!late.valid()) return false;
  Agent& agent = roster_.at(late);
  if (agent.presence == Presence::kLoggedOut || !reach_.reaches(call.source, agent.source) ||
      (agent.spare_media() & mask_of(call.medium)) == 0) {
    return false;
  }
  agent.dial_prefix = DialPrefix(reach_.dial_prefix(call.source, agent.source));
  stop_waiting(index);
  calls_.exclude(index, late, 0, INT64_MIN);  // Taken back with the failure that it was for.
  calls_.drop_exclusions(index, INT64_MIN + 1);
  set_stage(index, CallStage::kAlerting);
  calls_.at(index).first_offered = late;
  // Not a moment of it shows before it is accepted.
  WorkItem& item = agent.items.emplace_back();
  item.medium = calls_.at(index).medium;
  item.number = ++agent.items_begun;
  item.call = index;
  item.generation = command.generation;
  accept_offer(index, late, tell_switch, true);
  if (agent.presence == Presence::kNotReady && agent.reason == kReasonRona) {
    agent.presence = Presence::kReady;  // Slow, but there; what shows is the work.
    agent.reason = kReasonNone;
    count_ready(agent, 1);
  }
  return true;
}

Reject Router::claim_offer(const Command& command, std::string_view arena, CallIndex index,
                           AgentIndex agent) {
  const bool accepts = command.kind == CommandKind::kAcceptOffer;
  if (accepts && is_served(index, command.generation)) {
    const WorkItem* const item = roster_.at(agent).find_item(index);
    if (item != nullptr && item->generation == command.generation)
      return Reject::kNone;  // A repeat.
  }
  if (offered_agent(index, command.generation) != agent) {
    note_stale(command, arena, index, false);
    return Reject::kOfferStale;
  }
  if (!accepts) {
    fail_offer(index, agent, OfferOutcome::kRejected, true, 0);
    return Reject::kNone;
  }
  // Who has to answer the phone accepts by doing so.
  if (roster_.at(agent).answer_mode != AnswerMode::kDesktop) return Reject::kAgentState;
  accept_offer(index, agent, true, false);
  return Reject::kNone;
}

void Router::unlink_offer(CallIndex index, AgentIndex agent) {
  AgentIndex* link = &calls_.at(index).first_offered;
  while (*link != agent) {
    ACD_CHECK(link->valid());
    link = &roster_.at(*link).item_of(index).next_offered;
  }
  AgentIndex& next = roster_.at(agent).item_of(index).next_offered;
  *link = next;
  next = AgentIndex();
}

void Router::end_offer(CallIndex index, AgentIndex agent, OfferOutcome outcome, bool tell_switch,
                       int32_t cause) {
  Event& event = emit_offer(EventKind::kOfferEnded, index, agent);
  event.detail = static_cast<uint8_t>(outcome);
  event.flag = tell_switch && is_rung(agent);
  event.cause = cause;
  const bool is_blamed = outcome != OfferOutcome::kRescinded && outcome != OfferOutcome::kCanceled;
  if (is_blamed) {
    leave_out(index, agent, outcome);
    calls_.at(index).round_failed = true;
  }
  unlink_offer(index, agent);
  penalise(agent, index, outcome);
}

bool Router::leave_out(CallIndex index, AgentIndex agent, OfferOutcome outcome) {
  const Call& call = calls_.at(index);
  const bool is_beyond = is_dead_end(outcome) && roster_.at(agent).source != call.source;
  int64_t for_ns = queue(call.queue).config.reoffer_after_ns;
  // Nothing else keeps the two from trying each other for ever.
  if (is_beyond) for_ns = std::max(for_ns, kReachRetryNs);
  const uint32_t generation = roster_.at(agent).item_of(index).generation;
  calls_.exclude(index, agent, generation, now_ns_ + for_ns, is_beyond);
  return is_beyond;
}

void Router::fail_offer(CallIndex index, AgentIndex agent, OfferOutcome outcome, bool tell_switch,
                        int32_t cause) {
  end_offer(index, agent, outcome, tell_switch, cause);
  if (calls_.at(index).first_offered.valid()) return;  // Others still ring.
  return_to_queue(index);
}

// The offer timed out.
void Router::fail_round(CallIndex index) {
  const Source& source = sessions_.at(calls_.at(index).source);
  while (calls_.at(index).first_offered.valid()) {
    const AgentIndex agent = calls_.at(index).first_offered;
    OfferOutcome outcome = OfferOutcome::kUnreachable;
    if (!source.is_here()) {
      // A switch that is away, or does not know yet what it has, cannot tell whether the phone rang: nobody is to blame.
      outcome = OfferOutcome::kRescinded;
    } else if (roster_.at(agent).item_of(index).ringing_seen || !source.reports_ringing ||
               !is_rung(agent)) {
      outcome = OfferOutcome::kNoAnswer;
    }
    end_offer(index, agent, outcome, true, 0);
  }
  return_to_queue(index);
}

// What the end of an offer means for the agent; ends the work item.
void Router::penalise(AgentIndex index, CallIndex call, OfferOutcome outcome) {
  Agent& agent = roster_.at(index);
  WorkItem* const item = &agent.item_of(call);
  item->call = CallIndex();
  const auto become_not_ready = [&](int32_t reason) {
    if (agent.presence != Presence::kReady) return;
    count_ready(agent, -1);
    agent.presence = Presence::kNotReady;
    agent.reason = reason;
  };
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      if (++agent.no_answers >= config_.no_answers_max) become_not_ready(kReasonRona);
      finish_item(index, item, true);
      return;
    case OfferOutcome::kRejected:
      if (++agent.rejects >= config_.rejects_max) become_not_ready(kReasonRejects);
      finish_item(index, item, true);
      return;
    case OfferOutcome::kBusy:
      if (agent.log_out_pending) {
        finish_item(index, item, false);  // Whatever else the phone does, they are gone.
        return;
      }
      set_work(index, item, Work::kBusyOther);
      set_item_deadline(index, item, now_ns_ + config_.busy_limit_ns);
      return;
    case OfferOutcome::kUnreachable:
    case OfferOutcome::kUnknownAddress:
      // Of a phone at another switch than the call only that one can tell.
      if (agent.source == calls_.at(call).source) become_not_ready(kReasonPhone);
      finish_item(index, item, false);
      return;
    case OfferOutcome::kCanceled:
    case OfferOutcome::kRescinded:
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:
      finish_item(index, item, false);
      return;
  }
}

// The agent answered, but caller and agent could not be joined: the call goes back to its place.
void Router::requeue(CallIndex index, bool tell_switch, OfferOutcome outcome) {
  Call& call = calls_.at(index);
  const AgentIndex agent = call.agent;
  Event& event = emit(EventKind::kCallRequeued, index);
  event.flag = tell_switch;
  Agent& answered = roster_.at(agent);
  WorkItem* const item = &answered.item_of(index);
  const bool is_rescinded = outcome == OfferOutcome::kRescinded;  // Nobody is to blame.
  const bool is_beyond = !is_rescinded && leave_out(index, agent, outcome);
  if (is_beyond) event.detail = static_cast<uint8_t>(outcome);
  call.round_failed = call.round_failed || !is_rescinded;
  call.on_hold = false;
  item->call = CallIndex();
  call.agent = AgentIndex();
  const bool is_blamed = !is_beyond && !is_rescinded;
  if (is_blamed) ++answered.rejects;
  const bool is_enough =
      is_blamed && (answered.rejects >= config_.rejects_max || is_dead_end(outcome));
  if (is_enough && answered.presence == Presence::kReady) {
    count_ready(answered, -1);
    answered.presence = Presence::kNotReady;  // Else caller and phone would try for ever.
    answered.reason = kReasonPhone;
  }
  finish_item(agent, item, false);
  return_to_queue(index);
}

}  // namespace acd
