// SPDX-License-Identifier: Apache-2.0
#include "sim/ledger.h"

#include <algorithm>
#include <utility>

#include "routing/callback.h"
#include "sim/command_line.h"

namespace acd::sim {
namespace {

// So many ended calls are remembered, for claims that come too late.
constexpr size_t kEndedKept = 8;

}  // namespace

const LedgerCall* Ledger::find_call(std::string_view id) const {
  const auto it = std::ranges::find(calls_, id, &LedgerCall::id);
  return it == calls_.end() ? nullptr : &*it;
}

const LedgerCall* Ledger::find_call(CallIndex index) const {
  const auto it = std::ranges::find(calls_, index, &LedgerCall::index);
  return it == calls_.end() ? nullptr : &*it;
}

const LedgerCall* Ledger::find_consult(std::string_view parent, AgentIndex agent) const {
  const auto it = std::ranges::find_if(calls_, [&](const LedgerCall& call) {
    return call.parent == parent && call.consulting == agent;
  });
  return it == calls_.end() ? nullptr : &*it;
}

const LedgerAgent* Ledger::find_agent(std::string_view id) const {
  const auto it = std::ranges::find(agents_, id, &LedgerAgent::id);
  return it == agents_.end() ? nullptr : &*it;
}

LedgerCall* Ledger::call_of(const Event& event) {
  const auto it = std::ranges::find(calls_, event.call, &LedgerCall::index);
  if (it != calls_.end()) return &*it;
  break_with(event, "of a call that is not here");
  return nullptr;
}

LedgerAgent& Ledger::agent_of(const Event& event) {
  if (agents_.size() <= event.agent.value()) agents_.resize(event.agent.value() + 1);
  return agents_[event.agent.value()];
}

LedgerSource& Ledger::source_of(const Event& event) {
  if (sources_.size() <= event.source.value()) sources_.resize(event.source.value() + 1);
  return sources_[event.source.value()];
}

void Ledger::break_with(const Event& event, std::string_view what) {
  if (!breach_.empty()) return;
  breach_ = std::string(event_name(event.kind, event.detail)) + " " + std::string(what) + " at " +
            time_text(event.time_ns) + ", event " + std::to_string(event.sequence);
}

void Ledger::follow(const Event& event, const EventLog& log, std::string_view call_id) {
  switch (event.kind) {
    case EventKind::kCallEnqueued:
    case EventKind::kCallConnected:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallRequeued:
    case EventKind::kCallOutsideDialed:
    case EventKind::kCallOutsideAnswered:
      follow_call(event, log, call_id);
      return;
    case EventKind::kCallMerged:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallPartyLeft:
    case EventKind::kCallRetrieved:
      follow_parties(event, log);
      return;
    case EventKind::kCallLegReplaced:
      replace_leg(event, log);
      return;
    case EventKind::kCallCompleted:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
    case EventKind::kCallRejected:
    case EventKind::kCallCallbackRequested:
      end_call(event);
      return;
    case EventKind::kCallOverflowed:
      if (event.flag) end_call(event);
      return;
    case EventKind::kCallTransferred:
      transfer_call(event);
      return;
    case EventKind::kCallScheduled:
      follow_schedule(event, log);
      return;
    case EventKind::kCallDialed:
    case EventKind::kCallDialEnded:
    case EventKind::kCallDue:
      follow_dial(event, log);
      return;
    case EventKind::kOfferCreated:
    case EventKind::kOfferRinging:
    case EventKind::kOfferAccepted:
    case EventKind::kOfferEnded:
      follow_offer(event);
      return;
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLoggedOut:
    case EventKind::kAgentStateChanged:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
      follow_agent(event, log);
      return;
    case EventKind::kQueueConfigChanged:
      if (queues_.size() <= event.queue.value()) queues_.resize(event.queue.value() + 1);
      queues_[event.queue.value()] = event.text.in(log.arena);
      return;
    case EventKind::kSwitchConnected: {
      LedgerSource& source = source_of(event);
      source.id = event.text.in(log.arena);
      source.is_connected = true;
      if (!event.flag) source.last_sequence = 0;
      return;
    }
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kAgentAttached:
    case EventKind::kAgentDetached:
      follow_desktop(event, log);
      return;
    case EventKind::kSwitchDisconnected:
      source_of(event).is_connected = false;
      return;
    case EventKind::kCallPriorityChanged:
    case EventKind::kCallStepChanged:
    case EventKind::kCallTreated:
    case EventKind::kCallDecided:
    case EventKind::kCallSupervised:
      if (find_call(event.call) == nullptr) break_with(event, "of a call that is not here");
      return;
    case EventKind::kCallRerouted:
    case EventKind::kSwitchResynced:
      return;
    case EventKind::kCallScored:
      follow_outcome(event, log);
      return;
    case EventKind::kQueueCallbacksClosed:
      closed_windows_.insert(event.queue);
      return;
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueRemoved:
      closed_windows_.erase(event.queue);
      return;
    case EventKind::kOfferStale:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      return;
  }
}

void Ledger::enter(const Event& event, const EventLog& log, std::string_view call_id) {
  const auto entry = static_cast<VisitEntry>(event.detail);
  if (entry == VisitEntry::kArrival || entry == VisitEntry::kConsult ||
      entry == VisitEntry::kCallback || entry == VisitEntry::kScheduled) {
    std::erase(scheduled_, call_id);
    if (find_call(call_id) != nullptr) break_with(event, "of a call that is here");
    LedgerCall call;
    call.id = call_id;
    call.number = event.sequence;
    call.index = event.call;
    call.source = event.source;
    if (entry == VisitEntry::kConsult) {
      call.parent = event.text3.in(log.arena);
      call.consulting = event.agent;
      if (find_consult(call.parent, event.agent) != nullptr) break_with(event, "besides another");
    } else {
      call.leg = event.text3.in(log.arena);
    }
    if (entry == VisitEntry::kCallback) call.leg.clear();
    call.medium = event.medium;
    call.is_on_line = entry != VisitEntry::kCallback;
    call.is_reminder = entry == VisitEntry::kScheduled;
    calls_.push_back(std::move(call));
  }
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (call->stage != LedgerStage::kEnqueued) break_with(event, "of a call that does not wait");
  call->queue = event.queue;
  call->entered_ns = event.time_ns;
}

void Ledger::follow_call(const Event& event, const EventLog& log, std::string_view call_id) {
  if (event.kind == EventKind::kCallEnqueued) return enter(event, log, call_id);
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (event.kind == EventKind::kCallConnected) {
    if (call->stage != LedgerStage::kConnecting) break_with(event, "without an answer");
    call->stage = LedgerStage::kConnected;
    call->parties = {event.agent};
    if (!call->is_on_line) call->leg = event.text.in(log.arena);
    call->is_on_line = true;
    call->has_answered = false;
  } else if (event.kind == EventKind::kCallOutsideDialed) {
    if (call->stage != LedgerStage::kEnqueued || call->parent.empty()) {
      break_with(event, "of what is no consult, or waits for somebody else");
    }
    if (event.agent != call->consulting) break_with(event, "for who does not consult");
    call->stage = LedgerStage::kDialingOutside;
    call->generation = call->generation_max = event.generation;
  } else if (event.kind == EventKind::kCallOutsideAnswered) {
    if (call->stage != LedgerStage::kDialingOutside) break_with(event, "of what is not dialed");
    call->stage = LedgerStage::kOutside;
  } else if (event.kind == EventKind::kCallRequeued) {
    if (call->stage != LedgerStage::kConnecting) break_with(event, "without an answer");
    call->stage = LedgerStage::kEnqueued;
    call->agent = AgentIndex();
  } else {
    if (call->stage != LedgerStage::kConnected) break_with(event, "of a call not connected");
    call->is_on_hold = event.kind == EventKind::kCallHeld;
    if (std::ranges::find(call->parties, event.agent) == call->parties.end()) {
      break_with(event, "by an agent who is not on it");
    }
  }
}

void Ledger::follow_parties(const Event& event, const EventLog& log) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  const bool is_outside =
      event.kind == EventKind::kCallMerged && call->stage == LedgerStage::kOutside;
  if (call->stage != LedgerStage::kConnected && !is_outside) {
    break_with(event, "of a call not connected");
  }
  if (event.kind == EventKind::kCallMerged) {
    if (call->parent.empty()) break_with(event, "of no consult");
    if (call->parent != event.text.in(log.arena)) break_with(event, "with another call");
    return end_call(event);
  }
  const bool is_there = std::ranges::find(call->parties, event.agent) != call->parties.end();
  if (event.kind == EventKind::kCallPartyJoined) {
    if (is_there) break_with(event, "by an agent who is on it");
    call->parties.push_back(event.agent);
    return;
  }
  if (!is_there) break_with(event, "by an agent who is not on it");
  if (find_consult(call->id, event.agent) != nullptr) break_with(event, "with an open consult");
  if (event.kind == EventKind::kCallRetrieved) return;
  std::erase(call->parties, event.agent);
  if (call->parties.empty()) return break_with(event, "by the last who was on it");
  call->agent = call->parties.front();
}

void Ledger::follow_schedule(const Event& event, const EventLog& log) {
  const std::string id(event.text.in(log.arena));
  const auto known = std::ranges::find(scheduled_, id);
  const auto change = static_cast<ScheduleChange>(event.detail);
  if ((known == scheduled_.end()) != (change == ScheduleChange::kMade)) {
    return break_with(event, "of what was not for later, or was already");
  }
  if (change == ScheduleChange::kMade) scheduled_.push_back(id);
  const bool is_over = change == ScheduleChange::kCanceled || change == ScheduleChange::kDropped;
  if (is_over) scheduled_.erase(known);
}

void Ledger::follow_dial(const Event& event, const EventLog& log) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (call->is_on_line) break_with(event, "of somebody who is on the line");
  if (event.kind == EventKind::kCallDue) {
    if (call->stage != LedgerStage::kScheduled) break_with(event, "though it is not for later");
    call->stage = LedgerStage::kEnqueued;
    return;
  }
  if (event.kind == EventKind::kCallDialed) {
    const LedgerStage wanted =
        event.agent.valid() ? LedgerStage::kConnecting : LedgerStage::kEnqueued;
    if (call->stage != wanted || call->agent != event.agent) break_with(event, "out of turn");
    const bool is_new = dialed_legs_.emplace(event.text2.in(log.arena)).second;
    if (!is_new) break_with(event, "under the name of another leg");
    if (event.agent.valid()) return;
    if (event.generation <= call->generation_max) break_with(event, "with an old generation");
    if (!is_window_open(event.queue)) break_with(event, "outside the window of its queue");
    call->stage = LedgerStage::kDialing;
    call->generation = call->generation_max = event.generation;
    return;
  }
  if (call->stage != LedgerStage::kDialing && call->stage != LedgerStage::kConnecting) {
    break_with(event, "though nobody was dialed");
  }
  call->is_on_line = event.detail == static_cast<uint8_t>(DialOutcome::kAnswered);
  call->has_answered = call->is_on_line;
  if (call->is_on_line) call->leg = event.text.in(log.arena);
  call->stage = event.duration_ns > 0 ? LedgerStage::kScheduled : LedgerStage::kEnqueued;
  call->agent = AgentIndex();
}

bool Ledger::reaches(SourceIndex calls, SourceIndex agents) const {
  if (calls == agents) return true;
  if (!calls.valid() || !agents.valid()) return false;
  return std::ranges::any_of(reaches_, [&](const ReachRule& rule) {
    return rule.from == sources_[calls.value()].id && rule.to == sources_[agents.value()].id;
  });
}

void Ledger::open_offer(const Event& event, LedgerCall* call) {
  const LedgerAgent& agent = agent_of(event);
  const bool is_displayed_working =
      agent.state == AgentState::kOnCall || agent.state == AgentState::kOnHold ||
      agent.state == AgentState::kBusyOther || agent.state == AgentState::kWrapUp;
  if (agent.state != AgentState::kReady && !(may_have_several_ && is_displayed_working)) {
    break_with(event, "to an agent who is not ready");
  }
  if (call->consulting == event.agent && !call->parent.empty()) {
    break_with(event, "to who consults");
  }
  if (!reaches(call->source, agent.source)) break_with(event, "to a station out of reach");
  if (agent.source.valid() && !sources_[agent.source.value()].is_connected) {
    break_with(event, "to a station whose switch is away");
  }
  if (agent.answer_mode == AnswerMode::kDesktop && agent.desktop.valid() &&
      !sources_[agent.desktop.value()].is_connected) {
    break_with(event, "to who accepts at a desktop that is away");
  }
  if ((agent.station_media & mask_of(call->medium)) == 0) {
    break_with(event, "to a station that does not carry its medium");
  }
  if (agent.answer_mode == AnswerMode::kNailedUp && !agent.is_leg_up) {
    break_with(event, "to a station whose leg is down");
  }
  for (const LedgerCall& other : calls_) {
    const bool may_have = may_have_several_ && other.stage == LedgerStage::kConnected;
    const bool has =
        (other.agent == event.agent && !may_have) ||
        (std::ranges::find(other.parties, event.agent) != other.parties.end() && !may_have) ||
        std::ranges::find(other.offers, event.agent, &LedgerOffer::agent) != other.offers.end();
    if (has) break_with(event, "to an agent who has " + other.id);
  }
  if (call->stage != LedgerStage::kEnqueued && call->stage != LedgerStage::kAlerting) {
    break_with(event, "of a call that an agent has");
  }
  if (!call->is_on_line && !is_window_open(event.queue)) {
    break_with(event, "outside the window of its queue");
  }
  if (event.generation <= call->generation_max) break_with(event, "with an old generation");
  call->generation_max = event.generation;
  call->stage = LedgerStage::kAlerting;
  call->generation = event.generation;
  call->last_agent = event.agent;
  call->item = static_cast<uint32_t>(event.number);
  call->offers.push_back({event.agent, event.generation, false, call->item});
}

void Ledger::end_offer(LedgerCall* call, uint32_t generation) {
  std::erase_if(call->offers,
                [&](const LedgerOffer& offer) { return offer.generation == generation; });
  if (call->offers.empty() && call->stage == LedgerStage::kAlerting) {
    call->stage = LedgerStage::kEnqueued;
  }
}

void Ledger::follow_offer(const Event& event) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (event.kind == EventKind::kOfferCreated) return open_offer(event, call);
  const auto offer = std::ranges::find(call->offers, event.generation, &LedgerOffer::generation);
  const bool is_late = event.kind == EventKind::kOfferAccepted && event.detail == 1;
  if (offer == call->offers.end() && !is_late) return break_with(event, "of no open offer");
  if (offer != call->offers.end() && offer->agent != event.agent) {
    break_with(event, "by another agent than it was made to");
  }
  if (event.kind == EventKind::kOfferRinging) {
    offer->is_ringing = true;
    return;
  }
  if (!is_late) end_offer(call, event.generation);
  if (event.kind == EventKind::kOfferAccepted) {
    call->stage = LedgerStage::kConnecting;
    call->agent = event.agent;
    call->generation = event.generation;
  }
}

// Of somebody's call, or of one that waits and rings nobody.
void Ledger::transfer_call(const Event& event) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (call->stage != LedgerStage::kEnqueued && call->stage != LedgerStage::kConnected) {
    break_with(event, "of a call that is on its way to somebody");
  }
  if (call->agent != event.agent) break_with(event, "by somebody else than who has the call");
  if (event.flag) return end_call(event);
  call->stage = LedgerStage::kEnqueued;
  call->agent = AgentIndex();
  call->parties.clear();
  call->is_on_hold = false;
}

// An agent's is that of somebody who has the call or is rung for it; a caller's the one told before.
void Ledger::replace_leg(const Event& event, const EventLog& log) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (event.flag) {
    const bool is_rung =
        std::ranges::find(call->offers, event.agent, &LedgerOffer::agent) != call->offers.end();
    if (call->agent != event.agent && !is_rung) break_with(event, "of an agent without the call");
    return;
  }
  if (call->leg != event.text2.in(log.arena)) break_with(event, "of another leg");
  call->leg = event.text.in(log.arena);
}

void Ledger::end_call(const Event& event) {
  LedgerCall* call = call_of(event);
  if (call == nullptr) return;
  if (!call->offers.empty()) break_with(event, "with an open offer");
  if (call->parties.size() > 1) break_with(event, "with several agents on it");
  for (const LedgerCall& other : calls_) {
    if (other.parent == call->id) break_with(event, "with an open consult");
  }
  const bool is_completed = event.kind == EventKind::kCallCompleted;
  if (is_completed && call->stage != LedgerStage::kConnected &&
      call->stage != LedgerStage::kOutside) {
    break_with(event, "of a call that was never connected");
  }
  const bool is_of_any_stage = event.kind == EventKind::kCallFailed ||
                               event.kind == EventKind::kCallTransferred ||
                               event.kind == EventKind::kCallMerged;
  if (!is_completed && !is_of_any_stage && call->stage == LedgerStage::kConnected) {
    break_with(event, "of a connected call");
  }
  call->ended_ns = event.time_ns;
  call->is_lost = event.kind == EventKind::kCallFailed &&
                  event.detail == static_cast<uint8_t>(FailReason::kSwitchLost);
  if (ended_.size() == kEndedKept) ended_.erase(ended_.begin());
  ended_.push_back(std::move(*call));
  calls_.erase(calls_.begin() + (call - calls_.data()));
}

// It names the arrival of its call, whether that lives or not.
void Ledger::follow_outcome(const Event& event, const EventLog& log) {
  const std::string_view id = event.text.in(log.arena);
  const LedgerCall* call = nullptr;
  if (event.call.valid()) {
    call = call_of(event);
  } else if (find_call(id) != nullptr) {
    return break_with(event, "as of an ended call, which lives");
  } else {
    // Of two with one id the later one is meant.
    const auto gone = std::ranges::find(ended_.rbegin(), ended_.rend(), id, &LedgerCall::id);
    if (gone != ended_.rend()) call = &*gone;
  }
  if (call == nullptr) return;
  if (event.duration_ns != call->number) break_with(event, "of another arrival");
  if (event.agent.valid() && event.agent != call->agent) break_with(event, "of another agent");
  if (event.queue != call->queue) break_with(event, "of another queue");
  if (event.flag == call->parent.empty()) break_with(event, "as of no consult, or of one");
}

void Ledger::follow_desktop(const Event& event, const EventLog& log) {
  LedgerSource& source = source_of(event);
  if (event.kind == EventKind::kDesktopConnected) {
    source.id = event.text.in(log.arena);
    source.is_desktop = source.is_connected = true;
    if (!event.flag) source.last_sequence = 0;
    return;
  }
  if (!source.is_desktop) break_with(event, "as of a desktop, which it is not");
  if (event.kind == EventKind::kDesktopDisconnected) {
    source.is_connected = false;
    return;
  }
  LedgerAgent& agent = agent_of(event);
  const bool attaches = event.kind == EventKind::kAgentAttached;
  const bool is_elsewhere = agent.desktop != event.source;
  if (attaches && agent.desktop.valid() && is_elsewhere) break_with(event, "who is attached");
  if (attaches && !source.is_connected) break_with(event, "to a session that is away");
  if (!attaches && is_elsewhere) break_with(event, "from where they are not attached");
  agent.desktop = attaches ? event.source : SourceIndex();
}

void Ledger::follow_agent(const Event& event, const EventLog& log) {
  LedgerAgent& agent = agent_of(event);
  if (event.kind == EventKind::kAgentUpserted) {
    agent.id = event.text.in(log.arena);
  } else if (event.kind == EventKind::kAgentLoggedIn) {
    agent.source = event.source;
    agent.station = event.text.in(log.arena);
    agent.answer_mode = static_cast<AnswerMode>(event.detail);
    agent.station_media = static_cast<MediaMask>(event.number);
    agent.is_leg_up = false;
    for (const LedgerAgent& other : agents_) {
      const bool shares =
          &other != &agent && other.source == agent.source && other.station == agent.station;
      if (shares) break_with(event, "at a station that is taken");
    }
  } else if (event.kind == EventKind::kAgentLoggedOut) {
    agent.source = SourceIndex();
    agent.station.clear();
    if (agent.state != AgentState::kLoggedOut) break_with(event, "in another state");
  } else if (event.kind == EventKind::kAgentLegUp || event.kind == EventKind::kAgentLegLost) {
    const bool is_up = event.kind == EventKind::kAgentLegUp;
    const bool is_right = agent.answer_mode == AnswerMode::kNailedUp && agent.is_leg_up != is_up;
    if (!is_right) break_with(event, "of a station whose leg is not the other way round");
    agent.is_leg_up = is_up;
  } else {
    if (agent.state != event.from) break_with(event, "from a state the agent was not in");
    agent.state = event.to;
    agent.reason = event.number;
  }
}

}  // namespace acd::sim
