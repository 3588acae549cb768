// SPDX-License-Identifier: Apache-2.0
// What a replay plays beside voice calls that are answered and end: shares of a log's calls and
// agents, drawn by their ids.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "routing/limits.h"
#include "routing/media.h"
#include "routing/station.h"
#include "routing/tenant_config.h"

namespace acd::sim {

// What the configuration of `acdsim bank-config --mix` says, and the judge holds the daemon to.
inline constexpr int kMixChatsMax = 3;   // In an agent's hands at a time.
inline constexpr int kMixEmailsMax = 2;  // The same; interrupted by what takes the phone.
inline constexpr int kMixDialsMax = 2;   // Attempts of a callback.
inline constexpr int64_t kMixRetryNs = 60 * kNsPerS;
inline constexpr int kMixDialingMax = 3;  // Customers of a queue at a time, who are dialed first.
[[nodiscard]] constexpr CallbackMode callback_mode_of(uint32_t queue) {
  return queue % 2 == 0 ? CallbackMode::kAgentFirst : CallbackMode::kCustomerFirst;
}
// Timed wrap-up, of queues that have one, which the agent may extend once.
inline constexpr int64_t kMixWrapUpNs = 10 * kNsPerS;
inline constexpr int32_t kMixExtensions = 1;
inline constexpr int64_t kMixExtensionNs = 15 * kNsPerS;
[[nodiscard]] constexpr bool has_wrap_up(uint32_t queue) { return queue % 3 != 2; }
// A predicted wait above this, and callers are told so as they enter, of queues that go by it; those
// who wait are told it at this beat.
inline constexpr int64_t kMixWaitMaxNs = 30 * kNsPerS;
inline constexpr int64_t kMixTellNs = 15 * kNsPerS;
[[nodiscard]] constexpr bool goes_by_wait(uint32_t queue) { return queue % 2 == 0; }
// Agents are by turns of these teams; the first few of each are its supervisors.
inline constexpr std::array<const char*, 2> kMixTeams = {"north", "south"};
[[nodiscard]] constexpr size_t team_of(size_t agent) { return agent % kMixTeams.size(); }
[[nodiscard]] constexpr bool is_supervisor(size_t agent) { return agent / kMixTeams.size() < 4; }
inline constexpr std::array<const char*, 3> kMixLabels = {"angry", "fraud", "regular"};
inline constexpr std::array<const char*, 3> kMixCodes = {"settled", "sold", "call_again"};

// A nailed-up leg that was lost is down for so long.
inline constexpr int64_t kMixLegDownNs = 20 * kNsPerS;
// How long a caller waits before asking to be called back.
inline constexpr int64_t kMixCallbackAfterNs = 20 * kNsPerS;
// How long after its call an outcome is told that is told afterwards.
inline constexpr int64_t kMixOutcomeAfterNs = 30 * kNsPerS;
// When a call is labelled, after it was first connected, and when its quality is judged, after it.
inline constexpr int64_t kMixLabelAfterNs = 90 * kNsPerS;
inline constexpr int64_t kMixQualityAfterNs = 600 * kNsPerS;
// A follow-up is so far ahead, and up to ten times as far.
inline constexpr int64_t kMixFollowUpStepNs = 20 * kNsPerS;

// Percent of the calls, if not of the agents. All 0: voice alone.
struct ReplayMix {
  int32_t chat = 0;
  int32_t email = 0;
  int32_t transfer = 0;    // To another queue or to an agent, half-way through the talk.
  int32_t consult = 0;     // Merged, made a conference, or ended.
  int32_t supervisor = 0;  // Transferred to one of the agent's team.
  int32_t outside = 0;     // Transferred to an outside number.
  int32_t callback = 0;    // Of the voice calls that wait so long.
  int32_t outcome = 0;
  int32_t label = 0;
  int32_t quality = 0;
  int32_t followup = 0;
  // Percent of the agents: how offers are accepted at their stations; else by phone.
  int32_t desktop = 0;
  int32_t auto_answer = 0;
  int32_t nailed_up = 0;
  int32_t wrapup = 0;  // Ended or extended by the agent, where the queue has one.

  [[nodiscard]] bool is_any() const { return *this != ReplayMix{}; }
  bool operator==(const ReplayMix&) const = default;
};

// Of every day, in whole hours UTC: [from, until).
struct UtcHours {
  int32_t from = 0;
  int32_t until = 24;

  [[nodiscard]] bool contains(int64_t unix_ns) const;
  bool operator==(const UtcHours&) const = default;
};

// "8-18". INVALID_ARGUMENT names what is wrong.
[[nodiscard]] absl::StatusOr<UtcHours> parse_utc_hours(std::string_view text);

// "chat=20,transfer=10": each name once, whole percents. INVALID_ARGUMENT names what is wrong.
[[nodiscard]] absl::StatusOr<ReplayMix> parse_mix(std::string_view text);
// The same again, without those that are 0; empty of voice alone.
[[nodiscard]] std::string mix_text(const ReplayMix& mix);

// What happens in the middle of a talk.
enum class Turn : uint8_t {
  kNone,
  kToQueue,
  kToAgent,
  kToSupervisor,
  kOutside,
  kMerge,
  kConference,
  kConsultEnds
};
[[nodiscard]] constexpr bool is_transfer(Turn turn) {
  return turn >= Turn::kToQueue && turn <= Turn::kOutside;
}
// What the agent does in wrap-up, half-way through it and again half-way through its extension.
enum class WrapUpAct : uint8_t { kNone, kEnds, kExtends, kExtendsAndEnds };
enum class OutcomeTime : uint8_t { kNever, kOnCall, kAfterwards };

// What one call of a log does beside waiting, being answered and ending.
struct CallPart {
  Medium medium = Medium::kVoice;
  Turn turn = Turn::kNone;
  bool asks_callback = false;
  int32_t dials_failing = 0;  // First attempts that do not reach the customer.
  OutcomeTime outcome = OutcomeTime::kNever;
  int32_t code = 0;  // Index into kMixCodes.
  bool is_resolved = false;
  int32_t survey_score = 0;
  int32_t labels = 0;             // The first so many of kMixLabels.
  int32_t quality_score = -1;     // Told long after the call; -1: never.
  bool is_survey_late = false;    // The caller's score comes with it, in place of an earlier one.
  int64_t followup_after_ns = 0;  // 0: none.
  WrapUpAct wrap_up = WrapUpAct::kNone;
  bool loses_leg = false;  // With the end of the call, of an agent whose leg is nailed up.
  // What is asked for is asked by a request of its own, not by an event of the switch.
  bool asks_by_request = false;
  // The caller hangs up with the consult still open; else that is ended first.
  bool ends_over_consult = false;

  bool operator==(const CallPart&) const = default;
};

// The same for the same id, whatever else is played.
[[nodiscard]] CallPart part_of(const ReplayMix& mix, std::string_view call_id);
[[nodiscard]] AnswerMode answer_mode_of(const ReplayMix& mix, std::string_view agent_id);

// A version 4 UUID, the same for the same words: a request that is sent again is known by it.
[[nodiscard]] std::string request_id_of(std::string_view what, std::string_view id, int64_t number);

}  // namespace acd::sim
