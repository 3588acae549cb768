// SPDX-License-Identifier: Apache-2.0
// Golden scenarios: a small contact centre and a story, in words that its people use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "routing/command.h"
#include "routing/tenant_config.h"
#include "sim/sentence.h"

namespace acd::sim {

// What happens in a story. tests/golden/README.md lists the sentences.
enum class Verb : uint8_t {
  kConnects,
  kRestarts,
  kLosesConnection,
  kBeginsList,
  kListsAgent,
  kListsWaiting,
  kListsTalk,
  kEndsList,
  kDaemonRestarts,
  kLogsIn,
  kLogsInReady,
  kLogsOut,
  kBecomesReady,
  kBecomesNotReady,
  kEndsWrapUp,
  kExtendsWrapUp,
  kPauses,
  kUnpauses,
  kPhoneBusy,
  kPhoneIdle,
  kPhoneUnregistered,
  kLegUp,
  kLegLost,
  kEnters,
  kRings,
  kAnswers,
  kTalks,
  kAcceptsAtDesktop,
  kRejectsAtDesktop,
  kRejects,
  kDoesNotAnswer,
  kOfferBusy,
  kOfferUnreachable,
  kOfferUnknown,
  kConnected,
  kCannotConnect,
  kCallerHangsUp,
  kAgentHangsUp,
  kTimesOut,
  kWithdrawn,
  kRerouted,
  kTakenBack,
  kRequeued,
  kWithdrawnBySupervisor,
  kSupervises,
  kHeld,
  kResumed,
  kPriority,
  kIsScored,
  kToQueue,
  kToAgent,
  kToSupervisor,
  kToNumber,
  kConsultsQueue,
  kConsultsAgent,
  kConsultsSupervisor,
  kConsultsOutside,
  kOutsideAnswers,
  kOutsideFails,
  kIsMerged,
  kLeavesCall,
  kLegArrives,
  kAsksForCallback,
  kCallbackAskedFor,
  kCustomerAnswers,
  kCustomerDoesNotAnswer,
  kCustomerBusy,
  kCustomerUnreachable,
  kCannotBeDialed,
  kIsScheduled,
  kIsRescheduled,
  kIsDue,
  kOpens,
  kCloses,
  kCallbacksOpen,
  kCallbacksClose,
  kExpectsWait,
  kExpectsUnknownWait,
  kDesktopConnects,
  kDesktopRestarts,
  kDesktopLosesConnection,
  kIsAttached,
  kIsDetached,
  kCentreBecomes,
  kHasSkills,
};

// What is expected of it: events, or how things stand.
enum class Fact : uint8_t {
  kNothing,
  // How things stand: from here to kAgentIs; first of calls that wait, then of idle agents.
  kCallWaits,
  kWaitsBecause,
  kWaitsForSwitch,
  kWaitsForWindow,
  kWaitsForDials,
  kNothingWaits,
  kIdleBecauseOfCalls,
  kIdleByThemselves,
  kWentTo,
  kAgentIs,
  kOffer,
  kRinging,
  kAccepts,
  kNoAnswer,
  kRejected,
  kBusy,
  kUnreachable,
  kUnknownAddress,
  kCanceled,
  kRescinded,
  kConnected,
  kHeld,
  kResumed,
  kCompleted,
  kAbandoned,
  kTimedOut,
  kWithdrawn,
  kRerouted,
  kFailed,
  kBack,
  kOverflows,
  kLeavesOutside,
  kEnters,
  kTurnedAway,
  kHasPriority,
  kScored,
  kTransferred,
  kJoinsCall,
  kLeavesCall,
  kRetrieved,
  kSupervised,
  kDialedOutside,
  kLegReplaced,
  kUnderSteps,
  kUnderNoStep,
  kHears,
  kTold,
  kCallbackOffered,
  kCallbackRequested,
  kDialed,
  kDialFailed,
  kCustomerAnswered,
  kDue,
  kScheduled,
  kDropped,
  kStale,
  kLegDropped,
  kLoggedIn,
  kLoggedOut,
  kLoggedOutOnBehalf,
  kLegUp,
  kLegLost,
  kNotReady,
  kState,
  kWrapsUp,
  kWrapUpOver,
  kQueueRemoved,
  kJoins,
  kLeaves,
  kPaused,
  kUnpaused,
  kSwitchLost,
  kResynced,
  kSwitchBack,
  kDesktopLost,
  kDesktopBack,
  kAttached,
  kDetached,
};

struct StorySentence {
  Sentence sentence;  // Its id is a Verb or a Fact.
  std::string
      says;  // The switch or desktop that says so; empty: the switch whose call or agent it is.
  bool is_again = false;  // Sent once more, with the sequence of the one before.
  std::optional<Reject> refused;
};

struct StoryLine {
  uint32_t line = 0;
  int64_t time_ns = 0;
  bool is_timed = false;  // Else it goes on at the time of the line before.
  bool is_expectation = false;
  std::vector<StorySentence> sentences;
};

struct Centre {
  TenantConfig config;
  std::vector<AgentProfile> agents;
};

struct Scenario {
  std::string file;
  std::string shows;                                   // Its first sentence.
  std::map<std::string, Centre, std::less<>> centres;  // "" is the one that it begins with.
  std::vector<StoryLine> story;
};

// The error names file, line and column, a line for each.
[[nodiscard]] std::variant<Scenario, std::string> parse_scenario(std::string_view text,
                                                                 const std::string& file);

// Plays it on Router and oracle. What went wrong, "FILE:LINE: ...", or empty.
[[nodiscard]] std::string play_scenario(const Scenario& scenario);

}  // namespace acd::sim
