// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace acd {
namespace {

using Draw = std::function<double(std::mt19937_64&)>;

std::map<std::string, Draw> distributions() {
  std::map<std::string, Draw> all;
  all["uniform"] = [](auto& random) {
    return std::uniform_real_distribution<double>(0, 3'600'000)(random);
  };
  all["exponential"] = [](auto& random) {
    return std::exponential_distribution<double>(1 / 180'000.0)(random);
  };
  all["lognormal"] = [](auto& random) {
    return std::lognormal_distribution<double>(11.0, 1.5)(random);
  };
  all["mostly zero"] = [](auto& random) {
    return random() % 4 != 0 ? 0.0 : std::exponential_distribution<double>(1 / 30'000.0)(random);
  };
  all["two peaks"] = [](auto& random) {
    return random() % 2 == 0 ? 5'000.0 + static_cast<double>(random() % 100)
                             : 86'400'000.0 + static_cast<double>(random() % 10'000'000);
  };
  return all;
}

int64_t clamped(double value) {
  return std::min(static_cast<int64_t>(value), HistogramBuckets::kValueMax);
}

Histogram histogram_of(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (const int64_t value : values) histogram.add(0, value);
  return histogram;
}

TEST(HistogramTest, EveryValueLiesWithinOnePercentOfWhatStandsForIt) {
  std::mt19937_64 random(7);
  const auto check = [](int64_t value) {
    const int64_t shown = HistogramBuckets::middle(HistogramBuckets::of(value));
    EXPECT_LE(std::abs(shown - value) * 100, value) << value << " shown as " << shown;
    EXPECT_EQ(HistogramBuckets::of(shown), HistogramBuckets::of(value));
  };
  for (int64_t value = 0; value < 10'000; ++value) check(value);
  for (int bits = 6; bits < 30; ++bits) {
    check((int64_t{1} << bits) - 1);
    check(int64_t{1} << bits);
    check((int64_t{1} << bits) + 1);
  }
  for (int i = 0; i < 100'000; ++i) check(static_cast<int64_t>(random() >> 34));
  check(HistogramBuckets::kValueMax);
  EXPECT_EQ(HistogramBuckets::of(HistogramBuckets::kValueMax), HistogramBuckets::kCount - 1);
}

TEST(HistogramTest, TakesWhatIsBeyondItsRangeAsTheNearestInIt) {
  EXPECT_EQ(HistogramBuckets::of(-5), 0u);
  EXPECT_EQ(HistogramBuckets::of(INT64_MAX), HistogramBuckets::kCount - 1);
}

TEST(HistogramTest, BucketsGrowWithTheirValues) {
  for (uint32_t bucket = 1; bucket < HistogramBuckets::kCount; ++bucket) {
    EXPECT_GT(HistogramBuckets::middle(bucket), HistogramBuckets::middle(bucket - 1));
  }
}

TEST(HistogramTest, PercentilesOfAMillionValuesAreWithinOnePercent) {
  for (const auto& [name, draw] : distributions()) {
    std::mt19937_64 random(11);
    std::vector<int64_t> values(1'000'000);
    for (int64_t& value : values) value = clamped(draw(random));
    const Histogram histogram = histogram_of(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(histogram.count(0), static_cast<int64_t>(values.size()));
    for (const int32_t percent : {1, 50, 80, 90, 95, 99, 100}) {
      const size_t rank = (values.size() * static_cast<size_t>(percent) + 99) / 100;
      const int64_t exact = values[rank - 1];
      EXPECT_LE(std::abs(*histogram.percentile(0, percent) - exact) * 100, exact)
          << name << " p" << percent;
    }
  }
}

TEST(HistogramTest, MergedInAnyOrderIsThatOfAllValues) {
  for (const auto& [name, draw] : distributions()) {
    std::mt19937_64 random(13);
    Histogram at_once;
    std::vector<Histogram> parts(7);
    for (int i = 0; i < 5'000; ++i) {
      const int64_t value = clamped(draw(random));
      const auto series = static_cast<uint32_t>(random() % 10);
      at_once.add(series, value);
      parts[random() % parts.size()].add(series, value);
    }
    for (int round = 0; round < 5; ++round) {
      std::shuffle(parts.begin(), parts.end(), random);
      Histogram merged;
      for (const Histogram& part : parts) merged.merge(part);
      EXPECT_EQ(merged, at_once) << name;
    }
  }
}

TEST(HistogramTest, TheSameValuesInAnyOrderGiveTheSameEntries) {
  std::mt19937_64 random(17);
  std::vector<int64_t> values(3'000);
  for (int64_t& value : values) value = static_cast<int64_t>(random() % 1'000'000);
  const Histogram histogram = histogram_of(values);
  std::shuffle(values.begin(), values.end(), random);
  EXPECT_EQ(histogram_of(values), histogram);
}

TEST(HistogramTest, ATableGivesWhatAddingOneByOneDoesAndIsEmptyThen) {
  std::mt19937_64 random(19);
  HistogramTable table(10);
  for (int round = 0; round < 3; ++round) {
    Histogram expected;
    for (int i = 0; i < 2'000; ++i) {
      const auto series = static_cast<uint32_t>(random() % 10);
      const auto value = static_cast<int64_t>(random() % 2'000'000'000);
      expected.add(series, value);
      table.add(Histogram::key_of(series, value));
    }
    Histogram other;
    other.add(9, HistogramBuckets::kValueMax, 7);
    table.add(other);
    expected.merge(other);
    EXPECT_EQ(table.take(), expected);
  }
  EXPECT_TRUE(table.take().empty());
}

TEST(HistogramTest, PercentileIsTheNearestRank) {
  const Histogram histogram = histogram_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_EQ(histogram.percentile(0, 50), 5);
  EXPECT_EQ(histogram.percentile(0, 51), 6);
  EXPECT_EQ(histogram.percentile(0, 80), 8);
  EXPECT_EQ(histogram.percentile(0, 99), 10);
  EXPECT_EQ(histogram.percentile(0, 1), 1);
}

TEST(HistogramTest, SeriesKeepTheirValuesApart) {
  Histogram histogram;
  histogram.add(2, 10);
  histogram.add(3, 20, 5);
  histogram.add(Histogram::kSeriesMax - 1, HistogramBuckets::kValueMax);
  EXPECT_EQ(histogram.count(2), 1);
  EXPECT_EQ(histogram.percentile(2, 99), 10);
  EXPECT_EQ(histogram.count(3), 5);
  EXPECT_EQ(histogram.percentile(3, 50), 20);
  EXPECT_EQ(histogram.percentile(4, 50), std::nullopt);
  EXPECT_EQ(histogram.count(Histogram::kSeriesMax - 1), 1);
}

}  // namespace
}  // namespace acd
