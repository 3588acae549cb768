// SPDX-License-Identifier: Apache-2.0
#include "daemon/tenant_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

#include "routing/insight/board.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/window_stats.h"
#include "routing/wide.h"

namespace acd {
namespace {

using Kind = MetricColumn::Kind;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kNsPerSecond = 1e9;
constexpr double kPercent = 100;

double to_number(int64_t value) { return static_cast<double>(value); }
double to_seconds(Wide ns) { return static_cast<double>(ns) / kNsPerSecond; }
double to_ratio(std::optional<double> percent) { return percent ? *percent / kPercent : kNothing; }

// A row before it is one: a queue, or several that are added up.
struct QueueSum {
  QueueCounts counts;
  int64_t longest_wait_ns = 0;
  WaitScore score;
  const QueueView* one = nullptr;     // Null: several.
  std::optional<WaitPrediction> ewt;  // Of a call that would come now; of one that was told.
};

struct QueueMetric {
  MetricColumn column;
  double (*value)(const QueueSum& queue);
};

// A column of a counter of QueueCounts.
template <auto kCounter>
double count(const QueueSum& queue) {
  return to_number(queue.counts.*kCounter);
}
template <auto kCounter>
double offers(const QueueSum& queue) {
  return to_number(queue.counts.offers.*kCounter);
}

// By the formula of the queue, which others than `kVariant` have nothing to say of.
template <ServiceLevelVariant kVariant, auto kCount>
double service_level(const QueueSum& queue) {
  if (queue.one == nullptr || queue.one->service_level_variant != kVariant) return kNothing;
  return to_number(service_level_counts(queue.counts, kVariant).*kCount);
}

// A column of each quantile that is predicted, by its place in kWaitLevels.
template <auto kQuantile>
double predicted(const QueueSum& queue) {
  if (!queue.ewt || !queue.ewt->is_known()) return kNothing;
  return to_seconds((*queue.ewt).*kQuantile);
}
template <WaitUnknown kReason>
double unknown_for(const QueueSum& queue) {
  return queue.ewt && queue.ewt->unknown == kReason ? 1 : kNothing;
}
template <size_t kLevel>
double covered(const QueueSum& queue) {
  return to_number(queue.score.within[kLevel]);
}
template <size_t kLevel>
double pinball_loss(const QueueSum& queue) {
  return queue.score.pinball_s[kLevel];
}

constexpr char kBegun[] = "Visits of calls to queues, by how they came.";
constexpr char kEnded[] = "Visits that ended, by how.";
constexpr char kOffers[] = "Offers of calls to agents that ended, by how.";
constexpr char kInTarget[] = "Visits of the service level within the target, by how they ended.";
constexpr char kMet[] = "Visits that meet the service level, by the queue's formula.";
constexpr char kTakenOf[] = "Visits that the service level is taken of, by the queue's formula.";
constexpr char kEwt[] = "Predicted wait of a call that would come now; absent while unknown.";
constexpr char kUnknown[] = "1 for why the predicted wait is unknown; absent while it is known.";
constexpr char kCovered[] = "Answered visits that waited no longer than was predicted.";
constexpr char kPinball[] = "Pinball loss of the predictions of the answered, summed up.";
constexpr char kWait[] = "Waits of the answered visits with somebody on the line.";
constexpr char kHandle[] = "Talk, hold and wrap-up of calls of which both are over.";

constexpr QueueMetric kQueueMetrics[] = {
    {{"acd_queue_waiting", "Calls that wait, or are being offered, with somebody on the line."},
     count<&QueueCounts::waiting>},
    {{"acd_queue_callbacks_waiting", "Callbacks that wait, with nobody on the line."},
     count<&QueueCounts::callbacks_waiting>},
    {{"acd_queue_connected", "Calls that talk with an agent."}, count<&QueueCounts::connected>},
    {{"acd_queue_longest_wait_seconds", "How long the call that waits longest has waited."},
     [](const QueueSum& queue) { return to_seconds(queue.longest_wait_ns); }},
    {{"acd_queue_open", "1 while the queue is open."},
     [](const QueueSum& queue) {
       return queue.one == nullptr ? kNothing : queue.one->is_open ? 1.0 : 0.0;
     }},
    {{"acd_visits_begun_total", kBegun, Kind::kCounter, "entry", "offered"},
     count<&QueueCounts::offered>},
    {{"acd_visits_begun_total", kBegun, Kind::kCounter, "entry", "overflowed"},
     count<&QueueCounts::overflowed_in>},
    {{"acd_visits_begun_total", kBegun, Kind::kCounter, "entry", "transferred"},
     count<&QueueCounts::transferred_in>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "answered"},
     count<&QueueCounts::answered>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "abandoned"},
     count<&QueueCounts::abandoned>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "short_abandoned"},
     count<&QueueCounts::short_abandoned>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "timed_out"},
     count<&QueueCounts::timed_out>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "overflowed"},
     count<&QueueCounts::overflowed_out>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "transferred"},
     count<&QueueCounts::transferred_out_waiting>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "withdrawn"},
     count<&QueueCounts::withdrawn>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "rejected"},
     count<&QueueCounts::rejected>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "failed"},
     count<&QueueCounts::failed_waiting>},
    {{"acd_visits_ended_total", kEnded, Kind::kCounter, "end", "callback_requested"},
     count<&QueueCounts::callback_requested>},
    {{"acd_offers_created_total", "Offers of calls to agents.", Kind::kCounter},
     offers<&OfferCounts::created>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "accepted"},
     offers<&OfferCounts::accepted>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "no_answer"},
     offers<&OfferCounts::no_answer>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "rejected"},
     offers<&OfferCounts::rejected>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "busy"},
     offers<&OfferCounts::busy>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "unreachable"},
     offers<&OfferCounts::unreachable>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "unknown_address"},
     offers<&OfferCounts::unknown_address>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "canceled"},
     offers<&OfferCounts::canceled>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "rescinded"},
     offers<&OfferCounts::rescinded>},
    {{"acd_offers_ended_total", kOffers, Kind::kCounter, "outcome", "stale"},
     offers<&OfferCounts::stale>},
    {{"acd_requeues_total", "Calls that went back to their queue.", Kind::kCounter},
     count<&QueueCounts::requeued>},
    {{"acd_transfers_total", "Answered calls that were transferred afterwards.", Kind::kCounter},
     count<&QueueCounts::transferred_out>},
    {{"acd_dials_failed_total", "Attempts to reach a customer that failed.", Kind::kCounter},
     count<&QueueCounts::dials_failed>},
    {{"acd_service_level_visits_total", "Visits that entered the service level.", Kind::kCounter},
     count<&QueueCounts::sl_entered>},
    {{"acd_service_level_in_target_total", kInTarget, Kind::kCounter, "end", "answered"},
     count<&QueueCounts::sl_answered_in_target>},
    {{"acd_service_level_in_target_total", kInTarget, Kind::kCounter, "end", "abandoned"},
     count<&QueueCounts::sl_abandoned_in_target>},
    {{"acd_service_level_met_total", kMet, Kind::kCounter, "variant", "abandoned_negative"},
     service_level<ServiceLevelVariant::kAbandonedNegative, &ServiceLevelCounts::met>},
    {{"acd_service_level_met_total", kMet, Kind::kCounter, "variant", "ignore_abandoned"},
     service_level<ServiceLevelVariant::kIgnoreAbandoned, &ServiceLevelCounts::met>},
    {{"acd_service_level_met_total", kMet, Kind::kCounter, "variant", "abandoned_positive"},
     service_level<ServiceLevelVariant::kAbandonedPositive, &ServiceLevelCounts::met>},
    {{"acd_service_level_taken_of_total", kTakenOf, Kind::kCounter, "variant",
      "abandoned_negative"},
     service_level<ServiceLevelVariant::kAbandonedNegative, &ServiceLevelCounts::taken_of>},
    {{"acd_service_level_taken_of_total", kTakenOf, Kind::kCounter, "variant", "ignore_abandoned"},
     service_level<ServiceLevelVariant::kIgnoreAbandoned, &ServiceLevelCounts::taken_of>},
    {{"acd_service_level_taken_of_total", kTakenOf, Kind::kCounter, "variant",
      "abandoned_positive"},
     service_level<ServiceLevelVariant::kAbandonedPositive, &ServiceLevelCounts::taken_of>},
    {{"acd_service_level_ratio", "Service level since the journal began, by the queue's formula."},
     [](const QueueSum& queue) {
       if (queue.one == nullptr) return kNothing;
       return to_ratio(service_level_percent(queue.counts, queue.one->service_level_variant));
     }},
    {{"acd_service_level_goal_ratio", "What the service level is to be."},
     [](const QueueSum& queue) {
       if (queue.one == nullptr) return kNothing;
       return to_number(queue.one->service_level_goal_percent) / kPercent;
     }},
    {{"acd_service_level_target_seconds", "Wait within which a call is in the service level."},
     [](const QueueSum& queue) {
       return queue.one == nullptr ? kNothing : to_seconds(queue.one->service_level_target_ns);
     }},
    {{"acd_wait_answered_seconds", kWait, Kind::kSum},
     [](const QueueSum& queue) { return to_seconds(queue.counts.wait_answered_sum_ns); }},
    {{"acd_wait_answered_seconds", kWait, Kind::kCount},
     [](const QueueSum& queue) {
       return to_number(queue.counts.answered - queue.counts.callbacks_answered);
     }},
    {{"acd_handle_seconds", kHandle, Kind::kSum},
     [](const QueueSum& queue) { return to_seconds(queue.counts.handle_sum_ns); }},
    {{"acd_handle_seconds", kHandle, Kind::kCount}, count<&QueueCounts::handled>},
    {{"acd_ewt_seconds", kEwt, Kind::kGauge, "level", "p50"}, predicted<&WaitPrediction::p50_ns>},
    {{"acd_ewt_seconds", kEwt, Kind::kGauge, "level", "p80"}, predicted<&WaitPrediction::p80_ns>},
    {{"acd_ewt_seconds", kEwt, Kind::kGauge, "level", "p95"}, predicted<&WaitPrediction::p95_ns>},
    {{"acd_ewt_known", "1 while the wait of a call that would come now can be predicted."},
     [](const QueueSum& queue) {
       return !queue.ewt ? kNothing : queue.ewt->is_known() ? 1.0 : 0.0;
     }},
    {{"acd_ewt_unknown", kUnknown, Kind::kGauge, "reason", "no_agents"},
     unknown_for<WaitUnknown::kNoAgents>},
    {{"acd_ewt_unknown", kUnknown, Kind::kGauge, "reason", "learning"},
     unknown_for<WaitUnknown::kLearning>},
    {{"acd_ewt_unknown", kUnknown, Kind::kGauge, "reason", "unreliable"},
     unknown_for<WaitUnknown::kUnreliable>},
    {{"acd_ewt_unknown", kUnknown, Kind::kGauge, "reason", "closed"},
     unknown_for<WaitUnknown::kClosed>},
    {{"acd_ewt_answered_total", "Visits answered whose wait was predicted as they came.",
      Kind::kCounter},
     [](const QueueSum& queue) { return to_number(queue.score.scored); }},
    {{"acd_ewt_unanswered_total", "Such visits that ended otherwise.", Kind::kCounter},
     [](const QueueSum& queue) { return to_number(queue.score.censored); }},
    {{"acd_ewt_covered_total", kCovered, Kind::kCounter, "level", "p50"}, covered<0>},
    {{"acd_ewt_covered_total", kCovered, Kind::kCounter, "level", "p80"}, covered<1>},
    {{"acd_ewt_covered_total", kCovered, Kind::kCounter, "level", "p95"}, covered<2>},
    {{"acd_ewt_pinball_loss_seconds_total", kPinball, Kind::kCounter, "level", "p50"},
     pinball_loss<0>},
    {{"acd_ewt_pinball_loss_seconds_total", kPinball, Kind::kCounter, "level", "p80"},
     pinball_loss<1>},
    {{"acd_ewt_pinball_loss_seconds_total", kPinball, Kind::kCounter, "level", "p95"},
     pinball_loss<2>},
    {{"acd_ewt_predicted_seconds_total", "Mean waits predicted of the answered, summed up.",
      Kind::kCounter},
     [](const QueueSum& queue) { return queue.score.predicted_s; }},
    {{"acd_ewt_waited_seconds_total", "Waits of the answered since then, summed up.",
      Kind::kCounter},
     [](const QueueSum& queue) { return queue.score.waited_s; }},
};

struct TenantMetric {
  MetricColumn column;
  double (*value)(const Insight& insight);
};

template <AgentState kState>
double agents(const Insight& insight) {
  return to_number(insight.board.agents_by_state().at(kState));
}

constexpr char kAgents[] = "Agents by what they do.";

// Of the board and of the windows, which are counted apart.
double violations(const Insight& insight) {
  const Board& board = insight.board;
  const auto broken =
      std::count_if(board.queues().begin(), board.queues().end(),
                    [](const QueueView* queue) { return !queue->counts.conserved(); });
  return to_number(broken + (board.total().conserved() ? 0 : 1) +
                   insight.windows.conservation_violations());
}

constexpr TenantMetric kTenantMetrics[] = {
    {{"acd_agents", kAgents, Kind::kGauge, "state", "logged_out"}, agents<AgentState::kLoggedOut>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "not_ready"}, agents<AgentState::kNotReady>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "ready"}, agents<AgentState::kReady>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "reserved"}, agents<AgentState::kReserved>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "ringing"}, agents<AgentState::kRinging>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "connecting"}, agents<AgentState::kConnecting>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "on_call"}, agents<AgentState::kOnCall>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "on_hold"}, agents<AgentState::kOnHold>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "wrap_up"}, agents<AgentState::kWrapUp>},
    {{"acd_agents", kAgents, Kind::kGauge, "state", "busy_other"}, agents<AgentState::kBusyOther>},
    {{"acd_calls_live", "Calls that have begun and not ended, consults among them."},
     [](const Insight& insight) {
       return to_number(static_cast<int64_t>(insight.board.calls_by_age().size()));
     }},
    {{"acd_calls_scheduled", "Calls for later."},
     [](const Insight& insight) {
       return to_number(static_cast<int64_t>(insight.board.scheduled_by_time().size()));
     }},
    {{"acd_queues", "Queues of the configuration, and those on their way out."},
     [](const Insight& insight) {
       return to_number(static_cast<int64_t>(insight.board.queues().size()));
     }},
    {{"acd_conservation_violations",
      "Sums of queues, skills, priority bands and the tenant that do not add up: must be 0."},
     violations},
    {{"acd_histograms_dropped_total",
      "Histograms of a minute or a day that had to go for want of memory.", Kind::kCounter},
     [](const Insight& insight) { return to_number(insight.windows.dropped_histograms()); }},
};

template <typename Metric, size_t kSize>
constexpr std::array<MetricColumn, kSize> columns_of(const Metric (&metrics)[kSize]) {
  std::array<MetricColumn, kSize> columns{};
  for (size_t i = 0; i < kSize; ++i) columns[i] = metrics[i].column;
  return columns;
}

constexpr auto kQueueColumns = columns_of(kQueueMetrics);
constexpr auto kTenantColumns = columns_of(kTenantMetrics);

void add(const QueueView& view, const Insight& insight, QueueSum* sum) {
  sum->counts += view.counts;
  if (view.index.valid()) sum->score += insight.predictor.score(view.index);
  if (view.waiting_calls.empty()) return;
  sum->longest_wait_ns =
      std::max(sum->longest_wait_ns, insight.board.now_ns() - view.waiting_calls.begin()->first);
}

// Of a queue by itself: predictions have no sum.
void predict(const QueueView& view, const Insight& insight, QueueSum* one) {
  if (!view.index.valid()) return;
  const WaitArrival usual = insight.predictor.usual_arrival(view.index);
  one->ewt = insight.predictor.predict_arrival(view.index, usual, insight.board.now_ns());
}

MetricRow row_of(const std::string& queue, const QueueSum& sum) {
  MetricRow row;
  row.queue = queue;
  row.values.reserve(std::size(kQueueMetrics));
  for (const QueueMetric& metric : kQueueMetrics) row.values.push_back(metric.value(sum));
  return row;
}

}  // namespace

std::span<const MetricColumn> queue_metric_columns() { return kQueueColumns; }

std::span<const MetricColumn> tenant_metric_columns() { return kTenantColumns; }

TenantFigures tenant_figures(const std::string& tenant, const Insight& insight, size_t queues_max) {
  TenantFigures figures;
  figures.tenant = tenant;
  const std::vector<const QueueView*>& queues = insight.board.queues();
  const size_t own = std::min({queues.size(), queues_max, kMetricQueuesMax});
  figures.queues.reserve(own + 1);
  QueueSum others;
  for (size_t i = 0; i < queues.size(); ++i) {
    if (i >= own) {
      add(*queues[i], insight, &others);
      continue;
    }
    QueueSum one;
    one.one = queues[i];
    add(*queues[i], insight, &one);
    predict(*queues[i], insight, &one);
    figures.queues.push_back(row_of(queues[i]->id, one));
  }
  if (own < queues.size()) figures.queues.push_back(row_of(kOtherQueues, others));
  MetricRow& whole = figures.whole.emplace_back();
  for (const TenantMetric& metric : kTenantMetrics) {
    whole.values.push_back(metric.value(insight));
  }
  return figures;
}

}  // namespace acd
