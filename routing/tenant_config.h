// SPDX-License-Identifier: Apache-2.0
// Validated tables of one tenant, as the Router takes them. daemon/config makes and checks them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "routing/limits.h"

namespace acd {

enum class WrapUpMode : uint8_t { kNone, kTimed, kManual };

enum class ServiceLevelVariant : uint8_t {
  kAbandonedNegative,
  kIgnoreAbandoned,
  kAbandonedPositive
};

struct QueueConfig {
  std::string id;
  std::string requirement;  // Parses, and names declared skills only.
  int32_t priority = 0;
  std::vector<std::string> members;  // Agent ids, sorted, unique; empty: all agents.
  WrapUpMode wrap_up_mode = WrapUpMode::kNone;
  int64_t wrap_up_ns = 0;  // kTimed only.
  int64_t offer_timeout_ns = kOfferTimeoutDefaultNs;
  int64_t reoffer_after_ns = kReofferAfterDefaultNs;
  int64_t connect_timeout_ns = kConnectTimeoutDefaultNs;
  int64_t service_level_target_ns = kServiceLevelTargetDefaultNs;
  int32_t service_level_goal_percent = kServiceLevelGoalDefaultPercent;
  ServiceLevelVariant service_level_variant = ServiceLevelVariant::kAbandonedNegative;
  int64_t short_abandon_ns = kShortAbandonDefaultNs;
};

struct TenantConfig {
  std::string id;
  std::vector<std::string> skills;  // Declared, unique.
  std::vector<QueueConfig> queues;  // Ids unique.
  int64_t switch_grace_ns = kSwitchGraceDefaultNs;
  int64_t busy_limit_ns = kBusyLimitDefaultNs;
  int32_t rejects_max = kRejectsMaxDefault;
  int32_t no_answers_max = kNoAnswersMaxDefault;
};

struct AgentProfile {
  std::string id;
  std::string display_name;                         // Empty: the id.
  std::vector<std::pair<std::string, int>> skills;  // Declared skills, sorted, unique; level 1..10.
};

}  // namespace acd
