// SPDX-License-Identifier: Apache-2.0
// The order of calls: which of two is first.
#pragma once

#include <algorithm>
#include <cstdint>

#include "routing/limits.h"
#include "routing/tenant_config.h"
#include "routing/wide.h"

namespace acd {

// What a policy orders calls by; of the queue, but for `order`.
struct CallOrderRule {
  CallOrder order = CallOrder::kPriority;
  int32_t age_rate = 0;
  int64_t objective_ns = 1;
};

// What places a call in the order.
struct CallPlace {
  int32_t priority = 0;
  int64_t key_ns = 0;   // First entry - age credit.
  uint64_t number = 0;  // Of its arrival: unique, and larger is later.

  bool operator==(const CallPlace&) const = default;
};

// Points of kScore at an instant.
inline Wide order_points(const CallOrderRule& rule, const CallPlace& place, int64_t now_ns) {
  return Wide{place.priority} * 3600 * kNsPerS + Wide{now_ns - place.key_ns} * rule.age_rate;
}

// Whether `a` goes before `b` at that instant; each has the rule of its queue, all of one tenant.
inline bool goes_before(const CallOrderRule& a_rule, const CallPlace& a,
                        const CallOrderRule& b_rule, const CallPlace& b, int64_t now_ns) {
  switch (a_rule.order) {
    case CallOrder::kPriority:
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    case CallOrder::kScore: {
      const Wide a_points = order_points(a_rule, a, now_ns);
      const Wide b_points = order_points(b_rule, b, now_ns);
      if (a_points != b_points) return a_points > b_points;
      break;
    }
    case CallOrder::kServiceObjective: {
      // Age ÷ objective, multiplied out.
      const Wide a_share = Wide{now_ns - a.key_ns} * b_rule.objective_ns;
      const Wide b_share = Wide{now_ns - b.key_ns} * a_rule.objective_ns;
      if (a_share != b_share) return a_share > b_share;
      if (a.priority != b.priority) return a.priority > b.priority;
      break;
    }
  }
  return a.key_ns != b.key_ns ? a.key_ns < b.key_ns : a.number < b.number;
}

// The same of two calls of one queue: it does not change with time.
inline bool goes_before(const CallOrderRule& rule, const CallPlace& a, const CallPlace& b) {
  return goes_before(rule, a, rule, b, 0);
}

// The order of one queue in 64 bits, as fine as they allow: a key of OrderedIndex.
inline uint64_t order_key(const CallOrderRule& rule, const CallPlace& place) {
  const auto sortable = [](Wide value) {
    return static_cast<uint64_t>(static_cast<int64_t>(value)) ^ (uint64_t{1} << 63);
  };
  switch (rule.order) {
    case CallOrder::kPriority: {
      constexpr int kTimeBits = 43;  // Of 2^20 ns, from 139 years before the epoch on.
      const int64_t rank =
          std::clamp<int64_t>(int64_t{kPriorityMax} - place.priority, 0, 2 * int64_t{kPriorityMax});
      const int64_t time = std::clamp<int64_t>(
          (place.key_ns >> 20) + (int64_t{1} << (kTimeBits - 1)), 0, (int64_t{1} << kTimeBits) - 1);
      return static_cast<uint64_t>(rank) << kTimeBits | static_cast<uint64_t>(time);
    }
    case CallOrder::kScore:
      return sortable(
          std::clamp<Wide>(-order_points(rule, place, 0) >> 40, INT64_MIN, INT64_MAX - 1));
    case CallOrder::kServiceObjective:
      return sortable(place.key_ns);
  }
  return 0;
}

}  // namespace acd
