// SPDX-License-Identifier: Apache-2.0
#include "routing/shuffle.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>

namespace acd {
namespace {

class ShuffleTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, ShuffleTest,
                         ::testing::Values(1, 2, 17, 4'095, 4'096, 4'097, 50'000, 1'000'000));

TEST_P(ShuffleTest, EveryNumberHasOnePlaceAndIsFoundThere) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const Shuffle shuffle(seed, GetParam());
    std::set<uint64_t> places;
    for (uint64_t number = 0; number < GetParam(); ++number) {
      const uint64_t place = shuffle.place_of(number);
      ASSERT_EQ(shuffle.number_at(place), number);
      if (GetParam() < 100'000) {
        ASSERT_TRUE(places.insert(place).second) << number;
      }
    }
  }
}

// Which of some numbers comes first, over many seeds. Numbers that stand together or in a pattern,
// as agents of one team do.
TEST(ShuffleFirstTest, EachOfSomeNumbersComesFirstAsOftenAsTheOthers) {
  constexpr uint64_t kSeeds = 200'000;
  constexpr size_t kNumbers = 20;
  constexpr double kChiSquared =
      50.8;  // One sample in 10,000 exceeds it, at 19 degrees of freedom.
  for (const uint64_t count : {20u, 4'000u, 70'000u}) {
    for (const uint64_t step : {uint64_t{1}, count / kNumbers}) {
      std::array<double, kNumbers> firsts{};
      for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const Shuffle shuffle(seed, count);
        uint64_t first = 0;
        for (uint64_t i = 1; i < kNumbers; ++i) {
          if (shuffle.place_of(i * step) < shuffle.place_of(first * step)) first = i;
        }
        ++firsts[first];
      }
      constexpr double kExpected = static_cast<double>(kSeeds) / kNumbers;
      double chi_squared = 0;
      for (const double found : firsts) {
        chi_squared += (found - kExpected) * (found - kExpected) / kExpected;
      }
      EXPECT_LT(chi_squared, kChiSquared) << count << " numbers, every " << step;
    }
  }
}

}  // namespace
}  // namespace acd
