// SPDX-License-Identifier: Apache-2.0
// The words that people read and type for the values of the public enums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acd/v1/config_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {

// "On call"; with a reason, "Not ready (RONA)". A state of a newer daemon is "State 12".
[[nodiscard]] std::string agent_state_text(v1::AgentState state, int32_t reason = 0);
// The tone of a cell that shows that state.
[[nodiscard]] Tone agent_state_tone(v1::AgentState state);
// The state that `word` ("on-call") names, or none.
[[nodiscard]] std::optional<v1::AgentState> agent_state_named(std::string_view word);
// All words of agent_state_named(), parted by ", ".
[[nodiscard]] std::string agent_state_words();

// "Waiting", "Alerting", "Connecting", "Connected".
[[nodiscard]] std::string call_state_text(v1::CallState state);
[[nodiscard]] Tone call_state_tone(v1::CallState state);

// "abandoned negative", as in configuration files with an underscore.
[[nodiscard]] std::string service_level_variant_text(v1::ServiceLevelVariant variant);
// "none", "timed", "manual".
[[nodiscard]] std::string wrap_up_mode_text(v1::WrapUpMode mode);

}  // namespace acd::acdctl
