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

namespace acd::sim {

enum class ReplayEventKind : uint8_t {
  kAgentLoggedIn,   // agent, station
  kAgentReady,      // agent
  kAgentLoggedOut,  // agent
  kCallOffered,     // call, queue, age credit
  kLegAnswered,     // call, generation
  kCallConnected,   // call, generation
  kCallEnded,       // call, ended by
};

// "call_offered" and so on.
[[nodiscard]] const char* event_kind_name(ReplayEventKind kind);

// One event that the replay reports. Ids that its kind does not name are empty.
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
};

[[nodiscard]] const char* command_kind_name(ReplayCommandKind kind);

struct ReplayCommand {
  ReplayCommandKind kind{};
  std::string call;
  std::string agent;    // kRingAgent, kStopRinging, kConnectCall.
  std::string station;  // kRingAgent only.
  int64_t generation = 0;
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
  size_t batch_events_max = 1;
  size_t id_bytes_max = kIdBytesMax;
};

// Statistics of one queue since the daemon's journal began.
struct QueueFigures {
  std::string queue;
  int64_t offered = 0;
  int64_t answered = 0;
  int64_t abandoned = 0;  // The short ones included.
  int64_t timed_out = 0;
  int64_t rejected = 0;        // Released on entry.
  int64_t failed_waiting = 0;  // Released after offers that failed, or lost with their switch.
  int64_t overflowed_in = 0;
  int64_t overflowed_out = 0;  // To other queues, and outside.
  int64_t waiting = 0;
  int64_t wait_answered_sum_ns = 0;
  bool is_conserved = false;
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

  // Statistics of all queues; they hold all that was acknowledged.
  virtual absl::StatusOr<std::vector<QueueFigures>> queue_figures() = 0;
};

}  // namespace acd::sim
