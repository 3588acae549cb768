// SPDX-License-Identifier: Apache-2.0
// What the server tells of its parts, for metrics, probes and health.
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "daemon/server.h"

namespace acd {
namespace {

constexpr const char* kHealthParts[] = {"journal", "history", "snapshot"};

// Bytes of the files in `folder`: the history's, the snapshots', which are counted elsewhere, and all
// the others, which are the journal's.
struct FolderBytes {
  uint64_t journal = 0;
  uint64_t history = 0;
};

FolderBytes measure_folder(const std::string& folder) {
  FolderBytes bytes;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code gone;  // Files come and go meanwhile.
    const uint64_t size = entry->file_size(gone);
    if (gone) continue;
    const std::string name = entry->path().filename().string();
    if (absl::StrContains(name, ".snapshot")) continue;
    (absl::StartsWith(name, kHistoryFileName) ? bytes.history : bytes.journal) += size;
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

SnapshotFigures snapshot_figures(const SnapshotState& state, double start_unix_s) {
  constexpr double kSecondsOfNs = 1e-9;
  SnapshotFigures figures;
  figures.sequence = state.sequence;
  const double since_s =
      state.sequence == 0 ? start_unix_s : static_cast<double>(state.unix_ns) * kSecondsOfNs;
  figures.age_s = std::max(0.0, unix_s() - since_s);
  figures.bytes = state.bytes;
  figures.duration_ns = state.duration_ns;
  figures.written = static_cast<uint64_t>(state.written);
  figures.failures = static_cast<uint64_t>(state.failures);
  figures.is_journal_full = state.is_held;
  return figures;
}

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
    const FolderBytes bytes = measure_folder(absl::StrCat(settings_.data_dir, "/", partition.name));
    const Gate::Status gate = parts.partition->gate_status();
    const JournalTimes times = parts.journal->times();
    partition.journal = {gate.durable_sequence, parts.journal->first_sequence(),
                         bytes.journal,         times.append_waits,
                         times.append_wait_ns,  times.syncs,
                         times.sync_ns,         gate.space != JournalSpace::kEnough};
    if (i < snapshots.size()) {
      partition.snapshot = snapshot_figures(snapshots[i], start_unix_s_);
    }
    if (!settings_.keeps_history) continue;
    partition.history = history_figures(parts.history->status(), now_ns);
    partition.history->bytes = bytes.history;
  }
  figures.troubles = troubles();
  return figures;
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
