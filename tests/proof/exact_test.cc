// SPDX-License-Identifier: Apache-2.0
// The closed forms give the numbers that are known from elsewhere.
#include "tests/proof/exact.h"

#include <gtest/gtest.h>

#include "tests/proof/known_centres.h"

namespace acd::proof {
namespace {

constexpr double kDigits = 1e-6;
constexpr double kTargetS = 20;

TEST(ExactTest, TheProductFormGivesTheKnownNumbersOfTheN) {
  const Forecast known = forecast(n_centre(), kTargetS);
  EXPECT_NEAR(known.wait_probability[0], .766312, kDigits);
  EXPECT_NEAR(known.wait_probability[1], .895551, kDigits);
  EXPECT_NEAR(known.mean_wait_s[0] / 60, 3.831561, kDigits);
  EXPECT_NEAR(known.mean_wait_s[1] / 60, 5.523073, kDigits);
  EXPECT_NEAR(known.in_target[0], .283110, kDigits);
  EXPECT_NEAR(known.in_target[1], .136978, kDigits);
  for (const size_t only_a : {0u, 1u}) EXPECT_NEAR(known.occupancy[only_a], .866475, kDigits);
  for (const size_t both : {2u, 3u}) EXPECT_NEAR(known.occupancy[both], .933525, kDigits);
}

TEST(ExactTest, TheProductFormGivesTheKnownNumbersOfTheW) {
  const Forecast known = forecast(w_centre(), kTargetS);
  for (const size_t type : {0u, 1u}) {
    EXPECT_NEAR(known.wait_probability[type], .640398, kDigits);
    EXPECT_NEAR(known.mean_wait_s[type] / 60, 1.767535, kDigits);
    EXPECT_NEAR(known.in_target[type], .426595, kDigits);
  }
  for (const size_t one : {0u, 1u}) EXPECT_NEAR(known.occupancy[one], .755324, kDigits);
  for (const size_t both : {2u, 3u}) EXPECT_NEAR(known.occupancy[both], .844676, kDigits);
}

TEST(ExactTest, TheProductFormGivesTheKnownNumbersOfTheChain) {
  const Forecast known = forecast(chain_centre(), kTargetS);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(known.wait_probability[i], .674183, kDigits);
    EXPECT_NEAR(known.mean_wait_s[i] / 60, 1.972000, kDigits);
    EXPECT_NEAR(known.in_target[i], .385193, kDigits);
    EXPECT_NEAR(known.occupancy[i], .80, kDigits);
  }
}

TEST(ExactTest, APoolOfAllForAllIsErlangC) {
  SkillGraph pool;
  pool.arrival_rates = {100.0 / 3600};
  pool.service_rates.assign(7, 1.0 / 180);
  pool.agents_of = {0x7f};
  const Forecast known = forecast(pool, kTargetS);
  EXPECT_NEAR(known.wait_probability[0], .32414995, 1e-8);
  EXPECT_NEAR(known.mean_wait_s[0], 29.173495, kDigits);
  EXPECT_NEAR(known.in_target[0], .74044101, kDigits);
  EXPECT_NEAR(erlang_c(7, 5.0 / 7), .32414995, 1e-8);
}

TEST(ExactTest, TheFormulasOfPrioritiesGiveTheKnownNumbers) {
  const PriorityPool pool = busy_pool();
  EXPECT_NEAR(first_come_wait(pool), 240.332531, kDigits);
  const std::vector<double> strict = strict_priority_waits(pool);
  EXPECT_NEAR(strict[0], 12.649081, kDigits);
  EXPECT_NEAR(strict[1], 316.227014, kDigits);
  const std::vector<double> accumulating = accumulating_priority_waits(pool, {4, 1});
  EXPECT_NEAR(accumulating[0], 82.064767, kDigits);
  EXPECT_NEAR(accumulating[1], 293.088452, kDigits);
}

TEST(ExactTest, TheMeanWaitIsTheSameUnderEveryOrderOfThreeClasses) {
  const PriorityPool pool = calm_pool();
  for (const std::vector<double>& waits :
       {strict_priority_waits(pool), accumulating_priority_waits(pool, {9, 3, 1})}) {
    double weighted = 0;
    double rate = 0;
    for (size_t i = 0; i < waits.size(); ++i) {
      weighted += pool.arrival_rates[i] * waits[i];
      rate += pool.arrival_rates[i];
    }
    EXPECT_NEAR(weighted / rate, first_come_wait(pool), kDigits);
  }
}

TEST(ExactTest, TheChainOfEqualAgentsWaitsAsErlangCWhoeverIsChosen) {
  const std::vector<double> rates(4, 0.01);
  for (const bool first : {true, false}) {
    const Forecast known = forecast(
        0.03, rates,
        [&](uint32_t busy, uint32_t s) {
          const uint32_t free = ~busy & 0xf;
          if (first) return (free & -free) == uint32_t{1} << s ? 1.0 : 0.0;
          return 1.0 / __builtin_popcount(free);
        },
        kTargetS);
    EXPECT_NEAR(known.wait_probability[0], erlang_c(4, .75), kDigits);
    EXPECT_NEAR(known.mean_wait_s[0], erlang_c(4, .75) / 0.01, 1e-4);
    if (first) {
      EXPECT_GT(known.occupancy[0], known.occupancy[3] + 0.1);
    } else {
      EXPECT_NEAR(known.occupancy[0], .75, kDigits);
    }
  }
}

}  // namespace
}  // namespace acd::proof
