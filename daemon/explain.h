// SPDX-License-Identifier: Apache-2.0
// A question about the present on its way from an edge to the shard, and the answer.
#pragma once

#include <absl/functional/any_invocable.h>

#include <cstdint>
#include <string>

#include "routing/decision.h"

namespace acd {

// What the shard says to a question.
struct Explanation {
  enum class Outcome : uint8_t {
    kDone,
    kUnknown,     // There is no such call or agent.
    kNotWaiting,  // The call is live, and does not wait.
  };
  Outcome outcome = Outcome::kDone;
  int64_t now_ns = 0;    // Router time.
  std::string queue;     // Id: of the call.
  WaitExplanation wait;  // Of a call.
  IdleExplanation idle;  // Of an agent.
};

// Why a call waits, or an agent is idle. It changes nothing, and the journal does not hear of it.
struct Question {
  enum class About : uint8_t { kCall, kAgent };
  About about = About::kCall;
  std::string id;
  // Called once everything that the answer saw is durable, as TableChange::reply.
  absl::AnyInvocable<void(const Explanation& answer)> reply;
};

}  // namespace acd
