// SPDX-License-Identifier: Apache-2.0
// The outcome of a call in a message: every check that needs no Router.
#pragma once

#include <optional>
#include <string>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/errors.pb.h"
#include "routing/command.h"

namespace acd {

// The first thing that is wrong. `field` is below the outcome: "survey_score"; empty for all of it.
struct OutcomeFault {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  std::string field;
  std::string message;
};

// Puts what `outcome` says into `command`, a kSetOutcome, and its texts into `arena`.
[[nodiscard]] std::optional<OutcomeFault> decode_outcome(const v1::CallOutcome& outcome,
                                                         std::string* arena, Command* command);

}  // namespace acd
