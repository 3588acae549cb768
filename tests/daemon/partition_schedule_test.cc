// SPDX-License-Identifier: Apache-2.0
// Calls for later enter when their Unix time has come: by the machine's clock or the conductor's,
// once, and also when nobody ran at that time.
#include <algorithm>
#include <string>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

constexpr int64_t kBeginNs = int64_t{1'800'000'000} * kNsPerS;
int64_t schedule_wall_ns = kBeginNs;
int64_t read_schedule_wall() { return schedule_wall_ns; }
int64_t ms_after(int64_t seconds) { return kBeginNs / kNsPerMs + seconds * 1'000; }

class PartitionScheduleTest : public ::testing::Test {
 protected:
  PartitionScheduleTest() { schedule_wall_ns = kBeginNs; }

  std::unique_ptr<Life> live(ClockMode mode = ClockMode::kWall) {
    PartitionOptions options;
    options.unix_ns = read_schedule_wall;
    auto life = std::make_unique<Life>(folder_.path(), mode, std::move(options));
    EXPECT_TRUE(life->recovered.ok()) << life->recovered;
    EXPECT_TRUE(life->started.ok()) << life->started;
    return life;
  }
  std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  static void set_clock(int64_t seconds) { schedule_wall_ns = kBeginNs + seconds * kNsPerS; }
  // Live calls, behind the answer to a request that changes nothing: what its turn did is durable.
  int64_t live_calls(Life& life) {
    Command command;
    command.kind = CommandKind::kSetOutcome;
    command.call = {0, 6};
    (void)life.ask(make_call_change(command, "nobody", ""));
    return static_cast<int64_t>(
        life.read<size_t>([](const Board& board) { return board.calls_by_age().size(); }));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionScheduleTest, EnterByTheMachinesClock) {
  const auto life = live();
  turn(*life, batch().open("pbx", "1"));
  turn(*life, batch()
                  .schedule(1, "late", "music", ms_after(7'200))
                  .schedule(2, "early", "music", ms_after(60))
                  .schedule(3, "over", "music", ms_after(-1)));
  EXPECT_EQ(live_calls(*life), 1);  // What is over enters at once.
  set_clock(59);
  EXPECT_EQ(live_calls(*life), 1);
  set_clock(60);
  EXPECT_EQ(live_calls(*life), 2);
  set_clock(7'200);
  EXPECT_EQ(live_calls(*life), 3);
  EXPECT_EQ(life->partition->check_invariants(), "");
}

TEST_F(PartitionScheduleTest, EnterAfterARestartWhenNobodyRanAtTheirTime) {
  uint64_t state_hash = 0;
  {
    const auto life = live();
    turn(*life, batch().open("pbx", "1"));
    turn(*life, batch()
                    .schedule(1, "c1", "music", ms_after(60))
                    .schedule(2, "c2", "music", ms_after(90'000)));
    state_hash = life->partition->state_hash();
  }
  {
    // Before its time: as it was.
    set_clock(30);
    const auto life = live();
    EXPECT_EQ(life->recovered_hash, state_hash);
    EXPECT_EQ(live_calls(*life), 0);
  }
  set_clock(80'000);
  {
    const auto life = live();
    EXPECT_EQ(live_calls(*life), 1);
  }
  // Once: the journal has it.
  const auto life = live();
  EXPECT_EQ(live_calls(*life), 1);
}

TEST_F(PartitionScheduleTest, ComeWithTheSnapshot) {
  {
    const auto life = live();
    turn(*life, batch().open("pbx", "1"));
    turn(*life, batch().schedule(1, "c1", "music", ms_after(60)));
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  set_clock(61);
  const auto life = live();
  EXPECT_EQ(life->partition->replayed_records(), 0u);
  EXPECT_EQ(live_calls(*life), 1);
}

TEST_F(PartitionScheduleTest, AreListedAfterASnapshotToo) {
  {
    const auto life = live();
    turn(*life, batch().open("pbx", "1"));
    turn(*life, batch().schedule(1, "c1", "music", ms_after(60)));
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  const auto list = [](const Board& board) {
    std::string text;
    for (const auto& [due_ms, id] : board.scheduled_by_time()) {
      text += id + " in " + board.scheduled(id).queue + " at " + std::to_string(due_ms) + " ";
    }
    return text;
  };
  {
    const auto life = live();
    EXPECT_EQ(life->partition->replayed_records(), 0u);
    EXPECT_EQ(life->read<std::string>(list),
              "c1 in music at " + std::to_string(ms_after(60)) + " ");
  }
  set_clock(61);
  const auto life = live();
  EXPECT_EQ(live_calls(*life), 1);
  EXPECT_EQ(life->read<std::string>(list), "");
}

TEST_F(PartitionScheduleTest, EnterByTheConductorsClock) {
  const auto life = live(ClockMode::kDriven);
  turn(*life, batch().open("pbx", "1").at(0));
  std::vector<Delivery> said =
      turn(*life, batch().schedule(1, "c1", "music", ms_after(60)).at(kNsPerS));
  // The conductor is told when to come again.
  EXPECT_EQ(said.back().next_deadline_ns, 60 * kNsPerS);
  turn(*life, batch().at(60 * kNsPerS));
  EXPECT_EQ(life->read<size_t>([](const Board& board) { return board.calls_by_age().size(); }), 0u);
  turn(*life, batch().at(61 * kNsPerS));
  EXPECT_EQ(life->read<size_t>([](const Board& board) { return board.calls_by_age().size(); }), 1u);
}

// As a request asks for it, by no switch.
std::unique_ptr<TableChange> asked(CommandKind kind, int64_t due_ms,
                                   const std::string& request_id) {
  Command command;
  command.kind = kind;
  command.wait_ns = due_ms;
  std::string arena;
  command.call = add_text("c1", &arena);
  if (kind == CommandKind::kScheduleCall) {
    command.name = add_text("music", &arena);
    command.preferred = add_text("pbx", &arena);
  }
  return make_call_change(command, arena, request_id);
}

TEST_F(PartitionScheduleTest, EnterWhenARequestSaidByTheMachinesClock) {
  const auto life = live();
  turn(*life, batch().open("pbx", "1"));
  constexpr auto kDone = TableAnswer::Outcome::kDone;
  EXPECT_EQ(life->ask(asked(CommandKind::kScheduleCall, ms_after(7'200), "")).outcome, kDone);
  EXPECT_EQ(life->ask(asked(CommandKind::kRescheduleCall, ms_after(60), "")).outcome, kDone);
  set_clock(60);
  EXPECT_EQ(live_calls(*life), 1);
}

TEST_F(PartitionScheduleTest, EnterWhenARequestSaidByTheConductorsClock) {
  const auto life = live(ClockMode::kDriven);
  turn(*life, batch().open("pbx", "1").at(0));
  (void)life->ask(asked(CommandKind::kScheduleCall, ms_after(60), ""));
  EXPECT_EQ(turn(*life, batch().at(kNsPerS)).back().next_deadline_ns, 60 * kNsPerS);
}

TEST_F(PartitionScheduleTest, AnotherTimeIsAnotherRequest) {
  const auto life = live();
  turn(*life, batch().open("pbx", "1"));
  constexpr char kRequestId[] = "123e4567-e89b-42d3-a456-426614174000";
  (void)life->ask(asked(CommandKind::kScheduleCall, ms_after(60), ""));
  (void)life->ask(asked(CommandKind::kRescheduleCall, ms_after(90), kRequestId));
  EXPECT_TRUE(life->ask(asked(CommandKind::kRescheduleCall, ms_after(90), kRequestId)).is_repeat);
  EXPECT_EQ(life->ask(asked(CommandKind::kRescheduleCall, ms_after(91), kRequestId)).outcome,
            TableAnswer::Outcome::kRequestIdUsed);
}

TEST_F(PartitionScheduleTest, AreTakenBackByTheirSwitch) {
  const auto life = live();
  turn(*life, batch().open("pbx", "1"));
  turn(*life, batch().schedule(1, "c1", "music", ms_after(60)).end(2, "c1"));
  set_clock(61);
  EXPECT_EQ(live_calls(*life), 0);
}

}  // namespace
}  // namespace acd
