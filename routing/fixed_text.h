// SPDX-License-Identifier: Apache-2.0
// A short text stored in place: ids, addresses and prefixes without allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {

// At most kBytesMax bytes, any of them.
template <size_t kBytesMax>
class FixedText {
 public:
  FixedText() = default;
  // REQUIRES: text.size() <= kBytesMax; the edge refuses longer ones.
  explicit FixedText(std::string_view text) : size_(static_cast<uint8_t>(text.size())) {
    static_assert(kBytesMax <= UINT8_MAX);
    ACD_CHECK(text.size() <= kBytesMax);
    std::copy(text.begin(), text.end(), bytes_.begin());  // Of no text, too, which has no address.
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  bool operator==(const FixedText& other) const { return view() == other.view(); }

 private:
  uint8_t size_ = 0;
  std::array<char, kBytesMax> bytes_;  // The first size_ bytes count.
};

using IdText = FixedText<kIdBytesMax>;
using DialPrefix = FixedText<kDialPrefixBytesMax>;

}  // namespace acd
