// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/assessment.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <utility>

#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "daemon/config/field_reader.h"
#include "daemon/config/findings.h"
#include "daemon/config/text.h"

namespace acd::acdctl {
namespace {

constexpr std::string_view kMapKeys[] = {"separator", "agent", "skills"};
constexpr std::string_view kAgentKeys[] = {"column", "by"};
constexpr std::string_view kRuleKeys[] = {"column", "skill", "bands", "percentiles", "missing"};
constexpr std::string_view kBandKeys[] = {"low", "mid", "high"};
constexpr std::string_view kRangeKeys[] = {"up_to", "level"};
constexpr ConfigWord kSeparators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}};
constexpr ConfigWord kWays[] = {{"id", 0}, {"name", 1}};
constexpr ConfigWord kMissing[] = {{"error", 0}, {"keep", 1}};
constexpr int kPercentileMax = 100;

// As headings and bands are compared: spreadsheets add blanks and capitals.
std::string plain(std::string_view text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace({text.data(), text.size()}));
}

// --- The mapping.

class MapParser {
 public:
  explicit MapParser(const std::string& name) : reader_(name) { map_.path = name; }

  absl::StatusOr<AssessmentMap> parse(std::string_view text) {
    const YamlTree tree = parse_yaml(text);
    for (const YamlProblem& problem : tree.problems) {
      reader_.report(problem.line, "yaml", problem.description);
    }
    if (reader_.good() && reader_.check_keys(tree.root, kFileField, kMapKeys)) read(tree.root);
    if (!reader_.good()) return reader_.status();
    return std::move(map_);
  }

 private:
  void read(const YamlNode& root) {
    if (const YamlNode* node = value_of(root, "separator")) {
      const auto separator = reader_.choice(*node, "separator", kSeparators);
      if (separator) map_.separator = static_cast<char>(*separator);
    }
    if (const YamlNode* node = required(root, "agent", "")) read_agent(*node);
    const YamlNode* skills = required(root, "skills", "");
    if (skills == nullptr || !reader_.check_list(*skills, "skills")) return;
    if (skills->children.empty() || skills->children.size() > kScoreRulesMax) {
      reader_.list(
          skills->line, "skills",
          absl::StrCat("has ", skills->children.size(), " entries; must be 1 to ", kScoreRulesMax));
      return;
    }
    for (size_t i = 0; i < skills->children.size(); ++i) {
      read_rule(skills->children[i], absl::StrCat("skills[", i, "]"));
    }
  }

  const YamlNode* required(const YamlNode& map, std::string_view key, const std::string& field) {
    const YamlNode* value = value_of(map, key);
    const std::string path = absl::StrCat(field, field.empty() ? "" : ".", std::string(key));
    if (value == nullptr) reader_.list(map.line, path, "is required");
    return value;
  }
  std::string required_text(const YamlNode& map, std::string_view key, const std::string& field) {
    const YamlNode* value = required(map, key, field);
    if (value == nullptr) return "";
    const std::string path = absl::StrCat(field, ".", std::string(key));
    const std::string text = reader_.text(*value, path).value_or("?");
    if (plain(text).empty()) reader_.list(value->line, path, "is empty");
    return text;
  }

  void read_agent(const YamlNode& node) {
    if (!reader_.check_keys(node, "agent", kAgentKeys)) return;
    map_.agent_column = required_text(node, "column", "agent");
    if (const YamlNode* by = value_of(node, "by")) {
      map_.is_by_name = reader_.choice(*by, "agent.by", kWays).value_or(0) == 1;
    }
  }

  void read_rule(const YamlNode& node, const std::string& field) {
    if (!reader_.check_keys(node, field, kRuleKeys)) return;
    ScoreRule rule;
    rule.line = node.line;
    rule.column = required_text(node, "column", field);
    if (const YamlNode* skill = required(node, "skill", field)) {
      rule.skill = reader_.id(*skill, field + ".skill").value_or("");
    }
    if (const YamlNode* bands = value_of(node, "bands")) read_bands(*bands, field, &rule);
    if (const YamlNode* ranges = value_of(node, "percentiles")) read_ranges(*ranges, field, &rule);
    if (value_of(node, "bands") == nullptr && value_of(node, "percentiles") == nullptr) {
      reader_.list(node.line, field, "needs bands or percentiles, or both");
    }
    if (const YamlNode* missing = value_of(node, "missing")) {
      rule.keeps_missing = reader_.choice(*missing, field + ".missing", kMissing).value_or(0) == 1;
    }
    for (const ScoreRule& other : map_.rules) {
      if (other.skill == rule.skill && !rule.skill.empty()) {
        reader_.list(
            node.line, field + ".skill",
            absl::StrCat("line ", other.line, " gives the level of ", rule.skill, " already"));
      }
    }
    map_.rules.push_back(std::move(rule));
  }

  void read_bands(const YamlNode& node, const std::string& rule_field, ScoreRule* rule) {
    const std::string field = rule_field + ".bands";
    if (!reader_.check_keys(node, field, kBandKeys)) return;
    std::array<int, 3>& levels = rule->bands.emplace();
    for (size_t i = 0; i < levels.size(); ++i) {
      const YamlNode* value = required(node, kBandKeys[i], field);
      if (value != nullptr) {
        levels[i] = level(*value, absl::StrCat(field, ".", std::string(kBandKeys[i])));
      }
    }
  }

  void read_ranges(const YamlNode& node, const std::string& rule_field, ScoreRule* rule) {
    const std::string field = rule_field + ".percentiles";
    if (!reader_.check_list(node, field)) return;
    int before = -1;
    for (size_t i = 0; i < node.children.size(); ++i) {
      const YamlNode& one = node.children[i];
      const std::string path = absl::StrCat(field, "[", i, "]");
      if (!reader_.check_keys(one, path, kRangeKeys)) return;
      const YamlNode* up_to = required(one, "up_to", path);
      const YamlNode* to_level = required(one, "level", path);
      if (up_to == nullptr || to_level == nullptr) return;
      const auto limit = reader_.integer(*up_to, path + ".up_to");
      PercentileRange range;
      range.level = level(*to_level, path + ".level");
      if (!limit) return;
      range.up_to = *limit;
      if (range.up_to <= before || range.up_to > kPercentileMax) {
        reader_.list(up_to->line, path + ".up_to",
                     absl::StrCat("is ", range.up_to, "; must be above ", before,
                                  ", where the "
                                  "range before ends, and at most ",
                                  kPercentileMax));
        return;
      }
      before = range.up_to;
      rule->percentiles.push_back(range);
    }
    if (before != kPercentileMax) {
      reader_.list(node.line, field,
                   "the last range must end at 100, or some scores have no level");
    }
  }

  int level(const YamlNode& node, const std::string& field) {
    if (node.kind == YamlNode::Kind::kScalar && node.text == "none") return kNoLevel;
    const auto value = reader_.integer(node, field);
    if (!value || (*value >= kSkillLevelMin && *value <= kSkillLevelMax)) {
      return value.value_or(kNoLevel);
    }
    reader_.list(node.line, field,
                 absl::StrCat("is ", *value, "; must be ", kSkillLevelMin, " to ", kSkillLevelMax,
                              ", or none"));
    return kNoLevel;
  }

  FieldReader reader_;
  AssessmentMap map_;
};

// --- The scores.

// 0..100 with a fraction or without; nothing for what is none.
std::optional<double> percentile_of(const std::string& text) {
  const bool is_number =
      !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
  double value = 0;
  if (!is_number || !absl::SimpleAtod(text, &value) || value > kPercentileMax) return std::nullopt;
  return value;
}

std::optional<size_t> band_of(const std::string& text) {
  if (text == "low") return 0;
  if (text == "mid" || text == "medium") return 1;
  if (text == "high") return 2;
  return std::nullopt;
}

// What a score may be, for a message.
std::string scale_text(const ScoreRule& rule) {
  if (!rule.bands) return "a percentile, 0 to 100";
  return rule.percentiles.empty() ? "Low, Mid or High"
                                  : "Low, Mid or High, or a percentile, 0 to 100";
}

std::optional<int> level_of(const ScoreRule& rule, const std::string& score) {
  if (rule.bands) {
    if (const std::optional<size_t> band = band_of(score)) return (*rule.bands)[*band];
  }
  const std::optional<double> percentile = percentile_of(score);
  if (!percentile) return std::nullopt;
  for (const PercentileRange& range : rule.percentiles) {
    if (*percentile <= range.up_to) return range.level;
  }
  return std::nullopt;
}

class Planner {
 public:
  Planner(const AssessmentMap& map, const std::string& name, const v1::ListAgentsResponse& agents)
      : map_(map), name_(name) {
    for (const v1::AgentStatus& agent : agents.agents()) {
      const std::string key(map.is_by_name ? std::string_view(agent.display_name())
                                           : short_name(agent.name()));
      const auto [known, is_new] = agents_.emplace(key, &agent);
      if (!is_new) known->second = nullptr;  // Of that name there are several.
    }
  }

  absl::StatusOr<AssessmentPlan> plan(std::span<const CsvRecord> records,
                                      std::span<const std::string> declared) {
    for (const ScoreRule& rule : map_.rules) {
      if (std::find(declared.begin(), declared.end(), rule.skill) != declared.end()) continue;
      faults_.push_back(absl::StrCat(map_.path, ":", rule.line, ": the tenant declares no skill ",
                                     quote(rule.skill)));
    }
    if (records.empty()) {
      faults_.push_back(absl::StrCat(name_, ":1: is empty; the first line has the headings"));
    } else {
      find_columns(records.front());
    }
    if (!faults_.empty()) return failed();
    for (const CsvRecord& record : records.subspan(1)) take(record);
    if (!faults_.empty()) return failed();
    return std::move(plan_);
  }

 private:
  absl::Status failed() const {
    std::string text;
    for (size_t i = 0; i < std::min(faults_.size(), kScoreFaultsMax); ++i) {
      absl::StrAppend(&text, text.empty() ? "" : "\n", printable(faults_[i]));
    }
    if (faults_.size() > kScoreFaultsMax) {
      absl::StrAppend(&text, "\nand ", faults_.size() - kScoreFaultsMax, " more, not listed");
    }
    return absl::DataLossError(text);
  }
  void fault(const CsvRecord& record, size_t column, const std::string& what) {
    faults_.push_back(absl::StrCat(name_, ":", record.line, ": column ", column + 1, " (",
                                   headings_[column], "): ", what));
  }

  void find_columns(const CsvRecord& heading) {
    headings_ = heading.fields;
    const auto find = [&](const std::string& wanted) {
      std::vector<size_t> found;
      for (size_t i = 0; i < headings_.size(); ++i) {
        if (plain(headings_[i]) == plain(wanted)) found.push_back(i);
      }
      if (found.size() != 1) {
        faults_.push_back(absl::StrCat(
            name_, ":", heading.line, ": ",
            found.empty() ? "there is no column " : "there are several columns ", quote(wanted)));
        return size_t{0};
      }
      return found[0];
    };
    agent_column_ = find(map_.agent_column);
    for (const ScoreRule& rule : map_.rules) columns_.push_back(find(rule.column));
  }

  void take(const CsvRecord& record) {
    if (record.fields.size() != headings_.size()) {
      faults_.push_back(absl::StrCat(name_, ":", record.line, ": has ", record.fields.size(),
                                     " columns, the headings have ", headings_.size()));
      return;
    }
    const std::string& cell = record.fields[agent_column_];
    const std::string key(absl::StripAsciiWhitespace(cell));
    const auto known = agents_.find(key);
    if (key.empty()) return fault(record, agent_column_, "names no agent");
    if (known == agents_.end()) {
      return fault(record, agent_column_, absl::StrCat("there is no agent ", quote(key)));
    }
    if (known->second == nullptr) {
      return fault(
          record, agent_column_,
          absl::StrCat("there are several agents with the name ", quote(key), "; name them by id"));
    }
    const auto [line, is_first] = lines_.emplace(key, record.line);
    if (!is_first) {
      return fault(
          record, agent_column_,
          absl::StrCat("line ", line->second, " has the scores of ", quote(key), " already"));
    }
    score(record, *known->second);
  }

  void score(const CsvRecord& record, const v1::AgentStatus& agent) {
    ++plan_.agents;
    AgentChange change;
    change.agent.set_name(agent.name());
    if (agent.display_name() != short_name(agent.name())) {
      change.agent.set_display_name(agent.display_name());
    }
    change.agent.set_team(agent.team());
    *change.agent.mutable_skills() = agent.skills();
    *change.agent.mutable_media() = agent.media();
    auto& skills = *change.agent.mutable_skills();
    for (size_t i = 0; i < map_.rules.size(); ++i) {
      const ScoreRule& rule = map_.rules[i];
      const std::string text = plain(record.fields[columns_[i]]);
      if (text.empty()) {
        if (!rule.keeps_missing) {
          fault(record, columns_[i], absl::StrCat("has no score; must be ", scale_text(rule)));
        }
        continue;
      }
      const std::optional<int> level = level_of(rule, text);
      if (!level) {
        fault(
            record, columns_[i],
            absl::StrCat("is ", quote(record.fields[columns_[i]]), "; must be ", scale_text(rule)));
        continue;
      }
      const auto known = skills.find(rule.skill);
      const int before = known == skills.end() ? kNoLevel : known->second;
      if (*level == before) continue;
      change.changes.push_back({rule.skill, before, *level});
      if (*level == kNoLevel) {
        skills.erase(rule.skill);
      } else {
        skills[rule.skill] = *level;
      }
    }
    if (!change.changes.empty()) plan_.changes.push_back(std::move(change));
  }

  const AssessmentMap& map_;
  const std::string& name_;
  std::map<std::string, const v1::AgentStatus*> agents_;  // Null: several have that name.
  std::vector<std::string> headings_;
  size_t agent_column_ = 0;
  std::vector<size_t> columns_;  // By rule.
  std::map<std::string, int> lines_;
  std::vector<std::string> faults_;
  AssessmentPlan plan_;
};

}  // namespace

absl::StatusOr<AssessmentMap> parse_assessment_map(std::string_view text, const std::string& name) {
  return MapParser(name).parse(text);
}

absl::StatusOr<AssessmentPlan> plan_assessment(const AssessmentMap& map,
                                               std::span<const CsvRecord> records,
                                               const std::string& name,
                                               const v1::ListAgentsResponse& agents,
                                               std::span<const std::string> declared) {
  return Planner(map, name, agents).plan(records, declared);
}

}  // namespace acd::acdctl
