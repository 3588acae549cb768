// SPDX-License-Identifier: Apache-2.0
// Why a call waits, why an agent is idle, and how a call came to its agent.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_why(Client& client, const Arguments& arguments, const Console& console);
[[nodiscard]] ExitCode run_why_idle(Client& client, const Arguments& arguments,
                                    const Console& console);

}  // namespace acd::acdctl
