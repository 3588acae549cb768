// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/stats_codec.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/durations.h"
#include "routing/insight/history_rows.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/window_stats.h"

namespace acd {
namespace {

v1::StatsWindow to_proto(StatsWindow window) {
  constexpr auto number = [](StatsWindow one) { return static_cast<int>(one) + 1; };
  static_assert(v1::STATS_WINDOW_5_MIN == number(StatsWindow::k5Min) &&
                v1::STATS_WINDOW_15_MIN == number(StatsWindow::k15Min) &&
                v1::STATS_WINDOW_30_MIN == number(StatsWindow::k30Min) &&
                v1::STATS_WINDOW_60_MIN == number(StatsWindow::k60Min) &&
                v1::STATS_WINDOW_DAY == number(StatsWindow::kDay) &&
                v1::StatsWindow_MAX == kStatsWindowCount);
  return static_cast<v1::StatsWindow>(number(window));
}

v1::DurationKind to_proto(DurationKind kind) {
  constexpr auto number = [](DurationKind one) { return static_cast<int>(one) + 1; };
  static_assert(v1::DURATION_KIND_WAIT_ANSWERED == number(DurationKind::kWaitAnswered) &&
                v1::DURATION_KIND_WAIT_ABANDONED == number(DurationKind::kWaitAbandoned) &&
                v1::DURATION_KIND_WAIT_ALL == number(DurationKind::kWaitAll) &&
                v1::DURATION_KIND_WAIT_TOTAL == number(DurationKind::kWaitTotal) &&
                v1::DURATION_KIND_TALK == number(DurationKind::kTalk) &&
                v1::DURATION_KIND_HOLD == number(DurationKind::kHold) &&
                v1::DURATION_KIND_WRAP_UP == number(DurationKind::kWrapUp) &&
                v1::DURATION_KIND_HANDLE == number(DurationKind::kHandle) &&
                v1::DURATION_KIND_RING == number(DurationKind::kRing) &&
                v1::DURATION_KIND_IDLE == number(DurationKind::kIdle) &&
                v1::DurationKind_MAX == kDurationKindCount);
  return static_cast<v1::DurationKind>(number(kind));
}

v1::WaitUnknown to_proto(WaitUnknown unknown) {
  static_assert(v1::WAIT_UNKNOWN_NO_AGENTS == static_cast<int>(WaitUnknown::kNoAgents) &&
                v1::WAIT_UNKNOWN_LEARNING == static_cast<int>(WaitUnknown::kLearning) &&
                v1::WAIT_UNKNOWN_UNRELIABLE == static_cast<int>(WaitUnknown::kUnreliable) &&
                v1::WAIT_UNKNOWN_CLOSED == static_cast<int>(WaitUnknown::kClosed) &&
                v1::WAIT_UNKNOWN_SWITCH_AWAY == static_cast<int>(WaitUnknown::kSwitchAway) &&
                v1::WAIT_UNKNOWN_WAITS_FOR_AGENT == static_cast<int>(WaitUnknown::kWaitsForAgent) &&
                v1::WAIT_UNKNOWN_NOT_DUE == static_cast<int>(WaitUnknown::kNotDue) &&
                v1::WAIT_UNKNOWN_ALERTING == static_cast<int>(WaitUnknown::kAlerting) &&
                v1::WAIT_UNKNOWN_NOT_WAITING == static_cast<int>(WaitUnknown::kNotWaiting) &&
                v1::WaitUnknown_MAX + 1 == kWaitUnknownCount);
  return static_cast<v1::WaitUnknown>(unknown);
}

void encode_visits(const QueueCounts& counts, v1::VisitCounts* visits) {
  visits->set_offered(counts.offered);
  visits->set_overflowed_in(counts.overflowed_in);
  visits->set_transferred_in(counts.transferred_in);
  visits->set_answered(counts.answered);
  visits->set_abandoned(counts.abandoned);
  visits->set_short_abandoned(counts.short_abandoned);
  visits->set_timed_out(counts.timed_out);
  visits->set_overflowed_out(counts.overflowed_out);
  visits->set_transferred_out_waiting(counts.transferred_out_waiting);
  visits->set_callback_requested(counts.callback_requested);
  visits->set_withdrawn(counts.withdrawn);
  visits->set_rejected(counts.rejected);
  visits->set_failed_waiting(counts.failed_waiting);
  visits->set_requeued(counts.requeued);
  visits->set_callbacks_answered(counts.callbacks_answered);
  visits->set_handled(counts.handled);
  visits->set_rerouted(counts.rerouted);
}

void encode_durations(const WindowView& view, v1::WindowStats* stats) {
  for (size_t i = 0; i < kDurationKindCount; ++i) {
    const DurationView& duration = view.durations[i];
    if (duration.count == 0) continue;
    v1::DurationStats* one = stats->add_durations();
    one->set_kind(to_proto(static_cast<DurationKind>(i)));
    one->set_count(duration.count);
    set_duration(duration.sum_ns, one->mutable_sum());
    set_duration(duration.max_ns, one->mutable_max());
    if (!duration.percentiles) continue;
    set_duration(duration.percentiles->p50_ns, one->mutable_p50());
    set_duration(duration.percentiles->p80_ns, one->mutable_p80());
    set_duration(duration.percentiles->p90_ns, one->mutable_p90());
    set_duration(duration.percentiles->p95_ns, one->mutable_p95());
    set_duration(duration.percentiles->p99_ns, one->mutable_p99());
  }
}

bool has_visits(StatsScope::Kind kind) {
  return kind != StatsScope::Kind::kAgent && kind != StatsScope::Kind::kTeam;
}

}  // namespace

uint8_t take_windows(const char* field, const google::protobuf::RepeatedField<int>& windows,
                     Violations* violations) {
  uint8_t taken = 0;
  // Two entries are one too many where there are so many.
  const int looked = std::min(windows.size(), static_cast<int>(kStatsWindowCount) + 1);
  for (int i = 0; i < looked; ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    if (!v1::StatsWindow_IsValid(windows[i]) || windows[i] == v1::STATS_WINDOW_UNSPECIFIED) {
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, place,
                      absl::StrCat("is ", windows[i], ", which is no window"));
      continue;
    }
    const auto bit = static_cast<uint8_t>(1u << (windows[i] - 1));
    if ((taken & bit) != 0) {
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, place, "is there twice");
    }
    taken |= bit;
  }
  return taken;
}

void encode_offers(const OfferCounts& counts, v1::OfferStats* stats) {
  stats->set_created(counts.created);
  stats->set_accepted(counts.accepted);
  stats->set_no_answer(counts.no_answer);
  stats->set_rejected(counts.rejected);
  stats->set_busy(counts.busy);
  stats->set_unreachable(counts.unreachable);
  stats->set_unknown_address(counts.unknown_address);
  stats->set_canceled(counts.canceled);
  stats->set_rescinded(counts.rescinded);
  stats->set_stale(counts.stale);
  stats->set_adopted(counts.adopted);
}

void encode_service_level(const QueueCounts& counts, v1::ServiceLevel* level) {
  level->set_entered(counts.sl_entered);
  level->set_answered_in_target(counts.sl_answered_in_target);
  level->set_abandoned_in_target(counts.sl_abandoned_in_target);
  const ServiceLevelPercents all = service_level_percents(counts);
  if (all.abandoned_negative) level->set_abandoned_negative_percent(*all.abandoned_negative);
  if (all.ignore_abandoned) level->set_ignore_abandoned_percent(*all.ignore_abandoned);
  if (all.abandoned_positive) level->set_abandoned_positive_percent(*all.abandoned_positive);
  level->set_left_out(counts.sl_left_out);
  level->set_overflowed_in_target(counts.sl_overflowed_in_target);
  level->set_transferred_in_target(counts.sl_transferred_in_target);
  if (all.asterisk_sl) level->set_asterisk_sl_percent(*all.asterisk_sl);
  if (all.asterisk_sl2) level->set_asterisk_sl2_percent(*all.asterisk_sl2);
  if (all.removed_in_target) level->set_removed_in_target_percent(*all.removed_in_target);
  level->set_callback_requested_in_target(counts.sl_callback_requested_in_target);
  level->set_short_abandoned_in_target(counts.sl_short_abandoned_in_target);
}

void encode_outcomes(const OutcomeCounts& counts, const CodeCounts& codes,
                     v1::OutcomeStats* stats) {
  stats->set_resolved(counts.resolved);
  stats->set_unresolved(counts.unresolved);
  if (const auto percent = counts.resolved_percent()) stats->set_resolved_percent(*percent);
  stats->set_surveys(counts.surveys);
  stats->set_survey_sum(counts.survey_sum);
  stats->set_qualities(counts.qualities);
  stats->set_quality_sum(counts.quality_sum);
  for (const auto& [code, count] : codes) {
    v1::WrapUpCodeCount* one = stats->add_codes();
    one->set_code(code);
    one->set_count(count);
  }
}

void encode_calls(const CallCounts& calls, v1::CallCounts* counts) {
  counts->set_begun(calls.begun);
  for (size_t i = 0; i < calls.ended.size(); ++i) {
    if (calls.ended[i] == 0) continue;
    v1::CallEndCount* one = counts->add_ended();
    one->set_end(std::string(outcome_word(static_cast<CallOutcome>(i))));
    one->set_count(calls.ended[i]);
  }
  counts->set_live(calls.live_at_end);
  counts->set_conserved(calls.conserved());
  counts->set_live_at_begin(calls.live_at_begin);
  counts->set_consults_begun(calls.consults_begun);
  counts->set_consults_ended(calls.consults_ended);
  counts->set_consults_live(calls.consults_live_at_end);
}

void encode_day_point(const DayPoint& point, v1::DayPoint* status) {
  set_timestamp(std::max<int64_t>(0, point.begin_unix_ms), status->mutable_begin());
  status->set_waiting_max(point.waiting_max);
  status->set_entered(point.sl_entered);
  status->set_answered_in_target(point.sl_answered_in_target);
  status->set_answered(point.answered);
  status->set_abandoned(point.abandoned);
}

void encode_window(const WindowView& view, StatsScope::Kind kind,
                   std::optional<ServiceLevelVariant> variant, v1::WindowStats* stats) {
  const bool is_total = kind == StatsScope::Kind::kTenant;
  stats->set_window(to_proto(view.window));
  set_duration(view.begin_ns, stats->mutable_begin());
  stats->set_is_partial(view.is_partial);
  encode_visits(view.counts, stats->mutable_visits());
  encode_offers(view.counts.offers, stats->mutable_offers());
  encode_durations(view, stats);
  if (has_visits(kind)) {
    encode_service_level(view.counts, stats->mutable_service_level());
    const auto level =
        variant ? service_level_percent(view.counts, *variant) : std::optional<double>();
    if (level) stats->set_service_level_percent(*level);
    const AnswerPercents percents = answer_percents(view.counts, is_total);
    if (percents.abandoned) stats->set_abandon_percent(*percents.abandoned);
    if (percents.answered) stats->set_answer_percent(*percents.answered);
    stats->set_waiting_at_begin(view.waiting_at_begin);
    stats->set_waiting_at_end(view.waiting_at_end);
  }
  if (const auto percent = view.transfer_percent()) stats->set_transfer_percent(*percent);
  if (const auto percent = view.occupancy_percent()) stats->set_occupancy_percent(*percent);
  encode_outcomes(view.counts.outcomes, {}, stats->mutable_outcomes());
  stats->set_conserved(view.conserved);
  stats->set_percentiles_complete(view.percentiles_complete);
  stats->set_joined(view.joined);
  if (is_total) encode_calls(view.calls, stats->mutable_calls());
}

void encode_windows(const Insight& insight, const StatsScope& scope, uint8_t windows,
                    std::optional<ServiceLevelVariant> variant,
                    google::protobuf::RepeatedPtrField<v1::WindowStats>* list) {
  for (size_t i = 0; i < kStatsWindowCount; ++i) {
    if ((windows >> i & 1) == 0) continue;
    const auto window = static_cast<StatsWindow>(i);
    encode_window(insight.windows.read(scope, window, insight.board.now_ns()), scope.kind, variant,
                  list->Add());
  }
}

void encode_prediction(const WaitPrediction& prediction, v1::WaitPrediction* status) {
  status->set_position(prediction.position);
  if (!prediction.is_known()) return status->set_unknown(to_proto(prediction.unknown));
  set_duration(prediction.p50_ns, status->mutable_p50());
  set_duration(prediction.p80_ns, status->mutable_p80());
  set_duration(prediction.p95_ns, status->mutable_p95());
}

void encode_score(const WaitScore& score, v1::PredictionScore* status) {
  status->set_scored(score.scored);
  status->set_censored(score.censored);
  if (const auto percent = score.coverage_percent()) status->set_p80_coverage_percent(*percent);
  if (const auto loss = score.mean_pinball_s()) status->set_pinball_s(*loss);
  if (const auto percent = score.kaplan_meier_percent()) status->set_kaplan_meier_percent(*percent);
  if (const auto error = score.relative_error()) status->set_relative_error(*error);
}

void encode_call_ewt(const Insight& insight, CallIndex call, v1::CallStatus* status) {
  const WaitPrediction prediction = insight.predictor.predict_call(call, insight.board.now_ns());
  if (prediction.unknown == WaitUnknown::kNotWaiting) return;
  encode_prediction(prediction, status->mutable_ewt());
}

MemberStates member_states(const Insight& insight) {
  MemberStates members;
  for (const auto& [id, index] : insight.board.agents_by_id()) {
    const auto state = static_cast<size_t>(insight.board.agent(index).state);
    for (const uint32_t queue : insight.predictor.queues_of(index)) {
      if (queue >= members.size()) members.resize(queue + 1);
      ++members[queue][state];
    }
  }
  return members;
}

void encode_queue_figures(const Insight& insight, const QueueView& queue, const AskedFigures& asked,
                          const MemberStates& members, v1::QueueStats* stats) {
  if (!queue.index.valid()) return;  // Configured, and no event has told it yet.
  if (queue.index.value() < members.size()) {
    for (size_t state = 0; state < kAgentStateCount; ++state) {
      const int64_t count = members[queue.index.value()][state];
      if (count == 0) continue;
      v1::AgentStateCount* one = stats->add_member_states();
      one->set_state(to_proto(static_cast<AgentState>(state)));
      one->set_count(count);
    }
  }
  encode_windows(insight, StatsScope::of(queue.index), asked.windows, queue.service_level_variant,
                 stats->mutable_windows());
  if (!asked.ewt) return;
  v1::WaitPrediction* ewt = stats->mutable_ewt();
  const WaitArrival usual = insight.predictor.usual_arrival(queue.index);
  encode_prediction(insight.predictor.predict_arrival(queue.index, usual, insight.board.now_ns()),
                    ewt);
  encode_score(insight.predictor.score(queue.index), ewt->mutable_score());
}

void encode_total_figures(const Insight& insight, const AskedFigures& asked,
                          v1::QueueStats* stats) {
  encode_calls(insight.windows.calls(), stats->mutable_calls());
  encode_windows(insight, StatsScope::tenant(), asked.windows, common_variant(insight.board),
                 stats->mutable_windows());
}

}  // namespace acd
