// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/history_rows.h"

namespace acd {

std::string_view outcome_word(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::kCompleted:
      return "completed";
    case CallOutcome::kAbandoned:
      return "abandoned";
    case CallOutcome::kTimedOut:
      return "timed_out";
    case CallOutcome::kWithdrawn:
      return "withdrawn";
    case CallOutcome::kFailed:
      return "failed";
    case CallOutcome::kRejected:
      return "rejected";
    case CallOutcome::kOverflowed:
      return "overflowed";
    case CallOutcome::kTransferred:
      return "transferred";
    case CallOutcome::kMerged:
      return "merged";
    case CallOutcome::kCallbackRequested:
      return "callback_requested";
    case CallOutcome::kRerouted:
      return "rerouted";
  }
  return "";
}

}  // namespace acd
