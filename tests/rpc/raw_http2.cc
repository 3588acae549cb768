// SPDX-License-Identifier: Apache-2.0
#include "tests/rpc/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "tests/rpc/raw_client.h"

namespace acd {
namespace {

std::string big_endian(uint32_t value, int bytes) {
  std::string text;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xffU);
  }
  return text;
}

uint32_t from_big_endian(const std::string& bytes) {
  uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

// A header as HPACK has it without tables: a literal of a new name, both shorter than 127 bytes.
std::string header(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}

constexpr uint8_t kEndHeaders = 4;

}  // namespace

RawHttp2::RawHttp2(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1) return;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval wait{kTestWaitMax.count(), 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) return;
  send_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  send({FrameType::kSettings, 0, 0, ""});
}

RawHttp2::~RawHttp2() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawHttp2::send(const Http2Frame& frame) const {
  return send_bytes(big_endian(static_cast<uint32_t>(frame.payload.size()), 3) +
                    static_cast<char>(frame.type) + static_cast<char>(frame.flags) +
                    big_endian(frame.stream, 4) + frame.payload);
}

bool RawHttp2::call(uint32_t stream, const std::string& method, const std::string& message) const {
  const std::string headers = header(":method", "POST") + header(":scheme", "http") +
                              header(":path", method) + header(":authority", "localhost") +
                              header("te", "trailers") + header("content-type", "application/grpc");
  const std::string prefix =
      std::string(1, '\0') + big_endian(static_cast<uint32_t>(message.size()), 4);
  return send({FrameType::kHeaders, kEndHeaders, stream, headers}) &&
         send({FrameType::kData, 0, stream, prefix + message});
}

std::optional<Http2Frame> RawHttp2::receive() const {
  constexpr size_t kFrameHeadBytes = 9;
  std::string head;
  if (!receive_bytes(kFrameHeadBytes, &head)) return std::nullopt;
  Http2Frame frame;
  frame.type = static_cast<FrameType>(head[3]);
  frame.flags = static_cast<uint8_t>(head[4]);
  frame.stream = from_big_endian(head.substr(5));
  if (!receive_bytes(from_big_endian(head.substr(0, 3)), &frame.payload)) return std::nullopt;
  return frame;
}

std::optional<Http2Frame> RawHttp2::receive(FrameType type) const {
  auto frame = receive();
  while (frame && frame->type != type) frame = receive();
  return frame;
}

bool RawHttp2::send_bytes(const std::string& bytes) const {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

bool RawHttp2::receive_bytes(size_t count, std::string* bytes) const {
  bytes->resize(count);
  size_t received = 0;
  while (received < count) {
    const ssize_t some = ::recv(socket_, bytes->data() + received, count - received, 0);
    if (some <= 0) return false;
    received += static_cast<size_t>(some);
  }
  return true;
}

}  // namespace acd
