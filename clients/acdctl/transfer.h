// SPDX-License-Identifier: Apache-2.0
// Asks the daemon to move a call.
#pragma once

#include <string>

#include "acd/v1/call_service.pb.h"
#include "clients/acdctl/commands.h"

namespace acd::acdctl {

// Where it goes, as the options say.
[[nodiscard]] v1::CallTransfer transfer_of(const Arguments& arguments);
// "c1: to agent ada, in queue loans".
[[nodiscard]] std::string told_text(const std::string& call, const Arguments& arguments);
[[nodiscard]] ExitCode run_calls_transfer(Client& client, const Arguments& arguments,
                                          const Console& console);

}  // namespace acd::acdctl
