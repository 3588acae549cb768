// SPDX-License-Identifier: Apache-2.0
// The whole state of a partition after one record of its journal, as a file: recovery begins there
// and not at the journal's first record.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "daemon/opening_hours.h"
#include "daemon/outbox.h"
#include "daemon/router_clock.h"
#include "daemon/storage/snapshot_file.h"
#include "routing/insight/history_fold.h"
#include "routing/insight/saved_board.h"
#include "routing/insight/saved_predictor.h"
#include "routing/insight/saved_windows.h"
#include "routing/insight/watch_tail.h"
#include "routing/saved_router.h"

namespace acd {

// What a change of tables was answered, for a repeat of the request.
struct KeptAnswer {
  int64_t time_ns = 0;
  CommandKind kind{};
  std::string request_id;
  std::string content;  // Etag or checksum of what it brought.
  int32_t agent_count = 0;
  bool is_open = false;
};

struct SavedTenant {
  std::string id;
  std::string config;  // acd.v1.TenantConfig in force, with its etag.
  // acd.v1.Queue of each that was left out of it since but still has calls.
  std::vector<std::string> left_out;
  SavedRouter router;  // Its configuration is empty: it is that of above.
  std::vector<std::pair<SourceIndex, KeptOrder>> ends;         // The oldest first.
  std::vector<std::pair<SourceIndex, KeptOrder>> live_orders;  // By call; the oldest first.
  std::vector<SourceIndex> answering;                          // Switches that answer commands.
  std::vector<std::pair<SourceIndex, KeptOrder>> unanswered;   // By switch; the oldest first.
  std::vector<KeptAnswer> answers;
  std::vector<QueueOverride> overrides;
  SavedBoard board;
  SavedPredictor predictor;
  std::vector<TailBlock> tail;  // Up to the board's sequence; empty: of a release that kept none.
  // What history has open; without the settings of queues, which the configuration says.
  HistoryState history;
  SavedWindows windows;
};

struct SavedPartition {
  std::string partition;
  std::string history_id;          // Of the journal it belongs to.
  std::string release;             // That wrote it, for messages.
  uint32_t behaviour_version = 0;  // Of the rules that it was made by.
  uint64_t sequence = 0;           // Of the last record in it.
  int64_t now_ns = 0;
  int64_t wall_ns = 0;
  UnixAnchor::State unix_anchor;
  uint64_t event_hash = 0;
  uint64_t state_hash = 0;
  std::vector<SavedTenant> tenants;
};

// Durable when this is OK; at any error the file is as it was before. `files`, `free_bytes_min` and
// `check` as SnapshotWriter.
[[nodiscard]] absl::Status write_snapshot(const std::string& path, const SavedPartition& saved,
                                          Files* files = nullptr, uint64_t free_bytes_min = 0,
                                          SnapshotCheck check = accept_snapshot);

// DATA_LOSS or FAILED_PRECONDITION as read_snapshot_file().
[[nodiscard]] absl::StatusOr<SavedPartition> read_snapshot(const std::string& path);

}  // namespace acd
