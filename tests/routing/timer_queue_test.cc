// SPDX-License-Identifier: Apache-2.0
#include "routing/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace acd {
namespace {

TEST(TimerQueueTest, FiresByDeadlineThenKindThenOrder) {
  TimerQueue timers;
  timers.set(TimerKind::kCall, 0, 9, 100);
  timers.set(TimerKind::kCall, 1, 3, 100);
  timers.set(TimerKind::kAgent, 5, 5, 100);
  timers.set(TimerKind::kSource, 7, 7, 200);
  EXPECT_EQ(timers.pop().kind, TimerKind::kAgent);
  EXPECT_EQ(timers.pop().index, 1u);
  EXPECT_EQ(timers.pop().index, 0u);
  EXPECT_EQ(timers.next_deadline_ns(), 200);
  timers.pop();
  EXPECT_EQ(timers.next_deadline_ns(), kNeverNs);
}

TEST(TimerQueueTest, AgreesWithASortedMapOverRandomChanges) {
  TimerQueue timers;
  std::map<uint32_t, int64_t> expected;  // By index; order is the index.
  uint32_t seed = 99;
  const auto draw = [&] { return seed = seed * 1664525u + 1013904223u, seed >> 8; };
  for (int step = 0; step < 20'000; ++step) {
    const uint32_t index = draw() % 200;
    if (draw() % 3 == 0) {
      timers.cancel(TimerKind::kCall, index);
      expected.erase(index);
    } else {
      const int64_t deadline_ns = draw() % 1000;
      timers.set(TimerKind::kCall, index, index, deadline_ns);
      expected[index] = deadline_ns;
    }
    ASSERT_EQ(timers.size(), expected.size());
    ASSERT_EQ(timers.is_set(TimerKind::kCall, index), expected.contains(index));
    if (draw() % 10 != 0 || expected.empty()) continue;
    const auto least =
        std::min_element(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
          return std::tie(a.second, a.first) < std::tie(b.second, b.first);
        });
    ASSERT_EQ(timers.next_deadline_ns(), least->second);
    ASSERT_EQ(timers.pop().index, least->first);
    expected.erase(least);
  }
}

}  // namespace
}  // namespace acd
