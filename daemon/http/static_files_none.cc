// SPDX-License-Identifier: Apache-2.0
// A program without the wallboard.
#include "daemon/http/static_files.h"

namespace acd {

std::span<const StaticFile> wallboard_files() { return {}; }

}  // namespace acd
