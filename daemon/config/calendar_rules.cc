// SPDX-License-Identifier: Apache-2.0
// The rules of calendars, as config_service.proto states them.
#include <absl/strings/str_cat.h>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/calendar.h"
#include "daemon/config/config_tables.h"
#include "daemon/config/findings.h"
#include "daemon/config/text.h"
#include "daemon/config/words.h"

namespace acd {
namespace {

// A span with the path that it stands at.
struct PlacedSpan {
  HoursSpan span;
  std::string field;
};

using DaySpans = std::vector<PlacedSpan>;

// What is wrong with a text that parse_hours() does not take.
std::string hours_error(const std::string& text) {
  const std::string error = absl::StrCat(
      "must be HH:MM-HH:MM, from 00:00 to 24:00, the end after the beginning; is ", quote(text));
  const bool is_over_midnight = text.size() == 11 && parse_hours(text.substr(0, 6) + "24:00") &&
                                parse_hours("00:00-" + text.substr(6));
  if (!is_over_midnight) return error;
  return absl::StrCat(error, "; over midnight write two spans: ", text.substr(0, 6),
                      "24:00 and, of the next day, 00:00-", text.substr(6));
}

// Adds a span to those of its day; tells one that is too much, or into which it reaches.
void add_span(PlacedSpan added, const std::string& day, DaySpans* spans, Findings& findings) {
  if (spans->size() == kDaySpansMax) {
    findings.add(added.field,
                 absl::StrCat("is span ", kDaySpansMax + 1, day, "; at most ", kDaySpansMax));
    return;
  }
  for (const PlacedSpan& other : *spans) {
    if (added.span.begin >= other.span.end || other.span.begin >= added.span.end) continue;
    findings.add(added.field, absl::StrCat("reaches into ", other.field, day));
    return;
  }
  spans->push_back(std::move(added));
}

template <typename Texts>
DaySpans read_spans(const Texts& texts, const std::string& path, Findings& findings) {
  DaySpans spans;
  for (int i = 0; i < texts.size() && !findings.full(); ++i) {
    const std::string field = absl::StrCat(path, "[", i, "]");
    if (const auto span = parse_hours(texts.Get(i))) {
      spans.push_back({*span, field});
    } else {
      findings.add(field, hours_error(texts.Get(i)));
    }
  }
  return spans;
}

void check_weekly(const v1::Calendar& calendar, const std::string& path, Findings& findings) {
  std::array<DaySpans, kDaysOfWeek> by_day;
  const int count =
      check_count(calendar.weekly_size(), kWeeklyHoursMax, path + ".weekly", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::WeeklyHours& weekly = calendar.weekly(i);
    const std::string entry = absl::StrCat(path, ".weekly[", i, "]");
    if (weekly.days().empty()) findings.add(entry + ".days", "is required");
    if (weekly.hours().empty()) findings.add(entry + ".hours", "is required");
    if (check_count(weekly.hours_size(), kDaySpansMax, entry + ".hours", findings) !=
        weekly.hours_size()) {
      continue;
    }
    const DaySpans spans = read_spans(weekly.hours(), entry + ".hours", findings);
    std::array<bool, kDaysOfWeek> is_named{};
    for (int j = 0; j < weekly.days_size() && !findings.full(); ++j) {
      const int day = weekly.days(j);
      const std::string field = absl::StrCat(entry, ".days[", j, "]");
      const std::string word(config_word(kDayOfWeekWords, day));
      if (word.empty()) {
        findings.add(field, absl::StrCat("is ", day, ", which is no day of the week"));
        continue;
      }
      const auto place = static_cast<size_t>(day - v1::DAY_OF_WEEK_MONDAY);
      if (std::exchange(is_named[place], true)) {
        findings.add(field, absl::StrCat("stands there already: ", word));
        continue;
      }
      for (const PlacedSpan& span : spans) {
        add_span(span, absl::StrCat(" on ", word), &by_day[place], findings);
      }
    }
  }
}

void check_holiday(const v1::Holiday& holiday, const std::string& path, Findings& findings) {
  if (holiday.date().empty()) {
    findings.add(path + ".date", "is required");
  } else if (!parse_holiday_date(holiday.date())) {
    findings.add(path + ".date", absl::StrCat("is no date: ", quote(holiday.date()),
                                              "; write YYYY-MM-DD, of ", kHolidayYearMin, " to ",
                                              kHolidayYearMax, ", or MM-DD for each year"));
  }
  if (!holiday.name().empty()) {
    check_text(holiday.name(), kHolidayNameBytesMax, path + ".name", findings);
  }
  if (check_count(holiday.hours_size(), kDaySpansMax, path + ".hours", findings) !=
      holiday.hours_size()) {
    return;
  }
  DaySpans of_date;
  for (PlacedSpan& span : read_spans(holiday.hours(), path + ".hours", findings)) {
    add_span(std::move(span), "", &of_date, findings);
  }
}

void check_holidays(const v1::Calendar& calendar, const std::string& path, Findings& findings) {
  std::map<HolidayDate, int> seen;
  const int count =
      check_count(calendar.holidays_size(), kHolidaysMax, path + ".holidays", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Holiday& holiday = calendar.holidays(i);
    const std::string entry = absl::StrCat(path, ".holidays[", i, "]");
    check_holiday(holiday, entry, findings);
    const auto date = parse_holiday_date(holiday.date());
    if (!date) continue;
    const auto [first, added] = seen.emplace(*date, i);
    if (added) continue;
    findings.add(entry + ".date",
                 absl::StrCat("repeats holidays[", first->second, "], ", holiday.date()));
  }
}

std::string unknown_zone(const std::string& zone) {
  return absl::StrCat(
      "this machine knows no zone ", quote(zone),
      "; names are as in the IANA database, e.g. Europe/Berlin, case counts, and the "
      "package tzdata has them");
}

}  // namespace

void check_zone(const std::string& zone, const std::string& path, Findings& findings) {
  if (is_zone_name(zone)) return;
  findings.add(path, absl::StrCat("must be a name of the IANA database like Europe/Berlin, 1 to ",
                                  kZoneBytesMax, " bytes; is ", quote(zone)));
}

void check_calendars(const v1::TenantConfig& config, const TenantNames& names, Findings& findings) {
  const int count = check_count(config.calendars_size(), kCalendarsMax, "calendars", findings);
  for (int i = 0; i < count && !findings.full(); ++i) {
    const v1::Calendar& calendar = config.calendars(i);
    const std::string path = absl::StrCat("calendars[", i, "]");
    check_name(calendar.name(), names.tenant, "calendars", path + ".name", findings);
    const int first = names.calendars.at(calendar.name());
    if (first != i && !calendar.name().empty()) {
      findings.add(path + ".name",
                   absl::StrCat("repeats calendars[", first, "], ", quote(calendar.name())));
    }
    if (calendar.time_zone().empty()) {
      findings.add(path + ".time_zone", "is required");
    } else {
      check_zone(calendar.time_zone(), path + ".time_zone", findings);
    }
    check_weekly(calendar, path, findings);
    check_holidays(calendar, path, findings);
  }
}

std::vector<Violation> validate_zones(const v1::TenantConfig& config) {
  Findings findings;
  // What has not the form of a name is told by the rules.
  const auto check = [&](const std::string& zone, const std::string& path) {
    if (is_zone_name(zone) && !is_zone_known(zone)) findings.add(path, unknown_zone(zone));
  };
  check(config.time_zone(), "time_zone");
  for (int i = 0; i < config.calendars_size() && !findings.full(); ++i) {
    check(config.calendars(i).time_zone(), absl::StrCat("calendars[", i, "].time_zone"));
  }
  return findings.take();
}

}  // namespace acd
