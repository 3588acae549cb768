// SPDX-License-Identifier: Apache-2.0
// Names of the legs that the ACD itself asks a switch for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "routing/ids.h"

namespace acd {

// What all of them begin with; a switch names no leg of its own so.
inline constexpr std::string_view kOwnLegPrefix = "acd-";

// The phone of an agent, rung for one of their work items.
struct OwnLeg {
  AgentIndex agent;
  uint32_t item = 0;  // Number of the work item, counted by agent: never used again.

  bool operator==(const OwnLeg&) const = default;
};

// "acd-12-345": unique in the tenant for ever, and the same whoever asks again.
[[nodiscard]] std::string leg_id(const OwnLeg& leg);
// None if the text is not exactly such an id.
[[nodiscard]] std::optional<OwnLeg> parse_leg_id(std::string_view text);

}  // namespace acd
