// SPDX-License-Identifier: Apache-2.0
// How one edge tells another who is behind a call.
#pragma once

namespace acd {

// Metadata of a call by the daemon itself: the principal that daemon/http calls for. Of any other peer it says
// nothing.
inline constexpr char kPrincipalMetadata[] = "acd-principal";

}  // namespace acd
