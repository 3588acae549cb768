// SPDX-License-Identifier: Apache-2.0
// Call logs for tests, written from rows.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "sim/call_log.h"
#include "sim/replay_plan.h"

namespace acd::sim {

// A file of the running test, with this content.
inline std::string write_file(const std::string& name, const std::string& content) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path =
      testing::TempDir() + test->test_suite_name() + "." + test->name() + "." + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

// One row; day 0 is 1999-01-03.
struct RowText {
  int day = 0;
  int arrival_s = 0;
  std::string type = "PS";
  int wait_s = 0;
  int handle_s = 0;
  std::string agent = {};
  bool is_served = true;
  int priority = 0;
};

inline std::string row_text(const RowText& row) {
  constexpr int64_t kFirstDay = 10'594;  // 1999-01-03
  const int64_t epoch = (kFirstDay + row.day) * 86'400 + row.arrival_s;
  std::string text =
      std::to_string(epoch) + "," + format_date(static_cast<int32_t>(kFirstDay + row.day)) + "," +
      std::to_string(row.arrival_s) + "," + row.type + "," + std::to_string(row.priority) + ",";
  text += row.is_served ? "SERVED," : "ABANDONED,";
  text += std::to_string(row.wait_s) + "," + std::to_string(row.handle_s) + "," + row.agent;
  return text;
}

inline std::string log_text(const std::vector<RowText>& rows) {
  std::string text = std::string(kCallLogHeader) + "\n";
  for (const RowText& row : rows) text += row_text(row) + "\n";
  return text;
}

inline CallLog log_of(const std::vector<RowText>& rows) {
  auto log = read_call_log(write_file("csv", log_text(rows)));
  EXPECT_TRUE(log.ok()) << log.status();
  return log.ok() ? *std::move(log) : CallLog{};
}

inline ReplayPlan plan_of(const std::vector<RowText>& rows, const ReplayMix& mix = {}) {
  auto plan = plan_replay(log_of(rows),
                          {.tenant = "bank", .seed = 1, .from_day = {}, .to_day = {}, .mix = mix});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *std::move(plan) : ReplayPlan{};
}

}  // namespace acd::sim
