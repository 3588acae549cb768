// SPDX-License-Identifier: Apache-2.0
// One shell function serves both shells: zsh runs it by its own emulation of bash's completion.
#include "sim/completion.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include <set>
#include <vector>

#include "sim/arguments.h"

namespace acd::sim {
namespace {

constexpr char kFunction[] = R"(_acdsim() {
  local current="${COMP_WORDS[COMP_CWORD]}"
  local command= words= options= files= word i skip=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$word" in
      @FILE_OPTIONS@) skip=file ;;
      @VALUE_OPTIONS@) skip=value ;;
      -*) ;;
      *) [[ -z $command ]] && command="$word" ;;
    esac
  done
  COMPREPLY=()
  [[ $skip == file ]] && COMPREPLY=($(compgen -f -- "$current"))
  [[ -n $skip ]] && return 0
  case "$command" in
    '') words='@COMMANDS@' options='--help --version' ;;
@CASES@  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $files ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
  return 0
}
)";

std::string completion_function() {
  std::vector<std::string> names;
  std::set<std::string> file_options;
  std::set<std::string> value_options;
  std::string cases;
  for (const CommandWords& command : command_words()) {
    names.push_back(command.name);
    file_options.insert(command.file_options.begin(), command.file_options.end());
    value_options.insert(command.value_options.begin(), command.value_options.end());
    absl::StrAppend(&cases, "    ", command.name, ") words='", absl::StrJoin(command.words, " "),
                    "' options='", absl::StrJoin(command.options, " "), "'",
                    command.takes_file ? " files=1" : "", " ;;\n");
  }
  return absl::StrReplaceAll(kFunction, {{"@FILE_OPTIONS@", absl::StrJoin(file_options, "|")},
                                         {"@VALUE_OPTIONS@", absl::StrJoin(value_options, "|")},
                                         {"@COMMANDS@", absl::StrJoin(names, " ")},
                                         {"@CASES@", cases}});
}

}  // namespace

std::string bash_completion() {
  return absl::StrCat("# bash completion of acdsim\n", completion_function(),
                      "complete -F _acdsim acdsim\n");
}

std::string zsh_completion() {
  return absl::StrCat(
      "#compdef acdsim\n# zsh completion of acdsim\n"
      "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n",
      completion_function(), "complete -F _acdsim acdsim\n");
}

}  // namespace acd::sim
