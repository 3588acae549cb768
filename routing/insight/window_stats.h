// SPDX-License-Identifier: Apache-2.0
// Counters, durations and percentiles of the last minutes and of the day, of every queue, skill,
// priority band, agent and team and of the tenant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/ids.h"
#include "routing/insight/board.h"
#include "routing/insight/fact_sink.h"
#include "routing/insight/histogram.h"
#include "routing/insight/window_figures.h"
#include "routing/insight/window_view.h"
#include "routing/requirement.h"
#include "routing/wide.h"

namespace acd {

struct SavedCrew;
struct SavedScope;
struct SavedWindows;

// A local day: the Unix times, in ms, at which it begins and the next one does.
struct LocalDay {
  int64_t begin_ms = 0;
  int64_t end_ms = 0;

  bool operator==(const LocalDay&) const = default;
};
// The day in which a Unix time in ms lies. This room knows no zones.
using DayRule = std::function<LocalDay(int64_t unix_ms)>;
[[nodiscard]] LocalDay utc_day(int64_t unix_ms);

// What the histograms of all tenants of a process may take together.
inline constexpr size_t kHistogramBytesMax = size_t{256} << 20;

// Counts by the first, none 0.
using EnteredCounts = std::vector<std::pair<int64_t, int64_t>>;

// Threads:  one at a time (the observer's).
// Bounds:   a scope keeps 61 minutes in which something happened, with what was counted in each; an
//           agent kActivitiesMax changes of what they do; a queue kDayPointsMax points. Sets of skills
//           that calls ask for: kSkillSetsMax; calls of further ones count as asking for none. The
//           histograms of all tenants: kHistogramBytesMax, which the observer sees to.
// Order:    what is read depends on the events and on the time of the read, never on earlier reads.
// Fails:    never.
class WindowStats : public FactSink {
 public:
  static constexpr int64_t kMinuteNs = 60 * kNsPerS;
  static constexpr int64_t kMinutesKept = 61;
  static constexpr size_t kActivitiesMax = 1'024;
  static constexpr size_t kDayPointsMax = 26 * 12;  // A day of 25 hours, and a clock set back.
  static constexpr size_t kSkillSetsMax = kRequirementsMax;
  static constexpr size_t kStatsTeamsMax = kTeamsMax;

  WindowStats();
  WindowStats(const WindowStats&) = delete;
  WindowStats& operator=(const WindowStats&) = delete;

  // When the days of the tenant begin; utc_day() unless told. From the next midnight on.
  void set_day_rule(DayRule rule);

  // As Board::advance(), and after it: `board` has seen the same events. Before a read.
  void advance(const Board& board, int64_t now_ns);

  // REQUIRES: advanced to `now_ns`.
  [[nodiscard]] WindowView read(const StatsScope& scope, StatsWindow window, int64_t now_ns) const;
  // The spans of this day up to `now_ns`, of a queue or the tenant; none of other scopes.
  [[nodiscard]] std::vector<DayPoint> day_points(const StatsScope& scope, int64_t now_ns) const;
  // Skills that calls asked for, and teams, that have figures; "" among them for those of none.
  [[nodiscard]] std::vector<std::string_view> skills() const;
  [[nodiscard]] std::vector<std::string_view> teams() const;
  // Calls since the journal began; live_at_begin is 0.
  [[nodiscard]] CallCounts calls() const { return calls_; }
  // Queues, skills, bands and the tenant whose visits do not add up since the journal began, and the
  // tenant once more if its calls do not. Must be 0.
  [[nodiscard]] int64_t conservation_violations() const;

  // What runs is put to its minute; nothing that is read changes by it.
  [[nodiscard]] SavedWindows save();
  // What of it cannot have been saved, as "skill_sets"; null: it may be restored.
  [[nodiscard]] static const char* fault_of(const SavedWindows& saved);
  // REQUIRES: new; fault_of(saved) is null.
  void restore(const SavedWindows& saved);

  [[nodiscard]] size_t histogram_bytes() const { return histogram_bytes_; }
  // The oldest minute of the largest scope loses its histogram, its day last. False: there is none left.
  bool drop_histograms();
  [[nodiscard]] int64_t dropped_histograms() const { return dropped_histograms_; }

  // --- FactSink.
  void configure(const TenantConfig& config) override;
  void move_to(int64_t time_ns, int64_t unix_offset_ns) override;
  void queue_bound(QueueIndex queue, std::string_view id) override;
  void call_began(bool is_consult) override;
  void call_ended(CallOutcome outcome, bool is_consult) override;
  VisitGroup visit_began(const VisitBegan& began) override;
  void visit_ended(const VisitEnded& ended) override;
  void customer_answered(CallIndex call, const VisitThresholds& thresholds) override;
  void service_level_entered(QueueIndex queue, VisitGroup group, int64_t change) override;
  void dial_failed(QueueIndex queue, VisitGroup group) override;
  void requeued(QueueIndex queue, VisitGroup group, AgentIndex agent) override;
  void offer_created(QueueIndex queue, VisitGroup group, AgentIndex agent) override;
  void offer_adopted(QueueIndex queue, VisitGroup group, AgentIndex agent) override;
  void offer_ended(const OfferEnded& ended) override;
  void party_joined(AgentIndex agent) override;
  void transferred(QueueIndex queue, VisitGroup group, AgentIndex agent, bool is_first) override;
  void part_done(const PartDone& part) override;
  void outcome_told(const ToldOutcome& outcome, int64_t times, QueueIndex queue, bool has_group,
                    VisitGroup group, AgentIndex agent) override;
  void interval_ended(int64_t begin_ms, int64_t pass, int64_t end_ns, HistoryRows* rows) override;
  void agent_upserted(AgentIndex agent, std::string_view team) override;
  void agent_changed(AgentIndex agent, AgentState from, AgentState to) override;

 private:
  // A minute in which something happened.
  struct Slot {
    int64_t minute = 0;          // Router time ÷ kMinuteNs.
    int64_t waiting_at_end = 0;  // Visits under way.
    int64_t live_at_end = 0;     // Of the tenant: calls.
    Cells cells;
    Histogram histogram;
    bool has_dropped = false;  // Its histogram.
  };
  // Visits that still wait and have entered the service level, by the minute in which they did. Not
  // saved: the next advance() finds them.
  struct EnteredWaiting {
    EnteredCounts by_minute;
    EnteredCounts by_point;  // Of this day.
  };
  struct Point {
    int32_t waiting_max = 0;
    int32_t answered = 0;
    int32_t abandoned = 0;
    int32_t sl_entered = 0;
    int32_t sl_answered_in_target = 0;
  };
  // What is counted in an interval of history (window_intervals.cc), without what runs.
  struct Interval {
    Cells cells;  // Their kSlEntered is of no interval: `sl_entered` has it.
    Histogram histogram;
    int64_t sl_entered = 0;
    int64_t waiting_at_begin = 0;
    int64_t live_at_begin = 0;
  };
  struct Scope {
    bool has_visits = false;  // Else an agent or a team.
    bool has_histogram = false;
    bool has_points = false;
    bool has_interval = false;  // Of history, with cells: not of queues and agents.
    int32_t running = -1;       // Place in running_; -1: nothing happened in this minute.
    int64_t waiting = 0;        // Somebody on the line.
    int64_t callbacks_waiting = 0;
    int64_t live = 0;
    int64_t waiting_before = 0;  // As of the last slot that is gone, as that below.
    int64_t live_before = 0;
    int64_t balance = 0;      // Visits begun less ended since the journal began.
    std::vector<Slot> slots;  // By minute. The running one may be there already.
    Cells day;                // Without what runs.
    Histogram day_histogram;
    bool has_day_dropped = false;
    int64_t day_waiting_at_begin = 0;
    int64_t day_live_at_begin = 0;
    Interval interval;
    EnteredWaiting entered;
    std::vector<Point> points;

    [[nodiscard]] int64_t under_way() const { return waiting + callbacks_waiting; }
  };
  // What a scope counted in the running minute.
  struct Running {
    Scope* scope = nullptr;
    Figures figures{};
    std::vector<uint16_t> keys;  // Of its histogram, as they came; at most kKeysMax.
    Histogram histogram;         // Of those that came before them.
  };
  static constexpr size_t kKeysMax = 4'096;

  enum class Activity : uint8_t { kAway, kIdle, kBusy };
  // Agents of a team or the tenant at a time, by what they do.
  struct Crew {
    int64_t busy = 0;
    int64_t idle = 0;
    int64_t since_ns = 0;  // Counted up to here.
    Wide day_busy_ns = 0;
    Wide day_idle_ns = 0;

    void count(Activity activity, int64_t change);
  };
  struct Team {
    std::string name;
    Scope scope;
    Crew crew;
  };
  struct Agent {
    bool is_known = false;
    uint32_t team = 0;  // Place in teams_.
    Activity activity = Activity::kAway;
    int64_t since_ns = 0;
    // What they did from when on: the changes of the last hour, and the one before.
    std::vector<std::pair<int64_t, Activity>> changes;
    int64_t day_busy_ns = 0;  // Up to the last change.
    int64_t day_idle_ns = 0;
    Scope scope;
  };
  struct Skill {
    std::string name;
    Scope scope;
  };
  struct Queue {
    std::string id;
    Requirement requirement;
    std::map<std::string, uint32_t, std::less<>> sets;  // By the call's requirement.
    Scope scope;
  };
  static constexpr int64_t kNotEntered = INT64_MIN;
  // Router time may be asked for before it began, by what waits since then.
  [[nodiscard]] static int64_t floor_to_ms(int64_t ns) {
    return (ns - (ns < 0 ? kNsPerMs - 1 : 0)) / kNsPerMs;
  }
  [[nodiscard]] static int64_t minute_of(int64_t time_ns) {
    return (time_ns - (time_ns < 0 ? kMinuteNs - 1 : 0)) / kMinuteNs;
  }
  // By CallIndex: a visit that waits; without a queue there is none.
  struct WaitingVisit {
    QueueIndex queue;
    VisitGroup group = 0;
    int64_t entered_at_ns = kNotEntered;  // The service level, while it waits.
    bool is_on_line = true;
  };
  static constexpr uint32_t kBandBits = 2;

  // --- Scopes.
  [[nodiscard]] Queue& queue_at(QueueIndex index);
  [[nodiscard]] Agent& agent_at(AgentIndex index);
  [[nodiscard]] Scope& band_of(VisitGroup group);
  [[nodiscard]] const std::vector<uint16_t>& skills_of(VisitGroup group) const;
  [[nodiscard]] uint32_t skill_set(Queue& queue, std::string_view requirement);
  void take_requirement(Queue& queue);
  [[nodiscard]] uint32_t skill_named(std::string_view name);
  [[nodiscard]] uint32_t team_named(std::string_view name);
  [[nodiscard]] const Scope* find(const StatsScope& scope) const;
  // The tenant, the queue, and by the group skills and band.
  template <typename Visit>
  void for_each_of(QueueIndex queue, VisitGroup group, Visit&& visit);
  template <typename Visit>
  void for_each_scope(Visit&& visit);

  // --- Counting.
  void count(Scope& scope, const Fact& fact);
  void count_visit(const Fact& fact, QueueIndex queue, VisitGroup group);
  void count_agent(const Fact& fact, AgentIndex agent);
  [[nodiscard]] Running& running_of(Scope& scope);
  // Of an instant that may be in a minute gone by.
  void count_at(Scope& scope, int64_t time_ns, size_t number, int64_t value);
  [[nodiscard]] Slot* slot_of_minute(Scope& scope, int64_t minute);
  void flush();
  void flush(Running& running);
  void fold_keys(Running* running);
  void merge_histogram(const Histogram& from, Histogram* to);
  void drop_old(Scope& scope);
  // Whether what happened then belongs to the running minute and this day.
  [[nodiscard]] bool is_running(int64_t time_ns) const {
    return minute_of(time_ns) == minute_ && time_ns >= day_begin_ns_;
  }

  // --- The service level of those who wait.
  void enter(CallIndex call, int64_t at_ns);
  void leave(CallIndex call);
  void count_entered(const WaitingVisit& visit, int64_t change);
  void begin_wait(CallIndex call, int64_t entered_ns, const VisitThresholds& thresholds);

  // --- Time.
  void begin_minute(int64_t time_ns);
  void begin_day(const LocalDay& day, int64_t begin_ns);
  void settle(Scope& scope, Crew& crew, int64_t now_ns);
  void settle_crews(int64_t now_ns);
  void count_span(Scope& scope, Figure figure, int64_t times, int64_t begin_ns, int64_t end_ns);
  void end_interval(Scope& scope, ScopeIntervalRow row, HistoryRows* rows);
  void change_activity(AgentIndex index, Activity to);
  void change_waiting(Scope& scope, int64_t change, int64_t callbacks_change);
  // Null: not of this day, or of a scope that has none.
  [[nodiscard]] Point* point_at(Scope& scope, int64_t time_ns);
  [[nodiscard]] int64_t point_index(int64_t time_ns) const;

  // --- Snapshots.
  [[nodiscard]] static SavedScope saved(const Scope& scope);
  [[nodiscard]] static SavedCrew saved(const Crew& crew);
  void take(const SavedScope& saved, Scope* scope);
  [[nodiscard]] static Crew taken(const SavedCrew& saved);

  // --- Reading.
  void add_figures(const Scope& scope, StatsWindow window, int64_t first_minute,
                   WindowView* view) const;
  void add_time_of(const Agent& agent, StatsWindow window, int64_t begin_ns, int64_t now_ns,
                   WindowView* view) const;
  void add_time_of(const Crew& crew, StatsWindow window, int64_t begin_ns, int64_t now_ns,
                   WindowView* view) const;
  void take_percentiles(WindowView* view) const;
  [[nodiscard]] bool is_day_over(int64_t now_ns) const;
  // The local day of `now_ns`, which may be days behind the last event.
  [[nodiscard]] LocalDay today_of(int64_t now_ns) const;

  int64_t now_ns_ = 0;
  int64_t since_ns_ = -1;  // Of the first event.
  int64_t unix_offset_ns_ = 0;
  int64_t minute_ = 0;  // The running one.
  LocalDay day_;        // end_ms 0: none has begun.
  int64_t day_begin_ns_ = 0;
  DayRule day_rule_ = utc_day;
  static constexpr int64_t kNotAdvanced = INT64_MIN / 2;
  int64_t advanced_ns_ = kNotAdvanced;

  Scope tenant_;
  Crew crew_;
  CallCounts calls_;
  std::array<Scope, kPriorityBandCount> bands_;
  std::deque<Queue> queues_;  // By QueueIndex.
  std::deque<Agent> agents_;  // By AgentIndex.
  std::deque<Skill> skills_;  // The first: none.
  std::map<std::string, uint32_t, std::less<>> skills_by_name_;
  std::deque<Team> teams_;  // The first: none.
  std::map<std::string, uint32_t, std::less<>> teams_by_name_;
  std::vector<std::vector<uint16_t>> skill_sets_;  // Places in skills_.
  std::map<std::vector<uint16_t>, uint32_t> sets_by_skills_;
  size_t sets_cached_ = 0;  // In all queues.
  std::vector<WaitingVisit> visits_;

  std::deque<Running> running_;
  size_t running_count_ = 0;
  size_t histogram_bytes_ = 0;
  int64_t dropped_histograms_ = 0;
  mutable HistogramTable table_;                                  // Empty between any two calls.
  std::map<std::string, std::string, std::less<>> requirements_;  // As configured, by queue id.
};

}  // namespace acd
