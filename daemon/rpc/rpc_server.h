// SPDX-License-Identifier: Apache-2.0
// The gRPC edge: all services, health and reflection. No gRPC types here, so that only this room
// pays for them.
#pragma once

#include <absl/status/status.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/batch.h"
#include "daemon/directory.h"

namespace acd {

// A part of the daemon that health reports under a name of its own.
struct PartHealth {
  std::string service;  // "acd.journal"
  bool is_serving = true;
};

// Requests that carry a configuration or agents and are parsed, checked or under way at once; those about
// calls; what desktops claim; and what supervisors ask.
inline constexpr int kChangesMax = 4;
inline constexpr int kCallChangesMax = 32;
inline constexpr int kClaimsMax = 256;
inline constexpr int kSupervisorChangesMax = 32;

// What an inbox must hold so that it is never full, though its shard stands: the batches of so many streams,
// their ends, and all requests. A power of two.
[[nodiscard]] constexpr uint32_t inbox_batches_max(uint32_t streams) {
  constexpr auto kRequests =
      static_cast<uint32_t>(kChangesMax + kCallChangesMax + kClaimsMax + kSupervisorChangesMax);
  return std::bit_ceil(streams * (kStreamBatchesMax + 1) + kRequests);
}

struct RpcOptions {
  // "127.0.0.1:7710", "[::1]:7710", "localhost:7710", "unix:/path/socket". Port 0 takes a free one.
  std::vector<std::string> listen;
  bool driven_clock = false;
  // Whether the configuration file differs from what is in force, for health. Null: it does not.
  std::function<bool()> is_config_drifting;
  // Asked at start and several times a second, always for the same parts. Null: there is none.
  std::function<std::vector<PartHealth>()> part_health;
  // Streams of switches at once.
  uint32_t switch_streams_max = 1'000;
  // Bytes of one received message, but for one with a configuration (kConfigRequestBytesMax).
  uint32_t message_bytes_max = 1 << 20;
  // Events of one batch.
  uint32_t batch_events_max = 1'024;
};

// OK, or INVALID_ARGUMENT with the reason: until authentication exists only loopback addresses and
// Unix sockets may be listened on.
[[nodiscard]] absl::Status check_listen_address(const std::string& address);

// Threads:  start() and stop() from the main thread. Inside, gRPC's own threads.
// Fails:    start() says which address cannot be bound.
class RpcServer {
 public:
  // `directory` outlives the server and is complete.
  RpcServer(RpcOptions options, const Directory& directory);
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  [[nodiscard]] absl::Status start();
  // Refuses new streams, ends the open ones with UNAVAILABLE SHUTTING_DOWN, and waits for them.
  // Idempotent.
  void stop();
  // The addresses in force, with the ports that were taken, in the order of `listen`.
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd
