// SPDX-License-Identifier: Apache-2.0
// Fold of the events about calls: visits, offers and the service level.
#include <algorithm>
#include <optional>
#include <utility>

#include "routing/callback.h"
#include "routing/check.h"
#include "routing/insight/board.h"
#include "routing/insight/slots.h"
#include "routing/limits.h"

namespace acd {
namespace {

VisitThresholds thresholds_of(const QueueView& queue) {
  return {queue.service_level_target_ns, queue.short_abandon_ns};
}

int64_t entry_delay_ns(const QueueView& queue) { return thresholds_of(queue).entry_delay_ns(); }

void set_in_service_level(CallView& call, QueueCounts& counts, bool is_in) {
  if (call.in_service_level == is_in) return;
  call.in_service_level = is_in;
  counts.sl_entered += is_in ? 1 : -1;
}

}  // namespace

void Board::advance(int64_t now_ns) {
  now_ns_ = std::max(now_ns_, now_ns);
  if (now_ns_ <= advanced_ns_) return;
  for (QueueSlot& slot : queues_) {
    QueueView& queue = slot.view;
    if (queue.waiting_calls.empty()) continue;
    const int64_t delay_ns = entry_delay_ns(queue);
    // "None" is the greatest index: behind all calls that entered the queue at that time.
    auto due = queue.waiting_calls.upper_bound({advanced_ns_ - delay_ns, CallIndex()});
    for (; due != queue.waiting_calls.end() && due->first <= now_ns_ - delay_ns; ++due) {
      set_in_service_level(live_call(due->second), queue.counts, true);
    }
  }
  advanced_ns_ = now_ns_;
}

// --- Calls.

// An arrival begins the call; by overflow or transfer it lives already, and only its next visit begins.
void Board::enqueue_call(const Event& event, std::string_view arena) {
  switch (static_cast<VisitEntry>(event.detail)) {
    case VisitEntry::kCallback:
    case VisitEntry::kScheduled:
      unschedule(event.text.in(arena));
      [[fallthrough]];
    case VisitEntry::kArrival:
      begin_call(event, arena);
      begin_visit(event);
      ++queue_at(event.queue).counts.offered;
      return;
    case VisitEntry::kOverflow:
    case VisitEntry::kDrained:
      begin_visit(event);
      ++queue_at(event.queue).counts.overflowed_in;
      return;
    case VisitEntry::kTransfer:
      begin_visit(event);
      ++queue_at(event.queue).counts.transferred_in;
      return;
    case VisitEntry::kConsult: {
      begin_call(event, arena);
      CallView& call = live_call(event.call);
      call.parent = std::exchange(call.leg, {});
      call.consulting = event.agent;
      begin_visit(event);
      ++queue_at(event.queue).counts.consults;
      return;
    }
  }
  check_failed("a visit has an entry", __FILE__, __LINE__);
}

// --- What is for later.

void Board::change_schedule(const Event& event, std::string_view arena) {
  const std::string_view id = event.text.in(arena);
  switch (static_cast<ScheduleChange>(event.detail)) {
    case ScheduleChange::kMade: {
      ScheduledCall made;
      made.queue = event.text2.in(arena);
      made.source = event.source;
      made.number = event.text3.in(arena);
      made.has_priority = event.flag;
      made.priority = event.number;
      made.due_ms = event.duration_ns / kNsPerMs;
      scheduled_by_time_.emplace(made.due_ms, id);
      ACD_CHECK(scheduled_.emplace(id, std::move(made)).second);
      return;
    }
    case ScheduleChange::kMoved: {
      const auto known = scheduled_.find(id);
      ACD_CHECK(known != scheduled_.end());
      scheduled_by_time_.erase({known->second.due_ms, known->first});
      known->second.due_ms = event.duration_ns / kNsPerMs;
      scheduled_by_time_.emplace(known->second.due_ms, known->first);
      return;
    }
    case ScheduleChange::kCanceled:
      ++counts_for_later(event.text2.in(arena)).scheduled_canceled;
      return unschedule(id);
    case ScheduleChange::kDropped:
      ++counts_for_later(event.text2.in(arena)).scheduled_dropped;
      return unschedule(id);
  }
}

// Of the queue that a call for later was to enter; it may have gone since.
QueueCounts& Board::counts_for_later(std::string_view queue) {
  const auto known = queues_by_id_.find(queue);
  return known == queues_by_id_.end() ? elsewhere_ : known->second->view.counts;
}

// When its time has come it is a call, or nothing.
void Board::unschedule(std::string_view id) {
  const auto known = scheduled_.find(id);
  if (known == scheduled_.end()) return;
  scheduled_by_time_.erase({known->second.due_ms, known->first});
  scheduled_.erase(known);
}

void Board::begin_call(const Event& event, std::string_view arena) {
  CallSlot& slot = slot_of(calls_, event.call, kCallsMax);
  ACD_CHECK(!slot.is_live);
  slot.is_live = true;
  CallView& call = slot.view;
  call.id = event.text.in(arena);
  call.medium = event.medium;
  call.state = CallState::kEnqueued;
  call.arrived_ns = event.time_ns - event.duration_ns;
  call.key_ns = order_key_ns(event);
  call.connected_ns = 0;
  call.agent = AgentIndex();
  call.parties.clear();
  call.parent.clear();
  call.consulting = AgentIndex();
  call.requirement = event.text2.in(arena);
  const bool is_callback = event.detail == static_cast<uint8_t>(VisitEntry::kCallback);
  call.is_on_line = !is_callback;
  call.leg = is_callback ? std::string_view() : event.text3.in(arena);
  const AskedCallback asked = is_callback ? decode_asked(event.text3.in(arena)) : AskedCallback();
  call.origin = asked.origin;
  call.number = asked.number;
  call.next_attempt_ns = 0;
  call.attempts = 0;
  call.offers = 0;
  call.visits = 0;
  call.transfers = 0;
  call.is_transferred = false;
  call.outcome = ToldOutcome();
  call.source = event.source;
  calls_by_age_.emplace(call.arrived_ns, event.call);
  ACD_CHECK(calls_by_id_.emplace(call.id, event.call).second);
}

void Board::begin_visit(const Event& event) {
  CallSlot& slot = live_slot(event.call);
  ACD_CHECK(!slot.is_waiting && slot.view.state == CallState::kEnqueued);
  slot.is_waiting = true;
  CallView& call = slot.view;
  call.state = CallState::kEnqueued;
  call.queue = event.queue;
  call.priority = event.number;
  call.entered_ns = event.time_ns - event.duration_ns;
  call.in_service_level = false;
  ++call.visits;
  if (call.is_consult()) return;

  if (call.is_on_line) {
    begin_wait(event.call, call.entered_ns);
  } else {
    ++queue_of(call).counts.callbacks_waiting;
  }
}

// Somebody on the line waits from now on.
void Board::begin_wait(CallIndex index, int64_t entered_ns) {
  CallSlot& slot = live_slot(index);
  slot.waits_since = sequence_;
  CallView& call = slot.view;
  call.entered_ns = entered_ns;
  QueueView& queue = queue_of(call);
  ++queue.counts.waiting;
  queue.waiting_calls.emplace(call.entered_ns, index);
  // advance() never looks again at what lies before advanced_ns_; an old call may be due by then.
  if (call.entered_ns <= advanced_ns_ - entry_delay_ns(queue)) {
    set_in_service_level(call, queue.counts, true);
  }
}

// To a queue: the call lives on, and its next visit begins with the event that follows.
void Board::overflow_call(const Event& event) {
  ACD_CHECK(&queue_at(event.queue) == &queue_of(live_call(event.call)));
  end_visit(event.call, VisitEnd::kOverflowed, event.time_ns);
  release_agents(event.call);
  CallView& call = live_call(event.call);
  call.state = CallState::kEnqueued;
  if (!event.flag) return;
  count_outcome(call.outcome, 1, call.queue, AgentIndex());
  close_call(event.call);
}

// The talk or the visit ends. To a queue: the call lives on, as after an overflow.
void Board::transfer_call(const Event& event) {
  CallView& call = live_call(event.call);
  QueueView& left = queue_of(call);
  ACD_CHECK(&queue_at(event.queue) == &left);
  const bool is_connected = call.state == CallState::kConnected;
  ACD_CHECK(is_connected ? call.agent == event.agent : call.open_offers.empty());
  if (is_connected) {
    ACD_CHECK(call.parties.size() == 1);
    end_talk(call, call.agent, event.time_ns);
    --left.counts.connected;
    count_transfer(call, event.agent);
  } else {
    end_visit(event.call, VisitEnd::kTransferred, event.time_ns);
  }
  ++call.transfers;
  if (event.flag) {
    count_outcome(call.outcome, 1, call.queue, is_connected ? call.agent : AgentIndex());
  }
  release_agents(event.call);
  call.state = CallState::kEnqueued;
  if (event.flag) close_call(event.call);
}

void Board::connect_call(const Event& event, std::string_view arena) {
  CallView& call = live_call(event.call);
  if (!call.is_on_line) call.leg = event.text.in(arena);
  end_visit(event.call, VisitEnd::kAnswered, event.time_ns);
  call.state = CallState::kConnected;
  call.connected_ns = event.time_ns;
  call.is_transferred = false;
  call.agent = event.agent;
  call.parties = {{event.agent, event.time_ns}};
  ++queue_of(call).counts.connected;
  if (!call.is_consult()) ++changed_agent(event.agent).view.answered;
  take_in_hand(event.agent, event.call);
}

// Ends the call; `end` also ends its visit unless that is over since the call was connected.
void Board::end_call(const Event& event, VisitEnd end) {
  CallView& call = live_call(event.call);
  const bool is_connected = call.state == CallState::kConnected;
  if (!call.is_consult()) {
    count_outcome(call.outcome, 1, call.queue, is_connected ? call.agent : AgentIndex());
  }
  if (is_connected) {
    ACD_CHECK(end == VisitEnd::kAnswered || end == VisitEnd::kFailed);
    ACD_CHECK(call.parties.size() == 1);  // The others have left it.
    end_talk(call, call.agent, event.time_ns);
    --queue_of(call).counts.connected;
  } else if (call.state != CallState::kOutside) {
    end_visit(event.call, end, event.time_ns);
  }
  release_agents(event.call);
  close_call(event.call);
}

// Of a live call it is kept until the end: it may be in another queue by then. Of an ended one it
// takes the place of what was counted.
void Board::score_call(const Event& event, std::string_view arena) {
  const std::optional<ScoredCall> scored = decode_scored(event.text2.in(arena));
  ACD_CHECK(scored);
  if (event.call.valid()) {
    live_call(event.call).outcome = scored->after;
    return;
  }
  if (event.flag) return;  // A consult's is no caller's.
  count_outcome(scored->before, -1, event.queue, event.agent);
  count_outcome(scored->after, 1, event.queue, event.agent);
}

// `agent` is whom the call was connected to at its end, if anybody.
void Board::count_outcome(const ToldOutcome& outcome, int64_t times, QueueIndex queue,
                          AgentIndex agent) {
  if (outcome == ToldOutcome()) return;
  QueueView& counted = queue_at(queue);
  counted.counts.outcomes.count(outcome, times);
  count_code(outcome, times, &counted.codes);
  if (!agent.valid()) return;
  AgentView& view = changed_agent(agent).view;
  view.outcomes.count(outcome, times);
  count_code(outcome, times, &view.codes);
}

void Board::close_call(CallIndex index) {
  CallSlot& slot = live_slot(index);
  calls_by_age_.erase({slot.view.arrived_ns, index});
  calls_by_id_.erase(slot.view.id);
  slot.is_live = false;
  decisions_.end(index);
}

// The one place where a visit ends. It is judged by its wait alone, whatever advance() made of it
// so far: a read that ran ahead of the events leaves no trace.
void Board::end_visit(CallIndex index, VisitEnd end, int64_t time_ns) {
  CallSlot& slot = live_slot(index);
  ACD_CHECK(slot.is_waiting);
  slot.is_waiting = false;
  CallView& call = slot.view;
  QueueView& queue = queue_of(call);
  QueueCounts& counts = queue.counts;
  if (call.is_consult()) {
    ++(end == VisitEnd::kAnswered ? counts.consults_answered : counts.consults_failed);
    return;
  }
  if (!call.is_on_line) {
    --counts.callbacks_waiting;
    call.is_on_line = end == VisitEnd::kAnswered;
    count_silent_visit_end(end, counts);
    return;
  }
  end_wait(index);
  const int64_t wait_ns = time_ns - call.entered_ns;
  ACD_CHECK(wait_ns >= 0);
  const bool is_in_service_level = count_visit_end(end, wait_ns, thresholds_of(queue), counts);
  set_in_service_level(call, counts, is_in_service_level);
}

void Board::end_wait(CallIndex index) {
  const CallSlot& slot = calls_[index.value()];
  QueueView& queue = queue_of(slot.view);
  queue.waiting_calls.erase({slot.view.entered_ns, index});
  --queue.counts.waiting;
  if (gone_calls_.size() == kGoneCallsMax) {
    gone_floor_ = gone_calls_.front().sequence;
    gone_calls_.pop_front();
  }
  gone_calls_.push_back({sequence_, slot.waits_since, slot.view.queue, slot.view.id});
}

// One agent's part of a connected call.
void Board::end_talk(CallView& call, AgentIndex index, int64_t time_ns) {
  AgentSlot& agent = known_agent(index);
  const auto party = std::find_if(call.parties.begin(), call.parties.end(),
                                  [index](const CallParty& one) { return one.agent == index; });
  ACD_CHECK(party != call.parties.end() && time_ns >= party->since_ns);
  const int64_t handle_ns = time_ns - party->since_ns;
  call.parties.erase(party);
  QueueView& queue = queue_of(call);
  ++queue.counts.handled;
  queue.counts.handle_sum_ns += handle_ns;
  agent.handled_queue = &queue;
  agent.handled_ns = handle_ns;
}

void Board::requeue_call(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(call.state == CallState::kConnecting);
  clear_hand(call.agent, event.call);
  show_offers(call);
  ++queue_of(call).counts.requeued;
}

// The consult is over for the caller's sake: who was consulted joins the call that it was about.
void Board::merge_call(const Event& event) {
  CallView& call = live_call(event.call);
  if (call.state == CallState::kConnected) {
    end_talk(call, call.agent, event.time_ns);
    --queue_of(call).counts.connected;
  }
  release_agents(event.call);
  close_call(event.call);
}

void Board::join_call(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(call.state == CallState::kConnected);
  call.parties.push_back({event.agent, event.time_ns});
  ++changed_agent(event.agent).view.joined;
  take_in_hand(event.agent, event.call);
}

void Board::leave_call(const Event& event) {
  CallView& call = live_call(event.call);
  end_talk(call, event.agent, event.time_ns);
  if (event.detail != 0) {
    ++call.transfers;
    count_transfer(call, event.agent);
  }
  ACD_CHECK(!call.parties.empty());
  call.agent = call.parties.front().agent;
  clear_hand(event.agent, event.call);
}

// Of its visit the first one; of an agent each, who had the call as often.
void Board::count_transfer(CallView& call, AgentIndex agent) {
  if (!std::exchange(call.is_transferred, true)) ++queue_of(call).counts.transferred_out;
  ++changed_agent(agent).view.transferred;
}

// With an agent who waits for the customer the call stays what it is: connecting.
void Board::dial_customer(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(!call.is_on_line);
  if (!event.agent.valid()) call.state = CallState::kDialing;
}

void Board::end_dial(const Event& event, std::string_view arena) {
  CallView& call = live_call(event.call);
  ACD_CHECK(!call.is_on_line);
  if (call.agent.valid()) clear_hand(call.agent, event.call);
  show_offers(call);
  call.attempts = event.number;
  const auto outcome = static_cast<DialOutcome>(event.detail);
  if (outcome == DialOutcome::kAnswered) {
    --queue_of(call).counts.callbacks_waiting;
    call.is_on_line = true;
    call.leg = event.text.in(arena);
    begin_wait(event.call, event.time_ns);
    return;
  }
  if (outcome != DialOutcome::kNone) ++queue_of(call).counts.dials_failed;
  if (event.duration_ns == 0) return;
  call.state = CallState::kScheduled;
  call.next_attempt_ns = event.duration_ns == kNeverNs ? 0 : event.time_ns + event.duration_ns;
}

void Board::come_due(const Event& event) {
  CallView& call = live_call(event.call);
  call.state = CallState::kEnqueued;
  call.next_attempt_ns = 0;
}

void Board::clear_hand(AgentIndex agent, CallIndex call) {
  std::erase(changed_agent(agent).view.calls, call);
}

void Board::take_in_hand(AgentIndex agent, CallIndex call) {
  std::vector<CallIndex>& calls = changed_agent(agent).view.calls;
  if (std::find(calls.begin(), calls.end(), call) == calls.end()) calls.push_back(call);
}

// Of everybody who has the call or is offered it.
void Board::release_agents(CallIndex index) {
  CallView& call = live_call(index);
  for (const OpenOffer& offer : call.open_offers) clear_hand(offer.agent, index);
  call.open_offers.clear();
  if (call.agent.valid()) clear_hand(call.agent, index);
  call.agent = AgentIndex();
}

// --- Offers.

// The state of a call that nobody has accepted.
void Board::show_offers(CallView& call) const {
  const bool is_alerting = !call.open_offers.empty();
  call.state = is_alerting ? CallState::kAlerting : CallState::kEnqueued;
  call.agent = is_alerting ? call.open_offers.front().agent : AgentIndex();
}

void Board::create_offer(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(call.state == CallState::kEnqueued || call.state == CallState::kAlerting);
  take_in_hand(event.agent, event.call);
  call.open_offers.push_back({event.agent, event.generation});
  show_offers(call);
  ++call.offers;
  ++queue_of(call).counts.offers.created;
}

// A late answer, adopted, is of an offer that was over; it stays counted as it ended.
void Board::accept_offer(const Event& event) {
  CallView& call = live_call(event.call);
  ACD_CHECK(call.state == CallState::kEnqueued || call.state == CallState::kAlerting);
  OfferCounts& offers = queue_of(call).counts.offers;
  const bool was_open = std::erase(call.open_offers, OpenOffer{event.agent, event.generation}) > 0;
  const bool is_late = event.detail != 0;
  ACD_CHECK(was_open != is_late);
  ++(is_late ? offers.adopted : offers.accepted);
  take_in_hand(event.agent, event.call);
  call.state = CallState::kConnecting;
  call.agent = event.agent;
}

// Of several offers the others go on, or end because one was accepted.
void Board::end_offer(const Event& event) {
  const auto outcome = static_cast<OfferOutcome>(event.detail);
  CallSlot& slot = slot_of(calls_, event.call, kCallsMax);
  CallView& call = slot.view;
  ++outcome_count(queue_of(call).counts.offers, outcome);
  if (outcome == OfferOutcome::kNoAnswer) ++changed_agent(event.agent).view.no_answer;
  if (!slot.is_live) return;
  slot.changed = sequence_;
  ACD_CHECK(std::erase(call.open_offers, OpenOffer{event.agent, event.generation}) > 0);
  clear_hand(event.agent, event.call);
  if (call.state == CallState::kAlerting) show_offers(call);
}

}  // namespace acd
