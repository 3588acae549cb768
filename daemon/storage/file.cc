// SPDX-License-Identifier: Apache-2.0
// The real file system, and helpers over any.
#include "daemon/storage/file.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>

namespace acd {
namespace {

// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int value() const { return value_; }

 private:
  const int value_;
};

class PosixFile final : public File {
 public:
  explicit PosixFile(int descriptor) : descriptor_(descriptor) {}

  ssize_t write(std::span<const iovec> pieces, uint64_t offset) override {
    for (;;) {
      const ssize_t written =
          ::pwritev(descriptor_.value(), pieces.data(), static_cast<int>(pieces.size()),
                    static_cast<off_t>(offset));
      if (written >= 0) return written;
      if (errno != EINTR) return -errno;
    }
  }
  int sync() override { return ::fdatasync(descriptor_.value()) == 0 ? 0 : -errno; }

 private:
  const Descriptor descriptor_;
};

class PosixFiles final : public Files {
 public:
  absl::StatusOr<std::unique_ptr<File>> open(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFileMode);
    if (descriptor < 0) return file_error("cannot open", path, errno);
    return std::make_unique<PosixFile>(descriptor);
  }
  absl::Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return file_error(absl::StrCat("cannot rename to ", to, ":"), from, errno);
  }
  absl::Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
    return file_error("cannot remove", path, errno);
  }
  absl::StatusOr<uint64_t> free_bytes(const std::string& folder) override {
    struct statvfs info {};
    if (::statvfs(folder.c_str(), &info) != 0) {
      return file_error("cannot ask for the free space of", folder, errno);
    }
    return uint64_t{info.f_bavail} * info.f_frsize;
  }
  absl::Status sync_folder(const std::string& folder) override {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.value() < 0) return file_error("cannot open folder", folder, errno);
    if (::fsync(descriptor.value()) != 0) return file_error("cannot sync folder", folder, errno);
    return absl::OkStatus();
  }
};

}  // namespace

Files& posix_files() {
  static constinit PosixFiles files;
  return files;
}

absl::Status file_error(std::string_view what, const std::string& path, int error) {
  const std::string message = absl::StrCat(absl::string_view(what.data(), what.size()), " ", path,
                                           ": ", std::generic_category().message(error));
  return absl::Status(absl::ErrnoToStatusCode(error), message);
}

absl::Status write_fully(File& file, const std::string& path, std::span<iovec> pieces,
                         uint64_t offset) {
  while (!pieces.empty() && pieces[0].iov_len == 0) pieces = pieces.subspan(1);
  while (!pieces.empty()) {
    const ssize_t result =
        file.write(pieces.first(std::min<size_t>(pieces.size(), IOV_MAX)), offset);
    if (result < 0) return file_error("cannot write", path, static_cast<int>(-result));
    if (result == 0) return file_error("cannot write", path, EIO);
    auto written = static_cast<size_t>(result);
    offset += written;
    while (!pieces.empty() && written >= pieces[0].iov_len) {
      written -= pieces[0].iov_len;
      pieces = pieces.subspan(1);
    }
    if (written == 0) continue;
    pieces[0].iov_base = static_cast<char*>(pieces[0].iov_base) + written;
    pieces[0].iov_len -= written;
  }
  return absl::OkStatus();
}

absl::Status check_room(Files& files, const std::string& folder, uint64_t bytes,
                        uint64_t free_bytes_min) {
  if (free_bytes_min == 0) return absl::OkStatus();
  const absl::StatusOr<uint64_t> free = files.free_bytes(folder);
  if (!free.ok()) return free.status();
  if (*free >= bytes && *free - bytes >= free_bytes_min) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(folder, ": its disk has ", *free, " bytes free, and ", free_bytes_min,
                   " of them are kept for the journal; free space or raise the quota"));
}

absl::Status sync_path(const std::string& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.value() < 0) return file_error("cannot open", path, errno);
  if (::fdatasync(descriptor.value()) != 0) return file_error("cannot sync", path, errno);
  return absl::OkStatus();
}

// At a time: a copy of 64 MiB keeps a core for 10 ms from whoever else wants it.
constexpr size_t kReadBytesMax = size_t{128} << 10;

absl::Status read_file(const std::string& path, size_t size_max, std::string* bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.value() < 0) return file_error("cannot open", path, errno);
  struct stat info {};
  if (::fstat(descriptor.value(), &info) != 0) return file_error("cannot stat", path, errno);
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > size_max) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": has ", size, " bytes, at most ", size_max, " are expected"));
  }
  bytes->resize(size);
  size_t filled = 0;
  while (filled < bytes->size()) {
    const ssize_t got =
        ::pread(descriptor.value(), bytes->data() + filled,
                std::min(bytes->size() - filled, kReadBytesMax), static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("cannot read", path, errno);
    if (got == 0) break;  // It has become shorter.
    filled += static_cast<size_t>(got);
  }
  bytes->resize(filled);
  return absl::OkStatus();
}

}  // namespace acd
