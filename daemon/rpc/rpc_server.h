// SPDX-License-Identifier: Apache-2.0
// The gRPC edge: all services, health and reflection. No gRPC types here, so that only this room
// pays for them.
#pragma once

#include <absl/status/status.h>

#include <bit>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "daemon/directory.h"
#include "daemon/metrics.h"

namespace grpc {
class Channel;
}

namespace acd {

// A part of the daemon that health reports under a name of its own.
struct PartHealth {
  std::string service;  // "acd.journal"
  bool is_serving = true;
};

// Requests that carry a configuration or agents and are parsed, checked or under way at once; those about
// calls; what desktops claim; what supervisors ask; and questions why, each of which looks at all agents or calls.
inline constexpr int kChangesMax = 4;
inline constexpr int kCallChangesMax = 32;
inline constexpr int kClaimsMax = 256;
inline constexpr int kSupervisorChangesMax = 32;
inline constexpr int kExplainsMax = 4;

// What an inbox must hold so that it is never full, though its shard stands: the batches of so many streams,
// their ends, and all requests. A power of two.
[[nodiscard]] constexpr uint32_t inbox_batches_max(uint32_t streams) {
  constexpr auto kRequests = static_cast<uint32_t>(kChangesMax + kCallChangesMax + kClaimsMax +
                                                   kSupervisorChangesMax + kExplainsMax);
  return std::bit_ceil(streams * (kStreamBatchesMax + 1) + kRequests);
}

// What one TCP or Unix connection is given. A client has to connect again and resume anyhow, and does
// it now and then on purpose, so that it spreads over daemons and takes new keys.
struct ConnectionLimits {
  std::chrono::milliseconds idle_max{std::chrono::minutes(10)};   // Without a call.
  std::chrono::milliseconds age_max{std::chrono::hours(1)};       // gRPC varies it by 10 %.
  std::chrono::milliseconds age_grace{std::chrono::seconds(30)};  // Then calls under way are cut.
  // With calls under way a peer is asked whether it lives, and is dead without an answer.
  std::chrono::milliseconds keepalive_time{std::chrono::seconds(15)};
  std::chrono::milliseconds keepalive_timeout{std::chrono::seconds(5)};
  int streams_max = 1'024;  // Calls of any kind; more wait.
};

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
  // The same of desktops, one for each agent or for a gateway of many; their messages are small.
  uint32_t agent_streams_max = 20'000;
  uint32_t agent_message_bytes_max = 16 << 10;
  uint32_t agent_batch_events_max = 128;
  // Bytes of one received message, but for one with a configuration (kConfigRequestBytesMax).
  uint32_t message_bytes_max = 1 << 20;
  // Events of one batch.
  uint32_t batch_events_max = 1'024;
  ConnectionLimits connection;
  // Of one principal, which today is all that comes over one loopback address: no less than a gateway
  // for all agents needs.
  uint32_t principal_switch_streams_max = 1'000;
  uint32_t principal_agent_streams_max = 20'000;
  uint32_t principal_watches_max = 20'000;
  uint32_t principal_unary_calls_per_s = 10'000;
  // Until a unary call that says no deadline is answered.
  std::chrono::milliseconds unary_wait_max{std::chrono::seconds(30)};
  // Called by stop() when no new call is taken, before any stream is ended: whoever holds channel()
  // ends what they have on it and drops it. Null: nobody does.
  std::function<void()> before_shutdown;
  // At a stop, until what is with the shards is acknowledged. Of kStopWaitMax, 2 s.
  std::chrono::milliseconds drain_wait_max{std::chrono::seconds(1)};
  // To be read by all streams together, beside kPendingOwnBytesMax of each.
  size_t pending_shared_bytes_max = size_t{256} << 20;
  // The same by all watchers of events and wallboards: what several share counts once.
  size_t watch_pending_bytes_max = size_t{256} << 20;
};

// What gRPC itself may hold; past it, it refuses connections and calls.
inline constexpr uint64_t kGrpcBytesMax = uint64_t{512} << 20;

// What the edge may hold, by these settings and its other limits.
[[nodiscard]] std::vector<MemoryLimit> memory_limits(const RpcOptions& options);

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
  // Refuses what is new, reads no more, has acknowledged what is with the shards, ends the streams with
  // UNAVAILABLE SHUTTING_DOWN, and waits for them.
  // Idempotent.
  void stop();
  // The addresses in force, with the ports that were taken, in the order of `listen`.
  [[nodiscard]] std::vector<std::string> addresses() const;
  // Streams that are there, by kind. From any thread.
  [[nodiscard]] std::vector<std::pair<std::string, uint32_t>> open_streams() const;
  // To the services, for the daemon itself (own_server.h); whom a call is for says
  // daemon/principal.h. After start().
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd
