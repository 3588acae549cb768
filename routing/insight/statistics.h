// SPDX-License-Identifier: Apache-2.0
// Counters of a queue or a tenant, and the figures computed from them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "routing/command.h"
#include "routing/outcome.h"
#include "routing/tenant_config.h"
#include "routing/wide.h"

namespace acd {

// Offers by how they ended.
struct OfferCounts {
  int64_t created = 0;
  int64_t accepted = 0;
  int64_t no_answer = 0;
  int64_t rejected = 0;
  int64_t busy = 0;
  int64_t unreachable = 0;
  int64_t unknown_address = 0;
  int64_t canceled = 0;
  int64_t rescinded = 0;
  int64_t stale = 0;
  int64_t adopted = 0;  // Answered after they had ended otherwise, and taken even so.

  OfferCounts& operator+=(const OfferCounts& other);
  bool operator==(const OfferCounts&) const = default;
};

// How a visit ended.
enum class VisitEnd : uint8_t {
  kAnswered,
  kAbandoned,
  kTimedOut,
  kOverflowed,
  kWithdrawn,
  kRejected,
  kFailed,
  kTransferred,
  kCallbackRequested
};

// How ended calls went, as far as that was told. What is told anew takes the place of what was said
// before, so that in an interval there may be fewer than none.
struct OutcomeCounts {
  int64_t resolved = 0;
  int64_t unresolved = 0;
  int64_t surveys = 0;  // Calls with a survey score.
  int64_t survey_sum = 0;
  int64_t qualities = 0;  // Calls with a quality score.
  int64_t quality_sum = 0;

  // `times` is 1, or -1 for what no longer holds.
  void count(const ToldOutcome& outcome, int64_t times);
  // Resolved of those of which that was told, percent 0..100; nothing where it was of none.
  [[nodiscard]] std::optional<double> resolved_percent() const;
  OutcomeCounts& operator+=(const OutcomeCounts& other);
  bool operator==(const OutcomeCounts&) const = default;
};

// Calls by wrap-up code; at most kWrapUpCodesMax codes, none without a call.
using CodeCounts = std::map<std::string, int64_t, std::less<>>;
void count_code(const ToldOutcome& outcome, int64_t times, CodeCounts* counts);

// Counters and durations of one queue since the journal began, or their sum over queues. Times in
// ns. "Waiting" includes alerting and connecting calls.
struct QueueCounts {
  int64_t offered = 0;         // Visits of calls that arrived, and of callbacks.
  int64_t overflowed_in = 0;   // Visits of calls that came from another queue.
  int64_t transferred_in = 0;  // Visits of calls that somebody transferred.
  int64_t answered = 0;
  int64_t abandoned = 0;  // Without the short ones.
  int64_t short_abandoned = 0;
  int64_t timed_out = 0;
  int64_t overflowed_out = 0;           // To another queue or an outside number.
  int64_t transferred_out_waiting = 0;  // Transferred while they waited.
  int64_t withdrawn = 0;
  int64_t rerouted = 0;  // Of them by the switch's own default route; elsewhere: also unseen ones.
  int64_t rejected = 0;  // Released on entry.
  int64_t failed_waiting = 0;
  int64_t callback_requested = 0;  // By callers who waited.
  int64_t requeued = 0;
  // Beside all these: consults, which are none of what is offered, answered or waiting.
  int64_t consults = 0;
  int64_t consults_answered = 0;
  int64_t consults_failed = 0;     // Over before anybody answered.
  int64_t callbacks_answered = 0;  // Of `answered`: on whose line nobody had waited.
  int64_t dials_failed = 0;        // Attempts to reach a customer.
  // Of calls for later, which have begun no visit.
  int64_t scheduled_canceled = 0;
  int64_t scheduled_dropped = 0;  // They could not enter at their time.
  int64_t waiting = 0;            // With a caller on the line.
  int64_t callbacks_waiting = 0;  // Callbacks with nobody on the line.
  int64_t connected = 0;
  int64_t handled = 0;          // Talk and wrap-up are over.
  int64_t transferred_out = 0;  // Of the answered: transferred afterwards, however often.
  Wide wait_answered_sum_ns = 0;
  int64_t wait_max_ns = 0;  // Of the visits that ended.
  Wide handle_sum_ns = 0;
  // Service level: visits that entered it by answer, abandon, time-out or by passing the target
  // while waiting, and those within the target. A visit enters once.
  int64_t sl_entered = 0;
  int64_t sl_answered_in_target = 0;
  int64_t sl_abandoned_in_target = 0;
  // Beside it: visits that ended without entering it, and those of them that overflowed, were
  // transferred and so on in target; of the timed out, which enter it, the same.
  int64_t sl_left_out = 0;
  int64_t sl_overflowed_in_target = 0;
  int64_t sl_transferred_in_target = 0;
  int64_t sl_callback_requested_in_target = 0;
  int64_t sl_short_abandoned_in_target = 0;
  int64_t sl_withdrawn_in_target = 0;
  int64_t sl_timed_out_in_target = 0;
  OfferCounts offers;
  OutcomeCounts outcomes;  // Of the calls that ended in it.

  QueueCounts& operator+=(const QueueCounts& other);
  bool operator==(const QueueCounts&) const = default;
  // However they came.
  [[nodiscard]] int64_t visits() const { return offered + overflowed_in + transferred_in; }
  // Visits that waited on the line and ended or passed the target.
  [[nodiscard]] int64_t sl_judged() const {
    return sl_entered + sl_left_out - rejected - callbacks_answered;
  }
  // answered + abandoned + short_abandoned + timed_out + overflowed_out + transferred_out_waiting +
  // withdrawn + rejected + failed_waiting + callback_requested.
  [[nodiscard]] int64_t visits_ended() const;
  // visits() = waiting + callbacks_waiting + visits_ended().
  [[nodiscard]] bool conserved() const;
  // transferred_out of the answered; percent 0..100, nothing without any.
  [[nodiscard]] std::optional<double> transfer_percent() const;
};

// What a visit is judged by: its queue's thresholds as they are when it ends.
struct VisitThresholds {
  int64_t service_level_target_ns = kServiceLevelTargetDefaultNs;
  int64_t short_abandon_ns = kShortAbandonDefaultNs;

  // From when on a visit that still waits is in the service level: it is past the target, for
  // exactly at the target is within, and can no longer become a short abandon.
  [[nodiscard]] int64_t entry_delay_ns() const;

  bool operator==(const VisitThresholds&) const = default;
};

// Counts the end of a visit after `wait_ns`, all but `waiting` and `sl_entered`. Returns whether
// the visit belongs to the service level.
[[nodiscard]] bool count_visit_end(VisitEnd end, int64_t wait_ns, const VisitThresholds& thresholds,
                                   QueueCounts& counts);

// The same of a visit with nobody on the line, whose wait nobody has waited: it is left out of the
// service level and of all waits.
void count_silent_visit_end(VisitEnd end, QueueCounts& counts);

// The counter of offers that ended so. REQUIRES: an outcome other than none and accepted.
[[nodiscard]] int64_t& outcome_count(OfferCounts& offers, OfferOutcome outcome);

// All formulae at once, of the same visits; percent 0..100, each absent while its denominator is 0.
struct ServiceLevelPercents {
  std::optional<double> abandoned_negative;
  std::optional<double> ignore_abandoned;
  std::optional<double> abandoned_positive;
  // Asterisk's own: of the answered, those in target.
  std::optional<double> asterisk_sl;
  // Of the answered and of who was abandoned as Asterisk means it (time-outs, withdrawals and short
  // abandons too), those in target.
  std::optional<double> asterisk_sl2;
  // Of the visits that are judged (sl_judged()), those over in target: answered, abandoned however
  // early, or to be called back.
  std::optional<double> removed_in_target;
};
[[nodiscard]] ServiceLevelPercents service_level_percents(const QueueCounts& counts);

// Of visits() without the short abandons, or of `offered` without them where `is_total`: a sum over
// queues would count a call as often as it overflowed. Percent, absent while there is none.
struct AnswerPercents {
  std::optional<double> answered;
  std::optional<double> abandoned;
};
[[nodiscard]] AnswerPercents answer_percents(const QueueCounts& counts, bool is_total);

// What one of its formulae makes the service level of: visits that meet it, and all it is taken of.
// Of a board both only rise.
struct ServiceLevelCounts {
  int64_t met = 0;
  int64_t taken_of = 0;
};
[[nodiscard]] ServiceLevelCounts service_level_counts(const QueueCounts& counts,
                                                      ServiceLevelVariant variant);

// The service level by one of its formulae, percent 0..100; nothing when its denominator is 0.
[[nodiscard]] std::optional<double> service_level_percent(const QueueCounts& counts,
                                                          ServiceLevelVariant variant);

}  // namespace acd
