// SPDX-License-Identifier: Apache-2.0
// What is answered to a request: which pages there are, and who may ask for them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/metrics.h"

namespace acd {

// The parts of a request that an answer depends on.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  // "/metrics?name=value"
  std::string_view host;    // Of its Host field; empty: it has none.
};

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // Of its Allow field; empty: none.
};

// Whether `host` names this machine from itself, or is one of `hosts`, with or without a port. A
// page on the web that has its own name resolved to a loopback address fails here.
[[nodiscard]] bool is_known_host(std::string_view host, const std::vector<std::string>& hosts);

// `hosts` are names beside those of the loopback. `figures` is asked by the pages that need it.
[[nodiscard]] HttpAnswer answer_request(const HttpRequest& request,
                                        const std::vector<std::string>& hosts,
                                        const std::function<DaemonFigures()>& figures);

}  // namespace acd
