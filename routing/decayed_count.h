// SPDX-License-Identifier: Apache-2.0
// A sum that forgets half of itself every half-life, in integers, comparable at any time.
#pragma once

#include <compare>
#include <cstdint>

namespace acd {

// Forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): instead of shrinking what was added,
// what is added at time t counts 2^(t / half-life). Sums of one half-life keep their order for ever,
// and nothing is touched as time passes. Only order and ratios mean anything.
//
// A value is mantissa × 2^exponent with the mantissa in [2^62, 2^63), or zero. Every operation
// rounds down; time is resolved to 2^-20 half-lives.
class DecayedCount {
 public:
  // Adds `amount`, in any unit, at `now_ns`. REQUIRES: both >= 0, half_life_ns > 0.
  void add(int64_t amount, int64_t now_ns, int64_t half_life_ns);
  // Keeps the decayed value of `now_ns` while the half-life changes.
  void change_half_life(int64_t now_ns, int64_t from_ns, int64_t to_ns);

  [[nodiscard]] bool is_zero() const { return mantissa_ == 0; }
  // Its leading bits: of two values with different keys the one with the smaller key is less.
  [[nodiscard]] uint64_t order_key() const {
    if (is_zero()) return 0;
    const uint32_t exponent = static_cast<uint32_t>(exponent_) ^ (1u << 31);
    return static_cast<uint64_t>(exponent) << 32 | (mantissa_ >> 31 & 0xffffffffu);
  }
  // The value of these two words. REQUIRES: they were had from a value.
  [[nodiscard]] static DecayedCount of(int32_t exponent, uint64_t mantissa) {
    DecayedCount count;
    count.exponent_ = exponent;
    count.mantissa_ = mantissa;
    return count;
  }
  // Two words that order as the value does; for hashes.
  [[nodiscard]] int32_t exponent() const { return exponent_; }
  [[nodiscard]] uint64_t mantissa() const { return mantissa_; }
  std::strong_ordering operator<=>(const DecayedCount& other) const;
  bool operator==(const DecayedCount& other) const = default;

  // part ÷ (part + rest) in millionths, 0 if both are zero.
  [[nodiscard]] static int64_t share_ppm(const DecayedCount& part, const DecayedCount& rest);

 private:
  int32_t exponent_ = 0;
  uint64_t mantissa_ = 0;
};

}  // namespace acd
