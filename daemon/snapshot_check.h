// SPDX-License-Identifier: Apache-2.0
// Whether this release can take what a snapshot says of a tenant: another one, which wrote it, may
// know other limits, words and rules.
#pragma once

#include <string>

#include "daemon/snapshot.h"

namespace acd {

// The first thing that cannot be taken, as "calls/c1: requirement: column 3: expected ')'"; empty
// when there is none. With `has_history` also of what history has open. What is taken for good
// restores without an abort, though perhaps to another state.
[[nodiscard]] std::string find_unrestorable(const SavedTenant& tenant, bool has_history);

}  // namespace acd
