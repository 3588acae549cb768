// SPDX-License-Identifier: Apache-2.0
// What random worlds did with calls: claims, parties, outcomes, transfers, callbacks.
#include <algorithm>
#include <optional>

#include "routing/callback.h"
#include "routing/leg_id.h"
#include "routing/outcome.h"
#include "sim/fuzz_coverage.h"

namespace acd::sim {

// By the agent's desktop, and taken.
void Coverage::see_claim(const FuzzStep& step, const Ledger& ledger) {
  const Command& command = step.command;
  const bool is_accept = command.kind == CommandKind::kAcceptOffer;
  if (!is_accept && command.kind != CommandKind::kRejectOffer) return;
  const auto agent =
      std::ranges::find(ledger.agents(), command.name.in(step.arena), &LedgerAgent::id);
  if (agent == ledger.agents().end()) return;
  const AgentIndex index(static_cast<uint32_t>(agent - ledger.agents().begin()));
  if (!is_accept) {
    return count(agent->answer_mode == AnswerMode::kDesktop ? Evidence::kRejectedAtDesktop
                                                            : Evidence::kRejectedByDesktopOfPhone);
  }
  const bool is_new = std::ranges::find(accepted_, index) != accepted_.end();
  count(is_new ? Evidence::kAcceptedAtDesktop : Evidence::kAcceptedAgain);
}

void Coverage::see_stranger(const FuzzStep& step, Reject reject, const Ledger& ledger) {
  if (reject != Reject::kPartyUnknown && reject != Reject::kCallState) return;
  const Command& command = step.command;
  const bool names_by_preferred =
      command.kind == CommandKind::kConsult || command.kind == CommandKind::kTransferCall;
  const auto who = (names_by_preferred ? command.preferred : command.name).in(step.arena);
  const LedgerCall* call = ledger.find_call(command.call.in(step.arena));
  const auto agent = std::ranges::find(ledger.agents(), who, &LedgerAgent::id);
  if (call == nullptr || call->parties.empty() || agent == ledger.agents().end()) return;
  const AgentIndex index(static_cast<uint32_t>(agent - ledger.agents().begin()));
  if (std::ranges::find(call->parties, index) != call->parties.end()) return;
  switch (command.kind) {
    case CommandKind::kHoldCall:
    case CommandKind::kResumeCall:
      return count(Evidence::kHeldByStranger);
    case CommandKind::kLeaveCall:
      return count(Evidence::kLeftByStranger);
    case CommandKind::kConsult:
      return count(Evidence::kConsultByStranger);
    case CommandKind::kTransferCall:
      // Of several it is nobody's to give, whoever is named.
      if (call->parties.size() == 1) count(Evidence::kTransferByStranger);
      return;
    default:
      return;
  }
}

void Coverage::see_limit(CommandKind refused) {
  if (refused == CommandKind::kMergeCall) count(Evidence::kPartiesUsedUp);
  if (refused == CommandKind::kRequestCallback) count(Evidence::kCallbacksUsedUp);
  if (refused == CommandKind::kScheduleCall) count(Evidence::kScheduledUsedUp);
}

// Before the ledger follows the event.
void Coverage::see_parties(const Event& event, const Ledger& ledger) {
  const LedgerCall* call = event.call.valid() ? ledger.find_call(event.call) : nullptr;
  if (call == nullptr) return;
  if (event.kind == EventKind::kCallMerged) {
    if (event.flag) count(Evidence::kConference);
    if (!event.flag && !event.agent.valid()) count(Evidence::kMergedOutside);
  } else if (event.kind == EventKind::kCallPartyLeft) {
    if (call->parties.front() == event.agent) count(Evidence::kFirstPartyLeaves);
    for (EndedConsult& consult : ended_consults_) {
      const bool is_theirs = consult.parent == call->id && consult.consulting == event.agent;
      if (is_theirs) consult.is_left = true;
    }
  } else if (!call->parent.empty()) {
    const bool is_connected = event.kind == EventKind::kCallCompleted && event.flag;
    const bool is_over = is_connected || event.kind == EventKind::kCallWithdrawn;
    if (!is_over || event.detail != static_cast<uint8_t>(EndedBy::kCaller)) return;
    ended_consults_.push_back({call->parent, call->consulting, is_connected, false});
  } else if (event.kind == EventKind::kCallCompleted || event.kind == EventKind::kCallTransferred) {
    const bool ends = event.kind == EventKind::kCallCompleted;
    std::erase_if(ended_consults_, [&](const EndedConsult& consult) {
      if (consult.parent != call->id) return false;
      count(!ends                   ? Evidence::kTransferEndsConsult
            : consult.was_connected ? Evidence::kParentEndsConnected
                                    : Evidence::kParentEndsWaiting);
      return true;
    });
  }
}

// Whose wrap-up is of which call: the event of the call comes just before.
void Coverage::see_wrap_up(const Event& event, const Ledger& ledger) {
  switch (event.kind) {
    case EventKind::kCallCompleted:
    case EventKind::kCallFailed:
    case EventKind::kCallTransferred:
    case EventKind::kCallPartyLeft: {
      const LedgerCall* call = ledger.find_call(event.call);
      const bool is_known = call != nullptr && event.kind != EventKind::kCallFailed;
      to_wrap_up_ = {event.agent, 0, is_known ? call->id : "",
                     event.kind == EventKind::kCallTransferred};
      return;
    }
    case EventKind::kAgentWrapUpStarted:
      if (to_wrap_up_.agent != event.agent) return;
      wrap_ups_.push_back(to_wrap_up_);
      wrap_ups_.back().item = event.number;
      return;
    case EventKind::kAgentWrapUpEnded:
      std::erase_if(wrap_ups_, [&](const WrapUp& one) {
        return one.agent == event.agent && one.item == event.number;
      });
      return;
    default:
      return;
  }
}

// A wrap-up does not end without its code: the one that is named, else the first that began.
void Coverage::see_refused_end(const FuzzStep& step, const Ledger& ledger) {
  const LedgerAgent* agent = ledger.find_agent(step.command.name.in(step.arena));
  if (agent == nullptr) return;
  const auto named = step.command.call.in(step.arena);
  const WrapUp* meant = nullptr;
  for (const WrapUp& one : wrap_ups_) {
    const bool is_theirs = &ledger.agents()[one.agent.value()] == agent;
    if (!is_theirs || (!named.empty() && one.call != named)) continue;
    if (meant == nullptr || one.item < meant->item) meant = &one;
  }
  if (meant != nullptr && meant->is_transferred && ledger.find_call(meant->call) != nullptr) {
    count(Evidence::kCodeOwedAfterTransfer);
  }
}

void Coverage::see_outcome(const Event& event, const EventLog& log) {
  count(event.call.valid() ? Evidence::kScoredLive : Evidence::kScoredAfterEnd);
  if (event.flag) count(Evidence::kScoredConsult);
  const bool is_in_wrap_up =
      !event.call.valid() &&
      std::ranges::find(wrap_ups_, event.text.in(log.arena), &WrapUp::call) != wrap_ups_.end();
  if (is_in_wrap_up) count(Evidence::kScoredInWrapUp);
  const std::optional<ScoredCall> scored = decode_scored(event.text2.in(log.arena));
  if (scored && scored->before != ToldOutcome() && scored->before != scored->after) {
    count(Evidence::kScoredAgain);
  }
}

void Coverage::see_transfer(const Event& event, const EventLog& log, const Ledger& ledger) {
  if (!event.call.valid()) return;
  auto known = std::ranges::find(transferred_, event.call, &Transferred::call);
  const auto begin_anew = [&] {
    if (known == transferred_.end()) known = transferred_.insert(known, Transferred());
    *known = Transferred();
    known->call = event.call;
    return known;
  };
  switch (event.kind) {
    case EventKind::kOfferEnded: {
      // Of a call that rang: the transfer follows.
      const bool is_rescinded = event.detail == static_cast<uint8_t>(OfferOutcome::kRescinded);
      known = begin_anew();
      known->is_moved = is_rescinded;
      return;
    }
    case EventKind::kCallTransferred: {
      const LedgerCall* call = ledger.find_call(event.call);
      if (call == nullptr) return;
      const bool rang = known != transferred_.end() && known->is_moved && !event.agent.valid() &&
                        known->agent.empty() && !known->left.valid();
      count(event.agent.valid() ? Evidence::kTransferConnected
            : rang              ? Evidence::kTransferAlerting
                                : Evidence::kTransferWaiting);
      known = begin_anew();
      if (event.flag) return;
      known->left = event.queue;
      known->is_moved = true;
      const auto target = static_cast<TransferTarget>(event.detail);
      if (target != TransferTarget::kAgent && target != TransferTarget::kSupervisor) return;
      known->agent = event.text.in(log.arena);
      const LedgerAgent* agent = ledger.find_agent(known->agent);
      if (target == TransferTarget::kSupervisor && agent != nullptr &&
          agent->state != AgentState::kReady) {
        count(Evidence::kTransferredToBusy);
      }
      return;
    }
    case EventKind::kCallEnqueued:
      if (event.detail == static_cast<uint8_t>(VisitEntry::kArrival) &&
          known != transferred_.end()) {
        transferred_.erase(known);
      }
      return;
    case EventKind::kCallRejected:
    case EventKind::kCallOverflowed:
      if (known != transferred_.end() && known->is_moved && known->left.valid()) {
        count(Evidence::kTransferMeetsLimit);
      }
      break;
    case EventKind::kOfferCreated:
      if (known == transferred_.end() || known->agent.empty()) break;
      count(ledger.agents()[event.agent.value()].id == known->agent
                ? Evidence::kTransferredToAsked
                : Evidence::kTransferredToOther);
      break;
    default:
      break;
  }
  if (known != transferred_.end()) known->is_moved = false;
}

void Coverage::see_callback(const Event& event, const EventLog& log, const Ledger& ledger) {
  if (event.kind == EventKind::kCallScheduled &&
      event.detail == static_cast<uint8_t>(ScheduleChange::kDropped) &&
      event.number == static_cast<int32_t>(Reject::kLimitReached)) {
    count(Evidence::kDueUsedUp);
  }
  if (event.kind == EventKind::kCallCallbackRequested) {
    count(Evidence::kCallbackOfCaller);
    if (event.flag) count(Evidence::kCallbackByNoSwitch);
  }
  const LedgerCall* call = event.call.valid() ? ledger.find_call(event.call) : nullptr;
  if (event.kind == EventKind::kCallCallbackRequested && call != nullptr && call->has_answered) {
    count(Evidence::kAskedAgain);
  }
  const bool is_answer = event.kind == EventKind::kCallConnected ||
                         (event.kind == EventKind::kCallDialEnded &&
                          event.detail == static_cast<uint8_t>(DialOutcome::kAnswered));
  if (is_answer && event.text.size > 0) {
    const bool is_own = event.text.in(log.arena).starts_with(kOwnLegPrefix);
    count(is_own ? Evidence::kCustomerByDial : Evidence::kCustomerNamed);
  }
  if (event.kind == EventKind::kOfferCreated && call != nullptr && call->has_answered) {
    count(Evidence::kCustomerOffered);
  }
  if (event.kind == EventKind::kSwitchDisconnected &&
      std::ranges::any_of(ledger.calls(), [&](const LedgerCall& one) {
        return one.source == event.source && !one.is_on_line;
      })) {
    count(Evidence::kCallbackAway);
  }
  if (call != nullptr) see_gate(event, *call, ledger);
  see_window(event, ledger);
}

void Coverage::see_window(const Event& event, const Ledger& ledger) {
  const auto has_one = [&](auto&& is_so) {
    return std::ranges::any_of(ledger.calls(), [&](const LedgerCall& one) {
      return one.queue == event.queue && !one.is_on_line && is_so(one.stage);
    });
  };
  if (event.kind == EventKind::kQueueCallbacksOpened &&
      has_one([](LedgerStage stage) { return stage == LedgerStage::kEnqueued; })) {
    count(Evidence::kWindowOpens);
  }
  if (event.kind == EventKind::kQueueCallbacksClosed && has_one([](LedgerStage stage) {
        return stage != LedgerStage::kEnqueued && stage != LedgerStage::kScheduled;
      })) {
    count(Evidence::kWindowCloses);
  }
  if (ledger.is_window_open(event.queue)) return;
  if (event.kind == EventKind::kCallDue) count(Evidence::kDueOutsideWindow);
  const bool is_asked = event.kind == EventKind::kCallEnqueued &&
                        event.detail == static_cast<uint8_t>(VisitEntry::kCallback);
  if (is_asked) count(Evidence::kAskedOutsideWindow);
}

// A dial takes up no agent. So whoever is dialed when another dial is over, and nothing has happened
// to any agent, was held back by that one alone.
void Coverage::see_gate(const Event& event, const LedgerCall& call, const Ledger& ledger) {
  if (event.kind == EventKind::kAgentStateChanged) {
    opened_gate_ = QueueIndex();
  } else if (event.kind == EventKind::kCallDialed && call.stage == LedgerStage::kEnqueued) {
    if (opened_gate_.valid() && call.queue == opened_gate_) count(Evidence::kHeldBack);
    opened_gate_ = QueueIndex();
  } else if (event.kind == EventKind::kCallDialEnded && call.stage == LedgerStage::kDialing) {
    const QueueConfig* queue = queue_of(event, ledger);
    const auto dialing = std::ranges::count_if(ledger.calls(), [&](const LedgerCall& one) {
      return one.queue == call.queue && one.stage == LedgerStage::kDialing;
    });
    const bool was_closed = queue != nullptr && dialing >= queue->callback.dials_max;
    opened_gate_ = was_closed ? call.queue : QueueIndex();
  }
}

// Of arrivals that wait for nothing else: everybody serves the queue, which asks for no skill.
void Coverage::see_lacking_media(const Ledger& ledger) {
  if (has_pauses_ || !config_.protects.empty()) return;
  for (const CallIndex index : arrived_) {
    const LedgerCall* call = ledger.find_call(index);
    if (call == nullptr || call->stage != LedgerStage::kEnqueued) continue;
    if (std::ranges::find(preferences_, call->id, &Preference::call) != preferences_.end())
      continue;
    const auto queue =
        std::ranges::find(config_.queues, ledger.queues()[call->queue.value()], &QueueConfig::id);
    const bool is_anybodys = queue != config_.queues.end() && queue->members_all &&
                             queue->requirement.empty() && queue->steps.empty();
    if (!is_anybodys || !ledger.sources()[call->source.value()].is_connected) continue;
    const MediaMask wanted = mask_of(call->medium);
    const bool is_lacking = std::ranges::any_of(ledger.agents(), [&](const LedgerAgent& agent) {
      const AgentProfile* profile = profile_of(agent.id);
      return agent.state == AgentState::kReady && agent.source == call->source &&
             (agent.station_media & wanted) == 0 && profile != nullptr &&
             (profile->media.capable() & wanted) != 0;
    });
    if (is_lacking) count(Evidence::kMediumLacking);
  }
}

void Coverage::see_listed(const Command& command) {
  const auto met = [&](EventKind kind) { return met_.contains(kind); };
  if (command.generation != 0) {
    if (met(EventKind::kCallConnected)) count(Evidence::kListedJoined);
    if (met(EventKind::kCallCompleted) || met(EventKind::kCallWithdrawn)) {
      count(Evidence::kListedElsewhere);
    }
  } else if (met(EventKind::kCallTransferred)) {
    count(Evidence::kListedTalking);
  } else if (met(EventKind::kOfferEnded)) {
    count(Evidence::kListedOffered);
  } else if (met(EventKind::kCallEnqueued)) {
    count(Evidence::kListedUnknown);
  }
}

}  // namespace acd::sim
