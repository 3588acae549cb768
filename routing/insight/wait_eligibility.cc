// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/wait_eligibility.h"

#include <algorithm>
#include <variant>

#include "routing/check.h"

namespace acd {

void ServingRules::configure(const TenantConfig& config) {
  call_order_ = config.call_order;
  skills_.clear();
  for (const std::string& skill : config.skills) {
    skills_.emplace(skill, SkillIndex(static_cast<uint32_t>(skills_.size())));
  }
  const auto find_skill = [this](std::string_view name) {
    const auto known = skills_.find(name);
    return known == skills_.end() ? SkillIndex() : known->second;
  };
  rules_.clear();
  for (const QueueConfig& queue : config.queues) {
    ServingRule& rule = rules_[queue.id];
    rule.order = {config.call_order, queue.age_rate, queue.objective_ns};
    rule.priority = queue.priority;
    auto needs = parse_requirement(queue.requirement, find_skill);
    ACD_CHECK(std::holds_alternative<Requirement>(needs));
    rule.needs = std::get<Requirement>(std::move(needs));
    rule.is_for_all = queue.members_all;
    for (const MemberConfig& member : queue.members) {
      (member.kind == MemberConfig::Kind::kAgent ? rule.agents : rule.teams).insert(member.id);
    }
  }
}

const ServingRule* ServingRules::find(std::string_view queue) const {
  const auto known = rules_.find(queue);
  return known == rules_.end() ? nullptr : &known->second;
}

std::vector<SkillLevel> ServingRules::levels_of(const AgentView& agent) const {
  std::vector<SkillLevel> levels;
  levels.reserve(agent.skills.size());
  for (const auto& [skill, level] : agent.skills) {
    const auto known = skills_.find(skill);
    if (known == skills_.end()) continue;  // The configuration no longer declares it.
    levels.push_back({known->second, static_cast<uint8_t>(level)});
  }
  std::ranges::sort(levels);
  return levels;
}

bool may_serve(const ServingRule& rule, const AgentView& agent,
               const std::vector<SkillLevel>& levels, MediaMask media) {
  if ((agent.media.capable() & agent.station_media & media) == 0) return false;
  if (!rule.is_for_all && !rule.agents.contains(agent.id) &&
      (agent.team.empty() || !rule.teams.contains(agent.team))) {
    return false;
  }
  return satisfies(levels, rule.needs);
}

}  // namespace acd
