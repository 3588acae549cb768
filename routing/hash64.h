// SPDX-License-Identifier: Apache-2.0
// Our own 64-bit mix for event hash, state hash and tables: the same on every machine, compiler and
// build.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace acd {

static_assert(std::endian::native == std::endian::little, "texts are read as little-endian words");

// Order-dependent running hash. Not keyed: it finds differences, it keeps nobody out.
class Hash64 {
 public:
  constexpr Hash64() = default;
  constexpr explicit Hash64(uint64_t state) : state_(state) {}

  constexpr void add(uint64_t value) { state_ = fold(state_ ^ value, kMix[0]) + kMix[1]; }
  constexpr void add_signed(int64_t value) { add(static_cast<uint64_t>(value)); }
  // Eight words at once, in less time than one after the other.
  constexpr void add_words(const std::array<uint64_t, 8>& words) {
    uint64_t sum = 0;
    for (size_t i = 0; i < words.size(); i += 2) {
      sum ^= fold(words[i] ^ kMix[i], words[i + 1] ^ kMix[i + 1]);
    }
    add(sum);
  }
  void add_text(std::string_view text) {
    uint64_t state = state_ ^ text.size();
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 16; left -= 16, at += 16) {
      state = fold(state ^ word(at), kMix[2] ^ word(at + 8)) + kMix[1];
    }
    // The rest; where the text is long enough, with bytes that were seen before.
    const char* const end = text.data() + text.size();
    if (left > 8) {
      state = fold(state ^ word(at), kMix[3] ^ word(end - 8)) + kMix[1];
    } else {
      state = fold(state ^ (text.size() >= 8 ? word(end - 8) : short_word(at, left)), kMix[0]) +
              kMix[1];
    }
    state_ = state;
  }
  [[nodiscard]] constexpr uint64_t value() const { return state_; }

 private:
  __extension__ typedef unsigned __int128 Product;

  // Any odd numbers of many bits will do; these are digits of the golden ratio and of square roots.
  static constexpr std::array<uint64_t, 8> kMix = {
      0x9e3779b97f4a7c15ull, 0x6a09e667f3bcc909ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull,
      0xa54ff53a5f1d36f1ull, 0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull};

  // Both halves of the product, so that every bit of the factors reaches the result.
  static constexpr uint64_t fold(uint64_t a, uint64_t b) {
    const Product product = static_cast<Product>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static uint64_t word(const char* at) {
    uint64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
  }
  // Fewer than 8 bytes.
  static uint64_t short_word(const char* at, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
    }
    return value;
  }

  uint64_t state_ = 0x6a09e667f3bcc908ull;
};

// Of a text alone.
[[nodiscard]] inline uint64_t hash_of(std::string_view text) {
  Hash64 hash;
  hash.add_text(text);
  return hash.value();
}

}  // namespace acd
