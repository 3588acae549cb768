// SPDX-License-Identifier: Apache-2.0
// Nanoseconds as google.protobuf.Duration, and whether a google.protobuf.Timestamp is one.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>

#include "routing/limits.h"

namespace acd {

inline void set_duration(int64_t ns, google::protobuf::Duration* duration) {
  duration->set_seconds(ns / kNsPerS);
  duration->set_nanos(static_cast<int32_t>(ns % kNsPerS));
}

// The years 1 to 9999.
[[nodiscard]] inline bool is_well_formed(const google::protobuf::Timestamp& time) {
  constexpr int64_t kSecondsMin = -62'135'596'800;
  constexpr int64_t kSecondsMax = 253'402'300'799;
  return time.seconds() >= kSecondsMin && time.seconds() <= kSecondsMax && time.nanos() >= 0 &&
         time.nanos() < kNsPerS;
}

}  // namespace acd
