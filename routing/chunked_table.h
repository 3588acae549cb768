// SPDX-License-Identifier: Apache-2.0
// A table that grows without moving what is in it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace acd {

// Like a vector of large objects, but no growth takes longer than one chunk, and references stay.
template <typename T>
class ChunkedTable {
 public:
  [[nodiscard]] T& operator[](size_t index) { return (*chunks_[index / kChunk])[index % kChunk]; }
  [[nodiscard]] const T& operator[](size_t index) const {
    return (*chunks_[index / kChunk])[index % kChunk];
  }
  [[nodiscard]] size_t size() const { return size_; }
  T& emplace_back() {
    if (size_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    return (*this)[size_++];
  }
  // REQUIRES: not smaller.
  void grow(size_t size) {
    while (size > chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    size_ = size;
  }

 private:
  static constexpr size_t kChunk = 256;
  using Chunk = std::array<T, kChunk>;

  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t size_ = 0;
};

}  // namespace acd
