// SPDX-License-Identifier: Apache-2.0
// WindowStats to and from a snapshot.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/check.h"
#include "routing/insight/saved_windows.h"
#include "routing/insight/window_stats.h"
#include "routing/limits.h"

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

// Keys below `limit` that rise, each with a value.
bool is_packed(std::string_view bytes, uint64_t limit) {
  uint64_t key = 0;
  bool is_first = true;
  for (PackedReader reader(bytes); !reader.at_end(); is_first = false) {
    const uint64_t step = reader.take();
    if (reader.at_end() || (step == 0 && !is_first) || step >= limit - key) return false;
    key += step;
    static_cast<void>(reader.take());
  }
  return true;
}

bool is_whole(const SavedScope& scope) {
  constexpr uint64_t kCells = UINT16_MAX;  // A later release may know more of them.
  constexpr uint64_t kKeys = uint64_t{kDurationKindCount} << Histogram::kSeriesBits;
  const auto disorder = std::ranges::adjacent_find(
      scope.slots, [](const SavedSlot& a, const SavedSlot& b) { return a.minute >= b.minute; });
  return disorder == scope.slots.end() && scope.points.size() <= WindowStats::kDayPointsMax &&
         std::ranges::all_of(scope.slots,
                             [](const SavedSlot& slot) {
                               return is_packed(slot.cells, kCells) &&
                                      is_packed(slot.histogram, kKeys);
                             }) &&
         is_packed(scope.day, kCells) && is_packed(scope.day_histogram, kKeys) &&
         is_packed(scope.interval, kCells) && is_packed(scope.interval_histogram, kKeys);
}

bool are_whole(const std::vector<SavedNamedScope>& scopes) {
  return std::ranges::all_of(scopes,
                             [](const SavedNamedScope& one) { return is_whole(one.scope); });
}

// At most `max` besides the first, which is that of none.
bool are_named(const std::vector<SavedNamedScope>& scopes, size_t max) {
  if (scopes.empty() || !scopes[0].name.empty() || scopes.size() > max + 1) return false;
  std::set<std::string_view> names;
  return std::ranges::all_of(
      scopes, [&](const SavedNamedScope& one) { return names.insert(one.name).second; });
}

bool is_whole(const SavedStatsAgent& agent) {
  const auto is_activity = [](uint8_t activity) { return activity <= 2; };
  return is_whole(agent.scope) && is_activity(agent.activity) &&
         agent.changes.size() <= WindowStats::kActivitiesMax &&
         std::ranges::all_of(agent.changes,
                             [&](const auto& change) { return is_activity(change.second); });
}

}  // namespace

const char* WindowStats::fault_of(const SavedWindows& all) {
  if (all.since_ns < 0) return nullptr;  // Nothing of it is restored.
  if (!is_whole(all.tenant)) return "tenant";
  if (all.bands.size() != kPriorityBandCount ||
      !std::ranges::all_of(all.bands, [](const auto& one) { return is_whole(one); })) {
    return "bands";
  }
  if (all.queues.size() > kQueuesMax || !are_whole(all.queues)) return "queues";
  if (!are_named(all.skills, kSkillsMax) || !are_whole(all.skills)) return "skills";
  if (!are_named(all.teams, kStatsTeamsMax) || !are_whole(all.teams)) return "teams";
  for (const SavedStatsAgent& agent : all.agents) {
    if (agent.team >= all.teams.size() || !is_whole(agent)) return "agents";
  }
  if (all.skill_sets.empty() || all.skill_sets.size() > kSkillSetsMax) return "skill_sets";
  for (const std::string& bytes : all.skill_sets) {
    if (bytes.empty()) return "skill_sets";
    for (PackedReader reader(bytes); !reader.at_end();) {
      if (reader.take() >= all.skills.size()) return "skill_sets";
    }
  }
  for (const SavedStatsVisit& visit : all.visits) {
    if (visit.call >= kCallsMax || visit.queue.value() >= all.queues.size() ||
        visit.group >> kBandBits >= all.skill_sets.size()) {
      return "visits";
    }
  }
  return nullptr;
}

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
  saved.interval = packed(scope.interval.cells);
  saved.interval_histogram = packed(scope.interval.histogram);
  saved.interval_sl_entered = scope.interval.sl_entered;
  saved.interval_waiting_at_begin = scope.interval.waiting_at_begin;
  saved.interval_live_at_begin = scope.interval.live_at_begin;
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
  scope->interval = {unpacked_cells(saved.interval), unpacked_histogram(saved.interval_histogram),
                     saved.interval_sl_entered, saved.interval_waiting_at_begin,
                     saved.interval_live_at_begin};
  histogram_bytes_ += scope->interval.histogram.bytes();
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
