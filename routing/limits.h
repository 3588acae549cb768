// SPDX-License-Identifier: Apache-2.0
// Every limit and default of the core, by name. Times are nanoseconds, sizes bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace acd {

inline constexpr int64_t kNsPerMs = 1'000'000;
inline constexpr int64_t kNsPerS = 1'000'000'000;
// A duration or deadline that never comes.
inline constexpr int64_t kNeverNs = INT64_MAX;

// --- What one command may carry.
inline constexpr size_t kIdBytesMax = 64;
inline constexpr size_t kRequirementBytesMax = 512;
inline constexpr size_t kDisplayNameBytesMax = 128;
inline constexpr size_t kRequirementTermsMax = 64;  // Skills that the needs name.
inline constexpr int kRequirementDepthMax = 16;     // Parentheses and NOTs in each other.
inline constexpr size_t kPrefersMax = 16;
inline constexpr int32_t kSkillWeightMax = 1'000;  // And -kSkillWeightMax the least.
inline constexpr int kSkillLevelMin = 1;
inline constexpr int kSkillLevelMax = 10;
inline constexpr int32_t kPriorityMax = 1'000'000;  // And -kPriorityMax the least.
inline constexpr int64_t kAgeCreditMaxNs = int64_t{24} * 3600 * kNsPerS;
inline constexpr int64_t kEventAgeMaxNs = 3600 * kNsPerS;
inline constexpr int32_t kCauseMax = 127;
inline constexpr int32_t kCauseNormal = 16;  // Q.850: normal call clearing.
inline constexpr int32_t kAgentReasonMax = 99;
// The same with those of supervisors, 100 and above.
inline constexpr int32_t kSupervisorReasonMax = 199;
inline constexpr int64_t kPreferredMaxNs = 3600 * kNsPerS;

inline constexpr size_t kOutcomeLabelsMax = 8;
inline constexpr size_t kReferenceBytesMax = 256;
inline constexpr int32_t kSurveyScoreMax = 10;    // And 0 the least.
inline constexpr int32_t kQualityScoreMax = 100;  // The same.

// --- What one tenant may hold.
inline constexpr size_t kSkillsMax = 1'024;
inline constexpr size_t kQueuesMax = 10'000;
inline constexpr size_t kMembersMax = 10'000;
inline constexpr size_t kAgentsMax = 1'000'000;
// Contacts of one medium that an agent has in hand at a time.
inline constexpr int32_t kMediumCapacityMax = 20;
inline constexpr size_t kCallsMax = 2'000'000;
inline constexpr size_t kCallClassesMax = 65'536;
// Classes of calls without a call that are kept for the next one, beside as many as are in use.
inline constexpr size_t kEmptyCallClassesKept = 4'096;
// Classes of agents without anybody, kept for the next log-in beside half as many as are in use.
inline constexpr size_t kEmptyAgentClassesKept = 1'024;
inline constexpr size_t kRequirementsMax = 65'536;
inline constexpr size_t kSourcesMax = 10'000;
inline constexpr size_t kDesktopsMax = 50'000;
// Switches and desktops are numbered together.
inline constexpr size_t kSessionsMax = kSourcesMax + kDesktopsMax;
inline constexpr uint32_t kAttachedMax = 50'000;  // Agents of one desktop session.
// An ended call's id is kept so long, and so many are: until then its outcome is taken.
inline constexpr size_t kEndedCallsMax = 1'000'000;
inline constexpr int64_t kEndedCallKeptNs = int64_t{24} * 3600 * kNsPerS;
inline constexpr size_t kUpsertAgentsMax = 100;
// Agents on one call at a time.
inline constexpr size_t kPartiesMax = 10;
// Calls that wait for one preferred agent; more are routed as if they preferred nobody.
inline constexpr size_t kPreferringCallsMax = 1'000;
inline constexpr size_t kStepsMax = 16;  // Of a queue.
inline constexpr size_t kTreatmentsMax = 16;
inline constexpr size_t kProtectsMax = 32;
inline constexpr size_t kReachRulesMax = 1'000;
inline constexpr size_t kDialPrefixBytesMax = 16;
inline constexpr int32_t kProtectReadyMax = 100;
inline constexpr int32_t kRankMax = 100;
inline constexpr int32_t kMemberWeightMax = 1'000;
// Agents whom a random draw goes through; among more, tickets of all are shuffled.
inline constexpr size_t kDrawnAsTheyStandMax = 16;
inline constexpr int32_t kAgeRateMax = 1'000'000;  // Points an hour.
inline constexpr int64_t kObjectiveDefaultNs = 20 * kNsPerS;
inline constexpr int64_t kObjectiveMinNs = kNsPerS;
inline constexpr int64_t kObjectiveMaxNs = 24 * 3600 * kNsPerS;
inline constexpr int32_t kRingMaxDefault = 5;
inline constexpr int32_t kRingMaxLimit = 50;
inline constexpr int32_t kOffersMaxDefault = 10;
inline constexpr int32_t kOffersMaxLimit = 1'000;
// Agents left out for one call; kept by `reoffer_after` and `offers_max` far below it.
inline constexpr int64_t kExclusionsMax = 4'096;
inline constexpr int32_t kOverflowsMaxDefault = 3;
inline constexpr int32_t kOverflowsMaxLimit = 7;
inline constexpr int32_t kTransfersMaxDefault = 10;
inline constexpr int32_t kTransfersMaxLimit = 100;
inline constexpr int64_t kTransferWaitDefaultNs = 30 * kNsPerS;
inline constexpr int64_t kTransferWaitMinNs = kNsPerS;
inline constexpr int64_t kTransferWaitMaxNs = 3600 * kNsPerS;
inline constexpr int64_t kWaitMaxMinNs = kNsPerS;
inline constexpr int64_t kWaitMaxMaxNs = 7 * 24 * 3600 * kNsPerS;
inline constexpr int64_t kStepAfterMaxNs = 24 * 3600 * kNsPerS;
inline constexpr int64_t kTreatmentRepeatMinNs = kNsPerS;
inline constexpr int32_t kWrapUpExtensionsMax = 10;
inline constexpr int64_t kDecayHalfLifeDefaultNs = 1800 * kNsPerS;
inline constexpr int64_t kDecayHalfLifeMinNs = 60 * kNsPerS;
inline constexpr int64_t kDecayHalfLifeMaxNs = 24 * 3600 * kNsPerS;
// Wrap-up codes, counting those that were configured once, and labels.
inline constexpr size_t kWrapUpCodesMax = 1'000;
inline constexpr size_t kLabelsMax = 1'000;
inline constexpr size_t kTeamsMax = 10'000;        // That the configuration says something of.
inline constexpr size_t kTeamSupervisorsMax = 50;  // Of each.
// Callbacks of a tenant that are live.
inline constexpr size_t kCallbacksMax = 100'000;
// Calls of a tenant that are to enter later, and before when.
inline constexpr size_t kScheduledMax = 100'000;
inline constexpr int64_t kScheduleMaxMs = 7'258'118'400'000;  // Unix time: the year 2200.
inline constexpr size_t kNumberDigitsMax = 24;
inline constexpr size_t kNumberBytesMax = 64;  // As given, signs included.
inline constexpr size_t kNumberPatternBytesMax = 32;
inline constexpr size_t kNumberPatternsMax = 64;  // Of a queue, to allow and to deny each.
inline constexpr int32_t kDialAttemptsDefault = 3;
inline constexpr int32_t kDialAttemptsLimit = 20;
inline constexpr int32_t kDialsMaxLimit = 1'000;
inline constexpr size_t kMediaBytesMax = 64;  // Name of an announcement; also an outside number.

// --- Bulk work.
// Objects that one firing of a timer may touch; the rest follows at the next Advance.
inline constexpr size_t kBulkSliceMax = 250;

// --- Defaults and bounds of settings.
inline constexpr int64_t kOfferTimeoutDefaultNs = 20 * kNsPerS;
inline constexpr int64_t kOfferTimeoutMinNs = kNsPerS;
inline constexpr int64_t kOfferTimeoutMaxNs = 600 * kNsPerS;
inline constexpr int64_t kReofferAfterDefaultNs = 30 * kNsPerS;
inline constexpr int64_t kReofferAfterMaxNs = 3600 * kNsPerS;
inline constexpr int64_t kConnectTimeoutDefaultNs = 10 * kNsPerS;
inline constexpr int64_t kConnectTimeoutMinNs = kNsPerS;
inline constexpr int64_t kConnectTimeoutMaxNs = 600 * kNsPerS;
inline constexpr int64_t kDialTimeoutDefaultNs = 30 * kNsPerS;
inline constexpr int64_t kDialTimeoutMinNs = kNsPerS;
inline constexpr int64_t kDialTimeoutMaxNs = 600 * kNsPerS;
inline constexpr int64_t kDialRetryDefaultNs = 900 * kNsPerS;
inline constexpr int64_t kDialRetryMinNs = kNsPerS;
inline constexpr int64_t kDialRetryMaxNs = 24 * 3600 * kNsPerS;
inline constexpr int64_t kWrapUpMinNs = kNsPerS;
inline constexpr int64_t kWrapUpMaxNs = 3600 * kNsPerS;
inline constexpr int64_t kShortAbandonDefaultNs = 5 * kNsPerS;
inline constexpr int64_t kShortAbandonMaxNs = 600 * kNsPerS;
inline constexpr int64_t kServiceLevelTargetDefaultNs = 20 * kNsPerS;
inline constexpr int64_t kServiceLevelTargetMinNs = kNsPerS;
inline constexpr int64_t kServiceLevelTargetMaxNs = 3600 * kNsPerS;
inline constexpr int32_t kServiceLevelGoalDefaultPercent = 80;
inline constexpr int64_t kSwitchGraceDefaultNs = 60 * kNsPerS;
inline constexpr int64_t kSwitchGraceMaxNs = 3600 * kNsPerS;
inline constexpr int64_t kAgentGraceDefaultNs = 30 * kNsPerS;
inline constexpr int64_t kAgentGraceMaxNs = 3600 * kNsPerS;
// How long a switch waits for the acknowledgement of an arrival.
inline constexpr int64_t kArrivalAckTimeoutDefaultNs = 2 * kNsPerS;
inline constexpr int64_t kArrivalAckTimeoutMinNs = kNsPerS;
inline constexpr int64_t kArrivalAckTimeoutMaxNs = 60 * kNsPerS;
inline constexpr int64_t kBusyLimitDefaultNs = 60 * kNsPerS;
inline constexpr int64_t kBusyLimitMinNs = kNsPerS;
inline constexpr int64_t kBusyLimitMaxNs = 3600 * kNsPerS;
inline constexpr int32_t kRejectsMaxDefault = 3;
inline constexpr int32_t kNoAnswersMaxDefault = 1;
inline constexpr int32_t kFailuresInARowLimit = 100;
inline constexpr int64_t kReconnectGraceDefaultNs = 10 * kNsPerS;
// A limit that a call met while its switch was away is looked at again every so often.
inline constexpr int64_t kLimitRetryNs = 10 * kNsPerS;
// An agent at another switch who could not be reached is left out for the call at least so long.
inline constexpr int64_t kReachRetryNs = 10 * kNsPerS;
inline constexpr int64_t kClockJumpCapNs = 3600 * kNsPerS;

}  // namespace acd
