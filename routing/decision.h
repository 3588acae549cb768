// SPDX-License-Identifier: Apache-2.0
// Why: the record that each assignment leaves, and answers about who waits and who is idle.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "routing/ids.h"
#include "routing/tenant_config.h"

namespace acd {

// The first test that an agent fails for a call, in the order of the tests. The values are in
// history.
enum class Blocker : uint8_t {
  kNone = 0,
  kUnreachable = 1,    // Their station is out of reach, or its switch is another one, and away; or
                       // they accept at a desktop, and that is away.
  kNotMember = 2,      // Or paused in the queue.
  kNotReady = 3,       // Logged out, not ready, or about to log out.
  kWrapUp = 4,         // After-call work.
  kCapacity = 5,       // Other work in hand.
  kExcluded = 6,       // An offer of this call to them failed a moment ago.
  kSkillLevel = 7,     // Does not satisfy the requirement in force.
  kPreferredOnly = 8,  // The call waits for another agent.
  kProtected = 9,      // Kept for calls that ask for a scarce skill.
};
inline constexpr size_t kBlockerCount = 10;
// "skill_level" and so on, as the public vocabulary has it.
[[nodiscard]] std::string_view blocker_name(Blocker blocker);

// What put the first candidate before the second. The values are in history.
enum class TieBreak : uint8_t {
  kOnly = 0,  // There was no second.
  kRank = 1,
  kPrefers = 2,
  kStrategy = 3,
  kIdle = 4,
  kAdded = 5,
  kAgentsChoice = 6,  // Nothing of this call: another one picked the agent, who served this first.
  kLoad = 7,          // Fewer work items in hand.
};

// "only" and so on, as the public vocabulary has it.
[[nodiscard]] std::string_view tie_break_name(TieBreak tie_break);

inline constexpr size_t kDecisionCandidatesMax = 4;
inline constexpr size_t kDecisionGroupsMax = 8;

// One of those who were free for the call.
struct DecisionCandidate {
  AgentIndex agent;
  int32_t rank = 1;
  int64_t preference = 0;
  int32_t load = 0;          // Work items in hand.
  int64_t strategy_key = 0;  // The part that is the same for the agent's class.
  int64_t idle_since_ns = 0;
};

// Agents alike of whom nobody could be given the call.
struct DecisionGroup {
  AgentIndex example;
  Blocker blocker = Blocker::kNone;
  uint32_t logged_in = 0;
  uint32_t ready = 0;  // Presence READY, at work or not.
  uint32_t wrap_up = 0;
};

// Why this agent got this call. At most kDecisionBytesMax encoded.
struct Decision {
  uint32_t config_version = 0;
  CallOrder call_order = CallOrder::kPriority;
  Strategy strategy = Strategy::kLongestIdle;
  bool was_preferred = false;  // The call waited for this agent.
  uint16_t steps = 0;          // In force: bit i for the i-th.
  int32_t priority = 0;        // The call's key.
  int64_t key_ns = 0;
  uint64_t arrival = 0;
  TieBreak tie_break = TieBreak::kOnly;
  uint8_t candidate_count = 0;  // The chosen one first.
  std::array<DecisionCandidate, kDecisionCandidatesMax> candidates;
  uint8_t group_count = 0;
  std::array<DecisionGroup, kDecisionGroupsMax> groups;
};
inline constexpr size_t kDecisionBytesMax = 512;

// Appends the record to `arena`: varints, in the order of the fields above.
void encode_decision(const Decision& decision, std::string* arena);
// None if the bytes are no such record.
[[nodiscard]] std::optional<Decision> decode_decision(std::string_view bytes);

// What makes each match pass callbacks with nobody on the line by, whoever is free for them.
enum class HoldBack : uint8_t {
  kNone = 0,
  kCallbacksClosed = 1,  // It is no time to call customers of the queue.
  kDialsUsed = 2,        // So many others of the queue are being dialed as may be at a time.
};
// "callbacks_closed" and so on, as the public vocabulary has it.
[[nodiscard]] std::string_view hold_back_name(HoldBack hold_back);

// Why a call waits: how many agents fail at which test first, and what changes next by itself.
struct WaitExplanation {
  std::array<uint32_t, kBlockerCount> agents{};  // By Blocker; kNone: free for it.
  HoldBack hold_back = HoldBack::kNone;
  bool is_switch_away = false;
  bool is_bulk_work = false;   // The tenant's matching waits for a new configuration.
  int64_t next_change_ns = 0;  // Router time; kNeverNs: nothing by itself.
  // In the order of its queue, 1 is next; those who wait for their preferred agent are in nobody's way.
  int32_t position = 0;
};

// Why an agent is idle: what keeps the calls that wait from them.
struct IdleExplanation {
  Blocker own = Blocker::kNone;                 // Of the agent: not ready, wrap-up, capacity.
  std::array<uint32_t, kBlockerCount> calls{};  // Waiting calls by what keeps the agent from them.
  bool is_switch_away = false;
  bool is_bulk_work = false;
};

}  // namespace acd
