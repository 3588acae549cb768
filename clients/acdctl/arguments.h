// SPDX-License-Identifier: Apache-2.0
// The command line, read and checked.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"
#include "clients/acdctl/command_table.h"

namespace acd::acdctl {

// Variables of the environment that acdctl reads; an empty one counts as not set.
using Environment = std::map<std::string, std::string>;
inline constexpr const char* kEnvironmentNames[] = {"ACD_TARGET", "ACD_TENANT", "NO_COLOR", "TERM"};

// What a look is at; a watch at one of the first three.
enum class Subject { kQueues, kAgents, kCalls, kScheduledCalls };

// What is told of a call; what is not set stays as it is.
struct OutcomeOptions {
  std::optional<std::string> code;
  std::optional<std::vector<std::string>> labels;
  std::optional<std::string> reference;
  std::optional<bool> resolved;
  std::optional<int32_t> survey;
  std::optional<int32_t> quality;
};

// Where a call goes: one of the first four.
struct TransferOptions {
  std::string queue;
  std::string agent;
  std::string outside;
  bool to_supervisor = false;
  std::string from;  // The agent who must have it; empty: whoever has it.
};

// Of a callback or a call for later; empty: not said.
struct CallbackOptions {
  std::string source;  // Id of the switch that dials.
  std::string id;
  std::string number;
  std::optional<int32_t> priority;
  int64_t at_ms = 0;  // Unix time.
};

struct Arguments {
  Command command = Command::kHelp;
  // What follows the command.
  std::vector<std::string> words;

  std::string target = "127.0.0.1:7710";
  // Id; empty means the daemon's only one.
  std::string tenant;
  bool is_json = false;
  bool is_colored = true;
  absl::Duration timeout = absl::Seconds(5);
  // `timeout` as it was written.
  std::string timeout_text = "5s";

  Subject subject = Subject::kQueues;
  // Empty: all.
  std::vector<v1::AgentState> states;
  // Id; empty: all.
  std::string queue;
  bool is_waiting = false;                // Of calls: only those that wait.
  std::optional<v1::StatsWindow> window;  // None: as the command has it.
  bool is_once = false;                   // One frame.
  absl::Duration interval = absl::Seconds(1);
  bool is_offline = false;
  // Of a dump: its first record, 0 for the oldest; and how many, negative for all.
  int64_t from = 0;
  int64_t count = -1;
  // Etag that a change is based on, and the file that has it. Empty: not said.
  std::string etag;
  std::string based_on;
  bool is_dry_run = false;
  // Do not ask.
  bool is_sure = false;
  // Of an override of a queue; `ends_ms` is Unix time, 0: not said.
  std::string reason;
  int64_t ends_ms = 0;

  OutcomeOptions outcome;
  CallbackOptions callback;
  TransferOptions transfer;  // Also of a consult.
  std::string consult_id;    // Empty: one is drawn.
  int64_t generation = 0;    // Of an offer.
  int32_t number = 0;        // A reason, a priority or a cause, if `has_number`.
  bool has_number = false;
  bool is_forced = false;
  std::string station;              // Of who supervises; empty: not said.
  bool stops = false;               // Of a recording.
  std::string mapping;              // Of an assessment.
  std::vector<std::string> fields;  // Of agents, that change; empty: all.

  // Of events.
  std::vector<std::string> types;  // Empty: all.
  std::string from_token;          // Empty: none.
  bool is_oldest = false;

  // Of history.
  std::string data_dir;
  std::string agent;   // Id; empty: all.
  std::string call;    // The same.
  std::string medium;  // Its word; empty: all.
  // Unix time; `until` is excluded.
  int64_t since_ms = 0;
  int64_t until_ms = INT64_MAX;
  int64_t limit = 0;  // 0: not said.
  bool is_csv = false;
  bool is_queue_log = false;

  bool wants_help = false;
  bool wants_version = false;
};

// The arguments, without the program's name. What is wrong is kInvalidArgument, with a suggestion
// where a word is near to a known one.
[[nodiscard]] absl::StatusOr<Arguments> parse_arguments(std::span<const std::string> arguments,
                                                        const Environment& environment);

// Unix time in milliseconds of "2026-11-22" (UTC), "2026-11-22T08:00:00Z" or with another zone, or
// that long before `now`: "90m", "24h", "7d".
[[nodiscard]] absl::StatusOr<int64_t> parse_time(const std::string& option, const std::string& text,
                                                 absl::Time now);

// Unix time in milliseconds of the same texts, but for those that say how long ago: they say how far
// ahead of `now`.
[[nodiscard]] absl::StatusOr<int64_t> parse_end(const std::string& option, const std::string& text,
                                                absl::Time now);

// "500ms", "5s", "2m" from `limit_min` to `limit_max`; `option` names it in the error.
[[nodiscard]] absl::StatusOr<absl::Duration> parse_duration(const std::string& option,
                                                            const std::string& text,
                                                            absl::Duration limit_min,
                                                            absl::Duration limit_max);

}  // namespace acd::acdctl
