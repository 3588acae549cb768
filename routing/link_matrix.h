// SPDX-License-Identifier: Apache-2.0
// Who can serve whom, in bits: a row for each class of agents, a column for each class of calls that
// many of them can serve.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "routing/bitmap.h"
#include "routing/chunked_table.h"
#include "routing/ids.h"

namespace acd {

// A whole column is set by a walk through memory in order, and a row is read from a line or two.
// A column without an owner is clear in the row of every class of agents that there is.
class LinkMatrix {
 public:
  static constexpr uint32_t kNoColumn = 0xffffffffu;

  // A column for that class of calls, clear.
  uint32_t take(CallClassIndex owner);
  // REQUIRES: clear in the rows of all classes that there are.
  void release(uint32_t column);
  [[nodiscard]] CallClassIndex owner(uint32_t column) const { return owners_[column]; }
  [[nodiscard]] size_t column_count() const { return owners_.size(); }
  [[nodiscard]] size_t used() const { return owners_.size() - free_.size(); }

  void set(AgentClassIndex row, uint32_t column) {
    ChunkedTable<Row>& block = blocks_[column / kBlock];
    if (block.size() <= row.value()) block.grow(row.value() + 1);
    block[row.value()].words[column % kBlock / kBits] |= bit_of(column);
  }
  void clear(AgentClassIndex row, uint32_t column) {
    ChunkedTable<Row>& block = blocks_[column / kBlock];
    if (row.value() < block.size()) {
      block[row.value()].words[column % kBlock / kBits] &= ~bit_of(column);
    }
  }
  void clear_column(uint32_t column);
  [[nodiscard]] bool test(AgentClassIndex row, uint32_t column) const {
    return (word(row, column / kBits) & bit_of(column)) != 0;
  }
  void clear_row(AgentClassIndex row);
  // Calls `visit` with the owners of those columns that are set in the row.
  template <typename Visit>
  void visit_row(AgentClassIndex row, Visit&& visit) const {
    for (size_t i = 0; i < (owners_.size() + kBits - 1) / kBits; ++i) {
      visit_word(i, word(row, i), visit);
    }
  }
  // The same of those that are also in `among`.
  template <typename Visit>
  void visit_row(AgentClassIndex row, const Bitmap& among, Visit&& visit) const {
    among.visit_words(
        [&](size_t number, uint64_t bits) { visit_word(number, word(row, number) & bits, visit); });
  }

 private:
  static constexpr size_t kBits = 64;
  static constexpr size_t kBlock = 512;  // Columns that stand together: of one line a row.
  struct alignas(64) Row {
    std::array<uint64_t, kBlock / kBits> words{};
  };

  static uint64_t bit_of(uint32_t column) { return uint64_t{1} << (column % kBits); }
  [[nodiscard]] uint64_t word(AgentClassIndex row, size_t number) const {
    const ChunkedTable<Row>& block = blocks_[number / (kBlock / kBits)];
    if (row.value() >= block.size()) return 0;
    return block[row.value()].words[number % (kBlock / kBits)];
  }
  template <typename Visit>
  void visit_word(size_t number, uint64_t bits, Visit&& visit) const {
    for (; bits != 0; bits &= bits - 1) {
      visit(owners_[number * kBits + static_cast<size_t>(std::countr_zero(bits))]);
    }
  }

  std::vector<ChunkedTable<Row>> blocks_;  // By column, then by row.
  std::vector<CallClassIndex> owners_;     // By column; none: free.
  std::vector<uint32_t> free_;             // Last freed, first used.
};

}  // namespace acd
