// SPDX-License-Identifier: Apache-2.0
// AgentService at the edge: what is refused there, what is handed on, and how the shard's answers are
// told.
#include <gmock/gmock.h>

#include <cstdint>
#include <memory>
#include <string>

#include "acd/v1/agent_service.pb.h"
#include "daemon/rpc/agent_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kAccept = "/acd.v1.AgentService/AcceptOffer";
constexpr const char* kReject = "/acd.v1.AgentService/RejectOffer";

template <typename Request>
Request claim_of(const char* name, const std::string& call, int64_t generation) {
  Request request;
  request.set_name(name);
  request.set_call_id(call);
  request.set_generation(generation);
  return request;
}

class AgentServiceTest : public EdgeTest {
 protected:
  std::string refused(const v1::AcceptOfferRequest& request) {
    return EdgeTest::refused(kAccept, request);
  }
};

TEST_F(AgentServiceTest, HandsClaimsOn) {
  start();
  auto accept = claim_of<v1::AcceptOfferRequest>("tenants/bank/agents/ada", "c/1", 7);
  accept.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  ASSERT_TRUE(answered<v1::AcceptOfferResponse>(kAccept, accept, {}).ok());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kAcceptOffer);
  EXPECT_EQ(change.request_id, accept.request_id());
  EXPECT_EQ(change.command.kind, CommandKind::kAcceptOffer);
  EXPECT_EQ(change.command.name.in(change.arena), "ada");
  EXPECT_EQ(change.command.call.in(change.arena), "c/1");
  EXPECT_EQ(change.command.generation, 7u);
  const auto reject = claim_of<v1::RejectOfferRequest>("tenants/bank/agents/ada", "c1", UINT32_MAX);
  ASSERT_TRUE(answered<v1::RejectOfferResponse>(kReject, reject, {}).ok());
  EXPECT_EQ(batch_->change->kind, CommandKind::kRejectOffer);
  EXPECT_EQ(batch_->change->command.generation, UINT32_MAX);
}

TEST_F(AgentServiceTest, NamesTheFieldThatIsWrong) {
  start();
  const auto request = [](const char* name, const std::string& call, int64_t generation) {
    return claim_of<v1::AcceptOfferRequest>(name, call, generation);
  };
  constexpr const char* kAda = "tenants/bank/agents/ada";
  EXPECT_EQ(refused(v1::AcceptOfferRequest()), "3 NAME_MALFORMED name call_id generation");
  EXPECT_EQ(refused(request(kAda, "", 1)), "3 FIELD_REQUIRED call_id");
  EXPECT_EQ(refused(request(kAda, std::string(65, 'c'), 1)), "3 FIELD_TOO_LONG call_id");
  EXPECT_EQ(refused(request(kAda, "a\nb", 1)), "3 FIELD_NOT_TEXT call_id");
  EXPECT_EQ(refused(request(kAda, "c1", 0)), "3 FIELD_REQUIRED generation");
  EXPECT_EQ(refused(request(kAda, "c1", -1)), "3 FIELD_OUT_OF_RANGE generation");
  EXPECT_EQ(refused(request(kAda, "c1", int64_t{UINT32_MAX} + 1)),
            "3 FIELD_OUT_OF_RANGE generation");
  EXPECT_EQ(refused(request("tenants/shop/agents/ada", "c1", 1)), "5 TENANT_UNKNOWN ");
  v1::AcceptOfferRequest named = request(kAda, "c1", 1);
  named.set_request_id("mine");
  EXPECT_EQ(refused(named), "3 FIELD_OUT_OF_RANGE request_id");
}

TEST_F(AgentServiceTest, TellsWhyTheRouterRefused) {
  start();
  const auto accept = claim_of<v1::AcceptOfferRequest>("tenants/bank/agents/ada", "c1", 1);
  TableAnswer answer;
  answer.outcome = Done::kRefused;
  answer.reject = Reject::kOfferStale;
  grpc::Status status = answered<v1::AcceptOfferResponse>(kAccept, accept, answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(reason_in(status), "OFFER_STALE");
  answer.reject = Reject::kAgentState;
  status = answered<v1::AcceptOfferResponse>(kAccept, accept, answer);
  EXPECT_EQ(reason_in(status), "AGENT_STATE");
  EXPECT_THAT(status.error_message(), HasSubstr("answer mode"));
  answer.reject = Reject::kAgentUnknown;
  EXPECT_EQ(reason_in(answered<v1::AcceptOfferResponse>(kAccept, accept, answer)), "AGENT_UNKNOWN");
}

}  // namespace
}  // namespace acd
