// SPDX-License-Identifier: Apache-2.0
// Windows case by case: minutes, midnights, clocks that leap, and the limits.
#include "routing/insight/window_stats.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "routing/insight/history_fold.h"
#include "routing/insight/saved_windows.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

constexpr int64_t kHourMs = int64_t{3600} * 1'000;
constexpr int64_t kNoonMs =
    int64_t{20'000} * 24 * kHourMs + 12 * kHourMs;  // Unix time of the start.

// A feed whose events are told to windows, with a clock that can be set.
class WindowFeed : public EventFeed {
 public:
  explicit WindowFeed(int64_t unix_ms = kNoonMs) : offset_ns(unix_ms * kNsPerMs) {
    fold_.set_sink(&windows);
    fold_.configure(two_queues());
  }

  WindowStats windows;
  int64_t offset_ns;  // Unix time less Router time.

  // As read now.
  WindowView read(StatsWindow window, const StatsScope& scope = StatsScope::tenant()) {
    fold();
    board.advance(now_ns);
    windows.advance(board, now_ns);
    return windows.read(scope, window, now_ns);
  }
  void fold() {
    for (; folded_ < log.events.size(); ++folded_) {
      fold_.apply(log.events[folded_], log.arena, offset_ns, nullptr);
    }
  }
  void change_config(const TenantConfig& config) {
    fold();
    board.configure(config);
    fold_.configure(config);
  }
  void fold_at_s(int64_t time_s) {
    fold();
    at_s(time_s);
  }
  // A call that is answered after `wait_s`, and over at once.
  void serve(uint32_t queue, int64_t wait_s) {
    enqueue(0, queue);
    at(now_ns + wait_s * kNsPerS);
    answer(0, 0);
    complete(0, 0);
  }
  void staff() {
    upsert(0, "ada", "", "|sales");
    log_in(0, "phone-1");
    change_state(0, AgentState::kReady);
  }

 private:
  HistoryFold fold_;
  size_t folded_ = 0;
};

TEST(WindowStatsTest, HasTheLastWholeMinutesAndTheOneUnderWay) {
  WindowFeed feed;
  feed.staff();
  feed.serve(0, 10);  // Answered at 10 s.
  feed.at_s(5 * 60 + 59);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).counts.answered, 1);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).begin_ns, 0);
  feed.at_s(6 * 60);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).counts.answered, 0);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).begin_ns, 60 * kNsPerS);
  EXPECT_EQ(feed.read(StatsWindow::k15Min).counts.answered, 1);
  feed.at_s(61 * 60);
  EXPECT_EQ(feed.read(StatsWindow::k60Min).counts.answered, 0);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.answered, 1);
}

TEST(WindowStatsTest, SaysWhatWaitedWhenItBegan) {
  WindowFeed feed;
  feed.enqueue(0);
  feed.enqueue(1);
  feed.fold_at_s(10 * 60);
  feed.abandon(0);
  feed.enqueue(2);
  const WindowView view = feed.read(StatsWindow::k5Min, StatsScope::of(queue_index(0)));
  EXPECT_EQ(view.waiting_at_begin, 2);
  EXPECT_EQ(view.counts.offered, 1);
  EXPECT_EQ(view.counts.abandoned, 1);
  EXPECT_EQ(view.waiting_at_end, 2);
  EXPECT_TRUE(view.conserved);
}

TEST(WindowStatsTest, LaysWhoWaitsInTheMinuteInWhichTheyPassedTheTarget) {
  WindowFeed feed;
  feed.staff();
  feed.at_s(30);
  feed.enqueue(0);  // Target 20 s: enters at 50 s.
  feed.at_s(7 * 60);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).counts.sl_entered, 0);
  EXPECT_EQ(feed.read(StatsWindow::k15Min).counts.sl_entered, 1);
  // Its answer changes nothing of that.
  feed.answer(0, 0);
  const WindowView view = feed.read(StatsWindow::k5Min);
  EXPECT_EQ(view.counts.sl_entered, 0);
  EXPECT_EQ(view.counts.answered, 1);
  EXPECT_EQ(feed.read(StatsWindow::k15Min).counts.sl_entered, 1);
}

TEST(WindowStatsTest, TakesAReadBackThatRanAheadOfTheAnswer) {
  WindowFeed feed;
  feed.staff();
  feed.enqueue(0);
  feed.fold();
  feed.board.advance(25 * kNsPerS);
  feed.windows.advance(feed.board, 25 * kNsPerS);
  EXPECT_EQ(feed.windows.read({}, StatsWindow::k5Min, 25 * kNsPerS).counts.sl_entered, 1);
  feed.at_s(20);
  feed.add(EventKind::kCallWithdrawn, call_index(0));
  feed.fold();
  EXPECT_EQ(feed.windows.read({}, StatsWindow::k5Min, 25 * kNsPerS).counts.sl_entered, 0);
}

TEST(WindowStatsTest, CountsACallForEverySkillItsQueueOrItselfAsksFor) {
  WindowFeed feed;
  feed.requirement = "ps AND NOT hr";
  feed.enqueue(0);
  feed.requirement = "";
  feed.enqueue(1);
  EXPECT_EQ(feed.read(StatsWindow::kDay, StatsScope::skill("ps")).counts.offered, 1);
  EXPECT_EQ(feed.read(StatsWindow::kDay, StatsScope::skill("hr")).counts.offered, 0);
  EXPECT_EQ(feed.read(StatsWindow::kDay, StatsScope::skill("")).counts.offered, 1);
  EXPECT_EQ(feed.windows.skills().front(), "");
}

TEST(WindowStatsTest, KeepsAVisitInTheBandInWhichItBegan) {
  WindowFeed feed;
  feed.priority = -1;
  feed.enqueue(0);
  feed.priority = 0;
  feed.enqueue(1);
  feed.add(EventKind::kCallPriorityChanged, call_index(0));
  feed.at_s(10);
  feed.abandon(0);
  const WindowView low = feed.read(StatsWindow::kDay, StatsScope::of(PriorityBand::kLow));
  EXPECT_EQ(low.counts.offered, 1);
  EXPECT_EQ(low.counts.abandoned, 1);
  EXPECT_TRUE(low.conserved);
  EXPECT_EQ(feed.read(StatsWindow::kDay, StatsScope::of(PriorityBand::kNormal)).counts.abandoned,
            0);
}

TEST(WindowStatsTest, OccupancyIsOfTheTimeWithinTheWindow) {
  WindowFeed feed;
  feed.staff();  // Ready from 0 on.
  feed.fold_at_s(58 * 60);
  feed.change_state(0, AgentState::kReserved);
  feed.fold_at_s(60 * 60);
  const StatsScope scopes[] = {StatsScope::of(agent_index(0)), StatsScope::team("sales"),
                               StatsScope::tenant()};
  for (const StatsScope& scope : scopes) {
    const WindowView view = feed.read(StatsWindow::k5Min, scope);
    EXPECT_EQ(view.busy_ns, 2 * 60 * kNsPerS);
    EXPECT_EQ(view.idle_ns, 3 * 60 * kNsPerS);
    EXPECT_DOUBLE_EQ(*view.occupancy_percent(), 40.0);
    const WindowView day = feed.read(StatsWindow::kDay, scope);
    EXPECT_EQ(day.busy_ns, 2 * 60 * kNsPerS);
    EXPECT_EQ(day.idle_ns, 58 * 60 * kNsPerS);
    EXPECT_EQ(day.duration(DurationKind::kIdle).sum_ns, 58 * 60 * kNsPerS);
  }
}

TEST(WindowStatsTest, AnAgentsTimeGoesWithThemToAnotherTeam) {
  WindowFeed feed;
  feed.staff();
  feed.fold_at_s(60);
  feed.upsert(0, "ada", "", "|service");
  feed.fold_at_s(180);
  EXPECT_EQ(feed.read(StatsWindow::k5Min, StatsScope::team("sales")).idle_ns, 60 * kNsPerS);
  EXPECT_EQ(feed.read(StatsWindow::k5Min, StatsScope::team("service")).idle_ns, 120 * kNsPerS);
}

// --- The day.

TEST(WindowStatsTest, TheDayBeginsAnewAtMidnight) {
  WindowFeed feed(kNoonMs + 11 * kHourMs);  // 23:00.
  feed.staff();
  feed.serve(0, 5);
  feed.enqueue(1);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 2);
  feed.at_s(3'600);
  // Nothing was told since, and it is another day all the same.
  WindowView view = feed.read(StatsWindow::kDay);
  EXPECT_EQ(view.counts.offered, 0);
  EXPECT_EQ(view.waiting_at_begin, 1);
  EXPECT_EQ(view.begin_ns, 3'600 * kNsPerS);
  feed.at_s(3'700);
  feed.abandon(1);
  view = feed.read(StatsWindow::kDay);
  EXPECT_EQ(view.waiting_at_begin, 1);
  EXPECT_EQ(view.counts.offered, 0);
  EXPECT_EQ(view.counts.abandoned, 1);
  EXPECT_TRUE(view.conserved);
  EXPECT_EQ(view.idle_ns, 100 * kNsPerS);
  EXPECT_EQ(feed.read(StatsWindow::k60Min).counts.offered, 0);
}

TEST(WindowStatsTest, TheDayIsTodayAlsoAfterDaysOfSilence) {
  WindowFeed feed(kNoonMs + 6 * kHourMs);  // 18:00.
  feed.staff();
  feed.at_s(42 * 3'600);  // 12:00, two days later.
  EXPECT_EQ(feed.read(StatsWindow::kDay).begin_ns, 30 * 3'600 * kNsPerS);
  EXPECT_EQ(feed.read(StatsWindow::kDay).idle_ns, 12 * 3'600 * kNsPerS);
  const std::vector<DayPoint> points = feed.windows.day_points(StatsScope::tenant(), feed.now_ns);
  ASSERT_EQ(points.size(), 12u * 12 + 1);
  EXPECT_EQ(points.front().begin_unix_ms, kNoonMs + 36 * kHourMs);
}

TEST(WindowStatsTest, AShorterTargetCountsWhoHasWaitedThatLongAlready) {
  WindowFeed feed;
  TenantConfig config = two_queues();
  config.queues[0].service_level_target_ns = 60 * kNsPerS;
  feed.change_config(config);
  feed.enqueue(0);
  feed.at_s(40);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).counts.sl_entered, 0);
  config.queues[0].service_level_target_ns = 20 * kNsPerS;
  feed.change_config(config);
  feed.at_s(41);
  EXPECT_EQ(feed.read(StatsWindow::k5Min).counts.sl_entered, 1);
}

TEST(WindowStatsTest, AClockSetBackOverMidnightBeginsNoDayTwice) {
  WindowFeed feed(kNoonMs + 11 * kHourMs);
  feed.staff();
  feed.at_s(3'600);
  feed.serve(0, 5);
  feed.fold();
  feed.offset_ns -= 600 * kNsPerS;  // 23:50 again.
  feed.serve(0, 5);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 2);
  feed.fold_at_s(3'600 + 700);  // Midnight again.
  feed.serve(0, 5);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 3);
}

TEST(WindowStatsTest, AClockThatWasDaysAheadBeginsTheDayAnew) {
  WindowFeed feed(kNoonMs + 9 * 24 * kHourMs);
  feed.staff();
  feed.serve(0, 5);
  feed.fold();
  feed.offset_ns = kNoonMs * kNsPerMs;
  feed.serve(0, 5);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 1);
}

TEST(WindowStatsTest, ADayIsAsLongAsItsRuleSays) {
  WindowFeed feed;
  // The day on which clocks go back lasts 25 hours.
  feed.windows.set_day_rule([](int64_t unix_ms) {
    const int64_t end_ms = kNoonMs + 13 * kHourMs;
    return unix_ms < end_ms ? LocalDay{end_ms - 25 * kHourMs, end_ms}
                            : LocalDay{end_ms, end_ms + 24 * kHourMs};
  });
  feed.staff();
  feed.serve(0, 5);
  feed.fold_at_s(12 * 3'600 + 1'800);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 1);
  EXPECT_EQ(feed.windows.day_points({}, feed.now_ns).size(), 24u * 12 + 6 + 1);
  feed.fold_at_s(13 * 3'600);
  EXPECT_EQ(feed.read(StatsWindow::kDay).counts.offered, 0);
  EXPECT_EQ(feed.windows.day_points({}, feed.now_ns).size(), 1u);
}

// --- Limits.

TEST(WindowStatsTest, WithoutMemoryForHistogramsTheOldestGoAndAllElseStays) {
  WindowFeed feed;
  feed.staff();
  for (int minute = 0; minute < 30; ++minute) {
    feed.fold_at_s(minute * 60);
    feed.serve(0, 5 + minute);
  }
  const WindowView before = feed.read(StatsWindow::k60Min);
  EXPECT_TRUE(before.percentiles_complete);
  const size_t bytes = feed.windows.histogram_bytes();
  EXPECT_GT(bytes, 0u);
  while (feed.windows.histogram_bytes() > bytes * 2 / 3)
    ASSERT_TRUE(feed.windows.drop_histograms());
  const WindowView after = feed.read(StatsWindow::k60Min);
  EXPECT_FALSE(after.percentiles_complete);
  EXPECT_TRUE(feed.read(StatsWindow::k5Min).percentiles_complete);
  EXPECT_EQ(after.counts, before.counts);
  EXPECT_EQ(after.duration(DurationKind::kWaitAll).sum_ns,
            before.duration(DurationKind::kWaitAll).sum_ns);
  EXPECT_GT(feed.windows.dropped_histograms(), 0);
  while (feed.windows.drop_histograms()) {
  }
  EXPECT_EQ(feed.windows.histogram_bytes(), 0u);
}

TEST(WindowStatsTest, ABusyMinuteTakesNoMoreThanItsBuckets) {
  WindowFeed feed;
  feed.staff();
  for (int i = 0; i < 3'000; ++i) {
    feed.enqueue(0);
    feed.answer(0, 0);
    feed.complete(0, 0);
  }
  const WindowView view = feed.read(StatsWindow::k5Min);
  EXPECT_EQ(view.duration(DurationKind::kTalk).count, 2'999);  // The last may have a wrap-up.
  static_cast<void>(feed.windows.save());
  EXPECT_LT(feed.windows.histogram_bytes(), 10'000u);
}

TEST(WindowStatsTest, ForgetsWhatAnAgentDidOverAnHourAgo) {
  WindowFeed feed;
  feed.staff();
  for (int i = 0; i < 10'000; ++i) {
    feed.at(feed.now_ns + 10 * kNsPerS);
    feed.change_state(0, i % 2 == 0 ? AgentState::kNotReady : AgentState::kReady);
    feed.fold();
  }
  EXPECT_LE(feed.windows.save().agents[0].changes.size(), 400u);
  const WindowView view = feed.read(StatsWindow::k60Min, StatsScope::of(agent_index(0)));
  const int64_t length_ns = feed.now_ns - view.begin_ns;
  EXPECT_NEAR(static_cast<double>(view.idle_ns), static_cast<double>(length_ns) / 2,
              static_cast<double>(20 * kNsPerS));
}

}  // namespace
}  // namespace acd
