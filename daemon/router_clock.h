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

// Unix time of what happened in a partition, told by the frames of its journal alone, so that a
// replay gives the same.
//
// It stands off Router time as far as it did in the first frame. Where time comes from the machine,
// it is set anew when a frame says that the two went apart by more than kSlackNs: the machine slept,
// its clock was set, or nobody ran for longer than Router time goes on. A conductor's time has
// nothing to do with the machine's: there it stays as it was.
class UnixAnchor {
 public:
  static constexpr int64_t kSlackNs = 1'000'000'000;

  // All that it remembers, for a snapshot.
  struct State {
    bool has_offset = false;
    bool is_driven = false;
    int64_t offset_ns = 0;

    bool operator==(const State&) const = default;
  };

  UnixAnchor() = default;
  explicit UnixAnchor(const State& state) : state_(state) {}
  [[nodiscard]] const State& state() const { return state_; }

  // REQUIRES: before the frames that follow it.
  void set_driven(bool is_driven) { state_.is_driven = is_driven; }
  void on_frame(int64_t now_ns, int64_t wall_ns);
  // Unix time less Router time.
  [[nodiscard]] int64_t offset_ns() const { return state_.offset_ns; }

 private:
  State state_;
};

// Nanoseconds of the machine's clocks.
[[nodiscard]] int64_t monotonic_ns();
[[nodiscard]] int64_t unix_ns();

}  // namespace acd
