// SPDX-License-Identifier: Apache-2.0
// One frame of `acdctl top`, and what its keys choose: pure functions from what is known to text.
#pragma once

#include <string>
#include <string_view>

#include "acd/v1/wallboard_service.pb.h"
#include "clients/acdctl/wall.h"

namespace acd::acdctl {

// By what the queues are ordered.
enum class TopSort { kWaiting, kLongest, kServiceLevel, kName };

[[nodiscard]] std::string_view sort_word(TopSort sort);

// What the keys have chosen.
struct TopChoice {
  TopSort sort = TopSort::kWaiting;
  std::string queue;  // Resource name; empty: the first.
  bool shows_calls = false;
};

// s; the arrows, or k and j; Enter; q or Ctrl-C.
enum class TopKey { kQuit, kSort, kUp, kDown, kCalls };

// What a key does to the choice. REQUIRES: not kQuit.
void choose(TopKey key, const Wall& wall, v1::StatsWindow window, TopChoice* choice);

// Room of a frame, of which the first line is the caller's heading and the last holds the cursor;
// 0: as much as it takes.
struct TopRoom {
  int rows = 0;
  int columns = 0;

  bool operator==(const TopRoom&) const = default;
};

// One frame below its heading. In too few columns names are cut and columns left out, never the
// service level; in too few rows the queues around the chosen one are shown, and of its calls the
// first. It takes 40 columns and 16 rows at least; the terminal cuts wide tables of calls.
[[nodiscard]] std::string top_text(const Wall& wall, v1::StatsWindow window,
                                   const TopChoice& choice, TopRoom room, bool is_colored);

}  // namespace acd::acdctl
