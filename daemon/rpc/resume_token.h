// SPDX-License-Identifier: Apache-2.0
// Where a stream goes on: opaque to clients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/rpc/status.h"

namespace acd {

// Of what comes behind the event `sequence`. `history_id` is TenantPort::history_id().
[[nodiscard]] std::string make_resume_token(std::string_view history_id, std::string_view tenant,
                                            int64_t sequence);

// What a token says.
struct ResumePoint {
  std::string history_id;
  int64_t sequence = 0;
};

// Taken apart; notes a violation when it is none, or of another tenant.
[[nodiscard]] std::optional<ResumePoint> take_resume_token(std::string_view token,
                                                           std::string_view tenant,
                                                           Violations* violations);

// The errors of a token that is good, but of no use.
[[nodiscard]] RpcError resume_token_expired(int64_t first_sequence);
[[nodiscard]] RpcError history_changed();

}  // namespace acd
