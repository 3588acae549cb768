// SPDX-License-Identifier: Apache-2.0
// A snapshot gives back what was put into it, and a file that is not whole is refused by name.
#include "daemon/snapshot.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/fuzz_player.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/storage/faulty_files.h"

namespace acd {
namespace {

using sim::FuzzRun;
using sim::SeededDraw;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

SavedPartition one_tenant(const std::string& id) {
  SavedPartition saved;
  saved.partition = "main";
  saved.sequence = 17;
  saved.tenants.emplace_back().id = id;
  return saved;
}

class SnapshotTest : public testing::Test {
 protected:
  TempFolder folder_;
  std::string path_ = folder_.path() + "/17.snapshot";
};

// Every so often on its way: saved, written, read, restored; and the world goes on with that one,
// beside the oracle.
TEST_F(SnapshotTest, RoutersOfRandomWorldsAreTheSameAfterItAndGoOnTheSame) {
  int restored_count = 0;
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    SeededDraw draw(seed);
    FuzzRun run;
    const auto restore_often = [&](sim::TwinOptions* twin) {
      twin->restore_every = 5;
      twin->carry = [&](SavedRouter* saved) {
        SavedPartition written = one_tenant("bank");
        written.tenants[0].router = *saved;
        ASSERT_TRUE(write_snapshot(path_, written).ok());
        absl::StatusOr<SavedPartition> read = read_snapshot(path_);
        ASSERT_TRUE(read.ok()) << read.status();
        // The configuration is kept elsewhere.
        SavedRouter& state = read->tenants.at(0).router;
        state.config = saved->config;
        for (size_t q = 0; q < state.queues.size(); ++q) {
          state.queues[q].config = saved->queues[q].config;
        }
        *saved = std::move(state);
        ++restored_count;
      };
    };
    sim::play_world(
        draw, 600, [] { return false; }, restore_often, nullptr, &run);
    ASSERT_EQ(run.failure, "") << "seed " << seed;
  }
  EXPECT_GT(restored_count, 1'000);
}

TEST_F(SnapshotTest, KeepsWhatBelongsToThePartition) {
  SavedPartition saved = one_tenant("bank");
  saved.history_id = std::string("\0\1\2", 3);
  saved.release = "1.2";
  saved.now_ns = -4;
  saved.wall_ns = 5;
  saved.event_hash = UINT64_MAX;
  saved.tenants[0].config = "as it was";
  saved.tenants[0].left_out = {"old", "older"};
  KeptOrder& end = saved.tenants[0].ends.emplace_back(SourceIndex(2u), KeptOrder{}).second;
  end.command.id = 7;
  end.command.kind = SwitchCommandKind::kTransferCall;
  end.command.call = add_text("c1", &end.texts);
  end.command.text = add_text("+44123", &end.texts);
  saved.tenants[0].board.source_ids = {"pbx"};
  saved.tenants[0].board.agents.emplace_back().wrap_ups = {{1, 0, 2, 0}};
  ASSERT_TRUE(write_snapshot(path_, saved).ok());
  const absl::StatusOr<SavedPartition> read = read_snapshot(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->history_id, saved.history_id);
  EXPECT_EQ(read->release, "1.2");
  EXPECT_EQ(read->now_ns, -4);
  EXPECT_EQ(read->wall_ns, 5);
  EXPECT_EQ(read->event_hash, UINT64_MAX);
  const SavedTenant& tenant = read->tenants.at(0);
  EXPECT_EQ(tenant.config, "as it was");
  EXPECT_EQ(tenant.left_out, saved.tenants[0].left_out);
  ASSERT_EQ(tenant.ends.size(), 1u);
  EXPECT_EQ(tenant.ends[0].first, SourceIndex(2u));
  EXPECT_EQ(tenant.ends[0].second.call(), "c1");
  EXPECT_EQ(tenant.ends[0].second.command.text.in(tenant.ends[0].second.texts), "+44123");
  EXPECT_EQ(tenant.board, saved.tenants[0].board);
}

TEST_F(SnapshotTest, EveryDamagedByteAndEveryCutIsNoticed) {
  ASSERT_TRUE(write_snapshot(path_, one_tenant("bank")).ok());
  const std::string good = bytes_of(path_);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    put_bytes(path_, damaged);
    EXPECT_FALSE(read_snapshot(path_).ok()) << "byte " << i;
    put_bytes(path_, good.substr(0, i));
    EXPECT_FALSE(read_snapshot(path_).ok()) << "cut at " << i;
  }
  put_bytes(path_, good + "x");
  EXPECT_FALSE(read_snapshot(path_).ok());
}

TEST_F(SnapshotTest, SaysWhichFileIsWrongAndWhy) {
  put_bytes(path_, "SQLite format 3");
  EXPECT_EQ(read_snapshot(path_).status().message(), path_ + ": is no snapshot");
  ASSERT_TRUE(write_snapshot(path_, one_tenant("bank")).ok());
  std::string newer = bytes_of(path_);
  newer[8] = 6;
  put_bytes(path_, newer);
  EXPECT_EQ(
      read_snapshot(path_).status(),
      absl::FailedPreconditionError(
          path_ + ": is of format 6, and this release knows format 5 alone: start the release "
                  "that wrote it"));
}

TEST_F(SnapshotTest, ThatCannotBeWrittenLeavesTheOneBefore) {
  ASSERT_TRUE(write_snapshot(path_, one_tenant("bank")).ok());
  FaultyFiles files;
  files.fail_writes(ENOSPC);
  EXPECT_FALSE(write_snapshot(path_, one_tenant("shop"), &files).ok());
  files.fail_writes(0);
  files.fail_syncs(EIO);
  EXPECT_FALSE(write_snapshot(path_, one_tenant("shop"), &files).ok());
  files.fail_syncs(0);
  files.limit_space(1'000'000);  // Enough for it, yet not for what is to be left.
  const absl::Status refused = write_snapshot(path_, one_tenant("shop"), &files, 999'990);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  const absl::StatusOr<SavedPartition> read = read_snapshot(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->tenants.at(0).id, "bank");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".draft"));
}

}  // namespace
}  // namespace acd
