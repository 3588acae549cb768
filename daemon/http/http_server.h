// SPDX-License-Identifier: Apache-2.0
// The HTTP edge: metrics, probes, the public services as JSON, the wallboard's files. Neither Asio nor
// gRPC here, so that only this room pays for them.
#pragma once

#include <absl/status/status.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/http/static_files.h"
#include "daemon/metrics.h"

namespace grpc {
class Channel;
}

namespace acd {

// Connections at once, beside those with a stream; one more is closed when it comes.
inline constexpr size_t kHttpConnectionsMax = 64;

struct HttpOptions {
  std::string listen;  // "127.0.0.1:7711", "[::1]:7711", "localhost:7711". Port 0 takes a free one.
  // Names that may stand in Host beside those of the loopback.
  std::vector<std::string> hosts;
  std::function<DaemonFigures()> figures;  // Without tenants. From the server's thread.
  // With all there is to tell, once it is told; it may call back at once, or from another thread.
  std::function<void(std::function<void(DaemonFigures)> done)> gather;
  std::span<const StaticFile> files;  // Of the wallboard; they outlive the server.
  // Answers, and messages of streams, until their clients have taken them, all together: what is
  // above kHttpOwnAnswerBytesMax of each.
  size_t answers_bytes_max = size_t{256} << 20;
  // For a client to take an answer, or one message of a stream.
  std::chrono::milliseconds answer_time_max{std::chrono::seconds(10)};
  // Until the tenants' figures are there; then metrics are told without them.
  std::chrono::milliseconds gather_time_max{std::chrono::seconds(2)};
};

// What the edge may hold, by these options and its other limits.
[[nodiscard]] MemoryLimit http_memory_limit(const HttpOptions& options);

// OK, or INVALID_ARGUMENT with the reason: until authentication exists only loopback addresses may
// be listened on.
[[nodiscard]] absl::Status check_http_address(const std::string& address);

// Threads:  start() and stop() from the main thread; one of its own, called "http".
// Bounds:   README.md beside this lists the limits of connections, requests and time.
// Fails:    start() says why the address cannot be had.
class HttpServer {
 public:
  explicit HttpServer(HttpOptions options);
  // REQUIRES: stopped if it was started.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // INVALID_ARGUMENT for an address that is none, UNAVAILABLE for one that cannot be had.
  [[nodiscard]] absl::Status start();
  // Has calls of the services go through `channel`; before it they are told to try again.
  void serve_calls(const std::shared_ptr<grpc::Channel>& channel);
  // Takes no more calls, ends the streams, waits for what else is under way, or cuts it, and drops the
  // channel. To be called while their server still runs and ends none of them itself. Idempotent.
  void end_calls();
  // end_calls(); then cuts what is under way and joins. Idempotent.
  void stop();
  // In force, with the port that was taken.
  [[nodiscard]] const std::string& address() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd
