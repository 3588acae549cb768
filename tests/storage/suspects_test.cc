// SPDX-License-Identifier: Apache-2.0
// The page that keeps what a partition was about when the process crashed.
#include "daemon/storage/suspects.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <thread>

#include "daemon/storage/file.h"
#include "tests/storage/journal_fixture.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr HistoryId kHistory = {1, 2, 3};

Suspect event_suspect(int64_t sequence) {
  Suspect suspect;
  suspect.kind = SuspectKind::kEvent;
  suspect.command = CommandKind::kEnqueueCall;
  suspect.sequence = sequence;
  suspect.first.set("pbx");
  suspect.second.set("epoch");
  return suspect;
}

// Runs `play` in a process of its own and returns how that ended, as wait(2) says it.
int in_child(const std::function<void()>& play) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    Suspects::catch_crashes();
    play();
    std::_Exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

class SuspectsTest : public ::testing::Test {
 protected:
  SuspectsTest() { std::filesystem::create_directories(folder_); }
  ~SuspectsTest() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::unique_ptr<Suspects> open(const HistoryId& history_id = kHistory) const {
    auto suspects = Suspects::open(folder_, history_id);
    EXPECT_TRUE(suspects.ok()) << suspects.status();
    return *std::move(suspects);
  }
  // Crashes by `crash` while event 7 is under way.
  [[nodiscard]] int crash_child(const std::function<void()>& crash) const {
    return in_child([&] {
      const auto suspects = open();
      const Suspect note = event_suspect(7);
      const Suspects::CrashStack stack;
      const Suspects::Watch watch(suspects.get(), &note);
      crash();
    });
  }
  [[nodiscard]] std::string path() const { return folder_ + "/" + kSuspectsFileName; }
  [[nodiscard]] std::string bytes() const {
    std::string read;
    EXPECT_TRUE(read_file(path(), 1 << 20, &read).ok());
    return read;
  }
  void write(const std::string& bytes) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }

  const std::string folder_ = ::testing::TempDir() + "acd-suspects-" + std::to_string(::getpid());
};

TEST_F(SuspectsTest, BeginsEmptyAndKeepsWhatItIsTold) {
  {
    const auto suspects = open();
    EXPECT_THAT(suspects->ignored(), IsEmpty());
    EXPECT_EQ(suspects->count(), 0u);
    suspects->seal(event_suspect(7), SIGABRT);
    suspects->seal(event_suspect(9), SIGSEGV);
  }
  const auto suspects = open();
  ASSERT_EQ(suspects->count(), 2u);
  EXPECT_TRUE(suspects->at(0).is_same(event_suspect(7)));
  EXPECT_EQ(suspects->at(1).signal, SIGSEGV);
  suspects->forget(0);
  EXPECT_EQ(open()->at(0).sequence, 9);
  suspects->forget_all();
  EXPECT_EQ(open()->count(), 0u);
}

// Else one that was forgotten would crash the process again, and so around.
TEST_F(SuspectsTest, FullPageForgetsNobodyAndEndsTheStart) {
  const auto suspects = open();
  for (int64_t i = 1; i <= static_cast<int64_t>(kSuspectsMax) + 2; ++i) {
    EXPECT_EQ(suspects->may_start("main", 1).ok(), i <= static_cast<int64_t>(kSuspectsMax)) << i;
    suspects->seal(event_suspect(i), SIGABRT);
  }
  ASSERT_EQ(suspects->count(), kSuspectsMax);
  EXPECT_EQ(suspects->at(0).sequence, 1);
  const absl::Status status = open()->may_start("main", 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_NE(status.message().find("SUSPECTS"), std::string::npos) << status;
}

TEST_F(SuspectsTest, SameCrashAgainIsKeptOnce) {
  const auto suspects = open();
  suspects->seal(event_suspect(7), SIGABRT);
  suspects->seal(event_suspect(7), SIGABRT);
  EXPECT_EQ(suspects->count(), 1u);
}

TEST_F(SuspectsTest, TrustsNoPageWithAFlippedBit) {
  open()->seal(event_suspect(7), SIGABRT);
  const std::string good = bytes();
  ASSERT_EQ(good.size(), sizeof(SuspectsPage));
  for (size_t at = 0; at < good.size(); at += at < 256 ? 1 : 61) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write(flipped);
    const auto suspects = open();
    EXPECT_EQ(suspects->count(), 0u) << at;
    EXPECT_FALSE(suspects->ignored().empty()) << at;
  }
}

TEST_F(SuspectsTest, SaysWhyAPageIsNotTrustedAndBeginsAnew) {
  const auto why = [&](const std::string& bytes) {
    write(bytes);
    std::string said = open()->ignored();
    EXPECT_THAT(open()->ignored(), IsEmpty());  // Written anew.
    return said;
  };
  open()->seal(event_suspect(7), SIGABRT);
  const std::string good = bytes();
  EXPECT_THAT(why("short"), HasSubstr("has 5 bytes, not 4096"));
  EXPECT_THAT(why(std::string(3 * sizeof(SuspectsPage), 'x')), HasSubstr("12288 bytes"));
  EXPECT_THAT(why(std::string(sizeof(SuspectsPage), 'x')), HasSubstr("no page of suspects"));
  std::string newer = good;
  newer[offsetof(SuspectsPage, version)] = 2;
  EXPECT_THAT(why(newer), HasSubstr("has format 2"));
  write(good);
  const auto other = open({9});
  EXPECT_THAT(other->ignored(), HasSubstr("belongs to history 010203"));
  EXPECT_EQ(other->count(), 0u);
}

TEST_F(SuspectsTest, KeepsWhatTheThreadWasAboutWhenItAborted) {
  const int status = crash_child([] { std::abort(); });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
  const auto suspects = open();
  ASSERT_EQ(suspects->count(), 1u);
  EXPECT_TRUE(suspects->at(0).is_same(event_suspect(7)));
  EXPECT_EQ(suspects->at(0).signal, SIGABRT);
}

TEST_F(SuspectsTest, KeepsItForAFaultAndForAnEndlessRecursion) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "SKIP_ON_PURPOSE: sanitizers take faults of memory for themselves";
#endif
  const int fault = crash_child([] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
  EXPECT_TRUE(WIFSIGNALED(fault) && WTERMSIG(fault) == SIGSEGV) << fault;
  open()->forget_all();
  const int overflow = crash_child([] {
    static std::function<int(int)> deeper = [](int depth) {
      volatile char room[4096] = {};
      return depth < 0 ? 0 : deeper(depth + 1) + room[depth % 4096];
    };
    deeper(0);
  });
  EXPECT_TRUE(WIFSIGNALED(overflow) && WTERMSIG(overflow) == SIGSEGV) << overflow;
  const auto suspects = open();
  ASSERT_EQ(suspects->count(), 1u);
  EXPECT_EQ(suspects->at(0).signal, SIGSEGV);
}

TEST_F(SuspectsTest, BlamesNothingWhenAnotherThreadCrashesOrSomebodySendsTheSignal) {
  EXPECT_TRUE(WIFSIGNALED(crash_child([] { std::thread([] { std::abort(); }).join(); })));
  EXPECT_TRUE(WIFSIGNALED(crash_child([] { ::kill(::getpid(), SIGABRT); })));
  EXPECT_TRUE(WIFSIGNALED(crash_child([] { ::kill(::getpid(), SIGKILL); })));
  EXPECT_EQ(open()->count(), 0u);
}

TEST_F(SuspectsTest, BlamesNothingOnceTheThreadIsDone) {
  const int status = in_child([&] {
    const auto suspects = open();
    const Suspect note = event_suspect(7);
    { const Suspects::Watch watch(suspects.get(), &note); }
    std::abort();
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(open()->count(), 0u);
}

TEST_F(SuspectsTest, StopsAStartThatWouldOnlyCrashAgain) {
  const auto suspects = open();
  suspects->seal(event_suspect(7), SIGABRT);
  EXPECT_TRUE(suspects->may_start("main", 10).ok());
  Suspect timers;
  timers.kind = SuspectKind::kTimers;
  timers.record = 10;
  suspects->seal(timers, SIGABRT);
  EXPECT_TRUE(suspects->may_start("main", 11).ok());  // The journal has them.
  const absl::Status stopped = suspects->may_start("main", 10);
  EXPECT_EQ(stopped.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(stopped.message()), HasSubstr("timers that were due"));
  EXPECT_THAT(std::string(stopped.message()), HasSubstr(path()));
  suspects->forget(1);
  Suspect replay;
  replay.kind = SuspectKind::kReplay;
  replay.record = 3;
  suspects->seal(replay, SIGABRT);
  EXPECT_THAT(std::string(suspects->may_start("main", 10).message()),
              HasSubstr("the replay of record 3"));
}

}  // namespace
}  // namespace acd
