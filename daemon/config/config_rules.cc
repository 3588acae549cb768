// SPDX-License-Identifier: Apache-2.0
// Every rule of a configuration and of seeded agents, as config_service.proto states them.
#include "daemon/config/config_tables.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <set>

#include "daemon/config/findings.h"
#include "daemon/config/text.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr int32_t kFailuresInARowMin = 1;

// Ids that are each there once.
IndexById check_ids(const google::protobuf::RepeatedPtrField<std::string>& ids, size_t max,
                    const char* list, Findings& findings) {
  IndexById declared;
  const int count = check_count(ids.size(), max, list, findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const std::string field = absl::StrCat(list, "[", i, "]");
    if (!is_resource_id(ids[i])) {
      findings.add(field, absl::StrCat("must be ", kIdRule, "; is ", quote(ids[i])));
      continue;
    }
    const auto [entry, added] = declared.emplace(ids[i], i);
    if (!added) {
      findings.add(field, absl::StrCat("repeats ", list, "[", entry->second, "], ", quote(ids[i])));
    }
  }
  return declared;
}

// The names of all queues or calendars, so that each may be referred to.
template <typename Resources>
IndexById names_of(const Resources& resources) {
  IndexById names;
  for (int i = 0; i < resources.size(); ++i) names.emplace(resources.Get(i).name(), i);
  return names;
}

void check_queues(const v1::TenantConfig& config, const TenantNames& names, Findings& findings) {
  const int count = check_count(config.queues_size(), kQueuesMax, "queues", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Queue& queue = config.queues(i);
    const std::string path = absl::StrCat("queues[", i, "]");
    check_name(queue.name(), names.tenant, "queues", path + ".name", findings);
    const int first = names.queues.at(queue.name());
    if (first != i && !queue.name().empty()) {
      findings.add(path + ".name",
                   absl::StrCat("repeats queues[", first, "], ", quote(queue.name())));
    }
    check_queue(queue, names, path, findings);
  }
}

void check_protects(const v1::TenantConfig& config, const TenantNames& names, Findings& findings) {
  const int count = check_count(config.protects_size(), kProtectsMax, "protects", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::ProtectRule& rule = config.protects(i);
    const std::string path = absl::StrCat("protects[", i, "]");
    check_skill(rule.skill(), names, path + ".skill", findings);
    const auto [entry, added] = seen.emplace(rule.skill(), i);
    if (!added && !rule.skill().empty()) {
      findings.add(path + ".skill",
                   absl::StrCat("repeats protects[", entry->second, "], ", quote(rule.skill())));
    }
    if (rule.has_ready_max()) {
      check_int32(rule.ready_max(), {1, kProtectReadyMax}, path + ".ready_max", findings);
    }
  }
}

// A switch's name within the tenant.
void check_switch(const std::string& id, const std::string& path, Findings& findings) {
  if (id.empty()) {
    findings.add(path, "is required: the source_id of a switch");
  } else if (id.size() > kIdBytesMax || !is_text(id)) {
    findings.add(path, absl::StrCat("must be 1..", kIdBytesMax,
                                    " bytes of valid UTF-8 without control characters"));
  }
}

void check_reach(const v1::TenantConfig& config, Findings& findings) {
  const int count = check_count(config.reach_size(), kReachRulesMax, "reach", findings);
  std::map<std::pair<std::string, std::string>, int> seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::ReachRule& rule = config.reach(i);
    const std::string path = absl::StrCat("reach[", i, "]");
    check_switch(rule.from(), path + ".from", findings);
    check_switch(rule.to(), path + ".to", findings);
    if (rule.from() == rule.to() && !rule.to().empty()) {
      findings.add(path + ".to", absl::StrCat("is ", quote(rule.to()),
                                              " itself, which always reaches its own stations"));
    }
    const auto [entry, added] = seen.emplace(std::pair(rule.from(), rule.to()), i);
    if (!added && !rule.from().empty() && !rule.to().empty()) {
      findings.add(path, absl::StrCat("repeats reach[", entry->second, "], ", quote(rule.from()),
                                      " to ", quote(rule.to())));
    }
    if (rule.dial_prefix().size() > kDialPrefixBytesMax || !is_text(rule.dial_prefix())) {
      findings.add(path + ".dial_prefix",
                   absl::StrCat("must be at most ", kDialPrefixBytesMax,
                                " bytes of valid UTF-8 without control characters"));
    }
  }
}

void check_drains(const v1::TenantConfig& config, const TenantNames& names, Findings& findings) {
  const int count = check_count(config.drains_size(), kQueuesMax, "drains", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Drain& drain = config.drains(i);
    const std::string path = absl::StrCat("drains[", i, "]");
    check_name(drain.queue(), names.tenant, "queues", path + ".queue", findings);
    if (names.queues.contains(drain.queue())) {
      findings.add(path + ".queue", absl::StrCat("the queue is still there: ", quote(drain.queue()),
                                                 "; leave it out of queues, or do not drain it"));
    }
    const auto [entry, added] = seen.emplace(drain.queue(), i);
    if (!added && !drain.queue().empty()) {
      findings.add(path + ".queue",
                   absl::StrCat("repeats drains[", entry->second, "], ", quote(drain.queue())));
    }
    check_queue_name(drain.target(), names, path + ".target", findings);
  }
}

void check_teams(const v1::TenantConfig& config, std::string_view tenant, Findings& findings) {
  const int count = check_count(config.teams_size(), kTeamsMax, "teams", findings);
  IndexById seen;
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Team& team = config.teams(i);
    const std::string path = absl::StrCat("teams[", i, "]");
    check_team(team.id(), path + ".id", findings);
    const auto [entry, added] = seen.emplace(team.id(), i);
    if (!added) {
      findings.add(path + ".id",
                   absl::StrCat("repeats teams[", entry->second, "], ", quote(team.id())));
    }
    const int supervisors =
        check_count(team.supervisors_size(), kTeamSupervisorsMax, path + ".supervisors", findings);
    IndexById named;
    for (int j = 0; j < supervisors && !findings.full(); ++j) {
      const std::string field = absl::StrCat(path, ".supervisors[", j, "]");
      check_name(team.supervisors(j), tenant, "agents", field, findings);
      const auto [first, is_new] = named.emplace(team.supervisors(j), j);
      if (!is_new) {
        findings.add(field, absl::StrCat("repeats ", path, ".supervisors[", first->second, "], ",
                                         quote(team.supervisors(j))));
      }
    }
  }
}

// What follows the queues in the message.
void check_tenant(const v1::TenantConfig& config, const TenantNames& names, Findings& findings) {
  if (config.has_switch_grace()) {
    check_duration(config.switch_grace(), {0, kSwitchGraceMaxNs}, "switch_grace", findings);
  }
  if (config.has_agent_grace()) {
    check_duration(config.agent_grace(), {0, kAgentGraceMaxNs}, "agent_grace", findings);
  }
  if (config.has_arrival_ack_timeout()) {
    check_duration(config.arrival_ack_timeout(), {kArrivalAckTimeoutMinNs, kArrivalAckTimeoutMaxNs},
                   "arrival_ack_timeout", findings);
  }
  if (config.has_busy_limit()) {
    check_duration(config.busy_limit(), {kBusyLimitMinNs, kBusyLimitMaxNs}, "busy_limit", findings);
  }
  constexpr Int32Range kFailuresInARow = {kFailuresInARowMin, kFailuresInARowLimit};
  if (config.has_rejects_max()) {
    check_int32(config.rejects_max(), kFailuresInARow, "rejects_max", findings);
  }
  if (config.has_no_answers_max()) {
    check_int32(config.no_answers_max(), kFailuresInARow, "no_answers_max", findings);
  }
  if (!v1::CallOrder_IsValid(config.call_order())) {
    findings.add("call_order", absl::StrCat("is ", static_cast<int>(config.call_order()),
                                            ", which is no CallOrder"));
  }
  check_protects(config, names, findings);
  if (config.has_decay_half_life()) {
    check_duration(config.decay_half_life(), {kDecayHalfLifeMinNs, kDecayHalfLifeMaxNs},
                   "decay_half_life", findings);
  }
  if (config.has_random_seed() && config.random_seed() < 0) {
    findings.add("random_seed", absl::StrCat("must be 0 or more, is ", config.random_seed()));
  }
  if (config.has_overflows_max()) {
    check_int32(config.overflows_max(), {0, kOverflowsMaxLimit}, "overflows_max", findings);
  }
  check_teams(config, names.tenant, findings);
  if (config.has_transfers_max()) {
    check_int32(config.transfers_max(), {0, kTransfersMaxLimit}, "transfers_max", findings);
  }
  if (config.has_transfer_wait()) {
    check_duration(config.transfer_wait(), {kTransferWaitMinNs, kTransferWaitMaxNs},
                   "transfer_wait", findings);
  }
  if (!config.time_zone().empty()) check_zone(config.time_zone(), "time_zone", findings);
  check_reach(config, findings);
  check_drains(config, names, findings);
  check_calendars(config, names, findings);
}

// A list of media that stands with one.
void check_others(const google::protobuf::RepeatedField<int>& others, v1::Medium own,
                  const std::string& path, Findings& findings) {
  for (int i = 0; i < others.size(); ++i) {
    const std::string field = absl::StrCat(path, "[", i, "]");
    if (!v1::Medium_IsValid(others[i]) || others[i] == v1::MEDIUM_UNSPECIFIED) {
      findings.add(field, absl::StrCat("is ", others[i], ", which is no Medium"));
    } else if (others[i] == own) {
      findings.add(field, "is the medium itself, which `capacity` limits");
    } else if (std::find(others.begin(), others.begin() + i, others[i]) != others.begin() + i) {
      findings.add(field, "is there twice");
    }
  }
}

void check_media(const v1::Agent& agent, const std::string& path, Findings& findings) {
  std::set<int> seen;
  bool takes_any = agent.media().empty();
  for (int i = 0; i < agent.media_size(); ++i) {
    const v1::MediumRule& rule = agent.media(i);
    const std::string field = absl::StrCat(path, ".media[", i, "]");
    if (!v1::Medium_IsValid(rule.medium()) || rule.medium() == v1::MEDIUM_UNSPECIFIED) {
      findings.add(field + ".medium", "is required: voice, chat, email, callback or task");
    } else if (!seen.insert(rule.medium()).second) {
      findings.add(field + ".medium", "is there twice");
    }
    if (rule.has_capacity()) {
      check_int32(rule.capacity(), {0, kMediumCapacityMax}, field + ".capacity", findings);
    }
    takes_any = takes_any || !rule.has_capacity() || rule.capacity() > 0;
    check_others(rule.excludes(), rule.medium(), field + ".excludes", findings);
    check_others(rule.interrupted_by(), rule.medium(), field + ".interrupted_by", findings);
  }
  if (!takes_any) findings.add(path + ".media", "leaves nothing: every capacity is 0");
}

void check_agent(const v1::Agent& agent, std::string_view tenant, const IndexById& declared,
                 const std::string& path, Findings& findings) {
  check_name(agent.name(), tenant, "agents", path + ".name", findings);
  // Sorted, so that the same message gives the same list on every run.
  const std::map<std::string_view, int32_t> skills(agent.skills().begin(), agent.skills().end());
  for (const auto& [skill, level] : skills) {
    if (findings.full()) return;
    const bool known = declared.contains(skill);
    if (known && level >= kSkillLevelMin && level <= kSkillLevelMax) continue;
    const std::string field = absl::StrCat(path, ".skills[", quote(skill), "]");
    if (!known) findings.add(field, "the tenant declares no such skill");
    check_int32(level, {kSkillLevelMin, kSkillLevelMax}, field, findings);
  }
  if (agent.display_name().size() > kDisplayNameBytesMax) {
    findings.add(path + ".display_name", absl::StrCat("must be 0 to ", kDisplayNameBytesMax,
                                                      " bytes, has ", agent.display_name().size()));
  } else if (!is_text(agent.display_name())) {
    findings.add(path + ".display_name", "must be valid UTF-8 without control characters; is " +
                                             quote(agent.display_name()));
  }
  if (!agent.team().empty()) check_team(agent.team(), path + ".team", findings);
  check_media(agent, path, findings);
}

// Where the configuration names a team or an agent.
struct Target {
  std::string field;
  const std::string& name;
};

// From the resource name of an agent to their team.
using TeamByAgent = std::map<std::string_view, std::string_view>;

std::vector<Target> limit_agents(const v1::QueueLimits& limits, const std::string& path) {
  std::vector<Target> agents;
  const auto add = [&](const v1::LimitAction& action, const char* limit) {
    if (!action.has_agent()) return;
    agents.push_back({absl::StrCat(path, ".limits.", limit, ".agent"), action.agent()});
  };
  add(limits.closed(), "closed");
  add(limits.no_agents(), "no_agents");
  add(limits.none_ready(), "none_ready");
  add(limits.length().action(), "length.action");
  add(limits.ewt().action(), "ewt.action");
  add(limits.wait().action(), "wait.action");
  add(limits.offers().action(), "offers.action");
  return agents;
}

std::vector<Target> queue_teams(const v1::Queue& queue, const std::string& path) {
  std::vector<Target> teams;
  for (int i = 0; i < queue.members().entries_size(); ++i) {
    const v1::Member& member = queue.members().entries(i);
    if (!member.has_team()) continue;
    teams.push_back({absl::StrCat(path, ".members.entries[", i, "].team"), member.team()});
  }
  for (int i = 0; i < queue.steps_size(); ++i) {
    if (!queue.steps(i).has_open_team()) continue;
    teams.push_back({absl::StrCat(path, ".steps[", i, "].open_team"), queue.steps(i).open_team()});
  }
  return teams;
}

void check_limit_agents(const v1::Queue& queue, const std::string& path, const TeamByAgent& agents,
                        std::string_view tenant, Findings& findings) {
  for (const Target& target : limit_agents(queue.limits(), path)) {
    const std::string_view id = resource_id_of(target.name, tenant, "agents");
    if (id.empty()) continue;  // A malformed name, reported already.
    const auto agent = agents.find(target.name);
    if (agent == agents.end()) {
      findings.add(target.field, absl::StrCat("there is no agent ", quote(id)));
    } else if (names_teams(queue) && !may_be_member(target.name, agent->second, queue)) {
      findings.add(target.field, absl::StrCat(kNoMember, quote(target.name)));
    }
  }
}

}  // namespace

std::vector<Violation> validate_config(const v1::TenantConfig& config) {
  Findings findings;
  TenantNames names;
  names.tenant = tenant_id_of(config.name());
  if (config.name().empty()) {
    findings.add("name", "is required");
  } else if (names.tenant.empty()) {
    findings.add("name", absl::StrCat("must be tenants/{tenant}, the id ", kIdRule, "; is ",
                                      quote(config.name())));
  }
  names.skills = check_ids(config.skills(), kSkillsMax, "skills", findings);
  names.wrap_up_codes =
      check_ids(config.wrap_up_codes(), kWrapUpCodesMax, "wrap_up_codes", findings);
  static_cast<void>(check_ids(config.labels(), kLabelsMax, "labels", findings));
  names.queues = names_of(config.queues());
  names.calendars = names_of(config.calendars());
  check_queues(config, names, findings);
  check_tenant(config, names, findings);
  if (const size_t size = config.ByteSizeLong(); size > kConfigBytesMax) {
    findings.add("queues", absl::StrCat("make the configuration ", size, " bytes large; at most ",
                                        kConfigBytesMax, " are allowed"));
  }
  return findings.take();
}

std::vector<Violation> validate_agents(std::span<const v1::Agent> agents,
                                       const v1::TenantConfig& config) {
  Findings findings;
  const std::string_view tenant = tenant_id_of(config.name());
  IndexById declared;
  for (int i = 0; i < config.skills_size(); ++i) declared.emplace(config.skills(i), i);
  if (agents.size() > kAgentsMax) {
    findings.add("agents", absl::StrCat("has ", agents.size(), " entries, at most ", kAgentsMax,
                                        " are allowed"));
    agents = agents.first(kAgentsMax);
  }
  IndexById seen;
  for (size_t i = 0; i < agents.size() && !findings.full(); ++i) {
    const v1::Agent& agent = agents[i];
    const std::string path = absl::StrCat("agents[", i, "]");
    const auto [entry, added] = seen.emplace(agent.name(), static_cast<int>(i));
    if (!added && !agent.name().empty()) {
      findings.add(path + ".name",
                   absl::StrCat("repeats agents[", entry->second, "], ", quote(agent.name())));
    }
    check_agent(agent, tenant, declared, path, findings);
  }
  return findings.take();
}

std::vector<Violation> validate_targets(const v1::TenantConfig& config,
                                        std::span<const v1::Agent> agents) {
  Findings findings;
  const std::string_view tenant = tenant_id_of(config.name());
  std::set<std::string_view> teams;
  TeamByAgent team_by_agent;
  for (const v1::Agent& agent : agents) {
    if (!agent.team().empty()) teams.insert(agent.team());
    team_by_agent.emplace(agent.name(), agent.team());
  }
  for (int i = 0; i < config.queues_size() && !findings.full(); ++i) {
    const v1::Queue& queue = config.queues(i);
    const std::string path = absl::StrCat("queues[", i, "]");
    for (const Target& target : queue_teams(queue, path)) {
      // An empty id is malformed, reported already.
      if (target.name.empty() || teams.contains(target.name)) continue;
      findings.add(target.field, absl::StrCat("no agent is in the team ", quote(target.name)));
    }
    check_limit_agents(queue, path, team_by_agent, tenant, findings);
  }
  return findings.take();
}

}  // namespace acd
