// SPDX-License-Identifier: Apache-2.0
// The HTTP edge: a page of metrics and two probes. No Asio here, so that only this room pays for it.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/metrics.h"

namespace acd {

struct HttpOptions {
  std::string listen;  // "127.0.0.1:7711", "[::1]:7711", "localhost:7711". Port 0 takes a free one.
  // Names that may stand in Host beside those of the loopback.
  std::vector<std::string> hosts;
  std::function<DaemonFigures()> figures;  // From the server's thread.
};

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
  // Cuts what is under way and joins. Idempotent.
  void stop();
  // In force, with the port that was taken.
  [[nodiscard]] const std::string& address() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acd
