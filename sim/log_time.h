// SPDX-License-Identifier: Apache-2.0
// Times for people.
#pragma once

#include <cstdint>
#include <string>

#include "routing/limits.h"

namespace acd::sim {

inline constexpr int64_t kDayS = 86'400;
inline constexpr int64_t kDayNs = kDayS * kNsPerS;

// Router time as day and time of day: "day 3 09:15:02", with a fraction where there is one.
[[nodiscard]] std::string format_instant(int64_t ns);

// A duration as "m:ss" or "h:mm:ss", rounded to the second.
[[nodiscard]] std::string format_duration(int64_t ns);

inline double seconds(int64_t ns) { return static_cast<double>(ns) / static_cast<double>(kNsPerS); }

}  // namespace acd::sim
