// SPDX-License-Identifier: Apache-2.0
// Random streams of legal events: every window of every scope against a naive recomputation from the
// whole log.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "routing/insight/history_fold.h"
#include "routing/insight/saved_windows.h"
#include "routing/insight/window_stats.h"
#include "tests/insight/naive_windows.h"
#include "tests/insight/random_world.h"

namespace acd {
namespace {

// A world whose events a fold tells to windows.
class WindowRandomTest : public testing::TestWithParam<uint64_t> {
 protected:
  WindowRandomTest() : world_(GetParam()), fold_(std::make_unique<HistoryFold>()) {
    fold_->set_sink(windows_.get());
    fold_->configure(four_queues());
  }

  EventFeed& feed() { return world_.feed(); }

  void step() {
    world_.step();
    // Now and then nothing happens for long.
    if (jumps_.one_in(150)) feed().now_ns += jumps_.below(900) * kNsPerS;
    if (jumps_.one_in(2'000)) feed().now_ns += 3 * 3600 * kNsPerS;
    for (; folded_ < feed().log.events.size(); ++folded_) {
      fold_->apply(feed().log.events[folded_], feed().log.arena, kMidnightSoonNs, &rows_);
    }
    // A read may run ahead of the events.
    if (jumps_.one_in(20)) windows_->advance(feed().board, feed().board.now_ns());
    if (jumps_.one_in(40)) restore();
  }

  // Others take over where these are, as after a snapshot.
  void restore() {
    const SavedWindows saved = windows_->save();
    EXPECT_EQ(WindowStats::fault_of(saved), nullptr);
    auto restored = std::make_unique<WindowStats>();
    restored->restore(saved);
    EXPECT_TRUE(restored->save() == saved);
    auto fold = std::make_unique<HistoryFold>(fold_->state());
    fold->set_sink(restored.get());
    fold->configure(four_queues());
    fold_ = std::move(fold);
    windows_ = std::move(restored);
  }

  int64_t day_begin_ns(int64_t now_ns) const {
    const int64_t unix_ns = now_ns + kMidnightSoonNs;
    return unix_ns / kDayNs * kDayNs - kMidnightSoonNs;
  }

  void expect_same(const NaiveWindows& naive, const std::string& name, const StatsScope& scope,
                   const std::vector<uint32_t>& agents, int64_t now_ns) {
    for (size_t i = 0; i < kStatsWindowCount && !HasFailure(); ++i) {
      const auto window = static_cast<StatsWindow>(i);
      const int64_t minutes[] = {5, 15, 30, 60};
      const int64_t begin_ns = window == StatsWindow::kDay
                                   ? day_begin_ns(now_ns)
                                   : (now_ns / kMinuteNs - minutes[i]) * kMinuteNs;
      SCOPED_TRACE(name + ", window " + std::to_string(i) + ", now " + std::to_string(now_ns));
      const WindowView view = windows_->read(scope, window, now_ns);
      EXPECT_EQ(view.begin_ns, begin_ns);
      std::map<std::string, int64_t> expected;
      for (const Happening& one : naive.happenings) {
        if (one.time_ns < begin_ns || !NaiveWindows::contains(one.scopes, name)) continue;
        expected[one.figure] += one.value;
      }
      EXPECT_EQ(figures_named(view), expected);
      for (size_t kind = 0; kind < kDurationKindCount; ++kind) {
        std::vector<int64_t> values;
        for (const Lasted& one : naive.lasted) {
          if (one.time_ns < begin_ns || static_cast<size_t>(one.kind) != kind) continue;
          if (NaiveWindows::contains(one.scopes, name)) values.push_back(one.duration_ns);
        }
        std::sort(values.begin(), values.end());
        expect_durations(view.durations[kind], values, agents.empty() && name[0] != 'b');
      }
      const bool has_visits = name[0] != 'a' && name.substr(0, 4) != "team";
      if (has_visits) {
        EXPECT_EQ(view.waiting_at_begin, naive.waiting_before(name, begin_ns));
        EXPECT_EQ(view.waiting_at_end, naive.waiting_before(name, INT64_MAX));
      }
      EXPECT_TRUE(view.conserved);
      if (!agents.empty() || name == "tenant") {
        std::vector<uint32_t> all = agents;
        for (uint32_t agent = 0; name == "tenant" && agent < kAgentCount; ++agent) {
          all.push_back(agent);
        }
        const auto [busy_ns, idle_ns] = naive.time_of(all, begin_ns);
        EXPECT_EQ(view.busy_ns, busy_ns);
        EXPECT_EQ(view.idle_ns, idle_ns);
      }
    }
  }

  static void expect_durations(const DurationView& view, const std::vector<int64_t>& sorted,
                               bool has_histogram) {
    EXPECT_EQ(view.count, static_cast<int64_t>(sorted.size()));
    int64_t sum_ns = 0;
    for (const int64_t value : sorted) sum_ns += value;
    EXPECT_EQ(view.sum_ns, sum_ns);
    EXPECT_EQ(view.max_ns, sorted.empty() ? 0 : sorted.back());
    EXPECT_EQ(view.percentiles.has_value(), has_histogram && !sorted.empty());
    if (!view.percentiles) return;
    EXPECT_EQ(view.percentiles->p50_ns, nearest_rank(sorted, 50));
    EXPECT_EQ(view.percentiles->p80_ns, nearest_rank(sorted, 80));
    EXPECT_EQ(view.percentiles->p90_ns, nearest_rank(sorted, 90));
    EXPECT_EQ(view.percentiles->p95_ns, nearest_rank(sorted, 95));
    EXPECT_EQ(view.percentiles->p99_ns, nearest_rank(sorted, 99));
  }

  void expect_same_points(const NaiveWindows& naive, const std::string& name,
                          const StatsScope& scope, int64_t now_ns) {
    const std::vector<DayPoint> points = windows_->day_points(scope, now_ns);
    const int64_t day_ns = day_begin_ns(now_ns);
    constexpr int64_t kPointNs = kDayPointMs * kNsPerMs;
    ASSERT_EQ(static_cast<int64_t>(points.size()), (now_ns - day_ns) / kPointNs + 1);
    for (size_t i = 0; i < points.size() && !HasFailure(); ++i) {
      const int64_t begin_ns = day_ns + static_cast<int64_t>(i) * kPointNs;
      SCOPED_TRACE(name + ", point " + std::to_string(i));
      DayPoint expected;
      expected.begin_unix_ms = (begin_ns + kMidnightSoonNs) / kNsPerMs;
      expected.waiting_max = naive.waiting_max(name, begin_ns, begin_ns + kPointNs);
      for (const Happening& one : naive.happenings) {
        if (one.time_ns < begin_ns || one.time_ns >= begin_ns + kPointNs) continue;
        if (!NaiveWindows::contains(one.scopes, name)) continue;
        if (one.figure == "answered") ++expected.answered;
        if (one.figure == "abandoned") ++expected.abandoned;
        if (one.figure == "sl_entered") ++expected.sl_entered;
        if (one.figure == "sl_answered_in_target") ++expected.sl_answered_in_target;
      }
      EXPECT_EQ(points[i].begin_unix_ms, expected.begin_unix_ms);
      EXPECT_EQ(points[i].waiting_max, expected.waiting_max);
      EXPECT_EQ(points[i].answered, expected.answered);
      EXPECT_EQ(points[i].abandoned, expected.abandoned);
      EXPECT_EQ(points[i].sl_entered, expected.sl_entered);
      EXPECT_EQ(points[i].sl_answered_in_target, expected.sl_answered_in_target);
    }
  }

  void expect_same() {
    Board& board = feed().board;
    const int64_t now_ns = board.now_ns();
    board.advance(now_ns);
    windows_->advance(board, now_ns);
    const NaiveWindows naive(feed().log.events, feed().log.arena, now_ns);
    expect_same(naive, "tenant", StatsScope::tenant(), {}, now_ns);
    expect_same_points(naive, "tenant", StatsScope::tenant(), now_ns);
    for (uint32_t i = 0; i < kQueueCount; ++i) {
      const std::string name = "queue " + std::to_string(i);
      expect_same(naive, name, StatsScope::of(queue_index(i)), {}, now_ns);
      expect_same_points(naive, name, StatsScope::of(queue_index(i)), now_ns);
    }
    for (const char* skill : {"", "ps", "it", "hr"}) {
      expect_same(naive, std::string("skill ") + skill, StatsScope::skill(skill), {}, now_ns);
    }
    for (uint32_t i = 0; i < kPriorityBandCount; ++i) {
      const StatsScope band = StatsScope::of(static_cast<PriorityBand>(i));
      expect_same(naive, "band " + std::to_string(i), band, {}, now_ns);
    }
    for (uint32_t i = 0; i < kAgentCount; ++i) {
      expect_same(naive, "agent " + std::to_string(i), StatsScope::of(agent_index(i)), {i}, now_ns);
    }
    expect_same(naive, "team ", StatsScope::team(""), {0, 2, 4}, now_ns);
    expect_same(naive, "team night", StatsScope::team("night"), {1, 3}, now_ns);
    EXPECT_EQ(windows_->conservation_violations(), 0);
  }

  // Of a row that has figures.
  static void expect_same(const NaiveWindows& naive, const ScopeIntervalRow& row) {
    const std::string name = name_of(row);
    const int64_t begin_ns = row.begin_ms * kNsPerMs - kMidnightSoonNs;
    const int64_t end_ns = begin_ns + kIntervalMs * kNsPerMs;
    SCOPED_TRACE(name + ", interval " + std::to_string(begin_ns));
    Figures figures{};
    add_cells(&figures, row.figures);
    WindowView view;
    for (size_t i = 0; i < kQueueCountMembers.size(); ++i) {
      view.counts.*kQueueCountMembers[i] = figures[i];
    }
    for (size_t i = 0; i < kOfferCountMembers.size(); ++i) {
      view.counts.offers.*kOfferCountMembers[i] = figures[number_of(Figure::kOffersCreated) + i];
    }
    view.calls.begun = figures[number_of(Figure::kCallsBegun)];
    for (size_t i = 0; i < CallCounts::kOutcomeCount; ++i) {
      view.calls.ended[i] = figures[number_of(Figure::kCallsEnded) + i];
    }
    const auto is_in = [&](const auto& one) {
      return one.time_ns >= begin_ns && one.time_ns < end_ns &&
             NaiveWindows::contains(one.scopes, name);
    };
    std::map<std::string, int64_t> expected;
    for (const Happening& one : naive.happenings) {
      if (is_in(one)) expected[one.figure] += one.value;
    }
    // Rows are not written again: who entered by waiting and is none of it after all counts -1 later.
    expected.erase("sl_entered");
    view.counts.sl_entered = 0;
    EXPECT_EQ(figures_named(view), expected);
    for (size_t kind = 0; kind < kDurationKindCount; ++kind) {
      std::vector<int64_t> values;
      for (const Lasted& one : naive.lasted) {
        if (static_cast<size_t>(one.kind) == kind && is_in(one)) values.push_back(one.duration_ns);
      }
      std::sort(values.begin(), values.end());
      const size_t first = number_of(static_cast<DurationKind>(kind));
      DurationView shown{figures[first], figures[first + 1], figures[first + 2], {}};
      expect_durations(shown, values, false);
      if (row.kind != StatsScope::Kind::kTenant && row.kind != StatsScope::Kind::kSkill) continue;
      expect_histogram(row.histogram, static_cast<uint32_t>(kind), values);
    }
    if (row.kind == StatsScope::Kind::kTeam) {
      const std::vector<uint32_t> agents =
          row.name.empty() ? std::vector<uint32_t>{0, 2, 4} : std::vector<uint32_t>{1, 3};
      const auto [busy_ns, idle_ns] = naive.time_of(agents, begin_ns);
      const auto [busy_after_ns, idle_after_ns] = naive.time_of(agents, end_ns);
      EXPECT_EQ(figures[number_of(Figure::kBusyNs)], busy_ns - busy_after_ns);
      EXPECT_EQ(figures[number_of(Figure::kIdleNs)], idle_ns - idle_after_ns);
      return;
    }
    EXPECT_EQ(row.waiting_at_begin, naive.waiting_before(name, begin_ns));
    EXPECT_EQ(row.waiting_at_end, naive.waiting_before(name, end_ns));
    EXPECT_EQ(row.waiting_at_begin + view.counts.visits(),
              view.counts.visits_ended() + row.waiting_at_end);
    if (row.kind != StatsScope::Kind::kTenant) return;
    int64_t ended = 0;
    for (const int64_t one : view.calls.ended) ended += one;
    EXPECT_EQ(row.live_at_begin + view.calls.begun, ended + row.live_at_end);
  }

  static void expect_histogram(const Histogram& histogram, uint32_t kind,
                               const std::vector<int64_t>& sorted) {
    Histogram expected;
    for (const int64_t value : sorted) expected.add(kind, value / kNsPerMs);
    EXPECT_EQ(histogram.count(kind), expected.count(kind));
    for (const int32_t percent : {1, 50, 80, 95, 100}) {
      EXPECT_EQ(histogram.percentile(kind, percent), expected.percentile(kind, percent));
    }
  }

  static std::string name_of(const ScopeIntervalRow& row) {
    const std::map<std::string, std::string> bands = {
        {"low", "band 0"}, {"normal", "band 1"}, {"high", "band 2"}};
    switch (row.kind) {
      case StatsScope::Kind::kTenant:
        return "tenant";
      case StatsScope::Kind::kSkill:
        return "skill " + row.name;
      case StatsScope::Kind::kTeam:
        return "team " + row.name;
      default:
        return bands.at(row.name);
    }
  }

  World world_;
  HistoryRows rows_;
  std::unique_ptr<WindowStats> windows_ = std::make_unique<WindowStats>();
  std::unique_ptr<HistoryFold> fold_;
  size_t folded_ = 0;
  Random jumps_{GetParam() * 77};
};

TEST_P(WindowRandomTest, AgreesWithNaiveRecomputation) {
  for (int i = 1; i <= 3'000 && !HasFailure(); ++i) {
    step();
    if (i % 150 == 0) expect_same();
  }
  const CallCounts calls = windows_->calls();
  EXPECT_TRUE(calls.conserved());
  EXPECT_GT(calls.begun, 100);
}

// What is saved depends on the events alone.
TEST_P(WindowRandomTest, DoesNotDependOnEarlierReadsOrSnapshots) {
  WindowStats read_once;
  HistoryFold fold;
  fold.set_sink(&read_once);
  fold.configure(four_queues());
  for (int i = 0; i < 2'000; ++i) step();
  for (const Event& event : feed().log.events) {
    fold.apply(event, feed().log.arena, kMidnightSoonNs, nullptr);
  }
  EXPECT_TRUE(read_once.save() == windows_->save());
}

// Whoever read or restored in between.
TEST_P(WindowRandomTest, IntervalsOfHistoryAreWhatTheLogSays) {
  for (int i = 0; i < 3'000; ++i) step();
  const NaiveWindows naive(feed().log.events, feed().log.arena, feed().now_ns);
  std::map<StatsScope::Kind, int> rows;
  std::map<std::pair<std::string, int64_t>, int64_t> answered_of_queues;
  std::map<int64_t, int64_t> entered;  // By interval: of the queues, less that of the tenant.
  std::map<int64_t, int64_t> entered_of_bands;
  for (const QueueIntervalRow& row : rows_.queue_intervals) {
    const DurationSum& wait = row.interval.media.total().wait_answered;
    answered_of_queues[{row.queue, row.begin_ms}] = wait.max_ns;
    const int64_t entered_here = row.interval.media.total().counts.sl_entered;
    entered[row.begin_ms] += entered_here;
    entered_of_bands[row.begin_ms] += entered_here;
  }
  std::set<std::tuple<StatsScope::Kind, std::string, int64_t>> seen;
  for (const ScopeIntervalRow& row : rows_.scope_intervals) {
    if (HasFailure()) break;
    ++rows[row.kind];
    EXPECT_TRUE(seen.emplace(row.kind, row.name, row.begin_ms).second);
    if (row.kind != StatsScope::Kind::kQueue) {
      expect_same(naive, row);
      Figures figures{};
      add_cells(&figures, row.figures);
      const int64_t entered_here = figures[number_of(Figure::kSlEntered)];
      if (row.kind == StatsScope::Kind::kTenant) entered[row.begin_ms] -= entered_here;
      if (row.kind == StatsScope::Kind::kBand) entered_of_bands[row.begin_ms] -= entered_here;
      continue;
    }
    const auto of_answered = static_cast<uint32_t>(DurationKind::kWaitAnswered);
    const int64_t longest_ns = answered_of_queues.at({row.name, row.begin_ms});
    EXPECT_EQ(row.histogram.percentile(of_answered, 100).value_or(0),
              HistogramBuckets::middle(HistogramBuckets::of(longest_ns / kNsPerMs)));
  }
  for (const auto& [begin_ms, rest] : entered) EXPECT_EQ(rest, 0) << begin_ms;
  for (const auto& [begin_ms, rest] : entered_of_bands) EXPECT_EQ(rest, 0) << begin_ms;
  for (const StatsScope::Kind kind :
       {StatsScope::Kind::kTenant, StatsScope::Kind::kSkill, StatsScope::Kind::kBand,
        StatsScope::Kind::kTeam, StatsScope::Kind::kQueue}) {
    EXPECT_GT(rows[kind], 10);
  }
}

TEST_P(WindowRandomTest, NamesWhatCannotHaveBeenSaved) {
  for (int i = 0; i < 500; ++i) step();
  const SavedWindows good = windows_->save();
  ASSERT_FALSE(good.visits.empty());
  const auto expect_fault = [&](const std::string& fault, auto&& spoil) {
    SavedWindows bad = good;
    spoil(bad);
    const char* const found = WindowStats::fault_of(bad);
    EXPECT_EQ(found == nullptr ? "" : std::string(found), fault);
  };
  expect_fault("", [](SavedWindows&) {});
  expect_fault("tenant", [](SavedWindows& bad) { bad.tenant.day.push_back('\x80'); });
  expect_fault("tenant", [](SavedWindows& bad) { bad.tenant.day_histogram = {1, 1, 0, 1}; });
  expect_fault("tenant", [](SavedWindows& bad) { bad.tenant.interval = {1}; });
  expect_fault("tenant",
               [](SavedWindows& bad) { bad.tenant.slots.push_back(bad.tenant.slots[0]); });
  expect_fault("bands", [](SavedWindows& bad) { bad.bands.pop_back(); });
  expect_fault("queues", [](SavedWindows& bad) { bad.queues[0].scope.points.resize(1'000); });
  expect_fault("skills", [](SavedWindows& bad) { bad.skills.push_back(bad.skills.back()); });
  expect_fault("skills", [](SavedWindows& bad) { bad.skills[0].name = "other"; });
  expect_fault("teams", [](SavedWindows& bad) { bad.teams.clear(); });
  expect_fault("agents", [](SavedWindows& bad) { bad.agents[0].team = 2; });
  expect_fault("agents", [](SavedWindows& bad) { bad.agents[0].changes = {{0, 3}}; });
  expect_fault("skill_sets", [](SavedWindows& bad) { bad.skill_sets[0] = {100}; });
  expect_fault("skill_sets", [](SavedWindows& bad) { bad.skill_sets.clear(); });
  expect_fault("visits", [](SavedWindows& bad) { bad.visits[0].group = 0xFFFFFFFC; });
  expect_fault("visits", [](SavedWindows& bad) { bad.visits[0].queue = QueueIndex(4u); });
}

INSTANTIATE_TEST_SUITE_P(Seeds, WindowRandomTest, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace acd
