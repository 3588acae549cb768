// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the options that the command line is parsed by.
#pragma once

#include <string>

namespace acd::sim {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();

}  // namespace acd::sim
