// SPDX-License-Identifier: Apache-2.0
// From the board to what WallboardService and CallService answer.
#pragma once

#include <string>
#include <string_view>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "routing/insight/board.h"

namespace acd {

// "tenants/{tenant}/{collection}/{id}".
[[nodiscard]] std::string resource_name(std::string_view tenant, const char* collection,
                                        std::string_view id);

[[nodiscard]] v1::AgentState to_proto(AgentState state);
[[nodiscard]] v1::Medium to_proto(Medium medium);

// That all queues share; where they differ, abandoned negative.
[[nodiscard]] ServiceLevelVariant common_variant(const Board& board);

// `tenant` is the tenant's id, which the board does not know.
void encode_queue(const Board& board, std::string_view tenant, const QueueView& queue,
                  v1::QueueStats* stats);

// The sum over all queues, with the agents by state. Its service level is by common_variant().
void encode_total(const Board& board, std::string_view tenant, v1::QueueStats* stats);

void encode_agent(const Board& board, std::string_view tenant, const AgentView& agent,
                  v1::AgentStatus* status);

void encode_call(const Board& board, std::string_view tenant, const CallView& call,
                 v1::CallStatus* status);

void encode_scheduled(const Board& board, std::string_view tenant, std::string_view id,
                      const ScheduledCall& scheduled, v1::ScheduledCall* status);

}  // namespace acd
