// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/history_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/observer.h"
#include "daemon/router_clock.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/history/history_sample.h"

namespace acd {
namespace {

constexpr int64_t kMsPerDay = int64_t{24} * 3'600 * 1'000;

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HistoryWriterTest : public ::testing::Test {
 protected:
  HistoryWriterTest() {
    options_.path = folder_.path() + "/history.sqlite";
    options_.origin = kSampleOrigin;
    options_.transaction_every_ns = kNsPerS;
  }
  static TenantConfig config() {
    TenantConfig config;
    config.id = "bank";
    config.queues.resize(1);
    config.queues[0].id = "sales";
    return config;
  }
  std::unique_ptr<HistoryWriter> open_without_tenants() {
    auto writer = HistoryWriter::open(options_, 1'000'000);
    EXPECT_TRUE(writer.ok()) << writer.status();
    events_ = 0;
    return *std::move(writer);
  }
  std::unique_ptr<HistoryWriter> open() {
    auto writer = open_without_tenants();
    auto fold = std::make_unique<HistoryFold>();
    fold->configure(config());
    writer->add_tenant("bank", std::move(fold));
    return writer;
  }
  // A turn with one call that is over at once; the first tells of the queue as well.
  void turn(HistoryWriter& writer, uint64_t sequence) {
    writer.fold(0, sequence, log_of(sequence), unix_offset_ms_ * kNsPerMs);
    writer.end_turn(sequence, now_ns_);
  }
  EventLog log_of(uint64_t sequence) {
    EventLog log;
    if (events_ == 0)
      add(log, EventKind::kQueueConfigChanged, sequence).text = log.add_text("sales");
    Event& enqueued = add(log, EventKind::kCallEnqueued, sequence);
    enqueued.text = log.add_text("c" + std::to_string(sequence));
    add(log, EventKind::kCallAbandoned, sequence);
    return log;
  }
  int64_t rows() { return std::stoll(lines_of(options_.path, "SELECT count(*) FROM calls").at(0)); }

  TempFolder folder_;
  HistoryOptions options_;
  int64_t now_ns_ = kNsPerS;
  int64_t unix_offset_ms_ = kSampleMs;

 private:
  Event& add(EventLog& log, EventKind kind, uint64_t sequence) {
    Event& event = log.events.emplace_back();
    event.kind = kind;
    event.sequence = ++events_;
    event.time_ns = static_cast<int64_t>(sequence) * kNsPerS;
    event.call = CallIndex(0u);
    event.queue = QueueIndex(0u);
    return event;
  }

  int64_t events_ = 0;
};

TEST_F(HistoryWriterTest, WritesOnceASecondOrWhenMuchWaits) {
  options_.transaction_rows = 10;
  const auto writer = open();
  turn(*writer, 1);
  writer->write_due(now_ns_);
  EXPECT_EQ(rows(), 1);
  turn(*writer, 2);
  EXPECT_EQ(writer->write_due(now_ns_), now_ns_ + kNsPerS);
  EXPECT_EQ(rows(), 1);
  for (uint64_t i = 3; i <= 10; ++i) turn(*writer, i);
  EXPECT_GT(rows(), 1);
  writer->write_due(now_ns_ + kNsPerS);
  EXPECT_EQ(rows(), 10);
  EXPECT_EQ(writer->write_due(now_ns_ + kNsPerS), kNeverNs);
}

TEST_F(HistoryWriterTest, WritesNothingAgainThatAReplayBrings) {
  {
    const auto writer = open();
    for (uint64_t i = 1; i <= 5; ++i) turn(*writer, i);
    EXPECT_TRUE(writer->finish().ok());
    EXPECT_EQ(writer->status().written_sequence, 5u);
  }
  // Would be seen if it were written again.
  ASSERT_TRUE(
      Database::open(options_.path, Database::Mode::kWrite)->execute("DELETE FROM calls").ok());
  const auto writer = open();
  for (uint64_t i = 1; i <= 7; ++i) turn(*writer, i);
  EXPECT_TRUE(writer->finish().ok());
  EXPECT_THAT(lines_of(options_.path, "SELECT call FROM calls"), ElementsAre("c6", "c7"));
  EXPECT_THAT(lines_of(options_.path, "SELECT offered FROM queue_intervals"), ElementsAre("7"));
}

TEST_F(HistoryWriterTest, FallsBehindWhileSomebodyLocksTheFileAndCatchesUp) {
  options_.lag_max_rows = 20;
  const auto writer = open();
  turn(*writer, 1);
  writer->write_due(now_ns_);
  auto foreign = *Database::open(options_.path, Database::Mode::kWrite);
  ASSERT_TRUE(foreign.execute("BEGIN IMMEDIATE").ok());
  for (uint64_t i = 2; i <= 30; ++i) turn(*writer, i);
  now_ns_ += 2 * kNsPerS;
  EXPECT_EQ(writer->write_due(now_ns_), now_ns_ + kNsPerS);
  EXPECT_TRUE(writer->is_full());
  EXPECT_THAT(writer->status().error, HasSubstr("locked"));
  EXPECT_EQ(writer->status().written_sequence, 1u);
  ASSERT_TRUE(foreign.execute("COMMIT").ok());
  now_ns_ += kNsPerS;
  writer->write_due(now_ns_);
  EXPECT_FALSE(writer->is_full());
  EXPECT_EQ(writer->status().error, "");
  EXPECT_EQ(writer->status().written_sequence, 30u);
  EXPECT_EQ(rows(), 30);
}

// Routing waits in publish(), and readers do not.
TEST_F(HistoryWriterTest, HoldsTheTurnsUpBeyondItsLagAndLetsThemGoOnAStop) {
  options_.lag_max_rows = 20;
  options_.transaction_rows = 4;
  options_.retry_every_ns = kNsPerS / 5;
  const auto writer = open_without_tenants();
  auto foreign = *Database::open(options_.path, Database::Mode::kWrite);
  ASSERT_TRUE(foreign.execute("BEGIN IMMEDIATE").ok());
  RouterClock clock(ClockMode::kDriven);
  Observer observer;
  const Observer::BoardId board = observer.add_tenant(
      std::make_shared<const ConfigInForce>(ConfigInForce{{}, config(), ""}), &clock, writer.get());
  observer.start();
  constexpr uint64_t kTurns = 3 * Observer::kTurnsMax;
  auto router = std::async(std::launch::async, [&] {
    for (uint64_t i = 1; i <= kTurns; ++i) {
      TurnEvents turn;
      turn.sequence = i;
      turn.unix_offset_ns = kSampleMs * kNsPerMs;
      turn.logs.emplace_back(board, log_of(i));
      observer.publish(std::move(turn));
    }
  });
  const auto offered = [&] {
    std::promise<int64_t> answer;
    EXPECT_TRUE(observer.read(
        board, [&](const Insight& insight) { answer.set_value(insight.board.total().offered); }));
    return answer.get_future().get();
  };
  while (!writer->status().is_full) EXPECT_GE(offered(), 0);
  const int64_t held_at = offered();
  // Those that filled it, and twice what the observer takes at once: it folds, while as many wait.
  EXPECT_LE(held_at, static_cast<int64_t>(options_.lag_max_rows + 2 * Observer::kTurnsMax));
  EXPECT_EQ(writer->status().written_sequence, 0u);
  observer.stop_waiting_for_history();
  router.get();
  EXPECT_EQ(offered(), static_cast<int64_t>(kTurns));
  ASSERT_TRUE(foreign.execute("COMMIT").ok());
  observer.stop();
  EXPECT_EQ(writer->status().written_sequence, kTurns);
  EXPECT_EQ(rows(), static_cast<int64_t>(kTurns));
}

TEST_F(HistoryWriterTest, RemovesWhatIsOlderThanTheDaysKept) {
  options_.days = 1;
  options_.removal_every_ns = 0;
  const auto writer = open();
  for (uint64_t hour = 1; hour <= 26; ++hour) turn(*writer, hour * 3'600);
  writer->write_due(now_ns_);
  // The last hour is not proven yet.
  EXPECT_EQ(rows(), 26);
  turn(*writer, 27 * 3'600);
  turn(*writer, 28 * 3'600);
  writer->write_due(now_ns_ + kNsPerS);
  EXPECT_THAT(lines_of(options_.path, "SELECT call FROM calls ORDER BY number LIMIT 1"),
              ElementsAre("c10800"));
}

TEST_F(HistoryWriterTest, AClockThatIsYearsAheadForLessThanAnHourRemovesNothing) {
  options_.days = 1;
  options_.removal_every_ns = 0;
  const auto writer = open();
  turn(*writer, 1);
  turn(*writer, 3'700);
  const int64_t true_ms = unix_offset_ms_;
  unix_offset_ms_ += 3 * 365 * kMsPerDay;
  // At every place within an hour of turns, and up to the full hour.
  for (uint64_t s = 3'701; s < 3'701 + 3'600; s += 100) {
    turn(*writer, s);
    now_ns_ += kNsPerS;
    writer->write_due(now_ns_);
    ASSERT_THAT(lines_of(options_.path, "SELECT min(number) FROM calls"), ElementsAre("2")) << s;
  }
  unix_offset_ms_ = true_ms;
  for (uint64_t s = 7'301; s < 7'301 + 4 * 3'600; s += 600) {
    turn(*writer, s);
    now_ns_ += kNsPerS;
    writer->write_due(now_ns_);
    ASSERT_THAT(lines_of(options_.path, "SELECT min(number) FROM calls"), ElementsAre("2")) << s;
  }
  EXPECT_THAT(lines_of(options_.path, "SELECT unix_ms FROM progress"),
              ElementsAre(std::to_string(true_ms + (7'301 + 23 * 600) * 1'000)));
}

TEST_F(HistoryWriterTest, AClockThatWasBehindForAMomentHoldsUpRemovalForTwoHoursAtMost) {
  options_.days = 1;
  options_.removal_every_ns = 0;
  const auto writer = open();
  const auto oldest_after = [&](uint64_t sequence) {
    turn(*writer, sequence);
    now_ns_ += kNsPerS;
    writer->write_due(now_ns_);
    return lines_of(options_.path, "SELECT min(number) FROM calls").at(0);
  };
  constexpr uint64_t kHour = 3'600;
  turn(*writer, 1);
  for (uint64_t hour = 1; hour <= 24; ++hour) turn(*writer, hour * kHour + hour);
  unix_offset_ms_ -= 10 * 365 * kMsPerDay;
  EXPECT_EQ(oldest_after(24 * kHour + 30), "2");
  unix_offset_ms_ += 10 * 365 * kMsPerDay;
  EXPECT_EQ(oldest_after(25 * kHour + 40), "2");
  EXPECT_EQ(oldest_after(25 * kHour + 50), "2");
  // The moment itself, and what is older than a day.
  oldest_after(26 * kHour + 50);
  EXPECT_THAT(lines_of(options_.path, "SELECT call FROM calls ORDER BY arrived_ms LIMIT 1"),
              ElementsAre("c7202"));
}

// A call in 100 s and 50 of them a transaction, where far fewer may go at a time.
TEST_F(HistoryWriterTest, RemovesAsFastAsRowsCome) {
  constexpr int64_t kCallsPerDay = 24 * 36;
  options_.days = 1;
  options_.removal_every_ns = 0;
  options_.removal_rows = 10;
  const auto writer = open();
  for (uint64_t call = 1; call <= 4 * kCallsPerDay; ++call) {
    turn(*writer, call * 100);
    if (call % 50 != 0) continue;
    now_ns_ += kNsPerS;
    writer->write_due(now_ns_);
    // Up to two hours wait until the time is proven.
    EXPECT_LE(rows(), kCallsPerDay + 2 * 36 + 100) << "after " << call << " calls";
  }
}

}  // namespace
}  // namespace acd
