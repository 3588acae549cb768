// SPDX-License-Identifier: Apache-2.0
// What supervisors type, against a daemon that is made up.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "acd/v1/supervisor_service.grpc.pb.h"
#include "tests/clients/acdctl_fixture.h"

namespace acd::acdctl {
namespace {

using ::testing::HasSubstr;

// Keeps what was asked, in one line without its request id.
class FakeSupervisors : public v1::SupervisorService::Service {
 public:
  std::string asked;

#define ACD_METHOD(Name)                                                                         \
  grpc::Status Name(grpc::ServerContext*, const v1::Name##Request* request, v1::Name##Response*) \
      override {                                                                                 \
    return keep(#Name, *request);                                                                \
  }
  ACD_METHOD(SetAgentState)
  ACD_METHOD(EndWrapUp)
  ACD_METHOD(ExtendWrapUp)
  ACD_METHOD(PauseMember)
  ACD_METHOD(UnpauseMember)
  ACD_METHOD(RequeueCall)
  ACD_METHOD(ChangeCallPriority)
  ACD_METHOD(WithdrawCall)
  ACD_METHOD(SuperviseCall)
#undef ACD_METHOD

 private:
  template <typename Request>
  grpc::Status keep(const std::string& method, Request request) {
    EXPECT_EQ(request.request_id().size(), 36u);
    if (request.name() == "tenants/bank/calls/gone") {
      return {grpc::StatusCode::NOT_FOUND, "no live call has this id"};
    }
    request.clear_request_id();
    asked = method + " " + request.ShortDebugString();
    return grpc::Status::OK;
  }
};

class AcdctlSuperviseTest : public AcdctlTest<FakeSupervisors> {
 protected:
  std::string asked(const std::vector<std::string>& arguments) {
    service_.asked.clear();
    EXPECT_EQ(run(arguments), ExitCode::kOk) << err_.str();
    return service_.asked;
  }
};

TEST_F(AcdctlSuperviseTest, AsksAboutAgents) {
  const std::string ada = R"(name: "tenants/bank/agents/ada")";
  EXPECT_EQ(asked({"agents", "ready", "ada"}), "SetAgentState " + ada + " ready { }");
  EXPECT_EQ(out_.str(), "ada: ready\n");
  EXPECT_EQ(asked({"agents", "not-ready", "ada"}), "SetAgentState " + ada + " not_ready { }");
  EXPECT_EQ(asked({"agents", "not-ready", "ada", "100"}),
            "SetAgentState " + ada + " not_ready { reason: 100 }");
  EXPECT_EQ(asked({"agents", "log-out", "ada"}), "SetAgentState " + ada + " logged_out { }");
  EXPECT_EQ(asked({"agents", "log-out", "ada", "--forced"}),
            "SetAgentState " + ada + " logged_out { forced: true }");
  EXPECT_EQ(asked({"agents", "end-wrap-up", "ada"}), "EndWrapUp " + ada);
  EXPECT_EQ(asked({"agents", "extend-wrap-up", "ada", "c1"}),
            "ExtendWrapUp " + ada + R"( call_id: "c1")");
  const std::string loans = R"( queue: "tenants/bank/queues/loans")";
  EXPECT_EQ(asked({"agents", "pause", "ada", "loans", "7"}),
            "PauseMember " + ada + loans + " reason: 7");
  EXPECT_EQ(asked({"agents", "unpause", "ada", "loans"}), "UnpauseMember " + ada + loans);
}

TEST_F(AcdctlSuperviseTest, AsksAboutCalls) {
  const std::string call = R"(name: "tenants/bank/calls/c1")";
  EXPECT_EQ(asked({"calls", "requeue", "c1"}), "RequeueCall " + call);
  EXPECT_EQ(out_.str(), "c1: back in its queue\n");
  EXPECT_EQ(asked({"calls", "priority", "c1", "0"}), "ChangeCallPriority " + call + " priority: 0");
  EXPECT_EQ(asked({"calls", "withdraw", "c1"}), "WithdrawCall " + call);
  EXPECT_EQ(asked({"calls", "withdraw", "c1", "17"}), "WithdrawCall " + call + " cause: 17");
  EXPECT_EQ(asked({"calls", "requeue", "c1", "--json"}), "RequeueCall " + call);
  EXPECT_EQ(out_.str(), "{}\n");
}

TEST_F(AcdctlSuperviseTest, AsksForSupervision) {
  const std::string call = R"(name: "tenants/bank/calls/c1")";
  EXPECT_EQ(asked({"calls", "monitor", "c1", "--by", "sue"}),
            "SuperviseCall " + call + R"( kind: SUPERVISION_MONITOR supervisor_id: "sue")");
  EXPECT_EQ(
      asked({"calls", "whisper", "c1", "--agent", "ada", "--station", "101"}),
      "SuperviseCall " + call + R"( kind: SUPERVISION_WHISPER agent_id: "ada" station: "101")");
  EXPECT_EQ(asked({"calls", "record", "c1"}),
            "SuperviseCall " + call + " kind: SUPERVISION_RECORD");
  EXPECT_EQ(asked({"calls", "record", "c1", "--stop"}),
            "SuperviseCall " + call + " kind: SUPERVISION_STOP_RECORDING");
  EXPECT_EQ(run({"calls", "barge", "c1"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("give one of --by and --station"));
}

TEST_F(AcdctlSuperviseTest, TellsWhatIsRefused) {
  EXPECT_EQ(run({"calls", "withdraw", "gone"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("no live call has this id"));
  EXPECT_EQ(run({"calls", "priority", "c1", "high"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("\"high\" is no priority: it must be a number"));
  EXPECT_EQ(run({"calls", "priority", "c1"}), ExitCode::kUsage);
  EXPECT_EQ(run({"agents", "ready", "ada", "--forced"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace acd::acdctl
