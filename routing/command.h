// SPDX-License-Identifier: Apache-2.0
// What goes into the Router: fixed-size commands whose texts lie in a byte arena beside them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "routing/ids.h"

namespace acd {

// A piece of a byte arena.
struct TextRef {
  uint32_t offset = 0;
  uint32_t size = 0;

  [[nodiscard]] std::string_view in(std::string_view arena) const {
    return arena.substr(offset, size);
  }
};

// Puts a text behind what is in the arena.
[[nodiscard]] inline TextRef add_text(std::string_view text, std::string* arena) {
  const TextRef ref{static_cast<uint32_t>(arena->size()), static_cast<uint32_t>(text.size())};
  arena->append(text);
  return ref;
}

// What a command asks. The values are in the journal: never reuse one.
enum class CommandKind : uint8_t {
  kNone = 0,
  // Sessions.
  kOpenSession = 1,  // name = source id, text = epoch, flag = reports ringing, detail = SourceKind,
  // principal; number 1: what is known of it is kept until it has listed what it has; generation 1:
  // it answers commands, which the shard alone reads
  kCloseSession = 2,  // source
  // Of these two: number = behaviour version that decides from here on, text = release.
  kResume = 3,   // the process restarted: every session is cut, late deadlines move
  kSeeded = 7,   // the first configuration and agents are complete; detail 1: by a driven clock
  kRefused = 6,  // an event the edge refused: uses up its sequence; detail = ErrorReason
  // Tables; name = payload, parsed by the shard before the Router sees it.
  kConfigure = 4,  // flag = the payload was staged before it, in `number` parts; name is empty
  kUpsertAgents = 5,
  kStageConfig = 8,  // name = a part of the payload of a kConfigure, number = parts before it
  kOverrideQueue =
      9,  // name = payload, which the shard alone reads; text = the same for people, principal
  // Calls.
  kEnqueueCall = 10,     // call, name = queue, text = requirement, flag = has priority, age;
                         // preferred = agent, wait_ns = for so long, detail bit 0 = wait if busy,
                         // above it the medium
  kEndCall = 11,         // call, detail = EndedBy; by no switch, leg = id of the request:
                         // kSupervisor of a caller who is not connected, else of a callback that
                         // nobody is on the line of
  kLegRinging = 12,      // call, generation
  kLegAnswered = 13,     // call, generation
  kLegFailed = 14,       // call, generation, detail = OfferOutcome
  kCallConnected = 15,   // call, generation
  kConnectFailed = 16,   // call, generation, detail = DialOutcome if it was the customer's
  kHoldCall = 17,        // call, name = agent; with one agent on the call it may be empty
  kResumeCall = 18,      // the same
  kChangePriority = 19,  // call, number; by no switch, leg = id of the request
  kSetOutcome = 20,      // call, live or ended; detail = what it says (outcome.h), name = wrap-up
                         // code, preferred = labels with commas between, text = reference,
                         // flag = resolved, number = survey score, generation = quality score,
                         // leg = id of the request that brought it
  kTransferCall = 21,    // call, detail = TransferTarget, name = target, text = queue on the way to
                         // an agent or supervisor (empty: the call's present one), preferred = who
                         // transfers, if it must be them; principal, leg = as above
  kRequeueCall = 69,     // call, leg = id of the request; by no switch
  // call, detail = Supervision, name = agent on it (with one on it it may be empty), text = station of who
  // supervises, or preferred = that agent; leg = id of the request; by no switch
  kSuperviseCall = 68,
  kLeaveCall = 23,    // call, name = agent; with one agent on the call it may be empty
  kConsult = 24,      // call, leg = id of the consult, detail = TransferTarget, name = target,
                      // text = queue of an agent (empty: the call's), preferred = who consults
  kMergeCall = 25,    // call = a consult; flag = who consults stays, too
  kReplaceLeg = 22,   // leg = the new one, text = the one it takes the place of, call = what the
                      // switch calls it, which does not count
  kRerouteCall = 26,  // call, live or not, which its switch gave to its own default route
  kRequestCallback = 28,  // call = of the callback, text = number; flag = in the place of the
                          // waiting call `preferred`, else name = queue, preferred = switch
                          // unless one asks itself; leg = id of the request that brought it
  kScheduleCall = 29,     // call = of what is to enter, name = queue, preferred = switch unless one
                          // asks itself, text = number, empty: a task; wait_ns = Unix time in ms,
                          // flag = has priority, number = priority, leg = id of the request
  // Agents; name = agent. By a switch, or by the desktop session that the agent is attached to; but for
  // a log-in also by neither, leg = id of the request.
  kLogIn = 30,   // text = station, detail = AnswerMode, number = media of the station (0: all);
                 // by a desktop: preferred = switch of the station
  kLogOut = 31,  // flag = forced: becoming ready does not take it back
  kSetReady = 32,
  kSetNotReady = 33,    // number = reason
  kEndWrapUp = 34,      // call = whose; empty: of several the one that began first
  kExtendWrapUp = 35,   // the same
  kPauseMember = 36,    // text = queue, number = reason
  kUnpauseMember = 37,  // text = queue
  // What an agent says to an offer; generation, leg = id of the request that brought it.
  kAcceptOffer = 38,  // call
  kRejectOffer = 39,  // call
  // Desktop sessions; name = agent.
  kAttachAgent = 70,
  kDetachAgent = 71,
  // Phones; text = station.
  kPhoneBusy = 40,
  kPhoneIdle = 41,
  kPhoneUnregistered = 42,
  kLegUp = 43,    // The open leg of a nailed-up station.
  kLegLost = 44,  // The same.
  // Queues; name = queue.
  kOpenQueue = 50,       // number = reason: 100 a supervisor, 200 the calendar
  kCloseQueue = 51,      // the same
  kSetEwt = 52,          // wait_ns = predicted wait of an arrival, kNeverNs: unknown
  kOpenCallbacks = 53,   // number = reason: 200 the calendar of its callbacks
  kCloseCallbacks = 54,  // the same
  // Callbacks.
  kCallDue = 60,           // call: its Unix time has come, as the daemon's clock says
  kCustomerAnswered = 61,  // call, generation
  kRescheduleCall = 62,    // call, wait_ns = Unix time in ms, leg = id of the request
  // What a switch lists of what it has.
  kResyncBegin = 63,
  kKeepCall = 64,   // that waits: as kEnqueueCall; generation 1: that talks with name = agent
  kKeepAgent = 65,  // as kLogIn
  kResyncEnd = 66,
  // A switch has done what it was told, or cannot; the shard alone reads it. wait_ns = id of what it
  // was told, detail = CommandFailure, text = the same for people
  kCommandDone = 67,
};

// E.g. "leg_answered"; of a value that is none, "unknown".
[[nodiscard]] std::string_view command_name(CommandKind kind);

// How an offer ended. The values are in the journal and in the hashes.
enum class OfferOutcome : uint8_t {
  kNone = 0,
  kNoAnswer = 1,
  kRejected = 2,
  kBusy = 3,
  kUnreachable = 4,
  kUnknownAddress = 5,
  kCanceled = 6,   // The call left.
  kRescinded = 7,  // The engine withdrew it.
  kAccepted = 8,
};

// Who ended a call.
enum class EndedBy : uint8_t {
  kNone = 0,
  kCaller = 1,
  kAgent = 2,
  kTimeout = 3,
  kSwitch = 4,
  kSupervisor = 5
};

// What a supervisor does with a call of others. The values are in the journal and in the hashes.
enum class Supervision : uint8_t {
  kNone = 0,
  kMonitor = 1,  // Hears both, and is heard by nobody.
  kWhisper = 2,  // Is heard by the agent alone.
  kBarge = 3,    // Is heard by both.
  kLeave = 4,    // Does none of these any longer.
  kRecord = 5,
  kStopRecording = 6,
};
inline constexpr uint8_t kSupervisionMax = 6;
// Whether nobody listens.
[[nodiscard]] inline bool is_recording(Supervision what) {
  return what == Supervision::kRecord || what == Supervision::kStopRecording;
}

// Where a call is transferred to. The values are in the journal and in the hashes.
enum class TransferTarget : uint8_t {
  kNone = 0,
  kQueue = 1,
  kAgent = 2,
  kSupervisor = 3,  // Of the team of the agent who has the call.
  kOutside = 4,     // A number; the call is over for the ACD.
};

// One command. Which fields count is said at CommandKind; the others are zero.
//
// `sequence` is the session's event number; 0 where the daemon itself asks. A command with a
// sequence is applied once: a repeat is dropped.
struct Command {
  CommandKind kind = CommandKind::kNone;
  uint8_t detail = 0;
  bool flag = false;
  SourceIndex source;
  int64_t sequence = 0;
  int64_t age_ns = 0;         // How long before the command's time it happened, >= 0.
  int64_t age_credit_ns = 0;  // Head start in the order.
  int64_t wait_ns = 0;
  int32_t number = 0;  // Priority or reason.
  int32_t cause = 0;   // Q.850, for the record.
  uint32_t generation = 0;
  TextRef call;
  TextRef leg;  // For the record.
  TextRef name;
  TextRef text;
  TextRef principal;
  TextRef preferred;
};

// The Router's answer to a command: kNone when applied. Every other value changes nothing.
enum class Reject : uint8_t {
  kNone = 0,
  kRepeat,  // Already applied or refused; dropped in silence.
  kSequenceGap,
  kSourceUnknown,
  kQueueUnknown,
  kAgentUnknown,
  kCallUnknown,
  kStationUnknown,
  kCallExists,
  kRequirementInvalid,
  kSkillUnknown,
  kOfferStale,
  kCallState,
  kAgentState,
  kAgentBusy,
  kStationBusy,
  kCallOfOtherSwitch,
  kAgentOfOtherSwitch,
  kLimitReached,
  kNotMember,       // The agent does not serve that queue.
  kQueueNotEmpty,   // A configuration leaves out a queue with live calls, and drains it nowhere.
  kExtensionsUsed,  // The wrap-up has been extended as often as it may be.
  kCodeUnknown,     // The tenant has no such wrap-up code.
  kCodeNotAllowed,  // It has, but the call's queue does not take it.
  kCodeRequired,    // The wrap-up ends with a code of its call alone.
  kLabelUnknown,    // The tenant has no such label.
  kTransfersUsed,   // The call has been transferred as often as it may be.
  kNoSupervisor,    // Nobody who supervises the agent's team could take the call.
  kPartyUnknown,    // The agent named is not on the call; or none is, and several are on it.
  kConsultOpen,     // That agent has a consult about the call already.
  kSwitchAway,      // The call's switch is away, and could not be told.
  kLegUnknown,      // No live call has that leg.
  kLegTaken,        // The leg is named as one that the daemon asked for, and is no new call.
  kLegDown,         // The open leg of the agent's station is not up.
  kNoCallbacks,     // The queue takes none.
  kNumberInvalid,
  kNumberNotAllowed,
  kCallbackOpen,   // The queue has one to that number already.
  kNotAttached,    // The agent is not attached to that desktop session.
  kResyncNotOpen,  // The switch lists nothing, or no longer.
};
inline constexpr int kRejectCount = static_cast<int>(Reject::kResyncNotOpen) + 1;
// "queue_unknown" and so on, for people.
[[nodiscard]] std::string_view reject_name(Reject reject);

}  // namespace acd
