// SPDX-License-Identifier: Apache-2.0
// The daemon as a replay sees it: one session on a driven clock. The real one is reached over gRPC
// (sim/replay_client.h); tests have their own.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "routing/command.h"
#include "routing/limits.h"
#include "routing/media.h"
#include "routing/station.h"
#include "sim/tally.h"

namespace acd::sim {

enum class ReplayEventKind : uint8_t {
  kAgentLoggedIn,     // agent, station, answer mode
  kAgentReady,        // agent
  kAgentLoggedOut,    // agent
  kCallOffered,       // call, queue, age credit, medium
  kLegAnswered,       // call, generation
  kCallConnected,     // call, generation
  kCallEnded,         // call, ended by
  kConnectFailed,     // call, generation: the customer of a callback did not answer
  kCustomerAnswered,  // call, generation
  kCallHeld,          // call, agent
  kCallResumed,       // call, agent
  kLegUp,             // agent, station
  kLegLost,           // agent, station
  kWrapUpEnded,       // call, agent
  kWrapUpExtended,    // call, agent
  // What is asked for, and may be refused: by an event or by a request of its own.
  kTransferRequested,  // call, queue, target agent, number or to supervisor
  kConsultBegun,       // call, other call: the consult; queue, agent: who consults
  kConsultMerged,      // call: the consult; is conference
  kCallbackRequested,  // call: the callback; other call: whose place it takes; number
  kCallScheduled,      // call, queue, due, Unix time
  kCallOutcome,        // call, outcome
  kOfferAccepted,      // call, agent, generation; by request alone
};

// "call_offered" and so on.
[[nodiscard]] const char* event_kind_name(ReplayEventKind kind);

[[nodiscard]] constexpr bool is_claim(ReplayEventKind kind) {
  return kind >= ReplayEventKind::kTransferRequested;
}

// What is not told stays as it was.
struct ReplayOutcome {
  std::optional<std::string> code = {};
  std::optional<bool> is_resolved = {};
  std::optional<int32_t> survey_score = {};
  std::optional<int32_t> quality_score = {};
  std::vector<std::string> labels = {};

  bool operator==(const ReplayOutcome&) const = default;
};

// One event that the replay reports, or one request. Ids that its kind does not name are empty.
struct ReplayEvent {
  int64_t sequence = 0;
  ReplayEventKind kind{};
  std::string call;
  std::string agent;
  std::string station;
  std::string queue;
  int64_t generation = 0;
  int64_t age_credit_ns = 0;
  EndedBy ended_by = EndedBy::kNone;
  Medium medium = Medium::kVoice;
  std::string other_call;
  std::string target_agent;
  std::string number;
  AnswerMode answer_mode = AnswerMode::kPhone;
  bool is_conference = false;
  bool is_to_supervisor = false;
  int64_t due_ns = 0;  // Router time.
  int64_t due_unix_ns = 0;
  ReplayOutcome outcome;
};

// Everything of one instant, or nothing: then it only moves the clock.
struct ReplayBatch {
  int64_t now_ns = 0;  // Router time.
  std::vector<ReplayEvent> events;
};

enum class ReplayCommandKind : uint8_t {
  kRingAgent,
  kStopRinging,
  kConnectCall,
  kDropLeg,
  kPlayTreatment,
  kTransferCall,  // Outside; the call is over.
  kReleaseCall,   // The call is over.
  kParkCaller,
  kRetrieveCall,
  kMergeCall,  // The call is a consult, which is over.
  kDialCustomer,
  kLogOutAgent,  // Of no call.
};

[[nodiscard]] const char* command_kind_name(ReplayCommandKind kind);

struct ReplayCommand {
  ReplayCommandKind kind{};
  std::string call;
  std::string agent;    // Of kDialCustomer it may be empty; of kMergeCall who was consulted.
  std::string station;  // kRingAgent, kConnectCall, kLogOutAgent; kDialCustomer with an agent.
  int64_t generation = 0;
  // Of kRetrieveCall the consult; of kMergeCall, and of a consult kRingAgent and kConnectCall, the
  // call it is about.
  std::string other_call = {};
  std::string queue = {};                       // kParkCaller only.
  AnswerMode answer_mode = AnswerMode::kPhone;  // Of the station.
  std::string number = {};                      // kDialCustomer, kTransferCall.
  std::string leg = {};         // kRingAgent, kConnectCall; kDialCustomer with an agent.
  std::string consulting = {};  // Of a consult: kRingAgent, kConnectCall, kMergeCall.
  bool is_conference = false;   // kMergeCall only.

  bool operator==(const ReplayCommand&) const = default;
};

struct ReplayRefusal {
  int64_t sequence = 0;
  std::string text;  // Reason, field and message.
  bool is_storage_full = false;
};

// All that came back for one batch.
struct ReplayAnswer {
  int64_t next_deadline_ns = kNeverNs;
  std::optional<int64_t> acked_sequence;
  std::vector<ReplayRefusal> refusals;
  std::vector<ReplayCommand> commands;
};

struct ReplayHello {
  int64_t last_durable_sequence = 0;
  bool is_resumed = false;
  bool is_clock_driven = false;
  int64_t now_ns = 0;
  int64_t unix_ns = 0;  // Unix time of now_ns.
  size_t batch_events_max = 1;
  size_t id_bytes_max = kIdBytesMax;
};

// Statistics of one queue since the daemon's journal began.
struct QueueFigures {
  std::string queue;
  int64_t offered = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;        // The short ones included.
  int64_t short_abandoned = 0;  // Of these.
  int64_t timed_out = 0;
  int64_t rejected = 0;        // Released on entry.
  int64_t failed_waiting = 0;  // Released after offers that failed, or lost with their switch.
  int64_t overflowed_in = 0;
  int64_t overflowed_out = 0;  // To other queues, and outside.
  int64_t waiting = 0;
  int64_t wait_answered_sum_ns = 0;
  bool is_conserved = false;
  int64_t withdrawn = 0;
  int64_t callbacks_waiting = 0;
  int64_t handled = 0;        // Agents' parts of calls, with their wrap-up.
  int64_t handle_sum_ns = 0;  // Talk and wrap-up of these.
  MixTally mix;
};

// An offer that waits for its agent's desktop.
struct DesktopOffer {
  std::string call;
  int64_t generation = 0;
};

// One session with a daemon.
//
// Fails:    UNAVAILABLE means that the stream is cut: connect() again and resend what is not
//           durable. CANCELLED means that the user stopped it. Any other error is final.
class ReplayDaemon {
 public:
  virtual ~ReplayDaemon() = default;

  // Opens the session, or resumes it after a cut; keeps trying for as long as it was told to.
  virtual absl::StatusOr<ReplayHello> connect() = 0;

  // Sends a batch and waits for its answer. REQUIRES: connected; at most batch_events_max events.
  virtual absl::StatusOr<ReplayAnswer> exchange(const ReplayBatch& batch) = 0;

  // Asks by a request of its own. Empty: done; else why not, the reason in front. A repeat with the
  // same `request_id` is answered as the first time. REQUIRES: connected.
  virtual absl::StatusOr<std::string> request(const ReplayEvent& event,
                                              const std::string& request_id) = 0;

  // What is offered to an agent at a desktop, and not accepted yet.
  virtual absl::StatusOr<std::vector<DesktopOffer>> desktop_offers(const std::string& agent) = 0;

  // Statistics of all queues; they hold all that was acknowledged.
  virtual absl::StatusOr<std::vector<QueueFigures>> queue_figures() = 0;
};

}  // namespace acd::sim
