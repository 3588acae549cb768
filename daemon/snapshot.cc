// SPDX-License-Identifier: Apache-2.0
#include "daemon/snapshot.h"

#include <absl/strings/str_cat.h>

#include "daemon/saved_fields.h"
#include "routing/limits.h"

namespace acd {

// Ended calls of one record.
struct EndedCallsChunk {
  std::vector<EndedCalls::Ended> calls;
};
constexpr size_t kEndedCallsChunkMax = 4'096;

// What is not of one queue, agent or live call.
struct HistoryHead {
  HistoryState state;
  std::vector<QueueIndex> call_queues;  // Of every slot of a call: an offer may end after its call.
};

struct HistoryCall {
  uint32_t slot = 0;
  HistoryState::Call call;
};

// Found by their arguments, so not in a namespace without name.

template <typename A>
void list_fields(A& archive, EndedCallsChunk& chunk) {
  archive(1, chunk.calls);
}

template <typename A>
void list_fields(A& archive, HistoryHead& head) {
  archive(1, head.state.sequence);
  archive(2, head.state.now_ns);
  archive(3, head.state.unix_offset_ns);
  archive(4, head.state.interval);
  archive(5, head.state.just_ended);
  archive(6, head.state.logged_in);
  archive(7, head.state.sources);
  archive(8, head.call_queues);
  archive(9, head.state.latest_interval);
  archive(10, head.state.pass);
}

template <typename A>
void list_fields(A& archive, HistoryCall& call) {
  archive(1, call.slot);
  archive(2, call.call);
}

namespace {

// What a record holds. Those behind a kTenant belong to it. A value is never reused.
enum SnapshotRecord : uint8_t {
  kPartitionRecord = 1,
  kTenantRecord = 2,
  kQueueRecord = 3,
  kSourceRecord = 4,
  kEndedCallsRecord = 5,
  kAgentRecord = 6,
  kCallRecord = 7,
  kBoardRecord = 8,
  kBoardQueueRecord = 9,
  kBoardAgentRecord = 10,
  kBoardCallRecord = 11,
  kHistoryRecord = 12,
  kHistoryQueueRecord = 13,
  kHistoryAgentRecord = 14,
  kHistoryCallRecord = 15,
  kTailRecord = 16,
  kDecisionRecord = 17,
  kScheduledRecord = 60,
  kWindowsRecord = 120,
  kWindowsQueueRecord = 121,
  kWindowsSkillRecord = 122,
  kWindowsTeamRecord = 123,
  kWindowsAgentRecord = 124,
  kPredictorRecord = 140,
  kPredictorQueueRecord = 141,
  kPredictorCallRecord = 142,
};

template <typename Values>
absl::Status add_all(SnapshotWriter& writer, SnapshotRecord kind, const Values& values) {
  absl::Status status;
  for (size_t i = 0; i < values.size() && status.ok(); ++i) {
    status = writer.add(kind, to_bytes(values[i]));
  }
  return status;
}

absl::Status add_history(SnapshotWriter& writer, const HistoryState& state) {
  HistoryHead head;
  std::vector<HistoryCall> live;
  for (const HistoryState::Call& call : state.calls) {
    if (call.is_live) live.push_back({static_cast<uint32_t>(head.call_queues.size()), call});
    head.call_queues.push_back(call.queue);
  }
  head.state.sequence = state.sequence;
  head.state.now_ns = state.now_ns;
  head.state.unix_offset_ns = state.unix_offset_ns;
  head.state.interval = state.interval;
  head.state.latest_interval = state.latest_interval;
  head.state.pass = state.pass;
  head.state.just_ended = state.just_ended;
  head.state.logged_in = state.logged_in;
  head.state.sources = state.sources;
  absl::Status status = writer.add(kHistoryRecord, to_bytes(head));
  if (status.ok()) status = add_all(writer, kHistoryQueueRecord, state.queues);
  if (status.ok()) status = add_all(writer, kHistoryAgentRecord, state.agents);
  if (status.ok()) status = add_all(writer, kHistoryCallRecord, live);
  return status;
}

absl::Status add_windows(SnapshotWriter& writer, const SavedWindows& windows) {
  absl::Status status = writer.add(kWindowsRecord, to_bytes(windows));
  if (status.ok()) status = add_all(writer, kWindowsQueueRecord, windows.queues);
  if (status.ok()) status = add_all(writer, kWindowsSkillRecord, windows.skills);
  if (status.ok()) status = add_all(writer, kWindowsTeamRecord, windows.teams);
  if (status.ok()) status = add_all(writer, kWindowsAgentRecord, windows.agents);
  return status;
}

absl::Status add_tenant(SnapshotWriter& writer, const SavedTenant& tenant) {
  std::vector<EndedCallsChunk> chunks;
  for (const EndedCalls::Ended& ended : tenant.router.ended_calls) {
    if (chunks.empty() || chunks.back().calls.size() == kEndedCallsChunkMax) chunks.emplace_back();
    chunks.back().calls.push_back(ended);
  }
  absl::Status status = writer.add(kTenantRecord, to_bytes(tenant));
  if (status.ok()) status = add_all(writer, kQueueRecord, tenant.router.queues);
  if (status.ok()) status = add_all(writer, kSourceRecord, tenant.router.sources);
  if (status.ok()) status = add_all(writer, kEndedCallsRecord, chunks);
  if (status.ok()) status = add_all(writer, kScheduledRecord, tenant.router.scheduled);
  if (status.ok()) status = add_all(writer, kAgentRecord, tenant.router.agents);
  if (status.ok()) status = add_all(writer, kCallRecord, tenant.router.calls);
  if (status.ok()) status = writer.add(kBoardRecord, to_bytes(tenant.board));
  if (status.ok()) status = add_all(writer, kBoardQueueRecord, tenant.board.queues);
  if (status.ok()) status = add_all(writer, kBoardAgentRecord, tenant.board.agents);
  if (status.ok()) status = add_all(writer, kBoardCallRecord, tenant.board.calls);
  if (status.ok()) status = add_all(writer, kDecisionRecord, tenant.board.decisions);
  if (status.ok()) status = add_all(writer, kTailRecord, tenant.tail);
  if (status.ok()) status = writer.add(kPredictorRecord, to_bytes(tenant.predictor));
  if (status.ok()) status = add_all(writer, kPredictorQueueRecord, tenant.predictor.queues);
  if (status.ok()) status = add_all(writer, kPredictorCallRecord, tenant.predictor.calls);
  if (status.ok()) status = add_history(writer, tenant.history);
  return status.ok() ? add_windows(writer, tenant.windows) : status;
}

bool take_history_head(std::string_view bytes, HistoryState* history) {
  HistoryHead head;
  if (!from_bytes(bytes, &head) || head.call_queues.size() > kCallsMax) return false;
  *history = std::move(head.state);
  for (const QueueIndex queue : head.call_queues) history->calls.emplace_back().queue = queue;
  return true;
}

bool take_history_call(std::string_view bytes, HistoryState* history) {
  HistoryCall call;
  if (!from_bytes(bytes, &call) || call.slot >= history->calls.size()) return false;
  history->calls[call.slot] = std::move(call.call);
  return true;
}

// False when the bytes are malformed, or the kind is unknown.
bool take_record(uint8_t kind, std::string_view bytes, SavedPartition* saved) {
  if (kind == kPartitionRecord) return from_bytes(bytes, saved);
  if (kind == kTenantRecord) return from_bytes(bytes, &saved->tenants.emplace_back());
  if (saved->tenants.empty()) return false;
  SavedTenant& tenant = saved->tenants.back();
  switch (kind) {
    case kQueueRecord:
      return from_bytes(bytes, &tenant.router.queues.emplace_back());
    case kSourceRecord:
      return from_bytes(bytes, &tenant.router.sources.emplace_back());
    case kEndedCallsRecord: {
      EndedCallsChunk chunk;
      if (!from_bytes(bytes, &chunk)) return false;
      std::vector<EndedCalls::Ended>& all = tenant.router.ended_calls;
      all.insert(all.end(), chunk.calls.begin(), chunk.calls.end());
      return true;
    }
    case kScheduledRecord:
      return from_bytes(bytes, &tenant.router.scheduled.emplace_back());
    case kAgentRecord:
      return from_bytes(bytes, &tenant.router.agents.emplace_back());
    case kCallRecord:
      return from_bytes(bytes, &tenant.router.calls.emplace_back());
    case kBoardRecord:
      return from_bytes(bytes, &tenant.board);
    case kBoardQueueRecord:
      return from_bytes(bytes, &tenant.board.queues.emplace_back());
    case kBoardAgentRecord:
      return from_bytes(bytes, &tenant.board.agents.emplace_back());
    case kBoardCallRecord:
      return from_bytes(bytes, &tenant.board.calls.emplace_back());
    case kDecisionRecord:
      return from_bytes(bytes, &tenant.board.decisions.emplace_back());
    case kTailRecord:
      return from_bytes(bytes, &tenant.tail.emplace_back());
    case kPredictorRecord:
      return from_bytes(bytes, &tenant.predictor);
    case kPredictorQueueRecord:
      return from_bytes(bytes, &tenant.predictor.queues.emplace_back());
    case kPredictorCallRecord:
      return from_bytes(bytes, &tenant.predictor.calls.emplace_back());
    case kHistoryRecord:
      return take_history_head(bytes, &tenant.history);
    case kHistoryQueueRecord:
      return from_bytes(bytes, &tenant.history.queues.emplace_back());
    case kHistoryAgentRecord:
      return from_bytes(bytes, &tenant.history.agents.emplace_back());
    case kHistoryCallRecord:
      return take_history_call(bytes, &tenant.history);
    case kWindowsRecord:
      return from_bytes(bytes, &tenant.windows);
    case kWindowsQueueRecord:
      return from_bytes(bytes, &tenant.windows.queues.emplace_back());
    case kWindowsSkillRecord:
      return from_bytes(bytes, &tenant.windows.skills.emplace_back());
    case kWindowsTeamRecord:
      return from_bytes(bytes, &tenant.windows.teams.emplace_back());
    case kWindowsAgentRecord:
      return from_bytes(bytes, &tenant.windows.agents.emplace_back());
    default:
      return false;
  }
}

}  // namespace

absl::Status write_snapshot(const std::string& path, const SavedPartition& saved, Files* files,
                            uint64_t free_bytes_min, SnapshotCheck check) {
  SnapshotWriter writer(path, files, free_bytes_min);
  absl::Status status = writer.add(kPartitionRecord, to_bytes(saved));
  for (size_t i = 0; i < saved.tenants.size() && status.ok(); ++i) {
    status = add_tenant(writer, saved.tenants[i]);
  }
  return status.ok() ? writer.finish(check) : status;
}

absl::StatusOr<SavedPartition> read_snapshot(const std::string& path) {
  SavedPartition saved;
  absl::Status status =
      read_snapshot_file(path, [&](uint8_t kind, std::string_view bytes) -> absl::Status {
        if (take_record(kind, bytes, &saved)) return absl::OkStatus();
        return absl::DataLossError(
            absl::StrCat(path, ": a record of kind ", kind, " cannot be read"));
      });
  if (!status.ok()) return status;
  // What is for later is the same to both, and is written once.
  for (SavedTenant& tenant : saved.tenants) tenant.board.scheduled = tenant.router.scheduled;
  return saved;
}

}  // namespace acd
