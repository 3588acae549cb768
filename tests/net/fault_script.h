// SPDX-License-Identifier: Apache-2.0
// What a fault proxy does to the messages of a stream, drawn from a seed.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "routing/random_draw.h"

namespace acd::net {

// From the client to the server, and back.
enum class Direction : uint8_t { kUp, kDown };
inline constexpr std::array kDirections = {Direction::kUp, Direction::kDown};

enum class Fault : uint8_t {
  kNone,    // The message passes.
  kDelay,   // It passes later, and what comes behind it, too.
  kStall,   // It passes when some more have come behind it, or kStallTimeMax is over.
  kDrop,    // It never passes.
  kRepeat,  // It passes twice.
  kCut,     // Both sides are reset instead.
};
inline constexpr std::array kFaults = {Fault::kNone, Fault::kDelay,  Fault::kStall,
                                       Fault::kDrop, Fault::kRepeat, Fault::kCut};

// "drop" and so on; kNone is "pass".
[[nodiscard]] const char* name_of(Fault fault);
[[nodiscard]] const char* name_of(Direction direction);

inline constexpr int32_t kRateMax = 1'000;
inline constexpr int32_t kDelayMaxMs = 50;
inline constexpr int32_t kStallMessagesMax = 8;

template <typename Value, typename Index, size_t kSize>
class ByEnum {
 public:
  Value& operator[](Index index) { return values_[static_cast<size_t>(index)]; }
  const Value& operator[](Index index) const { return values_[static_cast<size_t>(index)]; }
  bool operator==(const ByEnum&) const = default;

 private:
  std::array<Value, kSize> values_{};
};
template <typename Value>
using ByFault = ByEnum<Value, Fault, kFaults.size()>;
template <typename Value>
using ByDirection = ByEnum<Value, Direction, kDirections.size()>;

// Of 1,000 messages of a direction, how many meet a fault: all together at most kRateMax, and
// nothing of kNone. Of 1,000 new streams, how many are refused.
struct FaultRates {
  ByDirection<ByFault<int32_t>> messages;
  int32_t refuse = 0;

  bool operator==(const FaultRates&) const = default;
};

// "cut=5,up:drop=2,refuse=10"; without "up:" or "down:" it is for both directions. Empty: no fault
// at all. The error names what it cannot read.
[[nodiscard]] absl::StatusOr<FaultRates> parse_rates(const std::string& text);

// What becomes of one message.
struct ScriptStep {
  Fault fault = Fault::kNone;
  int32_t delay_ms = 0;        // kDelay: 1..kDelayMaxMs.
  int32_t stall_messages = 0;  // kStall: 1..kStallMessagesMax.

  bool operator==(const ScriptStep&) const = default;
};

// The steps of one direction of one stream, without end; the same for the same seed, method,
// ordinal and direction. In a direction that carries one message only (`is_single`), gRPC itself
// would answer a lost or a second one: there, kDrop and kRepeat are drawn as kNone.
class FaultScript {
 public:
  FaultScript() = default;
  // `ordinal`: how many streams of that method came before.
  FaultScript(const FaultRates& rates, uint64_t seed, std::string_view method, int64_t ordinal,
              Direction direction, bool is_single);

  ScriptStep next();

 private:
  ByFault<int32_t> rates_;
  RandomDraw draw_;
  bool is_single_ = false;
};

// Whether that stream is refused.
[[nodiscard]] bool is_refused(const FaultRates& rates, uint64_t seed, std::string_view method,
                              int64_t ordinal);

}  // namespace acd::net
