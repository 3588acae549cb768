// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself: plain figures of one moment, for metrics, probes and health.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace acd {

// Something that somebody should look after.
struct Trouble {
  std::string partition;
  std::string part;            // "journal", "history", "snapshot": of health's service "acd.PART".
  std::string reason;          // With what to do about it.
  bool holds_up_work = false;  // New work is refused or waits.
};

struct JournalFigures {
  uint64_t last_durable_sequence = 0;
  uint64_t oldest_sequence = 0;  // 0: there is no record yet.
  uint64_t bytes = 0;            // Of its segments and of what is written ahead.
  uint64_t append_waits = 0;     // Frames that waited in append() because the queue was full.
  int64_t append_wait_ns = 0;
  uint64_t syncs = 0;
  int64_t sync_ns = 0;
  bool is_storage_full = false;     // New calls are refused for want of space,
  bool is_at_largest_size = false;  // and that of its largest size, not of the disk's.
};

struct HistoryFigures {
  uint64_t written_sequence = 0;  // Records up to here are in the file.
  uint64_t bytes = 0;             // With the log beside the file.
  uint64_t lag_records = 0;
  int64_t lag_ns = 0;  // How long the oldest of them has waited.
  uint64_t rows_waiting = 0;
  uint64_t failures = 0;
  bool is_full = false;  // Routing is held up.
};

struct SnapshotFigures {
  uint64_t sequence = 0;  // Record of the newest one; 0: there is none.
  double age_s = 0;       // Since it was written; since the start while there is none.
  uint64_t bytes = 0;
  int64_t duration_ns = 0;  // What the last one took.
  int64_t running_ns = 0;   // How long one has been made by now; 0: none is.
  uint64_t written = 0;     // Since the start.
  uint64_t failures = 0;
};

// Of what switches that answer commands were told, since the start.
struct CommandFigures {
  uint64_t failed = 0;   // The switch could not do it.
  uint64_t overdue = 0;  // Not answered by the deadline, or with too much else.
};

struct PartitionFigures {
  std::string name;
  CommandFigures commands;
  JournalFigures journal;
  std::optional<HistoryFigures> history;  // None: off.
  SnapshotFigures snapshot;
};

// What a part of the daemon may hold in memory, by its limits, beside the state of its tenants.
struct MemoryLimit {
  std::string part;
  uint64_t bytes = 0;
};

// One metric of a tenant: a column of a table whose rows are its queues, or itself. Columns of one
// name stand together and differ by the value of a label.
struct MetricColumn {
  enum class Kind : uint8_t { kGauge, kCounter, kSum, kCount };  // The last two: of a summary.

  const char* name = "";
  const char* help = "";
  Kind kind = Kind::kGauge;
  const char* label = "";  // "": none.
  const char* value = "";
};

struct MetricRow {
  std::string queue;  // Empty: of the tenant.
  // By column; NaN: there is nothing to say.
  std::vector<double> values;
};

// What a tenant's board shows, of one moment.
struct TenantFigures {
  std::string tenant;
  std::vector<MetricRow> queues;  // By DaemonFigures.queue_columns.
  std::vector<MetricRow> whole;   // One, by DaemonFigures.tenant_columns, or none.
};

enum class DaemonPhase : uint8_t { kStarting, kServing, kStopping };

struct DaemonFigures {
  DaemonPhase phase = DaemonPhase::kStarting;
  double start_unix_s = 0;
  std::vector<PartitionFigures> partitions;  // None while it starts.
  // Of the file system of the data folder; none when it cannot be asked.
  std::optional<uint64_t> disk_free_bytes;
  std::optional<uint64_t> disk_bytes;
  // Whether the configuration file differs from what is in force; none while it starts.
  std::vector<std::pair<std::string, bool>> config_drift;  // By tenant.
  std::vector<MemoryLimit> memory_limits;                  // None while it starts.
  std::vector<std::pair<std::string, uint32_t>> streams;   // Open, by kind; the same.
  std::vector<Trouble> troubles;
  std::vector<TenantFigures> tenants;  // Gathered apart, as a board is read on its own thread.
  // Columns of the tables in it; they outlive the process' parts.
  std::span<const MetricColumn> queue_columns;
  std::span<const MetricColumn> tenant_columns;
  // Some tenant's figures did not come in time.
  bool is_partial = false;
};

}  // namespace acd
