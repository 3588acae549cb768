// SPDX-License-Identifier: Apache-2.0
// From a switch's messages to commands: every check that needs no Router.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "acd/v1/switch_service.pb.h"
#include "daemon/batch.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/rpc/status.h"
#include "routing/command.h"
#include "routing/limits.h"

namespace acd {

// Latest time of a driven clock: a century of log, far from the end of int64 nanoseconds.
inline constexpr int64_t kDrivenNowMaxNs = int64_t{36'525} * 24 * 3600 * kNsPerS;

inline constexpr const char* kScheduleRule = "must be a time of the years 1970 to 2199";
// Unix time in ms of when a call is to enter; nothing where it is not well-formed, or before 1970 or
// from the year 2200 on.
[[nodiscard]] std::optional<int64_t> schedule_ms(const google::protobuf::Timestamp& time);

// Checks the first message of a stream and turns it into one kOpenSession in `batch`; `tenant`
// becomes the tenant's id. `bad_texts` are the paths that parse_message() named. On an error both
// are unspecified.
[[nodiscard]] std::optional<RpcError> decode_open(const v1::ConnectRequest& request,
                                                  std::span<const std::string> bad_texts,
                                                  std::string_view principal, std::string* tenant,
                                                  Batch* batch);

// Checks a message after the first and turns it into `batch`: one command an event, kRefused where
// the event is bad. `expected_sequence` is what follows everything this stream has seen; it moves
// on. An error is a breach of protocol that ends the stream; then `batch` is unspecified and
// nothing may be applied.
[[nodiscard]] std::optional<RpcError> decode_batch(const v1::ConnectRequest& request,
                                                   std::span<const std::string> bad_texts,
                                                   const RpcOptions& options,
                                                   int64_t* expected_sequence, Batch* batch);

// The event's field in SwitchEvent, e.g. "call_offered"; empty for what is no event.
[[nodiscard]] std::string_view event_field(CommandKind kind);

// Where in the event the fault lies that the Router found, e.g. "call_offered.queue_id"; empty
// where no one field is at fault.
[[nodiscard]] std::string fault_field(Reject reject, CommandKind kind);

}  // namespace acd
