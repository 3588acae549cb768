// SPDX-License-Identifier: Apache-2.0
// Snapshots through the life of the whole daemon: stop, start, upgrade.
#include <filesystem>
#include <fstream>

#include "daemon/checkpoint.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/daemon/server_fixture.h"

namespace acd {
namespace {

class ServerSnapshotTest : public ServerTest {
 protected:
  // One life with so many calls; leaves the state hash behind.
  void live(int calls) {
    start();
    {
      Switch pbx(channel_, "epoch");
      for (int i = 0; i < calls; ++i) offer(pbx, "c" + std::to_string(++call_));
      pbx.send();
      EXPECT_TRUE(pbx.finish().ok());
    }
    server_->stop();
    state_hash_ = server_->state_hash();
    server_.reset();
  }
  std::vector<std::pair<uint64_t, std::string>> snapshots() {
    const auto found = list_snapshots(settings_.data_dir + "/main");
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : std::vector<std::pair<uint64_t, std::string>>{};
  }
  // As another release would have written it.
  static void forge(const std::string& path) {
    absl::StatusOr<SavedPartition> saved = read_snapshot(path);
    ASSERT_TRUE(saved.ok()) << saved.status();
    saved->behaviour_version = kBehaviourVersion + 1;
    saved->release = "9.9";
    saved->state_hash ^= 1;
    ASSERT_TRUE(write_snapshot(path, *saved).ok());
  }

  int call_ = 0;
  uint64_t state_hash_ = 0;
};

TEST_F(ServerSnapshotTest, CleanStopLeavesOneAtTheEndAndTheNextStartsThere) {
  live(5);
  ASSERT_EQ(snapshots().size(), 1u);
  start();
  EXPECT_EQ(server_->snapshot_state().at(0).sequence, snapshots()[0].first);
  EXPECT_EQ(server_->snapshot_state().at(0).partition, "main");
  EXPECT_EQ(total().waiting(), 5);
  server_->stop();
  ASSERT_EQ(snapshots().size(), 1u);  // The one before went.
}

// What the journal needs to begin a segment is not used up by what only makes a start faster.
TEST_F(ServerSnapshotTest, CleanStopLeavesNoneWhereTheJournalNeedsTheRoom) {
  snapshots_.spare_bytes = UINT64_MAX / 2;
  live(5);
  EXPECT_TRUE(snapshots().empty());
  for (const auto& entry : std::filesystem::directory_iterator(settings_.data_dir + "/main")) {
    EXPECT_EQ(entry.path().string().find(".snapshot"), std::string::npos) << entry.path();
  }
  start();
  EXPECT_EQ(total().waiting(), 5);
}

TEST_F(ServerSnapshotTest, StateIsTheSameWithAndWithoutIt) {
  live(5);
  live(3);
  const uint64_t with = state_hash_;
  // The same end again from the whole journal.
  for (const auto& [sequence, path] : snapshots()) std::filesystem::remove(path);
  const auto written = write_checkpoint({settings_.data_dir + "/main", "main", "test"});
  ASSERT_TRUE(written.ok()) << written.status();
  const auto saved = read_snapshot(snapshots().at(0).second);
  ASSERT_TRUE(saved.ok());
  Hash64 hash;
  hash.add(saved->state_hash);
  EXPECT_EQ(hash.value(), with);
}

TEST_F(ServerSnapshotTest, AnotherReleaseTakesItAtTheJournalsEndAndMakesItItsOwn) {
  live(5);
  forge(snapshots().at(0).second);
  start();
  const auto saved = read_snapshot(snapshots().at(0).second);
  ASSERT_TRUE(saved.ok());
  EXPECT_EQ(saved->behaviour_version, kBehaviourVersion);
  EXPECT_EQ(saved->release, release_text());
  EXPECT_EQ(total().waiting(), 5);
}

TEST_F(ServerSnapshotTest, AnotherReleaseRefusesAnOlderTail) {
  live(5);
  const std::string older = snapshots().at(0).second;
  std::filesystem::copy(older, folder_.path() + "/kept");
  live(3);
  for (const auto& [sequence, path] : snapshots()) std::filesystem::remove(path);
  std::filesystem::copy(folder_.path() + "/kept", older);
  forge(older);
  server_.emplace(settings_);
  const Server::Failure failed = server_->start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_NE(failed.message.find("run acdd --checkpoint of 9.9 once"), std::string::npos)
      << failed.message;
}

// Else it would pass for the newest one, and what is readable would be dropped behind it.
TEST_F(ServerSnapshotTest, DamagedOneIsSetAside) {
  live(5);
  const std::string path = snapshots().at(0).second;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  start();
  EXPECT_TRUE(snapshots().empty());
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged"));
  EXPECT_EQ(server_->snapshot_state().at(0).sequence, 0u);
  EXPECT_EQ(total().waiting(), 5);
}

// Calls and people are in them: journal, snapshot, history with its log.
TEST_F(ServerSnapshotTest, DataFolderIsForItsOwnerAlone) {
  using std::filesystem::perms;
  live(5);
  start();
  EXPECT_EQ(std::filesystem::status(settings_.data_dir).permissions(), perms::owner_all);
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(settings_.data_dir)) {
    EXPECT_EQ(entry.status().permissions(),
              entry.is_directory() ? perms::owner_all : perms::owner_read | perms::owner_write)
        << entry.path();
    ++files;
  }
  EXPECT_GT(files, 7);
}

TEST_F(ServerSnapshotTest, HistoryCanBeTurnedOnAfterASnapshotWithoutIt) {
  settings_.keeps_history = false;
  live(5);
  settings_.keeps_history = true;
  live(3);
  start();
  EXPECT_EQ(total().waiting(), 8);
  EXPECT_EQ(server_->history_status().at(0).error, "");
}

}  // namespace
}  // namespace acd
