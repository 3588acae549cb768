// SPDX-License-Identifier: Apache-2.0
// Validated tables of one tenant, as the Router takes them. daemon/config makes and checks them;
// routing/README.md says what each rule means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/limits.h"
#include "routing/media.h"

namespace acd {

// --- Of a tenant.

// Which waiting call is first.
enum class CallOrder : uint8_t {
  kPriority = 0,          // Higher priority, then older.
  kScore = 1,             // Most points: priority, and age by the queue's age rate.
  kServiceObjective = 2,  // Largest wait ÷ the queue's objective.
};

// Agents with the skill are kept from calls that do not ask for it while at most `ready_max` of
// them are free.
struct ProtectRule {
  std::string skill;
  int32_t ready_max = 1;  // 1..kProtectReadyMax
};

// Calls at the one switch may be offered to stations of the other.
struct ReachRule {
  std::string from;         // Switch of the calls.
  std::string to;           // Switch of the stations, another one.
  std::string dial_prefix;  // What `from` dials before an address at `to`. May be empty.
};

// --- Of a queue.

// Which of several free agents is rung. Before it come membership rank and `prefers`, behind it the
// longest idle and the agent added first.
enum class Strategy : uint8_t {
  kLongestIdle = 0,
  kLeastOccupied = 1,       // Occupancy when they became free.
  kFewestCalls = 2,         // Decayed count of connected calls.
  kRoundRobin = 3,          // The one after whom this queue rang last.
  kOrdered = 4,             // As listed in `members`; all agents: as they were added.
  kRandom = 5,              // All alike.
  kWeightedRandom = 6,      // By the member's weight.
  kMostSkilled = 7,         // Sum of levels of the skills asked for.
  kLeastSkilled = 8,        // Fewest skills, then the lowest levels.
  kSkillWeight = 9,         // Σ QueueConfig::skill_weights × level.
  kPercentAllocation = 10,  // Furthest below the member's share.
  kRingAll = 11,            // Up to ring_max at once, the longest idle first.
};
// E.g. "longest_idle"; of a value that is none, "unknown".
[[nodiscard]] std::string_view strategy_name(Strategy strategy);
// The same of the order of calls.
[[nodiscard]] std::string_view call_order_name(CallOrder order);

enum class WrapUpMode : uint8_t { kNone, kTimed, kManual };

enum class ServiceLevelVariant : uint8_t {
  kAbandonedNegative,
  kIgnoreAbandoned,
  kAbandonedPositive
};

// Who serves a queue: one agent or everybody of a team.
struct MemberConfig {
  enum class Kind : uint8_t { kAgent, kTeam };
  Kind kind = Kind::kAgent;
  std::string id;       // Of agent or team. An agent named twice, or by team too: the first counts.
  int32_t rank = 1;     // 1 first .. kRankMax
  int32_t weight = 1;   // kWeightedRandom: 1..kMemberWeightMax
  int32_t percent = 0;  // kPercentAllocation: 1..100; 0: only if nobody with a share is free.
};

// A number that a step may wait for.
struct Condition {
  enum class Counter : uint8_t {
    kLoggedIn = 0,  // Members of the queue with `skill` at `level` who are logged in.
    kReady = 1,     // The same who are free for a call.
    kWaiting = 2,   // Calls that wait in the queue.
  };
  enum class Compare : uint8_t { kBelow = 0, kAbove = 1 };
  Counter counter = Counter::kLoggedIn;
  std::string skill;  // Empty: any.
  int32_t level = 1;
  Compare compare = Compare::kBelow;
  int32_t value = 1;
};

// A change of the queue's requirement. In force once the call has been `after_ns` in the queue, or
// while the condition holds.
struct StepConfig {
  enum class Change : uint8_t {
    kReplace = 0,     // text = the needs that stand instead, labels included.
    kDropTerm = 1,    // text = label.
    kAddTerm = 2,     // text = a term, with label if wanted.
    kLowerLevel = 3,  // text = skill, number = the level.
    kOpenTeam = 4,    // text = team, number = rank that its agents get.
  };
  int64_t after_ns = 0;  // kNeverNs: by condition alone.
  bool has_condition = false;
  Condition condition;
  Change change = Change::kReplace;
  std::string text;
  int32_t number = 0;
};

// What is done with a call that meets a limit.
struct LimitAction {
  enum class Kind : uint8_t {
    kWait = 0,           // Nothing.
    kAnnounce = 1,       // text = announcement; the call waits on.
    kOfferCallback = 2,  // text = announcement; the call waits on.
    kQueue = 3,          // text = queue; with its age.
    kAgent = 4,          // text = agent, who gets it before all others for at most wait_ns.
    kOutside = 5,        // text = number; the call leaves.
    kRelease = 6,        // number = Q.850 cause.
  };
  Kind kind = Kind::kWait;
  std::string text;
  int32_t number = 0;
  int64_t wait_ns = 0;
};

// When a call meets the limits of a queue. On entry in this order; the first that holds counts.
struct QueueLimits {
  LimitAction closed;      // The queue is closed.
  LimitAction no_agents;   // No member is logged in.
  LimitAction none_ready;  // No member's presence is READY, at work or not.
  int32_t length_max = 0;  // So many calls wait already; 0: no limit.
  LimitAction length;
  int64_t ewt_max_ns = kNeverNs;  // The predicted wait is above this.
  LimitAction ewt;
  // Later.
  int64_t wait_max_ns = kNeverNs;  // So long in this queue.
  LimitAction wait;
  int32_t offers_max = kOffersMaxDefault;  // So many offers failed in this queue.
  LimitAction offers;
};

// What a waiting caller hears.
struct TreatmentConfig {
  int64_t after_ns = 0;          // In the queue.
  int64_t repeat_ns = kNeverNs;  // From then on again, kNeverNs: once.
  std::string media;             // Name at the switch: music or announcement.
  bool tells_position = false;
  bool tells_ewt = false;
};

// Who is dialed first.
enum class CallbackMode : uint8_t {
  kAgentFirst = 0,     // An agent accepts the callback, then the customer is dialed.
  kCustomerFirst = 1,  // The customer is dialed when an agent is free, and then waits for one.
};

// How a queue calls customers back.
struct CallbackConfig {
  bool is_taken = false;  // Else the queue takes no callbacks.
  CallbackMode mode = CallbackMode::kAgentFirst;
  std::vector<std::string> allow;  // Patterns of numbers (callback.h); none: every number.
  std::vector<std::string> deny;   // Goes before `allow`.
  int32_t attempts_max = kDialAttemptsDefault;  // 1..kDialAttemptsLimit
  int64_t retry_ns = kDialRetryDefaultNs;       // From a failed attempt to the next.
  int64_t dial_timeout_ns = kDialTimeoutDefaultNs;
  int32_t dials_max = 1;  // kCustomerFirst: customers dialed at once, 1..kDialsMaxLimit.
};

struct QueueConfig {
  std::string id;
  std::string requirement;  // Parses, and names declared skills only.
  int32_t priority = 0;
  int32_t age_rate = 60;                       // kScore: points an hour of age, 0..kAgeRateMax.
  int64_t objective_ns = kObjectiveDefaultNs;  // kServiceObjective.
  bool members_all = true;
  std::vector<MemberConfig> members;  // Unless members_all.
  Strategy strategy = Strategy::kLongestIdle;
  std::vector<std::pair<std::string, int32_t>> skill_weights;  // kSkillWeight. Sorted, unique.
  int32_t ring_max = kRingMaxDefault;                          // kRingAll.
  std::vector<StepConfig> steps;                               // Applied in this order.
  QueueLimits limits;
  std::vector<TreatmentConfig> treatments;  // By after_ns.
  WrapUpMode wrap_up_mode = WrapUpMode::kNone;
  int64_t wrap_up_ns = 0;  // kTimed only.
  int32_t wrap_up_extensions = 0;
  int64_t wrap_up_extension_ns = 0;
  int64_t offer_timeout_ns = kOfferTimeoutDefaultNs;
  int64_t reoffer_after_ns = kReofferAfterDefaultNs;
  int64_t connect_timeout_ns = kConnectTimeoutDefaultNs;
  bool adopts_late_answer = false;  // Else the late leg is dropped.
  int64_t service_level_target_ns = kServiceLevelTargetDefaultNs;
  int32_t service_level_goal_percent = kServiceLevelGoalDefaultPercent;
  ServiceLevelVariant service_level_variant = ServiceLevelVariant::kAbandonedNegative;
  int64_t short_abandon_ns = kShortAbandonDefaultNs;
  std::vector<std::string> wrap_up_codes;  // That calls of it may get, sorted; none: all.
  bool requires_wrap_up_code = false;      // The agent ends no wrap-up before its call has one.
  CallbackConfig callback;
};

// A queue that a new configuration leaves out although calls may be in it: they move on.
struct DrainConfig {
  std::string queue;
  std::string target;  // A queue that stays.
};

// What is said of a team.
struct TeamConfig {
  std::string id;
  std::vector<std::string> supervisors;  // Agents, in the order in which they are asked; unique.
};

struct TenantConfig {
  std::string id;
  std::vector<std::string> skills;  // Declared, unique.
  std::vector<QueueConfig> queues;  // Ids unique.
  std::vector<DrainConfig> drains;
  CallOrder call_order = CallOrder::kPriority;
  std::vector<ProtectRule> protects;  // Skills unique, at most kProtectsMax.
  int64_t decay_half_life_ns = kDecayHalfLifeDefaultNs;
  uint64_t random_seed = 1;
  int32_t overflows_max = kOverflowsMaxDefault;
  int64_t switch_grace_ns = kSwitchGraceDefaultNs;
  int64_t agent_grace_ns = kAgentGraceDefaultNs;
  int64_t arrival_ack_timeout_ns =
      kArrivalAckTimeoutDefaultNs;  // Told to switches; theirs to keep.
  int64_t busy_limit_ns = kBusyLimitDefaultNs;
  int32_t rejects_max = kRejectsMaxDefault;
  int32_t no_answers_max = kNoAnswersMaxDefault;
  std::vector<std::string> wrap_up_codes;  // Unique.
  std::vector<std::string> labels;         // Unique.
  std::vector<TeamConfig> teams;           // By id, unique.
  int32_t transfers_max = kTransfersMaxDefault;
  int64_t transfer_wait_ns = kTransferWaitDefaultNs;  // For an agent or supervisor.
  std::vector<ReachRule> reaches;                     // Each pair of switches once.
};

// Over every field.
[[nodiscard]] uint64_t hash_of(const QueueConfig& config);
[[nodiscard]] uint64_t hash_of(const TenantConfig& config);

struct AgentProfile {
  std::string id;
  std::string display_name;                         // Empty: the id.
  std::vector<std::pair<std::string, int>> skills;  // Declared skills, sorted, unique; level 1..10.
  std::string team;                                 // Empty: none.
  MediaRule media{};
  bool keeps_display_name = false;  // Of somebody known: it stays, whatever it is.
};

}  // namespace acd
