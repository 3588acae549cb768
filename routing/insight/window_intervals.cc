// SPDX-License-Identifier: Apache-2.0
// Intervals of history: what of the counts becomes a row when a quarter of an hour is over.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "routing/insight/window_stats.h"

namespace acd {
namespace {

constexpr std::array<std::string_view, kPriorityBandCount> kBandNames = {"low", "normal", "high"};

}  // namespace

void WindowStats::interval_ended(int64_t begin_ms, int64_t pass, int64_t end_ns,
                                 HistoryRows* rows) {
  settle_crews(end_ns);
  flush();
  const auto end = [&](Scope& scope, StatsScope::Kind kind, std::string_view name) {
    ScopeIntervalRow row;
    row.kind = kind;
    row.name = name;
    row.begin_ms = begin_ms;
    row.pass = pass;
    end_interval(scope, std::move(row), rows);
  };
  end(tenant_, StatsScope::Kind::kTenant, {});
  for (size_t i = 0; i < bands_.size(); ++i) {
    end(bands_[i], StatsScope::Kind::kBand, kBandNames[i]);
  }
  for (Queue& queue : queues_) end(queue.scope, StatsScope::Kind::kQueue, queue.id);
  for (Skill& skill : skills_) end(skill.scope, StatsScope::Kind::kSkill, skill.name);
  for (Team& team : teams_) end(team.scope, StatsScope::Kind::kTeam, team.name);
  // Agents have rows of their own, by their states (AgentIntervalRow).
}

void WindowStats::end_interval(Scope& scope, ScopeIntervalRow row, HistoryRows* rows) {
  Interval ended = std::exchange(scope.interval, Interval());
  scope.interval.waiting_at_begin = scope.under_way();
  scope.interval.live_at_begin = scope.live;
  histogram_bytes_ -= ended.histogram.bytes();
  if (rows == nullptr) return;
  row.histogram = std::move(ended.histogram);
  if (row.kind == StatsScope::Kind::kQueue) {
    if (!row.histogram.empty()) rows->scope_intervals.push_back(std::move(row));
    return;
  }
  constexpr auto kEntered = static_cast<uint16_t>(Figure::kSlEntered);
  std::erase_if(ended.cells, [](const Cell& cell) { return cell.number == kEntered; });
  if (ended.sl_entered != 0) {
    const auto place = std::find_if(ended.cells.begin(), ended.cells.end(),
                                    [](const Cell& cell) { return cell.number > kEntered; });
    ended.cells.insert(place, {kEntered, ended.sl_entered});
  }
  row.figures = std::move(ended.cells);
  row.waiting_at_begin = ended.waiting_at_begin;
  row.waiting_at_end = scope.under_way();
  row.live_at_begin = ended.live_at_begin;
  row.live_at_end = scope.live;
  const bool has_any = !row.figures.empty() || !row.histogram.empty() ||
                       row.waiting_at_begin != 0 || row.waiting_at_end != 0 ||
                       row.live_at_begin != 0 || row.live_at_end != 0;
  if (has_any) rows->scope_intervals.push_back(std::move(row));
}

}  // namespace acd
