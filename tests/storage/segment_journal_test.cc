// SPDX-License-Identifier: Apache-2.0
// The journal while it runs: order, durability, rotation, truncation, back-pressure, failure.
#include "daemon/storage/segment_journal.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/storage/faulty_files.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

class SegmentJournalTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    options_.files = &files_;
  }

  // Appends a frame to `journal` and returns its last record.
  static uint64_t append_one(SegmentJournal& journal, size_t payload_size = 0) {
    TestFrame frame = make_frame(journal.position(), payload_size);
    journal.append(frame.header, std::move(frame.payload));
    return journal.position() - 1;
  }

  FaultyFiles files_;
  RecordingListener listener_;
};

TEST_F(SegmentJournalTest, NewJournalIsEmpty) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  EXPECT_EQ(journal->position(), 1u);
  EXPECT_EQ(journal->first_sequence(), 1u);
  EXPECT_EQ(journal->epoch(), 0u);
  EXPECT_EQ(journal->torn_bytes(), 0u);
  expect_frames(*journal, {});
}

TEST_F(SegmentJournalTest, FindsItsFramesAgain) {
  std::vector<TestFrame> expected = append_frames(5);
  for (int round = 0; round < 3; ++round) {
    for (const TestFrame& frame : append_frames(4)) expected.push_back(frame);
  }
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  expect_frames(*journal, expected);
  EXPECT_EQ(journal->epoch(), expected.back().header.epoch);
  EXPECT_EQ(journal->position(),
            expected.back().header.first_sequence + expected.back().header.record_count);
}

TEST_F(SegmentJournalTest, KeepsItsHistoryAndDrawsAnotherForAnotherFolder) {
  append_frames(1);
  const HistoryId history_id = open_journal()->history_id();
  EXPECT_EQ(open_journal()->history_id(), history_id);
  options_.folder = root_ + "/p2";
  EXPECT_NE(open_journal()->history_id(), history_id);
}

TEST_F(SegmentJournalTest, FollowBeginsWithTheFrameThatHoldsTheRecord) {
  append_frames(12, 1'000);
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_GT(segment_names().size(), 2u);
  for (uint64_t from = 1; from <= journal->position(); ++from) {
    uint64_t expected = from;  // The next record to come.
    const absl::Status status =
        journal->follow(from, [&](const FrameHeader& header, std::string_view) {
          EXPECT_LE(header.first_sequence, expected);
          EXPECT_GT(header.first_sequence + header.record_count, expected);
          expected = header.first_sequence + header.record_count;
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(expected, journal->position());
  }
}

TEST_F(SegmentJournalTest, FollowStopsAtTheVisitorsErrorAndNamesThePlace) {
  append_frames(3);
  int visited = 0;
  const absl::Status status = open_journal()->follow(1, [&](const FrameHeader&, std::string_view) {
    return ++visited == 1 ? absl::DataLossError("payload byte 3: odd") : absl::OkStatus();
  });
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::string(status.message()), path_of(1) + " byte 128: payload byte 3: odd");
}

TEST_F(SegmentJournalTest, FollowRefusesRecordsThatAreNotThere) {
  append_frames(12, 1'000);
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  const auto pass = [](const FrameHeader&, std::string_view) { return absl::OkStatus(); };
  EXPECT_TRUE(journal->follow(journal->position(), pass).ok());
  EXPECT_EQ(journal->follow(journal->position() + 1, pass).code(), absl::StatusCode::kOutOfRange);
  ASSERT_TRUE(journal->truncate(journal->position()).ok());
  EXPECT_EQ(journal->follow(1, pass).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(journal->follow(journal->first_sequence(), pass).ok());
}

TEST_F(SegmentJournalTest, SecondOpenerIsRefusedWithTheFolder) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  const absl::Status status = open_error();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), options_.folder + " is in use")) << status;
}

TEST_F(SegmentJournalTest, BadOptionsAreRefused) {
  options_.partition = "";
  EXPECT_EQ(open_error().code(), absl::StatusCode::kInvalidArgument);
  options_.partition = std::string(kPartitionNameBytesMax + 1, 'p');
  EXPECT_EQ(open_error().code(), absl::StatusCode::kInvalidArgument);
  options_.partition = "p1";
  options_.segment_bytes = kSegmentBytesMin + 8;
  EXPECT_EQ(open_error().code(), absl::StatusCode::kInvalidArgument);
  options_.segment_bytes = kSegmentBytesMin;
  options_.queue_frames_max = 0;
  EXPECT_EQ(open_error().code(), absl::StatusCode::kInvalidArgument);
  options_.queue_frames_max = 1;
  options_.folder = root_ + "/missing/p1";
  EXPECT_EQ(open_error().code(), absl::StatusCode::kNotFound);
}

TEST_F(SegmentJournalTest, RunsThroughManySegments) {
  const std::vector<TestFrame> frames = append_frames(40, 700);
  EXPECT_EQ(segment_names().size(), 8u);  // Five frames of 768 bytes fit into 4,096.
  for (const std::string& name : segment_names()) {
    EXPECT_EQ(std::filesystem::file_size(options_.folder + "/" + name), kSegmentBytesMin);
  }
  expect_frames(*open_journal(), frames);
}

TEST_F(SegmentJournalTest, TakesFramesOfEverySizeUpToASegment) {
  std::vector<TestFrame> expected;
  const size_t payload_bytes_max = open_journal()->payload_bytes_max();
  for (size_t size = payload_bytes_max - 8; size <= payload_bytes_max; ++size) {
    for (const TestFrame& frame : append_frames(1, size)) expected.push_back(frame);
  }
  expect_frames(*open_journal(), expected);
}

TEST_F(SegmentJournalTest, TakesTheLargestFrame) {
  options_.segment_bytes = 4 * kFrameBytesMax;
  const std::vector<TestFrame> frames = append_frames(5, kFrameBytesMax);
  EXPECT_EQ(segment_names().size(), 2u);
  expect_frames(*open_journal(), frames);
}

TEST_F(SegmentJournalTest, StopMakesEverythingDurable) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  std::vector<TestFrame> frames;
  for (int i = 0; i < 2'000; ++i) {
    frames.push_back(make_frame(journal->position()));
    journal->append(frames.back().header, frames.back().payload);
  }
  journal->stop();
  EXPECT_EQ(listener_.durable(), journal->position() - 1);
  EXPECT_EQ(listener_.failures(), 0);
  journal->stop();
  EXPECT_EQ(listener_.durable(), journal->position() - 1);
}

TEST_F(SegmentJournalTest, StopWithoutStartDoesNothing) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  journal->stop();
  EXPECT_EQ(listener_.durable(), 0u);
}

TEST_F(SegmentJournalTest, TakesFramesOfAnotherThreadWhileItTruncates) {
  std::vector<TestFrame> frames;
  {
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    ASSERT_TRUE(journal->start(&listener_).ok());
    std::thread shard([&] {
      for (int i = 0; i < 3'000; ++i) {
        frames.push_back(make_frame(journal->position(), 40));
        journal->append(frames.back().header, frames.back().payload);
      }
    });
    while (listener_.durable() < 3'000) {
      EXPECT_TRUE(listener_.wait_durable(listener_.durable() + 1));
      EXPECT_TRUE(journal->truncate(listener_.durable()).ok());
    }
    shard.join();
    journal->stop();
  }
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  const uint64_t first = journal->first_sequence();
  EXPECT_GT(first, 1u);
  std::erase_if(frames, [&](const TestFrame& f) { return f.header.first_sequence < first; });
  size_t found = 0;
  const absl::Status status =
      journal->follow(first, [&](const FrameHeader& header, std::string_view payload) {
        expect_equal(frames.at(found++), header, payload);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(found, frames.size());
}

TEST_F(SegmentJournalTest, TruncateDropsWholeSegmentsOnly) {
  const std::vector<TestFrame> frames = append_frames(12, 1'000);  // Three to a segment.
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_EQ(segment_names().size(), 4u);
  const uint64_t second = frames[3].header.first_sequence;
  ASSERT_TRUE(journal->truncate(second - 1).ok());
  EXPECT_EQ(journal->first_sequence(), 1u);
  ASSERT_TRUE(journal->truncate(second).ok());
  EXPECT_EQ(journal->first_sequence(), second);
  EXPECT_EQ(segment_names().size(), 3u);
  ASSERT_TRUE(journal->truncate(UINT64_MAX).ok());
  EXPECT_EQ(segment_names().size(), 1u);
}

TEST_F(SegmentJournalTest, GoesOnAfterTruncationAndRestart) {
  append_frames(12, 1'000);
  ASSERT_TRUE(open_journal()->truncate(UINT64_MAX).ok());
  const uint64_t position = open_journal()->position();
  const std::vector<TestFrame> frames = append_frames(4, 1'000);
  EXPECT_EQ(frames.front().header.first_sequence, position);
  EXPECT_GT(open_journal()->first_sequence(), 1u);
}

TEST_F(SegmentJournalTest, ReportsNothingBeforeItIsSynced) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  files_.hold_syncs();
  const uint64_t last = append_one(*journal);
  files_.wait_held();
  EXPECT_EQ(listener_.durable(), 0u);
  files_.release_syncs();
  EXPECT_TRUE(listener_.wait_durable(last));
  journal->stop();
}

TEST_F(SegmentJournalTest, SyncsFramesThatPiledUpOnce) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  const int before = files_.sync_count();
  files_.hold_syncs();
  append_one(*journal);
  files_.wait_held();
  for (int i = 0; i < 20; ++i) append_one(*journal);
  files_.release_syncs();
  journal->stop();
  EXPECT_EQ(files_.sync_count(), before + 2);
}

TEST_F(SegmentJournalTest, DurabilityNoneNeverSyncsFrames) {
  options_.durability = Durability::kNone;
  const std::vector<TestFrame> frames = append_frames(20, 700);
  EXPECT_EQ(files_.sync_count(), 0);
  expect_frames(*open_journal(), frames);
}

// The queue holds two frames; a third append() waits until the journal's thread takes them.
TEST_F(SegmentJournalTest, AppendBlocksWhileTheQueueIsFull) {
  options_.queue_frames_max = 2;
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  files_.hold_syncs();
  append_one(*journal);
  files_.wait_held();
  append_one(*journal);
  append_one(*journal);
  std::atomic<bool> has_appended = false;
  std::thread shard([&] {
    append_one(*journal);
    has_appended = true;
  });
  // Time enough for an append() that does not block to show itself.
  for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
  EXPECT_FALSE(has_appended);
  EXPECT_EQ(journal->times().append_waits, 0u);  // Not over yet.
  files_.release_syncs();
  shard.join();
  journal->stop();
  EXPECT_EQ(listener_.durable(), journal->position() - 1);
  EXPECT_EQ(journal->times().append_waits, 1u);
  EXPECT_GT(journal->times().append_wait_ns, 0);
  EXPECT_GE(journal->times().syncs, 2u);
  EXPECT_GT(journal->times().sync_ns, 0);
}

TEST_F(SegmentJournalTest, BytesInTheQueueAreBoundedButOneFrameAlwaysFits) {
  options_.queue_bytes_max = 100;
  const std::vector<TestFrame> frames = append_frames(3, 1'000);
  expect_frames(*open_journal(), frames);
}

TEST_F(SegmentJournalTest, ShortWritesAreContinued) {
  files_.shorten_writes(7);
  const std::vector<TestFrame> frames = append_frames(9, 500);
  expect_frames(*open_journal(), frames);
}

TEST_F(SegmentJournalTest, FailedWriteIsReportedOnceAndEndsTheJournal) {
  std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  const uint64_t durable = append_one(*journal);
  ASSERT_TRUE(listener_.wait_durable(durable));
  files_.fail_writes(ENOSPC);
  append_one(*journal);
  const absl::Status status = listener_.wait_failed();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(status.message(), path_of(1))) << status;
  files_.fail_writes(0);
  for (int i = 0; i < 3'000; ++i) append_one(*journal);  // Dropped; must not block.
  journal->stop();
  EXPECT_EQ(listener_.failures(), 1);
  EXPECT_EQ(listener_.durable(), durable);
  journal.reset();
  EXPECT_EQ(open_journal()->position(), durable + 1);
}

TEST_F(SegmentJournalTest, FailedSyncIsReportedAndNothingBecomesDurable) {
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  files_.fail_syncs(EIO);
  append_one(*journal);
  const absl::Status status = listener_.wait_failed();
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot sync " + path_of(1))) << status;
  journal->stop();
  EXPECT_EQ(listener_.durable(), 0u);
}

TEST_F(SegmentJournalTest, FailureWakesABlockedAppend) {
  options_.queue_frames_max = 1;
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_TRUE(journal->start(&listener_).ok());
  files_.hold_syncs();
  append_one(*journal);
  files_.wait_held();
  append_one(*journal);
  std::thread shard([&] { append_one(*journal); });
  files_.fail_syncs(EIO);
  files_.release_syncs();
  shard.join();
  EXPECT_FALSE(listener_.wait_durable(1));
  journal->stop();
}

TEST_F(SegmentJournalTest, FailureAtStartIsReturned) {
  files_.fail_writes(ENOSPC);
  EXPECT_EQ(open_journal()->start(&listener_).code(), absl::StatusCode::kResourceExhausted);
  files_.fail_writes(0);
  const std::vector<TestFrame> frames = append_frames(2);
  files_.fail_syncs(EIO);
  EXPECT_FALSE(open_journal()->start(&listener_).ok());
  files_.fail_syncs(0);
  expect_frames(*open_journal(), frames);
}

TEST_F(SegmentJournalTest, WritesZerosOverTornTail) {
  const std::vector<TestFrame> frames = append_frames(2);
  std::string bytes = read_bytes(path_of(1));
  bytes.replace(kSegmentBytesMin - 500, 500, 500, '\x5a');
  write_bytes(path_of(1), bytes);
  append_frames(0);
  const std::string healed = read_bytes(path_of(1));
  ASSERT_EQ(healed.size(), kSegmentBytesMin);
  EXPECT_EQ(healed.find('\x5a', kSegmentBytesMin - 500), std::string::npos);
  expect_frames(*open_journal(), frames);
}

// After a failed sync the kernel may believe that the last batch is clean. It is written once more.
TEST_F(SegmentJournalTest, WritesTheLastBatchAgainAtStart) {
  append_frames(2);
  files_.fail_writes(EIO);
  const absl::Status status = open_journal()->start(&listener_);
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot write " + path_of(1))) << status;
}

// Before anybody stores elsewhere what a replay gives.
TEST_F(SegmentJournalTest, SettlesTheLastBatchBeforeAReplay) {
  const std::vector<TestFrame> frames = append_frames(2);
  const std::string bytes = read_bytes(path_of(1));
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  files_.fail_syncs(EIO);
  EXPECT_TRUE(absl::StrContains(journal->settle().message(), path_of(1)));
  files_.fail_syncs(0);
  const uint64_t written = files_.written_bytes();
  EXPECT_TRUE(journal->settle().ok());
  EXPECT_GT(files_.written_bytes(), written);
  EXPECT_TRUE(journal->settle().ok());  // It is.
  EXPECT_EQ(read_bytes(path_of(1)), bytes);
  expect_frames(*journal, frames);
}

using SegmentJournalDeathTest = SegmentJournalTest;

TEST_F(SegmentJournalDeathTest, MisuseAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  TestFrame frame = make_frame(1);
  EXPECT_DEATH(journal->append(frame.header, ""), "thread_.joinable");
  ASSERT_TRUE(journal->start(&listener_).ok());
  EXPECT_DEATH(static_cast<void>(journal->start(&listener_)), "was_started_");
  frame.header.first_sequence = 2;
  EXPECT_DEATH(journal->append(frame.header, ""), "next_sequence_");
  journal->stop();
}

}  // namespace
}  // namespace acd
