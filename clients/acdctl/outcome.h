// SPDX-License-Identifier: Apache-2.0
// Tells the daemon how a call went.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_calls_outcome(Client& client, const Arguments& arguments,
                                         const Console& console);

}  // namespace acd::acdctl
