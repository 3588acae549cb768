// SPDX-License-Identifier: Apache-2.0
// Asks the daemon for consults and conferences.
#pragma once

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_calls_consult(Client& client, const Arguments& arguments,
                                         const Console& console);
// Of a consult: merge and conference.
[[nodiscard]] ExitCode run_calls_merge(Client& client, const Arguments& arguments,
                                       const Console& console);

}  // namespace acd::acdctl
