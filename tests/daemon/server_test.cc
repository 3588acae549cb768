// SPDX-License-Identifier: Apache-2.0
// The whole daemon in one process, spoken to over gRPC as a switch and a wallboard would.
#include "daemon/server.h"

#include <absl/strings/str_cat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "daemon/history/database.h"
#include "tests/daemon/server_fixture.h"
#include "tests/http/http_client.h"

namespace acd {
namespace {

TEST_F(ServerTest, RoutesACallFromArrivalToEnd) {
  start();
  Switch pbx(channel_, "epoch");
  log_in(pbx, "ada", "100");
  offer(pbx, "c1");
  pbx.send();
  const v1::SwitchCommand ring = pbx.command();
  EXPECT_EQ(ring.call_id(), "c1");
  EXPECT_EQ(ring.ring_agent().agent_id(), "ada");
  EXPECT_EQ(ring.ring_agent().station(), "100");
  v1::SwitchEvent* event = &pbx.event();
  event->set_call_id("c1");
  event->mutable_leg_answered()->set_generation(ring.generation());
  pbx.send();
  EXPECT_TRUE(pbx.command().has_connect_call());
  event = &pbx.event();
  event->set_call_id("c1");
  event->mutable_call_connected()->set_generation(ring.generation());
  pbx.send();
  EXPECT_EQ(total().connected(), 1);
  event = &pbx.event();
  event->set_call_id("c1");
  event->mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER);
  pbx.send();
  EXPECT_TRUE(pbx.refusals.empty());
  const v1::QueueStats stats = total();
  EXPECT_EQ(stats.offered(), 1);
  EXPECT_EQ(stats.answered(), 1);
  EXPECT_EQ(stats.handled(), 1);
  EXPECT_TRUE(stats.conserved());
  EXPECT_TRUE(pbx.finish().ok());
}

TEST_F(ServerTest, EachBadEventHasItsErrorAndTheOthersAreApplied) {
  start();
  Switch pbx(channel_, "epoch");
  offer(pbx, "good-1");
  v1::SwitchEvent& lost = pbx.event();
  lost.set_call_id("lost");
  lost.mutable_call_offered()->set_queue_id("nowhere");
  pbx.event().mutable_agent_ready()->set_agent_id("nobody");
  offer(pbx, "good-1");              // A duplicate id.
  offer(pbx, std::string(65, 'x'));  // Too long.
  offer(pbx, "good-2");
  pbx.send();
  EXPECT_EQ(total().offered(), 2);
  std::vector<std::pair<int64_t, v1::ErrorReason>> seen;
  for (const v1::Refusal& refusal : pbx.refusals) {
    seen.emplace_back(refusal.sequence(), refusal.reason());
  }
  const std::vector<std::pair<int64_t, v1::ErrorReason>> expected = {
      {2, v1::ERROR_REASON_QUEUE_UNKNOWN},
      {3, v1::ERROR_REASON_AGENT_UNKNOWN},
      {4, v1::ERROR_REASON_CALL_EXISTS},
      {5, v1::ERROR_REASON_FIELD_TOO_LONG}};
  EXPECT_EQ(seen, expected);
}

TEST_F(ServerTest, ResumesAfterACutAndAfterARestart) {
  start();
  {
    Switch pbx(channel_, "epoch");
    log_in(pbx, "ada", "100");
    offer(pbx, "c1");
    pbx.send();
    pbx.cut();
  }
  {
    Switch pbx(channel_, "epoch");
    EXPECT_TRUE(pbx.hello.resumed());
    EXPECT_EQ(pbx.hello.last_durable_sequence(), 3);
    EXPECT_EQ(pbx.command().ring_agent().agent_id(), "ada");  // The offer is still open.
    offer(pbx, "c2");
    pbx.send();
    pbx.cut();
  }
  server_->stop();
  server_.reset();
  start();
  Switch pbx(channel_, "epoch");
  EXPECT_EQ(pbx.hello.last_durable_sequence(), 4);
  EXPECT_EQ(pbx.command().call_id(), "c1");
  EXPECT_EQ(total().offered(), 2);
}

TEST_F(ServerTest, TellsASwitchThatAnswersWhatItHasNotAnsweredUnderTheSameIds) {
  start();
  v1::SwitchCommand ring;
  {
    Switch pbx(channel_, "epoch", true);
    log_in(pbx, "ada", "100");
    offer(pbx, "c1");
    pbx.send();
    ring = pbx.command();
    EXPECT_GT(ring.command_id(), 0);
    EXPECT_EQ(ring.ring_agent().agent_id(), "ada");
    EXPECT_GT(ring.deadline().seconds(), pbx.hello.now().seconds());
    pbx.cut();
  }
  server_->stop();
  server_.reset();
  start();
  {
    Switch pbx(channel_, "epoch", true);
    EXPECT_TRUE(pbx.hello.resumed());
    const v1::SwitchCommand again = pbx.command();
    EXPECT_EQ(again.command_id(), ring.command_id());
    EXPECT_EQ(again.ring_agent().leg_id(), ring.ring_agent().leg_id());
    pbx.event().mutable_command_done()->set_command_id(ring.command_id());
    pbx.send();
    EXPECT_TRUE(pbx.refusals.empty());
    pbx.cut();
  }
  Switch pbx(channel_, "epoch", true);
  v1::SwitchEvent& answered = pbx.event();
  answered.set_call_id("c1");
  answered.mutable_leg_answered()->set_generation(ring.generation());
  pbx.send();
  const v1::SwitchCommand next = pbx.command();
  EXPECT_TRUE(next.has_connect_call());  // And not the ring once more.
  EXPECT_GT(next.command_id(), ring.command_id());
}

TEST_F(ServerTest, CountsWhatASwitchCannotDoAndRefusesAnswersOfOneThatDoesNotAnswer) {
  start();
  {
    Switch pbx(channel_, "epoch", true);
    log_in(pbx, "ada", "100");
    offer(pbx, "c1");
    pbx.send();
    v1::CommandDone& done = *pbx.event().mutable_command_done();
    done.set_command_id(pbx.command().command_id());
    done.set_failure(v1::COMMAND_FAILURE_UNREACHABLE);
    pbx.send();
    EXPECT_EQ(server_->figures().partitions[0].commands.failed, 1u);
    EXPECT_TRUE(pbx.finish().ok());
  }
  Switch pbx(channel_, "another", false);
  pbx.event().mutable_command_done()->set_command_id(1);
  pbx.send();
  ASSERT_EQ(pbx.refusals.size(), 1u);
  EXPECT_EQ(pbx.refusals[0].reason(), v1::ERROR_REASON_COMMANDS_NOT_ANSWERED);
  EXPECT_NE(pbx.refusals[0].message().find("answers_commands"), std::string::npos);
}

TEST_F(ServerTest, SameDataGivesTheSameStateHashAfterARestart) {
  settings_.clock_mode = ClockMode::kDriven;
  start();
  server_->stop();
  const uint64_t state_hash = server_->state_hash();
  server_.reset();
  start();
  server_->stop();
  EXPECT_EQ(server_->state_hash(), state_hash);
}

TEST_F(ServerTest, RefusesASecondDaemonOnTheSameData) {
  start();
  Server second(settings_);
  const Server::Failure failed = second.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_NE(failed.message.find(settings_.data_dir), std::string::npos) << failed.message;
}

TEST_F(ServerTest, TellsItsFiguresOverHttp) {
  settings_.http_listen = "127.0.0.1:0";
  start();
  {
    Switch pbx(channel_, "epoch");
    offer(pbx, "c1");
    pbx.send();
    EXPECT_NE(
        http_get(server_->http_address(), "/metrics").find("acd_streams{kind=\"switch\"} 1\n"),
        std::string::npos);
  }
  const std::string address = server_->http_address();
  const std::string metrics = http_get(address, "/metrics");
  const DaemonFigures figures = server_->figures();
  ASSERT_EQ(figures.partitions.size(), 1u);
  EXPECT_GT(figures.partitions[0].journal.last_durable_sequence, 0u);
  EXPECT_EQ(figures.partitions[0].journal.oldest_sequence, 1u);
  EXPECT_GT(figures.partitions[0].journal.bytes, 0u);
  EXPECT_GT(figures.partitions[0].journal.syncs, 0u);
  EXPECT_GT(figures.partitions[0].history->bytes, 0u);
  EXPECT_TRUE(figures.disk_free_bytes.has_value());
  ASSERT_EQ(figures.memory_limits.back().part, "journal_queues");
  EXPECT_EQ(figures.memory_limits.back().bytes, 2u * 8 * kFrameBytesMax);
  EXPECT_NE(metrics.find("acd_memory_limit_bytes{part=\"switch_batches\"} "), std::string::npos);
  EXPECT_NE(metrics.find("acd_memory_limit_bytes{part=\"http\"} "), std::string::npos);
  EXPECT_NE(metrics.find("acd_memory_limit_bytes{part=\"watch_tails\"} 536870912\n"),
            std::string::npos);
  EXPECT_NE(metrics.find(absl::StrCat("acd_memory_limit_bytes{part=\"unfolded_events\"} ",
                                      Observer::kEventsMax * sizeof(Event), "\n")),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("acd_journal_oldest_sequence{partition=\"main\"} 1\n"), std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("acd_serving 1\n"), std::string::npos);
  EXPECT_NE(http_get(address, "/readyz").find("\r\n\r\nready\n"), std::string::npos);
  server_->stop();
  EXPECT_EQ(server_->figures().phase, DaemonPhase::kStopping);
}

TEST_F(ServerTest, TellsItsNewestSnapshot) {
  start();
  server_->stop();
  server_.reset();
  start();
  const SnapshotFigures snapshot = server_->figures().partitions[0].snapshot;
  EXPECT_GT(snapshot.sequence, 0u);
  EXPECT_GT(snapshot.bytes, 0u);
  EXPECT_LT(snapshot.age_s, 3'600);
  EXPECT_EQ(health_of("acd.snapshot"), 1);
}

TEST_F(ServerTest, AnAddressOfHttpThatIsTakenEndsTheStart) {
  settings_.http_listen = "127.0.0.1:0";
  start();
  Settings settings = settings_;
  settings.data_dir = folder_.path() + "/other";
  settings.http_listen = server_->http_address();
  Server second(settings);
  const Server::Failure failed = second.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kCannotListen);
  EXPECT_NE(failed.message.find("for HTTP"), std::string::npos) << failed.message;
  EXPECT_FALSE(std::filesystem::exists(settings.data_dir));
}

TEST_F(ServerTest, AHistoryThatCannotBeWrittenIsToldByHealth) {
  settings_.http_listen = "127.0.0.1:0";
  start();
  Switch pbx(channel_, "epoch");
  EXPECT_TRUE(server_->figures().troubles.empty());
  {
    // Somebody writes by hand and does not come to an end.
    auto foreign =
        Database::open(settings_.data_dir + "/main/history.sqlite", Database::Mode::kWrite);
    ASSERT_TRUE(foreign.ok()) << foreign.status();
    ASSERT_TRUE(foreign->execute("BEGIN IMMEDIATE").ok());
    for (int i = 0; server_->figures().troubles.empty(); ++i) {
      offer(pbx, "c" + std::to_string(i));
      pbx.send();
    }
    const DaemonFigures figures = server_->figures();
    EXPECT_EQ(figures.troubles[0].part, "history");
    EXPECT_FALSE(figures.troubles[0].holds_up_work);
    EXPECT_GT(figures.partitions[0].history->failures, 0u);
    EXPECT_GT(figures.partitions[0].history->lag_records, 0u);
    EXPECT_GT(figures.partitions[0].history->lag_ns, 0);
    EXPECT_NE(http_get(server_->http_address(), "/readyz").find("ready\nbut history of main"),
              std::string::npos);
    while (health_of("acd.history") != 2) continue;
    EXPECT_EQ(health_of("acd.journal"), 1);
  }
  while (!server_->figures().troubles.empty()) total();
  while (health_of("acd.history") != 1) continue;
}

TEST_F(ServerTest, RefusesAWrongConfigurationWithItsLine) {
  std::ofstream(settings_.config_file) << "tenants:\n  - id: bank\n    quueues: []\n";
  Server server(settings_);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kWrongConfig);
  EXPECT_NE(failed.message.find("config.yaml:3"), std::string::npos) << failed.message;
}

TEST_F(ServerTest, LeavesAHistoryAndSaysHowFarItIs) {
  start();
  {
    Switch pbx(channel_, "epoch");
    offer(pbx, "c1");
    pbx.send();
    v1::SwitchEvent& event = pbx.event();
    event.set_call_id("c1");
    event.mutable_call_ended()->set_ended_by(v1::ENDED_BY_CALLER);
    pbx.send();
  }
  server_->stop();
  const std::vector<HistoryStatus> status = server_->history_status();
  ASSERT_EQ(status.size(), 1u);
  EXPECT_EQ(status[0].written_sequence, status[0].folded_sequence);
  EXPECT_EQ(status[0].error, "");
  auto file = open_history_for_reading(settings_.data_dir + "/main/history.sqlite");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*file->number("SELECT count(*) FROM calls WHERE tenant = 'bank' AND call = 'c1'"), 1);
}

TEST_F(ServerTest, KeepsNoHistoryWhereItIsOff) {
  settings_.keeps_history = false;
  start();
  EXPECT_TRUE(server_->history_status().empty());
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir + "/main/history.sqlite"));
}

TEST_F(ServerTest, RefusesAHistoryThatIsNotItsOwn) {
  std::filesystem::create_directories(settings_.data_dir + "/main");
  std::ofstream(settings_.data_dir + "/main/history.sqlite")
      << "No database, but a letter to somebody who is far away and long gone.";
  Server server(settings_);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_NE(failed.message.find("is no history file of acdd"), std::string::npos) << failed.message;
}

TEST_F(ServerTest, RefusesAPartitionOfUnknownTenants) {
  settings_.partitions = {{"main", {"nobody"}}};
  Server server(settings_);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kWrongSettings);
  EXPECT_NE(failed.message.find("nobody"), std::string::npos) << failed.message;
}

TEST_F(ServerTest, RefusesToForgetAPartition) {
  start();
  server_->stop();
  server_.reset();
  settings_.partitions = {{"renamed", {}}};
  Server server(settings_);
  const Server::Failure failed = server.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kBadData);
  EXPECT_NE(failed.message.find("\"main\""), std::string::npos) << failed.message;
}

// As if the process had crashed over `suspect`. Timers: those due at the journal's end.
void crash_before(const Settings& settings, Suspect suspect) {
  SegmentJournalOptions options;
  options.folder = settings.data_dir + "/main";
  options.partition = "main";
  const auto journal = SegmentJournal::open(options);
  ASSERT_TRUE(journal.ok()) << journal.status();
  suspect.record = (*journal)->position();
  (*Suspects::open(options.folder, (*journal)->history_id()))->seal(suspect, SIGABRT);
}

TEST_F(ServerTest, TimersThatCrashedStopTheStartWithAnExitCodeOfTheirOwn) {
  start();
  server_->stop();
  server_.reset();
  Suspect timers;
  timers.kind = SuspectKind::kTimers;
  crash_before(settings_, timers);
  for (int i = 0; i < 2; ++i) {  // Nor does a refused start forget them.
    Server server(settings_);
    const Server::Failure failed = server.start();
    EXPECT_EQ(failed.exit_code, ExitCode::kPoisoned);
    EXPECT_NE(failed.message.find("main/SUSPECTS"), std::string::npos) << failed.message;
  }
}

TEST_F(ServerTest, EventThatCrashedIsRefusedUntilTheDaemonWasStoppedCleanly) {
  start();
  { const Switch pbx(channel_, "epoch"); }
  server_->stop();
  server_.reset();
  Suspect suspect;
  suspect.kind = SuspectKind::kEvent;
  suspect.first.set("pbx");
  suspect.second.set("epoch");
  for (const int64_t sequence : {1, 2}) {
    suspect.sequence = sequence;
    crash_before(settings_, suspect);
  }
  start();
  {
    Switch pbx(channel_, "epoch");
    offer(pbx, "c1");
    pbx.send();
    ASSERT_EQ(pbx.refusals.size(), 1u);
    EXPECT_EQ(pbx.refusals[0].reason(), v1::ERROR_REASON_POISONED);
    EXPECT_EQ(total().offered(), 0);
  }
  server_->stop();
  server_.reset();
  start();
  Switch pbx(channel_, "epoch");
  EXPECT_EQ(pbx.hello.last_durable_sequence(), 1);
  offer(pbx, "c2");
  pbx.send();
  EXPECT_EQ(total().offered(), 1);
}

TEST_F(ServerTest, DoesNotTakeTheUnixSocketOfALivingDaemon) {
  settings_.listen = {"unix:" + folder_.path() + "/acdd.sock"};
  start();
  Settings same = settings_;
  same.data_dir = folder_.path() + "/other";
  Server second(same);
  const Server::Failure failed = second.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kCannotListen) << failed.message;
  EXPECT_EQ(total().offered(), 0);  // The first still answers.
}

TEST_F(ServerTest, SaysWhichAddressCannotBeListenedOn) {
  start();
  Settings same = settings_;
  same.data_dir = folder_.path() + "/other";
  same.listen = {server_->addresses().front()};
  Server second(same);
  const Server::Failure failed = second.start();
  EXPECT_EQ(failed.exit_code, ExitCode::kCannotListen);
  EXPECT_NE(failed.message.find(same.listen[0]), std::string::npos) << failed.message;
}

}  // namespace
}  // namespace acd
