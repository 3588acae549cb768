// SPDX-License-Identifier: Apache-2.0
// How OrderedIndex sees the calls of the wait predictor.
#pragma once

#include "routing/insight/wait_predictor.h"

namespace acd {

struct WaitPredictor::OrderTable {
  std::vector<OrderedNode>& nodes;
  const std::deque<WaitingCall>& calls;
  const CallOrderRule& rule;

  OrderedNode& node(uint32_t index) { return nodes[index]; }
  static bool is_counted() { return true; }
  [[nodiscard]] bool less(uint32_t a, uint32_t b) const {
    return goes_before(rule, calls[a].place, calls[b].place);
  }
};

// By when they entered, which is their key; at one instant the one that came first.
struct WaitPredictor::EntryTable {
  std::vector<OrderedNode>& nodes;
  const std::deque<WaitingCall>& calls;

  OrderedNode& node(uint32_t index) { return nodes[index]; }
  static bool is_counted() { return false; }
  [[nodiscard]] bool less(uint32_t a, uint32_t b) const {
    return calls[a].place.number < calls[b].place.number;
  }
};

}  // namespace acd
