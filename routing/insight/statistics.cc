// SPDX-License-Identifier: Apache-2.0
// Sums of counters and the service-level formulae.
#include "routing/insight/statistics.h"

#include <algorithm>

namespace acd {
namespace {

std::optional<double> percent(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

OfferCounts& OfferCounts::operator+=(const OfferCounts& other) {
  created += other.created;
  accepted += other.accepted;
  no_answer += other.no_answer;
  rejected += other.rejected;
  busy += other.busy;
  unreachable += other.unreachable;
  unknown_address += other.unknown_address;
  canceled += other.canceled;
  rescinded += other.rescinded;
  stale += other.stale;
  adopted += other.adopted;
  return *this;
}

QueueCounts& QueueCounts::operator+=(const QueueCounts& other) {
  offered += other.offered;
  overflowed_in += other.overflowed_in;
  answered += other.answered;
  abandoned += other.abandoned;
  short_abandoned += other.short_abandoned;
  timed_out += other.timed_out;
  overflowed_out += other.overflowed_out;
  withdrawn += other.withdrawn;
  rejected += other.rejected;
  failed_waiting += other.failed_waiting;
  requeued += other.requeued;
  waiting += other.waiting;
  connected += other.connected;
  handled += other.handled;
  wait_answered_sum_ns += other.wait_answered_sum_ns;
  wait_max_ns = std::max(wait_max_ns, other.wait_max_ns);
  handle_sum_ns += other.handle_sum_ns;
  sl_entered += other.sl_entered;
  sl_answered_in_target += other.sl_answered_in_target;
  sl_abandoned_in_target += other.sl_abandoned_in_target;
  sl_left_out += other.sl_left_out;
  sl_overflowed_in_target += other.sl_overflowed_in_target;
  offers += other.offers;
  return *this;
}

bool QueueCounts::conserved() const {
  return visits() == waiting + answered + abandoned + short_abandoned + timed_out + overflowed_out +
                         withdrawn + rejected + failed_waiting;
}

std::optional<double> service_level_percent(const QueueCounts& counts,
                                            ServiceLevelVariant variant) {
  const int64_t answered = counts.sl_answered_in_target;
  const int64_t abandoned = counts.sl_abandoned_in_target;
  const int64_t entered = counts.sl_entered;
  switch (variant) {
    case ServiceLevelVariant::kAbandonedNegative:
      return percent(answered, entered);
    case ServiceLevelVariant::kIgnoreAbandoned:
      return percent(answered, entered - abandoned);
    case ServiceLevelVariant::kAbandonedPositive:
      return percent(answered + abandoned, entered);
  }
  return std::nullopt;  // Unreachable: every variant returns.
}

}  // namespace acd
