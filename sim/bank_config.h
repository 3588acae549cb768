// SPDX-License-Identifier: Apache-2.0
// The acdd configuration that a call log asks for.
#pragma once

#include <string>

#include "sim/call_log.h"

namespace acd::sim {

// YAML for `acdd --config`: one skill and one queue a call type, and the agents with what they
// served. With `is_mixed` also what a replay with a mix needs (sim/replay_mix.h). The same log gives
// the same text.
[[nodiscard]] std::string bank_config(const CallLog& log, const std::string& tenant,
                                      bool is_mixed = false);

}  // namespace acd::sim
