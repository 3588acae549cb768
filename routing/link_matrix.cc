// SPDX-License-Identifier: Apache-2.0
#include "routing/link_matrix.h"

namespace acd {

uint32_t LinkMatrix::take(CallClassIndex owner) {
  if (!free_.empty()) {
    const uint32_t column = free_.back();
    free_.pop_back();
    owners_[column] = owner;
    return column;
  }
  const auto column = static_cast<uint32_t>(owners_.size());
  owners_.push_back(owner);
  if (column / kBlock == blocks_.size()) blocks_.emplace_back();
  return column;
}

void LinkMatrix::release(uint32_t column) {
  owners_[column] = CallClassIndex();
  free_.push_back(column);
}

void LinkMatrix::clear_column(uint32_t column) {
  ChunkedTable<Row>& block = blocks_[column / kBlock];
  for (size_t row = 0; row < block.size(); ++row) {
    block[row].words[column % kBlock / kBits] &= ~bit_of(column);
  }
}

void LinkMatrix::clear_row(AgentClassIndex row) {
  for (ChunkedTable<Row>& block : blocks_) {
    if (row.value() < block.size()) block[row.value()] = Row{};
  }
}

}  // namespace acd
