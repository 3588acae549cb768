// SPDX-License-Identifier: Apache-2.0
// config export, diff and apply; agents upsert; queues open, close and follow.
#include "clients/acdctl/config_commands.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/acdctl/json.h"
#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/text_diff.h"
#include "clients/acdctl/views.h"
#include "daemon/config/config_file.h"
#include "daemon/config/config_tables.h"

namespace acd::acdctl {
namespace {

// Of one request with agents, well within what the daemon takes.
constexpr size_t kAgentsPerRequest = 1'000;
constexpr size_t kAgentBytesPerRequest = 512 << 10;

// A file, of which `tenant` alone counts unless it is empty.
struct ConfigFile {
  std::string path;
  std::vector<TenantSeed> seeds;
  std::map<std::string, std::string> etags;  // As etags_in() gives them.
};

absl::StatusOr<ConfigFile> read_file(const std::string& path, const std::string& tenant) {
  const absl::StatusOr<std::string> text = read_config_text(path);
  if (!text.ok()) return absl::DataLossError(text.status().message());
  absl::StatusOr<std::vector<TenantSeed>> seeds = parse_config(*text, path);
  if (!seeds.ok()) return absl::DataLossError(seeds.status().message());
  ConfigFile file{path, *std::move(seeds), etags_in(*text)};
  // Without an id it can only be of the one there is.
  if (const auto unnamed = file.etags.find(""); unnamed != file.etags.end()) {
    if (file.seeds.size() == 1) {
      file.etags.emplace(short_name(file.seeds[0].config.name()), unnamed->second);
    }
  }
  if (tenant.empty()) return file;
  std::erase_if(file.seeds,
                [&](const TenantSeed& seed) { return tenant_id_of(seed.config.name()) != tenant; });
  if (file.seeds.empty()) {
    return absl::DataLossError(absl::StrCat(path, ": has no tenant \"", tenant, "\""));
  }
  return file;
}

std::string id_of(const v1::TenantConfig& config) { return std::string(short_name(config.name())); }

// The queue or calendar, or the key of the tenant, that a line of a file begins.
std::string place_of(std::string_view line) {
  constexpr std::string_view kItem = "      - id: ";
  if (line.starts_with(kItem)) {
    const bool is_calendar = line.ends_with(kCalendarMark);
    line.remove_prefix(kItem.size());
    if (is_calendar) line.remove_suffix(kCalendarMark.size());
    return absl::StrCat(is_calendar ? "calendar " : "queue ", std::string(line));
  }
  const bool is_key = line.starts_with("    ") && line.size() > 4 && line[4] != ' ';
  return is_key ? std::string(line.substr(4, line.find(':') - 4)) : "";
}

// What `wanted` changes, under a heading; empty when nothing.
std::string config_diff(v1::TenantConfig in_force, v1::TenantConfig wanted, const std::string& path,
                        bool is_colored) {
  const std::string etag = in_force.etag();
  if (config_etag(wanted) == etag) return "";
  in_force.clear_etag();
  wanted.clear_etag();
  const std::string text =
      diff_text(config_text(in_force), config_text(wanted), place_of, is_colored);
  const std::string head = absl::StrCat(
      paint(absl::StrCat("--- ", id_of(wanted), ", in force, etag ", printable(etag)), Tone::kBad,
            is_colored),
      "\n",
      paint(absl::StrCat("+++ ", id_of(wanted), ", ", printable(path)), Tone::kGood, is_colored),
      "\n");
  return head + (text.empty() ? " only what a file has no words for\n" : text);
}

// The tenants of the daemon by id, as far as `tenant` asks for them.
absl::StatusOr<std::vector<std::string>> daemon_tenants(Client& client, const std::string& tenant) {
  if (!tenant.empty()) return std::vector<std::string>{tenant};
  const absl::StatusOr<v1::ListTenantsResponse> list = client.tenants();
  if (!list.ok()) return list.status();
  std::vector<std::string> ids;
  for (const std::string& name : list->names()) ids.emplace_back(short_name(name));
  return ids;
}

bool contains(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

constexpr char kNewTenant[] =
    "is not on this daemon; tenants come with the first configuration file, and keep their names";

// --- diff

struct TenantDiff {
  std::string id;
  std::string text;  // Empty: nothing differs.
};

absl::StatusOr<std::vector<TenantDiff>> compare(Client& client, const Arguments& arguments,
                                                const ConfigFile& file, bool is_colored) {
  const auto tenants = daemon_tenants(client, arguments.tenant);
  if (!tenants.ok()) return tenants.status();
  std::vector<TenantDiff> diffs;
  std::vector<std::string> compared;
  for (const TenantSeed& seed : file.seeds) {
    TenantDiff diff{id_of(seed.config), ""};
    compared.push_back(diff.id);
    if (contains(*tenants, diff.id)) {
      const absl::StatusOr<v1::TenantConfig> in_force = client.config(seed.config.name());
      if (!in_force.ok()) return in_force.status();
      diff.text = config_diff(*in_force, seed.config, file.path, is_colored);
    } else {
      diff.text = absl::StrCat("tenant ", diff.id, " ", kNewTenant, "\n");
    }
    diffs.push_back(std::move(diff));
  }
  for (const std::string& id : *tenants) {
    if (contains(compared, id)) continue;
    diffs.push_back({id, absl::StrCat("tenant ", printable(id), " is in force, and not in ",
                                      printable(file.path), "\n")});
  }
  return diffs;
}

absl::StatusOr<std::string> diffs_json(const std::vector<TenantDiff>& diffs) {
  google::protobuf::Struct document;
  auto* list = (*document.mutable_fields())["tenants"].mutable_list_value();
  for (const TenantDiff& diff : diffs) {
    auto& fields = *list->add_values()->mutable_struct_value()->mutable_fields();
    fields["id"].set_string_value(diff.id);
    fields["differs"].set_bool_value(!diff.text.empty());
    fields["diff"].set_string_value(diff.text);
  }
  return to_json(document);
}

// --- apply

// The etag that the tenant's configuration was made from; empty: nobody says.
absl::StatusOr<std::string> base_etag(const Arguments& arguments, const ConfigFile& file,
                                      const std::string& id) {
  if (!arguments.etag.empty()) return arguments.etag;
  if (arguments.based_on.empty()) {
    const auto found = file.etags.find(id);
    return found == file.etags.end() ? std::string() : found->second;
  }
  const absl::StatusOr<ConfigFile> base = read_file(arguments.based_on, id);
  if (!base.ok()) return base.status();
  const auto found = base->etags.find(id);
  return found == base->etags.end() ? config_etag(base->seeds[0].config) : found->second;
}

// A tenant's change, ready to be asked about.
struct Change {
  v1::TenantConfig config;
  std::string id;
  std::string base;
  std::string in_force;  // Etag.
  std::string diff;      // Empty: nothing changes.
};

absl::StatusOr<std::vector<Change>> plan(Client& client, const Arguments& arguments,
                                         const ConfigFile& file, bool is_colored) {
  const auto tenants = daemon_tenants(client, "");
  if (!tenants.ok()) return tenants.status();
  std::vector<Change> changes;
  for (const TenantSeed& seed : file.seeds) {
    Change change{seed.config, id_of(seed.config), "", "", ""};
    if (!contains(*tenants, change.id)) {
      return absl::FailedPreconditionError(
          absl::StrCat("TENANT_UNKNOWN: ", change.id, " ", kNewTenant));
    }
    const absl::StatusOr<v1::TenantConfig> in_force = client.config(seed.config.name());
    if (!in_force.ok()) return in_force.status();
    change.in_force = in_force->etag();
    change.diff = config_diff(*in_force, seed.config, file.path, is_colored);
    absl::StatusOr<std::string> base = base_etag(arguments, file, change.id);
    if (!base.ok()) return base.status();
    change.base = *std::move(base);
    if (!change.diff.empty() && !change.base.empty() && change.base != change.in_force) {
      return absl::FailedPreconditionError(absl::StrCat(
          "ETAG_MISMATCH: ", change.id, ": ", printable(file.path), " was made from etag ",
          printable(change.base), ", but ", printable(change.in_force),
          " is in force since (hint: `acdctl config diff ", printable(file.path),
          "` shows what would be undone; --etag ", printable(change.in_force),
          " applies it all "
          "the same)"));
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

// Whether it may be done: somebody said yes, or said so beforehand. Who has seen what is in force
// and said yes has based the file on it.
absl::Status agree(const Arguments& arguments, const std::string& path, Change* change,
                   const Console& console) {
  if (!arguments.is_sure && !arguments.is_dry_run) {
    if (console.confirm == nullptr) {
      return absl::InvalidArgumentError(
          "nobody is there to be asked: --yes applies without a question");
    }
    if (!console.confirm(absl::StrCat("Apply this to ", change->id, "?"))) {
      return absl::FailedPreconditionError(absl::StrCat(change->id, ": not applied"));
    }
    if (change->base.empty()) change->base = change->in_force;
  }
  if (change->base.empty() && arguments.is_dry_run) change->base = change->in_force;
  if (!change->base.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(change->id, ": ", printable(path),
                   " does not say which configuration it was made from: --etag "
                   "ETAG or --based-on FILE does; in force is ",
                   printable(change->in_force)));
}

ExitCode apply_one(Client& client, const Arguments& arguments, const Change& change,
                   const Console& console) {
  v1::ApplyConfigRequest request;
  *request.mutable_config() = change.config;
  request.set_etag(change.base);
  request.set_validate_only(arguments.is_dry_run);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::ApplyConfigResponse> answer = client.apply(request);
  if (!answer.ok()) {
    return fail(console, absl::Status(answer.status().code(),
                                      absl::StrCat(change.id, ": ",
                                                   std::string(answer.status().message()))));
  }
  if (arguments.is_json) {
    const absl::StatusOr<std::string> json = to_json(*answer);
    return json.ok() ? print(console, *json) : fail(console, json.status());
  }
  const std::string what =
      arguments.is_dry_run ? "would be applied (dry run: nothing is changed)" : "applied";
  return print(console,
               absl::StrCat(change.id, ": ", what, ", etag ", printable(answer->etag()), "\n"));
}

// What the file has that is no configuration.
std::string agents_note(const ConfigFile& file) {
  size_t count = 0;
  for (const TenantSeed& seed : file.seeds) count += seed.agents.size();
  if (count == 0) return "";
  return absl::StrCat(
      count_text(static_cast<int64_t>(count), "agent"),
      " of the file not looked at: `agents:` only seed a new daemon; `acdctl agents "
      "upsert ",
      printable(file.path), "` brings them\n");
}

// --- queues

v1::QueueOverride override_of(Command command) {
  if (command == Command::kQueuesOpen) return v1::QUEUE_OVERRIDE_OPEN;
  return command == Command::kQueuesClose ? v1::QUEUE_OVERRIDE_CLOSED
                                          : v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR;
}

// --- agents

// Sends agents `begin` and on, as many as fit one request; says how many.
absl::StatusOr<size_t> upsert_some(Client& client, const Arguments& arguments,
                                   const TenantSeed& seed, size_t begin) {
  v1::UpsertAgentsRequest request;
  request.set_parent(seed.config.name());
  request.set_validate_only(arguments.is_dry_run);
  request.set_request_id(make_request_id());
  for (const std::string& field : arguments.fields) request.mutable_update_mask()->add_paths(field);
  size_t bytes = 0;
  for (size_t i = begin;
       i < seed.agents.size() && static_cast<size_t>(request.agents_size()) < kAgentsPerRequest;
       ++i) {
    bytes += seed.agents[i].ByteSizeLong();
    if (bytes > kAgentBytesPerRequest && request.agents_size() > 0) break;
    *request.add_agents() = seed.agents[i];
  }
  const absl::StatusOr<v1::UpsertAgentsResponse> answer = client.upsert(request);
  if (!answer.ok()) return answer.status();
  return static_cast<size_t>(request.agents_size());
}

}  // namespace

ExitCode run_config_export(Client& client, const Arguments& arguments, const Console& console) {
  const auto tenants = daemon_tenants(client, arguments.tenant);
  if (!tenants.ok()) return fail(console, tenants.status());
  std::vector<v1::TenantConfig> configs;
  for (const std::string& id : *tenants) {
    absl::StatusOr<v1::TenantConfig> config = client.config("tenants/" + id);
    if (!config.ok()) return fail(console, config.status());
    configs.push_back(*std::move(config));
  }
  const std::string text = configs_text(configs);
  // What other clients applied may use forms that files have no words for.
  const auto read = parse_config(text, "export");
  for (size_t i = 0; i < configs.size(); ++i) {
    if (read.ok() && config_etag((*read)[i].config) == configs[i].etag()) continue;
    console.err << "acdctl: warning: " << printable(id_of(configs[i]))
                << ": a file has no words for all of it; applying this one would change it\n";
  }
  return print(console, text);
}

ExitCode run_config_diff(Client& client, const Arguments& arguments, const Console& console) {
  const auto trouble = [&](const absl::Status& status) {
    const ExitCode code = fail(console, status);
    return code == ExitCode::kRefused ? ExitCode::kUsage : code;
  };
  const absl::StatusOr<ConfigFile> file = read_file(arguments.words[0], arguments.tenant);
  if (!file.ok()) return trouble(file.status());
  const bool is_colored = arguments.is_colored && !arguments.is_json;
  const auto diffs = compare(client, arguments, *file, is_colored);
  if (!diffs.ok()) return trouble(diffs.status());
  std::string text;
  for (const TenantDiff& diff : *diffs) text += diff.text;
  const bool differs = !text.empty();
  if (arguments.is_json) {
    const absl::StatusOr<std::string> json = diffs_json(*diffs);
    if (!json.ok()) return trouble(json.status());
    text = *json;
  }
  const ExitCode printed = print(console, text);
  if (printed != ExitCode::kOk) return printed;
  return differs ? ExitCode::kDiffers : ExitCode::kOk;
}

ExitCode run_config_apply(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<ConfigFile> file = read_file(arguments.words[0], arguments.tenant);
  if (!file.ok()) return fail(console, file.status());
  if (!arguments.etag.empty() && file->seeds.size() > 1) {
    return fail(console, absl::InvalidArgumentError(
                             "--etag is of one tenant, the file has several: --tenant names one"));
  }
  absl::StatusOr<std::vector<Change>> changes =
      plan(client, arguments, *file, arguments.is_colored && !arguments.is_json);
  if (!changes.ok()) return fail(console, changes.status());
  for (Change& change : *changes) {
    if (change.diff.empty()) {
      const ExitCode printed =
          print(console, arguments.is_json ? ""
                                           : absl::StrCat(change.id, ": nothing to change, etag ",
                                                          printable(change.in_force), "\n"));
      if (printed != ExitCode::kOk) return printed;
      continue;
    }
    if (!arguments.is_json) {
      const ExitCode printed = print(console, change.diff);
      if (printed != ExitCode::kOk) return printed;
    }
    const absl::Status agreed = agree(arguments, file->path, &change, console);
    if (!agreed.ok()) return fail(console, agreed);
    const ExitCode done = apply_one(client, arguments, change, console);
    if (done != ExitCode::kOk) return done;
  }
  return print(console, arguments.is_json ? "" : agents_note(*file));
}

ExitCode run_agents_upsert(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<ConfigFile> file = read_file(arguments.words[0], arguments.tenant);
  if (!file.ok()) return fail(console, file.status());
  for (const TenantSeed& seed : file->seeds) {
    size_t done = 0;
    while (done < seed.agents.size()) {
      const absl::StatusOr<size_t> some = upsert_some(client, arguments, seed, done);
      if (!some.ok()) {
        return fail(console, absl::Status(some.status().code(),
                                          absl::StrCat(id_of(seed.config), ": after ", done, " of ",
                                                       seed.agents.size(), " agents: ",
                                                       std::string(some.status().message()))));
      }
      done += *some;
    }
    const ExitCode printed = print(
        console,
        absl::StrCat(id_of(seed.config), ": ", count_text(static_cast<int64_t>(done), "agent"),
                     arguments.is_dry_run ? " would be upserted (dry run)\n" : " upserted\n"));
    if (printed != ExitCode::kOk) return printed;
  }
  return ExitCode::kOk;
}

ExitCode run_queue_override(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const std::string& id = arguments.words[0];
  v1::OverrideQueueRequest request;
  request.set_name(absl::StrCat(*tenant, "/queues/", id));
  request.set_state(override_of(arguments.command));
  request.set_reason(arguments.reason);
  if (arguments.ends_ms != 0) {
    request.mutable_until()->set_seconds(arguments.ends_ms / 1'000);
    request.mutable_until()->set_nanos(static_cast<int32_t>(arguments.ends_ms % 1'000 * 1'000'000));
  }
  request.set_validate_only(arguments.is_dry_run);
  request.set_request_id(make_request_id());
  const absl::StatusOr<v1::OverrideQueueResponse> answer = client.override_queue(request);
  if (!answer.ok()) return fail(console, answer.status());
  const char* const state = answer->is_open() ? "open" : "closed";
  const bool follows = arguments.command == Command::kQueuesFollow;
  return print_message(
      console, arguments, *answer,
      absl::StrCat(id, ": ", arguments.is_dry_run ? "would be " : "", state,
                   follows ? ", not overridden any more" : ", whatever its calendar says",
                   request.has_until() ? ", until " + time_text(request.until()) : "",
                   arguments.is_dry_run ? " (dry run: nothing is changed)" : "", "\n"));
}

}  // namespace acd::acdctl
