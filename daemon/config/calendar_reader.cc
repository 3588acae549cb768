// SPDX-License-Identifier: Apache-2.0
// Which keys a calendar has in the file, and what they become in the message.
#include "daemon/config/calendar_reader.h"

#include <absl/strings/str_cat.h>

#include "daemon/config/words.h"

namespace acd {
namespace {

constexpr std::string_view kCalendarKeys[] = {"id", "time_zone", "weekly", "holidays"};
constexpr std::string_view kWeeklyKeys[] = {"days", "hours"};
constexpr std::string_view kHolidayKeys[] = {"date", "name", "hours"};

// A value that is there but cannot be read is set all the same, so that the rules do not ask for it.

template <typename Message>
void read_hours(FieldReader& reader, const MapReader& map, Message& message) {
  map.read_list("hours", [&](const YamlNode& span, const std::string& path) {
    message.add_hours(reader.text(span, path).value_or(""));
  });
}

// In the message no hours mean a day that is closed, which is not what an empty list looks like.
void refuse_empty_list(FieldReader& reader, const YamlNode& node, const std::string& field,
                       const char* key, const char* remedy) {
  const YamlNode* value = value_of(node, key);
  if (value == nullptr || value->kind != YamlNode::Kind::kList || !value->children.empty()) return;
  reader.report(value->line, absl::StrCat(field, ".", key), absl::StrCat("is empty; ", remedy));
}

void read_weekly(FieldReader& reader, const YamlNode& node, const std::string& field,
                 v1::WeeklyHours& weekly) {
  if (!reader.check_keys(node, field, kWeeklyKeys)) return;
  const MapReader map(reader, node, field);
  map.read_list("days", [&](const YamlNode& day, const std::string& path) {
    weekly.add_days(static_cast<v1::DayOfWeek>(
        reader.choice(day, path, kDayOfWeekWords).value_or(v1::DAY_OF_WEEK_UNSPECIFIED)));
  });
  read_hours(reader, map, weekly);
}

void read_holiday(FieldReader& reader, const YamlNode& node, const std::string& field,
                  v1::Holiday& holiday) {
  if (!reader.check_keys(node, field, kHolidayKeys)) return;
  const MapReader map(reader, node, field);
  map.read("date", &FieldReader::text, [&](const std::string& value) { holiday.set_date(value); });
  map.read("name", &FieldReader::text, [&](const std::string& value) { holiday.set_name(value); });
  refuse_empty_list(reader, node, field, "hours", "leave the key out for a day that is closed");
  read_hours(reader, map, holiday);
}

}  // namespace

void read_calendar(FieldReader& reader, const YamlNode& node, const std::string& field,
                   const std::string& tenant, v1::Calendar& calendar) {
  if (!reader.check_keys(node, field, kCalendarKeys)) return;
  const MapReader map(reader, node, field);
  map.read("id", &FieldReader::id, [&](const std::string& id) {
    calendar.set_name(absl::StrCat("tenants/", tenant, "/calendars/", id));
  });
  map.read("time_zone", &FieldReader::text,
           [&](const std::string& value) { calendar.set_time_zone(value); });
  map.read_list("weekly", [&](const YamlNode& weekly, const std::string& path) {
    read_weekly(reader, weekly, path, *calendar.add_weekly());
  });
  map.read_list("holidays", [&](const YamlNode& holiday, const std::string& path) {
    read_holiday(reader, holiday, path, *calendar.add_holidays());
  });
}

}  // namespace acd
