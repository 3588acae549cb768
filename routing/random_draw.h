// SPDX-License-Identifier: Apache-2.0
// The Router's own random generator: its state is part of the state of the Router.
#pragma once

#include <cstdint>

namespace acd {

// SplitMix64 (Steele, Lea, Flood 2014).
class RandomDraw {
 public:
  RandomDraw() = default;
  explicit RandomDraw(uint64_t seed) : state_(seed) {}

  // Any 64 bits.
  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ull;
    uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }
  // 0..limit-1, all alike but for 2^-32. REQUIRES: 0 < limit < 2^32.
  uint64_t below(uint64_t limit) { return ((next() >> 32) * limit) >> 32; }
  [[nodiscard]] uint64_t state() const { return state_; }

 private:
  uint64_t state_ = 0;
};

}  // namespace acd
