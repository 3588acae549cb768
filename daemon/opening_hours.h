// SPDX-License-Identifier: Apache-2.0
// What the queues of one tenant should be, open or closed: by their calendars and by what
// supervisors said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/calendar.h"
#include "routing/insight/board.h"
#include "routing/limits.h"

namespace acd {

// What a supervisor said of a queue, while it holds. Times are Unix milliseconds.
struct QueueOverride {
  std::string queue;  // Id.
  bool is_open = false;
  std::string reason;
  std::string principal;
  int64_t since_ms = 0;
  int64_t until_ms = 0;  // 0: until somebody says so.

  bool operator==(const QueueOverride&) const = default;
};

// The reason that `queue.opened` and `queue.closed` give.
inline constexpr int32_t kQueueReasonOverride = 100;  // A supervisor.
inline constexpr int32_t kQueueReasonCalendar = 200;  // The calendar, or that it has none any more.

// The calendars of a configuration and who follows them, made where there is time for it.
struct HoursTables {
  static constexpr size_t kNoCalendar = SIZE_MAX;

  struct NamedCalendar {
    std::string id;
    Calendar hours;
  };
  // What a queue follows, by place in `calendars`.
  struct Followed {
    size_t hours = kNoCalendar;
    size_t callbacks = kNoCalendar;  // When its customers may be called.
  };
  std::vector<NamedCalendar> calendars;
  std::vector<std::pair<std::string, Followed>> queues;  // By id, as configured.
  std::map<std::string, Followed, std::less<>> followed_by;
  LocalDays days{std::string_view()};  // Of the tenant: when its days begin.
  // Those of calendars and of the tenant that this machine does not know, as "calendar office:
  // Europe/Nowhere" and "time_zone: Europe/Nowhere".
  std::vector<std::string> unknown_zones;
};

// REQUIRES: validate_config() found nothing.
[[nodiscard]] std::shared_ptr<const HoursTables> make_hours_tables(const v1::TenantConfig& config);

// Threads:  one at a time.
// Bounds:   one override a queue of the configuration.
class OpeningHours {
 public:
  // So often a calendar is asked anew at least: what is farther ahead than it looks comes nearer.
  static constexpr int64_t kAskNs = int64_t{24} * 3600 * kNsPerS;

  // What a queue should be.
  struct Wanted {
    bool is_open = true;
    QueueHours hours;  // With `source` kUnknownZone the queue stays as it is.
  };

  // From now on the queues and calendars are these; overrides of queues that are left out go.
  void configure(std::shared_ptr<const HoursTables> tables);

  [[nodiscard]] bool has_queue(std::string_view queue) const;
  // In place of what was said of the queue before. REQUIRES: has_queue().
  void put(QueueOverride one);
  void follow_calendar(std::string_view queue);
  // By queue.
  [[nodiscard]] const std::map<std::string, QueueOverride, std::less<>>& overrides() const {
    return overrides_;
  }
  // The queues whose override is over at that Unix time.
  [[nodiscard]] std::vector<std::string> lapsed(int64_t unix_ns) const;
  // Whether a clock has a say.
  [[nodiscard]] bool is_timed() const { return !tables_->calendars.empty() || !overrides_.empty(); }

  // What a queue should be, and whether its customers may be called.
  struct WantedQueue {
    std::string queue;  // Id.
    Wanted hours;
    Wanted callbacks;
  };

  // Every queue of the configuration, in its order, at that Unix time. REQUIRES: nothing has
  // lapsed.
  [[nodiscard]] std::vector<WantedQueue> at(int64_t unix_ns);
  // After at(): the Unix time up to which it would say the same.
  [[nodiscard]] int64_t due_ns() const;
  // What the queue would be if nobody overrode it. REQUIRES: has_queue().
  [[nodiscard]] Wanted without_override(std::string_view queue, int64_t unix_ns);

 private:
  static constexpr size_t kNoCalendar = HoursTables::kNoCalendar;

  // What a calendar says from `seen_ns` up to `due_ns`.
  struct Said {
    bool is_open = false;
    int64_t next_change_ns = kNeverNs;
    int64_t seen_ns = 0;
    int64_t due_ns = INT64_MIN;
  };

  [[nodiscard]] const Said& ask(size_t calendar, int64_t unix_ns);
  [[nodiscard]] Wanted by_calendar(size_t calendar, int64_t unix_ns);
  [[nodiscard]] Wanted by_override(const QueueOverride& one, size_t calendar) const;

  std::shared_ptr<const HoursTables> tables_ = std::make_shared<const HoursTables>();
  std::vector<Said> said_;  // By place in tables_->calendars.
  std::map<std::string, QueueOverride, std::less<>> overrides_;
};

}  // namespace acd
