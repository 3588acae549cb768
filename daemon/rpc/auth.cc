// SPDX-License-Identifier: Apache-2.0
// Who calls, and whether they may.
#include "daemon/rpc/auth.h"

#include "daemon/principal.h"

namespace acd {
namespace {

// The peer of own_server.h.
constexpr std::string_view kDaemonItself = "local:daemon";

}  // namespace

std::string principal_of(std::string_view peer) {
  const size_t colon = peer.find(':');
  const std::string_view scheme = peer.substr(0, colon);
  if (scheme == "unix" || scheme == "unix-abstract") return "local:unix";
  if (scheme == "fd") return std::string(kDaemonItself);
  if (colon == std::string_view::npos) return "unknown";

  // "ipv4:127.0.0.1:51234", "ipv6:%5B::1%5D:51234" (or with plain brackets): the port is no
  // identity.
  std::string_view host = peer.substr(colon + 1);
  host = host.substr(0, host.rfind(':'));
  if (scheme == "ipv4") return "local:" + std::string(host);
  if (scheme != "ipv6") return "unknown";
  const size_t begin = host.find_first_of("[B");
  const size_t end = host.find_last_of("%]");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return "unknown";
  }
  return "local:[" + std::string(host.substr(begin + 1, end - begin - 1)) + "]";
}

std::string principal_of(const grpc::ServerContextBase& context) {
  std::string of_peer = principal_of(context.peer());
  if (of_peer != kDaemonItself) return of_peer;
  const auto told = context.client_metadata().find(kPrincipalMetadata);
  if (told == context.client_metadata().end()) return of_peer;
  return {told->second.data(), told->second.size()};
}

bool authorize(std::string_view principal, std::string_view method, std::string_view tenant) {
  static_cast<void>(principal);
  static_cast<void>(method);
  static_cast<void>(tenant);
  return true;
}

}  // namespace acd
