// SPDX-License-Identifier: Apache-2.0
// Transfers by a switch and by requests: what the switch is told, also after a cut, and the same by
// replay and from a snapshot.
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using Done = TableAnswer::Outcome;

constexpr char kTwoQueues[] = R"(
tenants:
  - id: bank
    transfers_max: 3
    queues: [{id: loans, members: [ada]}, {id: cards, members: [bob]}]
    agents: [{id: ada}, {id: bob}]
)";
constexpr char kTransferUuid[] = "123e4567-e89b-42d3-a456-426614174000";

struct TwoQueues : Life {
  explicit TwoQueues(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kTwoQueues) {}
};

class PartitionTransfersTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TableChange> moved(const std::string& call, TransferTarget target,
                                            const std::string& name,
                                            const std::string& request_id = "") {
    Command command;
    command.kind = CommandKind::kTransferCall;
    command.detail = static_cast<uint8_t>(target);
    std::string arena = call + name;
    command.call = {0, static_cast<uint32_t>(call.size())};
    command.name = {command.call.size, static_cast<uint32_t>(name.size())};
    return make_call_change(command, arena, request_id);
  }
  // What came of it, and what the switch is told beside it.
  TableAnswer change(Life& life, std::unique_ptr<TableChange> one) {
    TableAnswer answer = life.ask(std::move(one));
    // Streams are told before requests are answered, or with the next turn's delivery at the latest.
    for (const Delivery& delivery : run_turn(*life.partition, batch())) keep(delivery);
    return answer;
  }
  void turn(Life& life, BatchBuilder& builder) {
    for (const Delivery& delivery : run_turn(*life.partition, builder)) keep(delivery);
  }
  void keep(const Delivery& delivery) {
    for (const SwitchCommand& command : delivery.commands) {
      constexpr const char* kWords[] = {"ring",     "stop",    "connect", "drop",     "play",
                                        "transfer", "release", "park",    "retrieve", "merge",
                                        "log_out",  "dial",    "outside", "supervise"};
      static_assert(std::size(kWords) ==
                    static_cast<size_t>(SwitchCommandKind::kSuperviseCall) + 1);
      std::string text = kWords[static_cast<size_t>(command.kind)];
      text += " " + std::string(command.call.in(delivery.arena));
      text += " " + std::to_string(command.generation);
      const std::string_view more = command.text.in(delivery.arena);
      if (!more.empty()) text += " " + std::string(more);
      told_.push_back(text);
      if (command.leg.size > 0) leg_ = command.leg.in(delivery.arena);
    }
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }
  // By which its agent is rung: of the last delivery.
  std::string leg() { return std::exchange(leg_, {}); }
  BatchBuilder& batch() { return batch_ = BatchBuilder(stream_); }
  // c1 of loans talks to ada.
  void play_one(Life& life) {
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .enqueue(3, "c1", "loans"));
    turn(life, batch().leg(CommandKind::kCallConnected, 4, "c1", 1));
    told();
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  BatchBuilder batch_{stream_};
  std::vector<std::string> told_;
  std::string leg_;
};

TEST_F(PartitionTransfersTest, TheSwitchParksACallerWhomARequestTransfers) {
  uint64_t state_hash = 0;
  {
    TwoQueues life(folder_.path());
    play_one(life);
    EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
    EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 cards"}));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 5, "bob", "101")
                   .agent(CommandKind::kSetReady, 6, "bob"));
    EXPECT_EQ(told(), (std::vector<std::string>{"ring c1 2"}));
    state_hash = life.partition->state_hash();
  }
  TwoQueues life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.recovered_hash, state_hash);
}

TEST_F(PartitionTransfersTest, AWaitingCallerIsNotParkedAndOneWhoLeavesIsTransferred) {
  TwoQueues life(folder_.path());
  play_one(life);
  turn(life, batch().enqueue(5, "c2", "cards"));
  EXPECT_EQ(change(life, moved("c2", TransferTarget::kQueue, "loans")).outcome, Done::kDone);
  EXPECT_EQ(told(), std::vector<std::string>());
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kOutside, "+44123")).outcome, Done::kDone);
  // Ada is free with that.
  EXPECT_EQ(told(), (std::vector<std::string>{"transfer c1 1 +44123", "ring c2 1"}));
}

TEST_F(PartitionTransfersTest, ASwitchThatResumesIsToldOfTheParkedOnceMore) {
  {
    TwoQueues life(folder_.path());
    play_one(life);
    EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
    told();
    turn(life, batch().close());
    turn(life, batch().open("pbx", "epoch"));
    EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 cards"}));
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  TwoQueues life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 cards"}));
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.find_call("c1")->transfers; }),
            1);
}

TEST_F(PartitionTransfersTest, AParkedCallerIsForgottenWhenTheyAreOverOrWithSomebody) {
  TwoQueues life(folder_.path());
  play_one(life);
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
  turn(life, batch().end(5, "c1"));
  told();
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>());

  turn(life, batch().enqueue(6, "c2", "loans"));
  turn(life, batch().leg(CommandKind::kCallConnected, 7, "c2", 1));
  EXPECT_EQ(change(life, moved("c2", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
  turn(life,
       batch().agent(CommandKind::kLogIn, 8, "bob", "101").agent(CommandKind::kSetReady, 9, "bob"));
  turn(life, batch().leg(CommandKind::kCallConnected, 10, "c2", 2));
  told();
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>());
}

// Whom bob's phone answers by itself the switch has not joined with him yet.
TEST_F(PartitionTransfersTest, AParkIsToldAgainUntilTheCallerIsJoined) {
  TwoQueues life(folder_.path());
  play_one(life);
  turn(life,
       batch().log_in(5, "bob", "101", AnswerMode::kAuto).agent(CommandKind::kSetReady, 6, "bob"));
  told();
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
  EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 cards", "connect c1 2"}));
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 cards", "connect c1 2"}));
  turn(life, batch().leg(CommandKind::kCallConnected, 7, "c1", 2));
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>());
}

TEST_F(PartitionTransfersTest, AParkNamesTheQueueWhereTheCallerIsNow) {
  TwoQueues life(folder_.path());
  play_one(life);
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards")).outcome, Done::kDone);
  turn(life, batch().agent(CommandKind::kSetNotReady, 5, "ada"));
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "loans")).outcome, Done::kDone);
  told();
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), (std::vector<std::string>{"park c1 1 loans"}));
}

TEST_F(PartitionTransfersTest, AnAgentsLegHasOneNameForEver) {
  TwoQueues life(folder_.path());
  turn(life, batch().open("pbx", "epoch").at(0));
  turn(life, batch()
                 .agent(CommandKind::kLogIn, 1, "bob", "101")
                 .agent(CommandKind::kSetReady, 2, "bob")
                 .enqueue(3, "c1", "cards"));
  EXPECT_EQ(leg(), "acd-1-1");
  // After a cut it is rung by the same.
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(leg(), "acd-1-1");
  turn(life, batch().end(4, "c1").enqueue(5, "c2", "cards"));
  EXPECT_EQ(leg(), "acd-1-2");
}

TEST_F(PartitionTransfersTest, ARepeatOfARequestIsAnsweredAndDoesNothing) {
  {
    TwoQueues life(folder_.path());
    play_one(life);
    EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "cards", kTransferUuid)).outcome,
              Done::kDone);
    EXPECT_TRUE(
        change(life, moved("c1", TransferTarget::kQueue, "cards", kTransferUuid)).is_repeat);
  }
  TwoQueues life(folder_.path());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_TRUE(change(life, moved("c1", TransferTarget::kQueue, "cards", kTransferUuid)).is_repeat);
  EXPECT_EQ(change(life, moved("c1", TransferTarget::kQueue, "loans", kTransferUuid)).outcome,
            Done::kRequestIdUsed);
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.find_call("c1")->transfers; }),
            1);
}

TEST_F(PartitionTransfersTest, ARefusalSaysWhyAndChangesNothing) {
  TwoQueues life(folder_.path());
  play_one(life);
  const auto refused = [&](TransferTarget target, const std::string& name) {
    const TableAnswer answer = change(life, moved("c1", target, name));
    EXPECT_EQ(answer.outcome, Done::kRefused);
    return answer.reject;
  };
  EXPECT_EQ(refused(TransferTarget::kQueue, "none"), Reject::kQueueUnknown);
  EXPECT_EQ(refused(TransferTarget::kAgent, "none"), Reject::kAgentUnknown);
  EXPECT_EQ(refused(TransferTarget::kAgent, "bob"), Reject::kAgentState);
  EXPECT_EQ(refused(TransferTarget::kSupervisor, ""), Reject::kNoSupervisor);
  turn(life, batch().close());
  EXPECT_EQ(refused(TransferTarget::kQueue, "cards"), Reject::kSwitchAway);
  EXPECT_EQ(told(), std::vector<std::string>());
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.total().connected; }), 1);
}

}  // namespace
}  // namespace acd
