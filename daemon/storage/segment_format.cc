// SPDX-License-Identifier: Apache-2.0
// Encoding and decoding of segment headers and frame headers, little endian throughout.
#include "daemon/storage/segment_format.h"

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <sys/random.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "daemon/storage/file.h"
#include "routing/check.h"

namespace acd {
namespace {

// Offsets within a segment's header.
constexpr std::string_view kSegmentMagic = "acdjrnl\n";
constexpr size_t kSegmentVersionAt = 8;
constexpr size_t kSegmentChecksumAt = 12;
constexpr size_t kHistoryIdAt = 16;
constexpr size_t kSegmentSequenceAt = 32;
constexpr size_t kSegmentBytesAt = 40;
constexpr size_t kPartitionSizeAt = 48;
constexpr size_t kPartitionAt = 56;
static_assert(kPartitionAt + kPartitionNameBytesMax <= kSegmentHeaderBytes);

// Offsets within a frame's header.
constexpr uint32_t kFrameMagic = 0x46444341;  // "ACDF"
constexpr size_t kFrameMagicAt = 0;
constexpr size_t kFrameChecksumAt = 4;
constexpr size_t kPayloadSizeAt = 8;
constexpr size_t kRecordCountAt = 12;
constexpr size_t kEpochAt = 16;
constexpr size_t kFrameSequenceAt = 24;
constexpr size_t kSettledSequenceAt = 32;
constexpr size_t kNowAt = 40;
constexpr size_t kWallAt = 48;
constexpr size_t kEventHashAt = 56;

template <typename Word>
void put(char* bytes, size_t offset, Word value) {
  for (size_t i = 0; i < sizeof(Word); ++i) {
    bytes[offset + i] = static_cast<char>(value >> (8 * i));
  }
}

template <typename Word>
Word get(std::string_view bytes, size_t offset) {
  Word value = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) {
    value |=
        static_cast<Word>(static_cast<Word>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i));
  }
  return value;
}

uint32_t extend_checksum(uint32_t checksum, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Over everything behind the checksum's own field. Begins with the history id, so that no frame of
// another journal, nor a text made to look like a frame, passes for one of ours.
uint32_t frame_checksum(const HistoryId& history_id, std::string_view header_tail,
                        std::string_view payload, std::string_view padding) {
  const std::string_view id(reinterpret_cast<const char*>(history_id.data()), history_id.size());
  uint32_t checksum = extend_checksum(0, id);
  checksum = extend_checksum(checksum, header_tail);
  checksum = extend_checksum(checksum, payload);
  return extend_checksum(checksum, padding);
}

uint32_t segment_checksum(std::string_view header) {
  return extend_checksum(0, header.substr(kHistoryIdAt, kSegmentHeaderBytes - kHistoryIdAt));
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  ACD_CHECK(!header.partition.empty() && header.partition.size() <= kPartitionNameBytesMax);
  std::string bytes(kSegmentHeaderBytes, '\0');
  kSegmentMagic.copy(bytes.data(), kSegmentMagic.size());
  put(bytes.data(), kSegmentVersionAt, kSegmentFormatVersion);
  std::memcpy(bytes.data() + kHistoryIdAt, header.history_id.data(), header.history_id.size());
  put(bytes.data(), kSegmentSequenceAt, header.first_sequence);
  put(bytes.data(), kSegmentBytesAt, header.segment_bytes);
  put(bytes.data(), kPartitionSizeAt, static_cast<uint32_t>(header.partition.size()));
  header.partition.copy(bytes.data() + kPartitionAt, header.partition.size());
  put(bytes.data(), kSegmentChecksumAt, segment_checksum(bytes));
  return bytes;
}

absl::StatusOr<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) {
    return absl::DataLossError(
        absl::StrCat("byte ", bytes.size(), ": the segment header is cut short"));
  }
  if (bytes.substr(0, kSegmentMagic.size()) != kSegmentMagic) {
    return absl::FailedPreconditionError("byte 0: not a journal segment");
  }
  const auto version = get<uint32_t>(bytes, kSegmentVersionAt);
  if (version > kSegmentFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "byte ", kSegmentVersionAt, ": journal format ", version,
        " was written by a newer release; this one reads format ", kSegmentFormatVersion));
  }
  SegmentHeader header;
  header.first_sequence = get<uint64_t>(bytes, kSegmentSequenceAt);
  header.segment_bytes = get<uint64_t>(bytes, kSegmentBytesAt);
  const auto partition_size = get<uint32_t>(bytes, kPartitionSizeAt);
  if (version != kSegmentFormatVersion ||
      get<uint32_t>(bytes, kSegmentChecksumAt) != segment_checksum(bytes) ||
      header.first_sequence == 0 || header.segment_bytes < kSegmentBytesMin ||
      header.segment_bytes > kSegmentBytesMax || header.segment_bytes % kSegmentBytesMin != 0 ||
      partition_size == 0 || partition_size > kPartitionNameBytesMax) {
    return absl::DataLossError("byte 0: the segment header is damaged");
  }
  std::memcpy(header.history_id.data(), bytes.data() + kHistoryIdAt, header.history_id.size());
  header.partition = bytes.substr(kPartitionAt, partition_size);
  return header;
}

FrameHeaderBytes encode_frame_header(const HistoryId& history_id, const FrameHeader& header,
                                     uint64_t settled_sequence, std::string_view payload) {
  FrameHeaderBytes bytes{};
  put(bytes.data(), kFrameMagicAt, kFrameMagic);
  put(bytes.data(), kPayloadSizeAt, static_cast<uint32_t>(payload.size()));
  put(bytes.data(), kRecordCountAt, header.record_count);
  put(bytes.data(), kEpochAt, header.epoch);
  put(bytes.data(), kFrameSequenceAt, header.first_sequence);
  put(bytes.data(), kSettledSequenceAt, settled_sequence);
  put(bytes.data(), kNowAt, static_cast<uint64_t>(header.now_ns));
  put(bytes.data(), kWallAt, static_cast<uint64_t>(header.wall_ns));
  put(bytes.data(), kEventHashAt, header.event_hash);
  const std::string_view tail(bytes.data() + kPayloadSizeAt, bytes.size() - kPayloadSizeAt);
  const size_t padding_size = frame_size(payload.size()) - kFrameHeaderBytes - payload.size();
  put(bytes.data(), kFrameChecksumAt,
      frame_checksum(history_id, tail, payload, kFramePadding.substr(0, padding_size)));
  return bytes;
}

std::optional<Frame> decode_frame(const HistoryId& history_id, std::string_view segment,
                                  size_t offset) {
  if (offset > segment.size() || segment.size() - offset < kFrameHeaderBytes) return std::nullopt;
  const std::string_view bytes = segment.substr(offset);
  if (get<uint32_t>(bytes, kFrameMagicAt) != kFrameMagic) return std::nullopt;
  const size_t payload_size = get<uint32_t>(bytes, kPayloadSizeAt);
  if (payload_size > kFrameBytesMax || frame_size(payload_size) > bytes.size()) return std::nullopt;

  Frame frame;
  frame.size = frame_size(payload_size);
  frame.payload = bytes.substr(kFrameHeaderBytes, payload_size);
  const std::string_view tail = bytes.substr(kPayloadSizeAt, kFrameHeaderBytes - kPayloadSizeAt);
  const size_t payload_limit = kFrameHeaderBytes + payload_size;
  const std::string_view padding = bytes.substr(payload_limit, frame.size - payload_limit);
  if (get<uint32_t>(bytes, kFrameChecksumAt) !=
      frame_checksum(history_id, tail, frame.payload, padding)) {
    return std::nullopt;
  }
  frame.header.epoch = get<uint64_t>(bytes, kEpochAt);
  frame.header.first_sequence = get<uint64_t>(bytes, kFrameSequenceAt);
  frame.header.record_count = get<uint32_t>(bytes, kRecordCountAt);
  frame.header.now_ns = static_cast<int64_t>(get<uint64_t>(bytes, kNowAt));
  frame.header.wall_ns = static_cast<int64_t>(get<uint64_t>(bytes, kWallAt));
  frame.header.event_hash = get<uint64_t>(bytes, kEventHashAt);
  frame.settled_sequence = get<uint64_t>(bytes, kSettledSequenceAt);
  const uint64_t sequence_max = std::numeric_limits<uint64_t>::max() - frame.header.record_count;
  if (frame.header.record_count == 0 || frame.header.first_sequence == 0 ||
      frame.header.first_sequence > sequence_max) {
    return std::nullopt;
  }
  return frame;
}

std::optional<size_t> find_later_frame(const HistoryId& history_id, std::string_view segment,
                                       size_t offset, uint64_t sequence) {
  for (size_t at = offset + kFrameAlignment; at + kFrameHeaderBytes <= segment.size();
       at += kFrameAlignment) {
    const std::optional<Frame> frame = decode_frame(history_id, segment, at);
    if (frame.has_value() && frame->settled_sequence >= sequence) return at;
  }
  return std::nullopt;
}

absl::Status move_to_history(const HistoryId& from, const HistoryId& to, std::string* bytes) {
  absl::StatusOr<SegmentHeader> header = decode_segment_header(*bytes);
  if (!header.ok()) return header.status();
  if (header->history_id != from) {
    return absl::FailedPreconditionError(absl::StrCat("byte ", kHistoryIdAt, ": of history ",
                                                      to_text(header->history_id), ", not of ",
                                                      to_text(from)));
  }
  header->history_id = to;
  encode_segment_header(*header).copy(bytes->data(), kSegmentHeaderBytes);
  size_t offset = kSegmentHeaderBytes;
  while (const std::optional<Frame> frame = decode_frame(from, *bytes, offset)) {
    const FrameHeaderBytes moved =
        encode_frame_header(to, frame->header, frame->settled_sequence, frame->payload);
    std::memcpy(bytes->data() + offset, moved.data(), moved.size());
    offset += frame->size;
  }
  return absl::OkStatus();
}

absl::Status draw_history_id(HistoryId* history_id) {
  const ssize_t got = ::getrandom(history_id->data(), history_id->size(), 0);
  if (got == static_cast<ssize_t>(history_id->size())) return absl::OkStatus();
  return file_error("cannot draw a history id from", "getrandom", got < 0 ? errno : EIO);
}

std::string to_text(const HistoryId& history_id) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(history_id.data()), history_id.size()));
}

}  // namespace acd
