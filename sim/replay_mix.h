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

namespace acd::sim {

// What the configuration of `acdsim bank-config --mix` says, and the judge holds the daemon to.
inline constexpr int kMixChatsMax = 3;   // In an agent's hands at a time.
inline constexpr int kMixEmailsMax = 2;  // The same; interrupted by what takes the phone.
inline constexpr int kMixDialsMax = 2;   // Attempts of a callback.
inline constexpr int64_t kMixRetryNs = 60 * kNsPerS;
inline constexpr std::array<const char*, 3> kMixCodes = {"settled", "sold", "call_again"};

// How long a caller waits before asking to be called back.
inline constexpr int64_t kMixCallbackAfterNs = 20 * kNsPerS;
// How long after its call an outcome is told that is told afterwards.
inline constexpr int64_t kMixOutcomeAfterNs = 30 * kNsPerS;
// A follow-up is so far ahead, and up to ten times as far.
inline constexpr int64_t kMixFollowUpStepNs = 20 * kNsPerS;

// Percent of the calls, but for `desktop`. All 0: voice alone.
struct ReplayMix {
  int32_t chat = 0;
  int32_t email = 0;
  int32_t transfer = 0;  // To another queue or to an agent, half-way through the talk.
  int32_t consult = 0;   // Merged, made a conference, or ended.
  int32_t callback = 0;  // Of the voice calls that wait so long.
  int32_t outcome = 0;
  int32_t followup = 0;
  int32_t desktop = 0;  // Percent of the agents: they accept at desktops.

  [[nodiscard]] bool is_any() const { return *this != ReplayMix{}; }
  bool operator==(const ReplayMix&) const = default;
};

// "chat=20,transfer=10": each name once, whole percents. INVALID_ARGUMENT names what is wrong.
[[nodiscard]] absl::StatusOr<ReplayMix> parse_mix(std::string_view text);
// The same again, without those that are 0; empty of voice alone.
[[nodiscard]] std::string mix_text(const ReplayMix& mix);

// What happens in the middle of a talk.
enum class Turn : uint8_t { kNone, kToQueue, kToAgent, kMerge, kConference, kConsultEnds };
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
  int64_t followup_after_ns = 0;  // 0: none.
  // What is asked for is asked by a request of its own, not by an event of the switch.
  bool asks_by_request = false;
  // The caller hangs up with the consult still open; else that is ended first.
  bool ends_over_consult = false;

  bool operator==(const CallPart&) const = default;
};

// The same for the same id, whatever else is played.
[[nodiscard]] CallPart part_of(const ReplayMix& mix, std::string_view call_id);
[[nodiscard]] bool is_at_desktop(const ReplayMix& mix, std::string_view agent_id);

// A version 4 UUID, the same for the same words: a request that is sent again is known by it.
[[nodiscard]] std::string request_id_of(std::string_view what, std::string_view id, int64_t number);

}  // namespace acd::sim
