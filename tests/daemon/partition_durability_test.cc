// SPDX-License-Identifier: Apache-2.0
// A partition over a journal that is slow, fails, is fenced off or has no space.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "acd/v1/errors.pb.h"
#include "daemon/storage/backup.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/storage/fake_journal.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a partition that lives on would have ended the process with.
int partition_exit_code = 0;

// One life over `journal`.
struct FakeLife {
  explicit FakeLife(FakeJournal* kept_journal, uint64_t epoch = 1)
      : journal(kept_journal), ownership(epoch) {
    observer.start();
    PartitionOptions options;
    options.name = "main";
    options.end_process = [](int exit_code) { partition_exit_code = exit_code; };
    partition =
        std::make_unique<Partition>(options, ClockMode::kDriven, journal, &ownership, &observer);
    partition_exit_code = 0;
    recovered = partition->recover();
    if (recovered.ok()) started = partition->start(*parse_config(kSampleConfig, "sample"));
  }
  ~FakeLife() {
    journal->begin_stop();
    journal->stop();
    observer.stop();
  }
  void turn(std::unique_ptr<Batch> batch) const {
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    partition->turn(batches);
  }

  FakeJournal* const journal;
  FakeOwnership ownership;
  Observer observer;
  std::unique_ptr<Partition> partition;
  absl::Status recovered;
  absl::Status started;
};

class PartitionDurabilityTest : public ::testing::Test {
 protected:
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // Opens the session in `life` and forgets what was said.
  void open(FakeLife& life) {
    ASSERT_TRUE(life.started.ok()) << life.started;
    life.turn(batch().open("pbx", "1").take());
    said();
  }
  std::vector<Delivery> said() { return stream_->await(0); }

  // Sequences and reasons of all refusals.
  static std::vector<std::pair<int64_t, int32_t>> refusals(const std::vector<Delivery>& said) {
    std::vector<std::pair<int64_t, int32_t>> found;
    for (const Delivery& delivery : said) {
      for (const Refused& one : delivery.refused) found.emplace_back(one.sequence, one.edge_reason);
    }
    return found;
  }

  FakeJournal journal_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionDurabilityTest, NothingLeavesWhileTheJournalTakesItsTime) {
  FakeLife life(&journal_);
  open(life);
  journal_.hold();
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  life.turn(batch().at(20).enqueue(2, "c2", "sales").take());
  EXPECT_TRUE(said().empty());
  journal_.make_durable(true);
  const std::vector<Delivery> all = said();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].through_sequence, 1);
  EXPECT_EQ(all[1].through_sequence, 2);
}

// Looks once.
class OneLook final : public Watcher {
 public:
  Look look(const Board&, const WatchTail& tail) override {
    next.set_value(tail.next_sequence());
    return {Watching::kOver};
  }
  std::promise<int64_t> next;
};

TEST_F(PartitionDurabilityTest, WhoFollowsEventsIsShownNoneBeforeItIsDurable) {
  FakeLife life(&journal_);
  open(life);
  const auto shown = [&life] {
    // Behind all that was published, as a read is.
    const auto board = life.partition->tenants()[0].board;
    std::promise<void> folded;
    EXPECT_TRUE(life.observer.read(board, [&](const Insight&) { folded.set_value(); }));
    folded.get_future().wait();
    auto watcher = std::make_shared<OneLook>();
    life.observer.watch(board, watcher);
    return watcher->next.get_future().get();
  };
  journal_.hold();
  const int64_t before = shown();
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  EXPECT_EQ(shown(), before);
  journal_.make_durable(true);
  EXPECT_GT(shown(), before);
}

// A batch that adds a queue, and says in `outcomes` what came of it.
std::unique_ptr<Batch> queue_added(std::vector<TableAnswer>* outcomes) {
  v1::TenantConfig config = (*parse_config(kSampleConfig, "sample"))[0].config;
  const std::string before = config_etag(config);
  config.add_queues()->set_name("tenants/bank/queues/fresh");
  auto changed = std::make_unique<Batch>();
  changed->tenant = TenantIndex(0u);
  changed->change = make_config_change(config, before, "");
  changed->change->reply = [outcomes](const TableAnswer& answer) { outcomes->push_back(answer); };
  return changed;
}

// Whoever reads it there takes it for a fact.
TEST_F(PartitionDurabilityTest, TheLogSaysThatAConfigurationAppliesWhenItIsDurable) {
  FakeLife life(&journal_);
  open(life);
  std::ostringstream log;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log);
  spdlog::default_logger()->sinks().push_back(sink);
  journal_.hold();
  std::vector<TableAnswer> answers;
  life.turn(queue_added(&answers));
  const std::string before = log.str();
  journal_.make_durable(true);
  spdlog::default_logger()->sinks().pop_back();
  EXPECT_EQ(before.find("configuration applied"), std::string::npos) << before;
  EXPECT_NE(log.str().find("configuration applied"), std::string::npos);
}

TEST_F(PartitionDurabilityTest, AChangeIsAnsweredWhenItIsDurable) {
  FakeLife life(&journal_);
  open(life);
  journal_.hold();
  std::vector<TableAnswer> answers;
  life.turn(queue_added(&answers));
  // Another one sees the first, which may yet be lost: its refusal waits, too.
  life.turn(queue_added(&answers));
  EXPECT_TRUE(answers.empty());
  journal_.make_durable(true);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].outcome, TableAnswer::Outcome::kDone);
  EXPECT_EQ(answers[1].outcome, TableAnswer::Outcome::kEtagMismatch);
}

TEST_F(PartitionDurabilityTest, LowSpaceRefusesAChangeButNotATrial) {
  FakeLife life(&journal_);
  open(life);
  journal_.set_space(JournalSpace::kLow);
  std::vector<TableAnswer> answers;
  life.turn(queue_added(&answers));
  std::unique_ptr<Batch> trial = queue_added(&answers);
  trial->change->validate_only = true;
  life.turn(std::move(trial));
  journal_.set_space(JournalSpace::kEnough);
  life.turn(queue_added(&answers));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].outcome, TableAnswer::Outcome::kStorageFull);
  EXPECT_EQ(answers[1].outcome, TableAnswer::Outcome::kDone);
  EXPECT_EQ(answers[2].outcome, TableAnswer::Outcome::kDone);
}

TEST_F(PartitionDurabilityTest, FailedAppendLetsNothingBehindItLeave) {
  FakeLife life(&journal_);
  open(life);
  journal_.fail_next(absl::InternalError("disk gone"));
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  life.turn(batch().at(20).enqueue(2, "c2", "sales").take());
  journal_.make_durable(true);
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(partition_exit_code, Gate::kExitJournalFailed);
}

TEST_F(PartitionDurabilityTest, FailureAfterASlowWriteKeepsBackWhatWaited) {
  FakeLife life(&journal_);
  open(life);
  journal_.hold();
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  journal_.fail(absl::InternalError("sync failed"));
  journal_.make_durable(true);
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(partition_exit_code, Gate::kExitJournalFailed);
}

TEST_F(PartitionDurabilityTest, FencedOwnerLetsNothingLeave) {
  FakeLife life(&journal_, 1);
  open(life);
  journal_.fence(2);
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(partition_exit_code, Gate::kExitJournalFailed);
}

TEST_F(PartitionDurabilityTest, OwnerWhoseTimeIsOverLetsNothingLeave) {
  FakeLife life(&journal_);
  open(life);
  life.ownership.expire_at(0);
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(partition_exit_code, Gate::kExitJournalFailed);
}

TEST_F(PartitionDurabilityTest, LowSpaceRefusesNewCallsAndFinishesTheOthers) {
  FakeLife life(&journal_);
  open(life);
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  said();
  journal_.set_space(JournalSpace::kLow);
  life.turn(batch().at(20).enqueue(2, "c2", "sales").end(3, "c1").take());
  const std::vector<Delivery> low = said();
  EXPECT_THAT(refusals(low),
              ElementsAre(std::pair<int64_t, int32_t>(2, v1::ERROR_REASON_STORAGE_FULL)));
  EXPECT_THAT(low[0].refused[0].message, HasSubstr("disk"));
  EXPECT_EQ(low.back().through_sequence, 3);

  journal_.set_space(JournalSpace::kEnough);
  life.turn(batch().at(30).enqueue(4, "c2", "sales").take());
  const std::vector<Delivery> enough = said();
  EXPECT_THAT(refusals(enough), ElementsAre());
  EXPECT_EQ(enough.back().through_sequence, 4);
}

TEST_F(PartitionDurabilityTest, RefusalForSpaceIsInTheJournalAndReplaysWithoutADisk) {
  uint64_t hash = 0;
  {
    FakeLife life(&journal_);
    open(life);
    journal_.set_space(JournalSpace::kLow);
    life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
    hash = life.partition->state_hash();
    journal_.set_space(JournalSpace::kEnough);
  }
  EXPECT_EQ(replayed_state_hash(&journal_), hash);
  FakeLife life(&journal_, 2);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  // The switch asks again about what was refused, and gets the same answer with its sentence.
  said();
  life.turn(batch().open("pbx", "1").take());
  const std::vector<Delivery> again = said();
  EXPECT_THAT(refusals(again),
              ElementsAre(std::pair<int64_t, int32_t>(1, v1::ERROR_REASON_STORAGE_FULL)));
  EXPECT_THAT(again[0].refused[0].message, HasSubstr("disk"));
}

// A call that was taken and is told again is a repeat, whatever the disk looks like by now.
TEST_F(PartitionDurabilityTest, RepeatOfACallThatWasTakenIsNotRefusedForSpace) {
  FakeLife life(&journal_);
  open(life);
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  said();
  journal_.set_space(JournalSpace::kLow);
  life.turn(batch().at(20).enqueue(1, "c1", "sales").take());
  const std::vector<Delivery> repeated = said();
  EXPECT_THAT(refusals(repeated), ElementsAre());
  EXPECT_EQ(repeated.back().through_sequence, 1);
}

TEST_F(PartitionDurabilityTest, ReadsAreAnsweredWhileATurnWaitsForSpace) {
  FakeLife life(&journal_);
  open(life);
  life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  journal_.set_space(JournalSpace::kNone);
  auto turn =
      std::async(std::launch::async, [&] { life.turn(batch().at(20).end(2, "c1").take()); });
  journal_.wait_blocked();
  std::promise<int64_t> offered;
  ASSERT_TRUE(life.observer.read(life.partition->tenants()[0].board, [&](const Insight& insight) {
    offered.set_value(insight.board.total().offered);
  }));
  EXPECT_EQ(offered.get_future().get(), 1);
  said();
  journal_.set_space(JournalSpace::kEnough);
  turn.get();
  EXPECT_EQ(said().back().through_sequence, 2);
}

TEST_F(PartitionDurabilityTest, StopFreesATurnThatWaitsForSpace) {
  FakeLife life(&journal_);
  open(life);
  journal_.set_space(JournalSpace::kNone);
  auto turn = std::async(std::launch::async, [&] {
    life.turn(batch().at(10).agent(CommandKind::kLogIn, 1, "ada", "s1").take());
  });
  journal_.wait_blocked();
  journal_.begin_stop();
  turn.get();
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(partition_exit_code, Gate::kExitStorageFull);
}

// As far as the backup goes, what comes back is the very state that the daemon had.
TEST_F(PartitionDurabilityTest, RestoredBackupHasTheStateOfItsMoment) {
  const TempFolder folder;
  const std::string data = folder.path() + "/data";
  std::filesystem::create_directory(data);
  uint64_t hash = 0;
  {
    Life life(data + "/main", ClockMode::kDriven);
    ASSERT_TRUE(life.started.ok()) << life.started;
    size_t turns = 0;
    const auto turn = [&](std::unique_ptr<Batch> one) {
      std::vector<std::unique_ptr<Batch>> batches;
      batches.push_back(std::move(one));
      life.partition->turn(batches);
      stream_->await(++turns);  // Durable.
    };
    turn(batch().open("pbx", "1").take());
    turn(batch().at(10).enqueue(1, "c1", "sales").enqueue(2, "c2", "sales").take());
    hash = life.partition->state_hash();
    const auto manifest = back_up(data, folder.path() + "/backup");
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    turn(batch().at(20).end(3, "c1").take());
    EXPECT_NE(life.partition->state_hash(), hash);
  }
  const auto restored = restore_backup(folder.path() + "/backup", folder.path() + "/restored");
  ASSERT_TRUE(restored.ok()) << restored.status();
  SegmentJournalOptions options;
  options.folder = folder.path() + "/restored/main";
  options.partition = "main";
  const auto journal = SegmentJournal::open(options);
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ(replayed_state_hash(journal->get()), hash);
}

TEST_F(PartitionDurabilityTest, JournalWithoutItsBeginningIsRefused) {
  {
    FakeLife life(&journal_);
    open(life);
    life.turn(batch().at(10).enqueue(1, "c1", "sales").take());
  }
  ASSERT_TRUE(journal_.truncate(journal_.position()).ok());
  FakeLife life(&journal_, 2);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace acd
