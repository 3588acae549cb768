// SPDX-License-Identifier: Apache-2.0
// One shell function serves both shells: zsh runs it by its own emulation of bash's completion.
#include "clients/acdctl/completion.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "clients/acdctl/command_table.h"
#include "clients/acdctl/words.h"

namespace acd::acdctl {
namespace {

void add_word(std::string& list, std::string_view word) {
  absl::StrAppend(&list, list.empty() ? "" : " ", std::string(word));
}

std::string value_options() {
  std::string list;
  const auto add = [&](const OptionInfo& option) {
    if (option.value.empty()) return;
    absl::StrAppend(&list, list.empty() ? "" : "|", "--", std::string(option.name));
  };
  for (const OptionInfo& option : global_options()) add(option);
  for (const OptionInfo& option : command_options()) add(option);
  return list;
}

std::string options_of(const CommandInfo& info) {
  std::string list;
  for (std::string_view option : info.options)
    add_word(list, absl::StrCat("--", std::string(option)));
  for (const OptionInfo& option : global_options()) {
    add_word(list, absl::StrCat("--", std::string(option.name)));
  }
  return list;
}

// First words of the commands, each once, in the order of the table.
std::vector<std::string_view> first_words() {
  std::vector<std::string_view> words;
  for (const CommandInfo& info : commands()) {
    const std::string_view word = info.name.substr(0, info.name.find(' '));
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return words;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string list;
  for (std::string_view word : words) add_word(list, word);
  return list;
}

// Second words of the commands that begin with `first`.
std::string second_words(std::string_view first) {
  std::string list;
  for (const CommandInfo& info : commands()) {
    const size_t space = info.name.find(' ');
    if (space == std::string_view::npos || info.name.substr(0, space) != first) continue;
    add_word(list, info.name.substr(space + 1));
  }
  return list;
}

// The commands of two words as one pattern.
std::string pairs_pattern() {
  std::string pattern;
  for (const CommandInfo& info : commands()) {
    if (info.name.find(' ') == std::string_view::npos) continue;
    absl::StrAppend(&pattern, pattern.empty() ? "'" : "|'", std::string(info.name), "'");
  }
  return pattern;
}

// Whether the first word of commands of two words is a command itself, as `agents` is.
bool is_command(std::string_view word) {
  return std::any_of(commands().begin(), commands().end(),
                     [word](const CommandInfo& info) { return info.name == word; });
}

// Lines of a `case` on the command so far: its own words, and its options.
std::string command_cases() {
  std::string text;
  std::set<std::string_view> seen;
  for (const CommandInfo& info : commands()) {
    const size_t space = info.name.find(' ');
    if (space != std::string_view::npos && !is_command(info.name.substr(0, space)) &&
        seen.insert(info.name.substr(0, space)).second) {
      const std::string group(info.name.substr(0, space));
      absl::StrAppend(&text, "    ", group, ") words='", second_words(group), "' ;;\n");
    }
    std::string choices = joined(info.choices);
    if (choices.empty()) choices = second_words(info.name);
    if (info.command == Command::kHelp) choices = joined(first_words());
    absl::StrAppend(&text, "    '", std::string(info.name), "') words='", choices, "' options='",
                    options_of(info), "'");
    if (info.takes_paths) text += info.arguments == "FILE" ? " files=-f" : " files=-d";
    text += " ;;\n";
  }
  return text;
}

constexpr char kFunction[] = R"(_acdctl() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  local command= words= options= files= word i skip=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$word" in
      @VALUE_OPTIONS@) skip=1 ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command="$word"
        else
          case "$command $word" in
            @PAIRS@) command="$command $word" ;;
          esac
        fi ;;
    esac
  done
  COMPREPLY=()
  if [[ -n $skip ]]; then
    if [[ $previous == --state ]]; then
      COMPREPLY=($(compgen -W '@STATES@' -- "$current"))
    elif [[ $previous == --based-on || $previous == --data-dir ]]; then
      COMPREPLY=($(compgen -f -- "$current"))
    fi
    return 0
  fi
  case "$command" in
    '') words='@COMMANDS@' options='@GLOBAL_OPTIONS@' ;;
@CASES@  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $files ]]; then
    COMPREPLY=($(compgen $files -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
)";

std::string function_text() {
  std::string global;
  for (const OptionInfo& option : global_options()) {
    add_word(global, absl::StrCat("--", std::string(option.name)));
  }
  return absl::StrReplaceAll(kFunction,
                             {{"@VALUE_OPTIONS@", value_options()},
                              {"@STATES@", absl::StrReplaceAll(agent_state_words(), {{",", ""}})},
                              {"@COMMANDS@", joined(first_words())},
                              {"@GLOBAL_OPTIONS@", global},
                              {"@PAIRS@", pairs_pattern()},
                              {"@CASES@", command_cases()}});
}

}  // namespace

std::string bash_completion() {
  return absl::StrCat("# bash completion of acdctl\n", function_text(),
                      "complete -F _acdctl acdctl\n");
}

std::string zsh_completion() {
  return absl::StrCat(
      "#compdef acdctl\n# zsh completion of acdctl\n"
      "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n",
      function_text(), "complete -F _acdctl acdctl\n");
}

}  // namespace acd::acdctl
