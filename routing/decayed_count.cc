// SPDX-License-Identifier: Apache-2.0
// Sums that forget: 128-bit products of 63-bit mantissas, nothing else.
#include "routing/decayed_count.h"

#include <array>
#include <cstddef>
#include <utility>

#include "routing/check.h"

namespace acd {
namespace {

__extension__ typedef unsigned __int128 uint128;

constexpr int kFractionBits = 20;  // Time is resolved to 2^-20 half-lives.
constexpr int kMantissaBits = 62;  // A mantissa is in [2^62, 2^63).
constexpr uint64_t kOne = uint64_t{1} << kMantissaBits;

// 2^(2^-i) for i = 1..20, times 2^62, rounded down.
constexpr std::array<uint64_t, kFractionBits> kRoots = {
    0x5a827999fcef3242ull, 0x4c1bf828c6dc54b7ull, 0x45cae0f1f545eb73ull, 0x42d561b3e6243d8aull,
    0x4166c34c5615d0ebull, 0x40b268f9de0183b9ull, 0x4058f6a7ecccd5b6ull, 0x402c6be96af2fb58ull,
    0x4016321b687027a8ull, 0x400b18178ba33b14ull, 0x40058bce410147e8ull, 0x4002c5d7bff71daeull,
    0x400162e807ee7e5bull, 0x4000b1730df6a524ull, 0x400058b9497b8151ull, 0x40002c5c955dd701ull,
    0x4000162e46d6f26bull, 0x40000b1722757b1bull, 0x4000058b90fd3e0cull, 0x400002c5c86f3f26ull,
};

// 2^(time / half-life) = mantissa * 2^(exponent - 62).
struct Weight {
  int32_t exponent = 0;
  uint64_t mantissa = kOne;
};

Weight weight_at(int64_t now_ns, int64_t half_life_ns) {
  Weight weight;
  weight.exponent = static_cast<int32_t>(now_ns / half_life_ns);
  const auto rest = static_cast<uint128>(now_ns % half_life_ns);
  const auto fraction =
      static_cast<uint64_t>((rest << kFractionBits) / static_cast<uint128>(half_life_ns));
  for (int i = 0; i < kFractionBits; ++i) {
    if ((fraction >> (kFractionBits - 1 - i) & 1) == 0) continue;
    weight.mantissa = static_cast<uint64_t>(
        static_cast<uint128>(weight.mantissa) * kRoots[static_cast<size_t>(i)] >> kMantissaBits);
  }
  return weight;
}

// Shifts `value` until it is a mantissa and moves the exponent along. REQUIRES: value > 0.
std::pair<int32_t, uint64_t> normalised(uint128 value, int32_t exponent) {
  while (value >= static_cast<uint128>(kOne) * 2) {
    value >>= 1;
    ++exponent;
  }
  while (value < kOne) {
    value <<= 1;
    --exponent;
  }
  return {exponent, static_cast<uint64_t>(value)};
}

// mantissa * 2^exponent in units of 2^unit, rounded down. REQUIRES: unit >= exponent.
uint64_t in_units(uint64_t mantissa, int32_t exponent, int32_t unit) {
  const int64_t shift = int64_t{unit} - exponent;
  return shift > kMantissaBits ? 0 : mantissa >> shift;
}

}  // namespace

void DecayedCount::add(int64_t amount, int64_t now_ns, int64_t half_life_ns) {
  ACD_CHECK(amount >= 0 && now_ns >= 0 && half_life_ns > 0);
  if (amount == 0) return;
  const Weight weight = weight_at(now_ns, half_life_ns);
  const auto [exponent, mantissa] =
      normalised(static_cast<uint128>(weight.mantissa) * static_cast<uint64_t>(amount),
                 weight.exponent - kMantissaBits);
  if (is_zero()) {
    exponent_ = exponent;
    mantissa_ = mantissa;
    return;
  }
  const int32_t unit = exponent > exponent_ ? exponent : exponent_;
  const uint128 sum = static_cast<uint128>(in_units(mantissa, exponent, unit)) +
                      in_units(mantissa_, exponent_, unit);
  const auto [sum_exponent, sum_mantissa] = normalised(sum, unit);
  exponent_ = sum_exponent;
  mantissa_ = sum_mantissa;
}

void DecayedCount::change_half_life(int64_t now_ns, int64_t from_ns, int64_t to_ns) {
  ACD_CHECK(now_ns >= 0 && from_ns > 0 && to_ns > 0);
  if (is_zero() || from_ns == to_ns) return;
  const Weight from = weight_at(now_ns, from_ns);
  const Weight to = weight_at(now_ns, to_ns);
  const auto [exponent, mantissa] =
      normalised(static_cast<uint128>(mantissa_) * to.mantissa / from.mantissa,
                 exponent_ + to.exponent - from.exponent);
  exponent_ = exponent;
  mantissa_ = mantissa;
}

std::strong_ordering DecayedCount::operator<=>(const DecayedCount& other) const {
  if (is_zero() || other.is_zero()) return !is_zero() <=> !other.is_zero();
  const auto by_exponent = exponent_ <=> other.exponent_;
  return by_exponent != std::strong_ordering::equal ? by_exponent : mantissa_ <=> other.mantissa_;
}

int64_t DecayedCount::share_ppm(const DecayedCount& part, const DecayedCount& rest) {
  if (part.is_zero()) return 0;
  if (rest.is_zero()) return 1'000'000;
  const int32_t unit = part.exponent_ > rest.exponent_ ? part.exponent_ : rest.exponent_;
  const uint64_t of_part = in_units(part.mantissa_, part.exponent_, unit);
  const uint64_t of_rest = in_units(rest.mantissa_, rest.exponent_, unit);
  const uint128 total = static_cast<uint128>(of_part) + of_rest;
  return static_cast<int64_t>(static_cast<uint128>(of_part) * 1'000'000 / total);
}

}  // namespace acd
