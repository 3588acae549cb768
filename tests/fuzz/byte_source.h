// SPDX-License-Identifier: Apache-2.0
// Spends the bytes of a fuzz input as numbers and texts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace acd {

// A fuzz input, read from front to back. When it is used up it goes on with zeros.
class ByteSource {
 public:
  ByteSource(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // Two bytes, low one first.
  uint32_t word() {
    const uint32_t low = byte();
    return low | static_cast<uint32_t>(byte()) << 8;
  }
  // REQUIRES: `limit` is 1..256.
  uint32_t below(uint32_t limit) { return byte() % limit; }
  // True for one byte in `odds`.
  bool one_in(uint32_t odds) { return below(odds) == odds - 1; }
  // At most `size` bytes, fewer at the end.
  std::string_view text(size_t size) {
    const std::string_view taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace acd
