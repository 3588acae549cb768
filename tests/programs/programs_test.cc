// SPDX-License-Identifier: Apache-2.0
// The three programs as processes: what they print and how they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "daemon/server.h"
#include "sim/bank_config.h"
#include "sim/replay_client.h"
#include "tests/daemon/partition_fixture.h"
#include "tests/programs/run_program.h"
#include "tests/sim/log_files.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProgramsTest, AcdsimSaysThatAHistoryCannotBeReadOrIsNone) {
  const Ended missing = run("acdsim", "fuzz --history /nowhere.txt");
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_EQ(missing.text, "acdsim: /nowhere.txt: cannot be read\n");
  const Ended empty = run("acdsim", "fuzz --history /dev/null");
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_EQ(empty.text, "acdsim: /dev/null: no step: not one line begins with at\n");
}

TEST(ProgramsTest, SayThatTheirOutputCannotBeWritten) {
  const struct {
    const char* program;
    int exit_code;
  } kPrograms[] = {{"acdd", 74}, {"acdsim", 3}, {"acdctl", 4}};
  for (const auto& test : kPrograms) {
    for (const char* option : {"--help", "--version"}) {
      const Ended ended = run(test.program, std::string(option) + " >/dev/full");
      EXPECT_EQ(ended.exit_code, test.exit_code) << test.program << " " << option;
      EXPECT_EQ(ended.text, std::string(test.program) + ": the output cannot be written\n");
      EXPECT_EQ(run(test.program, option).exit_code, 0) << test.program << " " << option;
    }
  }
}

// A daemon on a driven clock that fits a log of two calls.
class DrivenDaemonTest : public ::testing::Test {
 protected:
  DrivenDaemonTest() {
    const std::vector<sim::RowText> rows = {
        {.arrival_s = 36'000, .handle_s = 60, .agent = "ADA"},
        {.arrival_s = 36'030, .wait_s = 30, .handle_s = 60, .agent = "ADA"}};
    log_file_ = sim::write_file("csv", sim::log_text(rows));
    Settings& settings = settings_;
    settings.config_file = folder_.path() + "/bank.yaml";
    std::ofstream(settings.config_file) << sim::bank_config(sim::log_of(rows), "bank");
    settings.data_dir = folder_.path() + "/data";
    settings.listen = {"127.0.0.1:0"};
    settings.partitions = {{"main", {}}};
    settings.clock_mode = ClockMode::kDriven;
    server_.emplace(settings);
    const Server::Failure failed = server_->start();
    EXPECT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
  }
  std::string target() { return server_->addresses().front(); }
  Ended replay() { return run("acdsim", "replay " + log_file_ + " --quiet --target " + target()); }

  TempFolder folder_;
  std::string log_file_;
  // With snapshots all the time, by children as the daemon's main thread runs them.
  void restart_with_children(uint64_t spare_bytes) {
    server_->stop();
    server_.reset();
    settings_.snapshot_every = 5;
    SnapshotKeeperOptions keeper;
    keeper.program = ACD_BINARY_DIR "/bin/acdd";
    keeper.spare_bytes = spare_bytes;
    server_.emplace(settings_, SegmentJournalOptions{}, keeper);
    ASSERT_EQ(server_->start().exit_code, ExitCode::kOk);
  }
  // Once the first child since the start has ended.
  SnapshotState await_child() {
    for (;;) {
      server_->tend();
      const SnapshotState state = server_->snapshot_state().at(0);
      if (state.written + state.failures > 0) return state;
      siginfo_t ended;
      if (state.began_ns != 0) ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
    }
  }

  Settings settings_;
  std::optional<Server> server_;
};

TEST_F(DrivenDaemonTest, AcdsimPlaysAndVerifies) {
  const Ended ended = replay();
  EXPECT_EQ(ended.exit_code, 0) << ended.text;
  EXPECT_THAT(ended.text, HasSubstr("VERIFIED"));
}

// Everything of a mix, on a daemon whose configuration is made for it.
TEST_F(DrivenDaemonTest, AcdsimPlaysAMixAndVerifies) {
  server_->stop();
  server_.reset();
  std::vector<sim::RowText> rows;
  for (int i = 0; i < 120; ++i) {
    rows.push_back({.arrival_s = 36'000 + 15 * i,
                    .type = i % 3 == 0 ? "NE" : "PS",
                    .handle_s = 110,
                    .agent = "A" + std::to_string(i % 7)});
  }
  const std::string log_file = sim::write_file("mix.csv", sim::log_text(rows));
  std::ofstream(settings_.config_file) << sim::bank_config(sim::log_of(rows), "bank", true);
  settings_.data_dir = folder_.path() + "/mix";
  server_.emplace(settings_);
  ASSERT_EQ(server_->start().exit_code, ExitCode::kOk);
  const Ended ended = run(
      "acdsim",
      "replay " + log_file + " --quiet --target " + target() +
          " --mix chat=20,email=10,transfer=20,consult=30,supervisor=15,outside=15,"
          "callback=50,outcome=60,label=40,quality=40,followup=20,desktop=30,auto=20,nailed_up=20,"
          "wrapup=60");
  EXPECT_EQ(ended.exit_code, 0) << ended.text;
  EXPECT_THAT(ended.text, HasSubstr("VERIFIED"));
  for (const char* none :
       {" 0 chats", " 0 transfers", " 0 to supervisors", ", 0 outside", " 0 consults",
        " 0 callers to be called", " 0 surveys", " 0 judged", " 0 labelled", " 0 follow-ups",
        " 0 offers accepted", ", 0 wrap-ups", "\n0 answered"}) {
    EXPECT_THAT(ended.text, Not(HasSubstr(none)));
  }
}

// What a daemon says at its end on `settings`.
uint64_t hash_after_restart(const Settings& settings) {
  Server server(settings);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
  server.stop();
  return server.state_hash();
}

TEST_F(DrivenDaemonTest, AcdctlBacksItUpWhileItRunsAndBringsItBackAsItWas) {
  ASSERT_EQ(replay().exit_code, 0);
  const std::string data = settings_.data_dir;
  const std::string backup = folder_.path() + "/backup";
  const Ended copied = run("acdctl", "backup " + data + " " + backup);
  EXPECT_EQ(copied.exit_code, 0) << copied.text;
  EXPECT_THAT(copied.text, HasSubstr("main: records 1 to "));
  EXPECT_THAT(copied.text, HasSubstr("history, 3 files"));
  const Ended verified = run("acdctl", "journal verify " + data);
  EXPECT_EQ(verified.exit_code, 0) << verified.text;
  EXPECT_THAT(verified.text, HasSubstr("A daemon has it open"));
  server_->stop();
  server_.reset();

  Settings restored = settings_;
  restored.data_dir = folder_.path() + "/restored";
  const Ended brought = run("acdctl", "restore " + backup + " " + restored.data_dir);
  EXPECT_EQ(brought.exit_code, 0) << brought.text;
  EXPECT_EQ(hash_after_restart(restored), hash_after_restart(settings_));
  // Every call is there, and the daemon has taken the file for its own.
  const std::string calls = "history calls --csv --data-dir ";
  const Ended kept = run("acdctl", calls + data);
  EXPECT_EQ(kept.exit_code, 0) << kept.text;
  EXPECT_THAT(kept.text, HasSubstr("bank-1-"));
  EXPECT_EQ(run("acdctl", calls + restored.data_dir).text, kept.text);

  Settings careless = settings_;
  careless.data_dir = backup;
  const Server::Failure failed = Server(careless).start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_THAT(failed.message, HasSubstr("acdctl restore"));
}

TEST_F(DrivenDaemonTest, AcddWritesASnapshotByHandOnAStoppedDaemonAlone) {
  ASSERT_EQ(replay().exit_code, 0);
  const std::string words = "--checkpoint --data-dir " + settings_.data_dir;
  const Ended refused = run("acdd", words);
  EXPECT_EQ(refused.exit_code, 66) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr("is in use"));
  server_->stop();
  server_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(settings_.data_dir + "/main")) {
    if (entry.path().extension() == ".snapshot") std::filesystem::remove(entry.path());
  }
  const Ended written = run("acdd", words);
  EXPECT_EQ(written.exit_code, 0) << written.text;
  EXPECT_THAT(written.text, HasSubstr("main: wrote the state after record "));
  const Ended again = run("acdd", words);
  EXPECT_EQ(again.exit_code, 0) << again.text;
  EXPECT_THAT(again.text, HasSubstr("main: there was already the state after record "));
  // A daemon starts there.
  Server server(settings_);
  ASSERT_EQ(server.start().exit_code, ExitCode::kOk);
  EXPECT_NE(server.snapshot_state().at(0).sequence, 0u);
}

// What a crash kept from history is in it before the next release, which may not replay, looks.
TEST_F(DrivenDaemonTest, AcddBringsHistoryToTheSnapshotThatItWritesByHand) {
  namespace fs = std::filesystem;
  const std::string folder = settings_.data_dir + "/main";
  fs::create_directory(folder_.path() + "/kept");
  for (const char* end : {"", "-wal"}) {
    fs::copy(folder + "/history.sqlite" + end, folder_.path() + "/kept");
  }
  ASSERT_EQ(replay().exit_code, 0);
  server_->stop();
  server_.reset();
  const std::string calls = "history calls --csv --data-dir " + settings_.data_dir;
  const std::string before = run("acdctl", calls).text;
  EXPECT_THAT(before, HasSubstr("bank-1-"));
  fs::copy(folder_.path() + "/kept", folder, fs::copy_options::overwrite_existing);
  const Ended written = run("acdd", "--checkpoint --data-dir " + settings_.data_dir);
  EXPECT_EQ(written.exit_code, 0) << written.text;
  EXPECT_EQ(run("acdctl", calls).text, before);
  // Without history none is begun.
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find("history") == 0 || name.find("snapshot") != std::string::npos) {
      fs::remove(entry.path());
    }
  }
  EXPECT_EQ(run("acdd", "--checkpoint --data-dir " + settings_.data_dir).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder + "/history.sqlite"));
}

TEST_F(DrivenDaemonTest, SnapshotChildOfSomebodyElseDoesNothing) {
  ASSERT_EQ(replay().exit_code, 0);
  const std::string folder = settings_.data_dir + "/main";
  const Ended ended = run("acdd", "--snapshot-child " + folder + " main 100 1 0 0");
  EXPECT_EQ(ended.exit_code, 1) << ended.text;
  EXPECT_EQ(run("acdd", "--snapshot-child").exit_code, 64);
  EXPECT_EQ(server_->snapshot_state().at(0).sequence, 0u);
}

TEST_F(DrivenDaemonTest, SnapshotIsWrittenBesideTheDaemon) {
  restart_with_children(SnapshotKeeperOptions{}.spare_bytes);
  const uint64_t before = server_->snapshot_state().at(0).sequence;  // Of the stop.
  ASSERT_EQ(replay().exit_code, 0);
  const SnapshotState state = await_child();
  EXPECT_EQ(state.error, "");
  EXPECT_GT(state.sequence, before);
  EXPECT_GT(state.duration_ns, 0);
}

TEST_F(DrivenDaemonTest, SnapshotThatWouldTakeTheRoomOfTheJournalIsRefused) {
  restart_with_children(UINT64_MAX / 2);
  ASSERT_EQ(replay().exit_code, 0);
  const SnapshotState state = await_child();
  EXPECT_THAT(state.error, HasSubstr("are kept for the journal"));
  EXPECT_EQ(state.written, 0);
}

TEST_F(DrivenDaemonTest, DoesNotStartOnARestoreThatWasCutShort) {
  Settings settings = settings_;
  settings.data_dir = folder_.path() + "/restored";
  std::filesystem::create_directories(settings.data_dir + "/restoring.partial");
  Server server(settings);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_THAT(failed.message, HasSubstr("restoring.partial"));
}

// It took the refusal for a cut of its own, and then the other's time for a broken promise.
TEST_F(DrivenDaemonTest, AcdsimSaysThatSomebodyElseDrivesTheClock) {
  sim::ReplayClient conductor({.target = target(),
                               .tenant = "bank",
                               .source_id = "other",
                               .epoch = "1",
                               .is_stopped = {},
                               .say = {}});
  ASSERT_TRUE(conductor.connect().ok());
  ASSERT_TRUE(conductor.exchange({.now_ns = kNsPerS, .events = {}}).ok());
  const Ended ended = replay();
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.text,
              HasSubstr("acdsim: somebody else drives the clock of the daemon at " + target()));
  EXPECT_THAT(ended.text, Not(HasSubstr("BREACH")));
  // And the conductor goes on.
  EXPECT_TRUE(conductor.exchange({.now_ns = 2 * kNsPerS, .events = {}}).ok());
}

}  // namespace
}  // namespace acd
