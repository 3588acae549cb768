// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/agents_import.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clients/acdctl/assessment.h"
#include "clients/acdctl/json.h"
#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/views.h"
#include "daemon/config/config_file.h"
#include "daemon/config/yaml_tree.h"

namespace acd::acdctl {
namespace {

// Of one request, well within what the daemon takes.
constexpr size_t kImportAgentsPerRequest = 1'000;
constexpr size_t kImportBytesPerRequest = 512 << 10;

absl::StatusOr<std::string> read_local(const std::string& path) {
  absl::StatusOr<std::string> text = read_config_text(path);
  if (!text.ok()) return absl::DataLossError(text.status().message());
  if (text->size() > kConfigFileBytesMax) {
    return absl::DataLossError(
        absl::StrCat(path, ": is larger than ", kConfigFileBytesMax, " bytes"));
  }
  return text;
}

absl::StatusOr<AssessmentPlan> make_plan(Client& client, const Arguments& arguments,
                                         const std::string& tenant) {
  const absl::StatusOr<std::string> map_text = read_local(arguments.mapping);
  if (!map_text.ok()) return map_text.status();
  const absl::StatusOr<AssessmentMap> map = parse_assessment_map(*map_text, arguments.mapping);
  if (!map.ok()) return absl::DataLossError(map.status().message());
  const std::string& path = arguments.words[0];
  const absl::StatusOr<std::string> text = read_local(path);
  if (!text.ok()) return text.status();
  const absl::StatusOr<std::vector<CsvRecord>> records = parse_csv(*text, map->separator);
  if (!records.ok()) {
    return absl::DataLossError(absl::StrCat(path, ": ", std::string(records.status().message())));
  }
  const absl::StatusOr<v1::TenantConfig> config = client.config(tenant);
  if (!config.ok()) return config.status();
  const absl::StatusOr<v1::ListAgentsResponse> agents = client.agents(tenant);
  if (!agents.ok()) return agents.status();
  const std::vector<std::string> declared(config->skills().begin(), config->skills().end());
  return plan_assessment(*map, *records, path, *agents, declared);
}

// The changed agents, as many in each as one request takes, which names the skills that change. Those
// are the same of all in it: what does not change of an agent may meanwhile by somebody else.
std::vector<v1::UpsertAgentsRequest> requests_of(const AssessmentPlan& plan,
                                                 const std::string& tenant) {
  std::map<std::set<std::string>, std::vector<const v1::Agent*>> agents_by_skills;
  for (const AgentChange& change : plan.changes) {
    std::set<std::string> skills;
    for (const SkillChange& one : change.changes) skills.insert(one.skill);
    agents_by_skills[skills].push_back(&change.agent);
  }
  std::vector<v1::UpsertAgentsRequest> requests;
  for (const auto& [skills, agents] : agents_by_skills) {
    size_t bytes = kImportBytesPerRequest;  // The first begins a request.
    for (const v1::Agent* const agent : agents) {
      const size_t size = agent->ByteSizeLong();
      if (bytes + size > kImportBytesPerRequest ||
          static_cast<size_t>(requests.back().agents_size()) == kImportAgentsPerRequest) {
        requests.emplace_back().set_parent(tenant);
        for (const std::string& skill : skills) {
          requests.back().mutable_update_mask()->add_paths("skills." + skill);
        }
        bytes = 0;
      }
      bytes += size;
      *requests.back().add_agents() = *agent;
    }
  }
  return requests;
}

// All are checked before the first is sent, so that what the daemon refuses changes nothing.
absl::Status send(Client& client, const Arguments& arguments, const AssessmentPlan& plan,
                  const std::string& tenant) {
  std::vector<v1::UpsertAgentsRequest> requests = requests_of(plan, tenant);
  for (v1::UpsertAgentsRequest& request : requests) {
    request.set_validate_only(true);
    const auto checked = client.upsert(request);
    if (!checked.ok()) return checked.status();
    request.set_validate_only(false);
  }
  if (arguments.is_dry_run) return absl::OkStatus();
  int done = 0;
  for (v1::UpsertAgentsRequest& request : requests) {
    request.set_request_id(make_request_id());
    const auto upserted = client.upsert(request);
    if (!upserted.ok()) {
      return absl::Status(upserted.status().code(),
                          absl::StrCat("after ", done, " of ", plan.changes.size(),
                                       " agents: ", std::string(upserted.status().message()),
                                       "; the same command again goes on with the others"));
    }
    done += request.agents_size();
  }
  return absl::OkStatus();
}

std::string level_text(int level) { return level == kNoLevel ? "-" : absl::StrCat(level); }

std::string changes_text(const AssessmentPlan& plan) {
  Table table = Table::without_titles({Align::kLeft, Align::kLeft});
  for (const AgentChange& change : plan.changes) {
    std::string text;
    for (const SkillChange& one : change.changes) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", one.skill, " ", level_text(one.before),
                      " -> ", level_text(one.after));
    }
    table.add_row({{std::string(short_name(change.agent.name()))}, {text}});
  }
  return table.render(false);
}

std::string plan_json(const AssessmentPlan& plan, bool is_applied) {
  std::string list;
  for (const AgentChange& change : plan.changes) {
    std::string skills;
    for (const SkillChange& one : change.changes) {
      absl::StrAppend(&skills, skills.empty() ? "" : ",", "{\"skill\":", json_string(one.skill),
                      ",\"before\":", one.before, ",\"after\":", one.after, "}");
    }
    absl::StrAppend(&list, list.empty() ? "" : ",",
                    "{\"agent\":", json_string(short_name(change.agent.name())), ",\"changes\":[",
                    skills, "]}");
  }
  return absl::StrCat("{\"agents\":[", list, "],\"scored\":", plan.agents,
                      ",\"changed\":", plan.changes.size(),
                      ",\"applied\":", is_applied ? "true" : "false", "}\n");
}

}  // namespace

ExitCode run_agents_import(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const absl::StatusOr<AssessmentPlan> plan = make_plan(client, arguments, *tenant);
  if (!plan.ok()) return fail(console, plan.status());
  const absl::Status sent = send(client, arguments, *plan, *tenant);
  if (!sent.ok()) return fail(console, sent);
  if (arguments.is_json) return print(console, plan_json(*plan, !arguments.is_dry_run));
  const size_t stay = plan->agents - plan->changes.size();
  return print(
      console,
      absl::StrCat(
          changes_text(*plan), count_text(static_cast<int64_t>(plan->changes.size()), "agent"),
          arguments.is_dry_run ? " would be changed (dry run: nothing is), " : " changed, ", stay,
          " as they were\n"));
}

}  // namespace acd::acdctl
