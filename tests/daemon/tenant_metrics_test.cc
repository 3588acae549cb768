// SPDX-License-Identifier: Apache-2.0
// What metrics say of a board, and how many of them there may be.
#include "daemon/tenant_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <tuple>

#include "tests/insight/event_feed.h"

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

TEST(TenantMetricsTest, SaysWhatTheBoardSays) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.log_in(0, "101");
  feed.change_state(0, AgentState::kReady);
  feed.at_s(5);
  feed.enqueue(1);
  feed.enqueue(2);
  feed.at_s(30);
  feed.abandon(1);
  feed.at_s(35);
  feed.board.advance(feed.now_ns);
  const TenantFigures figures = tenant_figures("bank", feed.board, kMetricQueuesOfAllMax);
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
}

TEST(TenantMetricsTest, AddsUpTheQueuesThatAreTooMany) {
  TenantConfig config;
  config.id = "bank";
  for (int i = 0; i < 10'000; ++i) {
    config.queues.push_back(queue_config("q" + std::to_string(i), kNsPerS, 0));
  }
  EventFeed feed(config);
  feed.enqueue(1, 0);
  feed.enqueue(2, 600);
  feed.at_s(7);
  feed.enqueue(3, 9'999);
  feed.board.advance(feed.now_ns);
  const TenantFigures figures = tenant_figures("bank", feed.board, kMetricQueuesOfAllMax);
  ASSERT_EQ(figures.queues.size(), kMetricQueuesMax + 1);
  EXPECT_EQ(figures.queues[499].queue, "q499");
  EXPECT_EQ(figures.queues[500].queue, "(other)");
  EXPECT_EQ(of_queue(figures, 0, "acd_queue_waiting"), 1);
  EXPECT_EQ(of_queue(figures, 500, "acd_queue_waiting"), 2);
  EXPECT_EQ(of_queue(figures, 500, "acd_queue_longest_wait_seconds"), 7);
  // No goal, no formula: nothing to add up.
  EXPECT_TRUE(std::isnan(of_queue(figures, 500, "acd_service_level_goal_ratio")));
  EXPECT_EQ(of_tenant(figures, "acd_queues"), 10'000);
  const TenantFigures late = tenant_figures("bank", feed.board, 0);
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
  EXPECT_LE(queue_metric_columns().size() * kMetricQueuesOfAllMax, 50'000u);
}

}  // namespace
}  // namespace acd
