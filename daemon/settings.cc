// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

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

#include "daemon/rpc/rpc_server.h"
#include "routing/limits.h"

namespace acd {
namespace {

namespace options = boost::program_options;

constexpr uint32_t kShardsMax = 64;
constexpr uint32_t kSwitchStreamsMax = 1'000;

constexpr char kUsage[] =
    R"(acdd - call routing and automatic call distribution daemon

Usage:
  acdd --config FILE --data-dir DIR [options]

Examples:
  acdd --config deploy/acdd.sample.yaml --data-dir /var/lib/acdd
  acdd --config bank.yaml --data-dir /tmp/acd --clock driven      # for acdsim replay
  acdd --config bank.yaml --data-dir /tmp/acd --listen unix:/run/acdd.sock

Every setting may also stand as "name = value" in --settings FILE, or in the environment as ACDD_NAME
(ACDD_DATA_DIR for --data-dir). The command line wins over the file, the file over the environment.

Exit codes: 0 clean stop; 64 wrong settings; 65 wrong configuration file; 66 data that cannot be read or is
not ours; 69 an address cannot be listened on; 70 the journal failed while running.

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
  add("port-file", options::value<std::string>(),
      "write the addresses in force there, one a line, once ready");
  add("clock", options::value<std::string>(),
      "wall (default), or driven: time comes from one conductor's batches");
  add("durability", options::value<std::string>(),
      "sync (default): acknowledged means synced to disk; none: written only");
  add("partition", options::value<std::vector<std::string>>(),
      "NAME or NAME=TENANT,TENANT...; several times for several partitions (default: main with all "
      "tenants)");
  add("shards", options::value<std::string>(),
      "threads that run partitions, 1..64 (default: cores - 1)");
  add("switch-streams-max", options::value<std::string>(),
      "streams of switches at once, 1..1000 (default 1000)");
  add("log-level", options::value<std::string>(), "debug, info (default), warning or error");
  return all;
}

absl::Status wrong(const std::string& name, const std::string& value, const std::string& right) {
  return absl::InvalidArgumentError(absl::StrCat("--", name, ": \"", value, "\" is not ", right));
}

// The value of a setting that is one of a few words.
template <typename T>
absl::Status choose(const options::variables_map& given, const std::string& name,
                    const std::map<std::string, T>& choices, T* chosen) {
  if (given.count(name) == 0) return absl::OkStatus();
  const std::string value = given[name].as<std::string>();
  const auto it = choices.find(value);
  if (it == choices.end()) {
    std::string words;
    for (const auto& [word, meaning] : choices)
      absl::StrAppend(&words, words.empty() ? "" : ", ", word);
    return wrong(name, value, "one of " + words);
  }
  *chosen = it->second;
  return absl::OkStatus();
}

absl::Status read_count(const options::variables_map& given, const std::string& name, uint32_t max,
                        uint32_t* count) {
  if (given.count(name) == 0) return absl::OkStatus();
  const std::string value = given[name].as<std::string>();
  const bool digits =
      !value.empty() && value.size() <= 9 &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  const unsigned long number = digits ? std::stoul(value) : 0;
  if (number < 1 || number > max) {
    return wrong(name, value, absl::StrCat("a number from 1 to ", max));
  }
  *count = static_cast<uint32_t>(number);
  return absl::OkStatus();
}

absl::Status read_partitions(const options::variables_map& given,
                             std::vector<PartitionSetting>* partitions) {
  if (given.count("partition") == 0) {
    partitions->push_back({"main", {}});
    return absl::OkStatus();
  }
  for (const std::string& text : given["partition"].as<std::vector<std::string>>()) {
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
      return wrong("partition", text, "NAME or NAME=TENANT,TENANT... (name of a-z A-Z 0-9 - _)");
    }
    const bool twice =
        std::any_of(partitions->begin(), partitions->end(),
                    [&](const PartitionSetting& other) { return other.name == partition.name; });
    if (twice) return wrong("partition", text, "a name that is used once");
    partitions->push_back(std::move(partition));
  }
  std::set<std::string> tenants;
  for (const PartitionSetting& partition : *partitions) {
    for (const std::string& tenant : partition.tenants) {
      if (!tenants.insert(tenant).second) {
        return wrong("partition", tenant, "a tenant of one partition only");
      }
    }
  }
  const bool open_ended =
      std::any_of(partitions->begin(), partitions->end(),
                  [](const PartitionSetting& partition) { return partition.tenants.empty(); });
  if (open_ended && partitions->size() > 1) {
    return absl::InvalidArgumentError(
        "--partition: with several partitions each must name its tenants");
  }
  return absl::OkStatus();
}

absl::StatusOr<options::variables_map> gather(int argc, const char* const* argv) {
  const options::options_description all = describe();
  options::variables_map given;
  try {
    options::store(options::command_line_parser(argc, argv).options(all).positional({}).run(),
                   given);
    if (given.count("settings") != 0) {
      const std::string path = given["settings"].as<std::string>();
      std::ifstream file(path);
      if (!file) {
        return absl::InvalidArgumentError(absl::StrCat("--settings: cannot read ", path));
      }
      options::store(options::parse_config_file(file, all), given);
    }
    options::store(
        options::parse_environment(
            all,
            [&](const std::string& variable) {
              if (variable.rfind("ACDD_", 0) != 0) return std::string();
              std::string name = variable.substr(5);
              for (char& c : name) {
                c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
              }
              return name;
            }),
        given);
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see acdd --help"));
  }
  return given;
}

}  // namespace

std::string version_text() {
  return absl::StrCat("acdd ", ACD_VERSION, " (", ACD_COMMIT, ", ", ACD_BUILD_TYPE, ")\n");
}

absl::StatusOr<SettingsResult> read_settings(int argc, const char* const* argv) {
  absl::StatusOr<options::variables_map> gathered = gather(argc, argv);
  if (!gathered.ok()) return gathered.status();
  const options::variables_map& given = *gathered;
  SettingsResult result;
  if (given.count("help") != 0) {
    std::ostringstream text;
    text << kUsage << describe();
    result.text = text.str();
    return result;
  }
  if (given.count("version") != 0) {
    result.text = version_text();
    return result;
  }
  Settings& settings = result.settings;
  const auto text_of = [&](const std::string& name) {
    return given.count(name) != 0 ? given[name].as<std::string>() : std::string();
  };
  settings.config_file = text_of("config");
  settings.data_dir = text_of("data-dir");
  settings.port_file = text_of("port-file");
  if (settings.config_file.empty()) {
    return absl::InvalidArgumentError("--config FILE is required; see acdd --help");
  }
  if (settings.data_dir.empty()) {
    return absl::InvalidArgumentError("--data-dir DIR is required; see acdd --help");
  }
  settings.listen = given.count("listen") != 0 ? given["listen"].as<std::vector<std::string>>()
                                               : std::vector<std::string>{"127.0.0.1:7710"};
  for (const std::string& address : settings.listen) {
    absl::Status status = check_listen_address(address);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--listen: ", std::string(status.message())));
    }
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
  if (status.ok()) status = read_count(given, "shards", kShardsMax, &settings.shard_count);
  if (status.ok()) {
    status =
        read_count(given, "switch-streams-max", kSwitchStreamsMax, &settings.switch_streams_max);
  }
  if (status.ok()) status = read_partitions(given, &settings.partitions);
  if (!status.ok()) return status;
  if (settings.clock_mode == ClockMode::kDriven && settings.partitions.size() > 1) {
    return absl::InvalidArgumentError(
        "--clock driven: one conductor drives one partition; leave out --partition");
  }
  return result;
}

}  // namespace acd
