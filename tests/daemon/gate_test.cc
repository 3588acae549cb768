// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

TurnOutput output_at(uint64_t sequence, const std::shared_ptr<FakeStream>& stream) {
  TurnOutput output;
  output.sequence = sequence;
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = static_cast<int64_t>(sequence);
  output.deliveries.emplace_back(stream, std::move(delivery));
  return output;
}

TEST(GateTest, HoldsAnOutputUntilItsRecordsAreDurable) {
  Observer observer;
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  const auto stream = std::make_shared<FakeStream>();
  gate.hold(output_at(3, stream));
  gate.hold(output_at(5, stream));
  gate.on_durable(2);
  EXPECT_TRUE(stream->await(0).empty());
  gate.on_durable(4);
  const std::vector<Delivery> first = stream->await(0);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].through_sequence, 3);
  gate.on_durable(9);
  EXPECT_EQ(stream->await(0).size(), 1u);
}

TEST(GateTest, LetsAnOutputGoAtOnceWhereItsRecordsAreDurable) {
  Observer observer;
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  const auto stream = std::make_shared<FakeStream>();
  gate.on_durable(3);
  gate.hold(output_at(3, stream));
  EXPECT_EQ(stream->await(0).size(), 1u);
}

TEST(GateTest, AnswersAChangeWhenItIsDurableAndAfterTheReadersHaveIt) {
  RouterClock clock(ClockMode::kDriven);
  Observer observer;
  const auto config = [](const char* bytes) {
    return std::make_shared<const ConfigInForce>(ConfigInForce{{}, {}, bytes});
  };
  const Observer::BoardId board = observer.add_tenant(config("first"), &clock);
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  std::vector<std::string> seen;
  TurnOutput output;
  output.sequence = 3;
  output.events.configs.emplace_back(board, config("second"));
  output.answers.emplace_back([&] {
    seen.emplace_back("answered");
    EXPECT_TRUE(
        observer.read(board, [&](const Insight& insight) { seen.push_back(insight.config); }));
  });
  gate.hold(std::move(output));
  gate.on_durable(2);
  EXPECT_TRUE(seen.empty());
  gate.on_durable(3);
  observer.start();
  observer.stop();
  EXPECT_EQ(seen, (std::vector<std::string>{"answered", "second"}));
}

TEST(GateTest, KeepsTheOrderWhenBothThreadsRelease) {
  constexpr uint64_t kOutputs = 5'000;
  Observer observer;
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  const auto stream = std::make_shared<FakeStream>();
  auto journal = std::async(std::launch::async, [&] {
    for (uint64_t i = 1; i <= kOutputs; ++i) gate.on_durable(i);
  });
  for (uint64_t i = 1; i <= kOutputs; ++i) gate.hold(output_at(i, stream));
  journal.get();
  const std::vector<Delivery> deliveries = stream->await(0);
  ASSERT_EQ(deliveries.size(), kOutputs);
  for (uint64_t i = 0; i < kOutputs; ++i) {
    ASSERT_EQ(deliveries[i].through_sequence, static_cast<int64_t>(i + 1));
  }
}

// What a gate that lives on ended the process with.
int exit_code_of_gate = 0;
void note_exit(int exit_code) { exit_code_of_gate = exit_code; }

TEST(GateTest, FailedJournalLetsNothingBehindItLeave) {
  Observer observer;
  const FakeOwnership ownership(1);
  exit_code_of_gate = 0;
  Gate gate(&observer, &ownership, note_exit);
  const auto stream = std::make_shared<FakeStream>();
  gate.hold(output_at(3, stream));
  gate.hold(output_at(4, stream));
  gate.on_durable(3);
  gate.on_failed(absl::InternalError("disk gone"));
  gate.on_durable(9);
  gate.hold(output_at(3, stream));
  EXPECT_EQ(stream->await(0).size(), 1u);
  EXPECT_EQ(exit_code_of_gate, Gate::kExitJournalFailed);
}

TEST(GateTest, WaitsUntilAllThatItHeldHasLeft) {
  constexpr uint64_t kOutputs = 100;
  Observer observer;
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  const auto stream = std::make_shared<FakeStream>();
  EXPECT_TRUE(gate.wait_until_released()) << "it holds nothing";
  for (uint64_t i = 1; i <= kOutputs; ++i) gate.hold(output_at(i, stream));
  auto journal = std::async(std::launch::async, [&] {
    for (uint64_t i = 1; i <= kOutputs; ++i) gate.on_durable(i);
  });
  EXPECT_TRUE(gate.wait_until_released());
  EXPECT_EQ(stream->await(0).size(), kOutputs);
  journal.get();
}

TEST(GateTest, NobodyWaitsForAGateThatIsShut) {
  Observer observer;
  const FakeOwnership ownership(1);
  exit_code_of_gate = 0;
  Gate gate(&observer, &ownership, note_exit);
  gate.hold(output_at(3, std::make_shared<FakeStream>()));
  auto journal =
      std::async(std::launch::async, [&] { gate.on_failed(absl::InternalError("disk gone")); });
  EXPECT_FALSE(gate.wait_until_released());
  journal.get();
}

TEST(GateTest, OwnershipThatHasRunOutLetsNothingLeave) {
  Observer observer;
  FakeOwnership ownership(1);
  exit_code_of_gate = 0;
  Gate gate(&observer, &ownership, note_exit);
  const auto stream = std::make_shared<FakeStream>();
  gate.hold(output_at(3, stream));
  gate.hold(output_at(4, stream));
  gate.on_durable(3);
  EXPECT_EQ(stream->await(0).size(), 1u);
  ownership.expire_at(0);
  gate.on_durable(4);
  EXPECT_TRUE(stream->await(0).empty());
  EXPECT_EQ(exit_code_of_gate, Gate::kExitJournalFailed);
}

TEST(GateTest, StopWithoutSpaceHasAnExitCodeOfItsOwn) {
  Observer observer;
  const FakeOwnership ownership(1);
  exit_code_of_gate = 0;
  Gate gate(&observer, &ownership, note_exit);
  gate.on_failed(absl::CancelledError("no space"));
  EXPECT_EQ(exit_code_of_gate, Gate::kExitStorageFull);
}

TEST(GateTest, KeepsWhatTheJournalSaysOfItsSpace) {
  Observer observer;
  const FakeOwnership ownership(1);
  Gate gate(&observer, &ownership);
  EXPECT_EQ(gate.space(), JournalSpace::kEnough);
  gate.on_space(JournalSpace::kLow, absl::ResourceExhaustedError("full"));
  EXPECT_EQ(gate.space(), JournalSpace::kLow);
  gate.on_space(JournalSpace::kEnough, absl::OkStatus());
  EXPECT_EQ(gate.space(), JournalSpace::kEnough);
}

TEST(GateTest, FailedJournalEndsTheProcess) {
  EXPECT_EXIT(
      {
        Observer observer;
        const FakeOwnership ownership(1);
        Gate gate(&observer, &ownership);
        gate.on_failed(absl::DataLossError("disk gone"));
      },
      ::testing::ExitedWithCode(Gate::kExitJournalFailed), "");
}

}  // namespace
}  // namespace acd
