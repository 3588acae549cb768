// SPDX-License-Identifier: Apache-2.0
// History where the machine's clock is corrected, leaps ahead or is set back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "daemon/history/history_writer.h"
#include "daemon/router_clock.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMinuteS = 60;
constexpr int64_t kHourS = 60 * kMinuteS;
constexpr int64_t kDayS = 24 * kHourS;

// Events at seconds since 08:00, turn by turn, with what the machine's clock said in its frame.
class HistoryClockTest : public ::testing::Test {
 protected:
  struct Turn {
    EventLog log;
    int64_t now_ns = 0;
    int64_t wall_ns = 0;
  };

  HistoryClockTest() {
    feed_.upsert(0, "ada");
    end_turn();
  }
  EventFeed& at_s(int64_t time_s) {
    feed_.at_s(time_s);
    return feed_;
  }
  // By so much the machine's clock is ahead from now on.
  void set_clock(int64_t ahead_ms) { ahead_ms_ = ahead_ms; }
  void end_turn() {
    EventLog log;
    log.arena = feed_.log.arena;
    log.events.assign(feed_.log.events.begin() + static_cast<std::ptrdiff_t>(events_),
                      feed_.log.events.end());
    events_ = feed_.log.events.size();
    turns_.push_back(
        {std::move(log), feed_.now_ns, feed_.now_ns + (kSampleMs + ahead_ms_) * kNsPerMs});
  }

  // What the observer does with the turns, from the first one; `turn_written(i)`: all of it is
  // written then.
  template <typename TurnWritten>
  void fold_turns(const std::string& path, size_t limit, TurnWritten turn_written) {
    HistoryOptions options;
    options.path = path;
    options.origin = kSampleOrigin;
    auto writer = HistoryWriter::open(options, turns_.size());
    ASSERT_TRUE(writer.ok()) << writer.status();
    auto fold = std::make_unique<HistoryFold>();
    fold->configure(two_queues());
    (*writer)->add_tenant("bank", std::move(fold));
    UnixAnchor anchor;
    for (size_t i = 0; i < limit; ++i) {
      anchor.on_frame(turns_[i].now_ns, turns_[i].wall_ns);
      (*writer)->fold(0, i + 1, turns_[i].log, anchor.offset_ns());
      (*writer)->end_turn(i + 1, 1);
      if (turn_written(i)) {
        ASSERT_TRUE((*writer)->finish().ok());
      }
    }
  }
  // Written after every turn.
  std::vector<std::string> select(const std::string& sql) {
    if (!is_folded_) fold_turns(path(), turns_.size(), [](size_t) { return true; });
    is_folded_ = true;
    return lines_of(path(), sql);
  }
  std::string path() { return folder_.path() + "/history.sqlite"; }
  // A call of a minute that begins to wait at `begin_s`; the clock changes while it talks.
  void call_across(int64_t begin_s, uint32_t call, int64_t ahead_ms) {
    at_s(begin_s).enqueue(call);
    end_turn();
    at_s(begin_s + 10).answer(call, 0);
    end_turn();
    set_clock(ahead_ms);
    at_s(begin_s + 60).complete(call, 0);
    end_turn();
  }
  // Ada works from 08:00 to 09:50; at 09:05 the clock is set back by an hour, at 09:20 by another
  // half, and at 09:30 it is right again.
  void play_a_clock_that_is_set_back_twice() {
    at_s(0).log_in(0, "100");
    feed_.change_state(0, AgentState::kNotReady, 7);
    end_turn();
    for (int64_t minute = 1; minute <= 110; ++minute) {
      if (minute == 65) set_clock(-kHourS * 1'000);
      if (minute == 80) set_clock(-kHourS * 3 / 2 * 1'000);
      if (minute == 90) set_clock(0);
      at_s(minute * kMinuteS).enqueue(static_cast<uint32_t>(minute));
      end_turn();
      at_s(minute * kMinuteS + minute % 7).abandon(static_cast<uint32_t>(minute));
      end_turn();
    }
    feed_.log_out(0);
    end_turn();
  }

  TempFolder folder_;
  EventFeed feed_;
  std::vector<Turn> turns_;

 private:
  size_t events_ = 0;
  int64_t ahead_ms_ = 0;
  bool is_folded_ = false;
};

TEST_F(HistoryClockTest, DurationsFollowRouterTimeAndStampsTheClock) {
  at_s(0).log_in(0, "100");
  end_turn();
  call_across(100, 1, 400);  // Within what is no correction.
  call_across(200, 2, 5'000);
  call_across(300, 3, kDayS * 1'000);
  call_across(400, 4, -kHourS * 1'000);
  call_across(500, 5, 0);
  at_s(600).log_out(0);
  end_turn();
  EXPECT_THAT(select("SELECT call, wait_ms, ring_ms, talk_ms FROM calls"),
              ElementsAre("c1|10000|0|50000", "c2|10000|0|50000", "c3|10000|0|50000",
                          "c4|10000|0|50000", "c5|10000|0|50000"));
  EXPECT_THAT(select("SELECT connected, ended FROM calls_utc"),
              ElementsAre("2026-01-05T08:01:50.000Z|2026-01-05T08:02:40.000Z",
                          "2026-01-05T08:03:30.000Z|2026-01-05T08:04:25.000Z",
                          "2026-01-05T08:05:15.000Z|2026-01-06T08:06:00.000Z",
                          "2026-01-06T08:06:50.000Z|2026-01-05T07:07:40.000Z",
                          "2026-01-05T07:08:30.000Z|2026-01-05T08:09:20.000Z"));
  EXPECT_THAT(select("SELECT sum(talk_sum_ms), sum(handled) FROM queue_intervals"),
              ElementsAre("250000|5"));
}

TEST_F(HistoryClockTest, AfterALeapTimeGoesIntoTheQuarterItBelongsToAgain) {
  at_s(0).log_in(0, "100");
  end_turn();
  set_clock(kDayS * 1'000);
  at_s(5 * kMinuteS).enqueue(1);
  end_turn();
  set_clock(0);
  at_s(6 * kMinuteS).abandon(1);
  end_turn();
  at_s(20 * kMinuteS).enqueue(2);
  end_turn();
  at_s(40 * kMinuteS).abandon(2);
  feed_.log_out(0);
  end_turn();
  EXPECT_THAT(select("SELECT begin, logged_in_ms FROM agent_intervals_utc"),
              ElementsAre("2026-01-05T08:00:00Z|840000", "2026-01-05T08:15:00Z|900000",
                          "2026-01-05T08:30:00Z|600000", "2026-01-06T08:00:00Z|60000"));
  EXPECT_THAT(
      select(
          "SELECT begin, offered, abandoned, waiting_at_end, staffed_ms FROM queue_intervals_utc "
          "WHERE queue = 'sales'"),
      ElementsAre("2026-01-05T08:00:00Z|0|1|0|840000", "2026-01-05T08:15:00Z|1|0|1|900000",
                  "2026-01-05T08:30:00Z|0|1|0|600000", "2026-01-06T08:00:00Z|1|0|1|60000"));
}

TEST_F(HistoryClockTest, QuartersThatComeAgainAddUp) {
  play_a_clock_that_is_set_back_twice();
  // 08:05 to 08:20 comes twice and 07:50 to 08:00 once; 09:05 to 09:30 not at all.
  EXPECT_THAT(
      select("SELECT substr(begin, 12, 5), offered, abandoned + short_abandoned, "
             "wait_max_ms, staffed_ms FROM queue_intervals_utc WHERE queue = 'sales'"),
      ElementsAre("07:45|10|10|6000|600000", "08:00|24|24|6000|1500000", "08:15|20|20|6000|1200000",
                  "08:30|15|15|6000|900000", "08:45|15|15|6000|900000", "09:00|5|5|6000|300000",
                  "09:30|15|15|6000|900000", "09:45|6|6|5000|305000"));
  EXPECT_THAT(select("SELECT sum(logged_in_ms), sum(not_ready_ms) FROM agent_intervals"),
              ElementsAre("6605000|6605000"));
  EXPECT_THAT(select("SELECT sum(not_ready_ms) FROM agent_not_ready WHERE reason = 7"),
              ElementsAre("6605000"));
}

TEST_F(HistoryClockTest, TheSameTurnsGiveTheSameRowsHoweverTheyAreWritten) {
  play_a_clock_that_is_set_back_twice();
  select("SELECT 1");
  const std::vector<std::string> expected = dump_history(path());
  const std::string at_once = folder_.path() + "/at_once.sqlite";
  fold_turns(at_once, turns_.size(), [&](size_t i) { return i + 1 == turns_.size(); });
  EXPECT_EQ(dump_history(at_once), expected);
  // A new life after every seventh turn, which replays all of them.
  const std::string lives = folder_.path() + "/lives.sqlite";
  for (size_t limit = 1; limit < turns_.size(); limit += 7) {
    fold_turns(lives, limit, [&](size_t i) { return i % 3 == 0; });
  }
  fold_turns(lives, turns_.size(), [&](size_t i) { return i + 1 == turns_.size(); });
  EXPECT_EQ(dump_history(lives), expected);
}

}  // namespace
}  // namespace acd
