// SPDX-License-Identifier: Apache-2.0
// Nanoseconds as google.protobuf.Duration.
#pragma once

#include <google/protobuf/duration.pb.h>

#include <cstdint>

#include "routing/limits.h"

namespace acd {

inline void set_duration(int64_t ns, google::protobuf::Duration* duration) {
  duration->set_seconds(ns / kNsPerS);
  duration->set_nanos(static_cast<int32_t>(ns % kNsPerS));
}

}  // namespace acd
