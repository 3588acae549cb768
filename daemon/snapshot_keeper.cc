// SPDX-License-Identifier: Apache-2.0
#include "daemon/snapshot_keeper.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>

#include "daemon/checkpoint.h"
#include "daemon/storage/file.h"
#include "daemon/storage/snapshot_file.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr int kChildNice = 10;
// What a child says at most.
constexpr size_t kChildTextMax = 4'096;

// What the child has said, all of which is in the pipe once it has ended.
std::string take_text(int descriptor) {
  std::array<char, kChildTextMax> bytes{};
  const ssize_t size = ::read(descriptor, bytes.data(), bytes.size());
  ::close(descriptor);
  if (size <= 0) return {};
  return std::string(absl::StripAsciiWhitespace({bytes.data(), static_cast<size_t>(size)}));
}

// Runs `arguments` with the main thread's signals let through and its output in `output`.
int spawn_program(const std::string& program, std::vector<std::string> arguments, int output,
                  pid_t* child) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  // Sockets above all: a child in a long sync would hold their ports beyond the daemon's end.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  const int error =
      posix_spawn(child, program.c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// A child that runs where nobody else would, from now on runs like everybody.
void hurry(pid_t child) {
  constexpr sched_param kNone{};
  std::error_code ended;
  for (const auto& thread :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", child, "/task"), ended)) {
    int id = 0;
    if (absl::SimpleAtoi(thread.path().filename().string(), &id)) {
      sched_setscheduler(id, SCHED_OTHER, &kNone);
    }
  }
}

}  // namespace

SnapshotKeeper::SnapshotKeeper(SnapshotKeeperOptions options) : options_(std::move(options)) {}

SnapshotKeeper::~SnapshotKeeper() { stop(); }

void SnapshotKeeper::add(Kept kept) {
  One& one = all_.emplace_back();
  one.state.partition = kept.partition;
  one.kept = std::move(kept);
  find_newest(one);
  publish();
}

void SnapshotKeeper::tend(int64_t monotonic_ns) {
  reap(monotonic_ns);
  for (One& one : all_) settle(one);
  if (child_ == 0) start_due(monotonic_ns);
  publish();
}

void SnapshotKeeper::stop() {
  if (child_ == 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  ::close(child_output_);
  all_[child_of_].state.began_ns = 0;
  child_ = 0;
  remove_snapshot_drafts(all_[child_of_].kept.folder).IgnoreError();
}

uint64_t SnapshotKeeper::free_bytes_min(JournalSpace space) const {
  return space == JournalSpace::kEnough ? options_.spare_bytes : 0;
}

void SnapshotKeeper::settle() {
  for (One& one : all_) {
    find_newest(one);
    settle(one);
  }
  publish();
}

// --- The child.

void SnapshotKeeper::reap(int64_t monotonic_ns) {
  if (child_ == 0) return;
  int status = 0;
  const pid_t ended = ::waitpid(child_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) {
    const One& one = all_[child_of_];
    if (monotonic_ns - one.state.began_ns > options_.child_max_ns) ::kill(child_, SIGKILL);
    if (one.kept.journal->is_near_full()) hurry(child_);
    return;
  }
  finish_child(status, monotonic_ns);
}

void SnapshotKeeper::finish_child(int status, int64_t monotonic_ns) {
  One& one = all_[child_of_];
  child_ = 0;
  const int64_t duration_ns = monotonic_ns - std::exchange(one.state.began_ns, 0);
  const std::string text = take_text(std::exchange(child_output_, -1));
  if (!WIFEXITED(status)) {
    return fail(one, absl::StrCat("the child was ended by signal ", WTERMSIG(status)),
                monotonic_ns);
  }
  if (WEXITSTATUS(status) != 0) {
    return fail(one, text.empty() ? absl::StrCat("exit code ", WEXITSTATUS(status)) : text,
                monotonic_ns);
  }
  one.state.error.clear();
  if (!find_newest(one)) {
    // A large change was under way all the time.
    one.next_try_ns = monotonic_ns + options_.retry_every_ns;
    return;
  }
  ++one.state.written;
  one.state.duration_ns = duration_ns;
  one.next_try_ns =
      one.kept.journal->is_near_full() ? monotonic_ns + options_.retry_near_full_ns : 0;
  spdlog::info("snapshot written: partition={} sequence={} bytes={} seconds={:.3f}",
               one.kept.partition, one.state.sequence, one.state.bytes,
               static_cast<double>(one.state.duration_ns) / static_cast<double>(kNsPerS));
}

bool SnapshotKeeper::find_newest(One& one) {
  const auto found = list_snapshots(one.kept.folder);
  if (!found.ok() || found->empty() || found->back().first <= one.state.sequence) return false;
  struct stat info {};
  if (::stat(found->back().second.c_str(), &info) != 0) return false;
  one.state.sequence = found->back().first;
  one.state.bytes = static_cast<uint64_t>(info.st_size);
  one.state.unix_ns = info.st_mtim.tv_sec * kNsPerS + info.st_mtim.tv_nsec;
  return true;
}

void SnapshotKeeper::fail(One& one, const std::string& why, int64_t monotonic_ns) {
  ++one.state.failures;
  if (child_ == 0) remove_snapshot_drafts(one.kept.folder).IgnoreError();
  one.next_try_ns = monotonic_ns + options_.retry_every_ns;
  if (one.state.error != why) {
    spdlog::error("no snapshot was written, and the journal grows: partition={} error=\"{}\"",
                  one.kept.partition, why);
  }
  one.state.error = why;
}

// --- What a snapshot stands for.

void SnapshotKeeper::settle(One& one) {
  const std::string error(cut(one).message());
  if (!error.empty() && error != one.state.cut_error) {
    spdlog::error("the journal cannot be cut behind its snapshot: partition={} error=\"{}\"",
                  one.kept.partition, error);
  }
  one.state.cut_error = error;
}

// Looks at what is there each time: who takes a lease in between only delays it to the next look.
absl::Status SnapshotKeeper::cut(One& one) {
  const auto found = list_snapshots(one.kept.folder);
  if (!found.ok()) return found.status();
  // What the file of history counts is durable. So is the name of a snapshot whose child went well.
  uint64_t reached = one.state.sequence;
  if (one.kept.history != nullptr) {
    reached = std::min(reached, one.kept.history->status().written_sequence);
  }
  uint64_t newest = 0;
  size_t known = 0;
  for (const auto& [sequence, path] : *found) {
    if (sequence <= one.state.sequence) ++known;
    if (sequence <= reached) newest = sequence;
  }
  one.unsettled = known - (newest == 0 ? 0 : 1);
  if (newest == 0) return absl::OkStatus();
  const absl::Status status = remove_snapshots(one.kept.folder, newest);
  return status.ok() ? one.kept.journal->truncate(newest + 1) : status;
}

// --- When.

void SnapshotKeeper::start_due(int64_t monotonic_ns) {
  for (size_t i = 0; i < all_.size(); ++i) {
    // From the one behind the last, so that none waits for ever.
    const size_t place = (child_of_ + 1 + i) % all_.size();
    One& one = all_[place];
    const uint64_t durable = one.kept.state->durable_sequence();
    const uint64_t fresh = durable - std::min(durable, one.state.sequence);
    const bool is_due =
        fresh >= options_.every_records || (fresh > 0 && one.kept.journal->is_near_full());
    const bool may_run = one.unsettled < kUnsettledMax && monotonic_ns >= one.next_try_ns;
    if (!is_due || !may_run) continue;
    child_of_ = place;
    if (const absl::Status status = spawn(one, monotonic_ns); !status.ok()) {
      fail(one, std::string(status.message()), monotonic_ns);
    }
    return;
  }
}

absl::Status SnapshotKeeper::spawn(One& one, int64_t monotonic_ns) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return file_error("cannot make", "a pipe", errno);
  const int niceness = one.kept.journal->is_near_full() ? 0 : kChildNice;
  const int error =
      spawn_program(options_.program,
                    {"acdd", "--snapshot-child", one.kept.folder, one.kept.partition,
                     absl::StrCat(one.kept.state->durable_sequence()), absl::StrCat(::getpid()),
                     absl::StrCat(niceness), absl::StrCat(free_bytes_min(one.kept.state->space()))},
                    ends[1], &child_);
  ::close(ends[1]);
  if (error != 0) {
    child_ = 0;
    ::close(ends[0]);
    return file_error("cannot run", options_.program, error);
  }
  child_output_ = ends[0];
  one.state.began_ns = monotonic_ns;
  return absl::OkStatus();
}

void SnapshotKeeper::publish() {
  const MutexLock lock(&mutex_);
  states_.clear();
  for (const One& one : all_) states_.push_back(one.state);
}

std::vector<SnapshotState> SnapshotKeeper::states() const {
  const MutexLock lock(&mutex_);
  return states_;
}

}  // namespace acd
