// SPDX-License-Identifier: Apache-2.0
#include "routing/ordered_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace acd {
namespace {

struct Keyed {
  int key = 0;
  OrderedNode node;
};

struct KeyedTable {
  std::vector<Keyed>& objects;
  bool counts = true;
  OrderedNode& node(uint32_t index) { return objects[index].node; }
  [[nodiscard]] bool is_counted() const { return counts; }
  bool less(uint32_t a, uint32_t b) {
    return objects[a].key != objects[b].key ? objects[a].key < objects[b].key : a < b;
  }
};

class OrderedIndexTest : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(WithCountsAndWithout, OrderedIndexTest, ::testing::Bool());

TEST_P(OrderedIndexTest, AgreesWithAStdSetOverRandomChanges) {
  const bool counts = GetParam();
  std::vector<Keyed> objects(500);
  KeyedTable table{objects, counts};
  OrderedIndex index;
  std::set<std::pair<int, uint32_t>> expected;
  uint32_t seed = 12345;
  const auto draw = [&] { return seed = seed * 1664525u + 1013904223u, seed >> 8; };
  for (int step = 0; step < 20'000; ++step) {
    const uint32_t i = draw() % 500;
    if (objects[i].node.linked()) {
      index.erase(table, i);
      expected.erase({objects[i].key, i});
    } else {
      objects[i].key = static_cast<int>(draw() % 50);
      index.insert(table, i, static_cast<uint64_t>(objects[i].key / 2));  // Some keys are equal.
      expected.emplace(objects[i].key, i);
    }
    if (counts) {
      ASSERT_EQ(index.count_before(table, [](uint32_t) { return true; }), expected.size());
    }
    ASSERT_EQ(index.first(), expected.empty() ? OrderedIndex::kNone : expected.begin()->second);
    ASSERT_EQ(index.last(), expected.empty() ? OrderedIndex::kNone : expected.rbegin()->second);
    if (step % 500 != 0) continue;
    uint32_t rank = 0;
    uint32_t at = index.first();
    for (const auto& [key, object] : expected) {
      ASSERT_EQ(at, object);
      const auto is_before = [&](uint32_t other) { return table.less(other, at); };
      if (counts) {
        ASSERT_EQ(index.count_before(table, is_before), rank++);
      }
      ASSERT_EQ(index.lower_bound(table, is_before), at);
      at = OrderedIndex::next(table, at);
    }
    ASSERT_EQ(at, OrderedIndex::kNone);
  }
}

}  // namespace
}  // namespace acd
