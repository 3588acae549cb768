// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the command table.
#pragma once

#include <string>

namespace acd::acdctl {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();

}  // namespace acd::acdctl
