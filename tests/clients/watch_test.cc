// SPDX-License-Identifier: Apache-2.0
// `acdctl watch` before a daemon that is made up.
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/acdctl/commands.h"

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
