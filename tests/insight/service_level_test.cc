// SPDX-License-Identifier: Apache-2.0
// Which visits enter the service level, when, and what comes out of its formulae.
#include <gtest/gtest.h>

#include "tests/insight/event_feed.h"

namespace acd {
namespace {

constexpr int64_t kTargetNs = 20 * kNsPerS;  // Of queue 0.
constexpr int64_t kShortNs = 5 * kNsPerS;

// Entered, answered in target, abandoned in target.
struct ServiceLevel {
  int64_t entered = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;
  bool operator==(const ServiceLevel&) const = default;
};

ServiceLevel service_level(const QueueCounts& counts) {
  return {counts.sl_entered, counts.sl_answered_in_target, counts.sl_abandoned_in_target};
}

// One agent and one waiting call in `queue`; the test ends the visit.
struct OneVisit : EventFeed {
  explicit OneVisit(uint32_t queue = 0) {
    upsert(0, "ada");
    enqueue(0, queue);
  }
  ServiceLevel after(int64_t wait_ns, EventKind end, uint32_t queue = 0) {
    at(wait_ns);
    add(end, call_index(0), agent_index(0));
    EXPECT_TRUE(counts(queue).conserved());
    return service_level(counts(queue));
  }
};

TEST(ServiceLevelTest, CountsAnswerExactlyAtTargetAsWithin) {
  EXPECT_EQ(OneVisit().after(kTargetNs, EventKind::kCallConnected), (ServiceLevel{1, 1, 0}));
  EXPECT_EQ(OneVisit().after(kTargetNs + 1, EventKind::kCallConnected), (ServiceLevel{1, 0, 0}));
}

TEST(ServiceLevelTest, CountsAbandonExactlyAtTargetAsWithin) {
  EXPECT_EQ(OneVisit().after(kTargetNs, EventKind::kCallAbandoned), (ServiceLevel{1, 0, 1}));
  EXPECT_EQ(OneVisit().after(kTargetNs + 1, EventKind::kCallAbandoned), (ServiceLevel{1, 0, 0}));
}

TEST(ServiceLevelTest, LeavesOutAbandonUnderThreshold) {
  OneVisit visit;
  EXPECT_EQ(visit.after(kShortNs - 1, EventKind::kCallAbandoned), (ServiceLevel{0, 0, 0}));
  EXPECT_EQ(visit.counts().short_abandoned, 1);
  EXPECT_EQ(visit.counts().abandoned, 0);
}

TEST(ServiceLevelTest, CountsAbandonExactlyAtThreshold) {
  OneVisit visit;
  EXPECT_EQ(visit.after(kShortNs, EventKind::kCallAbandoned), (ServiceLevel{1, 0, 1}));
  EXPECT_EQ(visit.counts().short_abandoned, 0);
  EXPECT_EQ(visit.counts().abandoned, 1);
}

TEST(ServiceLevelTest, EntersTimeOutAtAnyWait) {
  EXPECT_EQ(OneVisit().after(0, EventKind::kCallTimedOut), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(OneVisit().after(kTargetNs + 1, EventKind::kCallTimedOut), (ServiceLevel{1, 0, 0}));
}

TEST(ServiceLevelTest, EntersWithdrawnAndFailedOnlyPastTarget) {
  for (const EventKind end : {EventKind::kCallWithdrawn, EventKind::kCallFailed}) {
    EXPECT_EQ(OneVisit().after(kTargetNs, end), (ServiceLevel{0, 0, 0}));
    EXPECT_EQ(OneVisit().after(kTargetNs + 1, end), (ServiceLevel{1, 0, 0}));
  }
}

TEST(ServiceLevelTest, EntersWaitingVisitOncePastTarget) {
  OneVisit visit;
  visit.board.advance(kTargetNs);
  EXPECT_EQ(visit.counts().sl_entered, 0);
  EXPECT_FALSE(visit.board.call(call_index(0)).in_service_level);
  visit.board.advance(kTargetNs + 1);
  EXPECT_EQ(visit.counts().sl_entered, 1);
  EXPECT_TRUE(visit.board.call(call_index(0)).in_service_level);
  visit.board.advance(2 * kTargetNs);
  EXPECT_EQ(visit.counts().sl_entered, 1);
  EXPECT_EQ(visit.after(3 * kTargetNs, EventKind::kCallConnected), (ServiceLevel{1, 0, 0}));
}

TEST(ServiceLevelTest, EntersEachOfManyWaitingVisitsInItsTurn) {
  EventFeed feed;
  for (uint32_t call = 0; call < 10; ++call) {
    feed.at_s(call);
    feed.enqueue(call);
  }
  for (int64_t entered = 0; entered <= 10; ++entered) {
    feed.board.advance(kTargetNs + entered * kNsPerS);
    EXPECT_EQ(feed.counts().sl_entered, entered);
  }
}

TEST(ServiceLevelTest, EntersLateComerWhoseAgeIsPastTarget) {
  EventFeed feed;
  feed.at_s(100);
  feed.board.advance(feed.now_ns);
  feed.enqueue(0, 0, kTargetNs + 1);
  feed.enqueue(1, 0, kTargetNs);
  feed.board.advance(feed.now_ns);
  EXPECT_EQ(feed.counts().sl_entered, 1);
  EXPECT_TRUE(feed.board.call(call_index(0)).in_service_level);
  feed.board.advance(feed.now_ns + 1);
  EXPECT_EQ(feed.counts().sl_entered, 2);
}

TEST(ServiceLevelTest, WaitsForThresholdWhereItIsLongerThanTarget) {
  OneVisit visit(1);  // Target 3 s, short under 10 s.
  visit.board.advance(10 * kNsPerS - 1);
  EXPECT_EQ(visit.counts(1).sl_entered, 0);
  visit.board.advance(10 * kNsPerS);
  EXPECT_EQ(visit.counts(1).sl_entered, 1);
}

TEST(ServiceLevelTest, JudgesEndsBetweenTargetAndLongerThreshold) {
  const int64_t wait_ns = 5 * kNsPerS;
  EXPECT_EQ(OneVisit(1).after(wait_ns, EventKind::kCallAbandoned, 1), (ServiceLevel{0, 0, 0}));
  EXPECT_EQ(OneVisit(1).after(wait_ns, EventKind::kCallConnected, 1), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(OneVisit(1).after(wait_ns, EventKind::kCallTimedOut, 1), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(OneVisit(1).after(wait_ns, EventKind::kCallWithdrawn, 1), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(OneVisit(1).after(3 * kNsPerS, EventKind::kCallWithdrawn, 1), (ServiceLevel{0, 0, 0}));
}

// Overflow before the target is left out, and shown beside it; later it is past the target.
TEST(ServiceLevelTest, EntersOverflowOnlyPastTarget) {
  EventFeed feed;
  feed.enqueue(0);
  feed.enqueue(1);
  feed.at(kTargetNs);
  feed.overflow(0, 1);
  EXPECT_EQ(service_level(feed.counts()), (ServiceLevel{0, 0, 0}));
  EXPECT_EQ(feed.counts().sl_left_out, 1);
  EXPECT_EQ(feed.counts().sl_overflowed_in_target, 1);
  feed.at(kTargetNs + 1);
  feed.overflow_outside(1);
  EXPECT_EQ(service_level(feed.counts()), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(feed.counts().sl_left_out, 1);
  EXPECT_EQ(feed.counts().sl_overflowed_in_target, 1);
  EXPECT_EQ(feed.counts().overflowed_out, 2);
}

TEST(ServiceLevelTest, LeavesOutRejectedAtAnyAge) {
  EventFeed feed;
  feed.at_s(100);
  feed.enqueue(0, 0, 30 * kNsPerS);
  feed.board.advance(feed.now_ns);
  feed.reject(0);
  EXPECT_EQ(service_level(feed.counts()), (ServiceLevel{0, 0, 0}));
  EXPECT_EQ(feed.counts().sl_left_out, 1);
  EXPECT_EQ(feed.counts().rejected, 1);
}

// The wait of a visit begins anew in each queue, whatever the call's age.
TEST(ServiceLevelTest, JudgesEachVisitByItsOwnWait) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.enqueue(0, 1);
  feed.at_s(30);
  feed.overflow(0, 0);
  feed.at_s(50);
  feed.answer(0, 0);
  EXPECT_EQ(service_level(feed.counts(1)), (ServiceLevel{1, 0, 0}));
  EXPECT_EQ(service_level(feed.counts(0)), (ServiceLevel{1, 1, 0}));
  EXPECT_EQ(feed.counts(0).wait_answered_sum_ns, 20 * kNsPerS);
  EXPECT_EQ(service_level_percent(feed.counts(0), ServiceLevelVariant::kAbandonedNegative), 100.0);
}

// A wall-clock read may be ahead of events that are on their way.
TEST(ServiceLevelTest, JudgesByEventsAfterReadRanAhead) {
  OneVisit answered;
  answered.board.advance(kTargetNs + 1);
  EXPECT_EQ(answered.after(kTargetNs, EventKind::kCallConnected), (ServiceLevel{1, 1, 0}));

  OneVisit withdrawn;
  withdrawn.board.advance(kTargetNs + 1);
  EXPECT_EQ(withdrawn.after(kTargetNs, EventKind::kCallWithdrawn), (ServiceLevel{0, 0, 0}));
}

TEST(ServiceLevelTest, CountsAgeAsWait) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.at_s(100);
  feed.enqueue(0, 0, 15 * kNsPerS);
  feed.enqueue(1, 0, 16 * kNsPerS);
  feed.at_s(105);
  feed.answer(0, 0);
  feed.abandon(1);
  EXPECT_EQ(service_level(feed.counts()), (ServiceLevel{2, 1, 0}));
  EXPECT_EQ(feed.counts().wait_answered_sum_ns, 20 * kNsPerS);
  EXPECT_EQ(feed.counts().wait_max_ns, 21 * kNsPerS);
}

TEST(ServiceLevelTest, AdvanceNeverGoesBack) {
  EventFeed feed;
  feed.at_s(30);
  feed.enqueue(0);
  EXPECT_EQ(feed.board.now_ns(), 30 * kNsPerS);
  feed.board.advance(10 * kNsPerS);
  EXPECT_EQ(feed.board.now_ns(), 30 * kNsPerS);
  feed.board.advance(60 * kNsPerS);
  EXPECT_EQ(feed.board.now_ns(), 60 * kNsPerS);
  feed.board.advance(40 * kNsPerS);
  EXPECT_EQ(feed.board.now_ns(), 60 * kNsPerS);
  EXPECT_EQ(feed.counts().sl_entered, 1);
}

// 100 offered, 70 answered within, 10 abandoned within, 20 later: 77.8 / 70 / 80 %.
TEST(ServiceLevelTest, AgreesWithWorkedExample) {
  EventFeed feed;
  feed.upsert(0, "ada");
  for (uint32_t call = 0; call < 100; ++call) feed.enqueue(call);
  feed.at_s(10);
  for (uint32_t call = 0; call < 70; ++call) {
    feed.answer(call, 0);
    feed.complete(call, 0);
  }
  for (uint32_t call = 70; call < 80; ++call) feed.abandon(call);
  feed.at_s(30);
  for (uint32_t call = 80; call < 85; ++call) feed.abandon(call);
  for (uint32_t call = 85; call < 90; ++call) feed.add(EventKind::kCallTimedOut, call_index(call));
  feed.answer(90, 0);
  feed.board.advance(feed.now_ns);  // The last nine wait past the target.

  const QueueCounts& counts = feed.counts();
  EXPECT_EQ(service_level(counts), (ServiceLevel{100, 70, 10}));
  using enum ServiceLevelVariant;
  EXPECT_NEAR(service_level_percent(counts, kIgnoreAbandoned).value(), 77.8, 0.05);
  EXPECT_DOUBLE_EQ(service_level_percent(counts, kAbandonedNegative).value(), 70.0);
  EXPECT_DOUBLE_EQ(service_level_percent(counts, kAbandonedPositive).value(), 80.0);
  // Asterisk's two: 70 of 71 answered; 80 of those and of 20 who were abandoned or timed out.
  const ServiceLevelPercents all = service_level_percents(counts);
  EXPECT_NEAR(all.ignore_abandoned.value(), 77.8, 0.05);
  EXPECT_DOUBLE_EQ(all.abandoned_negative.value(), 70.0);
  EXPECT_DOUBLE_EQ(all.abandoned_positive.value(), 80.0);
  EXPECT_NEAR(all.asterisk_sl.value(), 98.6, 0.05);
  EXPECT_NEAR(all.asterisk_sl2.value(), 87.9, 0.05);
  EXPECT_DOUBLE_EQ(all.removed_in_target.value(), 80.0);
}

TEST(ServiceLevelTest, AsteriskTakesWhoLeavesInAnyWayAsAbandoned) {
  EventFeed feed;
  for (uint32_t call = 0; call < 4; ++call) feed.enqueue(call);
  feed.at_s(2);
  feed.abandon(0);  // Short.
  feed.add(EventKind::kCallWithdrawn, call_index(1));
  feed.add(EventKind::kCallTimedOut, call_index(2));
  feed.at_s(21);
  feed.add(EventKind::kCallWithdrawn, call_index(3));
  const ServiceLevelPercents all = service_level_percents(feed.counts());
  EXPECT_FALSE(all.asterisk_sl.has_value());
  EXPECT_DOUBLE_EQ(all.asterisk_sl2.value(), 75.0);
  EXPECT_DOUBLE_EQ(all.removed_in_target.value(), 25.0);
}

TEST(ServiceLevelTest, HasNoPercentWithoutDenominator) {
  QueueCounts counts;
  using enum ServiceLevelVariant;
  EXPECT_FALSE(service_level_percent(counts, kIgnoreAbandoned).has_value());
  EXPECT_FALSE(service_level_percent(counts, kAbandonedNegative).has_value());
  EXPECT_FALSE(service_level_percent(counts, kAbandonedPositive).has_value());
  counts.sl_entered = counts.sl_abandoned_in_target = 1;
  EXPECT_FALSE(service_level_percent(counts, kIgnoreAbandoned).has_value());
  EXPECT_EQ(service_level_percent(counts, kAbandonedNegative), 0.0);
  EXPECT_EQ(service_level_percent(counts, kAbandonedPositive), 100.0);
}

TEST(ServiceLevelTest, AppliesShorterTargetToCallsAlreadyWaiting) {
  EventFeed feed;
  feed.enqueue(0);
  feed.board.advance(15 * kNsPerS);
  EXPECT_EQ(feed.counts().sl_entered, 0);
  TenantConfig config = two_queues();
  config.queues[0].service_level_target_ns = 10 * kNsPerS;
  feed.configure(config);
  feed.board.advance(15 * kNsPerS);
  EXPECT_EQ(feed.counts().sl_entered, 1);
}

}  // namespace
}  // namespace acd
