// SPDX-License-Identifier: Apache-2.0
// The shard's thread with inbox, partition, journal and observer, as the edges use them.
#include "daemon/shard.h"

#include <thread>

#include "tests/daemon/partition_fixture.h"
#include "tests/storage/fake_journal.h"

namespace acd {
namespace {

TEST(ShardTest, RunsTheBatchesOfManyStreams) {
  constexpr int kStreams = 4;
  constexpr int kCalls = 500;
  TempFolder folder;
  Life life(folder.path(), ClockMode::kWall);
  ASSERT_TRUE(life.started.ok());
  Shard shard({}, {life.partition.get()});
  shard.start();
  std::vector<std::thread> switches;
  switches.reserve(kStreams);
  for (int s = 0; s < kStreams; ++s) {
    switches.emplace_back([&, s] {
      const auto stream = std::make_shared<FakeStream>();
      const auto submit = [&](BatchBuilder& builder) {
        std::unique_ptr<Batch> batch = builder.take();
        ASSERT_EQ(shard.inbox().push(batch), PushResult::kOk);
      };
      submit(BatchBuilder(stream).open("pbx-" + std::to_string(s), "epoch"));
      stream->await(1);
      for (int i = 1; i <= kCalls; ++i) {
        const std::string call = "c" + std::to_string(s) + "-" + std::to_string(i);
        submit(BatchBuilder(stream).enqueue(2 * i - 1, call, "sales").end(2 * i, call));
        if (i % 8 == 0) stream->await(static_cast<size_t>(i));
      }
      stream->await(kCalls + 1);
      submit(BatchBuilder(stream).close());
      stream->await(kCalls + 2);
    });
  }
  for (std::thread& thread : switches) thread.join();
  EXPECT_EQ(life.offered(), kStreams * kCalls);
  EXPECT_TRUE(life.read<bool>([](const Board& board) { return board.total().conserved(); }));
  shard.stop();
  EXPECT_GT(shard.turn_times().turns, 0u);
  EXPECT_EQ(life.partition->check_invariants(), "");
}

TEST(ShardTest, TakesWhatIsInTheInboxBeforeItStops) {
  TempFolder folder;
  Life life(folder.path(), ClockMode::kWall);
  Shard shard({}, {life.partition.get()});
  const auto stream = std::make_shared<FakeStream>();
  std::unique_ptr<Batch> batch = BatchBuilder(stream).open("pbx", "epoch").take();
  ASSERT_EQ(shard.inbox().push(batch), PushResult::kOk);
  batch = BatchBuilder(stream).enqueue(1, "c1", "sales").take();
  ASSERT_EQ(shard.inbox().push(batch), PushResult::kOk);
  shard.start();
  shard.stop();
  stream->await(2);
  EXPECT_EQ(life.offered(), 1);
  batch = BatchBuilder(stream).enqueue(2, "c2", "sales").take();
  EXPECT_EQ(shard.inbox().push(batch), PushResult::kClosed);
}

// A partition over a journal that has space or has none.
struct SpaceLife {
  SpaceLife() : ownership(1) {
    observer.start();
    partition = std::make_unique<Partition>(PartitionOptions{}, ClockMode::kWall, &journal,
                                            &ownership, &observer);
    EXPECT_TRUE(partition->recover().ok());
    EXPECT_TRUE(partition->start(*parse_config(kSampleConfig, "sample")).ok());
  }
  ~SpaceLife() {
    journal.stop();
    observer.stop();
  }

  FakeJournal journal;
  FakeOwnership ownership;
  Observer observer;
  std::unique_ptr<Partition> partition;
};

TEST(ShardTest, PartitionWithoutSpaceHoldsUpNoOther) {
  SpaceLife full;
  SpaceLife roomy;
  Shard shard({}, {full.partition.get(), roomy.partition.get()});
  const std::shared_ptr<FakeStream> streams[] = {std::make_shared<FakeStream>(),
                                                 std::make_shared<FakeStream>()};
  const auto submit = [&](uint32_t partition, BatchBuilder& builder) {
    std::unique_ptr<Batch> batch = builder.take();
    batch->partition = partition;
    ASSERT_EQ(shard.inbox().push(batch), PushResult::kOk);
  };
  for (uint32_t i = 0; i < 2; ++i) submit(i, BatchBuilder(streams[i]).open("pbx", "epoch"));
  shard.start();
  for (const auto& stream : streams) stream->await(1);
  full.journal.set_space(JournalSpace::kNone);
  submit(0, BatchBuilder(streams[0]).enqueue(1, "c1", "sales"));
  for (int i = 1; i <= 20; ++i) {
    submit(1, BatchBuilder(streams[1]).enqueue(i, "c" + std::to_string(i), "sales"));
    streams[1]->await(static_cast<size_t>(i) + 1);
  }
  EXPECT_EQ(streams[0]->finished(), 1u);
  full.journal.set_space(JournalSpace::kEnough);
  streams[0]->await(2);
  shard.stop();
}

}  // namespace
}  // namespace acd
