// SPDX-License-Identifier: Apache-2.0
// Verify and stats. All reading takes no lock: a daemon may be writing, and must not be kept from
// starting.
#include "clients/acdctl/journal.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/journal_text.h"
#include "clients/acdctl/status.h"
#include "clients/acdctl/table.h"
#include "daemon/storage/backup.h"
#include "daemon/storage/segment_reader.h"
#include "daemon/storage/snapshot_file.h"

namespace acd::acdctl {
namespace {

// What all frames of a journal come to.
struct JournalStats {
  struct Kind {
    std::string name;
    uint64_t records = 0;
  };
  uint64_t frames = 0;
  uint64_t records = 0;
  uint64_t payload_bytes = 0;
  uint64_t epoch_first = 0;
  uint64_t epoch_last = 0;
  int64_t now_first_ns = 0;
  int64_t now_last_ns = 0;
  int64_t wall_first_ns = 0;
  int64_t wall_last_ns = 0;
  std::vector<Kind> kinds;  // Those that there are; the most frequent first once all is read.

  void add_frame(const FrameHeader& header, size_t payload_size);
  void add_record(const Record& record);
  // Over the time that passed outside; 0 where that is nothing.
  [[nodiscard]] double records_per_second() const;
};

void JournalStats::add_frame(const FrameHeader& header, size_t payload_size) {
  if (frames++ == 0) {
    epoch_first = header.epoch;
    now_first_ns = header.now_ns;
    wall_first_ns = header.wall_ns;
  }
  records += header.record_count;
  payload_bytes += payload_size;
  epoch_last = header.epoch;
  now_last_ns = header.now_ns;
  wall_last_ns = header.wall_ns;
}

void JournalStats::add_record(const Record& record) {
  const std::string_view name = record_name(record);
  auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.name == name; });
  if (kind == kinds.end()) kind = kinds.insert(kinds.end(), Kind{std::string(name), 0});
  ++kind->records;
}

double JournalStats::records_per_second() const {
  const int64_t span_ns = wall_last_ns - wall_first_ns;
  return span_ns <= 0 ? 0 : static_cast<double>(records) / (static_cast<double>(span_ns) / 1e9);
}

// A journal that was read to its end.
struct Survey {
  std::string folder;
  bool is_open = false;
  Recovery recovery;
  JournalStats stats;

  [[nodiscard]] uint64_t first_sequence() const {
    return recovery.segments.empty() ? recovery.end.next_sequence
                                     : recovery.segments.front().first_sequence;
  }
  [[nodiscard]] std::string name() const {
    return printable(recovery.partition.empty() ? folder : recovery.partition);
  }
};

// What to do about a journal that is not good.
std::string_view advice(const absl::Status& status) {
  if (absl::IsDataLoss(status)) {
    return "keep a copy of the folder, then restore the last backup into a new data folder: acdctl "
           "restore BACKUP DATA_DIR";
  }
  if (absl::IsFailedPrecondition(status)) {
    return "this is no journal that this release can read: look whether the folder is the right "
           "one, and the release not older than the one that wrote it";
  }
  return "look whether the folder is there and may be read";
}

// Reads every frame and every record.
absl::StatusOr<Survey> survey(const std::string& folder) {
  Survey found;
  found.folder = folder;
  found.is_open = is_journal_open(folder);
  absl::StatusOr<Recovery> recovery = survey_segments(folder, "");
  if (!recovery.ok()) return recovery.status();
  found.recovery = *std::move(recovery);
  const auto add_record = [&](const Record& record) {
    found.stats.add_record(record);
    return absl::OkStatus();
  };
  const absl::Status status =
      follow_segments(found.recovery, found.first_sequence(),
                      [&](const FrameHeader& header, std::string_view payload) {
                        found.stats.add_frame(header, payload.size());
                        return read_records(payload, add_record);
                      });
  if (!status.ok()) return status;
  std::stable_sort(found.stats.kinds.begin(), found.stats.kinds.end(),
                   [](const auto& a, const auto& b) { return a.records > b.records; });
  return found;
}

// A snapshot beside a journal.
struct SnapshotLook {
  std::string path;
  absl::StatusOr<SnapshotOrigin> origin;
};

// REQUIRES: before the journal is read, so that a daemon which writes on is not ahead of it.
absl::StatusOr<std::vector<SnapshotLook>> look_at_snapshots(const std::string& folder) {
  const auto paths = list_snapshots(folder);
  if (!paths.ok()) return paths.status();
  std::vector<SnapshotLook> all;
  for (const auto& [sequence, path] : *paths) {
    absl::StatusOr<SnapshotOrigin> origin = read_snapshot_origin(path);
    if (absl::IsNotFound(origin.status())) continue;  // The daemon has removed it since.
    if (origin.ok() && origin->sequence != sequence) {
      origin = absl::DataLossError(
          absl::StrCat(path, ": is of record ", origin->sequence, ", not as its name says"));
    }
    all.push_back({path, std::move(origin)});
  }
  return all;
}

// What a snapshot is beside this journal.
struct SnapshotVerdict {
  const char* word;  // For programs.
  absl::Status status;
};

SnapshotVerdict judge(const SnapshotLook& look, const Survey& found) {
  const absl::StatusOr<SnapshotOrigin>& origin = look.origin;
  const HistoryId& id = found.recovery.history_id;
  if (!origin.ok()) return {"damaged", origin.status()};
  if (origin->partition != found.recovery.partition ||
      origin->history_id != std::string_view(reinterpret_cast<const char*>(id.data()), id.size())) {
    return {"foreign", absl::FailedPreconditionError(absl::StrCat(
                           look.path, ": belongs to another journal than the one beside it"))};
  }
  if (origin->sequence >= found.recovery.end.next_sequence) {
    return {"ahead", absl::DataLossError(absl::StrCat(
                         look.path, ": holds the state after record ", origin->sequence,
                         ", and the journal ends with record ",
                         found.recovery.end.next_sequence - 1, ": durable records are lost"))};
  }
  return {"good", absl::OkStatus()};
}

std::string_view snapshot_advice(const SnapshotVerdict& verdict) {
  if (std::string_view(verdict.word) == "damaged") {
    return "acdd goes on without it while the journal begins with record 1 or another snapshot is "
           "good, and says so; else acdctl restore BACKUP DATA_DIR";
  }
  if (std::string_view(verdict.word) == "foreign") {
    return "acdd does not start on it: put the journal back that it belongs to, or move it away";
  }
  return "acdd does not start on it: acdctl restore BACKUP DATA_DIR, or move the journal's "
         "segments "
         "and this file away";
}

// A journal that begins later has a start begin with a snapshot. One that is in use may have lost
// its beginning since its snapshots were read.
absl::Status check_begin(const Survey& found, const std::vector<SnapshotLook>& snapshots) {
  if (found.first_sequence() == 1 || found.is_open) return absl::OkStatus();
  for (const SnapshotLook& look : snapshots) {
    const bool is_good = judge(look, found).status.ok();
    if (is_good && look.origin->sequence + 1 >= found.first_sequence()) return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(found.folder, ": the journal begins with record ",
                                          found.first_sequence(),
                                          ", and no good snapshot holds what was before"));
}

std::string open_note(const Survey& found) {
  return found.is_open ? " A daemon has it open: read without a lock, as far as it is written."
                       : "";
}

std::string verify_line(const Survey& found) {
  const JournalStats& stats = found.stats;
  if (stats.frames == 0) {
    return absl::StrCat(found.name(), ": good; no record yet.", open_note(found), "\n");
  }
  std::string line =
      absl::StrCat(found.name(), ": good; records ", found.first_sequence(), " to ",
                   found.recovery.end.next_sequence - 1, " in ",
                   count_text(static_cast<int64_t>(found.recovery.segments.size()), "segment"),
                   ", epochs ", stats.epoch_first, " to ", stats.epoch_last, ".");
  if (found.first_sequence() > 1) {
    absl::StrAppend(&line, " Records before ", found.first_sequence(), " were truncated away.");
  }
  if (found.recovery.torn_bytes > 0 && !found.is_open) {
    absl::StrAppend(&line, " A torn tail of ", found.recovery.torn_bytes,
                    " bytes, which nobody was told of, is cut off at the next start.");
  }
  return absl::StrCat(line, open_note(found), "\n");
}

std::string snapshots_json(const Survey& found, const std::vector<SnapshotLook>& snapshots) {
  std::string all;
  for (const SnapshotLook& look : snapshots) {
    JsonObject json;
    json.text("file", std::filesystem::path(look.path).filename().string())
        .text("state", judge(look, found).word);
    if (look.origin.ok()) {
      json.number("sequence", look.origin->sequence).text("release", look.origin->release);
    }
    absl::StrAppend(&all, all.empty() ? "" : ",", json.take());
  }
  return "[" + all + "]";
}

std::string snapshot_lines(const Survey& found, const std::vector<SnapshotLook>& snapshots) {
  std::string lines;
  for (const SnapshotLook& look : snapshots) {
    if (!judge(look, found).status.ok()) continue;
    absl::StrAppend(&lines, found.name(), ": ",
                    printable(std::filesystem::path(look.path).filename().string()),
                    ": good; the state after record ", look.origin->sequence, ", of release ",
                    printable(look.origin->release), ".\n");
  }
  return lines;
}

// With `snapshots` where they were looked at.
std::string stats_json(const Survey& found, const std::vector<SnapshotLook>* snapshots = nullptr) {
  const JournalStats& stats = found.stats;
  const Recovery& recovery = found.recovery;
  JsonObject kinds;
  for (const JournalStats::Kind& kind : stats.kinds) kinds.number(kind.name, kind.records);
  JsonObject json;
  json.text("partition", recovery.partition)
      .text("folder", found.folder)
      .flag("open", found.is_open)
      .text("historyId", to_text(recovery.history_id))
      .number("segments", recovery.segments.size())
      .number("folderBytes", recovery.folder_bytes)
      .number("firstSequence", found.first_sequence())
      .number("nextSequence", recovery.end.next_sequence)
      .number("frames", stats.frames)
      .number("records", stats.records)
      .number("payloadBytes", stats.payload_bytes)
      .number("epochFirst", stats.epoch_first)
      .number("epochLast", stats.epoch_last)
      .number("tornBytes", recovery.torn_bytes);
  if (stats.frames > 0) {
    json.text("timeFirst", time_text(stats.wall_first_ns))
        .text("timeLast", time_text(stats.wall_last_ns))
        .text("routerTimeLast", seconds_text(stats.now_last_ns))
        .raw("recordsPerSecond", absl::StrFormat("%.3f", stats.records_per_second()));
  }
  if (snapshots != nullptr) json.raw("snapshots", snapshots_json(found, *snapshots));
  return json.raw("kinds", kinds.take()).take() + "\n";
}

std::string stats_text(const Survey& found, bool is_colored) {
  const JournalStats& stats = found.stats;
  const Recovery& recovery = found.recovery;
  Table table = Table::without_titles({Align::kLeft, Align::kLeft});
  const auto row = [&](const char* label, std::string value) {
    table.add_row({{label}, {std::move(value)}});
  };
  row("partition", absl::StrCat(found.name(), found.is_open ? " (a daemon has it open)" : ""));
  row("folder", found.folder);
  row("history", to_text(recovery.history_id));
  row("segments", absl::StrCat(recovery.segments.size(), ", ", recovery.folder_bytes, " bytes"));
  if (stats.frames > 0) {
    row("records", absl::StrCat(found.first_sequence(), " to ", recovery.end.next_sequence - 1,
                                " in ", stats.frames, " frames"));
    row("payload", absl::StrFormat("%d bytes, %.1f a record", stats.payload_bytes,
                                   static_cast<double>(stats.payload_bytes) /
                                       static_cast<double>(stats.records)));
    row("epochs", absl::StrCat(stats.epoch_first, " to ", stats.epoch_last));
    row("written",
        absl::StrCat(time_text(stats.wall_first_ns), " to ", time_text(stats.wall_last_ns)));
    row("router time", seconds_text(stats.now_last_ns));
    row("rate", absl::StrFormat("%.1f records/s", stats.records_per_second()));
  }
  row("torn tail", absl::StrCat(recovery.torn_bytes, " bytes"));
  std::string text = table.render(is_colored);
  if (stats.kinds.empty()) return text;
  Table kinds({{"Kind"}, {"Records", Align::kRight}, {"Share", Align::kRight}});
  for (const JournalStats::Kind& kind : stats.kinds) {
    kinds.add_row({{kind.name},
                   {std::to_string(kind.records)},
                   {format_percent(share_percent(static_cast<int64_t>(kind.records),
                                                 static_cast<int64_t>(stats.records)))}});
  }
  return absl::StrCat(text, "\n", kinds.render(is_colored));
}

ExitCode fail_with_advice(const Console& console, const absl::Status& status,
                          std::string_view what_to_do) {
  return fail(console, absl::DataLossError(absl::StrCat(
                           status.message(), "\n  what to do: ", std::string(what_to_do))));
}

// Has `look` survey every journal of the command's folder and print what it finds; goes on after one
// that is damaged. The last code that is not OK.
template <typename Look>
ExitCode for_each_journal(const Arguments& arguments, const Console& console, Look look) {
  const absl::StatusOr<std::vector<std::string>> folders = find_journals(arguments.words[0]);
  if (!folders.ok()) return fail(console, local_error(folders.status()));
  ExitCode result = ExitCode::kOk;
  for (const std::string& folder : *folders) {
    const ExitCode code = look(folder);
    if (code != ExitCode::kOk) result = code;
  }
  return result;
}

ExitCode verify(const std::string& folder, bool is_json, const Console& console) {
  const absl::StatusOr<std::vector<SnapshotLook>> snapshots = look_at_snapshots(folder);
  if (!snapshots.ok()) return fail_with_advice(console, snapshots.status(), advice({}));
  const absl::StatusOr<Survey> found = survey(folder);
  if (!found.ok()) return fail_with_advice(console, found.status(), advice(found.status()));
  ExitCode result =
      print(console, is_json ? stats_json(*found, &*snapshots)
                             : verify_line(*found) + snapshot_lines(*found, *snapshots));
  for (const SnapshotLook& look : *snapshots) {
    const SnapshotVerdict verdict = judge(look, *found);
    if (verdict.status.ok()) continue;
    result = fail_with_advice(console, verdict.status, snapshot_advice(verdict));
  }
  const absl::Status begin = check_begin(*found, *snapshots);
  return begin.ok() ? result : fail_with_advice(console, begin, advice(begin));
}

}  // namespace

ExitCode run_journal_verify(const Arguments& arguments, const Console& console) {
  if (is_backup(arguments.words[0])) {
    const absl::StatusOr<BackupManifest> manifest = verify_backup(arguments.words[0]);
    if (!manifest.ok()) {
      return fail_with_advice(console, manifest.status(),
                              "this cannot be restored: take another backup, and keep an older one "
                              "until then");
    }
    const std::string line = absl::StrCat("backup of ", printable(manifest->taken),
                                          ": whole; every file is as MANIFEST says.\n");
    const ExitCode code = arguments.is_json ? ExitCode::kOk : print(console, line);
    if (code != ExitCode::kOk) return code;
  }
  return for_each_journal(arguments, console, [&](const std::string& folder) {
    return verify(folder, arguments.is_json, console);
  });
}

ExitCode run_journal_stats(const Arguments& arguments, const Console& console) {
  bool is_first = true;
  return for_each_journal(arguments, console, [&](const std::string& folder) {
    const absl::StatusOr<Survey> found = survey(folder);
    const bool is_apart = !std::exchange(is_first, false);
    if (!found.ok()) return fail_with_advice(console, found.status(), advice(found.status()));
    if (arguments.is_json) return print(console, stats_json(*found));
    return print(console,
                 absl::StrCat(is_apart ? "\n" : "", stats_text(*found, arguments.is_colored)));
  });
}

}  // namespace acd::acdctl
