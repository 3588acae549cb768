// SPDX-License-Identifier: Apache-2.0
// A random world as text: what it begins with and what happens in it, to be read, kept and played
// again whatever becomes of the generator that drew it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/fuzz_player.h"
#include "sim/fuzz_step.h"

namespace acd::sim {

struct FuzzHistory {
  FuzzWorld world;  // Without its features: they are in what was drawn by them.
  std::vector<FuzzStep> steps;
};

// A thing a line, "word name=value ..." with what is not the default; a queue's own follow it, and
// "at TIME ..." begins a step.
[[nodiscard]] std::string history_text(const FuzzWorld& world, const std::vector<FuzzStep>& steps);
// Empty lines and those with # are passed over. A wrong line gives its error, e.g. "line 3: ...".
[[nodiscard]] std::variant<FuzzHistory, std::string> parse_history(std::string_view text);

}  // namespace acd::sim
