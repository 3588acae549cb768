// SPDX-License-Identifier: Apache-2.0
// A disk that fills up: the reserve, the refusal of more, the way back, and the end without space.
#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/storage/faulty_files.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

// A segment takes three frames of this size.
constexpr size_t kThird = 1'000;

class SpaceTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    options_.files = &files_;
    options_.space_retry = std::chrono::milliseconds(1);
    options_.space_wait_at_stop = std::chrono::milliseconds(0);
  }
  void open_and_start() {
    journal_ = open_journal();
    const absl::Status status = journal_->start(&listener_);
    ASSERT_TRUE(status.ok()) << status;
  }
  // Appends frames that fill a third of a segment each, and returns the last record.
  uint64_t append(int count) {
    for (int i = 0; i < count; ++i) {
      frames_.push_back(make_frame(journal_->position(), kThird));
      journal_->append(frames_.back().header, frames_.back().payload);
    }
    return journal_->position() - 1;
  }
  // Fills the first segment, then the disk, then the reserve: the next frame has no place.
  void use_up() {
    open_and_start();
    ASSERT_TRUE(listener_.wait_durable(append(1)));
    files_.limit_space(0);
    ASSERT_TRUE(listener_.wait_durable(append(5)));
  }
  // Of segments and reserve.
  [[nodiscard]] uint64_t folder_bytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      bytes += entry.file_size();
    }
    return bytes;
  }
  void expect_reopens_with_all() {
    journal_.reset();
    options_.files = nullptr;
    expect_frames(*open_journal(), frames_);
  }

  FaultyFiles files_;
  RecordingListener listener_;
  std::unique_ptr<SegmentJournal> journal_;
  std::vector<TestFrame> frames_;
};

TEST_F(SpaceTest, GoesOnInTheReserveAndSaysThatSpaceIsLow) {
  use_up();
  listener_.wait_space(JournalSpace::kLow);
  const absl::Status why = listener_.shortage();
  EXPECT_EQ(why.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(why.message(), options_.folder + "/next")) << why;
  EXPECT_EQ(listener_.failures(), 0);
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, GoesOnByItselfWhenSpaceReturns) {
  use_up();
  const uint64_t last = append(4);
  listener_.wait_space(JournalSpace::kNone);
  EXPECT_LT(listener_.durable(), last);
  files_.lift_space_limit();
  EXPECT_TRUE(listener_.wait_durable(last));
  listener_.wait_space(JournalSpace::kEnough);
  journal_->stop();
  expect_reopens_with_all();
}

// A quota that is used up is no other thing than a full disk.
TEST_F(SpaceTest, TreatsAQuotaAsAFullDisk) {
  open_and_start();
  files_.limit_space(100, EDQUOT);
  ASSERT_TRUE(listener_.wait_durable(append(4)));
  listener_.wait_space(JournalSpace::kLow);
  EXPECT_TRUE(absl::StrContains(listener_.shortage().message(), "quota"));
  files_.lift_space_limit();
  listener_.wait_space(JournalSpace::kEnough);
  journal_->stop();
  expect_reopens_with_all();
}

// Some file systems find out only when they sync.
TEST_F(SpaceTest, WritesTheReserveAgainWhenItsSyncFoundNoSpace) {
  frames_ = append_frames(1, kThird);
  files_.fail_syncs_of("next", ENOSPC);
  open_and_start();
  listener_.wait_space(JournalSpace::kLow);
  EXPECT_TRUE(absl::StrContains(listener_.shortage().message(), "cannot sync"));
  // What could not be synced may be gone from memory as well.
  const uint64_t written = files_.written_bytes();
  files_.fail_syncs_of("next", 0);
  listener_.wait_space(JournalSpace::kEnough);
  EXPECT_GE(files_.written_bytes() - written, kSegmentBytesMin);
  ASSERT_TRUE(listener_.wait_durable(append(5)));
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, AppendBlocksWhenTheReserveIsUsedUpUntilSpaceReturns) {
  options_.queue_frames_max = 2;
  use_up();
  append(1);
  listener_.wait_space(JournalSpace::kNone);  // The journal's thread has that frame in hand.
  append(2);
  std::atomic<bool> has_appended = false;
  std::thread shard([&] {
    append(1);
    has_appended = true;
  });
  // Time enough for an append() that does not block to show itself.
  for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
  EXPECT_FALSE(has_appended);
  files_.lift_space_limit();
  shard.join();
  EXPECT_TRUE(listener_.wait_durable(journal_->position() - 1));
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, StopWithoutSpaceEndsAndLosesOnlyWhatNobodyWasToldOf) {
  use_up();
  const uint64_t durable = listener_.durable();
  append(2);
  listener_.wait_space(JournalSpace::kNone);
  journal_->stop();
  EXPECT_EQ(listener_.failures(), 1);
  const absl::Status why = listener_.wait_failed();
  EXPECT_EQ(why.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(absl::StrContains(why.message(), "from record " + std::to_string(durable + 1)))
      << why;
  EXPECT_TRUE(absl::StrContains(why.message(), "No space left")) << why;
  EXPECT_EQ(listener_.durable(), durable);
  frames_.resize(frames_.size() - 2);
  expect_reopens_with_all();
}

TEST_F(SpaceTest, StopThatIsNearFreesAnAppendThatWaitsForSpace) {
  options_.queue_frames_max = 1;
  use_up();
  append(1);
  listener_.wait_space(JournalSpace::kNone);
  append(1);
  std::thread shard([&] { append(1); });
  journal_->begin_stop();
  shard.join();
  EXPECT_EQ(listener_.wait_failed().code(), absl::StatusCode::kCancelled);
  journal_->stop();
}

TEST_F(SpaceTest, StopIsCleanWhileTheReserveLasts) {
  use_up();
  listener_.wait_space(JournalSpace::kLow);
  journal_->stop();
  EXPECT_EQ(listener_.failures(), 0);
  expect_reopens_with_all();
}

// On a full disk the room of the segment that was written ahead must not be given back.
TEST_F(SpaceTest, RestartsOnAFullDiskWithTheReserveThatIsThere) {
  open_and_start();
  ASSERT_TRUE(listener_.wait_durable(append(1)));
  journal_->stop();
  journal_.reset();
  files_.limit_space(0);
  open_and_start();
  ASSERT_TRUE(listener_.wait_durable(append(5)));
  listener_.wait_space(JournalSpace::kLow);
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, RestartsWithNothingLeftAndWaits) {
  use_up();
  const uint64_t durable = listener_.durable();
  append(1);
  listener_.wait_space(JournalSpace::kNone);
  journal_->stop();
  journal_.reset();
  frames_.pop_back();

  RecordingListener again;
  journal_ = open_journal();
  ASSERT_TRUE(journal_->start(&again).ok());
  again.wait_space(JournalSpace::kLow);
  const uint64_t last = append(1);
  again.wait_space(JournalSpace::kNone);
  EXPECT_EQ(last, durable + frames_.back().header.record_count);
  files_.lift_space_limit();
  EXPECT_TRUE(again.wait_durable(last));
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, LeftoverOfALargerSegmentIsNotReused) {
  options_.segment_bytes = 2 * kSegmentBytesMin;
  append_frames(1);
  options_.segment_bytes = kSegmentBytesMin;
  const std::vector<TestFrame> frames = append_frames(10, kThird);
  EXPECT_EQ(open_journal()->position(),
            frames.back().header.first_sequence + frames.back().header.record_count);
}

TEST_F(SpaceTest, EveryOtherFailureToWriteAheadIsFatal) {
  open_and_start();
  ASSERT_TRUE(listener_.wait_durable(append(3)));
  files_.limit_space(0, EIO);
  append(1);
  EXPECT_TRUE(absl::StrContains(listener_.wait_failed().message(), "Input/output error"));
  journal_->stop();
}

// Three segments, none of which is ever exceeded, whatever is appended.
TEST_F(SpaceTest, LargestSizeIsAFullDiskUntilTruncationGivesRoom) {
  options_.bytes_max = 3 * kSegmentBytesMin;
  options_.space_retry = std::chrono::hours(1);  // It is told that there is room.
  open_and_start();
  ASSERT_TRUE(listener_.wait_durable(append(6)));
  while (journal_->bytes() < options_.bytes_max) std::this_thread::yield();
  EXPECT_FALSE(journal_->is_full());  // It has its reserve.
  ASSERT_TRUE(listener_.wait_durable(append(3)));
  listener_.wait_space(JournalSpace::kLow);
  EXPECT_TRUE(journal_->is_full());
  EXPECT_EQ(listener_.shortage().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(listener_.shortage().message(),
                                "has 12288 bytes, and journal-bytes-max allows 12288: a snapshot"))
      << listener_.shortage();
  const uint64_t durable = listener_.durable();
  const uint64_t last = append(1);
  listener_.wait_space(JournalSpace::kNone);
  EXPECT_EQ(listener_.durable(), durable);
  EXPECT_EQ(folder_bytes(), options_.bytes_max);
  ASSERT_TRUE(journal_->truncate(durable).ok());
  EXPECT_TRUE(listener_.wait_durable(last));
  listener_.wait_space(JournalSpace::kEnough);
  EXPECT_LE(folder_bytes(), options_.bytes_max);
  journal_->stop();
}

TEST_F(SpaceTest, StopAtTheLargestSizeEndsAsOnAFullDisk) {
  options_.bytes_max = 2 * kSegmentBytesMin;
  open_and_start();
  const uint64_t durable = append(6);
  append(1);
  listener_.wait_space(JournalSpace::kNone);
  journal_->stop();
  const absl::Status why = listener_.wait_failed();
  EXPECT_EQ(why.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(absl::StrContains(why.message(), "journal-bytes-max")) << why;
  EXPECT_EQ(listener_.durable(), durable);
  frames_.pop_back();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, JournalThatIsLargerThanAllowedStartsAndShrinks) {
  frames_ = append_frames(14, kThird);
  std::filesystem::remove(options_.folder + "/next");
  options_.bytes_max = 3 * kSegmentBytesMin;
  open_and_start();
  listener_.wait_space(JournalSpace::kLow);
  EXPECT_TRUE(journal_->is_near_full());
  ASSERT_TRUE(listener_.wait_durable(append(1)));
  ASSERT_TRUE(journal_->truncate(journal_->position()).ok());
  listener_.wait_space(JournalSpace::kEnough);
  ASSERT_TRUE(listener_.wait_durable(append(3)));
  EXPECT_LE(folder_bytes(), options_.bytes_max);
  journal_->stop();
}

// A room that is taken already is not given away, as on a full disk.
TEST_F(SpaceTest, ReserveOfBeforeIsUsedThoughNoneMayBeBegun) {
  frames_ = append_frames(5, kThird);
  ASSERT_TRUE(std::filesystem::exists(options_.folder + "/next"));
  options_.bytes_max = 0;
  open_and_start();
  ASSERT_TRUE(listener_.wait_durable(append(4)));
  listener_.wait_space(JournalSpace::kLow);
  EXPECT_FALSE(std::filesystem::exists(options_.folder + "/next"));
  journal_->stop();
  expect_reopens_with_all();
}

TEST_F(SpaceTest, NewJournalNeedsRoomToBegin) {
  files_.limit_space(kSegmentBytesMin - 1);
  journal_ = open_journal();
  EXPECT_EQ(journal_->start(&listener_).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace acd
