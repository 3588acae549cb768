// SPDX-License-Identifier: Apache-2.0
// Live calls, the classes they fall into, and which call of a class is next.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/bitmap.h"
#include "routing/call_order.h"
#include "routing/chunked_table.h"
#include "routing/decision.h"
#include "routing/fixed_text.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/link_matrix.h"
#include "routing/media.h"
#include "routing/name_table.h"
#include "routing/ordered_index.h"
#include "routing/outcome.h"
#include "routing/requirement.h"
#include "routing/tenant_config.h"

namespace acd {

// kFree: the slot holds no call. Behind kConnecting an agent has it. The values are in snapshots.
enum class CallStage : uint8_t {
  kFree = 0,
  kEnqueued = 1,
  kAlerting = 2,
  kScheduled = 3,  // Out of the order until its deadline.
  kDialing = 4,    // The customer's phone, before an agent's.
  kConnecting = 5,
  kConnected = 6,
  // Of a consult of somebody outside, whom no agent stands for.
  kDialingOutside = 7,
  kOutside = 8  // They answered.
};

struct Call {
  IdText id;  // Readable after the end, until the slot is used again.
  CallStage stage = CallStage::kFree;
  Medium medium = Medium::kVoice;
  bool on_hold = false;            // kConnecting: shows when it is connected.
  bool has_priority : 1 = false;   // Of its own; else its queue's.
  bool is_reminder : 1 = false;    // A task that entered at its time: no switch brought it.
  bool waits_if_busy : 1 = false;  // For the preferred agent.
  bool is_for_owner : 1 = false;   // Who is preferred was named on arrival.
  bool round_failed = false;       // Somebody's offer of the open round failed.
  bool is_waiting = false;         // Listed in its class: kEnqueued, but for moments in between.
  bool is_boxed = false;           // Listed, and only the preferred agent may serve it.
  uint8_t overflows = 0;
  uint8_t transfers = 0;
  uint8_t actions_taken = 0;  // In this visit: bit i for LimitKind i.
  uint16_t steps = 0;         // In force while it waits: bit i for the i-th.
  uint16_t offers = 0;        // Failed ones in this visit; a round of ring_all counts once.
  SourceIndex source;
  QueueIndex queue;
  CallClassIndex call_class;
  RequirementIndex requirement;  // The call's own.
  int32_t priority = 0;
  uint32_t generation = 0;   // Of the last offer; counts from 1.
  AgentIndex first_offered;  // kAlerting: whom it rings, in a list.
  AgentIndex agent;  // kConnecting; kConnected: the first on it, in a list (WorkItem::next_party)
  CallIndex parent;  // Of a consult: the call that it is about.
  AgentIndex preferred;                           // None: nobody, or no longer.
  uint32_t first_visited = OrderedNode::kNone;    // Queues that it overflowed from.
  uint32_t first_exclusion = OrderedNode::kNone;  // Agents left out.
  uint64_t order = 0;                             // Arrival number in the tenant, unique.
  uint64_t leg = 0;                // Key of the caller's leg, which is no other's; 0: none.
  int64_t number = 0;              // Of the event by which it arrived: history knows it by that.
  OutcomeFacts outcome;            // As told while it lives.
  int64_t enqueued_ns = 0;         // Entry into this queue; a reported age counted back.
  int64_t key_ns = 0;              // First entry - age credit: the place in the order.
  int64_t deadline_ns = kNeverNs;  // Of the offer, of connecting, or of what is next in waiting.
  int64_t preferred_until_ns = 0;
  int64_t not_before_ns = INT64_MIN;  // A restart moved its deadline.
  int64_t steps_seen_ns = 0;          // When its steps were looked at last.
  int64_t line_ns = 0;     // Since when in this queue somebody is on the line; kNeverNs: nobody is.
  int64_t treated_ns = 0;  // Treatments due up to then are done.
  int64_t limits_at_ns = kNeverNs;  // Met a limit while its switch was away: looked at again then.
  uint64_t source_order = 0;  // Among the calls of its switch: those before a loss go with it.
  CallIndex previous_of_source;
  CallIndex next_of_source;
  CallIndex previous_excluded;  // Of the class's waiting calls with exclusions.
  CallIndex next_excluded;

  [[nodiscard]] CallPlace place() const { return {priority, key_ns, order}; }
  [[nodiscard]] bool is_on_line() const { return line_ns != kNeverNs; }
  [[nodiscard]] bool has_agent() const {
    return stage == CallStage::kConnecting || stage == CallStage::kConnected;
  }
  [[nodiscard]] bool is_outside() const {
    return stage == CallStage::kDialingOutside || stage == CallStage::kOutside;
  }
  [[nodiscard]] bool is_outside_by(uint32_t dial) const {
    return is_outside() && generation == dial;
  }
  // A callback before its customer is on the line, and a reminder: nobody is there who could hang up,
  // and nobody goes with its switch.
  [[nodiscard]] bool is_of_nobody() const { return !is_on_line() || is_reminder; }
};

// What makes two calls the same to every agent.
struct CallClassKey {
  QueueIndex queue;
  uint32_t version = 0;  // Of the queue's rules; an older one: its calls are to be moved.
  uint32_t steps = 0;
  RequirementIndex requirement;
  uint32_t requirement_stamp = 0;  // Of its slot.
  SourceIndex source;
  Medium medium = Medium::kVoice;
  bool is_off_line = false;  // Nobody is on the line.

  auto operator<=>(const CallClassKey&) const = default;
};

// A class of agents that can serve a class of calls.
struct AgentLink {
  AgentClassIndex agent_class;
  uint32_t stamp = 0;  // Of that class; another one: the link is over.
};

// Where classes of agents stand for a class of calls, apart from what differs inside a class.
struct Standing {
  int32_t rank = 1;
  int32_t load = 0;          // Work items in hand.
  int64_t preference = 0;    // Larger is better.
  int64_t strategy_key = 0;  // Smaller is better.

  bool operator==(const Standing&) const = default;
  std::strong_ordering operator<=>(const Standing& other) const {
    if (rank != other.rank) return rank <=> other.rank;
    if (preference != other.preference) return other.preference <=> preference;
    if (load != other.load) return load <=> other.load;
    return strategy_key <=> other.strategy_key;
  }
};

// Links of equal standing: from the end of the tier before, in its band, up to `end`.
struct Tier {
  Standing standing;
  uint32_t end = 0;
};

// Links of tiers that follow each other: of one, or of several that are small.
struct Band {
  std::vector<AgentLink> links;  // The best standing first.
  std::vector<Tier> tiers;       // Of the links; none is empty.
  Bitmap classes;                // The same links, where the class of calls has many.
};

// A team that a step lets serve the queue beside its members.
struct OpenedTeam {
  TeamIndex team;
  int32_t rank = 1;
};

// A class of agents that cannot serve a class of calls, for its decision records.
struct ClassMiss {
  AgentClassIndex agent_class;
  uint32_t stamp = 0;
  Blocker blocker = Blocker::kNone;
};

// Calls that are the same to every agent. Their order inside never changes with time.
struct CallClass {
  CallClassKey key;
  uint32_t stamp = 0;  // Grows when the slot gets another class.
  bool free = false;   // Slot without a class.
  bool is_listed_empty = false;
  bool is_marked = false;  // Its calls with exclusions are to be looked at.
  std::vector<OpenedTeam> opened_teams;
  std::vector<SkillIndex> asked_skills;  // Of what they need; sorted.
  uint32_t exempt_mask = 0;              // Protect rules whose skill is among them.
  uint32_t next_in_bucket = OrderedNode::kNone;
  int64_t live_calls = 0;      // In any stage: an offered one may come back.
  int64_t eligible_count = 0;  // Logged-in agents of its agent classes.
  Requirement needs;           // In force.
  OrderedIndex waiting;        // In call order, without boxed ones.
  OrderedIndex boxed;          // The boxed ones.
  CallIndex first_excluded;
  std::vector<Band> bands;  // Links to those that can serve it, the best standing first.
  size_t link_count = 0;    // Of all bands, with those that are over.
  uint32_t column = LinkMatrix::kNoColumn;  // Of the matrix; none: the agent classes list it.
  bool has_bitmaps = false;                 // More than kListedLinksMax.
  std::vector<ClassMiss> misses;            // Some that cannot; at most kDecisionGroupsMax.
};

// Links that are looked at one by one; where there are more, bitmaps tell which are worth it.
inline constexpr size_t kListedLinksMax = 64;
// A class of calls with fewer links than one for so many classes of agents is listed by these, also
// where bits would do; one with more gets a column of bits, unless so many have one.
inline constexpr size_t kClassesALink = 64;
inline constexpr size_t kColumnsOfFewMax = 1'024;
// Rows of a column that are cleared in order as fast as one that a link tells.
inline constexpr size_t kRowsALink = 8;
// Links of a band of several tiers, which are looked at one by one; up to twice as many.
inline constexpr uint32_t kBandLinksMax = 1'024;

// The first waiting call of a class that waits for nobody; all of them stand together.
struct CallClassHead {
  uint64_t key = kNoKey;  // Smaller goes first; equal, or not of `priority`: ask for the order.
  CallIndex call;
  uint32_t stamp = 0;       // Of the class.
  ZoneIndex zone;           // Of its switch; none: the slot is free.
  bool has_misses = false;  // As many as it keeps.
  bool has_column = false;  // Of the matrix: what lists of agent classes say of it is over.
  uint64_t must = 0;        // must_bits() of what it needs.
};

// An agent left out for one call since an offer of that generation failed; for good (kNeverNs) who
// consults, for their own consult.
struct Exclusion {
  AgentIndex agent;
  uint32_t generation = 0;
  int64_t until_ns = 0;
  bool is_firm = false;  // Also where nobody else could take the call.
  uint32_t next = OrderedNode::kNone;
};

// A call's own requirement, parsed once.
struct KnownRequirement {
  std::string text;
  Requirement requirement;
  uint32_t stamp = 0;  // Grows when the slot gets another requirement.
  bool is_listed_unused = false;
  int64_t users = 0;  // Live calls.
};

// Threads:  the shard's only.
// Bounds:   kCallsMax calls, kCallClassesMax classes, kRequirementsMax requirements.
// Order:    a class by the order of calls, which within one queue does not change with time.
class CallQueue {
 public:
  CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  [[nodiscard]] CallIndex find(const HashedName& id) const { return CallIndex(by_id_.find(id)); }
  // The one whose caller has that leg, as a key; none for 0.
  [[nodiscard]] CallIndex find_leg(uint64_t leg) const;
  // REQUIRES: no other call has it, or 0.
  void set_leg(CallIndex index, uint64_t leg);
  // The one whose id has that hash.
  [[nodiscard]] CallIndex find_hash(uint64_t hash) const {
    return CallIndex(by_id_.find_hash(hash));
  }
  // A fresh slot with that id. REQUIRES: find(id) is none, count() < kCallsMax.
  CallIndex add(const HashedName& id);
  // For calls that are restored, each in the slot it had: first all slots, then the calls, then
  // what is free is listed.
  void make_slots(uint32_t count);
  // REQUIRES: the slot is free.
  void add_at(const HashedName& id, CallIndex index);
  void list_free_slots();
  // REQUIRES: of that id; not waiting, no exclusions, nothing visited.
  void remove(const HashedName& id, CallIndex index);
  [[nodiscard]] Call& at(CallIndex index) { return calls_[index.value()]; }
  [[nodiscard]] const Call& at(CallIndex index) const { return calls_[index.value()]; }
  [[nodiscard]] size_t count() const { return by_id_.size(); }
  // One past the highest slot ever used; free slots in between have stage kFree.
  [[nodiscard]] size_t slot_count() const { return calls_.size(); }

  // Whether there is such a class, or fewer than kCallClassesMax in use.
  [[nodiscard]] bool has_room_for(const CallClassKey& key) const;
  // The class with that key; `*created` tells whether it is new, and then its links and its column
  // are those of the class that had its slot before. Goes beyond kCallClassesMax, by as
  // many as there are calls at most: a call that is in must not get stuck.
  CallClassIndex class_for(const CallClassKey& key, ZoneIndex zone, bool* created);
  // Counts a call in or out of its class. A class without calls lives on until room is wanted.
  void join_class(CallClassIndex index);
  void leave_class(CallClassIndex index);
  [[nodiscard]] CallClass& class_at(CallClassIndex index) { return classes_[index.value()]; }
  [[nodiscard]] const CallClass& class_at(CallClassIndex index) const {
    return classes_[index.value()];
  }
  [[nodiscard]] size_t class_count() const { return classes_.size(); }
  // Classes with a live call.
  [[nodiscard]] size_t live_class_count() const { return used_class_count_ - empty_class_count_; }

  // The parsed requirement of that text; none if not known yet.
  [[nodiscard]] RequirementIndex find_requirement(std::string_view text) const;
  // None at kRequirementsMax when every one is in use; else one that no live call has makes room.
  RequirementIndex add_requirement(std::string_view text, Requirement requirement);
  // Counts a call that has it in or out.
  void use_requirement(RequirementIndex index) { ++requirements_[index.value()].users; }
  void release_requirement(RequirementIndex index);
  [[nodiscard]] const KnownRequirement& requirement_at(RequirementIndex index) const {
    return requirements_[index.value()];
  }

  // Lists a call as waiting in its class, boxed or not as it says. `rule` orders the class.
  void insert_waiting(CallIndex index, const CallOrderRule& rule);
  void erase_waiting(CallIndex index);
  [[nodiscard]] CallIndex first_waiting(CallClassIndex index) const {
    return CallIndex(class_at(index).waiting.first());
  }
  void set_has_misses(CallClassIndex index) { heads_[index.value()].has_misses = true; }
  void set_column(CallClassIndex index, uint32_t column);
  void set_must(CallClassIndex index, uint64_t bits) { heads_[index.value()].must = bits; }
  [[nodiscard]] const CallClassHead& head(CallClassIndex index) const {
    return heads_[index.value()];
  }
  // The key of a waiting call, as in a head.
  [[nodiscard]] uint64_t waiting_key(CallIndex index) const {
    return waiting_nodes_[index.value()].key;
  }
  // Classes with an unboxed waiting call.
  [[nodiscard]] const Bitmap& waiting_classes() const { return waiting_classes_; }
  // The columns of these.
  [[nodiscard]] const Bitmap& waiting_columns() const { return waiting_columns_; }
  [[nodiscard]] CallIndex first_boxed(CallClassIndex index) const {
    return CallIndex(class_at(index).boxed.first());
  }
  [[nodiscard]] CallIndex next_waiting(CallIndex index) const;
  // How many of the class are listed, unboxed and boxed.
  [[nodiscard]] uint32_t waiting_count(CallClassIndex index) const;
  [[nodiscard]] uint32_t boxed_count(CallClassIndex index) const;
  // How many unboxed calls of that class come before a call of the same queue.
  [[nodiscard]] uint32_t waiting_before(CallClassIndex index, CallIndex call,
                                        const CallOrderRule& rule) const;
  // Whether it is listed with its preferred agent's.
  [[nodiscard]] bool is_boxed(CallIndex index) const {
    return index.value() < box_nodes_.size() && box_nodes_[index.value()].linked();
  }
  // Lists a boxed call with its preferred agent's.
  void insert_boxed(CallIndex index, OrderedIndex* preferring);
  void erase_boxed(CallIndex index, OrderedIndex* preferring);
  [[nodiscard]] CallIndex next_boxed(CallIndex index) const;

  // Leaves `agent` out for `call` until that time; renews an older exclusion of the same agent.
  void exclude(CallIndex call, AgentIndex agent, uint32_t generation, int64_t until_ns,
               bool is_firm = false);
  // Whether the agent is listed. An exclusion is in force until it is dropped.
  [[nodiscard]] bool is_excluded(const Call& call, AgentIndex agent) const;
  [[nodiscard]] bool is_excluded_for_good(const Call& call, AgentIndex agent) const;
  // The same, or whoever else there is.
  [[nodiscard]] bool is_excluded_firmly(const Call& call, AgentIndex agent) const;
  [[nodiscard]] const Exclusion& exclusion_at(uint32_t index) const { return exclusions_[index]; }
  // Drops those that end before `before_ns`; returns the earliest end left, or kNeverNs.
  int64_t drop_exclusions(CallIndex call, int64_t before_ns);
  // Drops all of them. REQUIRES: not waiting.
  void forget_exclusions(CallIndex call);
  [[nodiscard]] int64_t next_exclusion_end_ns(const Call& call) const;

  // Remembers that the call was in a queue.
  void visit(CallIndex call, QueueIndex queue);
  [[nodiscard]] bool has_visited(const Call& call, QueueIndex queue) const;
  void forget_visits(CallIndex call);
  [[nodiscard]] std::vector<QueueIndex> visited(const Call& call) const;

 private:
  struct WaitingTable;
  struct BoxTable;
  struct Visit {
    QueueIndex queue;
    uint32_t next = OrderedNode::kNone;
  };
  [[nodiscard]] size_t bucket_of(const CallClassKey& key) const;
  [[nodiscard]] CallClassIndex find_class(const CallClassKey& key) const;
  void refresh_head(CallClassIndex index);
  void note_empty(CallClassIndex index);
  void free_old_classes();
  void note_unused(RequirementIndex index);
  void grow_buckets();
  void link_excluded(CallIndex index);
  void unlink_excluded(CallIndex index);

  ChunkedTable<Call> calls_;
  std::vector<OrderedNode> waiting_nodes_;  // By call.
  std::vector<OrderedNode> box_nodes_;      // By call; grows when it is used.
  std::vector<CallIndex> free_calls_;       // Last freed, first used.
  NameTable by_id_;
  ProbeTable by_leg_;  // Half of the key, and the index.
  ChunkedTable<CallClass> classes_;
  std::vector<CallClassHead> heads_;  // By class.
  Bitmap waiting_classes_;
  Bitmap waiting_columns_;
  std::vector<CallClassIndex> free_classes_;
  size_t used_class_count_ = 0;
  size_t empty_class_count_ = 0;  // Of the used: without a live call, but kept for the next one.
  std::deque<CallClassIndex> empty_classes_;  // These, the longest empty first, and others.
  std::vector<uint32_t> buckets_;             // Chains of classes by hash of their key.
  std::vector<KnownRequirement> requirements_;
  NameTable requirement_by_text_;
  std::deque<RequirementIndex> unused_requirements_;  // By no live call, and others.
  std::vector<Exclusion> exclusions_;
  uint32_t free_exclusion_ = OrderedNode::kNone;
  std::vector<Visit> visits_;
  uint32_t free_visit_ = OrderedNode::kNone;
};

}  // namespace acd
