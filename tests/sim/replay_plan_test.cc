// SPDX-License-Identifier: Apache-2.0
// The rules for what a call log does not tell.
#include "sim/replay_plan.h"

#include <gtest/gtest.h>

#include "tests/sim/log_files.h"

namespace acd::sim {
namespace {

TEST(ReplayPlanTest, ServedCallerNeverHangsUp) {
  const ReplayPlan plan =
      plan_of({{.wait_s = 40, .handle_s = 60}, {.wait_s = 40, .is_served = false}});
  EXPECT_EQ(plan.calls[0].patience_ns, kNeverNs);
  EXPECT_EQ(plan.calls[1].patience_ns, 40 * kNsPerS);
}

TEST(ReplayPlanTest, AbandonedCallerTakesHandleTimeOfNextServedOfTheType) {
  const ReplayPlan plan = plan_of({{.type = "PS", .handle_s = 10},
                                   {.type = "PS", .is_served = false},
                                   {.type = "NE", .handle_s = 99},
                                   {.type = "PS", .is_served = false},
                                   {.type = "PS", .handle_s = 30}});
  EXPECT_EQ(plan.calls[1].handle_ns, 30 * kNsPerS);
  EXPECT_EQ(plan.calls[3].handle_ns, 30 * kNsPerS);
}

TEST(ReplayPlanTest, AbandonedCallerWithoutServedAfterTakesTheLastOne) {
  const ReplayPlan plan = plan_of({{.handle_s = 10}, {.handle_s = 20}, {.is_served = false}});
  EXPECT_EQ(plan.calls[2].handle_ns, 20 * kNsPerS);
}

TEST(ReplayPlanTest, HighPriorityIsAgeCreditOfNinetySeconds) {
  const ReplayPlan plan = plan_of({{.priority = 0}, {.priority = 1}, {.priority = 2}});
  EXPECT_EQ(plan.calls[0].age_credit_ns, 0);
  EXPECT_EQ(plan.calls[1].age_credit_ns, 0);
  EXPECT_EQ(plan.calls[2].age_credit_ns, 90 * kNsPerS);
}

TEST(ReplayPlanTest, AgentWorksFromFirstServiceToEndOfTheLastToEnd) {
  const ReplayPlan plan =
      plan_of({{.arrival_s = 100, .wait_s = 20, .handle_s = 500, .agent = "A01"},
               {.arrival_s = 110, .wait_s = 5, .handle_s = 10, .agent = "A01"},
               {.arrival_s = 600, .wait_s = 1, .agent = "A01", .is_served = false},
               {.day = 1, .arrival_s = 50, .handle_s = 30, .agent = "A01"}});
  ASSERT_EQ(plan.shifts.size(), 2u);
  EXPECT_EQ(plan.shifts[0].begin_ns, 115 * kNsPerS);
  EXPECT_EQ(plan.shifts[0].end_ns, 620 * kNsPerS);
  EXPECT_EQ(plan.shifts[1].begin_ns, (86'400 + 50) * kNsPerS);
  EXPECT_EQ(plan.shifts[1].end_ns, (86'400 + 80) * kNsPerS);
}

TEST(ReplayPlanTest, ShiftsThatMeetPastMidnightAreOne) {
  const ReplayPlan plan = plan_of({{.arrival_s = 86'000, .handle_s = 1'000, .agent = "A01"},
                                   {.day = 1, .arrival_s = 600, .handle_s = 60, .agent = "A01"}});
  ASSERT_EQ(plan.shifts.size(), 1u);
  EXPECT_EQ(plan.shifts[0].begin_ns, 86'000 * kNsPerS);
  EXPECT_EQ(plan.shifts[0].end_ns, (86'400 + 660) * kNsPerS);
}

TEST(ReplayPlanTest, RowsWithoutAgentAreTrafficAndNobodysShift) {
  const ReplayPlan plan = plan_of({{.arrival_s = 10, .handle_s = 77}});
  EXPECT_EQ(plan.calls.size(), 1u);
  EXPECT_EQ(plan.calls[0].handle_ns, 77 * kNsPerS);
  EXPECT_TRUE(plan.shifts.empty());
}

TEST(ReplayPlanTest, TakesTheDaysAskedFor) {
  const CallLog log =
      log_of({{.handle_s = 1, .agent = "A01"},
              {.day = 1, .arrival_s = 5, .type = "NE", .handle_s = 2, .agent = "A01"},
              {.day = 2, .handle_s = 3, .agent = "A01"}});
  const int32_t second = log.rows[1].day;
  const auto plan =
      plan_replay(log, {.tenant = "t", .seed = 7, .from_day = second, .to_day = second});
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->calls.size(), 1u);
  EXPECT_EQ(plan->calls[0].id, "t-7-000002");
  EXPECT_EQ(plan->calls[0].arrival_ns, 5 * kNsPerS);
  EXPECT_EQ(plan->first_day, second);
  EXPECT_EQ(plan->days, 1);
  EXPECT_EQ(plan->shifts.size(), 1u);
  // Skills are those of the whole file.
  EXPECT_EQ(plan->agents[0].queues.size(), 2u);
}

TEST(ReplayPlanTest, RefusesRangeWithoutCalls) {
  const CallLog log = log_of({{.handle_s = 1}});
  const auto plan =
      plan_replay(log, {.tenant = "t", .seed = 1, .from_day = log.rows[0].day + 1, .to_day = {}});
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.status().message().find("the log has 1999-01-03 to 1999-01-03"),
            std::string::npos);
}

TEST(ReplayPlanTest, TalliesWhatTheLogRecorded) {
  const ReplayPlan plan = plan_of({{.wait_s = 20, .handle_s = 100},
                                   {.wait_s = 21, .handle_s = 200},
                                   {.wait_s = 4, .is_served = false},
                                   {.wait_s = 5, .is_served = false}});
  const QueueTally expected{.offered = 4,
                            .answered = 2,
                            .abandoned = 1,
                            .short_abandoned = 1,
                            .timed_out = 0,
                            .answered_in_target = 1,
                            .wait_answered_sum_ns = 41 * kNsPerS,
                            .handle_sum_ns = 300 * kNsPerS,
                            .wait_max_ns = 21 * kNsPerS};
  EXPECT_EQ(plan.recorded[0], expected);
}

}  // namespace
}  // namespace acd::sim
