// SPDX-License-Identifier: Apache-2.0
// The queues live on a full screen, as their wallboard tells them.
#pragma once

#include <string_view>
#include <vector>

#include "clients/acdctl/arguments.h"
#include "clients/acdctl/client.h"
#include "clients/acdctl/console.h"
#include "clients/acdctl/exit_code.h"
#include "clients/acdctl/top_view.h"

namespace acd::acdctl {

// The keys in what a terminal sends; others are left out.
[[nodiscard]] std::vector<TopKey> top_keys(std::string_view bytes);

// Draws at each beat, each key and each new size of the terminal, until a key or console.wait() ends
// it; with `arguments.is_once` one frame, appended. For programs a ListQueueStatsResponse a line at
// each beat.
[[nodiscard]] ExitCode run_top(Client& client, const Arguments& arguments, const Console& console);

}  // namespace acd::acdctl
