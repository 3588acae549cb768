// SPDX-License-Identifier: Apache-2.0
// The format on disk is the one that daemon/storage/README.md specifies by example.
#include "daemon/storage/segment_format.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/storage/records.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

// The bytes of the ```hex block of the README.
std::string readme_bytes() {
  const std::string readme = read_bytes(std::string(ACD_SOURCE_DIR) + "/daemon/storage/README.md");
  const std::string fence = "```hex\n";
  const size_t begin = readme.find(fence);
  EXPECT_NE(begin, std::string::npos);
  std::istringstream block(readme.substr(begin + fence.size()));
  std::string bytes;
  for (std::string line; std::getline(block, line) && line != "```";) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    EXPECT_EQ(std::stoul(word, nullptr, 16), bytes.size());
    while (words >> word) bytes.push_back(static_cast<char>(std::stoul(word, nullptr, 16)));
  }
  return bytes;
}

HistoryId readme_history_id() {
  HistoryId history_id{};
  for (size_t i = 0; i < history_id.size(); ++i) history_id[i] = static_cast<uint8_t>(0x11 * i);
  return history_id;
}

TEST(SegmentFormatTest, ReadmeSegmentHeaderDecodesAndEncodes) {
  const std::string bytes = readme_bytes();
  const absl::StatusOr<SegmentHeader> header = decode_segment_header(bytes);
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->history_id, readme_history_id());
  EXPECT_EQ(header->first_sequence, 1u);
  EXPECT_EQ(header->segment_bytes, kSegmentBytesDefault);
  EXPECT_EQ(header->partition, "p1");
  EXPECT_EQ(encode_segment_header(*header), bytes.substr(0, kSegmentHeaderBytes));
  EXPECT_EQ(to_text(header->history_id), "00112233445566778899aabbccddeeff");
}

TEST(SegmentFormatTest, ReadmeFrameDecodesAndEncodes) {
  const std::string bytes = readme_bytes();
  const std::optional<Frame> frame = decode_frame(readme_history_id(), bytes, kSegmentHeaderBytes);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->header.epoch, 1u);
  EXPECT_EQ(frame->header.first_sequence, 1u);
  EXPECT_EQ(frame->header.record_count, 2u);
  EXPECT_EQ(frame->header.now_ns, 1'500);
  EXPECT_EQ(frame->header.wall_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(frame->header.event_hash, 0x0123456789abcdefu);
  EXPECT_EQ(frame->settled_sequence, 0u);
  EXPECT_EQ(kSegmentHeaderBytes + frame->size, bytes.size());
  const FrameHeaderBytes encoded =
      encode_frame_header(readme_history_id(), frame->header, 0, frame->payload);
  EXPECT_EQ(std::string_view(encoded.data(), encoded.size()),
            bytes.substr(kSegmentHeaderBytes, kFrameHeaderBytes));
}

TEST(SegmentFormatTest, ReadmeRecordsDecodeAndEncode) {
  const std::string bytes = readme_bytes();
  const std::optional<Frame> frame = decode_frame(readme_history_id(), bytes, kSegmentHeaderBytes);
  ASSERT_TRUE(frame.has_value());
  std::vector<Record> records;
  const absl::Status status = read_records(frame->payload, [&](const Record& record) {
    records.push_back(record);
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].kind, RecordKind::kAdvance);
  EXPECT_EQ(records[0].now_ns, 1'000);
  EXPECT_EQ(records[0].fired, 2u);
  EXPECT_EQ(records[1].now_ns, 1'500);
  EXPECT_EQ(records[1].tenant, TenantIndex(0u));
  const Command& command = records[1].command;
  EXPECT_EQ(command.kind, CommandKind::kEnqueueCall);
  EXPECT_EQ(command.source, SourceIndex(1u));
  EXPECT_EQ(command.sequence, 7);
  EXPECT_EQ(command.age_ns, 250);
  EXPECT_EQ(command.call.in(frame->payload), "c-42");
  EXPECT_EQ(command.name.in(frame->payload), "billing");
  EXPECT_EQ(command.text.in(frame->payload), "es >= 5");

  FrameBuilder builder;
  builder.add_advance(records[0].tenant, records[0].now_ns, records[0].fired);
  builder.add_command(records[1].tenant, records[1].now_ns, command, frame->payload);
  EXPECT_EQ(builder.take(), frame->payload);
}

TEST(SegmentFormatTest, FrameOfAnotherHistoryIsNoFrame) {
  HistoryId history_id = readme_history_id();
  history_id[15] ^= 1;
  EXPECT_FALSE(decode_frame(history_id, readme_bytes(), kSegmentHeaderBytes).has_value());
}

TEST(SegmentFormatTest, FindsFramesThatProveRecordsDurable) {
  const HistoryId history_id = readme_history_id();
  const TestFrame frame = make_frame(20);
  const FrameHeaderBytes header = encode_frame_header(history_id, frame.header, 15, frame.payload);
  std::string bytes(64, '\xff');
  bytes.append(header.data(), header.size());
  bytes.append(frame.payload);
  bytes.resize(64 + frame_size(frame.payload.size()));
  EXPECT_EQ(find_later_frame(history_id, bytes, 0, 15), 64u);
  EXPECT_EQ(find_later_frame(history_id, bytes, 0, 16), std::nullopt);
  EXPECT_EQ(find_later_frame(history_id, bytes, 64, 15), std::nullopt);
}

TEST(SegmentFormatTest, RandomBytesNeverCrash) {
  std::mt19937_64 random(1);
  const std::string valid = readme_bytes();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = valid.substr(0, random() % (valid.size() + 1));
    for (uint64_t changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (bytes == valid.substr(0, bytes.size())) continue;
    const size_t offset = random() % 2 == 0 ? kSegmentHeaderBytes : random() % 300;
    const std::optional<Frame> frame = decode_frame(readme_history_id(), bytes, offset);
    if (frame.has_value()) {
      EXPECT_LE(offset + frame->size, bytes.size());
    }
    static_cast<void>(decode_segment_header(bytes));
  }
}

}  // namespace
}  // namespace acd
