// SPDX-License-Identifier: Apache-2.0
#include "daemon/inbox.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>

#include "routing/check.h"
#include "routing/limits.h"

namespace acd {

Inbox::Inbox(uint32_t capacity) : mask_(capacity - 1), slots_(capacity) {
  ACD_CHECK(capacity >= 2 && (capacity & (capacity - 1)) == 0);
  for (uint64_t i = 0; i < slots_.size(); ++i) {
    slots_[i].turn.store(i, std::memory_order_relaxed);  // Nobody else sees the ring yet.
  }
  event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  ACD_CHECK(event_fd_ >= 0);
}

Inbox::~Inbox() { ::close(event_fd_); }

PushResult Inbox::push(std::unique_ptr<Batch>& batch) {
  // Relaxed: a batch that slips in during close() is still drained by the shard or freed with the
  // ring.
  if (closed_.load(std::memory_order_relaxed)) return PushResult::kClosed;
  uint64_t ticket = tail_.load(std::memory_order_relaxed);  // The slot's turn orders the contents.
  for (;;) {
    Slot& slot = slots_[ticket & mask_];
    // Acquire: the consumer's move out of the slot comes before our write into it.
    const uint64_t turn = slot.turn.load(std::memory_order_acquire);
    if (turn == ticket) {
      if (tail_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) {
        slot.batch = std::move(batch);
        // Release: the consumer that sees the turn sees the batch. Seq_cst with the load below:
        // either the consumer sees this batch before it sleeps, or we see it asleep.
        slot.turn.store(ticket + 1, std::memory_order_seq_cst);
        if (asleep_.load(std::memory_order_seq_cst)) wake();
        return PushResult::kOk;
      }
    } else if (turn < ticket) {
      return PushResult::kFull;
    } else {
      ticket = tail_.load(std::memory_order_relaxed);
    }
  }
}

std::unique_ptr<Batch> Inbox::pop() {
  Slot& slot = slots_[head_ & mask_];
  // Acquire: see what the producer wrote before it released the slot.
  if (slot.turn.load(std::memory_order_acquire) != head_ + 1) return nullptr;
  std::unique_ptr<Batch> batch = std::move(slot.batch);
  // Release: the producer of the next round sees the slot empty.
  slot.turn.store(head_ + mask_ + 1, std::memory_order_release);
  ++head_;
  return batch;
}

void Inbox::wait(int64_t timeout_ns) {
  asleep_.store(true, std::memory_order_seq_cst);  // Pairs with push(): see there.
  const Slot& slot = slots_[head_ & mask_];
  if (slot.turn.load(std::memory_order_seq_cst) != head_ + 1) {
    pollfd waited{event_fd_, POLLIN, 0};
    timespec timeout{timeout_ns / kNsPerS, timeout_ns % kNsPerS};
    ppoll(&waited, 1, timeout_ns < 0 ? nullptr : &timeout, nullptr);
  }
  asleep_.store(false, std::memory_order_relaxed);  // A late wake-up costs one turn, no more.
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t bytes = read(event_fd_, &count, sizeof count);
}

void Inbox::wake() {
  // Relaxed: only whether somebody else has woken the shard already; coalesces the writes.
  asleep_.store(false, std::memory_order_relaxed);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t bytes = write(event_fd_, &one, sizeof one);
}

void Inbox::close() {
  closed_.store(true, std::memory_order_relaxed);  // See push().
}

}  // namespace acd
