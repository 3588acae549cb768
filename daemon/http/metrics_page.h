// SPDX-License-Identifier: Apache-2.0
// The daemon's figures as Prometheus reads them.
#pragma once

#include <string>

#include "daemon/metrics.h"

namespace acd {

inline constexpr char kMetricsContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// In Prometheus' text format. README.md beside this lists every metric.
[[nodiscard]] std::string metrics_text(const DaemonFigures& figures);

}  // namespace acd
