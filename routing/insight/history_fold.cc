// SPDX-License-Identifier: Apache-2.0
// The fold of calls: visits, offers and how calls end.
#include "routing/insight/history_fold.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "routing/callback.h"
#include "routing/check.h"
#include "routing/insight/slots.h"
#include "routing/limits.h"

namespace acd {
namespace {

int64_t to_ms(int64_t duration_ns) { return duration_ns / kNsPerMs; }

size_t place_of(Medium medium) { return static_cast<size_t>(medium); }

}  // namespace

QueueFigures& QueueFigures::operator+=(const QueueFigures& other) {
  counts += other.counts;
  wait_answered += other.wait_answered;
  wait_abandoned += other.wait_abandoned;
  wait_all += other.wait_all;
  waits_over += other.waits_over;
  wait_total += other.wait_total;
  waiting_at_begin += other.waiting_at_begin;
  callbacks_waiting_at_end += other.callbacks_waiting_at_end;
  ring += other.ring;
  talk += other.talk;
  hold += other.hold;
  wrap_up += other.wrap_up;
  return *this;
}

AgentFigures& AgentFigures::operator+=(const AgentFigures& other) {
  offers += other.offers;
  connected += other.connected;
  handled += other.handled;
  joined += other.joined;
  transferred += other.transferred;
  outcomes += other.outcomes;
  talk_ns += other.talk_ns;
  hold_ns += other.hold_ns;
  wrap_up_ns += other.wrap_up_ns;
  return *this;
}

int64_t HistoryState::unix_ms(int64_t time_ns) const {
  const int64_t unix_ns = time_ns + unix_offset_ns;
  return (unix_ns - (unix_ns < 0 ? kNsPerMs - 1 : 0)) / kNsPerMs;
}

void HistoryFold::apply(const Event& event, std::string_view arena, int64_t unix_offset_ns,
                        HistoryRows* rows) {
  ACD_CHECK(event.sequence == state_.sequence + 1);
  // A wrap-up is told right after the end of its call, or there is none: then the talk counts as of
  // that end, whenever this event is.
  if (const AgentIndex ended = state_.just_ended; ended.valid()) {
    state_.just_ended = AgentIndex();
    const bool has_wrap_up = event.kind == EventKind::kAgentWrapUpStarted && event.agent == ended;
    if (!has_wrap_up) {
      finish_handled_call(ended, known_agent(ended).ended_calls.size() - 1, kAbsentMs, rows);
    }
  }
  state_.sequence = event.sequence;
  move_to(event.time_ns, unix_offset_ns, rows);
  apply_event(event, arena, rows);
}

void HistoryFold::apply_event(const Event& event, std::string_view arena, HistoryRows* rows) {
  switch (event.kind) {
    case EventKind::kCallEnqueued:
      return enqueue_call(event, arena);
    case EventKind::kCallConnected:
      return connect_call(event, rows);
    case EventKind::kCallCompleted:
      return end_call(event, CallOutcome::kCompleted, VisitEnd::kAnswered, rows);
    case EventKind::kCallAbandoned:
      return end_call(event, CallOutcome::kAbandoned, VisitEnd::kAbandoned, rows);
    case EventKind::kCallTimedOut:
      return end_call(event, CallOutcome::kTimedOut, VisitEnd::kTimedOut, rows);
    case EventKind::kCallWithdrawn:
      return end_call(event, event.number != 0 ? CallOutcome::kRerouted : CallOutcome::kWithdrawn,
                      VisitEnd::kWithdrawn, rows);
    case EventKind::kCallFailed:
      return end_call(event, CallOutcome::kFailed, VisitEnd::kFailed, rows);
    case EventKind::kCallRejected:
      return end_call(event, CallOutcome::kRejected, VisitEnd::kRejected, rows);
    case EventKind::kCallCallbackRequested:
      live_call(event.call).row.target = event.text.in(arena);
      return end_call(event, CallOutcome::kCallbackRequested, VisitEnd::kCallbackRequested, rows);
    case EventKind::kCallDialEnded:
      return end_dial(event);
    case EventKind::kCallOverflowed:
      if (event.flag) {
        live_call(event.call).row.target = event.text.in(arena);
        return end_call(event, CallOutcome::kOverflowed, VisitEnd::kOverflowed, rows);
      }
      ++live_call(event.call).row.overflows;
      return end_visit(event, VisitEnd::kOverflowed, static_cast<LimitKind>(event.detail), rows);
    case EventKind::kCallTransferred:
      return transfer_call(event, arena, rows);
    case EventKind::kCallRequeued:
      return requeue_call(event);
    case EventKind::kCallOutsideDialed:
      live_call(event.call).row.target = event.text.in(arena);
      return;
    case EventKind::kCallOutsideAnswered:
      end_visit(event, VisitEnd::kAnswered, LimitKind::kNone, rows);
      live_call(event.call).row.connected_ms = state_.unix_ms(event.time_ns);
      return;
    case EventKind::kCallMerged:
      return merge_call(event, rows);
    case EventKind::kCallPartyJoined:
      return join_call(event);
    case EventKind::kCallPartyLeft:
      return leave_call(event);
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
      return hold_call(event);
    case EventKind::kCallPriorityChanged:
      live_call(event.call).row.priority = event.number;
      return;
    case EventKind::kCallStepChanged:
      live_call(event.call).steps = event.number;
      return;
    case EventKind::kCallScored:
      return score_call(event, arena, rows);
    case EventKind::kCallDecided:
      return note_decision(event, arena);
    case EventKind::kOfferCreated:
      return create_offer(event);
    case EventKind::kOfferRinging:
      for (HistoryState::OpenOffer& offer : live_call(event.call).open_offers) {
        if (offer.generation == event.generation) offer.has_rung = true;
      }
      return;
    case EventKind::kOfferAccepted:
      return accept_offer(event, rows);
    case EventKind::kOfferEnded:
      return end_offer(event, static_cast<OfferOutcome>(event.detail), rows);
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLoggedOut:
    case EventKind::kAgentStateChanged:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      return change_agent(event, arena, rows);
    case EventKind::kQueueConfigChanged:
      return bind_queue(event, arena);
    case EventKind::kQueueRemoved:
      return remove_queue(event);
    case EventKind::kSwitchConnected:
      slot_of(state_.sources, event.source, kSessionsMax) = event.text.in(arena);
      return;
    case EventKind::kCallScheduled:
    case EventKind::kCallDialed:
    case EventKind::kCallDue:
    case EventKind::kCallTreated:
    case EventKind::kCallRetrieved:
    case EventKind::kCallSupervised:
    case EventKind::kCallRerouted:
    case EventKind::kSwitchResynced:
    case EventKind::kCallLegReplaced:
    case EventKind::kOfferStale:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kSwitchDisconnected:
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kAgentAttached:
    case EventKind::kAgentDetached:
      return;
  }
}

// Empty where no switch was told under that number.
std::string_view HistoryFold::source_id(SourceIndex source) const {
  if (source.value() >= state_.sources.size()) return {};
  return state_.sources[source.value()];
}

// --- Visits.

void HistoryFold::enqueue_call(const Event& event, std::string_view arena) {
  Call& call = slot_of(state_.calls, event.call, kCallsMax);
  const auto entry = static_cast<VisitEntry>(event.detail);
  Queue& queue = changed_queue(event.queue);
  const int64_t entered_ns = event.time_ns - event.duration_ns;
  const bool is_consult = entry == VisitEntry::kConsult;
  if (entry == VisitEntry::kArrival || is_consult || entry == VisitEntry::kCallback ||
      entry == VisitEntry::kScheduled) {
    ACD_CHECK(!call.is_live);
    call = Call{};
    call.is_live = true;
    call.arrived_ns = entered_ns;
    call.row.number = event.sequence;
    call.row.call = event.text.in(arena);
    call.row.requirement = event.text2.in(arena);
    call.row.medium = event.medium;
    call.is_on_line = entry != VisitEntry::kCallback;
    if (!call.is_on_line) {
      const AskedCallback asked = decode_asked(event.text3.in(arena));
      call.row.origin = asked.origin;
      call.row.customer_number = asked.number;
    }
    call.row.first_queue = queue.id;
    call.row.arrived_ms = state_.unix_ms(entered_ns);
    call.row.source = source_id(event.source);
    if (sink_ != nullptr) sink_->call_began(is_consult);
    if (is_consult) call.row.parent = event.text3.in(arena);
    QueueCounts& counts = queue.interval.media.of(event.medium).counts;
    ++(is_consult ? counts.consults : counts.offered);
  } else if (entry == VisitEntry::kTransfer) {
    ++queue.interval.media.of(event.medium).counts.transferred_in;
  } else {
    ++queue.interval.media.of(event.medium).counts.overflowed_in;
  }
  ACD_CHECK(call.is_live && !call.is_waiting);
  call.is_waiting = true;
  call.is_in_service_level = false;
  call.queue = event.queue;
  call.entry = entry;
  call.entered_ns = entered_ns;
  call.entered_ms = state_.unix_ms(entered_ns);
  call.visit_offers = 0;
  call.steps = 0;
  const auto waiting = std::accumulate(queue.waiting.begin(), queue.waiting.end(), int64_t{0});
  call.position = static_cast<int32_t>(waiting + 1);
  if (!is_consult) ++queue.waiting[place_of(call.row.medium)];
  if (!call.is_on_line) ++queue.callbacks_waiting[place_of(call.row.medium)];
  call.row.priority = event.number;
  ++call.row.visits;
  if (sink_ == nullptr) return;
  call.group =
      sink_->visit_began({event.call, event.queue, entry, event.number, call.row.requirement,
                          call.is_on_line, entered_ns, queue.thresholds});
}

void HistoryFold::set_in_service_level(Call& call, bool is_in) {
  if (call.is_in_service_level == is_in) return;
  call.is_in_service_level = is_in;
  const int64_t change = is_in ? 1 : -1;
  figures(call.queue, call.row.medium).counts.sl_entered += change;
  if (sink_ != nullptr) sink_->service_level_entered(call.queue, call.group, change);
}

void HistoryFold::end_visit(const Event& event, VisitEnd end, LimitKind limit, HistoryRows* rows) {
  Call& call = live_call(event.call);
  ACD_CHECK(call.is_waiting);
  call.is_waiting = false;
  Queue& queue = changed_queue(call.queue);
  QueueFigures& interval = queue.interval.media.of(call.row.medium);
  if (limit != LimitKind::kNone) call.row.limit = limit;
  const int64_t wait_ns = event.time_ns - call.entered_ns;
  call.waited_ns += wait_ns;
  const bool is_silent = !call.is_on_line;
  bool is_in = false;
  bool is_short = false;
  QueueCounts& counts = interval.counts;
  if (call.entry == VisitEntry::kConsult) {
    ++(end == VisitEnd::kAnswered ? counts.consults_answered : counts.consults_failed);
  } else if (is_silent) {
    --queue.waiting[place_of(call.row.medium)];
    --queue.callbacks_waiting[place_of(call.row.medium)];
    count_silent_visit_end(end, counts);
    set_in_service_level(call, false);
    call.is_on_line = end == VisitEnd::kAnswered;
  } else {
    --queue.waiting[place_of(call.row.medium)];
    is_in = count_visit_end(end, wait_ns, queue.thresholds, counts);
    set_in_service_level(call, is_in);
    is_short = end == VisitEnd::kAbandoned && wait_ns < queue.thresholds.short_abandon_ns;
    if (end == VisitEnd::kAnswered) interval.wait_answered.add(wait_ns);
    if (end == VisitEnd::kAbandoned && !is_short) interval.wait_abandoned.add(wait_ns);
  }
  if (!is_silent) call.waited_on_line_ns += wait_ns;
  const bool goes_on = end == VisitEnd::kOverflowed || end == VisitEnd::kTransferred;
  const bool is_over = !goes_on || event.flag;  // Outside.
  if (!is_silent && call.entry != VisitEntry::kConsult) {
    interval.wait_all.add(wait_ns);
    if (is_over) {
      ++interval.waits_over;
      interval.wait_total.add(call.waited_on_line_ns);
    }
  }
  if (sink_ != nullptr) tell_visit_end(event, call, end, !is_silent, is_over);
  if (rows == nullptr) return;
  VisitRow& row = rows->visits.emplace_back();
  row.number = call.row.number;
  row.visit = call.row.visits;
  row.call = call.row.call;
  row.queue = queue.id;
  row.medium = call.row.medium;
  row.entry = call.entry;
  row.entered_ms = call.entered_ms;
  row.ended_ms = state_.unix_ms(event.time_ns);
  row.wait_ms = to_ms(wait_ns);
  row.end = end;
  row.is_short = is_short;
  row.limit = limit;
  row.priority = call.row.priority;
  row.steps = call.steps;
  row.position = call.position;
  row.offers = call.visit_offers;
  row.is_in_target = !is_silent && wait_ns <= queue.thresholds.service_level_target_ns;
  row.is_in_service_level = is_in;
  if (end == VisitEnd::kAnswered && event.agent.valid()) row.agent = known_agent(event.agent).id;
}

void HistoryFold::tell_visit_end(const Event& event, const Call& call, VisitEnd end,
                                 bool was_on_line, bool is_over) {
  VisitEnded ended;
  ended.call = event.call;
  ended.queue = call.queue;
  ended.group = call.group;
  ended.end = end;
  if (end == VisitEnd::kAnswered) ended.agent = event.agent;
  ended.is_consult = call.entry == VisitEntry::kConsult;
  ended.is_on_line = was_on_line;
  ended.is_over = is_over;
  ended.is_rerouted = event.kind == EventKind::kCallWithdrawn && event.number != 0;
  ended.entered_ns = call.entered_ns;
  ended.waits_ns = call.waited_on_line_ns;
  ended.thresholds = state_.queues[call.queue.value()].thresholds;
  sink_->visit_ended(ended);
}

// --- The end of a call.

void HistoryFold::connect_call(const Event& event, HistoryRows* rows) {
  end_visit(event, VisitEnd::kAnswered, LimitKind::kNone, rows);
  Call& call = live_call(event.call);
  call.is_connected = true;
  call.is_transferred = false;
  call.agent = event.agent;
  add_party(call, event);
  call.row.connected_ms = state_.unix_ms(event.time_ns);
  call.row.wait_ms = to_ms(call.waited_ns);
  call.row.agent = known_agent(event.agent).id;
  if (call.entry != VisitEntry::kConsult) ++figures(event.agent, call.row.medium).connected;
  ++state_.queues[call.queue.value()].connected[place_of(call.row.medium)];
}

void HistoryFold::end_call(const Event& event, CallOutcome outcome, VisitEnd end,
                           HistoryRows* rows) {
  Call& call = live_call(event.call);
  CallRow& row = call.row;
  row.outcome = outcome;
  row.cause = event.cause;
  switch (outcome) {
    case CallOutcome::kCompleted:
    case CallOutcome::kAbandoned:
    case CallOutcome::kTimedOut:
    case CallOutcome::kWithdrawn:
    case CallOutcome::kRerouted:
      row.ended_by = static_cast<EndedBy>(event.detail);
      break;
    case CallOutcome::kFailed:
      row.is_switch_lost = event.detail == static_cast<uint8_t>(FailReason::kSwitchLost);
      if (event.detail == static_cast<uint8_t>(FailReason::kOffers)) row.limit = LimitKind::kOffers;
      break;
    case CallOutcome::kCallbackRequested:
      break;
    case CallOutcome::kRejected:
    case CallOutcome::kOverflowed:
      row.limit = static_cast<LimitKind>(event.detail);
      break;
    case CallOutcome::kTransferred:
    case CallOutcome::kMerged:
      break;
  }
  row.ended_ms = state_.unix_ms(event.time_ns);
  if (row.parent.empty()) {
    count_outcome(row.told, row.medium, 1, call.queue,
                  call.is_connected ? call.agent : AgentIndex(), &call);
  }
  if (sink_ != nullptr) sink_->call_ended(outcome, !row.parent.empty());
  if (call.is_connected) {
    finish_connected_call(call, event);
    return;
  }
  LimitKind limit = LimitKind::kNone;
  if (outcome == CallOutcome::kRejected || outcome == CallOutcome::kOverflowed) limit = row.limit;
  if (call.is_waiting) end_visit(event, end, limit, rows);  // Not of who answered outside.
  row.wait_ms = to_ms(call.waited_ns);
  row.queue = state_.queues[call.queue.value()].id;
  if (rows != nullptr) rows->calls.push_back(row);
  call.is_live = false;
}

void HistoryFold::requeue_call(const Event& event) {
  Call& call = live_call(event.call);
  call.agent = AgentIndex();
  call.ring_ns = -1;
  call.row.ring_ms = kAbsentMs;
  call.row.offer = 0;
  call.row.is_adopted = false;
  ++call.row.requeues;
  ++figures(call.queue, call.row.medium).counts.requeued;
  if (sink_ != nullptr) sink_->requeued(call.queue, call.group, event.agent);
}

void HistoryFold::end_dial(const Event& event) {
  Call& call = live_call(event.call);
  const auto outcome = static_cast<DialOutcome>(event.detail);
  call.row.attempts = event.number;
  if (outcome == DialOutcome::kAnswered) {
    // The wait on the line begins; the visit goes on.
    call.is_on_line = true;
    call.entered_ns = event.time_ns;
    --changed_queue(call.queue).callbacks_waiting[place_of(call.row.medium)];
    if (sink_ != nullptr) {
      sink_->customer_answered(event.call, state_.queues[call.queue.value()].thresholds);
    }
    return;
  }
  if (outcome != DialOutcome::kNone) {
    ++figures(call.queue, call.row.medium).counts.dials_failed;
    if (sink_ != nullptr) sink_->dial_failed(call.queue, call.group);
  }
  if (!call.agent.valid()) return;
  call.agent = AgentIndex();
  call.ring_ns = -1;
  call.row.ring_ms = kAbsentMs;
  call.row.offer = 0;
  call.row.is_adopted = false;
}

// --- Outcomes.

// Of a live call it counts when the call ends; in its wrap-up the row still waits with the agent.
void HistoryFold::score_call(const Event& event, std::string_view arena, HistoryRows* rows) {
  const std::optional<ScoredCall> scored = decode_scored(event.text2.in(arena));
  ACD_CHECK(scored);
  const int64_t number = event.duration_ns;
  CallRow* row = nullptr;
  if (event.call.valid()) {
    row = &live_call(event.call).row;
  } else {
    if (!event.flag) {
      count_outcome(scored->before, event.medium, -1, event.queue, event.agent, nullptr);
      count_outcome(scored->after, event.medium, 1, event.queue, event.agent, nullptr);
    }
    if (event.agent.valid()) {
      Agent& agent = known_agent(event.agent);
      for (HistoryState::EndedCall& ended : agent.ended_calls) {
        if (ended.row.number == number) row = &ended.row;
      }
    }
  }
  const bool says_labels = (event.detail & kSaysLabels) != 0;
  const bool says_reference = (event.detail & kSaysReference) != 0;
  const std::string reference(event.text3.in(arena));
  if (row != nullptr) {
    row->told = scored->after;
    if (says_labels) row->labels = scored->labels;
    if (says_reference) row->reference = reference;
  } else if (rows != nullptr) {
    rows->outcomes.push_back(
        {number, scored->after, says_labels, scored->labels, says_reference, reference});
  }
}

void HistoryFold::count_outcome(const ToldOutcome& outcome, Medium medium, int64_t times,
                                QueueIndex queue, AgentIndex agent, const Call* call) {
  if (outcome == ToldOutcome()) return;
  if (sink_ != nullptr) {
    sink_->outcome_told(outcome, times, queue, call != nullptr, call != nullptr ? call->group : 0,
                        agent);
  }
  figures(queue, medium).counts.outcomes.count(outcome, times);
  if (agent.valid()) figures(agent, medium).outcomes.count(outcome, times);
}

// --- Decisions and offers.

void HistoryFold::note_decision(const Event& event, std::string_view arena) {
  CallRow& row = live_call(event.call).row;
  row.decision = DecisionSummary{};
  row.runner_up.clear();
  const std::optional<Decision> decision = decode_decision(event.text.in(arena));
  if (!decision || decision->candidate_count == 0) return;
  DecisionSummary& summary = row.decision;
  summary.is_made = true;
  summary.config_version = decision->config_version;
  summary.call_order = decision->call_order;
  summary.strategy = decision->strategy;
  summary.tie_break = decision->tie_break;
  summary.was_preferred = decision->was_preferred;
  summary.steps = decision->steps;
  summary.rank = decision->candidates[0].rank;
  summary.preference = decision->candidates[0].preference;
  summary.candidates = decision->candidate_count;
  if (decision->candidate_count < 2) return;
  summary.runner_up = decision->candidates[1].agent;
  row.runner_up = known_agent(summary.runner_up).id;
}

void HistoryFold::create_offer(const Event& event) {
  Call& call = live_call(event.call);
  call.open_offers.push_back({event.agent, event.generation, event.time_ns, false});
  ++call.row.offers;
  ++call.visit_offers;
  ++figures(call.queue, call.row.medium).counts.offers.created;
  ++figures(event.agent, call.row.medium).offers.created;
  if (sink_ != nullptr) sink_->offer_created(call.queue, call.group, event.agent);
}

void HistoryFold::accept_offer(const Event& event, HistoryRows* rows) {
  Call& call = live_call(event.call);
  call.agent = event.agent;
  call.row.offer = event.generation;
  call.row.is_adopted = event.detail != 0;
  QueueFigures& of_queue = figures(call.queue, call.row.medium);
  if (call.row.is_adopted) {  // The offer is over and stays counted as it ended.
    ++of_queue.counts.offers.adopted;
    ++figures(event.agent, call.row.medium).offers.adopted;
    if (sink_ != nullptr) sink_->offer_adopted(call.queue, call.group, event.agent);
    return;
  }
  for (const HistoryState::OpenOffer& offer : call.open_offers) {
    if (offer.generation == event.generation) call.ring_ns = event.time_ns - offer.made_ns;
  }
  call.row.ring_ms = to_ms(call.ring_ns);
  of_queue.ring.add(call.ring_ns);
  end_offer(event, OfferOutcome::kAccepted, rows);
}

void HistoryFold::end_offer(const Event& event, OfferOutcome outcome, HistoryRows* rows) {
  Call& call = slot_of(state_.calls, event.call, kCallsMax);
  OfferCounts& of_queue = figures(call.queue, call.row.medium).counts.offers;
  OfferCounts& of_agent = figures(event.agent, call.row.medium).offers;
  const bool is_accepted = outcome == OfferOutcome::kAccepted;
  ++(is_accepted ? of_queue.accepted : outcome_count(of_queue, outcome));
  ++(is_accepted ? of_agent.accepted : outcome_count(of_agent, outcome));
  if (sink_ != nullptr) {
    sink_->offer_ended(
        {call.queue, call.group, event.agent, outcome, is_accepted ? call.ring_ns : -1});
  }
  if (!call.is_live) return;
  const auto open = std::find_if(
      call.open_offers.begin(), call.open_offers.end(),
      [&](const HistoryState::OpenOffer& one) { return one.generation == event.generation; });
  ACD_CHECK(open != call.open_offers.end());
  if (rows != nullptr) {
    OfferRow& row = rows->offers.emplace_back();
    row.number = call.row.number;
    row.generation = event.generation;
    row.visit = call.row.visits;
    row.call = call.row.call;
    row.queue = state_.queues[call.queue.value()].id;
    row.agent = known_agent(event.agent).id;
    row.made_ms = state_.unix_ms(open->made_ns);
    row.ended_ms = state_.unix_ms(event.time_ns);
    row.ring_ms = to_ms(event.time_ns - open->made_ns);
    row.has_rung = open->has_rung;
    row.outcome = outcome;
    row.cause = event.cause;
  }
  call.open_offers.erase(open);
}

// --- Tables.

HistoryFold::Call& HistoryFold::live_call(CallIndex index) {
  ACD_CHECK(index.value() < state_.calls.size() && state_.calls[index.value()].is_live);
  return state_.calls[index.value()];
}

HistoryFold::Agent& HistoryFold::known_agent(AgentIndex index) {
  ACD_CHECK(index.value() < state_.agents.size() && !state_.agents[index.value()].id.empty());
  return state_.agents[index.value()];
}

HistoryFold::Queue& HistoryFold::changed_queue(QueueIndex index) {
  ACD_CHECK(index.value() < state_.queues.size());
  if (is_queue_changed_.size() < state_.queues.size()) {
    is_queue_changed_.resize(state_.queues.size());
  }
  if (!is_queue_changed_[index.value()]) {
    is_queue_changed_[index.value()] = true;
    changed_queues_.push_back(index);
  }
  Queue& queue = state_.queues[index.value()];
  settle(queue);
  queue.staffed_seen_ns = staffed_ns(queue);
  return queue;
}

HistoryFold::Agent& HistoryFold::changed_agent(AgentIndex index) {
  Agent& agent = known_agent(index);
  if (is_agent_changed_.size() < state_.agents.size()) {
    is_agent_changed_.resize(state_.agents.size());
  }
  if (!is_agent_changed_[index.value()]) {
    is_agent_changed_[index.value()] = true;
    changed_agents_.push_back(index);
  }
  return agent;
}

}  // namespace acd
