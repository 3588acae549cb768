// SPDX-License-Identifier: Apache-2.0
// `acdctl watch` and `top` before a daemon that is made up.
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/acdctl/commands.h"
#include "clients/acdctl/top.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class FakeWatchService : public v1::WallboardService::Service {
 public:
  grpc::Status ListCalls(grpc::ServerContext*, const v1::ListCallsRequest*,
                         v1::ListCallsResponse* response) override {
    response->add_calls()->set_name("tenants/bank/calls/c1");
    return grpc::Status::OK;
  }
  // A snapshot of two responses, then nothing new, then it breaks off.
  grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    watches.push_back(*request);
    v1::WatchResponse response;
    response.set_snapshot(true);
    response.set_more(true);
    response.mutable_now()->set_seconds(61);
    for (int i = 0; i < 5 && request->all_queues(); ++i) {
      v1::QueueStats* queue = response.add_queues();
      queue->set_name(request->parent() + "/queues/q" + std::to_string(i));
      queue->set_waiting(i);
      queue->set_conserved(true);
    }
    writer->Write(response);
    response.Clear();
    response.mutable_now()->set_seconds(61);
    if (request->total()) response.mutable_total()->set_waiting(10);
    for (int i = 0; i < 2 && request->waiting_calls(); ++i) {
      v1::CallStatus* call = response.add_calls();
      call->set_name(request->parent() + "/calls/c" + std::to_string(i));
      call->set_queue(request->parent() + "/queues/q4");
      call->mutable_wait()->set_seconds(10 * i);
      call->mutable_ewt()->set_position(i + 1);
    }
    for (int i = 0; i < 2 && request->all_agents(); ++i) {
      v1::AgentStatus* agent = response.add_agents();
      agent->set_name(request->parent() + "/agents/A" + std::to_string(i));
      agent->set_state(i == 1 ? v1::AGENT_STATE_READY : v1::AGENT_STATE_LOGGED_OUT);
      agent->mutable_time_in_state()->set_seconds(1);
    }
    writer->Write(response);
    for (int second = 62; second < 65; ++second) {
      response.Clear();
      response.mutable_now()->set_seconds(second);
      response.set_resume_token("t" + std::to_string(second));
      writer->Write(response);
    }
    while (stands && !context->IsCancelled()) std::this_thread::yield();
    return {end, "the daemon stops"};
  }

  std::vector<v1::WatchRequest> watches;
  bool stands = false;  // Says nothing more, and keeps the connection.
  grpc::StatusCode end = grpc::StatusCode::UNAVAILABLE;
};

// The daemon is on a socket of its own, so that it can stop and come back at the same address.
class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { start(); }
  ~WatchTest() override {
    stop();
    std::remove(socket_.c_str());
  }

  void start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket_, grpc::InsecureServerCredentials());
    builder.RegisterService(&wallboard_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }
  ExitCode run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--target", "unix:" + socket_, "--tenant", "bank"});
    out_.str("");
    err_.str("");
    console_.environment["NO_COLOR"] = "1";
    return run_acdctl(arguments, console_);
  }

  const std::string socket_ =
      ::testing::TempDir() + "acdctl-watch-" + std::to_string(getpid()) + ".s";
  FakeWatchService wallboard_;
  std::unique_ptr<grpc::Server> server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{out_, err_, {}};
};

TEST_F(WatchTest, OfCallsAppendsUntilItIsEnded) {
  int frames_left = 3;
  console_.wait = [&](absl::Duration interval) {
    EXPECT_EQ(interval, absl::Milliseconds(250));
    return --frames_left > 0;
  };
  EXPECT_EQ(run({"watch", "calls", "--interval", "250ms", "--json"}), ExitCode::kOk);
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(WatchTest, ADaemonThatStandsIsLost) {
  EXPECT_EQ(console_.silence_max(absl::Milliseconds(100)), absl::Seconds(5));
  EXPECT_EQ(console_.silence_max(absl::Seconds(10)), absl::Seconds(30));
  wallboard_.stands = true;
  console_.silence_max = [](absl::Duration) { return absl::Milliseconds(200); };
  // It is asked once more after it was lost.
  console_.wait = [&](absl::Duration interval) {
    return interval == absl::ZeroDuration() || wallboard_.watches.size() < 2;
  };
  EXPECT_EQ(run({"watch", "queues", "--interval", "250ms"}), ExitCode::kOk);
  EXPECT_EQ(wallboard_.watches.size(), 2u);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("connection lost, retrying"), HasSubstr("nothing was heard")));
}

TEST_F(WatchTest, PrintsAListWheneverItIsTold) {
  int frames_left = 3;
  console_.wait = [&](absl::Duration) { return --frames_left > 0; };
  EXPECT_EQ(run({"watch", "agents", "--interval", "2250ms", "--json", "--state", "ready"}),
            ExitCode::kOk);
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  // Nothing is told of the agents again: their time goes on.
  EXPECT_THAT(text, AllOf(Not(HasSubstr("A0")), HasSubstr("\"timeInState\":\"1s\""),
                          HasSubstr("\"timeInState\":\"2s\""), HasSubstr("\"timeInState\":\"3s\""),
                          HasSubstr("\"resumeToken\":\"t63\"}\n")));
  ASSERT_EQ(wallboard_.watches.size(), 1u);
  const v1::WatchRequest& request = wallboard_.watches[0];
  EXPECT_EQ(request.parent(), "tenants/bank");
  EXPECT_TRUE(request.all_agents() && !request.all_queues() && !request.total());
  EXPECT_EQ(request.interval().seconds(), 2);
  EXPECT_EQ(request.interval().nanos(), 250'000'000);
}

TEST_F(WatchTest, SurvivesARestartOfTheDaemon) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  console_.wait = [&](absl::Duration) {
    EXPECT_LT(absl::Now(), deadline) << "the watch did not recover";
    const bool is_lost = err_.str() != "";
    if (is_lost && server_ == nullptr) start();
    if (!is_lost) stop();
    return wallboard_.watches.size() < 2 && absl::Now() < deadline;
  };
  EXPECT_EQ(run({"watch"}), ExitCode::kOk);
  EXPECT_THAT(err_.str(), MatchesRegex("acdctl: connection lost, retrying: [^\n]*\n"));
}

TEST_F(WatchTest, RedrawsATerminalAndCutsWhatDoesNotFit) {
  console_.is_terminal = true;
  console_.rows = [] { return 6; };
  EXPECT_EQ(run({"watch", "queues"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), AllOf(StartsWith("\x1b[2J\x1b[H"), HasSubstr("... 9 more lines"),
                                HasSubstr("queues of bank at unix:")));
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST_F(WatchTest, TopShowsOneFrame) {
  EXPECT_EQ(run({"top", "--once"}), ExitCode::kOk) << err_.str();
  const std::string text = out_.str();
  EXPECT_THAT(text, AllOf(StartsWith("bank at unix:"), HasSubstr("by waiting"),
                          HasSubstr("\n>  q4 "), HasSubstr("\n   q0 "), HasSubstr("\n   Total "),
                          HasSubstr("daemon time 1:01\n"), Not(HasSubstr("\x1b"))));
  EXPECT_LT(text.find("q4"), text.find("q3"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '>'), 1);
  ASSERT_EQ(wallboard_.watches.size(), 1u);
  const v1::WatchRequest& request = wallboard_.watches[0];
  EXPECT_TRUE(request.all_queues() && request.total() && request.waiting_calls() && request.ewt());
  ASSERT_EQ(request.windows_size(), 1);
  EXPECT_EQ(request.windows(0), v1::STATS_WINDOW_15_MIN);
  EXPECT_EQ(run({"top", "--once", "--window", "day"}), ExitCode::kOk);
  EXPECT_EQ(wallboard_.watches[1].windows(0), v1::STATS_WINDOW_DAY);
}

TEST_F(WatchTest, TopDrawsAtEachKeyAndEndsWithQ) {
  wallboard_.stands = true;
  console_.is_terminal = true;
  console_.rows = [] { return 30; };
  console_.silence_max = [](absl::Duration) { return absl::Milliseconds(500); };
  std::atomic<bool> is_drawn = false;
  console_.wait = [&](absl::Duration) { return is_drawn = true; };
  const std::vector<std::string> typed = {"s", "\x1b[B", "\r", "q"};
  size_t next = 0;
  console_.keys = [&](absl::Duration) -> std::string {
    std::this_thread::yield();
    if (!is_drawn) return "";
    return next < typed.size() ? typed[next++] : "";
  };
  EXPECT_EQ(run({"top"}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(next, typed.size());
  EXPECT_THAT(out_.str(), AllOf(StartsWith("\x1b[2J\x1b[H"), HasSubstr("by longest wait")));
}

TEST(TopTest, KeysChooseAndOrder) {
  EXPECT_EQ(top_keys("x\x1b[A\x1b[Bsq\r"),
            (std::vector<TopKey>{TopKey::kUp, TopKey::kDown, TopKey::kSort, TopKey::kQuit,
                                 TopKey::kCalls}));
  Wall wall;
  v1::WatchResponse told;
  told.set_snapshot(true);
  for (const auto& [id, waiting] : {std::pair("b", 1), std::pair("a", 0), std::pair("c", 5)}) {
    v1::QueueStats* queue = told.add_queues();
    queue->set_name(std::string("tenants/bank/queues/") + id);
    queue->set_waiting(waiting);
  }
  v1::CallStatus* call = told.add_calls();
  call->set_name("tenants/bank/calls/x");
  call->set_queue("tenants/bank/queues/b");
  wall.take(told);
  TopChoice choice;
  const auto frame = [&] { return top_text(wall, v1::STATS_WINDOW_5_MIN, choice, {}, false); };
  EXPECT_THAT(frame(), HasSubstr("\n>  c "));
  choose(TopKey::kDown, wall, v1::STATS_WINDOW_5_MIN, &choice);
  EXPECT_THAT(frame(), AllOf(HasSubstr("\n>  b "), Not(HasSubstr("Waiting in"))));
  choose(TopKey::kCalls, wall, v1::STATS_WINDOW_5_MIN, &choice);
  EXPECT_THAT(frame(), AllOf(HasSubstr("Waiting in b\n"), HasSubstr("1 call waiting")));
  for (int i = 0; i < 3; ++i) choose(TopKey::kSort, wall, v1::STATS_WINDOW_5_MIN, &choice);
  EXPECT_EQ(choice.sort, TopSort::kName);
  const std::string by_name = frame();
  EXPECT_LT(by_name.find("   a "), by_name.find(">  b "));
  told.Clear();
  told.add_gone_calls("tenants/bank/calls/x");
  wall.take(told);
  EXPECT_THAT(frame(), HasSubstr("0 calls waiting"));
  choose(TopKey::kUp, wall, v1::STATS_WINDOW_5_MIN, &choice);
  choose(TopKey::kUp, wall, v1::STATS_WINDOW_5_MIN, &choice);
  EXPECT_EQ(choice.queue, "tenants/bank/queues/a");
}

TEST_F(WatchTest, EndsWhenTheDaemonRefusesOrWasNeverThere) {
  wallboard_.end = grpc::StatusCode::NOT_FOUND;
  console_.wait = [](absl::Duration) { return true; };
  EXPECT_EQ(run({"watch"}), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("\nTotal "));
  stop();
  EXPECT_EQ(run({"watch"}), ExitCode::kUnreachable);
}

}  // namespace
}  // namespace acd::acdctl
