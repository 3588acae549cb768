// SPDX-License-Identifier: Apache-2.0
// The whole logical state of a Router between commands: what a snapshot holds. What can be had from
// it (classes, links, orders, counts, timers) is not part of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "routing/call_queue.h"
#include "routing/callback.h"
#include "routing/decayed_count.h"
#include "routing/ids.h"
#include "routing/name_table.h"
#include "routing/outcome.h"
#include "routing/requirement.h"
#include "routing/roster.h"
#include "routing/sessions.h"
#include "routing/tenant_config.h"

namespace acd {

// Of the rules: raised with every change by which old commands get other verdicts or events.
inline constexpr uint32_t kBehaviourVersion = 4;

// One queue, in the order of their numbers.
struct SavedQueue {
  QueueConfig config;  // Of a removed one without live calls the id alone.
  uint64_t config_hash = 0;
  bool is_removed = false;
  bool is_open = true;
  bool are_callbacks_open = true;
  uint32_t version = 0;
  uint32_t configured_version = 0;
  uint32_t condition_mask = 0;
  QueueIndex drain_target;
  int64_t ewt_ns = kNeverNs;
  AgentIndex rang_last;
  DecayedCount share_floor;
  std::vector<std::pair<AgentIndex, DecayedCount>> share_counts;
};

// One agent, in the order in which they were added.
struct SavedAgent {
  std::string id;
  std::string station;
  std::string team;
  std::vector<SkillLevel> skills;
  std::vector<QueueIndex> paused;
  SourceIndex source;
  Presence presence = Presence::kLoggedOut;
  MediaRule media;
  AnswerMode answer_mode = AnswerMode::kPhone;
  MediaMask station_media = kAllMedia;
  bool is_leg_up = false;
  std::vector<WorkItem> items;  // Lists of offers mean nothing; a call is named by its slot.
  uint32_t items_begun = 0;
  bool log_out_pending = false;
  bool log_out_forced = false;
  bool log_out_on_behalf = false;
  bool is_phone_busy = false;
  int32_t reason = 0;
  int64_t idle_since_ns = 0;
  int64_t since_ns = 0;
  int32_t rejects = 0;
  int32_t no_answers = 0;
  uint64_t log_in_order = 0;
  DecayedCount connected_calls;
  DecayedCount work_time;
  DecayedCount free_time;
  int64_t occupancy_ppm = 0;
  std::string dial_prefix;
  SourceIndex desktop;
  uint64_t attach_order = 0;
};

// One live call, in the order of arrival.
struct SavedCall {
  std::string id;
  uint32_t slot = 0;  // Its number, which events and boards know it by.
  CallStage stage = CallStage::kEnqueued;
  Medium medium = Medium::kVoice;
  bool on_hold = false;
  bool has_priority = false;
  bool is_reminder = false;
  bool waits_if_busy = false;
  bool is_for_owner = false;
  bool round_failed = false;
  bool is_boxed = false;
  uint8_t overflows = 0;
  uint8_t transfers = 0;
  uint8_t actions_taken = 0;
  uint16_t steps = 0;
  uint16_t offers = 0;
  SourceIndex source;
  QueueIndex queue;
  std::string requirement;
  // Of its class: of a call that is being offered they may be older than what holds now. Version 0:
  // it never waited.
  uint32_t class_version = 0;
  uint32_t class_steps = 0;
  int32_t priority = 0;
  uint32_t generation = 0;
  AgentIndex agent;
  std::vector<AgentIndex> further_parties;  // On it beside that agent, as they came.
  CallIndex parent;                         // By its slot.
  std::vector<AgentIndex> offered;          // Whom it rings, in the order in which they were rung.
  AgentIndex preferred;
  uint64_t order = 0;
  uint64_t leg = 0;
  int64_t number = 0;
  OutcomeFacts outcome;
  int64_t enqueued_ns = 0;
  int64_t key_ns = 0;
  int64_t deadline_ns = kNeverNs;
  int64_t preferred_until_ns = 0;
  int64_t not_before_ns = INT64_MIN;
  int64_t steps_seen_ns = 0;
  int64_t line_ns = 0;
  int64_t treated_ns = 0;
  int64_t limits_at_ns = kNeverNs;
  std::vector<QueueIndex> visited;
  std::vector<Exclusion> exclusions;  // `next` means nothing.
  uint64_t source_order = 0;
  CallbackFacts callback;      // Of one that is none the number is empty.
  std::string outside_number;  // Of a consult of somebody outside.
};

struct SavedRouter {
  TenantConfig config;  // Without queues: they stand in `queues`.
  uint64_t config_hash = 0;
  uint32_t config_version = 0;
  std::vector<std::string> skills;  // All that were ever declared, by number.
  std::vector<std::string> codes;   // Wrap-up codes, the same.
  int64_t now_ns = 0;
  int64_t event_sequence = 0;
  uint64_t event_hash = 0;
  uint64_t next_order = 1;
  uint64_t random_state = 0;
  DecayedCount fewest_calls_floor;
  int64_t least_occupied_floor_ppm = 0;
  std::vector<SavedQueue> queues;
  std::vector<Source> sources;  // Their lists of calls and agents mean nothing.
  std::vector<EndedCalls::Ended> ended_calls;
  std::vector<std::pair<std::string, ScheduledCall>> scheduled;  // By id.
  std::vector<SavedAgent> agents;
  std::vector<SavedCall> calls;
};

}  // namespace acd
