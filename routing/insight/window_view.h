// SPDX-License-Identifier: Apache-2.0
// What is read of the windows: counters, durations and percentages of a queue, a skill, a priority
// band, an agent, a team or the tenant, over the last minutes or since local midnight.
//
// WindowStats::read(scope, window, now_ns) gives a WindowView. Read on the observer's thread, where
// the board is read; `now_ns` is the board's after its advance(). A scope that nothing happened to
// has a view too, all zeros. Times are Router time, durations nanoseconds, percentages 0..100.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "routing/ids.h"
#include "routing/insight/statistics.h"
#include "routing/wide.h"

namespace acd {

// The last so many whole minutes of Router time and the one under way, or the day.
enum class StatsWindow : uint8_t { k5Min, k15Min, k30Min, k60Min, kDay };
inline constexpr size_t kStatsWindowCount = 5;

enum class DurationKind : uint8_t {
  kWaitAnswered,   // Of the answered, without callbacks on whose line nobody waited. Mean: ASA.
  kWaitAbandoned,  // Of the abandoned, without the short ones.
  kWaitAll,        // Of all visits that ended with somebody on the line.
  kWaitTotal,  // The call's waits in all its queues together, where it waits no more after them.
  kTalk,       // Of the parts that are handled, as those that follow; without hold.
  kHold,       // Of those of them that were held.
  kWrapUp,     // Of those of them that had one.
  kHandle,     // Talk, hold and wrap-up. Mean: AHT.
  kRing,       // Of the accepted offers.
  kIdle,  // Spells of being ready with nothing in hand, when they end. Of agents, teams, tenant.
};
inline constexpr size_t kDurationKindCount = 10;

// By the sign of the priority with which a visit begins.
enum class PriorityBand : uint8_t { kLow, kNormal, kHigh };
inline constexpr size_t kPriorityBandCount = 3;

// Of what the figures are.
struct StatsScope {
  enum class Kind : uint8_t { kTenant, kQueue, kSkill, kBand, kAgent, kTeam };
  Kind kind = Kind::kTenant;
  uint32_t index = 0;
  std::string_view name;  // Of a skill ("": calls that ask for none) or a team ("": of none).

  [[nodiscard]] static StatsScope tenant() { return {}; }
  [[nodiscard]] static StatsScope of(QueueIndex queue) { return {Kind::kQueue, queue.value(), {}}; }
  [[nodiscard]] static StatsScope of(AgentIndex agent) { return {Kind::kAgent, agent.value(), {}}; }
  [[nodiscard]] static StatsScope of(PriorityBand band) {
    return {Kind::kBand, static_cast<uint32_t>(band), {}};
  }
  [[nodiscard]] static StatsScope skill(std::string_view name) { return {Kind::kSkill, 0, name}; }
  [[nodiscard]] static StatsScope team(std::string_view name) { return {Kind::kTeam, 0, name}; }
};

// Nearest rank, at most 1 % off.
struct Percentiles {
  int64_t p50_ns = 0;
  int64_t p80_ns = 0;
  int64_t p90_ns = 0;
  int64_t p95_ns = 0;
  int64_t p99_ns = 0;

  bool operator==(const Percentiles&) const = default;
};

struct DurationView {
  int64_t count = 0;
  int64_t sum_ns = 0;
  int64_t max_ns = 0;
  // Of queues, skills and the tenant; none without a value.
  std::optional<Percentiles> percentiles;

  bool operator==(const DurationView&) const = default;
};

// Calls of the tenant, consults apart. live_at_begin + begun = Σ ended + live_at_end.
struct CallCounts {
  static constexpr size_t kOutcomeCount = 11;  // CallOutcome in history_rows.h.

  int64_t live_at_begin = 0;
  int64_t begun = 0;
  std::array<int64_t, kOutcomeCount> ended{};  // By CallOutcome.
  int64_t live_at_end = 0;
  int64_t consults_begun = 0;
  int64_t consults_ended = 0;
  int64_t consults_live_at_end = 0;

  [[nodiscard]] bool conserved() const;
  bool operator==(const CallCounts&) const = default;
};

struct WindowView {
  StatsWindow window = StatsWindow::k5Min;
  // Router time; before the first event where the journal is younger. It ends with the read.
  int64_t begin_ns = 0;
  // The journal began after `begin_ns`: the figures are of less time.
  bool is_partial = false;

  // Counters as in statistics.h, of what happened in the window; `waiting` and `callbacks_waiting`
  // as they are now, `connected` 0. A visit enters the service level at the instant that
  // VisitThresholds say, so `sl_` counters never fall. Of agents and teams only answered and
  // callbacks_answered of the visits, requeued, handled, transferred_out (of those they had),
  // handle_sum_ns, wait_answered_sum_ns, offers and outcomes. Of skills and bands, outcomes as they
  // were told until the wrap-up ended.
  QueueCounts counts;
  int64_t joined = 0;                                        // Of agents and teams.
  std::array<DurationView, kDurationKindCount> durations{};  // By DurationKind.
  // False: the oldest minutes lost their histograms to the limit of memory.
  bool percentiles_complete = true;

  // Visits under way, with somebody on the line or nobody. Not of agents and teams.
  int64_t waiting_at_begin = 0;
  int64_t waiting_at_end = 0;
  // waiting_at_begin + visits() = waiting_at_end + all ends; of the tenant also that of its calls. True
  // of agents and teams.
  bool conserved = true;

  // Of agents, teams and the tenant: with work in hand, and ready without, within the window.
  Wide busy_ns = 0;
  Wide idle_ns = 0;

  CallCounts calls;  // Of the tenant.

  [[nodiscard]] const DurationView& duration(DurationKind kind) const {
    return durations[static_cast<size_t>(kind)];
  }
  // busy over busy and idle; none before either.
  [[nodiscard]] std::optional<double> occupancy_percent() const;
  // Transferred of those answered and joined; none without any.
  [[nodiscard]] std::optional<double> transfer_percent() const;
};

// Of one queue or the tenant in a span of five minutes of the day.
struct DayPoint {
  int64_t begin_unix_ms = 0;
  int64_t waiting_max = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;  // Without the short ones.
  int64_t sl_entered = 0;
  int64_t sl_answered_in_target = 0;

  bool operator==(const DayPoint&) const = default;
};
inline constexpr int64_t kDayPointMs = 5 * 60 * 1'000;

}  // namespace acd
