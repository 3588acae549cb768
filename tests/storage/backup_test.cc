// SPDX-License-Identifier: Apache-2.0
// Backups: what is copied comes back, and whatever is not whole is refused with one sentence.
#include "daemon/storage/backup.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/str_replace.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/storage/lease.h"
#include "daemon/storage/ownership.h"
#include "daemon/storage/segment_reader.h"
#include "daemon/storage/snapshot_file.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

// `root_` is the data folder; it holds the partition p1.
class BackupTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    backup_ = root_ + "-backup";
    restored_ = root_ + "-restored";
  }
  void TearDown() override {
    JournalFixture::TearDown();
    std::filesystem::remove_all(backup_);
    std::filesystem::remove_all(restored_);
  }
  BackupManifest make_backup() {
    const absl::StatusOr<BackupManifest> manifest = back_up(root_, backup_);
    EXPECT_TRUE(manifest.ok()) << manifest.status();
    return manifest.ok() ? *manifest : BackupManifest{};
  }
  // Brings the backup back and checks that it holds `expected`.
  void expect_restores(const std::vector<TestFrame>& expected) {
    const absl::StatusOr<BackupManifest> manifest = restore_backup(backup_, restored_);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    options_.folder = restored_ + "/p1";
    expect_frames(*open_journal(), expected);
  }
  // Expects the restore to be refused as `code` by a sentence that holds `text`, and to leave
  // nothing.
  void expect_refused(absl::StatusCode code, const std::string& text) {
    const absl::StatusOr<BackupManifest> manifest = restore_backup(backup_, restored_);
    EXPECT_EQ(manifest.status().code(), code) << manifest.status();
    EXPECT_TRUE(absl::StrContains(manifest.status().message(), text)) << manifest.status();
    EXPECT_FALSE(std::filesystem::exists(restored_ + "/p1"));
  }
  static absl::Status backup_error(const std::string& from, const std::string& to) {
    return back_up(from, to).status();
  }
  void edit_manifest(const std::string& from, const std::string& to) {
    const std::string path = backup_ + "/MANIFEST";
    const std::string text = read_bytes(path);
    ASSERT_TRUE(absl::StrContains(text, from)) << text;
    write_bytes(path, absl::StrReplaceAll(text, {{from, to}}));
  }

  std::string backup_;
  std::string restored_;
};

TEST_F(BackupTest, BringsEveryRecordBack) {
  const std::vector<TestFrame> frames = append_frames(10, 1'000);
  const BackupManifest manifest = make_backup();
  ASSERT_EQ(manifest.partitions.size(), 1u);
  EXPECT_EQ(manifest.partitions[0].partition, "p1");
  EXPECT_EQ(manifest.partitions[0].first_sequence, 1u);
  EXPECT_EQ(manifest.partitions[0].next_sequence,
            frames.back().header.first_sequence + frames.back().header.record_count);
  EXPECT_EQ(manifest.partitions[0].epoch, frames.back().header.epoch);
  expect_restores(frames);
}

TEST_F(BackupTest, JournalGoesOnBehindWhatWasBroughtBack) {
  std::vector<TestFrame> frames = append_frames(4, 1'000);
  make_backup();
  ASSERT_TRUE(restore_backup(backup_, restored_).ok());
  options_.folder = restored_ + "/p1";
  for (const TestFrame& frame : append_frames(5, 1'000)) frames.push_back(frame);
  expect_frames(*open_journal(), frames);
}

TEST_F(BackupTest, IsTakenWhileTheJournalIsWritten) {
  std::vector<TestFrame> frames;
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  RecordingListener listener;
  ASSERT_TRUE(journal->start(&listener).ok());
  const auto append = [&](int count) {
    for (int i = 0; i < count; ++i) {
      frames.push_back(make_frame(journal->position(), 1'000));
      journal->append(frames.back().header, frames.back().payload);
    }
    ASSERT_TRUE(listener.wait_durable(journal->position() - 1));
  };
  append(5);
  EXPECT_TRUE(is_journal_open(options_.folder));
  make_backup();
  const std::vector<TestFrame> kept = frames;
  append(5);
  journal->stop();
  expect_restores(kept);
}

TEST_F(BackupTest, BeginsWhereTheJournalBegins) {
  std::vector<TestFrame> frames = append_frames(9, 1'000);
  ASSERT_TRUE(open_journal()->truncate(frames[6].header.first_sequence).ok());
  const BackupManifest manifest = make_backup();
  EXPECT_EQ(manifest.partitions[0].first_sequence, frames[6].header.first_sequence);
  ASSERT_TRUE(restore_backup(backup_, restored_).ok());
  options_.folder = restored_ + "/p1";
  EXPECT_EQ(open_journal()->first_sequence(), frames[6].header.first_sequence);
}

TEST_F(BackupTest, LeavesATornTailOut) {
  const std::vector<TestFrame> frames = append_frames(2);
  std::string bytes = read_bytes(path_of(1));
  bytes.replace(kSegmentBytesMin - 500, 500, 500, '\x5a');
  write_bytes(path_of(1), bytes);
  make_backup();
  expect_restores(frames);
}

// A file beside the journal whose text is "<last record> <history id>".
FoldedFile text_file(uint64_t last) {
  return {BackupFileKind::kHistory, "folded",
          [last](const std::string& path, const std::string& copy) -> absl::StatusOr<uint64_t> {
            std::filesystem::copy_file(path, copy);
            return last;
          },
          [](const std::string& path, const HistoryId& history_id) {
            std::ofstream(path) << to_text(history_id);
            return absl::OkStatus();
          }};
}

TEST_F(BackupTest, FoldedFilesComeBackAndBelongToTheJournalBesideThem) {
  append_frames(3);
  const uint64_t last = open_journal()->position() - 1;
  write_bytes(options_.folder + "/folded", std::string(3 << 20, 'x'));
  const std::vector<FoldedFile> folded = {text_file(last)};
  ASSERT_TRUE(back_up(root_, backup_, folded).ok());
  EXPECT_EQ(read_bytes(backup_ + "/p1/folded").size(), size_t{3} << 20);
  // Whoever does not know the kind leaves nothing half done.
  EXPECT_EQ(restore_backup(backup_, restored_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(restore_backup(backup_, restored_, folded).ok());
  options_.folder = restored_ + "/p1";
  EXPECT_EQ(read_bytes(options_.folder + "/folded"), to_text(open_journal()->history_id()));
}

// A snapshot of the partition p1 after record `sequence`: its head as daemon/snapshot.cc writes it.
std::string head_of(const HistoryId& id) {
  return "\x0a\x02p1\x12\x10" + std::string(id.begin(), id.end()) + "\x20\x05";
}
void put_snapshot_of(const std::string& path, const HistoryId& id) {
  SnapshotWriter writer(path);
  EXPECT_TRUE(writer.add(1, head_of(id)).ok());
  EXPECT_TRUE(writer.add(2, "the rest").ok());
  EXPECT_TRUE(writer.finish().ok());
}

TEST_F(BackupTest, SnapshotsComeBackAndBelongToTheJournalBesideThem) {
  append_frames(5);
  const HistoryId id = open_journal()->history_id();
  put_snapshot_of(options_.folder + "/00000000000000000001.snapshot", id);
  put_snapshot_of(options_.folder + "/00000000000000000002.snapshot", id);
  make_backup();
  EXPECT_TRUE(std::filesystem::exists(backup_ + "/p1/00000000000000000001.snapshot"));
  ASSERT_TRUE(restore_backup(backup_, restored_).ok());
  options_.folder = restored_ + "/p1";
  const HistoryId new_id = open_journal()->history_id();
  std::vector<std::string> records;
  ASSERT_TRUE(read_snapshot_file(options_.folder + "/00000000000000000002.snapshot",
                                 [&](uint8_t, std::string_view bytes) {
                                   records.emplace_back(bytes);
                                   return absl::OkStatus();
                                 })
                  .ok());
  EXPECT_EQ(records, (std::vector<std::string>{head_of(new_id), "the rest"}));
}

TEST_F(BackupTest, ASnapshotOfAnotherJournalIsNotBroughtBack) {
  append_frames(5);
  put_snapshot_of(options_.folder + "/00000000000000000002.snapshot", HistoryId{});
  make_backup();
  expect_refused(absl::StatusCode::kDataLoss, "does not belong to the journal beside it");
}

TEST_F(BackupTest, RefusesAFoldedFileThatWasChangedInTheBackup) {
  append_frames(3);
  write_bytes(options_.folder + "/folded", "as it was");
  const std::vector<FoldedFile> folded = {text_file(1)};
  ASSERT_TRUE(back_up(root_, backup_, folded).ok());
  write_bytes(backup_ + "/p1/folded", "as it is!");
  const absl::Status status = restore_backup(backup_, restored_, folded).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(), "p1/folded: is not as the backup's MANIFEST"));
}

TEST_F(BackupTest, RefusesAFoldedFileThatIsAheadOfItsJournal) {
  append_frames(3);
  const uint64_t next = open_journal()->position();
  write_bytes(options_.folder + "/folded", "x");
  const std::vector<FoldedFile> folded = {text_file(next)};
  const absl::Status status = back_up(root_, backup_, folded).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "but the journal ends at")) << status;
  EXPECT_FALSE(std::filesystem::exists(backup_ + "/MANIFEST"));
}

TEST_F(BackupTest, GivesItsLeaseBack) {
  append_frames(9, 1'000);
  make_backup();
  const absl::StatusOr<bool> is_leased = is_journal_leased(options_.folder);
  ASSERT_TRUE(is_leased.ok());
  EXPECT_FALSE(*is_leased);
}

// What was said after the backup is not in it: a token of before must not be taken for one of now.
TEST_F(BackupTest, WhatIsBroughtBackIsAHistoryOfItsOwn) {
  append_frames(3);
  const HistoryId before = open_journal()->history_id();
  ASSERT_TRUE(FileOwnership::open(options_.folder, 41).ok());
  make_backup();
  ASSERT_TRUE(restore_backup(backup_, restored_).ok());
  options_.folder = restored_ + "/p1";
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  EXPECT_NE(journal->history_id(), before);
  const auto ownership = FileOwnership::open(options_.folder, journal->epoch());
  ASSERT_TRUE(ownership.ok());
  EXPECT_EQ((*ownership)->epoch(), 43u);
}

TEST_F(BackupTest, ManifestSaysTheSameAfterReading) {
  append_frames(10, 1'000);
  make_backup();
  const std::string text = read_bytes(backup_ + "/MANIFEST");
  const absl::StatusOr<BackupManifest> manifest = decode_manifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(encode_manifest(*manifest), text);
}

TEST_F(BackupTest, RefusesATargetThatHoldsSomething) {
  append_frames(1);
  make_backup();
  const absl::Status status = backup_error(root_, backup_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "is not empty")) << status;
}

TEST_F(BackupTest, RefusesATargetWithinTheDataFolder) {
  append_frames(1);
  for (const std::string& from : {root_, root_ + "/"}) {
    for (const std::string& to :
         {root_, root_ + "/backup", root_ + "/p1/../deep/er", root_ + "/p1/"}) {
      const absl::Status status = backup_error(from, to);
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << to;
      EXPECT_TRUE(absl::StrContains(status.message(), to + ": lies in the data folder " + from))
          << status;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(root_ + "/backup"));
  make_backup();  // The same letters, but beside it.
}

TEST_F(BackupTest, IsForItsOwnerAlone) {
  using std::filesystem::perms;
  append_frames(3);
  put_snapshot_of(options_.folder + "/00000000000000000002.snapshot", open_journal()->history_id());
  make_backup();
  ASSERT_TRUE(restore_backup(backup_, restored_).ok());
  for (const std::string& folder : {options_.folder, backup_, restored_}) {
    EXPECT_EQ(std::filesystem::status(folder).permissions(), perms::owner_all) << folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      EXPECT_EQ(entry.status().permissions(),
                entry.is_directory() ? perms::owner_all : perms::owner_read | perms::owner_write)
          << entry.path();
    }
  }
}

TEST_F(BackupTest, RefusesAFolderWithoutJournalAndThatOfAPartition) {
  append_frames(1);
  std::filesystem::create_directory(restored_);
  EXPECT_TRUE(absl::StrContains(backup_error(restored_, backup_).message(), "holds no journal"));
  EXPECT_TRUE(absl::StrContains(backup_error(root_ + "/p1", backup_).message(),
                                "is the folder of one partition"));
  EXPECT_FALSE(std::filesystem::exists(backup_));
}

TEST_F(BackupTest, RefusesADamagedJournal) {
  append_frames(9, 1'000);
  std::string bytes = read_bytes(path_of(1));
  bytes[300] = static_cast<char>(bytes[300] ^ 1);
  write_bytes(path_of(1), bytes);
  const absl::Status status = backup_error(root_, backup_);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(), path_of(1) + " byte 128")) << status;
  expect_refused(absl::StatusCode::kFailedPrecondition, "holds no MANIFEST");
}

TEST_F(BackupTest, RestoreNeverOverwrites) {
  append_frames(1);
  make_backup();
  std::filesystem::create_directory(restored_);
  write_bytes(restored_ + "/something", "here");
  expect_refused(absl::StatusCode::kFailedPrecondition, "is not empty");
  EXPECT_EQ(read_bytes(restored_ + "/something"), "here");
}

TEST_F(BackupTest, RefusesEveryDamageOfTheManifest) {
  append_frames(2);
  make_backup();
  const std::string path = backup_ + "/MANIFEST";
  const std::string text = read_bytes(path);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(decode_manifest(damaged).ok()) << i;
    EXPECT_FALSE(decode_manifest(text.substr(0, i)).ok()) << i;
  }
  edit_manifest("partition p1", "partition p2");
  expect_refused(absl::StatusCode::kDataLoss, "MANIFEST: the checksum in its last line");
}

TEST_F(BackupTest, RefusesAManifestOfANewerRelease) {
  append_frames(2);
  make_backup();
  edit_manifest("acd-backup 1", "acd-backup 2");
  expect_refused(absl::StatusCode::kFailedPrecondition, "backup format 2 was written by a newer");
}

TEST_F(BackupTest, RefusesAForeignManifest) {
  append_frames(2);
  make_backup();
  write_bytes(backup_ + "/MANIFEST", "name: something else\n");
  expect_refused(absl::StatusCode::kFailedPrecondition, "not the manifest of a backup");
}

TEST_F(BackupTest, RefusesAKindOfFileThatOnlyANewerReleaseKnows) {
  BackupManifest manifest;
  manifest.taken = "2026-11-22T13:00:00Z";
  manifest.partitions.emplace_back().partition = "p1";
  manifest.partitions[0].files.push_back({BackupFileKind::kSegment, "x", 1, 2});
  const std::string text = encode_manifest(manifest);
  ASSERT_TRUE(decode_manifest(text).ok());
  // The same with another word, and its checksum.
  std::string other = absl::StrReplaceAll(text, {{"file segment", "file hologram"}});
  other.erase(other.find("end "));
  const std::string summed = with_manifest_checksum(other);
  const absl::Status status = decode_manifest(summed).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "holds a hologram")) << status;
}

TEST_F(BackupTest, RefusesAFileThatIsNotAsTheManifestSays) {
  append_frames(2);
  make_backup();
  const std::string path = segment_path(backup_ + "/p1", 1);
  const std::string bytes = read_bytes(path);
  std::string changed = bytes;
  changed[200] = static_cast<char>(changed[200] ^ 1);
  write_bytes(path, changed);
  expect_refused(absl::StatusCode::kDataLoss, path + ": is not as the backup's MANIFEST says");
  write_bytes(path, bytes.substr(0, bytes.size() - 1));
  expect_refused(absl::StatusCode::kDataLoss, path + ": is not as the backup's MANIFEST says");
  std::filesystem::remove(path);
  expect_refused(absl::StatusCode::kNotFound, path);
}

// Of two partitions the second one's place is taken meanwhile. A daemon that found the first alone
// would begin the second anew.
TEST_F(BackupTest, ARestoreThatFailsBetweenTwoPartitionsLeavesWhatKeepsADaemonOut) {
  append_frames(2);
  options_.folder = root_ + "/p2";
  options_.partition = "p2";
  append_frames(2);
  write_bytes(options_.folder + "/folded", "x");
  FoldedFile folded = text_file(1);
  ASSERT_TRUE(back_up(root_, backup_, {&folded, 1}).ok());
  folded.move = [this](const std::string&, const HistoryId&) {
    std::filesystem::create_directories(restored_ + "/p2/something");
    return absl::OkStatus();
  };
  const absl::Status status = restore_backup(backup_, restored_, {&folded, 1}).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "is restored in part: remove it")) << status;
  EXPECT_TRUE(std::filesystem::exists(restored_ + "/p1"));
  EXPECT_TRUE(std::filesystem::exists(restored_ + "/restoring.partial"));
}

TEST_F(BackupTest, IsToldFromADataFolderFromItsBeginningOn) {
  append_frames(2);
  EXPECT_FALSE(is_backup(root_));
  options_.folder = root_ + "/p2";
  options_.partition = "p2";
  append_frames(2);
  write_bytes(options_.folder + "/folded", "x");
  FoldedFile folded = text_file(1);
  folded.copy = [](const std::string&, const std::string&) -> absl::StatusOr<uint64_t> {
    return absl::CancelledError("killed");
  };
  ASSERT_FALSE(back_up(root_, backup_, {&folded, 1}).ok());
  EXPECT_TRUE(std::filesystem::exists(backup_ + "/p1"));
  EXPECT_TRUE(is_backup(backup_));
  EXPECT_FALSE(verify_backup(backup_).ok());
}

// A restore that was cut short has left its folder; a daemon refuses to start on it, and a second
// restore does not mix with it.
TEST_F(BackupTest, RefusesADataFolderWhoseRestoreWasCutShort) {
  append_frames(2);
  make_backup();
  std::filesystem::create_directories(restored_ + "/restoring.partial/p1");
  expect_refused(absl::StatusCode::kFailedPrecondition, "is not empty");
}

TEST_F(BackupTest, RefusesABackupThatIsNoBackup) {
  expect_refused(absl::StatusCode::kFailedPrecondition, "holds no MANIFEST");
}

}  // namespace
}  // namespace acd
