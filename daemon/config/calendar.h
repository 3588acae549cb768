// SPDX-License-Identifier: Apache-2.0
// When a calendar is open, and when that next changes, by the clocks of its zone.
#pragma once

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "acd/v1/config_service.pb.h"

namespace acd {

inline constexpr size_t kCalendarsMax = 1'000;  // Of a tenant.
inline constexpr size_t kWeeklyHoursMax = 100;  // Entries of a calendar.
inline constexpr size_t kHolidaysMax = 1'000;
inline constexpr size_t kDaySpansMax = 24;  // Of one day.
inline constexpr size_t kZoneBytesMax = 64;
inline constexpr size_t kHolidayNameBytesMax = 128;
inline constexpr int32_t kHolidayYearMin = 1970;
inline constexpr int32_t kHolidayYearMax = 2199;
inline constexpr int32_t kDaysOfWeek = 7;

// A span of local time, in minutes of a day: 0 <= begin < end <= 1,440.
struct HoursSpan {
  int32_t begin = 0;
  int32_t end = 0;

  auto operator<=>(const HoursSpan&) const = default;
};

// "08:00-12:30" or "22:00-24:00"; none when it is no such span.
[[nodiscard]] std::optional<HoursSpan> parse_hours(std::string_view text);

// A date, of each year where `year` is 0.
struct HolidayDate {
  int32_t year = 0;
  int32_t month = 0;
  int32_t day = 0;

  auto operator<=>(const HolidayDate&) const = default;
};

// "2026-12-24", or "12-24"; none when there is no such date.
[[nodiscard]] std::optional<HolidayDate> parse_holiday_date(std::string_view text);

// Whether `zone` has the form of a name in the IANA database: letters, digits, _ + - in parts that
// / joins. What stands for the machine's own zone, or counts leap seconds, has not.
[[nodiscard]] bool is_zone_name(std::string_view zone);

// Whether this machine knows the zone. Reads the machine's database of zones.
[[nodiscard]] bool is_zone_known(std::string_view zone);

// The days of one zone. A day begins at the first instant at which the zone's clocks show its date;
// what they show twice belongs to the later day, so each instant is in one day.
//
// Threads:  constant.
// Fails:    never; where the machine does not know the zone (knows_zone()) the days are those of UTC.
class LocalDays {
 public:
  // Empty: UTC.
  explicit LocalDays(std::string_view zone);

  [[nodiscard]] bool knows_zone() const { return knows_zone_; }
  // When the day of a Unix time in nanoseconds began: at `unix_ns` or before.
  [[nodiscard]] int64_t begin_ns(int64_t unix_ns) const;
  // When the next one begins: after `unix_ns`.
  [[nodiscard]] int64_t next_begin_ns(int64_t unix_ns) const;

 private:
  absl::TimeZone zone_;
  bool knows_zone_ = true;
};

// The hours of one calendar.
//
// A span [from, to) of a date is open from the first instant at which the clocks of the zone show
// `from` on it to the first at which they show `to`; a time that they skip is the instant at which
// they do. So a span within the hour that is skipped never opens, one that ends within an hour that
// comes twice ends the first time, and no span overlaps another or opens twice.
//
// Threads:  constant.
// Fails:    never; where the machine does not know the zone (knows_zone()) it is never open.
class Calendar {
 public:
  // How far ahead the next change is looked for.
  static constexpr int32_t kHorizonDays = 400;

  // REQUIRES: validate_config() found nothing.
  explicit Calendar(const v1::Calendar& calendar);

  [[nodiscard]] bool knows_zone() const { return zone_.has_value(); }
  // At a Unix time in nanoseconds.
  [[nodiscard]] bool is_open(int64_t unix_ns) const;
  // The first Unix time after `unix_ns` at which is_open() is another, in nanoseconds; kNeverNs when
  // there is none within kHorizonDays.
  [[nodiscard]] int64_t next_change_ns(int64_t unix_ns) const;

 private:
  using Spans = std::vector<HoursSpan>;  // In order, none touching another.

  // From and to, in Unix seconds.
  struct OpenTime {
    int64_t begin_s = 0;
    int64_t end_s = 0;
  };

  [[nodiscard]] const Spans& spans_of(absl::CivilDay date) const;
  // Of one date, in order; those that the zone's clocks skip are not there.
  [[nodiscard]] std::vector<OpenTime> open_times(absl::CivilDay date) const;
  // Whether it is not open at all times, or at none.
  [[nodiscard]] bool find_ever_changes() const;

  std::optional<absl::TimeZone> zone_;
  std::array<Spans, kDaysOfWeek> weekly_;  // From Monday on.
  std::map<HolidayDate, Spans> holidays_;
  bool ever_changes_ = false;
};

}  // namespace acd
