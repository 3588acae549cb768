// SPDX-License-Identifier: Apache-2.0
// Minutes and days: where what was counted goes, and what agents do meanwhile.
#include <algorithm>
#include <utility>

#include "routing/insight/window_stats.h"

namespace acd {
namespace {

constexpr int64_t kMsPerDay = int64_t{24} * 3600 * 1'000;
// A clock that is further behind the day than this was wrong before.
constexpr int64_t kSetBackMs = 36 * int64_t{3600} * 1'000;

// Of a day the crew has it, as its sum may need more than 64 bits.
bool is_agents_time(size_t number) {
  return number == number_of(Figure::kBusyNs) || number == number_of(Figure::kIdleNs);
}

}  // namespace

LocalDay utc_day(int64_t unix_ms) {
  const int64_t begin_ms = (unix_ms - (unix_ms < 0 ? kMsPerDay - 1 : 0)) / kMsPerDay * kMsPerDay;
  return {begin_ms, begin_ms + kMsPerDay};
}

void WindowStats::set_day_rule(DayRule rule) {
  day_rule_ = std::move(rule);
  if (day_.end_ms == 0) return;
  const int64_t unix_ms = floor_to_ms(now_ns_ + unix_offset_ns_);
  day_.end_ms = day_rule_(std::max(unix_ms, day_.begin_ms)).end_ms;
}

void WindowStats::move_to(int64_t time_ns, int64_t unix_offset_ns) {
  unix_offset_ns_ = unix_offset_ns;
  const int64_t unix_ms = floor_to_ms(time_ns + unix_offset_ns);
  if (since_ns_ < 0) {
    since_ns_ = time_ns;
    now_ns_ = time_ns;
    minute_ = minute_of(time_ns);
    crew_.since_ns = time_ns;
  }
  if (unix_ms >= day_.end_ms || unix_ms < day_.begin_ms - kSetBackMs) {
    const LocalDay day = day_rule_(unix_ms);
    begin_day(day, std::min(day.begin_ms * kNsPerMs - unix_offset_ns, time_ns));
  }
  if (minute_of(time_ns) != minute_) begin_minute(time_ns);
  now_ns_ = time_ns;
}

template <typename Visit>
void WindowStats::for_each_scope(Visit&& visit) {
  visit(tenant_);
  for (Scope& band : bands_) visit(band);
  for (Queue& queue : queues_) visit(queue.scope);
  for (Skill& skill : skills_) visit(skill.scope);
  for (Team& team : teams_) visit(team.scope);
  for (Agent& agent : agents_) visit(agent.scope);
}

void WindowStats::begin_minute(int64_t time_ns) {
  settle_crews(time_ns);
  flush();
  minute_ = minute_of(time_ns);
  for_each_scope([this](Scope& scope) { drop_old(scope); });
}

void WindowStats::begin_day(const LocalDay& day, int64_t begin_ns) {
  // Of the first day that there is nothing came before; a clock that leapt has no midnight.
  if (begin_ns > now_ns_) settle_crews(begin_ns);
  flush();
  day_ = day;
  day_begin_ns_ = begin_ns;
  for_each_scope([this](Scope& scope) {
    scope.day.clear();
    scope.day.shrink_to_fit();
    histogram_bytes_ -= scope.day_histogram.bytes();
    scope.day_histogram = Histogram();
    scope.has_day_dropped = false;
    scope.day_waiting_at_begin = scope.under_way();
    scope.day_live_at_begin = scope.live;
    scope.entered.by_point.clear();
    scope.points.clear();
  });
  crew_.day_busy_ns = 0;
  crew_.day_idle_ns = 0;
  for (Team& team : teams_) {
    team.crew.day_busy_ns = 0;
    team.crew.day_idle_ns = 0;
  }
  for (Agent& agent : agents_) {
    agent.day_busy_ns = 0;
    agent.day_idle_ns = 0;
  }
}

// --- What was counted.

WindowStats::Running& WindowStats::running_of(Scope& scope) {
  if (scope.running >= 0) return running_[static_cast<size_t>(scope.running)];
  if (running_count_ == running_.size()) running_.emplace_back();
  scope.running = static_cast<int32_t>(running_count_);
  Running& running = running_[running_count_++];
  running.scope = &scope;
  return running;
}

void WindowStats::flush() {
  for (size_t i = 0; i < running_count_; ++i) flush(running_[i]);
  running_count_ = 0;
}

void WindowStats::flush(Running& running) {
  Scope& scope = *running.scope;
  Slot& slot = *slot_of_minute(scope, minute_);
  slot.waiting_at_end = scope.under_way();
  slot.live_at_end = scope.live;
  Cells cells = cells_of(running.figures);
  merge_cells(cells, &slot.cells);
  if (scope.has_interval) merge_cells(cells, &scope.interval.cells);
  std::erase_if(cells, [](const Cell& cell) { return is_agents_time(cell.number); });
  merge_cells(cells, &scope.day);
  if (!running.keys.empty()) fold_keys(&running);
  if (!running.histogram.empty()) {
    merge_histogram(running.histogram, &slot.histogram);
    merge_histogram(running.histogram, &scope.day_histogram);
    merge_histogram(running.histogram, &scope.interval.histogram);
    running.histogram = Histogram();
  }
  running.figures = Figures{};
  running.scope = nullptr;
  scope.running = -1;
}

void WindowStats::fold_keys(Running* running) {
  for (const uint16_t key : running->keys) table_.add(key);
  running->keys.clear();
  table_.add(running->histogram);
  running->histogram = table_.take();
}

void WindowStats::merge_histogram(const Histogram& from, Histogram* to) {
  histogram_bytes_ -= to->bytes();
  to->merge(from);
  histogram_bytes_ += to->bytes();
}

WindowStats::Slot* WindowStats::slot_of_minute(Scope& scope, int64_t minute) {
  if (minute <= minute_ - kMinutesKept) return nullptr;
  const auto at = std::lower_bound(scope.slots.begin(), scope.slots.end(), minute,
                                   [](const Slot& one, int64_t two) { return one.minute < two; });
  if (at != scope.slots.end() && at->minute == minute) return &*at;
  Slot slot;
  slot.minute = minute;
  slot.waiting_at_end = scope.under_way();
  slot.live_at_end = scope.live;
  if (minute < minute_) {  // Nothing changed in it.
    const bool is_first = at == scope.slots.begin();
    slot.waiting_at_end = is_first ? scope.waiting_before : (at - 1)->waiting_at_end;
    slot.live_at_end = is_first ? scope.live_before : (at - 1)->live_at_end;
  }
  return &*scope.slots.insert(at, std::move(slot));
}

void WindowStats::drop_old(Scope& scope) {
  auto kept = scope.slots.begin();
  while (kept != scope.slots.end() && kept->minute <= minute_ - kMinutesKept) {
    scope.waiting_before = kept->waiting_at_end;
    scope.live_before = kept->live_at_end;
    histogram_bytes_ -= kept->histogram.bytes();
    ++kept;
  }
  if (kept != scope.slots.begin()) scope.slots.erase(scope.slots.begin(), kept);
}

void WindowStats::count_at(Scope& scope, int64_t time_ns, size_t number, int64_t value) {
  if (is_running(time_ns)) {
    running_of(scope).figures[number] += value;
    return;
  }
  const auto put = [&](Cells* cells) {
    const auto at = std::lower_bound(cells->begin(), cells->end(), number,
                                     [](const Cell& one, size_t two) { return one.number < two; });
    if (at != cells->end() && at->number == number) {
      at->value += value;
    } else {
      cells->insert(at, {static_cast<uint16_t>(number), value});
    }
  };
  if (Slot* const slot = slot_of_minute(scope, minute_of(time_ns)); slot != nullptr) {
    put(&slot->cells);
  }
  if (time_ns >= day_begin_ns_ && !is_agents_time(number)) put(&scope.day);
  if (scope.has_interval) put(&scope.interval.cells);
}

// --- What agents do.

void WindowStats::Crew::count(Activity activity, int64_t change) {
  if (activity == Activity::kBusy) busy += change;
  if (activity == Activity::kIdle) idle += change;
}

void WindowStats::settle(Scope& scope, Crew& crew, int64_t now_ns) {
  const int64_t since_ns = std::exchange(crew.since_ns, now_ns);
  if (since_ns >= now_ns) return;
  const int64_t of_day_ns = now_ns - std::min(now_ns, std::max(since_ns, day_begin_ns_));
  crew.day_busy_ns += Wide{crew.busy} * of_day_ns;
  crew.day_idle_ns += Wide{crew.idle} * of_day_ns;
  count_span(scope, Figure::kBusyNs, crew.busy, since_ns, now_ns);
  count_span(scope, Figure::kIdleNs, crew.idle, since_ns, now_ns);
}

void WindowStats::settle_crews(int64_t now_ns) {
  settle(tenant_, crew_, now_ns);
  for (Team& team : teams_) settle(team.scope, team.crew, now_ns);
}

// Minute by minute, as far back as they are kept.
void WindowStats::count_span(Scope& scope, Figure figure, int64_t times, int64_t begin_ns,
                             int64_t end_ns) {
  if (times == 0) return;
  begin_ns = std::max(begin_ns, (minute_of(end_ns) - kMinutesKept + 1) * kMinuteNs);
  while (begin_ns < end_ns) {
    const int64_t next_ns = std::min(end_ns, (minute_of(begin_ns) + 1) * kMinuteNs);
    count_at(scope, begin_ns, number_of(figure), times * (next_ns - begin_ns));
    begin_ns = next_ns;
  }
}

void WindowStats::change_activity(AgentIndex index, Activity to) {
  Agent& agent = agent_at(index);
  if (agent.activity == to) return;
  Team& team = teams_[agent.team];
  settle(tenant_, crew_, now_ns_);
  settle(team.scope, team.crew, now_ns_);
  const int64_t of_day_ns = now_ns_ - std::max(agent.since_ns, day_begin_ns_);
  if (agent.activity == Activity::kBusy) agent.day_busy_ns += of_day_ns;
  if (agent.activity == Activity::kIdle) {
    agent.day_idle_ns += of_day_ns;
    Fact fact;
    fact.add(DurationKind::kIdle, now_ns_ - agent.since_ns);
    count(tenant_, fact);
    count_agent(fact, index);
  }
  for (Crew* const crew : {&crew_, &team.crew}) {
    crew->count(agent.activity, -1);
    crew->count(to, 1);
  }
  agent.activity = to;
  agent.since_ns = now_ns_;
  // The one that was under way an hour ago stays.
  const int64_t kept_ns = (minute_ - kMinutesKept + 1) * kMinuteNs;
  auto kept = agent.changes.begin();
  while (agent.changes.end() - kept > 1 && (kept + 1)->first <= kept_ns) ++kept;
  if (agent.changes.end() - kept >= static_cast<ptrdiff_t>(kActivitiesMax)) ++kept;
  agent.changes.erase(agent.changes.begin(), kept);
  agent.changes.emplace_back(now_ns_, to);
}

// --- The points of the day.

int64_t WindowStats::point_index(int64_t time_ns) const {
  return (time_ns - day_begin_ns_) / (kDayPointMs * kNsPerMs);
}

WindowStats::Point* WindowStats::point_at(Scope& scope, int64_t time_ns) {
  if (!scope.has_points || time_ns < day_begin_ns_) return nullptr;
  const auto index = static_cast<size_t>(point_index(time_ns));
  if (index >= kDayPointsMax) return nullptr;
  // Those without any event have waiting what waited before.
  while (scope.points.size() <= index) {
    scope.points.push_back({static_cast<int32_t>(scope.waiting), 0, 0, 0, 0});
  }
  return &scope.points[index];
}

}  // namespace acd
