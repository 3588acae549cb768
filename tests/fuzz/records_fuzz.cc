// SPDX-License-Identifier: Apache-2.0
// Any bytes as the payload of a journal frame. Must never happen: a crash, a text outside the
// payload, or a record that is not the one its bytes say. A record has one encoding only, so what
// was read is written again and must give the same bytes.
#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/storage/records.h"
#include "routing/check.h"

namespace acd {
namespace {

void check_texts(const Record& record) {
  const Command& command = record.command;
  for (const TextRef& text : {command.call, command.leg, command.name, command.text,
                              command.principal, command.preferred}) {
    ACD_CHECK(uint64_t{text.offset} + text.size <= record.arena.size());
  }
}

// Reads `payload`, writes every record that was read, and says whether all was.
bool copy_records(std::string_view payload, FrameBuilder* copy) {
  const absl::Status status = read_records(payload, [&](const Record& record) {
    check_texts(record);
    if (record.kind == RecordKind::kAdvance) {
      copy->add_advance(record.tenant, record.now_ns, record.fired);
    } else {
      copy->add_command(record.tenant, record.now_ns, record.command, record.arena);
    }
    return absl::OkStatus();
  });
  ACD_CHECK(status.ok() || absl::IsDataLoss(status));
  return status.ok();
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The builder keeps a reserve for each record that bytes off a disk need not leave.
  if (size > acd::kFrameBytesMax / 2) return 0;
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  acd::FrameBuilder copy;
  const bool complete = acd::copy_records(payload, &copy);
  if (copy.record_count() == 0) return 0;
  const std::string written = copy.take();
  ACD_CHECK(payload.starts_with(written));
  ACD_CHECK(!complete || written.size() == payload.size());
  return 0;
}
