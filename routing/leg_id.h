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

// The phone of a callback's customer.
struct CustomerLeg {
  uint64_t call = 0;  // Number of the call's arrival in the tenant.
  uint32_t dial = 0;  // Which dial of the call, from 1.
};

// "acd-12-345", "acd-c67-1": unique in the tenant for ever, and the same whoever asks again.
[[nodiscard]] std::string leg_id(const OwnLeg& leg);
[[nodiscard]] std::string leg_id(const CustomerLeg& leg);
// None if the text is not exactly the id of an agent's.
[[nodiscard]] std::optional<OwnLeg> parse_leg_id(std::string_view text);

}  // namespace acd
