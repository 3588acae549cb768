// SPDX-License-Identifier: Apache-2.0
// Our own 64-bit mix for event hash and state hash: the same on every machine, compiler and build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace acd {

// Order-dependent running hash. Not keyed: it finds differences, it keeps nobody out.
class Hash64 {
 public:
  constexpr Hash64() = default;
  constexpr explicit Hash64(uint64_t state) : state_(state) {}

  constexpr void add(uint64_t value) {
    // Multiply-xorshift over state and value (constants of the MurmurHash3 finaliser).
    uint64_t x = state_ ^ (value * 0x9e3779b97f4a7c15ull);
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull;
    x = (x ^ (x >> 29)) * 0xc4ceb9fe1a85ec53ull;
    state_ = (x ^ (x >> 32)) + 0x2545f4914f6cdd1dull;
  }
  constexpr void add_signed(int64_t value) { add(static_cast<uint64_t>(value)); }
  constexpr void add_text(std::string_view text) {
    add(text.size());
    uint64_t word = 0;
    size_t filled = 0;
    for (const char c : text) {
      word |= static_cast<uint64_t>(static_cast<unsigned char>(c)) << (8 * filled);
      if (++filled == 8) {
        add(word);
        word = 0;
        filled = 0;
      }
    }
    if (filled != 0) add(word);
  }
  [[nodiscard]] constexpr uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0x6a09e667f3bcc908ull;
};

}  // namespace acd
