// SPDX-License-Identifier: Apache-2.0
#include "daemon/checkpoint_program.h"

#include <absl/status/status.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "daemon/checkpoint.h"
#include "daemon/history/history_file.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/storage/segment_journal.h"
#include "daemon/storage/snapshot_file.h"

namespace acd {
namespace {

constexpr int kChildArgumentCount = 8;

int code_of(ExitCode code) { return static_cast<int>(code); }

int code_of(const absl::Status& status) {
  return code_of(absl::IsResourceExhausted(status) ? ExitCode::kStorageFull : ExitCode::kBadData);
}

// Not for long at a time: a thread that wakes up waits all the same where one of the class
// SCHED_IDLE runs, for up to a tick of the kernel (4 ms, measured on Linux 6.18 without
// preemption), unless that one yields.
constexpr suseconds_t kYieldEveryUs = 100;

void yield_if_idle(int) {
  const int error = errno;
  if (sched_getscheduler(0) == SCHED_IDLE) sched_yield();  // Else it was told to hurry.
  errno = error;
}

// REQUIRES: this thread is the only one, and stays that.
void run_where_nobody_else_would() {
  constexpr sched_param kNone{};
  sched_setscheduler(0, SCHED_IDLE, &kNone);
  struct sigaction action {};
  action.sa_handler = yield_if_idle;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  constexpr itimerval kOften{{0, kYieldEveryUs}, {0, kYieldEveryUs}};
  setitimer(ITIMER_REAL, &kOften, nullptr);
}

// Makes the end of the journal durable, as a start does, brings history there where it is kept, and
// saves the state.
absl::StatusOr<Checkpoint> checkpoint_whole(const std::string& folder,
                                            const std::string& partition) {
  SegmentJournalOptions options;
  options.folder = folder;
  options.partition = partition;
  const absl::StatusOr<std::unique_ptr<SegmentJournal>> journal = SegmentJournal::open(options);
  if (!journal.ok()) return journal.status();
  if ((*journal)->position() == 1) return Checkpoint{};
  if (absl::Status status = (*journal)->settle(); !status.ok()) return status;
  CheckpointOptions wanted{folder, partition, release_text()};
  const std::string history = absl::StrCat(folder, "/", kHistoryFileName);
  std::error_code error;
  if (std::filesystem::exists(history, error)) wanted.history_path = history;
  absl::StatusOr<Checkpoint> written = write_checkpoint(wanted);
  if (written.ok() && written->sequence < written->last_sequence) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder,
        ": the journal ends in the middle of a large change; start and stop acdd once, "
        "then try again"));
  }
  return written;
}

void say(const std::string& folder, const std::string& partition, const Checkpoint& checkpoint) {
  for (const std::string& note : checkpoint.notes) std::fprintf(stderr, "acdd: %s\n", note.c_str());
  if (checkpoint.sequence == 0) {
    std::printf("%s: the journal is empty, nothing to write\n", partition.c_str());
    return;
  }
  const std::string path = snapshot_path(folder, checkpoint.sequence);
  std::error_code ignored;
  const auto bytes = static_cast<unsigned long long>(std::filesystem::file_size(path, ignored));
  std::printf("%s: %s the state after record %llu, %llu bytes: %s\n", partition.c_str(),
              checkpoint.is_new ? "wrote" : "there was already",
              static_cast<unsigned long long>(checkpoint.sequence), bytes, path.c_str());
}

}  // namespace

int run_snapshot_child(int argc, const char* const* argv) {
  uint64_t through = 0;
  int parent = 0;
  int niceness = 0;
  uint64_t free_bytes_min = 0;
  if (argc != kChildArgumentCount || !absl::SimpleAtoi(argv[4], &through) ||
      !absl::SimpleAtoi(argv[5], &parent) || !absl::SimpleAtoi(argv[6], &niceness) ||
      !absl::SimpleAtoi(argv[7], &free_bytes_min)) {
    std::printf("%s is for acdd itself; use --checkpoint\n", kSnapshotChildWord);
    return code_of(ExitCode::kWrongSettings);
  }
  // A daemon that was killed takes its child with it: the next one begins its own.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) return 1;
  if (niceness > 0) {
    run_where_nobody_else_would();
  }
  const absl::StatusOr<Checkpoint> written =
      write_checkpoint({argv[2], argv[3], release_text(), through, {}, free_bytes_min});
  if (written.ok()) return 0;
  std::printf("%s\n", std::string(written.status().message()).c_str());
  return code_of(written.status());
}

int run_checkpoint(const std::string& data_dir) {
  const absl::StatusOr<std::vector<std::string>> folders = find_journals(data_dir);
  absl::Status status = folders.status();
  for (size_t i = 0; status.ok() && i < folders->size(); ++i) {
    const std::string& folder = (*folders)[i];
    const std::string partition = std::filesystem::path(folder).filename().string();
    const absl::StatusOr<Checkpoint> written = checkpoint_whole(folder, partition);
    status = written.status();
    if (status.ok()) say(folder, partition, *written);
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "acdd: %s\n", std::string(status.message()).c_str());
  return code_of(status);
}

}  // namespace acd
