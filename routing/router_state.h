// SPDX-License-Identifier: Apache-2.0
// What a Router holds: the state of one tenant, and room to work in.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/call_queue.h"
#include "routing/callback.h"
#include "routing/event.h"
#include "routing/hash64.h"
#include "routing/ids.h"
#include "routing/link_matrix.h"
#include "routing/name_table.h"
#include "routing/random_draw.h"
#include "routing/reach.h"
#include "routing/roster.h"
#include "routing/router_parts.h"
#include "routing/router_queue.h"
#include "routing/sessions.h"
#include "routing/tenant_config.h"
#include "routing/timer_queue.h"
#include "routing/transitions.h"

namespace acd {

// The members of Router, apart from what it does. Only a Router has one.
class RouterState {
 protected:
  RouterState()
      : queue_by_id_(this, [](const void* owner, uint32_t index) {
          return std::string_view(static_cast<const RouterState*>(owner)->queues_[index].config.id);
        }) {}

  uint32_t config_version_ = 0;
  bool is_slice_left_ = false;       // The timer that fired last left bulk work over.
  TenantConfig config_;              // Without its queues.
  uint64_t config_hash_ = 0;         // With them.
  std::vector<std::string> skills_;  // By index; never removed.
  std::map<std::string, SkillIndex, std::less<>> skill_by_name_;
  std::vector<std::string> codes_;  // Wrap-up codes, by place; never removed.
  std::map<std::string, uint16_t, std::less<>> code_by_name_;  // To places, from 1.
  std::vector<bool> is_code_configured_;                       // By place.
  std::set<std::string, std::less<>> labels_;
  std::vector<std::string> teams_;
  std::map<std::string, TeamIndex, std::less<>> team_by_name_;
  std::vector<RouterQueue> queues_;
  NameTable queue_by_id_;
  std::map<std::string, std::vector<RouterParts::TeamMembership>, std::less<>>
      memberships_by_agent_;
  std::map<TeamIndex, std::vector<RouterParts::TeamMembership>> memberships_by_team_;
  uint32_t key_kinds_ = 0;  // Agent keys that some queue's strategy reads.
  bool has_ranks_ = false;  // Some queue names its members or opens teams; else all are of rank 1.
  std::vector<SkillIndex> protect_skills_;
  std::vector<int64_t> protect_free_;    // Free agents with the skill, by rule.
  std::vector<Bitmap> protect_classes_;  // Of agents with it, and some that nobody is in.
  uint32_t active_protects_ = 0;         // Rules that withhold now.
  uint32_t released_protects_ = 0;       // Rules that ceased to, not looked at yet.
  int64_t partly_open_ = 0;              // Agents whose class is not open for all media.
  MediaCounts logged_in_{};              // Who ever takes on a contact of the medium.
  MediaCounts ready_{};                  // Of them, with presence READY.
  RandomDraw random_;
  DecayedCount fewest_calls_floor_;
  int64_t least_occupied_floor_ppm_ = 0;

  Roster roster_;
  CallQueue calls_;
  LinkMatrix matrix_;  // Of both their classes.
  Sessions sessions_;
  ReachTable reach_;
  std::set<SourceIndex> losing_;  // Whose loss takes further slices, where there are rules.
  TimerQueue timers_;
  EndedCalls ended_calls_;
  std::map<uint64_t, CallbackFacts> callbacks_;                  // By arrival of the call.
  std::map<uint64_t, std::string> outside_numbers_;              // The same, of consults.
  std::set<std::pair<QueueIndex, std::string>> open_numbers_;    // Of these.
  std::map<std::string, ScheduledCall, std::less<>> scheduled_;  // By id of the call.
  std::set<std::pair<int64_t, std::string>> dues_;               // Of these: Unix ms and id.
  int64_t now_ns_ = 0;
  int64_t event_sequence_ = 0;
  uint64_t next_order_ = 1;  // Arrival of calls and log-ins.
  RouterParts::BulkPhase bulk_ = RouterParts::BulkPhase::kNone;
  int64_t bulk_deadline_ns_ = kNeverNs;
  uint64_t classes_begun_ = 0;       // By their first call or agent; how much work a slice did.
  uint32_t bulk_agent_ = 0;          // Next one of the phase.
  int64_t half_life_before_ns_ = 0;  // Of the agents' counts that the first phase has not reached.
  std::vector<RouterQueue::ClassRef> stale_classes_;  // That may have calls to move.
  std::vector<QueueIndex> conditional_queues_;
  std::vector<QueueIndex> counted_queues_;  // Conditional ones that count anew.
  std::vector<bool> is_team_opened_;        // By some step.
  std::vector<AgentIndex> dirty_agents_;
  std::vector<CallClassIndex> dirty_exclusions_;
  std::vector<AgentIndex> dirty_boxes_;
  std::vector<CallIndex> dirty_calls_;
  uint64_t rematch_count_ = 0;  // Because so much was marked.
  uint64_t shuffle_count_ = 0;  // Random draws among many; no part of the state.
  WorkTransitions work_seen_;   // The same.
  StageTransitions stages_seen_;
  size_t sorted_calls_ = 0;            // Of dirty_calls_: looked at and in order, last first.
  std::vector<CallIndex> heap_;        // Scratch of rematch().
  std::vector<AgentClassIndex> tier_;  // Scratch of best_agent().

  EventLog log_;
  size_t sealed_events_ = 0;  // Of log_.events: already in event_hash_.
  Hash64 event_hash_;
};

}  // namespace acd
