// SPDX-License-Identifier: Apache-2.0
// Where random worlds get their numbers: a seed, or the bytes of a fuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "routing/random_draw.h"

namespace acd::sim {

// One statement draws once, or in an order that the language lays down (&&, ||, ?:, braces): the
// operands of + and the arguments of a call come in another one with another compiler.
class Draw {
 public:
  Draw() = default;
  Draw(const Draw&) = delete;
  Draw& operator=(const Draw&) = delete;
  virtual ~Draw() = default;

  // 0..limit-1. REQUIRES: limit > 0.
  virtual uint32_t below(uint32_t limit) = 0;

  // low..high, both included.
  int32_t between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(below(static_cast<uint32_t>(high - low + 1)));
  }
  // The last of the values, so that bytes that are used up say no.
  bool one_in(uint32_t odds) { return below(odds) == odds - 1; }
  bool percent(uint32_t chance) { return below(100) >= 100 - chance; }
  // REQUIRES: not empty.
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(static_cast<uint32_t>(from.size()))];
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[below(static_cast<uint32_t>(from.size()))];
  }
};

class SeededDraw final : public Draw {
 public:
  explicit SeededDraw(uint64_t seed) : draw_(seed) {}
  uint32_t below(uint32_t limit) override { return static_cast<uint32_t>(draw_.below(limit)); }

 private:
  RandomDraw draw_;
};

}  // namespace acd::sim
