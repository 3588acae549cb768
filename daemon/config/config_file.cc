// SPDX-License-Identifier: Apache-2.0
// Reads the YAML file into the messages that ConfigService takes, then applies their rules.
#include "daemon/config/config_file.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"
#include "daemon/config/yaml_tree.h"

namespace acd {
namespace {

using Duration = google::protobuf::Duration;
using Kind = YamlNode::Kind;
using Keys = std::span<const std::string_view>;

constexpr std::string_view kFileKeys[] = {"tenants"};
constexpr std::string_view kTenantKeys[] = {
    "id",         "skills",      "queues",         "agents",
    "busy_limit", "rejects_max", "no_answers_max", "switch_grace"};
constexpr std::string_view kQueueKeys[] = {"id",
                                           "requirement",
                                           "priority",
                                           "members",
                                           "wrap_up",
                                           "offer_timeout",
                                           "reoffer_after",
                                           "connect_timeout",
                                           "service_level",
                                           "short_abandon"};
constexpr std::string_view kWrapUpKeys[] = {"mode", "duration"};
constexpr std::string_view kServiceLevelKeys[] = {"target", "goal_percent", "variant"};
constexpr std::string_view kAgentKeys[] = {"id", "display_name", "skills"};

struct Choice {
  std::string_view word;
  int value;
};
constexpr Choice kWrapUpModes[] = {{"none", v1::WRAP_UP_MODE_NONE},
                                   {"timed", v1::WRAP_UP_MODE_TIMED},
                                   {"manual", v1::WRAP_UP_MODE_MANUAL}};
constexpr Choice kVariants[] = {
    {"abandoned_negative", v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE},
    {"ignore_abandoned", v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED},
    {"abandoned_positive", v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE}};

// The number before a unit. Longer than any limit of a setting in any unit, and in hours still a
// duration that the messages can hold.
constexpr int64_t kDurationNumberMax = 10'000'000;

// The field that stands for the file as a whole.
constexpr char kRoot[] = "file";
constexpr char kIdForm[] = "an id is 1 to 64 of a-z A-Z 0-9 . _ -";

const char* kind_text(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a single value";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map of keys";
  }
  return "";
}

// Path of `key` in the map at `field`.
std::string key_field(const std::string& field, const std::string& key) {
  const std::string shown = is_resource_id(key) ? key : quote(key);
  return field == kRoot ? shown : absl::StrCat(field, ".", shown);
}

// "queues[2].members.agents[0]" of a message as the file says it: "queues[2].members[0]".
std::string file_path(std::string path) {
  constexpr std::string_view kMembers = ".members.agents";
  constexpr std::string_view kName = "name";
  if (path.starts_with("queues[")) {
    const size_t place = path.find(kMembers);
    if (place != std::string::npos) path.replace(place, kMembers.size(), ".members");
  }
  if (path == kName || path.ends_with(".name")) {
    path.replace(path.size() - kName.size(), kName.size(), "id");
  }
  return path;
}

// Turns the tree of one file into messages and collects all that is wrong on the way.
//
// Threads:  one.
// Bounds:   lists kViolationsMax problems, then says that there are more.
class ConfigReader {
 public:
  explicit ConfigReader(std::string name) : name_(std::move(name)) {}

  std::vector<TenantSeed> read_file(const YamlNode& root);

  // A value that cannot be read. `field` is its path in the file, "tenants[0].queues[2].priority".
  void report(int line, std::string field, std::string description);
  [[nodiscard]] bool good() const { return problems_.empty(); }
  // The problems in the order of the file, one a line. REQUIRES: there are some.
  [[nodiscard]] absl::Status status();

 private:
  struct Problem {
    int line = 0;
    std::string field;
    std::string description;
  };

  void read_tenant(const YamlNode& node, const std::string& field, TenantSeed& seed);
  void read_queue(const YamlNode& node, const std::string& field, std::string_view tenant,
                  v1::Queue& queue);
  void read_members(const YamlNode& node, const std::string& field, std::string_view tenant,
                    v1::Members& members);
  void read_wrap_up(const YamlNode& node, const std::string& field, v1::Queue& queue);
  void read_service_level(const YamlNode& node, const std::string& field,
                          v1::ServiceLevelTarget& level);
  void read_agent(const YamlNode& node, const std::string& field, std::string_view tenant,
                  v1::Agent& agent);
  void apply_rules(const YamlNode& node, const std::string& field, const TenantSeed& seed);
  void report_violations(const YamlNode& node, const std::string& field,
                         const std::vector<Violation>& violations);

  bool check_keys(const YamlNode& node, const std::string& field, Keys known);
  bool check_map(const YamlNode& node, const std::string& field);
  bool check_list(const YamlNode& node, const std::string& field);
  std::optional<std::string> text(const YamlNode& node, const std::string& field);
  std::optional<std::string> id(const YamlNode& node, const std::string& field);
  std::optional<int32_t> integer(const YamlNode& node, const std::string& field);
  std::optional<Duration> duration(const YamlNode& node, const std::string& field);
  std::optional<int> choice(const YamlNode& node, const std::string& field,
                            std::span<const Choice> choices);

  void list(int line, std::string field, std::string description);
  // Whether a value that could not be read stands at `field` or at a value around it.
  [[nodiscard]] bool has_problem(std::string_view field) const;

  std::string name_;
  std::vector<Problem> problems_;
  size_t unlisted_ = 0;                        // Problems past kViolationsMax.
  std::set<std::string, std::less<>> fields_;  // Of what could not be read.
};

void ConfigReader::report(int line, std::string field, std::string description) {
  if (problems_.size() < kViolationsMax) fields_.insert(field);
  list(line, std::move(field), std::move(description));
}

void ConfigReader::list(int line, std::string field, std::string description) {
  if (problems_.size() < kViolationsMax) {
    problems_.push_back({line, std::move(field), std::move(description)});
  } else {
    ++unlisted_;
  }
}

std::vector<TenantSeed> ConfigReader::read_file(const YamlNode& root) {
  std::vector<TenantSeed> seeds;
  if (root.kind == Kind::kNull) {
    report(1, "tenants", "is required; the file is empty");
    return seeds;
  }
  if (!check_keys(root, kRoot, kFileKeys)) return seeds;
  const YamlNode* tenants = value_of(root, "tenants");
  if (tenants == nullptr) {
    report(root.line, "tenants", "is required");
    return seeds;
  }
  if (!check_list(*tenants, "tenants")) return seeds;
  if (tenants->children.empty()) report(tenants->line, "tenants", "must have one tenant at least");
  std::map<std::string, size_t> seen;
  seeds.resize(tenants->children.size());
  for (size_t i = 0; i < seeds.size(); ++i) {
    const YamlNode& node = tenants->children[i];
    const std::string field = absl::StrCat("tenants[", i, "]");
    read_tenant(node, field, seeds[i]);
    const std::string& tenant = seeds[i].config.name();
    const auto [entry, added] = seen.emplace(tenant, i);
    if (!added && !tenant.empty()) {
      report(line_at(node, "id"), field + ".id",
             absl::StrCat("repeats tenants[", entry->second, "], ", quote(tenant)));
    }
  }
  return seeds;
}

void ConfigReader::read_tenant(const YamlNode& node, const std::string& field, TenantSeed& seed) {
  if (!check_keys(node, field, kTenantKeys)) return;
  v1::TenantConfig& config = seed.config;
  std::string tenant;
  if (const YamlNode* value = value_of(node, "id")) {
    tenant = id(*value, field + ".id").value_or("");
    if (!tenant.empty()) config.set_name("tenants/" + tenant);
  }
  if (const YamlNode* value = value_of(node, "skills");
      value != nullptr && check_list(*value, field + ".skills")) {
    for (size_t i = 0; i < value->children.size(); ++i) {
      config.add_skills(
          id(value->children[i], absl::StrCat(field, ".skills[", i, "]")).value_or(""));
    }
  }
  if (const YamlNode* value = value_of(node, "queues");
      value != nullptr && check_list(*value, field + ".queues")) {
    for (size_t i = 0; i < value->children.size(); ++i) {
      read_queue(value->children[i], absl::StrCat(field, ".queues[", i, "]"), tenant,
                 *config.add_queues());
    }
  }
  if (const YamlNode* value = value_of(node, "switch_grace")) {
    if (auto grace = duration(*value, field + ".switch_grace"))
      *config.mutable_switch_grace() = *grace;
  }
  if (const YamlNode* value = value_of(node, "busy_limit")) {
    if (auto limit = duration(*value, field + ".busy_limit")) *config.mutable_busy_limit() = *limit;
  }
  if (const YamlNode* value = value_of(node, "rejects_max")) {
    if (auto max = integer(*value, field + ".rejects_max")) config.set_rejects_max(*max);
  }
  if (const YamlNode* value = value_of(node, "no_answers_max")) {
    if (auto max = integer(*value, field + ".no_answers_max")) config.set_no_answers_max(*max);
  }
  if (const YamlNode* value = value_of(node, "agents");
      value != nullptr && check_list(*value, field + ".agents")) {
    seed.agents.resize(value->children.size());
    for (size_t i = 0; i < seed.agents.size(); ++i) {
      read_agent(value->children[i], absl::StrCat(field, ".agents[", i, "]"), tenant,
                 seed.agents[i]);
    }
  }
  apply_rules(node, field, seed);
}

void ConfigReader::read_queue(const YamlNode& node, const std::string& field,
                              std::string_view tenant, v1::Queue& queue) {
  if (!check_keys(node, field, kQueueKeys)) return;
  if (const YamlNode* value = value_of(node, "id")) {
    if (auto queue_id = id(*value, field + ".id")) {
      queue.set_name(absl::StrCat("tenants/", std::string(tenant), "/queues/", *queue_id));
    }
  }
  if (const YamlNode* value = value_of(node, "requirement")) {
    if (auto expression = text(*value, field + ".requirement")) queue.set_requirement(*expression);
  }
  if (const YamlNode* value = value_of(node, "priority")) {
    if (auto priority = integer(*value, field + ".priority")) queue.set_priority(*priority);
  }
  if (const YamlNode* value = value_of(node, "members")) {
    read_members(*value, field + ".members", tenant, *queue.mutable_members());
  }
  if (const YamlNode* value = value_of(node, "wrap_up")) {
    read_wrap_up(*value, field + ".wrap_up", queue);
  }
  const auto read_duration = [&](std::string_view key, Duration* (v1::Queue::*target)()) {
    const YamlNode* value = value_of(node, key);
    if (value == nullptr) return;
    if (auto read = duration(*value, absl::StrCat(field, ".", std::string(key)))) {
      *(queue.*target)() = *read;
    }
  };
  read_duration("offer_timeout", &v1::Queue::mutable_offer_timeout);
  read_duration("reoffer_after", &v1::Queue::mutable_reoffer_after);
  read_duration("connect_timeout", &v1::Queue::mutable_connect_timeout);
  if (const YamlNode* value = value_of(node, "service_level")) {
    read_service_level(*value, field + ".service_level", *queue.mutable_service_level());
  }
  read_duration("short_abandon", &v1::Queue::mutable_short_abandon);
}

void ConfigReader::read_members(const YamlNode& node, const std::string& field,
                                std::string_view tenant, v1::Members& members) {
  if (node.kind == Kind::kScalar && node.text == "all") return;
  if (node.kind != Kind::kList) {
    report(node.line, field,
           absl::StrCat("must be a list of agent ids, or the word all; is ",
                        node.kind == Kind::kScalar ? quote(node.text) : kind_text(node)));
    return;
  }
  // In the message an empty list means everybody, which is not what an empty list looks like.
  if (node.children.empty()) report(node.line, field, "is empty; write all to mean every agent");
  for (size_t i = 0; i < node.children.size(); ++i) {
    const auto agent = id(node.children[i], absl::StrCat(field, "[", i, "]"));
    members.add_agents(agent ? absl::StrCat("tenants/", std::string(tenant), "/agents/", *agent)
                             : std::string());
  }
}

void ConfigReader::read_wrap_up(const YamlNode& node, const std::string& field, v1::Queue& queue) {
  if (!check_keys(node, field, kWrapUpKeys)) return;
  v1::WrapUp wrap_up;
  const YamlNode* mode = value_of(node, "mode");
  if (mode == nullptr) {
    report(node.line, field + ".mode", "is required: none, timed or manual");
    return;
  }
  const auto word = choice(*mode, field + ".mode", kWrapUpModes);
  if (word) wrap_up.set_mode(static_cast<v1::WrapUpMode>(*word));
  if (const YamlNode* value = value_of(node, "duration")) {
    if (auto length = duration(*value, field + ".duration")) {
      *wrap_up.mutable_duration() = *length;
    }
  }
  // Without its mode the rules would find fault with the duration, too.
  if (word) *queue.mutable_wrap_up() = wrap_up;
}

void ConfigReader::read_service_level(const YamlNode& node, const std::string& field,
                                      v1::ServiceLevelTarget& level) {
  if (!check_keys(node, field, kServiceLevelKeys)) return;
  if (const YamlNode* value = value_of(node, "target")) {
    if (auto target = duration(*value, field + ".target")) *level.mutable_target() = *target;
  }
  if (const YamlNode* value = value_of(node, "goal_percent")) {
    if (auto goal = integer(*value, field + ".goal_percent")) level.set_goal_percent(*goal);
  }
  if (const YamlNode* value = value_of(node, "variant")) {
    if (auto variant = choice(*value, field + ".variant", kVariants)) {
      level.set_variant(static_cast<v1::ServiceLevelVariant>(*variant));
    }
  }
}

void ConfigReader::read_agent(const YamlNode& node, const std::string& field,
                              std::string_view tenant, v1::Agent& agent) {
  if (!check_keys(node, field, kAgentKeys)) return;
  if (const YamlNode* value = value_of(node, "id")) {
    if (auto agent_id = id(*value, field + ".id")) {
      agent.set_name(absl::StrCat("tenants/", std::string(tenant), "/agents/", *agent_id));
    }
  }
  if (const YamlNode* value = value_of(node, "display_name")) {
    if (auto name = text(*value, field + ".display_name")) agent.set_display_name(*name);
  }
  const YamlNode* skills = value_of(node, "skills");
  if (skills == nullptr || !check_map(*skills, field + ".skills")) return;
  for (size_t i = 0; i + 1 < skills->children.size(); i += 2) {
    const YamlNode& key = skills->children[i];
    const std::string skill_field = absl::StrCat(field, ".skills[", quote(key.text), "]");
    const auto skill = id(key, skill_field);
    const auto level = integer(skills->children[i + 1], skill_field);
    if (skill && level) (*agent.mutable_skills())[*skill] = *level;
  }
}

void ConfigReader::apply_rules(const YamlNode& node, const std::string& field,
                               const TenantSeed& seed) {
  // Without the declared skills every use of one would be called wrong.
  if (has_problem(field + ".skills")) return;
  report_violations(node, field, validate_config(seed.config));
  report_violations(node, field, validate_agents(seed.agents, seed.config));
}

void ConfigReader::report_violations(const YamlNode& node, const std::string& field,
                                     const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    const std::string path = file_path(violation.field);
    const std::string place = absl::StrCat(field, ".", path);
    // What could not be read was never set: the rule would only repeat it in other words.
    if (has_problem(place)) continue;
    list(line_at(node, path), place, violation.description);
  }
}

bool ConfigReader::check_map(const YamlNode& node, const std::string& field) {
  if (node.kind != Kind::kMap) {
    report(node.line, field, absl::StrCat("must be a map of keys, is ", kind_text(node)));
    return false;
  }
  std::map<std::string_view, int> lines;
  bool good = true;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    if (key.kind != Kind::kScalar) {
      report(key.line, field, absl::StrCat("a key must be a word, is ", kind_text(key)));
      good = false;
      continue;
    }
    const auto [entry, added] = lines.emplace(key.text, key.line);
    if (added) continue;
    report(key.line, key_field(field, key.text),
           absl::StrCat("the key stands in line ", entry->second, " already"));
  }
  return good;
}

bool ConfigReader::check_keys(const YamlNode& node, const std::string& field, Keys known) {
  if (!check_map(node, field)) return false;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = node.children[i];
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    report(key.line, key_field(field, key.text),
           absl::StrCat("unknown key ", quote(key.text), "; ", suggestion_for(key.text, known)));
  }
  return true;
}

bool ConfigReader::check_list(const YamlNode& node, const std::string& field) {
  if (node.kind == Kind::kList) return true;
  report(node.line, field, absl::StrCat("must be a list, is ", kind_text(node)));
  return false;
}

std::optional<std::string> ConfigReader::text(const YamlNode& node, const std::string& field) {
  if (node.kind == Kind::kScalar) return node.text;
  if (node.kind == Kind::kNull) {
    report(node.line, field, "has no value; give one or leave the key out");
  } else {
    report(node.line, field, absl::StrCat("must be a single value, is ", kind_text(node)));
  }
  return std::nullopt;
}

std::optional<std::string> ConfigReader::id(const YamlNode& node, const std::string& field) {
  auto value = text(node, field);
  if (value && !is_resource_id(*value)) {
    report(node.line, field, absl::StrCat(kIdForm, "; this is ", quote(*value)));
    return std::nullopt;
  }
  return value;
}

std::optional<int32_t> ConfigReader::integer(const YamlNode& node, const std::string& field) {
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  int32_t number = 0;
  const char* const end = value->data() + value->size();
  const auto result = std::from_chars(value->data(), end, number);
  const std::string_view digits = std::string_view(*value).substr(value->starts_with('-') ? 1 : 0);
  // A leading zero means octal to some readers of YAML, and nothing to others.
  const bool octal = digits.size() > 1 && digits[0] == '0';
  if (!node.quoted && !octal && result.ec == std::errc() && result.ptr == end) return number;
  if (result.ec == std::errc::result_out_of_range && result.ptr == end && !node.quoted) {
    report(node.line, field, absl::StrCat("is far out of range: ", quote(*value)));
  } else {
    report(node.line, field,
           absl::StrCat("must be a whole number", node.quoted ? " without quotes" : "", ", is ",
                        quote(*value)));
  }
  return std::nullopt;
}

std::optional<Duration> ConfigReader::duration(const YamlNode& node, const std::string& field) {
  constexpr char kForm[] = "write a whole number and its unit: 500ms, 20s, 2m or 1h";
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto result = std::from_chars(value->data(), end, number);
  const std::string_view unit(result.ptr, static_cast<size_t>(end - result.ptr));
  if (result.ec == std::errc() && unit.empty()) {
    report(node.line, field, absl::StrCat(quote(*value), " has no unit; ", kForm));
    return std::nullopt;
  }
  const bool known = unit == "ms" || unit == "s" || unit == "m" || unit == "h";
  if (!known || value->starts_with('-') || result.ec == std::errc::invalid_argument) {
    report(node.line, field, absl::StrCat(quote(*value), " is no duration; ", kForm));
    return std::nullopt;
  }
  if (result.ec != std::errc() || number > kDurationNumberMax) {
    report(node.line, field, absl::StrCat(quote(*value), " is far too long"));
    return std::nullopt;
  }
  Duration read;
  if (unit == "ms") {
    read.set_seconds(number / 1'000);
    read.set_nanos(static_cast<int32_t>(number % 1'000 * 1'000'000));
  } else {
    read.set_seconds(number * (unit == "s" ? 1 : unit == "m" ? 60 : 3'600));
  }
  return read;
}

std::optional<int> ConfigReader::choice(const YamlNode& node, const std::string& field,
                                        std::span<const Choice> choices) {
  const auto value = text(node, field);
  if (!value) return std::nullopt;
  for (const Choice& known : choices) {
    if (*value == known.word) return known.value;
  }
  report(node.line, field,
         absl::StrCat(
             "must be one of ",
             absl::StrJoin(choices, ", ",
                           [](std::string* out, const Choice& known) { out->append(known.word); }),
             "; is ", quote(*value)));
  return std::nullopt;
}

bool ConfigReader::has_problem(std::string_view field) const {
  for (size_t end = field.size();; --end) {
    const bool boundary = end == field.size() || field[end] == '.' || field[end] == '[';
    if (boundary && fields_.contains(field.substr(0, end))) return true;
    if (end == 0) return false;
  }
}

absl::Status ConfigReader::status() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string message =
      absl::StrJoin(problems_, "\n", [this](std::string* out, const auto& problem) {
        absl::StrAppend(out, name_, ":", problem.line, ": ", problem.field, ": ",
                        problem.description);
      });
  if (unlisted_ > 0) {
    absl::StrAppend(&message, "\n", name_, ":", problems_.back().line, ": ", kRoot, ": and ",
                    unlisted_, " more, not listed");
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace

absl::StatusOr<std::vector<TenantSeed>> read_config_file(const std::string& path) {
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
  return parse_config(text, path);
}

absl::StatusOr<std::vector<TenantSeed>> parse_config(const std::string& text,
                                                     const std::string& name) {
  ConfigReader reader(name);
  const YamlTree tree = parse_yaml(text);
  for (const YamlProblem& problem : tree.problems) {
    reader.report(problem.line, "yaml", problem.description);
  }
  if (!reader.good()) return reader.status();
  std::vector<TenantSeed> seeds = reader.read_file(tree.root);
  if (!reader.good()) return reader.status();
  return seeds;
}

}  // namespace acd
