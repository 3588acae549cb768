// SPDX-License-Identifier: Apache-2.0
// SupervisorService at the edge: what is refused there, what is handed on, and how the shard's answers are told.
#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "acd/v1/supervisor_service.pb.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kService = "/acd.v1.SupervisorService/";
constexpr const char* kUuid = "123e4567-e89b-42d3-a456-426614174000";

class SupervisorServiceTest : public EdgeTest {
 protected:
  SupervisorServiceTest() { start(); }

  std::string refused(const std::string& method, const google::protobuf::Message& request) {
    return EdgeTest::refused(kService + method, request);
  }
  // What is handed on, e.g. "set_not_ready ada".
  template <typename Response, typename Request>
  const Command& handed_on(const std::string& method, Request request) {
    request.set_request_id(kUuid);
    const grpc::Status status = answered<Response>(kService + method, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(batch_->change->request_id, kUuid);
    EXPECT_EQ(batch_->change->principal, "local:127.0.0.1");
    EXPECT_EQ(batch_->change->kind, batch_->change->command.kind);
    return batch_->change->command;
  }
  [[nodiscard]] std::string text(TextRef ref) const {
    return std::string(ref.in(batch_->change->arena));
  }
  template <typename Response, typename Request>
  std::string told(const std::string& method, const Request& request, Reject reject) {
    TableAnswer answer;
    answer.outcome = Done::kRefused;
    answer.reject = reject;
    const grpc::Status status = answered<Response>(kService + method, request, answer);
    return std::to_string(status.error_code()) + " " + reason_in(status) + " " + fields_in(status) +
           ": " + status.error_message();
  }
};

template <typename Request>
Request of_ada() {
  Request request;
  request.set_name("tenants/bank/agents/ada");
  return request;
}
template <typename Request>
Request of_call() {
  Request request;
  request.set_name("tenants/bank/calls/c/1");
  return request;
}

TEST_F(SupervisorServiceTest, HandsStatesOn) {
  auto request = of_ada<v1::SetAgentStateRequest>();
  request.mutable_ready();
  const auto kind = [&] {
    const Command& command = handed_on<v1::SetAgentStateResponse>("SetAgentState", request);
    EXPECT_EQ(text(command.name), "ada");
    return command.kind;
  };
  EXPECT_EQ(kind(), CommandKind::kSetReady);
  request.mutable_not_ready()->set_reason(199);
  EXPECT_EQ(kind(), CommandKind::kSetNotReady);
  EXPECT_EQ(batch_->change->command.number, 199);
  request.mutable_logged_out()->set_forced(true);
  EXPECT_EQ(kind(), CommandKind::kLogOut);
  EXPECT_TRUE(batch_->change->command.flag);
}

TEST_F(SupervisorServiceTest, HandsWrapUpsAndPausesOn) {
  auto end = of_ada<v1::EndWrapUpRequest>();
  EXPECT_EQ(handed_on<v1::EndWrapUpResponse>("EndWrapUp", end).call.size, 0u);
  auto extend = of_ada<v1::ExtendWrapUpRequest>();
  extend.set_call_id("c1");
  const Command& extended = handed_on<v1::ExtendWrapUpResponse>("ExtendWrapUp", extend);
  EXPECT_EQ(extended.kind, CommandKind::kExtendWrapUp);
  EXPECT_EQ(text(extended.call), "c1");
  auto pause = of_ada<v1::PauseMemberRequest>();
  pause.set_queue("tenants/bank/queues/loans");
  pause.set_reason(100);
  const Command& paused = handed_on<v1::PauseMemberResponse>("PauseMember", pause);
  EXPECT_EQ(paused.kind, CommandKind::kPauseMember);
  EXPECT_EQ(text(paused.text), "loans");
  EXPECT_EQ(paused.number, 100);
  auto unpause = of_ada<v1::UnpauseMemberRequest>();
  unpause.set_queue("tenants/bank/queues/loans");
  EXPECT_EQ(handed_on<v1::UnpauseMemberResponse>("UnpauseMember", unpause).kind,
            CommandKind::kUnpauseMember);
}

TEST_F(SupervisorServiceTest, HandsWhatIsAskedOfCallsOn) {
  const Command& requeued =
      handed_on<v1::RequeueCallResponse>("RequeueCall", of_call<v1::RequeueCallRequest>());
  EXPECT_EQ(requeued.kind, CommandKind::kRequeueCall);
  EXPECT_EQ(text(requeued.call), "c/1");
  auto priority = of_call<v1::ChangeCallPriorityRequest>();
  priority.set_priority(0);
  const Command& changed =
      handed_on<v1::ChangeCallPriorityResponse>("ChangeCallPriority", priority);
  EXPECT_EQ(changed.kind, CommandKind::kChangePriority);
  EXPECT_EQ(changed.number, 0);
  auto withdraw = of_call<v1::WithdrawCallRequest>();
  const Command& withdrawn = handed_on<v1::WithdrawCallResponse>("WithdrawCall", withdraw);
  EXPECT_EQ(withdrawn.kind, CommandKind::kEndCall);
  EXPECT_EQ(withdrawn.detail, static_cast<uint8_t>(EndedBy::kSupervisor));
  EXPECT_EQ(withdrawn.cause, 31);
  withdraw.set_cause(17);
  EXPECT_EQ(handed_on<v1::WithdrawCallResponse>("WithdrawCall", withdraw).cause, 17);
}

TEST_F(SupervisorServiceTest, HandsSupervisionOn) {
  auto request = of_call<v1::SuperviseCallRequest>();
  request.set_kind(v1::SUPERVISION_WHISPER);
  request.set_agent_id("ada");
  request.set_supervisor_id("sue");
  const Command& command = handed_on<v1::SuperviseCallResponse>("SuperviseCall", request);
  EXPECT_EQ(command.kind, CommandKind::kSuperviseCall);
  EXPECT_EQ(command.detail, static_cast<uint8_t>(Supervision::kWhisper));
  EXPECT_EQ(text(command.name), "ada");
  EXPECT_EQ(text(command.preferred), "sue");
  request.set_station("sip/9");
  request.set_kind(v1::SUPERVISION_BARGE);
  EXPECT_EQ(text(handed_on<v1::SuperviseCallResponse>("SuperviseCall", request).text), "sip/9");
  auto record = of_call<v1::SuperviseCallRequest>();
  record.set_kind(v1::SUPERVISION_STOP_RECORDING);
  EXPECT_EQ(handed_on<v1::SuperviseCallResponse>("SuperviseCall", record).detail,
            static_cast<uint8_t>(Supervision::kStopRecording));
}

TEST_F(SupervisorServiceTest, NamesTheFieldOfSupervisionThatIsWrong) {
  auto request = of_call<v1::SuperviseCallRequest>();
  EXPECT_EQ(refused("SuperviseCall", request), "3 FIELD_REQUIRED kind supervisor");
  request.set_kind(static_cast<v1::Supervision>(7));
  request.set_station("");
  EXPECT_EQ(refused("SuperviseCall", request), "3 FIELD_OUT_OF_RANGE kind station");
  request.set_kind(v1::SUPERVISION_RECORD);
  request.set_station("sip/9");
  EXPECT_EQ(refused("SuperviseCall", request), "3 FIELD_OUT_OF_RANGE supervisor");
}

TEST_F(SupervisorServiceTest, NamesEachFieldThatIsWrong) {
  v1::SetAgentStateRequest state;
  state.set_request_id("mine");
  EXPECT_EQ(refused("SetAgentState", state), "3 NAME_MALFORMED name state request_id");
  state = of_ada<v1::SetAgentStateRequest>();
  state.mutable_not_ready()->set_reason(200);
  EXPECT_EQ(refused("SetAgentState", state), "3 FIELD_OUT_OF_RANGE not_ready.reason");
  state.mutable_not_ready()->set_reason(-1);
  EXPECT_EQ(refused("SetAgentState", state), "3 FIELD_OUT_OF_RANGE not_ready.reason");
  auto pause = of_ada<v1::PauseMemberRequest>();
  pause.set_queue("tenants/shop/queues/loans");
  pause.set_reason(200);
  EXPECT_EQ(refused("PauseMember", pause), "3 FIELD_OUT_OF_RANGE queue reason");
  EXPECT_EQ(refused("UnpauseMember", of_ada<v1::UnpauseMemberRequest>()), "3 NAME_MALFORMED queue");
  auto end = of_ada<v1::EndWrapUpRequest>();
  end.set_call_id(std::string(65, 'c'));
  EXPECT_EQ(refused("EndWrapUp", end), "3 FIELD_TOO_LONG call_id");
  EXPECT_EQ(refused("ChangeCallPriority", of_call<v1::ChangeCallPriorityRequest>()),
            "3 FIELD_REQUIRED priority");
  auto priority = of_call<v1::ChangeCallPriorityRequest>();
  priority.set_priority(1'000'001);
  EXPECT_EQ(refused("ChangeCallPriority", priority), "3 FIELD_OUT_OF_RANGE priority");
  auto withdraw = of_call<v1::WithdrawCallRequest>();
  for (const int32_t cause : {0, -1, 128}) {
    withdraw.set_cause(cause);
    EXPECT_EQ(refused("WithdrawCall", withdraw), "3 FIELD_OUT_OF_RANGE cause");
  }
  EXPECT_EQ(refused("RequeueCall", of_ada<v1::RequeueCallRequest>()), "3 NAME_MALFORMED name");
  auto elsewhere = of_call<v1::RequeueCallRequest>();
  elsewhere.set_name("tenants/shop/calls/c1");
  EXPECT_EQ(refused("RequeueCall", elsewhere), "5 TENANT_UNKNOWN ");
}

TEST_F(SupervisorServiceTest, TellsWhyTheRouterRefused) {
  auto state = of_ada<v1::SetAgentStateRequest>();
  state.mutable_ready();
  EXPECT_THAT(told<v1::SetAgentStateResponse>("SetAgentState", state, Reject::kAgentUnknown),
              HasSubstr("5 AGENT_UNKNOWN name: "));
  EXPECT_THAT(told<v1::SetAgentStateResponse>("SetAgentState", state, Reject::kAgentState),
              HasSubstr("9 AGENT_STATE : the agent is not logged in"));
  auto pause = of_ada<v1::PauseMemberRequest>();
  pause.set_queue("tenants/bank/queues/loans");
  EXPECT_THAT(told<v1::PauseMemberResponse>("PauseMember", pause, Reject::kQueueUnknown),
              HasSubstr("5 QUEUE_UNKNOWN queue: "));
  EXPECT_THAT(told<v1::PauseMemberResponse>("PauseMember", pause, Reject::kNotMember),
              HasSubstr("9 NOT_MEMBER : "));
  const auto requeue = of_call<v1::RequeueCallRequest>();
  EXPECT_THAT(told<v1::RequeueCallResponse>("RequeueCall", requeue, Reject::kCallState),
              HasSubstr("9 CALL_STATE : the call waits already"));
  EXPECT_THAT(told<v1::RequeueCallResponse>("RequeueCall", requeue, Reject::kTransfersUsed),
              HasSubstr("9 TRANSFERS_USED : "));
  const auto withdraw = of_call<v1::WithdrawCallRequest>();
  EXPECT_THAT(told<v1::WithdrawCallResponse>("WithdrawCall", withdraw, Reject::kCallState),
              HasSubstr("9 CALL_STATE : who talks is released by the switch"));
  EXPECT_THAT(told<v1::WithdrawCallResponse>("WithdrawCall", withdraw, Reject::kSwitchAway),
              HasSubstr("9 SWITCH_AWAY : "));
}

}  // namespace
}  // namespace acd
