// SPDX-License-Identifier: Apache-2.0
// What supervisors ask: what the switch is told of it, also after a cut; that a repeat is answered as the first time; and
// the same by replay.
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using Done = TableAnswer::Outcome;
using Texts = std::vector<std::string>;

constexpr char kSupervisedCentre[] = R"(
tenants:
  - id: bank
    queues: [{id: loans}]
    agents: [{id: ada}, {id: bob}]
)";
constexpr char kSupervisorUuid[] = "123e4567-e89b-42d3-a456-426614174000";

struct SupervisedCentre : Life {
  explicit SupervisedCentre(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kSupervisedCentre) {}
};

class PartitionSupervisorsTest : public ::testing::Test {
 protected:
  // What came of a command about that call.
  TableAnswer ask(Life& life, Command command, const std::string& call,
                  const std::string& request_id = "") {
    std::string arena;
    command.call = add_text(call, &arena);
    return answered(life, make_call_change(command, arena, request_id));
  }
  TableAnswer ask_of_ada(Life& life, CommandKind kind, const std::string& request_id = "") {
    Command command;
    command.kind = kind;
    std::string arena;
    command.name = add_text("ada", &arena);
    return answered(life, make_call_change(command, arena, request_id));
  }
  TableAnswer answered(Life& life, std::unique_ptr<TableChange> change) {
    TableAnswer answer = life.ask(std::move(change));
    turn(life, batch());
    return answer;
  }
  void turn(Life& life, BatchBuilder& builder) {
    for (const Delivery& delivery : run_turn(*life.partition, builder)) {
      for (const SwitchCommand& command : delivery.commands) {
        std::string text = std::to_string(static_cast<int>(command.kind)) + " " +
                           std::string(command.call.in(delivery.arena));
        if (command.number != 0) text += " " + std::to_string(command.number);
        told_.push_back(text);
      }
    }
  }
  Texts told() { return std::exchange(told_, {}); }
  BatchBuilder& batch() { return batch_ = BatchBuilder(stream_); }
  static std::string word(SwitchCommandKind kind, const std::string& rest) {
    return std::to_string(static_cast<int>(kind)) + " " + rest;
  }
  // c1 rings ada.
  void ring(Life& life) {
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .agent(CommandKind::kLogIn, 3, "bob", "101")
                   .enqueue(4, "c1", "loans"));
    EXPECT_EQ(told(), Texts{word(SwitchCommandKind::kRingAgent, "c1")});
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  BatchBuilder batch_{stream_};
  Texts told_;
};

Command requeue_command() {
  Command command;
  command.kind = CommandKind::kRequeueCall;
  return command;
}
Command withdraw_command() {
  Command command;
  command.kind = CommandKind::kEndCall;
  command.detail = static_cast<uint8_t>(EndedBy::kSupervisor);
  command.cause = 17;
  return command;
}

TEST_F(PartitionSupervisorsTest, ARingingPhoneIsStoppedAndAnotherRings) {
  SupervisedCentre life(folder_.path());
  ring(life);
  turn(life, batch().agent(CommandKind::kSetReady, 5, "bob"));
  EXPECT_EQ(ask(life, requeue_command(), "c1").outcome, Done::kDone);
  EXPECT_EQ(told(), (Texts{word(SwitchCommandKind::kStopRinging, "c1"),
                           word(SwitchCommandKind::kRingAgent, "c1")}));
}

TEST_F(PartitionSupervisorsTest, ACallerWhoTalkedIsParked) {
  SupervisedCentre life(folder_.path());
  ring(life);
  turn(life, batch().leg(CommandKind::kCallConnected, 5, "c1", 1));
  told();
  EXPECT_EQ(ask(life, requeue_command(), "c1").outcome, Done::kDone);
  EXPECT_EQ(told(), (Texts{word(SwitchCommandKind::kParkCaller, "c1")}));
}

TEST_F(PartitionSupervisorsTest, AWithdrawnCallerIsReleasedAlsoWhenTheSwitchHeardItNot) {
  uint64_t state_hash = 0;
  const Texts released{word(SwitchCommandKind::kStopRinging, "c1"),
                       word(SwitchCommandKind::kReleaseCall, "c1 17")};
  {
    SupervisedCentre life(folder_.path());
    ring(life);
    EXPECT_EQ(ask(life, withdraw_command(), "c1", kSupervisorUuid).outcome, Done::kDone);
    EXPECT_EQ(told(), released);
    EXPECT_EQ(ask(life, withdraw_command(), "c1").reject, Reject::kCallUnknown);
    state_hash = life.partition->state_hash();
  }
  SupervisedCentre life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.recovered_hash, state_hash);
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_EQ(told(), Texts{released.back()});
  // Done before; with another cause it would be another request.
  EXPECT_EQ(ask(life, withdraw_command(), "c1", kSupervisorUuid).outcome, Done::kDone);
  Command other = withdraw_command();
  other.cause = 16;
  EXPECT_EQ(ask(life, other, "c1", kSupervisorUuid).outcome, Done::kRequestIdUsed);
}

TEST_F(PartitionSupervisorsTest, TheSwitchIsToldWhoListens) {
  SupervisedCentre life(folder_.path());
  ring(life);
  turn(life, batch().leg(CommandKind::kCallConnected, 5, "c1", 1));
  told();
  Command command;
  command.kind = CommandKind::kSuperviseCall;
  command.detail = static_cast<uint8_t>(Supervision::kMonitor);
  std::string arena;
  command.call = add_text("c1", &arena);
  command.preferred = add_text("bob", &arena);
  EXPECT_EQ(life.ask(make_call_change(command, arena, "")).outcome, Done::kDone);
  const std::vector<Delivery> deliveries = run_turn(*life.partition, batch());
  std::vector<SwitchCommand> commands;
  for (const Delivery& delivery : deliveries) {
    for (const SwitchCommand& one : delivery.commands) {
      EXPECT_EQ(one.kind, SwitchCommandKind::kSuperviseCall);
      EXPECT_EQ(one.supervision, Supervision::kMonitor);
      EXPECT_EQ(one.call.in(delivery.arena), "c1");
      EXPECT_EQ(one.agent.in(delivery.arena), "ada");
      EXPECT_EQ(one.text.in(delivery.arena), "101");
      EXPECT_EQ(one.consulting.in(delivery.arena), "bob");
      commands.push_back(one);
    }
  }
  EXPECT_EQ(commands.size(), 1u);
}

TEST_F(PartitionSupervisorsTest, AnAgentsStateIsSetOnceARequest) {
  {
    SupervisedCentre life(folder_.path());
    turn(life, batch().open("pbx", "epoch").at(0));
    EXPECT_EQ(ask_of_ada(life, CommandKind::kSetReady).reject, Reject::kAgentState);
    turn(life, batch().agent(CommandKind::kLogIn, 1, "ada", "100").enqueue(2, "c1", "loans"));
    EXPECT_EQ(ask_of_ada(life, CommandKind::kSetReady, kSupervisorUuid).outcome, Done::kDone);
    EXPECT_EQ(told(), Texts{word(SwitchCommandKind::kRingAgent, "c1")});
    EXPECT_EQ(ask_of_ada(life, CommandKind::kSetNotReady).outcome, Done::kDone);
  }
  SupervisedCentre life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  // A repeat is answered, and does not make her ready again.
  EXPECT_EQ(ask_of_ada(life, CommandKind::kSetReady, kSupervisorUuid).outcome, Done::kDone);
  turn(life, batch().open("pbx", "epoch"));
  turn(life, batch().end(3, "c1"));
  EXPECT_EQ(
      life.read<AgentState>([](const Board& board) { return board.find_agent("ada")->state; }),
      AgentState::kNotReady);
}

}  // namespace
}  // namespace acd
