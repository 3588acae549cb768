// SPDX-License-Identifier: Apache-2.0
// Reads the YAML file into the messages that ConfigService takes, then applies their rules.
#include "daemon/config/config_file.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "daemon/config/calendar_reader.h"
#include "daemon/config/config_tables.h"
#include "daemon/config/field_reader.h"
#include "daemon/config/queue_reader.h"
#include "daemon/config/text.h"
#include "daemon/config/yaml_tree.h"

namespace acd {
namespace {

using Duration = google::protobuf::Duration;
using Kind = YamlNode::Kind;

constexpr std::string_view kFileKeys[] = {"tenants"};
constexpr std::string_view kTenantKeys[] = {"id",
                                            "skills",
                                            "call_order",
                                            "protects",
                                            "overflows_max",
                                            "random_seed",
                                            "decay_half_life",
                                            "switch_grace",
                                            "busy_limit",
                                            "rejects_max",
                                            "queues",
                                            "drains",
                                            "no_answers_max",
                                            "agents",
                                            "wrap_up_codes",
                                            "labels",
                                            "calendars",
                                            "teams",
                                            "transfers_max",
                                            "transfer_wait",
                                            "reach",
                                            "arrival_ack_timeout",
                                            "agent_grace",
                                            "time_zone"};
constexpr std::string_view kTeamKeys[] = {"id", "supervisors"};
constexpr std::string_view kReachKeys[] = {"from", "to", "dial_prefix"};
constexpr std::string_view kProtectKeys[] = {"skill", "ready_max"};
constexpr std::string_view kDrainKeys[] = {"queue", "target"};
constexpr std::string_view kAgentKeys[] = {"id", "display_name", "team", "skills", "media"};
constexpr std::string_view kMediumKeys[] = {"medium", "capacity", "excludes", "interrupted_by"};

// Turns the tree of one file into messages and collects all that is wrong on the way.
//
// Threads:  one.
class ConfigReader {
 public:
  explicit ConfigReader(FieldReader& reader) : reader_(reader) {}

  std::vector<TenantSeed> read_file(const YamlNode& root);

 private:
  void read_tenant(const YamlNode& node, const std::string& field, TenantSeed& seed);
  void read_settings(const YamlNode& node, const std::string& field, v1::TenantConfig& config);
  void read_protect(const YamlNode& node, const std::string& field, v1::ProtectRule& rule);
  void read_reach(const YamlNode& node, const std::string& field, v1::ReachRule& rule);
  void read_drain(const YamlNode& node, const std::string& field, const std::string& tenant,
                  v1::Drain& drain);
  void read_team(const YamlNode& node, const std::string& field, const std::string& tenant,
                 v1::Team& team);
  void read_medium(const YamlNode& node, const std::string& field, v1::MediumRule& rule);
  void read_agent(const YamlNode& node, const std::string& field, const std::string& tenant,
                  v1::Agent& agent);
  void apply_rules(const YamlNode& node, const std::string& field, const TenantSeed& seed);
  void report_violations(const YamlNode& node, const std::string& field,
                         const std::vector<Violation>& violations);

  FieldReader& reader_;
};

std::vector<TenantSeed> ConfigReader::read_file(const YamlNode& root) {
  std::vector<TenantSeed> seeds;
  if (root.kind == Kind::kNull) {
    reader_.report(1, "tenants", "is required; the file is empty");
    return seeds;
  }
  if (!reader_.check_keys(root, kFileField, kFileKeys)) return seeds;
  const YamlNode* tenants = value_of(root, "tenants");
  if (tenants == nullptr) {
    reader_.report(root.line, "tenants", "is required");
    return seeds;
  }
  if (!reader_.check_list(*tenants, "tenants")) return seeds;
  if (tenants->children.empty())
    reader_.report(tenants->line, "tenants", "must have one tenant at least");
  std::map<std::string, size_t> seen;
  seeds.resize(tenants->children.size());
  for (size_t i = 0; i < seeds.size(); ++i) {
    const YamlNode& node = tenants->children[i];
    const std::string field = absl::StrCat("tenants[", i, "]");
    read_tenant(node, field, seeds[i]);
    const std::string& tenant = seeds[i].config.name();
    const auto [entry, added] = seen.emplace(tenant, i);
    if (!added && !tenant.empty()) {
      reader_.report(line_at(node, "id"), field + ".id",
                     absl::StrCat("repeats tenants[", entry->second, "], ", quote(tenant)));
    }
  }
  return seeds;
}

void ConfigReader::read_tenant(const YamlNode& node, const std::string& field, TenantSeed& seed) {
  if (!reader_.check_keys(node, field, kTenantKeys)) return;
  v1::TenantConfig& config = seed.config;
  const MapReader map(reader_, node, field);
  std::string tenant;
  map.read("id", &FieldReader::id, [&](const std::string& id) {
    tenant = id;
    config.set_name("tenants/" + tenant);
  });
  map.read_list("skills", [&](const YamlNode& skill, const std::string& path) {
    config.add_skills(reader_.id(skill, path).value_or(""));
  });
  const auto read_ids = [&](std::string_view key, auto&& add) {
    map.read_list(key, [&](const YamlNode& id, const std::string& path) {
      add(reader_.id(id, path).value_or(""));
    });
  };
  read_ids("wrap_up_codes", [&](const std::string& code) { config.add_wrap_up_codes(code); });
  read_ids("labels", [&](const std::string& label) { config.add_labels(label); });
  map.read_list("queues", [&](const YamlNode& queue, const std::string& path) {
    read_queue(reader_, queue, path, tenant, *config.add_queues());
  });
  read_settings(node, field, config);
  map.read_list("protects", [&](const YamlNode& rule, const std::string& path) {
    read_protect(rule, path, *config.add_protects());
  });
  map.read_list("reach", [&](const YamlNode& rule, const std::string& path) {
    read_reach(rule, path, *config.add_reach());
  });
  map.read_list("drains", [&](const YamlNode& drain, const std::string& path) {
    read_drain(drain, path, tenant, *config.add_drains());
  });
  map.read_list("teams", [&](const YamlNode& team, const std::string& path) {
    read_team(team, path, tenant, *config.add_teams());
  });
  map.read_list("calendars", [&](const YamlNode& calendar, const std::string& path) {
    read_calendar(reader_, calendar, path, tenant, *config.add_calendars());
  });
  map.read_list("agents", [&](const YamlNode& agent, const std::string& path) {
    read_agent(agent, path, tenant, seed.agents.emplace_back());
  });
  apply_rules(node, field, seed);
}

void ConfigReader::read_settings(const YamlNode& node, const std::string& field,
                                 v1::TenantConfig& config) {
  const MapReader map(reader_, node, field);
  map.read("switch_grace", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_switch_grace() = value; });
  map.read("agent_grace", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_agent_grace() = value; });
  map.read("arrival_ack_timeout", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_arrival_ack_timeout() = value; });
  map.read("busy_limit", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_busy_limit() = value; });
  map.read("rejects_max", &FieldReader::integer,
           [&](int32_t value) { config.set_rejects_max(value); });
  map.read("no_answers_max", &FieldReader::integer,
           [&](int32_t value) { config.set_no_answers_max(value); });
  map.read_choice("call_order", kCallOrderWords,
                  [&](int value) { config.set_call_order(static_cast<v1::CallOrder>(value)); });
  map.read("decay_half_life", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_decay_half_life() = value; });
  map.read("random_seed", &FieldReader::long_integer,
           [&](int64_t value) { config.set_random_seed(value); });
  map.read("overflows_max", &FieldReader::integer,
           [&](int32_t value) { config.set_overflows_max(value); });
  map.read("transfers_max", &FieldReader::integer,
           [&](int32_t value) { config.set_transfers_max(value); });
  map.read("transfer_wait", &FieldReader::duration,
           [&](const Duration& value) { *config.mutable_transfer_wait() = value; });
  map.read("time_zone", &FieldReader::text,
           [&](const std::string& value) { config.set_time_zone(value); });
}

void ConfigReader::read_team(const YamlNode& node, const std::string& field,
                             const std::string& tenant, v1::Team& team) {
  if (!reader_.check_keys(node, field, kTeamKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("id", &FieldReader::id, [&](const std::string& value) { team.set_id(value); });
  map.read_list("supervisors", [&](const YamlNode& agent, const std::string& path) {
    team.add_supervisors(
        absl::StrCat("tenants/", tenant, "/agents/", reader_.id(agent, path).value_or("")));
  });
}

void ConfigReader::read_reach(const YamlNode& node, const std::string& field, v1::ReachRule& rule) {
  if (!reader_.check_keys(node, field, kReachKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("from", &FieldReader::text, [&](const std::string& value) { rule.set_from(value); });
  map.read("to", &FieldReader::text, [&](const std::string& value) { rule.set_to(value); });
  map.read("dial_prefix", &FieldReader::text,
           [&](const std::string& value) { rule.set_dial_prefix(value); });
}

void ConfigReader::read_protect(const YamlNode& node, const std::string& field,
                                v1::ProtectRule& rule) {
  if (!reader_.check_keys(node, field, kProtectKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("skill", &FieldReader::id, [&](const std::string& value) { rule.set_skill(value); });
  map.read("ready_max", &FieldReader::integer, [&](int32_t value) { rule.set_ready_max(value); });
}

void ConfigReader::read_drain(const YamlNode& node, const std::string& field,
                              const std::string& tenant, v1::Drain& drain) {
  if (!reader_.check_keys(node, field, kDrainKeys)) return;
  const MapReader map(reader_, node, field);
  const std::string prefix = absl::StrCat("tenants/", tenant, "/queues/");
  map.read("queue", &FieldReader::id,
           [&](const std::string& value) { drain.set_queue(prefix + value); });
  map.read("target", &FieldReader::id,
           [&](const std::string& value) { drain.set_target(prefix + value); });
}

void ConfigReader::read_medium(const YamlNode& node, const std::string& field,
                               v1::MediumRule& rule) {
  if (!reader_.check_keys(node, field, kMediumKeys)) return;
  const MapReader map(reader_, node, field);
  map.read_choice("medium", kMediumWords,
                  [&](int value) { rule.set_medium(static_cast<v1::Medium>(value)); });
  map.read("capacity", &FieldReader::integer, [&](int32_t value) { rule.set_capacity(value); });
  const auto read_media = [&](std::string_view key, auto&& add) {
    map.read_list(key, [&](const YamlNode& one, const std::string& path) {
      if (const auto value = reader_.choice(one, path, kMediumWords)) {
        add(static_cast<v1::Medium>(*value));
      }
    });
  };
  read_media("excludes", [&](v1::Medium medium) { rule.add_excludes(medium); });
  read_media("interrupted_by", [&](v1::Medium medium) { rule.add_interrupted_by(medium); });
}

void ConfigReader::read_agent(const YamlNode& node, const std::string& field,
                              const std::string& tenant, v1::Agent& agent) {
  if (!reader_.check_keys(node, field, kAgentKeys)) return;
  const MapReader map(reader_, node, field);
  map.read("id", &FieldReader::id, [&](const std::string& id) {
    agent.set_name(absl::StrCat("tenants/", tenant, "/agents/", id));
  });
  map.read("display_name", &FieldReader::text,
           [&](const std::string& value) { agent.set_display_name(value); });
  map.read("team", &FieldReader::id, [&](const std::string& value) { agent.set_team(value); });
  map.read_list("media", [&](const YamlNode& medium, const std::string& path) {
    read_medium(medium, path, *agent.add_media());
  });
  const YamlNode* skills = value_of(node, "skills");
  if (skills == nullptr || !reader_.check_map(*skills, field + ".skills")) return;
  for (size_t i = 0; i + 1 < skills->children.size(); i += 2) {
    const YamlNode& key = skills->children[i];
    const std::string skill_field = absl::StrCat(field, ".skills[", quote(key.text), "]");
    const auto skill = reader_.id(key, skill_field);
    const auto level = reader_.integer(skills->children[i + 1], skill_field);
    if (skill && level) (*agent.mutable_skills())[*skill] = *level;
  }
}

void ConfigReader::apply_rules(const YamlNode& node, const std::string& field,
                               const TenantSeed& seed) {
  // Without the declared skills every use of one would be called wrong.
  if (reader_.has_problem(field + ".skills")) return;
  report_violations(node, field, validate_config(seed.config));
  report_violations(node, field, validate_zones(seed.config));
  report_violations(node, field, validate_agents(seed.agents, seed.config));
  // Where no agents are listed, all come later.
  if (seed.agents.empty() || reader_.has_problem_within(field + ".agents")) return;
  report_violations(node, field, validate_targets(seed.config, seed.agents));
}

void ConfigReader::report_violations(const YamlNode& node, const std::string& field,
                                     const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    const std::string path = file_path(violation.field);
    const std::string place = absl::StrCat(field, ".", path);
    // What could not be read was never set: the rule would only repeat it in other words.
    if (reader_.has_problem(place)) continue;
    reader_.list(line_at(node, path), place, violation.description);
  }
}

}  // namespace

absl::StatusOr<std::string> read_config_text(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return absl::ErrnoToStatus(errno, "cannot open " + path);
  std::string text;
  std::array<char, 65'536> buffer;
  // One byte past the limit is enough to know, so that a device without end is no trap.
  while (text.size() <= kConfigFileBytesMax) {
    const size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get());
    const int error = errno;
    text.append(buffer.data(), size);
    if (size == buffer.size()) continue;
    if (std::ferror(file.get()) != 0) return absl::ErrnoToStatus(error, "cannot read " + path);
    break;
  }
  return text;
}

absl::StatusOr<std::vector<TenantSeed>> read_config_file(const std::string& path) {
  const absl::StatusOr<std::string> text = read_config_text(path);
  if (!text.ok()) return text.status();
  return parse_config(*text, path);
}

absl::StatusOr<std::vector<TenantSeed>> parse_config(const std::string& text,
                                                     const std::string& name) {
  FieldReader reader(name);
  const YamlTree tree = parse_yaml(text);
  for (const YamlProblem& problem : tree.problems) {
    reader.report(problem.line, "yaml", problem.description);
  }
  if (!reader.good()) return reader.status();
  std::vector<TenantSeed> seeds = ConfigReader(reader).read_file(tree.root);
  if (!reader.good()) return reader.status();
  return seeds;
}

}  // namespace acd
