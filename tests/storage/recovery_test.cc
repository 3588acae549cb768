// SPDX-License-Identifier: Apache-2.0
// What is found again after a crash: a torn tail is cut, damage before the end is refused and
// named.
#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/storage/segment_journal.h"
#include "tests/storage/faulty_files.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

class RecoveryTest : public JournalFixture {
 protected:
  // Where each of `frames` begins in a segment that holds them all, and where the last one ends.
  static std::vector<size_t> frame_offsets(const std::vector<TestFrame>& frames) {
    std::vector<size_t> offsets = {kSegmentHeaderBytes};
    for (const TestFrame& frame : frames) {
      offsets.push_back(offsets.back() + frame_size(frame.payload.size()));
    }
    return offsets;
  }

  // The journal is refused as damaged, and the message names `place`.
  void expect_data_loss(const std::string& place) {
    const absl::Status status = open_error();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), place)) << status << " lacks " << place;
  }

  static std::string place(const std::string& path, size_t offset) {
    return path + " byte " + std::to_string(offset) + ":";
  }

  // Opens with a gate on syncs, so that frames behind the first of `count` are written as one
  // batch.
  std::vector<TestFrame> append_with_last_batch(size_t count) {
    FaultyFiles files;
    options_.files = &files;
    std::vector<TestFrame> frames;
    RecordingListener listener;
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    EXPECT_TRUE(journal->start(&listener).ok());
    files.hold_syncs();
    for (size_t i = 0; i < count; ++i) {
      frames.push_back(make_frame(journal->position()));
      journal->append(frames.back().header, frames.back().payload);
      if (i == 0) files.wait_held();
    }
    files.release_syncs();
    journal->stop();
    options_.files = nullptr;
    return frames;
  }
};

TEST_F(RecoveryTest, EveryCutOfTheTailLeavesTheFramesBeforeIt) {
  std::vector<TestFrame> frames = append_frames(6);
  const std::string whole = read_bytes(path_of(1));
  const std::vector<size_t> offsets = frame_offsets(frames);
  ASSERT_EQ(whole.size(), kSegmentBytesMin);
  for (size_t size = kSegmentHeaderBytes; size <= offsets.back() + 16; ++size) {
    write_bytes(path_of(1), whole.substr(0, size));
    size_t kept = 0;
    while (kept < frames.size() && offsets[kept + 1] <= size) ++kept;
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    ASSERT_NE(journal, nullptr) << "cut at " << size;
    expect_frames(*journal, {frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(kept)});
    EXPECT_EQ(journal->torn_bytes() != 0, kept < frames.size() && size > offsets[kept])
        << "cut at " << size;
  }
}

TEST_F(RecoveryTest, FramesFollowBehindEveryCut) {
  const std::vector<TestFrame> frames = append_frames(3);
  const std::string whole = read_bytes(path_of(1));
  const std::vector<size_t> offsets = frame_offsets(frames);
  for (size_t size = offsets[1]; size <= offsets[3]; size += 5) {
    write_bytes(path_of(1), whole.substr(0, size));
    size_t kept = 1;
    while (kept < frames.size() && offsets[kept + 1] <= size) ++kept;
    std::vector<TestFrame> expected(frames.begin(),
                                    frames.begin() + static_cast<std::ptrdiff_t>(kept));
    for (const TestFrame& frame : append_frames(2)) expected.push_back(frame);
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    ASSERT_NE(journal, nullptr) << "cut at " << size;
    expect_frames(*journal, expected);
    EXPECT_EQ(journal->torn_bytes(), 0u);
    EXPECT_EQ(read_bytes(path_of(1)).size(), kSegmentBytesMin);
  }
}

TEST_F(RecoveryTest, CutHeaderIsRefused) {
  append_frames(1);
  const std::string whole = read_bytes(path_of(1));
  for (size_t size = 0; size < kSegmentHeaderBytes; ++size) {
    write_bytes(path_of(1), whole.substr(0, size));
    expect_data_loss(place(path_of(1), size));
  }
}

TEST_F(RecoveryTest, EveryFlippedBitOfAMiddleFrameIsRefusedByItsPlace) {
  const std::vector<TestFrame> frames = append_frames(4);
  const std::string whole = read_bytes(path_of(1));
  const std::vector<size_t> offsets = frame_offsets(frames);
  for (size_t bit = 8 * offsets[1]; bit < 8 * offsets[2]; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(path_of(1), damaged);
    expect_data_loss(place(path_of(1), offsets[1]));
  }
}

TEST_F(RecoveryTest, EveryFlippedBitOfTheLastFrameIsATornTail) {
  std::vector<TestFrame> frames = append_frames(4);
  const std::string whole = read_bytes(path_of(1));
  const std::vector<size_t> offsets = frame_offsets(frames);
  frames.pop_back();
  for (size_t bit = 8 * offsets[3]; bit < 8 * offsets[4]; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(path_of(1), damaged);
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    ASSERT_NE(journal, nullptr) << "bit " << bit;
    EXPECT_GT(journal->torn_bytes(), 0u);
    expect_frames(*journal, frames);
  }
}

TEST_F(RecoveryTest, EveryFlippedBitOfTheSegmentHeaderIsRefused) {
  append_frames(1);
  const std::string whole = read_bytes(path_of(1));
  for (size_t bit = 0; bit < 8 * kSegmentHeaderBytes; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(path_of(1), damaged);
    EXPECT_TRUE(absl::StrContains(open_error().message(), path_of(1)));
  }
}

TEST_F(RecoveryTest, ZeroedMiddleFrameIsRefused) {
  const std::vector<TestFrame> frames = append_frames(3);
  std::string bytes = read_bytes(path_of(1));
  const std::vector<size_t> offsets = frame_offsets(frames);
  bytes.replace(offsets[1], offsets[2] - offsets[1], offsets[2] - offsets[1], '\0');
  write_bytes(path_of(1), bytes);
  expect_data_loss(place(path_of(1), offsets[1]));
}

TEST_F(RecoveryTest, GarbageBehindTheLastFrameIsATornTail) {
  const std::vector<TestFrame> frames = append_frames(2);
  std::string bytes = read_bytes(path_of(1));
  const size_t end = frame_offsets(frames).back();
  bytes.replace(end, 300, 300, '\x5a');
  write_bytes(path_of(1), bytes);
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->torn_bytes(), 300u);
  expect_frames(*journal, frames);
}

// The disk may write the pages of one unsynced batch in any order. A good frame of that batch
// behind a bad one proves nothing: none of the batch was ever reported durable.
TEST_F(RecoveryTest, BatchWhoseLaterFramesReachedTheDiskFirstIsATornTail) {
  std::vector<TestFrame> frames = append_with_last_batch(4);
  const std::vector<size_t> offsets = frame_offsets(frames);
  std::string bytes = read_bytes(path_of(1));
  bytes[offsets[1] + 70] = static_cast<char>(bytes[offsets[1] + 70] ^ 1);
  write_bytes(path_of(1), bytes);
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->torn_bytes(), offsets[4] - offsets[1] - 7);  // The padding was zero already.
  frames.resize(1);
  expect_frames(*journal, frames);
}

TEST_F(RecoveryTest, DamageBeforeTheLastBatchIsRefused) {
  const std::vector<TestFrame> frames = append_with_last_batch(4);
  std::string bytes = read_bytes(path_of(1));
  bytes[kSegmentHeaderBytes + 70] = static_cast<char>(bytes[kSegmentHeaderBytes + 70] ^ 1);
  write_bytes(path_of(1), bytes);
  expect_data_loss(place(path_of(1), kSegmentHeaderBytes));
}

TEST_F(RecoveryTest, DamageInAnEarlierSegmentIsRefused) {
  append_frames(8, 1'000);
  ASSERT_GT(segment_names().size(), 2u);
  const size_t last_frame = kSegmentHeaderBytes + 2 * frame_size(1'000);
  std::string bytes = read_bytes(path_of(1));
  bytes[last_frame + 100] = static_cast<char>(bytes[last_frame + 100] ^ 1);
  write_bytes(path_of(1), bytes);
  expect_data_loss(place(path_of(1), last_frame));
}

TEST_F(RecoveryTest, MissingMiddleSegmentIsRefused) {
  append_frames(8, 1'000);
  const std::vector<std::string> names = segment_names();
  ASSERT_EQ(names.size(), 3u);
  std::filesystem::remove(options_.folder + "/" + names[1]);
  expect_data_loss("are missing between this segment and " + options_.folder + "/" + names[2]);
}

TEST_F(RecoveryTest, SegmentThatRepeatsRecordsIsRefused) {
  append_frames(1);
  SegmentHeader header = *decode_segment_header(read_bytes(path_of(1)));
  header.first_sequence = 2;  // The first frame holds records 1 and 2.
  std::string bytes = encode_segment_header(header);
  bytes.resize(kSegmentBytesMin);
  write_bytes(path_of(2), bytes);
  expect_data_loss("begins with record 2, which " + path_of(1) + " holds as well");
}

TEST_F(RecoveryTest, SequenceGapIsRefused) {
  const std::vector<TestFrame> frames = append_frames(1);
  std::string bytes = read_bytes(path_of(1));
  const SegmentHeader segment = *decode_segment_header(bytes);
  const size_t end = frame_offsets(frames).back();
  const TestFrame late = make_frame(7);
  const FrameHeaderBytes header =
      encode_frame_header(segment.history_id, late.header, 2, late.payload);
  bytes.replace(end, header.size(), header.data(), header.size());
  bytes.replace(end + header.size(), late.payload.size(), late.payload);
  write_bytes(path_of(1), bytes);
  expect_data_loss(place(path_of(1), end) + " record 3 is expected, the frame begins with 7");
}

TEST_F(RecoveryTest, FallingEpochIsRefused) {
  std::vector<TestFrame> frames = append_frames(1);
  std::string bytes = read_bytes(path_of(1));
  const SegmentHeader segment = *decode_segment_header(bytes);
  const size_t end = frame_offsets(frames).back();
  TestFrame stale = make_frame(3);
  stale.header.epoch = 0;
  const FrameHeaderBytes header =
      encode_frame_header(segment.history_id, stale.header, 2, stale.payload);
  bytes.replace(end, header.size(), header.data(), header.size());
  bytes.replace(end + header.size(), stale.payload.size(), stale.payload);
  write_bytes(path_of(1), bytes);
  expect_data_loss(place(path_of(1), end) + " the frame's epoch 0 is below");
}

TEST_F(RecoveryTest, SegmentOfAnotherHistoryIsRefused) {
  append_frames(5, 1'000);
  const std::vector<std::string> names = segment_names();
  ASSERT_EQ(names.size(), 2u);
  const std::string foreign_path = options_.folder + "/" + names[1];
  SegmentHeader header = *decode_segment_header(read_bytes(foreign_path));
  header.history_id[0] ^= 1;
  std::string bytes = read_bytes(foreign_path);
  write_bytes(foreign_path, encode_segment_header(header) + bytes.substr(kSegmentHeaderBytes));
  const absl::Status status = open_error();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), foreign_path + ": is of another history"))
      << status;
}

TEST_F(RecoveryTest, JournalOfAnotherPartitionIsRefused) {
  append_frames(1);
  options_.partition = "p2";
  const absl::Status status = open_error();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "belongs to partition 'p1', not to 'p2'"));
}

TEST_F(RecoveryTest, NewerFormatIsRefusedByItsVersion) {
  append_frames(1);
  std::string bytes = read_bytes(path_of(1));
  bytes[8] = 2;
  write_bytes(path_of(1), bytes);
  const absl::Status status = open_error();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(),
                                place(path_of(1), 8) + " journal format 2 was written by a newer"))
      << status;
}

TEST_F(RecoveryTest, ForeignFileIsRefused) {
  append_frames(1);
  write_bytes(path_of(1), std::string(1'000, 'x'));
  const absl::Status status = open_error();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "not a journal segment")) << status;
}

TEST_F(RecoveryTest, MisnamedSegmentIsRefused) {
  append_frames(1);
  std::filesystem::rename(path_of(1), path_of(5));
  expect_data_loss("its name says otherwise");
  std::filesystem::rename(path_of(5), options_.folder + "/1.segment");
  EXPECT_TRUE(absl::StrContains(open_error().message(), "not the name of a segment"));
}

TEST_F(RecoveryTest, FileBeyondItsEndIsRefused) {
  append_frames(1);
  write_bytes(path_of(1), read_bytes(path_of(1)) + "x");
  expect_data_loss(place(path_of(1), kSegmentBytesMin));
}

TEST_F(RecoveryTest, LeftoverOfAnUnfinishedSegmentIsReplaced) {
  std::vector<TestFrame> expected = append_frames(3, 1'000);
  write_bytes(options_.folder + "/next", std::string(10'000, 'x'));
  for (const TestFrame& frame : append_frames(3, 1'000)) expected.push_back(frame);
  expect_frames(*open_journal(), expected);
}

TEST_F(RecoveryTest, DamageAfterOpenIsFoundByFollow) {
  append_frames(3);
  const std::unique_ptr<SegmentJournal> journal = open_journal();
  std::string bytes = read_bytes(path_of(1));
  bytes[kSegmentHeaderBytes + 70] = static_cast<char>(bytes[kSegmentHeaderBytes + 70] ^ 1);
  write_bytes(path_of(1), bytes);
  const absl::Status status =
      journal->follow(1, [](const FrameHeader&, std::string_view) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(), place(path_of(1), kSegmentHeaderBytes)));
}

}  // namespace
}  // namespace acd
