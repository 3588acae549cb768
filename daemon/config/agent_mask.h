// SPDX-License-Identifier: Apache-2.0
// Which fields of agents a request changes; the others stay as they are.
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <string>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/config_tables.h"
#include "routing/router.h"
#include "routing/tenant_config.h"

namespace acd {

// Paths of one mask: more than there are skills.
inline constexpr int kAgentMaskPathsMax = 1'100;

struct AgentMask {
  bool is_whole = true;  // No mask, or "*": agents are replaced.
  bool display_name = false;
  bool team = false;
  bool media = false;
  bool skills = false;                 // All of them; else those of these ids:
  std::vector<std::string> skill_ids;  // Sorted, each once.
};

// Of paths that are no field of an agent, and of too many, `violations` says so.
[[nodiscard]] AgentMask read_agent_mask(const google::protobuf::FieldMask& mask,
                                        std::vector<Violation>* violations);

// Clears what the mask does not name; the name stays.
void clear_unnamed(const AgentMask& mask, v1::Agent* agent);

// The skills that a mask names and a tenant with that configuration has not declared.
[[nodiscard]] std::vector<Violation> validate_mask(const google::protobuf::FieldMask& mask,
                                                   const v1::TenantConfig& config);

// What `router` is to be given: the named fields as sent, the others as it has them, or by default of
// who is new.
[[nodiscard]] std::vector<AgentProfile> merge_profiles(
    const Router& router, const google::protobuf::RepeatedPtrField<v1::Agent>& sent,
    const AgentMask& mask);

}  // namespace acd
