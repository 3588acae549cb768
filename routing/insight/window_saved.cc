// SPDX-License-Identifier: Apache-2.0
// WindowStats to and from a snapshot.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/check.h"
#include "routing/insight/saved_windows.h"
#include "routing/insight/window_stats.h"

namespace acd {
namespace {

void put(uint64_t value, std::string* bytes) {
  for (; value >= 0x80; value >>= 7) bytes->push_back(static_cast<char>(value | 0x80));
  bytes->push_back(static_cast<char>(value));
}

void put_signed(int64_t value, std::string* bytes) {
  put(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63), bytes);
}

// Numbers one by one; 0 at the end of what there is.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : at_(bytes) {}

  [[nodiscard]] bool at_end() const { return at_.empty(); }
  uint64_t take() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !at_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(at_.front());
      at_.remove_prefix(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  int64_t take_signed() {
    const uint64_t value = take();
    return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }

 private:
  std::string_view at_;
};

std::string packed(const Cells& cells) {
  std::string bytes;
  uint64_t last = 0;
  for (const Cell& cell : cells) {
    put(cell.number - std::exchange(last, cell.number), &bytes);
    put_signed(cell.value, &bytes);
  }
  return bytes;
}

Cells unpacked_cells(std::string_view bytes) {
  Cells cells;
  uint64_t number = 0;
  for (PackedReader reader(bytes); !reader.at_end();) {
    number += reader.take();
    const int64_t value = reader.take_signed();
    // A later release may know more of them.
    if (number < kFigureCount) cells.push_back({static_cast<uint16_t>(number), value});
  }
  return cells;
}

std::string packed(const Histogram& histogram) {
  std::string bytes;
  uint64_t last = 0;
  for (const Histogram::Entry& entry : histogram.entries()) {
    put(entry.key - std::exchange(last, entry.key), &bytes);
    put(entry.count, &bytes);
  }
  return bytes;
}

Histogram unpacked_histogram(std::string_view bytes) {
  std::vector<Histogram::Entry> entries;
  uint64_t key = 0;
  for (PackedReader reader(bytes); !reader.at_end();) {
    key += reader.take();
    const auto count = static_cast<uint32_t>(reader.take());
    if (key >= size_t{kDurationKindCount} << Histogram::kSeriesBits) break;
    entries.push_back({static_cast<uint16_t>(key), count});
  }
  entries.shrink_to_fit();
  return Histogram(std::move(entries));
}

}  // namespace

SavedScope WindowStats::saved(const Scope& scope) {
  SavedScope saved;
  saved.waiting = scope.waiting;
  saved.callbacks_waiting = scope.callbacks_waiting;
  saved.live = scope.live;
  saved.waiting_before = scope.waiting_before;
  saved.live_before = scope.live_before;
  saved.balance = scope.balance;
  for (const Slot& slot : scope.slots) {
    saved.slots.push_back({slot.minute, slot.waiting_at_end, slot.live_at_end, packed(slot.cells),
                           packed(slot.histogram), slot.has_dropped});
  }
  saved.day = packed(scope.day);
  saved.day_histogram = packed(scope.day_histogram);
  saved.has_day_dropped = scope.has_day_dropped;
  saved.day_waiting_at_begin = scope.day_waiting_at_begin;
  saved.day_live_at_begin = scope.day_live_at_begin;
  for (const Point& point : scope.points) {
    saved.points.push_back({point.waiting_max, point.answered, point.abandoned, point.sl_entered,
                            point.sl_answered_in_target});
  }
  return saved;
}

void WindowStats::take(const SavedScope& saved, Scope* scope) {
  scope->waiting = saved.waiting;
  scope->callbacks_waiting = saved.callbacks_waiting;
  scope->live = saved.live;
  scope->waiting_before = saved.waiting_before;
  scope->live_before = saved.live_before;
  scope->balance = saved.balance;
  for (const SavedSlot& one : saved.slots) {
    Slot& slot = scope->slots.emplace_back();
    slot.minute = one.minute;
    slot.waiting_at_end = one.waiting_at_end;
    slot.live_at_end = one.live_at_end;
    slot.cells = unpacked_cells(one.cells);
    slot.histogram = unpacked_histogram(one.histogram);
    slot.has_dropped = one.has_dropped;
    histogram_bytes_ += slot.histogram.bytes();
  }
  scope->day = unpacked_cells(saved.day);
  scope->day_histogram = unpacked_histogram(saved.day_histogram);
  histogram_bytes_ += scope->day_histogram.bytes();
  scope->has_day_dropped = saved.has_day_dropped;
  scope->day_waiting_at_begin = saved.day_waiting_at_begin;
  scope->day_live_at_begin = saved.day_live_at_begin;
  for (const SavedPoint& one : saved.points) {
    scope->points.push_back(
        {static_cast<int32_t>(one.waiting_max), static_cast<int32_t>(one.answered),
         static_cast<int32_t>(one.abandoned), static_cast<int32_t>(one.sl_entered),
         static_cast<int32_t>(one.sl_answered_in_target)});
  }
}

SavedCrew WindowStats::saved(const Crew& crew) {
  return {crew.busy, crew.idle, crew.since_ns, crew.day_busy_ns, crew.day_idle_ns};
}

WindowStats::Crew WindowStats::taken(const SavedCrew& saved) {
  return {saved.busy, saved.idle, saved.since_ns, saved.day_busy_ns, saved.day_idle_ns};
}

SavedWindows WindowStats::save() {
  flush();
  SavedWindows all;
  all.now_ns = now_ns_;
  all.since_ns = since_ns_;
  all.unix_offset_ns = unix_offset_ns_;
  all.minute = minute_;
  all.day_begin_ms = day_.begin_ms;
  all.day_end_ms = day_.end_ms;
  all.day_begin_ns = day_begin_ns_;
  all.tenant = saved(tenant_);
  all.crew = saved(crew_);
  all.calls = calls_;
  for (const Scope& band : bands_) all.bands.push_back(saved(band));
  for (const Queue& queue : queues_) all.queues.push_back({queue.id, saved(queue.scope), {}});
  for (const Skill& skill : skills_) all.skills.push_back({skill.name, saved(skill.scope), {}});
  for (const Team& team : teams_) {
    all.teams.push_back({team.name, saved(team.scope), saved(team.crew)});
  }
  for (const Agent& agent : agents_) {
    SavedStatsAgent& one = all.agents.emplace_back();
    one.is_known = agent.is_known;
    one.team = agent.team;
    one.activity = static_cast<uint8_t>(agent.activity);
    one.since_ns = agent.since_ns;
    for (const auto& [from_ns, activity] : agent.changes) {
      one.changes.emplace_back(from_ns, static_cast<uint8_t>(activity));
    }
    one.day_busy_ns = agent.day_busy_ns;
    one.day_idle_ns = agent.day_idle_ns;
    one.scope = saved(agent.scope);
  }
  for (const std::vector<uint16_t>& set : skill_sets_) {
    std::string& bytes = all.skill_sets.emplace_back();
    for (const uint16_t skill : set) put(skill, &bytes);
  }
  for (uint32_t call = 0; call < visits_.size(); ++call) {
    const WaitingVisit& visit = visits_[call];
    if (!visit.queue.valid()) continue;
    all.visits.push_back({call, visit.queue, visit.group, visit.is_on_line});
  }
  all.dropped_histograms = dropped_histograms_;
  return all;
}

void WindowStats::restore(const SavedWindows& all) {
  ACD_CHECK(since_ns_ < 0 && queues_.empty());
  if (all.since_ns < 0) return;  // Nothing had happened.
  now_ns_ = all.now_ns;
  since_ns_ = all.since_ns;
  unix_offset_ns_ = all.unix_offset_ns;
  minute_ = all.minute;
  day_ = {all.day_begin_ms, all.day_end_ms};
  day_begin_ns_ = all.day_begin_ns;
  take(all.tenant, &tenant_);
  crew_ = taken(all.crew);
  calls_ = all.calls;
  for (size_t i = 0; i < std::min(bands_.size(), all.bands.size()); ++i) {
    take(all.bands[i], &bands_[i]);
  }
  for (const SavedNamedScope& one : all.queues) {
    Queue& queue = queue_at(QueueIndex(queues_.size()));
    queue.id = one.name;
    take(one.scope, &queue.scope);
  }
  for (const SavedNamedScope& one : all.skills) {
    take(one.scope, &skills_[skill_named(one.name)].scope);
  }
  for (const SavedNamedScope& one : all.teams) {
    Team& team = teams_[team_named(one.name)];
    take(one.scope, &team.scope);
    team.crew = taken(one.crew);
  }
  for (const SavedStatsAgent& one : all.agents) {
    Agent& agent = agents_.emplace_back();
    agent.is_known = one.is_known;
    ACD_CHECK(one.team < teams_.size());
    agent.team = one.team;
    agent.activity = static_cast<Activity>(one.activity);
    agent.since_ns = one.since_ns;
    for (const auto& [from_ns, activity] : one.changes) {
      agent.changes.emplace_back(from_ns, static_cast<Activity>(activity));
    }
    agent.day_busy_ns = one.day_busy_ns;
    agent.day_idle_ns = one.day_idle_ns;
    take(one.scope, &agent.scope);
  }
  skill_sets_.clear();
  sets_by_skills_.clear();
  for (const std::string& bytes : all.skill_sets) {
    std::vector<uint16_t>& set = skill_sets_.emplace_back();
    for (PackedReader reader(bytes); !reader.at_end();) {
      set.push_back(static_cast<uint16_t>(reader.take()));
      ACD_CHECK(set.back() < skills_.size());
    }
    sets_by_skills_.emplace(set, static_cast<uint32_t>(skill_sets_.size() - 1));
  }
  for (const SavedStatsVisit& one : all.visits) {
    if (one.call >= visits_.size()) visits_.resize(one.call + size_t{1});
    ACD_CHECK(one.queue.value() < queues_.size() && one.group >> kBandBits < skill_sets_.size());
    visits_[one.call] = {one.queue, one.group, kNotEntered, one.is_on_line};
  }
  dropped_histograms_ = all.dropped_histograms;
}

}  // namespace acd
