// SPDX-License-Identifier: Apache-2.0
// Events and commands of a replay as messages of the contract.
#pragma once

#include <cstdint>
#include <string>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/switch_service.pb.h"
#include "sim/replay_daemon.h"

namespace acd::sim {

[[nodiscard]] int64_t to_ns(const google::protobuf::Duration& duration);
void set_duration(int64_t ns, google::protobuf::Duration* duration);
void set_time(int64_t unix_ns, google::protobuf::Timestamp* time);

void to_proto(const ReplayOutcome& outcome, v1::CallOutcome* out);
// Where a transfer or a consult goes. `from`: who asks, if that is to be said.
void to_proto(const ReplayEvent& event, const std::string& from, v1::CallTransfer* out);
void to_proto(const ReplayEvent& event, v1::SwitchEvent* out);

// "CALL_STATE" and so on.
[[nodiscard]] std::string reason_name(v1::ErrorReason reason);

// What one message of the daemon says. A command that a replay does not know yet is skipped: values
// may be added to the contract.
void append_response(const v1::ConnectResponse& response, ReplayAnswer& answer);
// Its commands alone.
void append_commands(const v1::ConnectResponse& response, ReplayAnswer& answer);

}  // namespace acd::sim
