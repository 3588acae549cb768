// SPDX-License-Identifier: Apache-2.0
// The narrow interface to the log of one partition, and who may write it.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace acd {

// What stands at the head of every frame. A record is one command or one Advance; records of a
// partition are numbered densely from 1.
struct FrameHeader {
  uint64_t epoch = 0;           // Of the owner that wrote it; never falls.
  uint64_t first_sequence = 0;  // Of its first record.
  uint32_t record_count = 0;    // >= 1
  int64_t now_ns = 0;           // Router time at its end.
  int64_t wall_ns = 0;          // Unix time when it was written, for the clock after a restart.
  uint64_t event_hash = 0;      // Running hash over verdicts and events, after its last record.
};

inline constexpr size_t kFrameBytesMax = 1 << 20;  // Payload of one frame.

// How much room the journal has to go on.
enum class JournalSpace : uint8_t {
  kEnough,  // The reserve is whole, or is being written without trouble.
  kLow,     // The reserve cannot be completed: what began goes on in it, nothing new should begin.
  kNone,    // The reserve is used up too: append() blocks once its queue is full.
};

// Told what became of appended frames, in order, on the journal's own thread.
class JournalListener {
 public:
  virtual ~JournalListener() = default;
  // Every record up to and including `sequence` is durable.
  virtual void on_durable(uint64_t sequence) = 0;
  // A write, a sync or the ownership failed: nothing after the last on_durable() is durable or ever
  // will be, and no further call follows. ABORTED: another owner has fenced this one off. CANCELLED:
  // the journal was stopped while it had no space.
  virtual void on_failed(const absl::Status& status) = 0;
  // The room has changed; `why` says what cannot be written, and is OK with kEnough. A journal
  // begins with kEnough. Who begins no new work need not listen.
  virtual void on_space([[maybe_unused]] JournalSpace space,
                        [[maybe_unused]] const absl::Status& why) {}
};

// The log of one partition. An implementation over a replicated log needs nothing more than this.
//
// Threads:  append() from one thread, the partition's shard. follow() and position() before start()
//           only, truncate() and begin_stop() at any time.
// Order:    frames become durable in the order of append().
// Fails:    a bad frame with a valid one behind it is DATA_LOSS and names the place; a bad last
//           frame is a torn tail, cut off before the next append. A full disk is no failure:
//           JournalListener::on_space().
class Journal {
 public:
  virtual ~Journal() = default;

  // Hands every frame that holds a record >= `from` to `visit`, oldest first; stops at its first
  // error.
  [[nodiscard]] virtual absl::Status follow(
      uint64_t from,
      absl::FunctionRef<absl::Status(const FrameHeader& header, std::string_view payload)>
          visit) = 0;

  // Begins to take frames. `listener` outlives the journal.
  [[nodiscard]] virtual absl::Status start(JournalListener* listener) = 0;

  // Queues one frame; blocks while the bounded queue is full, for want of space as well. REQUIRES: payload.size() <=
  // kFrameBytesMax, header.first_sequence is position(), header.record_count >= 1.
  virtual void append(const FrameHeader& header, std::string payload) = 0;

  // Drops whole segments that hold only records < `before`, the oldest first; none while a backup
  // runs. What is left is readable wherever this is cut short.
  [[nodiscard]] virtual absl::Status truncate(uint64_t before) = 0;

  // Oldest record kept; position() when there is none. From any thread.
  [[nodiscard]] virtual uint64_t first_sequence() const = 0;

  // Sequence that the next record will have.
  [[nodiscard]] virtual uint64_t position() const = 0;

  // The end is near: from now on a journal without space waits for it a bounded time, and then
  // fails as CANCELLED rather than hold up append() and stop() for ever. From any thread.
  virtual void begin_stop() = 0;

  // Makes everything appended durable, tells the listener, and joins the thread. Idempotent.
  virtual void stop() = 0;
};

// Who may write a partition's journal, and until when.
class Ownership {
 public:
  virtual ~Ownership() = default;
  // Rises with every new owner.
  [[nodiscard]] virtual uint64_t epoch() const = 0;
  // Monotonic time until which the epoch is surely ours; INT64_MAX: for ever.
  [[nodiscard]] virtual int64_t valid_until_ns() const = 0;
};

}  // namespace acd
