// SPDX-License-Identifier: Apache-2.0
// One shell function serves both shells: zsh runs it by its own emulation of bash's completion.
#include "clients/completion_script.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include <set>

namespace acd {
namespace {

constexpr char kFunction[] = R"(_@PROGRAM@() {
  local current="${COMP_WORDS[COMP_CWORD]}"
  local command= words= options= paths= word i option=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if [[ -n $option ]]; then option=; continue; fi
    case "$word" in
      @VALUE_OPTIONS@) option="$word" ;;
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
  if [[ -n $option ]]; then
    case "$option" in
@VALUES@    esac
    return 0
  fi
  case "$command" in
    '') words='@COMMANDS@' options='@OPTIONS@' ;;
@CASES@  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $paths ]]; then
    COMPREPLY=($(compgen $paths -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
  return 0
}
)";

using Command = CompletionTable::Command;
using Paths = CompletionTable::Paths;

std::string first_word(const Command& command) {
  return command.name.substr(0, command.name.find(' '));
}

bool is_pair(const Command& command) { return command.name.find(' ') != std::string::npos; }

std::string words_text(const std::vector<std::string>& words) { return absl::StrJoin(words, " "); }

// Second words of the commands that begin with `first`.
std::vector<std::string> second_words(const CompletionTable& table, const std::string& first) {
  std::vector<std::string> words;
  for (const Command& command : table.commands) {
    if (!is_pair(command) || first_word(command) != first) continue;
    words.push_back(command.name.substr(first.size() + 1));
  }
  return words;
}

// The commands of two words as one pattern.
std::string pairs_pattern(const CompletionTable& table) {
  std::string pattern = "''";
  for (const Command& command : table.commands) {
    if (is_pair(command)) absl::StrAppend(&pattern, "|'", command.name, "'");
  }
  return pattern;
}

// A case for each option that has more to offer than nothing.
std::string value_cases(const CompletionTable& table) {
  std::string text;
  for (const CompletionTable::ValueOption& option : table.value_options) {
    if (!option.is_path && option.words.empty()) continue;
    const std::string offered =
        option.is_path ? "-f" : absl::StrCat("-W '", words_text(option.words), "'");
    absl::StrAppend(&text, "      ", option.name, ") COMPREPLY=($(compgen ", offered,
                    " -- \"$current\")) ;;\n");
  }
  return text;
}

std::string value_options_pattern(const CompletionTable& table) {
  std::string pattern = "''";
  for (const auto& option : table.value_options) absl::StrAppend(&pattern, "|", option.name);
  return pattern;
}

std::string command_cases(const CompletionTable& table) {
  std::string text;
  std::set<std::string> told;
  for (const Command& command : table.commands) {
    const std::string first = first_word(command);
    const bool is_first = told.insert(first).second;
    if (is_first && is_pair(command)) {
      absl::StrAppend(&text, "    ", first, ") words='", words_text(second_words(table, first)),
                      "' ;;\n");
    }
    // The first word of commands of two words may be a command itself.
    const std::vector<std::string> words =
        command.words.empty() ? second_words(table, command.name) : command.words;
    absl::StrAppend(&text, "    '", command.name, "') words='", words_text(words), "' options='",
                    words_text(command.options), "'");
    if (command.paths != Paths::kNone) {
      absl::StrAppend(&text, " paths=", command.paths == Paths::kFiles ? "-f" : "-d");
    }
    text += " ;;\n";
  }
  return text;
}

std::string function_text(const CompletionTable& table) {
  return absl::StrReplaceAll(kFunction, {{"@PROGRAM@", table.program},
                                         {"@VALUE_OPTIONS@", value_options_pattern(table)},
                                         {"@PAIRS@", pairs_pattern(table)},
                                         {"@VALUES@", value_cases(table)},
                                         {"@COMMANDS@", words_text(table.first_words())},
                                         {"@OPTIONS@", words_text(table.options)},
                                         {"@CASES@", command_cases(table)}});
}

}  // namespace

std::vector<std::string> CompletionTable::first_words() const {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    const std::string word = first_word(command);
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return words;
}

std::string bash_completion(const CompletionTable& table) {
  return absl::StrCat("# bash completion of ", table.program, "\n", function_text(table),
                      "complete -F _", table.program, " ", table.program, "\n");
}

std::string zsh_completion(const CompletionTable& table) {
  return absl::StrCat(
      "#compdef ", table.program, "\n# zsh completion of ", table.program,
      "\nautoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n",
      function_text(table), "complete -F _", table.program, " ", table.program, "\n");
}

}  // namespace acd
