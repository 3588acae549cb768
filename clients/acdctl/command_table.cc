// SPDX-License-Identifier: Apache-2.0
// The options, and the help made from them and the commands.
#include "clients/acdctl/command_table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <numeric>

#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

constexpr OptionInfo kGlobalOptions[] = {
    {"target", "ADDRESS", "the daemon: HOST:PORT or unix:/path (127.0.0.1:7710; ACD_TARGET)"},
    {"tenant", "ID", "the tenant (the daemon's only one; ACD_TENANT)"},
    {"json", "", "one JSON document instead of tables; a watch prints one a line"},
    {"no-color", "", "no colours; they are used on terminals only, and not under NO_COLOR"},
    {"timeout", "DURATION", "how long one request may take, 1ms..1h (5s)"},
    {"help", "", "this text, or that of the command"},
    {"version", "", "the version"},
};

constexpr OptionInfo kCommandOptions[] = {
    {"state", "STATE,...", "only agents in these states"},
    {"queue", "QUEUE", "only what is of this queue; where a callback enters"},
    {"waiting", "", "only calls that wait, with their position and predicted wait (EWT)"},
    {"window", "5m|15m|30m|60m|day", "figures of that time (15m)"},
    {"once", "", "one frame, and no more"},
    {"interval", "DURATION", "time between two looks, 100ms..1m (1s)"},
    {"offline", "", "check the file by itself, without a daemon"},
    {"from", "N", "begin with record N (the oldest)"},
    {"count", "N", "N records at most (all); end after N events"},
    {"etag", "ETAG", "of the configuration that the file was made from"},
    {"based-on", "FILE", "the exported file that this one was made from, instead of --etag"},
    {"dry-run", "", "have everything checked, and change nothing"},
    {"yes", "", "do not ask"},
    {"data-dir", "DIR", "the daemon's data folder, a partition's, or the history file itself"},
    {"agent", "AGENT", "only what is of this agent"},
    {"type", "TYPE,...", "only events of these types, or of these subjects: call.connected,offer"},
    {"from-token", "TOKEN", "go on behind the response that had this token"},
    {"oldest", "", "begin with the oldest event that the daemon keeps"},
    {"call", "CALL", "only the calls with this id; whose place a callback takes"},
    {"switch", "SWITCH", "the switch that dials a customer"},
    {"id", "ID",
     "of the consult, callback or call for later, 1..64 bytes; a random one if left out"},
    {"at", "TIME", "when it enters: 2026-11-22T08:00:00Z, or so far ahead: 90m, 24h, 7d"},
    {"number", "NUMBER", "whom to call, 1..24 digits; without it a task"},
    {"priority", "N", "higher is served first (that of the queue)"},
    {"medium", "MEDIUM", "only what is of this medium: voice, chat, email, callback or task"},
    {"since", "TIME", "from then on: 2026-11-22, 2026-11-22T08:00:00+01:00, or ago: 90m, 24h, 7d"},
    {"until", "TIME", "before then; of an override when it ends: a time, or ahead: 90m, 8h, 2d"},
    {"reason", "TEXT", "why, for those who see it on the board: 1 to 256 bytes"},
    {"limit", "N", "at most so many rows (50 in tables, all otherwise)"},
    {"csv", "", "comma-separated values with a heading"},
    {"queue-log", "", "as Asterisk's queue_log"},
    {"station", "ADDRESS", "where the supervisor is, at the switch of the call"},
    {"stop", "", "record no longer"},
    {"forced", "", "becoming ready does not take it back"},
    {"fields", "FIELD,...", "change only these: display_name, team, media, skills or skills.SKILL"},
    {"mapping", "FILE", "how scores become skill levels (required)"},
    {"code", "CODE", "the wrap-up code (disposition)"},
    {"label", "LABEL,...", "all labels of the call, 1..8"},
    {"no-labels", "", "the call has no labels"},
    {"reference", "TEXT", "where the CRM keeps its records of the call, 1..256 bytes"},
    {"resolved", "yes|no", "whether the caller's matter is settled"},
    {"survey", "N", "what the caller said, 0..10"},
    {"quality", "N", "what a supervisor makes of it, 0..100"},
    {"to-queue", "QUEUE", "into this queue"},
    {"to-agent", "AGENT", "to this agent, in --queue or the queue that it is in"},
    {"to-supervisor", "",
     "to a supervisor of its agent's team, in --queue or the queue that it is in"},
    {"outside", "NUMBER",
     "to a number outside; of a transfer the call is then over for the daemon"},
    {"by", "AGENT",
     "only if this agent still has it; who consults, of several who are on it; who supervises"},
};

constexpr std::string_view kExitCodes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the daemon refused, or is not serving; of `config diff`: something differs\n"
    "  2  the command line is wrong\n"
    "  3  the daemon does not answer or is stopping\n"
    "  4  a local file or journal is invalid or refused, or the output cannot be written\n";

std::string usage_of(const CommandInfo& info) {
  std::string usage = absl::StrCat("acdctl ", std::string(info.name));
  if (!info.arguments.empty()) absl::StrAppend(&usage, " ", std::string(info.arguments));
  return usage;
}

void add_option(Table& table, const OptionInfo& option) {
  std::string name = absl::StrCat("  --", std::string(option.name));
  if (!option.value.empty()) absl::StrAppend(&name, " ", std::string(option.value));
  table.add_row({{name}, {std::string(option.text)}});
}

std::string options_text(std::span<const OptionInfo> options) {
  Table table = Table::without_titles({Align::kLeft, Align::kLeft});
  for (const OptionInfo& option : options) add_option(table, option);
  return table.render(false);
}

std::string command_help(const CommandInfo& info) {
  std::string text = absl::StrCat(usage_of(info), "\n  ", std::string(info.summary), "\n");
  if (!info.details.empty()) absl::StrAppend(&text, "\n", std::string(info.details));
  if (info.options.empty()) return text;
  Table table = Table::without_titles({Align::kLeft, Align::kLeft});
  for (const OptionInfo& option : kCommandOptions) {
    if (std::find(info.options.begin(), info.options.end(), option.name) != info.options.end()) {
      add_option(table, option);
    }
  }
  return absl::StrCat(text, "\nOptions:\n", table.render(false));
}

// Insertions, deletions and replacements that turn `from` into `to`.
size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

const CommandInfo& command_info(Command command) {
  const auto& table = commands();
  return *std::find_if(table.begin(), table.end(),
                       [&](const CommandInfo& info) { return info.command == command; });
}

std::span<const OptionInfo> global_options() { return kGlobalOptions; }

std::span<const OptionInfo> command_options() { return kCommandOptions; }

std::string help_text() {
  Table table = Table::without_titles({Align::kLeft, Align::kLeft});
  for (const CommandInfo& info : commands()) {
    std::string name = absl::StrCat("  ", std::string(info.name));
    if (!info.arguments.empty()) absl::StrAppend(&name, " ", std::string(info.arguments));
    table.add_row({{name}, {std::string(info.summary)}});
  }
  return absl::StrCat(
      "acdctl looks at a running acdd: its queues, agents, calls and configuration, which it\n"
      "changes, too; at its history; and at the journals on disk, which it copies and brings\n"
      "back.\n\n"
      "Usage: acdctl [OPTIONS] COMMAND [ARGUMENTS]\n\nCommands:\n",
      table.render(false), "\nOptions of all commands:\n", options_text(kGlobalOptions),
      "\nOptions of some commands:\n", options_text(kCommandOptions), "\n", std::string(kExitCodes),
      "\n`acdctl help COMMAND` says more about one. Durations are written 500ms, 5s, 2m.\n");
}

std::optional<std::string> help_text(std::span<const std::string> words) {
  const std::string prefix = absl::StrJoin(words, " ");
  std::string text;
  for (const CommandInfo& info : commands()) {
    const bool is_meant =
        info.name == prefix || info.name.substr(0, prefix.size() + 1) == prefix + " ";
    if (is_meant) absl::StrAppend(&text, text.empty() ? "" : "\n", command_help(info));
  }
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> candidates) {
  constexpr size_t kWordSizeMax = 64;  // A longer word is no mistyped one.
  if (word.empty() || word.size() > kWordSizeMax) return std::nullopt;
  std::optional<std::string_view> nearest;
  size_t distance_min = 1 + std::max<size_t>(1, (word.size() + 1) / 3);
  for (std::string_view candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    // A beginning of a word is as good as one mistake.
    const bool is_prefix = candidate.substr(0, word.size()) == word;
    const size_t cost = is_prefix ? std::min<size_t>(distance, 1) : distance;
    if (cost < distance_min) {
      distance_min = cost;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace acd::acdctl
