// SPDX-License-Identifier: Apache-2.0
// The orders of calls in one pool of agents.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/proof/centre.h"
#include "tests/proof/exact.h"
#include "tests/proof/judge.h"
#include "tests/proof/known_centres.h"

namespace acd::proof {
namespace {

constexpr uint32_t kCallsByPriority = 600'000;
constexpr uint64_t kSeed = 20;

// A queue for each class; everybody serves all.
CentreSpec told_pool(const PriorityPool& pool, CallOrder order) {
  CentreSpec spec;
  spec.config.id = "proof";
  spec.config.call_order = order;
  spec.service_rates.assign(pool.servers, pool.service_rate);
  for (uint32_t a = 0; a < pool.servers; ++a) {
    spec.agents.emplace_back().id = "agent" + std::to_string(a);
  }
  for (size_t i = 0; i < pool.arrival_rates.size(); ++i) {
    const std::string name = "class" + std::to_string(i);
    spec.types.push_back({name, "", pool.arrival_rates[i]});
    spec.config.queues.emplace_back().id = name;
  }
  return spec;
}

CentreSpec first_come(const PriorityPool& pool) { return told_pool(pool, CallOrder::kPriority); }

CentreSpec strict(const PriorityPool& pool) {
  CentreSpec spec = told_pool(pool, CallOrder::kPriority);
  int32_t priority = 100;
  for (QueueConfig& queue : spec.config.queues) queue.priority = priority--;
  return spec;
}

// Points that grow with age.
CentreSpec by_score(const PriorityPool& pool, const std::vector<double>& growth) {
  CentreSpec spec = told_pool(pool, CallOrder::kScore);
  for (size_t i = 0; i < growth.size(); ++i) {
    spec.config.queues[i].age_rate = static_cast<int32_t>(60 * growth[i]);
  }
  return spec;
}

// An objective of a quarter is as good as points that grow four times as fast.
CentreSpec by_objective(const PriorityPool& pool, const std::vector<double>& growth) {
  CentreSpec spec = told_pool(pool, CallOrder::kServiceObjective);
  for (size_t i = 0; i < growth.size(); ++i) {
    spec.config.queues[i].objective_ns = std::llround(720e9 / growth[i]);
  }
  return spec;
}

Measured played(const CentreSpec& spec) { return Centre(spec, kSeed).play(kCallsByPriority); }

void expect_waits(const Measured& measured, const std::vector<double>& exact, double precision) {
  for (size_t i = 0; i < exact.size(); ++i) {
    const std::string what = "mean wait of class " + std::to_string(i);
    expect_near(what.c_str(), measured.mean_wait_s(i), exact[i], precision);
  }
}

// --- Three classes at 80 %: every mean wait for itself.

TEST(PriorityProofTest, FirstComeFirstServedMakesAllClassesWaitAlike) {
  const double wait_s = first_come_wait(calm_pool());
  expect_waits(played(first_come(calm_pool())), {wait_s, wait_s, wait_s}, .03);
}

TEST(PriorityProofTest, ThePriorityOrderMakesEachClassWaitAsCobhamHasIt) {
  expect_waits(played(strict(calm_pool())), strict_priority_waits(calm_pool()), .03);
}

TEST(PriorityProofTest, TheScoreOrderMakesEachClassWaitAsKleinrockHasIt) {
  const std::vector<double> growth = {9, 3, 1};
  expect_waits(played(by_score(calm_pool(), growth)),
               accumulating_priority_waits(calm_pool(), growth), .03);
}

TEST(PriorityProofTest, TheServiceObjectiveMakesEachClassWaitAsKleinrockHasIt) {
  const std::vector<double> growth = {9, 3, 1};
  expect_waits(played(by_objective(calm_pool(), growth)),
               accumulating_priority_waits(calm_pool(), growth), .03);
}

TEST(PriorityProofTest, AWrongOrderMissesTheWaitsOfTheRightOne) {
  const Measured measured = played(by_score(calm_pool(), {5, 3, 1}));
  const std::vector<double> exact = accumulating_priority_waits(calm_pool(), {9, 3, 1});
  EXPECT_GE(measured.wait_ratio(0, 2).off(exact[0] / exact[2]), kErrorsOfWrongRule);
}

// --- Two classes at 96 %: the same arrivals under four orders.

TEST(PriorityProofTest, AtHighLoadTheOrderOnlyMovesTheWaitFromOneClassToTheOther) {
  const PriorityPool pool = busy_pool();
  const Measured fair = played(first_come(pool));
  const Measured urgent = played(strict(pool));
  const Measured score = played(by_score(pool, {4, 1}));
  const Measured objective = played(by_objective(pool, {4, 1}));

  expect_near("ratio, first come first served", fair.wait_ratio(0, 1), 1, .03);
  const std::vector<double> strict_waits = strict_priority_waits(pool);
  expect_near("mean wait of urgent calls", urgent.mean_wait_s(0), strict_waits[0], .05);
  expect_near("ratio by priority", urgent.wait_ratio(0, 1), strict_waits[0] / strict_waits[1], .15);
  const std::vector<double> waits = accumulating_priority_waits(pool, {4, 1});
  expect_near("ratio by score", score.wait_ratio(0, 1), waits[0] / waits[1], .03);
  expect_near("ratio by objective", objective.wait_ratio(0, 1), waits[0] / waits[1], .03);
  for (const Measured* other : {&urgent, &score, &objective}) {
    EXPECT_NEAR(other->total_wait_s() / fair.total_wait_s(), 1, .003) << "conservation law";
  }
}

}  // namespace
}  // namespace acd::proof
