// SPDX-License-Identifier: Apache-2.0
// Tables of the board, indexed as the Router indexes its own.
#pragma once

#include <cstddef>

#include "routing/check.h"

namespace acd {

// The slot of `index`, made if need be. `count_max` is the Router's own limit of such objects.
template <typename Slots, typename Id>
auto& slot_of(Slots& slots, Id index, size_t count_max) {
  ACD_CHECK(index.valid() && index.value() < count_max);
  if (index.value() >= slots.size()) slots.resize(index.value() + size_t{1});
  return slots[index.value()];
}

}  // namespace acd
