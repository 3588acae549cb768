// SPDX-License-Identifier: Apache-2.0
#include "daemon/checkpoint.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/history/history_writer.h"
#include "daemon/observer.h"
#include "daemon/partition.h"
#include "daemon/storage/file.h"
#include "daemon/storage/lease.h"
#include "daemon/storage/segment_reader.h"
#include "daemon/storage/snapshot_file.h"
#include "routing/check.h"

namespace acd {
namespace {

// The durable part of a journal that may be in use.
class DurablePart final : public Journal {
 public:
  DurablePart(Recovery recovery, uint64_t through)
      : recovery_(std::move(recovery)),
        position_(std::min(recovery_.end.next_sequence - 1, through) + 1) {}

  absl::Status follow(uint64_t from, FrameVisit visit) override {
    if (from >= position()) return absl::OkStatus();
    if (from < first_sequence()) {
      return absl::DataLossError(absl::StrCat(recovery_.segments.front().path,
                                              ": the journal begins with record ", first_sequence(),
                                              "; records from ", from, " on are gone"));
    }
    bool is_over = false;
    const absl::Status status = follow_segments(
        recovery_, from, [&](const FrameHeader& header, std::string_view payload) -> absl::Status {
          is_over = header.first_sequence + header.record_count > position();
          return is_over ? absl::CancelledError() : visit(header, payload);
        });
    return is_over ? absl::OkStatus() : status;
  }
  [[nodiscard]] uint64_t position() const override { return position_; }
  absl::Status start(JournalListener*) override { return read_only(); }
  void append(const FrameHeader&, std::string) override { ACD_CHECK(false && "only read"); }
  absl::Status truncate(uint64_t) override { return read_only(); }
  [[nodiscard]] uint64_t first_sequence() const override {
    return recovery_.segments.empty() ? 1 : recovery_.segments.front().first_sequence;
  }
  void begin_stop() override {}
  void stop() override {}

 private:
  static absl::Status read_only() { return absl::FailedPreconditionError("only read"); }

  const Recovery recovery_;
  const uint64_t position_;
};

// Whether a snapshot belongs to this journal at all.
absl::Status check_origin(const std::string& path, const SnapshotNeeds& needs,
                          const SavedPartition& saved) {
  if (saved.partition != needs.partition) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is of partition \"", saved.partition,
                                                      "\", not of \"", needs.partition, "\""));
  }
  if (saved.history_id != bytes_of(needs.history_id)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": belongs to another journal than the one beside it"));
  }
  if (saved.behaviour_version != kBehaviourVersion && saved.sequence + 1 < needs.position) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": release ", saved.release, " wrote it by the rules of behaviour version ",
        saved.behaviour_version, ", and records ", saved.sequence + 1, " to ", needs.position - 1,
        " of the journal follow; this release decides by version ", kBehaviourVersion,
        " and starts only where the journal ends: run acdd --checkpoint of ", saved.release,
        " once, then start this one"));
  }
  return absl::OkStatus();
}

constexpr absl::string_view kDamagedSuffix = ".damaged";
// Damaged snapshots that are kept for whoever looks into them; of more the newest.
constexpr size_t kDamagedKeptMax = 1;

// Out of the way, and not in that of the next one.
absl::Status put_aside(const std::string& path) {
  absl::Status status = posix_files().rename(path, absl::StrCat(path, kDamagedSuffix));
  std::vector<std::string> damaged;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string found = entry->path().string();
    if (absl::EndsWith(found, kDamagedSuffix)) damaged.push_back(found);
  }
  std::sort(damaged.begin(), damaged.end());  // By their sequences, which have 20 digits.
  for (size_t i = 0; i + kDamagedKeptMax < damaged.size(); ++i) {
    if (status.ok()) status = posix_files().remove(damaged[i]);
  }
  return status;
}

// Looks at one snapshot after the other.
class Chooser {
 public:
  Chooser(const SnapshotNeeds& needs, SnapshotChoice* choice) : needs_(needs), choice_(choice) {}

  // True when `path` is taken; an error when it must not be passed over.
  absl::StatusOr<bool> take(uint64_t sequence, const std::string& path) {
    if (sequence + 1 < needs_.first_sequence) {
      pass_over(absl::DataLossError(
          absl::StrCat(path, ": the journal begins with record ", needs_.first_sequence, " only")));
      return false;
    }
    absl::StatusOr<SavedPartition> saved = read(path);
    if (absl::IsDataLoss(saved.status())) return false;
    if (!saved.ok()) return saved.status();
    const absl::Status status = check_origin(path, needs_, *saved);
    if (!status.ok()) return status;
    // Only what is durable is ever in a snapshot.
    if (sequence >= needs_.position) {
      return absl::DataLossError(absl::StrCat(path, ": holds the state after record ", sequence,
                                              ", and the journal beside it ends with record ",
                                              needs_.position - 1,
                                              ": records that were durable are lost; restore a "
                                              "backup, or move the journal's segments away and the "
                                              "snapshot with them"));
    }
    std::error_code ignored;
    choice_->bytes = std::filesystem::file_size(path, ignored);
    choice_->saved = *std::move(saved);
    return true;
  }
  // Reads one; a damaged one is told of and not to be used.
  absl::StatusOr<SavedPartition> read(const std::string& path) {
    absl::StatusOr<SavedPartition> saved = read_snapshot(path);
    if (absl::IsDataLoss(saved.status())) {
      choice_->unusable.push_back(path);
      pass_over(saved.status());
    }
    return saved;
  }
  // Why the first one could not be taken.
  [[nodiscard]] const absl::Status& why() const { return why_; }

 private:
  void pass_over(const absl::Status& status) {
    if (why_.ok()) why_ = status;
    choice_->notes.push_back(absl::StrCat("a snapshot is passed over: ", status.message()));
  }

  const SnapshotNeeds& needs_;
  SnapshotChoice* const choice_;
  absl::Status why_;
};

absl::Status can_be_restored(const std::string& path, const std::string& partition) {
  absl::StatusOr<SavedPartition> saved = read_snapshot(path);
  if (!saved.ok()) return saved.status();
  Observer observer;
  const std::unique_ptr<HistoryWriter> history = HistoryWriter::without_file();
  PartitionOptions options;
  options.name = partition;
  options.history = history.get();
  Partition restored(options, ClockMode::kDriven, nullptr, nullptr, &observer);
  return restored.restore(*std::move(saved));  // It compares the state hash.
}

// Fills the file where there is one, and only folds where there is none.
absl::StatusOr<std::unique_ptr<HistoryWriter>> open_history_of(const CheckpointOptions& options,
                                                               const HistoryId& journal,
                                                               uint64_t last_sequence) {
  if (options.history_path.empty()) return HistoryWriter::without_file();
  HistoryOptions history;
  history.path = options.history_path;
  history.origin = {to_text(journal), options.partition};
  history.days = static_cast<int32_t>(kHistoryDaysMax);  // How many are kept says the daemon.
  return HistoryWriter::open(std::move(history), last_sequence);
}

// Writes what waits. An error names the file when it does not reach the journal's end then.
absl::Status finish_history(const CheckpointOptions& options, uint64_t last_sequence,
                            HistoryWriter* history) {
  if (options.history_path.empty()) return absl::OkStatus();
  const absl::Status status = history->finish();
  const uint64_t written = history->status().written_sequence;
  if (status.ok() && written >= last_sequence) return absl::OkStatus();
  return absl::Status(
      status.ok() ? absl::StatusCode::kUnavailable : status.code(),
      absl::StrCat(options.history_path, ": ends at record ", written, ", the journal at ",
                   last_sequence, ", and a snapshot is not written ahead of history: ",
                   status.ok() ? "it could not be written for a while, try again"
                               : std::string(status.message())));
}

}  // namespace

absl::StatusOr<SnapshotChoice> choose_snapshot(const std::string& folder,
                                               const SnapshotNeeds& needs) {
  const auto found = list_snapshots(folder);
  if (!found.ok()) return found.status();
  SnapshotChoice choice;
  Chooser chooser(needs, &choice);
  for (auto it = found->rbegin(); it != found->rend(); ++it) {
    if (it->first > needs.history_sequence && it->first < needs.position) {
      // Not taken, but nobody shall believe in a damaged one.
      const absl::Status status = chooser.read(it->second).status();
      if (!status.ok() && !absl::IsDataLoss(status)) return status;
      continue;
    }
    const absl::StatusOr<bool> is_taken = chooser.take(it->first, it->second);
    if (!is_taken.ok()) return is_taken.status();
    if (*is_taken) return choice;
  }
  if (needs.first_sequence == 1 && !needs.begins_by_other_rules) return choice;
  // History cannot be whole any more: as much of it as there is.
  for (const auto& [sequence, path] : *found) {
    if (sequence <= needs.history_sequence) continue;
    const absl::StatusOr<bool> is_taken = chooser.take(sequence, path);
    if (!is_taken.ok()) return is_taken.status();
    if (!*is_taken) continue;
    choice.notes.push_back(absl::StrCat("history misses records ", needs.history_sequence + 1,
                                        " to ", sequence,
                                        ": its file was not there or went back, and the journal "
                                        "begins later or with records of other rules"));
    return choice;
  }
  if (!chooser.why().ok()) return chooser.why();
  if (needs.first_sequence == 1) return choice;  // The replay says whose rules those are.
  return absl::DataLossError(absl::StrCat(folder, ": the journal begins with record ",
                                          needs.first_sequence,
                                          ", and there is no snapshot of what was before"));
}

absl::Status set_aside(const std::vector<std::string>& unusable) {
  absl::Status status;
  for (const std::string& path : unusable) {
    if (status.ok()) status = put_aside(path);
  }
  return status;
}

std::string_view bytes_of(const HistoryId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

absl::Status put_snapshot(const std::string& folder, const SavedPartition& saved,
                          uint64_t free_bytes_min) {
  // What is cut away on the strength of it is nowhere else: it must give the state back.
  return write_snapshot(
      snapshot_path(folder, saved.sequence), saved, nullptr, free_bytes_min,
      [&](const std::string& draft) { return can_be_restored(draft, saved.partition); });
}

absl::Status remove_snapshots(const std::string& folder, uint64_t before) {
  const auto found = list_snapshots(folder);
  if (!found.ok()) return found.status();
  const absl::StatusOr<bool> is_leased = is_journal_leased(folder);
  if (!is_leased.ok()) return is_leased.status();
  absl::Status status;
  for (const auto& [sequence, path] : *found) {
    if (sequence < before && !*is_leased && status.ok()) status = posix_files().remove(path);
  }
  return status;
}

absl::StatusOr<Checkpoint> write_checkpoint(const CheckpointOptions& options) {
  // Before the work of a replay.
  const absl::Status room = check_room(posix_files(), options.folder, 0, options.free_bytes_min);
  if (!room.ok()) return room;
  const absl::StatusOr<std::unique_ptr<JournalLease>> lease = JournalLease::take(options.folder);
  if (!lease.ok()) return lease.status();
  absl::StatusOr<Recovery> recovery = survey_segments(options.folder, options.partition);
  if (!recovery.ok()) return recovery.status();
  const HistoryId history_id = recovery->history_id;
  // With --durability none it may be in memory alone; nothing is written ahead of the disk.
  for (const Segment& segment : recovery->segments) {
    absl::Status status = sync_path(segment.path);
    if (!status.ok()) return status;
  }
  DurablePart journal(*std::move(recovery), options.through);
  const uint64_t last = journal.position() - 1;
  const auto history = open_history_of(options, history_id, last);
  if (!history.ok()) return history.status();
  SnapshotNeeds needs{options.partition, history_id, journal.first_sequence(), journal.position()};
  if (!options.history_path.empty()) needs.history_sequence = (*history)->status().written_sequence;
  absl::StatusOr<SnapshotChoice> before = choose_snapshot(options.folder, needs);
  if (!before.ok()) return before.status();
  const uint64_t sequence_before = before->saved.has_value() ? before->saved->sequence : 0;
  Checkpoint result{sequence_before, last, false, std::move(before->notes)};
  if (last <= sequence_before) return result;

  Observer observer(ObserverThread::kCallers);
  PartitionOptions partition_options;
  partition_options.name = options.partition;
  partition_options.history = history->get();
  // Nobody is served: time is that of the journal.
  Partition replayed(partition_options, ClockMode::kDriven, &journal, nullptr, &observer);
  absl::Status status;
  if (before->saved.has_value()) status = replayed.restore(*std::move(before->saved));
  // Without a limit the whole journal is wanted, and its end alone.
  const uint64_t window = options.through == UINT64_MAX
                              ? 0
                              : std::min(kCheckpointWindow, (last - sequence_before) / 10);
  const uint64_t wanted = std::max(sequence_before + 1, last - std::min(last, window));
  if (status.ok()) {
    status = replayed.recover([&] {
      if ((*history)->status().is_full) return true;
      return replayed.last_sequence() >= wanted && replayed.is_quiet();
    });
  }
  result.is_new = status.ok() && replayed.last_sequence() > sequence_before && replayed.is_quiet();
  SavedPartition saved;
  if (result.is_new) saved = replayed.save();
  observer.stop();
  if (status.ok()) status = finish_history(options, last, history->get());
  if (!status.ok()) return status;
  if (!result.is_new) return result;
  saved.history_id = bytes_of(history_id);
  saved.release = options.release;
  status = put_snapshot(options.folder, saved, options.free_bytes_min);
  if (!status.ok()) return status;
  result.sequence = saved.sequence;
  return result;
}

}  // namespace acd
