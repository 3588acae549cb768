// SPDX-License-Identifier: Apache-2.0
// What a fault proxy does to the messages of a stream, drawn from a seed.
#include "tests/net/fault_script.h"

#include <absl/status/status.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <optional>
#include <utility>
#include <vector>

namespace acd::net {
namespace {

constexpr uint64_t kRefusalSalt = 2;  // Behind the directions'.

// FNV-1a, as std::hash may differ from one library to the next.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xcbf29ce484222325ull;
  for (const char byte : text) {
    value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3ull;
  }
  return value;
}

RandomDraw draw_for(uint64_t seed, std::string_view method, int64_t ordinal, uint64_t salt) {
  RandomDraw draw(seed);
  for (const uint64_t part : {hash(method), static_cast<uint64_t>(ordinal), salt}) {
    draw = RandomDraw(draw.next() ^ part);
  }
  return draw;
}

int32_t one_to(int32_t limit, RandomDraw& draw) {
  return 1 + static_cast<int32_t>(draw.below(static_cast<uint64_t>(limit)));
}

absl::Status unreadable(const std::string& word, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("faults: \"", word, "\": ", why));
}

std::optional<Fault> fault_of(const std::string& name) {
  for (const Fault fault : kFaults) {
    if (fault != Fault::kNone && name == name_of(fault)) return fault;
  }
  return std::nullopt;
}

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "pass";
    case Fault::kDelay:
      return "delay";
    case Fault::kStall:
      return "stall";
    case Fault::kDrop:
      return "drop";
    case Fault::kRepeat:
      return "repeat";
    case Fault::kCut:
      return "cut";
  }
  return "";
}

const char* name_of(Direction direction) { return direction == Direction::kUp ? "up" : "down"; }

absl::StatusOr<FaultRates> parse_rates(const std::string& text) {
  FaultRates rates;
  for (const std::string& word :
       std::vector<std::string>(absl::StrSplit(text, ',', absl::SkipEmpty()))) {
    const std::pair<std::string, std::string> sides = absl::StrSplit(word, absl::MaxSplits('=', 1));
    int32_t rate = 0;
    if (!absl::SimpleAtoi(sides.second, &rate) || rate < 0 || rate > kRateMax) {
      return unreadable(word, absl::StrCat("wants a number of 0 to ", kRateMax, " behind \"=\""));
    }
    std::string name = sides.first;
    if (name == "refuse") {
      rates.refuse = rate;
      continue;
    }
    std::optional<Direction> only;
    for (const Direction direction : kDirections) {
      const std::string prefix = absl::StrCat(name_of(direction), ":");
      if (!name.starts_with(prefix)) continue;
      only = direction;
      name.erase(0, prefix.size());
      break;
    }
    const std::optional<Fault> fault = fault_of(name);
    if (!fault) {
      return unreadable(word,
                        "is none of delay, stall, drop, repeat, cut, each with \"up:\" or "
                        "\"down:\" in front or without, and refuse");
    }
    for (const Direction direction : kDirections) {
      if (!only || *only == direction) rates.messages[direction][*fault] = rate;
    }
  }
  for (const Direction direction : kDirections) {
    int32_t sum = 0;
    for (const Fault fault : kFaults) sum += rates.messages[direction][fault];
    if (sum > kRateMax) {
      return unreadable(
          text, absl::StrCat("more than ", kRateMax, " of 1,000 messages ", name_of(direction)));
    }
  }
  return rates;
}

FaultScript::FaultScript(const FaultRates& rates, uint64_t seed, std::string_view method,
                         int64_t ordinal, Direction direction, bool is_single)
    : rates_(rates.messages[direction]),
      draw_(draw_for(seed, method, ordinal, static_cast<uint64_t>(direction))),
      is_single_(is_single) {}

ScriptStep FaultScript::next() {
  auto place = static_cast<int32_t>(draw_.below(kRateMax));
  ScriptStep step;
  for (const Fault fault : kFaults) {
    place -= rates_[fault];
    if (place >= 0) continue;
    step.fault = fault;
    break;
  }
  if (is_single_ && (step.fault == Fault::kDrop || step.fault == Fault::kRepeat)) {
    step.fault = Fault::kNone;
  }
  if (step.fault == Fault::kDelay) step.delay_ms = one_to(kDelayMaxMs, draw_);
  if (step.fault == Fault::kStall) step.stall_messages = one_to(kStallMessagesMax, draw_);
  return step;
}

bool is_refused(const FaultRates& rates, uint64_t seed, std::string_view method, int64_t ordinal) {
  RandomDraw draw = draw_for(seed, method, ordinal, kRefusalSalt);
  return static_cast<int32_t>(draw.below(kRateMax)) < rates.refuse;
}

}  // namespace acd::net
