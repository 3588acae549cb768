// SPDX-License-Identifier: Apache-2.0
// Ids by which the daemon knows a request that is sent again.
#pragma once

#include <string>

namespace acd::acdctl {

// A UUID of version 4: random.
[[nodiscard]] std::string make_request_id();

}  // namespace acd::acdctl
