// SPDX-License-Identifier: Apache-2.0
// A client that sends bytes and reads what comes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace acd {

class HttpClient {
 public:
  // "127.0.0.1:PORT"
  explicit HttpClient(const std::string& address) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const timeval longest{10, 0};
    EXPECT_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest)), 0);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  HttpClient(HttpClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  // The server may have closed by then.
  void send(const std::string& bytes) {
    static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  // Until the server closes.
  std::string read_all() { return read_until(""); }
  // Until `end` stands at the end, or the server closes.
  std::string read_until(const std::string& end) {
    std::string text;
    while (end.empty() || !text.ends_with(end)) {
      const std::string more = read_some();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }
  // What is there, waited for; empty when the server has closed or nothing comes in ten seconds.
  std::string read_some() {
    std::array<char, 4'096> bytes{};
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return size <= 0 ? "" : std::string(bytes.data(), static_cast<size_t>(size));
  }

 private:
  int socket_ = -1;
};

// The answer to "GET target".
inline std::string http_get(const std::string& address, const std::string& target) {
  HttpClient client(address);
  client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.read_all();
}

}  // namespace acd
