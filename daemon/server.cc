// SPDX-License-Identifier: Apache-2.0
#include "daemon/server.h"

#include <absl/strings/str_cat.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "daemon/checkpoint.h"
#include "daemon/config/config_tables.h"
#include "daemon/storage/backup.h"
#include "daemon/storage/records.h"
#include "daemon/storage/snapshot_file.h"

namespace acd {
namespace {

// Where a tenant runs and is read.
struct TenantPlace {
  std::string id;
  TenantIndex index;
  uint32_t partition = 0;  // Within the shard.
  Inbox* inbox = nullptr;
  Observer::BoardId board = 0;
  std::string history_id;  // As bytes.
};

// One tenant as the edges reach it.
class TenantHandle final : public TenantPort {
 public:
  TenantHandle(TenantPlace place, Observer* observer, ConfigDrift* drift)
      : place_(std::move(place)), observer_(observer), drift_(drift) {}

  PushResult submit(std::unique_ptr<Batch>& batch) override {
    batch->tenant = place_.index;
    batch->partition = place_.partition;
    if (batch->change != nullptr) note_etag(*batch->change);
    return place_.inbox->push(batch);
  }
  bool read(Visit visit) override { return observer_->read(place_.board, std::move(visit)); }
  void watch(std::shared_ptr<Watcher> watcher) override {
    observer_->watch(place_.board, std::move(watcher));
  }
  const std::string& history_id() const override { return place_.history_id; }

 private:
  // What comes into force may settle a drift, or be one.
  void note_etag(TableChange& change) {
    if (change.kind != CommandKind::kConfigure || change.validate_only) return;
    change.reply = [this, reply = std::move(change.reply)](const TableAnswer& answer) mutable {
      const bool is_in_force = answer.outcome == TableAnswer::Outcome::kDone && !answer.is_repeat;
      if (is_in_force) drift_->set_etag(place_.id, answer.etag);
      reply(answer);
    };
  }

  const TenantPlace place_;
  Observer* const observer_;
  ConfigDrift* const drift_;
};

SnapshotKeeperOptions with_settings(SnapshotKeeperOptions options, const Settings& settings) {
  options.every_records = settings.snapshot_every;
  return options;
}

Server::Failure failure(ExitCode code, const absl::Status& status) {
  return {code, std::string(status.message())};
}

// Nothing where `path` is empty.
Server::Failure write_port_file(const char* setting, const std::string& path,
                                const std::string& text) {
  if (path.empty()) return {};
  // Written aside and renamed: a reader never sees half of it.
  const std::string aside = path + ".new";
  std::ofstream file(aside);
  file << text << std::flush;
  if (file.good() && std::rename(aside.c_str(), path.c_str()) == 0) return {};
  return {ExitCode::kWrongSettings, absl::StrCat(setting, ": cannot write ", path)};
}

// Nothing is wrong with the data when there is only no room to go on with it.
Server::Failure storage_failure(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return failure(ExitCode::kBadData, status);
  return {ExitCode::kStorageFull,
          absl::StrCat(status.message(), "; free space or raise the quota, then start again")};
}

}  // namespace

Server::Server(Settings settings, SegmentJournalOptions journal, SnapshotKeeperOptions snapshots)
    : settings_(std::move(settings)),
      journal_options_(std::move(journal)),
      snapshots_(with_settings(std::move(snapshots), settings_)),
      start_unix_s_(
          std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
              .count()) {}

Server::~Server() { stop(); }

Server::Failure Server::start() {
  absl::StatusOr<std::vector<TenantSeed>> seeds = read_config_file(settings_.config_file);
  if (!seeds.ok()) return failure(ExitCode::kWrongConfig, seeds.status());
  Failure forgotten = check_folder();
  if (forgotten.exit_code != ExitCode::kOk) return forgotten;
  running_ = true;
  // First, so that a probe learns of a long replay.
  Failure unheard = start_http();
  if (unheard.exit_code != ExitCode::kOk) return unheard;
  observer_.start();
  for (const PartitionSetting& setting : settings_.partitions) {
    Failure failed = open_partition(setting, *seeds);
    if (failed.exit_code != ExitCode::kOk) return failed;
  }
  report_drift(*seeds);
  start_shards();
  Failure deaf = listen();
  if (deaf.exit_code == ExitCode::kOk) enter(DaemonPhase::kServing);
  is_ready_ = deaf.exit_code == ExitCode::kOk;
  return deaf;
}

Server::Failure Server::start_http() {
  if (settings_.http_listen.empty()) return {};
  HttpOptions options;
  options.listen = settings_.http_listen;
  options.hosts = settings_.http_hosts;
  options.figures = [this] { return figures(); };
  options.gather = [this](auto done) { gather(std::move(done)); };
  options.files = wallboard_files();
  http_ = std::make_unique<HttpServer>(std::move(options));
  const absl::Status status = http_->start();
  if (!status.ok()) return failure(ExitCode::kCannotListen, status);
  spdlog::info("http: address={} pages=\"/ /metrics /healthz /readyz\"", http_->address());
  return write_port_file("--http-port-file", settings_.http_port_file, http_->address() + "\n");
}

// A partition that the settings no longer name would be out of service without a word, and a backup
// that a daemon has written to is none any more.
Server::Failure Server::check_folder() const {
  std::error_code error;
  if (is_backup(settings_.data_dir)) {
    return {ExitCode::kBadData,
            absl::StrCat("--data-dir ", settings_.data_dir, " is a backup; acdctl restore ",
                         settings_.data_dir, " DATA_DIR makes a data folder of it")};
  }
  for (const auto& entry : std::filesystem::directory_iterator(settings_.data_dir, error)) {
    const std::string name = entry.path().filename().string();
    const bool named =
        std::any_of(settings_.partitions.begin(), settings_.partitions.end(),
                    [&](const PartitionSetting& partition) { return partition.name == name; });
    if (entry.is_directory() && !named) {
      return {ExitCode::kBadData,
              absl::StrCat("--data-dir ", settings_.data_dir, " holds a partition \"", name,
                           "\" that no --partition names; name it, or move its folder away")};
    }
  }
  return {};
}

Server::Failure Server::open_partition(const PartitionSetting& setting,
                                       const std::vector<TenantSeed>& seeds) {
  std::vector<TenantSeed> own_seeds;
  for (const TenantSeed& seed : seeds) {
    const std::string id(tenant_id_of(seed.config.name()));
    if (setting.tenants.empty() ||
        std::find(setting.tenants.begin(), setting.tenants.end(), id) != setting.tenants.end()) {
      own_seeds.push_back(seed);
    }
  }
  for (const std::string& id : setting.tenants) {
    const bool known = std::any_of(own_seeds.begin(), own_seeds.end(), [&](const TenantSeed& seed) {
      return tenant_id_of(seed.config.name()) == id;
    });
    if (!known) {
      return {ExitCode::kWrongSettings, absl::StrCat("--partition ", setting.name, ": no tenant \"",
                                                     id, "\" in ", settings_.config_file)};
    }
  }
  std::error_code error;
  if (std::filesystem::create_directories(settings_.data_dir, error)) {
    std::filesystem::permissions(settings_.data_dir, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return {ExitCode::kBadData,
            absl::StrCat("--data-dir ", settings_.data_dir, ": cannot be made: ", error.message())};
  }
  PartitionParts parts;
  SegmentJournalOptions options = journal_options_;
  options.folder = absl::StrCat(settings_.data_dir, "/", setting.name);
  options.partition = setting.name;
  parts.folder = options.folder;
  options.durability = settings_.durability;
  options.bytes_max = settings_.journal_bytes_max;
  options.segment_bytes = settings_.journal_segment_bytes;
  options.thread_number = static_cast<uint32_t>(partitions_.size());
  absl::StatusOr<std::unique_ptr<SegmentJournal>> journal = SegmentJournal::open(options);
  if (!journal.ok()) return storage_failure(journal.status());
  parts.journal = *std::move(journal);
  if (parts.journal->torn_bytes() > 0) {
    spdlog::warn("journal had a torn tail, cut off: partition={} bytes={}", setting.name,
                 parts.journal->torn_bytes());
  }
  absl::StatusOr<std::unique_ptr<FileOwnership>> ownership =
      FileOwnership::open(options.folder, parts.journal->epoch(), options.files);
  if (!ownership.ok()) return storage_failure(ownership.status());
  parts.ownership = *std::move(ownership);
  if (absl::Status opened = open_history(setting, &parts); !opened.ok()) {
    return storage_failure(opened);
  }
  if (Failure failed = open_suspects(setting, options.folder, &parts);
      failed.exit_code != ExitCode::kOk) {
    return failed;
  }
  PartitionOptions partition_options;
  partition_options.name = setting.name;
  partition_options.release = release_text();
  partition_options.history = parts.history.get();
  partition_options.suspects = parts.suspects.get();
  parts.partition =
      std::make_unique<Partition>(partition_options, settings_.clock_mode, parts.journal.get(),
                                  parts.ownership.get(), &observer_);
  absl::Status status = parts.journal->settle();  // Before history gets any of it.
  if (status.ok()) status = recover(setting, parts);
  if (status.ok()) status = parts.partition->start(own_seeds);
  partitions_.push_back(std::move(parts));  // Also when it failed: stop() closes its journal.
  if (!status.ok()) return storage_failure(status);
  return {};
}

Server::Failure Server::open_suspects(const PartitionSetting& setting, const std::string& folder,
                                      PartitionParts* parts) const {
  absl::StatusOr<std::unique_ptr<Suspects>> suspects =
      Suspects::open(folder, parts->journal->history_id());
  if (!suspects.ok()) return storage_failure(suspects.status());
  parts->suspects = *std::move(suspects);
  if (!parts->suspects->ignored().empty()) {
    spdlog::warn("page of suspects is not trusted, begun anew: file={} why=\"{}\"",
                 parts->suspects->path(), parts->suspects->ignored());
  }
  const absl::Status status = parts->suspects->may_start(setting.name, parts->journal->position());
  if (!status.ok()) return failure(ExitCode::kPoisoned, status);
  return {};
}

namespace {

// Whether the first release that wrote it had other rules than this one.
bool begins_by_other_rules(SegmentJournal& journal) {
  bool is_found = false;
  bool is_other = false;
  if (journal.first_sequence() > 1) return false;
  const absl::Status status =
      journal.follow(1, [&](const FrameHeader&, std::string_view payload) -> absl::Status {
        const absl::Status read = read_records(payload, [&](const Record& record) {
          if (is_found || record.kind != RecordKind::kCommand) return absl::OkStatus();
          is_found = record.command.kind == CommandKind::kSeeded;
          is_other = is_found && record.command.number != static_cast<int32_t>(kBehaviourVersion);
          return absl::OkStatus();
        });
        return is_found ? absl::CancelledError() : read;
      });
  static_cast<void>(status);  // What cannot be read is told by the replay.
  return is_other;
}

}  // namespace

absl::Status Server::recover(const PartitionSetting& setting, PartitionParts& parts) {
  const int64_t began_ns = monotonic_ns();
  SnapshotNeeds needs{setting.name, parts.journal->history_id(), parts.journal->first_sequence(),
                      parts.journal->position()};
  if (settings_.keeps_history) needs.history_sequence = parts.history->status().written_sequence;
  needs.begins_by_other_rules = begins_by_other_rules(*parts.journal);
  absl::StatusOr<SnapshotChoice> choice = choose_snapshot(parts.folder, needs);
  if (!choice.ok()) return choice.status();
  for (const std::string& note : choice->notes) spdlog::warn("{}", note);
  const bool has_snapshot = choice->saved.has_value();
  const bool is_of_other_rules =
      has_snapshot && choice->saved->behaviour_version != kBehaviourVersion;
  absl::Status status = remove_snapshot_drafts(parts.folder);  // Of a writer that was killed.
  if (status.ok()) status = set_aside(choice->unusable);
  if (status.ok() && has_snapshot) status = parts.partition->restore(*std::move(choice->saved));
  const uint64_t restored = parts.partition->last_sequence();
  if (status.ok()) status = parts.partition->recover();
  // What follows is decided by other rules than the snapshot was: it must say so before that.
  if (status.ok() && is_of_other_rules) status = save(parts, 0);
  if (!status.ok()) return status;
  const uint64_t records = parts.partition->replayed_records();
  if (records > 0 || has_snapshot) {
    spdlog::info("journal replayed: partition={} snapshot={} records={} seconds={:.3f}",
                 setting.name, restored, records,
                 static_cast<double>(monotonic_ns() - began_ns) / static_cast<double>(kNsPerS));
  }
  return status;
}

absl::Status Server::save(const PartitionParts& parts, uint64_t free_bytes_min) {
  SavedPartition saved = parts.partition->save();
  saved.history_id = bytes_of(parts.journal->history_id());
  saved.release = release_text();
  return put_snapshot(parts.folder, saved, free_bytes_min);
}

// At the journal's end, where the next start begins then. Nothing is lost without it.
void Server::save_all() {
  for (const PartitionParts& parts : partitions_) {
    const uint64_t last = parts.partition->last_sequence();
    const bool is_durable = last > 0 && parts.partition->durable_sequence() == last;
    if (!is_durable || !parts.partition->is_quiet()) continue;
    absl::Status status;
    if (settings_.durability == Durability::kNone) status = parts.journal->sync_all();
    if (status.ok()) {
      status = save(parts, snapshots_.free_bytes_min(parts.partition->space()));
    }
    if (!status.ok()) {
      spdlog::warn("no snapshot at the stop, the next start replays more: error=\"{}\"",
                   std::string(status.message()));
    }
  }
}

absl::Status Server::open_history(const PartitionSetting& setting, PartitionParts* parts) {
  if (!settings_.keeps_history) {
    // Snapshots hold what it has open all the same, so that it can be turned on later.
    parts->history = HistoryWriter::without_file();
    return absl::OkStatus();
  }
  HistoryOptions options;
  options.path = absl::StrCat(settings_.data_dir, "/", setting.name, "/", kHistoryFileName);
  options.origin = {to_text(parts->journal->history_id()), setting.name};
  options.days = static_cast<int32_t>(settings_.history_days);
  absl::StatusOr<std::unique_ptr<HistoryWriter>> history =
      HistoryWriter::open(std::move(options), parts->journal->position() - 1);
  if (!history.ok()) return history.status();
  parts->history = *std::move(history);
  return absl::OkStatus();
}

void Server::report_drift(const std::vector<TenantSeed>& seeds) {
  // What is in force comes from the journal; the file only seeded it.
  for (const TenantSeed& seed : seeds) {
    drift_.set_file_etag(std::string(tenant_id_of(seed.config.name())), config_etag(seed.config));
  }
  for (const PartitionParts& parts : partitions_) {
    for (const Partition::TenantInfo& tenant : parts.partition->tenants()) {
      drift_.set_etag(tenant.id, tenant.config_etag);
    }
  }
  for (const ConfigDrift::Entry& entry : drift_.entries()) {
    spdlog::warn("{}: tenant={} file_etag={} etag={} advice=\"{}\"", ConfigDrift::title(entry.kind),
                 entry.tenant, entry.file_etag.empty() ? "none" : entry.file_etag,
                 entry.etag.empty() ? "none" : entry.etag,
                 ConfigDrift::advice(entry.kind, settings_.config_file));
  }
}

void Server::start_shards() {
  const uint32_t count = std::min(settings_.shard_count, static_cast<uint32_t>(partitions_.size()));
  std::vector<std::vector<Partition*>> of_shard(count);
  for (size_t i = 0; i < partitions_.size(); ++i) {
    of_shard[i % count].push_back(partitions_[i].partition.get());
  }
  ShardOptions options;
  options.inbox_batches_max =
      inbox_batches_max(settings_.switch_streams_max + settings_.agent_streams_max);
  for (uint32_t i = 0; i < count; ++i) {
    options.number = i;
    shards_.push_back(std::make_unique<Shard>(options, of_shard[i]));
  }
  for (size_t i = 0; i < partitions_.size(); ++i) {
    for (const Partition::TenantInfo& tenant : partitions_[i].partition->tenants()) {
      TenantPlace place{tenant.id,
                        tenant.index,
                        static_cast<uint32_t>(i / count),
                        &shards_[i % count]->inbox(),
                        tenant.board,
                        std::string(bytes_of(partitions_[i].journal->history_id()))};
      directory_[tenant.id] = std::make_unique<TenantHandle>(std::move(place), &observer_, &drift_);
    }
  }
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const PartitionParts& parts = partitions_[i];
    snapshots_.add({settings_.partitions[i].name, parts.folder, parts.journal.get(),
                    parts.partition.get(),
                    settings_.keeps_history ? parts.history.get() : nullptr});
  }
  for (const std::unique_ptr<Shard>& shard : shards_) shard->start();
}

void Server::report_memory(const RpcOptions& options) {
  memory_limits_ = memory_limits(options);
  memory_limits_.push_back({"watch_tails", Observer::kTailsBytesMax});
  // Beside their texts, and those of the one turn that may come on top.
  memory_limits_.push_back({"unfolded_events", Observer::kEventsMax * sizeof(Event)});
  memory_limits_.push_back({"histograms", kHistogramBytesMax});
  if (http_ != nullptr) memory_limits_.push_back(http_memory_limit(HttpOptions()));
  // As much is being written as waits.
  memory_limits_.push_back(
      {"journal_queues", partitions_.size() * 2 * journal_options_.queue_bytes_max});
  uint64_t sum = 0;
  std::string parts;
  for (const MemoryLimit& limit : memory_limits_) {
    sum += limit.bytes;
    absl::StrAppend(&parts, " ", limit.part, "=", limit.bytes);
  }
  spdlog::info("memory that may be used beside the state of tenants: bytes={}{}", sum, parts);
}

Server::Failure Server::listen() {
  RpcOptions options;
  options.listen = settings_.listen;
  options.driven_clock = settings_.clock_mode == ClockMode::kDriven;
  options.switch_streams_max = settings_.switch_streams_max;
  options.agent_streams_max = settings_.agent_streams_max;
  options.is_config_drifting = [this] { return !drift_.entries().empty(); };
  options.part_health = [this] { return part_health(); };
  options.before_shutdown = [this] {
    if (http_ != nullptr) http_->end_calls();
  };
  report_memory(options);
  rpc_ = std::make_unique<RpcServer>(options, directory_);
  absl::Status status = rpc_->start();
  if (!status.ok()) return failure(ExitCode::kCannotListen, status);
  if (http_ != nullptr) http_->serve_calls(rpc_->channel());
  std::string text;
  for (const std::string& address : rpc_->addresses()) absl::StrAppend(&text, address, "\n");
  return write_port_file("--port-file", settings_.port_file, text);
}

void Server::tend() { snapshots_.tend(monotonic_ns()); }

void Server::stop() {
  if (!running_) return;
  running_ = false;
  enter(DaemonPhase::kStopping);
  snapshots_.stop();
  observer_.stop_waiting_for_history();
  if (rpc_ != nullptr) rpc_->stop();
  // A shard may stand in append() for want of space: not for ever any more.
  for (const PartitionParts& parts : partitions_) parts.journal->begin_stop();
  for (const std::unique_ptr<Shard>& shard : shards_) shard->stop();
  for (const PartitionParts& parts : partitions_) {
    parts.journal->stop();
    // Somebody has seen to the daemon: what was refused may be tried again, by a better release.
    if (is_ready_) parts.suspects->forget_all();
  }
  if (is_ready_) save_all();
  observer_.stop();
  snapshots_.settle();
  if (http_ != nullptr) http_->stop();
}

JournalSpace Server::space() const {
  JournalSpace least = JournalSpace::kEnough;
  for (const PartitionParts& parts : partitions_) {
    least = std::max(least, parts.partition->space());
  }
  return least;
}

uint64_t Server::state_hash() const {
  Hash64 hash;
  for (const PartitionParts& parts : partitions_) hash.add(parts.partition->state_hash());
  return hash.value();
}

std::vector<SnapshotState> Server::snapshot_state() const { return snapshots_.states(); }

std::vector<HistoryStatus> Server::history_status() const {
  std::vector<HistoryStatus> all;
  if (!settings_.keeps_history) return all;
  for (const PartitionParts& parts : partitions_) {
    all.push_back(parts.history->status());
  }
  return all;
}

std::vector<std::string> Server::addresses() const {
  return rpc_ == nullptr ? std::vector<std::string>() : rpc_->addresses();
}

}  // namespace acd
