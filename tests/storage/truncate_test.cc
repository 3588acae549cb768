// SPDX-License-Identifier: Apache-2.0
// Dropping old segments: what stays is readable after a crash at any point, and leases are honoured.
#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/storage/lease.h"
#include "tests/storage/faulty_files.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

class TruncateTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    options_.files = &files_;
    frames_ = append_frames(15, 1'000);  // Three to a segment.
    ASSERT_EQ(segment_names().size(), 5u);
  }
  [[nodiscard]] uint64_t first_of(size_t segment) const {
    return frames_[3 * segment].header.first_sequence;
  }
  [[nodiscard]] std::vector<std::string> leases() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      if (entry.path().extension() == ".lease") names.push_back(entry.path().filename().string());
    }
    return names;
  }

  FaultyFiles files_;
  std::vector<TestFrame> frames_;
};

TEST_F(TruncateTest, CrashAtAnyPointLeavesAReadableJournal) {
  const uint64_t end = open_journal()->position();
  for (int operations = 0; operations < 8; ++operations) {
    std::filesystem::remove_all(options_.folder);
    append_frames(15, 1'000);
    files_.die_after(operations);
    EXPECT_FALSE(open_journal()->truncate(UINT64_MAX).ok());
    files_.die_after(-1);
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    ASSERT_NE(journal, nullptr);
    EXPECT_EQ(journal->position(), end);
    const size_t removed = static_cast<size_t>(operations + 1) / 2;
    EXPECT_EQ(journal->first_sequence(), first_of(removed)) << operations;
    size_t found = 0;
    const auto count = [&](const FrameHeader&, std::string_view) {
      ++found;
      return absl::OkStatus();
    };
    ASSERT_TRUE(journal->follow(journal->first_sequence(), count).ok());
    EXPECT_EQ(found, 15 - 3 * removed);
  }
}

// A file system may make two removals durable in any order.
TEST_F(TruncateTest, EachRemovalIsDurableBeforeTheNext) {
  const size_t before = files_.folder_operations().size();
  ASSERT_TRUE(open_journal()->truncate(first_of(2)).ok());
  std::vector<std::string> operations = files_.folder_operations();
  operations.erase(operations.begin(), operations.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(operations,
            (std::vector<std::string>{
                std::filesystem::path(path_of(first_of(0))).filename().string(), "sync",
                std::filesystem::path(path_of(first_of(1))).filename().string(), "sync"}));
}

TEST_F(TruncateTest, FollowBeginsInTheMiddleOfWhatIsLeft) {
  ASSERT_TRUE(open_journal()->truncate(first_of(2)).ok());
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  EXPECT_EQ(journal->first_sequence(), first_of(2));
  size_t found = 7;  // The second frame of the third segment.
  const uint64_t from = frames_[7].header.first_sequence;
  const absl::Status status =
      journal->follow(from, [&](const FrameHeader& header, std::string_view payload) {
        expect_equal(frames_.at(found++), header, payload);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(found, frames_.size());
}

TEST_F(TruncateTest, ReaderThatNeedsWhatIsGoneIsRefusedWithItsRecords) {
  ASSERT_TRUE(open_journal()->truncate(first_of(2)).ok());
  const auto nothing = [](const FrameHeader&, std::string_view) { return absl::OkStatus(); };
  const absl::Status status = open_journal()->follow(1, nothing);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(),
                                "records 1 to " + std::to_string(first_of(2) - 1) + " were"))
      << status;
}

TEST_F(TruncateTest, KeepsEverythingWhileALeaseIsHeld) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  {
    const auto lease = JournalLease::take(options_.folder);
    ASSERT_TRUE(lease.ok()) << lease.status();
    const auto second = JournalLease::take(options_.folder);
    ASSERT_TRUE(second.ok()) << second.status();
    ASSERT_TRUE(journal->truncate(UINT64_MAX).ok());
    EXPECT_EQ(journal->first_sequence(), 1u);
    EXPECT_EQ(segment_names().size(), 5u);
  }
  EXPECT_TRUE(leases().empty());
  ASSERT_TRUE(journal->truncate(UINT64_MAX).ok());
  EXPECT_EQ(segment_names().size(), 1u);
}

// The lease of a process that was killed has no lock any more.
TEST_F(TruncateTest, ClearsAStaleLeaseAway) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lease = JournalLease::take(options_.folder);
    ::_exit(lease.ok() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(leases().size(), 1u);
  ASSERT_TRUE(open_journal()->truncate(UINT64_MAX).ok());
  EXPECT_EQ(segment_names().size(), 1u);
  EXPECT_TRUE(leases().empty());
}

// Root's backup of a daemon that is not root: its lease is seen, and cleared away when it is stale.
TEST_F(TruncateTest, LeaseOfRootIsSeenByTheDaemonsUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  constexpr uid_t kNobody = 65'534;
  for (const std::string& folder : {root_, options_.folder}) {
    ASSERT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
  }
  const mode_t mask = ::umask(0077);
  auto lease = JournalLease::take(options_.folder);
  const auto stale = leases().at(0);
  ::umask(mask);
  ASSERT_TRUE(lease.ok()) << lease.status();
  ASSERT_EQ(::seteuid(kNobody), 0);
  const absl::StatusOr<bool> while_held = is_journal_leased(options_.folder);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(while_held.ok() && *while_held) << while_held.status();
  // Its process is killed: the file stays, and its lock goes.
  const std::string path = options_.folder + "/" + stale;
  std::filesystem::create_hard_link(path, root_ + "/kept");
  *lease = nullptr;
  std::filesystem::rename(root_ + "/kept", path);
  ASSERT_EQ(::seteuid(kNobody), 0);
  const absl::StatusOr<bool> when_stale = is_journal_leased(options_.folder);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_TRUE(when_stale.ok() && !*when_stale) << when_stale.status();
  EXPECT_TRUE(leases().empty());
}

TEST_F(TruncateTest, LeaseOfAFolderThatIsNotThereIsRefused) {
  EXPECT_FALSE(JournalLease::take(root_ + "/nowhere").ok());
}

}  // namespace
}  // namespace acd
