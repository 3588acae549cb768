// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/calendar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "routing/limits.h"

namespace acd {
namespace {

constexpr int32_t kMinutesPerHour = 60;
constexpr int32_t kHoursPerDay = 24;
constexpr int32_t kMinutesPerDay = kHoursPerDay * kMinutesPerHour;
constexpr int32_t kSecondsPerMinute = 60;
// A year that has every date.
constexpr int32_t kLeapYear = 2000;

// The number that exactly the digits of `text` are; -1 when something else is in it.
int32_t digits(std::string_view text) {
  int32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Minute of the day of "HH:MM", 0..1,440; -1 when it is none.
int32_t parse_minute(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  const int32_t hour = digits(text.substr(0, 2));
  const int32_t minute = digits(text.substr(3));
  if (hour < 0 || minute < 0 || minute >= kMinutesPerHour) return -1;
  const int32_t of_day = hour * kMinutesPerHour + minute;
  return of_day > kMinutesPerDay ? -1 : of_day;
}

// Where the machine has its zones, as abseil looks for them.
std::string zone_path(std::string_view zone) {
  const char* const folder = std::getenv("TZDIR");
  std::string path = folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
  path += '/';
  path += zone;
  return path;
}

// In order, those that touch joined.
std::vector<HoursSpan> joined(std::vector<HoursSpan> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<HoursSpan> result;
  for (const HoursSpan& span : spans) {
    if (!result.empty() && result.back().end >= span.begin) {
      result.back().end = std::max(result.back().end, span.end);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

template <typename Texts>
void add_spans(const Texts& texts, std::vector<HoursSpan>* spans) {
  for (const std::string& text : texts) {
    if (const auto span = parse_hours(text)) spans->push_back(*span);
  }
}

int64_t floor_seconds(int64_t unix_ns) {
  return unix_ns / kNsPerS - (unix_ns % kNsPerS < 0 ? 1 : 0);
}

// When the zone's clocks first show that minute of the date, in Unix seconds.
int64_t instant_s(const absl::TimeZone& zone, absl::CivilDay date, int32_t minute) {
  const absl::CivilSecond shown = absl::CivilSecond(date) + int64_t{minute} * kSecondsPerMinute;
  const absl::TimeZone::TimeInfo info = zone.At(shown);
  // Of a time that comes twice `pre` is the first one.
  return absl::ToUnixSeconds(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans
                                                                            : info.pre);
}

absl::CivilDay date_at(const absl::TimeZone& zone, int64_t unix_s) {
  return absl::CivilDay(zone.At(absl::FromUnixSeconds(unix_s)).cs);
}

}  // namespace

std::optional<HoursSpan> parse_hours(std::string_view text) {
  constexpr size_t kSize = 11;
  if (text.size() != kSize || text[5] != '-') return std::nullopt;
  const HoursSpan span{parse_minute(text.substr(0, 5)), parse_minute(text.substr(6))};
  if (span.begin < 0 || span.end <= span.begin) return std::nullopt;
  return span;
}

std::optional<HolidayDate> parse_holiday_date(std::string_view text) {
  HolidayDate date;
  constexpr size_t kWithYear = 10;
  constexpr size_t kEachYear = 5;
  if (text.size() == kWithYear && text[4] == '-') {
    date.year = digits(text.substr(0, 4));
    if (date.year < kHolidayYearMin || date.year > kHolidayYearMax) return std::nullopt;
    text.remove_prefix(kEachYear);
  }
  if (text.size() != kEachYear || text[2] != '-') return std::nullopt;
  date.month = digits(text.substr(0, 2));
  date.day = digits(text.substr(3));
  if (date.month < 1 || date.day < 1) return std::nullopt;
  // What is no date becomes another one.
  const absl::CivilDay civil(date.year == 0 ? kLeapYear : date.year, date.month, date.day);
  if (civil.month() != date.month || civil.day() != date.day) return std::nullopt;
  return date;
}

bool is_zone_name(std::string_view zone) {
  if (zone.empty() || zone.size() > kZoneBytesMax) return false;
  for (const std::string_view other : {"localtime", "posixrules"}) {
    if (zone == other) return false;
  }
  for (const std::string_view other : {"right/", "posix/", "Fixed/"}) {
    if (zone.starts_with(other)) return false;
  }
  bool is_part_empty = true;
  for (const char c : zone) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
    if (c == '/' ? is_part_empty : !is_letter && !is_other) return false;
    is_part_empty = c == '/';
  }
  return !is_part_empty;
}

bool is_zone_known(std::string_view zone) {
  // abseil remembers for ever each name that it is asked for, so it is asked for no others.
  if (!is_zone_name(zone) || access(zone_path(zone).c_str(), R_OK) != 0) return false;
  absl::TimeZone loaded;
  return absl::LoadTimeZone({zone.data(), zone.size()}, &loaded);
}

LocalDays::LocalDays(std::string_view zone) : zone_(absl::UTCTimeZone()) {
  if (zone.empty()) return;
  knows_zone_ = is_zone_known(zone) && absl::LoadTimeZone({zone.data(), zone.size()}, &zone_);
}

int64_t LocalDays::begin_ns(int64_t unix_ns) const {
  const int64_t unix_s = floor_seconds(unix_ns);
  absl::CivilDay date = date_at(zone_, unix_s);
  // Where clocks go back over midnight, the date that they show again is over.
  if (instant_s(zone_, date + 1, 0) <= unix_s) ++date;
  return instant_s(zone_, date, 0) * kNsPerS;
}

int64_t LocalDays::next_begin_ns(int64_t unix_ns) const {
  const int64_t unix_s = floor_seconds(unix_ns);
  absl::CivilDay date = date_at(zone_, unix_s) + 1;
  while (instant_s(zone_, date, 0) <= unix_s) ++date;
  return instant_s(zone_, date, 0) * kNsPerS;
}

Calendar::Calendar(const v1::Calendar& calendar) {
  if (is_zone_known(calendar.time_zone())) {
    absl::TimeZone zone;
    if (absl::LoadTimeZone(calendar.time_zone(), &zone)) zone_ = zone;
  }
  for (const v1::WeeklyHours& weekly : calendar.weekly()) {
    for (const int day : weekly.days()) {
      const int place = day - v1::DAY_OF_WEEK_MONDAY;
      if (place < 0 || place >= kDaysOfWeek) continue;
      add_spans(weekly.hours(), &weekly_[static_cast<size_t>(place)]);
    }
  }
  for (Spans& spans : weekly_) spans = joined(std::move(spans));
  for (const v1::Holiday& holiday : calendar.holidays()) {
    const auto date = parse_holiday_date(holiday.date());
    if (!date) continue;
    Spans spans;
    add_spans(holiday.hours(), &spans);
    holidays_[*date] = joined(std::move(spans));
  }
  ever_changes_ = find_ever_changes();
}

bool Calendar::find_ever_changes() const {
  const Spans& first = weekly_[0];
  if (!first.empty() && first != Spans{{0, kMinutesPerDay}}) return true;
  for (const Spans& spans : weekly_) {
    if (spans != first) return true;
  }
  return std::any_of(holidays_.begin(), holidays_.end(),
                     [&first](const auto& one) { return one.second != first; });
}

bool Calendar::is_open(int64_t unix_ns) const {
  if (!zone_) return false;
  const int64_t unix_s = floor_seconds(unix_ns);
  const absl::CivilDay today = date_at(*zone_, unix_s);
  // Where clocks go back over midnight, an instant that shows one date again is after the next one's
  // begin.
  for (absl::CivilDay date = today; date <= today + 1; ++date) {
    for (const OpenTime& open : open_times(date)) {
      if (open.begin_s <= unix_s && unix_s < open.end_s) return true;
    }
  }
  return false;
}

int64_t Calendar::next_change_ns(int64_t unix_ns) const {
  if (!zone_ || !ever_changes_) return kNeverNs;
  const int64_t unix_s = floor_seconds(unix_ns);
  const absl::CivilDay today = date_at(*zone_, unix_s);
  const absl::CivilDay limit = today + kHorizonDays;
  // The last time found that is not over, with those that touch it.
  std::optional<OpenTime> open;
  for (absl::CivilDay date = today; date < limit; ++date) {
    for (const OpenTime& next : open_times(date)) {
      if (open && next.begin_s <= open->end_s) {
        open->end_s = std::max(open->end_s, next.end_s);
        continue;
      }
      if (open && open->end_s > unix_s) return open->end_s * kNsPerS;
      open = next;
      if (open->begin_s > unix_s) return open->begin_s * kNsPerS;
    }
  }
  const bool ends = open && open->end_s > unix_s && open->end_s < instant_s(*zone_, limit, 0);
  return ends ? open->end_s * kNsPerS : kNeverNs;
}

const Calendar::Spans& Calendar::spans_of(absl::CivilDay date) const {
  if (!holidays_.empty()) {
    HolidayDate key{static_cast<int32_t>(date.year()), date.month(), date.day()};
    auto found = holidays_.find(key);
    if (found == holidays_.end()) {
      key.year = 0;
      found = holidays_.find(key);
    }
    if (found != holidays_.end()) return found->second;
  }
  return weekly_[static_cast<size_t>(absl::GetWeekday(date))];  // Monday is 0.
}

std::vector<Calendar::OpenTime> Calendar::open_times(absl::CivilDay date) const {
  std::vector<OpenTime> times;
  for (const HoursSpan& span : spans_of(date)) {
    const OpenTime open{instant_s(*zone_, date, span.begin), instant_s(*zone_, date, span.end)};
    if (open.begin_s < open.end_s) times.push_back(open);
  }
  return times;
}

}  // namespace acd
