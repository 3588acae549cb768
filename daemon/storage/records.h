// SPDX-License-Identifier: Apache-2.0
// The payload of a journal frame: commands and advances of the clock, one after another.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/storage/journal.h"
#include "routing/command.h"
#include "routing/ids.h"

namespace acd {

// Upper bound of what one record takes beside the bytes of its texts.
inline constexpr size_t kRecordFixedBytesMax = 128;

// Texts that one command may carry together, so that it always fits into a frame of its own.
inline constexpr size_t kCommandTextBytesMax = kFrameBytesMax - kRecordFixedBytesMax - 1;

enum class RecordKind : uint8_t { kAdvance, kCommand };

// One record as it is read. The texts of `command` lie in `arena`, which is the payload itself.
struct Record {
  RecordKind kind = RecordKind::kAdvance;
  TenantIndex tenant;
  int64_t now_ns = 0;
  uint32_t fired = 0;  // kAdvance: how many timers fired.
  Command command;     // kCommand
  std::string_view arena;
};

// Writes the payload of one frame after another.
//
// Threads:  one, the shard's.
// Owns:     the bytes until take(). The next frame begins with a buffer as large as the last one.
// Bounds:   kFrameBytesMax. Ask has_room() before each command; an advance fits where an empty
//           command does.
class FrameBuilder {
 public:
  // Whether `command` still fits into this frame. Always true for an empty frame and texts of at
  // most kCommandTextBytesMax together.
  [[nodiscard]] bool has_room(const Command& command) const;

  // REQUIRES: tenant.valid(), room for an empty command.
  void add_advance(TenantIndex tenant, int64_t now_ns, uint32_t fired);

  // Texts of `command` lie in `arena`. REQUIRES: tenant.valid(), has_room(command), kind is not
  // kNone.
  void add_command(TenantIndex tenant, int64_t now_ns, const Command& command,
                   std::string_view arena);

  [[nodiscard]] uint32_t record_count() const { return record_count_; }
  // Bytes so far; 0 without a record.
  [[nodiscard]] size_t size() const { return size_; }

  // Moves the payload out and begins the next one. REQUIRES: record_count() >= 1.
  [[nodiscard]] std::string take();

 private:
  // Makes room for a record with `text_size` bytes of texts and writes what all records begin with;
  // the rest goes where the result points, and end_record() is told where it ended.
  [[nodiscard]] char* begin_record(uint8_t tag, TenantIndex tenant, int64_t now_ns,
                                   size_t text_size);
  void end_record(const char* limit);

  std::string buffer_;  // The first `size_` bytes count.
  size_t size_ = 0;
  size_t size_hint_ = 0;  // Of the last frame.
  uint32_t record_count_ = 0;
  int64_t last_now_ns_ = 0;
};

// Hands every record of `payload` to `visit` in order; stops at its first error. DATA_LOSS with the
// byte offset at anything malformed; records before that place have been visited.
[[nodiscard]] absl::Status read_records(
    std::string_view payload, absl::FunctionRef<absl::Status(const Record& record)> visit);

}  // namespace acd
