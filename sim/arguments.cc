// SPDX-License-Identifier: Apache-2.0
// Reads the command line of acdsim, and holds its help.
#include "sim/arguments.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <sstream>
#include <utility>

#include "sim/call_log.h"
#include "sim/completion.h"

namespace acd::sim {
namespace {

namespace po = boost::program_options;

constexpr char kHelp[] =
    R"(acdsim plays telephone traffic against acdd, as a telephony switch would.

Usage:
  acdsim replay FILE [options]        play a recorded call log and report
  acdsim bank-config FILE [options]   print the acdd configuration for a call log
  acdsim predict FILE FILE [options]  train the wait predictor on one call log, judge it on another
  acdsim fuzz [options]               play random worlds on the routing core and its oracle
  acdsim completion bash|zsh          a completion script: source <(acdsim completion bash)
  acdsim help [COMMAND]               this text, or a command's
  acdsim --version

A first run, in two terminals:
  acdsim bank-config sim/data/bank-1999-01-day.csv.gz > bank.yaml
  acdd --config bank.yaml --data-dir /tmp/acd-data --clock=driven
  acdsim replay sim/data/bank-1999-01-day.csv.gz --target 127.0.0.1:7710

Exit codes:
  0    done, and for a replay: verified; for fuzz: no difference
  1    the replay found a promise broken (a lost call, wrong statistics, a refused event ...),
       or a random world a difference; of predict: the Router broke one
  2    the command line is wrong
  3    the input cannot be read or is no call log or history, or the output cannot be written
  4    the daemon cannot be reached or used, is driven by somebody else, or was lost
  130  stopped by SIGINT or SIGTERM
)";

constexpr char kReplayHelp[] =
    R"(acdsim replay FILE: plays a call log against a running acdd and checks every step.

FILE is CSV, plain or gzipped; sim/data/README.md describes it. The daemon must run with
--clock=driven: the log's time is the daemon's time, so every wait and timer is in log seconds at any
speed. What the log does not tell follows fixed rules (sim/README.md). The report sets what was played
beside what the log recorded, and ends with VERIFIED or FAILED.

With --mix a share of the calls does more than wait, be answered and end. SHARES are NAME=PERCENT, with
commas between; the same calls for the same --seed. The configuration must be that of
`acdsim bank-config --mix`.
  chat, email   travel in writing; agents have several of them in hand
  transfer      go on to another queue or to an agent, half-way through the talk
  supervisor    go on to a supervisor of the agent's team, half-way through the talk
  outside       go on to an outside number, half-way through the talk
  consult       somebody else is asked: who takes over, joins, or says good-bye
  callback      of the voice calls that wait 20 s: the caller is called back, and is not always there
  outcome       are told a wrap-up code, a survey score and whether the matter is settled
  label         get labels, on the call or after it
  quality       are judged by a supervisor ten minutes after the call, some surveys come then
  followup      leave a task that enters the queue up to some minutes later
  desktop       percent of the agents, who accept at their desktops (AgentService)
  auto          percent of the agents, whose phones answer by themselves
  nailed_up     percent of the agents, whose leg stays open between calls, and is lost now and then
  wrapup        their agents end or extend wrap-up, in the queues that have one; else it ends by itself

)";

constexpr char kReplayExamples[] = R"(
Examples:
  acdsim replay sim/data/bank-1999-01.csv.gz --target 127.0.0.1:7710
  acdsim replay sim/data/bank-1999-01.csv.gz --from 1999-01-03 --to 1999-01-09 --json > week.json
  acdsim replay day.csv --target unix:/run/acd/acdd.sock --speed 60     a minute a second
  acdsim replay day.csv --mix chat=20,transfer=10,consult=5,callback=20,outcome=50,followup=5,desktop=10

A second replay on the same daemon needs another --seed; it starts at the next midnight of the daemon's
clock. Stop it with Ctrl-C; a second Ctrl-C does not wait.
)";

constexpr char kBankConfigHelp[] =
    R"(acdsim bank-config FILE: prints the acdd configuration that a call log asks for.

One skill and one queue for each type of call, lower-case, and the agents with the types that the log
shows them serving. The same file gives the same text.

)";

constexpr char kBankConfigExamples[] = R"(
Example:
  acdsim bank-config sim/data/bank-1999-01.csv.gz > bank.yaml
)";

constexpr char kPredictHelp[] =
    R"(acdsim predict TRAINING JUDGED: how good the daemon's wait predictions are. Needs no daemon.

Both are call logs, as for replay. The predictor learns from the first and, while it is judged, from the
second, as it would in a daemon that runs on: a call teaches when it is over. Each call of the second that
has to wait is asked about once, as it comes. Beside it stand its rivals, trained and asked alike:
  constant              the training's mean wait
  last wait             of the queue's last call that waited and was answered
  mean of the last ten  of these
  Asterisk holdtime     (3 old + new) >> 2, whole seconds, at each answer
  OpenSIPS              mean handle time x calls of the queue that wait / agents logged in for it
  Avaya-like            place in the queue x decayed mean time between removals of the call's priority
  queue length          mean handle time x (calls that wait + 1) / agents logged in for the queue
  queue length, fitted  (calls ahead + 1) x the factor that fits the training best

The log is played in two worlds:
  recorded   its own events. It tells no breaks: who is in no call is shown in wrap-up, then not ready
  replayed   its callers, their patience and the agents' shifts, with the Router to decide

)";

constexpr char kPredictExamples[] = R"(
Examples:
  acdsim predict sim/data/bank-1999-01.csv.gz sim/data/bank-1999-02.csv.gz
  acdsim predict january.csv february.csv --world replayed --queue ps --json > table.json

How it is done, and what the figures mean: sim/README.md, Prediction.
)";

constexpr char kFuzzHelp[] =
    R"(acdsim fuzz: swarm testing of the routing core. Needs no daemon.

Each seed is a small contact centre. It draws which features (strategies, steps, limits, live change ...) and
faults (switches that go away, claims that come too late, events sent twice ...) it has, and plays its commands
on the Router and on the oracle, a second router that is slow and obvious. Both must give the same verdicts,
events and deadlines after every command, the Router's invariants must hold, and at the end nothing may be left.

The last line says what ran and found. A seed that fails is played again with fewer and fewer commands while
it still fails; those that are left are printed, with what both sides made of the last one, and the command
that shows the seed again. Keep what was printed in tests/histories.

)";

constexpr char kFuzzExamples[] = R"(
Examples:
  acdsim fuzz --seeds 1000                      about three minutes on one core
  acdsim fuzz --seeds 1000 --first-seed 5001    others
  acdsim fuzz --seeds 1000 --verbose            and how often each feature and fault was really met
  acdsim fuzz --first-seed 17 --seeds 1         one seed again
  acdsim fuzz --history tests/histories/NAME    a history that failed once

In a run of 1000 seeds or more, a feature or fault that was never met is a failure too.
)";

// What stands for the value of an option that names a file.
constexpr char kFileValue[] = "FILE";

absl::Status usage_error(const std::string& text, const std::string& command) {
  return absl::InvalidArgumentError(
      absl::StrCat(text, "\nTry `acdsim help", command.empty() ? "" : " ", command, "`."));
}

po::options_description replay_options() {
  po::options_description options("Options");
  auto add = options.add_options();
  add("target", po::value<std::string>()->value_name("ADDRESS")->default_value("127.0.0.1:7710"),
      "where acdd listens: HOST:PORT or unix:PATH");
  add("tenant", po::value<std::string>()->value_name("ID")->default_value("bank"),
      "whose queues and agents");
  add("speed", po::value<std::string>()->value_name("N|max")->default_value("max"),
      "log seconds a second, or as fast as it goes");
  add("seed", po::value<std::string>()->value_name("N")->default_value("1"),
      "names this run: call ids, source id and epoch come from it");
  add("from", po::value<std::string>()->value_name("DATE"), "first day, YYYY-MM-DD");
  add("to", po::value<std::string>()->value_name("DATE"), "last day, YYYY-MM-DD");
  add("mix", po::value<std::string>()->value_name("SHARES"),
      "play more than voice calls, e.g. chat=20,transfer=10 (see above)");
  add("callback-hours", po::value<std::string>()->value_name("FROM-UNTIL"),
      "with --mix: hours UTC of the calendar that all queues name in callback, e.g. 8-18");
  add("source-id", po::value<std::string>()->value_name("ID"),
      "name of the switch; default replay-SEED");
  add("reconnect-timeout", po::value<std::string>()->value_name("SECONDS")->default_value("30"),
      "how long to try again when the daemon is lost, 1..3600");
  add("answer-timeout", po::value<std::string>()->value_name("SECONDS")->default_value("30"),
      "how long to wait for one answer before the connection counts as lost, 1..3600");
  add("json", po::bool_switch(), "the report as JSON on standard output");
  add("quiet", po::bool_switch(), "no progress");
  add("help", po::bool_switch(), "this text");
  return options;
}

po::options_description bank_config_options() {
  po::options_description options("Options");
  auto add = options.add_options();
  add("tenant", po::value<std::string>()->value_name("ID")->default_value("bank"),
      "the tenant's id");
  add("mix", po::bool_switch(),
      "also what `acdsim replay --mix` needs: media of the agents, callbacks, wrap-up codes");
  add("help", po::bool_switch(), "this text");
  return options;
}

po::options_description predict_options() {
  po::options_description options("Options");
  auto add = options.add_options();
  add("world", po::value<std::string>()->value_name("WORLD")->default_value("both"),
      "recorded, replayed or both");
  add("queue", po::value<std::string>()->value_name("ID"),
      "compare with the rivals for this type of call; default: the one with the most that wait");
  add("json", po::bool_switch(), "the report as JSON on standard output");
  add("quiet", po::bool_switch(), "no progress");
  add("help", po::bool_switch(), "this text");
  return options;
}

po::options_description fuzz_options() {
  po::options_description options("Options");
  auto add = options.add_options();
  add("seeds", po::value<std::string>()->value_name("N")->default_value("100"),
      "how many worlds, 1 or more");
  add("first-seed", po::value<std::string>()->value_name("K")->default_value("1"),
      "the seed of the first one; the others count on");
  add("commands", po::value<std::string>()->value_name("M")->default_value("2000"),
      "commands a world, 1..1000000");
  add("history", po::value<std::string>()->value_name(kFileValue),
      "play this history, as a failure prints it, instead of seeds");
  add("verbose", po::bool_switch(), "a table of what was met, and how often");
  add("quiet", po::bool_switch(), "no progress");
  add("help", po::bool_switch(), "this text");
  return options;
}

std::string help_of(const char* intro, const po::options_description& options,
                    const char* examples) {
  std::ostringstream text;
  text << intro << options << examples;
  return text.str();
}

std::string replay_help() { return help_of(kReplayHelp, replay_options(), kReplayExamples); }

std::string fuzz_help() { return help_of(kFuzzHelp, fuzz_options(), kFuzzExamples); }

std::string predict_help() { return help_of(kPredictHelp, predict_options(), kPredictExamples); }

std::string bank_config_help() {
  return help_of(kBankConfigHelp, bank_config_options(), kBankConfigExamples);
}

// Options and the files, each by its name. Boost throws; nothing of that leaves here.
absl::StatusOr<po::variables_map> parse(const std::vector<std::string>& words,
                                        const po::options_description& visible,
                                        const std::string& command,
                                        const std::vector<const char*>& files) {
  po::options_description all;
  all.add(visible);
  po::positional_options_description positional;
  for (const char* file : files) {
    all.add_options()(file, po::value<std::string>());
    positional.add(file, 1);
  }
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(all).positional(positional).run(), values);
  } catch (const po::error& error) {
    return usage_error(error.what(), command);
  }
  for (const char* file : files) {
    if (values["help"].as<bool>() || values.count(file) != 0) continue;
    return usage_error(
        files.size() == 1 ? "which FILE?" : absl::StrCat("which FILE is ", file, "?"), command);
  }
  return values;
}

bool is_resource_id(const std::string& text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kIdBytesMax && std::ranges::all_of(text, is_allowed);
}

absl::Status check_id(const char* option, const std::string& text, const std::string& command) {
  if (is_resource_id(text)) return absl::OkStatus();
  return usage_error(
      absl::StrCat("--", option, ": must be 1..", kIdBytesMax, " of a-z A-Z 0-9 . _ -"), command);
}

absl::StatusOr<std::optional<int32_t>> parse_day(const po::variables_map& values,
                                                 const char* option) {
  if (values.count(option) == 0) return std::nullopt;
  const auto day = parse_date(values[option].as<std::string>());
  if (day.ok()) return std::optional<int32_t>(*day);
  return usage_error(absl::StrCat("--", option, ": ", std::string(day.status().message())),
                     "replay");
}

// A whole number without a sign, which SimpleAtoi would take.
bool parse_count(const std::string& text, uint64_t* count) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         absl::SimpleAtoi(text, count);
}

absl::Status parse_numbers(const po::variables_map& values, ReplayArguments& arguments) {
  if (!parse_count(values["seed"].as<std::string>(), &arguments.seed)) {
    return usage_error("--seed: must be a whole number, 0 or more", "replay");
  }
  const std::string& speed = values["speed"].as<std::string>();
  if (speed != "max") {
    double number = 0;
    if (!absl::SimpleAtod(speed, &number) || !std::isfinite(number) || number <= 0 ||
        number > kSpeedMax) {
      return usage_error("--speed: must be `max`, or log seconds a second, above 0 up to 1000000",
                         "replay");
    }
    arguments.speed = number;
  }
  for (const auto& [name, timeout_ns] :
       {std::pair("reconnect-timeout", &arguments.reconnect_timeout_ns),
        std::pair("answer-timeout", &arguments.answer_timeout_ns)}) {
    int64_t timeout_s = 0;
    if (!absl::SimpleAtoi(values[name].as<std::string>(), &timeout_s) || timeout_s < 1 ||
        timeout_s > kTimeoutMaxS) {
      return usage_error(absl::StrCat("--", name, ": must be 1..3600 seconds"), "replay");
    }
    *timeout_ns = timeout_s * kNsPerS;
  }
  return absl::OkStatus();
}

absl::StatusOr<Arguments> parse_replay(const std::vector<std::string>& words) {
  const auto values = parse(words, replay_options(), "replay", {"file"});
  if (!values.ok()) return values.status();
  if ((*values)["help"].as<bool>()) return PrintArguments{replay_help()};
  ReplayArguments arguments;
  arguments.file = (*values)["file"].as<std::string>();
  arguments.target = (*values)["target"].as<std::string>();
  arguments.tenant = (*values)["tenant"].as<std::string>();
  arguments.is_json = (*values)["json"].as<bool>();
  arguments.is_quiet = (*values)["quiet"].as<bool>();
  if (arguments.target.empty()) return usage_error("--target: must not be empty", "replay");
  if (auto status = parse_numbers(*values, arguments); !status.ok()) return status;
  const auto from = parse_day(*values, "from");
  if (!from.ok()) return from.status();
  const auto to = parse_day(*values, "to");
  if (!to.ok()) return to.status();
  if (*from && *to && **from > **to) return usage_error("--from: is after --to", "replay");
  if (values->count("mix") != 0) {
    const auto mix = parse_mix((*values)["mix"].as<std::string>());
    if (!mix.ok()) {
      return usage_error(absl::StrCat("--mix: ", std::string(mix.status().message())), "replay");
    }
    arguments.mix = *mix;
  }
  if (values->count("callback-hours") != 0) {
    const auto hours = parse_utc_hours((*values)["callback-hours"].as<std::string>());
    if (!hours.ok()) {
      return usage_error(absl::StrCat("--callback-hours: ", std::string(hours.status().message())),
                         "replay");
    }
    if (!arguments.mix.is_any()) return usage_error("--callback-hours goes with --mix", "replay");
    arguments.callback_hours = *hours;
  }
  arguments.from_day = *from;
  arguments.to_day = *to;
  arguments.source_id = values->count("source-id") != 0 ? (*values)["source-id"].as<std::string>()
                                                        : absl::StrCat("replay-", arguments.seed);
  if (auto status = check_id("tenant", arguments.tenant, "replay"); !status.ok()) return status;
  if (auto status = check_id("source-id", arguments.source_id, "replay"); !status.ok()) {
    return status;
  }
  return arguments;
}

absl::StatusOr<Arguments> parse_bank_config(const std::vector<std::string>& words) {
  const auto values = parse(words, bank_config_options(), "bank-config", {"file"});
  if (!values.ok()) return values.status();
  if ((*values)["help"].as<bool>()) return PrintArguments{bank_config_help()};
  BankConfigArguments arguments{(*values)["file"].as<std::string>(),
                                (*values)["tenant"].as<std::string>(), (*values)["mix"].as<bool>()};
  if (auto status = check_id("tenant", arguments.tenant, "bank-config"); !status.ok()) {
    return status;
  }
  return arguments;
}

absl::StatusOr<Arguments> parse_predict(const std::vector<std::string>& words) {
  const auto values = parse(words, predict_options(), "predict", {"training", "judged"});
  if (!values.ok()) return values.status();
  if ((*values)["help"].as<bool>()) return PrintArguments{predict_help()};
  PredictArguments arguments;
  arguments.training = (*values)["training"].as<std::string>();
  arguments.judged = (*values)["judged"].as<std::string>();
  const std::string world = (*values)["world"].as<std::string>();
  if (world != "both") {
    std::erase_if(arguments.worlds, [&](LogWorld one) { return world_name(one) != world; });
  }
  if (arguments.worlds.empty()) {
    return usage_error(
        absl::StrCat("--world: must be recorded, replayed or both, is \"", world, "\""), "predict");
  }
  if (values->count("queue") != 0) {
    arguments.queue = absl::AsciiStrToLower((*values)["queue"].as<std::string>());
    if (auto status = check_id("queue", arguments.queue, "predict"); !status.ok()) return status;
  }
  arguments.is_json = (*values)["json"].as<bool>();
  arguments.is_quiet = (*values)["quiet"].as<bool>();
  return arguments;
}

absl::StatusOr<Arguments> parse_fuzz(const std::vector<std::string>& words) {
  const auto values = parse(words, fuzz_options(), "fuzz", {});
  if (!values.ok()) return values.status();
  if ((*values)["help"].as<bool>()) return PrintArguments{fuzz_help()};
  const auto number_of = [&](const char* name) { return (*values)[name].as<std::string>(); };
  FuzzArguments arguments;
  if (!parse_count(number_of("seeds"), &arguments.seeds) || arguments.seeds == 0) {
    return usage_error("--seeds: must be a whole number, 1 or more", "fuzz");
  }
  if (!parse_count(number_of("first-seed"), &arguments.first_seed)) {
    return usage_error("--first-seed: must be a whole number, 0 or more", "fuzz");
  }
  uint64_t commands = 0;
  if (!parse_count(number_of("commands"), &commands) || commands == 0 ||
      commands > kSwarmCommandsMax) {
    return usage_error(absl::StrCat("--commands: must be 1..", kSwarmCommandsMax), "fuzz");
  }
  arguments.commands = static_cast<uint32_t>(commands);
  if (values->count("history") != 0) {
    for (const char* name : {"seeds", "first-seed", "commands"}) {
      if ((*values)[name].defaulted()) continue;
      return usage_error(absl::StrCat("--history: plays what it says; --", name, " is for seeds"),
                         "fuzz");
    }
    arguments.history = (*values)["history"].as<std::string>();
    if (arguments.history.empty()) return usage_error("--history: must not be empty", "fuzz");
  }
  arguments.is_verbose = (*values)["verbose"].as<bool>();
  arguments.is_quiet = (*values)["quiet"].as<bool>();
  return arguments;
}

absl::StatusOr<Arguments> parse_completion(const std::vector<std::string>& words) {
  if (words.size() == 1 && words[0] == "bash") return PrintArguments{bash_completion()};
  if (words.size() == 1 && words[0] == "zsh") return PrintArguments{zsh_completion()};
  return usage_error("completion for which shell? `bash` or `zsh`", "");
}

CommandWords words_of(const char* name, const po::options_description& options, bool takes_file) {
  CommandWords command;
  command.name = name;
  command.takes_file = takes_file;
  for (const auto& option : options.options()) {
    command.options.push_back("--" + option->long_name());
    if (option->semantic()->max_tokens() == 0) continue;
    const bool is_file = option->semantic()->name() == kFileValue;
    (is_file ? command.file_options : command.value_options).push_back(command.options.back());
  }
  return command;
}

}  // namespace

std::vector<CommandWords> command_words() {
  return {words_of("replay", replay_options(), true),
          words_of("bank-config", bank_config_options(), true),
          words_of("predict", predict_options(), true),
          words_of("fuzz", fuzz_options(), false),
          {"completion", {}, {}, {}, {"bash", "zsh"}, false},
          {"help", {}, {}, {}, {"replay", "bank-config", "predict", "fuzz"}, false}};
}

absl::StatusOr<Arguments> parse_arguments(const std::vector<std::string>& words) {
  if (words.empty())
    return usage_error("which command? `replay`, `bank-config`, `predict` or `fuzz`", "");
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words[0] == "replay") return parse_replay(rest);
  if (words[0] == "bank-config") return parse_bank_config(rest);
  if (words[0] == "predict") return parse_predict(rest);
  if (words[0] == "fuzz") return parse_fuzz(rest);
  if (words[0] == "completion") return parse_completion(rest);
  if (words[0] == "--version") {
    return PrintArguments{absl::StrCat("acdsim ", ACD_VERSION, "\n")};
  }
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    if (rest.empty()) return PrintArguments{kHelp};
    if (rest[0] == "replay") return PrintArguments{replay_help()};
    if (rest[0] == "bank-config") return PrintArguments{bank_config_help()};
    if (rest[0] == "predict") return PrintArguments{predict_help()};
    if (rest[0] == "fuzz") return PrintArguments{fuzz_help()};
    return usage_error(
        absl::StrCat("no command \"", rest[0], "\": `replay`, `bank-config`, `predict` or `fuzz`"),
        "");
  }
  return usage_error(
      absl::StrCat("no command \"", words[0], "\": `replay`, `bank-config`, `predict` or `fuzz`"),
      "");
}

}  // namespace acd::sim
