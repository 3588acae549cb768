// SPDX-License-Identifier: Apache-2.0
// From a desktop session's messages to commands: every check that needs no Router.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "acd/v1/agent_service.pb.h"
#include "daemon/batch.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/rpc/status.h"
#include "routing/command.h"

namespace acd {

// As decode_open() and decode_batch() of codec.h for a switch.
[[nodiscard]] std::optional<RpcError> decode_agent_open(const v1::AgentConnectRequest& request,
                                                        std::span<const std::string> bad_texts,
                                                        std::string_view principal,
                                                        std::string* tenant, Batch* batch);
[[nodiscard]] std::optional<RpcError> decode_agent_batch(const v1::AgentConnectRequest& request,
                                                         std::span<const std::string> bad_texts,
                                                         const RpcOptions& options,
                                                         int64_t* expected_sequence, Batch* batch);

// Where in an AgentEvent the fault lies that the Router found, e.g. "log_in.station"; empty where no
// one field is at fault.
[[nodiscard]] std::string agent_fault_field(Reject reject, CommandKind kind);

}  // namespace acd
