// SPDX-License-Identifier: Apache-2.0
// The state of WindowStats between events: what a snapshot holds of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "routing/ids.h"
#include "routing/insight/window_stats.h"
#include "routing/wide.h"

namespace acd {

// Lists of numbers are packed: varints, each but the counts as the step from the one before.
struct SavedSlot {
  int64_t minute = 0;
  int64_t waiting_at_end = 0;
  int64_t live_at_end = 0;
  std::string cells;
  std::string histogram;
  bool has_dropped = false;

  bool operator==(const SavedSlot&) const = default;
};

struct SavedPoint {
  int64_t waiting_max = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;
  int64_t sl_entered = 0;
  int64_t sl_answered_in_target = 0;

  bool operator==(const SavedPoint&) const = default;
};

struct SavedScope {
  int64_t waiting = 0;
  int64_t callbacks_waiting = 0;
  int64_t live = 0;
  int64_t waiting_before = 0;
  int64_t live_before = 0;
  int64_t balance = 0;
  std::vector<SavedSlot> slots;
  std::string day;
  std::string day_histogram;
  bool has_day_dropped = false;
  int64_t day_waiting_at_begin = 0;
  int64_t day_live_at_begin = 0;
  std::vector<SavedPoint> points;
  std::string interval;  // Cells, as those that follow of the open interval of history.
  std::string interval_histogram;
  int64_t interval_sl_entered = 0;
  int64_t interval_waiting_at_begin = 0;
  int64_t interval_live_at_begin = 0;

  bool operator==(const SavedScope&) const = default;
};

struct SavedCrew {
  int64_t busy = 0;
  int64_t idle = 0;
  int64_t since_ns = 0;
  Wide day_busy_ns = 0;
  Wide day_idle_ns = 0;

  bool operator==(const SavedCrew&) const = default;
};

// A queue, a skill or a team; the crew is a team's.
struct SavedNamedScope {
  std::string name;
  SavedScope scope;
  SavedCrew crew;

  bool operator==(const SavedNamedScope&) const = default;
};

struct SavedStatsAgent {
  bool is_known = false;
  uint32_t team = 0;
  uint8_t activity = 0;
  int64_t since_ns = 0;
  std::vector<std::pair<int64_t, uint8_t>> changes;
  int64_t day_busy_ns = 0;
  int64_t day_idle_ns = 0;
  SavedScope scope;

  bool operator==(const SavedStatsAgent&) const = default;
};

struct SavedStatsVisit {
  uint32_t call = 0;
  QueueIndex queue;
  VisitGroup group = 0;
  bool is_on_line = true;

  bool operator==(const SavedStatsVisit&) const = default;
};

struct SavedWindows {
  int64_t now_ns = 0;
  int64_t since_ns = -1;
  int64_t unix_offset_ns = 0;
  int64_t minute = 0;
  int64_t day_begin_ms = 0;
  int64_t day_end_ms = 0;
  int64_t day_begin_ns = 0;
  SavedScope tenant;
  SavedCrew crew;
  CallCounts calls;
  std::vector<SavedScope> bands;
  std::vector<SavedNamedScope> queues;
  std::vector<SavedNamedScope> skills;
  std::vector<SavedNamedScope> teams;
  std::vector<SavedStatsAgent> agents;
  std::vector<std::string> skill_sets;  // Places in `skills`.
  std::vector<SavedStatsVisit> visits;
  int64_t dropped_histograms = 0;

  bool operator==(const SavedWindows&) const = default;
};

}  // namespace acd
