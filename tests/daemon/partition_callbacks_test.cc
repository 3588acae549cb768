// SPDX-License-Identifier: Apache-2.0
// Callbacks: what the switch is told, after a cut too, and the same after a restart.
#include <string>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

constexpr char kCallbackCentre[] = R"(
tenants:
  - id: bank
    queues:
      - {id: sales, callback: {attempts: 2, retry_interval: 60s, dial_timeout: 20s}}
      - {id: first, callback: {mode: customer_first}}
    agents: [{id: ada}]
)";

struct CallbackLife : Life {
  explicit CallbackLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kCallbackCentre) {}
};

class PartitionCallbacksTest : public ::testing::Test {
 protected:
  std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // E.g. "dial_customer cb 0201 ada 20s gen 1"; all of them.
  static std::vector<std::string> commands(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> texts;
    for (const Delivery& delivery : deliveries) {
      for (const SwitchCommand& one : delivery.commands) {
        const auto text = [&](TextRef ref) { return std::string(ref.in(delivery.arena)); };
        std::string line = text(one.call) + " " + std::to_string(one.generation);
        switch (one.kind) {
          case SwitchCommandKind::kDialCustomer:
            line = "dial " + line + " " + text(one.text) + " for " + text(one.agent) + " in " +
                   std::to_string(one.timeout_ns / kNsPerS) + " as " + text(one.customer_leg);
            break;
          case SwitchCommandKind::kDropLeg:
            line = "drop " + line;
            break;
          case SwitchCommandKind::kReleaseCall:
            line = "release " + line + " " + std::to_string(one.number);
            break;
          case SwitchCommandKind::kRingAgent:
            line = "ring " + line;
            break;
          default:
            line = "other " + line;
        }
        texts.push_back(line);
      }
    }
    return texts;
  }
  void begin(Life& life) {
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada"));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(PartitionCallbacksTest, TellTheSwitchToDialForTheAgentWhoAccepted) {
  CallbackLife life(folder_.path());
  begin(life);
  EXPECT_THAT(commands(turn(life, batch().callback(3, "cb", "sales", "020-1"))),
              ElementsAre("ring cb 1"));
  EXPECT_THAT(commands(turn(life, batch().leg(CommandKind::kLegAnswered, 4, "cb", 1))),
              ElementsAre("dial cb 1 0201 for ada in 20 as acd-c2-1"));
  // The switch says nothing: its time and that to connect are over.
  EXPECT_THAT(commands(turn(life, batch().at(31 * kNsPerS))), ElementsAre("drop cb 1"));
}

TEST_F(PartitionCallbacksTest, TellTheSwitchAgainAfterACut) {
  CallbackLife life(folder_.path());
  begin(life);
  EXPECT_THAT(commands(turn(life, batch().callback(3, "cb", "first", "0201"))),
              ElementsAre("dial cb 1 0201 for  in 30 as acd-c2-1"));
  turn(life, batch().close());
  stream_ = std::make_shared<FakeStream>();
  EXPECT_THAT(commands(turn(life, batch().open("pbx", "epoch").at(0))),
              ElementsAre("dial cb 1 0201 for  in 30 as acd-c2-1"));
  EXPECT_THAT(commands(turn(life, batch().leg(CommandKind::kCustomerAnswered, 4, "cb", 1))),
              ElementsAre("ring cb 2"));
  // Of an answer that comes too late the leg is dropped.
  EXPECT_THAT(commands(turn(life, batch().leg(CommandKind::kCustomerAnswered, 5, "gone", 1))),
              ElementsAre("drop gone 1"));
}

TEST_F(PartitionCallbacksTest, TellTheSwitchAgainForHowLongTheCustomerIsRungStill) {
  CallbackLife life(folder_.path());
  begin(life);
  turn(life, batch().callback(3, "cb", "sales", "0201").callback(4, "cb2", "first", "0202"));
  turn(life, batch().leg(CommandKind::kLegAnswered, 5, "cb", 1));
  turn(life, batch().at(5 * kNsPerS));
  turn(life, batch().close());
  stream_ = std::make_shared<FakeStream>();
  EXPECT_THAT(commands(turn(life, batch().open("pbx", "epoch").at(5 * kNsPerS))),
              ElementsAre("dial cb 1 0201 for ada in 15 as acd-c2-1"));
}

TEST_F(PartitionCallbacksTest, AreTheSameAfterARestartAndFromASnapshot) {
  uint64_t state_hash = 0;
  {
    CallbackLife life(folder_.path());
    begin(life);
    turn(life, batch().callback(3, "cb", "sales", "0201").callback(4, "cb2", "first", "0202"));
    turn(life, batch().leg(CommandKind::kLegAnswered, 5, "cb", 1));
    state_hash = life.partition->state_hash();
  }
  {
    CallbackLife life(folder_.path());
    ASSERT_TRUE(life.recovered.ok()) << life.recovered;
    EXPECT_EQ(life.recovered_hash, state_hash);
    state_hash = life.partition->state_hash();
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  CallbackLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  EXPECT_EQ(life.recovered_hash, state_hash);
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.total().callbacks_waiting; }),
            2);
}

}  // namespace
}  // namespace acd
