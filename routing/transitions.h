// SPDX-License-Identifier: Apache-2.0
// What may follow what: the work of an agent and the stages of a call. README.md has the same two
// tables with the reasons, and tests/routing/vocabulary_test.cc holds them against each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "routing/call_queue.h"
#include "routing/roster.h"

namespace acd {

inline constexpr std::array<std::string_view, 8> kWorkNames{
    "none", "reserved", "ringing", "connecting", "on call", "on hold", "wrap-up", "busy other"};
static_assert(kWorkNames.size() == static_cast<size_t>(Work::kBusyOther) + 1);
inline constexpr std::array<std::string_view, 9> kStageNames{
    "none",       "enqueued",  "alerting",        "scheduled", "dialing",
    "connecting", "connected", "dialing outside", "outside"};
static_assert(kStageNames.size() == static_cast<size_t>(CallStage::kOutside) + 1);

// Some steps from one state to another.
template <typename State, size_t kCount>
class Transitions {
 public:
  struct Step {
    State from;
    State to;
  };
  constexpr Transitions() = default;
  constexpr Transitions(std::initializer_list<Step> steps) {
    for (const Step& step : steps) add(step.from, step.to);
  }

  constexpr void add(State from, State to) {
    rows_[static_cast<size_t>(from)] |= static_cast<uint16_t>(1u << static_cast<uint32_t>(to));
  }
  [[nodiscard]] constexpr bool has(State from, State to) const {
    return ((rows_[static_cast<size_t>(from)] >> static_cast<uint32_t>(to)) & 1u) != 0;
  }

 private:
  static_assert(kCount <= 16, "a row is 16 bits");
  std::array<uint16_t, kCount> rows_{};  // By `from`; bit i: to the i-th.
};

using WorkTransitions = Transitions<Work, kWorkNames.size()>;
using StageTransitions = Transitions<CallStage, kStageNames.size()>;

// kNone: before it begins, and when it is over.
inline constexpr WorkTransitions kWorkTransitions{
    {Work::kNone, Work::kReserved},       {Work::kNone, Work::kConnecting},
    {Work::kNone, Work::kBusyOther},      {Work::kReserved, Work::kRinging},
    {Work::kReserved, Work::kConnecting}, {Work::kReserved, Work::kNone},
    {Work::kReserved, Work::kBusyOther},  {Work::kRinging, Work::kConnecting},
    {Work::kRinging, Work::kNone},        {Work::kRinging, Work::kBusyOther},
    {Work::kConnecting, Work::kOnCall},   {Work::kConnecting, Work::kNone},
    {Work::kOnCall, Work::kOnHold},       {Work::kOnHold, Work::kOnCall},
    {Work::kOnCall, Work::kWrapUp},       {Work::kOnHold, Work::kWrapUp},
    {Work::kOnCall, Work::kNone},         {Work::kOnHold, Work::kNone},
    {Work::kWrapUp, Work::kNone},         {Work::kWrapUp, Work::kBusyOther},
    {Work::kBusyOther, Work::kNone},
};

// kFree: before the call arrives, and when it is over.
inline constexpr StageTransitions kStageTransitions{
    {CallStage::kFree, CallStage::kEnqueued},
    {CallStage::kEnqueued, CallStage::kAlerting},
    {CallStage::kAlerting, CallStage::kEnqueued},
    {CallStage::kAlerting, CallStage::kConnecting},
    {CallStage::kConnecting, CallStage::kEnqueued},
    {CallStage::kConnecting, CallStage::kConnected},
    {CallStage::kConnected, CallStage::kEnqueued},
    {CallStage::kEnqueued, CallStage::kFree},
    {CallStage::kAlerting, CallStage::kFree},
    {CallStage::kConnecting, CallStage::kFree},
    {CallStage::kConnected, CallStage::kFree},
    {CallStage::kEnqueued, CallStage::kDialing},
    {CallStage::kDialing, CallStage::kEnqueued},
    {CallStage::kDialing, CallStage::kScheduled},
    {CallStage::kConnecting, CallStage::kScheduled},
    {CallStage::kScheduled, CallStage::kEnqueued},
    {CallStage::kDialing, CallStage::kFree},
    {CallStage::kScheduled, CallStage::kFree},
    {CallStage::kEnqueued, CallStage::kDialingOutside},
    {CallStage::kDialingOutside, CallStage::kOutside},
    {CallStage::kDialingOutside, CallStage::kFree},
    {CallStage::kOutside, CallStage::kFree},
};

}  // namespace acd
