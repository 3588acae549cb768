// SPDX-License-Identifier: Apache-2.0
// What random worlds must have met of agents: stations, offers, memberships.
#include "sim/fuzz_coverage.h"

namespace acd::sim {

void Coverage::see_station(const Event& event, const Ledger& ledger) {
  if (event.kind == EventKind::kAgentWrapUpEnded) wrapped_up_.push_back(event.agent);
  if (event.kind == EventKind::kAgentLoggedOut && event.flag) {
    count(Evidence::kTakenOver);
    if (std::ranges::find(wrapped_up_, event.agent) != wrapped_up_.end()) {
      count(Evidence::kTakenOverInWrapUp);
    }
  }
  if (event.agent.value() >= ledger.agents().size()) return;
  const LedgerAgent& agent = ledger.agents()[event.agent.value()];
  const LedgerCall* call = event.call.valid() ? ledger.find_call(event.call) : nullptr;
  if (event.kind == EventKind::kOfferAccepted && event.detail == 0 &&
      agent.answer_mode == AnswerMode::kDesktop) {
    accepted_.push_back(event.agent);
  }
  if (event.kind == EventKind::kOfferAccepted && accepts_at_once(agent.answer_mode)) {
    count(Evidence::kAcceptedAtOnce);
    if (call != nullptr && call->offers.size() > 1) count(Evidence::kAcceptedAtOnceOfSeveral);
  }
  const bool is_elsewhere = agent.source.valid() && agent.source != event.source;
  if (event.kind == EventKind::kOfferCreated && is_elsewhere) count(Evidence::kOfferReached);
  const bool is_away = is_elsewhere && !ledger.sources()[agent.source.value()].is_connected;
  if (event.kind == EventKind::kCallCompleted && is_away) count(Evidence::kOutlivesSwitch);
  const bool is_beyond = is_elsewhere && !ledger.reaches(event.source, agent.source);
  if (event.kind == EventKind::kOfferAccepted && is_beyond) count(Evidence::kOutlivesRule);
  if (event.kind == EventKind::kCallRequeued && agent.answer_mode != AnswerMode::kPhone) {
    count(Evidence::kRungInVain);
  }
  const bool is_in_vain = event.kind == EventKind::kOfferEnded &&
                          event.detail == static_cast<uint8_t>(OfferOutcome::kUnreachable);
  if (is_in_vain && is_elsewhere) count(Evidence::kReachedInVain);
  const bool is_rona = event.kind == EventKind::kOfferEnded &&
                       event.detail == static_cast<uint8_t>(OfferOutcome::kNoAnswer);
  if (is_rona && agent.answer_mode == AnswerMode::kDesktop) count(Evidence::kRonaAtDesktop);
}

void Coverage::see_offer(const Event& event, const Ledger& ledger) {
  const QueueConfig* queue = queue_of(event, ledger);
  const LedgerCall* call = ledger.find_call(event.call);
  if (queue == nullptr || call == nullptr) return;
  if (event.agent.value() >= ledger.agents().size()) return;
  const LedgerAgent& agent = ledger.agents()[event.agent.value()];
  ++strategies_[static_cast<size_t>(queue->strategy)];
  ++orders_[static_cast<size_t>(config_.call_order)];
  if (!call->offers.empty()) count(Evidence::kSeveralRing);
  if (agent.state != AgentState::kReady) count(Evidence::kFurtherContact);
  if (call->last_agent.valid() && call->offers.empty()) {
    count(call->last_agent == event.agent ? Evidence::kAgainAfterFailure
                                          : Evidence::kOtherAfterFailure);
  }
  const bool is_overtaking = std::ranges::any_of(ledger.calls(), [&](const LedgerCall& other) {
    return other.stage == LedgerStage::kEnqueued && other.queue == call->queue &&
           other.entered_ns < call->entered_ns;
  });
  if (is_overtaking) count(Evidence::kLowOvertaken);
  if (queue->requirement.find("PREFERS") != std::string::npos) count(Evidence::kOfferPreferring);
  see_member(*queue, agent);
  const auto wish = std::ranges::find(preferences_, call->id, &Preference::call);
  if (wish != preferences_.end()) {
    count(wish->agent == agent.id ? Evidence::kOfferToPreferred : Evidence::kPreferringToOther);
  }
}

void Coverage::see_member(const QueueConfig& queue, const LedgerAgent& agent) {
  if (queue.members_all) return count(Evidence::kOfferToAnyMember);
  const AgentProfile* profile = profile_of(agent.id);
  for (const MemberConfig& member : queue.members) {
    const bool is_team = member.kind == MemberConfig::Kind::kTeam;
    const bool is_meant =
        is_team ? profile != nullptr && profile->team == member.id : member.id == agent.id;
    if (!is_meant) continue;
    count(is_team ? Evidence::kOfferToTeamMember : Evidence::kOfferToNamedMember);
    if (member.rank > 1) count(Evidence::kOfferOfLaterRank);
    return;
  }
  count(Evidence::kOfferToOpenedTeam);
}

// What is asked for by no switch and was done.
void Coverage::see_supervisor(const Command& command) {
  if (command.source.valid()) return;
  switch (command.kind) {
    case CommandKind::kRequeueCall:
      return count(met_.contains(EventKind::kCallTransferred) ? Evidence::kRequeuedConnected
                                                              : Evidence::kRequeuedAlerting);
    case CommandKind::kEndCall:
      if (command.detail != static_cast<uint8_t>(EndedBy::kSupervisor)) return;
      return count(Evidence::kWithdrawnBySupervisor);
    case CommandKind::kChangePriority:
      return count(Evidence::kPriorityBySupervisor);
    case CommandKind::kSetReady:
    case CommandKind::kSetNotReady:
    case CommandKind::kLogOut:
    case CommandKind::kEndWrapUp:
    case CommandKind::kExtendWrapUp:
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
      return count(Evidence::kAgentBySupervisor);
    default:
      return;
  }
}

}  // namespace acd::sim
