// SPDX-License-Identifier: Apache-2.0
// Links to classes of agents, brought into the order of where these stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "routing/call_queue.h"
#include "routing/name_table.h"

namespace acd {

// Takes links in the order of classes and gives them tier by tier, in a tier in the order they came.
// Sorts the tiers, not the links: these are many, and where they stand are few places.
class TieredLinks {
 public:
  explicit TieredLinks(size_t room) { links_.reserve(room); }
  void add(const Standing& standing, const AgentLink& link);
  // Call once, when all are added.
  void sort();
  [[nodiscard]] std::span<const AgentLink> links() const { return links_; }
  // Of the links; the best standing first, and none is empty.
  [[nodiscard]] std::span<const Tier> tiers() const { return tiers_; }

 private:
  [[nodiscard]] uint32_t tier_of(const Standing& standing);

  std::vector<AgentLink> links_;
  std::vector<uint32_t> tier_of_link_;  // As they were found; empty as long as there is one.
  std::vector<Tier> tiers_;             // As they were found, each with its count; then in order.
  ProbeTable by_standing_;              // Of the tiers.
  uint32_t last_ = 0;                   // Tier of the last link.
};

}  // namespace acd
