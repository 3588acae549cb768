// SPDX-License-Identifier: Apache-2.0
// What supervisors do about agents and calls.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_supervise(Client& client, const Arguments& arguments,
                                     const Console& console);

}  // namespace acd::acdctl
