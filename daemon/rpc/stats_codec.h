// SPDX-License-Identifier: Apache-2.0
// Figures of windows and predictions as WallboardService and ExplainService answer them.
#pragma once

#include <google/protobuf/repeated_field.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "acd/v1/statistics.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "daemon/directory.h"
#include "daemon/rpc/status.h"
#include "routing/insight/board.h"
#include "routing/insight/statistics.h"
#include "routing/insight/wait_prediction.h"
#include "routing/insight/window_view.h"

namespace acd {

// Beside what the board says; what nobody asks for costs nothing.
struct AskedFigures {
  uint8_t windows = 0;  // A bit each, by StatsWindow.
  bool ewt = false;

  auto operator<=>(const AskedFigures&) const = default;
};

// Windows by their bits; notes violations of `field` where one is none or is there twice.
[[nodiscard]] uint8_t take_windows(const char* field,
                                   const google::protobuf::RepeatedField<int>& windows,
                                   Violations* violations);

void encode_offers(const OfferCounts& counts, v1::OfferStats* stats);
void encode_service_level(const QueueCounts& counts, v1::ServiceLevel* level);
void encode_outcomes(const OutcomeCounts& counts, const CodeCounts& codes, v1::OutcomeStats* stats);
void encode_calls(const CallCounts& calls, v1::CallCounts* counts);
void encode_day_point(const DayPoint& point, v1::DayPoint* status);

// `variant`: of what has a service level of its own.
void encode_window(const WindowView& view, StatsScope::Kind kind,
                   std::optional<ServiceLevelVariant> variant, v1::WindowStats* stats);
// All that `windows` names, in the order of StatsWindow.
void encode_windows(const Insight& insight, const StatsScope& scope, uint8_t windows,
                    std::optional<ServiceLevelVariant> variant,
                    google::protobuf::RepeatedPtrField<v1::WindowStats>* list);

void encode_prediction(const WaitPrediction& prediction, v1::WaitPrediction* status);
void encode_score(const WaitScore& score, v1::PredictionScore* status);

// None of a call that does not wait.
void encode_call_ewt(const Insight& insight, CallIndex call, v1::CallStatus* status);

// Agents who may serve a queue by displayed state, by QueueIndex.
using MemberStates = std::vector<std::array<int64_t, kAgentStateCount>>;
// Looks at all agents and the queues of each.
[[nodiscard]] MemberStates member_states(const Insight& insight);

// What the board does not say, and what is asked for beside it.
void encode_queue_figures(const Insight& insight, const QueueView& queue, const AskedFigures& asked,
                          const MemberStates& members, v1::QueueStats* stats);
void encode_total_figures(const Insight& insight, const AskedFigures& asked, v1::QueueStats* stats);

}  // namespace acd
