// SPDX-License-Identifier: Apache-2.0
#include "routing/tiered_links.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace acd {
namespace {

uint64_t standing_entry(const Standing& standing, uint32_t index) {
  // Mixed a little only: there are few, and a new class of calls asks for each of its links.
  uint64_t mixed = static_cast<uint64_t>(standing.preference) * 0x9e3779b97f4a7c15ull ^
                   static_cast<uint64_t>(standing.strategy_key) * 0xc2b2ae3d27d4eb4full ^
                   static_cast<uint32_t>(standing.rank);
  mixed = (mixed ^ mixed >> 32) * 0x165667b19e3779f9ull;
  return (mixed & 0xffffffff00000000ull) | index;
}

}  // namespace

void TieredLinks::add(const Standing& standing, const AgentLink& link) {
  if (tiers_.empty() || tiers_[last_].standing != standing) last_ = tier_of(standing);
  ++tiers_[last_].end;
  if (tiers_.size() > 1) {
    if (tier_of_link_.empty()) {
      tier_of_link_.reserve(links_.capacity());
      tier_of_link_.resize(links_.size());
    }
    tier_of_link_.push_back(last_);
  }
  links_.push_back(link);
}

// The one of that standing, which may be new.
uint32_t TieredLinks::tier_of(const Standing& standing) {
  const uint64_t entry = standing_entry(standing, 0);
  const uint64_t known = by_standing_.find(entry, [&](uint64_t other) {
    return (other ^ entry) >> 32 == 0 && tiers_[static_cast<uint32_t>(other)].standing == standing;
  });
  if (known != ProbeTable::kFree) return static_cast<uint32_t>(known);
  const auto fresh = static_cast<uint32_t>(tiers_.size());
  tiers_.push_back({standing, 0});
  by_standing_.insert(standing_entry(standing, fresh));
  return fresh;
}

void TieredLinks::sort() {
  if (tiers_.size() < 2) return;
  std::vector<uint32_t> order(tiers_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, std::ranges::less(),
                    [this](uint32_t tier) -> const Standing& { return tiers_[tier].standing; });
  std::vector<uint32_t> next(tiers_.size());  // Where the next link of a tier goes.
  std::vector<Tier> sorted;
  sorted.reserve(tiers_.size());
  uint32_t end = 0;
  for (const uint32_t tier : order) {
    next[tier] = end;
    end += tiers_[tier].end;
    sorted.push_back({tiers_[tier].standing, end});
  }
  std::vector<AgentLink> placed(links_.size());
  for (size_t i = 0; i < links_.size(); ++i) placed[next[tier_of_link_[i]]++] = links_[i];
  links_ = std::move(placed);
  tiers_ = std::move(sorted);
}

}  // namespace acd
