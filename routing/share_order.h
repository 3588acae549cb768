// SPDX-License-Identifier: Apache-2.0
// What the members with a share of a queue's calls have had of them, and who of the free is next.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

#include "routing/decayed_count.h"
#include "routing/ids.h"
#include "routing/name_table.h"
#include "routing/ordered_index.h"

namespace acd {

// Threads:  the shard's only.
// Bounds:   one record for each agent who ever had a share of the queue.
// Order:    the free agents of a zone by count, longest idle, added first.
class ShareOrder {
 public:
  // Where somebody stands among the members with a share.
  struct Place {
    DecayedCount count;
    int64_t idle_since_ns = 0;
    AgentIndex agent;

    auto operator<=>(const Place&) const = default;
  };

  // Free agents of one zone, the first one first. REQUIRES: the order lives on and does not change.
  class Walker {
   public:
    Walker(const ShareOrder& order, ZoneIndex zone);
    // The next one, or none.
    AgentIndex next();

   private:
    const ShareOrder& order_;
    std::array<uint32_t, 2> at_{OrderedNode::kNone, OrderedNode::kNone};
  };

  // What counts as had. Of whom nothing is counted yet, that is what floor() says now.
  [[nodiscard]] DecayedCount count_of(AgentIndex agent) const;
  // What the member whom the queue rang last had, as it was then.
  [[nodiscard]] const DecayedCount& floor() const { return floor_; }
  void note_rung(AgentIndex agent) { floor_ = count_of(agent); }
  // A newcomer starts where others are. REQUIRES: not listed free.
  void join(AgentIndex agent);
  // REQUIRES: not listed free.
  void add(AgentIndex agent, int64_t amount, int64_t now_ns, int64_t half_life_ns);
  // Both leave nobody listed free.
  void change_half_life(int64_t now_ns, int64_t from_ns, int64_t to_ns);
  void clear();

  // As floor() and counts() gave them. REQUIRES: nobody is counted.
  void restore(const DecayedCount& floor,
               const std::vector<std::pair<AgentIndex, DecayedCount>>& counts);

  // REQUIRES: not listed.
  void insert_free(AgentIndex agent, ZoneIndex zone, int64_t idle_since_ns);
  // Nothing if not listed.
  void erase_free(AgentIndex agent);
  // REQUIRES: listed free.
  [[nodiscard]] Place place_of(AgentIndex agent) const { return place_at(find(agent)); }

  // All that are counted, by agent; for hashes. O(n log n).
  [[nodiscard]] std::vector<std::pair<AgentIndex, DecayedCount>> counts() const;

 private:
  struct Record {
    DecayedCount count;
    int64_t idle_since_ns = 0;  // While listed free; the zone the same.
    AgentIndex agent;
    ZoneIndex zone;
    bool is_counted = false;
  };
  struct Table;
  static constexpr uint32_t kNone = OrderedNode::kNone;

  [[nodiscard]] uint32_t find(AgentIndex agent) const;
  Record& unlisted_record(AgentIndex agent);
  [[nodiscard]] Place place_at(uint32_t record) const;
  void unlist_all();

  std::vector<Record> records_;
  std::vector<OrderedNode> nodes_;  // By record.
  ProbeTable by_agent_;
  // By zone: those who are counted, and those who are not, whose place moves with the floor.
  std::vector<std::array<OrderedIndex, 2>> free_;
  DecayedCount floor_;
};

}  // namespace acd
