// SPDX-License-Identifier: Apache-2.0
// A partition that begins with a snapshot is the one that replayed everything.
#include "daemon/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "daemon/storage/segment_reader.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

class CheckpointTest : public testing::Test {
 protected:
  // Turns until several segments are closed: callers come, some are served, some hang up, some wait.
  void work(Life& life, int64_t seconds) {
    turn(life, batch().open("pbx", "epoch"));
    const int64_t end_s = now_s_ + seconds;
    for (; now_s_ < end_s; ++now_s_) {
      BatchBuilder builder = batch();
      builder.at(now_s_ * kNsPerS);
      if (sequence_ == 0) {
        builder.agent(CommandKind::kLogIn, ++sequence_, "ada", "100");
        builder.agent(CommandKind::kSetReady, ++sequence_, "ada");
      }
      for (int i = 0; i < 20; ++i)
        builder.enqueue(++sequence_, "c" + std::to_string(call_++), "sales");
      for (int i = 0; i < 19; ++i) builder.end(++sequence_, "c" + std::to_string(call_ - 20 + i));
      if (now_s_ % 7 == 0) builder.agent(CommandKind::kSetReady, ++sequence_, "ada");
      turn(life, builder);
    }
  }
  void turn(Life& life, BatchBuilder& builder) {
    std::unique_ptr<Batch> batch = builder.take();
    const auto stream = std::static_pointer_cast<FakeStream>(batch->stream);
    const size_t finished = stream->finished() + 1;
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    life.partition->turn(batches);
    static_cast<void>(stream->await(finished));
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }

  std::unique_ptr<Life> start() {
    stream_ = std::make_shared<FakeStream>();
    auto life = std::make_unique<Life>(folder_.path(), ClockMode::kDriven, PartitionOptions{},
                                       kSegmentBytesMin);
    return life;
  }
  // A life of so many seconds; what state it ends in.
  uint64_t live(int64_t seconds) {
    const auto life = start();
    work(*life, seconds);
    return life->partition->state_hash();
  }
  // The next life begins where this one ends.
  void expect_to_go_on(std::unique_ptr<Life> life) {
    const uint64_t state_hash = life->partition->state_hash();
    life.reset();
    const auto next = start();
    ASSERT_TRUE(next->recovered.ok()) << next->recovered;
    EXPECT_EQ(next->recovered_hash, state_hash);
  }
  uint64_t checkpoint() {
    const absl::StatusOr<Checkpoint> written = write_checkpoint({folder_.path(), "main", "test"});
    EXPECT_TRUE(written.ok()) << written.status();
    if (!written.ok()) return 0;
    EXPECT_TRUE(remove_snapshots(folder_.path(), written->sequence).ok());
    return written->sequence;
  }
  void truncate(uint64_t before) {
    SegmentJournalOptions options;
    options.folder = folder_.path();
    options.partition = "main";
    const auto journal = SegmentJournal::open(options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    ASSERT_TRUE((*journal)->truncate(before).ok());
    EXPECT_GT((*journal)->first_sequence(), 1u);
  }
  std::vector<std::string> snapshots() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.find("snapshot") != std::string::npos) names.push_back(name);
    }
    return names;
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_;
  int64_t now_s_ = 1;
  int64_t sequence_ = 0;
  int64_t call_ = 0;
};

TEST_F(CheckpointTest, StateAndStatisticsAreTheSameWithoutTheRecordsBeforeIt) {
  uint64_t state_hash = 0;
  QueueCounts counts;
  {
    const auto life = start();
    work(*life, 300);
    state_hash = life->partition->state_hash();
    counts = life->read<QueueCounts>([](const Board& board) { return board.total(); });
  }
  const uint64_t sequence = checkpoint();
  ASSERT_GT(sequence, 1u);
  truncate(sequence + 1);
  auto life = start();
  ASSERT_TRUE(life->recovered.ok()) << life->recovered;
  EXPECT_EQ(life->partition->check_invariants(), "");
  // But for what the restart itself did: the switch is away, and its grace runs.
  EXPECT_EQ(life->recovered_hash, state_hash);
  EXPECT_EQ(life->read<QueueCounts>([](const Board& board) { return board.total(); }), counts);
  work(*life, 20);
  expect_to_go_on(std::move(life));
}

TEST_F(CheckpointTest, NextOneGoesOnFromTheOneBefore) {
  live(200);
  const uint64_t first = checkpoint();
  truncate(first + 1);
  EXPECT_EQ(checkpoint(), first);  // Nothing new.
  const uint64_t state_hash = live(200);
  const uint64_t second = checkpoint();
  EXPECT_GT(second, first);
  EXPECT_EQ(snapshots().size(), 1u);
  truncate(second + 1);
  const auto life = start();
  ASSERT_TRUE(life->recovered.ok()) << life->recovered;
  EXPECT_EQ(life->recovered_hash, state_hash);
  EXPECT_EQ(life->partition->check_invariants(), "");
}

TEST_F(CheckpointTest, ReadsAJournalThatIsInUse) {
  auto life = start();
  work(*life, 300);
  const uint64_t sequence = checkpoint();
  EXPECT_GT(sequence, 1u);
  ASSERT_TRUE(life->journal->truncate(sequence + 1).ok());
  work(*life, 10);
  expect_to_go_on(std::move(life));
}

TEST_F(CheckpointTest, OfThoseThatWereSetAsideTheNewestIsKept) {
  for (int i = 0; i < 3; ++i) {
    live(50);
    const std::string path = snapshot_path(folder_.path(), checkpoint());
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    ASSERT_TRUE(set_aside({path}).ok());
    const std::string name = std::filesystem::path(path).filename().string() + ".damaged";
    EXPECT_THAT(snapshots(), testing::ElementsAre(name));
  }
}

TEST_F(CheckpointTest, WithoutItTheBeginningIsMissed) {
  live(300);
  const uint64_t sequence = checkpoint();
  truncate(sequence + 1);
  for (const std::string& name : snapshots()) {
    std::filesystem::remove(folder_.path() + "/" + name);
  }
  const auto life = start();
  EXPECT_EQ(life->recovered.code(), absl::StatusCode::kDataLoss) << life->recovered;
}

TEST_F(CheckpointTest, OfAnotherJournalIsRefused) {
  live(300);
  const uint64_t sequence = checkpoint();
  const std::string path = snapshot_path(folder_.path(), sequence);
  absl::StatusOr<SavedPartition> saved = read_snapshot(path);
  ASSERT_TRUE(saved.ok());
  const SavedPartition good = *saved;
  saved->history_id[0] = static_cast<char>(saved->history_id[0] ^ 1);
  ASSERT_TRUE(write_snapshot(path, *saved).ok());
  EXPECT_NE(start()->recovered.message().find("belongs to another journal"), std::string::npos);
  *saved = good;
  saved->partition = "other";
  ASSERT_TRUE(write_snapshot(path, *saved).ok());
  EXPECT_NE(start()->recovered.message().find("is of partition \"other\""), std::string::npos);
  *saved = good;
  saved->tenants[0].router.config_hash ^= 1;
  saved->release = "0.9";
  ASSERT_TRUE(write_snapshot(path, *saved).ok());
  EXPECT_NE(start()->recovered.message().find("differently than 0.9"), std::string::npos);
}

// As the program that is put in place of an older one: its rules are others, and no record is there
// that it would decide anew.
TEST_F(CheckpointTest, OfOtherRulesIsTakenAtTheEndOfTheJournalOnly) {
  live(20);
  const uint64_t sequence = checkpoint();
  absl::StatusOr<SavedPartition> saved = read_snapshot(snapshot_path(folder_.path(), sequence));
  ASSERT_TRUE(saved.ok());
  saved->behaviour_version = kBehaviourVersion + 1;
  saved->release = "9.9";
  saved->state_hash ^= 1;  // Others count it in another way.
  ASSERT_TRUE(put_snapshot(folder_.path(), *saved).ok());
  {
    const auto life = start();  // It goes on, without a snapshot of its own.
    EXPECT_TRUE(life->recovered.ok()) << life->recovered;
    EXPECT_EQ(life->partition->replayed_records(), 0u);
    work(*life, 5);
  }
  const auto life = start();
  EXPECT_EQ(life->recovered.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(life->recovered.message().find("run acdd --checkpoint of 9.9 once"), std::string::npos)
      << life->recovered;
}

// What another release wrote for good may be beyond the words and limits of this one.
TEST_F(CheckpointTest, WhatThisReleaseCannotTakeIsNamedAndNotAReasonToAbort) {
  live(20);
  const absl::StatusOr<SavedPartition> good =
      read_snapshot(snapshot_path(folder_.path(), checkpoint()));
  ASSERT_TRUE(good.ok());
  const std::string call = "calls/" + good->tenants[0].router.calls.at(0).id;
  const auto with_config = [](SavedTenant& tenant, const auto& edit) {
    v1::TenantConfig config;
    EXPECT_TRUE(config.ParseFromString(tenant.config));
    edit(config);
    tenant.config = config.SerializeAsString();
  };
  struct Case {
    std::string where;
    std::function<void(SavedTenant&)> edit;
  };
  const std::vector<Case> cases = {
      {call + ": requirement: \"sales >>\", column 7",
       [](SavedTenant& tenant) { tenant.router.calls[0].requirement = "sales >>"; }},
      {call + ": queue",
       [](SavedTenant& tenant) { tenant.router.calls[0].queue = QueueIndex(99u); }},
      {call + ": slot", [](SavedTenant& tenant) { tenant.router.calls[0].slot = kCallsMax; }},
      {call + ": stage",
       [](SavedTenant& tenant) { tenant.router.calls[0].stage = static_cast<CallStage>(9); }},
      {call + ": source",
       [](SavedTenant& tenant) { tenant.router.calls[0].source = SourceIndex(); }},
      {call + ": class_version",
       [](SavedTenant& tenant) {
         tenant.router.calls[0].stage = CallStage::kEnqueued;
         tenant.router.calls[0].offered.clear();
         tenant.router.calls[0].class_version = 0;
       }},
      {call + ": visited",
       [](SavedTenant& tenant) { tenant.router.calls[0].visited.emplace_back(99u); }},
      {call + ": exclusions",
       [](SavedTenant& tenant) { tenant.router.calls[0].exclusions.emplace_back(); }},
      {call + ": id",
       [](SavedTenant& tenant) { tenant.router.calls[1].id = tenant.router.calls[0].id; }},
      {"agents/ada: station",
       [](SavedTenant& tenant) { tenant.router.agents[0].station = std::string(65, '1'); }},
      {"agents/ada: dial_prefix",
       [](SavedTenant& tenant) { tenant.router.agents[0].dial_prefix = std::string(17, '1'); }},
      {"agents/ada: skills",
       [](SavedTenant& tenant) { tenant.router.agents[0].skills.at(0).level = 11; }},
      {"agents/ada: presence",
       [](SavedTenant& tenant) { tenant.router.agents[0].presence = static_cast<Presence>(7); }},
      {"agents/ada: paused",
       [](SavedTenant& tenant) { tenant.router.agents[0].paused.emplace_back(99u); }},
      {"queues/sales: rang_last",
       [](SavedTenant& tenant) { tenant.router.queues[0].rang_last = AgentIndex(99u); }},
      {"skills: one is there twice",
       [](SavedTenant& tenant) { tenant.router.skills.emplace_back("sales"); }},
      {"calls/x: its switch",
       [](SavedTenant& tenant) {
         KeptOrder& end = tenant.ends.emplace_back(SourceIndex(99u), KeptOrder{}).second;
         end.command.call = add_text("x", &end.texts);
         end.command.id = 7;
       }},
      {"orders: one cannot be read",
       [](SavedTenant& tenant) {
         tenant.unanswered.emplace_back(SourceIndex(0u), KeptOrder{}).second.command.call.size = 1;
       }},
      {"orders: one cannot be read",
       [](SavedTenant& tenant) {
         tenant.unanswered.assign(1, {SourceIndex(0u), KeptOrder{}});
       }},
      {"orders: one is there twice",
       [](SavedTenant& tenant) {
         KeptOrder order;
         order.command.id = 7;
         tenant.unanswered.assign(2, {SourceIndex(0u), order});
       }},
      {"answering: a switch", [](SavedTenant& tenant) { tenant.answering.emplace_back(99u); }},
      {"board: queues", [](SavedTenant& tenant) { tenant.board.queue_at[0] = 99; }},
      {"tail: sequence",
       [](SavedTenant& tenant) { ++tenant.tail.at(0).events.at(0).event.sequence; }},
      {"tail: text",
       [](SavedTenant& tenant) { tenant.tail.at(0).events.at(0).call_id.size = 1 << 30; }},
      {"tail: whom it names",
       [](SavedTenant& tenant) { tenant.tail.at(0).events.at(0).queue = QueueIndex(99u); }},
      {"history: sequence", [](SavedTenant& tenant) { ++tenant.history.sequence; }},
      {"history: calls",
       [](SavedTenant& tenant) {
         tenant.history.calls[tenant.router.calls[0].slot].is_live = false;
       }},
      {"queues[0].requirement: ",
       [&](SavedTenant& tenant) {
         with_config(tenant, [](v1::TenantConfig& config) {
           config.mutable_queues(0)->set_requirement("sales >>");
         });
       }},
      {"queues[0].strategy: ",
       [&](SavedTenant& tenant) {
         with_config(tenant, [](v1::TenantConfig& config) {
           config.mutable_queues(0)->set_strategy(static_cast<v1::Strategy>(99));
         });
       }},
  };
  for (const Case& one : cases) {
    SavedPartition saved = *good;
    saved.release = "9.9";
    saved.behaviour_version = kBehaviourVersion + 1;
    one.edit(saved.tenants[0]);
    const absl::Status refused = put_snapshot(folder_.path(), saved);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << one.where << refused;
    for (const std::string& word : {std::string("tenants/bank"), one.where, std::string("9.9"),
                                    std::string("start that one")}) {
      EXPECT_NE(refused.message().find(word), std::string::npos) << one.where << ": " << refused;
    }
    // The one of that name, of the release before, is what it was.
    const auto kept = read_snapshot(snapshot_path(folder_.path(), saved.sequence));
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_EQ(kept->release, good->release);
  }
}

TEST_F(CheckpointTest, UnreadableOneIsNamedAndTheOneBeforeTaken) {
  live(20);
  const uint64_t first = write_checkpoint({folder_.path(), "main", "test"})->sequence;
  live(20);
  const uint64_t second = write_checkpoint({folder_.path(), "main", "test"})->sequence;
  ASSERT_GT(second, first);
  const std::string path = snapshot_path(folder_.path(), second);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  {
    const auto life = start();
    ASSERT_TRUE(life->recovered.ok()) << life->recovered;
    ASSERT_EQ(life->notes.size(), 1u);
    EXPECT_NE(life->notes[0].find(path), std::string::npos) << life->notes[0];
    EXPECT_EQ(life->partition->replayed_records(), second - first);
  }
  std::filesystem::remove(snapshot_path(folder_.path(), first));
  const auto life = start();
  ASSERT_TRUE(life->recovered.ok()) << life->recovered;
  EXPECT_GT(life->partition->replayed_records(), second);  // All of them.
}

TEST_F(CheckpointTest, OneOfMoreThanTheJournalHoldsProvesALossAndIsRefused) {
  live(1);
  const std::string segment = segment_path(folder_.path(), 1);
  const std::string shorter = folder_.path() + "/copy";
  std::filesystem::copy_file(segment, shorter);
  live(1);
  const std::string path =
      snapshot_path(folder_.path(), write_checkpoint({folder_.path(), "main", "test"})->sequence);
  std::filesystem::rename(shorter, segment);
  const auto life = start();
  EXPECT_EQ(life->recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(life->recovered.message().find(path), std::string::npos) << life->recovered;
  EXPECT_NE(life->recovered.message().find("restore a backup"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(CheckpointTest, OneBesideNoJournalIsRefused) {
  live(1);
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  ASSERT_TRUE(std::filesystem::remove(segment_path(folder_.path(), 1)));
  const auto life = start();
  EXPECT_EQ(life->recovered.code(), absl::StatusCode::kFailedPrecondition) << life->recovered;
}

TEST_F(CheckpointTest, UnreadableOneAloneIsRefusedByName) {
  live(300);
  const uint64_t sequence = checkpoint();
  truncate(sequence + 1);
  const std::string path = snapshot_path(folder_.path(), sequence);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  const auto life = start();
  EXPECT_EQ(life->recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(life->recovered.message().find(path), std::string::npos) << life->recovered;
}

TEST_F(CheckpointTest, HistoryThatIsBehindTakesAnOlderOne) {
  live(20);
  const uint64_t first = write_checkpoint({folder_.path(), "main", "test"})->sequence;
  live(20);
  const uint64_t second = write_checkpoint({folder_.path(), "main", "test"})->sequence;
  SnapshotNeeds needs{"main", {}, 1, second + 1, first};
  const auto saved = read_snapshot(snapshot_path(folder_.path(), first));
  ASSERT_TRUE(saved.ok());
  std::copy(saved->history_id.begin(), saved->history_id.end(), needs.history_id.begin());
  const auto sequence_of = [&] {
    const auto choice = choose_snapshot(folder_.path(), needs);
    EXPECT_TRUE(choice.ok()) << choice.status();
    return choice.ok() && choice->saved ? choice->saved->sequence : 0;
  };
  EXPECT_EQ(sequence_of(), first);
  needs.history_sequence = first - 1;
  EXPECT_EQ(sequence_of(), 0u);  // The whole journal.
  needs.begins_by_other_rules = true;
  EXPECT_EQ(sequence_of(), first);  // It cannot be replayed: as much as there is.
  needs.begins_by_other_rules = false;
  needs.first_sequence = 2;
  EXPECT_EQ(sequence_of(), first);
  needs.history_sequence = second;
  EXPECT_EQ(sequence_of(), second);
}

TEST_F(CheckpointTest, HoldsNothingThatIsNotDurable) {
  const auto life = start();
  work(*life, 30);
  const uint64_t through = life->journal->position() / 2;
  CheckpointOptions options{folder_.path(), "main", "test", through};
  const auto written = write_checkpoint(options);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_TRUE(written->is_new);
  EXPECT_LE(written->sequence, through);
}

}  // namespace
}  // namespace acd
