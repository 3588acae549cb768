// SPDX-License-Identifier: Apache-2.0
// What the windows of statistics have in a snapshot, field by field, as saved_fields.h has the rest.
#pragma once

#include "daemon/storage/field_archive.h"
#include "routing/insight/saved_windows.h"

namespace acd {

template <typename A>
void list_fields(A& archive, SavedSlot& slot) {
  archive(1, slot.minute);
  archive(2, slot.waiting_at_end);
  archive(3, slot.live_at_end);
  archive(4, slot.cells);
  archive(5, slot.histogram);
  archive(6, slot.has_dropped);
}

template <typename A>
void list_fields(A& archive, SavedPoint& point) {
  archive(1, point.waiting_max);
  archive(2, point.answered);
  archive(3, point.abandoned);
  archive(4, point.sl_entered);
  archive(5, point.sl_answered_in_target);
}

template <typename A>
void list_fields(A& archive, SavedScope& scope) {
  archive(1, scope.waiting);
  archive(2, scope.callbacks_waiting);
  archive(3, scope.live);
  archive(4, scope.waiting_before);
  archive(5, scope.live_before);
  archive(6, scope.balance);
  archive(7, scope.slots);
  archive(8, scope.day);
  archive(9, scope.day_histogram);
  archive(10, scope.has_day_dropped);
  archive(11, scope.day_waiting_at_begin);
  archive(12, scope.day_live_at_begin);
  archive(13, scope.points);
  archive(14, scope.interval);
  archive(15, scope.interval_histogram);
  archive(16, scope.interval_sl_entered);
  archive(17, scope.interval_waiting_at_begin);
  archive(18, scope.interval_live_at_begin);
}

template <typename A>
void list_fields(A& archive, SavedCrew& crew) {
  archive(1, crew.busy);
  archive(2, crew.idle);
  archive(3, crew.since_ns);
  list_wide(archive, 4, 5, crew.day_busy_ns);
  list_wide(archive, 6, 7, crew.day_idle_ns);
}

template <typename A>
void list_fields(A& archive, SavedNamedScope& named) {
  archive(1, named.name);
  archive(2, named.scope);
  archive(3, named.crew);
}

template <typename A>
void list_fields(A& archive, SavedStatsAgent& agent) {
  archive(1, agent.is_known);
  archive(2, agent.team);
  archive(3, agent.activity);
  archive(4, agent.since_ns);
  archive(5, agent.changes);
  archive(6, agent.day_busy_ns);
  archive(7, agent.day_idle_ns);
  archive(8, agent.scope);
}

template <typename A>
void list_fields(A& archive, SavedStatsVisit& visit) {
  archive(1, visit.call);
  archive(2, visit.queue);
  archive(3, visit.group);
  archive(4, visit.is_on_line);
}

// The ends by outcome are one field each.
template <typename A>
void list_fields(A& archive, CallCounts& calls) {
  archive(1, calls.live_at_begin);
  archive(2, calls.begun);
  archive(3, calls.live_at_end);
  archive(4, calls.consults_begun);
  archive(5, calls.consults_ended);
  archive(6, calls.consults_live_at_end);
  for (uint32_t i = 0; i < CallCounts::kOutcomeCount; ++i) archive(16 + i, calls.ended[i]);
}

// Without what stands in records of its own.
template <typename A>
void list_fields(A& archive, SavedWindows& windows) {
  archive(1, windows.now_ns);
  archive(2, windows.since_ns);
  archive(3, windows.unix_offset_ns);
  archive(4, windows.minute);
  archive(5, windows.day_begin_ms);
  archive(6, windows.day_end_ms);
  archive(7, windows.day_begin_ns);
  archive(8, windows.tenant);
  archive(9, windows.crew);
  archive(10, windows.calls);
  archive(11, windows.bands);
  archive(12, windows.skill_sets);
  archive(13, windows.visits);
  archive(14, windows.dropped_histograms);
}

}  // namespace acd
