// SPDX-License-Identifier: Apache-2.0
// Sums of counters and the service-level formulae.
#include "routing/insight/statistics.h"

#include <algorithm>

#include "routing/check.h"

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
  transferred_in += other.transferred_in;
  answered += other.answered;
  abandoned += other.abandoned;
  short_abandoned += other.short_abandoned;
  timed_out += other.timed_out;
  overflowed_out += other.overflowed_out;
  transferred_out_waiting += other.transferred_out_waiting;
  withdrawn += other.withdrawn;
  rerouted += other.rerouted;
  rejected += other.rejected;
  failed_waiting += other.failed_waiting;
  callback_requested += other.callback_requested;
  requeued += other.requeued;
  consults += other.consults;
  consults_answered += other.consults_answered;
  consults_failed += other.consults_failed;
  callbacks_answered += other.callbacks_answered;
  dials_failed += other.dials_failed;
  scheduled_canceled += other.scheduled_canceled;
  scheduled_dropped += other.scheduled_dropped;
  waiting += other.waiting;
  callbacks_waiting += other.callbacks_waiting;
  connected += other.connected;
  handled += other.handled;
  transferred_out += other.transferred_out;
  wait_answered_sum_ns += other.wait_answered_sum_ns;
  wait_max_ns = std::max(wait_max_ns, other.wait_max_ns);
  handle_sum_ns += other.handle_sum_ns;
  sl_entered += other.sl_entered;
  sl_answered_in_target += other.sl_answered_in_target;
  sl_abandoned_in_target += other.sl_abandoned_in_target;
  sl_left_out += other.sl_left_out;
  sl_overflowed_in_target += other.sl_overflowed_in_target;
  sl_transferred_in_target += other.sl_transferred_in_target;
  sl_callback_requested_in_target += other.sl_callback_requested_in_target;
  sl_short_abandoned_in_target += other.sl_short_abandoned_in_target;
  sl_withdrawn_in_target += other.sl_withdrawn_in_target;
  sl_timed_out_in_target += other.sl_timed_out_in_target;
  offers += other.offers;
  outcomes += other.outcomes;
  return *this;
}

void OutcomeCounts::count(const ToldOutcome& outcome, int64_t times) {
  if (outcome.resolved == Resolved::kYes) resolved += times;
  if (outcome.resolved == Resolved::kNo) unresolved += times;
  if (outcome.survey != kNoScore) {
    surveys += times;
    survey_sum += times * outcome.survey;
  }
  if (outcome.quality != kNoScore) {
    qualities += times;
    quality_sum += times * outcome.quality;
  }
}

std::optional<double> OutcomeCounts::resolved_percent() const {
  return percent(resolved, resolved + unresolved);
}

OutcomeCounts& OutcomeCounts::operator+=(const OutcomeCounts& other) {
  resolved += other.resolved;
  unresolved += other.unresolved;
  surveys += other.surveys;
  survey_sum += other.survey_sum;
  qualities += other.qualities;
  quality_sum += other.quality_sum;
  return *this;
}

void count_code(const ToldOutcome& outcome, int64_t times, CodeCounts* counts) {
  if (outcome.code.empty()) return;
  const auto counted = counts->try_emplace(outcome.code, 0).first;
  counted->second += times;
  if (counted->second == 0) counts->erase(counted);
}

int64_t VisitThresholds::entry_delay_ns() const {
  return std::max(service_level_target_ns + 1, short_abandon_ns);
}

bool count_visit_end(VisitEnd end, int64_t wait_ns, const VisitThresholds& thresholds,
                     QueueCounts& counts) {
  counts.wait_max_ns = std::max(counts.wait_max_ns, wait_ns);
  const bool is_in_target = wait_ns <= thresholds.service_level_target_ns;
  bool is_in_service_level = true;
  switch (end) {
    case VisitEnd::kAnswered:
      ++counts.answered;
      counts.wait_answered_sum_ns += wait_ns;
      counts.sl_answered_in_target += is_in_target ? 1 : 0;
      break;
    case VisitEnd::kAbandoned:
      if (wait_ns < thresholds.short_abandon_ns) {
        ++counts.short_abandoned;
        counts.sl_short_abandoned_in_target += is_in_target ? 1 : 0;
        is_in_service_level = false;
      } else {
        ++counts.abandoned;
        counts.sl_abandoned_in_target += is_in_target ? 1 : 0;
      }
      break;
    case VisitEnd::kTimedOut:
      ++counts.timed_out;
      counts.sl_timed_out_in_target += is_in_target ? 1 : 0;
      break;
    case VisitEnd::kOverflowed:
      ++counts.overflowed_out;
      counts.sl_overflowed_in_target += is_in_target ? 1 : 0;
      is_in_service_level = !is_in_target;
      break;
    case VisitEnd::kTransferred:
      ++counts.transferred_out_waiting;
      counts.sl_transferred_in_target += is_in_target ? 1 : 0;
      is_in_service_level = !is_in_target;
      break;
    case VisitEnd::kRejected:
      ++counts.rejected;
      is_in_service_level = false;
      break;
    case VisitEnd::kWithdrawn:
      ++counts.withdrawn;
      counts.sl_withdrawn_in_target += is_in_target ? 1 : 0;
      is_in_service_level = !is_in_target;
      break;
    case VisitEnd::kFailed:
      ++counts.failed_waiting;
      is_in_service_level = !is_in_target;
      break;
    case VisitEnd::kCallbackRequested:
      ++counts.callback_requested;
      counts.sl_callback_requested_in_target += is_in_target ? 1 : 0;
      is_in_service_level = !is_in_target;
      break;
  }
  counts.sl_left_out += is_in_service_level ? 0 : 1;
  return is_in_service_level;
}

void count_silent_visit_end(VisitEnd end, QueueCounts& counts) {
  ++counts.sl_left_out;
  switch (end) {
    case VisitEnd::kAnswered:
      ++counts.answered;
      ++counts.callbacks_answered;
      return;
    case VisitEnd::kTimedOut:
      ++counts.timed_out;
      return;
    case VisitEnd::kOverflowed:
      ++counts.overflowed_out;
      return;
    case VisitEnd::kWithdrawn:
      ++counts.withdrawn;
      return;
    case VisitEnd::kFailed:
      ++counts.failed_waiting;
      return;
    case VisitEnd::kAbandoned:
    case VisitEnd::kRejected:
    case VisitEnd::kTransferred:
    case VisitEnd::kCallbackRequested:
      break;  // Takes somebody on the line.
  }
  check_failed("a visit with nobody on the line ends so", __FILE__, __LINE__);
}

int64_t& outcome_count(OfferCounts& offers, OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      return offers.no_answer;
    case OfferOutcome::kRejected:
      return offers.rejected;
    case OfferOutcome::kBusy:
      return offers.busy;
    case OfferOutcome::kUnreachable:
      return offers.unreachable;
    case OfferOutcome::kUnknownAddress:
      return offers.unknown_address;
    case OfferOutcome::kCanceled:
      return offers.canceled;
    case OfferOutcome::kRescinded:
      return offers.rescinded;
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:  // An event of its own.
      break;
  }
  check_failed("an ended offer has an outcome", __FILE__, __LINE__);
}

int64_t QueueCounts::visits_ended() const {
  return answered + abandoned + short_abandoned + timed_out + overflowed_out +
         transferred_out_waiting + withdrawn + rejected + failed_waiting + callback_requested;
}

bool QueueCounts::conserved() const {
  return visits() == waiting + callbacks_waiting + visits_ended();
}

std::optional<double> QueueCounts::transfer_percent() const {
  return percent(transferred_out, answered);
}

ServiceLevelPercents service_level_percents(const QueueCounts& counts) {
  ServiceLevelPercents all;
  all.abandoned_negative = service_level_percent(counts, ServiceLevelVariant::kAbandonedNegative);
  all.ignore_abandoned = service_level_percent(counts, ServiceLevelVariant::kIgnoreAbandoned);
  all.abandoned_positive = service_level_percent(counts, ServiceLevelVariant::kAbandonedPositive);
  const int64_t answered = counts.sl_answered_in_target;
  const int64_t gone = counts.sl_abandoned_in_target + counts.sl_short_abandoned_in_target;
  // Who had nobody on the line waited for nothing that Asterisk knows of.
  const int64_t answered_all = counts.answered - counts.callbacks_answered;
  const int64_t gone_all =
      counts.abandoned + counts.short_abandoned + counts.timed_out + counts.withdrawn;
  all.asterisk_sl = percent(answered, answered_all);
  all.asterisk_sl2 =
      percent(answered + gone + counts.sl_withdrawn_in_target + counts.sl_timed_out_in_target,
              answered_all + gone_all);
  all.removed_in_target =
      percent(answered + gone + counts.sl_callback_requested_in_target, counts.sl_judged());
  return all;
}

AnswerPercents answer_percents(const QueueCounts& counts, bool is_total) {
  const int64_t whole = (is_total ? counts.offered : counts.visits()) - counts.short_abandoned;
  if (whole <= 0) return {};  // In a window more may end than began.
  return {percent(counts.answered, whole), percent(counts.abandoned, whole)};
}

ServiceLevelCounts service_level_counts(const QueueCounts& counts, ServiceLevelVariant variant) {
  const int64_t answered = counts.sl_answered_in_target;
  const int64_t abandoned = counts.sl_abandoned_in_target;
  const int64_t entered = counts.sl_entered;
  switch (variant) {
    case ServiceLevelVariant::kAbandonedNegative:
      return {answered, entered};
    case ServiceLevelVariant::kIgnoreAbandoned:
      return {answered, entered - abandoned};
    case ServiceLevelVariant::kAbandonedPositive:
      return {answered + abandoned, entered};
  }
  return {};  // Unreachable: every variant returns.
}

std::optional<double> service_level_percent(const QueueCounts& counts,
                                            ServiceLevelVariant variant) {
  const ServiceLevelCounts level = service_level_counts(counts, variant);
  return percent(level.met, level.taken_of);
}

}  // namespace acd
