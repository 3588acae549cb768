// SPDX-License-Identifier: Apache-2.0
// Counts what random worlds really did, so that a rule that is never tried does not pass as proven.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "routing/event.h"
#include "routing/router.h"
#include "routing/transitions.h"
#include "sim/fuzz_step.h"
#include "sim/fuzz_world.h"
#include "sim/ledger.h"
#include "sim/oracle.h"

namespace acd::sim {

// What no single event or verdict tells.
enum class Evidence : uint8_t {
  kOfferToAnyMember,  // Of a queue whose members are all.
  kOfferToNamedMember,
  kOfferToTeamMember,
  kOfferToOpenedTeam,  // By a step.
  kOfferOfLaterRank,
  kOfferPreferring,  // Somebody with more Σ prefers, in a queue or for a call that prefers.
  kOfferToPreferred,
  kPreferredKept,      // A call that was transferred goes on waiting for them.
  kPreferringToOther,  // The wait for the preferred agent is over.
  kWaitsThoughBusy,    // Calls that wait even if the preferred agent is busy.
  kAgentOfLimit,       // An offer to the agent whom a limit named.
  kWithheld,           // A call waits because everybody who could have it is protected.
  kOtherAfterFailure,  // A call is offered to another agent than the last.
  kAgainAfterFailure,  // To the same once more.
  kSeveralRing,
  kFurtherContact,  // An offer to somebody who has work in hand.
  kFewerContacts,   // Somebody with less in hand went before somebody with more.
  kOtherMedium,     // A call that is not voice.
  kStepLeftForce,   // A condition that no longer holds.
  kStepByTime,
  kLowOvertaken,  // An offer while an older call of the queue waits.
  kLateAdopted,
  kWrapUpTimed,
  kWrapUpManual,
  kWrapUpExtended,
  kWrapUpEndedEarly,
  kWrapUpEndedByName,
  kForcedLogOut,
  kChangeWithCalls,  // A live change while calls wait.
  kRemovalDrained,
  kSkillsWithCalls,
  kNewAgent,
  kRestart,
  kEpochLost,
  kGraceOver,
  kAtDeadline,  // A command at the very instant of a deadline.
  kSameInstant,
  kBothHangUp,  // The end of a call that is over.
  kScoredLive,
  kScoredAfterEnd,
  kScoredInWrapUp,  // A call whose agent is still in wrap-up.
  kScoredAgain,     // Something takes the place of what was said before.
  kScoredByNoSwitch,
  kScoredTooLate,  // A call that ended longer ago than is remembered.
  kScoredConsult,
  kTransferConnected,
  kTransferWaiting,
  kTransferAlerting,    // A call that rang somebody.
  kTransferByNoSwitch,  // By a supervisor or an application.
  kTransferOnTheWay,    // To an agent or supervisor, by another queue.
  kRequeuedAlerting,
  kRequeuedConnected,
  kWithdrawnBySupervisor,
  kPriorityBySupervisor,
  kAgentBySupervisor,
  kTransferredToAsked,  // An offer to the agent or supervisor whom the transfer named.
  kTransferredToOther,  // Their wait is over.
  kTransferredToBusy,   // An escalation waits for a supervisor who is at work.
  kTransferMeetsLimit,  // The queue that it is transferred to turns it away or sends it on.
  kLegOfCaller,         // Replaced.
  kLegOfAgent,
  kLegOfCustomer,          // Of a callback.
  kCustomerNamed,          // By the switch, as they come on the line.
  kCustomerByDial,         // Under the name of the dial.
  kCodeOwedAfterTransfer,  // A wrap-up that cannot end without a code, of a call that lives on.
  kConsultOfAgent,
  kConsultOfSupervisor,
  kConsultByNoSwitch,
  kParentEndsWaiting,    // A call ends while a consult about it waits or rings.
  kParentEndsConnected,  // The same while who was consulted talks.
  kTransferEndsConsult,  // A call is transferred by somebody who consults.
  kLeaverEndsConsult,    // Who consults leaves the call to the others.
  kConference,           // Who consulted stays on the call.
  kMergedOutside,        // The caller is left with somebody outside.
  kFirstPartyLeaves,     // Who was first on a call leaves it to the others.
  // Named is an agent who is not on the call.
  kHeldByStranger,
  kLeftByStranger,
  kConsultByStranger,
  kTransferByStranger,
  kAcceptedAtDesktop,
  kAcceptedAgain,  // Answered as before.
  kRejectedAtDesktop,
  kRejectedByDesktopOfPhone,  // An offer that rings a phone.
  kAcceptedAtOnce,
  kAcceptedAtOnceOfSeveral,  // While others ring for the same call.
  kRonaAtDesktop,
  kDesktopBack,         // With the agents whom it had.
  kDesktopAnew,         // The same, as one that knows of nothing.
  kHeldWithoutDesktop,  // Who is ready to accept at a desktop that goes.
  kLeftBehind,          // An agent whom it did not attach again in time.
  kDesktopLostReady,    // Whose desktop is gone.
  kDesktopLostRinging,  // The same.
  kDesktopLostOnCall,   // The same.
  kRungInVain,          // Accepted before the phone rang, and not connected.
  kTakenOver,           // An agent is logged out by a newer log-in.
  kTakenOverInWrapUp,
  // A call waits that somebody who is ready could serve, if their station carried its medium.
  kMediumLacking,
  kCallbackOfCaller,
  kCallbackByNoSwitch,
  kLaterDrained,       // A call for later enters where the calls of its queue went.
  kCallbackAway,       // Its switch leaves while nobody of it is on the line.
  kCustomerOffered,    // Answered, then offered to an agent.
  kHeldBack,           // Dialed in the moment in which another dial of the queue is over.
  kOfferReached,       // To a station of another switch than the call's.
  kOutlivesRule,       // An offer over a rule that is gone is accepted.
  kOutlivesSwitch,     // A call is completed while the switch of its agent is away.
  kReachedInVain,      // An offer to such a station fails, and the agent stays ready.
  kHangUpOfNobody,     // An agent's, of a callback or reminder that no agent has.
  kAskedAgain,         // A callback in the place of one whose customer waits on the line.
  kReminderPastLimit,  // It enters a queue that limits who enters.
  kWindowOpens,        // For callbacks that wait for it.
  kWindowCloses,       // While one rings somebody or is being dialed.
  kDueOutsideWindow,
  kAskedOutsideWindow,
  // Calls on the list of a switch.
  kListedOffered,    // It waits, and had been offered.
  kListedTalking,    // It waits, and an agent had it.
  kListedJoined,     // An agent has it who had been offered it.
  kListedElsewhere,  // An agent has it whom nobody had offered it.
  kListedUnknown,    // Nobody knew it, and it waits.
  kListLate,         // The list did not end in time.
  kListGoesOn,       // After a cut.
  kPartiesUsedUp,    // As many as may be are on the call that somebody is to join.
  kCallbacksUsedUp,  // Asked for while there are as many as may be.
  kDueUsedUp,        // The same, and one that was for later is due.
  kScheduledUsedUp,
  kEntersAhead,       // Of when it came to this queue: by its credit, or what it waited before.
  kEntersPreferring,  // It comes from another queue, and goes on waiting for its agent.
  kEwtByPlace,        // A caller is told some of the predicted wait, not all of it.
  kStaleFact,
  kStaleClaim,
  kManyAgentClasses,  // Of a class of calls: found by bitmap.
  kManyCallClasses,   // Of a class of agents.
  kRematch,           // So much was marked that everything was matched.
  kShuffle,           // A random draw among many.
  kCallClassesFreed,
  kAgentClassesFreed,
  kSliceLeft,
  // Worlds and moments in which only invariants and the ledger judge.
  kBetweenSlices,  // A command comes while bulk work is under way.
  kUnsettled,
  kReplayed,
  kRestored,
};
inline constexpr size_t kEvidenceCount = static_cast<size_t>(Evidence::kRestored) + 1;

struct CoverageRow {
  std::string name;
  uint64_t count = 0;
  bool needs_small_limits = false;  // Worlds are too small for it as the core is shipped.
};

class Coverage {
 public:
  void count(Evidence evidence) { ++evidence_[static_cast<size_t>(evidence)]; }
  void see_world(const Features& features, const TenantConfig& config);
  void see_config(const TenantConfig& config);
  void see_profile(const AgentProfile& profile);
  void see_extent(const Router::Extent& extent);
  // What the oracle met in a step.
  void see_sights(const Oracle::Sights& sights);
  // After it was played.
  void see_step(const FuzzStep& step, Reject reject, const Ledger& ledger);
  // Before the ledger follows it.
  void see_event(const Event& event, const EventLog& log, const Ledger& ledger);

  // One for each feature, fault, verdict, event and rule, in that order.
  [[nodiscard]] std::vector<CoverageRow> rows() const;

 private:
  static constexpr size_t kKindMax = 128;
  static constexpr size_t kDetailMax = 16;

  void begin_step();
  void see_listed(const Command& command);
  void see_played(const FuzzStep& step, Reject reject, const Ledger& ledger);
  void see_offer(const Event& event, const Ledger& ledger);
  void see_member(const QueueConfig& queue, const LedgerAgent& agent);
  void see_steps(const Event& event, const QueueConfig& queue);
  void see_arrival(const Event& event);
  void see_parties(const Event& event, const Ledger& ledger);
  void see_wrap_up(const Event& event, const Ledger& ledger);
  void see_refused_end(const FuzzStep& step, const Ledger& ledger);
  void see_outcome(const Event& event, const EventLog& log);
  void see_transfer(const Event& event, const EventLog& log, const Ledger& ledger);
  void see_supervisor(const Command& command);
  void see_station(const Event& event, const Ledger& ledger);
  void see_desktop(const Event& event, const Ledger& ledger);
  void see_callback(const Event& event, const EventLog& log, const Ledger& ledger);
  void see_window(const Event& event, const Ledger& ledger);
  void see_gate(const Event& event, const LedgerCall& call, const Ledger& ledger);
  void see_claim(const FuzzStep& step, const Ledger& ledger);
  void see_limit(CommandKind refused);
  void see_stranger(const FuzzStep& step, Reject reject, const Ledger& ledger);
  void see_lacking_media(const Ledger& ledger);
  [[nodiscard]] const QueueConfig* queue_of(const Event& event, const Ledger& ledger) const;
  [[nodiscard]] const AgentProfile* profile_of(std::string_view agent) const;

  // Of the present world.
  struct Preference {
    std::string call;
    std::string agent;
  };
  TenantConfig config_;
  std::vector<AgentProfile> profiles_;
  std::vector<Preference> preferences_;
  struct StepsInForce {
    CallIndex call;
    int32_t mask = 0;
  };
  std::vector<StepsInForce> steps_;
  struct Transferred {
    CallIndex call;
    std::string agent;  // Whom it waits for; empty: nobody.
    QueueIndex left;
    bool is_moved = false;  // Nothing but that has happened to it yet.
  };
  std::vector<Transferred> transferred_;  // The latest of each call.
  struct WrapUp {
    AgentIndex agent;
    int32_t item = 0;
    std::string call;  // Empty: it was lost with its switch.
    bool is_transferred = false;
  };
  std::vector<WrapUp> wrap_ups_;  // Those under way.
  WrapUp to_wrap_up_;             // Who left a call last.
  int64_t last_command_ns_ = -1;
  bool has_pauses_ = false;
  // Of the present step.
  std::vector<AgentIndex> accepted_;    // Who accepted an offer at a desktop.
  std::vector<AgentIndex> wrapped_up_;  // Whose wrap-up is over.
  std::vector<CallIndex> arrived_;      // That need nothing but what their queue asks for.
  struct EndedConsult {                 // As who consulted had no more to do with the call.
    std::string parent;
    AgentIndex consulting;
    bool was_connected = false;
    bool is_left = false;
  };
  std::vector<EndedConsult> ended_consults_;
  bool has_stale_ = false;   // Something came too late.
  std::set<EventKind> met_;  // In this step.
  QueueIndex opened_gate_;   // Where as many as may be were dialed, until one was over.

  std::array<uint64_t, kFeatureCount> features_{};
  std::array<uint64_t, 3> orders_{};
  std::array<uint64_t, 12> strategies_{};
  std::array<uint64_t, 5> changes_{};
  std::array<uint64_t, 6> conditions_{};  // By counter, below and above.
  std::array<uint64_t, kRejectCount> rejects_{};
  // By state before and after: how often it was seen to have happened.
  std::array<std::array<uint64_t, kWorkNames.size()>, kWorkNames.size()> work_{};
  std::array<std::array<uint64_t, kStageNames.size()>, kStageNames.size()> stages_{};
  std::array<std::array<uint64_t, kDetailMax>, kKindMax> events_{};
  std::array<uint64_t, kEvidenceCount> evidence_{};
};

}  // namespace acd::sim
