// SPDX-License-Identifier: Apache-2.0
// Bounded queue that carries batches from any thread into one shard.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "daemon/batch.h"

namespace acd {

// A ring of slots with sequence numbers (D. Vyukov's bounded queue, many producers and one
// consumer).
//
// Threads:  push() and wake() from any thread; all else from the shard's thread only, close() too.
// Owns:     the batches in it.
// Bounds:   capacity() batches, fixed at construction. Streams keep few batches in flight each, so
//           that the ring cannot fill; whoever finds it full answers RESOURCE_EXHAUSTED.
// Order:    batches of one producer come out in the order they went in.
// Fails:    push() returns kFull, or kClosed once the shard stops. Nothing else can fail after
//           construction.
class Inbox {
 public:
  // `capacity` is a count of batches. REQUIRES: a power of two, >= 2.
  explicit Inbox(uint32_t capacity);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Takes the batch only when the result is kOk.
  [[nodiscard]] PushResult push(std::unique_ptr<Batch>& batch);

  // The oldest batch, or null.
  [[nodiscard]] std::unique_ptr<Batch> pop();

  // Sleeps until a batch may be there, wake() was called, or `timeout_ns` passed; a negative
  // timeout never passes.
  void wait(int64_t timeout_ns);
  void wake();

  // From now on push() returns kClosed. What is in the ring may still be popped.
  void close();

  [[nodiscard]] uint32_t capacity() const { return static_cast<uint32_t>(mask_ + 1); }

 private:
  struct Slot {
    // Whose turn the slot is: a producer's at `ticket`, the consumer's at `ticket` + 1. Written by
    // whoever has the slot, released to the other side.
    std::atomic<uint64_t> turn{0};
    std::unique_ptr<Batch> batch;
  };

  const uint64_t mask_;
  std::vector<Slot> slots_;
  // Next ticket of the producers; they race for it.
  alignas(64) std::atomic<uint64_t> tail_{0};
  // Set by the consumer before it sleeps; whoever clears it writes the eventfd.
  alignas(64) std::atomic<bool> asleep_{false};
  // Set once by the consumer.
  std::atomic<bool> closed_{false};
  alignas(64) uint64_t head_ = 0;  // The consumer's.
  int event_fd_ = -1;
};

}  // namespace acd
