// SPDX-License-Identifier: Apache-2.0
// The commands that compare and change what is in force, and override queues.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_config_export(Client& client, const Arguments& arguments,
                                         const Console& console);
[[nodiscard]] ExitCode run_config_diff(Client& client, const Arguments& arguments,
                                       const Console& console);
[[nodiscard]] ExitCode run_config_apply(Client& client, const Arguments& arguments,
                                        const Console& console);
[[nodiscard]] ExitCode run_agents_upsert(Client& client, const Arguments& arguments,
                                         const Console& console);
// queues open, close and follow.
[[nodiscard]] ExitCode run_queue_override(Client& client, const Arguments& arguments,
                                          const Console& console);

}  // namespace acd::acdctl
