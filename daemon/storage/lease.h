// SPDX-License-Identifier: Apache-2.0
// Keeps a journal's segments where they are while a backup copies them.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

namespace acd {

// A file in the journal's folder that its taker keeps flock()ed. While one exists nothing is
// truncated. The lock goes with the process, so a lease that nobody holds any more is known as
// stale, and is cleared away by whoever finds it.
//
// Threads:  any one.
// Owns:     its file, which is removed at the end.
class JournalLease {
 public:
  // The journal may be open, or not. Segments that a truncate() dropped before may still be listed
  // for a moment; those that exist once the lease is taken stay.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<JournalLease>> take(
      const std::string& folder);
  JournalLease(const JournalLease&) = delete;
  JournalLease& operator=(const JournalLease&) = delete;
  ~JournalLease();

 private:
  JournalLease(std::string path, int descriptor);

  const std::string path_;
  const int descriptor_;
};

// Whether somebody holds a lease on the journal in `folder`. Removes stale ones.
[[nodiscard]] absl::StatusOr<bool> is_journal_leased(const std::string& folder);

}  // namespace acd
