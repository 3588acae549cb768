// SPDX-License-Identifier: Apache-2.0
// Which addresses may be listened on.
#include <absl/status/status.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/config/text.h"
#include "daemon/rpc/edge.h"
#include "daemon/rpc/rpc_server.h"

namespace acd {
namespace {

constexpr size_t kUnixPathBytesMax = 107;  // sockaddr_un less its final zero.
constexpr size_t kPortDigitsMax = 5;

bool is_port(std::string_view text) {
  uint32_t port = 0;
  return !text.empty() && text.size() <= kPortDigitsMax &&
         text.find_first_not_of("0123456789") == std::string_view::npos &&
         absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &port) && port <= UINT16_MAX;
}

// "127.0.0.0/8", "[::1]" or "localhost".
bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status refuse(const std::string& address, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", quote(address), ": ",
                                                 absl::string_view(why.data(), why.size())));
}

}  // namespace

bool is_served(const std::string& address) {
  constexpr std::string_view kScheme = "unix:";
  if (!std::string_view(address).starts_with(kScheme)) return false;
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  address.copy(peer.sun_path, sizeof peer.sun_path - 1, kScheme.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool served =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0;
  close(descriptor);
  return served;
}

absl::Status check_listen_address(const std::string& address) {
  const std::string_view view = address;
  if (!is_text(view)) return refuse(address, "it must be text without control characters");
  for (const std::string_view scheme : {"unix:", "unix-abstract:"}) {
    if (!view.starts_with(scheme)) continue;
    const std::string_view path = view.substr(scheme.size());
    if (path.empty() || path.size() > kUnixPathBytesMax) {
      return refuse(address, absl::StrCat("a socket's path has 1..", kUnixPathBytesMax, " bytes"));
    }
    return absl::OkStatus();
  }
  const size_t colon = view.rfind(':');
  if (colon == std::string_view::npos || !is_port(view.substr(colon + 1))) {
    return refuse(address, "write HOST:PORT with a port 0..65535, or unix:/path");
  }
  if (!is_loopback(address.substr(0, colon))) {
    return refuse(address,
                  "until authentication exists only loopback addresses (127.0.0.1, [::1], "
                  "localhost) and Unix sockets may be listened on");
  }
  return absl::OkStatus();
}

}  // namespace acd
