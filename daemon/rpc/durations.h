// SPDX-License-Identifier: Apache-2.0
// Nanoseconds as google.protobuf.Duration and back, Unix time as google.protobuf.Timestamp, and
// whether that is one.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <optional>

#include "routing/limits.h"
#include "routing/wide.h"

namespace acd {

inline void set_duration(Wide ns, google::protobuf::Duration* duration) {
  duration->set_seconds(static_cast<int64_t>(ns / kNsPerS));
  duration->set_nanos(static_cast<int32_t>(ns % kNsPerS));
}

// Nothing where it is no duration of 0..`limit_ns`.
[[nodiscard]] inline std::optional<int64_t> to_ns(const google::protobuf::Duration& duration,
                                                  int64_t limit_ns) {
  if (duration.seconds() < 0 || duration.seconds() > limit_ns / kNsPerS || duration.nanos() < 0 ||
      duration.nanos() >= kNsPerS) {
    return std::nullopt;
  }
  const int64_t ns = duration.seconds() * kNsPerS + duration.nanos();
  return ns <= limit_ns ? std::optional(ns) : std::nullopt;
}

// REQUIRES: unix_ms >= 0.
inline void set_timestamp(int64_t unix_ms, google::protobuf::Timestamp* timestamp) {
  constexpr int64_t kMsPerS = 1'000;
  timestamp->set_seconds(unix_ms / kMsPerS);
  timestamp->set_nanos(static_cast<int32_t>(unix_ms % kMsPerS * kNsPerMs));
}

// The years 1 to 9999.
[[nodiscard]] inline bool is_well_formed(const google::protobuf::Timestamp& time) {
  constexpr int64_t kSecondsMin = -62'135'596'800;
  constexpr int64_t kSecondsMax = 253'402'300'799;
  return time.seconds() >= kSecondsMin && time.seconds() <= kSecondsMax && time.nanos() >= 0 &&
         time.nanos() < kNsPerS;
}

}  // namespace acd
