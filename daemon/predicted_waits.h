// SPDX-License-Identifier: Apache-2.0
// Predicted waits on their way from the observer to the Routers of a partition.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/tenant_config.h"

namespace acd {

// How often a partition asks: at each whole second of Router time.
inline constexpr int64_t kWaitsLookNs = kNsPerS;
// Queues that one question is about; where more go by their wait, they take turns.
inline constexpr size_t kWaitsAskedMax = 500;
// What a known wait has to have changed by, both, before the Router is told anew.
inline constexpr int64_t kWaitChangeNs = 5 * kNsPerS;
inline constexpr int64_t kWaitChangePercent = 10;

// Of a call that would come now to a queue that goes by it.
struct PredictedWait {
  TenantIndex tenant;
  uint32_t board = 0;           // The tenant's, of the observer.
  std::string queue;            // Id: an index may mean another queue once the answer is here.
  int64_t limit_ns = kNeverNs;  // Above which the queue's own limit acts.
  int64_t wait_ns = kNeverNs;   // The p80, in whole milliseconds; kNeverNs: not known.
};

// A partition's question. There is one at a time, so that an answer that nobody has taken yet is
// the newest there is.
//
// Threads:  the shard makes it, and reads `waits` again once `answer` is ready; in between the
//           observer has it.
struct WaitsQuestion {
  int64_t now_ns = 0;  // Router time.
  std::vector<PredictedWait> waits;
  std::promise<void> answered;
  std::future<void> answer = answered.get_future();
};

// Whether a limit or a treatment of the queue goes by its predicted wait.
[[nodiscard]] bool goes_by_wait(const QueueConfig& queue);
// Whether the Router, which was told `told_ns`, is to be told `wait.wait_ns`.
[[nodiscard]] bool is_news(int64_t told_ns, const PredictedWait& wait);

}  // namespace acd
