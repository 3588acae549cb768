// SPDX-License-Identifier: Apache-2.0
// Backup and restore.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <vector>

#include "clients/acdctl/commands.h"
#include "clients/acdctl/journal.h"
#include "clients/acdctl/journal_text.h"
#include "clients/acdctl/status.h"
#include "clients/acdctl/table.h"
#include "daemon/history/history_copy.h"
#include "daemon/history/history_file.h"
#include "daemon/storage/backup.h"

namespace acd::acdctl {
namespace {

// The backup takes what the daemon leaves of a core to it.
constexpr int kBackupNice = 10;

std::vector<FoldedFile> folded_files() {
  return {{BackupFileKind::kHistory, kHistoryFileName, copy_history,
           [](const std::string& path, const HistoryId& history_id) {
             return move_history(path, to_text(history_id));
           }}};
}

bool holds(const PartitionBackup& partition, BackupFileKind kind) {
  return std::any_of(partition.files.begin(), partition.files.end(),
                     [&](const BackupFile& file) { return file.kind == kind; });
}

std::string partition_json(const PartitionBackup& partition) {
  JsonObject json;
  json.text("partition", partition.partition)
      .text("historyId", to_text(partition.history_id))
      .number("firstSequence", partition.first_sequence)
      .number("nextSequence", partition.next_sequence)
      .number("epoch", partition.epoch)
      .flag("history", holds(partition, BackupFileKind::kHistory))
      .flag("snapshot", holds(partition, BackupFileKind::kSnapshot))
      .number("files", partition.files.size())
      .number("bytes", partition.bytes());
  return json.take();
}

std::string manifest_json(const BackupManifest& manifest) {
  std::string partitions;
  for (const PartitionBackup& partition : manifest.partitions) {
    absl::StrAppend(&partitions, partitions.empty() ? "" : ",", partition_json(partition));
  }
  return JsonObject()
             .text("taken", manifest.taken)
             .raw("partitions", "[" + partitions + "]")
             .take() +
         "\n";
}

std::string manifest_text(const BackupManifest& manifest) {
  std::string text;
  for (const PartitionBackup& partition : manifest.partitions) {
    const std::string records = partition.next_sequence == partition.first_sequence
                                    ? "no record yet"
                                    : absl::StrCat("records ", partition.first_sequence, " to ",
                                                   partition.next_sequence - 1);
    absl::StrAppend(&text, printable(partition.partition), ": ", records, ", ",
                    holds(partition, BackupFileKind::kHistory) ? "history, " : "",
                    holds(partition, BackupFileKind::kSnapshot) ? "snapshot, " : "",
                    count_text(static_cast<int64_t>(partition.files.size()), "file"), ", ",
                    partition.bytes(), " bytes\n");
  }
  return text;
}

}  // namespace

ExitCode run_backup(const Arguments& arguments, const Console& console) {
  ::setpriority(PRIO_PROCESS, 0, kBackupNice);  // Without it all goes on, only less politely.
  const absl::StatusOr<BackupManifest> manifest =
      back_up(arguments.words[0], arguments.words[1], folded_files());
  if (!manifest.ok()) return fail(console, local_error(manifest.status()));
  if (arguments.is_json) return print(console, manifest_json(*manifest));
  return print(console, absl::StrCat("Backup in ", printable(arguments.words[1]), ":\n",
                                     manifest_text(*manifest)));
}

ExitCode run_restore(const Arguments& arguments, const Console& console) {
  const absl::StatusOr<BackupManifest> manifest =
      restore_backup(arguments.words[0], arguments.words[1], folded_files());
  if (!manifest.ok()) return fail(console, local_error(manifest.status()));
  if (arguments.is_json) return print(console, manifest_json(*manifest));
  return print(console, absl::StrCat("Restored into ", printable(arguments.words[1]), ", as of ",
                                     printable(manifest->taken), ":\n", manifest_text(*manifest),
                                     "Switches are to connect with a new epoch: what they were "
                                     "told after the backup is not in it.\n"));
}

}  // namespace acd::acdctl
