// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the wait predictor, one part at a time.
#include "routing/insight/queue_wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "routing/insight/wait_prediction.h"
#include "routing/insight/wait_residuals.h"
#include "routing/insight/wait_ridge.h"

namespace acd {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();

// In [0, 1), the same everywhere.
class Chance {
 public:
  double next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  double normal() {
    return std::sqrt(-2 * std::log(1 - next())) * std::cos(6.283185307179586 * next());
  }

 private:
  uint64_t state_ = 20;
};

// --- Queue length.

TEST(QueueWaitTest, WithoutPatienceEachCallCostsOneOverTheRate) {
  const QueueWait wait = queue_wait(4, {.rate = .1});
  EXPECT_NEAR(wait.mean_s, 50, 1e-9);
  EXPECT_NEAR(wait.shape, 5, 1e-9);  // Erlang.
}

TEST(QueueWaitTest, WithPatienceItIsTheSumOfMMsM) {
  for (const double ahead : {0., 1., 7., 60.}) {
    for (const double leaving : {1e-7, .001, .005, .02}) {
      double mean = 0;
      double variance = 0;
      for (int n = 0; n <= ahead; ++n) {
        mean += 1 / (.1 + n * leaving);
        variance += 1 / std::pow(.1 + n * leaving, 2);
      }
      const QueueWait wait = queue_wait(ahead, {.rate = .1, .leaving_rate = leaving});
      EXPECT_NEAR(wait.mean_s / mean, 1, .005) << ahead << " " << leaving;
      EXPECT_NEAR(wait.shape / (mean * mean / variance), 1, .02) << ahead << " " << leaving;
    }
  }
}

TEST(QueueWaitTest, FractionsAreBetweenTheirNeighbours) {
  const QueueService service{.rate = .1, .leaving_rate = .01};
  double before = 0;
  for (double ahead = 0; ahead < 5; ahead += .25) {
    const double mean = queue_wait(ahead, service).mean_s;
    EXPECT_GT(mean, before) << ahead;
    before = mean;
  }
}

TEST(QueueWaitTest, WrapUpsBeyondTheUsualEndSooner) {
  // Two end on top at .05 each: the first of three departures at .1 + .1, then .1 + .05, then .1.
  const QueueWait wait = queue_wait(2, {.rate = .1, .ending = 2, .ending_rate = .05});
  EXPECT_NEAR(wait.mean_s, 1 / .2 + 1 / .15 + 1 / .1, 1e-9);
}

TEST(QueueWaitTest, WrapUpsThatAreMissingHaveToBeginFirst) {
  const QueueService missing{.rate = .1, .ending = -1.5, .ending_rate = .05};
  EXPECT_NEAR(queue_wait(2, missing).mean_s, 45, 1e-9);
}

// --- Overtaking.

TEST(QueueWaitTest, StrictPrioritiesAreCobhams) {
  // A tenth a second, two ahead: each overtaker costs 10 s, so .04 a second use up .4 of the rate.
  std::vector<Overtakers> all{{.04, kForever}};
  EXPECT_NEAR(wait_with_overtakers(30, 2, all), 50, 1e-9);
}

TEST(QueueWaitTest, NoMoreOvertakeThanComeWithinTheHeadStart) {
  std::vector<Overtakers> all{{.04, 20}};
  EXPECT_NEAR(wait_with_overtakers(30, 2, all), 30 + .4 * 20, 1e-9);
  all = {{.04, 60}};  // It is served before.
  EXPECT_NEAR(wait_with_overtakers(30, 2, all), 50, 1e-9);
  all = {{.04, 0}};
  EXPECT_NEAR(wait_with_overtakers(30, 2, all), 30, 1e-9);
}

TEST(QueueWaitTest, SeveralHeadStartsSolveTheSameEquation) {
  std::vector<Overtakers> all{{.01, kForever}, {.02, 5}, {.01, 20}};
  const double wait = wait_with_overtakers(30, 2, all);
  EXPECT_NEAR(wait, 30 + .1 * wait + .2 * 5 + .1 * 20, 1e-9);
}

TEST(QueueWaitTest, FloodsOfOvertakersLeaveItFinite) {
  std::vector<Overtakers> all{{1e6, kForever}};
  EXPECT_NEAR(wait_with_overtakers(30, 2, all), 30 / .05, 1e-6);
}

// --- Regression.

TEST(WaitRidgeTest, BeforeItKnowsItSaysTheSecondFeature) {
  EXPECT_EQ(WaitRidge().predict({7, 42, 3, 2, 1}), 42);
}

TEST(WaitRidgeTest, FindsTheWeightsOfALine) {
  WaitRidge ridge;
  Chance chance;
  for (int i = 0; i < 20'000; ++i) {
    WaitRidge::Features features;
    for (double& one : features) one = 10 + 50 * chance.next();
    const double outcome = .5 * features[0] + .25 * features[2] + .25 * features[4];
    ridge.learn(features, outcome + 5 * chance.normal(), .01);
  }
  EXPECT_NEAR(ridge.predict({100, 0, 0, 0, 0}), 50, 2);
  EXPECT_NEAR(ridge.predict({0, 100, 0, 0, 0}), 0, 2);
  EXPECT_NEAR(ridge.predict({0, 0, 100, 0, 0}), 25, 2);
}

TEST(WaitRidgeTest, FeaturesThatAreOneDoNotWindItUp) {
  WaitRidge ridge;
  for (int i = 0; i < 200'000; ++i) ridge.learn({60, 60, 60, 0, 60}, 60, 1.0 / 3'600);
  EXPECT_NEAR(ridge.predict({60, 60, 60, 0, 60}), 60, .1);
  for (const double weight : ridge.state().weights) EXPECT_LT(std::abs(weight), 2);
}

// --- Residuals.

TEST(WaitResidualsTest, AWaitComesBackFromItsResidual) {
  for (const double shape : {1., 2.5, 30.}) {
    for (const double wait : {1., 40., 300.}) {
      const QueueWait predicted{60, shape};
      EXPECT_NEAR(wait_of(residual_of(wait, predicted), predicted), wait, 1e-9);
    }
  }
  EXPECT_EQ(wait_of(-4, {60, 1}), 0);
}

TEST(WaitResidualsTest, BeforeItKnowsItIsTheGammaDistribution) {
  const WaitQuantiles z = WaitResiduals().quantiles(3);
  EXPECT_NEAR(z[0], 0, .01);
  EXPECT_NEAR(z[1], .8416, .01);
  EXPECT_NEAR(z[2], 1.6449, .02);
  // Exponential: -ln(1 - p). The approximation is the cube root's.
  EXPECT_NEAR(wait_of(z[1], {1, 1}), -std::log(.2), .02);
  EXPECT_NEAR(wait_of(z[2], {1, 1}), -std::log(.05), .05);
}

TEST(WaitResidualsTest, LearnsWhereResidualsAre) {
  WaitResiduals residuals;
  Chance chance;
  for (int i = 0; i < 20'000; ++i) residuals.learn(2, 1 + .5 * chance.normal(), true, true);
  const WaitQuantiles z = residuals.quantiles(2);
  EXPECT_NEAR(z[0], 1, .1);
  EXPECT_NEAR(z[1], 1.42, .12);
  EXPECT_NEAR(residuals.quantiles(9)[1], 1.42, .25);  // Another stratum leans on all.
}

TEST(WaitResidualsTest, WhoLeavesDoesNotMakeWaitsLookShort) {
  WaitResiduals residuals;
  WaitResiduals naive;
  Chance chance;
  for (int i = 0; i < 40'000; ++i) {
    const double wait = chance.normal();
    const double patience = chance.normal() + .5;
    residuals.learn(0, std::min(wait, patience), wait <= patience, true);
    if (wait <= patience) naive.learn(0, wait, true, true);
  }
  EXPECT_NEAR(residuals.quantiles(0)[1], .8416, .15);
  EXPECT_LT(naive.quantiles(0)[1], .65);
}

TEST(WaitResidualsTest, WithoutRoomAStratumGoesByTheWhole) {
  WaitResiduals residuals;
  residuals.learn(4, 0, true, false);
  EXPECT_TRUE(residuals.state().strata.empty());
  EXPECT_GT(residuals.state().pool.weight, 0);
  residuals.learn(4, 1e300, false, true);  // Nobody has waited so long: it says nothing.
  EXPECT_TRUE(residuals.state().strata.empty());
}

// --- Scores.

TEST(WaitScoreTest, CountsWhatCameOfPredictions) {
  WaitScore score;
  EXPECT_FALSE(score.coverage_percent());
  EXPECT_FALSE(score.relative_error());
  score.add(10, true, 20, {15, 30, 60});
  score.add(40, true, 20, {15, 30, 60});
  score.add(15, false, 20, {15, 30, 60});
  EXPECT_EQ(score.scored, 2);
  EXPECT_EQ(score.censored, 1);
  EXPECT_DOUBLE_EQ(*score.coverage_percent(), 50);
  EXPECT_DOUBLE_EQ(*score.mean_pinball_s(), (.2 * 20 + .8 * 10) / 2);
  EXPECT_THAT(score.within, testing::ElementsAre(1, 1, 2));
  EXPECT_DOUBLE_EQ(score.pinball_s[0], .5 * 5 + .5 * 25);
  EXPECT_DOUBLE_EQ(score.pinball_s[1], .2 * 20 + .8 * 10);
  EXPECT_NEAR(score.pinball_s[2], .05 * 50 + .05 * 20, 1e-9);
  EXPECT_DOUBLE_EQ(*score.relative_error(), std::sqrt((100. + 400.) / 2) / 25);
  const WaitScore early = score;
  score.add(30, true, 20, {15, 30, 60});
  EXPECT_EQ(score.since(early).scored, 1);
  EXPECT_DOUBLE_EQ(*score.since(early).coverage_percent(), 100);
  EXPECT_THAT(score.since(early).within, testing::ElementsAre(0, 1, 1));
  WaitScore sum = early;
  sum += score.since(early);
  EXPECT_EQ(sum.within, score.within);
  EXPECT_EQ(sum.answered_by_ratio, score.answered_by_ratio);
}

TEST(WaitScoreTest, KaplanAndMeierCountThoseWhoLeftForAsLongAsTheyWaited) {
  WaitScore score;
  Chance chance;
  int64_t within = 0;
  for (int i = 0; i < 40'000; ++i) {
    const double wait = -60 * std::log(1 - chance.next());
    const double patience = -90 * std::log(1 - chance.next());
    within += wait <= 96.6 ? 1 : 0;
    score.add(std::min(wait, patience), wait <= patience, 60, {41.6, 96.6, 179.7});
  }
  EXPECT_NEAR(*score.kaplan_meier_percent(), static_cast<double>(within) / 400, .7);
  EXPECT_GT(*score.coverage_percent(), 85);
}

TEST(WaitScoreTest, EveryReasonHasAName) {
  for (size_t i = 0; i < kWaitUnknownCount; ++i) {
    EXPECT_NE(wait_unknown_name(static_cast<WaitUnknown>(i)), "unknown") << i;
  }
}

}  // namespace
}  // namespace acd
