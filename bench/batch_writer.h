// SPDX-License-Identifier: Apache-2.0
// Encodes the messages of a switch cheaply: the load must cost less than what it measures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "acd/v1/switch_service.pb.h"

namespace acd::bench {

inline constexpr int64_t kNsPerUs = 1'000;
inline constexpr int64_t kNsPerS = 1'000'000'000;

// Writes one ConnectRequest with an EventBatch at a time, as protobuf would.
//
// Owns:     its buffers, reused from message to message.
// Order:    events get dense sequence numbers from 1, over all messages.
class BatchWriter {
 public:
  // Starts a message that was sent at `now_ns` of the wall clock; its events happened then.
  void begin(int64_t now_ns);
  // Appends `event` with the next sequence number and the time of the message.
  void add(v1::SwitchEvent& event);
  // The same for an event of a call, without an object: `event_field` is its number in the oneof
  // `event`, `body` its encoded message. A `cause` of 0 is left out. REQUIRES: 1..64 bytes of call
  // id.
  void add(std::string_view call_id, uint32_t cause, int event_field, std::string_view body);
  // The bytes of the ConnectRequest, valid until the next begin().
  [[nodiscard]] std::string_view finish();

  [[nodiscard]] uint32_t event_count() const { return event_count_; }
  [[nodiscard]] int64_t last_sequence() const { return last_sequence_; }

 private:
  // Where the next `size` bytes of events_ go; they count once `used_` is moved on.
  [[nodiscard]] uint8_t* reserve(size_t size);

  v1::EventBatch head_;  // Only its send_time is set.
  std::string time_;     // The encoded field `switch_time` of this message's events.
  std::string events_;   // Its first used_ bytes are written.
  size_t used_ = 0;
  std::string message_;
  uint32_t event_count_ = 0;
  int64_t last_sequence_ = 0;
};

}  // namespace acd::bench
