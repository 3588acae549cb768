// SPDX-License-Identifier: Apache-2.0
// All deadlines of one Router in (deadline, kind, order) order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "routing/limits.h"

namespace acd {

enum class TimerKind : uint8_t { kBulk = 0, kSource = 1, kAgent = 2, kCall = 3 };

// Indexed 4-ary heap: one timer an object at most.
//
// Order:    by deadline, then kind, then `order`, a number that belongs to the object and never to
//           its slot, so that a restored Router fires in the same order.
// Bounds:   one entry for each source, agent and call, and one for bulk work.
class TimerQueue {
 public:
  struct Timer {
    int64_t deadline_ns = 0;
    uint64_t order = 0;
    TimerKind kind{};
    uint32_t index = 0;
  };

  // Sets or moves the timer of an object.
  void set(TimerKind kind, uint32_t index, uint64_t order, int64_t deadline_ns);
  // Cancels it; nothing happens if none is set.
  void cancel(TimerKind kind, uint32_t index);
  [[nodiscard]] bool is_set(TimerKind kind, uint32_t index) const;

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] size_t size() const { return heap_.size(); }
  // kNeverNs when empty.
  [[nodiscard]] int64_t next_deadline_ns() const {
    return heap_.empty() ? kNeverNs : heap_.front().deadline_ns;
  }
  // REQUIRES: !empty().
  Timer pop();

 private:
  static constexpr uint32_t kAbsent = 0xffffffffu;
  static bool before(const Timer& a, const Timer& b);
  uint32_t& slot(TimerKind kind, uint32_t index);
  void place(uint32_t position, const Timer& timer);
  void sift_up(uint32_t position, const Timer& timer);
  void sift_down(uint32_t position, const Timer& timer);
  void remove_at(uint32_t position);

  std::vector<Timer> heap_;
  std::array<std::vector<uint32_t>, 4> slots_;  // Position in heap_ by kind and index.
};

}  // namespace acd
