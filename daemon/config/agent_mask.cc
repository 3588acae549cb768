// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/agent_mask.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/config/text.h"

namespace acd {
namespace {

constexpr std::string_view kSkillPrefix = "skills.";

std::string path_at(int index) { return absl::StrCat("update_mask.paths[", index, "]"); }

bool is_of_skill(std::string_view path) { return path.starts_with(kSkillPrefix); }

// False: it is no field of an agent.
bool take_path(std::string_view path, AgentMask* mask) {
  if (path == "name") return true;  // Says who it is.
  if (is_of_skill(path)) {
    mask->skill_ids.emplace_back(path.substr(kSkillPrefix.size()));
    return is_resource_id(mask->skill_ids.back());
  }
  const std::pair<std::string_view, bool*> fields[] = {{"display_name", &mask->display_name},
                                                       {"team", &mask->team},
                                                       {"media", &mask->media},
                                                       {"skills", &mask->skills}};
  const auto* const found =
      std::ranges::find(fields, path, &std::pair<std::string_view, bool*>::first);
  if (found == std::end(fields)) return false;
  *found->second = true;
  return true;
}

bool names_skill(const AgentMask& mask, std::string_view id) {
  return mask.skills || std::ranges::binary_search(mask.skill_ids, id);
}

// The name for people, which the Router does not keep, is marked as kept where it is not named.
AgentProfile merge(AgentProfile present, const AgentProfile& sent, const AgentMask& mask) {
  present.keeps_display_name = !mask.display_name;
  present.display_name = sent.display_name;
  if (mask.team) present.team = sent.team;
  if (mask.media) present.media = sent.media;
  std::erase_if(present.skills, [&](const auto& one) { return names_skill(mask, one.first); });
  present.skills.insert(present.skills.end(), sent.skills.begin(), sent.skills.end());
  std::ranges::sort(present.skills);
  return present;
}

}  // namespace

AgentMask read_agent_mask(const google::protobuf::FieldMask& mask,
                          std::vector<Violation>* violations) {
  AgentMask read;
  if (mask.paths_size() > kAgentMaskPathsMax) {
    violations->push_back(
        {"update_mask", absl::StrCat("has ", mask.paths_size(), " paths; at most ",
                                     kAgentMaskPathsMax, " are allowed")});
    return read;
  }
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return read;
  read.is_whole = mask.paths().empty();
  for (int i = 0; i < mask.paths_size(); ++i) {
    if (take_path(mask.paths(i), &read)) continue;
    violations->push_back(
        {path_at(i),
         absl::StrCat("is ", quote(mask.paths(i)),
                      "; must be display_name, team, media, skills or skills.ID, or * alone")});
  }
  std::ranges::sort(read.skill_ids);
  const auto repeated = std::ranges::unique(read.skill_ids);
  read.skill_ids.erase(repeated.begin(), repeated.end());
  return read;
}

void clear_unnamed(const AgentMask& mask, v1::Agent* agent) {
  if (mask.is_whole) return;
  if (!mask.display_name) agent->clear_display_name();
  if (!mask.team) agent->clear_team();
  if (!mask.media) agent->clear_media();
  std::vector<std::string> unnamed;
  for (const auto& [skill, level] : agent->skills()) {
    if (!names_skill(mask, skill)) unnamed.push_back(skill);
  }
  for (const std::string& skill : unnamed) agent->mutable_skills()->erase(skill);
}

std::vector<Violation> validate_mask(const google::protobuf::FieldMask& mask,
                                     const v1::TenantConfig& config) {
  std::vector<std::string_view> declared(config.skills().begin(), config.skills().end());
  std::ranges::sort(declared);
  std::vector<Violation> found;
  for (int i = 0; i < mask.paths_size() && found.size() < kViolationsMax; ++i) {
    const std::string_view path = mask.paths(i);
    if (!is_of_skill(path)) continue;
    const std::string_view skill = path.substr(kSkillPrefix.size());
    if (std::ranges::binary_search(declared, skill)) continue;
    found.push_back({path_at(i), absl::StrCat("names the skill ", quote(skill),
                                              ", which is not declared in skills")});
  }
  return found;
}

std::vector<AgentProfile> merge_profiles(const Router& router,
                                         const google::protobuf::RepeatedPtrField<v1::Agent>& sent,
                                         const AgentMask& mask) {
  std::vector<AgentProfile> merged;
  for (const v1::Agent& agent : sent) {
    AgentProfile profile = to_profile(agent);
    const AgentIndex known = mask.is_whole ? AgentIndex() : router.find_agent(profile.id);
    merged.push_back(known.valid() ? merge(router.profile_of(known), profile, mask)
                                   : std::move(profile));
  }
  return merged;
}

}  // namespace acd
