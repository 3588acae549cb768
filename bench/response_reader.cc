// SPDX-License-Identifier: Apache-2.0
// Reads the daemon's usual answers cheaply.
#include "bench/response_reader.h"

#include "acd/v1/switch_service.pb.h"

namespace acd::bench {
namespace {

constexpr uint32_t kVarint = 0;
constexpr uint32_t kText = 2;  // Strings and submessages.

constexpr uint32_t tag_of(int field, uint32_t wire_type) {
  return static_cast<uint32_t>(field) << 3 | wire_type;
}

// Walks over the fields of one encoded message. A malformed one ends it with ok() false.
class FieldCursor {
 public:
  explicit FieldCursor(std::string_view message) : rest_(message) {}

  [[nodiscard]] bool ok() const { return ok_; }
  // The tag of the next field, or 0 at the end.
  [[nodiscard]] uint32_t next_tag() { return rest_.empty() ? 0 : static_cast<uint32_t>(varint()); }

  [[nodiscard]] uint64_t varint() {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] std::string_view text() {
    const uint64_t size = varint();
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool read_ack(std::string_view message, int64_t& through_sequence) {
  FieldCursor cursor(message);
  while (const uint32_t tag = cursor.next_tag()) {
    if (tag != tag_of(v1::Ack::kThroughSequenceFieldNumber, kVarint)) return false;
    through_sequence = static_cast<int64_t>(cursor.varint());
    if (!cursor.ok()) return false;
  }
  return true;
}

bool read_ring_agent(std::string_view message, ResponseCommand& command) {
  command.kind = ResponseCommandKind::kRingAgent;
  FieldCursor cursor(message);
  while (const uint32_t tag = cursor.next_tag()) {
    const std::string_view value = cursor.text();
    if (!cursor.ok()) return false;
    switch (tag) {
      case tag_of(v1::RingAgent::kAgentIdFieldNumber, kText):
        command.agent_id = value;
        break;
      case tag_of(v1::RingAgent::kStationFieldNumber, kText):
      case tag_of(v1::RingAgent::kTimeoutFieldNumber, kText):
      case tag_of(v1::RingAgent::kLegIdFieldNumber, kText):
        break;
      default:
        return false;
    }
  }
  return cursor.ok();
}

bool read_connect_call(std::string_view message, ResponseCommand& command) {
  command.kind = ResponseCommandKind::kConnectCall;
  FieldCursor cursor(message);
  while (const uint32_t tag = cursor.next_tag()) {
    switch (tag) {
      case tag_of(v1::ConnectCall::kAgentIdFieldNumber, kText):
        command.agent_id = cursor.text();
        break;
      case tag_of(v1::ConnectCall::kStationFieldNumber, kText):
      case tag_of(v1::ConnectCall::kLegIdFieldNumber, kText):
        (void)cursor.text();
        break;
      case tag_of(v1::ConnectCall::kAnswerModeFieldNumber, kVarint):
        (void)cursor.varint();
        break;
      default:
        return false;
    }
    if (!cursor.ok()) return false;
  }
  return cursor.ok();
}

bool read_command(std::string_view message, ResponseCommand& command) {
  bool has_kind = false;
  FieldCursor cursor(message);
  while (const uint32_t tag = cursor.next_tag()) {
    switch (tag) {
      case tag_of(v1::SwitchCommand::kCallIdFieldNumber, kText):
        command.call_id = cursor.text();
        break;
      case tag_of(v1::SwitchCommand::kGenerationFieldNumber, kVarint):
        command.generation = static_cast<int64_t>(cursor.varint());
        break;
      // The load does not say that it answers commands.
      case tag_of(v1::SwitchCommand::kCommandIdFieldNumber, kVarint):
        (void)cursor.varint();
        break;
      case tag_of(v1::SwitchCommand::kDeadlineFieldNumber, kText):
        (void)cursor.text();
        break;
      case tag_of(v1::SwitchCommand::kRingAgentFieldNumber, kText):
        has_kind = read_ring_agent(cursor.text(), command);
        if (!has_kind) return false;
        break;
      case tag_of(v1::SwitchCommand::kConnectCallFieldNumber, kText):
        has_kind = read_connect_call(cursor.text(), command);
        if (!has_kind) return false;
        break;
      default:
        return false;
    }
    if (!cursor.ok()) return false;
  }
  return has_kind && cursor.ok();
}

}  // namespace

bool ResponseReader::read(std::string_view message) {
  through_sequence_ = 0;
  commands_.clear();
  FieldCursor cursor(message);
  while (const uint32_t tag = cursor.next_tag()) {
    switch (tag) {
      case tag_of(v1::ConnectResponse::kAckFieldNumber, kText):
        if (!read_ack(cursor.text(), through_sequence_)) return false;
        break;
      case tag_of(v1::ConnectResponse::kCommandsFieldNumber, kText):
        if (!read_command(cursor.text(), commands_.emplace_back())) return false;
        break;
      case tag_of(v1::ConnectResponse::kNumberFieldNumber, kVarint):
        (void)cursor.varint();
        break;
      default:
        return false;
    }
    if (!cursor.ok()) return false;
  }
  return cursor.ok();
}

}  // namespace acd::bench
