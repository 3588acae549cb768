// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/completion.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <span>
#include <string_view>
#include <vector>

#include "clients/acdctl/command_table.h"
#include "clients/acdctl/words.h"
#include "clients/completion_script.h"

namespace acd::acdctl {
namespace {

std::string option_name(std::string_view name) { return absl::StrCat("--", std::string(name)); }

void add_value_options(std::span<const OptionInfo> options, CompletionTable* table) {
  for (const OptionInfo& option : options) {
    if (option.value.empty()) continue;
    CompletionTable::ValueOption& added = table->value_options.emplace_back();
    added.name = option_name(option.name);
    added.is_path = option.value == "FILE" || option.value == "DIR";
    if (option.name == "resolved") added.words = {"yes", "no"};
    if (option.name == "state") {
      added.words = absl::StrSplit(agent_state_words(), absl::ByAnyChar(", "), absl::SkipEmpty());
    }
  }
}

void add_command(const CommandInfo& info, CompletionTable* table) {
  CompletionTable::Command& added = table->commands.emplace_back();
  added.name = info.name;
  added.words.assign(info.choices.begin(), info.choices.end());
  for (const std::string_view option : info.options) added.options.push_back(option_name(option));
  added.options.insert(added.options.end(), table->options.begin(), table->options.end());
  if (!info.takes_paths) return;
  added.paths =
      info.arguments == "FILE" ? CompletionTable::Paths::kFiles : CompletionTable::Paths::kFolders;
}

CompletionTable completion_table() {
  CompletionTable table;
  table.program = "acdctl";
  for (const OptionInfo& option : global_options()) {
    table.options.push_back(option_name(option.name));
  }
  add_value_options(global_options(), &table);
  add_value_options(command_options(), &table);
  for (const CommandInfo& info : commands()) add_command(info, &table);
  const std::vector<std::string> first_words = table.first_words();
  for (CompletionTable::Command& command : table.commands) {
    if (command.name == command_info(Command::kHelp).name) command.words = first_words;
  }
  return table;
}

}  // namespace

std::string bash_completion() { return acd::bash_completion(completion_table()); }

std::string zsh_completion() { return acd::zsh_completion(completion_table()); }

}  // namespace acd::acdctl
