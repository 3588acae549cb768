// SPDX-License-Identifier: Apache-2.0
// A completion script, run by the shell it is for.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace acd {

// What bash offers by `script` for these words behind the program, the last of which is being
// typed; parted by spaces.
inline std::string run_completion(const std::string& script, const std::string& program,
                                  const std::string& words) {
  std::string path = ::testing::TempDir() + "completion_XXXXXX";
  const int file = mkstemp(path.data());
  EXPECT_GE(file, 0);
  std::FILE* const stream = fdopen(file, "w");
  std::fputs(
      ("set -u\n" + script + "COMP_WORDS=(" + program + " " + words +
       ")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_" + program + "\necho \"${COMPREPLY[*]-}\"\n")
          .c_str(),
      stream);
  std::fclose(stream);
  std::FILE* const shell = popen(("bash '" + path + "' 2>&1").c_str(), "r");
  std::string output;
  for (int c = std::fgetc(shell); c != EOF; c = std::fgetc(shell)) output += static_cast<char>(c);
  EXPECT_EQ(pclose(shell), 0) << output;
  std::remove(path.c_str());
  if (!output.empty()) output.pop_back();
  return output;
}

}  // namespace acd
