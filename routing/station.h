// SPDX-License-Identifier: Apache-2.0
// Where an agent is reached, as given at log-in, beside switch and address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace acd {

// How the agent takes a contact on. The values are in the journal and in the hashes.
enum class AnswerMode : uint8_t {
  kPhone = 0,     // The phone rings; answering it accepts the offer.
  kDesktop = 1,   // Accepted at the desktop; the phone rings afterwards.
  kAuto = 2,      // Accepted the moment it is offered; the phone answers by itself.
  kNailedUp = 3,  // The same, at a leg that stays open.
};
inline constexpr size_t kAnswerModeCount = 4;

// "phone", "desktop", "auto", "nailed_up"; "unknown" of a value that is none.
[[nodiscard]] std::string_view answer_mode_name(AnswerMode mode);
[[nodiscard]] std::optional<AnswerMode> find_answer_mode(std::string_view name);

// Whether an offer is accepted the moment it is made.
[[nodiscard]] constexpr bool accepts_at_once(AnswerMode mode) {
  return mode == AnswerMode::kAuto || mode == AnswerMode::kNailedUp;
}

}  // namespace acd
