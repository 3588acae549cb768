// SPDX-License-Identifier: Apache-2.0
// `acdctl top` in terminals of several sizes: its frames, and the program itself on a terminal.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/acdctl/table.h"
#include "clients/acdctl/top.h"
#include "tests/clients/acdctl_fixture.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kQueues = 40;
constexpr int kCallsOfFirst = 30;
constexpr v1::StatsWindow kWindow = v1::STATS_WINDOW_15_MIN;

std::string queue_id(int i) {
  return absl::StrCat("q", i < 10 ? "0" : "", i, "-of-a-name-that-is-longer-than-a-screen-likes");
}

// Queues with names that are long and figures that are wide, and a queue's waiting calls.
v1::WatchResponse busy_day() {
  v1::WatchResponse told;
  told.set_snapshot(true);
  told.mutable_now()->set_seconds(61);
  const auto fill = [](v1::QueueStats* queue) {
    queue->set_waiting(12);
    queue->mutable_longest_wait()->set_seconds(4'000);
    queue->mutable_ewt()->set_unknown(v1::WAIT_UNKNOWN_SWITCH_AWAY);
    queue->mutable_service_level_target()->set_goal_percent(80);
    v1::WindowStats* window = queue->add_windows();
    window->set_window(kWindow);
    window->mutable_visits()->set_abandoned(4);
    window->set_abandon_percent(7.6);
    window->set_service_level_percent(71.2);
  };
  for (int i = 0; i < kQueues; ++i) {
    v1::QueueStats* queue = told.add_queues();
    queue->set_name("tenants/bank/queues/" + queue_id(i));
    fill(queue);
  }
  fill(told.mutable_total());
  for (int i = 0; i < kCallsOfFirst; ++i) {
    v1::CallStatus* call = told.add_calls();
    call->set_name(absl::StrCat("tenants/bank/calls/c", i));
    call->set_queue(told.queues(0).name());
  }
  return told;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

size_t widest(const std::vector<std::string>& lines) {
  size_t width = 0;
  for (const std::string& line : lines) width = std::max(width, character_count(line));
  return width;
}

// The line of the titles.
std::string titles_of(const std::vector<std::string>& lines) {
  const auto found = std::ranges::find_if(
      lines, [](const std::string& line) { return line.find("Queue  ") != std::string::npos; });
  return found == lines.end() ? "" : *found;
}

class TopFrameTest : public ::testing::Test {
 protected:
  TopFrameTest() { wall_.take(busy_day()); }
  [[nodiscard]] std::vector<std::string> frame(int rows, int columns) const {
    return lines_of(top_text(wall_, kWindow, choice_, {rows, columns}, false));
  }
  void press(TopKey key, int times) {
    for (int i = 0; i < times; ++i) choose(key, wall_, kWindow, &choice_);
  }

  Wall wall_;
  TopChoice choice_;
};

TEST_F(TopFrameTest, FitsItsColumnsAndKeepsTheServiceLevel) {
  for (int columns = 40; columns <= 160; ++columns) {
    const std::vector<std::string> lines = frame(24, columns);
    EXPECT_LE(widest(lines), static_cast<size_t>(columns));
    EXPECT_THAT(titles_of(lines), EndsWith("  Service level")) << columns;
    EXPECT_THAT(lines, Contains(AllOf(StartsWith(">  q00-"), EndsWith("71.2% !")))) << columns;
  }
}

TEST_F(TopFrameTest, CutsNamesAndThenLeavesColumnsOutInOneOrder) {
  // Wide enough for all, but for the names.
  EXPECT_THAT(frame(24, 120), Contains(AllOf(StartsWith(">  q00-of-a-name-that-is-\u2026  "),
                                             HasSubstr(" 7.6% "))));
  EXPECT_THAT(frame(24, 0), Contains(HasSubstr(queue_id(0))));
  // Narrower and narrower: each goes behind those before it, and none comes back.
  const std::vector<std::string> order = {"Share", "Abandoned", "Talking", "Answered 15m",
                                          "Ready", "EWT",       "Longest", "Waiting"};
  size_t gone = 0;
  for (int columns = 120; columns >= 40; --columns) {
    const std::string titles = titles_of(frame(24, columns));
    while (gone < order.size() && titles.find(order[gone]) == std::string::npos) ++gone;
    for (size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(titles.find(order[i]) == std::string::npos, i < gone) << order[i] << columns;
    }
  }
  EXPECT_EQ(gone, order.size());
}

TEST_F(TopFrameTest, ScrollsTheQueuesAroundTheChosenOne) {
  for (const int rows : {16, 24, 30}) {
    choice_ = {};
    for (int i = 0; i < kQueues; ++i) {
      const std::vector<std::string> lines = frame(rows, 80);
      // With the heading and the cursor.
      EXPECT_EQ(lines.size() + 2, static_cast<size_t>(rows));
      EXPECT_THAT(lines, Contains(StartsWith(">  " + queue_id(i).substr(0, 4)))) << rows;
      EXPECT_THAT(titles_of(lines), HasSubstr("Service level"));
      EXPECT_THAT(lines.back(), StartsWith("   Total "));
      press(TopKey::kDown, 1);
    }
    EXPECT_THAT(frame(rows, 80),
                Contains(AllOf(StartsWith("queues "), HasSubstr(" to 40 of 40, "))));
  }
  EXPECT_THAT(frame(60, 80), Not(Contains(StartsWith("queues "))));
}

TEST_F(TopFrameTest, SaysHowManyCallsItHasNoRoomFor) {
  press(TopKey::kCalls, 1);
  for (const int rows : {16, 24, 30}) {
    const std::vector<std::string> lines = frame(rows, 80);
    EXPECT_EQ(lines.size() + 2, static_cast<size_t>(rows));
    const int shown = rows - 8 - 5 - 3;
    EXPECT_THAT(lines, Contains(absl::StrCat("30 calls waiting, the first ", std::max(shown, 1),
                                             " shown")));
    EXPECT_THAT(lines, Contains(StartsWith(">  q00-")));
    EXPECT_THAT(lines.back(), StartsWith("   Total "));
  }
  EXPECT_THAT(frame(100, 80), Contains("30 calls waiting"));
}

// Tells a day. Then another beat and the end; or nothing more, until the watcher is to be gone.
class BusyService : public v1::WallboardService::Service {
 public:
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    writer->Write(busy_day());
    v1::WatchResponse beat;
    beat.mutable_now()->set_seconds(62);
    if (!is_silent) writer->Write(beat);
    while (is_silent && !context->IsCancelled()) {
      if (is_over) writer->Write(beat);
      std::this_thread::yield();
    }
    return {grpc::StatusCode::NOT_FOUND, "the day is over"};
  }

  std::atomic<bool> is_silent = false;
  std::atomic<bool> is_over = false;
};

class TopProgramTest : public AcdctlTest<BusyService> {};

TEST_F(TopProgramTest, PrintsADocumentALineForPrograms) {
  console_.wait = [](absl::Duration) { return true; };
  EXPECT_EQ(run({"top", "--json"}), ExitCode::kRefused);
  const std::vector<std::string> lines = lines_of(out_.str());
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) {
    EXPECT_THAT(line, AllOf(StartsWith("{\"queues\":[{\"name\":\"tenants/bank/queues/q00-"),
                            HasSubstr("\"serviceLevelPercent\":71.2"), EndsWith("}")));
  }
  EXPECT_THAT(lines[0], HasSubstr("\"now\":\"61s\""));
  EXPECT_THAT(lines[1], HasSubstr("\"now\":\"62s\""));
  EXPECT_EQ(run({"top", "--json", "--once"}), ExitCode::kOk);
  EXPECT_EQ(lines_of(out_.str()).size(), 1u);
}

// The program on a terminal of its own, and what stands on its screen.
class Terminal {
 public:
  Terminal(const std::string& target, winsize size) {
    // Made before the fork: the child of a process with threads may not allocate.
    std::vector<char*> variables = {const_cast<char*>("TERM=xterm"),
                                    const_cast<char*>("NO_COLOR=1")};
    for (char** one = environ; *one != nullptr; ++one) {
      if (!std::string_view(*one).starts_with("TERM=")) variables.push_back(*one);
    }
    variables.push_back(nullptr);
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
    EXPECT_EQ(tcgetattr(slave_, &usual_), 0);
    pid_ = fork();
    if (pid_ != 0) return;
    close(master_);
    login_tty(slave_);
    execle(ACD_BINARY_DIR "/bin/acdctl", "acdctl", "top", "--tenant", "bank", "--interval", "1m",
           "--target", target.c_str(), nullptr, variables.data());
    _exit(127);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (pid_ > 0 && !is_ended_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(slave_);
    close(master_);
  }

  void type(std::string_view keys) const {
    EXPECT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  void resize(winsize size) const { EXPECT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0); }

  // The first frame from now on of which `is_awaited` says so; empty after 20 s.
  template <typename IsAwaited>
  std::vector<std::string> frame(IsAwaited&& is_awaited) {
    constexpr std::string_view kBegin = "\x1b[H\x1b[?7l";
    constexpr std::string_view kEnd = "\x1b[J\x1b[?7h";
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (absl::Now() < deadline) {
      const size_t begin = output_.find(kBegin);
      const size_t end = output_.find(kEnd, begin);
      if (begin == std::string::npos || end == std::string::npos) {
        hear();
        continue;
      }
      const size_t first = begin + kBegin.size();
      std::vector<std::string> lines =
          absl::StrSplit(output_.substr(first, end - first), "\x1b[K\r\n");
      output_.erase(0, end + kEnd.size());
      lines.pop_back();
      if (is_awaited(lines)) return lines;
    }
    return {};
  }

  // Its exit code, after which the terminal is as it was; -1 if it does not end within 20 s.
  int end() {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    int status = 0;
    while (absl::Now() < deadline) {
      hear();
      if (waitpid(pid_, &status, WNOHANG) != pid_) continue;
      is_ended_ = true;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    return -1;
  }
  [[nodiscard]] bool reads_lines() const {
    termios now{};
    EXPECT_EQ(tcgetattr(slave_, &now), 0);
    constexpr tcflag_t kUsual = ICANON | ECHO;
    EXPECT_EQ(usual_.c_lflag & kUsual, kUsual);
    return (now.c_lflag & kUsual) == kUsual;
  }

 private:
  // Takes what the program writes, or waits a moment for it.
  void hear() {
    pollfd input{master_, POLLIN, 0};
    if (poll(&input, 1, 100) <= 0) return;
    char bytes[4'096];
    const ssize_t count = read(master_, bytes, sizeof bytes);
    if (count > 0) output_.append(bytes, static_cast<size_t>(count));
  }

  int master_ = -1;
  int slave_ = -1;  // Held, so that its settings outlive the program.
  termios usual_{};
  pid_t pid_ = -1;
  bool is_ended_ = false;
  std::string output_;
};

bool is_chosen(const std::vector<std::string>& lines, int queue) {
  const std::string begin = ">  " + queue_id(queue).substr(0, 4);
  return std::ranges::any_of(lines,
                             [&](const std::string& line) { return line.starts_with(begin); });
}

void expect_fit(const std::vector<std::string>& lines, size_t rows, size_t columns) {
  EXPECT_LT(lines.size(), rows);
  EXPECT_LE(widest(lines), columns);
  EXPECT_THAT(titles_of(lines), EndsWith("Service level"));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("> "), EndsWith("71.2% !"))));
  ASSERT_FALSE(lines.empty());
  EXPECT_THAT(lines.back(), AllOf(StartsWith("   Total "), EndsWith("71.2% !")));
}

TEST_F(TopProgramTest, FitsATerminalThatChangesAndLeavesItAsItWas) {
  service_.is_silent = true;
  Terminal terminal(target(), {24, 80, 0, 0});
  std::vector<std::string> lines =
      terminal.frame([](const auto& now) { return is_chosen(now, 0); });
  expect_fit(lines, 24, 80);
  EXPECT_FALSE(terminal.reads_lines());
  for (int i = 1; i <= 30; ++i) {
    terminal.type("\x1b[B");
    lines = terminal.frame([&](const auto& now) { return is_chosen(now, i); });
    ASSERT_FALSE(lines.empty()) << "queue " << i << " was not shown";
    expect_fit(lines, 24, 80);
  }
  // Nothing is told or typed: the new size alone has it drawn again.
  terminal.resize({10, 200, 0, 0});
  lines = terminal.frame([](const auto& now) { return widest(now) > 80 && now.size() < 10; });
  expect_fit(lines, 10, 200);
  EXPECT_TRUE(is_chosen(lines, 30));
  EXPECT_THAT(titles_of(lines), HasSubstr("Abandoned  Share"));
  terminal.resize({50, 60, 0, 0});
  lines = terminal.frame([](const auto& now) { return widest(now) <= 60 && now.size() > 10; });
  expect_fit(lines, 50, 60);
  EXPECT_TRUE(is_chosen(lines, 30));
  terminal.type("q");
  service_.is_over = true;
  EXPECT_EQ(terminal.end(), 0);
  EXPECT_TRUE(terminal.reads_lines());
}

}  // namespace
}  // namespace acd::acdctl
