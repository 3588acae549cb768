// SPDX-License-Identifier: Apache-2.0
// What metrics say of a board, and how many of them there may be.
#include "daemon/tenant_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>

#include "tests/rpc/insight_feed.h"

namespace acd {
namespace {

// The value of a queue's metric; `value` of its label. NaN: none.
double value_of(const MetricRow& row, std::span<const MetricColumn> columns,
                const std::string& name, const std::string& value = "") {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name && columns[i].value == value) return row.values[i];
  }
  return std::nan("");
}

double of_queue(const TenantFigures& figures, size_t queue, const std::string& name,
                const std::string& value = "") {
  return value_of(figures.queues.at(queue), queue_metric_columns(), name, value);
}

double of_tenant(const TenantFigures& figures, const std::string& name,
                 const std::string& value = "") {
  return value_of(figures.whole.at(0), tenant_metric_columns(), name, value);
}

TenantFigures figures_of(InsightFeed& feed, size_t queues_max = kMetricQueuesOfAllMax) {
  return tenant_figures("bank", feed.read(""), queues_max);
}

void begin_talk(InsightFeed& feed, uint32_t call) {
  feed.answer(call, 0);
  feed.change_state(0, AgentState::kOnCall);
}

// So many calls of queue 0 wait one after the other for agent 0, who ends up without one. Returns
// how many seconds they waited.
double let_wait(InsightFeed& feed, uint32_t calls) {
  feed.upsert(0, "ada");
  feed.log_in(0, "101");
  feed.change_state(0, AgentState::kReady);
  feed.enqueue(0);
  begin_talk(feed, 0);
  int64_t waited_s = 0;
  for (uint32_t call = 1; call <= calls; ++call) {
    feed.at(feed.now_ns + 100 * kNsPerS);
    feed.enqueue(call);
    // Different enough that four of five are within their p80.
    const int64_t wait_s = call % 5 == 1 ? 160 : 30 + 7 * (call % 7);
    waited_s += wait_s;
    feed.at(feed.now_ns + wait_s * kNsPerS);
    feed.complete(call - 1, 0);
    feed.change_state(0, AgentState::kReady);
    begin_talk(feed, call);
  }
  feed.complete(calls, 0);
  feed.change_state(0, AgentState::kReady);
  return static_cast<double>(waited_s);
}

TEST(TenantMetricsTest, SaysWhatTheBoardSays) {
  InsightFeed feed;
  feed.upsert(0, "ada");
  feed.log_in(0, "101");
  feed.change_state(0, AgentState::kReady);
  feed.at_s(5);
  feed.enqueue(1);
  feed.enqueue(2);
  feed.at_s(30);
  feed.abandon(1);
  feed.at_s(35);
  const TenantFigures figures = figures_of(feed);
  EXPECT_EQ(figures.tenant, "bank");
  ASSERT_EQ(figures.queues.size(), 2u);
  EXPECT_EQ(figures.queues[0].queue, "sales");
  EXPECT_EQ(of_queue(figures, 0, "acd_queue_waiting"), 1);
  EXPECT_EQ(of_queue(figures, 0, "acd_queue_longest_wait_seconds"), 30);
  EXPECT_EQ(of_queue(figures, 0, "acd_visits_begun_total", "offered"), 2);
  EXPECT_EQ(of_queue(figures, 0, "acd_visits_ended_total", "abandoned"), 1);
  EXPECT_EQ(of_queue(figures, 0, "acd_service_level_target_seconds"), 20);
  EXPECT_EQ(of_queue(figures, 0, "acd_service_level_ratio"), 0);
  EXPECT_EQ(of_queue(figures, 1, "acd_queue_waiting"), 0);
  EXPECT_TRUE(std::isnan(of_queue(figures, 1, "acd_service_level_ratio")));
  EXPECT_EQ(of_tenant(figures, "acd_agents", "ready"), 1);
  EXPECT_EQ(of_tenant(figures, "acd_calls_live"), 1);
  EXPECT_EQ(of_tenant(figures, "acd_conservation_violations"), 0);
  EXPECT_EQ(of_tenant(figures, "acd_histograms_dropped_total"), 0);
}

TEST(TenantMetricsTest, CountsTheServiceLevelByTheFormulaOfEachQueue) {
  TenantConfig config = two_queues();
  config.queues[1] = queue_config("slow", 20 * kNsPerS, 5 * kNsPerS);
  config.queues[1].service_level_variant = ServiceLevelVariant::kIgnoreAbandoned;
  InsightFeed feed(config);
  feed.upsert(0, "ada");
  feed.log_in(0, "101");
  feed.change_state(0, AgentState::kReady);
  for (uint32_t queue = 0; queue < 2; ++queue) {
    const uint32_t call = 2 * queue;
    feed.enqueue(call, queue);
    feed.enqueue(call + 1, queue);
    feed.at(feed.now_ns + 10 * kNsPerS);
    feed.abandon(call);
    begin_talk(feed, call + 1);
    feed.complete(call + 1, 0);
    feed.change_state(0, AgentState::kReady);
  }
  const TenantFigures figures = figures_of(feed);
  for (const auto& [queue, variant, taken_of] :
       {std::tuple(0, "abandoned_negative", 2), std::tuple(1, "ignore_abandoned", 1)}) {
    EXPECT_EQ(of_queue(figures, queue, "acd_service_level_met_total", variant), 1);
    EXPECT_EQ(of_queue(figures, queue, "acd_service_level_taken_of_total", variant), taken_of);
  }
  EXPECT_TRUE(std::isnan(of_queue(figures, 0, "acd_service_level_met_total", "ignore_abandoned")));
  EXPECT_EQ(of_queue(figures, 0, "acd_service_level_ratio"), .5);
  EXPECT_EQ(of_queue(figures, 1, "acd_service_level_ratio"), 1);
}

TEST(TenantMetricsTest, SaysHowGoodPredictionsWere) {
  InsightFeed feed;
  const double waited_s = let_wait(feed, 40);
  feed.enqueue(41);
  feed.enqueue(42);
  begin_talk(feed, 41);
  feed.at(feed.now_ns + 30 * kNsPerS);
  feed.abandon(42);
  const TenantFigures figures = figures_of(feed);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_answered_total"), 40);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_unanswered_total"), 1);
  EXPECT_NEAR(of_queue(figures, 0, "acd_ewt_waited_seconds_total"), waited_s, 1e-6);
  EXPECT_NEAR(of_queue(figures, 0, "acd_ewt_predicted_seconds_total") / waited_s, 1, .5);
  const double p80 = of_queue(figures, 0, "acd_ewt_covered_total", "p80");
  EXPECT_LE(of_queue(figures, 0, "acd_ewt_covered_total", "p50"), p80);
  EXPECT_GE(of_queue(figures, 0, "acd_ewt_covered_total", "p95"), p80);
  EXPECT_NEAR(p80, 32, 6);
  // Of predictions that are right it is a share of the waits.
  for (const char* level : {"p50", "p80", "p95"}) {
    EXPECT_GT(of_queue(figures, 0, "acd_ewt_pinball_loss_seconds_total", level), 0) << level;
    EXPECT_LT(of_queue(figures, 0, "acd_ewt_pinball_loss_seconds_total", level), waited_s / 2)
        << level;
  }
  EXPECT_EQ(of_queue(figures, 1, "acd_ewt_answered_total"), 0);
  EXPECT_EQ(of_queue(figures, 1, "acd_ewt_covered_total", "p80"), 0);
  // Of queues without rows of their own the same, added up; no prediction is.
  const TenantFigures late = figures_of(feed, 0);
  EXPECT_EQ(of_queue(late, 0, "acd_ewt_answered_total"), 40);
  EXPECT_EQ(of_queue(late, 0, "acd_ewt_covered_total", "p80"), p80);
  EXPECT_TRUE(std::isnan(of_queue(late, 0, "acd_ewt_known")));
}

TEST(TenantMetricsTest, SaysTheWaitOfACallThatWouldComeOrWhyItIsUnknown) {
  InsightFeed feed;
  TenantFigures figures = figures_of(feed);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_known"), 0);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_unknown", "no_agents"), 1);
  EXPECT_TRUE(std::isnan(of_queue(figures, 0, "acd_ewt_seconds", "p80")));
  let_wait(feed, 40);
  figures = figures_of(feed);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_known"), 1);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_seconds", "p95"), 0);  // Somebody is free.
  EXPECT_TRUE(std::isnan(of_queue(figures, 0, "acd_ewt_unknown", "no_agents")));
  feed.enqueue(41);
  begin_talk(feed, 41);
  feed.enqueue(42);
  feed.at(feed.now_ns + kNsPerS);
  figures = figures_of(feed);
  const WaitPrediction said =
      feed.predictor.predict_arrival(queue_index(0), {0, 0}, feed.board.now_ns());
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_known"), 1);
  EXPECT_EQ(of_queue(figures, 0, "acd_ewt_seconds", "p80"),
            static_cast<double>(said.p80_ns) / kNsPerS);
  EXPECT_LT(0, of_queue(figures, 0, "acd_ewt_seconds", "p50"));
  EXPECT_LT(of_queue(figures, 0, "acd_ewt_seconds", "p50"),
            of_queue(figures, 0, "acd_ewt_seconds", "p80"));
  EXPECT_LT(of_queue(figures, 0, "acd_ewt_seconds", "p80"),
            of_queue(figures, 0, "acd_ewt_seconds", "p95"));
  EXPECT_EQ(of_queue(figures, 1, "acd_ewt_unknown", "learning"), 1);
  // All there can be to say of a queue.
  const std::vector<double>& values = figures.queues[0].values;
  const auto series =
      std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
  EXPECT_EQ(static_cast<size_t>(series), kMetricQueueSeriesMax);
}

TEST(TenantMetricsTest, AddsUpTheQueuesThatAreTooMany) {
  TenantConfig config;
  config.id = "bank";
  for (int i = 0; i < 10'000; ++i) {
    config.queues.push_back(queue_config("q" + std::to_string(i), kNsPerS, 0));
  }
  InsightFeed feed(config);
  feed.enqueue(1, 0);
  feed.enqueue(2, 600);
  feed.at_s(7);
  feed.enqueue(3, 9'999);
  const TenantFigures figures = figures_of(feed);
  ASSERT_EQ(figures.queues.size(), kMetricQueuesMax + 1);
  EXPECT_EQ(figures.queues[499].queue, "q499");
  EXPECT_EQ(figures.queues[500].queue, "(other)");
  EXPECT_EQ(of_queue(figures, 0, "acd_queue_waiting"), 1);
  EXPECT_EQ(of_queue(figures, 500, "acd_queue_waiting"), 2);
  EXPECT_EQ(of_queue(figures, 500, "acd_queue_longest_wait_seconds"), 7);
  // No goal, no formula: nothing to add up.
  EXPECT_TRUE(std::isnan(of_queue(figures, 500, "acd_service_level_goal_ratio")));
  EXPECT_EQ(of_tenant(figures, "acd_queues"), 10'000);
  const TenantFigures late = figures_of(feed, 0);
  ASSERT_EQ(late.queues.size(), 1u);
  EXPECT_EQ(of_queue(late, 0, "acd_queue_waiting"), 3);
}

TEST(TenantMetricsTest, HasEachSeriesOnceAndItsNamesTogether) {
  for (const auto columns : {queue_metric_columns(), tenant_metric_columns()}) {
    std::set<std::tuple<std::string, std::string, MetricColumn::Kind>> series;
    std::set<std::string> names;
    std::string last;
    for (const MetricColumn& column : columns) {
      EXPECT_TRUE(series.insert({column.name, column.value, column.kind}).second) << column.name;
      if (column.name != last) {
        EXPECT_TRUE(names.insert(column.name).second) << column.name;
      }
      last = column.name;
      const bool is_counter = column.kind == MetricColumn::Kind::kCounter;
      EXPECT_EQ(last.ends_with("_total"), is_counter) << last;
      EXPECT_STRNE(column.help, "");
    }
  }
}

}  // namespace
}  // namespace acd
