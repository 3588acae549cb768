// SPDX-License-Identifier: Apache-2.0
#include "daemon/storage/snapshot_backup.h"

#include <absl/strings/str_cat.h>

#include <string_view>

#include "daemon/storage/snapshot_file.h"

namespace acd {
namespace {

// The record that says whose the snapshot is, with the history id in its field 2 (README.md).
constexpr uint8_t kSnapshotHeadRecord = 1;
constexpr char kHistoryIdTag = 2 << 3 | 2;

// The field as it stands among the bytes of the record.
std::string id_field(const HistoryId& id) {
  std::string field = {kHistoryIdTag, static_cast<char>(id.size())};
  field.append(reinterpret_cast<const char*>(id.data()), id.size());
  return field;
}

}  // namespace

absl::Status move_snapshot(const std::string& path, const HistoryId& from, const HistoryId& to) {
  const std::string old_field = id_field(from);
  SnapshotWriter writer(path);
  int moved = 0;
  absl::Status status =
      read_snapshot_file(path, [&](uint8_t kind, std::string_view bytes) -> absl::Status {
        const size_t at =
            kind == kSnapshotHeadRecord ? bytes.find(old_field) : std::string_view::npos;
        if (at == std::string_view::npos) return writer.add(kind, bytes);
        ++moved;
        std::string changed(bytes);
        changed.replace(at, old_field.size(), id_field(to));
        return writer.add(kind, changed);
      });
  if (!status.ok()) return status;
  if (moved != 1) {
    return absl::DataLossError(absl::StrCat(
        path, ": does not belong to the journal beside it, whose history id is ", to_text(from)));
  }
  return writer.finish();
}

}  // namespace acd
