// SPDX-License-Identifier: Apache-2.0
// Windows and predictions as people read them: pure functions from the public messages to text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "acd/v1/wallboard_service.pb.h"

namespace acd::acdctl {

// "5m", "15m", "30m", "60m", "day".
[[nodiscard]] std::string window_text(v1::StatsWindow window);
[[nodiscard]] std::optional<v1::StatsWindow> window_named(std::string_view word);

// "0:12", or in a word why it is not known: "learning"; "-" where nothing was told.
[[nodiscard]] std::string ewt_text(bool is_told, const v1::WaitPrediction& ewt);
// Of one resource: p50, p80 and p95, the position, and how the predictions of a queue did.
[[nodiscard]] std::string prediction_text(const v1::WaitPrediction& ewt);

// That window of it; null where it was not told.
[[nodiscard]] const v1::WindowStats* window_of(const v1::QueueStats& stats, v1::StatsWindow window);

// The queues in the given order and a total, all of one window.
[[nodiscard]] std::string queues_window_text(const v1::ListQueueStatsResponse& stats,
                                             v1::StatsWindow window, bool is_colored);
// Of one queue: its agents, its prediction, its windows side by side, and the durations of `window`.
[[nodiscard]] std::string queue_figures_text(const v1::QueueStats& stats, v1::StatsWindow window,
                                             bool is_colored);
// Calls that wait, with their places and predictions; and with their number below.
[[nodiscard]] std::string waiting_table(const v1::ListCallsResponse& calls, bool is_colored);
[[nodiscard]] std::string waiting_text(const v1::ListCallsResponse& calls, bool is_colored);

}  // namespace acd::acdctl
