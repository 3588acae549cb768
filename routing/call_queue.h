// SPDX-License-Identifier: Apache-2.0
// Live calls, the classes they fall into, and which call of a class is next.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/fixed_text.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/name_table.h"
#include "routing/ordered_index.h"
#include "routing/requirement.h"

namespace acd {

// kFree: the slot holds no call.
enum class CallStage : uint8_t { kFree, kEnqueued, kAlerting, kConnecting, kConnected };

struct Call {
  IdText id;  // Readable after the end, until the slot is used again.
  CallStage stage = CallStage::kFree;
  bool ringing_seen = false;  // Of the open offer.
  bool on_hold = false;
  SourceIndex source;
  QueueIndex queue;
  CallClassIndex call_class;
  RequirementIndex requirement;  // The call's own.
  int32_t priority = 0;
  uint32_t generation = 0;         // Of the last offer; counts from 1.
  AgentIndex agent;                // Alerting to connected.
  uint64_t order = 0;              // Arrival number in the tenant, unique.
  int64_t enqueued_ns = 0;         // Its age counted back; may be negative early in a journal.
  int64_t key_ns = 0;              // enqueued_ns - age credit: the place in the order.
  int64_t deadline_ns = kNeverNs;  // Of the offer, of connecting, or of the next exclusion.
  uint32_t first_exclusion = OrderedNode::kNone;
  CallIndex previous_of_source;
  CallIndex next_of_source;
  OrderedNode waiting_node;  // Linked: kEnqueued.
};

// Calls that are the same to every agent. Their order inside never changes with time.
struct CallClass {
  QueueIndex queue;
  std::vector<SkillLevel> needs;  // Queue's and call's together, sorted.
  int32_t priority = 0;
  SourceIndex source;
  int64_t live_calls = 0;                      // In any stage: an offered one may come back.
  bool free = false;                           // Slot without a class.
  OrderedIndex waiting;                        // By (key, order).
  std::vector<AgentClassIndex> agent_classes;  // That can serve it.
};

// An agent left out for one call.
struct Exclusion {
  AgentIndex agent;
  int64_t until_ns = 0;
  uint32_t next = OrderedNode::kNone;
};

// A call's own requirement, parsed once.
struct ParsedRequirement {
  std::string text;
  std::vector<SkillLevel> needs;
  int64_t users = 0;  // Live calls.
};

// Threads:  the shard's only.
// Bounds:   kCallsMax calls, kCallClassesMax classes, kRequirementsMax requirements.
// Order:    a class by (key_ns, order); across classes see Router::best_call.
class CallQueue {
 public:
  CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  [[nodiscard]] CallIndex find(std::string_view id) const;
  // A fresh slot with that id. REQUIRES: find(id) is none, count() < kCallsMax.
  CallIndex add(std::string_view id);
  // REQUIRES: not waiting, no exclusions.
  void remove(CallIndex index);
  [[nodiscard]] Call& at(CallIndex index) { return calls_[index.value()]; }
  [[nodiscard]] const Call& at(CallIndex index) const { return calls_[index.value()]; }
  [[nodiscard]] size_t count() const { return by_id_.size(); }
  // One past the highest slot ever used; free slots in between have stage kFree.
  [[nodiscard]] size_t slot_count() const { return calls_.size(); }

  // The class for these properties; none when a new one is wanted and there are kCallClassesMax.
  // `*created` tells whether it is new.
  CallClassIndex class_for(QueueIndex queue, const std::vector<SkillLevel>& needs, int32_t priority,
                           SourceIndex source, bool* created);
  // Frees every class without a live call; false when there is none. Before the next class_for()
  // the caller forgets its links to classes that are `free`.
  bool free_empty_classes();
  // Counts a call in or out of its class.
  void join_class(CallIndex index);
  void leave_class(CallIndex index);
  [[nodiscard]] CallClass& class_at(CallClassIndex index) { return classes_[index.value()]; }
  [[nodiscard]] const CallClass& class_at(CallClassIndex index) const {
    return classes_[index.value()];
  }
  [[nodiscard]] size_t class_count() const { return classes_.size(); }
  [[nodiscard]] const std::vector<CallClassIndex>& classes_of(SourceIndex source) const;

  // The parsed requirement of that text; none if not known yet.
  [[nodiscard]] RequirementIndex find_requirement(std::string_view text) const;
  // None at kRequirementsMax when every one is in use.
  RequirementIndex add_requirement(std::string_view text, std::vector<SkillLevel> needs);
  [[nodiscard]] ParsedRequirement& requirement_at(RequirementIndex index) {
    return requirements_[index.value()];
  }
  [[nodiscard]] const ParsedRequirement& requirement_at(RequirementIndex index) const {
    return requirements_[index.value()];
  }

  void insert_waiting(CallIndex index);
  void erase_waiting(CallIndex index);
  [[nodiscard]] CallIndex first_waiting(CallClassIndex index) const;
  [[nodiscard]] CallIndex next_waiting(CallIndex index) const;
  [[nodiscard]] uint32_t waiting_count(CallClassIndex index) const;

  // Leaves `agent` out for `call` until that time; renews an older exclusion of the same agent.
  void exclude(CallIndex call, AgentIndex agent, int64_t until_ns);
  // Whether the agent is left out. A listed exclusion is in force until it is dropped.
  [[nodiscard]] bool is_excluded(const Call& call, AgentIndex agent) const;
  [[nodiscard]] const Exclusion& exclusion_at(uint32_t index) const { return exclusions_[index]; }
  // Drops those that end before `before_ns`; returns the earliest end left, or kNeverNs.
  int64_t drop_exclusions(CallIndex call, int64_t before_ns);
  // Live calls with exclusions, by arrival.
  [[nodiscard]] const std::set<std::pair<uint64_t, CallIndex>>& calls_with_exclusions() const {
    return calls_with_exclusions_;
  }

 private:
  struct WaitingTable;
  struct ClassKey {
    QueueIndex queue;
    std::vector<SkillLevel> needs;
    int32_t priority = 0;
    SourceIndex source;
    auto operator<=>(const ClassKey&) const = default;
  };
  void free_exclusion(uint32_t index);

  std::vector<Call> calls_;
  std::vector<CallIndex> free_calls_;  // Last freed, first used.
  NameTable by_id_;
  std::vector<CallClass> classes_;
  std::vector<CallClassIndex> free_classes_;
  size_t empty_class_count_ = 0;  // Without a live call, but kept for the next one.
  std::map<ClassKey, CallClassIndex> class_by_key_;
  std::map<SourceIndex, std::vector<CallClassIndex>> classes_by_source_;
  std::vector<ParsedRequirement> requirements_;
  NameTable requirement_by_text_;
  std::vector<RequirementIndex> free_requirements_;
  std::vector<Exclusion> exclusions_;
  uint32_t free_exclusion_ = OrderedNode::kNone;
  std::set<std::pair<uint64_t, CallIndex>> calls_with_exclusions_;
};

}  // namespace acd
