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

  // Calls `visit` with each 64 numbers that are not all missing: which 64, and their bits.
  template <typename Visit>
  void visit_words(Visit&& visit) const {
    for (size_t i = 0; i < summary_.size(); ++i) {
      for (uint64_t some = summary_[i]; some != 0; some &= some - 1) {
        const size_t word = i * kBits + static_cast<size_t>(std::countr_zero(some));
        visit(word, words_[word]);
      }
    }
  }

  // The numbers that two sets have in common, upwards. REQUIRES: both live on and do not change.
  class Meeting {
   public:
    static constexpr uint32_t kNone = 0xffffffffu;

    Meeting(const Bitmap& a, const Bitmap& b)
        : a_(a), b_(b), count_(std::min(a.summary_.size(), b.summary_.size())) {}
    // The next one, or kNone.
    uint32_t next() {
      while (both_ == 0) {
        while (some_ == 0) {
          if (next_summary_ == count_) return kNone;
          some_ = a_.summary_[next_summary_] & b_.summary_[next_summary_];
          ++next_summary_;
        }
        word_ = (next_summary_ - 1) * kBits + static_cast<size_t>(std::countr_zero(some_));
        some_ &= some_ - 1;
        both_ = a_.words_[word_] & b_.words_[word_];
      }
      const size_t number = word_ * kBits + static_cast<size_t>(std::countr_zero(both_));
      both_ &= both_ - 1;
      return static_cast<uint32_t>(number);
    }

   private:
    const Bitmap& a_;
    const Bitmap& b_;
    size_t count_;
    size_t next_summary_ = 0;
    size_t word_ = 0;
    uint64_t some_ = 0;  // Words of a summary, and numbers of a word, not looked at yet.
    uint64_t both_ = 0;
  };

  // Calls `visit` with each number that both have, upwards, until it says true; whether it did.
  template <typename Visit>
  static bool visit_common(const Bitmap& a, const Bitmap& b, Visit&& visit) {
    Meeting meeting(a, b);
    for (uint32_t number = meeting.next(); number != Meeting::kNone; number = meeting.next()) {
      if (visit(number)) return true;
    }
    return false;
  }
  [[nodiscard]] static bool meet(const Bitmap& a, const Bitmap& b) {
    return Meeting(a, b).next() != Meeting::kNone;
  }

 private:
  static constexpr size_t kBits = 64;

  size_t count_ = 0;
  std::vector<uint64_t> words_;
  std::vector<uint64_t> summary_;
};

}  // namespace acd
