// SPDX-License-Identifier: Apache-2.0
// What comes out of the Router: facts in the order they happened, dense within a tenant.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "routing/command.h"
#include "routing/ids.h"
#include "routing/media.h"

namespace acd {

// Names as in the public vocabulary (`event_name`). The values are in the hashes: never reuse one.
enum class EventKind : uint8_t {
  kCallEnqueued = 1,     // call, queue, source, number = priority, duration = wait so far, detail =
                         // VisitEntry, text = call id, text2 = requirement, text3 = leg; by
                         // overflow: duration 0, no requirement, no leg; a consult: agent who
                         // consults, text3 = id of the call that it is about; a callback: text3 as
                         // encode_asked() has it; all: generation = its place in the order (see
                         // order_key_ns()); all but a consult: agent whom it prefers, if it still
                         // waits for them alone, and then cause = for how many seconds at most
  kCallConnected = 2,    // call, agent; text = leg of a callback's customer who came on the line
  kCallHeld = 3,         // call, agent
  kCallResumed = 4,      // call, agent
  kCallCompleted = 5,    // call, agent, detail = EndedBy, cause
  kCallAbandoned = 6,    // call, cause
  kCallTimedOut = 7,     // call, cause
  kCallWithdrawn = 8,    // call, number 1: its switch rerouted it
  kCallFailed = 9,       // call, agent if one had it, detail = FailReason
  kCallRequeued = 10,    // call, agent: accepted, but could not be connected; detail = OfferOutcome
                         // of a leg at another switch that could not be reached, else none
  kCallOverflowed = 11,  // call, queue = left, detail = LimitKind, text = where to: a queue, or if
                         // flag an outside number, and then the call is over
  kCallRejected = 12,    // call, queue, detail = LimitKind, cause
  kCallPriorityChanged = 13,  // call, queue, number = priority
  kCallStepChanged = 14,      // call, queue, number = steps in force, bit i for the i-th
  kCallTreated = 15,    // call, queue, detail = TreatmentKind, text = media, number = position
                        // (0: not told), duration = EWT (kNeverNs: not told)
  kCallDecided = 16,    // call, agent, queue, text = the record (decision.h)
  kCallScored = 17,     // call if it lives, agent who was connected, queue = its last, source,
                        // detail = what was said (outcome.h), duration = number of the event by
                        // which it arrived, flag: a consult, text = call id, text2 = the outcome
                        // before and after, with labels (outcome.h), text3 = reference
  kOfferCreated = 20,   // call, agent, generation, duration = time-out, number = of the agent's
                        // work item
  kOfferRinging = 21,   // call, agent, generation
  kOfferAccepted = 22,  // call, agent, generation, detail: 1 = late, adopted
  kOfferEnded = 23,     // call, agent, generation, detail = OfferOutcome (all but accepted), flag:
                        // the switch rings the agent and is to stop
  kOfferStale = 24,     // call if it lives; a claim or answer that came too late; text = call id
  kAgentUpserted = 30,  // agent, text = id, text2 = display name (empty: as it was), text3 = the
                        // rest, as encode_upserted() has it
  kAgentLoggedIn = 31,  // agent, source, text = station, detail = AnswerMode, number = media of the
                        // station
  kAgentLoggedOut = 32,  // agent, source, text = station, flag: a newer log-in took over, detail 1:
                         // a supervisor or their desktop said so
  kAgentStateChanged = 33,   // agent, from, to, number = reason: the displayed state or its reason
  kAgentWrapUpStarted = 34,  // agent, queue, number = of the agent's work item, duration = length,
                             // kNeverNs if manual
  kAgentWrapUpEnded = 35,    // agent, queue, number
  kQueueConfigChanged = 40,  // queue, text = id; once for each queue of a new configuration
  kQueueOpened = 41,         // queue, number = reason
  kQueueClosed = 42,         // queue, number = reason
  kQueueRemoved = 43,        // queue, text = id
  kQueueCallbacksOpened = 44,  // queue, number = reason: its customers may be called
  kQueueCallbacksClosed = 45,  // queue, number = reason
  kSwitchConnected = 50,  // source, text = source id, flag: resumed, detail 1: it lists what it has
  kSwitchDisconnected = 51,  // source
  kSwitchResynced = 52,      // source, flag: its list did not end in time
  kMemberAdded = 60,         // agent, queue, number = rank; of queues that name their members
  kMemberRemoved = 61,       // agent, queue
  kMemberPaused = 62,        // agent, queue, number = reason
  kMemberUnpaused = 63,      // agent, queue
  // Transfers.
  kCallTransferred = 70,  // call, agent who had it, if one had, queue = left, generation, detail =
                          // TransferTarget, text = queue, agent or number, text2 = queue that it
                          // enters; flag: it goes outside, and the call is over; number 1: it
                          // is_joined()
  // call = a consult, which is over; agent who was consulted and joins the other call (none: somebody
  // outside), flag: who consults stays there, detail 1: by no switch, text = id of the other call,
  // text2 = who consults
  kCallMerged = 75,
  kCallPartyJoined = 76,  // call, agent, who is on it now beside others; generation
  kCallPartyLeft =
      77,  // call, agent, who has left it; others stay; queue, cause, detail 1: it is a
           // transfer by consult
  kCallRetrieved = 78,      // call, agent who has it back, as their consult is over; text2 = its id
  kCallOutsideDialed = 85,  // call = a consult of somebody outside, agent who consults, generation,
                            // text = number, flag
  kCallOutsideAnswered = 86,  // call, generation: who is outside talks with who consults
  kCallLegReplaced = 71,  // call, queue, text = new leg, text2 = old one; flag: it was that of the
                          // agent, generation
  kCallRerouted = 87,  // source, cause, text = id of a call that never came: its switch gave it to
                       // its own default route
  kCallSupervised =
      88,  // call, agent, generation, detail = Supervision, text = station of who supervises,
           // text2 = their id, if they are an agent; none of recording
  kAgentLegUp = 90,    // agent, source, text = station; the open leg of a nailed-up one
  kAgentLegLost = 91,  // the same
  // Desktop sessions; source = the session.
  kDesktopConnected = 92,       // source, text = its id, flag: resumed
  kDesktopDisconnected = 93,    // source
  kAgentAttached = 94,          // agent, source
  kAgentDetached = 95,          // agent, source, detail = DetachReason
  kCallCallbackRequested = 80,  // call, queue, cause, text = id of the callback, flag: the switch
                                // does not know yet that the call is over
  kCallDialed = 81,     // call, generation, number = attempt from 1, duration = time-out, text =
                        // number, text2 = what the leg is to be called, flag; agent if one waits
                        // for the customer
  kCallDialEnded = 82,  // call, generation, detail = DialOutcome, number = attempts that failed,
                        // duration = until the callback comes back (kNeverNs: never; answered
                        // or unknown: 0), flag = the switch is to stop dialing; agent as above;
                        // text = leg of who answered
  kCallDue = 83,        // call, queue: back in the order after an attempt that failed
  kCallScheduled = 84,  // no call yet; source, detail = ScheduleChange, duration = Unix time in
                        // ns, number = priority, if flag, of what is made; Reject of what was
                        // dropped; text = id, text2 = queue, text3 = number
};

// How a visit began.
enum class VisitEntry : uint8_t {
  kArrival = 0,
  kOverflow = 1,
  kDrained = 2,
  kTransfer = 3,
  kConsult = 4,
  kCallback = 5,   // A callback begins.
  kScheduled = 6,  // A task whose time has come.
};

// Which limit a call met. The values are in the hashes.
enum class LimitKind : uint8_t {
  kNone = 0,
  kClosed = 1,
  kNoAgents = 2,
  kNoneReady = 3,
  kLength = 4,
  kEwt = 5,
  kWait = 6,
  kOffers = 7,
  kDrained = 8,  // Its queue was removed.
};

enum class FailReason : uint8_t { kSwitchLost = 0, kOffers = 1, kAttempts = 2 };

// Why an agent is attached to a desktop session no longer. The values are in the hashes.
enum class DetachReason : uint8_t {
  kAsked = 0,      // The session said so.
  kTakenOver = 1,  // Another session has them now.
  kLost = 2,       // It was away, or came back anew without them, for longer than its grace.
};

enum class TreatmentKind : uint8_t { kScheduled = 0, kAnnouncement = 1, kCallbackOffer = 2 };

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
inline constexpr int32_t kReasonConnectionLost = 204;

// What an event says apart from call and texts. All of its bytes go into the event hash.
struct EventFacts {
  EventKind kind{};
  uint8_t detail = 0;
  bool flag = false;
  AgentState from{};
  AgentState to{};
  Medium medium = Medium::kVoice;  // Of the call.
  std::array<uint8_t, 2> zeros{};
  AgentIndex agent;
  QueueIndex queue;
  SourceIndex source;
  uint32_t generation = 0;
  int32_t number = 0;  // Reason or priority.
  int32_t cause = 0;
  int64_t sequence = 0;  // Dense within the tenant, from 1.
  int64_t time_ns = 0;   // Router time.
  int64_t duration_ns = 0;
};
static_assert(sizeof(EventFacts) == 56, "a byte that no field has would be in the hash");

// One event. Which fields count is said at EventKind; the others are default.
struct Event : EventFacts {
  CallIndex call;
  TextRef text;
  TextRef text2;
  TextRef text3;
};

// The dotted public name, e.g. "offer.no_answer". `detail` tells outcomes apart.
[[nodiscard]] std::string_view event_name(EventKind kind, uint8_t detail);

// What kAgentUpserted says behind the names: "a=5,b=3|team|media"; what is empty at its end is left
// out.
struct UpsertedAgent {
  std::string_view skills;  // "a=5,b=3"
  std::string_view team;    // Empty: none.
  MediaRule media;
};
[[nodiscard]] std::string encode_upserted(const UpsertedAgent& agent);
// Nothing of what is no such text. The views are into `text`.
[[nodiscard]] std::optional<UpsertedAgent> decode_upserted(std::string_view text);

// Of kCallTransferred: to who was consulted outside, so that kCallMerged told the switch of it.
[[nodiscard]] inline bool is_joined(const Event& event) { return event.number != 0; }

// Of kCallEnqueued: since when the call counts as waiting in the order of its queue, which all its
// visits share. `generation` says how many whole ms that is before the visit's own beginning, 49
// days at most: its age credit, what a callback inherits, or what it has waited elsewhere.
[[nodiscard]] int64_t order_key_ns(const Event& event);
void set_order_key(int64_t key_ns, Event* event);

// Of kCallEnqueued but of a consult: until when at most the call waits for `event.agent` alone,
// rounded up to a second. REQUIRES: event.agent is valid.
[[nodiscard]] int64_t preferred_until_ns(const Event& event);
// Names nobody when that is over.
void set_preferred(AgentIndex agent, int64_t until_ns, Event* event);

// What text3 of kCallEnqueued says of a callback.
struct AskedCallback {
  std::string_view number;  // As normalised.
  std::string_view origin;  // Id of the call that it came of; empty: none.
};
[[nodiscard]] std::string encode_asked(const AskedCallback& asked);
// The views are into `text`.
[[nodiscard]] AskedCallback decode_asked(std::string_view text);

// Events of one turn with the texts they refer to.
struct EventLog {
  std::vector<Event> events;
  std::string arena;

  void clear() {
    events.clear();
    arena.clear();
  }
  [[nodiscard]] TextRef add_text(std::string_view text) { return acd::add_text(text, &arena); }
};

}  // namespace acd
