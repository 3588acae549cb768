// SPDX-License-Identifier: Apache-2.0
// A server that says what it is told, for tests of what lies between.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace acd::net {

// Sends every message back, and ends with OK when its client half-closes.
inline constexpr const char* kEchoMethod = "/test.Echo/Echo";
// Ends with failed_status() at the first message.
inline constexpr const char* kFailMethod = "/test.Echo/Fail";
// Never answers.
inline constexpr const char* kSilentMethod = "/test.Echo/Silent";

inline constexpr const char* kFailMessage = "as asked";
// Not text, as details never are.
inline const std::string kFailDetails("\x00\x01\xff\n details", 12);

// One call as the server saw it.
struct EchoCall {
  std::string method;
  std::multimap<std::string, std::string> metadata;
  double seconds_left = 0;  // To its deadline, when it came.
  std::vector<std::string> messages;
  bool is_half_closed = false;  // Or cancelled; gRPC tells both alike.
  bool is_cancelled = false;
  bool is_over = false;
};

// Metadata that begin with "echo-" come back as they are before the first message, and with "last-"
// in front as trailers.
//
// Threads:  gRPC's. The functions may be called from any.
class EchoServer {
 public:
  // On a free loopback port, or on this one.
  explicit EchoServer(const std::string& address = "127.0.0.1:0");
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  [[nodiscard]] const std::string& address() const;
  // By order of arrival.
  [[nodiscard]] std::vector<EchoCall> calls() const;
  // Whether that became true of them in time.
  [[nodiscard]] bool await(const std::function<bool(const std::vector<EchoCall>&)>& what) const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd::net
