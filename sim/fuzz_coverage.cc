// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz_coverage.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "routing/callback.h"
#include "routing/check.h"
#include "routing/leg_id.h"
#include "routing/limits.h"
#include "routing/outcome.h"
#include "sim/command_line.h"

namespace acd::sim {
namespace {

constexpr const char* kFeatureNames[] = {"call requirements",
                                         "OR and NOT",
                                         "prefers",
                                         "REPLACE",
                                         "teams",
                                         "ranks",
                                         "named members",
                                         "pauses",
                                         "steps by time",
                                         "conditions",
                                         "preferred agent",
                                         "protect",
                                         "ring_all",
                                         "limits on entry",
                                         "EWT",
                                         "wait limit",
                                         "offers limit",
                                         "overflow",
                                         "treatments",
                                         "wrap-up",
                                         "extensions",
                                         "late adoption",
                                         "live change",
                                         "drains",
                                         "new skills",
                                         "open and close",
                                         "two switches",
                                         "age credit",
                                         "priorities",
                                         "forced log-out",
                                         "take-overs",
                                         "busy phones",
                                         "media",
                                         "outcomes",
                                         "transfers",
                                         "consults",
                                         "legs",
                                         "answer modes",
                                         "callbacks",
                                         "reach between switches",
                                         "desktops",
                                         "supervisors",
                                         "switch away",
                                         "new epoch",
                                         "resync",
                                         "restart",
                                         "stale claims",
                                         "repeats",
                                         "gaps",
                                         "unknown names",
                                         "wrong switch",
                                         "at deadlines",
                                         "failed legs",
                                         "big centre"};
static_assert(std::size(kFeatureNames) == kFeatureCount);

constexpr const char* kEvidenceNames[] = {"offer to any member",
                                          "offer to a named member",
                                          "offer to a team's member",
                                          "offer to an opened team",
                                          "offer of a later rank",
                                          "offer where skills are preferred",
                                          "offer to the preferred agent",
                                          "preferred agent kept over a transfer",
                                          "preferring call to another agent",
                                          "preferring call that waits though busy",
                                          "offer to the agent of a limit",
                                          "call withheld by protect",
                                          "offer to another after a failure",
                                          "offer to the same after a failure",
                                          "several phones ring",
                                          "offer of a further contact",
                                          "offer to who has fewer contacts",
                                          "call of another medium than voice",
                                          "step no longer in force",
                                          "step by time",
                                          "younger call first",
                                          "late answer adopted",
                                          "timed wrap-up",
                                          "manual wrap-up",
                                          "wrap-up extended",
                                          "wrap-up ended early",
                                          "wrap-up ended by its call",
                                          "forced log-out",
                                          "live change with calls",
                                          "queue drained",
                                          "skills edited with calls",
                                          "new agent",
                                          "restart",
                                          "calls lost with an epoch",
                                          "calls lost after the grace",
                                          "command at a deadline",
                                          "commands at one instant",
                                          "call ended twice",
                                          "outcome of a live call",
                                          "outcome of an ended call",
                                          "outcome in wrap-up",
                                          "outcome told again",
                                          "outcome told by no switch",
                                          "outcome told too late",
                                          "outcome of a consult",
                                          "transfer of an agent's call",
                                          "transfer of a waiting call",
                                          "transfer of an alerting call",
                                          "transfer by no switch",
                                          "transfer to somebody by another queue",
                                          "call requeued while it rings",
                                          "call requeued from its agent",
                                          "call withdrawn by a supervisor",
                                          "priority by a supervisor",
                                          "agent's state by a supervisor",
                                          "offer to whom a call was transferred",
                                          "offer to another than whom it was transferred to",
                                          "transfer to a supervisor at work",
                                          "limit met on a transfer",
                                          "caller's leg replaced",
                                          "agent's leg replaced",
                                          "customer's leg replaced",
                                          "customer's leg named by the switch",
                                          "customer's leg named by the dial",
                                          "code owed of a call that was transferred",
                                          "consult of an agent",
                                          "consult of a supervisor",
                                          "consult asked for by no switch",
                                          "call ended while a consult waits",
                                          "call ended while a consult is connected",
                                          "call transferred by who consults",
                                          "call left by who consults",
                                          "conference",
                                          "caller left with somebody outside",
                                          "first agent leaves a conference",
                                          "hold by who is not on the call",
                                          "call left by who is not on it",
                                          "consult by who is not on the call",
                                          "transfer by who does not have the call",
                                          "offer accepted at the desktop",
                                          "offer accepted at the desktop again",
                                          "offer rejected at the desktop",
                                          "offer to a phone rejected at the desktop",
                                          "offer accepted at once",
                                          "offer accepted at once of several",
                                          "no answer at the desktop",
                                          "desktop back with its agents",
                                          "desktop back anew",
                                          "agent held back without a desktop",
                                          "agent left behind by a desktop",
                                          "ready agent of a lost desktop",
                                          "ringing agent of a lost desktop",
                                          "talking agent of a lost desktop",
                                          "not connected though accepted before it rang",
                                          "log-in taken over",
                                          "log-in taken over in wrap-up",
                                          "station without the medium of a call",
                                          "callback in the place of a caller",
                                          "callback asked for by no switch",
                                          "call for later of a drained queue",
                                          "callback with its switch away",
                                          "customer on the line offered",
                                          "callbacks wait for a dial to end",
                                          "offer to a station of another switch",
                                          "offer that outlives its reach rule",
                                          "call that outlives its agent's switch",
                                          "offer to another switch that reaches nobody",
                                          "agent's hang-up of a call that nobody has",
                                          "callback in the place of a callback",
                                          "reminder where callers are limited",
                                          "callbacks wait for their window",
                                          "window closes while a callback is under way",
                                          "callback due outside its window",
                                          "callback asked for outside its window",
                                          "listed call that was offered",
                                          "listed call whose agent is gone",
                                          "listed call that was joined unseen",
                                          "listed call that is with somebody else",
                                          "listed call that nobody knew",
                                          "list that did not end in time",
                                          "list that goes on after a cut",
                                          "conference that is full",
                                          "callback beyond the limit",
                                          "callback due beyond the limit",
                                          "call for later beyond the limit",
                                          "call ahead of its entry",
                                          "preferred agent kept over an overflow",
                                          "predicted wait told by place",
                                          "stale fact",
                                          "stale claim",
                                          "class of calls with many links",
                                          "class of agents with many links",
                                          "rematch of everything",
                                          "random draw among many",
                                          "classes of calls freed",
                                          "classes of agents freed",
                                          "bulk work in slices",
                                          "command between slices",
                                          "world with open bulk work",
                                          "world played again alone",
                                          "restored from a saved state"};
static_assert(std::size(kEvidenceNames) == kEvidenceCount);

// Calls `visit` with every step that there may be, from and to.
template <typename State, size_t kCount, typename Visit>
void visit_steps(const Transitions<State, kCount>& transitions, Visit&& visit) {
  for (size_t from = 0; from < kCount; ++from) {
    for (size_t to = 0; to < kCount; ++to) {
      if (transitions.has(static_cast<State>(from), static_cast<State>(to))) visit(from, to);
    }
  }
}

std::string step_text(std::string_view what, std::string_view from, std::string_view to) {
  return std::string(what) + " from " + std::string(from) + " to " + std::string(to);
}

// Every kind of event, with the details that are told apart.
struct EventName {
  EventKind kind;
  uint8_t detail;
  const char* more;
};
constexpr EventName kEventNames[] = {
    {EventKind::kCallEnqueued, 0, " by arrival"},
    {EventKind::kCallEnqueued, 1, " by overflow"},
    {EventKind::kCallEnqueued, 2, " drained"},
    {EventKind::kCallEnqueued, 3, " by transfer"},
    {EventKind::kCallLegReplaced, 0, ""},
    {EventKind::kCallSupervised, 1, " by monitor"},
    {EventKind::kCallSupervised, 2, " by whisper"},
    {EventKind::kCallSupervised, 3, " by barge"},
    {EventKind::kCallSupervised, 4, " by leave"},
    {EventKind::kCallSupervised, 5, " by record"},
    {EventKind::kCallSupervised, 6, " by stop_recording"},
    {EventKind::kCallTransferred, 1, ": to a queue"},
    {EventKind::kCallTransferred, 2, ": to an agent"},
    {EventKind::kCallTransferred, 3, ": to a supervisor"},
    {EventKind::kCallTransferred, 4, ": outside"},
    {EventKind::kCallEnqueued, 4, " by consult"},
    {EventKind::kCallMerged, 0, ""},
    {EventKind::kCallMerged, 1, " by request"},
    {EventKind::kCallPartyJoined, 0, ""},
    {EventKind::kCallPartyLeft, 0, ""},
    {EventKind::kCallPartyLeft, 1, " after a consult"},
    {EventKind::kCallRetrieved, 0, ""},
    {EventKind::kCallOutsideDialed, 0, ""},
    {EventKind::kCallOutsideAnswered, 0, ""},
    {EventKind::kCallEnqueued, 5, " as a callback"},
    {EventKind::kCallConnected, 0, ""},
    {EventKind::kCallHeld, 0, ""},
    {EventKind::kCallResumed, 0, ""},
    {EventKind::kCallCompleted, 1, " by the caller"},
    {EventKind::kCallCompleted, 2, " by the agent"},
    {EventKind::kCallCompleted, 3, " by time-out"},
    {EventKind::kCallCompleted, 4, " by the switch"},
    {EventKind::kCallAbandoned, 1, " by the caller"},
    {EventKind::kCallAbandoned, 2, ": the agent hung up first"},
    {EventKind::kCallTimedOut, 3, ""},
    {EventKind::kCallWithdrawn, 4, " by the switch"},
    {EventKind::kCallRerouted, 0, ", unseen"},
    {EventKind::kSwitchConnected, 1, " with a list"},
    {EventKind::kSwitchResynced, 0, ""},
    {EventKind::kCallWithdrawn, 1, " by the caller, or with who consults"},
    {EventKind::kCallWithdrawn, 5, " by a supervisor"},
    {EventKind::kCallFailed, 0, " with its switch"},
    {EventKind::kCallFailed, 1, " after its offers"},
    {EventKind::kCallFailed, 2, " after its attempts"},
    {EventKind::kCallCallbackRequested, 0, ""},
    {EventKind::kCallDialed, 0, ""},
    {EventKind::kCallDialEnded, 0, ": nobody knows"},
    {EventKind::kCallDialEnded, 1, ": no answer"},
    {EventKind::kCallDialEnded, 2, ": busy"},
    {EventKind::kCallDialEnded, 3, ": unreachable"},
    {EventKind::kCallDialEnded, 4, ""},
    {EventKind::kCallDue, 0, ""},
    {EventKind::kCallEnqueued, 6, " as scheduled"},
    {EventKind::kCallScheduled, 0, ""},
    {EventKind::kCallScheduled, 1, ""},
    {EventKind::kCallScheduled, 2, ""},
    {EventKind::kCallScheduled, 3, ""},
    {EventKind::kCallRequeued, 0, ""},
    {EventKind::kCallRequeued, 4, ": the agent's phone was unreachable"},
    {EventKind::kCallRequeued, 5, ": the agent's phone was unknown"},
    {EventKind::kCallOverflowed, 1, ": closed"},
    {EventKind::kCallOverflowed, 2, ": no agents"},
    {EventKind::kCallOverflowed, 3, ": none ready"},
    {EventKind::kCallOverflowed, 4, ": length"},
    {EventKind::kCallOverflowed, 5, ": EWT"},
    {EventKind::kCallOverflowed, 6, ": wait"},
    {EventKind::kCallOverflowed, 7, ": offers"},
    {EventKind::kCallOverflowed, 8, ": drained"},
    {EventKind::kCallRejected, 1, ": closed"},
    {EventKind::kCallRejected, 2, ": no agents"},
    {EventKind::kCallRejected, 3, ": none ready"},
    {EventKind::kCallRejected, 4, ": length"},
    {EventKind::kCallRejected, 5, ": EWT"},
    {EventKind::kCallRejected, 8, ": a consult of a queue that is drained"},
    {EventKind::kCallPriorityChanged, 0, ""},
    {EventKind::kCallStepChanged, 0, ""},
    {EventKind::kCallScored, 0, ""},
    {EventKind::kCallTreated, 0, ": scheduled"},
    {EventKind::kCallTreated, 1, ": announcement"},
    {EventKind::kCallTreated, 2, ": callback offer"},
    {EventKind::kOfferCreated, 0, ""},
    {EventKind::kOfferRinging, 0, ""},
    {EventKind::kOfferAccepted, 0, ""},
    {EventKind::kOfferAccepted, 1, " late"},
    {EventKind::kOfferEnded, 1, ""},
    {EventKind::kOfferEnded, 2, ""},
    {EventKind::kOfferEnded, 3, ""},
    {EventKind::kOfferEnded, 4, ""},
    {EventKind::kOfferEnded, 5, ""},
    {EventKind::kOfferEnded, 6, ""},
    {EventKind::kOfferEnded, 7, ""},
    {EventKind::kOfferStale, 0, ""},
    {EventKind::kAgentUpserted, 0, ""},
    {EventKind::kAgentLoggedIn, 0, ": phone"},
    {EventKind::kAgentLoggedIn, 1, ": desktop"},
    {EventKind::kAgentLoggedIn, 2, ": auto"},
    {EventKind::kAgentLoggedIn, 3, ": nailed up"},
    {EventKind::kAgentLoggedOut, 0, ""},
    {EventKind::kAgentLoggedOut, 1, " on behalf"},
    {EventKind::kAgentStateChanged, 0, ""},
    {EventKind::kAgentWrapUpStarted, 0, ""},
    {EventKind::kAgentWrapUpEnded, 0, ""},
    {EventKind::kQueueConfigChanged, 0, ""},
    {EventKind::kQueueOpened, 0, ""},
    {EventKind::kQueueCallbacksOpened, 0, ""},
    {EventKind::kQueueCallbacksClosed, 0, ""},
    {EventKind::kQueueClosed, 0, ""},
    {EventKind::kQueueRemoved, 0, ""},
    {EventKind::kSwitchConnected, 0, ""},
    {EventKind::kSwitchDisconnected, 0, ""},
    {EventKind::kMemberAdded, 0, ""},
    {EventKind::kMemberRemoved, 0, ""},
    {EventKind::kMemberPaused, 0, ""},
    {EventKind::kMemberUnpaused, 0, ""},
    {EventKind::kDesktopConnected, 0, ""},
    {EventKind::kDesktopDisconnected, 0, ""},
    {EventKind::kAgentAttached, 0, ""},
    {EventKind::kAgentDetached, 0, " as asked"},
    {EventKind::kAgentDetached, 1, ": taken over"},
    {EventKind::kAgentDetached, 2, ": lost"},
    {EventKind::kAgentLegUp, 0, ""},
    {EventKind::kAgentLegLost, 0, ""}};

// Of a call that was scored it is a set: what was said.
bool has_details(EventKind kind) { return kind != EventKind::kCallScored; }

bool is_named(EventKind kind, size_t detail) {
  return std::ranges::any_of(kEventNames, [&](const EventName& name) {
    return name.kind == kind && name.detail == detail;
  });
}

// small_limits_test plays worlds in which these are met.
bool needs_small_limits(Evidence evidence) {
  return evidence == Evidence::kShuffle || evidence == Evidence::kPartiesUsedUp ||
         evidence == Evidence::kCallbacksUsedUp || evidence == Evidence::kDueUsedUp ||
         evidence == Evidence::kScheduledUsedUp;
}

// Not of a record: those are judged, and taken out.
bool is_counted(EventKind kind) { return kind != EventKind::kCallDecided; }

}  // namespace

void Coverage::see_world(const Features& features, const TenantConfig& config) {
  for (size_t i = 0; i < kFeatureCount; ++i) {
    if (features.has(static_cast<Feature>(i))) ++features_[i];
  }
  config_ = config;
  profiles_.clear();
  preferences_.clear();
  steps_.clear();
  transferred_.clear();
  wrap_ups_.clear();
  last_command_ns_ = -1;
  has_pauses_ = features.has(Feature::kPauses);
  begin_step();
}

void Coverage::see_extent(const Router::Extent& extent) {
  if (extent.call_class_links_max > kListedLinksMax) count(Evidence::kManyAgentClasses);
  if (extent.agent_class_links_max > kListedLinksMax) count(Evidence::kManyCallClasses);
  if (extent.rematch_count > 0) count(Evidence::kRematch);
  if (extent.shuffle_count > 0) count(Evidence::kShuffle);
  if (extent.has_freed_call_classes) count(Evidence::kCallClassesFreed);
  if (extent.has_freed_agent_classes) count(Evidence::kAgentClassesFreed);
  visit_steps(kWorkTransitions, [&](size_t from, size_t to) {
    work_[from][to] += extent.work.has(static_cast<Work>(from), static_cast<Work>(to)) ? 1 : 0;
  });
  visit_steps(kStageTransitions, [&](size_t from, size_t to) {
    const auto before = static_cast<CallStage>(from);
    stages_[from][to] += extent.stages.has(before, static_cast<CallStage>(to)) ? 1 : 0;
  });
}

void Coverage::see_config(const TenantConfig& config) { config_ = config; }

void Coverage::see_profile(const AgentProfile& profile) {
  std::erase_if(profiles_, [&](const AgentProfile& known) { return known.id == profile.id; });
  profiles_.push_back(profile);
}

void Coverage::begin_step() {
  accepted_.clear();
  wrapped_up_.clear();
  arrived_.clear();
  ended_consults_.clear();
  opened_gate_ = QueueIndex();
  has_stale_ = false;
  met_.clear();
}

void Coverage::see_sights(const Oracle::Sights& sights) {
  static constexpr Evidence kOf[] = {Evidence::kWithheld, Evidence::kAgentOfLimit,
                                     Evidence::kPreferredKept, Evidence::kLaterDrained};
  static_assert(std::size(kOf) == std::tuple_size_v<Oracle::Sights>);
  for (size_t i = 0; i < sights.size(); ++i) evidence_[static_cast<size_t>(kOf[i])] += sights[i];
}

void Coverage::see_step(const FuzzStep& step, Reject reject, const Ledger& ledger) {
  see_played(step, reject, ledger);
  see_lacking_media(ledger);
  for (const EndedConsult& consult : ended_consults_) {
    if (consult.is_left) count(Evidence::kLeaverEndsConsult);
  }
  begin_step();
}

void Coverage::see_played(const FuzzStep& step, Reject reject, const Ledger& ledger) {
  if (step.kind != FuzzStep::Kind::kPass) ++rejects_[static_cast<size_t>(reject)];
  const bool has_calls = std::ranges::any_of(
      ledger.calls(), [](const LedgerCall& call) { return call.stage == LedgerStage::kEnqueued; });
  if (step.kind == FuzzStep::Kind::kConfigure && reject == Reject::kNone && has_calls) {
    count(Evidence::kChangeWithCalls);
  }
  if (step.kind == FuzzStep::Kind::kUpsert && reject == Reject::kNone && has_calls) {
    count(profile_of(step.profile->id) == nullptr ? Evidence::kNewAgent
                                                  : Evidence::kSkillsWithCalls);
  }
  if (step.kind != FuzzStep::Kind::kCommand) return;
  if (step.now_ns == last_command_ns_) count(Evidence::kSameInstant);
  last_command_ns_ = step.now_ns;
  const Command& command = step.command;
  if (command.kind == CommandKind::kEndCall && reject == Reject::kCallUnknown) {
    const auto id = command.call.in(step.arena);
    if (std::ranges::find(ledger.ended(), id, &LedgerCall::id) != ledger.ended().end()) {
      count(Evidence::kBothHangUp);
    }
  }
  if (command.kind == CommandKind::kSetOutcome && reject == Reject::kCallUnknown) {
    // Of two with one id the later one is meant.
    const std::vector<LedgerCall>& ended = ledger.ended();
    const auto id = command.call.in(step.arena);
    const auto gone = std::ranges::find(ended.rbegin(), ended.rend(), id, &LedgerCall::id);
    if (gone != ended.rend() && !gone->is_lost && step.now_ns > gone->ended_ns + kEndedCallKeptNs) {
      count(Evidence::kScoredTooLate);
    }
  }
  if (reject == Reject::kOfferStale) count(Evidence::kStaleClaim);
  if (reject == Reject::kCodeRequired) see_refused_end(step, ledger);
  see_stranger(step, reject, ledger);
  if (reject == Reject::kLimitReached) see_limit(command.kind);
  if (reject != Reject::kNone) return;
  see_claim(step, ledger);
  if (command.kind == CommandKind::kEndCall && has_stale_) count(Evidence::kHangUpOfNobody);
  if (command.kind == CommandKind::kResume) count(Evidence::kRestart);
  if (command.kind == CommandKind::kKeepCall) see_listed(command);
  if (command.kind == CommandKind::kSetOutcome && !command.source.valid()) {
    count(Evidence::kScoredByNoSwitch);
  }
  if (command.kind == CommandKind::kTransferCall) {
    if (!command.source.valid()) count(Evidence::kTransferByNoSwitch);
    if (command.text.size > 0) count(Evidence::kTransferOnTheWay);
  }
  see_supervisor(command);
  if (command.kind == CommandKind::kConsult) {
    if (command.detail == static_cast<uint8_t>(TransferTarget::kAgent)) {
      count(Evidence::kConsultOfAgent);
    } else if (command.detail == static_cast<uint8_t>(TransferTarget::kSupervisor)) {
      count(Evidence::kConsultOfSupervisor);
    }
    if (!command.source.valid()) count(Evidence::kConsultByNoSwitch);
  }
  if (command.kind == CommandKind::kExtendWrapUp) count(Evidence::kWrapUpExtended);
  if (command.kind == CommandKind::kEndWrapUp) {
    count(command.call.size > 0 ? Evidence::kWrapUpEndedByName : Evidence::kWrapUpEndedEarly);
  }
  if (command.kind == CommandKind::kLogOut && command.flag) count(Evidence::kForcedLogOut);
  const auto preferred = command.preferred.in(step.arena);
  if (command.kind == CommandKind::kEnqueueCall && !preferred.empty()) {
    preferences_.push_back({std::string(command.call.in(step.arena)), std::string(preferred)});
    if ((command.detail & 1) != 0) count(Evidence::kWaitsThoughBusy);
  }
  if (command.kind == CommandKind::kEnqueueCall && command.detail > 1) {
    count(Evidence::kOtherMedium);
  }
}

void Coverage::see_event(const Event& event, const EventLog& log, const Ledger& ledger) {
  const size_t kind = static_cast<size_t>(event.kind);
  if (kind >= kKindMax) return;
  if (is_counted(event.kind)) {
    const size_t detail = has_details(event.kind) ? event.detail : 0;
    ACD_CHECK(detail < kDetailMax);
    ++events_[kind][detail];
  }
  const QueueConfig* queue = queue_of(event, ledger);
  if (event.kind == EventKind::kOfferCreated) see_offer(event, ledger);
  if (event.kind == EventKind::kCallStepChanged && queue != nullptr) see_steps(event, *queue);
  if (event.kind == EventKind::kAgentWrapUpStarted) {
    count(event.duration_ns == kNeverNs ? Evidence::kWrapUpManual : Evidence::kWrapUpTimed);
  }
  if (event.kind == EventKind::kOfferAccepted && event.detail == 1) count(Evidence::kLateAdopted);
  see_station(event, ledger);
  see_desktop(event, ledger);
  met_.insert(event.kind);
  if (event.kind == EventKind::kSwitchResynced && event.flag) count(Evidence::kListLate);
  const bool goes_on = event.kind == EventKind::kSwitchConnected && event.flag && event.detail != 0;
  if (goes_on) count(Evidence::kListGoesOn);
  if (event.kind == EventKind::kOfferStale) has_stale_ = true;
  if (event.kind == EventKind::kOfferStale && event.flag) count(Evidence::kStaleFact);
  const bool is_reminder = event.kind == EventKind::kCallEnqueued &&
                           event.detail == static_cast<uint8_t>(VisitEntry::kScheduled);
  if (is_reminder && queue != nullptr &&
      (queue->limits.no_agents.kind != LimitAction::Kind::kWait ||
       queue->limits.none_ready.kind != LimitAction::Kind::kWait)) {
    count(Evidence::kReminderPastLimit);
  }
  if (event.kind == EventKind::kCallEnqueued) see_arrival(event);
  // Worlds predict times that five seconds divide.
  const bool is_part = event.kind == EventKind::kCallTreated && event.duration_ns != kNeverNs &&
                       event.duration_ns % (5 * kNsPerS) != 0;
  if (is_part) count(Evidence::kEwtByPlace);
  see_transfer(event, log, ledger);
  if (event.kind == EventKind::kCallLegReplaced) {
    count(event.flag ? Evidence::kLegOfAgent : Evidence::kLegOfCaller);
    const std::string_view old = event.text2.in(log.arena);
    if (!event.flag && old.starts_with(kOwnLegPrefix)) count(Evidence::kLegOfCustomer);
  }
  if (event.kind == EventKind::kCallScored) see_outcome(event, log);
  see_parties(event, ledger);
  see_wrap_up(event, ledger);
  see_callback(event, log, ledger);
  if (event.kind == EventKind::kCallFailed && event.detail == 0 &&
      event.source.value() < ledger.sources().size()) {
    count(ledger.sources()[event.source.value()].is_connected ? Evidence::kEpochLost
                                                              : Evidence::kGraceOver);
  }
}

void Coverage::see_steps(const Event& event, const QueueConfig& queue) {
  auto known = std::ranges::find(steps_, event.call, &StepsInForce::call);
  if (known == steps_.end()) {
    steps_.push_back({event.call, 0});
    known = steps_.end() - 1;
  }
  const int32_t came = event.number & ~known->mask;
  if ((known->mask & ~event.number) != 0) count(Evidence::kStepLeftForce);
  known->mask = event.number;
  for (size_t i = 0; i < queue.steps.size(); ++i) {
    if ((came >> i & 1) == 0) continue;
    const StepConfig& step = queue.steps[i];
    ++changes_[static_cast<size_t>(step.change)];
    if (step.has_condition) {
      ++conditions_[static_cast<size_t>(step.condition.counter) * 2 +
                    static_cast<size_t>(step.condition.compare)];
    } else {
      count(Evidence::kStepByTime);
    }
  }
}

void Coverage::see_arrival(const Event& event) {
  std::erase_if(steps_, [&](const StepsInForce& known) { return known.call == event.call; });
  if (event.detail == static_cast<uint8_t>(VisitEntry::kDrained)) count(Evidence::kRemovalDrained);
  if (event.generation > 0) count(Evidence::kEntersAhead);
  const bool is_moved = event.detail == static_cast<uint8_t>(VisitEntry::kOverflow);
  if (is_moved && event.agent.valid()) count(Evidence::kEntersPreferring);
  const bool is_arrival = event.detail == static_cast<uint8_t>(VisitEntry::kArrival);
  if (is_arrival && event.text2.size == 0) arrived_.push_back(event.call);
}

const QueueConfig* Coverage::queue_of(const Event& event, const Ledger& ledger) const {
  if (!event.queue.valid() || event.queue.value() >= ledger.queues().size()) return nullptr;
  const std::string& id = ledger.queues()[event.queue.value()];
  const auto it = std::ranges::find(config_.queues, id, &QueueConfig::id);
  return it == config_.queues.end() ? nullptr : &*it;
}

const AgentProfile* Coverage::profile_of(std::string_view agent) const {
  const auto it = std::ranges::find(profiles_, agent, &AgentProfile::id);
  return it == profiles_.end() ? nullptr : &*it;
}

std::vector<CoverageRow> Coverage::rows() const {
  static constexpr const char* kOrders[] = {"priority", "score", "service_objective"};
  static constexpr const char* kChanges[] = {"replace", "drop", "add", "lower", "open team"};
  static constexpr const char* kConditions[] = {"logged in below", "logged in above",
                                                "ready below",     "ready above",
                                                "waiting below",   "waiting above"};
  std::vector<CoverageRow> rows;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    rows.push_back({std::string("worlds with ") + kFeatureNames[i], features_[i]});
  }
  for (size_t i = 0; i < orders_.size(); ++i) {
    rows.push_back({std::string("offers by order ") + kOrders[i], orders_[i]});
  }
  for (size_t i = 0; i < strategies_.size(); ++i) {
    rows.push_back(
        {"offers by " + std::string(strategy_name(static_cast<Strategy>(i))), strategies_[i]});
  }
  for (size_t i = 0; i < changes_.size(); ++i) {
    rows.push_back({std::string("step in force: ") + kChanges[i], changes_[i]});
  }
  for (size_t i = 0; i < conditions_.size(); ++i) {
    rows.push_back({std::string("condition: ") + kConditions[i], conditions_[i]});
  }
  visit_steps(kWorkTransitions, [&](size_t from, size_t to) {
    rows.push_back({step_text("work", kWorkNames[from], kWorkNames[to]), work_[from][to]});
  });
  visit_steps(kStageTransitions, [&](size_t from, size_t to) {
    rows.push_back({step_text("call", kStageNames[from], kStageNames[to]), stages_[from][to]});
  });
  for (int i = 0; i < kRejectCount; ++i) {
    const auto reject = static_cast<Reject>(i);
    rows.push_back({"verdict " + std::string(reject_name(reject)), rejects_[static_cast<size_t>(i)],
                    reject == Reject::kLimitReached});
  }
  for (const EventName& name : kEventNames) {
    rows.push_back({std::string(event_name(name.kind, name.detail)) + name.more,
                    events_[static_cast<size_t>(name.kind)][name.detail]});
  }
  // What the table above does not name was met, and is a row that nobody asks for.
  for (size_t kind = 0; kind < kKindMax; ++kind) {
    for (size_t detail = 0; detail < kDetailMax; ++detail) {
      const auto of = static_cast<EventKind>(kind);
      if (events_[kind][detail] == 0 || is_named(of, detail)) continue;
      const std::string name(event_name(of, static_cast<uint8_t>(detail)));
      rows.push_back({"a row for " + name + " with detail " + std::to_string(detail), 0});
    }
  }
  for (size_t i = 0; i < kEvidenceCount; ++i) {
    rows.push_back({kEvidenceNames[i], evidence_[i], needs_small_limits(static_cast<Evidence>(i))});
  }
  return rows;
}

}  // namespace acd::sim
