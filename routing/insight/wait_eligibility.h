// SPDX-License-Identifier: Apache-2.0
// Who may serve which queue, as the configuration has it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "routing/call_order.h"
#include "routing/insight/board.h"
#include "routing/media.h"
#include "routing/requirement.h"
#include "routing/tenant_config.h"

namespace acd {

// What the configuration says of a queue's calls and of who serves them.
struct ServingRule {
  CallOrderRule order;
  int32_t priority = 0;  // Of calls that bring none of their own.
  Requirement needs;     // Without its steps: they come into force while a call waits.
  bool is_for_all = true;
  std::set<std::string, std::less<>> agents;  // Unless for all.
  std::set<std::string, std::less<>> teams;
};

// Threads:  one at a time.
class ServingRules {
 public:
  void configure(const TenantConfig& config);
  // Null: there is no such queue. Valid until the next configure().
  [[nodiscard]] const ServingRule* find(std::string_view queue) const;
  // Of the tenant.
  [[nodiscard]] CallOrder call_order() const { return call_order_; }
  // Skills that the configuration declares, sorted.
  [[nodiscard]] std::vector<SkillLevel> levels_of(const AgentView& agent) const;

 private:
  CallOrder call_order_ = CallOrder::kPriority;
  std::map<std::string, SkillIndex, std::less<>> skills_;
  std::map<std::string, ServingRule, std::less<>> rules_;
};

// Whether the agent, if at work, may be offered calls of the queue of one of these media. What one
// call alone asks for is not looked at, nor which switch it is at.
[[nodiscard]] bool may_serve(const ServingRule& rule, const AgentView& agent,
                             const std::vector<SkillLevel>& levels, MediaMask media);

}  // namespace acd
