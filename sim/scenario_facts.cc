// SPDX-License-Identifier: Apache-2.0
// Plays scenarios: what is expected.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "routing/callback.h"
#include "routing/event_words.h"
#include "routing/outcome.h"
#include "sim/command_line.h"
#include "sim/scenario_stage.h"

namespace acd::sim {
namespace {

constexpr std::pair<std::string_view, AgentState> kStates[] = {
    {"logged-out", AgentState::kLoggedOut}, {"not-ready", AgentState::kNotReady},
    {"ready", AgentState::kReady},          {"reserved", AgentState::kReserved},
    {"ringing", AgentState::kRinging},      {"connecting", AgentState::kConnecting},
    {"on-call", AgentState::kOnCall},       {"on-hold", AgentState::kOnHold},
    {"in-wrap-up", AgentState::kWrapUp},    {"busy-otherwise", AgentState::kBusyOther}};
constexpr std::pair<std::string_view, int32_t> kReasons[] = {
    {"logged-in", kReasonLoggedIn},
    {"RONA", kReasonRona},
    {"rejects", kReasonRejects},
    {"phone", kReasonPhone},
    {"connection-lost", kReasonConnectionLost}};
constexpr std::pair<std::string_view, LimitKind> kLimits[] = {{"closed", LimitKind::kClosed},
                                                              {"no_agents", LimitKind::kNoAgents},
                                                              {"none_ready", LimitKind::kNoneReady},
                                                              {"length", LimitKind::kLength},
                                                              {"ewt", LimitKind::kEwt},
                                                              {"wait", LimitKind::kWait},
                                                              {"offers", LimitKind::kOffers},
                                                              {"drained", LimitKind::kDrained}};
constexpr std::pair<std::string_view, EndedBy> kEnders[] = {{"caller", EndedBy::kCaller},
                                                            {"agent", EndedBy::kAgent},
                                                            {"timeout", EndedBy::kTimeout},
                                                            {"switch", EndedBy::kSwitch},
                                                            {"supervisor", EndedBy::kSupervisor}};
constexpr std::pair<std::string_view, TransferTarget> kTargets[] = {
    {"queue", TransferTarget::kQueue},
    {"agent", TransferTarget::kAgent},
    {"supervisor", TransferTarget::kSupervisor},
    {"number", TransferTarget::kOutside}};
constexpr std::pair<std::string_view, FailReason> kFailures[] = {
    {"switch", FailReason::kSwitchLost},
    {"offers", FailReason::kOffers},
    {"attempts", FailReason::kAttempts}};
constexpr std::pair<std::string_view, ScheduleChange> kScheduleChanges[] = {
    {"made", ScheduleChange::kMade},
    {"moved", ScheduleChange::kMoved},
    {"canceled", ScheduleChange::kCanceled}};
constexpr std::pair<std::string_view, DialOutcome> kDialOutcomes[] = {
    {"unknown", DialOutcome::kNone},
    {"no_answer", DialOutcome::kNoAnswer},
    {"busy", DialOutcome::kBusy},
    {"unreachable", DialOutcome::kUnreachable}};

constexpr std::pair<std::string_view, DetachReason> kDetachReasons[] = {
    {"asked", DetachReason::kAsked},
    {"taken_over", DetachReason::kTakenOver},
    {"lost", DetachReason::kLost}};

constexpr std::pair<std::string_view, TieBreak> kTieBreaks[] = {
    {"only", TieBreak::kOnly},
    {"rank", TieBreak::kRank},
    {"prefers", TieBreak::kPrefers},
    {"strategy", TieBreak::kStrategy},
    {"idle", TieBreak::kIdle},
    {"added", TieBreak::kAdded},
    {"agents_choice", TieBreak::kAgentsChoice},
    {"load", TieBreak::kLoad}};

template <typename Value, size_t size>
const Value* value_of(const std::pair<std::string_view, Value> (&names)[size],
                      std::string_view name) {
  const auto it = std::ranges::find_if(names, [&](const auto& one) { return one.first == name; });
  return it == std::end(names) ? nullptr : &it->second;
}

int32_t number_in(const std::string& text) {
  int32_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_reason(const std::string& text, int32_t reason) {
  const int32_t* named = value_of(kReasons, text);
  return (named != nullptr ? *named : number_in(text)) == reason;
}

// Whether a slot, if the sentence has it, is that number.
bool may_be(const Sentence& sentence, std::string_view slot, int64_t number) {
  return !sentence.has(slot) || number_in(sentence.text(slot)) == number;
}

// How far before the visit's beginning its place in the order lies, and for whom it waits.
bool is_place(const Sentence& sentence, const Event& event) {
  const int64_t ahead_ns = event.time_ns - event.duration_ns - order_key_ns(event);
  if (sentence.has("credit") && parse_duration(sentence.text("credit")) != ahead_ns) return false;
  if (!sentence.has("agent")) return true;
  return event.agent.valid() &&
         parse_duration(sentence.text("duration")) == preferred_until_ns(event) - event.time_ns;
}

bool may_say(const Sentence& sentence, std::string_view slot, std::string_view text) {
  return !sentence.has(slot) || sentence.text(slot) == text;
}

bool is_end(const Event& event, OfferOutcome outcome) {
  return event.kind == EventKind::kOfferEnded && event.detail == static_cast<uint8_t>(outcome);
}

bool is_limit(const Sentence& sentence, const Event& event) {
  const LimitKind* limit = value_of(kLimits, sentence.text("limit"));
  return limit != nullptr && event.detail == static_cast<uint8_t>(*limit);
}

int32_t step_mask(const Sentence& sentence) {
  int32_t mask = 0;
  for (const char* slot : {"step", "step2", "step3"}) {
    if (sentence.has(slot)) mask |= 1 << (number_in(sentence.text(slot)) - 1);
  }
  return mask;
}

bool is_heard(const Sentence& sentence, const StageEvent& seen, TreatmentKind kind) {
  const Event& event = seen.event;
  if (event.kind != EventKind::kCallTreated || event.detail != static_cast<uint8_t>(kind)) {
    return false;
  }
  const int32_t position = sentence.has("number") ? number_in(sentence.text("number")) : 0;
  const int64_t wait_ns =
      sentence.has("duration") ? parse_duration(sentence.text("duration")).value_or(-1) : kNeverNs;
  return seen.text == sentence.text("media") && event.number == position &&
         event.duration_ns == wait_ns;
}

// The outcome as it is now, all of it; labels and reference as this event tells them.
bool is_scored(const Sentence& sentence, const StageEvent& seen) {
  if (seen.event.kind != EventKind::kCallScored) return false;
  const std::optional<ScoredCall> scored = decode_scored(seen.text2);
  if (!scored) return false;
  constexpr std::string_view kResolved[] = {"", "no", "yes"};
  const auto is_score = [&](std::string_view slot, int8_t score) {
    return sentence.has(slot) ? number_in(sentence.text(slot)) == score : score == kNoScore;
  };
  const ToldOutcome& now = scored->after;
  return now.code == sentence.text("code") &&
         kResolved[static_cast<size_t>(now.resolved)] == sentence.text("resolved") &&
         is_score("survey", now.survey) && is_score("quality", now.quality) &&
         scored->labels == sentence.text("labels") && seen.text3 == sentence.text("reference") &&
         seen.event.agent.valid() == sentence.has("agent");
}

bool is_transfer(const Sentence& sentence, const StageEvent& seen) {
  const TransferTarget* target = value_of(kTargets, sentence.text("kind"));
  return seen.event.kind == EventKind::kCallTransferred && target != nullptr &&
         seen.event.detail == static_cast<uint8_t>(*target) &&
         seen.event.agent.valid() == sentence.has("agent") && seen.text == sentence.text("target");
}

bool is_dial_failure(const Sentence& sentence, const Event& event) {
  const DialOutcome* outcome = value_of(kDialOutcomes, sentence.text("why"));
  if (event.kind != EventKind::kCallDialEnded || outcome == nullptr) return false;
  const int64_t again_ns = sentence.has("duration")
                               ? parse_duration(sentence.text("duration")).value_or(-1)
                           : *outcome == DialOutcome::kNone ? 0
                                                            : kNeverNs;
  return event.detail == static_cast<uint8_t>(*outcome) && event.duration_ns == again_ns &&
         may_be(sentence, "attempt", event.number);
}

bool is_overflow(const Sentence& sentence, const StageEvent& seen, bool is_outside) {
  return seen.event.kind == EventKind::kCallOverflowed && seen.event.flag == is_outside &&
         seen.text == sentence.text("target") && is_limit(sentence, seen.event);
}

bool is_state(const Sentence& sentence, const Event& event) {
  const AgentState* state = value_of(kStates, sentence.text("state"));
  return state != nullptr && event.kind == EventKind::kAgentStateChanged && event.to == *state;
}

bool is_wrap_up(const Sentence& sentence, const Event& event) {
  const int64_t length_ns =
      sentence.has("duration") ? parse_duration(sentence.text("duration")).value_or(-1) : kNeverNs;
  return event.kind == EventKind::kAgentWrapUpStarted && event.duration_ns == length_ns;
}

// --- Reasons.

using BlockerCounts = std::array<uint32_t, kBlockerCount>;

std::optional<Blocker> blocker_named(std::string_view name) {
  for (size_t i = 0; i < kBlockerCount; ++i) {
    if (blocker_name(static_cast<Blocker>(i)) == name) return static_cast<Blocker>(i);
  }
  return std::nullopt;
}

std::string counts_text(const BlockerCounts& counts) {
  std::string text;
  for (size_t i = 0; i < kBlockerCount; ++i) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(blocker_name(static_cast<Blocker>(i))) + " " +
            std::to_string(counts[i]);
  }
  return text.empty() ? "nobody" : text;
}

// What is wrong with the reasons that a sentence counts, all of which it must name; or empty.
std::string compare_counts(const Sentence& sentence, const BlockerCounts& counts) {
  constexpr std::pair<std::string_view, std::string_view> kSlots[] = {
      {"blocker", "count"}, {"blocker2", "count2"}, {"blocker3", "count3"}, {"blocker4", "count4"}};
  BlockerCounts expected{};
  for (const auto& [name, count] : kSlots) {
    if (!sentence.has(name)) continue;
    const std::optional<Blocker> blocker = blocker_named(sentence.text(name));
    if (!blocker) return "no such reason: " + sentence.text(name);
    expected[static_cast<size_t>(*blocker)] =
        static_cast<uint32_t>(number_in(sentence.text(count)));
  }
  return expected == counts ? "" : "the reasons are: " + counts_text(counts);
}

}  // namespace

// Whether the event is of the sentence's kind; call, agent, queue and switch are compared already.
bool Stage::is_event(const Sentence& sentence, const StageEvent& seen) {
  const Event& event = seen.event;
  const auto is = [&](EventKind kind) { return event.kind == kind; };
  switch (static_cast<Fact>(sentence.id)) {
    case Fact::kNothing:
    case Fact::kCallWaits:
    case Fact::kAgentIs:
    case Fact::kWaitsBecause:
    case Fact::kWaitsForSwitch:
    case Fact::kWaitsForWindow:
    case Fact::kWaitsForDials:
    case Fact::kNothingWaits:
    case Fact::kIdleBecauseOfCalls:
    case Fact::kIdleByThemselves:
    case Fact::kWentTo:
      return false;
    case Fact::kOffer:
      return is(EventKind::kOfferCreated) && may_be(sentence, "generation", event.generation);
    case Fact::kRinging:
      return is(EventKind::kOfferRinging);
    case Fact::kAccepts:
      return is(EventKind::kOfferAccepted) && (event.detail == 1) == sentence.has("late");
    case Fact::kNoAnswer:
      return is_end(event, OfferOutcome::kNoAnswer);
    case Fact::kRejected:
      return is_end(event, OfferOutcome::kRejected);
    case Fact::kBusy:
      return is_end(event, OfferOutcome::kBusy);
    case Fact::kUnreachable:
      return is_end(event, OfferOutcome::kUnreachable);
    case Fact::kUnknownAddress:
      return is_end(event, OfferOutcome::kUnknownAddress);
    case Fact::kCanceled:
      return is_end(event, OfferOutcome::kCanceled);
    case Fact::kRescinded:
      return is_end(event, OfferOutcome::kRescinded);
    case Fact::kConnected:
      return is(EventKind::kCallConnected) && may_say(sentence, "leg", seen.text);
    case Fact::kHeld:
      return is(EventKind::kCallHeld);
    case Fact::kResumed:
      return is(EventKind::kCallResumed);
    case Fact::kCompleted: {
      const EndedBy* who = value_of(kEnders, sentence.text("who"));
      return is(EventKind::kCallCompleted) && who != nullptr &&
             event.detail == static_cast<uint8_t>(*who);
    }
    case Fact::kAbandoned:
      return is(EventKind::kCallAbandoned);
    case Fact::kTimedOut:
      return is(EventKind::kCallTimedOut) && may_be(sentence, "cause", event.cause);
    case Fact::kWithdrawn:
      return is(EventKind::kCallWithdrawn) && event.number == 0;
    case Fact::kRerouted:
      if (sentence.has("unseen")) return is(EventKind::kCallRerouted);
      return is(EventKind::kCallWithdrawn) && event.number != 0;
    case Fact::kFailed: {
      const FailReason* why = value_of(kFailures, sentence.text("why"));
      return is(EventKind::kCallFailed) && why != nullptr &&
             event.detail == static_cast<uint8_t>(*why);
    }
    case Fact::kBack:
      return is(EventKind::kCallRequeued);
    case Fact::kOverflows:
      return is_overflow(sentence, seen, false);
    case Fact::kLeavesOutside:
      return is_overflow(sentence, seen, true);
    case Fact::kEnters:
      return is(EventKind::kCallEnqueued) && is_place(sentence, event);
    case Fact::kTurnedAway:
      return is(EventKind::kCallRejected) && is_limit(sentence, event) &&
             may_be(sentence, "cause", event.cause);
    case Fact::kHasPriority:
      return is(EventKind::kCallPriorityChanged) && may_be(sentence, "number", event.number);
    case Fact::kScored:
      return is_scored(sentence, seen);
    case Fact::kTransferred:
      return is_transfer(sentence, seen);
    case Fact::kJoinsCall:
      return is(EventKind::kCallPartyJoined);
    case Fact::kLeavesCall:
      return is(EventKind::kCallPartyLeft);
    case Fact::kRetrieved:
      return is(EventKind::kCallRetrieved);
    case Fact::kSupervised:
      return is(EventKind::kCallSupervised) &&
             supervision_word(static_cast<Supervision>(event.detail)) == sentence.text("kind") &&
             seen.text2 == sentence.text("other") && seen.text == sentence.text("dial");
    case Fact::kDialedOutside:
      return is(EventKind::kCallOutsideDialed) && seen.text == sentence.text("target");
    case Fact::kLegReplaced:
      return is(EventKind::kCallLegReplaced) && seen.text == sentence.text("leg") &&
             seen.text2 == sentence.text("old") && event.flag == sentence.has("agent");
    case Fact::kUnderSteps:
    case Fact::kUnderNoStep:
      return is(EventKind::kCallStepChanged) && event.number == step_mask(sentence);
    case Fact::kHears:
      return is_heard(sentence, seen, TreatmentKind::kScheduled);
    case Fact::kTold:
      return is_heard(sentence, seen, TreatmentKind::kAnnouncement);
    case Fact::kCallbackOffered:
      return is_heard(sentence, seen, TreatmentKind::kCallbackOffer);
    case Fact::kCallbackRequested:
      return is(EventKind::kCallCallbackRequested) && seen.text == sentence.text("callback") &&
             event.cause == (sentence.has("cause") ? number_in(sentence.text("cause")) : 0);
    case Fact::kDialed:
      return is(EventKind::kCallDialed) && seen.text == sentence.text("dial") &&
             event.agent.valid() == sentence.has("agent") &&
             may_be(sentence, "attempt", event.number) && may_say(sentence, "leg", seen.text2);
    case Fact::kDialFailed:
      return is_dial_failure(sentence, event);
    case Fact::kCustomerAnswered:
      return is(EventKind::kCallDialEnded) &&
             event.detail == static_cast<uint8_t>(DialOutcome::kAnswered) &&
             may_say(sentence, "leg", seen.text);
    case Fact::kDue:
      return is(EventKind::kCallDue);
    case Fact::kScheduled: {
      const ScheduleChange* change = value_of(kScheduleChanges, sentence.text("change"));
      return is(EventKind::kCallScheduled) && change != nullptr &&
             event.detail == static_cast<uint8_t>(*change) &&
             may_be(sentence, "moment", event.duration_ns / kNsPerMs);
    }
    case Fact::kDropped:
      return is(EventKind::kCallScheduled) &&
             event.detail == static_cast<uint8_t>(ScheduleChange::kDropped) &&
             reject_name(static_cast<Reject>(event.number)) == sentence.text("verdict");
    case Fact::kStale:
      return is(EventKind::kOfferStale) && !event.flag;
    case Fact::kLegDropped:
      return is(EventKind::kOfferStale) && event.flag;
    case Fact::kLoggedIn:
      return is(EventKind::kAgentLoggedIn);
    case Fact::kLoggedOut:
      return is(EventKind::kAgentLoggedOut) && event.flag == sentence.has("by") &&
             event.detail == 0;
    case Fact::kLoggedOutOnBehalf:
      return is(EventKind::kAgentLoggedOut) && !event.flag && event.detail == 1;
    case Fact::kLegUp:
      return is(EventKind::kAgentLegUp);
    case Fact::kLegLost:
      return is(EventKind::kAgentLegLost);
    case Fact::kNotReady:
      return is(EventKind::kAgentStateChanged) && event.to == AgentState::kNotReady &&
             is_reason(sentence.text("reason"), event.number);
    case Fact::kState:
      return is_state(sentence, event);
    case Fact::kWrapsUp:
      return is_wrap_up(sentence, event);
    case Fact::kWrapUpOver:
      return is(EventKind::kAgentWrapUpEnded);
    case Fact::kQueueRemoved:
      return is(EventKind::kQueueRemoved);
    case Fact::kJoins:
      return is(EventKind::kMemberAdded) &&
             event.number == (sentence.has("number") ? number_in(sentence.text("number")) : 1);
    case Fact::kLeaves:
      return is(EventKind::kMemberRemoved);
    case Fact::kPaused:
      return is(EventKind::kMemberPaused);
    case Fact::kUnpaused:
      return is(EventKind::kMemberUnpaused);
    case Fact::kSwitchLost:
      return is(EventKind::kSwitchDisconnected);
    case Fact::kResynced:
      return is(EventKind::kSwitchResynced) && event.flag == sentence.has("too");
    case Fact::kSwitchBack:
      return is(EventKind::kSwitchConnected);
    case Fact::kDesktopLost:
      return is(EventKind::kDesktopDisconnected);
    case Fact::kDesktopBack:
      return is(EventKind::kDesktopConnected);
    case Fact::kAttached:
      return is(EventKind::kAgentAttached);
    case Fact::kDetached: {
      const DetachReason* why = value_of(kDetachReasons, sentence.text("why"));
      return is(EventKind::kAgentDetached) && why != nullptr &&
             event.detail == static_cast<uint8_t>(*why);
    }
  }
  return false;
}

// Of a call that waits: why, if the sentence says.
std::string Stage::check_wait(const Sentence& sentence) const {
  const LedgerCall* call = twin_.ledger().find_call(sentence.text("call"));
  if (call == nullptr) return sentence.text("call") + " is no longer here";
  if (call->stage != LedgerStage::kEnqueued) return call->id + " does not wait";
  const auto fact = static_cast<Fact>(sentence.id);
  if (fact == Fact::kCallWaits) return "";
  const std::string difference = twin_.judge_wait(*call);
  if (!difference.empty()) return difference;
  const WaitExplanation why = twin_.router().explain_wait(call->index);
  if (fact == Fact::kWaitsForWindow || fact == Fact::kWaitsForDials) {
    const bool is_window = fact == Fact::kWaitsForWindow;
    const bool is_so =
        why.hold_back == (is_window ? HoldBack::kCallbacksClosed : HoldBack::kDialsUsed);
    return is_so ? "" : "what holds it back is " + std::string(hold_back_name(why.hold_back));
  }
  if (fact == Fact::kWaitsForSwitch) return why.is_switch_away ? "" : "its switch is here";
  const std::string wrong = compare_counts(sentence, why.agents);
  if (!wrong.empty() || !sentence.has("duration")) return wrong;
  if (why.next_change_ns == parse_duration(sentence.text("duration")).value_or(-1)) return "";
  return why.next_change_ns == kNeverNs ? "nothing changes that by itself"
                                        : "that changes at " + time_text(why.next_change_ns);
}

std::string Stage::check_idle(const Sentence& sentence) const {
  const auto& agents = twin_.ledger().agents();
  const auto agent = std::ranges::find(agents, sentence.text("agent"), &LedgerAgent::id);
  if (agent == agents.end()) return "no such agent";
  const AgentIndex index(static_cast<size_t>(agent - agents.begin()));
  const std::string difference = twin_.judge_idle(index);
  if (!difference.empty()) return difference;
  const IdleExplanation why = twin_.router().explain_idle(index);
  const std::string own(blocker_name(why.own));
  if (static_cast<Fact>(sentence.id) == Fact::kIdleByThemselves) {
    return own == sentence.text("blocker") ? "" : "of the agent's own there is " + own;
  }
  if (why.own != Blocker::kNone) return "the agent's own reason is " + own;
  // Of "nothing waits" there is none to count.
  return compare_counts(sentence, why.calls);
}

std::string Stage::agent_name(AgentIndex agent) const {
  const auto& agents = twin_.ledger().agents();
  return agent.value() < agents.size() ? agents[agent.value()].id : "nobody";
}

// What the record of the call's latest assignment says.
std::string Stage::check_assignment(const Sentence& sentence) const {
  const auto found = decisions_.find(sentence.text("call"));
  if (found == decisions_.end()) return "it was given to nobody";
  const Decision& decision = found->second;
  const std::string winner = agent_name(decision.candidates[0].agent);
  if (winner != sentence.text("agent")) return "it went to " + winner;
  const auto by =
      std::ranges::find(kTieBreaks, decision.tie_break, [](const auto& one) { return one.second; });
  if (by->first != sentence.text("tie")) return "it went by " + std::string(by->first);
  if (decision.was_preferred != sentence.has("as")) {
    return decision.was_preferred ? "it went there as preferred" : "nobody was preferred";
  }
  if (!sentence.has("other")) return "";
  const std::string second =
      decision.candidate_count > 1 ? agent_name(decision.candidates[1].agent) : "nobody";
  return second == sentence.text("other") ? "" : "it went over " + second;
}

std::string Stage::check_stand(const Sentence& sentence) const {
  const auto fact = static_cast<Fact>(sentence.id);
  if (fact <= Fact::kWaitsForDials) return check_wait(sentence);
  if (fact <= Fact::kIdleByThemselves) return check_idle(sentence);
  return fact == Fact::kWentTo ? check_assignment(sentence) : check_state(sentence);
}

std::string Stage::check_state(const Sentence& sentence) const {
  const Ledger& ledger = twin_.ledger();
  const LedgerAgent* agent = ledger.find_agent(sentence.text("agent"));
  const AgentState* state = value_of(kStates, sentence.text("state"));
  if (agent == nullptr) return "no such agent";
  if (state == nullptr) return "no such state: " + sentence.text("state");
  if (agent->state != *state) {
    const auto is =
        std::ranges::find_if(kStates, [&](const auto& one) { return one.second == agent->state; });
    return agent->id + " is " + std::string(is->first);
  }
  if (sentence.has("reason") && !is_reason(sentence.text("reason"), agent->reason)) {
    return agent->id + " is so for reason " + std::to_string(agent->reason);
  }
  return "";
}

std::string Stage::check(const StorySentence& expected) {
  const Sentence& sentence = expected.sentence;
  const auto fact = static_cast<Fact>(sentence.id);
  if (fact >= Fact::kCallWaits && fact <= Fact::kAgentIs) return check_stand(sentence);
  if (fact == Fact::kNothing) {
    const std::string first = untold();
    return first.empty() ? "" : "something happened: " + first;
  }
  const auto is_meant = [&](std::string_view slot, const std::string& name) {
    return !sentence.has(slot) || sentence.text(slot) == name;
  };
  while (!seen_.empty()) {
    const StageEvent& next = seen_.front();
    if (is_event(sentence, next) && is_meant("call", next.call) && is_meant("agent", next.agent) &&
        is_meant("queue", next.queue) && is_meant("switch", next.source)) {
      seen_.pop_front();
      return "";
    }
    if (!may_stay_untold(next.event.kind)) return "instead there is: " + next.line;
    seen_.pop_front();
  }
  return "nothing of that kind happened";
}

}  // namespace acd::sim
