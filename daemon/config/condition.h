// SPDX-License-Identifier: Apache-2.0
// The condition of a step, e.g. "logged_in(spanish >= 5) < 1".
//
//   condition := counter [ "(" skill [ ">=" level ] ")" ] ( "<" | ">" ) number
//   counter   := "logged_in" | "ready" | "waiting"
//
// A skill alone is at level 1 or more; waiting takes none.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "routing/requirement.h"
#include "routing/tenant_config.h"

namespace acd {

// A number of a condition: 0 to the calls and agents that a tenant may hold.
inline constexpr int32_t kConditionValueMax = 2'000'000;

// Reads `text`. The error is the first from the left; its column is 1..size + 1.
[[nodiscard]] std::variant<Condition, RequirementError> parse_condition(
    std::string_view text, const FindSkill& find_skill);

}  // namespace acd
