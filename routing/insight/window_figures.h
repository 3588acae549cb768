// SPDX-License-Identifier: Apache-2.0
// The figures of a window by number, so that counting, adding up and saving are each one loop.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "routing/insight/statistics.h"
#include "routing/insight/window_view.h"

namespace acd {

// Of `counts` first, in the order of the tables below. The numbers are on disk: new ones come last.
enum class Figure : uint16_t {
  kOffered,
  kOverflowedIn,
  kTransferredIn,
  kAnswered,
  kAbandoned,
  kShortAbandoned,
  kTimedOut,
  kOverflowedOut,
  kTransferredOutWaiting,
  kWithdrawn,
  kRerouted,
  kRejected,
  kFailedWaiting,
  kCallbackRequested,
  kRequeued,
  kConsults,
  kConsultsAnswered,
  kConsultsFailed,
  kCallbacksAnswered,
  kDialsFailed,
  kHandled,
  kTransferredOut,
  kSlEntered,
  kSlAnsweredInTarget,
  kSlAbandonedInTarget,
  kSlLeftOut,
  kSlOverflowedInTarget,
  kSlTransferredInTarget,
  kSlCallbackRequestedInTarget,
  kSlShortAbandonedInTarget,
  kSlWithdrawnInTarget,
  kSlTimedOutInTarget,
  kOffersCreated,
  kOffersAccepted,
  kOffersNoAnswer,
  kOffersRejected,
  kOffersBusy,
  kOffersUnreachable,
  kOffersUnknownAddress,
  kOffersCanceled,
  kOffersRescinded,
  kOffersAdopted,
  kResolved,
  kUnresolved,
  kSurveys,
  kSurveySum,
  kQualities,
  kQualitySum,
  kJoined,
  kBusyNs,
  kIdleNs,
  kCallsBegun,
  kConsultsBegun,
  kConsultsEnded,
  kCallsEnded,                                          // And one for each further CallOutcome.
  kDuration = kCallsEnded + CallCounts::kOutcomeCount,  // Count, sum, greatest, by DurationKind.
};
inline constexpr size_t kFigureCount =
    static_cast<size_t>(Figure::kDuration) + 3 * kDurationKindCount;

inline constexpr std::array kQueueCountMembers = {
    &QueueCounts::offered,
    &QueueCounts::overflowed_in,
    &QueueCounts::transferred_in,
    &QueueCounts::answered,
    &QueueCounts::abandoned,
    &QueueCounts::short_abandoned,
    &QueueCounts::timed_out,
    &QueueCounts::overflowed_out,
    &QueueCounts::transferred_out_waiting,
    &QueueCounts::withdrawn,
    &QueueCounts::rerouted,
    &QueueCounts::rejected,
    &QueueCounts::failed_waiting,
    &QueueCounts::callback_requested,
    &QueueCounts::requeued,
    &QueueCounts::consults,
    &QueueCounts::consults_answered,
    &QueueCounts::consults_failed,
    &QueueCounts::callbacks_answered,
    &QueueCounts::dials_failed,
    &QueueCounts::handled,
    &QueueCounts::transferred_out,
    &QueueCounts::sl_entered,
    &QueueCounts::sl_answered_in_target,
    &QueueCounts::sl_abandoned_in_target,
    &QueueCounts::sl_left_out,
    &QueueCounts::sl_overflowed_in_target,
    &QueueCounts::sl_transferred_in_target,
    &QueueCounts::sl_callback_requested_in_target,
    &QueueCounts::sl_short_abandoned_in_target,
    &QueueCounts::sl_withdrawn_in_target,
    &QueueCounts::sl_timed_out_in_target,
};
inline constexpr std::array kOfferCountMembers = {
    &OfferCounts::created,         &OfferCounts::accepted, &OfferCounts::no_answer,
    &OfferCounts::rejected,        &OfferCounts::busy,     &OfferCounts::unreachable,
    &OfferCounts::unknown_address, &OfferCounts::canceled, &OfferCounts::rescinded,
    &OfferCounts::adopted,
};
inline constexpr std::array kOutcomeCountMembers = {
    &OutcomeCounts::resolved,   &OutcomeCounts::unresolved, &OutcomeCounts::surveys,
    &OutcomeCounts::survey_sum, &OutcomeCounts::qualities,  &OutcomeCounts::quality_sum,
};
static_assert(kQueueCountMembers.size() == static_cast<size_t>(Figure::kOffersCreated));
static_assert(kOfferCountMembers.size() ==
              static_cast<size_t>(Figure::kResolved) - static_cast<size_t>(Figure::kOffersCreated));
static_assert(kOutcomeCountMembers.size() ==
              static_cast<size_t>(Figure::kJoined) - static_cast<size_t>(Figure::kResolved));

[[nodiscard]] constexpr size_t number_of(Figure figure) { return static_cast<size_t>(figure); }
// The first of a kind's three.
[[nodiscard]] constexpr size_t number_of(DurationKind kind) {
  return number_of(Figure::kDuration) + 3 * static_cast<size_t>(kind);
}
[[nodiscard]] constexpr bool is_greatest(size_t number) {
  return number >= number_of(Figure::kDuration) && (number - number_of(Figure::kDuration)) % 3 == 2;
}

// All of them, most of which are usually 0.
using Figures = std::array<int64_t, kFigureCount>;

inline void add_figure(Figures* figures, size_t number, int64_t value) {
  int64_t& figure = (*figures)[number];
  figure = is_greatest(number) ? std::max(figure, value) : figure + value;
}

// Those that are not 0, by number.
struct Cell {
  uint16_t number;
  int64_t value;

  bool operator==(const Cell&) const = default;
};
using Cells = std::vector<Cell>;

inline void add_cells(Figures* figures, std::span<const Cell> cells) {
  for (const Cell& cell : cells) add_figure(figures, cell.number, cell.value);
}
[[nodiscard]] inline Cells cells_of(const Figures& figures) {
  Cells cells;
  cells.reserve(static_cast<size_t>(
      std::count_if(figures.begin(), figures.end(), [](int64_t one) { return one != 0; })));
  for (size_t i = 0; i < figures.size(); ++i) {
    if (figures[i] != 0) cells.push_back({static_cast<uint16_t>(i), figures[i]});
  }
  return cells;
}

// Adds the one to the other; both are by number.
inline void merge_cells(const Cells& from, Cells* to) {
  if (to->empty()) {
    *to = from;
    return;
  }
  Cells sum;
  sum.reserve(from.size() + to->size());
  auto old = to->begin();
  for (const Cell& cell : from) {
    while (old != to->end() && old->number < cell.number) sum.push_back(*old++);
    if (old == to->end() || old->number != cell.number) {
      sum.push_back(cell);
      continue;
    }
    const int64_t value =
        is_greatest(cell.number) ? std::max(old->value, cell.value) : old->value + cell.value;
    if (value != 0) sum.push_back({cell.number, value});
    ++old;
  }
  sum.insert(sum.end(), old, to->end());
  if (sum.size() != to->size()) {
    sum.shrink_to_fit();
    to->swap(sum);
  } else {
    std::copy(sum.begin(), sum.end(), to->begin());
  }
}

// What is counted at an instant, of as many scopes as it concerns.
class Fact {
 public:
  void count(Figure figure, int64_t value = 1) { count(number_of(figure), value); }
  void count(size_t number, int64_t value) {
    if (value != 0) cells_[size_++] = {static_cast<uint16_t>(number), value};
  }
  void add(DurationKind kind, int64_t duration_ns) {
    durations_[duration_count_++] = {kind, duration_ns};
  }
  struct Lasting {
    DurationKind kind{};
    int64_t duration_ns = 0;
  };
  [[nodiscard]] std::span<const Cell> cells() const { return {cells_.data(), size_}; }
  [[nodiscard]] std::span<const Lasting> durations() const {
    return {durations_.data(), duration_count_};
  }

 private:
  // The end of a visit counts most: its end, what of it is in target, and what beside.
  static constexpr size_t kCellsMax = 12;
  size_t size_ = 0;
  size_t duration_count_ = 0;
  std::array<Cell, kCellsMax> cells_;
  std::array<Lasting, 4> durations_;
};

}  // namespace acd
