// SPDX-License-Identifier: Apache-2.0
// Alignment and the way values are written.
#include "clients/acdctl/table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace acd::acdctl {
namespace {

google::protobuf::Duration duration(int64_t seconds, int32_t nanos = 0) {
  google::protobuf::Duration value;
  value.set_seconds(seconds);
  value.set_nanos(nanos);
  return value;
}

TEST(TableTest, AlignsNumbersRightAndTextLeft) {
  Table table({{"Queue", Align::kLeft}, {"Waiting", Align::kRight}, {"Note", Align::kLeft}});
  table.add_row({{"billing"}, {"7"}, {"a"}});
  table.add_row({{"ps"}, {"1234567890"}, {""}});
  EXPECT_EQ(table.render(false),
            "Queue       Waiting  Note\n"
            "billing           7  a\n"
            "ps       1234567890\n");
}

TEST(TableTest, DrawsRuleAsWideAsColumns) {
  Table table({{"A", Align::kLeft}, {"B", Align::kRight}});
  table.add_row({{"xyz"}, {"10"}});
  table.add_rule();
  table.add_row({{"Total"}, {"10"}});
  EXPECT_EQ(table.render(false),
            "A       B\n"
            "xyz    10\n"
            "-----  --\n"
            "Total  10\n");
}

TEST(TableTest, KeepsNumbersAlignedBesideMarks) {
  Table table({{"Level", Align::kRight}, {"Next", Align::kRight}});
  table.add_row({{"71.2% !"}, {"1"}});
  table.add_row({{"100.0%  "}, {"2"}});
  EXPECT_EQ(table.render(false),
            "   Level  Next\n"
            " 71.2% !     1\n"
            "100.0%       2\n");
}

TEST(TableTest, CutsTextToCharactersWithAnEllipsis) {
  EXPECT_EQ(cut_text("J\u00f6rg", 4), "J\u00f6rg");
  EXPECT_EQ(cut_text("J\u00f6rg", 3), "J\u00f6\u2026");
  EXPECT_EQ(cut_text("J\u00f6rg", 1), "\u2026");
}

TEST(TableTest, CountsCharactersAndNotBytes) {
  Table table({{"Name", Align::kLeft}, {"N", Align::kRight}});
  table.add_row({{"J\u00f6rg"}, {"1"}});
  table.add_row({{"Ada L"}, {"2"}});
  EXPECT_EQ(table.render(false),
            "Name   N\n"
            "J\u00f6rg   1\n"
            "Ada L  2\n");
}

TEST(TableTest, ColoursWithoutShiftingColumns) {
  Table table({{"A", Align::kRight}, {"B", Align::kLeft}});
  table.add_row({{"1", Tone::kBad}, {"x"}});
  table.add_row({{"22"}, {"y"}});
  EXPECT_EQ(table.render(true),
            " \x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n"
            " \x1b[1;31m1\x1b[0m  x\n"
            "22  y\n");
}

TEST(TableTest, LetsNoNameWriteToTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J");
}

TEST(TableTest, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(printable("ok \xff\xc0\xaf end"), "ok ??? end");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");
  EXPECT_EQ(printable("cut \xe2\x82"), "cut ??");
  EXPECT_EQ(printable("\u20ac \U0001F600"), "\u20ac \U0001F600");
}

TEST(TableTest, WritesDurationsAsMinutesOrHours) {
  EXPECT_EQ(format_duration(duration(0)), "0:00");
  EXPECT_EQ(format_duration(duration(7, 999'999'999)), "0:07");
  EXPECT_EQ(format_duration(duration(60)), "1:00");
  EXPECT_EQ(format_duration(duration(3'599)), "59:59");
  EXPECT_EQ(format_duration(duration(3'600)), "1:00:00");
  EXPECT_EQ(format_duration(duration(93'784)), "26:03:04");
}

TEST(TableTest, WritesNegativeDurationsWithTheirSign) {
  EXPECT_EQ(format_duration(duration(-65)), "-1:05");
  EXPECT_EQ(format_duration(duration(0, -5)), "0:00");
  EXPECT_EQ(format_duration(duration(std::numeric_limits<int64_t>::min())).substr(0, 4), "-256");
}

TEST(TableTest, WritesPercentWithOneDecimal) {
  EXPECT_EQ(format_percent(71.25), "71.2%");
  EXPECT_EQ(format_percent(100.0), "100.0%");
  EXPECT_EQ(format_percent(std::nullopt), "-");
  EXPECT_EQ(format_percent(share_percent(1, 3)), "33.3%");
  EXPECT_EQ(format_percent(share_percent(1, 0)), "-");
}

}  // namespace
}  // namespace acd::acdctl
