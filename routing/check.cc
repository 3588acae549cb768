// SPDX-License-Identifier: Apache-2.0
#include "routing/check.h"

#include <cstdio>
#include <cstdlib>

namespace acd {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace acd
