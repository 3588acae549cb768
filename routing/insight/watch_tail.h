// SPDX-License-Identifier: Apache-2.0
// The latest events of one tenant, kept for those who follow them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "routing/event.h"
#include "routing/ids.h"

namespace acd {

class Board;

// One event with what it does not say itself. Agents, queues and switches keep their indexes for
// ever and are named when somebody asks; those of calls and desktop sessions are used again.
struct TailEvent {
  Event event;         // Its texts, and those below, lie in the arena of the block.
  TextRef call_id;     // Empty: it is about no call.
  TextRef desktop_id;  // Of the session that `event.source` is. Empty: that is a switch, or none.
  QueueIndex queue;    // The event's, else that of its call.
  int64_t unix_ns = 0;
};

// Events that follow one another.
struct TailBlock {
  std::vector<TailEvent> events;
  std::string arena;

  [[nodiscard]] size_t bytes() const { return events.size() * sizeof(TailEvent) + arena.size(); }
};

// Threads:  one at a time (the observer's).
// Bounds:   kEventsMax events and kBytesMax bytes; the oldest block goes for the newest.
// Order:    by sequence, dense.
class WatchTail {
 public:
  static constexpr size_t kBlockEventsMax = 1'024;
  static constexpr size_t kEventsMax = 262'144;
  static constexpr size_t kBytesMax = size_t{64} << 20;
  // Events that a snapshot holds; those behind it come from the journal. After a clean stop, which
  // leaves nothing behind its snapshot, tokens that are older than these are expired.
  static constexpr size_t kSavedMax = 16'384;

  // Keeps `event`, which `board` has applied already. Without the record of a decision, which is
  // asked for elsewhere. REQUIRES: events in order, without gaps.
  void add(const Event& event, std::string_view arena, const Board& board, int64_t unix_offset_ns);

  // Sequence of the oldest event kept; next_sequence() when there is none.
  [[nodiscard]] int64_t first_sequence() const { return next_sequence_ - count(); }
  // Of the event that comes next.
  [[nodiscard]] int64_t next_sequence() const { return next_sequence_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

  struct Entry {
    const TailEvent& tail;
    std::string_view arena;
  };
  // REQUIRES: first_sequence() <= sequence < next_sequence().
  [[nodiscard]] Entry at(int64_t sequence) const;
  // Of the switch or desktop session that the event names. Empty: none.
  [[nodiscard]] static std::string_view source_id(const Entry& entry, const Board& board);

  // Forgets the oldest block. REQUIRES: bytes() > 0.
  void drop_block();

  // The newest, oldest first.
  [[nodiscard]] std::vector<TailBlock> save() const;
  // Goes on behind them. REQUIRES: nothing was added; the last of them, if there is any, comes right
  // before `next_sequence`.
  void restore(std::vector<TailBlock> blocks, int64_t next_sequence);

 private:
  [[nodiscard]] int64_t count() const {
    return blocks_.empty() ? 0
                           : static_cast<int64_t>((blocks_.size() - 1) * kBlockEventsMax +
                                                  blocks_.back().events.size());
  }
  // The last block, if one more event fits in, or a new one.
  TailBlock& open_block();

  std::deque<TailBlock> blocks_;  // All but the last are full.
  int64_t next_sequence_ = 1;
  size_t bytes_ = 0;
};

}  // namespace acd
