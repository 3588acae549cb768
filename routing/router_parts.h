// SPDX-License-Identifier: Apache-2.0
// What the Router tells and hands on within itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "routing/event.h"
#include "routing/ids.h"
#include "routing/transitions.h"

namespace acd {

struct RouterParts {
  // Why configure() would answer kQueueNotEmpty: the first such queue, with its live calls in any
  // stage and its calls for later. The id is empty, if it would not.
  struct LeftOutQueue {
    std::string_view id;
    int64_t live_calls = 0;
  };
  struct OpenOffer {
    CallIndex call;
    AgentIndex agent;  // None: the customer alone is dialed.
    uint32_t generation = 0;
    int64_t rings_until_ns =
        0;  // A customer who is dialed; else until when it is to be answered or connected.
  };
  // How far tables and work have come, for tests that must have been there. O(classes).
  struct Extent {
    size_t call_class_links_max = 0;   // Of a class of calls, with classes of agents.
    size_t agent_class_links_max = 0;  // The other way round.
    bool has_freed_call_classes = false;
    bool has_freed_agent_classes = false;
    uint64_t rematch_count = 0;  // Of everything, because so much was marked.
    uint64_t shuffle_count = 0;  // Random draws among many.
    WorkTransitions work;        // That happened.
    StageTransitions stages;     // The same.
  };
  // Where a call goes, and whom it waits for there.
  struct Transfer {
    TransferTarget target = TransferTarget::kNone;
    std::string_view name;  // Of a queue, an agent or a number.
    QueueIndex queue;       // Unless outside.
    AgentIndex agent;
  };
  struct CallEnd {
    EventKind kind{};
    uint8_t detail = 0;
    int32_t cause = 0;
    std::string_view text = {};
    bool tells_switch = false;  // That it is to be released.
    bool is_joined = false;     // kCallTransferred: with who was consulted outside.
    bool is_rerouted = false;   // kCallWithdrawn: its switch gave it to its own default route.
  };
  // Of an agent's leg: nobody is there.
  [[nodiscard]] static bool is_dead_end(OfferOutcome outcome) {
    return outcome == OfferOutcome::kUnreachable || outcome == OfferOutcome::kUnknownAddress;
  }
  // Membership of a team.
  struct TeamMembership {
    Membership membership;
    int32_t entry = 0;  // In the queue's list: the first that names an agent counts.
  };
  // What a new configuration still has to reach.
  enum class BulkPhase : uint8_t { kNone, kUnlinkAgents, kLinkAgents, kMoveCalls, kMatch };
  // Agents and calls that are matched one by one; of more, everything that waits is.
  static constexpr size_t kMarksMax = 8;
  // What percent_allocation looks at first.
  static constexpr int64_t kWithShare = 0;
  static constexpr int64_t kWithoutShare = 1;
  // A call counts for a member of p percent as 1/p of it.
  static constexpr int64_t kAllocationUnit = 1'000'000;
  static constexpr uint32_t kCallsBit = 1u << static_cast<uint32_t>(AgentKey::kCalls);
  static constexpr uint32_t kOccupancyBit = 1u << static_cast<uint32_t>(AgentKey::kOccupancy);
};
// Agent keys that a strategy reads beside the idle time, as bits.
[[nodiscard]] uint32_t key_bits(Strategy strategy);

// Whether those of a class who are listed may be offered a contact of that medium, with what they
// have in hand.
[[nodiscard]] inline bool is_open_to(const CallClass& calls, const AgentClass& agents) {
  return (agents.key.open & mask_of(calls.key.medium)) != 0;
}

}  // namespace acd
