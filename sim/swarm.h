// SPDX-License-Identifier: Apache-2.0
// Swarm testing: many small random worlds, each with other features and faults, on Router and
// oracle.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/fuzz_coverage.h"
#include "sim/fuzz_player.h"

namespace acd::sim {

inline constexpr uint32_t kSwarmCommandsDefault = 2'000;
inline constexpr uint32_t kSwarmCommandsMax = 1'000'000;
// From so many worlds of at least kSwarmCommandsDefault commands on, a counter that is zero is a
// fault of the swarm.
inline constexpr uint64_t kSwarmCoverageSeeds = 1'000;

struct SwarmOptions {
  uint64_t first_seed = 1;
  uint64_t seeds = 100;
  uint32_t commands = kSwarmCommandsDefault;
  // Called before each world.
  std::function<void(uint64_t seed)> progress;
  // For tests of the swarm itself: changes how the worlds are judged.
  std::function<void(TwinOptions*)> adjust;
};

struct SwarmResult {
  uint64_t worlds = 0;
  uint64_t commands = 0;
  uint64_t events = 0;
  Coverage coverage;
  // Set if a world failed; it is the last one that was played.
  std::optional<uint64_t> failing_seed;
};

// Plays the worlds until one fails. `run` has the latest, also while it is played.
void run_swarm(const SwarmOptions& options, FuzzRun* run, SwarmResult* result);

// Fewer steps of which `fails` says that they fail as well: halves, quarters, ... are dropped while
// it does. `fails` is asked at most `attempts_max` times.
[[nodiscard]] std::vector<FuzzStep> shrink(
    std::vector<FuzzStep> steps, uint32_t attempts_max,
    const std::function<bool(const std::vector<FuzzStep>&)>& fails);

// "1200 worlds, 2400000 commands, 9012345 events: no difference"
[[nodiscard]] std::string summary(const SwarmResult& result);
// The counters as a table.
[[nodiscard]] std::string coverage_table(const Coverage& coverage);
// Names of the counters that are zero.
[[nodiscard]] std::vector<std::string> missing(const Coverage& coverage);

// One line of tests/seeds.txt: a seed that failed once.
struct KeptSeed {
  uint64_t seed = 0;
  uint32_t commands = 0;
  std::string caught;
};
// "SEED COMMANDS what it caught" a line; empty lines and those with # are passed over. A wrong line
// gives its error, e.g. "line 3: ...".
[[nodiscard]] std::variant<std::vector<KeptSeed>, std::string> parse_seeds(std::string_view text);

}  // namespace acd::sim
