// SPDX-License-Identifier: Apache-2.0
// Times for people.
#include "sim/log_time.h"

#include <absl/strings/str_format.h>

namespace acd::sim {

std::string format_instant(int64_t ns) {
  const int64_t s = ns / kNsPerS;
  const int64_t fraction_ns = ns % kNsPerS;
  std::string text =
      absl::StrFormat("day %d %02d:%02d:%02d", s / kDayS + 1, s / 3600 % 24, s / 60 % 60, s % 60);
  if (fraction_ns != 0) absl::StrAppendFormat(&text, ".%09d", fraction_ns);
  return text;
}

std::string format_duration(int64_t ns) {
  const int64_t s = (ns + kNsPerS / 2) / kNsPerS;
  if (s < 3600) return absl::StrFormat("%d:%02d", s / 60, s % 60);
  return absl::StrFormat("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace acd::sim
