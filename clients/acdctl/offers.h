// SPDX-License-Identifier: Apache-2.0
// Tells the daemon what an agent says to an offer.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

// `agents accept` and `agents reject`.
[[nodiscard]] ExitCode run_agents_claim(Client& client, const Arguments& arguments,
                                        const Console& console);

}  // namespace acd::acdctl
