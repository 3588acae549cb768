// SPDX-License-Identifier: Apache-2.0
// The codec's checks of callbacks and of calls for later.
#include <functional>
#include <string>

#include "routing/callback.h"
#include "tests/rpc/codec_cases.h"

namespace acd {
namespace {

TEST(CodecCallbacksTest, ChecksARequestToBeCalledBack) {
  const auto with = [](const std::string& origin, const std::string& queue,
                       const std::string& number) {
    return with_call([=](v1::SwitchEvent* event) {
      v1::CallbackRequested* request = event->mutable_callback_requested();
      request->set_origin_call_id(origin);
      request->set_queue_id(queue);
      request->set_number(number);
    });
  };
  Batch batch = decode(one_event(with("c0", "", "+44 1")));
  EXPECT_TRUE(batch.commands[0].flag);
  EXPECT_EQ(batch.commands[0].call.in(batch.arena), "c1");
  EXPECT_EQ(batch.commands[0].preferred.in(batch.arena), "c0");
  EXPECT_EQ(batch.commands[0].text.in(batch.arena), "+44 1");
  batch = decode(one_event(with("", "sales", "1")));
  EXPECT_FALSE(batch.commands[0].flag);
  EXPECT_EQ(batch.commands[0].name.in(batch.arena), "sales");
  EXPECT_EQ(batch.commands[0].kind, CommandKind::kRequestCallback);
  EXPECT_EQ(refusal_of([](v1::SwitchEvent* event) { event->mutable_callback_requested(); }),
            "FIELD_REQUIRED call_id");
  EXPECT_EQ(refusal_of(with("", "", "1")), "FIELD_REQUIRED callback_requested.queue_id");
  EXPECT_EQ(refusal_of(with("c0", "sales", "1")), "FIELD_OUT_OF_RANGE callback_requested.queue_id");
  EXPECT_EQ(refusal_of(with("c0", "", "")), "FIELD_REQUIRED callback_requested.number");
  EXPECT_EQ(refusal_of(with("c0", "", std::string(65, '1'))),
            "FIELD_TOO_LONG callback_requested.number");
}

TEST(CodecCallbacksTest, ChecksACallForLater) {
  const auto with = [](const std::function<void(v1::CallScheduled*)>& change) {
    return with_call([=](v1::SwitchEvent* event) {
      v1::CallScheduled* later = event->mutable_call_scheduled();
      later->set_queue_id("sales");
      later->mutable_time()->set_seconds(1'800'000'000);
      later->mutable_time()->set_nanos(7'999'999);
      change(later);
    });
  };
  const Batch batch = decode(one_event(with([](v1::CallScheduled* later) {
    later->set_number("0201");
    later->set_priority(-3);
  })));
  const Command& command = batch.commands[0];
  EXPECT_EQ(command.kind, CommandKind::kScheduleCall);
  EXPECT_EQ(command.wait_ns, 1'800'000'000'007);
  EXPECT_EQ(command.name.in(batch.arena), "sales");
  EXPECT_EQ(command.text.in(batch.arena), "0201");
  EXPECT_TRUE(command.flag);
  EXPECT_EQ(command.number, -3);
  EXPECT_EQ(refusal_of(with([](v1::CallScheduled* later) { later->clear_time(); })),
            "FIELD_REQUIRED call_scheduled.time");
  EXPECT_EQ(refusal_of(with([](v1::CallScheduled* later) {
              later->mutable_time()->set_seconds(kScheduleMaxMs / 1'000);
            })),
            "FIELD_OUT_OF_RANGE call_scheduled.time");
  EXPECT_EQ(
      refusal_of(with([](v1::CallScheduled* later) { later->mutable_time()->set_seconds(-1); })),
      "FIELD_OUT_OF_RANGE call_scheduled.time");
  EXPECT_EQ(refusal_of(with([](v1::CallScheduled* later) { later->clear_queue_id(); })),
            "FIELD_REQUIRED call_scheduled.queue_id");
}

TEST(CodecCallbacksTest, TakesTheAnswerOfACustomer) {
  const auto with = [](int64_t generation) {
    return with_call([generation](v1::SwitchEvent* event) {
      event->mutable_customer_answered()->set_generation(generation);
    });
  };
  const Batch batch = decode(one_event(with(7)));
  EXPECT_EQ(batch.commands[0].kind, CommandKind::kCustomerAnswered);
  EXPECT_EQ(batch.commands[0].generation, 7u);
  EXPECT_EQ(refusal_of(with(0)), "FIELD_REQUIRED customer_answered.generation");
}

TEST(CodecCallbacksTest, KnowsWhyACustomerCouldNotBeReached) {
  const auto with = [](int outcome) {
    return with_call([outcome](v1::SwitchEvent* event) {
      event->mutable_connect_failed()->set_generation(1);
      event->mutable_connect_failed()->set_customer(static_cast<v1::DialOutcome>(outcome));
    });
  };
  EXPECT_EQ(decode(one_event(with(0))).commands[0].detail, 0);
  EXPECT_EQ(decode(one_event(with(v1::DIAL_OUTCOME_BUSY))).commands[0].detail,
            static_cast<uint8_t>(DialOutcome::kBusy));
  EXPECT_EQ(refusal_of(with(4)), "FIELD_OUT_OF_RANGE connect_failed.customer");
}

}  // namespace
}  // namespace acd
