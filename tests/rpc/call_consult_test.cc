// SPDX-License-Identifier: Apache-2.0
// Consult and MergeConsult at the edge: what is refused there, what is handed on, and how the
// shard's answers are told.
#include <gmock/gmock.h>

#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/call_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kConsult = "/acd.v1.CallService/Consult";
constexpr const char* kMergeConsult = "/acd.v1.CallService/MergeConsult";

class CallConsultTest : public EdgeTest {
 protected:
  std::string refused(const v1::ConsultRequest& request) {
    return EdgeTest::refused(kConsult, request);
  }
  static v1::ConsultRequest consult_request() {
    v1::ConsultRequest request;
    request.set_name("tenants/bank/calls/c/1");
    request.set_consult_id("x/1");
    request.mutable_to()->set_agent_id("ada");
    request.mutable_to()->set_from_agent_id("bob");
    return request;
  }
};

TEST_F(CallConsultTest, HandsAConsultOnUnderItsOwnId) {
  start();
  ASSERT_TRUE(answered<v1::ConsultResponse>(kConsult, consult_request(), {}).ok());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kConsult);
  EXPECT_EQ(change.request_id, "x/1");
  EXPECT_EQ(change.command.call.in(change.arena), "c/1");
  EXPECT_EQ(change.command.detail, static_cast<uint8_t>(TransferTarget::kAgent));
  EXPECT_EQ(change.command.name.in(change.arena), "ada");
  EXPECT_EQ(change.command.preferred.in(change.arena), "bob");
}

TEST_F(CallConsultTest, HandsAMergeOn) {
  start();
  v1::MergeConsultRequest request;
  request.set_name("tenants/bank/calls/x1");
  request.set_conference(true);
  request.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  ASSERT_TRUE(answered<v1::MergeConsultResponse>(kMergeConsult, request, {}).ok());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kMergeCall);
  EXPECT_EQ(change.request_id, request.request_id());
  EXPECT_EQ(change.command.call.in(change.arena), "x1");
  EXPECT_TRUE(change.command.flag);
}

TEST_F(CallConsultTest, NamesTheFieldThatIsWrong) {
  start();
  const auto with = [](auto&& change) {
    v1::ConsultRequest request = consult_request();
    change(request);
    return request;
  };
  EXPECT_EQ(refused(with([](auto& one) { one.clear_consult_id(); })),
            "3 FIELD_REQUIRED consult_id");
  EXPECT_EQ(refused(with([](auto& one) { one.set_consult_id(std::string(65, 'x')); })),
            "3 FIELD_TOO_LONG consult_id");
  EXPECT_EQ(refused(with([](auto& one) { one.set_consult_id("a\n"); })),
            "3 FIELD_NOT_TEXT consult_id");
  EXPECT_EQ(refused(with([](auto& one) { one.clear_to(); })), "3 FIELD_REQUIRED to");
  EXPECT_EQ(refused(with([](auto& one) { one.mutable_to()->set_outside("+44\n"); })),
            "3 FIELD_NOT_TEXT to.outside");
}

TEST_F(CallConsultTest, TellsWhyTheShardRefused) {
  start();
  const auto told = [&](Reject reject) {
    TableAnswer answer;
    answer.outcome = Done::kRefused;
    answer.reject = reject;
    const grpc::Status status = answered<v1::ConsultResponse>(kConsult, consult_request(), answer);
    return std::to_string(status.error_code()) + " " + reason_in(status) + ": " +
           status.error_message();
  };
  EXPECT_THAT(told(Reject::kCallExists),
              HasSubstr("6 CALL_EXISTS: consult_id: a call with this id"));
  EXPECT_THAT(told(Reject::kCallState), HasSubstr("9 CALL_STATE: the call is not connected"));
  EXPECT_THAT(told(Reject::kPartyUnknown), HasSubstr("9 PARTY_UNKNOWN: the agent is not on"));
  EXPECT_THAT(told(Reject::kConsultOpen), HasSubstr("9 CONSULT_OPEN: the agent has a consult"));
  EXPECT_THAT(told(Reject::kAgentState), HasSubstr("9 AGENT_STATE: the agent is not ready"));
  EXPECT_THAT(told(Reject::kSwitchAway), HasSubstr("9 SWITCH_AWAY: the call's switch is away"));
}

}  // namespace
}  // namespace acd
