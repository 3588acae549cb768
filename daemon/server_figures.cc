// SPDX-License-Identifier: Apache-2.0
// What the server tells of its parts, for metrics, probes and health.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include "daemon/server.h"
#include "daemon/tenant_metrics.h"

namespace acd {
namespace {

constexpr const char* kHealthParts[] = {"journal", "history", "snapshot"};

// Of the file and of what SQLite keeps beside it.
uint64_t history_bytes(const std::string& folder) {
  uint64_t bytes = 0;
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::error_code none;  // The two come and go.
    const uint64_t size =
        std::filesystem::file_size(absl::StrCat(folder, "/", kHistoryFileName, ending), none);
    if (!none) bytes += size;
  }
  return bytes;
}

HistoryFigures history_figures(const HistoryStatus& status, int64_t now_ns) {
  HistoryFigures figures;
  figures.written_sequence = status.written_sequence;
  figures.lag_records =
      status.folded_sequence - std::min(status.folded_sequence, status.written_sequence);
  figures.lag_ns =
      status.waiting_since_ns == 0 ? 0 : std::max<int64_t>(0, now_ns - status.waiting_since_ns);
  figures.rows_waiting = status.rows_waiting;
  figures.failures = status.failures;
  figures.is_full = status.is_full;
  return figures;
}

double unix_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

SnapshotFigures snapshot_figures(const SnapshotState& state, double start_unix_s, int64_t now_ns) {
  constexpr double kSecondsOfNs = 1e-9;
  SnapshotFigures figures;
  figures.sequence = state.sequence;
  const double since_s =
      state.sequence == 0 ? start_unix_s : static_cast<double>(state.unix_ns) * kSecondsOfNs;
  figures.age_s = std::max(0.0, unix_s() - since_s);
  figures.bytes = state.bytes;
  figures.duration_ns = state.duration_ns;
  figures.running_ns = state.began_ns == 0 ? 0 : std::max<int64_t>(0, now_ns - state.began_ns);
  figures.written = static_cast<uint64_t>(state.written);
  figures.failures = static_cast<uint64_t>(state.failures);
  return figures;
}

// Figures that tenants bring one after the other; they are told when the last has brought them, or
// will not.
struct Gathering {
  DaemonFigures figures;
  std::function<void(DaemonFigures)> done;
  size_t queues_left = kMetricQueuesOfAllMax;  // That may have rows of their own.

  ~Gathering() {
    figures.is_partial = std::any_of(figures.tenants.begin(), figures.tenants.end(),
                                     [](const TenantFigures& one) { return one.whole.empty(); });
    done(std::move(figures));
  }
};

void append(std::vector<Trouble> more, std::vector<Trouble>* all) {
  for (Trouble& trouble : more) all->push_back(std::move(trouble));
}

}  // namespace

void Server::enter(DaemonPhase phase) {
  const MutexLock lock(&phase_mutex_);
  phase_ = phase;
}

DaemonPhase Server::phase() const {
  const MutexLock lock(&phase_mutex_);
  return phase_;
}

DaemonFigures Server::figures() const {
  DaemonFigures figures;
  figures.phase = phase();
  figures.start_unix_s = start_unix_s_;
  std::error_code error;
  const auto disk = std::filesystem::space(settings_.data_dir, error);
  if (!error) {
    figures.disk_free_bytes = disk.available;
    figures.disk_bytes = disk.capacity;
  }
  // While it starts the main thread is at them, and after a failed start they may not be whole.
  if (figures.phase != DaemonPhase::kServing) return figures;
  const int64_t now_ns = monotonic_ns();
  const std::vector<SnapshotState> snapshots = snapshot_state();
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const PartitionParts& parts = partitions_[i];
    PartitionFigures& partition = figures.partitions.emplace_back();
    partition.name = settings_.partitions[i].name;
    partition.commands = parts.partition->command_figures();
    const Gate::Status gate = parts.partition->gate_status();
    const JournalTimes times = parts.journal->times();
    const bool is_storage_full = gate.space != JournalSpace::kEnough;
    partition.journal = {gate.durable_sequence,
                         parts.journal->first_sequence(),
                         parts.journal->bytes(),
                         times.append_waits,
                         times.append_wait_ns,
                         times.syncs,
                         times.sync_ns,
                         is_storage_full,
                         is_storage_full && parts.journal->is_full()};
    if (i < snapshots.size()) {
      partition.snapshot = snapshot_figures(snapshots[i], start_unix_s_, now_ns);
    }
    if (!settings_.keeps_history) continue;
    partition.history = history_figures(parts.history->status(), now_ns);
    partition.history->bytes = history_bytes(parts.folder);
  }
  figures.config_drift = drift_.tenants();
  figures.memory_limits = memory_limits_;
  figures.streams = rpc_->open_streams();
  figures.troubles = troubles();
  return figures;
}

void Server::gather(std::function<void(DaemonFigures)> done) const {
  const auto gathering = std::make_shared<Gathering>();
  gathering->done = std::move(done);
  gathering->figures = figures();
  gathering->figures.queue_columns = queue_metric_columns();
  gathering->figures.tenant_columns = tenant_metric_columns();
  // Until then the main thread is at the directory.
  if (gathering->figures.phase != DaemonPhase::kServing) return;
  std::vector<TenantFigures>& tenants = gathering->figures.tenants;
  tenants.resize(directory_.size());
  // From the first read on they are the observer's.
  size_t index = 0;
  for (const auto& entry : directory_) tenants[index++].tenant = entry.first;
  index = 0;
  for (const auto& entry : directory_) {
    const bool is_read = entry.second->read([gathering, index](const Insight& insight) {
      TenantFigures& tenant = gathering->figures.tenants[index];
      tenant = tenant_figures(tenant.tenant, insight, gathering->queues_left);
      gathering->queues_left -= std::min(gathering->queues_left, tenant.queues.size());
    });
    if (!is_read) break;  // It has too much to read already.
    ++index;
  }
}

std::vector<Trouble> Server::troubles() const {
  std::vector<Trouble> all;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const PartitionParts& parts = partitions_[i];
    const std::string& name = settings_.partitions[i].name;
    const Gate::Status gate = parts.partition->gate_status();
    append(journal_troubles(name, gate.space, gate.space_reason), &all);
    if (settings_.keeps_history) append(history_troubles(name, parts.history->status()), &all);
  }
  for (const SnapshotState& state : snapshot_state()) append(snapshot_troubles(state), &all);
  return all;
}

std::vector<PartHealth> Server::part_health() {
  const std::vector<Trouble> found = troubles();
  health_log_.note(found);
  std::vector<PartHealth> all;
  for (const char* part : kHealthParts) {
    const bool is_serving = std::none_of(
        found.begin(), found.end(), [&](const Trouble& trouble) { return trouble.part == part; });
    all.push_back({absl::StrCat("acd.", part), is_serving});
  }
  return all;
}

std::string Server::http_address() const { return http_ == nullptr ? "" : http_->address(); }

}  // namespace acd
