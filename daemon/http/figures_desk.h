// SPDX-License-Identifier: Apache-2.0
// Gathers the figures of all tenants for who asks for metrics, without waiting for them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "daemon/http/http_server.h"
#include "daemon/metrics.h"

namespace acd {

// Threads:  the http thread's; what is gathered may come from any.
// Bounds:   one gathering at a time: who asks meanwhile gets its figures, and while it is late those
//           of the process alone.
class FiguresDesk {
 public:
  using Reply = std::function<void(const DaemonFigures& figures)>;

  // Both outlive it.
  FiguresDesk(const HttpOptions& options, boost::asio::io_context* io)
      : options_(options), io_(*io), late_(*io) {}
  FiguresDesk(const FiguresDesk&) = delete;
  FiguresDesk& operator=(const FiguresDesk&) = delete;

  void ask(Reply reply);

 private:
  void take(const DaemonFigures& figures);
  void give_up();
  void answer(const DaemonFigures& figures);
  [[nodiscard]] DaemonFigures without_tenants() const;

  const HttpOptions& options_;
  boost::asio::io_context& io_;
  boost::asio::steady_timer late_;
  bool is_gathering_ = false;
  bool is_late_ = false;
  std::vector<Reply> waiting_;
};

}  // namespace acd
