// SPDX-License-Identifier: Apache-2.0
// How far a replay is: a bar on a terminal, plain lines otherwise.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "sim/replay.h"

namespace acd::sim {

// Draws a replay's progress. Times are passed in, so that it can be tested.
//
// Bounds:   on a terminal a redraw every kRedrawNs; else a line every tenth of the calls.
class Progress {
 public:
  static constexpr int64_t kRedrawNs = 100 * kNsPerMs;

  // `out` outlives it.
  Progress(std::ostream& out, bool is_terminal);

  // `wall_ns` since the replay began.
  void update(const ReplayProgress& progress, int64_t wall_ns);
  // Takes the bar away, so that other text may follow.
  void clear();

 private:
  std::ostream& out_;
  const bool is_terminal_;
  int64_t drawn_ns_ = -kRedrawNs;
  int64_t tenths_ = 0;
  size_t drawn_size_ = 0;
};

}  // namespace acd::sim
