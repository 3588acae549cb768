// SPDX-License-Identifier: Apache-2.0
// The epoch file: one decimal number and a line feed, replaced as a whole.
#include "daemon/storage/ownership.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/storage/file.h"

namespace acd {
namespace {

// A number of 64 bits and its line feed.
constexpr size_t kEpochFileBytesMax = 21;

// 0 when there is no file yet.
absl::StatusOr<uint64_t> read_epoch(const std::string& path) {
  std::string text;
  absl::Status status = read_file(path, kEpochFileBytesMax, &text);
  if (absl::IsNotFound(status)) return 0;
  if (!status.ok()) return status;
  uint64_t epoch = 0;
  const absl::string_view digits(text.data(), text.empty() ? 0 : text.size() - 1);
  if (!absl::EndsWith(text, "\n") || !absl::SimpleAtoi(digits, &epoch) ||
      absl::StrCat(epoch) != digits || epoch == 0 || epoch == UINT64_MAX) {
    return absl::DataLossError(
        absl::StrCat(path, ": not an epoch; expected one number from 1 and a line feed"));
  }
  return epoch;
}

absl::Status write_epoch(Files& files, const std::string& folder, const std::string& path,
                         uint64_t epoch) {
  const std::string draft = absl::StrCat(path, ".draft");
  absl::Status status = files.remove(draft);
  if (!status.ok()) return status;
  {
    absl::StatusOr<std::unique_ptr<File>> file = files.open(draft);
    if (!file.ok()) return file.status();
    std::string text = absl::StrCat(epoch, "\n");
    std::array<iovec, 1> pieces{iovec{text.data(), text.size()}};
    status = write_fully(**file, draft, pieces, 0);
    if (!status.ok()) return status;
    if (const int result = (*file)->sync(); result != 0) {
      return file_error("cannot sync", draft, -result);
    }
  }
  status = files.rename(draft, path);
  if (!status.ok()) return status;
  return files.sync_folder(folder);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileOwnership>> FileOwnership::open(const std::string& folder,
                                                                   uint64_t epoch_last,
                                                                   Files* files) {
  const std::string path = absl::StrCat(folder, "/EPOCH");
  const absl::StatusOr<uint64_t> epoch_read = read_epoch(path);
  if (!epoch_read.ok()) return epoch_read.status();
  const uint64_t epoch = std::max(*epoch_read, epoch_last) + 1;
  const absl::Status status =
      write_epoch(files != nullptr ? *files : posix_files(), folder, path, epoch);
  if (!status.ok()) return status;
  return std::unique_ptr<FileOwnership>(new FileOwnership(epoch));
}

}  // namespace acd
