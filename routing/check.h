// SPDX-License-Identifier: Apache-2.0
// Checks of our own logic; always on. A failed check is a bug: it says where and aborts.
#pragma once

namespace acd {

// Prints `expression` and the place, then aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace acd

#define ACD_CHECK(condition)                           \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::acd::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define ACD_DCHECK(condition) static_cast<void>(0)
#else
#define ACD_DCHECK(condition) ACD_CHECK(condition)
#endif
