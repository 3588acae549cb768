// SPDX-License-Identifier: Apache-2.0
// RequestCallback, CancelCall, ScheduleCall and RescheduleCall at the edge: what is refused there and
// what is handed on.
#include <gmock/gmock.h>

#include <string>

#include "acd/v1/call_service.pb.h"
#include "daemon/rpc/call_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Done = TableAnswer::Outcome;

constexpr const char* kRequestCallback = "/acd.v1.CallService/RequestCallback";
constexpr const char* kCancelCall = "/acd.v1.CallService/CancelCall";
constexpr const char* kScheduleCall = "/acd.v1.CallService/ScheduleCall";
constexpr const char* kRescheduleCall = "/acd.v1.CallService/RescheduleCall";
constexpr const char* kName = "tenants/bank/calls/c9";

v1::RequestCallbackRequest callback_request() {
  v1::RequestCallbackRequest request;
  request.set_name(kName);
  request.set_queue("tenants/bank/queues/loans");
  request.set_source_id("pbx1");
  request.set_number("+44 20 1");
  return request;
}

v1::ScheduleCallRequest schedule_request() {
  v1::ScheduleCallRequest request;
  request.set_name(kName);
  request.set_queue("tenants/bank/queues/loans");
  request.set_source_id("pbx1");
  request.mutable_time()->set_seconds(1'800'000'000);
  request.mutable_time()->set_nanos(7'000'000);
  return request;
}

class CallCallbackTest : public EdgeTest {
 protected:
  [[nodiscard]] const Command& command() const { return batch_->change->command; }
  [[nodiscard]] std::string text(TextRef ref) const {
    return std::string(ref.in(batch_->change->arena));
  }
};

TEST_F(CallCallbackTest, HandsACallbackOn) {
  start();
  v1::RequestCallbackRequest request = callback_request();
  ASSERT_TRUE(answered<v1::RequestCallbackResponse>(kRequestCallback, request).ok());
  EXPECT_EQ(command().kind, CommandKind::kRequestCallback);
  EXPECT_EQ(text(command().call), "c9");
  EXPECT_FALSE(command().flag);
  EXPECT_EQ(text(command().name), "loans");
  EXPECT_EQ(text(command().preferred), "pbx1");
  EXPECT_EQ(text(command().text), "+44 20 1");

  request.clear_queue();
  request.clear_source_id();
  request.set_origin_call("tenants/bank/calls/c1");
  ASSERT_TRUE(answered<v1::RequestCallbackResponse>(kRequestCallback, request).ok());
  EXPECT_TRUE(command().flag);
  EXPECT_EQ(text(command().preferred), "c1");
}

TEST_F(CallCallbackTest, HandsCallsForLaterOn) {
  start();
  v1::ScheduleCallRequest request = schedule_request();
  ASSERT_TRUE(answered<v1::ScheduleCallResponse>(kScheduleCall, request).ok());
  EXPECT_EQ(command().kind, CommandKind::kScheduleCall);
  EXPECT_EQ(text(command().call), "c9");
  EXPECT_EQ(text(command().name), "loans");
  EXPECT_EQ(text(command().preferred), "pbx1");
  EXPECT_EQ(text(command().text), "");
  EXPECT_EQ(command().wait_ns, 1'800'000'000'007);
  EXPECT_FALSE(command().flag);
  request.set_number("0201");
  request.set_priority(-3);
  ASSERT_TRUE(answered<v1::ScheduleCallResponse>(kScheduleCall, request).ok());
  EXPECT_EQ(text(command().text), "0201");
  EXPECT_TRUE(command().flag);
  EXPECT_EQ(command().number, -3);

  v1::RescheduleCallRequest again;
  again.set_name(kName);
  again.mutable_time()->set_seconds(5);
  ASSERT_TRUE(answered<v1::RescheduleCallResponse>(kRescheduleCall, again).ok());
  EXPECT_EQ(command().kind, CommandKind::kRescheduleCall);
  EXPECT_EQ(command().wait_ns, 5'000);

  v1::CancelCallRequest cancel;
  cancel.set_name(kName);
  ASSERT_TRUE(answered<v1::CancelCallResponse>(kCancelCall, cancel).ok());
  EXPECT_EQ(command().kind, CommandKind::kEndCall);
  EXPECT_EQ(text(command().call), "c9");
}

TEST_F(CallCallbackTest, NamesTheFieldThatIsWrong) {
  start();
  const auto callback = [&](auto&& change) {
    v1::RequestCallbackRequest request = callback_request();
    change(request);
    return refused(kRequestCallback, request);
  };
  EXPECT_EQ(callback([](auto& r) { r.clear_number(); }), "3 FIELD_REQUIRED number");
  EXPECT_EQ(callback([](auto& r) { r.set_number(std::string(65, '1')); }),
            "3 FIELD_TOO_LONG number");
  EXPECT_EQ(callback([](auto& r) { r.clear_source_id(); }), "3 FIELD_REQUIRED source_id");
  EXPECT_EQ(callback([](auto& r) { r.set_queue("tenants/other/queues/loans"); }),
            "3 FIELD_OUT_OF_RANGE queue");
  const auto later = [&](auto&& change) {
    v1::ScheduleCallRequest request = schedule_request();
    change(request);
    return refused(kScheduleCall, request);
  };
  EXPECT_EQ(later([](auto& r) { r.clear_time(); }), "3 FIELD_REQUIRED time");
  EXPECT_EQ(later([](auto& r) { r.mutable_time()->set_seconds(-1); }), "3 FIELD_OUT_OF_RANGE time");
  EXPECT_EQ(later([](auto& r) { r.set_priority(1'000'001); }), "3 FIELD_OUT_OF_RANGE priority");
}

TEST_F(CallCallbackTest, TellsWhyTheShardRefused) {
  start();
  const auto told = [&](Reject reject) {
    TableAnswer answer;
    answer.outcome = Done::kRefused;
    answer.reject = reject;
    const grpc::Status status =
        answered<v1::RequestCallbackResponse>(kRequestCallback, callback_request(), answer);
    return std::to_string(status.error_code()) + " " + reason_in(status) + ": " +
           status.error_message();
  };
  EXPECT_THAT(told(Reject::kNoCallbacks),
              HasSubstr("9 NO_CALLBACKS: queue: the queue calls nobody back"));
  EXPECT_THAT(told(Reject::kNumberNotAllowed), HasSubstr("9 NUMBER_NOT_ALLOWED: "));
  EXPECT_THAT(told(Reject::kCallbackOpen), HasSubstr("9 CALLBACK_OPEN: "));
  EXPECT_THAT(told(Reject::kNumberInvalid), HasSubstr("3 NUMBER_INVALID: "));
}

}  // namespace
}  // namespace acd
