// SPDX-License-Identifier: Apache-2.0
// The conductor and its world, against a daemon in memory.
#include "sim/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/log_time.h"
#include "tests/sim/fake_daemon.h"
#include "tests/sim/log_files.h"
#include "tests/sim/replay_world.h"

namespace acd::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReplayTest, PlaysOneCallFromLogInToLogOut) {
  World world({{.arrival_s = 100, .wait_s = 10, .handle_s = 60, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.daemon.history,
              ElementsAre("100s call_offered bank-1-000001", "110s agent_logged_in A01",
                          "110s agent_ready A01", "110s leg_answered bank-1-000001",
                          "110s call_connected bank-1-000001", "170s agent_logged_out A01",
                          "170s call_ended bank-1-000001"));
  EXPECT_EQ(result.tallies[0].answered, 1);
  EXPECT_EQ(result.tallies[0].wait_answered_sum_ns, 10 * kNsPerS);
  EXPECT_EQ(result.tallies[0].handle_sum_ns, 60 * kNsPerS);
}

TEST(ReplayTest, LogsAgentOutBeforeTheEndOfTheirLastCall) {
  // The second caller would be given to A01 if the call ended first.
  World world(
      {{.arrival_s = 100, .handle_s = 60, .agent = "A01"}, {.arrival_s = 120, .handle_s = 5}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(160), ElementsAre("agent_logged_out A01", "call_ended bank-1-000001",
                                         "call_ended bank-1-000002"));
  EXPECT_THAT(result.timed_out_calls, ElementsAre("bank-1-000002"));
}

TEST(ReplayTest, AbandonedCallerWhoIsAnsweredSoonerTalksAsTheNextOne) {
  World world({{.arrival_s = 10, .handle_s = 5, .agent = "A01"},
               {.arrival_s = 20, .wait_s = 30, .is_served = false},
               {.arrival_s = 100, .handle_s = 40, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(20), ElementsAre("call_offered bank-1-000002", "leg_answered bank-1-000002",
                                        "call_connected bank-1-000002"));
  EXPECT_THAT(world.at(60), ElementsAre("call_ended bank-1-000002"));
  EXPECT_EQ(result.tallies[0].abandoned, 0);
  EXPECT_EQ(world.plan.recorded[0].abandoned, 1);
}

TEST(ReplayTest, AbandonedCallerHangsUpAfterTheLoggedWait) {
  World world({{.arrival_s = 10, .wait_s = 30, .is_served = false},
               {.arrival_s = 50, .handle_s = 40, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(40), ElementsAre("call_ended bank-1-000001"));
  EXPECT_EQ(result.tallies[0].abandoned, 1);
}

TEST(ReplayTest, HighPriorityIsServedBeforeCallersOfLessThanNinetySecondsMore) {
  World world({{.arrival_s = 10, .handle_s = 300, .agent = "A01"},
               {.arrival_s = 20, .handle_s = 10, .priority = 0},
               {.arrival_s = 100, .handle_s = 10, .priority = 2},
               {.arrival_s = 400, .handle_s = 10, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(310), ElementsAre("call_ended bank-1-000001", "leg_answered bank-1-000003",
                                         "call_connected bank-1-000003"));
}

TEST(ReplayTest, ReleasesCallerOfTypeThatNobodyServes) {
  World world({{.arrival_s = 10, .type = "PS", .handle_s = 30, .agent = "A01"},
               {.arrival_s = 15, .type = "NE", .handle_s = 30}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(15), ElementsAre("call_offered bank-1-000002", "call_ended bank-1-000002"));
  EXPECT_THAT(result.timed_out_calls, ElementsAre("bank-1-000002"));
  EXPECT_EQ(result.tallies[0].timed_out, 1);
}

TEST(ReplayTest, CallerWaitsForAgentWhoComesLaterThatDay) {
  World world(
      {{.arrival_s = 10, .handle_s = 5}, {.arrival_s = 30'000, .handle_s = 30, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(result.timed_out_calls, IsEmpty());
  EXPECT_EQ(result.tallies[0].wait_max_ns, 29'990 * kNsPerS);
}

TEST(ReplayTest, CallerDoesNotWaitForAgentOfTheNextDay) {
  World world({{.arrival_s = 10, .handle_s = 30, .agent = "A01"},
               {.arrival_s = 80'000, .handle_s = 30},
               {.day = 1, .arrival_s = 10, .handle_s = 30, .agent = "A01"}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(result.timed_out_calls, ElementsAre("bank-1-000002"));
}

TEST(ReplayTest, ReleasesWaitingCallersWhenTheLastAgentIsToldToGoBehindACall) {
  // A01 goes at 160 by the log, but is on a longer call then: the daemon offers them nothing more.
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"},
               {.arrival_s = 110, .wait_s = 20, .handle_s = 1, .agent = "A02"},
               {.arrival_s = 135, .handle_s = 900},
               {.arrival_s = 159, .handle_s = 900},
               {.arrival_s = 165, .handle_s = 30}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(result.timed_out_calls,
              ElementsAre("bank-1-000003", "bank-1-000004", "bank-1-000005"));
  EXPECT_THAT(world.at(165), ElementsAre("call_offered bank-1-000005", "call_ended bank-1-000005"));
}

TEST(ReplayTest, AgentTakesArrivalOfTheInstantTheyGo) {
  World world({{.arrival_s = 100, .handle_s = 10, .agent = "A01"},
               {.arrival_s = 105, .handle_s = 60, .agent = "A02"},
               {.arrival_s = 165, .handle_s = 30}});
  // A02 is free at 165 by the end of call 2, were they not logged out first; so the call is
  // released.
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(result.timed_out_calls, ElementsAre("bank-1-000003"));

  // Here A01 idles when the caller comes in the instant of the log-out.
  World idle({{.arrival_s = 90, .wait_s = 2, .is_served = false},
              {.arrival_s = 100, .wait_s = 10, .handle_s = 50, .agent = "A01"},
              {.arrival_s = 101, .wait_s = 1, .handle_s = 5, .agent = "A02"},
              {.arrival_s = 160, .handle_s = 7}});
  idle.plan.shifts[0].end_ns = 160 * kNsPerS;
  const ReplayResult taken = idle.run();
  EXPECT_THAT(taken.breaches, IsEmpty());
  EXPECT_THAT(idle.at(160),
              ElementsAre("call_offered bank-1-000004", "agent_logged_out A01",
                          "leg_answered bank-1-000004", "call_connected bank-1-000004"));
  EXPECT_THAT(taken.timed_out_calls, IsEmpty());
}

TEST(ReplayTest, DefersLogInUntilTheCallOfTheShiftBeforeIsOver) {
  World world({{.arrival_s = 86'000, .handle_s = 100, .agent = "A01"},
               {.arrival_s = 86'050, .handle_s = 10, .agent = "A02"},
               {.arrival_s = 86'061, .handle_s = 5'000},
               {.day = 1, .arrival_s = 600, .handle_s = 9'000, .agent = "A02"},
               {.day = 1, .arrival_s = 620, .handle_s = 5}});
  // A02 is given the long call in the instant they go, and is still on it when the next shift
  // begins.
  world.plan.shifts[1].end_ns = 86'061 * kNsPerS;
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  // The caller of the second day waits for them; the next one finds them busy until they go.
  EXPECT_THAT(result.timed_out_calls, ElementsAre("bank-1-000005"));
  EXPECT_THAT(world.at(86'400 + 600), ElementsAre("call_offered bank-1-000004"));
  const std::vector<std::string> end = world.at(86'061 + 5'000);
  ASSERT_GE(end.size(), 3u);
  EXPECT_EQ(end[0], "call_ended bank-1-000003");
  EXPECT_EQ(end[1], "agent_logged_in A02");
  EXPECT_EQ(end[2], "agent_ready A02");
}

TEST(ReplayTest, HandlesCallsOfNoLength) {
  World world({{.arrival_s = 100, .handle_s = 0, .agent = "A01"},
               {.arrival_s = 100, .handle_s = 0, .agent = "A02"},
               {.arrival_s = 100, .wait_s = 0, .is_served = false}});
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.tallies[0].answered, 2);
  EXPECT_EQ(result.tallies[0].short_abandoned, 1);
}

TEST(ReplayTest, StepsPastDeadlinesByOneNanosecond) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}});
  world.daemon.deadlines = {50 * kNsPerS, 70 * kNsPerS, 100 * kNsPerS - 1, 160 * kNsPerS};
  EXPECT_THAT(world.run().breaches, IsEmpty());
  std::vector<int64_t> nows = world.daemon.nows;
  nows.erase(std::unique(nows.begin(), nows.end()), nows.end());
  EXPECT_THAT(nows,
              ElementsAre(0, 50 * kNsPerS + 1, 70 * kNsPerS + 1, 100 * kNsPerS, 160 * kNsPerS));
}

TEST(ReplayTest, RefusesTimerThatNeverFires) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}});
  world.daemon.spoil_answer = [](ReplayAnswer& answer) { answer.next_deadline_ns = 5; };
  const auto result = Replay(world.plan, world.daemon, {}).run();
  EXPECT_TRUE(absl::IsInternal(result.status())) << result.status();
}

TEST(ReplayTest, SplitsAnInstantAtTheBatchLimit) {
  std::vector<RowText> rows;
  rows.reserve(40);
  for (int i = 0; i < 20; ++i) {
    rows.push_back({.arrival_s = 100, .handle_s = 30, .agent = "A" + std::to_string(10 + i)});
  }
  for (int i = 0; i < 20; ++i) rows.push_back({.arrival_s = 100, .wait_s = 0, .is_served = false});
  World world(rows);
  world.daemon.hello.batch_events_max = 7;
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.tallies[0].offered, 40);
  EXPECT_EQ(result.tallies[0].answered, 20);
}

TEST(ReplayTest, GoesOnAfterCutsBeforeAndAfterEveryBatch) {
  const std::vector<RowText> rows = {{.arrival_s = 10, .handle_s = 50, .agent = "A01"},
                                     {.arrival_s = 20, .wait_s = 3, .is_served = false},
                                     {.arrival_s = 30, .handle_s = 10, .agent = "A02"},
                                     {.arrival_s = 40, .wait_s = 5, .handle_s = 1'000},
                                     {.arrival_s = 45, .handle_s = 10}};
  World whole(rows);
  const ReplayResult expected = whole.run();
  for (int exchange = 1; exchange <= expected.batches; ++exchange) {
    for (const bool is_after : {false, true}) {
      World world(rows);
      (is_after ? world.daemon.cuts_after : world.daemon.cuts_before).insert(exchange);
      const ReplayResult result = world.run();
      EXPECT_THAT(result.breaches, IsEmpty()) << exchange << is_after;
      EXPECT_EQ(result.tallies, expected.tallies) << exchange << is_after;
      EXPECT_EQ(world.daemon.history, whole.daemon.history) << exchange << is_after;
      EXPECT_EQ(result.cuts, 1);
    }
  }
}

TEST(ReplayTest, FindsAcknowledgedEventsLostOverACut) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.cuts_before = {4};
  world.daemon.events_lost_by_cut = 1;
  const ReplayResult result = world.run();
  ASSERT_FALSE(result.breaches.empty());
  EXPECT_THAT(result.breaches[0], HasSubstr("were acknowledged, and are lost after the reconnect"));
}

TEST(ReplayTest, GivesUpWhenEveryAttemptIsCut) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  for (int i = 3; i < 100; ++i) world.daemon.cuts_before.insert(i);
  const auto result = Replay(world.plan, world.daemon, {}).run();
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  EXPECT_LE(world.daemon.connects, 2 + kCutsPerBatchMax);
}

TEST(ReplayTest, GivesUpWhenTheDaemonDoesNotComeBack) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.cuts_before = {3};
  world.daemon.connects_max = 1;
  const auto result = Replay(world.plan, world.daemon, {}).run();
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  EXPECT_EQ(world.daemon.connects, 2);
}

TEST(ReplayTest, RefusesDaemonOnTheMachinesClock) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.hello.is_clock_driven = false;
  const auto result = Replay(world.plan, world.daemon, {}).run();
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status()));
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("acdd --clock=driven"));
  EXPECT_THAT(world.daemon.history, IsEmpty());
}

TEST(ReplayTest, RefusesSessionThatWasPlayed) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.hello.last_durable_sequence = 7;
  const auto result = Replay(world.plan, world.daemon, {}).run();
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status()));
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("--seed"));
}

TEST(ReplayTest, StartsAtTheNextMidnightOfUsedDaemon) {
  World world({{.arrival_s = 0, .handle_s = 50, .agent = "A01"}});
  world.daemon.hello.now_ns = kDayNs - 100 * kNsPerS;
  world.daemon.deadlines = {kDayNs - 40 * kNsPerS};
  EXPECT_THAT(world.run().breaches, IsEmpty());
  // Within the settling time of that midnight, so it is the one after; the deadline fires before.
  EXPECT_EQ(world.daemon.nows[0], kDayNs - 100 * kNsPerS);
  EXPECT_EQ(world.daemon.nows[1], kDayNs - 40 * kNsPerS + 1);
  EXPECT_EQ(world.daemon.nows[2], 2 * kDayNs);
  EXPECT_EQ(world.daemon.history[0], std::to_string(2 * kDayS) + "s agent_logged_in A01");
}

TEST(ReplayTest, StopsAtRefusal) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}, {.arrival_s = 500}});
  world.daemon.unknown_agents = {"A01"};
  const ReplayResult result = world.run();
  ASSERT_FALSE(result.breaches.empty());
  EXPECT_THAT(result.breaches[0], HasSubstr("event 1 was refused: AGENT_UNKNOWN"));
  EXPECT_TRUE(world.at(500).empty());
}

TEST(ReplayTest, CallersWhomAFullDiskKeepsOutAreCountedApart) {
  // The second caller hangs up after 30 s in the log; here nobody lets them in.
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"},
               {.arrival_s = 20, .wait_s = 30, .is_served = false},
               {.arrival_s = 100, .handle_s = 40, .agent = "A01"}});
  world.daemon.kept_out = {"bank-1-000002"};
  ReplayProgress last;
  world.hooks.progress = [&](const ReplayProgress& now) { last = now; };
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.tallies[0].turned_away, 1);
  EXPECT_EQ(result.tallies[0].offered, 2);
  EXPECT_EQ(result.tallies[0].answered, 2);
  EXPECT_EQ(result.tallies[0].abandoned, 0);
  EXPECT_EQ(last.calls_over, 3);
  EXPECT_TRUE(world.at(50).empty());
}

TEST(ReplayTest, CallersKeptOutStayCountedOnceOverACut) {
  for (const bool is_answer_lost : {false, true}) {
    for (int exchange = 2; exchange <= 5; ++exchange) {
      World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"},
                   {.arrival_s = 20, .handle_s = 10},
                   {.arrival_s = 100, .handle_s = 40, .agent = "A01"}});
      world.daemon.kept_out = {"bank-1-000002"};
      (is_answer_lost ? world.daemon.cuts_after : world.daemon.cuts_before) = {exchange};
      const ReplayResult result = world.run();
      EXPECT_THAT(result.breaches, IsEmpty()) << exchange;
      EXPECT_EQ(result.tallies[0].turned_away, 1) << exchange;
      EXPECT_EQ(result.tallies[0].answered, 2) << exchange;
    }
  }
}

TEST(ReplayTest, CallersKeptOutOfASmallBatchSayNothingMore) {
  // The caller hangs up at once; arrival and end go out in two batches.
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"},
               {.arrival_s = 20, .wait_s = 0, .is_served = false}});
  world.daemon.hello.batch_events_max = 1;
  world.daemon.kept_out = {"bank-1-000002"};
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_THAT(world.at(20), ElementsAre("call_offered bank-1-000002"));
  EXPECT_EQ(result.tallies[0].turned_away, 1);
}

TEST(ReplayTest, FindsStatisticsThatDiffer) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.spoil_figures = [&](std::vector<QueueFigures>& figures) {
    if (!world.daemon.history.empty()) ++figures[0].answered;
  };
  EXPECT_THAT(world.run().breaches,
              ElementsAre(HasSubstr("answered is 2 in the daemon's statistics, but 1")));
}

TEST(ReplayTest, CountsOnlyItsOwnSession) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  world.daemon.spoil_figures = [](std::vector<QueueFigures>& figures) {
    figures[0].offered += 100;
    figures[0].answered += 90;
    figures[0].abandoned += 10;
  };
  EXPECT_THAT(world.run().breaches, IsEmpty());
}

TEST(ReplayTest, GoesAlongWithCallsThatTheDaemonReleases) {
  // The second caller would hang up after half a minute, but is released on entry.
  World world({{.arrival_s = 10, .handle_s = 90, .agent = "A01"},
               {.arrival_s = 20, .wait_s = 30, .is_served = false},
               {.arrival_s = 150, .handle_s = 40, .agent = "A01"}});
  world.daemon.releases = {world.plan.calls[1].id};
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  EXPECT_EQ(result.tallies[0].released, 1);
  EXPECT_EQ(result.tallies[0].abandoned, 0);
  EXPECT_THAT(world.at(50), IsEmpty());
}

TEST(ReplayTest, EndsWhenStopped) {
  World world(
      {{.arrival_s = 10, .handle_s = 50, .agent = "A01"}, {.arrival_s = 500, .handle_s = 1}});
  world.hooks.is_stopped = [&] { return world.daemon.history.size() >= 3; };
  const auto result = Replay(world.plan, world.daemon, world.hooks).run();
  EXPECT_TRUE(absl::IsCancelled(result.status()));
}

TEST(ReplayTest, PacesEveryInstantOfTheLog) {
  World world({{.arrival_s = 10, .handle_s = 50, .agent = "A01"}});
  std::vector<int64_t> instants;
  world.hooks.pace = [&](int64_t log_ns) { instants.push_back(log_ns / kNsPerS); };
  EXPECT_THAT(world.run().breaches, IsEmpty());
  EXPECT_THAT(instants, ElementsAre(10, 60));
}

TEST(ReplayTest, TellsOfOffersThatTheLogDoesNotKnow) {
  World world({{.arrival_s = 10, .type = "PS", .handle_s = 50, .agent = "A01"},
               {.arrival_s = 80, .type = "NE", .handle_s = 50, .agent = "A02"},
               {.arrival_s = 100, .type = "NE", .handle_s = 50}});
  world.plan.agents[0].queues.clear();
  world.plan.agents[0].queues.push_back(0);
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, IsEmpty());
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_THAT(result.notes[0], HasSubstr("made from another file"));
}

// The judge knows who serves whom.
TEST(ReplayTest, FindsACallOfAMixThatIsNeverOffered) {
  World world(
      {{.handle_s = 600, .agent = "A01"}, {.arrival_s = 5, .handle_s = 600, .agent = "A02"}},
      {.outcome = 1});  // Of none of these.
  world.daemon.forgotten = {world.plan.calls[1].id};
  const ReplayResult result = world.run();
  EXPECT_THAT(result.breaches, Contains(HasSubstr("and is not offered, though agent ")));
}

// Beside whatever else the daemon wakes for.
TEST(ReplayTest, TellsTheUnixTimeOfAFollowUpByTheHello) {
  World world({{.arrival_s = 100, .handle_s = 60, .agent = "A01"}}, {.followup = 100});
  CallPart& part = world.plan.calls[0].part;
  part.asks_by_request = false;
  part.followup_after_ns = 40 * kNsPerS;
  world.daemon.deadlines = {130 * kNsPerS};
  world.daemon.hello.now_ns = 0;
  world.daemon.hello.unix_ns = world.daemon.unix_offset_ns;
  world.run();
  EXPECT_EQ(world.daemon.scheduled.at("bank-1-000001-f"), 200 * kNsPerS);
}

TEST(ReplayTest, PlaysTheSampleDay) {
  const auto log = read_call_log(std::string(ACD_SOURCE_DIR) + "/sim/data/bank-1999-01-day.csv.gz");
  ASSERT_TRUE(log.ok()) << log.status();
  const auto plan = plan_replay(*log, {.tenant = "bank", .seed = 1, .from_day = {}, .to_day = {}});
  ASSERT_TRUE(plan.ok());
  FakeDaemon daemon(*plan);
  const auto result = Replay(*plan, daemon, {}).run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->breaches, IsEmpty());
  QueueTally total;
  for (const QueueTally& tally : result->tallies) total += tally;
  EXPECT_EQ(total.offered, 2'053);
  EXPECT_EQ(total.answered + total.abandoned + total.short_abandoned + total.timed_out, 2'053);
  EXPECT_GT(total.answered, 1'500);
}

}  // namespace
}  // namespace acd::sim
