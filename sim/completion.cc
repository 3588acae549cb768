// SPDX-License-Identifier: Apache-2.0
#include "sim/completion.h"

#include <set>

#include "clients/completion_script.h"
#include "sim/arguments.h"

namespace acd::sim {
namespace {

CompletionTable completion_table() {
  CompletionTable table;
  table.program = "acdsim";
  table.options = {"--help", "--version"};
  std::set<std::string> file_options;
  std::set<std::string> value_options;
  for (const CommandWords& command : command_words()) {
    file_options.insert(command.file_options.begin(), command.file_options.end());
    value_options.insert(command.value_options.begin(), command.value_options.end());
    const auto paths =
        command.takes_file ? CompletionTable::Paths::kFiles : CompletionTable::Paths::kNone;
    table.commands.push_back({command.name, command.words, command.options, paths});
  }
  for (const std::string& name : file_options) table.value_options.push_back({name, {}, true});
  for (const std::string& name : value_options) table.value_options.push_back({name, {}, false});
  return table;
}

}  // namespace

std::string bash_completion() { return acd::bash_completion(completion_table()); }

std::string zsh_completion() { return acd::zsh_completion(completion_table()); }

}  // namespace acd::sim
