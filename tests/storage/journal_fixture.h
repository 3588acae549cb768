// SPDX-License-Identifier: Apache-2.0
// What the journal's tests share: a folder of their own, a listener that can be waited for, small
// frames.
#pragma once

#include <absl/status/status.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/mutex.h"
#include "daemon/storage/journal.h"
#include "daemon/storage/segment_journal.h"

namespace acd {

// Remembers what the journal reports.
//
// Threads:  the journal's thread reports, a test waits.
class RecordingListener final : public JournalListener {
 public:
  void on_durable(uint64_t sequence) override {
    const MutexLock lock(&mutex_);
    EXPECT_GT(sequence, durable_);
    EXPECT_EQ(failures_, 0);
    durable_ = sequence;
    changed_.notify_all();
  }
  void on_failed(const absl::Status& status) override {
    const MutexLock lock(&mutex_);
    status_ = status;
    ++failures_;
    changed_.notify_all();
  }

  void on_space(JournalSpace space, const absl::Status& why) override {
    const MutexLock lock(&mutex_);
    EXPECT_NE(space, space_);
    EXPECT_EQ(why.ok(), space == JournalSpace::kEnough);
    space_ = space;
    shortage_ = why;
    changed_.notify_all();
  }

  // Returns once that is what the journal said last.
  void wait_space(JournalSpace space) {
    const MutexLock lock(&mutex_);
    while (space_ != space) changed_.wait(&mutex_);
  }
  // Why there was not enough space, as it was said last.
  absl::Status shortage() {
    const MutexLock lock(&mutex_);
    return shortage_;
  }
  // Whether `sequence` became durable; false if the journal failed first.
  bool wait_durable(uint64_t sequence) {
    const MutexLock lock(&mutex_);
    while (durable_ < sequence && failures_ == 0) changed_.wait(&mutex_);
    return durable_ >= sequence;
  }
  absl::Status wait_failed() {
    const MutexLock lock(&mutex_);
    while (failures_ == 0) changed_.wait(&mutex_);
    return status_;
  }
  uint64_t durable() {
    const MutexLock lock(&mutex_);
    return durable_;
  }
  int failures() {
    const MutexLock lock(&mutex_);
    return failures_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  uint64_t durable_ ABSL_GUARDED_BY(mutex_) = 0;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  JournalSpace space_ ABSL_GUARDED_BY(mutex_) = JournalSpace::kEnough;
  absl::Status shortage_ ABSL_GUARDED_BY(mutex_);
};

// A frame as the tests write it and find it again.
struct TestFrame {
  FrameHeader header;
  std::string payload;
};

// The frame that begins with record `first_sequence`; everything in it follows from that number.
inline TestFrame make_frame(uint64_t first_sequence, size_t payload_size = 0) {
  TestFrame frame;
  frame.header.epoch = 1 + first_sequence / 10;
  frame.header.first_sequence = first_sequence;
  frame.header.record_count = 1 + static_cast<uint32_t>(first_sequence % 3);
  frame.header.now_ns = static_cast<int64_t>(first_sequence * 1'000);
  frame.header.wall_ns = 1'700'000'000'000'000'000 + frame.header.now_ns;
  frame.header.event_hash = first_sequence * 0x9e3779b97f4a7c15u;
  frame.payload = "payload " + std::to_string(first_sequence);
  if (payload_size != 0) frame.payload.resize(payload_size, static_cast<char>(first_sequence));
  return frame;
}

inline void expect_equal(const TestFrame& expected, const FrameHeader& header,
                         std::string_view payload) {
  EXPECT_EQ(header.epoch, expected.header.epoch);
  EXPECT_EQ(header.first_sequence, expected.header.first_sequence);
  EXPECT_EQ(header.record_count, expected.header.record_count);
  EXPECT_EQ(header.now_ns, expected.header.now_ns);
  EXPECT_EQ(header.wall_ns, expected.header.wall_ns);
  EXPECT_EQ(header.event_hash, expected.header.event_hash);
  EXPECT_EQ(payload, expected.payload);
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class JournalFixture : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/journal_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    options_.folder = root_ + "/p1";
    options_.partition = "p1";
    options_.segment_bytes = kSegmentBytesMin;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // Opens the journal; a failure fails the test and gives null.
  std::unique_ptr<SegmentJournal> open_journal() {
    auto journal = SegmentJournal::open(options_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return journal.ok() ? *std::move(journal) : nullptr;
  }

  // Why the journal cannot be opened.
  absl::Status open_error() {
    const auto journal = SegmentJournal::open(options_);
    EXPECT_FALSE(journal.ok());
    return journal.status();
  }

  // Opens, appends `count` frames, each durable before the next, and stops. Returns what it
  // appended.
  std::vector<TestFrame> append_frames(size_t count, size_t payload_size = 0) {
    std::vector<TestFrame> frames;
    const std::unique_ptr<SegmentJournal> journal = open_journal();
    RecordingListener listener;
    const absl::Status status = journal->start(&listener);
    EXPECT_TRUE(status.ok()) << status;
    for (size_t i = 0; i < count; ++i) {
      frames.push_back(make_frame(journal->position(), payload_size));
      journal->append(frames.back().header, frames.back().payload);
      EXPECT_TRUE(listener.wait_durable(journal->position() - 1));
    }
    journal->stop();
    return frames;
  }

  // Checks that `journal` holds `expected` and nothing else.
  static void expect_frames(SegmentJournal& journal, const std::vector<TestFrame>& expected) {
    size_t found = 0;
    const absl::Status status =
        journal.follow(1, [&](const FrameHeader& header, std::string_view payload) {
          if (found < expected.size()) expect_equal(expected[found], header, payload);
          ++found;
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(found, expected.size());
  }

  [[nodiscard]] std::string path_of(uint64_t first_sequence) const {
    return segment_path(options_.folder, first_sequence);
  }

  // Names of the segments in the folder, oldest first.
  [[nodiscard]] std::vector<std::string> segment_names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      if (entry.path().extension() == ".segment") names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string root_;
  SegmentJournalOptions options_;
};

}  // namespace acd
