// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "daemon/history/history_writer.h"
#include "daemon/http/http_server.h"
#include "daemon/rpc/rpc_server.h"
#include "routing/limits.h"

namespace acd {
namespace {

namespace options = boost::program_options;

constexpr uint32_t kShardsMax = 64;
constexpr uint32_t kSwitchStreamsMax = 1'000;
constexpr uint32_t kAgentStreamsMax = 20'000;
constexpr uint64_t kSnapshotEveryMax = 1'000'000'000;
constexpr uint64_t kJournalSegmentsMin = 4;
// The largest frame, and configuration, has room in one file.
constexpr uint64_t kJournalSegmentBytesMin = 2 * kFrameBytesMax;
constexpr uint64_t kJournalBytesMaxMin = kJournalSegmentsMin * kJournalSegmentBytesMin;
constexpr uint64_t kJournalBytesMaxMax = uint64_t{1} << 50;

constexpr char kUsage[] =
    R"(acdd - call routing and automatic call distribution daemon

Usage:
  acdd --config FILE --data-dir DIR [options]

Examples:
  acdd --config deploy/acdd.sample.yaml --data-dir /var/lib/acdd
  acdd --config bank.yaml --data-dir /tmp/acd --clock driven      # for acdsim replay
  acdd --config bank.yaml --data-dir /tmp/acd --listen unix:/run/acdd.sock
  acdd --checkpoint --data-dir /var/lib/acdd     # before a release with other rules is put in place

Every setting may also stand as "name = value" in --settings FILE, or in the environment as ACDD_NAME
(ACDD_DATA_DIR for --data-dir). The command line wins over the file, the file over the environment.

Exit codes: 0 clean stop; 64 wrong settings; 65 wrong configuration file; 66 data that cannot be read or is
not ours; 69 an address cannot be listened on; 70 the journal failed while running; 71 what made it crash
before would do so again; 74 the output of --help or --version cannot be written; 75 the disk is full: it cannot
start, or was stopped while it waited for space.

)";

options::options_description describe() {
  options::options_description all("Settings");
  auto add = all.add_options();
  add("help,h", "print this text");
  add("version", "print name, version, commit and build type");
  add("settings", options::value<std::string>(), "file with more settings");
  add("config", options::value<std::string>(),
      "routing configuration (YAML); seeds an empty journal");
  add("data-dir", options::value<std::string>(), "folder of the journal; made when missing");
  add("listen", options::value<std::vector<std::string>>(),
      "address to serve, may be given several times: 127.0.0.1:7710, [::1]:7710, unix:/path; port "
      "0 "
      "takes a free one (default 127.0.0.1:7710)");
  add("http", options::value<std::string>(),
      "loopback address of the wallboard, of the services as JSON, and of /metrics, /healthz and "
      "/readyz; port 0 takes a free one; none: not served (default: that of the first --listen, "
      "one port higher; none for a Unix socket)");
  add("http-hosts", options::value<std::vector<std::string>>(),
      "NAME,NAME...: what may stand in Host of an HTTP request beside localhost, 127.0.0.1 and "
      "[::1]");
  add("port-file", options::value<std::string>(),
      "write the addresses in force there, one a line, once ready");
  add("http-port-file", options::value<std::string>(),
      "write the address of HTTP there as soon as it is served, which is before it is ready");
  add("clock", options::value<std::string>(),
      "wall (default), or driven: time comes from one conductor's batches");
  add("durability", options::value<std::string>(),
      "sync (default): acknowledged means synced to disk; none: written only");
  add("history", options::value<std::string>(),
      "on (default): finished calls and intervals in DATA-DIR/PARTITION/history.sqlite; off: none");
  add("history-days", options::value<std::string>(),
      "days that history is kept, 1..36500 (default 400)");
  add("snapshot-every", options::value<std::string>(),
      "commands after which the state is saved and the journal before it dropped, 1..1000000000 "
      "(default 10000000)");
  add("journal-bytes-max", options::value<std::string>(),
      "largest size of a partition's journal: there new calls are refused until a snapshot lets "
      "part of it go; four times journal-segment-bytes at least (default: 16 GiB)");
  add("journal-segment-bytes", options::value<std::string>(),
      "size of new files of a journal, which is cut file by file: a multiple of 4096, "
      "2097152..1073741824 "
      "(default 67108864)");
  add("checkpoint",
      "save the state at the journal's end on a stopped daemon, say what was written, and end; "
      "needs --data-dir alone");
  add("partition", options::value<std::vector<std::string>>(),
      "NAME or NAME=TENANT,TENANT...; several times for several partitions (default: main with all "
      "tenants)");
  add("shards", options::value<std::string>(),
      "threads that run partitions, 1..64 (default: cores - 1)");
  add("switch-streams-max", options::value<std::string>(),
      "streams of switches at once, 1..1000 (default 1000)");
  add("agent-streams-max", options::value<std::string>(),
      "streams of desktops at once, 1..20000 (default 20000)");
  add("log-level", options::value<std::string>(), "debug, info (default), warning or error");
  return all;
}

// What was given. The first place that names a setting wins.
struct Given {
  options::variables_map values;
  // By setting: its name where it was given, e.g. "--shards", "ACDD_SHARDS", "acdd.conf: shards".
  std::map<std::string, std::string> places;

  [[nodiscard]] bool has(const std::string& name) const { return values.count(name) != 0; }
  [[nodiscard]] std::string text(const std::string& name) const {
    return has(name) ? values[name].as<std::string>() : std::string();
  }
  [[nodiscard]] std::vector<std::string> list(const std::string& name) const {
    return has(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>();
  }
};

absl::Status wrong(const Given& given, const std::string& name, const std::string& what) {
  const auto place = given.places.find(name);
  return absl::InvalidArgumentError(
      absl::StrCat(place == given.places.end() ? "--" + name : place->second, ": ", what));
}

absl::Status wrong_value(const Given& given, const std::string& name, const std::string& value,
                         const std::string& right) {
  return wrong(given, name, absl::StrCat("\"", value, "\" is not ", right));
}

// The value of a setting that is one of a few words.
template <typename T>
absl::Status choose(const Given& given, const std::string& name,
                    const std::map<std::string, T>& choices, T* chosen) {
  if (!given.has(name)) return absl::OkStatus();
  const std::string value = given.text(name);
  const auto it = choices.find(value);
  if (it == choices.end()) {
    std::string words;
    for (const auto& [word, meaning] : choices)
      absl::StrAppend(&words, words.empty() ? "" : ", ", word);
    return wrong_value(given, name, value, "one of " + words);
  }
  *chosen = it->second;
  return absl::OkStatus();
}

absl::Status read_number(const Given& given, const std::string& name, uint64_t min, uint64_t max,
                         uint64_t* number) {
  if (!given.has(name)) return absl::OkStatus();
  const std::string value = given.text(name);
  uint64_t read = 0;
  const bool is_plain = !value.empty() && std::isdigit(static_cast<unsigned char>(value[0])) != 0;
  if (!is_plain || !absl::SimpleAtoi(value, &read) || read < min || read > max) {
    return wrong_value(given, name, value, absl::StrCat("a number from ", min, " to ", max));
  }
  *number = read;
  return absl::OkStatus();
}

absl::Status read_count(const Given& given, const std::string& name, uint32_t max,
                        uint32_t* count) {
  if (!given.has(name)) return absl::OkStatus();
  const std::string value = given.text(name);
  const bool digits =
      !value.empty() && value.size() <= 9 &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  const unsigned long number = digits ? std::stoul(value) : 0;
  if (number < 1 || number > max) {
    return wrong_value(given, name, value, absl::StrCat("a number from 1 to ", max));
  }
  *count = static_cast<uint32_t>(number);
  return absl::OkStatus();
}

absl::Status read_partitions(const Given& given, std::vector<PartitionSetting>* partitions) {
  if (!given.has("partition")) {
    partitions->push_back({"main", {}});
    return absl::OkStatus();
  }
  for (const std::string& text : given.list("partition")) {
    const size_t equals = text.find('=');
    PartitionSetting partition;
    partition.name = text.substr(0, equals);
    if (equals != std::string::npos) {
      for (const auto& tenant : absl::StrSplit(text.substr(equals + 1), ',')) {
        partition.tenants.emplace_back(tenant);
      }
    }
    const bool name_good =
        !partition.name.empty() && partition.name.size() <= kIdBytesMax &&
        std::all_of(partition.name.begin(), partition.name.end(),
                    [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
    const bool tenants_good = std::none_of(partition.tenants.begin(), partition.tenants.end(),
                                           [](const std::string& id) { return id.empty(); });
    if (!name_good || !tenants_good) {
      return wrong_value(given, "partition", text,
                         "NAME or NAME=TENANT,TENANT... (name of a-z A-Z 0-9 - _)");
    }
    const bool twice =
        std::any_of(partitions->begin(), partitions->end(),
                    [&](const PartitionSetting& other) { return other.name == partition.name; });
    if (twice) return wrong_value(given, "partition", text, "a name that is used once");
    partitions->push_back(std::move(partition));
  }
  std::set<std::string> tenants;
  for (const PartitionSetting& partition : *partitions) {
    for (const std::string& tenant : partition.tenants) {
      if (!tenants.insert(tenant).second) {
        return wrong_value(given, "partition", tenant, "a tenant of one partition only");
      }
    }
  }
  const bool open_ended =
      std::any_of(partitions->begin(), partitions->end(),
                  [](const PartitionSetting& partition) { return partition.tenants.empty(); });
  if (open_ended && partitions->size() > 1) {
    return wrong(given, "partition", "with several partitions each must name its tenants");
  }
  return absl::OkStatus();
}

// Where HTTP is served when nobody says: beside the first address of gRPC.
std::string default_http(const std::string& listen) {
  if (listen.starts_with("unix")) return "";
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  if (!absl::SimpleAtoi(listen.substr(colon + 1), &port) || port >= UINT16_MAX) return "";
  return absl::StrCat(listen.substr(0, colon + 1), port == 0 ? 0 : port + 1);
}

absl::Status read_http(const Given& given, Settings* settings) {
  settings->http_listen = default_http(settings->listen.front());
  if (given.has("http")) {
    const std::string value = given.text("http");
    settings->http_listen = value == "none" ? "" : value;
    const absl::Status status = value == "none" ? absl::OkStatus() : check_http_address(value);
    if (!status.ok()) return wrong(given, "http", std::string(status.message()));
  }
  settings->http_port_file = given.text("http-port-file");
  if (!settings->http_port_file.empty() && settings->http_listen.empty()) {
    return wrong(given, "http-port-file", "HTTP is not served; --http ADDRESS:PORT serves it");
  }
  for (const std::string& text : given.list("http-hosts")) {
    for (const auto& host : absl::StrSplit(text, ',')) {
      const bool is_name = !host.empty() && host.find_first_of(" /:\t") == host.npos;
      if (!is_name) return wrong_value(given, "http-hosts", text, "NAME,NAME... without ports");
      settings->http_hosts.emplace_back(host);
    }
  }
  return absl::OkStatus();
}

// Adds what `parsed` says and nobody said before; `prefix` stands before its names in an error.
void add(const options::basic_parsed_options<char>& parsed, const std::string& prefix,
         Given* given) {
  options::store(parsed, given->values);
  for (const auto& option : parsed.options) {
    given->places.try_emplace(option.string_key, prefix + option.string_key);
  }
}

absl::Status add_file(const options::options_description& all, const std::string& path,
                      Given* given) {
  std::ifstream file(path);
  if (!file) return wrong(*given, "settings", "cannot read " + path);
  try {
    add(options::parse_config_file(file, all), path + ": ", given);
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
  return absl::OkStatus();
}

// The setting that an environment variable names; empty for a variable that is not ours.
std::string setting_of(const std::string& variable) {
  if (variable.rfind("ACDD_", 0) != 0) return "";
  std::string name = variable.substr(5);
  for (char& c : name) {
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

absl::Status add_environment(const options::options_description& all, Given* given) {
  std::map<std::string, std::string> variables;
  const auto parsed = options::parse_environment(all, [&](const std::string& variable) {
    std::string name = setting_of(variable);
    if (!name.empty()) variables[name] = variable;
    return name;
  });
  // One by one: what boost says of a setting does not name the variable.
  for (const auto& option : parsed.options) {
    const std::string& variable = variables[option.string_key];
    options::parsed_options one(&all);
    one.options.push_back(option);
    try {
      options::store(one, given->values);
    } catch (const options::unknown_option&) {
      return absl::InvalidArgumentError(
          absl::StrCat(variable, ": there is no setting ", option.string_key, "; see acdd --help"));
    } catch (const options::error& error) {
      return absl::InvalidArgumentError(absl::StrCat(variable, ": ", error.what()));
    }
    given->places.try_emplace(option.string_key, variable);
  }
  return absl::OkStatus();
}

absl::StatusOr<Given> gather(int argc, const char* const* argv) {
  const options::options_description all = describe();
  Given given;
  try {
    add(options::command_line_parser(argc, argv).options(all).positional({}).run(), "--", &given);
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see acdd --help"));
  }
  // The file wins over the environment, which may name it.
  Given environment;
  if (absl::Status status = add_environment(all, &environment); !status.ok()) return status;
  if (!given.has("settings") && environment.has("settings")) {
    given.values.insert({"settings", environment.values["settings"]});
    given.places["settings"] = environment.places["settings"];
  }
  if (given.has("settings")) {
    if (absl::Status status = add_file(all, given.text("settings"), &given); !status.ok()) {
      return status;
    }
  }
  for (const auto& [name, value] : environment.values) {
    if (given.values.insert({name, value}).second) given.places[name] = environment.places[name];
  }
  return given;
}

}  // namespace

std::string release_text() { return absl::StrCat(ACD_VERSION, " (", ACD_COMMIT, ")"); }

std::string version_text() {
  return absl::StrCat("acdd ", ACD_VERSION, " (", ACD_COMMIT, ", ", ACD_BUILD_TYPE, ")\n");
}

absl::StatusOr<SettingsResult> read_settings(int argc, const char* const* argv) {
  const absl::StatusOr<Given> gathered = gather(argc, argv);
  if (!gathered.ok()) return gathered.status();
  const Given& given = *gathered;
  SettingsResult result;
  if (given.has("help")) {
    std::ostringstream text;
    text << kUsage << describe();
    result.text = text.str();
    return result;
  }
  if (given.has("version")) {
    result.text = version_text();
    return result;
  }
  Settings& settings = result.settings;
  settings.config_file = given.text("config");
  settings.data_dir = given.text("data-dir");
  settings.port_file = given.text("port-file");
  settings.is_checkpoint = given.has("checkpoint");
  if (settings.config_file.empty() && !settings.is_checkpoint) {
    return absl::InvalidArgumentError("--config FILE is required; see acdd --help");
  }
  if (settings.data_dir.empty()) {
    return absl::InvalidArgumentError("--data-dir DIR is required; see acdd --help");
  }
  settings.listen = given.list("listen");
  if (settings.listen.empty()) settings.listen = {"127.0.0.1:7710"};
  for (const std::string& address : settings.listen) {
    absl::Status status = check_listen_address(address);
    if (!status.ok()) return wrong(given, "listen", std::string(status.message()));
  }
  settings.shard_count = std::clamp(std::thread::hardware_concurrency(), 2u, kShardsMax) - 1;
  absl::Status status = choose<ClockMode>(
      given, "clock", {{"wall", ClockMode::kWall}, {"driven", ClockMode::kDriven}},
      &settings.clock_mode);
  if (status.ok()) {
    status = choose<Durability>(given, "durability",
                                {{"sync", Durability::kSync}, {"none", Durability::kNone}},
                                &settings.durability);
  }
  if (status.ok()) {
    status = choose<std::string>(
        given, "log-level",
        {{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}},
        &settings.log_level);
  }
  if (status.ok()) {
    status =
        choose<bool>(given, "history", {{"on", true}, {"off", false}}, &settings.keeps_history);
  }
  if (status.ok()) {
    status = read_count(given, "history-days", kHistoryDaysMax, &settings.history_days);
  }
  if (status.ok()) {
    status = read_number(given, "snapshot-every", 1, kSnapshotEveryMax, &settings.snapshot_every);
  }
  if (status.ok()) {
    status = read_number(given, "journal-bytes-max", kJournalBytesMaxMin, kJournalBytesMaxMax,
                         &settings.journal_bytes_max);
  }
  if (status.ok()) {
    status = read_number(given, "journal-segment-bytes", kJournalSegmentBytesMin, kSegmentBytesMax,
                         &settings.journal_segment_bytes);
  }
  if (status.ok() && settings.journal_segment_bytes % kSegmentBytesMin != 0) {
    status = wrong_value(given, "journal-segment-bytes", given.text("journal-segment-bytes"),
                         absl::StrCat("a multiple of ", kSegmentBytesMin));
  }
  if (status.ok() &&
      settings.journal_bytes_max < kJournalSegmentsMin * settings.journal_segment_bytes) {
    status = wrong(
        given, "journal-bytes-max",
        absl::StrCat("must be ", kJournalSegmentsMin, " times journal-segment-bytes at least"));
  }
  if (status.ok()) status = read_count(given, "shards", kShardsMax, &settings.shard_count);
  if (status.ok()) {
    status =
        read_count(given, "switch-streams-max", kSwitchStreamsMax, &settings.switch_streams_max);
  }
  if (status.ok()) {
    status = read_count(given, "agent-streams-max", kAgentStreamsMax, &settings.agent_streams_max);
  }
  if (status.ok()) status = read_partitions(given, &settings.partitions);
  if (status.ok()) status = read_http(given, &settings);
  if (!status.ok()) return status;
  if (settings.clock_mode == ClockMode::kDriven && settings.partitions.size() > 1) {
    return wrong(given, "clock",
                 "\"driven\" is for one partition, as it has one conductor; give no --partition");
  }
  return result;
}

}  // namespace acd
