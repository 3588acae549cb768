// SPDX-License-Identifier: Apache-2.0
// What metrics say of a tenant: queues, agents, calls and predicted waits.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "daemon/directory.h"
#include "daemon/metrics.h"

namespace acd {

// Queues of a tenant that have rows of their own, in the order of the configuration; those behind
// are added up in one row.
inline constexpr size_t kMetricQueuesMax = 500;
// The same of all tenants together, in their order: about 60,000 series.
inline constexpr size_t kMetricQueuesOfAllMax = 1'000;
// Series of a row; a column of which there is nothing to say is none.
inline constexpr size_t kMetricQueueSeriesMax = 57;
// The queue of the row in which others are added up; no id has brackets.
inline constexpr char kOtherQueues[] = "(other)";

[[nodiscard]] std::span<const MetricColumn> queue_metric_columns();
[[nodiscard]] std::span<const MetricColumn> tenant_metric_columns();

// At most `queues_max` rows of queues, and one of the others. For the observer's thread; costs a
// prediction a row, beside a look at each queue.
[[nodiscard]] TenantFigures tenant_figures(const std::string& tenant, const Insight& insight,
                                           size_t queues_max);

}  // namespace acd
