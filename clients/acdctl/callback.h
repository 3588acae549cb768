// SPDX-License-Identifier: Apache-2.0
// Asks the daemon to call customers back, and for calls at a later time.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_calls_callback(Client& client, const Arguments& arguments,
                                          const Console& console);
[[nodiscard]] ExitCode run_calls_cancel(Client& client, const Arguments& arguments,
                                        const Console& console);

[[nodiscard]] ExitCode run_calls_schedule(Client& client, const Arguments& arguments,
                                          const Console& console);
[[nodiscard]] ExitCode run_calls_reschedule(Client& client, const Arguments& arguments,
                                            const Console& console);

}  // namespace acd::acdctl
