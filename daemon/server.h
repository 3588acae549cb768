// SPDX-License-Identifier: Apache-2.0
// All parts of acdd. Declaration order is start order and the reverse of stop order.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config_drift.h"
#include "daemon/directory.h"
#include "daemon/health.h"
#include "daemon/history/history_writer.h"
#include "daemon/http/http_server.h"
#include "daemon/metrics.h"
#include "daemon/mutex.h"
#include "daemon/observer.h"
#include "daemon/partition.h"
#include "daemon/rpc/rpc_server.h"
#include "daemon/settings.h"
#include "daemon/shard.h"
#include "daemon/snapshot_keeper.h"
#include "daemon/storage/ownership.h"
#include "daemon/storage/segment_journal.h"
#include "daemon/storage/suspects.h"

namespace acd {

// Exit codes, as in sysexits.h; README.md lists them.
enum class ExitCode : int {
  kOk = 0,
  kWrongSettings = 64,
  kWrongConfig = 65,
  kBadData = 66,
  kCannotListen = 69,
  kJournalFailed = Gate::kExitJournalFailed,
  kPoisoned = 71,
  kCannotWrite = 74,
  kStorageFull = Gate::kExitStorageFull,
};

// Threads:  the main thread's.
class Server {
 public:
  // `journal` is what every journal is opened with; folder, names, durability and sizes are filled
  // in.
  // `snapshots` likewise for the keeper of snapshots.
  explicit Server(Settings settings, SegmentJournalOptions journal = {},
                  SnapshotKeeperOptions snapshots = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Recovers, starts every part, and listens. On failure says why and with which exit code to end;
  // the destructor stops what was started.
  struct Failure {
    ExitCode exit_code = ExitCode::kOk;
    std::string message;
  };
  [[nodiscard]] Failure start();

  // What is due now and then; to be called about once a second.
  void tend();

  // Refuses new work, finishes what was taken in, syncs, saves the state, joins. Idempotent.
  void stop();

  // The least that any partition's journal has.
  [[nodiscard]] JournalSpace space() const;

  // Over all partitions. After stop().
  [[nodiscard]] uint64_t state_hash() const;
  [[nodiscard]] std::vector<std::string> addresses() const;
  // Where the configuration file is not what is in force, as it stands now. From any thread.
  [[nodiscard]] std::vector<ConfigDrift::Entry> config_drift() const { return drift_.entries(); }
  // By partition. From any thread while the server runs.
  [[nodiscard]] std::vector<SnapshotState> snapshot_state() const;
  // By partition; empty when history is off. From any thread while the server runs.
  [[nodiscard]] std::vector<HistoryStatus> history_status() const;
  // Of this moment. From any thread while the server exists.
  [[nodiscard]] DaemonFigures figures() const;
  // The same with those of the tenants: `done` is told once all have come, from the observer's thread
  // or within the call. From any thread while the server exists.
  void gather(std::function<void(DaemonFigures)> done) const;
  // Where HTTP is served; empty: nowhere.
  [[nodiscard]] std::string http_address() const;

 private:
  struct PartitionParts {
    std::unique_ptr<SegmentJournal> journal;
    std::unique_ptr<FileOwnership> ownership;
    std::unique_ptr<Suspects> suspects;
    std::unique_ptr<HistoryWriter> history;  // Without a file: off.
    std::unique_ptr<Partition> partition;
    std::string folder;
  };

  [[nodiscard]] Failure open_partition(const PartitionSetting& setting,
                                       const std::vector<TenantSeed>& seeds);
  [[nodiscard]] absl::Status open_history(const PartitionSetting& setting, PartitionParts* parts);
  // Opens the page of what the process was about when it crashed, and says whether to go on.
  [[nodiscard]] Failure open_suspects(const PartitionSetting& setting, const std::string& folder,
                                      PartitionParts* parts) const;
  // From a snapshot or the whole journal up to its end.
  [[nodiscard]] absl::Status recover(const PartitionSetting& setting, PartitionParts& parts);
  [[nodiscard]] absl::Status save(const PartitionParts& parts, uint64_t free_bytes_min);
  void save_all();
  [[nodiscard]] Failure check_folder() const;
  void start_shards();
  [[nodiscard]] Failure start_http();
  [[nodiscard]] Failure listen();
  void enter(DaemonPhase phase);
  [[nodiscard]] DaemonPhase phase() const;
  [[nodiscard]] std::vector<Trouble> troubles() const;
  // Of the services "acd.journal", "acd.history" and "acd.snapshot"; what has changed goes to the log.
  [[nodiscard]] std::vector<PartHealth> part_health();
  void report_memory(const RpcOptions& options);
  void report_drift(const std::vector<TenantSeed>& seeds);

  const Settings settings_;
  const SegmentJournalOptions journal_options_;
  Observer observer_;
  std::vector<PartitionParts> partitions_;
  std::vector<std::unique_ptr<Shard>> shards_;
  ConfigDrift drift_;
  Directory directory_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<HttpServer> http_;
  HealthLog health_log_;
  std::vector<MemoryLimit> memory_limits_;  // From kServing on.
  SnapshotKeeper snapshots_;
  bool running_ = false;
  bool is_ready_ = false;  // start() went well.
  const double start_unix_s_;

  mutable Mutex phase_mutex_;
  // From kServing on partitions_ stays as it is, and other threads may read it.
  DaemonPhase phase_ ABSL_GUARDED_BY(phase_mutex_) = DaemonPhase::kStarting;
};

}  // namespace acd
