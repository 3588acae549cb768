// SPDX-License-Identifier: Apache-2.0
// Commands, verdicts and settings in words, one line each: for reports of what went wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "routing/command.h"
#include "routing/tenant_config.h"

namespace acd::sim {

// e.g. "12.5s", to the nanosecond; "never".
[[nodiscard]] std::string time_text(int64_t time_ns);
// The fields that are not default: "leg_answered call=c1 generation=2 source=0".
[[nodiscard]] std::string command_line(const Command& command, std::string_view arena);
// The settings that are not default, a line a queue.
[[nodiscard]] std::string config_lines(const TenantConfig& config);
// "ada en=5,es=3 team=night"
[[nodiscard]] std::string profile_line(const AgentProfile& profile);

}  // namespace acd::sim
