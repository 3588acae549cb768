// SPDX-License-Identifier: Apache-2.0
// Conversion of valid public messages to the Router's tables, and the names of resources.
#include "daemon/config/config_tables.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <utility>

#include "routing/check.h"
#include "routing/hash64.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr std::string_view kTenants = "tenants/";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

int64_t to_ns(const google::protobuf::Duration& duration) {
  return duration.seconds() * kNsPerS + duration.nanos();
}

WrapUpMode to_mode(v1::WrapUpMode mode) {
  switch (mode) {
    case v1::WRAP_UP_MODE_UNSPECIFIED:
    case v1::WRAP_UP_MODE_NONE:
      return WrapUpMode::kNone;
    case v1::WRAP_UP_MODE_TIMED:
      return WrapUpMode::kTimed;
    case v1::WRAP_UP_MODE_MANUAL:
      return WrapUpMode::kManual;
    case v1::WrapUpMode_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WrapUpMode_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated WrapUpMode", __FILE__, __LINE__);
}

ServiceLevelVariant to_variant(v1::ServiceLevelVariant variant) {
  switch (variant) {
    case v1::SERVICE_LEVEL_VARIANT_UNSPECIFIED:
    case v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE:
      return ServiceLevelVariant::kAbandonedNegative;
    case v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED:
      return ServiceLevelVariant::kIgnoreAbandoned;
    case v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE:
      return ServiceLevelVariant::kAbandonedPositive;
    case v1::ServiceLevelVariant_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ServiceLevelVariant_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  check_failed("a validated ServiceLevelVariant", __FILE__, __LINE__);
}

QueueConfig to_queue(const v1::Queue& queue, std::string_view tenant) {
  QueueConfig table;
  table.id = resource_id_of(queue.name(), tenant, "queues");
  table.requirement = queue.requirement();
  table.priority = queue.priority();
  for (const std::string& name : queue.members().agents()) {
    table.members.emplace_back(resource_id_of(name, tenant, "agents"));
  }
  std::sort(table.members.begin(), table.members.end());
  table.wrap_up_mode = to_mode(queue.wrap_up().mode());
  if (queue.wrap_up().has_duration()) table.wrap_up_ns = to_ns(queue.wrap_up().duration());
  if (queue.has_offer_timeout()) table.offer_timeout_ns = to_ns(queue.offer_timeout());
  if (queue.has_reoffer_after()) table.reoffer_after_ns = to_ns(queue.reoffer_after());
  if (queue.has_connect_timeout()) table.connect_timeout_ns = to_ns(queue.connect_timeout());
  const v1::ServiceLevelTarget& level = queue.service_level();
  if (level.has_target()) table.service_level_target_ns = to_ns(level.target());
  if (level.has_goal_percent()) table.service_level_goal_percent = level.goal_percent();
  table.service_level_variant = to_variant(level.variant());
  if (queue.has_short_abandon()) table.short_abandon_ns = to_ns(queue.short_abandon());
  return table;
}

}  // namespace

TenantConfig to_tables(const v1::TenantConfig& config) {
  ACD_CHECK(validate_config(config).empty());
  TenantConfig table;
  table.id = tenant_id_of(config.name());
  table.skills.assign(config.skills().begin(), config.skills().end());
  table.queues.reserve(static_cast<size_t>(config.queues_size()));
  for (const v1::Queue& queue : config.queues()) {
    table.queues.push_back(to_queue(queue, table.id));
  }
  if (config.has_switch_grace()) table.switch_grace_ns = to_ns(config.switch_grace());
  if (config.has_busy_limit()) table.busy_limit_ns = to_ns(config.busy_limit());
  if (config.has_rejects_max()) table.rejects_max = config.rejects_max();
  if (config.has_no_answers_max()) table.no_answers_max = config.no_answers_max();
  return table;
}

AgentProfile to_profile(const v1::Agent& agent) {
  // The tenant's own rules need its configuration; that the name is one is checked here.
  std::string_view rest = agent.name();
  ACD_CHECK(take_prefix(rest, kTenants));
  const std::string_view tenant = rest.substr(0, rest.find('/'));
  AgentProfile profile;
  profile.id = resource_id_of(agent.name(), tenant, "agents");
  ACD_CHECK(!profile.id.empty());
  profile.display_name = agent.display_name();
  for (const auto& [skill, level] : agent.skills()) profile.skills.emplace_back(skill, level);
  std::sort(profile.skills.begin(), profile.skills.end());
  return profile;
}

std::string config_etag(const v1::TenantConfig& config) {
  v1::TenantConfig bare = config;
  bare.clear_etag();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // The message holds no map today; one added later must not change the etag from run to run.
    coded.SetSerializationDeterministic(true);
    ACD_CHECK(bare.SerializeToCodedStream(&coded));
  }
  Hash64 hash;
  hash.add_text(bytes);
  return absl::StrCat(absl::Hex(hash.value(), absl::kZeroPad16));
}

std::string_view tenant_id_of(std::string_view name) {
  if (!take_prefix(name, kTenants) || !is_resource_id(name)) return {};
  return name;
}

std::string_view resource_id_of(std::string_view name, std::string_view tenant,
                                std::string_view collection) {
  if (!take_prefix(name, kTenants) || !take_prefix(name, tenant) || !take_prefix(name, "/") ||
      !take_prefix(name, collection) || !take_prefix(name, "/") || !is_resource_id(name)) {
    return {};
  }
  return name;
}

bool is_resource_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace acd
