// SPDX-License-Identifier: Apache-2.0
// Boost splits the options from the words; what they mean stands in the command table.
#include "clients/acdctl/arguments.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <optional>
#include <utility>

#include "clients/acdctl/figures_view.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/words.h"
#include "daemon/config/words.h"

namespace acd::acdctl {
namespace {

namespace po = boost::program_options;

// No option that a user can type by accident.
constexpr char kWordsKey[] = "<words>";

absl::Status usage_error(const std::string& message) {
  return absl::InvalidArgumentError(
      absl::StrCat(printable(message), " (`acdctl help` shows the usage)"));
}

absl::Status unknown_word(const std::string& what, const std::string& word,
                          std::span<const std::string_view> candidates) {
  std::string message = absl::StrCat("unknown ", what, " \"", word, "\"");
  if (const auto nearest = nearest_word(word, candidates)) {
    absl::StrAppend(&message, ": did you mean \"", std::string(*nearest), "\"?");
  }
  return usage_error(message);
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const OptionInfo& option : global_options()) names.push_back(option.name);
  for (const OptionInfo& option : command_options()) names.push_back(option.name);
  return names;
}

absl::StatusOr<po::variables_map> split(std::span<const std::string> arguments) {
  po::options_description options;
  const auto add = [&](const OptionInfo& option) {
    std::string name(option.name);
    if (name == "help") name += ",h";
    if (option.value.empty()) {
      options.add_options()(name.c_str(), "");
    } else {
      options.add_options()(name.c_str(), po::value<std::string>(), "");
    }
  };
  for (const OptionInfo& option : global_options()) add(option);
  for (const OptionInfo& option : command_options()) add(option);
  options.add_options()(kWordsKey, po::value<std::vector<std::string>>(), "");
  po::positional_options_description positions;
  positions.add(kWordsKey, -1);

  po::variables_map values;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
                  .options(options)
                  .positional(positions)
                  .style(style)
                  .run(),
              values);
  } catch (const po::unknown_option& error) {
    std::string name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    name.erase(std::min(name.find('='), name.size()));
    return unknown_word("option", name, option_names());
  } catch (const po::error& error) {
    return usage_error(error.what());
  }
  return values;
}

// The command that the first words name; they are taken away from `words`.
absl::StatusOr<Command> take_command(std::vector<std::string>& words) {
  constexpr size_t kNameWordsMax = 2;
  for (size_t count = std::min(kNameWordsMax, words.size()); count > 0; --count) {
    const std::string name =
        absl::StrJoin(words.begin(), words.begin() + static_cast<long>(count), " ");
    for (const CommandInfo& info : commands()) {
      if (info.name != name) continue;
      words.erase(words.begin(), words.begin() + static_cast<long>(count));
      return info.command;
    }
  }
  std::vector<std::string_view> first_words;
  std::vector<std::string_view> names;
  for (const CommandInfo& info : commands()) {
    first_words.push_back(info.name.substr(0, info.name.find(' ')));
    names.push_back(info.name);
  }
  // The first word may be right and the second one wrong.
  if (std::find(first_words.begin(), first_words.end(), words[0]) == first_words.end()) {
    return unknown_word("command", words[0], first_words);
  }
  if (words.size() == 1) {
    std::string forms;
    for (std::string_view name : names) {
      if (name.substr(0, words[0].size() + 1) != words[0] + " ") continue;
      absl::StrAppend(&forms, forms.empty() ? "" : " or ", "\"", std::string(name), "\"");
    }
    return usage_error(absl::StrCat("\"", words[0], "\" needs a second word: ", forms));
  }
  return unknown_word("command", absl::StrCat(words[0], " ", words[1]), names);
}

absl::Status check_words(const Arguments& arguments) {
  const CommandInfo& info = command_info(arguments.command);
  const std::string usage =
      absl::StrCat("acdctl ", std::string(info.name), " ", std::string(info.arguments));
  if (arguments.words.size() < info.arguments_min) {
    return usage_error(absl::StrCat("too few arguments: ", usage));
  }
  if (arguments.words.size() > info.arguments_max) {
    return usage_error(absl::StrCat("too many arguments, from \"",
                                    arguments.words[info.arguments_max], "\" on: ", usage));
  }
  for (const std::string& word : arguments.words) {
    if (word.empty()) return usage_error(absl::StrCat("an argument is empty: ", usage));
    if (info.choices.empty()) continue;
    if (std::find(info.choices.begin(), info.choices.end(), word) == info.choices.end()) {
      return unknown_word("argument", word, info.choices);
    }
  }
  return absl::OkStatus();
}

absl::Status check_options(const Arguments& arguments, const po::variables_map& values) {
  const CommandInfo& info = command_info(arguments.command);
  for (const OptionInfo& option : command_options()) {
    if (values.count(std::string(option.name)) == 0) continue;
    if (std::find(info.options.begin(), info.options.end(), option.name) != info.options.end()) {
      continue;
    }
    return usage_error(absl::StrCat("--", std::string(option.name), " is no option of \"",
                                    std::string(info.name), "\""));
  }
  const bool has_agents =
      arguments.command == Command::kAgents || arguments.subject == Subject::kAgents;
  if (values.count("state") != 0 && !has_agents) {
    return usage_error("--state is for a watch of agents");
  }
  const bool has_calls =
      arguments.command == Command::kCalls || arguments.subject == Subject::kCalls;
  if (values.count("queue") != 0 && arguments.command == Command::kWatch && !has_calls) {
    return usage_error("--queue is for a watch of calls");
  }
  const bool is_list_option =
      arguments.command != Command::kCallsTransfer && arguments.command != Command::kCallsConsult &&
      arguments.command != Command::kCallsCallback &&
      (values.count("state") != 0 || values.count("queue") != 0 || values.count("waiting") != 0);
  if (is_list_option && arguments.command != Command::kWatch && !arguments.words.empty()) {
    return usage_error("--state, --queue and --waiting are for lists, not for one agent or call");
  }
  return absl::OkStatus();
}

// Names go into messages, which hold text only.
absl::Status check_text(const Arguments& arguments) {
  std::vector<std::string> names = {arguments.target, arguments.tenant, arguments.queue,
                                    arguments.etag,   arguments.agent,  arguments.call,
                                    arguments.reason};
  const OutcomeOptions& outcome = arguments.outcome;
  names.push_back(outcome.code.value_or(""));
  names.push_back(arguments.from_token);
  names.insert(names.end(), arguments.types.begin(), arguments.types.end());
  names.push_back(outcome.reference.value_or(""));
  names.push_back(arguments.callback.source);
  names.push_back(arguments.callback.id);
  names.push_back(arguments.callback.number);
  const TransferOptions& transfer = arguments.transfer;
  for (const std::string* name : {&transfer.queue, &transfer.agent, &transfer.outside,
                                  &transfer.from, &arguments.consult_id}) {
    names.push_back(*name);
  }
  if (outcome.labels) names.insert(names.end(), outcome.labels->begin(), outcome.labels->end());
  if (!command_info(arguments.command).takes_paths)
    names.insert(names.end(), arguments.words.begin(), arguments.words.end());
  for (const std::string& name : names) {
    if (printable(name) == name) continue;
    return usage_error(
        absl::StrCat("\"", name, "\" is not valid UTF-8 or holds control characters"));
  }
  return absl::OkStatus();
}

// An empty value is a variable that a script forgot to set, not a wish for the default.
absl::Status check_values(const po::variables_map& values) {
  const auto check = [&](std::span<const OptionInfo> options) {
    for (const OptionInfo& option : options) {
      const std::string name(option.name);
      if (option.value.empty() || values.count(name) == 0) continue;
      if (values[name].as<std::string>().empty()) {
        return usage_error(absl::StrCat("--", name, " has an empty value"));
      }
    }
    return absl::OkStatus();
  };
  const absl::Status status = check(global_options());
  return status.ok() ? check(command_options()) : status;
}

absl::StatusOr<std::vector<v1::AgentState>> parse_states(const std::string& text) {
  std::vector<v1::AgentState> states;
  for (const auto& part : absl::StrSplit(text, ',')) {
    const std::string word(part);
    const std::optional<v1::AgentState> state = agent_state_named(word);
    if (!state.has_value()) {
      return usage_error(
          absl::StrCat("--state: unknown state \"", word, "\"; they are ", agent_state_words()));
    }
    states.push_back(*state);
  }
  return states;
}

absl::Status read_durations(const po::variables_map& values, Arguments& arguments) {
  if (values.count("timeout") != 0) {
    arguments.timeout_text = values["timeout"].as<std::string>();
    const auto timeout =
        parse_duration("timeout", arguments.timeout_text, absl::Milliseconds(1), absl::Hours(1));
    if (!timeout.ok()) return timeout.status();
    arguments.timeout = *timeout;
  }
  if (values.count("interval") != 0) {
    const auto interval = parse_duration("interval", values["interval"].as<std::string>(),
                                         absl::Milliseconds(100), absl::Minutes(1));
    if (!interval.ok()) return interval.status();
    arguments.interval = *interval;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> parse_count(const po::variables_map& values, const std::string& name) {
  const std::string& text = values[name].as<std::string>();
  int64_t value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= 1) return value;
  return usage_error(
      absl::StrCat("--", name, ": \"", text, "\" is no number from 1 on; write it like 1000"));
}

absl::Status read_counts(const po::variables_map& values, Arguments& arguments) {
  for (const auto& [name, target] :
       {std::pair("from", &arguments.from), std::pair("count", &arguments.count),
        std::pair("limit", &arguments.limit)}) {
    if (values.count(name) == 0) continue;
    const absl::StatusOr<int64_t> value = parse_count(values, name);
    if (!value.ok()) return value.status();
    *target = *value;
  }
  return absl::OkStatus();
}

absl::Status read_history_options(const po::variables_map& values, Arguments& arguments) {
  const std::pair<const char*, std::string*> texts[] = {
      {"data-dir", &arguments.data_dir}, {"agent", &arguments.agent}, {"call", &arguments.call}};
  for (const auto& [name, text] : texts) {
    if (values.count(name) != 0) *text = values[name].as<std::string>();
  }
  if (values.count("medium") != 0) {
    arguments.medium = values["medium"].as<std::string>();
    const bool is_known = std::any_of(
        std::begin(kMediumWords), std::end(kMediumWords),
        [&arguments](const ConfigWord& known) { return known.word == arguments.medium; });
    if (!is_known) {
      return usage_error(absl::StrCat("--medium: unknown medium \"", arguments.medium,
                                      "\"; they are voice, chat, email, callback, task"));
    }
  }
  const std::pair<const char*, int64_t*> times[] = {{"since", &arguments.since_ms},
                                                    {"until", &arguments.until_ms}};
  for (const auto& [name, time_ms] : times) {
    if (values.count(name) == 0) continue;
    const auto parsed = parse_time(name, values[name].as<std::string>(), absl::Now());
    if (!parsed.ok()) return parsed.status();
    *time_ms = *parsed;
  }
  arguments.is_csv = values.count("csv") != 0;
  arguments.is_queue_log = values.count("queue-log") != 0;
  if (arguments.is_csv && arguments.is_json) {
    return usage_error("--csv and --json exclude each other");
  }
  return absl::OkStatus();
}

absl::Status read_event_options(const po::variables_map& values, Arguments& arguments) {
  if (values.count("type") != 0) {
    arguments.types = absl::StrSplit(values["type"].as<std::string>(), ',');
  }
  if (values.count("from-token") != 0) {
    arguments.from_token = values["from-token"].as<std::string>();
  }
  arguments.is_oldest = values.count("oldest") != 0;
  if (arguments.is_oldest && !arguments.from_token.empty()) {
    return usage_error("--oldest and --from-token exclude each other");
  }
  return absl::OkStatus();
}

bool is_override(Command command) {
  return command == Command::kQueuesOpen || command == Command::kQueuesClose ||
         command == Command::kQueuesFollow;
}

absl::Status read_override_options(const po::variables_map& values, Arguments& arguments) {
  if (values.count("reason") == 0) {
    return usage_error("--reason is missing: why, in a few words");
  }
  arguments.reason = values["reason"].as<std::string>();
  if (values.count("until") == 0) return absl::OkStatus();
  const auto end = parse_end("until", values["until"].as<std::string>(), absl::Now());
  if (!end.ok()) return end.status();
  arguments.ends_ms = *end;
  return absl::OkStatus();
}

absl::Status read_score(const po::variables_map& values, const std::string& name,
                        std::optional<int32_t>* score) {
  if (values.count(name) == 0) return absl::OkStatus();
  const std::string& text = values[name].as<std::string>();
  int32_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return usage_error(absl::StrCat("--", name, ": \"", text, "\" is no number"));
  }
  *score = value;
  return absl::OkStatus();
}

absl::Status read_callback(const po::variables_map& values, Arguments& arguments) {
  const bool is_later = arguments.command == Command::kCallsSchedule ||
                        arguments.command == Command::kCallsReschedule;
  if (arguments.command != Command::kCallsCallback && !is_later) return absl::OkStatus();
  const auto text_of = [&](const std::string& name) {
    return values.count(name) == 0 ? std::string() : values[name].as<std::string>();
  };
  arguments.callback.source = text_of("switch");
  arguments.callback.id = text_of("id");
  if (is_later) {
    if (text_of("at").empty()) return usage_error("--at TIME is missing");
    const auto at_ms = parse_end("at", text_of("at"), absl::Now());
    if (!at_ms.ok()) return at_ms.status();
    arguments.callback.at_ms = *at_ms;
    arguments.callback.number = text_of("number");
    const absl::Status status = read_score(values, "priority", &arguments.callback.priority);
    if (!status.ok()) return status;
    const bool is_placed = !arguments.queue.empty() && !arguments.callback.source.empty();
    if (arguments.command == Command::kCallsSchedule && !is_placed) {
      return usage_error("say where: --queue QUEUE and --switch SWITCH");
    }
    return absl::OkStatus();
  }
  arguments.call = text_of("call");
  const bool has_place = !arguments.queue.empty() || !arguments.callback.source.empty();
  if (!arguments.call.empty() && has_place) {
    return usage_error("--call excludes --queue and --switch: they are the call's");
  }
  const bool is_whole = !arguments.queue.empty() && !arguments.callback.source.empty();
  if (arguments.call.empty() && !is_whole) {
    return usage_error("say where: --call CALL, or --queue QUEUE and --switch SWITCH");
  }
  return absl::OkStatus();
}

absl::Status read_outcome(const po::variables_map& values, Arguments& arguments) {
  if (arguments.command != Command::kCallsOutcome) return absl::OkStatus();
  OutcomeOptions& outcome = arguments.outcome;
  const auto text_of = [&](const std::string& name) -> std::optional<std::string> {
    if (values.count(name) == 0) return std::nullopt;
    return values[name].as<std::string>();
  };
  outcome.code = text_of("code");
  outcome.reference = text_of("reference");
  if (const std::optional<std::string> labels = text_of("label")) {
    if (values.count("no-labels") != 0) {
      return usage_error("--label and --no-labels exclude each other");
    }
    outcome.labels = std::vector<std::string>(absl::StrSplit(*labels, ','));
  } else if (values.count("no-labels") != 0) {
    outcome.labels.emplace();
  }
  if (const std::optional<std::string> resolved = text_of("resolved")) {
    if (*resolved != "yes" && *resolved != "no") {
      return usage_error(absl::StrCat("--resolved is yes or no, not \"", *resolved, "\""));
    }
    outcome.resolved = *resolved == "yes";
  }
  for (const auto& [name, score] :
       {std::pair("survey", &outcome.survey), std::pair("quality", &outcome.quality)}) {
    const absl::Status status = read_score(values, name, score);
    if (!status.ok()) return status;
  }
  const bool says_nothing = !outcome.code && !outcome.labels && !outcome.reference &&
                            !outcome.resolved && !outcome.survey && !outcome.quality;
  if (says_nothing) {
    return usage_error(
        "nothing is told: give --code, --label, --no-labels, --reference, --resolved, --survey or "
        "--quality");
  }
  return absl::OkStatus();
}

absl::Status read_transfer(const po::variables_map& values, Arguments& arguments) {
  const Command command = arguments.command;
  if (command != Command::kCallsConsult && command != Command::kCallsTransfer) {
    return absl::OkStatus();
  }
  if (values.count("id") != 0) arguments.consult_id = values["id"].as<std::string>();
  TransferOptions& transfer = arguments.transfer;
  const std::pair<const char*, std::string*> texts[] = {{"to-queue", &transfer.queue},
                                                        {"to-agent", &transfer.agent},
                                                        {"outside", &transfer.outside},
                                                        {"by", &transfer.from}};
  for (const auto& [name, text] : texts) {
    if (values.count(name) != 0) *text = values[name].as<std::string>();
  }
  transfer.to_supervisor = values.count("to-supervisor") != 0;
  const size_t targets = values.count("to-queue") + values.count("to-agent") +
                         values.count("outside") + values.count("to-supervisor");
  if (targets != 1) {
    return usage_error("give one of --to-queue, --to-agent, --to-supervisor and --outside");
  }
  if (!arguments.queue.empty() && values.count("to-agent") + values.count("to-supervisor") == 0) {
    return usage_error("--queue goes with --to-agent or --to-supervisor");
  }
  return absl::OkStatus();
}

// Who listens; nobody does of a recording.
absl::Status read_supervision(const po::variables_map& values, Arguments& arguments) {
  const Command command = arguments.command;
  if (command != Command::kCallsMonitor && command != Command::kCallsWhisper &&
      command != Command::kCallsBarge && command != Command::kCallsLeave) {
    return absl::OkStatus();
  }
  if (values.count("by") + values.count("station") != 1) {
    return usage_error("give one of --by and --station");
  }
  if (values.count("by") != 0) arguments.transfer.from = values["by"].as<std::string>();
  return absl::OkStatus();
}

absl::Status read_claim(Arguments& arguments) {
  const bool is_claim =
      arguments.command == Command::kAgentsAccept || arguments.command == Command::kAgentsReject;
  if (!is_claim) return absl::OkStatus();
  const std::string& text = arguments.words[2];
  if (absl::SimpleAtoi(text, &arguments.generation) && arguments.generation >= 1) {
    return absl::OkStatus();
  }
  return usage_error(
      absl::StrCat("\"", text, "\" is no generation of an offer: it must be a number from 1"));
}

// What a command takes as a number, behind so many words.
struct NumberWord {
  Command command;
  size_t place;
  const char* what;
};
constexpr NumberWord kNumberWords[] = {{Command::kAgentsNotReady, 1, "reason"},
                                       {Command::kAgentsPause, 2, "reason"},
                                       {Command::kCallsPriority, 1, "priority"},
                                       {Command::kCallsWithdraw, 1, "Q.850 cause"}};

// The daemon knows which numbers there are.
absl::Status read_number(Arguments& arguments) {
  for (const NumberWord& one : kNumberWords) {
    if (one.command != arguments.command || arguments.words.size() <= one.place) continue;
    const std::string& text = arguments.words[one.place];
    arguments.has_number = absl::SimpleAtoi(text, &arguments.number);
    if (!arguments.has_number) {
      return usage_error(absl::StrCat("\"", text, "\" is no ", one.what, ": it must be a number"));
    }
  }
  return absl::OkStatus();
}

std::string environment_value(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// "bank" of "bank" or "tenants/bank", as `acdctl tenants` and --json print it.
std::string tenant_id(const std::string& text) {
  constexpr std::string_view kPrefix = "tenants/";
  return text.compare(0, kPrefix.size(), kPrefix) == 0 ? text.substr(kPrefix.size()) : text;
}

Subject subject_of(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "queues") return Subject::kQueues;
  return words[0] == "agents" ? Subject::kAgents : Subject::kCalls;
}

// "2026-11-22" (UTC) or "2026-11-22T08:00:00Z".
std::optional<absl::Time> absolute_time(const std::string& text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    return time;
  }
  return std::nullopt;
}

// "90m", "24h", "7d".
std::optional<absl::Duration> span_of(const std::string& text) {
  constexpr int64_t kDaysMax = 100'000;
  int64_t days = 0;
  if (!text.empty() && text.back() == 'd' &&
      absl::SimpleAtoi(text.substr(0, text.size() - 1), &days) && days >= 0 && days <= kDaysMax) {
    return absl::Hours(24 * days);
  }
  absl::Duration span;
  if (absl::ParseDuration(text, &span) && span >= absl::ZeroDuration() &&
      span <= absl::Hours(24 * kDaysMax)) {
    return span;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Arguments> parse_arguments(std::span<const std::string> arguments,
                                          const Environment& environment) {
  absl::StatusOr<po::variables_map> values = split(arguments);
  if (!values.ok()) return values.status();

  Arguments result;
  result.wants_help = values->count("help") != 0;
  result.wants_version = values->count("version") != 0;
  if (values->count(kWordsKey) != 0) {
    result.words = (*values)[kWordsKey].as<std::vector<std::string>>();
  }
  if (result.words.empty()) {
    if (result.wants_help || result.wants_version) return result;
    return usage_error("a command is missing");
  }
  const absl::StatusOr<Command> command = take_command(result.words);
  if (!command.ok()) {
    // "config --help" is about all commands that begin so.
    if (result.wants_help && help_text(result.words).has_value()) return result;
    return command.status();
  }
  result.command = *command;
  if (result.wants_help || result.wants_version) return result;

  const std::string target = environment_value(environment, "ACD_TARGET");
  if (!target.empty()) result.target = target;
  result.tenant = tenant_id(environment_value(environment, "ACD_TENANT"));
  if (values->count("target") != 0) result.target = (*values)["target"].as<std::string>();
  if (values->count("tenant") != 0)
    result.tenant = tenant_id((*values)["tenant"].as<std::string>());
  result.is_json = values->count("json") != 0;
  result.is_colored =
      values->count("no-color") == 0 && environment_value(environment, "NO_COLOR").empty();
  result.is_offline = values->count("offline") != 0;
  result.is_dry_run = values->count("dry-run") != 0;
  result.is_sure = values->count("yes") != 0;
  result.is_forced = values->count("forced") != 0;
  result.stops = values->count("stop") != 0;
  result.is_waiting = values->count("waiting") != 0;
  result.is_once = values->count("once") != 0;
  if (values->count("station") != 0) result.station = (*values)["station"].as<std::string>();

  absl::Status status = check_values(*values);
  if (!status.ok()) return status;
  status = check_words(result);
  if (!status.ok()) return status;
  if (result.command == Command::kWatch) result.subject = subject_of(result.words);
  status = check_options(result, *values);
  if (!status.ok()) return status;
  status = read_durations(*values, result);
  if (!status.ok()) return status;
  status = read_counts(*values, result);
  if (!status.ok()) return status;
  if (values->count("window") != 0) {
    const std::string& word = (*values)["window"].as<std::string>();
    result.window = window_named(word);
    if (!result.window) {
      return usage_error(
          absl::StrCat("--window: \"", word, "\" is none of 5m, 15m, 30m, 60m, day"));
    }
  }
  if (values->count("queue") != 0) result.queue = (*values)["queue"].as<std::string>();
  status = is_override(result.command) ? read_override_options(*values, result)
                                       : read_history_options(*values, result);
  if (!status.ok()) return status;
  if (values->count("mapping") != 0) result.mapping = (*values)["mapping"].as<std::string>();
  if (values->count("fields") != 0) {
    result.fields = absl::StrSplit((*values)["fields"].as<std::string>(), ',');
  }
  if (result.command == Command::kAgentsImport && result.mapping.empty()) {
    return usage_error("--mapping FILE is missing: how scores become skill levels");
  }
  status = read_event_options(*values, result);
  if (!status.ok()) return status;
  status = read_callback(*values, result);
  if (!status.ok()) return status;
  status = read_outcome(*values, result);
  if (!status.ok()) return status;
  status = read_transfer(*values, result);
  if (!status.ok()) return status;
  status = read_supervision(*values, result);
  if (!status.ok()) return status;
  status = read_number(result);
  if (!status.ok()) return status;
  status = read_claim(result);
  if (!status.ok()) return status;
  if (values->count("etag") != 0) result.etag = (*values)["etag"].as<std::string>();
  if (values->count("based-on") != 0) result.based_on = (*values)["based-on"].as<std::string>();
  if (!result.etag.empty() && !result.based_on.empty()) {
    return usage_error("--etag and --based-on say the same: give one of them");
  }
  status = check_text(result);
  if (!status.ok()) return status;
  if (values->count("state") != 0) {
    auto states = parse_states((*values)["state"].as<std::string>());
    if (!states.ok()) return states.status();
    result.states = *std::move(states);
  }
  return result;
}

absl::StatusOr<int64_t> parse_time(const std::string& option, const std::string& text,
                                   absl::Time now) {
  if (const auto time = absolute_time(text)) return absl::ToUnixMillis(*time);
  if (const auto span = span_of(text)) return absl::ToUnixMillis(now - *span);
  return usage_error(absl::StrCat("--", option, ": \"", text,
                                  "\" is no time; write it like 2026-11-22, "
                                  "2026-11-22T08:00:00Z or, for so long ago, 24h"));
}

absl::StatusOr<int64_t> parse_end(const std::string& option, const std::string& text,
                                  absl::Time now) {
  if (const auto time = absolute_time(text)) return absl::ToUnixMillis(*time);
  if (const auto span = span_of(text)) return absl::ToUnixMillis(now + *span);
  return usage_error(absl::StrCat("--", option, ": \"", text,
                                  "\" is no time; write it like 2026-11-22, "
                                  "2026-11-22T08:00:00+01:00 or, for so long from now, 8h"));
}

absl::StatusOr<absl::Duration> parse_duration(const std::string& option, const std::string& text,
                                              absl::Duration limit_min, absl::Duration limit_max) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return usage_error(absl::StrCat("--", option, ": \"", text,
                                    "\" is no duration; write it like 500ms, 5s or 2m"));
  }
  if (duration < limit_min || duration > limit_max) {
    return usage_error(absl::StrCat("--", option, ": ", text, " is outside ",
                                    absl::FormatDuration(limit_min), "..",
                                    absl::FormatDuration(limit_max)));
  }
  return duration;
}

}  // namespace acd::acdctl
