// SPDX-License-Identifier: Apache-2.0
// Numbers that customers are called back at, and which of them a queue takes; calls for later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "routing/ids.h"
#include "routing/tenant_config.h"

namespace acd {

// How the dialing of a customer ended. The values are in the journal and in the hashes.
enum class DialOutcome : uint8_t {
  kNone = 0,  // Nobody knows: the switch was lost meanwhile. No attempt. Never of connect_failed.
  kNoAnswer = 1,
  kBusy = 2,
  kUnreachable = 3,
  kAnswered = 4,
};

// What the Router keeps of a callback beside its call.
struct CallbackFacts {
  std::string number;      // As normalised.
  QueueIndex asked_queue;  // Where it was asked for: of one number one is open there.
  int32_t attempts = 0;    // Dials that failed.
  uint32_t dial = 0;       // Generation of the latest dial with nobody waiting for the customer.
  uint32_t dials = 0;      // That the switch was told of: names their legs (leg_id.h).
};

// A follow-up or reminder: a call that is to enter at its time, and none before.
struct ScheduledCall {
  std::string queue;  // Id: it may go, and come back, meanwhile.
  SourceIndex source;
  std::string number;  // Of a callback, as normalised; of a task it is empty.
  bool has_priority = false;
  int32_t priority = 0;
  int64_t due_ms = 0;  // Unix time.

  bool operator==(const ScheduledCall&) const = default;
};

// What became of one. The values are in the hashes.
enum class ScheduleChange : uint8_t {
  kMade = 0,
  kMoved = 1,  // To another time.
  kCanceled = 2,
  kDropped = 3,  // Its time came, but it may not enter.
};

// Digits with an optional + in front; blanks and the signs - . ( ) / between them are left out.
// Nothing where something else stands in it, or not 1..kNumberDigitsMax digits.
[[nodiscard]] std::optional<std::string> normalised_number(std::string_view text);

// A + and digits as they are, X for any one digit, and a point at the end for any rest, also none.
// 1..kNumberPatternBytesMax bytes.
[[nodiscard]] bool is_number_pattern(std::string_view pattern);
// REQUIRES: a pattern and a normalised number.
[[nodiscard]] bool matches_number(std::string_view pattern, std::string_view number);
// No pattern of `deny` matches, and one of `allow` does, or there is none.
[[nodiscard]] bool is_number_allowed(const CallbackConfig& config, std::string_view number);

}  // namespace acd
