// SPDX-License-Identifier: Apache-2.0
#include "routing/leg_id.h"

#include <charconv>
#include <system_error>

namespace acd {

std::string leg_id(const OwnLeg& leg) {
  std::string text(kOwnLegPrefix);
  text += std::to_string(leg.agent.value());
  text += '-';
  text += std::to_string(leg.item);
  return text;
}

std::string leg_id(const CustomerLeg& leg) {
  std::string text(kOwnLegPrefix);
  text += 'c';  // No number: none of an agent's.
  text += std::to_string(leg.call);
  text += '-';
  text += std::to_string(leg.dial);
  return text;
}

std::optional<OwnLeg> parse_leg_id(std::string_view text) {
  if (!text.starts_with(kOwnLegPrefix)) return std::nullopt;
  const char* const begin = text.data() + kOwnLegPrefix.size();
  const char* const end = text.data() + text.size();
  uint32_t agent = 0;
  const auto first = std::from_chars(begin, end, agent);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  OwnLeg leg{AgentIndex(agent), 0};
  const auto second = std::from_chars(first.ptr + 1, end, leg.item);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  // Leading zeros are of nobody's id.
  return leg_id(leg) == text ? std::optional(leg) : std::nullopt;
}

}  // namespace acd
