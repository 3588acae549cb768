// SPDX-License-Identifier: Apache-2.0
// What a shard is about, and the page that keeps it when that made the process crash.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <signal.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemon/storage/segment_format.h"
#include "routing/command.h"
#include "routing/ids.h"
#include "routing/limits.h"
#include "routing/sessions.h"

namespace acd {

// What the shard was about. The values are in the page: never reuse one.
enum class SuspectKind : uint8_t {
  kNone = 0,
  kEvent = 1,   // Of a session: first = source id, second = epoch, and sequence.
  kOpen = 2,    // A session: the same without sequence.
  kClose = 3,   // The end of a stream, of `source`.
  kTable = 4,   // A change of tables: first = request id, second = its content's etag or checksum.
  kTimers = 5,  // What was due at now_ns, or before.
  kStart = 6,   // The first configuration, or the resume after a restart.
  kReplay = 7,  // Record `record` of the journal.
};

// A short text in place; a longer one is cut.
struct SuspectText {
  uint8_t size = 0;
  char bytes[kIdBytesMax + 7] = {};

  void set(std::string_view text) {
    size = static_cast<uint8_t>(text.size() < sizeof bytes ? text.size() : sizeof bytes);
    if (size > 0) std::memcpy(bytes, text.data(), size);  // An empty text may lie nowhere.
  }
  [[nodiscard]] std::string_view view() const {
    return {bytes, size < sizeof bytes ? size : sizeof bytes};
  }
};

// As it lies in the page; little-endian as the machine.
struct Suspect {
  SuspectKind kind = SuspectKind::kNone;
  CommandKind command = CommandKind::kNone;
  uint8_t signal = 0;                       // That ended the process.
  SourceKind source = SourceKind::kSwitch;  // Of kEvent and kOpen: whose session.
  uint32_t tenant = 0;
  int64_t sequence = 0;
  int64_t now_ns = 0;   // Router time.
  uint64_t record = 0;  // The next one that the journal was to get; kReplay: the one that was read.
  SuspectText first;
  SuspectText second;

  [[nodiscard]] bool is_same(const Suspect& other) const;
};
static_assert(std::is_trivially_copyable_v<Suspect> && sizeof(Suspect) == 176);

inline constexpr char kSuspectsFileName[] = "SUSPECTS";
inline constexpr size_t kSuspectsMax = 16;
inline constexpr uint32_t kSuspectsFormatVersion = 1;

// The page as it lies in its file.
struct SuspectsPage {
  std::array<char, 8> magic{};
  uint32_t version = 0;
  uint32_t checksum = 0;  // CRC-32 (zlib's) of all that follows.
  HistoryId history_id{};
  uint32_t count = 0;
  uint32_t reserved = 0;
  std::array<Suspect, kSuspectsMax> suspects{};  // The oldest first.
  std::array<char, 1'240> padding{};
};
static_assert(std::is_trivially_copyable_v<SuspectsPage> && sizeof(SuspectsPage) == 4'096);

// Remembers, over the end of the process, what a partition was about when it crashed.
//
// A crash is a failed check, an abort or a fault of the very thread that runs the partition. One
// that another thread met says nothing about the partition, nor does a signal that somebody sent;
// both leave the page as it is.
//
// Threads:  one at a time.
// Owns:     the file and its mapping. The shard's notes lie in ordinary memory; the page is written
//           at a crash only, and when something is forgotten.
// Bounds:   kSuspectsMax crashes; may_start() then says no.
// Fails:    open() when the file cannot be written. A page that is damaged, of another format or of
//           another journal is not trusted: ignored() says why.
class Suspects {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Suspects>> open(const std::string& folder,
                                                                      const HistoryId& history_id);
  ~Suspects();
  Suspects(const Suspects&) = delete;
  Suspects& operator=(const Suspects&) = delete;

  // Makes crashes of this process known to the page that is watched; what handled the signal before
  // does so afterwards. Once, before any thread.
  static void catch_crashes();

  // While it lives, a crash of this thread is blamed on what `note` says then. With null `suspects`
  // on nothing. One a thread.
  class Watch {
   public:
    Watch(Suspects* suspects, const Suspect* note);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
  };

  // A second stack for this thread's signals, so that a crash for want of stack is noted too.
  class CrashStack {
   public:
    CrashStack();
    ~CrashStack();
    CrashStack(const CrashStack&) = delete;
    CrashStack& operator=(const CrashStack&) = delete;

   private:
    std::unique_ptr<char[]> bytes_;
    stack_t before_{};
  };

  // Why the page that was found is not trusted; empty if it is, or was not there.
  [[nodiscard]] const std::string& ignored() const { return ignored_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] size_t count() const { return image_.count; }
  [[nodiscard]] const Suspect& at(size_t index) const { return image_.suspects[index]; }
  // Takes it out of the page.
  void forget(size_t index);
  void forget_all();

  // ABORTED when the process would only crash again: it did so in a replay, at a start or while
  // timers fired, and the journal, whose next record is `position`, has not got past that since. Or
  // when the page is full: what it could not remember would crash the process for ever.
  [[nodiscard]] absl::Status may_start(const std::string& partition, uint64_t position) const;

  // Adds `note` as a crash by `signal`. Calls nothing that a signal handler must not.
  void seal(const Suspect& note, int signal);

 private:
  Suspects(std::string path, SuspectsPage* mapped) : path_(std::move(path)), mapped_(mapped) {}
  void write();

  const std::string path_;
  SuspectsPage* const mapped_;
  SuspectsPage image_;  // What the page holds, or is to hold.
  std::string ignored_;
};

// In words: "event 12 of switch pbx, epoch 1", for logs.
[[nodiscard]] std::string to_text(const Suspect& suspect);

}  // namespace acd
