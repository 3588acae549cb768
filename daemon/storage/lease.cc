// SPDX-License-Identifier: Apache-2.0
// Leases by flock(): no process id to be mistaken for another's, no time to run out.
#include "daemon/storage/lease.h"

#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "daemon/storage/file.h"

namespace acd {
namespace {

constexpr absl::string_view kLeaseSuffix = ".lease";
// It holds nothing, and the daemon must be able to open it whoever made it: root, mostly.
constexpr mode_t kLeaseMode = 0644;
// A lease may be taken for a stale one between its making and its locking; then another is made.
constexpr int kTakesMax = 100;

int lock_file(int descriptor, int operation) {
  int result = 0;
  do {
    result = ::flock(descriptor, operation);
  } while (result != 0 && errno == EINTR);
  return result;
}

// Whether the lease at `path` is held. Removes it when not.
absl::StatusOr<bool> is_held(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return false;
    const absl::Status status = file_error("cannot open", path, errno);
    return absl::Status(status.code(),
                        absl::StrCat(status.message(),
                                     "; nothing is removed while this may be a backup's lease: "
                                     "remove it when no backup runs"));
  }
  absl::StatusOr<bool> held = false;
  if (lock_file(descriptor, LOCK_EX | LOCK_NB) == 0) {
    const absl::Status removed = posix_files().remove(path);
    if (!removed.ok()) held = removed;
  } else if (errno == EWOULDBLOCK) {
    held = true;
  } else {
    held = file_error("cannot lock", path, errno);
  }
  ::close(descriptor);
  return held;
}

}  // namespace

JournalLease::JournalLease(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

JournalLease::~JournalLease() {
  ::unlink(path_.c_str());  // Fails with the folder gone; then there is nothing to keep.
  ::close(descriptor_);
}

absl::StatusOr<std::unique_ptr<JournalLease>> JournalLease::take(const std::string& folder) {
  for (int i = 0; i < kTakesMax; ++i) {
    const std::string path = absl::StrCat(folder, "/backup-", ::getpid(), "-", i, kLeaseSuffix);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kLeaseMode);
    if (descriptor < 0) {
      if (errno == EEXIST) continue;
      return file_error("cannot make", path, errno);
    }
    struct stat info {};
    // The mode anew, for a umask takes from it.
    const bool is_locked = ::fchmod(descriptor, kLeaseMode) == 0 &&
                           lock_file(descriptor, LOCK_EX) == 0 && ::fstat(descriptor, &info) == 0;
    if (is_locked && info.st_nlink > 0) {
      return std::unique_ptr<JournalLease>(new JournalLease(path, descriptor));
    }
    const int error = errno;
    ::close(descriptor);
    if (!is_locked) return file_error("cannot lock", path, error);
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("journal folder ", folder, " holds too many leases of backups"));
}

absl::StatusOr<bool> is_journal_leased(const std::string& folder) {
  bool is_leased = false;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (!absl::EndsWith(entry->path().filename().string(), kLeaseSuffix)) continue;
    const absl::StatusOr<bool> held = is_held(entry->path().string());
    if (!held.ok()) return held.status();
    is_leased = is_leased || *held;
  }
  if (error) return file_error("cannot list folder", folder, error.value());
  return is_leased;
}

}  // namespace acd
