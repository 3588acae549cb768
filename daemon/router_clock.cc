// SPDX-License-Identifier: Apache-2.0
#include "daemon/router_clock.h"

#include <ctime>

#include "routing/limits.h"

namespace acd {
namespace {

int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kNsPerS + now.tv_nsec;
}

}  // namespace

int64_t monotonic_ns() { return read_clock(CLOCK_MONOTONIC); }
int64_t unix_ns() { return read_clock(CLOCK_REALTIME); }

void UnixAnchor::on_frame(int64_t now_ns, int64_t wall_ns) {
  // In whole milliseconds, as history is: what is cut at an interval's end adds up again.
  const int64_t offset_ns = (wall_ns - now_ns) / kNsPerMs * kNsPerMs;
  const bool is_apart = !state_.is_driven && (offset_ns > state_.offset_ns + kSlackNs ||
                                              offset_ns < state_.offset_ns - kSlackNs);
  if (state_.has_offset && !is_apart) return;
  state_.has_offset = true;
  state_.offset_ns = offset_ns;
}

void RouterClock::set_origin(int64_t router_ns) {
  origin_router_ns_ = router_ns;
  origin_monotonic_ns_ = monotonic_ns();
}

int64_t RouterClock::now_ns() const {
  if (mode_ == ClockMode::kDriven) return origin_router_ns_;
  return origin_router_ns_ + (monotonic_ns() - origin_monotonic_ns_);
}

}  // namespace acd
