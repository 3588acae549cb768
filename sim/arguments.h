// SPDX-License-Identifier: Apache-2.0
// The command line of acdsim.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "routing/limits.h"
#include "sim/fuzz_report.h"
#include "sim/predict.h"
#include "sim/replay_mix.h"

namespace acd::sim {

inline constexpr double kSpeedMax = 1e6;
inline constexpr int64_t kTimeoutMaxS = 3'600;

// What to print and be done: help or the version.
struct PrintArguments {
  std::string text;
};

struct BankConfigArguments {
  std::string file;
  std::string tenant;
  bool is_mixed = false;
};

struct ReplayArguments {
  std::string file;
  std::string target;
  std::string tenant;
  std::optional<double> speed;  // Log seconds a second; as fast as it goes if unset.
  uint64_t seed = 1;
  std::optional<int32_t> from_day;
  std::optional<int32_t> to_day;
  std::string source_id;
  int64_t reconnect_timeout_ns = 30 * kNsPerS;
  int64_t answer_timeout_ns = 30 * kNsPerS;
  ReplayMix mix;
  UtcHours callback_hours;
  bool is_json = false;
  bool is_quiet = false;
};

using Arguments = std::variant<PrintArguments, BankConfigArguments, ReplayArguments,
                               PredictArguments, FuzzArguments>;

// What may stand behind one command: its options ("--seed"), those of them that take a file and
// those that take another value, and words.
struct CommandWords {
  std::string name;
  std::vector<std::string> options;
  std::vector<std::string> file_options;
  std::vector<std::string> value_options;
  std::vector<std::string> words;
  bool takes_file = false;
};

// Every command, in the order of the help.
[[nodiscard]] std::vector<CommandWords> command_words();

// `words` are those after the program's name. INVALID_ARGUMENT says what is wrong and where help
// is.
[[nodiscard]] absl::StatusOr<Arguments> parse_arguments(const std::vector<std::string>& words);

}  // namespace acd::sim
