// SPDX-License-Identifier: Apache-2.0
// `acdctl events`.
#pragma once

#include <string>

#include "acd/v1/event_service.pb.h"
#include "clients/acdctl/commands.h"

namespace acd::acdctl {

// One line without its end: when, what, and all that the event says.
[[nodiscard]] std::string event_text(const v1::Event& event);

// Follows events until --count is reached or console.wait() says no; goes on where it was when the
// daemon was away.
[[nodiscard]] ExitCode run_events(Client& client, const Arguments& arguments,
                                  const Console& console);

}  // namespace acd::acdctl
