// SPDX-License-Identifier: Apache-2.0
// What a command may touch of the world around it, so that tests can stand in for a terminal.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>

#include "clients/acdctl/arguments.h"

namespace acd::acdctl {

struct Console {
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  // Whether `out` is a terminal that understands escape sequences.
  bool is_terminal = false;
  // Asks a question that is answered by yes or no. Null: nobody is there to answer.
  std::function<bool(const std::string& question)> confirm = nullptr;
  // What is typed within that time, as the terminal sends it, without waiting for the end of a line. Called
  // by a thread of its own. Null: nobody types.
  std::function<std::string(absl::Duration)> keys = nullptr;
  // Lines of the terminal; 0 when unknown.
  std::function<int()> rows = [] { return 0; };
  // Its columns; 0 when unknown.
  std::function<int()> columns = [] { return 0; };
  // Waits between two looks of a watch, or not at all where the daemon tells; false ends it.
  std::function<bool(absl::Duration)> wait = [](absl::Duration) { return false; };
  // How long a stream may be silent that says something at every `interval`; then it counts as lost.
  std::function<absl::Duration(absl::Duration)> silence_max = [](absl::Duration interval) {
    return std::max(absl::Seconds(5), 3 * interval);
  };
};

}  // namespace acd::acdctl
