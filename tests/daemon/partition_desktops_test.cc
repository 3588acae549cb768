// SPDX-License-Identifier: Apache-2.0
// Desktop sessions, as desktops see them: what they are told, when they are cut, and over a restart.
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCentre[] = R"(
tenants:
  - id: bank
    agent_grace: 10s
    skills: [sales]
    queues: [{id: sales}, {id: brief, wrap_up: {mode: timed, duration: 30s}}]
    agents: [{id: ada, skills: {sales: 5}}, {id: bob, skills: {sales: 3}}]
)";

struct DesktopsLife : Life {
  explicit DesktopsLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kCentre) {}
};

const char* state_word(AgentState state) {
  switch (state) {
    case AgentState::kLoggedOut:
      return "logged_out";
    case AgentState::kNotReady:
      return "not_ready";
    case AgentState::kReady:
      return "ready";
    case AgentState::kReserved:
      return "reserved";
    case AgentState::kConnecting:
      return "connecting";
    case AgentState::kOnCall:
      return "on_call";
    default:
      return "another";
  }
}

// "ada offer c1 1 sales", "ada over c1 1 accepted", "ada status on_call pbx 100 c1", "ada taken_over".
std::string line_of(const DesktopUpdate& update, const std::string& arena) {
  const auto text = [&](TextRef ref) { return std::string(ref.in(arena)); };
  std::string line = text(update.agent) + " ";
  switch (update.kind) {
    case DesktopUpdate::Kind::kAllTold:
      return "all_told";
    case DesktopUpdate::Kind::kTakenOver:
      return line + "taken_over";
    case DesktopUpdate::Kind::kOffer:
      return line + "offer " + text(update.call) + " " + std::to_string(update.generation) + " " +
             text(update.queue);
    case DesktopUpdate::Kind::kOfferOver:
      line += "over " + text(update.call) + " " + std::to_string(update.generation);
      if (update.outcome == OfferOutcome::kAccepted) line += " accepted";
      if (update.outcome == OfferOutcome::kCanceled) line += " canceled";
      if (update.outcome == OfferOutcome::kNoAnswer) line += " no_answer";
      return line;
    case DesktopUpdate::Kind::kStatus:
      line += std::string("status ") + state_word(update.state);
      if (update.reason != 0) line += "(" + std::to_string(update.reason) + ")";
      if (update.station.size != 0) line += " " + text(update.source) + " " + text(update.station);
      for (const TextRef call : update.calls) line += " " + text(call);
      return line;
  }
  return line;
}

class PartitionDesktopsTest : public ::testing::Test {
 protected:
  // What a stream was told, refusals as "refused SEQUENCE WHY".
  static std::vector<std::string> lines_of(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> lines;
    for (const Delivery& delivery : deliveries) {
      for (const Refused& refused : delivery.refused) {
        lines.push_back("refused " + std::to_string(refused.sequence) + " " +
                        std::string(reject_name(refused.reject)));
      }
      for (const DesktopUpdate& update : delivery.updates) {
        lines.push_back(line_of(update, delivery.arena));
      }
    }
    return lines;
  }
  static std::vector<std::string> told(Life& life, BatchBuilder& builder) {
    return lines_of(run_turn(*life.partition, builder));
  }
  // What the stream got since somebody looked, up to the answer to a heartbeat.
  static std::vector<std::string> heard(Life& life, const std::shared_ptr<FakeStream>& stream) {
    BatchBuilder heartbeat(stream);
    return told(life, heartbeat);
  }
  BatchBuilder by_switch() { return BatchBuilder(switch_); }
  BatchBuilder by_desktop() { return BatchBuilder(desktop_); }
  void at(Life& life, int64_t now_s) { told(life, by_switch().at(now_s * kNsPerS)); }

  // Ada has a desktop, and is ready.
  void begin(Life& life) {
    told(life, by_switch().open("pbx", "epoch"));
    told(life, by_switch().at(0));
    told(life, by_desktop().open_desktop("d1", "epoch"));
    told(life, by_desktop().agent(CommandKind::kAttachAgent, 1, "ada"));
    told(life, by_desktop().log_in_at(2, "ada", "pbx", "100", AnswerMode::kDesktop));
    told(life, by_desktop().agent(CommandKind::kSetReady, 3, "ada"));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> switch_ = std::make_shared<FakeStream>();
  std::shared_ptr<FakeStream> desktop_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionDesktopsTest, TellsADesktopOfItsAgentAlone) {
  DesktopsLife life(folder_.path());
  told(life, by_switch().open("pbx", "epoch"));
  told(life, by_switch().at(0));
  told(life, by_desktop().open_desktop("d1", "epoch"));
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kSetReady, 1, "ada")),
              ElementsAre("refused 1 not_attached"));
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kAttachAgent, 2, "ada")),
              ElementsAre("ada status logged_out"));
  EXPECT_THAT(
      told(life, by_desktop().log_in_at(3, "ada", "pbx", "100", AnswerMode::kDesktop)),
      ElementsAre("ada status not_ready(200) pbx 100", "ada status not_ready(200) pbx 100"));
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kSetReady, 4, "ada")),
              ElementsAre("ada status ready pbx 100"));
  told(life, by_switch().log_in(1, "bob", "101", AnswerMode::kPhone));
  told(life, by_switch().enqueue(2, "c1", "sales"));
  EXPECT_THAT(heard(life, desktop_),
              ElementsAre("ada offer c1 1 sales", "ada status reserved pbx 100 c1"));
  EXPECT_THAT(told(life, by_desktop().claim(CommandKind::kAcceptOffer, 5, "ada", "c1", 1)),
              ElementsAre("ada over c1 1 accepted", "ada status connecting pbx 100 c1"));
  // Somebody who accepted it already is answered the same.
  EXPECT_THAT(told(life, by_desktop().claim(CommandKind::kAcceptOffer, 6, "ada", "c1", 1)),
              IsEmpty());
  EXPECT_THAT(told(life, by_desktop().claim(CommandKind::kRejectOffer, 7, "ada", "c1", 1)),
              ElementsAre("refused 7 offer_stale"));
}

TEST_F(PartitionDesktopsTest, ResumesWithOpenOffersAndDropsRepeats) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_switch().enqueue(1, "c1", "sales"));
  told(life, by_desktop().close());
  desktop_ = std::make_shared<FakeStream>();
  const auto deliveries = run_turn(*life.partition, by_desktop().open_desktop("d1", "epoch"));
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_TRUE(deliveries[0].opened.resumed);
  EXPECT_EQ(deliveries[0].opened.last_sequence, 3);
  EXPECT_EQ(deliveries[0].opened.grace_ns, 10 * kNsPerS);
  EXPECT_THAT(lines_of(deliveries),
              ElementsAre("ada status reserved pbx 100 c1", "ada offer c1 1 sales", "all_told"));
  // Sent before the cut, and once more.
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kSetReady, 3, "ada")), IsEmpty());
  EXPECT_THAT(told(life, by_desktop().claim(CommandKind::kAcceptOffer, 4, "ada", "c1", 1)),
              ElementsAre("ada over c1 1 accepted", "ada status connecting pbx 100 c1"));
}

// The turn in which a timer fires knows its time only when all have fired.
TEST_F(PartitionDesktopsTest, AnOfferThatATimerMakesHasItsWholeTime) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_switch().enqueue(1, "c1", "brief"));
  told(life, by_desktop().claim(CommandKind::kAcceptOffer, 4, "ada", "c1", 1));
  told(life, by_switch().leg(CommandKind::kCallConnected, 2, "c1", 1));
  told(life, by_switch().end(3, "c1").enqueue(4, "c2", "sales"));
  heard(life, desktop_);
  const auto deliveries = run_turn(*life.partition, by_switch().at(40 * kNsPerS));
  BatchBuilder heartbeat(desktop_);
  std::vector<DesktopUpdate> offers;
  for (const Delivery& delivery : run_turn(*life.partition, heartbeat)) {
    for (const DesktopUpdate& update : delivery.updates) {
      if (update.kind == DesktopUpdate::Kind::kOffer) offers.push_back(update);
    }
  }
  ASSERT_EQ(offers.size(), 1u);
  EXPECT_EQ(offers[0].deadline_ns, 50 * kNsPerS);
  EXPECT_EQ(offers[0].timeout_ns, 20 * kNsPerS);
  EXPECT_EQ(offers[0].waited_ns, 30 * kNsPerS);
}

TEST_F(PartitionDesktopsTest, AnAgentIsNotReadyWhenTheGraceIsOver) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_desktop().close());
  at(life, 9);
  desktop_ = std::make_shared<FakeStream>();
  EXPECT_THAT(told(life, by_desktop().open_desktop("d1", "epoch")),
              ElementsAre("ada status ready pbx 100", "all_told"));
  told(life, by_desktop().close());
  at(life, 20);
  desktop_ = std::make_shared<FakeStream>();
  const auto deliveries = run_turn(*life.partition, by_desktop().open_desktop("d1", "epoch"));
  EXPECT_FALSE(deliveries.at(0).opened.resumed);
  EXPECT_THAT(lines_of(deliveries), IsEmpty());
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kAttachAgent, 1, "ada")),
              ElementsAre("ada status not_ready(204) pbx 100"));
}

TEST_F(PartitionDesktopsTest, TheNewerSessionHasTheAgentAndTheOlderIsTold) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_switch().enqueue(1, "c1", "sales"));
  heard(life, desktop_);
  const auto older = desktop_;
  desktop_ = std::make_shared<FakeStream>();
  told(life, by_desktop().open_desktop("d2", "epoch"));
  EXPECT_THAT(told(life, by_desktop().agent(CommandKind::kAttachAgent, 1, "ada")),
              ElementsAre("ada status reserved pbx 100 c1", "ada offer c1 1 sales"));
  EXPECT_THAT(heard(life, older), ElementsAre("ada taken_over"));
  // Both accept: the one that has the agent wins.
  BatchBuilder late(older);
  EXPECT_THAT(told(life, late.claim(CommandKind::kAcceptOffer, 4, "ada", "c1", 1)),
              ElementsAre("refused 4 not_attached"));
  EXPECT_THAT(told(life, by_desktop().claim(CommandKind::kAcceptOffer, 2, "ada", "c1", 1)),
              ElementsAre("ada over c1 1 accepted", "ada status connecting pbx 100 c1"));
}

TEST_F(PartitionDesktopsTest, ASessionThatWasAwayLearnsWhoWasTakenOver) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_desktop().agent(CommandKind::kAttachAgent, 4, "bob"));
  told(life, by_desktop().close());
  desktop_ = std::make_shared<FakeStream>();
  told(life, by_desktop().open_desktop("d2", "epoch"));
  told(life, by_desktop().agent(CommandKind::kAttachAgent, 1, "ada"));
  desktop_ = std::make_shared<FakeStream>();
  EXPECT_THAT(told(life, by_desktop().open_desktop("d1", "epoch")),
              ElementsAre("bob status logged_out", "all_told"));
}

TEST_F(PartitionDesktopsTest, OffersNothingToAnAgentWhoseDesktopIsGone) {
  {
    DesktopsLife life(folder_.path());
    begin(life);
    told(life, by_desktop().close());
    told(life, by_switch().enqueue(1, "c1", "sales"));
  }
  switch_ = std::make_shared<FakeStream>();
  desktop_ = std::make_shared<FakeStream>();
  DesktopsLife life(folder_.path());
  told(life, by_switch().open("pbx", "epoch"));
  told(life, by_switch().at(kNsPerS));
  EXPECT_EQ(life.partition->check_invariants(), "");
  // What comes of the return itself is told with all the rest, and as it happens.
  EXPECT_THAT(told(life, by_desktop().open_desktop("d1", "epoch")),
              ElementsAre("ada status reserved pbx 100 c1", "ada offer c1 1 sales", "all_told",
                          "ada offer c1 1 sales", "ada status reserved pbx 100 c1"));
}

TEST_F(PartitionDesktopsTest, TheSwitchIsToldOfALogOutAtTheDesktop) {
  DesktopsLife life(folder_.path());
  begin(life);
  told(life, by_switch().enqueue(1, "c1", "sales"));
  told(life, by_desktop().claim(CommandKind::kAcceptOffer, 4, "ada", "c1", 1));
  told(life, by_switch().leg(CommandKind::kCallConnected, 2, "c1", 1));
  told(life, by_desktop().agent(CommandKind::kLogOut, 5, "ada"));
  std::vector<std::string> stations;
  BatchBuilder hang_up(switch_);
  for (const Delivery& delivery : run_turn(*life.partition, hang_up.end(3, "c1"))) {
    for (const SwitchCommand& command : delivery.commands) {
      if (command.kind != SwitchCommandKind::kLogOutAgent) continue;
      stations.emplace_back(command.station.in(delivery.arena));
    }
  }
  EXPECT_THAT(stations, ElementsAre("100"));
}

TEST_F(PartitionDesktopsTest, ASessionGoesOnAfterARestartOfTheDaemon) {
  {
    DesktopsLife life(folder_.path());
    begin(life);
    told(life, by_switch().enqueue(1, "c1", "sales"));
  }
  switch_ = std::make_shared<FakeStream>();
  desktop_ = std::make_shared<FakeStream>();
  DesktopsLife life(folder_.path());
  told(life, by_switch().open("pbx", "epoch"));
  const auto deliveries = run_turn(*life.partition, by_desktop().open_desktop("d1", "epoch"));
  EXPECT_TRUE(deliveries.at(0).opened.resumed);
  EXPECT_EQ(deliveries.at(0).opened.last_sequence, 3);
  EXPECT_THAT(lines_of(deliveries),
              ElementsAre("ada status reserved pbx 100 c1", "ada offer c1 1 sales", "all_told"));
  EXPECT_EQ(life.partition->check_invariants(), "");
}

}  // namespace
}  // namespace acd
