// SPDX-License-Identifier: Apache-2.0
// Agents, the classes they fall into, and who of a class has been idle longest.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "routing/event.h"
#include "routing/fixed_text.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/name_table.h"
#include "routing/ordered_index.h"
#include "routing/requirement.h"

namespace acd {

enum class Presence : uint8_t { kLoggedOut, kNotReady, kReady };

// What an agent has in hand. One work item at a time.
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

struct Agent {
  IdText id;
  IdText station;                  // Empty: logged out.
  std::vector<SkillLevel> skills;  // Sorted by skill.
  AgentClassIndex agent_class;     // Logged in only.
  SourceIndex source;              // Of the station.
  Presence presence = Presence::kLoggedOut;
  Work work = Work::kNone;
  bool log_out_pending = false;  // Logs out when the work is done.
  bool is_phone_busy = false;    // Reported during wrap-up.
  int32_t reason = 0;            // Why not ready.
  CallIndex call;                // Reserved to on hold.
  QueueIndex wrap_up_queue;      // kWrapUp
  int64_t idle_since_ns = 0;
  int64_t deadline_ns = kNeverNs;  // End of wrap-up or of busy.
  int32_t rejects = 0;             // In a row.
  int32_t no_answers = 0;          // In a row.
  uint64_t log_in_order = 0;
  AgentIndex previous_of_source;
  AgentIndex next_of_source;
  OrderedNode idle_node;  // Linked: may be offered a call.
};

// The displayed state: the most advanced work item, else the presence.
[[nodiscard]] AgentState displayed_state(const Agent& agent);

// Agents who are the same to every call: equal skills, named memberships and switch.
struct AgentClass {
  std::vector<SkillLevel> skills;
  std::vector<QueueIndex> named_queues;  // Sorted.
  SourceIndex source;
  int64_t logged_in_count = 0;
  OrderedIndex idle;                         // By (idle since, agent).
  std::vector<CallClassIndex> call_classes;  // That it can serve.
};

// Threads:  the shard's only.
// Bounds:   kAgentsMax agents; an agent class for each distinct (skills, named queues, switch) in
//           use.
// Order:    idle agents by (idle since, agent index): two made ready by one command share an
//           instant.
class Roster {
 public:
  Roster();
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;

  [[nodiscard]] AgentIndex find(std::string_view id) const;
  // REQUIRES: find(id) is none, count() < kAgentsMax.
  AgentIndex add(std::string_view id);
  [[nodiscard]] size_t count() const { return agents_.size(); }
  [[nodiscard]] Agent& at(AgentIndex index) { return agents_[index.value()]; }
  [[nodiscard]] const Agent& at(AgentIndex index) const { return agents_[index.value()]; }

  // Who is logged in at a station; none if nobody.
  [[nodiscard]] AgentIndex at_station(SourceIndex source, std::string_view station) const;
  void occupy_station(AgentIndex index);
  void leave_station(AgentIndex index);

  // The class for these properties; `*created` tells whether it is new.
  AgentClassIndex class_for(const std::vector<SkillLevel>& skills,
                            const std::vector<QueueIndex>& named_queues, SourceIndex source,
                            bool* created);
  [[nodiscard]] AgentClass& class_at(AgentClassIndex index) { return classes_[index.value()]; }
  [[nodiscard]] const AgentClass& class_at(AgentClassIndex index) const {
    return classes_[index.value()];
  }
  [[nodiscard]] size_t class_count() const { return classes_.size(); }
  // Classes of one switch.
  [[nodiscard]] const std::vector<AgentClassIndex>& classes_of(SourceIndex source) const;

  void insert_idle(AgentIndex index);
  void erase_idle(AgentIndex index);
  // The first idle agent of a class, and the one after; none at the end.
  [[nodiscard]] AgentIndex first_idle(AgentClassIndex index) const;
  [[nodiscard]] AgentIndex next_idle(AgentIndex index) const;
  // Whether `a` has been idle longer than `b`; the smaller index where both are equal.
  [[nodiscard]] bool idle_longer(AgentIndex a, AgentIndex b) const;

 private:
  struct IdleTable;
  struct ClassKey {
    std::vector<SkillLevel> skills;
    std::vector<QueueIndex> named_queues;
    SourceIndex source;
    auto operator<=>(const ClassKey&) const = default;
  };

  std::vector<Agent> agents_;
  NameTable by_id_;
  std::map<SourceIndex, std::map<std::string, AgentIndex, std::less<>>> stations_;
  std::vector<AgentClass> classes_;
  std::map<ClassKey, AgentClassIndex> class_by_key_;
  std::map<SourceIndex, std::vector<AgentClassIndex>> classes_by_source_;
};

}  // namespace acd
