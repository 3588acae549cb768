// SPDX-License-Identifier: Apache-2.0
// Reading windows: slots added up, and what runs.
#include <algorithm>
#include <numeric>

#include "routing/insight/window_stats.h"

namespace acd {
namespace {

std::optional<double> share_of(int64_t part, int64_t whole) {
  if (whole <= 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

int64_t minutes_of(StatsWindow window) {
  switch (window) {
    case StatsWindow::k5Min:
      return 5;
    case StatsWindow::k15Min:
      return 15;
    case StatsWindow::k30Min:
      return 30;
    case StatsWindow::k60Min:
    case StatsWindow::kDay:
      return 60;
  }
  return 60;  // Unreachable: every window returns.
}

void take_counts(const Figures& figures, WindowView* view) {
  for (size_t i = 0; i < kQueueCountMembers.size(); ++i) {
    view->counts.*kQueueCountMembers[i] = figures[i];
  }
  for (size_t i = 0; i < kOfferCountMembers.size(); ++i) {
    view->counts.offers.*kOfferCountMembers[i] = figures[number_of(Figure::kOffersCreated) + i];
  }
  for (size_t i = 0; i < kOutcomeCountMembers.size(); ++i) {
    view->counts.outcomes.*kOutcomeCountMembers[i] = figures[number_of(Figure::kResolved) + i];
  }
  view->joined = figures[number_of(Figure::kJoined)];
  view->calls.begun = figures[number_of(Figure::kCallsBegun)];
  view->calls.consults_begun = figures[number_of(Figure::kConsultsBegun)];
  view->calls.consults_ended = figures[number_of(Figure::kConsultsEnded)];
  for (size_t i = 0; i < CallCounts::kOutcomeCount; ++i) {
    view->calls.ended[i] = figures[number_of(Figure::kCallsEnded) + i];
  }
  for (size_t i = 0; i < kDurationKindCount; ++i) {
    const size_t number = number_of(static_cast<DurationKind>(i));
    view->durations[i].count = figures[number];
    view->durations[i].sum_ns = figures[number + 1];
    view->durations[i].max_ns = figures[number + 2];
  }
  view->counts.wait_answered_sum_ns = view->duration(DurationKind::kWaitAnswered).sum_ns;
  view->counts.wait_max_ns = view->duration(DurationKind::kWaitAll).max_ns;
  view->counts.handle_sum_ns = view->duration(DurationKind::kHandle).sum_ns;
}

}  // namespace

bool CallCounts::conserved() const {
  return live_at_begin + begun ==
         std::accumulate(ended.begin(), ended.end(), int64_t{0}) + live_at_end;
}

std::optional<double> WindowView::occupancy_percent() const {
  const Wide both_ns = busy_ns + idle_ns;
  if (both_ns == 0) return std::nullopt;
  return 100.0 * static_cast<double>(busy_ns) / static_cast<double>(both_ns);
}

std::optional<double> WindowView::transfer_percent() const {
  return share_of(counts.transferred_out, counts.answered + joined);
}

const WindowStats::Scope* WindowStats::find(const StatsScope& scope) const {
  switch (scope.kind) {
    case StatsScope::Kind::kTenant:
      return &tenant_;
    case StatsScope::Kind::kQueue:
      return scope.index < queues_.size() ? &queues_[scope.index].scope : nullptr;
    case StatsScope::Kind::kSkill: {
      const auto known = skills_by_name_.find(scope.name);
      return known == skills_by_name_.end() ? nullptr : &skills_[known->second].scope;
    }
    case StatsScope::Kind::kBand:
      return scope.index < bands_.size() ? &bands_[scope.index] : nullptr;
    case StatsScope::Kind::kAgent:
      return scope.index < agents_.size() ? &agents_[scope.index].scope : nullptr;
    case StatsScope::Kind::kTeam: {
      const auto known = teams_by_name_.find(scope.name);
      return known == teams_by_name_.end() ? nullptr : &teams_[known->second].scope;
    }
  }
  return nullptr;  // Unreachable: every kind returns.
}

std::vector<std::string_view> WindowStats::skills() const {
  std::vector<std::string_view> names;
  for (const auto& [name, place] : skills_by_name_) names.push_back(name);
  return names;
}

std::vector<std::string_view> WindowStats::teams() const {
  std::vector<std::string_view> names;
  for (const auto& [name, place] : teams_by_name_) names.push_back(name);
  return names;
}

bool WindowStats::is_day_over(int64_t now_ns) const {
  return now_ns + unix_offset_ns_ >= day_.end_ms * kNsPerMs;
}

LocalDay WindowStats::today_of(int64_t now_ns) const {
  return day_rule_(floor_to_ms(now_ns + unix_offset_ns_));
}

WindowView WindowStats::read(const StatsScope& asked, StatsWindow window, int64_t now_ns) const {
  WindowView view;
  view.window = window;
  const bool is_day = window == StatsWindow::kDay;
  const bool has_no_events = is_day && is_day_over(now_ns);
  const int64_t first_minute = minute_of(now_ns) - minutes_of(window);
  view.begin_ns = first_minute * kMinuteNs;
  if (is_day) {
    view.begin_ns =
        has_no_events ? today_of(now_ns).begin_ms * kNsPerMs - unix_offset_ns_ : day_begin_ns_;
  }
  view.is_partial = since_ns_ < 0 || since_ns_ > view.begin_ns;
  const Scope* const scope = find(asked);
  if (scope == nullptr) return view;
  view.waiting_at_begin = scope->under_way();
  view.waiting_at_end = scope->under_way();
  view.calls.live_at_begin = scope->live;
  view.calls.live_at_end = scope->live;
  if (!has_no_events) add_figures(*scope, window, first_minute, &view);
  if (scope == &tenant_) view.calls.consults_live_at_end = calls_.consults_live_at_end;
  view.counts.waiting = scope->waiting;
  view.counts.callbacks_waiting = scope->callbacks_waiting;
  if (scope->has_visits) {
    view.conserved = view.waiting_at_begin + view.counts.visits() ==
                         view.counts.visits_ended() + view.waiting_at_end &&
                     view.calls.conserved();
  }
  if (scope == &tenant_) {
    add_time_of(crew_, window, view.begin_ns, now_ns, &view);
  } else if (asked.kind == StatsScope::Kind::kTeam) {
    const Crew& crew = teams_[teams_by_name_.find(asked.name)->second].crew;
    add_time_of(crew, window, view.begin_ns, now_ns, &view);
  } else if (asked.kind == StatsScope::Kind::kAgent) {
    add_time_of(agents_[asked.index], window, view.begin_ns, now_ns, &view);
  }
  return view;
}

void WindowStats::add_figures(const Scope& scope, StatsWindow window, int64_t first_minute,
                              WindowView* view) const {
  const bool is_day = window == StatsWindow::kDay;
  Figures figures{};
  if (is_day) {
    add_cells(&figures, scope.day);
    table_.add(scope.day_histogram);
    view->percentiles_complete = !scope.has_day_dropped;
    view->waiting_at_begin = scope.day_waiting_at_begin;
    view->calls.live_at_begin = scope.day_live_at_begin;
    for (const auto& [point, count] : scope.entered.by_point) {
      figures[number_of(Figure::kSlEntered)] += count;
    }
  } else {
    view->waiting_at_begin = scope.waiting_before;
    view->calls.live_at_begin = scope.live_before;
    for (const Slot& slot : scope.slots) {
      if (slot.minute < first_minute) {
        view->waiting_at_begin = slot.waiting_at_end;
        view->calls.live_at_begin = slot.live_at_end;
        continue;
      }
      add_cells(&figures, slot.cells);
      table_.add(slot.histogram);
      if (slot.has_dropped) view->percentiles_complete = false;
    }
    for (const auto& [minute, count] : scope.entered.by_minute) {
      if (minute >= first_minute) figures[number_of(Figure::kSlEntered)] += count;
    }
  }
  const bool has_running = scope.running >= 0 && (is_day || minute_ >= first_minute);
  if (has_running) {
    const Running& running = running_[static_cast<size_t>(scope.running)];
    for (size_t i = 0; i < figures.size(); ++i) add_figure(&figures, i, running.figures[i]);
    table_.add(running.histogram);
    for (const uint16_t key : running.keys) table_.add(key);
  } else if (scope.running >= 0) {  // All of it came before the window.
    view->waiting_at_begin = scope.under_way();
    view->calls.live_at_begin = scope.live;
  }
  take_counts(figures, view);
  if (!is_day) {
    view->busy_ns = figures[number_of(Figure::kBusyNs)];
    view->idle_ns = figures[number_of(Figure::kIdleNs)];
  }
  if (scope.has_histogram) take_percentiles(view);
}

// Of what add_figures() has put into the table.
void WindowStats::take_percentiles(WindowView* view) const {
  const Histogram histogram = table_.take();
  for (uint32_t kind = 0; kind < kDurationKindCount; ++kind) {
    if (histogram.count(kind) == 0) continue;
    DurationView& duration = view->durations[kind];
    const auto take = [&](int32_t percent) {
      return std::min(*histogram.percentile(kind, percent) * kNsPerMs, duration.max_ns);
    };
    duration.percentiles = Percentiles{take(50), take(80), take(90), take(95), take(99)};
  }
}

// --- What agents did.

// Up to the last event and since then.
void WindowStats::add_time_of(const Crew& crew, StatsWindow window, int64_t begin_ns,
                              int64_t now_ns, WindowView* view) const {
  const int64_t rest_ns = now_ns - std::min(now_ns, std::max(crew.since_ns, begin_ns));
  if (window == StatsWindow::kDay && begin_ns == day_begin_ns_) {
    view->busy_ns = crew.day_busy_ns;
    view->idle_ns = crew.day_idle_ns;
  }
  view->busy_ns += Wide{crew.busy} * rest_ns;
  view->idle_ns += Wide{crew.idle} * rest_ns;
}

void WindowStats::add_time_of(const Agent& agent, StatsWindow window, int64_t begin_ns,
                              int64_t now_ns, WindowView* view) const {
  const auto add = [&](Activity activity, int64_t from_ns, int64_t to_ns) {
    const int64_t duration_ns = to_ns - std::max(from_ns, begin_ns);
    if (duration_ns <= 0) return;
    if (activity == Activity::kBusy) view->busy_ns += duration_ns;
    if (activity == Activity::kIdle) view->idle_ns += duration_ns;
  };
  if (window == StatsWindow::kDay) {
    if (begin_ns == day_begin_ns_) {
      view->busy_ns = agent.day_busy_ns;
      view->idle_ns = agent.day_idle_ns;
    }
    return add(agent.activity, agent.since_ns, now_ns);
  }
  for (size_t i = 0; i < agent.changes.size(); ++i) {
    const auto& [from_ns, activity] = agent.changes[i];
    add(activity, from_ns, i + 1 < agent.changes.size() ? agent.changes[i + 1].first : now_ns);
  }
}

// --- The day, and what must add up.

std::vector<DayPoint> WindowStats::day_points(const StatsScope& asked, int64_t now_ns) const {
  std::vector<DayPoint> points;
  const Scope* const scope = find(asked);
  if (scope == nullptr || !scope->has_points || since_ns_ < 0) return points;
  const bool is_over = is_day_over(now_ns);
  const int64_t begin_ms = is_over ? today_of(now_ns).begin_ms : day_.begin_ms;
  const int64_t begin_ns = is_over ? begin_ms * kNsPerMs - unix_offset_ns_ : day_begin_ns_;
  const auto count = static_cast<size_t>((now_ns - begin_ns) / (kDayPointMs * kNsPerMs) + 1);
  points.resize(std::min(count, kDayPointsMax));
  for (size_t i = 0; i < points.size(); ++i) {
    DayPoint& point = points[i];
    point.begin_unix_ms = begin_ms + static_cast<int64_t>(i) * kDayPointMs;
    point.waiting_max = scope->waiting;
    if (is_over || i >= scope->points.size()) continue;
    const Point& counted = scope->points[i];
    point.waiting_max = counted.waiting_max;
    point.answered = counted.answered;
    point.abandoned = counted.abandoned;
    point.sl_entered = counted.sl_entered;
    point.sl_answered_in_target = counted.sl_answered_in_target;
  }
  if (is_over) return points;
  for (const auto& [index, entered] : scope->entered.by_point) {
    if (static_cast<size_t>(index) < points.size()) {
      points[static_cast<size_t>(index)].sl_entered += entered;
    }
  }
  return points;
}

int64_t WindowStats::conservation_violations() const {
  int64_t violations = calls_.conserved() ? 0 : 1;
  const auto check = [&](const Scope& scope) {
    if (scope.balance != scope.under_way()) ++violations;
  };
  check(tenant_);
  for (const Scope& band : bands_) check(band);
  for (const Queue& queue : queues_) check(queue.scope);
  for (const Skill& skill : skills_) check(skill.scope);
  return violations;
}

// --- The limit of memory.

bool WindowStats::drop_histograms() {
  const auto bytes_of = [](const Scope& scope) {
    size_t bytes = scope.day_histogram.bytes() + scope.interval.histogram.bytes();
    for (const Slot& slot : scope.slots) bytes += slot.histogram.bytes();
    return bytes;
  };
  Scope* largest = &tenant_;
  size_t most = bytes_of(tenant_);
  const auto look = [&](Scope& scope) {
    const size_t bytes = bytes_of(scope);
    if (bytes <= most) return;
    most = bytes;
    largest = &scope;
  };
  for (Queue& queue : queues_) look(queue.scope);
  for (Skill& skill : skills_) look(skill.scope);
  if (most == 0) return false;
  const auto drop = [this](Histogram* histogram) {
    histogram_bytes_ -= histogram->bytes();
    *histogram = Histogram();
    ++dropped_histograms_;
  };
  const auto oldest = std::find_if(largest->slots.begin(), largest->slots.end(),
                                   [](const Slot& slot) { return !slot.histogram.empty(); });
  if (oldest != largest->slots.end()) {
    drop(&oldest->histogram);
    oldest->has_dropped = true;
  } else {
    drop(&largest->day_histogram);
    drop(&largest->interval.histogram);
    largest->has_day_dropped = true;
  }
  return true;
}

}  // namespace acd
