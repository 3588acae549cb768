// SPDX-License-Identifier: Apache-2.0
// What is typed to ask why, against a daemon that is made up.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "acd/v1/explain_service.grpc.pb.h"
#include "tests/clients/acdctl_fixture.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;

// c1 waits, c2 was given to bob, c3 is not known.
class FakeExplains : public v1::ExplainService::Service {
 public:
  grpc::Status WhyWaiting(grpc::ServerContext*, const v1::WhyWaitingRequest* request,
                          v1::WhyWaitingResponse* response) override {
    if (request->name() == "tenants/bank/calls/c2") {
      return {grpc::StatusCode::FAILED_PRECONDITION, "does not wait"};
    }
    if (request->name() == "tenants/bank/calls/busy") {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "try again"};
    }
    if (request->name() != "tenants/bank/calls/c1") {
      return {grpc::StatusCode::NOT_FOUND, "no such call"};
    }
    return read(R"(queue: "tenants/bank/queues/spain" agents { blocker: "not_member" count: 12 }
                   agents { blocker: "novel" count: 1 } hold_back: "dials_used"
                   next_change { seconds: 31 })",
                response);
  }
  grpc::Status WhyIdle(grpc::ServerContext*, const v1::WhyIdleRequest* request,
                       v1::WhyIdleResponse* response) override {
    if (request->name() == "tenants/bank/agents/ada") {
      return read(R"(blocker: "wrap_up" calls { blocker: "wrap_up" count: 2 } switch_away: true)",
                  response);
    }
    if (request->name() == "tenants/bank/agents/bob") return grpc::Status::OK;
    return {grpc::StatusCode::NOT_FOUND, "no such agent"};
  }
  grpc::Status ExplainAssignment(grpc::ServerContext*, const v1::ExplainAssignmentRequest* request,
                                 v1::ExplainAssignmentResponse* response) override {
    if (request->name() != "tenants/bank/calls/c2") {
      return {grpc::StatusCode::NOT_FOUND, "no record of it"};
    }
    return read(R"(sequence: 17 age { seconds: 65 } queue: "tenants/bank/queues/sales"
                   config_version: 3 call_order: "priority" strategy: "longest_idle" steps: 1 steps: 3
                   tie_break: "idle"
                   candidates { agent: "tenants/bank/agents/bob" rank: 1 idle { seconds: 90 } }
                   candidates { agent: "tenants/bank/agents/ada" rank: 1 idle { seconds: 9 } }
                   groups { example: "tenants/bank/agents/cy" blocker: "not_ready" logged_in: 4 })",
                response);
  }

 private:
  static grpc::Status read(const char* text, google::protobuf::Message* response) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, response));
    return grpc::Status::OK;
  }
};

using AcdctlWhyTest = AcdctlTest<FakeExplains>;
TEST_F(AcdctlWhyTest, SaysWhyACallWaits) {
  EXPECT_EQ(run({"why", "c1"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("c1 waits in spain\ndials_used: as many customers"));
  EXPECT_THAT(out_.str(), HasSubstr("    12  not_member      not in the queue, or paused in it\n"));
  EXPECT_THAT(out_.str(), HasSubstr("     1  novel\n"));
  EXPECT_THAT(out_.str(), HasSubstr("changes by itself in 0:31\n"));
  EXPECT_EQ(run({"why", "c1", "--json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr(R"("holdBack":"dials_used")"));
}

TEST_F(AcdctlWhyTest, SaysHowACallThatDoesNotWaitCameToItsAgent) {
  EXPECT_EQ(run({"why", "c2"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("c2 went to bob in sales, 1:05 ago, by idle: idle longer\n"));
  EXPECT_THAT(out_.str(), HasSubstr("strategy longest_idle, call order priority, priority 0, "
                                    "configuration 3, steps 1 3\n"));
  EXPECT_THAT(out_.str(), HasSubstr("ada"));
  EXPECT_THAT(out_.str(), HasSubstr("not_ready       logged out, not ready, or about to log out"));
  EXPECT_EQ(run({"why", "c2", "--json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr(R"("sequence":"17")"));
}

TEST_F(AcdctlWhyTest, SaysWhyAnAgentIsIdle) {
  EXPECT_EQ(run({"why-idle", "ada"}), ExitCode::kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ada can take nothing: wrap_up, in after-call work\n"
                                    "its switch is away\n"));
  EXPECT_THAT(out_.str(), HasSubstr("    2  wrap_up"));
  EXPECT_EQ(run({"why-idle", "bob"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "bob is free: nothing waits\n");
  EXPECT_EQ(run({"why-idle", "bob", "--json"}), ExitCode::kOk);
}

TEST_F(AcdctlWhyTest, TellsWhatIsRefused) {
  EXPECT_EQ(run({"why", "c3"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("no record of it"));
  EXPECT_NE(run({"why", "busy"}), ExitCode::kOk);
  EXPECT_THAT(err_.str(), HasSubstr("try again"));
  EXPECT_EQ(run({"why-idle", "fay"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("no such agent"));
  EXPECT_EQ(run({"why"}), ExitCode::kUsage);
  EXPECT_EQ(run({"--help", "why"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("why a call waits, or how its latest assignment was decided"));
}

}  // namespace
}  // namespace acd::acdctl
