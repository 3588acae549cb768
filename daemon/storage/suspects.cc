// SPDX-License-Identifier: Apache-2.0
// The page, and the signal handler that writes it.
#include "daemon/storage/suspects.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <span>
#include <utility>

#include "daemon/storage/file.h"
#include "routing/check.h"

namespace acd {
namespace {

constexpr std::array<char, 8> kSuspectsMagic = {'a', 'c', 'd', 's', 'u', 's', 'p', '\n'};
constexpr size_t kChecksummedFrom = offsetof(SuspectsPage, history_id);
constexpr std::array<int, 5> kCrashSignals = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
constexpr size_t kCrashStackBytes = size_t{64} << 10;
static_assert(std::endian::native == std::endian::little);

// What this thread runs. Read by the handler, in this very thread.
struct Watched {
  Suspects* suspects = nullptr;
  const Suspect* note = nullptr;
};
constinit thread_local Watched watched;

// What handled each of kCrashSignals before. Written once, before any thread.
std::array<struct sigaction, kCrashSignals.size()> handlers_before;

uint32_t page_checksum(const SuspectsPage& page) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(&page) + kChecksummedFrom,
                                       sizeof page - kChecksummedFrom));
}

// Why `bytes` are not to be trusted; empty when they are.
std::string page_fault(const std::string& bytes, const HistoryId& history_id) {
  SuspectsPage page;
  if (bytes.size() != sizeof page) {
    return absl::StrCat("has ", bytes.size(), " bytes, not ", sizeof page);
  }
  std::memcpy(&page, bytes.data(), sizeof page);
  if (page.magic != kSuspectsMagic) return "is no page of suspects";
  if (page.version != kSuspectsFormatVersion) {
    return absl::StrCat("has format ", page.version, ", this release knows ",
                        kSuspectsFormatVersion);
  }
  if (page.checksum != page_checksum(page) || page.count > kSuspectsMax) return "is damaged";
  if (page.history_id != history_id) {
    return absl::StrCat("belongs to history ", to_text(page.history_id), ", the journal to ",
                        to_text(history_id));
  }
  return "";
}

// Whether the thread did it to itself. A signal that somebody sent says nothing about its work.
bool is_own_fault(const siginfo_t& info) {
  return info.si_code > 0 || (info.si_code == SI_TKILL && info.si_pid == ::getpid());
}

void on_crash(int signal, siginfo_t* info, void* /*context*/) {
  const Watched now = watched;
  watched = {};  // Should this crash too, then not once more.
  if (now.suspects != nullptr && now.note->kind != SuspectKind::kNone && is_own_fault(*info)) {
    now.suspects->seal(*now.note, signal);
  }
  for (size_t i = 0; i < kCrashSignals.size(); ++i) {
    if (kCrashSignals[i] == signal) ::sigaction(signal, &handlers_before[i], nullptr);
  }
  ::raise(signal);  // Waits until this handler has returned.
}

// Creates the file with all its bytes, so that no later write needs space, and maps it.
absl::StatusOr<SuspectsPage*> map_page(const std::string& path, const SuspectsPage& page) {
  {
    absl::StatusOr<std::unique_ptr<File>> file = posix_files().open(path);
    if (!file.ok()) return file.status();
    SuspectsPage copy = page;
    std::array<iovec, 1> pieces{iovec{&copy, sizeof copy}};
    absl::Status status = write_fully(**file, path, pieces, 0);
    if (!status.ok()) return status;
  }
  if (::truncate(path.c_str(), sizeof page) != 0) return file_error("cannot cut", path, errno);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return file_error("cannot open", path, errno);
  void* const mapped = ::mmap(nullptr, sizeof page, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_POPULATE, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (mapped == MAP_FAILED) return file_error("cannot map", path, error);
  return static_cast<SuspectsPage*>(mapped);
}

std::string whose(const Suspect& suspect) {
  return absl::StrCat(suspect.source == SourceKind::kDesktop ? "desktop " : "switch ",
                      std::string(suspect.first.view()));
}

std::string subject_of(const Suspect& suspect) {
  const auto text = [](const SuspectText& one) { return std::string(one.view()); };
  switch (suspect.kind) {
    case SuspectKind::kNone:
      break;
    case SuspectKind::kEvent:
      return absl::StrCat("event ", suspect.sequence, " of ", whose(suspect), ", epoch ",
                          text(suspect.second));
    case SuspectKind::kOpen:
      return absl::StrCat("the session of ", whose(suspect), ", epoch ", text(suspect.second));
    case SuspectKind::kClose:
      return "the end of a stream";
    case SuspectKind::kTable:
      return absl::StrCat("a change of tables, content ", text(suspect.second), ", request id ",
                          suspect.first.size == 0 ? "none" : text(suspect.first));
    case SuspectKind::kTimers:
      return "timers that were due";
    case SuspectKind::kStart:
      return "the beginning after the replay";
    case SuspectKind::kReplay:
      return absl::StrCat("the replay of record ", suspect.record);
  }
  return "nothing";
}

}  // namespace

bool Suspect::is_same(const Suspect& other) const {
  return kind == other.kind && command == other.command && source == other.source &&
         tenant == other.tenant && sequence == other.sequence && record == other.record &&
         first.view() == other.first.view() && second.view() == other.second.view();
}

std::string to_text(const Suspect& suspect) {
  return absl::StrCat(subject_of(suspect), " (command ", static_cast<int>(suspect.command),
                      ", tenant ", suspect.tenant, ", Router time ", suspect.now_ns, " ns, signal ",
                      static_cast<int>(suspect.signal), ")");
}

absl::StatusOr<std::unique_ptr<Suspects>> Suspects::open(const std::string& folder,
                                                         const HistoryId& history_id) {
  const std::string path = absl::StrCat(folder, "/", kSuspectsFileName);
  SuspectsPage page;
  page.magic = kSuspectsMagic;
  page.version = kSuspectsFormatVersion;
  page.history_id = history_id;
  std::string bytes;
  std::string fault;
  const absl::Status read = read_file(path, 2 * sizeof page, &bytes);
  if (read.ok()) {
    fault = page_fault(bytes, history_id);
    if (fault.empty()) std::memcpy(&page, bytes.data(), sizeof page);
  } else if (!absl::IsNotFound(read)) {
    fault = std::string(read.message());
  }
  page.checksum = page_checksum(page);
  absl::StatusOr<SuspectsPage*> mapped = map_page(path, page);
  if (!mapped.ok()) return mapped.status();
  std::unique_ptr<Suspects> suspects(new Suspects(path, *mapped));
  suspects->image_ = page;
  suspects->ignored_ = std::move(fault);
  return suspects;
}

Suspects::~Suspects() { ::munmap(mapped_, sizeof *mapped_); }

void Suspects::catch_crashes() {
  for (size_t i = 0; i < kCrashSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ACD_CHECK(::sigaction(kCrashSignals[i], &action, &handlers_before[i]) == 0);
  }
}

Suspects::Watch::Watch(Suspects* suspects, const Suspect* note) {
  ACD_CHECK(watched.suspects == nullptr);
  watched = {suspects, note};
}

Suspects::Watch::~Watch() { watched = {}; }

Suspects::CrashStack::CrashStack() : bytes_(std::make_unique<char[]>(kCrashStackBytes)) {
  stack_t stack{};
  stack.ss_sp = bytes_.get();
  stack.ss_size = kCrashStackBytes;
  ACD_CHECK(::sigaltstack(&stack, &before_) == 0);
}

Suspects::CrashStack::~CrashStack() { ::sigaltstack(&before_, nullptr); }

void Suspects::forget(size_t index) {
  ACD_CHECK(index < image_.count);
  for (size_t i = index; i + 1 < image_.count; ++i) image_.suspects[i] = image_.suspects[i + 1];
  image_.suspects[--image_.count] = Suspect{};
  write();
}

void Suspects::forget_all() {
  while (image_.count > 0) forget(image_.count - 1);
}

absl::Status Suspects::may_start(const std::string& partition, uint64_t position) const {
  if (count() == kSuspectsMax) {
    return absl::AbortedError(absl::StrCat(
        "partition ", partition, ": the daemon crashed ", kSuspectsMax,
        " times since it was stopped cleanly, and more cannot be remembered; the last one was in ",
        to_text(at(count() - 1)),
        "; please report it with a backup of the data folder; then start a release that has it "
        "mended, after removing ",
        path_));
  }
  for (size_t i = 0; i < count(); ++i) {
    const Suspect& one = at(i);
    const bool is_live = one.kind == SuspectKind::kTimers || one.kind == SuspectKind::kStart;
    if (one.kind != SuspectKind::kReplay && !(is_live && one.record >= position)) continue;
    return absl::AbortedError(absl::StrCat(
        "partition ", partition, ": the daemon crashed in ", to_text(one),
        ", and nothing that it could leave out would keep it from doing so again; please report "
        "it with a backup of the data folder; then start a release that has it mended, after "
        "removing ",
        path_, " (which may also be removed to try once more)"));
  }
  return absl::OkStatus();
}

void Suspects::seal(const Suspect& note, int signal) {
  if (image_.count > 0 && image_.suspects[image_.count - 1].is_same(note)) return;
  if (image_.count == kSuspectsMax) return;  // may_start() lets nobody begin with a full page.
  Suspect& added = image_.suspects[image_.count++];
  added = note;
  added.signal = static_cast<uint8_t>(signal);
  write();
}

void Suspects::write() {
  image_.checksum = page_checksum(image_);
  std::memcpy(mapped_, &image_, sizeof image_);
}

}  // namespace acd
