// SPDX-License-Identifier: Apache-2.0
// Who has snapshots made: one child at a time, none in a hurry after a failure, and the journal is
// cut only behind what is safe.
#include "daemon/snapshot_keeper.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "daemon/storage/lease.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

class SnapshotKeeperTest : public testing::Test {
 protected:
  SnapshotKeeperTest() : stream_(std::make_shared<FakeStream>()) {
    options_.every_records = 100;
    options_.program = scripts_.path() + "/child";
    begin();
  }
  ~SnapshotKeeperTest() override {
    keeper_.reset();
    life_.reset();
  }
  // A life of the daemon whose journal has at most so many bytes.
  void begin(uint64_t journal_bytes_max = UINT64_MAX, size_t segment_bytes = kSegmentBytesMin) {
    keeper_.reset();
    life_.reset();
    life_.emplace(folder_.path(), ClockMode::kDriven, PartitionOptions{}, segment_bytes,
                  kSampleConfig, Durability::kSync, journal_bytes_max);
    turn(BatchBuilder(stream_).open("pbx", "epoch"));
  }
  // What a child does instead.
  void be_child(const std::string& commands) {
    std::ofstream(options_.program) << "#!/bin/sh\n" << commands << "\n";
    ASSERT_EQ(::chmod(options_.program.c_str(), 0755), 0);
  }
  SnapshotKeeper& keeper() {
    if (!keeper_) {
      keeper_.emplace(options_);
      keeper_->add(
          {"main", folder_.path(), life_->journal.get(), life_->partition.get(), history_.get()});
    }
    return *keeper_;
  }
  void turn(BatchBuilder& builder) {
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(builder.take());
    const size_t finished = stream_->finished() + 1;
    life_->partition->turn(batches);
    static_cast<void>(stream_->await(finished));
  }
  // So many records of the journal.
  void work(int64_t records) {
    for (int64_t i = 0; i < records; i += 20) {
      BatchBuilder builder(stream_);
      builder.at(++now_s_ * kNsPerS);
      for (int64_t j = 0; j < 20; ++j) {
        const int64_t number = ++sequence_;
        builder.enqueue(number, "c" + std::to_string(number), "no such queue, and a long name too");
      }
      turn(builder);
    }
  }
  // A file of history that reaches what reach() says.
  void keep_history() {
    HistoryOptions options;
    options.path = scripts_.path() + "/history.sqlite";
    options.origin = {"0011", "main"};
    auto history = HistoryWriter::open(options, 0);
    ASSERT_TRUE(history.ok()) << history.status();
    history_ = *std::move(history);
  }
  void reach(uint64_t sequence) {
    history_->end_turn(sequence, 0);
    history_->write_due(++writes_ * 10 * kNsPerS);
    ASSERT_EQ(history_->status().written_sequence, sequence);
  }
  // Works, and writes a snapshot of the end as a child would.
  uint64_t write_after(int64_t records) {
    work(records);
    const auto written =
        write_checkpoint({folder_.path(), "main", "test", life_->partition->durable_sequence()});
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? written->sequence : 0;
  }
  std::vector<uint64_t> snapshots() {
    std::vector<uint64_t> sequences;
    const auto found = list_snapshots(folder_.path());
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return sequences;
    for (const auto& [sequence, path] : *found) sequences.push_back(sequence);
    return sequences;
  }
  // Children so far that said so.
  size_t runs() {
    std::ifstream file(scripts_.path() + "/runs");
    return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(file), {}, 'x'));
  }
  SnapshotState state() { return keeper().states().at(0); }
  // Until the child has ended; Router time of the test stands meanwhile.
  void tend_until_idle(int64_t now_ns) {
    do {
      keeper().tend(now_ns);
      std::this_thread::yield();
    } while (state().began_ns != 0 && keeper_is_patient());
  }
  bool keeper_is_patient() { return ++looks_ < 50'000'000; }

  TempFolder scripts_;
  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_;
  SnapshotKeeperOptions options_;
  std::optional<Life> life_;
  std::unique_ptr<HistoryWriter> history_;
  int64_t writes_ = 0;
  std::optional<SnapshotKeeper> keeper_;
  int64_t now_s_ = 0;
  int64_t sequence_ = 0;
  int64_t looks_ = 0;
};

TEST_F(SnapshotKeeperTest, RunsNoChildBeforeItsTime) {
  be_child("exit 1");
  work(40);
  keeper().tend(1);
  EXPECT_EQ(state().began_ns, 0);
  EXPECT_EQ(state().failures, 0);
}

// A child may outlive a killed daemon by a sync; the ports are free for the next one all the same.
TEST_F(SnapshotKeeperTest, ChildHoldsNoneOfTheDaemonsFiles) {
  constexpr int kInheritable = 200;
  ASSERT_EQ(::dup2(STDOUT_FILENO, kInheritable), kInheritable);
  be_child("[ -e /proc/$$/fd/200 ] && echo it is inherited || echo it is not; exit 66");
  work(200);
  tend_until_idle(1);
  ::close(kInheritable);
  EXPECT_EQ(state().error, "it is not");
}

TEST_F(SnapshotKeeperTest, FailureIsToldAndTriedAgainLaterOnly) {
  be_child("echo the disk is broken; exit 66");
  work(200);
  tend_until_idle(1);
  EXPECT_EQ(state().failures, 1);
  EXPECT_EQ(state().error, "the disk is broken");
  EXPECT_EQ(state().sequence, 0u);
  EXPECT_EQ(life_->journal->first_sequence(), 1u);
  keeper().tend(options_.retry_every_ns - 1);
  EXPECT_EQ(state().began_ns, 0);
  tend_until_idle(options_.retry_every_ns + 1);
  EXPECT_EQ(state().failures, 2);
}

TEST_F(SnapshotKeeperTest, ProgramThatIsMissingIsAFailure) {
  work(200);
  keeper().tend(1);
  EXPECT_EQ(state().failures, 1);
  EXPECT_NE(state().error.find(options_.program), std::string::npos) << state().error;
}

TEST_F(SnapshotKeeperTest, ThatAChildWasKilledIsTold) {
  be_child("kill -KILL $$");
  work(200);
  tend_until_idle(1);
  EXPECT_EQ(state().error, "the child was ended by signal 9");
}

TEST_F(SnapshotKeeperTest, DraftOfAChildThatFailedIsRemovedAndNothingIsCutBehindItsSnapshot) {
  const std::string draft = snapshot_path(folder_.path(), 999) + ".draft";
  be_child("touch " + draft + "; kill -KILL $$");
  keeper();
  write_after(5'000);  // As if the child had come so far, and its name were not durable.
  tend_until_idle(1);
  EXPECT_EQ(state().failures, 1);
  EXPECT_EQ(state().sequence, 0u);
  EXPECT_FALSE(std::filesystem::exists(draft));
  EXPECT_EQ(life_->journal->first_sequence(), 1u);
}

TEST_F(SnapshotKeeperTest, NoSecondChildBesideTheFirstAndNoneAfterTheStop) {
  be_child("echo x >>" + scripts_.path() + "/runs; exec cat /dev/zero >/dev/null");
  work(200);
  keeper().tend(1);
  ASSERT_NE(state().began_ns, 0);
  work(200);
  keeper().tend(options_.retry_every_ns * 10);
  EXPECT_NE(state().began_ns, 0);
  while (!std::filesystem::exists(scripts_.path() + "/runs") && keeper_is_patient()) {
  }
  keeper().stop();
  std::ifstream runs(scripts_.path() + "/runs");
  std::string first;
  std::string second;
  runs >> first >> second;
  EXPECT_EQ(first, "x");
  EXPECT_EQ(second, "");
}

TEST_F(SnapshotKeeperTest, CutsTheJournalBehindASnapshotThatWentWell) {
  be_child("exit 0");
  work(5'000);
  const auto written =
      write_checkpoint({folder_.path(), "main", "test", life_->partition->durable_sequence()});
  ASSERT_TRUE(written.ok()) << written.status();
  {
    const auto lease = JournalLease::take(folder_.path());
    ASSERT_TRUE(lease.ok());
    tend_until_idle(1);
    EXPECT_EQ(state().sequence, written->sequence);
    EXPECT_GT(state().bytes, 0u);
    EXPECT_GT(state().unix_ns, 0);
    EXPECT_EQ(life_->journal->first_sequence(), 1u);  // A backup runs.
  }
  tend_until_idle(2);
  EXPECT_GT(life_->journal->first_sequence(), 1u);
  EXPECT_LE(life_->journal->first_sequence(), written->sequence + 1);
}

TEST_F(SnapshotKeeperTest, CutsBehindTheNewestThatHistoryHasReachedAndKeepsLaterOnes) {
  keep_history();
  be_child("exit 0");
  const uint64_t first = write_after(5'000);
  const uint64_t second = write_after(5'000);
  const uint64_t third = write_after(5'000);
  tend_until_idle(1);
  tend_until_idle(2);
  EXPECT_EQ(state().sequence, third);
  EXPECT_EQ(life_->journal->first_sequence(), 1u);
  reach(second + 1);
  tend_until_idle(3);
  EXPECT_GT(life_->journal->first_sequence(), first);
  EXPECT_LE(life_->journal->first_sequence(), second + 1);
  EXPECT_EQ(snapshots(), (std::vector<uint64_t>{second, third}));
  reach(third);
  tend_until_idle(4);
  EXPECT_EQ(snapshots(), std::vector<uint64_t>{third});
  EXPECT_GT(life_->journal->first_sequence(), second);
}

TEST_F(SnapshotKeeperTest, SnapshotsThatWaitForTheEndOfABackupDoNotPileUp) {
  be_child("echo x >>" + scripts_.path() + "/runs");
  auto lease = JournalLease::take(folder_.path());
  ASSERT_TRUE(lease.ok());
  keeper();
  uint64_t last = 0;
  for (int64_t i = 1; i <= 3; ++i) {
    last = write_after(200);
    tend_until_idle(i);
    EXPECT_EQ(state().sequence, last);
  }
  work(200);
  tend_until_idle(4);
  tend_until_idle(4 + options_.retry_every_ns);
  EXPECT_EQ(runs(), 3u);
  EXPECT_EQ(snapshots().size(), 1 + SnapshotKeeper::kUnsettledMax);
  lease->reset();
  tend_until_idle(5 + options_.retry_every_ns);
  EXPECT_EQ(snapshots(), std::vector<uint64_t>{last});
  tend_until_idle(6 + options_.retry_every_ns);
  EXPECT_EQ(runs(), 4u);
}

TEST_F(SnapshotKeeperTest, ThatTheJournalCannotBeCutIsToldUntilItIsWhateverTheChildDoes) {
  be_child("exit 0");
  // A folder is no file that can be removed.
  const std::string obstacle = folder_.path() + "/00000000000000000001.snapshot";
  write_after(5'000);
  std::filesystem::create_directory(obstacle);
  tend_until_idle(1);
  EXPECT_NE(state().cut_error.find(obstacle), std::string::npos) << state().cut_error;
  EXPECT_EQ(state().error, "");
  be_child("echo the disk is broken; exit 66");
  work(200);
  tend_until_idle(2 * options_.retry_every_ns);
  EXPECT_EQ(state().error, "the disk is broken");
  EXPECT_NE(state().cut_error, "");
  std::filesystem::remove(obstacle);
  keeper().tend(2 * options_.retry_every_ns + 1);
  EXPECT_EQ(state().cut_error, "");
  EXPECT_EQ(state().error, "the disk is broken");
  EXPECT_GT(life_->journal->first_sequence(), 1u);
}

TEST_F(SnapshotKeeperTest, ChildLeavesRoomToTheJournalUnlessThatHasNone) {
  be_child("echo $7; exit 75");
  work(5'000);
  tend_until_idle(1);
  EXPECT_EQ(state().error, std::to_string(2 * kSegmentBytesDefault));
  begin(0, 64 * kSegmentBytesMin);  // The reserve that is there is its last segment.
  work(200);
  while (life_->partition->space() == JournalSpace::kEnough) std::this_thread::yield();
  tend_until_idle(1);
  EXPECT_EQ(state().error, "0");
}

TEST_F(SnapshotKeeperTest, JournalNearItsLargestSizeHasAChildAtOnce) {
  be_child("exit 0");
  options_.every_records = 1'000'000'000;
  work(5'000);
  keeper().tend(1);
  EXPECT_EQ(state().began_ns, 0);  // Far from the number of records, and from the size.
  begin(life_->journal->bytes());
  keeper().tend(1);
  EXPECT_NE(state().began_ns, 0);
}

}  // namespace
}  // namespace acd
