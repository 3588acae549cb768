// SPDX-License-Identifier: Apache-2.0
// The outcome of a call in a message: every check that needs no Router.
#pragma once

#include <optional>
#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/field_fault.h"
#include "routing/command.h"

namespace acd {

// Puts what `outcome` says into `command`, a kSetOutcome, and its texts into `arena`.
[[nodiscard]] std::optional<FieldFault> decode_outcome(const v1::CallOutcome& outcome,
                                                       std::string* arena, Command* command);

}  // namespace acd
