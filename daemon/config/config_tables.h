// SPDX-License-Identifier: Apache-2.0
// From public messages to the Router's tables, with every rule checked.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "routing/tenant_config.h"

namespace acd {

// Violations that one check lists; when there are more, one further entry says so.
inline constexpr size_t kViolationsMax = 1'000;

// One thing wrong: the path of the field ("queues[2].requirement") and what would be right.
struct Violation {
  std::string field;
  std::string description;
};

// Everything wrong with `config`, in the order of its fields; empty when it is good.
[[nodiscard]] std::vector<Violation> validate_config(const v1::TenantConfig& config);

// Everything wrong with `agents` for a tenant with that (valid) configuration; paths
// "agents[i]...".
[[nodiscard]] std::vector<Violation> validate_agents(std::span<const v1::Agent> agents,
                                                     const v1::TenantConfig& config);

// Its zone and those of its calendars that this machine does not know. Apart from the other rules, which say
// the same on every machine: what was good where it came into force stays good where it is replayed.
[[nodiscard]] std::vector<Violation> validate_zones(const v1::TenantConfig& config);

// The teams of `config` that no one of `agents` is in, and the agents whom its limits call that are
// not among them, or are in no team that serves the queue. For a file, which has both; agents that
// come later may mend it. Members who are named one by one may always come later.
[[nodiscard]] std::vector<Violation> validate_targets(const v1::TenantConfig& config,
                                                      std::span<const v1::Agent> agents);

// REQUIRES: validate_config() found nothing.
[[nodiscard]] TenantConfig to_tables(const v1::TenantConfig& config);

// REQUIRES: validate_agents() found nothing.
[[nodiscard]] AgentProfile to_profile(const v1::Agent& agent);

// Voice where it is not said.
[[nodiscard]] Medium to_medium(v1::Medium medium);

// Bytes of a configuration in protobuf's wire format.
inline constexpr size_t kConfigBytesMax = size_t{16} << 20;

// Checksum over the configuration without its etag: FNV-1a (64 bits) of the message in protobuf's
// wire format, written deterministically, as 16 hexadecimal digits.
[[nodiscard]] std::string config_etag(const v1::TenantConfig& config);

// The same over a list of agents, and what of them a request changes.
[[nodiscard]] std::string agents_checksum(std::span<const v1::Agent> agents,
                                          const google::protobuf::FieldMask& mask = {});

// The same over what a supervisor says of a queue, without request_id and validate_only.
[[nodiscard]] std::string override_checksum(const v1::OverrideQueueRequest& request);

// "bank" of "tenants/bank"; empty when `name` is not of that form.
[[nodiscard]] std::string_view tenant_id_of(std::string_view name);

// The id of "tenants/{tenant}/{collection}/{id}" under `tenant`; empty when `name` is not of that
// form.
[[nodiscard]] std::string_view resource_id_of(std::string_view name, std::string_view tenant,
                                              std::string_view collection);

// Whether `id` is 1..64 of a-z A-Z 0-9 . _ -
[[nodiscard]] bool is_resource_id(std::string_view id);

}  // namespace acd
