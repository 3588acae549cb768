// SPDX-License-Identifier: Apache-2.0
// Asks the daemon to move a call.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_calls_transfer(Client& client, const Arguments& arguments,
                                          const Console& console);

}  // namespace acd::acdctl
