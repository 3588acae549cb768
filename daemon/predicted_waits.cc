// SPDX-License-Identifier: Apache-2.0
#include "daemon/predicted_waits.h"

#include <algorithm>
#include <cstdlib>

namespace acd {

bool goes_by_wait(const QueueConfig& queue) {
  return queue.limits.ewt.kind != LimitAction::Kind::kWait ||
         std::ranges::any_of(queue.treatments, &TreatmentConfig::tells_ewt);
}

bool is_news(int64_t told_ns, const PredictedWait& wait) {
  if (told_ns == kNeverNs || wait.wait_ns == kNeverNs) return told_ns != wait.wait_ns;
  // However little it has moved: else a limit that keeps everybody out might never end.
  if ((told_ns > wait.limit_ns) != (wait.wait_ns > wait.limit_ns)) return true;
  const int64_t change_ns = std::abs(wait.wait_ns - told_ns);
  return change_ns >= kWaitChangeNs && change_ns >= told_ns / 100 * kWaitChangePercent;
}

}  // namespace acd
