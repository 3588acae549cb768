// SPDX-License-Identifier: Apache-2.0
// Calendars by the clocks of their zones: weeks, holidays, and the days on which clocks change.
#include "daemon/config/calendar.h"

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config_tables.h"
#include "routing/limits.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMinuteNs = 60 * kNsPerS;

// "2026-03-29T01:00:00Z".
int64_t unix_ns(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return absl::ToUnixNanos(time);
}

v1::Calendar of_zone(const std::string& zone) {
  v1::Calendar calendar;
  calendar.set_name("tenants/bank/calendars/office");
  calendar.set_time_zone(zone);
  return calendar;
}

void add_hours(v1::Calendar* calendar, const std::vector<int>& days,
               const std::vector<std::string>& hours) {
  v1::WeeklyHours* weekly = calendar->add_weekly();
  for (const int day : days) weekly->add_days(static_cast<v1::DayOfWeek>(day));
  for (const std::string& span : hours) weekly->add_hours(span);
}

// The same hours on each day of the week.
v1::Calendar daily(const std::string& zone, const std::vector<std::string>& hours) {
  v1::Calendar calendar = of_zone(zone);
  add_hours(&calendar, {1, 2, 3, 4, 5, 6, 7}, hours);
  return calendar;
}

void add_holiday(v1::Calendar* calendar, const std::string& date,
                 const std::vector<std::string>& hours = {}) {
  v1::Holiday* holiday = calendar->add_holidays();
  holiday->set_date(date);
  for (const std::string& span : hours) holiday->add_hours(span);
}

// What happens from `begin` up to `end`, as the clocks of the zone show it: "opens 03-29 03:00+02:00".
std::vector<std::string> changes(const v1::Calendar& message, const std::string& begin,
                                 const std::string& end) {
  const Calendar calendar(message);
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(message.time_zone(), &zone)) << message.time_zone();
  std::vector<std::string> found;
  int64_t now_ns = unix_ns(begin);
  for (;;) {
    const bool was_open = calendar.is_open(now_ns);
    now_ns = calendar.next_change_ns(now_ns);
    if (now_ns >= unix_ns(end)) return found;
    EXPECT_EQ(calendar.is_open(now_ns - 1), was_open);
    EXPECT_EQ(calendar.is_open(now_ns), !was_open);
    found.push_back((was_open ? "closes " : "opens ") +
                    absl::FormatTime("%m-%d %H:%M%Ez", absl::FromUnixNanos(now_ns), zone));
  }
}

TEST(CalendarTest, IsOpenInTheSpansOfItsDays) {
  v1::Calendar calendar = of_zone("Europe/Berlin");
  add_hours(&calendar, {1, 2, 3, 4, 5}, {"08:00-12:00", "13:00-18:00"});
  add_hours(&calendar, {6}, {"09:00-12:00"});
  // Friday to Monday.
  EXPECT_THAT(
      changes(calendar, "2026-11-20T00:00:00+01:00", "2026-11-23T10:00:00+01:00"),
      ElementsAre("opens 11-20 08:00+01:00", "closes 11-20 12:00+01:00", "opens 11-20 13:00+01:00",
                  "closes 11-20 18:00+01:00", "opens 11-21 09:00+01:00", "closes 11-21 12:00+01:00",
                  "opens 11-23 08:00+01:00"));
}

TEST(CalendarTest, SpansThatTouchAreOne) {
  const v1::Calendar night = daily("Europe/Berlin", {"22:00-24:00", "00:00-03:00", "03:00-06:00"});
  EXPECT_THAT(changes(night, "2026-11-20T12:00:00+01:00", "2026-11-21T12:00:00+01:00"),
              ElementsAre("opens 11-20 22:00+01:00", "closes 11-21 06:00+01:00"));
}

TEST(CalendarTest, ATimeThatSpringSkipsIsTheMomentOfTheChange) {
  // 02:00 to 03:00 is not there on 29 March.
  EXPECT_THAT(changes(daily("Europe/Berlin", {"02:30-05:00"}), "2026-03-28T00:00:00+01:00",
                      "2026-03-30T00:00:00+02:00"),
              ElementsAre("opens 03-28 02:30+01:00", "closes 03-28 05:00+01:00",
                          "opens 03-29 03:00+02:00", "closes 03-29 05:00+02:00"));
  EXPECT_THAT(changes(daily("Europe/Berlin", {"01:00-02:30"}), "2026-03-29T00:00:00+01:00",
                      "2026-03-30T00:00:00+02:00"),
              ElementsAre("opens 03-29 01:00+01:00", "closes 03-29 03:00+02:00"));
  EXPECT_THAT(changes(daily("Europe/Berlin", {"02:15-02:45"}), "2026-03-28T12:00:00+01:00",
                      "2026-03-30T12:00:00+02:00"),
              ElementsAre("opens 03-30 02:15+02:00", "closes 03-30 02:45+02:00"));
  EXPECT_THAT(changes(daily("America/New_York", {"02:30-05:00"}), "2026-03-08T00:00:00-05:00",
                      "2026-03-09T00:00:00-04:00"),
              ElementsAre("opens 03-08 03:00-04:00", "closes 03-08 05:00-04:00"));
}

TEST(CalendarTest, ATimeThatAutumnRepeatsCountsTheFirstTime) {
  // 02:00 to 03:00 is there twice on 25 October.
  EXPECT_THAT(changes(daily("Europe/Berlin", {"01:00-02:30"}), "2026-10-25T00:00:00+02:00",
                      "2026-10-26T00:00:00+01:00"),
              ElementsAre("opens 10-25 01:00+02:00", "closes 10-25 02:30+02:00"));
  EXPECT_THAT(changes(daily("Europe/Berlin", {"02:30-04:00"}), "2026-10-25T00:00:00+02:00",
                      "2026-10-26T00:00:00+01:00"),
              ElementsAre("opens 10-25 02:30+02:00", "closes 10-25 04:00+01:00"));
  EXPECT_THAT(changes(daily("Europe/Berlin", {"02:15-02:45"}), "2026-10-25T00:00:00+02:00",
                      "2026-10-26T00:00:00+01:00"),
              ElementsAre("opens 10-25 02:15+02:00", "closes 10-25 02:45+02:00"));
  EXPECT_THAT(changes(daily("America/New_York", {"00:30-01:30"}), "2026-11-01T00:00:00-04:00",
                      "2026-11-02T00:00:00-05:00"),
              ElementsAre("opens 11-01 00:30-04:00", "closes 11-01 01:30-04:00"));
}

TEST(CalendarTest, AWorkingDayKeepsItsHoursOverAChangeOfClocks) {
  const v1::Calendar office = daily("Europe/Berlin", {"08:00-18:00"});
  EXPECT_THAT(changes(office, "2026-03-28T12:00:00+01:00", "2026-03-29T20:00:00+02:00"),
              ElementsAre("closes 03-28 18:00+01:00", "opens 03-29 08:00+02:00",
                          "closes 03-29 18:00+02:00"));
  EXPECT_THAT(changes(office, "2026-10-24T12:00:00+02:00", "2026-10-25T20:00:00+01:00"),
              ElementsAre("closes 10-24 18:00+02:00", "opens 10-25 08:00+01:00",
                          "closes 10-25 18:00+01:00"));
}

TEST(CalendarTest, LordHoweChangesByHalfAnHour) {
  // 02:00 becomes 02:30 on 4 October, and 02:00 becomes 01:30 on 5 April.
  EXPECT_THAT(changes(daily("Australia/Lord_Howe", {"02:15-03:00"}), "2026-10-04T00:00:00+10:30",
                      "2026-10-05T00:00:00+11:00"),
              ElementsAre("opens 10-04 02:30+11:00", "closes 10-04 03:00+11:00"));
  EXPECT_THAT(changes(daily("Australia/Lord_Howe", {"01:00-01:45"}), "2026-04-05T00:00:00+11:00",
                      "2026-04-06T00:00:00+10:30"),
              ElementsAre("opens 04-05 01:00+11:00", "closes 04-05 01:45+11:00"));
  EXPECT_THAT(changes(daily("Australia/Lord_Howe", {"01:45-02:15"}), "2026-04-05T00:00:00+11:00",
                      "2026-04-06T00:00:00+10:30"),
              ElementsAre("opens 04-05 01:45+11:00", "closes 04-05 02:15+10:30"));
}

TEST(CalendarTest, AMidnightThatIsSkippedOrRepeatedIsOneMoment) {
  // In Havana 00:00 becomes 01:00 on 8 March, and 01:00 becomes 00:00 on 1 November.
  const v1::Calendar night = daily("America/Havana", {"00:00-02:00", "22:00-24:00"});
  EXPECT_THAT(changes(night, "2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00"),
              ElementsAre("opens 03-07 22:00-05:00", "closes 03-08 02:00-04:00"));
  EXPECT_THAT(changes(night, "2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00"),
              ElementsAre("opens 10-31 22:00-04:00", "closes 11-01 02:00-05:00"));
}

TEST(CalendarTest, ADayThatHasBegunStaysSoWhenClocksGoBackBehindMidnight) {
  // In Newfoundland 00:01 became 23:01 of the day before.
  const v1::Calendar night = daily("America/St_Johns", {"00:00-02:00", "23:30-23:45"});
  EXPECT_THAT(changes(night, "2010-11-06T12:00:00-02:30", "2010-11-07T12:00:00-03:30"),
              ElementsAre("opens 11-06 23:30-02:30", "closes 11-06 23:45-02:30",
                          "opens 11-07 00:00-02:30", "closes 11-07 02:00-03:30"));
  EXPECT_TRUE(Calendar(night).is_open(unix_ns("2010-11-06T23:50:00-03:30")));
}

TEST(CalendarTest, ADayThatIsSkippedNeverOpens) {
  // Samoa crossed the date line: there was no 30 December 2011, a Friday.
  v1::Calendar calendar = of_zone("Pacific/Apia");
  add_hours(&calendar, {4, 5, 6}, {"09:00-17:00"});
  EXPECT_THAT(changes(calendar, "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00"),
              ElementsAre("opens 12-29 09:00-10:00", "closes 12-29 17:00-10:00",
                          "opens 12-31 09:00+14:00", "closes 12-31 17:00+14:00"));
}

TEST(CalendarTest, AZoneWithoutSummerTimeIsTheSameAllYear) {
  const v1::Calendar office = daily("Asia/Kolkata", {"09:30-18:00"});
  EXPECT_THAT(changes(office, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"),
              ElementsAre("opens 03-29 09:30+05:30", "closes 03-29 18:00+05:30"));
  EXPECT_THAT(changes(office, "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"),
              ElementsAre("opens 10-25 09:30+05:30", "closes 10-25 18:00+05:30"));
}

TEST(CalendarTest, AHolidayIsClosedOrHasHoursOfItsOwn) {
  v1::Calendar calendar = daily("Europe/Berlin", {"08:00-18:00"});
  add_holiday(&calendar, "2026-12-24", {"08:00-12:00"});
  add_holiday(&calendar, "12-25");
  EXPECT_THAT(changes(calendar, "2026-12-24T00:00:00+01:00", "2026-12-26T12:00:00+01:00"),
              ElementsAre("opens 12-24 08:00+01:00", "closes 12-24 12:00+01:00",
                          "opens 12-26 08:00+01:00"));
  // Christmas is each year, the short Christmas Eve only that one.
  EXPECT_THAT(changes(calendar, "2027-12-24T00:00:00+01:00", "2027-12-26T12:00:00+01:00"),
              ElementsAre("opens 12-24 08:00+01:00", "closes 12-24 18:00+01:00",
                          "opens 12-26 08:00+01:00"));
}

TEST(CalendarTest, TheDateOfAYearCountsBeforeThatOfEachYear) {
  v1::Calendar calendar = daily("Europe/Berlin", {"08:00-18:00"});
  add_holiday(&calendar, "12-25");
  add_holiday(&calendar, "2026-12-25", {"10:00-11:00"});
  EXPECT_THAT(changes(calendar, "2026-12-25T00:00:00+01:00", "2026-12-26T00:00:00+01:00"),
              ElementsAre("opens 12-25 10:00+01:00", "closes 12-25 11:00+01:00"));
  EXPECT_THAT(changes(calendar, "2027-12-25T00:00:00+01:00", "2027-12-26T00:00:00+01:00"),
              IsEmpty());
}

TEST(CalendarTest, AHolidayEndsTheNightBeforeIt) {
  v1::Calendar calendar = daily("Europe/Berlin", {"00:00-24:00"});
  add_holiday(&calendar, "01-01", {"12:00-24:00"});
  EXPECT_THAT(changes(calendar, "2026-12-31T00:00:00+01:00", "2027-02-01T00:00:00+01:00"),
              ElementsAre("closes 01-01 00:00+01:00", "opens 01-01 12:00+01:00"));
}

TEST(CalendarTest, TheLeapDayIsADateOfLeapYearsOnly) {
  v1::Calendar calendar = daily("Europe/Berlin", {"08:00-18:00"});
  add_holiday(&calendar, "02-29");
  EXPECT_THAT(changes(calendar, "2028-02-28T12:00:00+01:00", "2028-03-01T12:00:00+01:00"),
              ElementsAre("closes 02-28 18:00+01:00", "opens 03-01 08:00+01:00"));
  EXPECT_THAT(changes(calendar, "2027-02-28T12:00:00+01:00", "2027-03-01T12:00:00+01:00"),
              ElementsAre("closes 02-28 18:00+01:00", "opens 03-01 08:00+01:00"));
}

TEST(CalendarTest, WhatIsAlwaysOpenOrNeverHasNoNextChange) {
  const int64_t now_ns = unix_ns("2026-11-23T00:00:00Z");
  const Calendar always(daily("Europe/Berlin", {"00:00-24:00"}));
  EXPECT_TRUE(always.is_open(now_ns));
  EXPECT_EQ(always.next_change_ns(now_ns), kNeverNs);
  // A day of it is another, and so it changes.
  v1::Calendar almost = daily("Europe/Berlin", {"00:00-24:00"});
  add_holiday(&almost, "2026-12-25");
  EXPECT_EQ(Calendar(almost).next_change_ns(now_ns), unix_ns("2026-12-24T23:00:00Z"));
  const Calendar never(of_zone("Europe/Berlin"));
  EXPECT_FALSE(never.is_open(now_ns));
  EXPECT_EQ(never.next_change_ns(now_ns), kNeverNs);
}

TEST(CalendarTest, LooksSoFarAheadAndNoFarther) {
  v1::Calendar calendar = of_zone("Europe/Berlin");
  add_holiday(&calendar, "2028-01-01", {"10:00-11:00"});
  EXPECT_EQ(Calendar(calendar).next_change_ns(unix_ns("2026-11-23T00:00:00Z")), kNeverNs);
  EXPECT_EQ(Calendar(calendar).next_change_ns(unix_ns("2026-12-01T00:00:00Z")),
            unix_ns("2028-01-01T09:00:00Z"));
}

TEST(CalendarTest, IsNeverOpenInAZoneThatNobodyKnows) {
  const Calendar calendar(daily("Europe/Nowhere", {"00:00-24:00"}));
  EXPECT_FALSE(calendar.knows_zone());
  EXPECT_FALSE(calendar.is_open(0));
  EXPECT_EQ(calendar.next_change_ns(0), kNeverNs);
}

// Around each change of clocks of a year: at every quarter of an hour both functions say the same.
TEST(CalendarTest, NextChangeIsWhereIsOpenChanges) {
  constexpr int64_t kStepNs = 15 * kMinuteNs;
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "America/Havana", "Africa/Cairo", "Asia/Beirut", "UTC"}) {
    v1::Calendar message = daily(zone, {"00:00-00:30", "01:15-01:45", "02:15-02:30", "02:45-03:30",
                                        "12:00-12:15", "23:15-24:00"});
    add_holiday(&message, "03-29", {"02:00-03:00"});
    const Calendar calendar(message);
    int64_t change_ns = 0;
    bool was_open = calendar.is_open(unix_ns("2026-01-01T00:00:00Z") - kStepNs);
    for (int64_t now_ns = unix_ns("2026-01-01T00:00:00Z"); now_ns < unix_ns("2027-01-01T00:00:00Z");
         now_ns += kStepNs) {
      const bool is_open = calendar.is_open(now_ns);
      if (change_ns != 0) {
        ASSERT_EQ(is_open != was_open, now_ns == change_ns) << zone << " " << now_ns / kNsPerS;
      }
      was_open = is_open;
      if (change_ns <= now_ns) change_ns = calendar.next_change_ns(now_ns);
    }
  }
}

TEST(CalendarTest, ReadsHours) {
  EXPECT_EQ(parse_hours("08:00-12:30"), (HoursSpan{480, 750}));
  EXPECT_EQ(parse_hours("00:00-24:00"), (HoursSpan{0, 1'440}));
  for (const char* text :
       {"", "8:00-12:00", "08:00-24:01", "24:00-24:00", "08:60-09:00", "12:00-12:00", "12:00-08:00",
        "08:00 12:00", "08:00-12:00 ", "08.00-12.00", "-8:00-12:00", "08:00-1a:00"}) {
    EXPECT_FALSE(parse_hours(text)) << text;
  }
}

TEST(CalendarTest, ReadsDates) {
  EXPECT_EQ(parse_holiday_date("2026-12-24"), (HolidayDate{2026, 12, 24}));
  EXPECT_EQ(parse_holiday_date("12-24"), (HolidayDate{0, 12, 24}));
  EXPECT_EQ(parse_holiday_date("2028-02-29"), (HolidayDate{2028, 2, 29}));
  EXPECT_EQ(parse_holiday_date("02-29"), (HolidayDate{0, 2, 29}));
  for (const char* text : {"", "2026-02-29", "02-30", "13-01", "00-10", "01-00", "1969-12-31",
                           "2200-01-01", "2026-1-1", "24.12.2026", "2026-12-24T", "26-12-24"}) {
    EXPECT_FALSE(parse_holiday_date(text)) << text;
  }
}

TEST(CalendarTest, KnowsZonesByTheirNamesOnly) {
  for (const char* zone : {"Europe/Berlin", "UTC", "Etc/GMT+5", "America/Port-au-Prince",
                           "America/Argentina/Buenos_Aires"}) {
    EXPECT_TRUE(is_zone_name(zone)) << zone;
    EXPECT_TRUE(is_zone_known(zone)) << zone;
  }
  // The machine's own zone, files, and zones that count leap seconds.
  for (const char* zone :
       {"", "localtime", "posixrules", "right/Europe/Berlin", "posix/UTC", "Fixed/UTC+01:00:00",
        "/etc/localtime", "../../etc/localtime", "file:/etc/localtime", "Europe//Berlin", "Europe/",
        "Europe/Berlin ", "Europe/B\xc3\xa9"}) {
    EXPECT_FALSE(is_zone_name(zone)) << zone;
    EXPECT_FALSE(is_zone_known(zone)) << zone;
  }
  for (const char* zone : {"Europe/Nowhere", "Europe", "europe/berlin", "tzdata"}) {
    EXPECT_TRUE(is_zone_name(zone)) << zone;
    EXPECT_FALSE(is_zone_known(zone)) << zone;
  }
}

// The day of `at` in UTC, from its begin to that of the next one.
std::string day_of(const LocalDays& days, const std::string& at) {
  const int64_t begin_ns = days.begin_ns(unix_ns(at));
  const int64_t next_ns = days.next_begin_ns(unix_ns(at));
  for (const int64_t within_ns : {begin_ns, next_ns - 1}) {
    EXPECT_EQ(days.begin_ns(within_ns), begin_ns);
    EXPECT_EQ(days.next_begin_ns(within_ns), next_ns);
  }
  const auto text = [](int64_t ns) {
    return absl::FormatTime("%m-%d %H:%M", absl::FromUnixNanos(ns), absl::UTCTimeZone());
  };
  return text(begin_ns) + " to " + text(next_ns);
}

TEST(LocalDaysTest, BeginWhenTheClocksOfTheZoneShowTheDate) {
  const LocalDays utc{""};
  EXPECT_TRUE(utc.knows_zone());
  EXPECT_EQ(day_of(utc, "2026-11-23T23:59:59Z"), "11-23 00:00 to 11-24 00:00");
  const LocalDays berlin("Europe/Berlin");
  EXPECT_EQ(day_of(berlin, "2026-11-23T23:59:59Z"), "11-23 23:00 to 11-24 23:00");
  EXPECT_EQ(day_of(berlin, "1969-12-31T12:00:00Z"), "12-30 23:00 to 12-31 23:00");
}

TEST(LocalDaysTest, AreLongerOrShorterWhereClocksChange) {
  const LocalDays berlin("Europe/Berlin");
  EXPECT_EQ(day_of(berlin, "2026-03-29T12:00:00Z"), "03-28 23:00 to 03-29 22:00");
  EXPECT_EQ(day_of(berlin, "2026-10-25T12:00:00Z"), "10-24 22:00 to 10-25 23:00");
  // Its clocks skip that midnight.
  const LocalDays brazil("America/Sao_Paulo");
  EXPECT_EQ(day_of(brazil, "2018-11-04T12:00:00Z"), "11-04 03:00 to 11-05 02:00");
  // At one minute past midnight they went back to the evening before, which is over.
  const LocalDays newfoundland("America/St_Johns");
  EXPECT_EQ(day_of(newfoundland, "2010-11-07T02:45:00Z"), "11-07 02:30 to 11-08 03:30");
  // It had no 30th.
  const LocalDays samoa("Pacific/Apia");
  EXPECT_EQ(day_of(samoa, "2011-12-30T09:00:00Z"), "12-29 10:00 to 12-30 10:00");
  EXPECT_EQ(day_of(samoa, "2011-12-30T10:00:00Z"), "12-30 10:00 to 12-31 10:00");
}

TEST(LocalDaysTest, AreThoseOfUtcWhereTheZoneIsNotKnown) {
  const LocalDays nowhere("Europe/Nowhere");
  EXPECT_FALSE(nowhere.knows_zone());
  EXPECT_EQ(day_of(nowhere, "2026-11-23T23:30:00Z"), "11-23 00:00 to 11-24 00:00");
}

}  // namespace
}  // namespace acd
