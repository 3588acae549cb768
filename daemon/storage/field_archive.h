// SPDX-License-Identifier: Apache-2.0
// Numbered fields to bytes and back, in protobuf's wire format: one listing of a struct's fields
// serves both ways, and `protoc --decode_raw` reads the bytes.
//
// A struct is listed by a function found beside it: template <typename A> void list_fields(A&, T&),
// which calls archive(number, member) for each member with rising numbers. A number is never reused.
// Every scalar is written, also a zero: a default may be another value.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "routing/ids.h"
#include "routing/wide.h"

namespace acd {

class FieldWriter {
 public:
  // Appends to `*bytes`, which outlives the writer.
  explicit FieldWriter(std::string* bytes) : bytes_(*bytes) {}

  template <typename T>
  void operator()(uint32_t number, const T& value) {
    write(number, value);
  }

 private:
  static constexpr uint64_t kVarint = 0;
  static constexpr uint64_t kBytes = 2;

  void add_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void add_bytes(uint32_t number, std::string_view text) {
    add_varint(uint64_t{number} << 3 | kBytes);
    add_varint(text.size());
    bytes_.append(text);
  }

  template <typename T>
  requires std::integral<T> || std::is_enum_v<T>
  void write(uint32_t number, const T& value) {
    add_varint(uint64_t{number} << 3 | kVarint);
    if constexpr (std::signed_integral<T>) {
      const auto wide = static_cast<int64_t>(value);
      add_varint(static_cast<uint64_t>(wide) << 1 ^ static_cast<uint64_t>(wide >> 63));  // Zigzag.
    } else {
      add_varint(static_cast<uint64_t>(value));
    }
  }
  // By its bits: what is read is what was written.
  template <std::floating_point T>
  void write(uint32_t number, const T& value) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    write(number, std::bit_cast<Bits>(value));
  }
  // None is 0.
  template <typename Tag>
  void write(uint32_t number, const Index<Tag>& index) {
    write(number, index.value() + 1u);
  }
  void write(uint32_t number, const std::string& text) { add_bytes(number, text); }
  template <typename T>
  void write(uint32_t number, const std::optional<T>& value) {
    if (value) write(number, *value);
  }
  template <typename T>
  void write(uint32_t number, const std::vector<T>& values) {
    for (const T& value : values) write(number, value);
  }
  template <typename T>
  void write(uint32_t number, const std::deque<T>& values) {
    for (const T& value : values) write(number, value);
  }
  template <typename T>
  requires std::is_class_v<T>
  void write(uint32_t number, const T& value) {
    std::string inner;
    FieldWriter writer(&inner);
    list_fields(writer, const_cast<T&>(value));  // Listed once for reading and writing.
    add_bytes(number, inner);
  }

  std::string& bytes_;
};

// Reads what a FieldWriter wrote. A field that is not there leaves its member as it was, one that
// is not listed is skipped.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : at_(bytes) {}

  template <typename T>
  void operator()(uint32_t number, T& value) {
    while (next() && number_ < number) take();
    read(number, value);
  }

  // Whether everything so far was well formed.
  [[nodiscard]] bool ok() const { return !bad_; }

 private:
  // Whether there is a field at hand; reads its head if need be.
  bool next() {
    if (has_field_) return true;
    if (bad_ || at_.empty()) return false;
    const uint64_t head = take_varint();
    number_ = static_cast<uint32_t>(head >> 3);
    is_bytes_ = (head & 7) == 2;
    if (!bad_ && (head & 7) != 0 && !is_bytes_) bad_ = true;
    number_value_ = 0;
    bytes_value_ = {};
    const uint64_t value = bad_ ? 0 : take_varint();
    if (bad_) return false;
    if (!is_bytes_) {
      number_value_ = value;
    } else if (value > at_.size()) {
      bad_ = true;
      return false;
    } else {
      bytes_value_ = at_.substr(0, value);
      at_.remove_prefix(value);
    }
    has_field_ = true;
    return true;
  }
  void take() { has_field_ = false; }
  bool is_at(uint32_t number) { return next() && number_ == number; }

  uint64_t take_varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_.empty()) break;
      const auto byte = static_cast<uint8_t>(at_.front());
      at_.remove_prefix(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    bad_ = true;
    return 0;
  }

  template <typename T>
  requires std::integral<T> || std::is_enum_v<T>
  void read(uint32_t number, T& value) {
    if (!is_at(number)) return;
    if (is_bytes_) bad_ = true;
    if constexpr (std::signed_integral<T>) {
      value = static_cast<T>(static_cast<int64_t>(number_value_ >> 1 ^ (~(number_value_ & 1) + 1)));
    } else {
      value = static_cast<T>(number_value_);
    }
    take();
  }
  template <std::floating_point T>
  void read(uint32_t number, T& value) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    if (!is_at(number)) return;
    Bits bits = 0;
    read(number, bits);
    value = std::bit_cast<T>(bits);
  }
  template <typename Tag>
  void read(uint32_t number, Index<Tag>& index) {
    uint32_t value = 0;
    if (!is_at(number)) return;
    read(number, value);
    index = Index<Tag>(value - 1u);
  }
  void read(uint32_t number, std::string& text) {
    if (!is_at(number)) return;
    if (!is_bytes_) bad_ = true;
    text = bytes_value_;
    take();
  }
  template <typename T>
  void read(uint32_t number, std::optional<T>& value) {
    if (is_at(number)) read(number, value.emplace());
  }
  template <typename T>
  void read(uint32_t number, std::vector<T>& values) {
    while (ok() && is_at(number)) read(number, values.emplace_back());
  }
  template <typename T>
  void read(uint32_t number, std::deque<T>& values) {
    while (ok() && is_at(number)) read(number, values.emplace_back());
  }
  template <typename T>
  requires std::is_class_v<T>
  void read(uint32_t number, T& value) {
    if (!is_at(number)) return;
    if (!is_bytes_) bad_ = true;
    FieldReader inner(bytes_value_);
    list_fields(inner, value);
    if (!inner.ok()) bad_ = true;
    take();
  }

  std::string_view at_;
  bool has_field_ = false;
  bool is_bytes_ = false;
  bool bad_ = false;
  uint32_t number_ = 0;
  uint64_t number_value_ = 0;
  std::string_view bytes_value_;
};

template <typename T>
[[nodiscard]] std::string to_bytes(const T& value) {
  std::string bytes;
  FieldWriter writer(&bytes);
  list_fields(writer, const_cast<T&>(value));
  return bytes;
}

// False when `bytes` are malformed; `*value` is then half read.
template <typename T>
[[nodiscard]] bool from_bytes(std::string_view bytes, T* value) {
  FieldReader reader(bytes);
  list_fields(reader, *value);
  return reader.ok();
}

// Two fields of a struct: the lower and the upper half.
template <typename A>
void list_wide(A& archive, int low_number, int high_number, Wide& value) {
  auto low = static_cast<uint64_t>(value);
  auto high = static_cast<int64_t>(value >> 64);
  archive(low_number, low);
  archive(high_number, high);
  value = static_cast<Wide>(high) << 64 | low;
}

}  // namespace acd
