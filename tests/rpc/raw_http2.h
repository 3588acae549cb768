// SPDX-License-Identifier: Apache-2.0
// A peer that speaks HTTP/2 by hand, and so can leave out what every library does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace acd {

enum class FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7
};

struct Http2Frame {
  FrameType type{};
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;
};

// One connection. It answers nothing by itself.
class RawHttp2 {
 public:
  // "127.0.0.1:PORT".
  explicit RawHttp2(const std::string& address);
  ~RawHttp2();
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  bool send(const Http2Frame& frame) const;
  // Begins a call of a gRPC method and sends its first message. `stream` is odd and ever greater.
  bool call(uint32_t stream, const std::string& method, const std::string& message) const;
  // The next frame; none when the other side has closed or the wait is too long.
  [[nodiscard]] std::optional<Http2Frame> receive() const;
  // Reads on until a frame of that type.
  [[nodiscard]] std::optional<Http2Frame> receive(FrameType type) const;

 private:
  bool send_bytes(const std::string& bytes) const;
  bool receive_bytes(size_t count, std::string* bytes) const;

  int socket_ = -1;
};

}  // namespace acd
