// SPDX-License-Identifier: Apache-2.0
// Where a call is to go, in a message: every check that needs no Router.
#pragma once

#include <optional>
#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/field_fault.h"
#include "routing/command.h"

namespace acd {

// Puts what `transfer` says into `command`, a kTransferCall or kConsult, and its texts into `arena`.
[[nodiscard]] std::optional<FieldFault> decode_transfer(const v1::CallTransfer& transfer,
                                                        std::string* arena, Command* command);

}  // namespace acd
