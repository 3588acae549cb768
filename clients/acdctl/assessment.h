// SPDX-License-Identifier: Apache-2.0
// From the scores of a talent assessment to the skill levels of agents.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "clients/acdctl/csv.h"

namespace acd::acdctl {

// No level: an agent who has that has not the skill.
inline constexpr int kNoLevel = 0;
// Faults of a file that are listed; of more it says how many.
inline constexpr size_t kScoreFaultsMax = 20;
// Columns that a mapping may read.
inline constexpr size_t kScoreRulesMax = 100;

// Percentiles up to this one, from that of the range before on.
struct PercentileRange {
  int up_to = 100;  // 0..100
  int level = kNoLevel;
};

// What one column of scores says of one skill.
struct ScoreRule {
  int line = 0;  // In the mapping.
  std::string column;
  std::string skill;
  std::optional<std::array<int, 3>> bands;   // Levels of low, mid and high.
  std::vector<PercentileRange> percentiles;  // Rising, the last up to 100; empty: none.
  bool keeps_missing = false;                // Without a score the level stays; else it is a fault.
};

// How a file of scores is read. deploy/assessment.sample.yaml explains every key.
struct AssessmentMap {
  std::string path;
  char separator = ',';
  std::string agent_column;
  bool is_by_name = false;  // The column has display names, not ids.
  std::vector<ScoreRule> rules;
};

// Reads a mapping; INVALID_ARGUMENT with a line for each fault: "NAME:LINE: FIELD: ...".
[[nodiscard]] absl::StatusOr<AssessmentMap> parse_assessment_map(std::string_view text,
                                                                 const std::string& name);

struct SkillChange {
  std::string skill;
  int before = kNoLevel;
  int after = kNoLevel;
};

// An agent whom the scores change.
struct AgentChange {
  v1::Agent agent;  // As it is to be, whole.
  std::vector<SkillChange> changes;
};

struct AssessmentPlan {
  size_t agents = 0;  // With scores.
  std::vector<AgentChange> changes;
};

// What the scores in `records`, whose first has the headings, make of `agents`. Skills that no rule
// is about stay. DATA_LOSS with a line for each fault, "NAME:LINE: column 3 (english): ...": then
// nothing is planned. `declared` are the tenant's skills.
[[nodiscard]] absl::StatusOr<AssessmentPlan> plan_assessment(const AssessmentMap& map,
                                                             std::span<const CsvRecord> records,
                                                             const std::string& name,
                                                             const v1::ListAgentsResponse& agents,
                                                             std::span<const std::string> declared);

}  // namespace acd::acdctl
