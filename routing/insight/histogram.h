// SPDX-License-Identifier: Apache-2.0
// Counts of values by log-linear buckets: percentiles within 1 %, and sums of several are exact.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "routing/check.h"

namespace acd {

// Below 64 a bucket a value; above, 64 buckets an octave, so that a bucket is at most 1/64 of its
// values wide and its middle at most 0.79 % off any of them.
class HistogramBuckets {
 public:
  static constexpr int64_t kValueMax = (int64_t{1} << 30) - 1;  // Of milliseconds 12 days.
  static constexpr uint32_t kLinearBits = 6;
  static constexpr uint32_t kLinear = 1u << kLinearBits;
  static constexpr uint32_t kCount = kLinear * (30 - kLinearBits + 1);

  // Values beyond 0..kValueMax are taken as the nearest of them.
  [[nodiscard]] static constexpr uint32_t of(int64_t value) {
    const auto clamped = static_cast<uint32_t>(std::clamp(value, int64_t{0}, kValueMax));
    if (clamped < kLinear) return clamped;
    const uint32_t shift = static_cast<uint32_t>(std::bit_width(clamped)) - 1 - kLinearBits;
    return kLinear * shift + (clamped >> shift);
  }
  // What stands for its values: the middle, rounded down.
  [[nodiscard]] static constexpr int64_t middle(uint32_t bucket) {
    if (bucket < 2 * kLinear) return bucket;
    const uint32_t shift = bucket / kLinear - 1;
    const int64_t begin = int64_t{bucket - kLinear * shift} << shift;
    return begin + ((int64_t{1} << shift) - 1) / 2;
  }
};

// Several series of values in one, each a histogram of its own. The same values give the same
// entries, in whatever order they came and whoever merged them.
//
// Bounds:   kSeriesMax series of HistogramBuckets::kCount entries of eight bytes.
class Histogram {
 public:
  static constexpr uint32_t kSeriesBits = 11;
  static constexpr uint32_t kSeriesMax = 1u << (16 - kSeriesBits);
  static_assert(HistogramBuckets::kCount <= 1u << kSeriesBits);

  struct Entry {
    uint16_t key = 0;  // key_of()
    uint32_t count = 0;

    bool operator==(const Entry&) const = default;
  };

  [[nodiscard]] static constexpr uint16_t key_of(uint32_t series, int64_t value) {
    return static_cast<uint16_t>(series << kSeriesBits | HistogramBuckets::of(value));
  }

  Histogram() = default;
  // REQUIRES: sorted by key, each once, none 0.
  explicit Histogram(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  void add(uint32_t series, int64_t value, uint32_t times = 1) {
    ACD_DCHECK(series < kSeriesMax);
    if (times == 0) return;
    const uint16_t key = key_of(series, value);
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, is_before);
    if (at != entries_.end() && at->key == key) {
      at->count = sum_of(at->count, times);
    } else {
      entries_.insert(at, {key, times});
    }
  }

  // Adds what is in `other`.
  void merge(const Histogram& other) {
    if (other.entries_.empty()) return;
    std::vector<Entry> all;
    all.reserve(entries_.size() + other.entries_.size());
    auto mine = entries_.begin();
    for (const Entry& entry : other.entries_) {
      while (mine != entries_.end() && mine->key < entry.key) all.push_back(*mine++);
      if (mine != entries_.end() && mine->key == entry.key) {
        all.push_back({entry.key, sum_of((mine++)->count, entry.count)});
      } else {
        all.push_back(entry);
      }
    }
    all.insert(all.end(), mine, entries_.end());
    all.shrink_to_fit();
    entries_ = std::move(all);
  }

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] size_t bytes() const { return entries_.capacity() * sizeof(Entry); }

  // How many values a series has.
  [[nodiscard]] int64_t count(uint32_t series) const {
    int64_t count = 0;
    for (auto at = begin_of(series); is_of(at, series); ++at) count += at->count;
    return count;
  }

  // The nearest rank: the value that `percent` of the series, rounded up, do not exceed. Nothing of an
  // empty one. REQUIRES: 0 < percent <= 100.
  [[nodiscard]] std::optional<int64_t> percentile(uint32_t series, int32_t percent) const {
    const int64_t total = count(series);
    if (total == 0) return std::nullopt;
    int64_t rank = (total * percent + 99) / 100;
    auto at = begin_of(series);
    while ((rank -= at->count) > 0) ++at;
    return HistogramBuckets::middle(at->key & ((1u << kSeriesBits) - 1));
  }

  bool operator==(const Histogram&) const = default;

  // A count stays at its greatest value, which is 4 billion.
  [[nodiscard]] static uint32_t sum_of(uint32_t one, uint32_t two) {
    return one > UINT32_MAX - two ? UINT32_MAX : one + two;
  }

 private:
  using Place = std::vector<Entry>::const_iterator;

  static bool is_before(const Entry& entry, uint16_t key) { return entry.key < key; }
  [[nodiscard]] Place begin_of(uint32_t series) const {
    return std::lower_bound(entries_.begin(), entries_.end(),
                            static_cast<uint16_t>(series << kSeriesBits), is_before);
  }
  [[nodiscard]] bool is_of(Place at, uint32_t series) const {
    return at != entries_.end() && at->key >> kSeriesBits == static_cast<int>(series);
  }

  std::vector<Entry> entries_;  // Sorted by key.
};

// Counts by key in a table of them all, to make a histogram of many values or of many others at
// once: no search, and nothing to sort.
class HistogramTable {
 public:
  // REQUIRES: series_count <= Histogram::kSeriesMax.
  explicit HistogramTable(uint32_t series_count)
      : counts_(size_t{series_count} << Histogram::kSeriesBits), used_(counts_.size() / 64) {}

  // REQUIRES: a key of its series.
  void add(uint16_t key, uint32_t times = 1) {
    used_[key / 64] |= uint64_t{1} << key % 64;
    counts_[key] = Histogram::sum_of(counts_[key], times);
  }
  void add(const Histogram& histogram) {
    for (const Histogram::Entry& entry : histogram.entries()) add(entry.key, entry.count);
  }
  // What was added; it is empty afterwards.
  [[nodiscard]] Histogram take() {
    std::vector<Histogram::Entry> entries;
    size_t size = 0;
    for (const uint64_t word : used_) size += static_cast<size_t>(std::popcount(word));
    entries.reserve(size);
    for (size_t i = 0; i < used_.size(); ++i) {
      for (uint64_t word = std::exchange(used_[i], 0); word != 0; word &= word - 1) {
        const size_t key = i * 64 + static_cast<size_t>(std::countr_zero(word));
        entries.push_back({static_cast<uint16_t>(key), std::exchange(counts_[key], 0)});
      }
    }
    return Histogram(std::move(entries));
  }

 private:
  std::vector<uint32_t> counts_;  // By key.
  std::vector<uint64_t> used_;    // Bit i: key i has some.
};

}  // namespace acd
