// SPDX-License-Identifier: Apache-2.0
// What a supervisor reads: pure functions from the public messages to text.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/config_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"

namespace acd::acdctl {

// The queues in the given order, a total, the agents by state, and the daemon's time.
[[nodiscard]] std::string queues_text(const v1::ListQueueStatsResponse& stats, bool is_colored);
// All that is known of one queue.
[[nodiscard]] std::string queue_text(const v1::QueueStats& stats, bool is_colored);

// The agents in the given order and how many are in which state.
[[nodiscard]] std::string agents_text(const v1::ListAgentsResponse& agents, bool is_colored);
// All that is known of one agent.
[[nodiscard]] std::string agent_text(const v1::AgentStatus& agent, bool is_colored);

// The calls in the given order and how many are in which state.
[[nodiscard]] std::string calls_text(const v1::ListCallsResponse& calls, bool is_colored);
// All that is known of one call.
[[nodiscard]] std::string call_text(const v1::CallStatus& call, bool is_colored);

// The calls for later in the given order, and how many they are.
[[nodiscard]] std::string scheduled_text(const v1::ListScheduledCallsResponse& calls,
                                         bool is_colored);

// The tenants, one a line.
[[nodiscard]] std::string tenants_text(const v1::ListTenantsResponse& tenants);

// The configuration as the YAML that acdd reads at start.
[[nodiscard]] std::string config_text(const v1::TenantConfig& config);
// All of them in one file, whose first lines name their etags, as etags_in() reads them.
[[nodiscard]] std::string configs_text(std::span<const v1::TenantConfig> configs);
// The etags that such a file was made from, by tenant's id; under an empty one what config_text()
// wrote, which is of the file's only tenant.
[[nodiscard]] std::map<std::string, std::string> etags_in(std::string_view file_text);

// Stands behind the id of a calendar in these files.
inline constexpr std::string_view kCalendarMark = "  # calendar";

// "billing" of "tenants/bank/queues/billing"; other text as it is.
[[nodiscard]] std::string_view short_name(std::string_view name);

}  // namespace acd::acdctl
