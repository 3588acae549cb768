// SPDX-License-Identifier: Apache-2.0
// Unary calls whose client said no deadline: they get one.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

#include "daemon/mutex.h"

namespace acd {

class UnaryReply;

// Threads:  all methods from any thread.
// Bounds:   what comes within `wait`, and is not answered: the limits of what it waits for.
// Fails:    a call that is not answered within `wait` ends with DEADLINE_EXCEEDED.
class OpenCalls {
 public:
  using Clock = std::chrono::steady_clock;

  explicit OpenCalls(std::chrono::milliseconds wait) : wait_(wait) {}

  void add(const std::shared_ptr<UnaryReply>& reply);
  // Ends the calls that have waited too long. Called every fraction of a second.
  void expire(Clock::time_point now);

 private:
  const std::chrono::milliseconds wait_;
  Mutex mutex_;
  // Oldest first; some are answered already.
  std::deque<std::pair<Clock::time_point, std::weak_ptr<UnaryReply>>> calls_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
