// SPDX-License-Identifier: Apache-2.0
// Consults and conferences by requests: what the switch is told, and the same by replay and from a
// snapshot.
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using Done = TableAnswer::Outcome;

constexpr char kConsultCentre[] = R"(
tenants:
  - id: bank
    queues: [{id: loans, members: [ada]}, {id: cards, members: [bob]}]
    agents: [{id: ada}, {id: bob}]
)";

struct ConsultLife : Life {
  explicit ConsultLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kConsultCentre) {}
};

class PartitionConsultsTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TableChange> consulted(const std::string& call, const std::string& queue,
                                                const std::string& consult) {
    Command command;
    command.kind = CommandKind::kConsult;
    command.detail = static_cast<uint8_t>(TransferTarget::kQueue);
    command.call = {0, static_cast<uint32_t>(call.size())};
    command.name = {command.call.size, static_cast<uint32_t>(queue.size())};
    return make_call_change(command, call + queue, consult);
  }
  static std::unique_ptr<TableChange> outside(const std::string& call, const std::string& number,
                                              const std::string& consult) {
    Command command;
    command.kind = CommandKind::kConsult;
    command.detail = static_cast<uint8_t>(TransferTarget::kOutside);
    command.call = {0, static_cast<uint32_t>(call.size())};
    command.name = {command.call.size, static_cast<uint32_t>(number.size())};
    return make_call_change(command, call + number, consult);
  }
  static std::unique_ptr<TableChange> taken_back(const std::string& consult) {
    Command command;
    command.kind = CommandKind::kEndCall;
    command.call = {0, static_cast<uint32_t>(consult.size())};
    return make_call_change(command, consult, "");
  }
  static std::unique_ptr<TableChange> merged(const std::string& consult, bool is_conference) {
    Command command;
    command.kind = CommandKind::kMergeCall;
    command.flag = is_conference;
    command.call = {0, static_cast<uint32_t>(consult.size())};
    return make_call_change(command, consult, "");
  }
  TableAnswer change(Life& life, std::unique_ptr<TableChange> one) {
    TableAnswer answer = life.ask(std::move(one));
    turn(life, batch());
    return answer;
  }
  void turn(Life& life, BatchBuilder& builder) {
    for (const Delivery& delivery : run_turn(*life.partition, builder)) {
      for (const SwitchCommand& command : delivery.commands) keep(command, delivery.arena);
    }
  }
  void keep(const SwitchCommand& command, std::string_view arena) {
    std::string text;
    if (command.kind == SwitchCommandKind::kRingAgent) text = "ring";
    if (command.kind == SwitchCommandKind::kStopRinging) text = "stop";
    if (command.kind == SwitchCommandKind::kReleaseCall) text = "release";
    if (command.kind == SwitchCommandKind::kRetrieveCall) text = "retrieve";
    if (command.kind == SwitchCommandKind::kDialOutside) text = "dial";
    if (command.kind == SwitchCommandKind::kTransferCall) text = "transfer";
    if (command.kind == SwitchCommandKind::kMergeCall) {
      text = command.conference ? "conference" : "merge";
    }
    for (const TextRef word :
         {command.call, command.agent, command.parent, command.consulting, command.text}) {
      if (word.size > 0) text += " " + std::string(word.in(arena));
    }
    told_.push_back(text);
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }
  BatchBuilder& batch() { return batch_ = BatchBuilder(stream_); }
  // c1 of loans talks to ada, bob of cards is free; ada asks cards about it.
  void play_one(Life& life) {
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .agent(CommandKind::kLogIn, 3, "bob", "101")
                   .agent(CommandKind::kSetReady, 4, "bob")
                   .enqueue(5, "c1", "loans"));
    turn(life, batch().leg(CommandKind::kCallConnected, 6, "c1", 1));
    told();
    EXPECT_EQ(change(life, consulted("c1", "cards", "x1")).outcome, Done::kDone);
    EXPECT_EQ(told(), (std::vector<std::string>{"ring x1 bob c1 ada"}));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  BatchBuilder batch_{stream_};
  std::vector<std::string> told_;
};

TEST_F(PartitionConsultsTest, TheSwitchIsToldOfWhatWasAskedFor) {
  ConsultLife life(folder_.path());
  play_one(life);
  EXPECT_TRUE(change(life, consulted("c1", "cards", "x1")).is_repeat);
  EXPECT_EQ(change(life, merged("x1", false)).reject, Reject::kCallState);
  turn(life, batch().leg(CommandKind::kCallConnected, 7, "x1", 1));
  EXPECT_EQ(change(life, merged("x1", true)).outcome, Done::kDone);
  EXPECT_EQ(told(), (std::vector<std::string>{"conference x1 bob c1 ada"}));
  EXPECT_EQ(
      life.read<size_t>([](const Board& board) { return board.find_call("c1")->parties.size(); }),
      2u);
}

TEST_F(PartitionConsultsTest, ACallerIsGivenBackAndAConsultReleased) {
  ConsultLife life(folder_.path());
  play_one(life);
  turn(life, batch().end(7, "x1"));
  EXPECT_EQ(told(), (std::vector<std::string>{"stop x1 bob", "retrieve c1 ada x1"}));
  EXPECT_EQ(change(life, consulted("c1", "cards", "x2")).outcome, Done::kDone);
  told();
  turn(life, batch().end(8, "c1"));
  EXPECT_EQ(told(), (std::vector<std::string>{"stop x2 bob", "release x2"}));
}

TEST_F(PartitionConsultsTest, ASwitchThatResumesIsToldOfTheMergeOnceMore) {
  ConsultLife life(folder_.path());
  play_one(life);
  turn(life, batch().leg(CommandKind::kCallConnected, 7, "x1", 1));
  EXPECT_EQ(change(life, merged("x1", false)).outcome, Done::kDone);
  EXPECT_EQ(told(), (std::vector<std::string>{"merge x1 bob c1 ada"}));
  turn(life, batch().close());
  EXPECT_EQ(change(life, consulted("c1", "loans", "x2")).reject, Reject::kSwitchAway);
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), (std::vector<std::string>{"merge x1 bob c1 ada"}));
}

TEST_F(PartitionConsultsTest, ASwitchThatResumesIsToldOfAllThatBecameOfTheCallInItsOrder) {
  const std::vector<std::string> all = {"merge x1 bob c1 ada", "retrieve c1 bob x2"};
  {
    ConsultLife life(folder_.path());
    play_one(life);
    turn(life, batch().leg(CommandKind::kCallConnected, 7, "x1", 1));
    EXPECT_EQ(change(life, merged("x1", false)).outcome, Done::kDone);
    EXPECT_EQ(change(life, consulted("c1", "loans", "x2")).outcome, Done::kDone);
    turn(life, batch().end(8, "x2"));
    EXPECT_EQ(told(),
              (std::vector<std::string>{all[0], "ring x2 ada c1 bob", "stop x2 ada", all[1]}));
    turn(life, batch().close());
    turn(life, batch().open("pbx", "epoch"));
    EXPECT_EQ(told(), all);
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  ConsultLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), all);
  // Put on hold: it knows.
  turn(life, batch().hold(9, "c1"));
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>{});
}

// Who consults anew is with the caller no longer.
TEST_F(PartitionConsultsTest, OnlyTheLatestRetrievalIsToldAgain) {
  ConsultLife life(folder_.path());
  play_one(life);
  turn(life, batch().end(7, "x1"));
  EXPECT_EQ(change(life, consulted("c1", "cards", "x2")).outcome, Done::kDone);
  told();
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>{"ring x2 bob c1 ada"});
  turn(life, batch().end(8, "x2"));
  turn(life, batch().close());
  told();
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), std::vector<std::string>{"retrieve c1 ada x2"});
}

TEST_F(PartitionConsultsTest, ComesBackByReplayAndFromASnapshot) {
  uint64_t state_hash = 0;
  {
    ConsultLife life(folder_.path());
    play_one(life);
    turn(life, batch().leg(CommandKind::kCallConnected, 7, "x1", 1));
    state_hash = life.partition->state_hash();
  }
  {
    ConsultLife life(folder_.path());
    ASSERT_TRUE(life.recovered.ok()) << life.recovered;
    EXPECT_EQ(life.recovered_hash, state_hash);
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  ConsultLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  told();
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(change(life, merged("x1", true)).outcome, Done::kDone);
  EXPECT_EQ(told(), (std::vector<std::string>{"conference x1 bob c1 ada"}));
  EXPECT_EQ(
      life.read<size_t>([](const Board& board) { return board.find_call("c1")->parties.size(); }),
      2u);
}

TEST_F(PartitionConsultsTest, TheSwitchDialsWhoIsOutside) {
  {
    ConsultLife life(folder_.path());
    play_one(life);
    EXPECT_EQ(change(life, taken_back("x1")).outcome, Done::kDone);
    EXPECT_EQ(told(),
              (std::vector<std::string>{"stop x1 bob", "release x1", "retrieve c1 ada x1"}));
    EXPECT_EQ(change(life, outside("c1", "+1555", "x2")).outcome, Done::kDone);
    EXPECT_EQ(told(), (std::vector<std::string>{"dial x2 c1 ada +1555"}));
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  ConsultLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  turn(life, batch().open("pbx", "epoch"));
  // Not that c1 is given back: a consult about it is open again.
  EXPECT_EQ(told(), (std::vector<std::string>{"release x1", "dial x2 c1 ada +1555"}));
  turn(life, batch().leg(CommandKind::kCallConnected, 7, "x2", 1));
  EXPECT_EQ(life.read<CallState>([](const Board& board) { return board.find_call("x2")->state; }),
            CallState::kOutside);
  EXPECT_EQ(change(life, merged("x2", false)).outcome, Done::kDone);
  EXPECT_EQ(told(), (std::vector<std::string>{"merge x2 c1 ada"}));  // And no transfer.
  EXPECT_FALSE(
      life.read<bool>([](const Board& board) { return board.find_call("c1") != nullptr; }));
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.total().consults_answered; }),
            1);
  turn(life, batch().close());
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), (std::vector<std::string>{"release x1", "merge x2 c1 ada"}));
}

}  // namespace
}  // namespace acd
