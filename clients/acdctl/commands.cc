// SPDX-License-Identifier: Apache-2.0
// Dispatch, and the commands that are a handful of lines.
#include "clients/acdctl/commands.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <utility>
#include <vector>

#include "clients/acdctl/agents_import.h"
#include "clients/acdctl/callback.h"
#include "clients/acdctl/completion.h"
#include "clients/acdctl/config_commands.h"
#include "clients/acdctl/consult.h"
#include "clients/acdctl/events.h"
#include "clients/acdctl/history.h"
#include "clients/acdctl/journal.h"
#include "clients/acdctl/json.h"
#include "clients/acdctl/offers.h"
#include "clients/acdctl/outcome.h"
#include "clients/acdctl/supervise.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/top.h"
#include "clients/acdctl/transfer.h"
#include "clients/acdctl/views.h"
#include "clients/acdctl/why.h"
#include "daemon/config/config_file.h"

namespace acd::acdctl {
namespace {

// The name by which health tells that the daemon's clock is driven.
constexpr char kDrivenClockService[] = "acd.clock.driven";
// The same while its configuration file differs from what is in force.
constexpr char kConfigDriftService[] = "acd.config.drift";

// The parts of a daemon with a health of their own, and what to do when one is not well. Its log,
// and HTTP at /readyz, say which partition and why.
struct HealthPart {
  const char* service;
  const char* name;
  const char* advice;
};
constexpr HealthPart kHealthParts[] = {
    {"acd.journal", "journal",
     "the disk of the data folder is full or its quota used up, or the journal has its largest "
     "size: new calls are refused. Its log says which; free space, or see why no snapshot lets the "
     "journal be cut; it goes on by itself"},
    {"acd.history", "history",
     "finished calls are not written: no space, a foreign lock or a damaged file. They wait in "
     "memory; when too many do, routing waits as well. Its log says why"},
    {"acd.snapshot", "snapshot",
     "the last one failed, so old parts of the journal stay and it grows; at its largest size new "
     "calls are refused. The log of acdd says why; free space if the disk is full"},
};

Client make_client(const Arguments& arguments) {
  return Client({arguments.target, arguments.timeout_text}, arguments.timeout);
}

ExitCode run_look(Arguments arguments, Subject subject, const Console& console) {
  arguments.subject = subject;
  Client client = make_client(arguments);
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string id = arguments.words.empty() ? "" : arguments.words[0];
  const absl::StatusOr<std::string> text =
      look(client, arguments, *tenant, id, arguments.is_colored);
  return text.ok() ? print(console, *text) : fail(console, text.status());
}

ExitCode run_tenants(const Arguments& arguments, const Console& console) {
  const absl::StatusOr<v1::ListTenantsResponse> tenants = make_client(arguments).tenants();
  if (!tenants.ok()) return fail(console, tenants.status());
  return print_message(console, arguments, *tenants, tenants_text(*tenants));
}

ExitCode run_config_get(const Arguments& arguments, const Console& console) {
  Client client = make_client(arguments);
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const absl::StatusOr<v1::TenantConfig> config = client.config(*tenant);
  if (!config.ok()) return fail(console, config.status());
  return print_message(console, arguments, *config, config_text(*config));
}

// What the daemon says of every tenant of the file; fields are named as in the file.
absl::StatusOr<v1::ValidateConfigResponse> ask_daemon(const Arguments& arguments,
                                                      const std::vector<TenantSeed>& seeds) {
  Client client = make_client(arguments);
  v1::ValidateConfigResponse all;
  for (size_t i = 0; i < seeds.size(); ++i) {
    absl::StatusOr<v1::ValidateConfigResponse> answer = client.validate(seeds[i].config);
    if (!answer.ok()) return answer.status();
    for (v1::ConfigViolation& violation : *answer->mutable_violations()) {
      violation.set_field(absl::StrCat("tenants[", i, "].", violation.field()));
      all.add_violations()->Swap(&violation);
    }
  }
  return all;
}

ExitCode run_config_validate(const Arguments& arguments, const Console& console) {
  const std::string& path = arguments.words[0];
  const absl::StatusOr<std::vector<TenantSeed>> seeds = read_config_file(path);
  if (!seeds.ok()) return fail(console, absl::DataLossError(seeds.status().message()));

  v1::ValidateConfigResponse response;
  if (!arguments.is_offline) {
    absl::StatusOr<v1::ValidateConfigResponse> answer = ask_daemon(arguments, *seeds);
    if (!answer.ok()) return fail(console, answer.status());
    response = *std::move(answer);
  }
  if (!response.violations().empty()) {
    std::string lines;
    for (const v1::ConfigViolation& violation : response.violations()) {
      absl::StrAppend(&lines, lines.empty() ? "" : "\n", "CONFIG_INVALID: ", path, ": ",
                      violation.field(), ": ", violation.description());
    }
    if (arguments.is_json) {
      const ExitCode printed = print_message(console, arguments, response, "");
      if (printed != ExitCode::kOk) return printed;
    }
    return fail(console, absl::FailedPreconditionError(lines));
  }

  std::string text;
  for (const TenantSeed& seed : *seeds) {
    absl::StrAppend(&text, path, ": tenant ", printable(short_name(seed.config.name())), ": ",
                    count_text(seed.config.queues_size(), "queue"), ", ",
                    count_text(seed.config.skills_size(), "skill"), ", ",
                    count_text(static_cast<int64_t>(seed.agents.size()), "agent"), ": valid\n");
  }
  return print_message(console, arguments, response, text);
}

ExitCode run_health(const Arguments& arguments, const Console& console) {
  Client client = make_client(arguments);
  const absl::StatusOr<Serving> serving = client.health("");
  if (!serving.ok()) return fail(console, serving.status());
  const absl::StatusOr<Serving> driven = client.health(kDrivenClockService);
  if (!driven.ok()) return fail(console, driven.status());
  const absl::StatusOr<Serving> drift = client.health(kConfigDriftService);
  if (!drift.ok()) return fail(console, drift.status());

  std::string parts_text;
  std::string parts_json;
  bool is_well = true;
  for (const HealthPart& part : kHealthParts) {
    const absl::StatusOr<Serving> state = client.health(part.service);
    if (!state.ok()) return fail(console, state.status());
    if (*state == Serving::kUnknown) continue;  // An older daemon.
    const bool is_part_well = *state == Serving::kServing;
    absl::StrAppend(&parts_json, ",\"", part.name, "\":\"",
                    is_part_well ? "SERVING" : "NOT_SERVING", "\"");
    if (is_part_well) continue;
    is_well = false;
    absl::StrAppend(&parts_text, part.name, ": ",
                    paint("in trouble", Tone::kBad, arguments.is_colored), ": ", part.advice, "\n");
  }

  const bool is_serving = *serving == Serving::kServing;
  const bool is_driven = *driven == Serving::kServing;
  const bool is_drifting = *drift == Serving::kServing;
  const std::string text =
      arguments.is_json
          ? absl::StrCat("{\"status\":\"", is_serving ? "SERVING" : "NOT_SERVING",
                         "\",\"clockMode\":\"", is_driven ? "CLOCK_MODE_DRIVEN" : "CLOCK_MODE_WALL",
                         "\",\"configDrift\":", is_drifting ? "true" : "false", parts_json, "}\n")
          : absl::StrCat(arguments.target, ": ",
                         paint(is_serving ? "serving" : "not serving",
                               is_serving ? Tone::kGood : Tone::kBad, arguments.is_colored),
                         ", clock ", is_driven ? "driven" : "wall", "\n",
                         is_drifting ? "its configuration file differs from what is in force: "
                                       "`acdctl config diff FILE` shows how\n"
                                     : "",
                         parts_text);
  const ExitCode printed = print(console, text);
  if (printed != ExitCode::kOk) return printed;
  return is_serving && is_well ? ExitCode::kOk : ExitCode::kRefused;
}

ExitCode run_help(const Arguments& arguments, const Console& console) {
  if (arguments.words.empty()) return print(console, help_text());
  const std::optional<std::string> text = help_text(arguments.words);
  if (text.has_value()) return print(console, *text);
  // The parser knows how to say that there is no such command.
  const absl::StatusOr<Arguments> parsed = parse_arguments(arguments.words, {});
  if (!parsed.ok()) return fail(console, parsed.status());
  return print(console, help_text());
}

ExitCode run_with(ExitCode (*run)(Client&, const Arguments&, const Console&),
                  const Arguments& arguments, const Console& console) {
  Client client = make_client(arguments);
  return run(client, arguments, console);
}

ExitCode dispatch(const Arguments& arguments, const Console& console) {
  switch (arguments.command) {
    case Command::kQueues:
      return run_look(arguments, Subject::kQueues, console);
    case Command::kQueuesOpen:
    case Command::kQueuesClose:
    case Command::kQueuesFollow:
      return run_with(run_queue_override, arguments, console);
    case Command::kAgents:
      return run_look(arguments, Subject::kAgents, console);
    case Command::kAgentsUpsert:
      return run_with(run_agents_upsert, arguments, console);
    case Command::kAgentsImport:
      return run_with(run_agents_import, arguments, console);
    case Command::kAgentsAccept:
    case Command::kAgentsReject:
      return run_with(run_agents_claim, arguments, console);
    case Command::kAgentsReady:
    case Command::kAgentsNotReady:
    case Command::kAgentsLogOut:
    case Command::kAgentsEndWrapUp:
    case Command::kAgentsExtendWrapUp:
    case Command::kAgentsPause:
    case Command::kAgentsUnpause:
    case Command::kCallsRequeue:
    case Command::kCallsPriority:
    case Command::kCallsWithdraw:
    case Command::kCallsMonitor:
    case Command::kCallsWhisper:
    case Command::kCallsBarge:
    case Command::kCallsLeave:
    case Command::kCallsRecord:
      return run_with(run_supervise, arguments, console);
    case Command::kCalls:
      return run_look(arguments, Subject::kCalls, console);
    case Command::kCallsOutcome:
      return run_with(run_calls_outcome, arguments, console);
    case Command::kCallsConsult:
      return run_with(run_calls_consult, arguments, console);
    case Command::kCallsMerge:
    case Command::kCallsConference:
      return run_with(run_calls_merge, arguments, console);
    case Command::kCallsTransfer:
      return run_with(run_calls_transfer, arguments, console);
    case Command::kCallsCallback:
      return run_with(run_calls_callback, arguments, console);
    case Command::kCallsCancel:
      return run_with(run_calls_cancel, arguments, console);
    case Command::kCallsSchedule:
      return run_with(run_calls_schedule, arguments, console);
    case Command::kCallsScheduled:
      return run_look(arguments, Subject::kScheduledCalls, console);
    case Command::kCallsReschedule:
      return run_with(run_calls_reschedule, arguments, console);
    case Command::kWhy:
      return run_with(run_why, arguments, console);
    case Command::kWhyIdle:
      return run_with(run_why_idle, arguments, console);
    case Command::kWatch: {
      Client client = make_client(arguments);
      const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
      if (!tenant.ok()) return fail(console, tenant.status());
      return run_watch(client, arguments, *tenant, console);
    }
    case Command::kTop:
      return run_with(run_top, arguments, console);
    case Command::kEvents:
      return run_with(run_events, arguments, console);
    case Command::kTenants:
      return run_tenants(arguments, console);
    case Command::kConfigGet:
      return run_config_get(arguments, console);
    case Command::kConfigExport:
      return run_with(run_config_export, arguments, console);
    case Command::kConfigDiff:
      return run_with(run_config_diff, arguments, console);
    case Command::kConfigApply:
      return run_with(run_config_apply, arguments, console);
    case Command::kConfigValidate:
      return run_config_validate(arguments, console);
    case Command::kJournalVerify:
      return run_journal_verify(arguments, console);
    case Command::kJournalDump:
      return run_journal_dump(arguments, console);
    case Command::kJournalStats:
      return run_journal_stats(arguments, console);
    case Command::kBackup:
      return run_backup(arguments, console);
    case Command::kRestore:
      return run_restore(arguments, console);
    case Command::kHistoryCalls:
    case Command::kHistoryTalks:
    case Command::kHistoryQueues:
    case Command::kHistoryAgents:
    case Command::kHistoryTenant:
    case Command::kHistorySkills:
    case Command::kHistoryBands:
    case Command::kHistoryTeams:
      return run_history(arguments, console);
    case Command::kHistoryExport:
      return run_history_export(arguments, console);
    case Command::kHealth:
      return run_health(arguments, console);
    case Command::kCompletion:
      return print(console, arguments.words[0] == "zsh" ? zsh_completion() : bash_completion());
    case Command::kHelp:
      return run_help(arguments, console);
  }
  return ExitCode::kUsage;
}

}  // namespace

ExitCode run_acdctl(std::span<const std::string> arguments, const Console& console) {
  absl::StatusOr<Arguments> parsed = parse_arguments(arguments, console.environment);
  if (!parsed.ok()) return fail(console, parsed.status());
  if (parsed->wants_version) return print(console, "acdctl " ACD_VERSION " (api acd.v1)\n");
  if (parsed->wants_help) {
    std::vector<std::string> words = parsed->words;
    if (parsed->command != Command::kHelp) {
      words = {std::string(command_info(parsed->command).name)};
    }
    return print(console, words.empty() ? help_text() : help_text(words).value_or(help_text()));
  }
  parsed->is_colored = parsed->is_colored && console.is_terminal;
  return dispatch(*parsed, console);
}

ExitCode print(const Console& console, const std::string& text) {
  console.out << text << std::flush;
  if (console.out.good()) return ExitCode::kOk;
  return fail(console, absl::DataLossError("the output cannot be written"));
}

ExitCode print_message(const Console& console, const Arguments& arguments,
                       const google::protobuf::Message& message, const std::string& text) {
  if (!arguments.is_json) return print(console, text);
  const absl::StatusOr<std::string> json = to_json(message);
  return json.ok() ? print(console, *json) : fail(console, json.status());
}

ExitCode fail(const Console& console, const absl::Status& status) {
  for (const auto& line : absl::StrSplit(status.message(), '\n', absl::SkipEmpty())) {
    console.err << "acdctl: " << printable({line.data(), line.size()}) << '\n';
  }
  console.err << std::flush;
  return exit_code_of(status);
}

}  // namespace acd::acdctl
