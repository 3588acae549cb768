// SPDX-License-Identifier: Apache-2.0
// A random order of many numbers that can be asked from both sides, at the price of no memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "routing/random_draw.h"

namespace acd {

// A permutation of 0..2^bits-1: rounds that each can be taken back (add a key, multiply by an odd
// number, mix the upper half of the bits into the lower). Whoever has few numbers asks for the place
// of each; whoever looks for one of many asks for the number at place 0, 1, 2, ...
//
// Bounds:   numbers below 2^48.
class Shuffle {
 public:
  // Of at least the numbers below `count`, 1 or more; the same seed gives the same order.
  Shuffle(uint64_t seed, uint64_t count) {
    const int bits = std::max(kBitsMin, static_cast<int>(std::bit_width(count - 1)));
    mask_ = (uint64_t{1} << bits) - 1;
    half_ = (bits + 1) / 2;
    RandomDraw draws(seed);
    for (uint64_t& key : keys_) key = draws.next();
  }

  [[nodiscard]] uint64_t number_at(uint64_t place) const {
    uint64_t x = place;
    for (size_t i = 0; i < kRounds; ++i) {
      x = ((x + keys_[i]) * kFactors[i]) & mask_;
      x ^= x >> half_;
    }
    return x;
  }
  [[nodiscard]] uint64_t place_of(uint64_t number) const {
    uint64_t x = number;
    for (size_t i = kRounds; i-- > 0;) {
      x ^= x >> half_;  // Half of the bits or more: this takes itself back.
      x = (x * kInverses[i] - keys_[i]) & mask_;
    }
    return x;
  }

 private:
  static constexpr int kBitsMin = 12;   // So that few numbers get enough of the keys.
  static constexpr size_t kRounds = 6;  // With four, some of few numbers came first 1 % too often.
  using Words = std::array<uint64_t, kRounds>;

  static constexpr Words kFactors = {0x9e3779b97f4a7c15ull, 0xbf58476d1ce4e5b9ull,
                                     0x94d049bb133111ebull, 0xd1342543de82ef95ull,
                                     0xff51afd7ed558ccdull, 0xc4ceb9fe1a85ec53ull};
  // What multiplies back, modulo 2^64 and so modulo each smaller power of two.
  static constexpr Words kInverses = [] {
    Words inverses = kFactors;
    for (size_t i = 0; i < kRounds; ++i) {  // Newton: each step doubles the bits that are right.
      for (int step = 0; step < 5; ++step) inverses[i] *= 2 - kFactors[i] * inverses[i];
    }
    return inverses;
  }();

  uint64_t mask_ = 0;
  int half_ = 0;
  Words keys_{};
};

}  // namespace acd
