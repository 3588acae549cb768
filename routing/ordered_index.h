// SPDX-License-Identifier: Apache-2.0
// Intrusive ordered set over objects of one table: first, next and count in O(log n), no allocation.
#pragma once

#include <cstdint>

#include "routing/check.h"

namespace acd {

// The key of nobody: of an empty index. No object has it.
inline constexpr uint64_t kNoKey = UINT64_MAX;

// The links of an object. An object is in at most one index at a time. Nodes stand together, apart
// from the objects: what is walked through is small.
struct OrderedNode {
  static constexpr uint32_t kNone = 0xffffffffu;
  uint64_t key = 0;  // What the order looks at first.
  uint32_t left = kNone;
  uint32_t right = kNone;
  uint32_t parent = kNone;
  uint32_t size = 0;  // Of the subtree, or 1 where nobody counts; 0: in no index.

  [[nodiscard]] bool linked() const { return size != 0; }
};

// A treap whose heap order is a fixed mix of the object's index, so that the shape, like everything
// else here, depends on nothing but the contents.
//
// `Table` is a type with `OrderedNode& node(uint32_t)` and `bool less(uint32_t, uint32_t)`, a total
// order that does not change while an object is linked and that the keys follow: of two objects
// with different keys the one with the smaller key is less. Only equal keys ask `less`. `bool
// is_counted()` says whether sizes are kept; without, to append and to take the first are O(1). A
// table is passed to each call: many indices share one.
class OrderedIndex {
 public:
  static constexpr uint32_t kNone = OrderedNode::kNone;

  [[nodiscard]] bool empty() const { return root_ == kNone; }
  // The least object, or kNone.
  [[nodiscard]] uint32_t first() const { return first_; }
  // The greatest object, or kNone.
  [[nodiscard]] uint32_t last() const { return last_; }

  // The object after `index`, or kNone.
  template <typename Table>
  [[nodiscard]] static uint32_t next(Table& table, uint32_t index) {
    uint32_t right = table.node(index).right;
    if (right != kNone) {
      while (table.node(right).left != kNone) right = table.node(right).left;
      return right;
    }
    uint32_t child = index;
    uint32_t parent = table.node(child).parent;
    while (parent != kNone && table.node(parent).right == child) {
      child = parent;
      parent = table.node(child).parent;
    }
    return parent;
  }

  // The object before `index`, or kNone.
  template <typename Table>
  [[nodiscard]] static uint32_t previous(Table& table, uint32_t index) {
    uint32_t left = table.node(index).left;
    if (left != kNone) {
      while (table.node(left).right != kNone) left = table.node(left).right;
      return left;
    }
    uint32_t child = index;
    uint32_t parent = table.node(child).parent;
    while (parent != kNone && table.node(parent).left == child) {
      child = parent;
      parent = table.node(child).parent;
    }
    return parent;
  }

  // The first object for which `is_before` is false, or kNone; it is true for a prefix of the order.
  template <typename Table, typename IsBefore>
  [[nodiscard]] uint32_t lower_bound(Table& table, IsBefore&& is_before) const {
    uint32_t found = kNone;
    for (uint32_t at = root_; at != kNone;) {
      if (is_before(at)) {
        at = table.node(at).right;
      } else {
        found = at;
        at = table.node(at).left;
      }
    }
    return found;
  }

  // How many objects it holds. REQUIRES: counted.
  template <typename Table>
  [[nodiscard]] uint32_t count(Table& table) const {
    return root_ == kNone ? 0 : table.node(root_).size;
  }
  // How many objects `is_before` is true for; it is true for a prefix of the order.
  // REQUIRES: counted.
  template <typename Table, typename IsBefore>
  [[nodiscard]] uint32_t count_before(Table& table, IsBefore&& is_before) const {
    uint32_t count = 0;
    for (uint32_t at = root_; at != kNone;) {
      if (!is_before(at)) {
        at = table.node(at).left;
        continue;
      }
      const uint32_t left = table.node(at).left;
      count += 1 + (left == kNone ? 0 : table.node(left).size);
      at = table.node(at).right;
    }
    return count;
  }

  template <typename Table>
  void insert(Table& table, uint32_t index, uint64_t key) {
    OrderedNode& fresh = table.node(index);
    ACD_CHECK(!fresh.linked() && key != kNoKey);
    fresh = OrderedNode{};
    fresh.key = key;
    fresh.size = 1;
    const auto goes_before = [&](uint32_t other) {
      const uint64_t other_key = table.node(other).key;
      return key != other_key ? key < other_key : table.less(index, other);
    };
    // Most come last.
    const bool is_last = last_ == kNone || !goes_before(last_);
    uint32_t parent = is_last ? last_ : kNone;
    bool goes_left = false;
    if (is_last) {
      change_sizes(table, last_, 1);
      last_ = index;
    } else {
      for (uint32_t at = root_; at != kNone;) {
        OrderedNode& node = table.node(at);
        if (table.is_counted()) ++node.size;
        parent = at;
        goes_left = goes_before(at);
        at = goes_left ? node.left : node.right;
      }
    }
    fresh.parent = parent;
    if (parent == kNone) {
      root_ = index;
    } else if (goes_left) {
      table.node(parent).left = index;
    } else {
      table.node(parent).right = index;
    }
    if (first_ == kNone || (goes_left && parent == first_)) first_ = index;
    while (fresh.parent != kNone && heat(fresh.parent) < heat(index)) rotate_up(table, index);
  }

  template <typename Table>
  void erase(Table& table, uint32_t index) {
    OrderedNode& gone = table.node(index);
    ACD_CHECK(gone.linked());
    if (first_ == index) first_ = next(table, index);
    if (last_ == index) last_ = previous(table, index);
    while (gone.left != kNone || gone.right != kNone) {
      const bool up_left =
          gone.right == kNone || (gone.left != kNone && heat(gone.left) > heat(gone.right));
      rotate_up(table, up_left ? gone.left : gone.right);
    }
    replace_child(table, gone.parent, index, kNone);
    change_sizes(table, gone.parent, -1);
    gone = OrderedNode{};
  }

 private:
  static uint32_t heat(uint32_t index) {
    uint32_t x = index * 0x9e3779b1u;
    x = (x ^ (x >> 15)) * 0x85ebca77u;
    x = (x ^ (x >> 13)) * 0xc2b2ae3du;
    return x ^ (x >> 16);
  }

  // From there up to the root.
  template <typename Table>
  static void change_sizes(Table& table, uint32_t from, int32_t change) {
    if (!table.is_counted()) return;
    for (uint32_t at = from; at != kNone; at = table.node(at).parent) {
      table.node(at).size += static_cast<uint32_t>(change);
    }
  }

  template <typename Table>
  void replace_child(Table& table, uint32_t parent, uint32_t from, uint32_t to) {
    if (parent == kNone) {
      root_ = to;
    } else if (table.node(parent).left == from) {
      table.node(parent).left = to;
    } else {
      table.node(parent).right = to;
    }
  }

  // Moves `index` one level up, keeping the order.
  template <typename Table>
  void rotate_up(Table& table, uint32_t index) {
    OrderedNode& node = table.node(index);
    const uint32_t parent_index = node.parent;
    OrderedNode& parent = table.node(parent_index);
    uint32_t moved;
    if (parent.left == index) {
      moved = node.right;
      parent.left = moved;
      node.right = parent_index;
    } else {
      moved = node.left;
      parent.right = moved;
      node.left = parent_index;
    }
    if (moved != kNone) table.node(moved).parent = parent_index;
    replace_child(table, parent.parent, parent_index, index);
    node.parent = parent.parent;
    parent.parent = index;
    if (!table.is_counted()) return;
    const uint32_t whole = parent.size;
    parent.size = whole - node.size + (moved == kNone ? 0 : table.node(moved).size);
    node.size = whole;
  }

  uint32_t root_ = kNone;
  uint32_t first_ = kNone;
  uint32_t last_ = kNone;
};

}  // namespace acd
