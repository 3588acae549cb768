// SPDX-License-Identifier: Apache-2.0
// Where a call is to go, in a message: every check that needs no Router.
#pragma once

#include <optional>
#include <string>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/errors.pb.h"
#include "routing/command.h"

namespace acd {

// The first thing that is wrong. `field` is below the transfer: "queue_id".
struct TransferFault {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  std::string field;
  std::string message;
};

// Puts what `transfer` says into `command`, a kTransferCall, and its texts into `arena`.
[[nodiscard]] std::optional<TransferFault> decode_transfer(const v1::CallTransfer& transfer,
                                                           std::string* arena, Command* command);

// The same of a kConsult, which asks nobody outside.
[[nodiscard]] std::optional<TransferFault> decode_consulted(const v1::CallTransfer& asked,
                                                            std::string* arena, Command* command);

}  // namespace acd
