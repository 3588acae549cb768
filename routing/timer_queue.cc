// SPDX-License-Identifier: Apache-2.0
#include "routing/timer_queue.h"

#include "routing/check.h"

namespace acd {
namespace {
constexpr uint32_t kArity = 4;
}

bool TimerQueue::before(const Timer& a, const Timer& b) {
  if (a.deadline_ns != b.deadline_ns) return a.deadline_ns < b.deadline_ns;
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.order < b.order;
}

uint32_t& TimerQueue::slot(TimerKind kind, uint32_t index) {
  std::vector<uint32_t>& slots = slots_[static_cast<size_t>(kind)];
  if (index >= slots.size()) slots.resize(index + 1, kAbsent);
  return slots[index];
}

bool TimerQueue::is_set(TimerKind kind, uint32_t index) const {
  const std::vector<uint32_t>& slots = slots_[static_cast<size_t>(kind)];
  return index < slots.size() && slots[index] != kAbsent;
}

void TimerQueue::set(TimerKind kind, uint32_t index, uint64_t order, int64_t deadline_ns) {
  cancel(kind, index);
  heap_.emplace_back();
  sift_up(static_cast<uint32_t>(heap_.size() - 1), Timer{deadline_ns, order, kind, index});
}

void TimerQueue::cancel(TimerKind kind, uint32_t index) {
  const uint32_t position = slot(kind, index);
  if (position != kAbsent) remove_at(position);
}

TimerQueue::Timer TimerQueue::pop() {
  ACD_CHECK(!heap_.empty());
  const Timer timer = heap_.front();
  remove_at(0);
  return timer;
}

void TimerQueue::remove_at(uint32_t position) {
  slot(heap_[position].kind, heap_[position].index) = kAbsent;
  const Timer last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  if (position > 0 && before(last, heap_[(position - 1) / kArity])) {
    sift_up(position, last);
  } else {
    sift_down(position, last);
  }
}

void TimerQueue::place(uint32_t position, const Timer& timer) {
  heap_[position] = timer;
  slot(timer.kind, timer.index) = position;
}

void TimerQueue::sift_up(uint32_t position, const Timer& timer) {
  while (position > 0) {
    const uint32_t parent = (position - 1) / kArity;
    if (!before(timer, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, timer);
}

void TimerQueue::sift_down(uint32_t position, const Timer& timer) {
  const uint32_t count = static_cast<uint32_t>(heap_.size());
  for (;;) {
    const uint32_t begin = position * kArity + 1;
    if (begin >= count) break;
    uint32_t least = begin;
    for (uint32_t child = begin + 1; child < begin + kArity && child < count; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], timer)) break;
    place(position, heap_[least]);
    position = least;
  }
  place(position, timer);
}

}  // namespace acd
