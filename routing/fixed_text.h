// SPDX-License-Identifier: Apache-2.0
// A short text stored in place: ids and addresses without allocation.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {

// At most kIdBytesMax bytes, any of them.
class IdText {
 public:
  IdText() = default;
  // REQUIRES: text.size() <= kIdBytesMax; the edge refuses longer ones.
  explicit IdText(std::string_view text) : size_(static_cast<uint8_t>(text.size())) {
    ACD_CHECK(text.size() <= kIdBytesMax);
    std::memcpy(bytes_.data(), text.data(), text.size());
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  bool operator==(const IdText& other) const { return view() == other.view(); }

 private:
  uint8_t size_ = 0;
  std::array<char, kIdBytesMax> bytes_;  // The first size_ bytes count.
};

}  // namespace acd
