// SPDX-License-Identifier: Apache-2.0
// A journal's folder made and damaged as the input says, then recovered. Must never happen: a
// crash, a frame that was not written, one out of order, or a silent loss: whatever an undamaged
// frame says was durable before it is either read back or refused with an error.
#include <absl/status/status.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/storage/segment_format.h"
#include "daemon/storage/segment_reader.h"
#include "routing/check.h"
#include "tests/fuzz/byte_source.h"

namespace acd {
namespace {

constexpr char kPartition[] = "p1";
constexpr size_t kSegmentsMax = 3;
constexpr size_t kSegmentBytes = 2 * kSegmentBytesMin;
constexpr HistoryId kHistory{1, 2, 3};

struct WrittenFrame {
  FrameHeader header;
  uint64_t settled_sequence = 0;
  std::string payload;
  size_t segment = 0;  // Where it stands.
  size_t offset = 0;
  std::string bytes;
};

struct WrittenSegment {
  uint64_t first_sequence = 0;
  std::string bytes;
};

// A folder that is gone at the end of its scope.
class ScratchFolder {
 public:
  ScratchFolder() : path_(std::filesystem::temp_directory_path() / "acd_journal_fuzz_XXXXXX") {
    ACD_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Writes segments and frames as the input says, then damages them.
class Image {
 public:
  explicit Image(ByteSource source) : source_(source) {
    add_segment();
    while (!source_.empty() && !source_.one_in(16)) {
      if (source_.one_in(8)) add_segment();
      add_frame();
    }
    damage();
  }

  void write_to(const std::string& folder) const {
    for (const WrittenSegment& segment : segments_) {
      std::ofstream file(segment_path(folder, segment.first_sequence), std::ios::binary);
      file.write(segment.bytes.data(), static_cast<std::streamsize>(segment.bytes.size()));
    }
  }
  // Whether all frames followed one another as a journal writes them.
  [[nodiscard]] bool is_sound() const { return is_sound_; }
  [[nodiscard]] bool is_damaged() const { return is_damaged_; }
  [[nodiscard]] const std::vector<WrittenFrame>& frames() const { return frames_; }
  // A segment is made when all records before it are durable.
  [[nodiscard]] uint64_t durable_limit() const { return segments_.back().first_sequence; }
  [[nodiscard]] bool is_intact(const WrittenFrame& frame) const {
    const std::string_view segment = segments_[frame.segment].bytes;
    return frame.offset <= segment.size() &&
           segment.substr(frame.offset, frame.bytes.size()) == frame.bytes;
  }

 private:
  void add_segment() {
    if (segments_.size() == kSegmentsMax) return;
    if (!segments_.empty() && segments_.back().first_sequence == next_.first_sequence) return;
    SegmentHeader header;
    header.history_id = kHistory;
    header.first_sequence = next_.first_sequence;
    header.segment_bytes = kSegmentBytes;
    header.partition = kPartition;
    segments_.push_back({header.first_sequence, encode_segment_header(header)});
  }

  void add_frame() {
    WrittenFrame frame;
    frame.header = next_;
    frame.header.record_count = 1 + source_.below(4);
    frame.header.epoch += source_.below(2);
    frame.header.event_hash = source_.byte();
    if (source_.one_in(64)) make_odd(&frame.header);
    settled_ += source_.below(
        static_cast<uint32_t>(std::min<uint64_t>(next_.first_sequence - settled_, 256)));
    frame.settled_sequence = settled_;
    frame.payload = source_.text(source_.byte());
    const FrameHeaderBytes header =
        encode_frame_header(kHistory, frame.header, settled_, frame.payload);
    frame.bytes.assign(header.data(), header.size());
    frame.bytes += frame.payload;
    frame.bytes.resize(frame_size(frame.payload.size()));

    std::string& bytes = segments_.back().bytes;
    if (bytes.size() + frame.bytes.size() > kSegmentBytes) return;
    frame.segment = segments_.size() - 1;
    frame.offset = bytes.size();
    bytes += frame.bytes;
    next_.epoch = frame.header.epoch;
    next_.first_sequence += frame.header.record_count;
    frames_.push_back(std::move(frame));
  }

  // A frame with a good checksum that no journal would have written.
  void make_odd(FrameHeader* header) {
    is_sound_ = false;
    if (source_.one_in(2)) header->epoch -= source_.byte();
    if (source_.one_in(2)) header->first_sequence += source_.byte();
    if (source_.one_in(2)) header->first_sequence = UINT64_MAX - source_.byte();
    if (source_.one_in(2)) header->record_count = source_.one_in(2) ? 0 : UINT32_MAX;
  }

  // Flips bytes anywhere, then cuts or lengthens the last segment.
  void damage() {
    for (uint32_t left = source_.below(4); left > 0; --left) {
      std::string& bytes = segments_[source_.below(kSegmentsMax) % segments_.size()].bytes;
      const auto flip = static_cast<char>(source_.byte());
      bytes[source_.word() % bytes.size()] ^= flip;
      is_damaged_ |= flip != 0;
    }
    std::string& last = segments_.back().bytes;
    if (source_.one_in(4)) {
      const size_t cut = std::min<size_t>(source_.byte(), last.size());
      last.resize(last.size() - cut);
      is_damaged_ |= cut > 0;
    }
    if (source_.one_in(4)) last.resize(kSegmentBytes);  // As written ahead, with zeros.
  }

  ByteSource source_;
  bool is_sound_ = true;
  bool is_damaged_ = false;
  FrameHeader next_{.epoch = 300, .first_sequence = 1};
  uint64_t settled_ = 0;
  std::vector<WrittenSegment> segments_;
  std::vector<WrittenFrame> frames_;
};

// What is read back is the first frames that were written, each as it was.
size_t check_frames(const Image& image, const Recovery& recovery, uint64_t from) {
  size_t next = 0;
  const std::vector<WrittenFrame>& frames = image.frames();
  while (next < frames.size() &&
         frames[next].header.first_sequence + frames[next].header.record_count <= from) {
    ++next;
  }
  const absl::Status status =
      follow_segments(recovery, from, [&](const FrameHeader& header, std::string_view payload) {
        ACD_CHECK(next < frames.size());
        const WrittenFrame& frame = frames[next++];
        ACD_CHECK(header.first_sequence == frame.header.first_sequence);
        ACD_CHECK(header.record_count == frame.header.record_count);
        ACD_CHECK(header.epoch == frame.header.epoch);
        ACD_CHECK(header.event_hash == frame.header.event_hash);
        ACD_CHECK(payload == frame.payload);
        return absl::OkStatus();
      });
  ACD_CHECK(status.ok());
  return next;
}

void check_recovery(const Image& image, const Recovery& recovery) {
  const std::vector<WrittenFrame>& frames = image.frames();
  const size_t read_count = check_frames(image, recovery, 1);
  const uint64_t end = recovery.end.next_sequence;
  ACD_CHECK(image.is_damaged() || (read_count == frames.size() && recovery.torn_bytes == 0));
  for (uint64_t from = 2; from < std::min<uint64_t>(end, 8); ++from) {
    ACD_CHECK(check_frames(image, recovery, from) == read_count);
  }
  if (read_count > 0) {
    const FrameHeader& last = frames[read_count - 1].header;
    ACD_CHECK(end == last.first_sequence + last.record_count && recovery.end.epoch == last.epoch);
  }
  ACD_CHECK(end >= image.durable_limit());
  for (size_t i = read_count; i < frames.size(); ++i) {
    ACD_CHECK(!image.is_intact(frames[i]) || frames[i].settled_sequence < end);
  }
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const acd::Image image(acd::ByteSource(data, size));
  const acd::ScratchFolder folder;
  image.write_to(folder.path());
  const auto recovery = acd::recover_segments(folder.path(), acd::kPartition);
  if (!recovery.ok()) {
    ACD_CHECK(image.is_damaged() || !image.is_sound());
    return 0;
  }
  if (image.is_sound()) acd::check_recovery(image, *recovery);
  return 0;
}
