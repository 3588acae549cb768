// SPDX-License-Identifier: Apache-2.0
// The bytes of a segment file: its header and its frames. README.md beside this is the
// specification.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/storage/journal.h"

namespace acd {

inline constexpr uint32_t kSegmentFormatVersion = 1;
inline constexpr size_t kSegmentHeaderBytes = 128;
inline constexpr size_t kFrameHeaderBytes = 64;
inline constexpr size_t kFrameAlignment = 8;
// Behind a payload, up to the next multiple of kFrameAlignment.
inline constexpr std::string_view kFramePadding{"\0\0\0\0\0\0\0", kFrameAlignment - 1};
inline constexpr size_t kPartitionNameBytesMax = 64;
inline constexpr size_t kSegmentBytesMin = 4'096;
inline constexpr size_t kSegmentBytesDefault = size_t{64} << 20;
// No segment is larger, so that one fits into memory to be read.
inline constexpr size_t kSegmentBytesMax = size_t{1} << 30;

using HistoryId = std::array<uint8_t, 16>;
using FrameHeaderBytes = std::array<char, kFrameHeaderBytes>;

// What stands at the start of every segment.
struct SegmentHeader {
  HistoryId history_id{};
  uint64_t first_sequence = 0;
  uint64_t segment_bytes = 0;
  std::string partition;
};

// A frame found in the bytes of a segment.
struct Frame {
  FrameHeader header;
  uint64_t settled_sequence = 0;  // Records up to here were durable before this frame was written.
  std::string_view payload;
  size_t size = 0;  // From its magic to the start of the next frame.
};

// Bytes from one frame's start to the next one's.
[[nodiscard]] constexpr size_t frame_size(size_t payload_size) {
  return (kFrameHeaderBytes + payload_size + kFrameAlignment - 1) / kFrameAlignment *
         kFrameAlignment;
}

[[nodiscard]] std::string encode_segment_header(const SegmentHeader& header);

// The header at the start of `bytes`. DATA_LOSS when it is cut or damaged, FAILED_PRECONDITION when
// it is no segment or one of a newer format.
[[nodiscard]] absl::StatusOr<SegmentHeader> decode_segment_header(std::string_view bytes);

// What stands before `payload` on disk; its checksum covers the payload and the padding behind it.
[[nodiscard]] FrameHeaderBytes encode_frame_header(const HistoryId& history_id,
                                                   const FrameHeader& header,
                                                   uint64_t settled_sequence,
                                                   std::string_view payload);

// The frame at `offset`, or nothing when the bytes there are no whole, undamaged frame of this
// history.
[[nodiscard]] std::optional<Frame> decode_frame(const HistoryId& history_id,
                                                std::string_view segment, size_t offset);

// First frame behind `offset` that was written when record `sequence` was already durable.
[[nodiscard]] std::optional<size_t> find_later_frame(const HistoryId& history_id,
                                                     std::string_view segment, size_t offset,
                                                     uint64_t sequence);

// Gives the segment in `bytes`, whose frames are of `from`, to the history `to`. FAILED_PRECONDITION
// when it is of a third one; as decode_segment_header() otherwise.
[[nodiscard]] absl::Status move_to_history(const HistoryId& from, const HistoryId& to,
                                           std::string* bytes);

// A new one, by chance.
[[nodiscard]] absl::Status draw_history_id(HistoryId* history_id);

// 32 hexadecimal digits.
[[nodiscard]] std::string to_text(const HistoryId& history_id);

}  // namespace acd
