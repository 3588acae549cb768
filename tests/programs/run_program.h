// SPDX-License-Identifier: Apache-2.0
// Runs a program of this build as a process.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace acd {

struct Ended {
  int exit_code = -1;
  std::string text;  // Of both outputs.
};

// Runs `program` of this build under a shell, with these words behind it, to its end.
inline Ended run(const std::string& program, const std::string& words) {
  Ended ended;
  const std::string command = std::string("exec " ACD_BINARY_DIR "/bin/") + program + " " + words;
  // Standard error first, so that `words` may send standard output elsewhere.
  FILE* pipe = popen(("exec 2>&1; " + command).c_str(), "r");
  if (pipe == nullptr) return ended;
  std::array<char, 4'096> bytes{};
  size_t size = 0;
  while ((size = fread(bytes.data(), 1, bytes.size(), pipe)) > 0) {
    ended.text.append(bytes.data(), size);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  return ended;
}

}  // namespace acd
