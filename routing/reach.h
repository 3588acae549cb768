// SPDX-License-Identifier: Apache-2.0
// Whose stations the calls of a switch reach.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/ids.h"
#include "routing/tenant_config.h"

namespace acd {

// The rules of the configuration for the switches that are known, and the zones that follow: switches
// that rules join, either way round and over others. Who may serve a call is in its zone; a switch that
// no rule names is a zone of its own.
//
// Threads:  the shard's only.
// Bounds:   kReachRulesMax rules, kSessionsMax sessions.
class ReachTable {
 public:
  void configure(const std::vector<ReachRule>& rules);
  // Of a desktop session the id is empty: no rule names it. REQUIRES: they come in the order of their
  // indices.
  void add(std::string_view id);

  [[nodiscard]] size_t size() const { return ids_.size(); }
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] bool reaches(SourceIndex calls, SourceIndex agents) const {
    return calls == agents || (!links_.empty() && links_.contains({calls, agents}));
  }
  // What the one dials before an address of the other; nothing if it does not reach it.
  [[nodiscard]] std::string_view dial_prefix(SourceIndex calls, SourceIndex agents) const;
  [[nodiscard]] ZoneIndex zone_of(SourceIndex source) const { return zones_[source.value()]; }

 private:
  [[nodiscard]] ZoneIndex find_zone(SourceIndex source) const;
  // If both switches are known.
  void link(const ReachRule& rule);

  std::vector<ReachRule> rules_;
  std::map<std::string, uint32_t, std::less<>> zone_by_id_;  // Of switches that rules name.
  std::map<std::string, SourceIndex, std::less<>> by_id_;
  std::vector<std::string> ids_;
  std::vector<ZoneIndex> zones_;
  std::map<std::pair<SourceIndex, SourceIndex>, std::string> links_;  // With the prefix.
};

}  // namespace acd
