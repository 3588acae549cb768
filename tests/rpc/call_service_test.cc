// SPDX-License-Identifier: Apache-2.0
// SetCallOutcome at the edge: what is refused there, what is handed on, and how the shard's answers
// are told.
#include <gmock/gmock.h>

#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/call_service.h"
#include "routing/outcome.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kSetOutcome = "/acd.v1.CallService/SetCallOutcome";

v1::SetCallOutcomeRequest outcome_request() {
  v1::SetCallOutcomeRequest request;
  request.set_name("tenants/bank/calls/c/1");
  request.mutable_outcome()->set_resolved(true);
  return request;
}

class CallServiceTest : public EdgeTest {
 protected:
  std::string refused(const v1::SetCallOutcomeRequest& request) {
    return EdgeTest::refused(kSetOutcome, request);
  }
  grpc::Status answered(const v1::SetCallOutcomeRequest& request, const TableAnswer& answer) {
    return EdgeTest::answered<v1::SetCallOutcomeResponse>(kSetOutcome, request, answer);
  }
};

TEST_F(CallServiceTest, HandsAnOutcomeOn) {
  start();
  v1::SetCallOutcomeRequest request = outcome_request();
  v1::CallOutcome& outcome = *request.mutable_outcome();
  outcome.set_wrap_up_code("sold");
  outcome.mutable_labels()->add_labels("vip");
  outcome.mutable_labels()->add_labels("angry");
  outcome.set_reference("crm 17, Müller");
  outcome.set_survey_score(0);
  outcome.set_quality_score(100);
  request.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  ASSERT_TRUE(answered(request, {}).ok());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kSetOutcome);
  EXPECT_EQ(change.request_id, request.request_id());
  EXPECT_EQ(change.principal, "local:127.0.0.1");
  const Command& command = change.command;
  EXPECT_EQ(command.kind, CommandKind::kSetOutcome);
  EXPECT_EQ(command.call.in(change.arena), "c/1");
  EXPECT_EQ(command.detail, kSaysAll);
  EXPECT_EQ(command.name.in(change.arena), "sold");
  EXPECT_EQ(command.preferred.in(change.arena), "vip,angry");
  EXPECT_EQ(command.text.in(change.arena), "crm 17, Müller");
  EXPECT_TRUE(command.flag);
  EXPECT_EQ(command.number, 0);
  EXPECT_EQ(command.generation, 100u);
}

TEST_F(CallServiceTest, SaysOnlyWhatIsSet) {
  start();
  v1::SetCallOutcomeRequest request = outcome_request();
  request.mutable_outcome()->set_resolved(false);
  request.mutable_outcome()->mutable_labels();
  ASSERT_TRUE(answered(request, {}).ok());
  EXPECT_EQ(batch_->change->command.detail, kSaysResolved | kSaysLabels);
  EXPECT_FALSE(batch_->change->command.flag);
  EXPECT_EQ(batch_->change->command.preferred.size, 0u);
}

TEST_F(CallServiceTest, NamesTheFieldThatIsWrong) {
  start();
  const auto with = [](auto&& change) {
    v1::SetCallOutcomeRequest request = outcome_request();
    change(*request.mutable_outcome());
    return request;
  };
  EXPECT_EQ(refused(v1::SetCallOutcomeRequest()), "3 NAME_MALFORMED name outcome");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.clear_resolved(); })),
            "3 FIELD_REQUIRED outcome");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_wrap_up_code(""); })),
            "3 FIELD_REQUIRED outcome.wrap_up_code");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_wrap_up_code("a b"); })),
            "3 FIELD_OUT_OF_RANGE outcome.wrap_up_code");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_survey_score(11); })),
            "3 FIELD_OUT_OF_RANGE outcome.survey_score");
  EXPECT_THAT(status_.error_message(), HasSubstr("is 11; must be 0..10"));
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_survey_score(-1); })),
            "3 FIELD_OUT_OF_RANGE outcome.survey_score");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_quality_score(101); })),
            "3 FIELD_OUT_OF_RANGE outcome.quality_score");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_reference(std::string(257, 'x')); })),
            "3 FIELD_TOO_LONG outcome.reference");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.set_reference("a\nb"); })),
            "3 FIELD_NOT_TEXT outcome.reference");
  EXPECT_EQ(refused(with([](auto& outcome) { outcome.mutable_labels()->add_labels("a,b"); })),
            "3 FIELD_OUT_OF_RANGE outcome.labels.labels[0]");
  EXPECT_EQ(refused(with([](auto& outcome) {
              outcome.mutable_labels()->add_labels("a");
              outcome.mutable_labels()->add_labels("a");
            })),
            "3 FIELD_OUT_OF_RANGE outcome.labels.labels[1]");
  EXPECT_EQ(refused(with([](auto& outcome) {
              for (int i = 0; i < 9; ++i)
                outcome.mutable_labels()->add_labels("l" + std::to_string(i));
            })),
            "3 FIELD_OUT_OF_RANGE outcome.labels.labels");
  v1::SetCallOutcomeRequest request = outcome_request();
  request.set_request_id("mine");
  EXPECT_EQ(refused(request), "3 FIELD_OUT_OF_RANGE request_id");
  request = outcome_request();
  request.set_name("tenants/shop/calls/c1");
  EXPECT_EQ(refused(request), "5 TENANT_UNKNOWN ");
}

TEST_F(CallServiceTest, TellsWhyTheRouterRefused) {
  start();
  TableAnswer answer;
  answer.outcome = Done::kRefused;
  answer.reject = Reject::kCodeUnknown;
  answer.refusal = "no wrap-up code \"sold\"";
  grpc::Status status = answered(outcome_request(), answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(reason_in(status), "WRAP_UP_CODE_UNKNOWN");
  EXPECT_THAT(status.error_message(), HasSubstr("sold"));
  answer.reject = Reject::kCallUnknown;
  answer.refusal.clear();
  status = answered(outcome_request(), answer);
  EXPECT_EQ(reason_in(status), "CALL_UNKNOWN");
  EXPECT_THAT(status.error_message(), HasSubstr("24 hours"));
  answer.outcome = Done::kRequestIdUsed;
  EXPECT_EQ(reason_in(answered(outcome_request(), answer)), "REQUEST_ID_USED");
  answer.outcome = Done::kStorageFull;
  EXPECT_EQ(reason_in(answered(outcome_request(), answer)), "STORAGE_FULL");
}

}  // namespace
}  // namespace acd
