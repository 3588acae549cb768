// SPDX-License-Identifier: Apache-2.0
// The one file with hash tables: external names to indices. Never iterated, so that no hash order
// can reach a decision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "routing/chunked_table.h"
#include "routing/hash64.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/media.h"
#include "routing/outcome.h"

namespace acd {

// A name with its hash, so that one command hashes an id once.
struct HashedName {
  HashedName(std::string_view name)
      : text(name), hash(hash_of(name)) {}  // NOLINT: any text is one.

  std::string_view text;
  uint64_t hash;
};

// Open addressing over 64-bit entries, whose upper bits say where they belong: one cache line for
// most look-ups. Entries that are wanted in one place stand behind each other, without gaps.
class ProbeTable {
 public:
  static constexpr uint64_t kFree = ~uint64_t{0};

  // The first entry from the place of `entry` on for which `is_it`, or kFree.
  template <typename IsIt>
  [[nodiscard]] uint64_t find(uint64_t entry, IsIt&& is_it) const {
    for (size_t i = home(entry);; i = next(i)) {
      if (slots_[i] == kFree || is_it(slots_[i])) return slots_[i];
    }
  }
  // REQUIRES: not kFree, not there.
  void insert(uint64_t entry);
  // REQUIRES: there.
  void erase(uint64_t entry);
  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr int kBitsMin = 4;

  [[nodiscard]] size_t home(uint64_t entry) const {
    return static_cast<size_t>(entry >> (64 - bits_));
  }
  [[nodiscard]] size_t next(size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  void place(uint64_t entry);

  int bits_ = kBitsMin;
  size_t size_ = 0;
  std::vector<uint64_t> slots_ = std::vector<uint64_t>(size_t{1} << kBitsMin, kFree);
};

// Finds the index of a name. The names stay where they are: `name_of(owner, index)` reads them.
class NameTable {
 public:
  using NameOf = std::string_view (*)(const void* owner, uint32_t index);
  static constexpr uint32_t kAbsent = 0xffffffffu;

  // `owner` outlives the table.
  NameTable(const void* owner, NameOf name_of) : owner_(owner), name_of_(name_of) {}

  [[nodiscard]] uint32_t find(const HashedName& name) const;
  // The name with that hash. Of two it may be either: with 64 bits there are none.
  [[nodiscard]] uint32_t find_hash(uint64_t hash) const;
  // REQUIRES: no entry has the name yet.
  void insert(const HashedName& name, uint32_t index);
  // REQUIRES: present.
  void erase(const HashedName& name, uint32_t index);
  [[nodiscard]] size_t size() const { return table_.size(); }

 private:
  // Half of the hash, to tell most names apart without reading them, and the index.
  static uint64_t entry_of(uint64_t hash, uint32_t index) {
    return (hash & 0xffffffff00000000ull) | index;
  }

  const void* owner_;
  NameOf name_of_;
  ProbeTable table_;
};

// Ended calls: their ids, so that a late repeat of an arrival is not taken for a new call, and what
// a later outcome needs to know of them.
//
// Bounds:   kEndedCallsMax ids, each kept at most kEndedCallKeptNs of Router time. Ids are kept as
//           64-bit hashes: two of a million ids collide with probability 3e-8, and then a new call
//           is refused.
class EndedCalls {
 public:
  struct Ended {
    uint64_t hash = 0;
    int64_t ended_ns = 0;
    int64_t number = 0;  // Of the event by which it arrived.
    SourceIndex source;
    QueueIndex queue;  // The last one.
    AgentIndex agent;  // Whom it was connected to.
    OutcomeFacts outcome;
    Medium medium = Medium::kVoice;
    bool is_consult = false;
  };

  [[nodiscard]] bool contains(const HashedName& call_id) const {
    return slot_of(call_id.hash) != kAbsent;
  }
  // The call whose id has that hash, unless it ended too long ago.
  [[nodiscard]] const Ended* find(uint64_t hash, int64_t now_ns) const;
  // `ended.hash` is that of the id. Of an id that is there already the first stays.
  void add(const Ended& ended);
  // REQUIRES: find() finds it.
  void set_outcome(uint64_t hash, const OutcomeFacts& outcome);
  // Drops what is too old. O(1) for each dropped id.
  void expire(int64_t now_ns);
  void add_to(Hash64& hash) const;
  [[nodiscard]] size_t size() const { return static_cast<size_t>(end_ - first_); }

  // Oldest first.
  [[nodiscard]] std::vector<Ended> all() const;
  // REQUIRES: empty; as all() gave them.
  void restore(const std::vector<Ended>& all);

 private:
  static constexpr uint64_t kAbsent = ~uint64_t{0};
  // An entry is the upper bits of a hash and a slot of the ring.
  static constexpr uint64_t kSlotMask = (uint64_t{1} << 20) - 1;
  static_assert(kEndedCallsMax < kSlotMask, "an entry may not be ProbeTable::kFree");

  [[nodiscard]] static uint64_t entry_of(uint64_t hash, uint64_t slot) {
    return (hash & ~kSlotMask) | slot;
  }
  [[nodiscard]] uint64_t slot_of(uint64_t hash) const;
  void append(const Ended& ended);
  [[nodiscard]] const Ended& at(uint64_t number) const { return ring_[number % kEndedCallsMax]; }
  void drop_first();

  ChunkedTable<Ended> ring_;  // Of kEndedCallsMax once it has grown; by number, oldest first.
  uint64_t first_ = 0;
  uint64_t end_ = 0;
  ProbeTable slots_;
};

}  // namespace acd
