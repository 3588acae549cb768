// SPDX-License-Identifier: Apache-2.0
// What one principal may ask for, and what all streams may leave unread.
#include "daemon/rpc/principal_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/rpc/pending_pool.h"
#include "daemon/rpc/response_queue.h"

namespace acd {
namespace {

using std::chrono::milliseconds;

std::shared_ptr<PrincipalLimits> limits_of(uint32_t streams, uint32_t watches, uint32_t calls) {
  return std::make_shared<PrincipalLimits>(PrincipalLimitValues{{streams, watches}, calls});
}

TEST(PrincipalLimitsTest, CountsTheStreamsOfEachPrincipalAndKindByThemselves) {
  const auto limits = limits_of(2, 1, 1);
  RpcError error;
  auto first = limits->take_stream(StreamKind::kSwitch, "a", &error);
  const auto second = limits->take_stream(StreamKind::kSwitch, "a", &error);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(limits->take_stream(StreamKind::kSwitch, "a", &error), nullptr);
  EXPECT_EQ(error.reason, v1::ERROR_REASON_OVERLOADED);
  EXPECT_EQ(error.metadata.at("limit"), "principal_switch_streams_max");
  EXPECT_EQ(error.metadata.at("max"), "2");
  EXPECT_EQ(error.metadata.at("principal"), "a");

  EXPECT_NE(limits->take_stream(StreamKind::kSwitch, "b", &error), nullptr);
  const auto watch = limits->take_stream(StreamKind::kWatch, "a", &error);
  EXPECT_THAT(limits->open_streams(), testing::ElementsAre(2, 1, 0));
  EXPECT_NE(watch, nullptr);
  EXPECT_EQ(limits->take_stream(StreamKind::kWatch, "a", &error), nullptr);
  EXPECT_EQ(error.metadata.at("limit"), "principal_watches_max");

  first.reset();
  EXPECT_NE(limits->take_stream(StreamKind::kSwitch, "a", &error), nullptr);
}

TEST(PrincipalLimitsTest, TakesASecondsWorthOfCallsAtOnceAndThenAsTimePasses) {
  const auto limits = limits_of(1, 1, 10);
  PrincipalLimits::Clock::time_point now{};
  const auto taken = [&](const std::string& principal, int asked) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += limits->take_call(principal, now) ? 0 : 1;
    return count;
  };
  EXPECT_EQ(taken("a", 50), 10);
  EXPECT_EQ(taken("b", 50), 10);
  now += milliseconds(99);
  EXPECT_EQ(taken("a", 5), 0);
  now += milliseconds(1);
  EXPECT_EQ(taken("a", 5), 1);
  now += milliseconds(500);
  EXPECT_EQ(taken("a", 50), 5);
  now += std::chrono::hours(1);  // No more than a second's worth is saved up.
  EXPECT_EQ(taken("a", 50), 10);
  now -= milliseconds(500);  // Another thread looked at the clock before.
  EXPECT_EQ(taken("a", 50), 0);
  now += milliseconds(600);
  EXPECT_EQ(taken("a", 50), 1);

  const auto error = limits->take_call("a", now);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason, v1::ERROR_REASON_OVERLOADED);
  EXPECT_EQ(error->metadata.at("limit"), "principal_unary_calls_per_s");
  EXPECT_EQ(error->metadata.at("max"), "10");
}

TEST(PrincipalLimitsTest, KnowsSoManyPrincipalsAndForgetsTheIdleOnes) {
  const auto limits = limits_of(1, 1, 10);
  PrincipalLimits::Clock::time_point now{};
  for (size_t i = 0; i < kPrincipalsMax; ++i) {
    ASSERT_FALSE(limits->take_call(std::to_string(i), now));
  }
  const auto error = limits->take_call("late", now);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->reason, v1::ERROR_REASON_OVERLOADED);
  EXPECT_EQ(error->metadata.at("limit"), "principals_max");
  EXPECT_FALSE(limits->take_call("7", now));  // Who is known goes on.
  now += std::chrono::seconds(1);
  EXPECT_FALSE(limits->take_call("late", now));
}

// Else whoever has a stream could have another.
TEST(PrincipalLimitsTest, ForgetsNobodyWhoHasAStream) {
  const auto limits = limits_of(1, 1, 10);
  auto now = PrincipalLimits::Clock::now();
  RpcError error;
  const auto stream = limits->take_stream(StreamKind::kSwitch, "a", &error);
  ASSERT_NE(stream, nullptr);
  for (size_t i = 0; i + 1 < kPrincipalsMax; ++i) {
    ASSERT_FALSE(limits->take_call(std::to_string(i), now));
  }
  now += std::chrono::seconds(2);
  EXPECT_FALSE(limits->take_call("late", now));
  EXPECT_EQ(limits->take_stream(StreamKind::kSwitch, "a", &error), nullptr);
}

TEST(PendingPoolTest, GivesEachItsOwnAndWhatIsAboveOutOfOnePool) {
  const auto pool = std::make_shared<PendingPool>(1'000);
  auto first = std::make_unique<PendingShare>(pool);
  PendingShare second(pool);
  EXPECT_TRUE(first->cover(kPendingOwnBytesMax + 900));
  EXPECT_TRUE(second.cover(kPendingOwnBytesMax));  // What is its own is never short.
  EXPECT_TRUE(second.cover(kPendingOwnBytesMax + 100));
  EXPECT_FALSE(second.cover(kPendingOwnBytesMax + 101));
  EXPECT_TRUE(first->cover(kPendingOwnBytesMax + 800));  // It was read.
  EXPECT_TRUE(second.cover(kPendingOwnBytesMax + 200));
  EXPECT_TRUE(first->cover(0));
  EXPECT_TRUE(first->cover(kPendingOwnBytesMax + 800));
  first.reset();
  EXPECT_TRUE(second.cover(kPendingOwnBytesMax + 1'000));
  EXPECT_FALSE(second.cover(kPendingOwnBytesMax + 1'001));
}

TEST(ResponseQueueTest, CountsTheOpenResponseAndTheOneUnderWay) {
  ResponseQueue queue;
  Delivery delivery;
  delivery.arena = std::string(64, 'c');
  SwitchCommand command;
  command.kind = SwitchCommandKind::kRingAgent;
  command.call = command.agent = command.station = {0, 64};
  delivery.commands.assign(10, command);
  queue.add(delivery, RpcOptions());
  const size_t open = queue.bytes();
  EXPECT_GE(open, 10u * 3 * 64);
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(queue.take(&bytes));
  EXPECT_EQ(queue.bytes(), bytes.Length());
  EXPECT_LE(queue.bytes(), open);
  queue.add(delivery, RpcOptions());
  EXPECT_EQ(queue.bytes(), bytes.Length() + open);
  ASSERT_TRUE(queue.take(&bytes));
  EXPECT_FALSE(queue.take(&bytes));
  EXPECT_EQ(queue.bytes(), 0u);
}

}  // namespace
}  // namespace acd
