// SPDX-License-Identifier: Apache-2.0
// TransferCall at the edge: what is refused there, what is handed on, and how the shard's answers
// are told.
#include <gmock/gmock.h>

#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/call_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kTransferCall = "/acd.v1.CallService/TransferCall";

v1::TransferCallRequest transfer_request() {
  v1::TransferCallRequest request;
  request.set_name("tenants/bank/calls/c/1");
  return request;
}

class CallTransferTest : public EdgeTest {
 protected:
  std::string refused(const v1::TransferCallRequest& request) {
    return EdgeTest::refused(kTransferCall, request);
  }
  grpc::Status answered(const v1::TransferCallRequest& request, const TableAnswer& answer) {
    return EdgeTest::answered<v1::TransferCallResponse>(kTransferCall, request, answer);
  }
};

TEST_F(CallTransferTest, HandsATransferOn) {
  start();
  v1::TransferCallRequest request = transfer_request();
  request.mutable_transfer()->set_agent_id("ada");
  request.mutable_transfer()->set_via_queue_id("loans");
  request.mutable_transfer()->set_from_agent_id("bob");
  request.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  ASSERT_TRUE(answered(request, {}).ok());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kTransferCall);
  EXPECT_EQ(change.request_id, request.request_id());
  EXPECT_EQ(change.principal, "local:127.0.0.1");
  const Command& command = change.command;
  EXPECT_EQ(command.kind, CommandKind::kTransferCall);
  EXPECT_EQ(command.call.in(change.arena), "c/1");
  EXPECT_EQ(command.detail, static_cast<uint8_t>(TransferTarget::kAgent));
  EXPECT_EQ(command.name.in(change.arena), "ada");
  EXPECT_EQ(command.text.in(change.arena), "loans");
  EXPECT_EQ(command.preferred.in(change.arena), "bob");
}

TEST_F(CallTransferTest, KnowsEachTarget) {
  start();
  const auto target = [&](auto&& set) {
    v1::TransferCallRequest request = transfer_request();
    set(*request.mutable_transfer());
    EXPECT_TRUE(answered(request, {}).ok());
    const TableChange& change = *batch_->change;
    return std::to_string(change.command.detail) +
           std::string(change.command.name.in(change.arena));
  };
  EXPECT_EQ(target([](auto& to) { to.set_queue_id("loans"); }), "1loans");
  EXPECT_EQ(target([](auto& to) { to.mutable_supervisor(); }), "3");
  EXPECT_EQ(target([](auto& to) { to.set_outside("+44123"); }), "4+44123");
}

TEST_F(CallTransferTest, NamesTheFieldThatIsWrong) {
  start();
  const auto with = [](auto&& change) {
    v1::TransferCallRequest request = transfer_request();
    change(*request.mutable_transfer());
    return request;
  };
  EXPECT_EQ(refused(transfer_request()), "3 FIELD_REQUIRED transfer");
  EXPECT_EQ(refused(with([](auto& to) { to.set_via_queue_id("loans"); })),
            "3 FIELD_REQUIRED transfer.target");
  EXPECT_EQ(refused(with([](auto& to) { to.set_queue_id(""); })),
            "3 FIELD_REQUIRED transfer.queue_id");
  EXPECT_EQ(refused(with([](auto& to) { to.set_outside(std::string(65, '1')); })),
            "3 FIELD_TOO_LONG transfer.outside");
  EXPECT_EQ(refused(with([](auto& to) { to.set_agent_id("a\n"); })),
            "3 FIELD_NOT_TEXT transfer.agent_id");
  EXPECT_EQ(refused(with([](auto& to) {
              to.set_queue_id("loans");
              to.set_via_queue_id("cards");
            })),
            "3 FIELD_OUT_OF_RANGE transfer.via_queue_id");
}

TEST_F(CallTransferTest, TellsWhyTheShardRefused) {
  start();
  v1::TransferCallRequest request = transfer_request();
  request.mutable_transfer()->mutable_supervisor();
  const auto told = [&](Reject reject) {
    TableAnswer answer;
    answer.outcome = Done::kRefused;
    answer.reject = reject;
    const grpc::Status status = answered(request, answer);
    return std::to_string(status.error_code()) + " " + reason_in(status) + ": " +
           status.error_message();
  };
  EXPECT_THAT(told(Reject::kCallUnknown), HasSubstr("5 CALL_UNKNOWN: no live call has this id"));
  EXPECT_THAT(told(Reject::kQueueUnknown), HasSubstr("5 QUEUE_UNKNOWN: "));
  EXPECT_THAT(told(Reject::kAgentState), HasSubstr("9 AGENT_STATE: the agent is not ready"));
  EXPECT_THAT(told(Reject::kAgentBusy), HasSubstr("9 AGENT_BUSY: the agent has no room"));
  EXPECT_THAT(told(Reject::kCallState), HasSubstr("9 CALL_STATE: the call is being joined"));
  EXPECT_THAT(told(Reject::kNoSupervisor), HasSubstr("9 NO_SUPERVISOR: nobody who supervises"));
  EXPECT_THAT(told(Reject::kTransfersUsed), HasSubstr("9 TRANSFERS_USED: "));
  EXPECT_THAT(told(Reject::kSwitchAway), HasSubstr("9 SWITCH_AWAY: the call's switch is away"));
}

}  // namespace
}  // namespace acd
