// SPDX-License-Identifier: Apache-2.0
// Router time: nanoseconds since the journal began, never going back.
#pragma once

#include <cstdint>

namespace acd {

enum class ClockMode : uint8_t { kWall, kDriven };

// Threads:  constant after set_origin(); now_ns() from any thread.
class RouterClock {
 public:
  explicit RouterClock(ClockMode mode) : mode_(mode) {}

  [[nodiscard]] ClockMode mode() const { return mode_; }

  // Router time is `router_ns` at this moment. Before any other thread reads it.
  void set_origin(int64_t router_ns);

  // kWall: Router time now, by the machine's monotonic clock. kDriven: the origin; time comes with
  // the batches.
  [[nodiscard]] int64_t now_ns() const;

 private:
  const ClockMode mode_;
  int64_t origin_router_ns_ = 0;
  int64_t origin_monotonic_ns_ = 0;
};

// Nanoseconds of the machine's clocks.
[[nodiscard]] int64_t monotonic_ns();
[[nodiscard]] int64_t unix_ns();

}  // namespace acd
