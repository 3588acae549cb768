// SPDX-License-Identifier: Apache-2.0
// A script by which bash or zsh completes the command line of one of our programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace acd {

// What may stand on a command line.
struct CompletionTable {
  enum class Paths : uint8_t { kNone, kFiles, kFolders };

  // An option whose next word is its value.
  struct ValueOption {
    std::string name;                // "--state"
    std::vector<std::string> words;  // That it may be; empty: any, or a path.
    bool is_path = false;
  };
  struct Command {
    std::string name;                // One or two words.
    std::vector<std::string> words;  // That may stand behind it.
    std::vector<std::string> options;
    Paths paths = Paths::kNone;
  };

  std::string program;
  std::vector<std::string> options;  // Where no command stands yet.
  std::vector<ValueOption> value_options;
  std::vector<Command> commands;  // Those with the same first word together.

  // First words of the commands, each once.
  [[nodiscard]] std::vector<std::string> first_words() const;
};

// To be sourced, or put where the shell looks for such scripts.
[[nodiscard]] std::string bash_completion(const CompletionTable& table);
[[nodiscard]] std::string zsh_completion(const CompletionTable& table);

}  // namespace acd
