// SPDX-License-Identifier: Apache-2.0
// The one file with hash tables: external names to indices. Reserved ahead where it matters, never
// iterated, so that no hash order can reach a decision.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>

#include <cstdint>
#include <deque>
#include <string_view>

#include "routing/hash64.h"

namespace acd {

// Finds the index of a name. The names stay where they are: `name_of(owner, index)` reads them.
class NameTable {
 public:
  using NameOf = std::string_view (*)(const void* owner, uint32_t index);
  static constexpr uint32_t kAbsent = 0xffffffffu;

  // `owner` outlives the table.
  NameTable(const void* owner, NameOf name_of);

  [[nodiscard]] uint32_t find(std::string_view name) const;
  // REQUIRES: no entry has the name of `index` yet.
  void insert(uint32_t index);
  // REQUIRES: present, and its name still readable.
  void erase(uint32_t index);
  [[nodiscard]] size_t size() const { return set_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    const void* owner;
    NameOf name_of;
    size_t operator()(uint32_t index) const { return (*this)(name_of(owner, index)); }
    size_t operator()(std::string_view name) const { return absl::Hash<std::string_view>{}(name); }
  };
  struct Equal {
    using is_transparent = void;
    const void* owner;
    NameOf name_of;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, std::string_view b) const { return name_of(owner, a) == b; }
    bool operator()(std::string_view a, uint32_t b) const { return name_of(owner, b) == a; }
  };
  absl::flat_hash_set<uint32_t, Hash, Equal> set_;
};

// Ids of ended calls, so that a late repeat of an arrival is not taken for a new call.
//
// Bounds:   kEndedCallsMax ids, each kept at most kEndedCallKeptNs of Router time. Ids are kept as
//           64-bit hashes: two of a million ids collide with probability 3e-8, and then a new call
//           is refused.
class EndedCalls {
 public:
  [[nodiscard]] bool contains(std::string_view call_id) const;
  void add(std::string_view call_id, int64_t now_ns);
  // Drops what is too old. O(1) for each dropped id.
  void expire(int64_t now_ns);
  void add_to(Hash64& hash) const;
  [[nodiscard]] size_t size() const { return order_.size(); }

 private:
  struct Ended {
    uint64_t hash = 0;
    int64_t ended_ns = 0;
  };
  std::deque<Ended> order_;
  absl::flat_hash_set<uint64_t> hashes_;
};

}  // namespace acd
