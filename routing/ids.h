// SPDX-License-Identifier: Apache-2.0
// Strong integer ids: two of equal width never mix.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace acd {

// Index of one object in its table. Default-constructed it is "none".
template <typename Tag>
class Index {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;

  constexpr Index() = default;
  constexpr explicit Index(uint32_t value) : value_(value) {}
  constexpr explicit Index(size_t value) : value_(static_cast<uint32_t>(value)) {}

  [[nodiscard]] constexpr uint32_t value() const { return value_; }
  [[nodiscard]] constexpr bool valid() const { return value_ != kNone; }
  constexpr auto operator<=>(const Index&) const = default;

 private:
  uint32_t value_ = kNone;
};

using AgentClassIndex = Index<struct AgentClassTag>;
using AgentIndex = Index<struct AgentTag>;
using CallClassIndex = Index<struct CallClassTag>;
using CallIndex = Index<struct CallTag>;
using QueueIndex = Index<struct QueueTag>;
using RequirementIndex = Index<struct RequirementTag>;
using SkillIndex = Index<struct SkillTag>;
// A switch: one session source of a tenant.
using SourceIndex = Index<struct SourceTag>;
// Switches that reach each other's stations.
using ZoneIndex = Index<struct ZoneTag>;
using TeamIndex = Index<struct TeamTag>;
// A tenant within its partition.
using TenantIndex = Index<struct TenantTag>;

}  // namespace acd
