// SPDX-License-Identifier: Apache-2.0
// Decayed counts against the same sums in floating point.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "routing/decayed_count.h"
#include "routing/limits.h"
#include "routing/random_draw.h"

namespace acd {
namespace {

constexpr int64_t kMinute = 60 * kNsPerS;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr int64_t kTwentyYears = 20 * 365 * kDay;

struct Addition {
  int64_t amount = 0;
  int64_t at_ns = 0;
};

// What is left at `now_ns` of all that was added.
long double left_of(const std::vector<Addition>& additions, int64_t now_ns, int64_t half_life_ns) {
  long double sum = 0;
  for (const Addition& addition : additions) {
    const auto halvings =
        static_cast<long double>(addition.at_ns - now_ns) / static_cast<long double>(half_life_ns);
    sum += static_cast<long double>(addition.amount) * exp2l(halvings);
  }
  return sum;
}

// a ÷ b.
long double ratio(const DecayedCount& a, const DecayedCount& b) {
  return ldexpl(static_cast<long double>(a.mantissa()) / static_cast<long double>(b.mantissa()),
                a.exponent() - b.exponent());
}

DecayedCount count_of(const std::vector<Addition>& additions, int64_t half_life_ns) {
  DecayedCount count;
  for (const Addition& addition : additions) {
    count.add(addition.amount, addition.at_ns, half_life_ns);
  }
  return count;
}

std::vector<Addition> random_additions(RandomDraw* draw, int64_t from_ns) {
  std::vector<Addition> additions;
  const uint64_t count = 1 + draw->below(20);
  for (uint64_t i = 0; i < count; ++i) {
    from_ns += static_cast<int64_t>(draw->below(600)) * kNsPerS + 7;
    additions.push_back({1 + static_cast<int64_t>(draw->below(1'000'000)), from_ns});
  }
  return additions;
}

TEST(DecayedCountTest, BeginsAtZeroAndBelowEverything) {
  DecayedCount zero;
  DecayedCount one;
  one.add(1, 0, kMinute);
  EXPECT_TRUE(zero.is_zero());
  EXPECT_FALSE(one.is_zero());
  EXPECT_LT(zero, one);
  EXPECT_GT(one, zero);
  EXPECT_EQ(zero, DecayedCount());
  zero.add(0, kDay, kMinute);
  EXPECT_TRUE(zero.is_zero());
}

TEST(DecayedCountTest, OneHalfLifeLaterCountsDouble) {
  DecayedCount early;
  early.add(2, 5 * kMinute, kMinute);
  DecayedCount late;
  late.add(1, 6 * kMinute, kMinute);
  EXPECT_EQ(early, late);
  late.add(1, 6 * kMinute, kMinute);
  EXPECT_GT(late, early);
}

TEST(DecayedCountTest, KeepsMantissaInItsRange) {
  RandomDraw draw(1);
  DecayedCount count;
  for (int64_t i = 0; i < 1'000; ++i) {
    count.add(1 + static_cast<int64_t>(draw.below(1'000)), i * kNsPerS, kMinute);
    EXPECT_GE(count.mantissa(), uint64_t{1} << 62);
    EXPECT_LT(count.mantissa(), uint64_t{1} << 63);
  }
}

TEST(DecayedCountTest, AgreesWithFloatingPointInOrderAndRatio) {
  RandomDraw draw(2);
  for (int round = 0; round < 500; ++round) {
    const int64_t half_life_ns = kMinute * static_cast<int64_t>(1 + draw.below(60));
    const int64_t from_ns = static_cast<int64_t>(draw.below(1'000)) * kMinute;
    const std::vector<Addition> first = random_additions(&draw, from_ns);
    const std::vector<Addition> second = random_additions(&draw, from_ns);
    const DecayedCount a = count_of(first, half_life_ns);
    const DecayedCount b = count_of(second, half_life_ns);
    const int64_t now_ns = from_ns + kDay;
    const long double wanted =
        left_of(first, now_ns, half_life_ns) / left_of(second, now_ns, half_life_ns);
    EXPECT_NEAR(static_cast<double>(ratio(a, b) / wanted), 1.0, 1e-5);
    if (fabsl(wanted - 1) > 1e-5L) {
      EXPECT_EQ(a < b, wanted < 1);
    }
  }
}

TEST(DecayedCountTest, SharesInMillionths) {
  DecayedCount nothing;
  DecayedCount work;
  DecayedCount idle;
  EXPECT_EQ(DecayedCount::share_ppm(nothing, nothing), 0);
  work.add(30, kMinute, kMinute);
  idle.add(10, kMinute, kMinute);
  EXPECT_EQ(DecayedCount::share_ppm(work, idle), 750'000);
  EXPECT_EQ(DecayedCount::share_ppm(work, nothing), 1'000'000);
  EXPECT_EQ(DecayedCount::share_ppm(nothing, idle), 0);
  idle.add(1, 200 * kMinute, kMinute);
  EXPECT_EQ(DecayedCount::share_ppm(work, idle), 0);
  EXPECT_EQ(DecayedCount::share_ppm(idle, work), 1'000'000);
}

TEST(DecayedCountTest, KeepsTheDecayedValueOverAChangeOfHalfLife) {
  RandomDraw draw(3);
  for (int round = 0; round < 200; ++round) {
    const int64_t from_ns = kMinute * static_cast<int64_t>(1 + draw.below(60));
    const int64_t to_ns = kMinute * static_cast<int64_t>(1 + draw.below(60));
    const std::vector<Addition> additions = random_additions(&draw, 0);
    DecayedCount changed = count_of(additions, from_ns);
    const int64_t now_ns = additions.back().at_ns + 3 * kMinute;
    changed.change_half_life(now_ns, from_ns, to_ns);
    DecayedCount unit;
    unit.add(1'000'000, now_ns, to_ns);
    const long double wanted = left_of(additions, now_ns, from_ns) / 1'000'000;
    EXPECT_NEAR(static_cast<double>(ratio(changed, unit) / wanted), 1.0, 1e-5);
  }
}

TEST(DecayedCountTest, HoldsOutTwentyYearsAtTheShortestHalfLife) {
  DecayedCount old;
  DecayedCount young;
  for (int64_t at_ns = 0; at_ns <= kTwentyYears; at_ns += 97 * kDay) {
    old.add(INT64_MAX, at_ns, kDecayHalfLifeMinNs);
  }
  old.add(3, kTwentyYears, kDecayHalfLifeMinNs);
  young.add(3, kTwentyYears, kDecayHalfLifeMinNs);
  EXPECT_GE(old, young);
  EXPECT_NEAR(static_cast<double>(ratio(old, young)), 1.0, 1e-5);
  young.add(1, kTwentyYears, kDecayHalfLifeMinNs);
  EXPECT_GT(young, old);
  young.change_half_life(kTwentyYears, kDecayHalfLifeMinNs, kDecayHalfLifeMaxNs);
  old.change_half_life(kTwentyYears, kDecayHalfLifeMinNs, kDecayHalfLifeMaxNs);
  EXPECT_GT(young, old);
  EXPECT_NEAR(static_cast<double>(ratio(young, old)), 4.0 / 3, 1e-5);
}

TEST(DecayedCountTest, KeepsOrderWhileNothingIsAdded) {
  // Sums of one half-life are compared as stored, whatever the time.
  DecayedCount a;
  DecayedCount b;
  a.add(100, 0, kMinute);
  b.add(51, kMinute, kMinute);
  EXPECT_LT(a, b);
  b = DecayedCount();
  b.add(49, kMinute, kMinute);
  EXPECT_GT(a, b);
}

}  // namespace
}  // namespace acd
