// SPDX-License-Identifier: Apache-2.0
// What the journal asks of the file system when it writes, so that tests can make it fail.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace acd {

// Of what is made in a data folder or a backup: it holds numbers and names of people.
inline constexpr mode_t kPrivateFileMode = 0600;
inline constexpr mode_t kPrivateFolderMode = 0700;

// A file open for writing.
class File {
 public:
  virtual ~File() = default;
  // As pwritev(2), repeated when interrupted: bytes written, perhaps fewer than asked, or -errno.
  [[nodiscard]] virtual ssize_t write(std::span<const iovec> pieces, uint64_t offset) = 0;
  // As fdatasync(2): 0 or -errno.
  [[nodiscard]] virtual int sync() = 0;
};

// The folder a journal lives in. posix_files() is the real one.
class Files {
 public:
  virtual ~Files() = default;
  // Opens `path` for writing and creates it, for its owner alone, when it is missing.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<File>> open(const std::string& path) = 0;
  [[nodiscard]] virtual absl::Status rename(const std::string& from, const std::string& to) = 0;
  // A file that is not there counts as removed.
  [[nodiscard]] virtual absl::Status remove(const std::string& path) = 0;
  // Bytes that we may still write on the file system of `folder`.
  [[nodiscard]] virtual absl::StatusOr<uint64_t> free_bytes(const std::string& folder) = 0;
  // Makes names in `folder` durable.
  [[nodiscard]] virtual absl::Status sync_folder(const std::string& folder) = 0;
};

[[nodiscard]] Files& posix_files();

// `what`, the path and the text of `error` (an errno) as a status.
[[nodiscard]] absl::Status file_error(std::string_view what, const std::string& path, int error);

// Writes all `pieces`, however short each write is. Changes `pieces`.
[[nodiscard]] absl::Status write_fully(File& file, const std::string& path, std::span<iovec> pieces,
                                       uint64_t offset);

// RESOURCE_EXHAUSTED when `bytes` more would leave less than `free_bytes_min` free for others.
[[nodiscard]] absl::Status check_room(Files& files, const std::string& folder, uint64_t bytes,
                                      uint64_t free_bytes_min);

// Makes what the file at `path` holds durable, whoever wrote it.
[[nodiscard]] absl::Status sync_path(const std::string& path);

// The whole file into `bytes`, reusing its buffer. FAILED_PRECONDITION when it is larger than
// `size_max`.
[[nodiscard]] absl::Status read_file(const std::string& path, size_t size_max, std::string* bytes);

}  // namespace acd
