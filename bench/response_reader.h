// SPDX-License-Identifier: Apache-2.0
// Reads the daemon's usual answers cheaply: the load must cost less than what it measures.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace acd::bench {

enum class ResponseCommandKind : uint8_t { kRingAgent, kConnectCall };

// Views into the message.
struct ResponseCommand {
  ResponseCommandKind kind{};
  int64_t generation = 0;
  std::string_view call_id;
  std::string_view agent_id;
};

// Reads a ConnectResponse that holds nothing but an acknowledgement without refusals and commands
// that ring or connect.
class ResponseReader {
 public:
  // False for any other message: protobuf must read it, or say that it is none.
  [[nodiscard]] bool read(std::string_view message);

  // 0 when nothing is acknowledged.
  [[nodiscard]] int64_t through_sequence() const { return through_sequence_; }
  // Valid as long as the message.
  [[nodiscard]] const std::vector<ResponseCommand>& commands() const { return commands_; }

 private:
  int64_t through_sequence_ = 0;
  std::vector<ResponseCommand> commands_;
};

}  // namespace acd::bench
