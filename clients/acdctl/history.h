// SPDX-License-Identifier: Apache-2.0
// `acdctl history`: reads the history file of a data folder, also while the daemon writes it.
#pragma once

#include "clients/acdctl/arguments.h"
#include "clients/acdctl/console.h"
#include "clients/acdctl/exit_code.h"

namespace acd::acdctl {

// `history calls`, `talks`, `queues` and `agents`.
[[nodiscard]] ExitCode run_history(const Arguments& arguments, const Console& console);

// `history export`.
[[nodiscard]] ExitCode run_history_export(const Arguments& arguments, const Console& console);

}  // namespace acd::acdctl
