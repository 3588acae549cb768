// SPDX-License-Identifier: Apache-2.0
// What is answered to a request: which pages there are, and who may ask for them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/http_message.h"
#include "daemon/http/static_files.h"
#include "daemon/metrics.h"

namespace acd {

// Whether `host` names this machine from itself, or is one of `hosts`, with or without a port. A
// page on the web that has its own name resolved to a loopback address fails here.
[[nodiscard]] bool is_known_host(std::string_view host, const std::vector<std::string>& hosts);

// None when the request says a name that is this daemon's; else the refusal. `hosts` are names
// beside those of the loopback.
[[nodiscard]] std::optional<HttpAnswer> refuse_host(const HttpRequest& request,
                                                    const std::vector<std::string>& hosts);

// Whether the answer shows figures of tenants, which are gathered before it is given.
[[nodiscard]] bool shows_tenants(const HttpRequest& request);

// The answer to a request by refuse_host()'s leave: one of the pages, or one of `files`. `figures`
// is asked by the pages that need it.
[[nodiscard]] HttpAnswer answer_request(const HttpRequest& request,
                                        std::span<const StaticFile> files,
                                        const std::function<DaemonFigures()>& figures);

}  // namespace acd
