// SPDX-License-Identifier: Apache-2.0
// The table, and the help made from it.
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
    {"interval", "DURATION", "time between two looks, 100ms..1h (1s)"},
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
    {"by", "AGENT", "only if this agent still has it; who consults, of several who are on it"},
};

constexpr std::string_view kExitCodes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the daemon refused, or is not serving; of `config diff`: something differs\n"
    "  2  the command line is wrong\n"
    "  3  the daemon does not answer or is stopping\n"
    "  4  a local file or journal is invalid or refused, or the output cannot be written\n";

std::vector<CommandInfo> make_commands() {
  return {
      {Command::kQueues,
       "queues",
       "[QUEUE]",
       0,
       1,
       "statistics of all queues, or all of one",
       "Counts since the journal began. Waiting includes calls that ring; Share is abandoned of\n"
       "all visits but short abandons; Other is short abandoned, timed out, withdrawn, rejected\n"
       "and failed together. Overflow, where there is any, is what came from other queues and\n"
       "what went on. A service level below its goal is marked with an exclamation mark.\n",
       {},
       {}},
      {Command::kQueuesOpen,
       "queues open",
       "QUEUE",
       1,
       1,
       "open a queue, whatever its calendar says",
       "Needs a --reason. Holds until --until, or until the next of these commands.\n",
       {"reason", "until", "dry-run"},
       {}},
      {Command::kQueuesClose,
       "queues close",
       "QUEUE",
       1,
       1,
       "close a queue, whatever its calendar says",
       "Needs a --reason. Calls that wait in it stay; those that come meet its limit `closed`.\n"
       "Holds until --until, or until the next of these commands.\n",
       {"reason", "until", "dry-run"},
       {}},
      {Command::kQueuesFollow,
       "queues follow",
       "QUEUE",
       1,
       1,
       "let the calendar of a queue rule again",
       "Needs a --reason. A queue without a calendar is open then.\n",
       {"reason", "dry-run"},
       {}},
      {Command::kAgents,
       "agents",
       "[AGENT]",
       0,
       1,
       "the agents and what they do, or all of one",
       "",
       {"state"},
       {}},
      {Command::kAgentsUpsert,
       "agents upsert",
       "FILE",
       1,
       1,
       "add the agents of a configuration file, or bring them up to date",
       "Reads the `agents:` of the file's tenants, or of --tenant. Agents that the file lacks "
       "stay.\n"
       "Presence and calls of those it has stay, too.\n",
       {"dry-run"},
       {},
       true},
      {Command::kAgentsImport,
       "agents import",
       "FILE",
       1,
       1,
       "set skill levels by the scores of a talent assessment, a CSV file",
       "--mapping says which column scores which skill, and which level a band (Low, Mid, High) or "
       "a\n"
       "percentile gives; assessment.sample.yaml is one for customer service. Skills that it does "
       "not\n"
       "name stay, names and teams as well. A fault in either file is told by file, line and "
       "column,\n"
       "and then nothing is changed. Only agents whose levels change are sent, 1,000 in a "
       "request;\n"
       "each is all or nothing. All are checked first, so that only a daemon that ends between "
       "two\n"
       "requests leaves some done; the same command again does the rest.\n",
       {"mapping", "dry-run"},
       {},
       true},
      {Command::kAgentsAccept,
       "agents accept",
       "AGENT CALL GENERATION",
       3,
       3,
       "accept an offer for an agent whose answer mode is desktop",
       "`acdctl calls CALL` names the generation of each open offer. An offer that is over is "
       "refused.\n",
       {},
       {}},
      {Command::kAgentsReject,
       "agents reject",
       "AGENT CALL GENERATION",
       3,
       3,
       "reject an offer for an agent, whatever rings",
       "`acdctl calls CALL` names the generation of each open offer. An offer that is over is "
       "refused.\n",
       {},
       {}},
      {Command::kCalls,
       "calls",
       "[CALL]",
       0,
       1,
       "the live calls, longest first, or all of one",
       "",
       {"queue"},
       {}},
      {Command::kCallsOutcome,
       "calls outcome",
       "CALL",
       1,
       1,
       "tell how a call went: live, or ended within 24 hours",
       "What is given takes the place of what was told before, the rest stays. Codes and labels "
       "are\n"
       "those of the configuration; the call's queue may take some codes only. It counts for the\n"
       "queue in which the call ended and for the agent it was connected to then.\n",
       {"code", "label", "no-labels", "reference", "resolved", "survey", "quality"},
       {}},
      {Command::kCallsTransfer,
       "calls transfer",
       "CALL",
       1,
       1,
       "move a call that waits or talks: to a queue, an agent, a supervisor or outside",
       "Its agent, if it has one, begins wrap-up. It keeps its age. An agent or supervisor is "
       "waited for\n"
       "up to transfer_wait, then everybody may serve it. What cannot be done is refused, and "
       "then\n"
       "nothing has changed.\n",
       {"to-queue", "to-agent", "to-supervisor", "outside", "queue", "by"},
       {}},
      {Command::kCallsConsult,
       "calls consult",
       "CALL",
       1,
       1,
       "let an agent who is on a call ask a queue, an agent, a supervisor or somebody outside",
       "The consult is a call of its own, whose id is told; the caller is put on hold by the "
       "switch, "
       "and\n"
       "given back when the consult is over. It is completed by calls merge or calls conference, "
       "and\n"
       "taken back by calls cancel.\n",
       {"to-queue", "to-agent", "to-supervisor", "outside", "queue", "by", "id"},
       {}},
      {Command::kCallsMerge,
       "calls merge",
       "CONSULT",
       1,
       1,
       "complete a consult as a transfer: who was consulted takes the call over",
       "",
       {},
       {}},
      {Command::kCallsConference,
       "calls conference",
       "CONSULT",
       1,
       1,
       "complete a consult as a conference: who was consulted joins the call",
       "",
       {},
       {}},
      {Command::kCallsCallback,
       "calls callback",
       "NUMBER",
       1,
       1,
       "have a customer called back",
       "With --call in the place of a call that waits: its switch releases it, and the callback "
       "keeps "
       "its\n"
       "place. Else with --queue, which must take callbacks, and --switch, which is to dial. The "
       "id that "
       "is\n"
       "printed is made up unless --id gives one: the same again is refused, so that nobody is "
       "called "
       "twice.\n",
       {"call", "queue", "switch", "id"},
       {}},
      {Command::kCallsCancel,
       "calls cancel",
       "CALL",
       1,
       1,
       "take a callback back before its customer is on the line, a call for later, or a consult",
       "",
       {},
       {}},
      {Command::kCallsSchedule,
       "calls schedule",
       "",
       0,
       0,
       "let a follow-up or reminder enter a queue at its time",
       "A task, or with --number a callback. The id that is printed is made up unless --id gives "
       "one. A\n"
       "time that is over means at once.\n",
       {"queue", "switch", "at", "number", "priority", "id"},
       {}},
      {Command::kCallsScheduled,
       "calls scheduled",
       "",
       0,
       0,
       "the calls for later, the first to enter first",
       "They are no calls before their time, and so not in `acdctl calls`. Times are UTC.\n",
       {"queue"},
       {}},
      {Command::kCallsReschedule,
       "calls reschedule",
       "CALL",
       1,
       1,
       "give a call for later another time",
       "",
       {"at"},
       {}},
      {Command::kWatch,
       "watch",
       "[queues|agents|calls]",
       0,
       1,
       "the same again and again",
       "Redraws on a terminal and appends otherwise. Goes on when the daemon restarts. Ctrl-C "
       "ends\n"
       "it.\n",
       {"interval", "state", "queue"},
       {"queues", "agents", "calls"}},
      {Command::kEvents,
       "events",
       "",
       0,
       0,
       "what happens, as it happens",
       "One event a line, in commit order. Without --oldest or --from-token only what comes from\n"
       "now on. Goes on where it was when the daemon restarts; Ctrl-C ends it. With --json one\n"
       "document a response, with its events and the `resumeToken` for --from-token; there is one\n"
       "without events at the start, and after 5 s in which nothing came.\n"
       "Example: acdctl events --oldest --count 20 --type call,offer.no_answer\n",
       {"queue", "agent", "call", "type", "from-token", "oldest", "count"},
       {}},
      {Command::kTenants, "tenants", "", 0, 0, "the tenants of the daemon", "", {}, {}},
      {Command::kConfigGet,
       "config get",
       "",
       0,
       0,
       "the configuration in force, as YAML that acdd reads",
       "",
       {},
       {}},
      {Command::kConfigExport,
       "config export",
       "",
       0,
       0,
       "all configurations in force, or that of --tenant, as one file for `config apply`",
       "The file names the etags that it was made from, which `config apply` asks for.\n",
       {},
       {}},
      {Command::kConfigDiff,
       "config diff",
       "FILE",
       1,
       1,
       "what `config apply FILE` would change",
       "Exit code 0 when nothing differs, 1 when something does, 2 and above on trouble.\n",
       {},
       {},
       true},
      {Command::kConfigApply,
       "config apply",
       "FILE",
       1,
       1,
       "bring the configurations of a file into force, while calls go on",
       "Shows what changes and asks. A configuration is applied only in place of the one that it "
       "was\n"
       "made from: as `config export` wrote it into the file, or as --etag or --based-on say. On "
       "a\n"
       "terminal the one that is shown may stand for it. Each tenant's is applied as a whole or "
       "not at\n"
       "all. `agents:` only seed a new daemon; `agents upsert` brings them into a running one.\n",
       {"etag", "based-on", "dry-run", "yes"},
       {},
       true},
      {Command::kConfigValidate,
       "config validate",
       "FILE",
       1,
       1,
       "check a configuration file, and ask the daemon about it",
       "Every violation is one line that names file, line and field.\n",
       {"offline"},
       {},
       true},
      {Command::kJournalVerify,
       "journal verify",
       "DIR",
       1,
       1,
       "read a journal to its end and say whether it is good",
       "DIR is a data folder of acdd, the folder of a partition in it, or a backup. What is "
       "damaged\n"
       "is named by file and byte, with what to do. Snapshots are read as well: whether each is "
       "whole,\n"
       "of this journal, and not ahead of it. A backup is good when every file is as its MANIFEST\n"
       "says; one that was cut short has none. Takes no lock, so a daemon may run on DIR.\n"
       "Exit code 0 when all is good, 4 when not.\n",
       {},
       {},
       true},
      {Command::kJournalDump,
       "journal dump",
       "DIR",
       1,
       1,
       "the records of a journal, one a line",
       "DIR is as for journal verify; where it has several partitions give the folder of one. A "
       "line\n"
       "gives record, Router time, tenant, kind and the fields that are not empty. Takes no "
       "lock.\n",
       {"from", "count"},
       {},
       true},
      {Command::kJournalStats,
       "journal stats",
       "DIR",
       1,
       1,
       "segments, records by kind, bytes, epochs, times and rate",
       "DIR is as for journal verify. Takes no lock, so a daemon may run on DIR.\n",
       {},
       {},
       true},
      {Command::kBackup,
       "backup",
       "DATA_DIR TARGET",
       2,
       2,
       "copy the journals and histories of a data folder, also while acdd runs",
       "TARGET must not exist or be empty. Each partition is copied up to a durable frame, and "
       "the\n"
       "copy is read once more; its history is as it was a moment before. The daemon goes on, and\n"
       "drops no old segment meanwhile.\n",
       {},
       {},
       true},
      {Command::kRestore,
       "restore",
       "BACKUP DATA_DIR",
       2,
       2,
       "bring a backup back as a data folder",
       "DATA_DIR must not exist or be empty. Every file is checked against the backup's MANIFEST\n"
       "first. What comes back is a history of its own: clients that resume are told so.\n",
       {},
       {},
       true},
      {Command::kHistoryCalls,
       "history calls",
       "",
       0,
       0,
       "the finished calls, newest first, or all of one",
       "Reads the history file, which needs no daemon and slows none. Times are UTC.\n"
       "--agent finds every call that the agent was on, not only those that ended with them.\n",
       {"data-dir", "queue", "agent", "call", "medium", "since", "until", "limit", "csv"},
       {}},
      {Command::kHistoryTalks,
       "history talks",
       "",
       0,
       0,
       "each agent's part of a call, newest first: talk, hold, wrap-up, and how it ended",
       "A call that was transferred and a conference have one for each agent. A part is there, "
       "and\n"
       "--since and --until go by, when its wrap-up is over; the call itself may go on.\n",
       {"data-dir", "queue", "agent", "call", "medium", "since", "until", "limit", "csv"},
       {}},
      {Command::kHistoryQueues,
       "history queues",
       "",
       0,
       0,
       "the queues by quarters of an hour, newest first",
       "In target is answered in the target of all that entered the service level. The interval\n"
       "that is not over counts what happened so far.\n",
       {"data-dir", "queue", "medium", "since", "until", "limit", "csv"},
       {}},
      {Command::kHistoryAgents,
       "history agents",
       "",
       0,
       0,
       "the agents by quarters of an hour, newest first",
       "With --medium the contacts of that medium, each with its own times; without it the "
       "agent's\n"
       "time, which several contacts at once do not make longer.\n",
       {"data-dir", "agent", "medium", "since", "until", "limit", "csv"},
       {}},
      {Command::kHistoryExport,
       "history export",
       "FILE",
       1,
       1,
       "finished calls as CSV, or everything as Asterisk's queue_log; - is the standard output",
       "--since and --until go by when a row or line can be told: a call when it is over, wrap-up\n"
       "included; what happened in a queue when the call has left it. So exports whose times "
       "follow\n"
       "each other have everything once. Leave the last seconds to the next one.\n"
       "--medium keeps the calls of one medium, beside what agents did.\n",
       {"data-dir", "medium", "since", "until", "csv", "queue-log"},
       {},
       true},
      {Command::kHealth,
       "health",
       "",
       0,
       0,
       "whether the daemon serves, by which clock, and what is in trouble",
       "Exit code 0 when all is well, 1 when it does not serve or its journal, history or\n"
       "snapshots are in trouble, 3 when it does not answer.\n",
       {},
       {}},
      {Command::kCompletion,
       "completion",
       "bash|zsh",
       1,
       1,
       "a completion script for the shell",
       "For bash: source <(acdctl completion bash)\n"
       "For zsh:  source <(acdctl completion zsh)\n",
       {},
       {"bash", "zsh"}},
      {Command::kHelp, "help", "[COMMAND]", 0, 2, "this text, or that of a command", "", {}, {}},
  };
}

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

const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo>* const table = new std::vector(make_commands());
  return *table;
}

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
