// SPDX-License-Identifier: Apache-2.0
// Call logs: what a call centre recorded, one row a call. The format stands in sim/data/README.md.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "routing/limits.h"

namespace acd::sim {

// The first line of every call log.
inline constexpr char kCallLogHeader[] =
    "arrival_epoch,date,arrival_sec,skill,priority,outcome,wait_s,handle_s,agent";

inline constexpr size_t kCallLogLineBytesMax = 256;
inline constexpr size_t kCallLogRowsMax = 5'000'000;
inline constexpr size_t kCallLogTypesMax = 1'000;
inline constexpr size_t kCallLogAgentsMax = 10'000;
// Errors told of one file; the rest is only counted.
inline constexpr size_t kCallLogErrorsMax = 20;
// Of a wait or a handle time: a week.
inline constexpr int64_t kCallLogSecondsMax = 7 * 86'400;
// "phone-" and the agent are a station's address.
inline constexpr char kStationPrefix[] = "phone-";
inline constexpr size_t kCallLogAgentBytesMax = kIdBytesMax - (sizeof(kStationPrefix) - 1);

// One call as recorded.
struct CallRow {
  uint32_t number = 0;        // In the file, from 1; its line is one more.
  int32_t day = 0;            // Since 1970-01-01.
  int32_t arrival_s = 0;      // Of that day, 0..86399.
  uint32_t type = 0;          // Index into CallLog::types.
  int32_t priority = 0;       // 0, 1 regular; 2 gets a head start.
  bool is_served = false;     // Else the caller hung up.
  int64_t wait_s = 0;         // 0..kCallLogSecondsMax
  int64_t handle_s = 0;       // 0..kCallLogSecondsMax; 0 when not served.
  uint32_t agent = kNoAgent;  // Index into CallLog::agents.

  static constexpr uint32_t kNoAgent = 0xffffffffu;
};

// A call log in memory, in the order of arrival.
struct CallLog {
  std::string path;
  std::vector<std::string> types;   // Lower-case, sorted.
  std::vector<std::string> agents;  // Sorted.
  std::vector<CallRow> rows;
  // Types that an agent served, by agent; sorted. An agent on rows of abandoned calls alone has
  // none.
  std::vector<std::vector<uint32_t>> agent_types;
};

// Reads a plain or gzipped file. NOT_FOUND when it cannot be opened, INVALID_ARGUMENT with up to
// kCallLogErrorsMax lines "FILE:LINE: FIELD: what is wrong" when it is no call log.
[[nodiscard]] absl::StatusOr<CallLog> read_call_log(const std::string& path);

// Days since 1970-01-01 of "YYYY-MM-DD"; INVALID_ARGUMENT when that is no date of 1970..2199.
[[nodiscard]] absl::StatusOr<int32_t> parse_date(const std::string& text);

// "YYYY-MM-DD" of a day since 1970-01-01.
[[nodiscard]] std::string format_date(int32_t day);

}  // namespace acd::sim
