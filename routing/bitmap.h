// SPDX-License-Identifier: Apache-2.0
// A set of small integers in two levels, and what two of them have in common.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace acd {

// One bit a number, and above them one bit for each 64 that are not all zero: sparse sets of many
// thousand are met in a few steps.
class Bitmap {
 public:
  void set(uint32_t number) {
    const size_t at = number / kBits;
    count_ += test(number) ? 0 : 1;
    if (at >= words_.size()) {
      words_.resize(at + 1);
      summary_.resize(at / kBits + 1);
    }
    words_[at] |= uint64_t{1} << (number % kBits);
    summary_[at / kBits] |= uint64_t{1} << (at % kBits);
  }
  void clear(uint32_t number) {
    const size_t at = number / kBits;
    if (!test(number)) return;
    --count_;
    words_[at] &= ~(uint64_t{1} << (number % kBits));
    if (words_[at] == 0) summary_[at / kBits] &= ~(uint64_t{1} << (at % kBits));
  }
  [[nodiscard]] bool test(uint32_t number) const {
    const size_t at = number / kBits;
    return at < words_.size() && (words_[at] >> (number % kBits) & 1) != 0;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] size_t size() const { return count_; }

  // Calls `visit` with each number that both have, upwards, until it says true; whether it did.
  template <typename Visit>
  static bool visit_common(const Bitmap& a, const Bitmap& b, Visit&& visit) {
    const size_t count = std::min(a.summary_.size(), b.summary_.size());
    for (size_t i = 0; i < count; ++i) {
      for (uint64_t some = a.summary_[i] & b.summary_[i]; some != 0; some &= some - 1) {
        const size_t at = i * kBits + static_cast<size_t>(std::countr_zero(some));
        for (uint64_t both = a.words_[at] & b.words_[at]; both != 0; both &= both - 1) {
          const size_t number = at * kBits + static_cast<size_t>(std::countr_zero(both));
          if (visit(static_cast<uint32_t>(number))) return true;
        }
      }
    }
    return false;
  }

 private:
  static constexpr size_t kBits = 64;

  size_t count_ = 0;
  std::vector<uint64_t> words_;
  std::vector<uint64_t> summary_;
};

}  // namespace acd
