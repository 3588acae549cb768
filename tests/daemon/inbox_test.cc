// SPDX-License-Identifier: Apache-2.0
#include "daemon/inbox.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "routing/limits.h"

namespace acd {
namespace {

std::unique_ptr<Batch> numbered(uint32_t producer, uint32_t number) {
  auto batch = std::make_unique<Batch>();
  batch->partition = producer;
  batch->driven_now_ns = number;
  return batch;
}

TEST(InboxTest, HandsBatchesOverInOrder) {
  Inbox inbox(4);
  EXPECT_EQ(inbox.pop(), nullptr);
  for (uint32_t round = 0; round < 3; ++round) {
    for (uint32_t i = 0; i < 3; ++i) {
      auto batch = numbered(0, i);
      EXPECT_EQ(inbox.push(batch), PushResult::kOk);
      EXPECT_EQ(batch, nullptr);
    }
    for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(inbox.pop()->driven_now_ns, i);
  }
}

TEST(InboxTest, SaysFullAndLeavesTheBatchWithItsOwner) {
  Inbox inbox(2);
  for (uint32_t i = 0; i < 2; ++i) {
    auto batch = numbered(0, i);
    EXPECT_EQ(inbox.push(batch), PushResult::kOk);
  }
  auto third = numbered(0, 2);
  EXPECT_EQ(inbox.push(third), PushResult::kFull);
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(inbox.pop()->driven_now_ns, 0);
  EXPECT_EQ(inbox.push(third), PushResult::kOk);
}

TEST(InboxTest, TakesNothingOnceClosed) {
  Inbox inbox(2);
  inbox.close();
  auto batch = numbered(0, 0);
  EXPECT_EQ(inbox.push(batch), PushResult::kClosed);
  EXPECT_NE(batch, nullptr);
}

TEST(InboxTest, WaitEndsAtOnceWhereABatchIsThere) {
  Inbox inbox(2);
  auto batch = numbered(0, 7);
  ASSERT_EQ(inbox.push(batch), PushResult::kOk);
  inbox.wait(-1);  // Would hang otherwise.
  EXPECT_EQ(inbox.pop()->driven_now_ns, 7);
}

TEST(InboxTest, ManyProducersLoseNothingAndKeepTheirOrder) {
  constexpr uint32_t kProducers = 3;
  constexpr uint32_t kEach = 20'000;
  Inbox inbox(64);
  std::vector<std::thread> producers;
  for (uint32_t p = 0; p < kProducers; ++p) {
    producers.emplace_back([&inbox, p] {
      for (uint32_t i = 0; i < kEach; ++i) {
        auto batch = numbered(p, i);
        while (inbox.push(batch) != PushResult::kOk) std::this_thread::yield();
      }
    });
  }
  std::vector<uint32_t> next(kProducers, 0);
  for (uint32_t taken = 0; taken < kProducers * kEach;) {
    const std::unique_ptr<Batch> batch = inbox.pop();
    if (batch == nullptr) {
      inbox.wait(-1);  // A lost wake-up hangs here.
      continue;
    }
    ++taken;
    ASSERT_EQ(batch->driven_now_ns, next[batch->partition]++);
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(inbox.pop(), nullptr);
}

}  // namespace
}  // namespace acd
