// SPDX-License-Identifier: Apache-2.0
// Whole command lines against a daemon that is made up: gRPC, pages, errors, exit codes.
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/call_service.grpc.pb.h"
#include "acd/v1/config_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "clients/acdctl/commands.h"

#include "tests/clients/fake_wallboard.h"

namespace acd::acdctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class FakeConfigService : public v1::ConfigService::Service {
 public:
  std::vector<std::string> tenants = {"tenants/bank"};
  std::vector<std::string> violations;
  std::vector<v1::OverrideQueueRequest> overrides;
  // What was asked of UpsertAgents; the request of that number is refused.
  std::vector<v1::UpsertAgentsRequest> upserts;
  size_t refused_upsert = SIZE_MAX;

  grpc::Status UpsertAgents(grpc::ServerContext*, const v1::UpsertAgentsRequest* request,
                            v1::UpsertAgentsResponse* response) override {
    upserts.push_back(*request);
    if (upserts.size() - 1 == refused_upsert) {
      return refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "STORAGE_FULL", "the disk is full");
    }
    response->set_upserted(request->agents_size());
    return grpc::Status::OK;
  }
  grpc::Status ListTenants(grpc::ServerContext*, const v1::ListTenantsRequest* request,
                           v1::ListTenantsResponse* response) override {
    response->set_next_page_token(
        page_of(static_cast<int>(tenants.size()), request->page_token(),
                [&](int i) { response->add_names(tenants[static_cast<size_t>(i)]); }));
    return grpc::Status::OK;
  }
  grpc::Status GetConfig(grpc::ServerContext*, const v1::GetConfigRequest* request,
                         v1::TenantConfig* response) override {
    response->set_name(request->name());
    response->add_skills("ps");
    response->add_skills("ts");
    return grpc::Status::OK;
  }
  grpc::Status OverrideQueue(grpc::ServerContext*, const v1::OverrideQueueRequest* request,
                             v1::OverrideQueueResponse* response) override {
    overrides.push_back(*request);
    if (request->name() == "tenants/bank/queues/nope") {
      return refusal(grpc::StatusCode::NOT_FOUND, "QUEUE_UNKNOWN", "no such queue");
    }
    response->set_is_open(request->state() != v1::QUEUE_OVERRIDE_CLOSED);
    return grpc::Status::OK;
  }
  grpc::Status ValidateConfig(grpc::ServerContext*, const v1::ValidateConfigRequest*,
                              v1::ValidateConfigResponse* response) override {
    for (const std::string& text : violations) {
      v1::ConfigViolation* violation = response->add_violations();
      violation->set_field("queues[0].requirement");
      violation->set_description(text);
    }
    return grpc::Status::OK;
  }
};

class FakeCallService : public v1::CallService::Service {
 public:
  v1::SetCallOutcomeRequest last;
  v1::TransferCallRequest transferred;
  v1::ConsultRequest consulted;
  v1::MergeConsultRequest merged;

  grpc::Status Consult(grpc::ServerContext*, const v1::ConsultRequest* request,
                       v1::ConsultResponse*) override {
    consulted = *request;
    if (request->to().has_supervisor()) {
      return refusal(grpc::StatusCode::FAILED_PRECONDITION, "PARTY_UNKNOWN", "several are on it");
    }
    return grpc::Status::OK;
  }
  grpc::Status MergeConsult(grpc::ServerContext*, const v1::MergeConsultRequest* request,
                            v1::MergeConsultResponse*) override {
    merged = *request;
    return grpc::Status::OK;
  }

  grpc::Status TransferCall(grpc::ServerContext*, const v1::TransferCallRequest* request,
                            v1::TransferCallResponse*) override {
    transferred = *request;
    if (request->transfer().has_supervisor()) {
      return refusal(grpc::StatusCode::FAILED_PRECONDITION, "NO_SUPERVISOR", "nobody is there");
    }
    return grpc::Status::OK;
  }

  v1::RequestCallbackRequest callback;
  v1::CancelCallRequest canceled;
  v1::ScheduleCallRequest scheduled;
  v1::RescheduleCallRequest rescheduled;

  grpc::Status RequestCallback(grpc::ServerContext*, const v1::RequestCallbackRequest* request,
                               v1::RequestCallbackResponse*) override {
    callback = *request;
    if (request->number() == "0900") {
      return refusal(grpc::StatusCode::FAILED_PRECONDITION, "NUMBER_NOT_ALLOWED", "is not called");
    }
    return grpc::Status::OK;
  }
  grpc::Status CancelCall(grpc::ServerContext*, const v1::CancelCallRequest* request,
                          v1::CancelCallResponse*) override {
    canceled = *request;
    return grpc::Status::OK;
  }
  grpc::Status ScheduleCall(grpc::ServerContext*, const v1::ScheduleCallRequest* request,
                            v1::ScheduleCallResponse*) override {
    scheduled = *request;
    return grpc::Status::OK;
  }
  grpc::Status RescheduleCall(grpc::ServerContext*, const v1::RescheduleCallRequest* request,
                              v1::RescheduleCallResponse*) override {
    rescheduled = *request;
    return grpc::Status::OK;
  }

  grpc::Status SetCallOutcome(grpc::ServerContext*, const v1::SetCallOutcomeRequest* request,
                              v1::SetCallOutcomeResponse*) override {
    last = *request;
    if (request->name() == "tenants/bank/calls/gone") {
      return refusal(grpc::StatusCode::NOT_FOUND, "CALL_UNKNOWN", "no such call");
    }
    return grpc::Status::OK;
  }
};

// A daemon on a socket of its own, so that it can stop and come back at the same address.
class AcdctlDaemonTest : public ::testing::Test {
 protected:
  AcdctlDaemonTest() {
    std::string path = ::testing::TempDir() + "acdctlXXXXXX";
    const int file = mkstemp(path.data());
    EXPECT_GE(file, 0);
    close(file);
    path_ = path;
    start();
  }
  ~AcdctlDaemonTest() override {
    stop();
    std::remove(path_.c_str());
    std::remove(socket().c_str());
  }

  [[nodiscard]] std::string socket() const { return path_ + ".s"; }

  void start() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket(), grpc::InsecureServerCredentials());
    builder.RegisterService(&calls_);
    builder.RegisterService(&config_);
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
    arguments.insert(arguments.begin(), {"--target", "unix:" + socket()});
    out_.str("");
    err_.str("");
    console_.environment["NO_COLOR"] = "1";
    return run_acdctl(arguments, console_);
  }

  // A file that is read by `config validate`, with its name.
  std::string file(const std::string& text) {
    std::ofstream(path_) << text;
    return path_;
  }

  std::string path_;
  FakeCallService calls_;
  FakeConfigService config_;
  FakeWallboardService wallboard_;
  std::unique_ptr<grpc::Server> server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{out_, err_, {}};
};

constexpr char kGoodConfig[] = "tenants:\n  - id: bank\n    queues:\n      - id: q\n";

TEST_F(AcdctlDaemonTest, FollowsPagesToTheEnd) {
  EXPECT_EQ(run({"queues"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\nq0 "), HasSubstr("\nq4 "), HasSubstr("\nTotal "),
                                HasSubstr("daemon time 1:01\n")));
  EXPECT_EQ(run({"agents"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("3 agents: 2 logged out, 1 ready"));
  EXPECT_EQ(run({"calls"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("4 calls: 4 waiting"));
}

TEST_F(AcdctlDaemonTest, PrintsOneJsonDocumentOfAllPages) {
  EXPECT_EQ(run({"calls", "--json", "--queue", "q0"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(),
              AllOf(StartsWith("{\"calls\":[{\"name\":\"tenants/bank/calls/c0\""),
                    HasSubstr("calls/c2"), Not(HasSubstr("calls/c1")), HasSubstr("\"priority\":0"),
                    HasSubstr("\"nextPageToken\":\"\",\"resumeToken\":\"\"}\n")));
  EXPECT_EQ(out_.str().find('\n'), out_.str().size() - 1);
}

TEST_F(AcdctlDaemonTest, ShowsWindowsAndPredictions) {
  EXPECT_EQ(run({"queues", "q0"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(
      out_.str(),
      AllOf(HasSubstr("Agents: 3 ready\n"), HasSubstr("Predicted wait: unknown, no agents\n"),
            HasSubstr("\n5m          10         1"), HasSubstr("\nday         50         5"),
            HasSubstr("\nwait answered      2  0:10")));
  EXPECT_EQ(run({"queues", "--window", "60m"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\nq4 "), HasSubstr("  40 "), HasSubstr("0:14"),
                                HasSubstr("window 60m, daemon time 1:01\n")));
  EXPECT_EQ(run({"queues", "--window", "2h"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--window: \"2h\" is none of 5m, 15m, 30m, 60m, day"));
}

TEST_F(AcdctlDaemonTest, ShowsCallsThatWaitWithTheirPlaces) {
  EXPECT_EQ(run({"calls", "--waiting", "--queue", "q0"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("Position"), HasSubstr("EWT"), HasSubstr("\nc2 "), HasSubstr("1:30"),
                    Not(HasSubstr("\nc1 ")), HasSubstr("2 calls waiting\n")));
  EXPECT_EQ(run({"calls", "c1", "--waiting"}), ExitCode::kUsage);
}

TEST_F(AcdctlDaemonTest, LeavesUnsetOptionalFieldsOutOfJson) {
  EXPECT_EQ(run({"queues", "q0", "--json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"waiting\":\"0\""), HasSubstr("\"conserved\":true"),
                                Not(HasSubstr("serviceLevelPercent"))));
}

TEST_F(AcdctlDaemonTest, ShowsOnlyAgentsInGivenStates) {
  EXPECT_EQ(run({"agents", "--state", "ready"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("A1"), Not(HasSubstr("A0")), HasSubstr("1 agent: ")));
}

TEST_F(AcdctlDaemonTest, TellsHowACallWent) {
  EXPECT_EQ(run({"calls", "outcome", "c/1", "--code", "sold", "--label", "vip,angry", "--reference",
                 "crm 17", "--resolved", "no", "--survey", "0", "--quality", "100"}),
            ExitCode::kOk)
      << err_.str();
  EXPECT_EQ(out_.str(),
            "c/1: code sold, labels vip,angry, reference crm 17, not resolved, survey 0, quality "
            "100\n");
  EXPECT_EQ(calls_.last.name(), "tenants/bank/calls/c/1");
  EXPECT_EQ(calls_.last.request_id().size(), 36u);
  const v1::CallOutcome& outcome = calls_.last.outcome();
  EXPECT_EQ(outcome.wrap_up_code(), "sold");
  ASSERT_EQ(outcome.labels().labels_size(), 2);
  EXPECT_EQ(outcome.labels().labels(1), "angry");
  EXPECT_EQ(outcome.reference(), "crm 17");
  EXPECT_TRUE(outcome.has_resolved() && !outcome.resolved());
  EXPECT_TRUE(outcome.has_survey_score() && outcome.survey_score() == 0);
  EXPECT_EQ(outcome.quality_score(), 100);

  EXPECT_EQ(run({"calls", "outcome", "c1", "--no-labels", "--json"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "{}\n");
  EXPECT_TRUE(calls_.last.outcome().has_labels());
  EXPECT_FALSE(calls_.last.outcome().has_wrap_up_code() || calls_.last.outcome().has_resolved());

  EXPECT_EQ(run({"calls", "outcome", "gone", "--resolved", "yes"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: CALL_UNKNOWN: no such call"));
}

TEST_F(AcdctlDaemonTest, AnOutcomeThatSaysNothingIsNoCommand) {
  EXPECT_EQ(run({"calls", "outcome", "c1"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("nothing is told"));
  EXPECT_EQ(run({"calls", "outcome", "c1", "--resolved", "maybe"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--resolved is yes or no, not \"maybe\""));
  EXPECT_EQ(run({"calls", "outcome", "c1", "--survey", "good"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--survey: \"good\" is no number"));
  EXPECT_EQ(run({"calls", "outcome", "c1", "--label", "a", "--no-labels"}), ExitCode::kUsage);
  EXPECT_EQ(run({"calls", "--survey", "3"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--survey is no option of \"calls\""));
}

class AgentsImportTest : public AcdctlDaemonTest {
 protected:
  AgentsImportTest() {
    write("map.yaml",
          "agent: {column: agent}\nskills:\n"
          "  - {column: score, skill: ps, bands: {low: none, mid: 5, high: 9}}\n");
    write("scores.csv", "agent,score\nA0,high\nA1,low\nA2,mid\n");
  }
  ~AgentsImportTest() override {
    for (const char* name : {"map.yaml", "scores.csv"}) std::remove(path(name).c_str());
  }
  static std::string path(const std::string& name) {
    return ::testing::TempDir() + "acdctl-import-" + std::to_string(getpid()) + "-" + name;
  }
  static void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  ExitCode import(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"agents", "import", path("scores.csv"), "--mapping",
                                          path("map.yaml")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

TEST_F(AgentsImportTest, ADryRunShowsTheLevelsAndHasThemChecked) {
  EXPECT_EQ(import({"--dry-run"}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(),
            "A0  ps - -> 9\n"
            "A2  ps - -> 5\n"
            "2 agents would be changed (dry run: nothing is), 1 as they were\n");
  ASSERT_EQ(config_.upserts.size(), 1u);
  EXPECT_TRUE(config_.upserts[0].validate_only());
}

TEST_F(AgentsImportTest, SendsOnlyWhoChangesAndChecksFirst) {
  EXPECT_EQ(import(), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("2 agents changed, 1 as they were\n"));
  ASSERT_EQ(config_.upserts.size(), 2u);
  EXPECT_TRUE(config_.upserts[0].validate_only());
  const v1::UpsertAgentsRequest& sent = config_.upserts[1];
  EXPECT_FALSE(sent.validate_only());
  EXPECT_EQ(sent.request_id().size(), 36u);
  EXPECT_EQ(sent.parent(), "tenants/bank");
  ASSERT_EQ(sent.agents_size(), 2);
  EXPECT_EQ(sent.agents(0).name(), "tenants/bank/agents/A0");
  EXPECT_EQ(sent.agents(0).skills().at("ps"), 9);
  ASSERT_EQ(sent.update_mask().paths_size(), 1);
  EXPECT_EQ(sent.update_mask().paths(0), "skills.ps");
  EXPECT_EQ(import({"--json"}), ExitCode::kOk);
  EXPECT_EQ(
      out_.str(),
      "{\"agents\":[{\"agent\":\"A0\",\"changes\":[{\"skill\":\"ps\",\"before\":0,\"after\":9}]},"
      "{\"agent\":\"A2\",\"changes\":[{\"skill\":\"ps\",\"before\":0,\"after\":5}]}],"
      "\"scored\":3,\"changed\":2,\"applied\":true}\n");
}

// What changes of one agent is not sent of another, of whom somebody else may change it meanwhile.
TEST_F(AgentsImportTest, ARequestNamesTheSkillsThatChangeOfAllItsAgents) {
  write("map.yaml",
        "agent: {column: agent}\nskills:\n"
        "  - {column: score, skill: ps, bands: {low: none, mid: 5, high: 9}}\n"
        "  - {column: tone, skill: ts, bands: {low: none, mid: 5, high: 9}}\n");
  write("scores.csv", "agent,score,tone\nA0,low,high\nA1,high,low\nA2,low,mid\n");
  EXPECT_EQ(import(), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(),
            "A0  ts - -> 9\nA1  ps - -> 9\nA2  ts - -> 5\n"
            "3 agents changed, 0 as they were\n");
  std::vector<std::string> sent;
  for (const v1::UpsertAgentsRequest& request : config_.upserts) {
    std::string& line = sent.emplace_back(request.validate_only() ? "check" : "change");
    for (const std::string& path : request.update_mask().paths()) line += " " + path;
    for (const v1::Agent& agent : request.agents()) line += " " + agent.name().substr(20);
  }
  EXPECT_THAT(sent, ElementsAre("check skills.ps A1", "check skills.ts A0 A2",
                                "change skills.ps A1", "change skills.ts A0 A2"));
}

TEST_F(AgentsImportTest, WhatTheDaemonRefusesChangesNothing) {
  config_.refused_upsert = 0;
  EXPECT_EQ(import(), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("STORAGE_FULL"));
  EXPECT_EQ(config_.upserts.size(), 1u);
  config_.upserts.clear();
  config_.refused_upsert = 1;
  EXPECT_EQ(import(), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("after 0 of 2 agents"));
}

TEST_F(AgentsImportTest, AFaultInAFileSendsNothing) {
  write("scores.csv", "agent,score\nA0,high\nA9,low\nA2,great\n");
  EXPECT_EQ(import(), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("scores.csv:3: column 1 (agent): there is no agent 'A9'"),
                                HasSubstr("scores.csv:4: column 2 (score): is 'great'")));
  EXPECT_TRUE(config_.upserts.empty());
  write("scores.csv", "agent,score\n\"A0,high\n");
  EXPECT_EQ(import(), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("scores.csv: line 2: a quote is not closed"));
  write("map.yaml", "agent: {}\n");
  EXPECT_EQ(import(), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), HasSubstr("map.yaml:1: agent.column: is required"));
  EXPECT_EQ(run({"agents", "import", path("scores.csv")}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--mapping FILE is missing"));
  EXPECT_EQ(run({"agents", "import", "/nowhere.csv", "--mapping", path("map.yaml")}),
            ExitCode::kLocalFile);
}

TEST_F(AgentsImportTest, ManyAgentsGoInSeveralRequests) {
  wallboard_.agent_count = 1'002;
  std::string scores = "agent,score\n";
  for (int i = 0; i < 1'002; ++i) scores += "A" + std::to_string(i) + ",high\n";
  write("scores.csv", scores);
  config_.refused_upsert = 3;  // The second that is no check.
  EXPECT_EQ(import(), ExitCode::kRefused);
  ASSERT_EQ(config_.upserts.size(), 4u);
  EXPECT_EQ(config_.upserts[2].agents_size(), 1'000);
  EXPECT_EQ(config_.upserts[3].agents_size(), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("after 1000 of 1002 agents"),
                                HasSubstr("the same command again goes on with the others")));
}

TEST_F(AcdctlDaemonTest, CallsBackAndSchedules) {
  EXPECT_EQ(run({"calls", "callback", "+44 20 1", "--call", "c1", "--id", "cb"}), ExitCode::kOk);
  EXPECT_EQ(calls_.callback.name(), "tenants/bank/calls/cb");
  EXPECT_EQ(calls_.callback.origin_call(), "tenants/bank/calls/c1");
  EXPECT_EQ(calls_.callback.number(), "+44 20 1");
  EXPECT_EQ(run({"calls", "callback", "0201", "--queue", "loans", "--switch", "pbx1"}),
            ExitCode::kOk);
  EXPECT_EQ(calls_.callback.queue(), "tenants/bank/queues/loans");
  EXPECT_EQ(run({"calls", "callback", "0900", "--call", "c1"}), ExitCode::kRefused);
  EXPECT_EQ(run({"calls", "callback", "0201", "--call", "c1", "--queue", "q"}), ExitCode::kUsage);

  EXPECT_EQ(run({"calls", "cancel", "cb"}), ExitCode::kOk);
  EXPECT_EQ(calls_.canceled.name(), "tenants/bank/calls/cb");
  EXPECT_EQ(run({"calls", "schedule", "--queue", "loans", "--switch", "pbx1", "--at",
                 "2030-01-01T00:00:00Z", "--number", "0201", "--priority", "2", "--id", "f1"}),
            ExitCode::kOk);
  EXPECT_EQ(calls_.scheduled.name(), "tenants/bank/calls/f1");
  EXPECT_EQ(calls_.scheduled.time().seconds(), 1'893'456'000);
  EXPECT_EQ(calls_.scheduled.priority(), 2);
  EXPECT_EQ(run({"calls", "schedule", "--queue", "loans", "--switch", "pbx1"}), ExitCode::kUsage);
  EXPECT_EQ(run({"calls", "reschedule", "f1", "--at", "2030-01-01T00:00:01Z"}), ExitCode::kOk);
  EXPECT_EQ(calls_.rescheduled.time().seconds(), 1'893'456'001);
}

TEST_F(AcdctlDaemonTest, TransfersACall) {
  EXPECT_EQ(
      run({"calls", "transfer", "c1", "--to-agent", "ada", "--queue", "loans", "--by", "bob"}),
      ExitCode::kOk)
      << err_.str();
  EXPECT_EQ(out_.str(), "c1: to agent ada, in queue loans\n");
  EXPECT_EQ(calls_.transferred.name(), "tenants/bank/calls/c1");
  EXPECT_EQ(calls_.transferred.request_id().size(), 36u);
  EXPECT_EQ(calls_.transferred.transfer().agent_id(), "ada");
  EXPECT_EQ(calls_.transferred.transfer().via_queue_id(), "loans");
  EXPECT_EQ(calls_.transferred.transfer().from_agent_id(), "bob");

  EXPECT_EQ(run({"calls", "transfer", "c1", "--to-queue", "cards", "--json"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "{}\n");
  EXPECT_EQ(calls_.transferred.transfer().queue_id(), "cards");
  EXPECT_EQ(run({"calls", "transfer", "c1", "--outside", "+44123"}), ExitCode::kOk);
  EXPECT_EQ(calls_.transferred.transfer().outside(), "+44123");
  EXPECT_EQ(run({"calls", "transfer", "c1", "--to-supervisor"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: NO_SUPERVISOR: nobody is there"));
}

TEST_F(AcdctlDaemonTest, ConsultsAndMerges) {
  EXPECT_EQ(run({"calls", "consult", "c1", "--to-agent", "ada", "--queue", "loans", "--by", "bob",
                 "--id", "x1"}),
            ExitCode::kOk)
      << err_.str();
  EXPECT_EQ(out_.str(), "consult x1 about c1: to agent ada, in queue loans\n");
  EXPECT_EQ(calls_.consulted.name(), "tenants/bank/calls/c1");
  EXPECT_EQ(calls_.consulted.consult_id(), "x1");
  EXPECT_EQ(calls_.consulted.to().from_agent_id(), "bob");
  EXPECT_EQ(run({"calls", "consult", "c1", "--to-queue", "cards"}), ExitCode::kOk);
  EXPECT_EQ(calls_.consulted.consult_id().size(), 36u);
  EXPECT_THAT(out_.str(), HasSubstr(calls_.consulted.consult_id()));
  EXPECT_EQ(run({"calls", "consult", "c1", "--to-supervisor"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: PARTY_UNKNOWN: several are on it"));
  EXPECT_EQ(run({"calls", "consult", "c1", "--outside", "+44123"}), ExitCode::kOk);
  EXPECT_EQ(calls_.consulted.to().outside(), "+44123");

  EXPECT_EQ(run({"calls", "merge", "x1"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "x1: merged\n");
  EXPECT_EQ(calls_.merged.name(), "tenants/bank/calls/x1");
  EXPECT_FALSE(calls_.merged.conference());
  EXPECT_EQ(run({"calls", "conference", "x1"}), ExitCode::kOk);
  EXPECT_TRUE(calls_.merged.conference());
  EXPECT_EQ(calls_.merged.request_id().size(), 36u);
}

TEST_F(AcdctlDaemonTest, ATransferGoesToOnePlace) {
  EXPECT_EQ(run({"calls", "transfer", "c1"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("give one of --to-queue"));
  EXPECT_EQ(run({"calls", "transfer", "c1", "--to-queue", "a", "--to-supervisor"}),
            ExitCode::kUsage);
  EXPECT_EQ(run({"calls", "transfer", "c1", "--to-queue", "a", "--queue", "b"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--queue goes with --to-agent or --to-supervisor"));
}

TEST_F(AcdctlDaemonTest, PrintsARefusalAsOneLine) {
  EXPECT_EQ(run({"queues", "nope"}), ExitCode::kRefused);
  EXPECT_EQ(err_.str(),
            "acdctl: QUEUE_UNKNOWN: no such queue (hint: `acdctl queues` lists them)\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(AcdctlDaemonTest, RefusesToFilterByAnUnknownQueue) {
  EXPECT_EQ(run({"calls", "--queue", "nope"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: QUEUE_UNKNOWN: "));
}

TEST_F(AcdctlDaemonTest, AsksForTheTenantWhenThereAreSeveral) {
  config_.tenants = {"tenants/a", "tenants/b", "tenants/c"};
  EXPECT_EQ(run({"queues"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("serves 3 tenants"), HasSubstr("(a, b, c)")));
  EXPECT_EQ(run({"queues", "--tenant", "b"}), ExitCode::kOk);
  EXPECT_EQ(run({"tenants"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "a\nb\nc\n");
}

TEST_F(AcdctlDaemonTest, SaysThatNothingIsServed) {
  config_.tenants.clear();
  EXPECT_EQ(run({"queues"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("serves no tenant"));
}

TEST_F(AcdctlDaemonTest, TellsHealthAndClock) {
  EXPECT_EQ(run({"health"}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(), "unix:" + socket() + ": serving, clock wall\n");
  server_->GetHealthCheckService()->SetServingStatus("acd.clock.driven", true);
  EXPECT_EQ(run({"health", "--json"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(),
            "{\"status\":\"SERVING\",\"clockMode\":\"CLOCK_MODE_DRIVEN\",\"configDrift\":false}\n");
  server_->GetHealthCheckService()->SetServingStatus("acd.journal", true);
  server_->GetHealthCheckService()->SetServingStatus("acd.history", true);
  EXPECT_EQ(run({"health"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "unix:" + socket() + ": serving, clock driven\n");
  server_->GetHealthCheckService()->SetServingStatus("acd.journal", false);
  EXPECT_EQ(run({"health"}), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("serving, clock driven\njournal: in trouble: the disk"));
  EXPECT_EQ(run({"health", "--json"}), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("\"journal\":\"NOT_SERVING\",\"history\":\"SERVING\"}"));
  server_->GetHealthCheckService()->SetServingStatus("", false);
  EXPECT_EQ(run({"health"}), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("not serving"));
}

TEST_F(AcdctlDaemonTest, SaysThatTheDaemonIsNotReachable) {
  stop();
  EXPECT_EQ(run({"health"}), ExitCode::kUnreachable);
  EXPECT_THAT(err_.str(),
              HasSubstr("daemon not reachable at unix:" + socket() + ": is acdd running?"));
  EXPECT_EQ(run({"watch"}), ExitCode::kUnreachable);
}

TEST_F(AcdctlDaemonTest, PrintsTheConfigurationInForce) {
  EXPECT_EQ(run({"config", "get"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "tenants:\n  - id: bank\n    skills: [ps, ts]\n");
}

TEST_F(AcdctlDaemonTest, ValidatesAFileHereAndThere) {
  const std::string path = file(kGoodConfig);
  EXPECT_EQ(run({"config", "validate", path}), ExitCode::kOk) << err_.str();
  EXPECT_EQ(out_.str(), path + ": tenant bank: 1 queue, 0 skills, 0 agents: valid\n");
  config_.violations = {"not today"};
  EXPECT_EQ(run({"config", "validate", path}), ExitCode::kRefused);
  EXPECT_EQ(err_.str(),
            "acdctl: CONFIG_INVALID: " + path + ": tenants[0].queues[0].requirement: not today\n");
  stop();
  EXPECT_EQ(run({"config", "validate", path}), ExitCode::kUnreachable);
  EXPECT_EQ(run({"config", "validate", path, "--offline"}), ExitCode::kOk);
}

TEST_F(AcdctlDaemonTest, NamesTheLineOfAnInvalidFile) {
  const std::string path = file("tenants:\n  - id: bank\n    queus: []\n");
  EXPECT_EQ(run({"config", "validate", path}), ExitCode::kLocalFile);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: " + path + ":3: "));
  EXPECT_EQ(run({"config", "validate", path + ".missing"}), ExitCode::kLocalFile);
}

TEST_F(AcdctlDaemonTest, OverridesAQueue) {
  EXPECT_EQ(run({"queues", "close", "q1", "--reason", "fire drill", "--until",
                 "2026-11-23T18:00:00+01:00"}),
            ExitCode::kOk)
      << err_.str();
  EXPECT_EQ(out_.str(), "q1: closed, whatever its calendar says, until 2026-11-23 17:00:00 UTC\n");
  const v1::OverrideQueueRequest closed = config_.overrides.at(0);
  EXPECT_EQ(closed.name(), "tenants/bank/queues/q1");
  EXPECT_EQ(closed.state(), v1::QUEUE_OVERRIDE_CLOSED);
  EXPECT_EQ(closed.reason(), "fire drill");
  EXPECT_EQ(closed.until().seconds(), 1'795'453'200);
  EXPECT_EQ(closed.request_id().size(), 36u);
  EXPECT_FALSE(closed.validate_only());
  EXPECT_EQ(run({"queues", "open", "q1", "--reason", "r", "--dry-run"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(),
            "q1: would be open, whatever its calendar says (dry run: nothing is changed)\n");
  EXPECT_EQ(config_.overrides.at(1).state(), v1::QUEUE_OVERRIDE_OPEN);
  EXPECT_FALSE(config_.overrides.at(1).has_until());
  EXPECT_TRUE(config_.overrides.at(1).validate_only());
  EXPECT_EQ(run({"queues", "follow", "q1", "--reason", "r"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "q1: open, not overridden any more\n");
  EXPECT_EQ(config_.overrides.at(2).state(), v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR);
  EXPECT_EQ(run({"queues", "open", "q1", "--reason", "r", "--json"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "{\"isOpen\":true}\n");
  EXPECT_EQ(run({"queues", "open", "nope", "--reason", "r"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), StartsWith("acdctl: QUEUE_UNKNOWN: "));
  EXPECT_EQ(run({"queues", "open", "q1"}), ExitCode::kUsage);
}

TEST_F(AcdctlDaemonTest, SaysThatTheOutputCannotBeWritten) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(run({"tenants"}), ExitCode::kLocalFile);
  EXPECT_EQ(err_.str(), "acdctl: the output cannot be written\n");
}

TEST_F(AcdctlDaemonTest, PrintsVersionAndHelpWithoutADaemon) {
  stop();
  EXPECT_EQ(run({"--version"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), StartsWith("acdctl "));
  EXPECT_EQ(run({"queues", "--help"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), StartsWith("acdctl queues [QUEUE]\n"));
  EXPECT_EQ(run({"help", "config"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("acdctl config validate FILE"));
  EXPECT_EQ(run({"help", "qeues"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean \"queues\"?"));
}

}  // namespace
}  // namespace acd::acdctl
