// SPDX-License-Identifier: Apache-2.0
// Agents, the classes they fall into, and who of a class is first by each agent key.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "routing/bitmap.h"
#include "routing/chunked_table.h"
#include "routing/decayed_count.h"
#include "routing/event.h"
#include "routing/fixed_text.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/media.h"
#include "routing/name_table.h"
#include "routing/ordered_index.h"
#include "routing/requirement.h"
#include "routing/skill_sets.h"
#include "routing/station.h"

namespace acd {

enum class Presence : uint8_t { kLoggedOut, kNotReady, kReady };

// How far a work item is.
enum class Work : uint8_t {
  kNone,
  kReserved,
  kRinging,
  kConnecting,
  kOnCall,
  kOnHold,
  kWrapUp,
  kBusyOther
};

// What orders the free agents of a class. Equal keys fall to the longest idle, then to the agent
// added first.
enum class AgentKey : uint8_t { kIdle, kAdded, kCalls, kOccupancy };
inline constexpr size_t kAgentKeyCount = 4;

// Service of one queue that names its members. What the queue's strategy does not read is 0.
struct Membership {
  QueueIndex queue;
  int32_t rank = 1;
  int32_t position = 0;
  int32_t weight = 0;
  int32_t percent = 0;

  auto operator<=>(const Membership&) const = default;
};

// A contact that an agent has in hand, or a phone that is busy with something else.
struct WorkItem {
  Work work = Work::kNone;
  Medium medium = Medium::kVoice;
  bool ringing_seen = false;       // Of an offer.
  bool needs_code = false;         // kWrapUp: ends by its agent only if the call has a code.
  uint32_t number = 0;             // Counted by agent: tells one wrap-up from another.
  uint32_t generation = 0;         // Of the offer.
  int32_t extensions_left = 0;     // kWrapUp
  CallIndex call;                  // Reserved to on hold.
  AgentIndex next_offered;         // The next agent whom the same call rings.
  AgentIndex next_party;           // On call, on hold: the next agent on the same call.
  CallIndex consult;               // The same: the consult that the agent has about that call.
  QueueIndex wrap_up_queue;        // kWrapUp
  int64_t extension_ns = 0;        // kWrapUp: of each.
  uint64_t wrap_up_call = 0;       // kWrapUp: hash of its id; 0: it was lost with its switch.
  int64_t deadline_ns = kNeverNs;  // End of wrap-up or of busy.

  // Offered and not connected yet.
  [[nodiscard]] bool is_offer() const {
    return work == Work::kReserved || work == Work::kRinging || work == Work::kConnecting;
  }
  // Whether the agent's phone is what it goes by.
  [[nodiscard]] bool uses_phone() const { return (mask_of(medium) & kPhoneMedia) != 0; }
};

// Most agents have one contact at a time: it stands in the agent, so that a look at the one brings
// the other.
using WorkItems = absl::InlinedVector<WorkItem, 1>;

struct Agent {
  IdText id;
  IdText station;  // Empty: logged out.
  AnswerMode answer_mode = AnswerMode::kPhone;
  MediaMask station_media = kAllMedia;  // That the station carries.
  bool is_leg_up = false;               // Of a nailed-up station.
  bool is_desk_empty = false;           // Accepts at a desktop, and the one attached is gone.
  std::vector<Membership> memberships;  // Sorted by queue.
  std::vector<QueueIndex> paused;       // Sorted.
  SkillSetIndex skills;
  TeamIndex team;
  AgentClassIndex agent_class;  // Logged in only.
  SourceIndex source;           // Of the station.
  Presence presence = Presence::kLoggedOut;
  MediaRule media;
  WorkItems items;  // The work in hand, in the order in which it began.
  uint32_t items_begun = 0;
  bool log_out_pending = false;    // Logs out when the work is done.
  bool log_out_forced = false;     // And becoming ready does not take it back.
  bool log_out_on_behalf = false;  // Asked by others than their switch, which is then told.
  bool is_phone_busy = false;      // Reported during wrap-up of what was by phone.
  bool was_free = false;           // When the state changed last.
  bool is_listed = false;          // May be offered a call.
  bool is_dirty = false;           // Listed for matching; no part of the state between commands.
  bool is_box_dirty = false;       // Listed because calls prefer the agent; the same.
  int32_t reason = 0;              // Why not ready.
  int64_t idle_since_ns = 0;
  int64_t since_ns = 0;    // Start of the present work, or of being free.
  int32_t rejects = 0;     // In a row.
  int32_t no_answers = 0;  // In a row.
  uint64_t log_in_order = 0;
  DecayedCount connected_calls;  // Kept while a queue uses fewest_calls.
  DecayedCount work_time;        // These three while one uses least_occupied.
  DecayedCount free_time;
  int64_t occupancy_ppm = 0;
  DialPrefix dial_prefix;  // Of the latest offer: what its switch dials before the station.
  AgentIndex previous_of_source;
  AgentIndex next_of_source;
  SourceIndex desktop;        // The session that they are attached to, logged in or not.
  uint64_t attach_order = 0;  // The same: when.
  AgentIndex previous_of_desktop;
  AgentIndex next_of_desktop;
  OrderedIndex preferring;  // Waiting calls that only this agent may serve yet.
  uint32_t preferring_count = 0;

  // Ready, and to stay, and where offers can be accepted.
  [[nodiscard]] bool is_reachable() const {
    return presence == Presence::kReady && !log_out_pending && !is_desk_empty;
  }
  // The same, with nothing in hand.
  [[nodiscard]] bool is_free() const { return is_reachable() && items.empty(); }
  // Media that the agent ever takes on at this station.
  [[nodiscard]] MediaMask capable_media() const { return media.capable() & station_media; }
  // Whether nothing can be offered because the open leg of the station is not up.
  [[nodiscard]] bool is_leg_down() const {
    return answer_mode == AnswerMode::kNailedUp && !is_leg_up;
  }
  // Media of which the agent has room for one more contact beside what is in hand and offered.
  [[nodiscard]] MediaMask roomy_media() const;
  // The same, but none while one is offered: nobody is rung for two at a time.
  [[nodiscard]] MediaMask spare_media() const;
  // The same of one who is reachable: what they may be offered.
  [[nodiscard]] MediaMask open_media() const {
    return is_reachable() ? spare_media() : MediaMask{0};
  }
  [[nodiscard]] uint8_t load() const { return static_cast<uint8_t>(items.size()); }
  [[nodiscard]] bool is_in_wrap_up() const;  // And with nothing else in hand but a busy phone.
  // The work item of that call; null if there is none.
  [[nodiscard]] const WorkItem* find_item(CallIndex call) const;
  // REQUIRES: there is one.
  [[nodiscard]] WorkItem& item_of(CallIndex call);
  [[nodiscard]] const WorkItem& item_of(CallIndex call) const;
  // Of its work items, the earliest deadline.
  [[nodiscard]] int64_t deadline_ns() const;
};

// The displayed state: the most advanced work item, else the presence.
[[nodiscard]] AgentState displayed_state(const Agent& agent);

// What makes two agents the same to every call.
struct AgentClassKey {
  SkillSetIndex skills;
  std::vector<Membership> memberships;
  std::vector<QueueIndex> paused;
  TeamIndex team;  // None unless a step opens it.
  SourceIndex source;
  uint32_t config_version = 0;
  MediaMask capable = kAllMedia;  // Media that they ever take on.
  // Of those who are listed: media that they may be offered now, and how much they have in hand. Of
  // the others all they are capable of, and 0: work that leaves room for no other changes no class.
  MediaMask open = kAllMedia;
  uint8_t load = 0;

  bool operator==(const AgentClassKey&) const = default;
  // Nothing but their skills decides whom they can serve in a queue that all are members of.
  [[nodiscard]] bool is_plain() const {
    return memberships.empty() && paused.empty() && !team.valid() && capable == kAllMedia &&
           load == 0;
  }
};

// The membership of a queue that names its members; null if there is none.
[[nodiscard]] const Membership* membership_of(const AgentClassKey& agents, QueueIndex queue);

// A class of calls that a class of agents can serve, and few others.
struct CallLink {
  CallClassIndex call_class;
  uint32_t stamp = 0;  // Of that class; another one: the link is over.
};

// A counter that a step's condition reads.
struct ConditionIndex {
  QueueIndex queue;
  uint32_t step = 0;
};

struct AgentClass {
  AgentClassKey key;
  uint32_t stamp = 0;          // Grows when the slot gets another class.
  AgentIndex example;          // Somebody in it; none if they left and nobody joined since.
  uint32_t protect_mask = 0;   // Rules whose skill the agents have.
  ZoneIndex zone;              // Of its switch.
  uint32_t place_in_zone = 0;  // In the list of that.
  uint32_t ready_count = 0;    // Presence READY.
  uint32_t wrap_up_count = 0;  // In wrap-up.
  bool free = false;           // Slot without a class.
  bool is_listed_empty = false;
  uint32_t over_count = 0;  // Links below that may be over since the list was gone through last.
  std::array<OrderedIndex, kAgentKeyCount> idle;
  std::vector<ConditionIndex> conditions;  // That count these agents.
  std::vector<CallLink> call_classes;      // That it can serve and that have no column; some over.
};

// Who of a class is idle longest; all of them stand together.
struct AgentClassHead {
  uint64_t key = kNoKey;         // When they became so, as a key; kNoKey if nobody is free.
  uint32_t stamp = 0;            // Of the class.
  uint32_t logged_in_count = 0;  // Agents in it.
};

// What tells whom a class can serve, unless it is told by name; all of them stand together.
struct AgentClassTraits {
  uint64_t skill_bits = 0;
  uint32_t config_version = 0;
  SkillSets::Place skills;
  bool is_plain = false;  // As of the key.
};

// Threads:  the shard's only.
// Bounds:   kAgentsMax agents; an agent class for each distinct key in use, and as many more that
//           nobody is in.
class Roster {
 public:
  Roster();
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;

  [[nodiscard]] AgentIndex find(const HashedName& id) const { return AgentIndex(by_id_.find(id)); }
  // REQUIRES: find(id) is none, count() < kAgentsMax.
  AgentIndex add(const HashedName& id);
  [[nodiscard]] size_t count() const { return agents_.size(); }
  [[nodiscard]] Agent& at(AgentIndex index) { return agents_[index.value()]; }
  [[nodiscard]] const Agent& at(AgentIndex index) const { return agents_[index.value()]; }

  // REQUIRES: sorted by skill, each once.
  void set_skills(AgentIndex index, std::span<const SkillLevel> skills);
  [[nodiscard]] const SkillSets& skill_sets() const { return skill_sets_; }
  [[nodiscard]] std::span<const PackedSkill> skills_of(const Agent& agent) const {
    return skill_sets_.at(agent.skills);
  }

  // Who is logged in at a station; none if nobody.
  [[nodiscard]] AgentIndex at_station(SourceIndex source, std::string_view station) const;
  void occupy_station(AgentIndex index);
  void leave_station(AgentIndex index);

  // The class with that key; `*created` tells whether it is new, and then its links are those of the
  // class that had its slot before.
  AgentClassIndex class_for(AgentClassKey key, ZoneIndex zone, bool* created);
  // Counts an agent in or out. A class that nobody is in lives on until there are many such.
  void join_class(AgentClassIndex index);
  void leave_class(AgentClassIndex index);
  [[nodiscard]] AgentClass& class_at(AgentClassIndex index) { return classes_[index.value()]; }
  [[nodiscard]] const AgentClass& class_at(AgentClassIndex index) const {
    return classes_[index.value()];
  }
  [[nodiscard]] size_t class_count() const { return classes_.size(); }
  // Classes that somebody is in.
  [[nodiscard]] size_t inhabited_class_count() const { return inhabited_class_count_; }
  [[nodiscard]] const AgentClassTraits& traits(AgentClassIndex index) const {
    return traits_[index.value()];
  }
  // Classes of one zone.
  [[nodiscard]] const std::vector<AgentClassIndex>& classes_of(ZoneIndex zone) const;

  // Lists a free agent under the first key and those of `keys` (bit i: AgentKey i).
  void insert_idle(AgentIndex index, uint32_t keys);
  void erase_idle(AgentIndex index);
  // The key in a head of somebody idle since then.
  [[nodiscard]] static uint64_t idle_key(int64_t idle_since_ns) {
    return static_cast<uint64_t>(idle_since_ns) ^ (uint64_t{1} << 63);
  }
  [[nodiscard]] const AgentClassHead& head(AgentClassIndex index) const {
    return heads_[index.value()];
  }
  // Classes with a free agent.
  [[nodiscard]] const Bitmap& idle_classes() const { return idle_classes_; }
  // The free agents of a zone, of all classes: the first by a key, and the one after; none at the
  // end. By kAdded the first who was added as `from` or later; else `from` is 0.
  [[nodiscard]] AgentIndex first_idle_at(ZoneIndex zone, AgentKey key, AgentIndex from) const;
  [[nodiscard]] AgentIndex next_idle_at(AgentIndex index, AgentKey key) const;
  // The class of a free agent.
  [[nodiscard]] AgentClassIndex class_of_idle(AgentIndex index) const {
    return class_of_idle_[index.value()];
  }
  // The first free agent of a class by a key, and the one after; none at the end.
  [[nodiscard]] AgentIndex first_idle(AgentClassIndex index, AgentKey key) const {
    return AgentIndex(class_at(index).idle[static_cast<size_t>(key)].first());
  }
  [[nodiscard]] AgentIndex next_idle(AgentIndex index, AgentKey key) const;
  // The first free agent of a class who was added as `from` or later.
  [[nodiscard]] AgentIndex first_idle_from(AgentClassIndex index, AgentIndex from) const;
  // Whether an agent is listed as free.
  [[nodiscard]] bool is_idle(AgentIndex index) const {
    return index.value() < idle_nodes_[0].size() && idle_nodes_[0][index.value()].linked();
  }
  // Whether `a` comes before `b` by that key.
  [[nodiscard]] bool goes_before(AgentIndex a, AgentIndex b, AgentKey key) const;

 private:
  struct IdleTable;
  static uint64_t class_entry(const AgentClassKey& key, AgentClassIndex index);
  void note_empty(AgentClassIndex index);
  void free_old_classes();
  void refresh_head(AgentClassIndex index);
  void insert_wide(AgentIndex index, AgentKey key);
  using NodesByKey = std::array<std::vector<OrderedNode>, kAgentKeyCount>;

  ChunkedTable<Agent> agents_;
  SkillSets skill_sets_;
  NameTable by_id_;
  std::map<SourceIndex, std::map<std::string, AgentIndex, std::less<>>> stations_;
  NodesByKey idle_nodes_;                                            // By agent; grow when used.
  NodesByKey wide_nodes_;                                            // By agent; the same.
  std::vector<std::array<OrderedIndex, kAgentKeyCount>> wide_idle_;  // By zone.
  std::vector<AgentClassIndex> class_of_idle_;                       // By agent.
  ChunkedTable<AgentClass> classes_;
  size_t inhabited_class_count_ = 0;
  std::vector<AgentClassHead> heads_;      // By class.
  ChunkedTable<AgentClassTraits> traits_;  // By class.
  Bitmap idle_classes_;
  std::vector<AgentClassIndex> free_classes_;
  std::deque<AgentClassIndex> empty_classes_;  // And some that are in use again.
  ProbeTable class_by_key_;
  std::map<ZoneIndex, std::vector<AgentClassIndex>> classes_by_zone_;
};

}  // namespace acd
