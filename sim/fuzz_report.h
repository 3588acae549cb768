// SPDX-License-Identifier: Apache-2.0
// `acdsim fuzz`: runs the swarm, and when a world fails, shrinks it and says how to see it again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/swarm.h"

namespace acd::sim {

struct FuzzArguments {
  uint64_t first_seed = 1;
  uint64_t seeds = 100;
  uint32_t commands = kSwarmCommandsDefault;
  std::string history;  // A file: it is played instead of seeds.
  bool is_verbose = false;
  bool is_quiet = false;
};

// 0: no difference; 1: a world failed, a history cannot be read, or a big run never tried
// something. Reports to standard output, progress to standard error. A world that ends the process
// (a failed check, a crash, a world that hangs for kFuzzWorldMaxS) is shrunk as well.
[[nodiscard]] int run_fuzz(const FuzzArguments& arguments);

inline constexpr unsigned kFuzzWorldMaxS = 120;

// Whether playing the steps in a child process goes wrong, by a difference or by its death.
[[nodiscard]] bool fails_in_child(const FuzzWorld& world, const std::vector<FuzzStep>& steps);

}  // namespace acd::sim
