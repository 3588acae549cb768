// SPDX-License-Identifier: Apache-2.0
// What passes between an edge (a switch's stream) and a shard: batches in, deliveries out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/explain.h"
#include "daemon/table_change.h"
#include "routing/command.h"
#include "routing/event.h"
#include "routing/ids.h"
#include "routing/station.h"

namespace acd {

class SwitchStream;

// What the edge itself found wrong with one event. The texts go back to the switch.
struct EdgeRefusal {
  uint32_t command_index = 0;  // Of its kRefused command in the batch.
  int32_t reason = 0;          // acd.v1.ErrorReason
  std::string field;
  std::string message;
};

// One received message as commands, one change of tables, or one question. A message's is owned by its stream,
// moved through the inbox, and handed back in the Delivery that acknowledges it; the buffers are
// reused.
struct Batch {
  TenantIndex tenant;                    // Within the partition of its TenantRef.
  uint32_t partition = 0;                // Within the shard.
  std::shared_ptr<SwitchStream> stream;  // Null with a `change` or `question` only.
  std::unique_ptr<TableChange> change;   // Set: the batch is this alone.
  std::unique_ptr<Question> question;    // The same.
  std::vector<Command> commands;         // `source` is filled by the shard.
  std::string arena;
  std::vector<EdgeRefusal> refusals;  // By command_index.
  int64_t driven_now_ns = -1;         // >= 0: a batch of the conductor,
  int64_t driven_number = 0;          // who calls it so.

  void clear() {
    commands.clear();
    arena.clear();
    refusals.clear();
    driven_now_ns = -1;
    driven_number = 0;
  }
};

// What became of a batch that was handed over.
enum class PushResult : uint8_t {
  kOk,
  kFull,   // Too much is under way; nothing is wrong with the batch.
  kClosed  // The daemon stops.
};

// An event that was refused, for the acknowledgement.
struct Refused {
  int64_t sequence = 0;
  CommandKind kind = CommandKind::kNone;
  Reject reject = Reject::kNone;  // kNone: `edge_reason`, `field` and `message` say it.
  int32_t edge_reason = 0;        // acd.v1.ErrorReason
  std::string field;
  std::string message;
};

enum class SwitchCommandKind : uint8_t {
  kRingAgent,
  kStopRinging,
  kConnectCall,
  kDropLeg,
  kPlayTreatment,
  kTransferCall,
  kReleaseCall,
  kParkCaller,  // The leg of that generation goes, the caller waits again.
  kRetrieveCall,
  kMergeCall,
  kLogOutAgent,
  kDialCustomer,
  kDialOutside,
  kSuperviseCall
};

// One command for the switch; texts lie in the delivery's arena.
struct SwitchCommand {
  SwitchCommandKind kind{};
  int64_t id = 0;                              // Sequence of the event that it came of; 0: none.
  int64_t deadline_ns = kNeverNs;              // Router time.
  OfferOutcome outcome = OfferOutcome::kNone;  // kStopRinging
  TreatmentKind treatment{};                   // kPlayTreatment
  int32_t number = 0;       // kPlayTreatment: position or 0; kReleaseCall: Q.850 cause.
  uint32_t generation = 0;  // Of the offer, where it is about one.
  uint32_t item = 0;        // As `station`: the agent's work item, by which its leg is called.
  int64_t timeout_ns = 0;   // kRingAgent, kDialCustomer
  int64_t ewt_ns = 0;       // kPlayTreatment, kNeverNs: not to be told.
  TextRef call;
  AnswerMode answer_mode = AnswerMode::kPhone;  // As `station`.
  TextRef agent;  // Whom it is about; kDialCustomer: who waits, if any. Empty with kReleaseCall and
                  // others that are about the caller alone.
  TextRef station;  // kRingAgent, kConnectCall, kDialCustomer where an agent waits; kLogOutAgent.
  TextRef leg;      // The same but for kLogOutAgent: what the agent's leg is called.
  TextRef customer_leg;  // kDialCustomer: what the customer's is.
  // kPlayTreatment: media; kTransferCall, kDialCustomer, kDialOutside: number; kParkCaller: queue;
  // kRetrieveCall: consult.
  TextRef text;
  TextRef parent;  // kRingAgent, kConnectCall of a consult, kMergeCall, kDialOutside: the call that
                   // it is about.
  TextRef consulting;       // The same: who consults.
  bool conference = false;  // kMergeCall
  Supervision
      supervision{};  // kSuperviseCall; `text` is the station of who supervises, `consulting` their id.
};

// What a desktop session is told of an agent; texts lie in the delivery's arena.
struct DesktopUpdate {
  enum class Kind : uint8_t { kTakenOver, kOffer, kOfferOver, kStatus, kAllTold };
  Kind kind = Kind::kTakenOver;
  TextRef agent;
  // kOffer, kOfferOver
  TextRef call;
  uint32_t generation = 0;
  OfferOutcome outcome = OfferOutcome::kNone;  // kOfferOver
  // kOffer
  int64_t timeout_ns = 0;
  int64_t deadline_ns = 0;
  int64_t waited_ns = 0;
  int32_t priority = 0;
  Medium medium = Medium::kVoice;
  TextRef queue;
  TextRef requirement;
  TextRef parent;  // Of a consult: the call that it is about, and who consults.
  TextRef consulting;
  TextRef number;                               // Of a callback.
  AnswerMode answer_mode = AnswerMode::kPhone;  // And kStatus.
  // kStatus
  AgentState state = AgentState::kLoggedOut;
  int32_t reason = 0;
  TextRef source;  // Where logged in.
  TextRef station;
  std::vector<TextRef> calls{};  // In hand or offered.
};

// Why the shard ends a stream.
enum class CloseReason : uint8_t {
  kNone,
  kSessionReplaced,  // A newer stream of the same source took over.
  kConductorExists,  // Another stream drives the clock.
  kClockMismatch,    // A driven batch on a wall clock, none on a driven one, or time going back.
  kSequenceGap,
  kLimitReached,  // No room for another source.
  kPoisoned,      // The daemon crashed when it opened this session before.
};

// What one turn has for one stream, handed over when the turn is durable.
struct Delivery {
  // Set once, for a stream whose session was opened by this turn.
  struct Opened {
    SourceIndex source;
    bool resumed = false;
    int64_t last_sequence = 0;
    int64_t now_ns = 0;
    int64_t grace_ns = 0;  // The switch's, or that of agents of a desktop session.
    int64_t arrival_ack_timeout_ns = 0;
    int64_t unix_ns = 0;  // Unix time of now_ns.
    bool lists = false;   // A resync is open.
  };
  bool is_opened = false;
  Opened opened;

  bool has_ack = false;
  int64_t through_sequence = 0;
  std::vector<Refused> refused;

  std::vector<SwitchCommand> commands;
  std::vector<DesktopUpdate> updates;  // Of a desktop session.
  std::string arena;

  // Driven clock: set in the last delivery of a conductor's batch. A deadline is kNeverNs when none
  // is set.
  bool has_driven_clock = false;
  int64_t driven_now_ns = 0;
  int64_t driven_number = 0;
  int64_t next_deadline_ns = 0;

  CloseReason close = CloseReason::kNone;
  std::vector<std::unique_ptr<Batch>> finished;  // Batches that are done; theirs to reuse.
};

// The shard's view of a session's stream: a switch's, or a desktop's.
//
// Threads:  deliver() is called by the gate, from a journal's or a shard's thread, one at a time
//           for one stream. It must not block. A stream that is gone swallows it.
class SwitchStream {
 public:
  virtual ~SwitchStream() = default;
  virtual void deliver(Delivery&& delivery) = 0;
};

}  // namespace acd
