// SPDX-License-Identifier: Apache-2.0
// Brings the scores of a talent assessment into the skills of agents.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_agents_import(Client& client, const Arguments& arguments,
                                         const Console& console);

}  // namespace acd::acdctl
