// SPDX-License-Identifier: Apache-2.0
// Answer modes, as switches and desktops see them: who is rung, who accepts, and the same by replay.
#include <string>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Done = TableAnswer::Outcome;

constexpr char kTwoAgents[] = R"(
tenants:
  - id: bank
    queues: [{id: sales}]
    agents: [{id: ada}, {id: bob}]
)";
constexpr char kJoined[] = R"(
tenants:
  - id: bank
    reach: [{from: pbx, to: lab, dial_prefix: "7"}]
    queues: [{id: sales}]
    agents: [{id: ada}]
)";
constexpr char kRequestUuid[] = "123e4567-e89b-42d3-a456-426614174000";

struct StationsLife : Life {
  explicit StationsLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kTwoAgents) {}
};

// "ring_agent c1 ada 100", "connect_call c1 ada 100 desktop": kind, call, agent, station and mode.
std::string line_of(const SwitchCommand& command, const std::string& arena) {
  std::string line;
  switch (command.kind) {
    case SwitchCommandKind::kRingAgent:
      line = "ring_agent";
      break;
    case SwitchCommandKind::kStopRinging:
      line = "stop_ringing";
      break;
    case SwitchCommandKind::kConnectCall:
      line = "connect_call";
      break;
    case SwitchCommandKind::kLogOutAgent:
      line = "log_out_agent";
      break;
    default:
      line = "another";
      break;
  }
  for (const TextRef& text : {command.call, command.agent, command.station}) {
    if (text.size != 0) line += " " + std::string(text.in(arena));
  }
  if (command.kind == SwitchCommandKind::kConnectCall) {
    line += " " + std::string(answer_mode_name(command.answer_mode));
  }
  return line;
}

class PartitionStationsTest : public ::testing::Test {
 protected:
  // What the switch is told in answer to a batch.
  std::vector<std::string> told(Life& life, BatchBuilder& builder) {
    return lines_of(run_turn(*life.partition, builder));
  }
  static std::vector<std::string> lines_of(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> lines;
    for (const Delivery& delivery : deliveries) {
      EXPECT_THAT(delivery.refused, IsEmpty());
      for (const SwitchCommand& command : delivery.commands) {
        lines.push_back(line_of(command, delivery.arena));
      }
    }
    return lines;
  }
  static TableAnswer claim(Life& life, CommandKind kind, const std::string& agent,
                           const std::string& call, uint32_t generation,
                           const std::string& request_id = "") {
    Command command;
    command.kind = kind;
    std::string arena = agent + call;
    command.name = {0, static_cast<uint32_t>(agent.size())};
    command.call = {static_cast<uint32_t>(agent.size()), static_cast<uint32_t>(call.size())};
    command.generation = generation;
    return life.ask(make_call_change(command, arena, request_id));
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // Ada is ready at station 100.
  void log_in(Life& life, AnswerMode mode) {
    told(life, batch().open("pbx", "epoch").at(0));
    told(life, batch().log_in(1, "ada", "100", mode));
    if (mode == AnswerMode::kNailedUp) {
      told(life, batch().agent(CommandKind::kLegUp, 2, "", "100"));
      told(life, batch().agent(CommandKind::kSetReady, 3, "ada"));
    } else {
      told(life, batch().agent(CommandKind::kSetReady, 2, "ada"));
    }
  }

  // The same at another switch; then the first one speaks.
  void bring_at_lab(Life& life) {
    const auto pbx = stream_;
    told(life, batch().open("pbx", "epoch").at(0));
    stream_ = std::make_shared<FakeStream>();
    told(life, batch().open("lab", "epoch"));
    told(life, batch().log_in(1, "ada", "100", AnswerMode::kPhone));
    told(life, batch().agent(CommandKind::kSetReady, 2, "ada"));
    stream_ = pbx;
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionStationsTest, ADesktopAcceptsBeforeItsPhoneIsRung) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kDesktop);
  EXPECT_THAT(told(life, batch().enqueue(3, "c1", "sales")), IsEmpty());
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "bob", "c1", 1).reject, Reject::kOfferStale);
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "ada", "c1", 2).reject, Reject::kOfferStale);
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "eve", "c1", 1).reject, Reject::kAgentUnknown);
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "ada", "c1", 1).outcome, Done::kDone);
  // With the next batch, as it left with the turn of the claim.
  EXPECT_THAT(told(life, batch().leg(CommandKind::kCallConnected, 4, "c1", 1)),
              ElementsAre("connect_call c1 ada 100 desktop"));
}

TEST_F(PartitionStationsTest, ARejectedOfferStopsThePhoneThatRings) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kPhone);
  EXPECT_THAT(told(life, batch().enqueue(3, "c1", "sales")), ElementsAre("ring_agent c1 ada 100"));
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "ada", "c1", 1).reject, Reject::kAgentState);
  EXPECT_EQ(claim(life, CommandKind::kRejectOffer, "ada", "c1", 1).outcome, Done::kDone);
  EXPECT_THAT(told(life, batch().end(4, "c1")),
              ElementsAre("stop_ringing c1 ada", "ring_agent c1 ada 100", "stop_ringing c1 ada"));
}

TEST_F(PartitionStationsTest, WhoAcceptsAtOnceIsJoinedByOneCommand) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kAuto);
  EXPECT_THAT(told(life, batch().enqueue(3, "c1", "sales")),
              ElementsAre("connect_call c1 ada 100 auto"));
}

TEST_F(PartitionStationsTest, ANailedUpLegIsJoinedWithoutRinging) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kNailedUp);
  EXPECT_THAT(told(life, batch().enqueue(4, "c1", "sales")),
              ElementsAre("connect_call c1 ada 100 nailed_up"));
  const auto is_up = [&] {
    return life.read<bool>([](const Board& board) { return board.find_agent("ada")->is_leg_up; });
  };
  EXPECT_TRUE(is_up());
  told(life, batch().agent(CommandKind::kLegLost, 5, "", "100"));
  EXPECT_FALSE(is_up());
}

TEST_F(PartitionStationsTest, TheSwitchOfAnOlderLogInIsTold) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kPhone);
  EXPECT_THAT(told(life, batch().log_in(3, "bob", "100", AnswerMode::kPhone)),
              ElementsAre("log_out_agent ada 100"));
  EXPECT_THAT(told(life, batch().log_in(4, "bob", "200", AnswerMode::kPhone)),
              ElementsAre("log_out_agent bob 100"));
  EXPECT_THAT(told(life, batch().log_in(5, "bob", "200", AnswerMode::kAuto)), IsEmpty());
  EXPECT_THAT(told(life, batch().agent(CommandKind::kLogOut, 6, "bob")), IsEmpty());
}

TEST_F(PartitionStationsTest, ACutSendsWhatIsAcceptedAndNotWhatDesktopsAreAsked) {
  StationsLife life(folder_.path());
  log_in(life, AnswerMode::kDesktop);
  told(life, batch().enqueue(3, "c1", "sales"));
  told(life, batch().close());
  stream_ = std::make_shared<FakeStream>();
  EXPECT_THAT(told(life, batch().open("pbx", "epoch").at(0)), IsEmpty());
  told(life, batch().close());
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "ada", "c1", 1).outcome, Done::kDone);
  stream_ = std::make_shared<FakeStream>();
  EXPECT_THAT(told(life, batch().open("pbx", "epoch").at(0)),
              ElementsAre("connect_call c1 ada 100 desktop"));
}

TEST_F(PartitionStationsTest, AReachedStationIsDialledWithItsPrefix) {
  Life life(folder_.path(), ClockMode::kDriven, {}, size_t{4} << 20, kJoined);
  bring_at_lab(life);
  EXPECT_THAT(told(life, batch().enqueue(1, "c1", "sales")), ElementsAre("ring_agent c1 ada 7100"));
  EXPECT_THAT(told(life, batch().leg(CommandKind::kLegAnswered, 2, "c1", 1)),
              ElementsAre("connect_call c1 ada 7100 phone"));
}

TEST_F(PartitionStationsTest, ARuleThatGoesLeavesItsPrefixToWhatRings) {
  {
    Life life(folder_.path(), ClockMode::kDriven, {}, size_t{4} << 20, kJoined);
    bring_at_lab(life);
    EXPECT_THAT(told(life, batch().enqueue(1, "c1", "sales")),
                ElementsAre("ring_agent c1 ada 7100"));
    v1::TenantConfig apart = parse_config(kJoined, "joined")->front().config;
    apart.clear_reach();
    const std::string etag = life.partition->tenants()[0].config_etag;
    EXPECT_EQ(life.ask(make_config_change(apart, etag, "")).outcome, Done::kDone);
    EXPECT_THAT(told(life, batch().enqueue(2, "c2", "sales")), IsEmpty());
  }
  Life life(folder_.path(), ClockMode::kDriven, {}, size_t{4} << 20, kJoined);
  EXPECT_THAT(told(life, batch().open("pbx", "epoch").at(0)),
              ElementsAre("ring_agent c1 ada 7100"));
  EXPECT_THAT(told(life, batch().leg(CommandKind::kLegAnswered, 3, "c1", 1)),
              ElementsAre("connect_call c1 ada 7100 phone"));
}

TEST_F(PartitionStationsTest, AClaimIsAnsweredTheSameAfterARestart) {
  uint64_t state_hash = 0;
  {
    StationsLife life(folder_.path());
    log_in(life, AnswerMode::kDesktop);
    told(life, batch().enqueue(3, "c1", "sales"));
    EXPECT_EQ(claim(life, CommandKind::kRejectOffer, "ada", "c1", 1, kRequestUuid).outcome,
              Done::kDone);
    state_hash = life.partition->state_hash();
  }
  StationsLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.recovered_hash, state_hash);
  // Without its id it would be stale; under it another claim is another request.
  const TableAnswer again = claim(life, CommandKind::kRejectOffer, "ada", "c1", 1, kRequestUuid);
  EXPECT_EQ(again.outcome, Done::kDone);
  EXPECT_TRUE(again.is_repeat);
  EXPECT_EQ(claim(life, CommandKind::kAcceptOffer, "ada", "c1", 2, kRequestUuid).outcome,
            Done::kRequestIdUsed);
}

TEST_F(PartitionStationsTest, ASnapshotHasTheStation) {
  uint64_t state_hash = 0;
  {
    StationsLife life(folder_.path());
    log_in(life, AnswerMode::kNailedUp);
    state_hash = life.partition->state_hash();
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  StationsLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  EXPECT_EQ(life.recovered_hash, state_hash);
  const AgentView ada =
      life.read<AgentView>([](const Board& board) { return *board.find_agent("ada"); });
  EXPECT_EQ(ada.answer_mode, AnswerMode::kNailedUp);
  EXPECT_TRUE(ada.is_leg_up);
}

}  // namespace
}  // namespace acd
