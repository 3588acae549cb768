// SPDX-License-Identifier: Apache-2.0
// The reader of call logs: what it takes, and how it names what it refuses.
#include "sim/call_log.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "sim/bank_config.h"
#include "tests/sim/log_files.h"

namespace acd::sim {
namespace {

constexpr char kGoodRow[] = "915321614,1999-01-03,14,PS,2,SERVED,204,60,A01";

std::string gzipped(const std::string& text) {
  const std::string path = write_file("gz", "");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  return path;
}

std::string error_of(const std::string& content) {
  const auto log = read_call_log(write_file("csv", content));
  return log.ok() ? "no error" : std::string(log.status().message());
}

TEST(CallLogTest, ReadsPlainFile) {
  const CallLog log = log_of(
      {{.arrival_s = 10, .type = "PS", .wait_s = 5, .handle_s = 60, .agent = "A02", .priority = 2},
       {.arrival_s = 11, .type = "NE", .wait_s = 7, .is_served = false}});
  EXPECT_EQ(log.types, (std::vector<std::string>{"ne", "ps"}));
  EXPECT_EQ(log.agents, std::vector<std::string>{"A02"});
  EXPECT_EQ(log.agent_types, (std::vector<std::vector<uint32_t>>{{1}}));
  ASSERT_EQ(log.rows.size(), 2u);
  EXPECT_EQ(log.rows[0].number, 1u);
  EXPECT_EQ(format_date(log.rows[0].day), "1999-01-03");
  EXPECT_EQ(log.rows[0].priority, 2);
  EXPECT_EQ(log.rows[0].handle_s, 60);
  EXPECT_TRUE(log.rows[0].is_served);
  EXPECT_EQ(log.rows[1].type, 0u);
  EXPECT_EQ(log.rows[1].agent, CallRow::kNoAgent);
  EXPECT_FALSE(log.rows[1].is_served);
}

TEST(CallLogTest, ReadsGzippedFileWithWindowsLineEnds) {
  const auto log =
      read_call_log(gzipped(std::string(kCallLogHeader) + "\r\n" + kGoodRow + "\r\n" + kGoodRow));
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(log->rows.size(), 2u);
}

TEST(CallLogTest, ReadsTheMonthsThatShip) {
  struct Month {
    const char* name;
    size_t calls;
    size_t agents;
    size_t served;
  };
  for (const Month& month :
       {Month{"bank-1999-01", 30'161, 28, 27'060}, Month{"bank-1999-02", 31'125, 24, 27'162},
        Month{"bank-1999-01-day", 2'053, 22, 1'880}}) {
    const auto log =
        read_call_log(std::string(ACD_SOURCE_DIR) + "/sim/data/" + month.name + ".csv.gz");
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(log->rows.size(), month.calls) << month.name;
    size_t served = 0;
    for (const CallRow& row : log->rows) served += row.is_served ? 1 : 0;
    EXPECT_EQ(log->agents.size(), month.agents) << month.name;
    EXPECT_EQ(served, month.served) << month.name;
    EXPECT_EQ(log->types, (std::vector<std::string>{"in", "ne", "nw", "pe", "ps", "tt"}));
  }
}

TEST(CallLogTest, NamesFileLineAndFieldOfEachBadRow) {
  struct Case {
    const char* row;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {"", ":2: line: has 1 fields, must have 9"},
      {"915321614,1999-01-03,14,PS,2,SERVED,204,60,A01,", ":2: line: has 10 fields, must have 9"},
      {"915321615,1999-01-03,14,PS,2,SERVED,204,60,A01", ":2: arrival_epoch: must be 915321614"},
      {"x,1999-01-03,14,PS,2,SERVED,204,60,A01", ":2: arrival_epoch: must be a whole number"},
      {"915321614,1999-02-30,14,PS,2,SERVED,204,60,A01", ":2: date: must be a date"},
      {"915321614,99-01-03,14,PS,2,SERVED,204,60,A01", ":2: date: must be a date"},
      {"915321614,1999-01-03,86400,PS,2,SERVED,204,60,A01",
       ":2: arrival_sec: must be a whole number of 0..86399"},
      {"915321614,1999-01-03,14,,2,SERVED,204,60,A01", ":2: skill: must be a letter"},
      {"915321614,1999-01-03,14,P S,2,SERVED,204,60,A01", ":2: skill: must be a letter"},
      {"915321614,1999-01-03,14,AND,2,SERVED,204,60,A01", ":2: skill: must be a letter"},
      {"915321614,1999-01-03,14,PS,3,SERVED,204,60,A01",
       ":2: priority: must be a whole number of 0..2"},
      {"915321614,1999-01-03,14,PS,2,served,204,60,A01",
       ":2: outcome: must be SERVED or ABANDONED, is \"served\""},
      {"915321614,1999-01-03,14,PS,2,SERVED,-1,60,A01", ":2: wait_s: must be a whole number"},
      {"915321614,1999-01-03,14,PS,2,SERVED,99999999999999999999,60,A01",
       ":2: wait_s: must be a whole number"},
      {"915321614,1999-01-03,14,PS,2,SERVED,204,6.5,A01", ":2: handle_s: must be a whole number"},
      {"915321614,1999-01-03,14,PS,2,SERVED,204,604801,A01",
       ":2: handle_s: must be a whole number"},
      {"915321614,1999-01-03,14,PS,2,ABANDONED,204,60,", ":2: handle_s: must be 0"},
      {"915321614,1999-01-03,14,PS,2,SERVED,204,60,A 1", ":2: agent: must be 1..58"},
      {"915321614,1999-01-03,14,PS,2,SERVED,204,60,A\x01\xff", ":2: agent: must be 1..58"},
  };
  for (const Case& one : cases) {
    const std::string error = error_of(std::string(kCallLogHeader) + "\n" + one.row + "\n");
    EXPECT_NE(error.find(one.expected), std::string::npos) << one.row << "\n" << error;
    EXPECT_NE(error.find(".csv:2:"), std::string::npos) << error;
  }
}

TEST(CallLogTest, TellsAllErrorsOfOneFile) {
  const std::string error = error_of(std::string(kCallLogHeader) + "\n" + kGoodRow +
                                     "\n915321614,1999-01-03,14,PS,9,LOST,204,60,A01\n" + kGoodRow +
                                     "\n915321614,1999-01-03,14,PS,2,SERVED,x,60,A01\n");
  EXPECT_NE(error.find(":3: priority:"), std::string::npos) << error;
  EXPECT_NE(error.find(":3: outcome:"), std::string::npos) << error;
  EXPECT_NE(error.find(":5: wait_s:"), std::string::npos) << error;
}

TEST(CallLogTest, StopsTellingAtTheLimit) {
  std::string text = std::string(kCallLogHeader) + "\n";
  for (size_t i = 0; i < 3 * kCallLogErrorsMax; ++i) text += "bad\n";
  const std::string error = error_of(text);
  EXPECT_EQ(static_cast<size_t>(std::count(error.begin(), error.end(), '\n')),
            kCallLogErrorsMax - 1);
}

TEST(CallLogTest, RefusesRowsOutOfOrder) {
  const std::string error = error_of(log_text({{.arrival_s = 20}, {.arrival_s = 19}}));
  EXPECT_NE(error.find(":3: arrival_epoch: earlier than the row before"), std::string::npos)
      << error;
}

TEST(CallLogTest, RefusesOtherHeaderOnce) {
  const std::string error = error_of("a,b,c\n" + std::string(kGoodRow) + "\n");
  EXPECT_NE(error.find(":1: header: must be"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(CallLogTest, RefusesLineOverTheLimit) {
  const std::string error = error_of(std::string(kCallLogHeader) + "\n" +
                                     std::string(100'000, 'x') + "\n" + kGoodRow + "\n");
  EXPECT_NE(error.find(":2: line: longer than 256 bytes"), std::string::npos) << error;
}

TEST(CallLogTest, RefusesEmptyFile) {
  EXPECT_NE(error_of("").find(":1: file: empty"), std::string::npos);
  EXPECT_NE(error_of(std::string(kCallLogHeader) + "\n").find(":2: file: no calls"),
            std::string::npos);
}

TEST(CallLogTest, RefusesGzipThatIsCutOff) {
  std::string text = std::string(kCallLogHeader) + "\n";
  for (int i = 0; i < 2'000; ++i) text += std::string(kGoodRow) + "\n";
  const std::string path = gzipped(text);
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto log = read_call_log(write_file("cut", bytes.substr(0, bytes.size() / 2)));
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.status().message().find("cannot be read to its end"), std::string::npos)
      << log.status();
}

TEST(CallLogTest, SaysThatFileIsMissing) {
  const auto log = read_call_log("/nonexistent/calls.csv");
  EXPECT_TRUE(absl::IsNotFound(log.status()));
  EXPECT_NE(log.status().message().find("/nonexistent/calls.csv: cannot be opened: No such file"),
            std::string::npos)
      << log.status();
}

TEST(CallLogTest, TakesDatesOfTheCalendarOnly) {
  EXPECT_EQ(parse_date("1970-01-01").value(), 0);
  EXPECT_EQ(format_date(parse_date("2000-02-29").value()), "2000-02-29");
  for (const char* bad : {"1999-02-29", "1999-13-01", "1999-1-1", "1969-12-31", "2200-01-01", "",
                          "1999-01-0x", "1999/01/01"}) {
    EXPECT_FALSE(parse_date(bad).ok()) << bad;
  }
}

TEST(BankConfigTest, WritesSkillsQueuesAndAgentsInOrder) {
  const CallLog log = log_of({{.type = "PS", .handle_s = 60, .agent = "B1"},
                              {.type = "NO", .handle_s = 60, .agent = "A1"},
                              {.type = "PS", .handle_s = 60, .agent = "A1"},
                              {.type = "TT", .wait_s = 3, .agent = "7", .is_served = false}});
  const std::string yaml = bank_config(log, "bank");
  EXPECT_NE(yaml.find("tenants:\n"
                      "  - id: bank\n"
                      "    skills: [\"no\", ps, tt]\n"
                      "    queues:\n"
                      "      - id: \"no\"\n"
                      "        requirement: no >= 1\n"
                      "      - id: ps\n"
                      "        requirement: ps >= 1\n"
                      "      - id: tt\n"
                      "        requirement: tt >= 1\n"
                      "    agents:\n"
                      "      - id: \"7\"\n"
                      "        skills: {}\n"
                      "      - id: A1\n"
                      "        skills: {\"no\": 5, ps: 5}\n"
                      "      - id: B1\n"
                      "        skills: {ps: 5}\n"),
            std::string::npos)
      << yaml;
  EXPECT_EQ(yaml, bank_config(log, "bank"));
}

}  // namespace
}  // namespace acd::sim
