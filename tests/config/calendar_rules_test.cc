// SPDX-License-Identifier: Apache-2.0
// The rules of calendars, in a message and in a file.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "daemon/config/calendar.h"
#include "daemon/config/config_tables.h"
#include "tests/config/file_cases.h"
#include "tests/config/queue_samples.h"

namespace acd {
namespace {

// A good configuration with one calendar, which its first queue follows.
Config with_calendar() {
  Config config = make_config();
  v1::Calendar* calendar = config.add_calendars();
  calendar->set_name("tenants/bank/calendars/office");
  calendar->set_time_zone("Europe/Berlin");
  v1::WeeklyHours* weekly = calendar->add_weekly();
  weekly->add_days(v1::DAY_OF_WEEK_MONDAY);
  weekly->add_days(v1::DAY_OF_WEEK_TUESDAY);
  weekly->add_hours("08:00-12:00");
  weekly->add_hours("13:00-18:00");
  v1::Holiday* holiday = calendar->add_holidays();
  holiday->set_date("12-25");
  holiday->set_name("Christmas Day");
  config.mutable_queues(0)->set_calendar(calendar->name());
  return config;
}

struct CalendarCase {
  std::function<void(Config&, v1::Calendar&)> spoil;
  std::string violations;
};

TEST(CalendarRulesTest, AGoodOneIsGood) {
  EXPECT_EQ(to_text(validate_config(with_calendar())), "");
  EXPECT_EQ(to_text(validate_zones(with_calendar())), "");
}

TEST(CalendarRulesTest, NameEachFault) {
  const std::string path = "calendars[0]";
  const std::vector<CalendarCase> cases = {
      {[](Config& config, v1::Calendar& one) { *config.add_calendars() = one; },
       "calendars[1].name: repeats calendars[0], 'tenants/bank/calendars/office'"},
      {[](Config& config, v1::Calendar& one) {
         one.set_name("office");
         config.mutable_queues(0)->clear_calendar();
       },
       path + ".name: must be tenants/bank/calendars/{id}, the id 1 to 64 of a-z A-Z 0-9 . _ -; is "
              "'office'"},
      {[](Config& config, v1::Calendar&) {
         config.mutable_queues(0)->set_calendar("tenants/bank/calendars/other");
       },
       "queues[0].calendar: the tenant has no calendar 'tenants/bank/calendars/other'"},
      {[](Config&, v1::Calendar& one) { one.clear_time_zone(); }, path + ".time_zone: is required"},
      {[](Config&, v1::Calendar& one) { one.set_time_zone("localtime"); },
       path + ".time_zone: must be a name of the IANA database like Europe/Berlin, 1 to 64 bytes; "
              "is 'localtime'"},
      {[](Config&, v1::Calendar& one) { one.mutable_weekly(0)->clear_days(); },
       path + ".weekly[0].days: is required"},
      {[](Config&, v1::Calendar& one) { one.mutable_weekly(0)->clear_hours(); },
       path + ".weekly[0].hours: is required"},
      {[](Config&, v1::Calendar& one) {
         one.mutable_weekly(0)->set_days(1, static_cast<v1::DayOfWeek>(8));
       },
       path + ".weekly[0].days[1]: is 8, which is no day of the week"},
      {[](Config&, v1::Calendar& one) {
         one.mutable_weekly(0)->set_days(1, v1::DAY_OF_WEEK_MONDAY);
       },
       path + ".weekly[0].days[1]: stands there already: mon"},
      {[](Config&, v1::Calendar& one) { one.mutable_weekly(0)->set_hours(1, "13:00-25:00"); },
       path + ".weekly[0].hours[1]: must be HH:MM-HH:MM, from 00:00 to 24:00, the end after the "
              "beginning; is '13:00-25:00'"},
      {[](Config&, v1::Calendar& one) { one.mutable_weekly(0)->set_hours(1, "22:00-06:00"); },
       path + ".weekly[0].hours[1]: must be HH:MM-HH:MM, from 00:00 to 24:00, the end after the "
              "beginning; is '22:00-06:00'; over midnight write two spans: 22:00-24:00 and, of the "
              "next day, 00:00-06:00"},
      {[](Config&, v1::Calendar& one) { one.mutable_weekly(0)->set_hours(1, "11:59-18:00"); },
       path + ".weekly[0].hours[1]: reaches into calendars[0].weekly[0].hours[0] on mon\n" + path +
           ".weekly[0].hours[1]: reaches into calendars[0].weekly[0].hours[0] on tue"},
      {[](Config&, v1::Calendar& one) {
         v1::WeeklyHours* more = one.add_weekly();
         more->add_days(v1::DAY_OF_WEEK_TUESDAY);
         more->add_hours("12:00-13:30");
       },
       path + ".weekly[1].hours[0]: reaches into calendars[0].weekly[0].hours[1] on tue"},
      {[](Config&, v1::Calendar& one) { one.mutable_holidays(0)->clear_date(); },
       path + ".holidays[0].date: is required"},
      {[](Config&, v1::Calendar& one) { one.mutable_holidays(0)->set_date("2026-02-29"); },
       path + ".holidays[0].date: is no date: '2026-02-29'; write YYYY-MM-DD, of 1970 to 2199, or "
              "MM-DD for each year"},
      {[](Config&, v1::Calendar& one) { *one.add_holidays() = one.holidays(0); },
       path + ".holidays[1].date: repeats holidays[0], 12-25"},
      {[](Config&, v1::Calendar& one) { one.mutable_holidays(0)->set_name("a\nb"); },
       path + ".holidays[0].name: must be valid UTF-8 without control characters; is 'a\\nb'"},
      {[](Config&, v1::Calendar& one) {
         one.mutable_holidays(0)->add_hours("10:00-12:00");
         one.mutable_holidays(0)->add_hours("09:00-10:01");
       },
       path + ".holidays[0].hours[1]: reaches into calendars[0].holidays[0].hours[0]"},
  };
  for (const CalendarCase& each : cases) {
    Config config = with_calendar();
    v1::Calendar* const calendar = config.mutable_calendars(0);
    config.mutable_calendars()->Reserve(2);  // So that a copy may be added.
    each.spoil(config, *calendar);
    EXPECT_EQ(to_text(validate_config(config)), each.violations + "\n");
  }
}

TEST(CalendarRulesTest, HoldEveryLimit) {
  const auto first_of = [](const Config& config) {
    const std::vector<Violation> violations = validate_config(config);
    return violations.empty() ? "" : violations[0].field + ": " + violations[0].description;
  };
  Config config = with_calendar();
  v1::Calendar* calendar = config.mutable_calendars(0);
  for (size_t i = 0; i < kHolidaysMax; ++i) {
    calendar->add_holidays()->set_date(absl::StrCat(kHolidayYearMin + i / 12 % 200, "-",
                                                    absl::Dec(i % 12 + 1, absl::kZeroPad2), "-01"));
  }
  EXPECT_EQ(first_of(config), "calendars[0].holidays: has 1001 entries, at most 1000 are allowed");
  calendar->clear_holidays();
  EXPECT_EQ(first_of(config), "");
  v1::WeeklyHours* weekly = calendar->mutable_weekly(0);
  weekly->clear_hours();
  for (size_t i = 0; i < kDaySpansMax; ++i) {
    const auto hour = absl::Dec(i, absl::kZeroPad2);
    weekly->add_hours(absl::StrCat(hour, ":00-", hour, ":30"));
  }
  EXPECT_EQ(first_of(config), "");
  v1::WeeklyHours* more = calendar->add_weekly();
  more->add_days(v1::DAY_OF_WEEK_MONDAY);
  more->add_hours("00:30-00:40");
  EXPECT_EQ(first_of(config), "calendars[0].weekly[1].hours[0]: is span 25 on mon; at most 24");
  weekly->add_hours("00:30-00:40");
  EXPECT_EQ(first_of(config),
            "calendars[0].weekly[0].hours: has 25 entries, at most 24 are allowed");
  calendar->clear_weekly();
  for (size_t i = 0; i <= kWeeklyHoursMax; ++i) {
    calendar->add_weekly()->add_days(v1::DAY_OF_WEEK_MONDAY);
    calendar->mutable_weekly(static_cast<int>(i))->add_hours("08:00-09:00");
  }
  EXPECT_EQ(first_of(config), "calendars[0].weekly: has 101 entries, at most 100 are allowed");
  config = with_calendar();
  for (size_t i = 0; i < kCalendarsMax; ++i) {
    v1::Calendar* other = config.add_calendars();
    *other = config.calendars(0);
    other->set_name(absl::StrCat("tenants/bank/calendars/c", i));
  }
  EXPECT_EQ(first_of(config), "calendars: has 1001 entries, at most 1000 are allowed");
}

// What was good elsewhere is good where it is replayed: whether the zone is known is another
// question.
TEST(CalendarRulesTest, AZoneThatTheMachineDoesNotKnowIsToldApart) {
  Config config = with_calendar();
  config.mutable_calendars(0)->set_time_zone("Europe/Nowhere");
  EXPECT_EQ(to_text(validate_config(config)), "");
  EXPECT_EQ(
      to_text(validate_zones(config)),
      "calendars[0].time_zone: this machine knows no zone 'Europe/Nowhere'; names are as in "
      "the IANA database, e.g. Europe/Berlin, case counts, and the package tzdata has them\n");
}

TEST(CalendarRulesTest, TheTenantsZoneIsOneOfTheDatabaseOrNone) {
  Config config = with_calendar();
  config.set_time_zone("Asia/Tokyo");
  EXPECT_EQ(to_text(validate_config(config)), "");
  EXPECT_EQ(to_text(validate_zones(config)), "");
  config.set_time_zone("localtime");
  EXPECT_EQ(to_text(validate_config(config)),
            "time_zone: must be a name of the IANA database like Europe/Berlin, 1 to 64 bytes; is "
            "'localtime'\n");
  EXPECT_EQ(to_text(validate_zones(config)), "");
  config.set_time_zone("Europe/Nowhere");
  EXPECT_EQ(to_text(validate_config(config)), "");
  EXPECT_EQ(
      to_text(validate_zones(config)),
      "time_zone: this machine knows no zone 'Europe/Nowhere'; names are as in the IANA database, "
      "e.g. Europe/Berlin, case counts, and the package tzdata has them\n");
}

std::string file_of(const std::string& calendar) {
  return "tenants:\n"
         "  - id: bank\n"
         "    calendars:\n" +
         calendar;
}

TEST(CalendarRulesTest, AFileHasThemByTheirKeys) {
  const auto seeds = parse_config(R"(tenants:
  - id: bank
    calendars:
      - id: office
        time_zone: Europe/Berlin
        weekly:
          - {days: [mon, sun], hours: [08:00-12:00, "13:00-24:00"]}
        holidays:
          - {date: 2026-12-24, name: Christmas Eve, hours: [08:00-12:00]}
          - {date: 12-25}
    queues:
      - {id: sales, calendar: office}
)",
                                  "a.yaml");
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  const v1::TenantConfig& config = seeds->front().config;
  ASSERT_EQ(config.calendars_size(), 1);
  const v1::Calendar& calendar = config.calendars(0);
  EXPECT_EQ(calendar.name(), "tenants/bank/calendars/office");
  EXPECT_EQ(calendar.time_zone(), "Europe/Berlin");
  ASSERT_EQ(calendar.weekly_size(), 1);
  EXPECT_EQ(calendar.weekly(0).days(1), v1::DAY_OF_WEEK_SUNDAY);
  EXPECT_EQ(calendar.weekly(0).hours(0), "08:00-12:00");
  EXPECT_EQ(calendar.weekly(0).hours(1), "13:00-24:00");
  ASSERT_EQ(calendar.holidays_size(), 2);
  EXPECT_EQ(calendar.holidays(0).date(), "2026-12-24");
  EXPECT_EQ(calendar.holidays(0).name(), "Christmas Eve");
  EXPECT_EQ(calendar.holidays(0).hours(0), "08:00-12:00");
  EXPECT_EQ(calendar.holidays(1).date(), "12-25");
  EXPECT_EQ(config.queues(0).calendar(), calendar.name());
}

TEST(CalendarRulesTest, AFileNamesTheLineOfAFault) {
  expect_file_errors(
      "a.yaml",
      {{file_of("      - id: office\n        time_zone: Europe/Nowhere\n"),
        "a.yaml:5: tenants[0].calendars[0].time_zone: this machine knows no zone "
        "'Europe/Nowhere'*"},
       {file_of("      - id: office\n        zone: Europe/Berlin\n"),
        "a.yaml:4: tenants[0].calendars[0].time_zone: is required\n"
        "a.yaml:5: tenants[0].calendars[0].zone: unknown key 'zone'; *"},
       {file_of("      - time_zone: Europe/Berlin\n"),
        "a.yaml:4: tenants[0].calendars[0].id: is required"},
       {file_of("      - id: office\n        time_zone: UTC\n        weekly:\n"
                "          - {days: [mon, tu], hours: [08:00-12:00]}\n"),
        "a.yaml:7: tenants[0].calendars[0].weekly[0].days[1]: must be one of mon, tue, wed, thu, "
        "fri, sat, sun; is 'tu'"},
       {file_of("      - id: office\n        time_zone: UTC\n        weekly:\n"
                "          - days: [mon]\n            hours: [08:00-12:00, 11:00-13:00]\n"),
        "a.yaml:8: tenants[0].calendars[0].weekly[0].hours[1]: reaches into "
        "calendars[0].weekly[0].hours[0] on mon"},
       {file_of("      - id: office\n        time_zone: UTC\n        holidays:\n"
                "          - {date: 2026-02-30}\n          - {date: 12-24, hours: []}\n"
                "          - date: 12-25\n            name: \"\"\n          - date: 12-25\n"),
        "a.yaml:7: tenants[0].calendars[0].holidays[0].date: is no date: '2026-02-30'; write "
        "YYYY-MM-DD, of 1970 to 2199, or MM-DD for each year\n"
        "a.yaml:8: tenants[0].calendars[0].holidays[1].hours: is empty; leave the key out for a "
        "day that is closed\n"
        "a.yaml:11: tenants[0].calendars[0].holidays[3].date: repeats holidays[2], 12-25"},
       {file_of("      - id: office\n        time_zone: UTC\n        holidays:\n"
                "          - date: 12-25\n            name: \"a\\tb\"\n"),
        "a.yaml:8: tenants[0].calendars[0].holidays[0].name: must be valid UTF-8 without control "
        "characters; is 'a\\tb'"},
       {"tenants:\n  - id: bank\n    queues:\n      - {id: sales, calendar: office}\n",
        "a.yaml:4: tenants[0].queues[0].calendar: the tenant has no calendar "
        "'tenants/bank/calendars/office'"}});
}

}  // namespace
}  // namespace acd
