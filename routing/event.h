// SPDX-License-Identifier: Apache-2.0
// What comes out of the Router: facts in the order they happened, dense within a tenant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/command.h"
#include "routing/ids.h"

namespace acd {

// Names as in the public vocabulary (`event_name`). The values are in the hashes: never reuse one.
enum class EventKind : uint8_t {
  kCallEnqueued = 1,     // call, queue, source, priority, duration = wait so far, text = call id,
                         // text2 = requirement, text3 = leg
  kCallConnected = 2,    // call, agent
  kCallHeld = 3,         // call, agent
  kCallResumed = 4,      // call, agent
  kCallCompleted = 5,    // call, agent, detail = EndedBy, cause
  kCallAbandoned = 6,    // call, cause
  kCallTimedOut = 7,     // call
  kCallWithdrawn = 8,    // call
  kCallFailed = 9,       // call, agent if one had it; reason switch_lost
  kCallRequeued = 10,    // call, agent: accepted, but could not be connected
  kOfferCreated = 20,    // call, agent, generation, duration = time-out
  kOfferRinging = 21,    // call, agent, generation
  kOfferAccepted = 22,   // call, agent, generation
  kOfferEnded = 23,      // call, agent, generation, detail = OfferOutcome (all but accepted)
  kOfferStale = 24,      // call if it lives; a claim or answer that came too late; text = call id
  kAgentUpserted = 30,   // agent, text = id, text2 = display name, text3 = skills "a=5,b=3"
  kAgentLoggedIn = 31,   // agent, source, text = station
  kAgentLoggedOut = 32,  // agent
  kAgentStateChanged = 33,   // agent, from, to, number = reason: the displayed state or its reason
  kAgentWrapUpStarted = 34,  // agent, queue, duration = length, kNeverNs if manual
  kAgentWrapUpEnded = 35,    // agent, queue
  kQueueConfigChanged = 40,  // queue, text = id; once for each queue of a new configuration
  kSwitchConnected = 50,     // source, text = source id, flag: resumed
  kSwitchDisconnected = 51,  // source
};

// The displayed state of an agent: the most advanced work item, else the presence.
enum class AgentState : uint8_t {
  kLoggedOut = 1,
  kNotReady = 2,
  kReady = 3,
  kReserved = 4,
  kRinging = 5,
  kConnecting = 6,
  kOnCall = 7,
  kOnHold = 8,
  kWrapUp = 9,
  kBusyOther = 10,
};

// Why an agent is not ready: 1..99 the agent's own, 100..199 the supervisor's, 200.. the system's.
inline constexpr int32_t kReasonNone = 0;
inline constexpr int32_t kReasonLoggedIn = 200;
inline constexpr int32_t kReasonRona = 201;
inline constexpr int32_t kReasonRejects = 202;
inline constexpr int32_t kReasonPhone = 203;

// One event. Which fields count is said at EventKind; the others are default.
struct Event {
  EventKind kind{};
  uint8_t detail = 0;
  bool flag = false;
  AgentState from{};
  AgentState to{};
  CallIndex call;
  AgentIndex agent;
  QueueIndex queue;
  SourceIndex source;
  uint32_t generation = 0;
  int32_t number = 0;  // Reason or priority.
  int32_t cause = 0;
  int64_t sequence = 0;  // Dense within the tenant, from 1.
  int64_t time_ns = 0;   // Router time.
  int64_t duration_ns = 0;
  TextRef text;
  TextRef text2;
  TextRef text3;
};

// The dotted public name, e.g. "offer.no_answer". `detail` tells outcomes apart.
[[nodiscard]] std::string_view event_name(EventKind kind, uint8_t detail);

// Events of one turn with the texts they refer to.
struct EventLog {
  std::vector<Event> events;
  std::string arena;

  void clear() {
    events.clear();
    arena.clear();
  }
  [[nodiscard]] TextRef add_text(std::string_view text) {
    const TextRef ref{static_cast<uint32_t>(arena.size()), static_cast<uint32_t>(text.size())};
    arena.append(text);
    return ref;
  }
};

}  // namespace acd
