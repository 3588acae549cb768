// SPDX-License-Identifier: Apache-2.0
// The queues live on a full screen, as their wallboard tells them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"
#include "clients/acdctl/arguments.h"
#include "clients/acdctl/client.h"
#include "clients/acdctl/console.h"
#include "clients/acdctl/exit_code.h"
#include "clients/acdctl/wall.h"

namespace acd::acdctl {

// By what the queues are ordered.
enum class TopSort { kWaiting, kLongest, kServiceLevel, kName };

// What the keys have chosen.
struct TopChoice {
  TopSort sort = TopSort::kWaiting;
  std::string queue;  // Resource name; empty: the first.
  bool shows_calls = false;
};

// q or Ctrl-C; s; the arrows, or k and j; Enter.
enum class TopKey { kQuit, kSort, kUp, kDown, kCalls };

// The keys in what a terminal sends; others are left out.
[[nodiscard]] std::vector<TopKey> top_keys(std::string_view bytes);

// What a key does to the choice. REQUIRES: not kQuit.
void choose(TopKey key, const Wall& wall, v1::StatsWindow window, TopChoice* choice);

// One frame.
[[nodiscard]] std::string top_text(const Wall& wall, v1::StatsWindow window,
                                   const TopChoice& choice, bool is_colored);

// Draws at each beat and each key, until a key or console.wait() ends it; with `arguments.is_once` one
// frame, appended.
[[nodiscard]] ExitCode run_top(Client& client, const Arguments& arguments, const Console& console);

}  // namespace acd::acdctl
