// SPDX-License-Identifier: Apache-2.0
// What a restart keeps, and what becomes of those who do not come back.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/history/history_writer.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSecond = kNsPerS;
constexpr size_t kSegment = size_t{4} << 20;

constexpr char kCentre[] = R"(
tenants:
  - id: bank
    skills: [sales, french]
    queues:
      - {id: sales, wrap_up: {mode: timed, duration: 30s}}
      - {id: french, requirement: "french >= 5", steps: [{after: 30s, lower: {skill: french, to: 1}}]}
    agents:
      - {id: ada, skills: {sales: 5, french: 9}}
      - {id: bob, skills: {sales: 3, french: 2}}
      - {id: cy, skills: {sales: 4}, media: [{medium: chat, capacity: 3}]}
)";

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() { start(); }

  void start(PartitionOptions options = {}) {
    life_.emplace(folder_.path(), ClockMode::kDriven, options, kSegment, kCentre);
    ASSERT_TRUE(life_->started.ok()) << life_->recovered << life_->started;
  }
  // The process ends, and another one recovers. Its switch has not come back.
  void restart() {
    life_.reset();
    conductor_ = nullptr;
    start();
  }
  // The switch opens its session, anew after a restart; what it is told.
  std::vector<std::string> connect(const std::string& epoch = "epoch") {
    stream_ = std::make_shared<FakeStream>();
    return turn(batch().open("pbx", epoch).take());
  }
  // One turn of the switch; what it is told, as "ring CALL AGENT" and so on.
  std::vector<std::string> turn(std::unique_ptr<Batch> batch) {
    const auto stream = std::static_pointer_cast<FakeStream>(batch->stream);
    const size_t finished = stream->finished() + 1;
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::move(batch));
    life_->partition->turn(batches);
    said_ = stream->await(finished);
    std::vector<std::string> lines;
    for (const Delivery& delivery : said_) {
      EXPECT_THAT(delivery.refused, IsEmpty());
      for (const SwitchCommand& command : delivery.commands) {
        static constexpr const char* kWords[] = {"ring", "stop",     "connect", "drop",
                                                 "play", "transfer", "release"};
        lines.push_back(kWords[static_cast<int>(command.kind)]);
        lines.back() += " " + std::string(command.call.in(delivery.arena));
        if (command.agent.size > 0) {
          lines.back() += " " + std::string(command.agent.in(delivery.arena));
        }
      }
    }
    return lines;
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  std::vector<std::string> at(int64_t now_ns) { return turn(batch().at(now_ns).take()); }
  // An agent who logs in ready, from event `sequence` on.
  std::vector<std::string> come(int64_t now_ns, int64_t sequence, const std::string& agent) {
    return turn(batch()
                    .at(now_ns)
                    .agent(CommandKind::kLogIn, sequence, agent, "phone-" + agent)
                    .agent(CommandKind::kSetReady, sequence + 1, agent)
                    .take());
  }
  // The call that is offered to its agent is talked about, from event `sequence` on.
  void talk(int64_t now_ns, int64_t sequence, const std::string& call) {
    turn(batch()
             .at(now_ns)
             .leg(CommandKind::kLegAnswered, sequence, call, 1)
             .leg(CommandKind::kCallConnected, sequence + 1, call, 1)
             .take());
  }
  // From 0 s to 2 s: ada talks, one waits for her, and the process ends.
  void restart_while_one_talks_and_one_waits() {
    connect();
    come(0, 1, "ada");
    turn(batch().at(0).enqueue(3, "talking", "sales").take());
    talk(kSecond, 4, "talking");
    turn(batch().at(2 * kSecond).enqueue(6, "waiting", "sales").take());
    restart();
  }
  // Time goes on while the switch is away.
  void at_conductor(int64_t now_ns) {
    if (conductor_ == nullptr) {
      conductor_ = std::make_shared<FakeStream>();
      turn(BatchBuilder(conductor_).open("clock", "epoch").take());
    }
    turn(BatchBuilder(conductor_).at(now_ns).take());
  }
  // Nothing when the call is over.
  std::optional<CallView> call_view(const std::string& id) {
    return life_->read<std::optional<CallView>>([&](const Board& board) {
      const CallView* call = board.find_call(id);
      return call == nullptr ? std::nullopt : std::optional<CallView>(*call);
    });
  }
  AgentView agent_view(const std::string& id) {
    return life_->read<AgentView>([&](const Board& board) { return *board.find_agent(id); });
  }

  TempFolder folder_;
  std::optional<Life> life_;
  std::shared_ptr<FakeStream> stream_;
  std::shared_ptr<FakeStream> conductor_;
  std::vector<Delivery> said_;
};

TEST_F(RecoveryTest, QueueKeepsItsOrderAndItsAge) {
  connect();
  std::unique_ptr<Batch> calls = batch()
                                     .at(60 * kSecond)
                                     .enqueue(1, "plain", "sales")
                                     .enqueue(2, "urgent", "sales")
                                     .enqueue(3, "aged", "sales")
                                     .enqueue(4, "credited", "sales")
                                     .take();
  calls->commands[1].flag = true;
  calls->commands[1].number = 5;
  calls->commands[2].age_ns = 10 * kSecond;
  calls->commands[3].age_credit_ns = 30 * kSecond;
  turn(std::move(calls));
  const std::optional<CallView> before = call_view("aged");
  restart();
  const std::optional<CallView> after = call_view("aged");
  ASSERT_TRUE(before.has_value() && after.has_value());
  EXPECT_EQ(after->arrived_ns, 50 * kSecond);
  EXPECT_EQ(after->arrived_ns, before->arrived_ns);
  connect();
  std::vector<std::string> order = come(70 * kSecond, 5, "ada");
  int64_t sequence = 7;
  for (const char* call : {"urgent", "credited", "aged"}) {  // Each gives up, and the next is rung.
    for (const std::string& line : turn(batch().end(sequence++, call).take())) {
      if (line.starts_with("ring")) order.push_back(line);
    }
  }
  EXPECT_THAT(order, ElementsAre("ring urgent ada", "ring credited ada", "ring aged ada",
                                 "ring plain ada"));
}

TEST_F(RecoveryTest, StepComesWhenItsTimeInTheQueueIsUp) {
  connect();
  come(0, 1, "bob");
  EXPECT_THAT(turn(batch().at(10 * kSecond).enqueue(3, "c1", "french").take()), IsEmpty());
  restart();
  connect();
  EXPECT_THAT(at(40 * kSecond), IsEmpty());  // That instant itself belongs to events.
  EXPECT_THAT(at(40 * kSecond + 1), ElementsAre("ring c1 bob"));
}

TEST_F(RecoveryTest, OfferRingsForTheRestOfItsTime) {
  connect();
  come(0, 1, "ada");
  EXPECT_THAT(turn(batch().at(0).enqueue(3, "c1", "sales").take()), ElementsAre("ring c1 ada"));
  turn(batch().at(15 * kSecond).enqueue(4, "c2", "sales").take());
  restart();
  EXPECT_THAT(connect(), ElementsAre("ring c1 ada"));
  ASSERT_EQ(said_.back().commands.size(), 1u);
  EXPECT_EQ(said_.back().commands[0].timeout_ns, 5 * kSecond);
  EXPECT_THAT(at(20 * kSecond), IsEmpty());
  EXPECT_THAT(at(20 * kSecond + 1), ElementsAre("stop c1 ada"));
  EXPECT_EQ(agent_view("ada").state, AgentState::kNotReady);
}

TEST_F(RecoveryTest, WrapUpEndsWhenItWouldHave) {
  connect();
  come(0, 1, "ada");
  turn(batch().at(0).enqueue(3, "c1", "sales").take());
  talk(kSecond, 4, "c1");
  turn(batch().at(10 * kSecond).end(6, "c1").take());
  EXPECT_EQ(agent_view("ada").state, AgentState::kWrapUp);
  turn(batch().at(20 * kSecond).enqueue(7, "c2", "sales").take());
  restart();
  connect();
  EXPECT_THAT(at(40 * kSecond), IsEmpty());
  EXPECT_THAT(at(40 * kSecond + 1), ElementsAre("ring c2 ada"));
}

TEST_F(RecoveryTest, CallStillWaitsForItsPreferredAgent) {
  connect();
  come(0, 1, "ada");
  turn(batch().at(0).enqueue(3, "c1", "sales").take());  // Ada has work.
  talk(kSecond, 4, "c1");
  std::unique_ptr<Batch> preferring = batch().at(2 * kSecond).enqueue(6, "c2", "sales").take();
  preferring->commands[0].preferred = {static_cast<uint32_t>(preferring->arena.size()), 3};
  preferring->arena += "ada";
  preferring->commands[0].wait_ns = 50 * kSecond;
  preferring->commands[0].detail = 1;  // Even while she is busy.
  turn(std::move(preferring));
  restart();
  connect();
  EXPECT_THAT(come(30 * kSecond, 7, "bob"), IsEmpty());
  EXPECT_THAT(at(52 * kSecond), IsEmpty());
  EXPECT_THAT(at(52 * kSecond + 1), ElementsAre("ring c2 bob"));
}

TEST_F(RecoveryTest, SwitchThatComesBackWithinTheGraceCarriesOn) {
  restart_while_one_talks_and_one_waits();
  at_conductor(61 * kSecond);
  connect();
  EXPECT_TRUE(said_.back().opened.resumed);
  EXPECT_EQ(said_.back().opened.last_sequence, 6);
  EXPECT_EQ(call_view("talking")->state, CallState::kConnected);
  EXPECT_EQ(agent_view("ada").state, AgentState::kOnCall);
  turn(batch().end(7, "talking").agent(CommandKind::kEndWrapUp, 8, "ada").take());
  EXPECT_THAT(call_view("waiting")->state, CallState::kAlerting);
}

TEST_F(RecoveryTest, WhatASwitchThatStaysAwayHadIsLostAfterTheGrace) {
  restart_while_one_talks_and_one_waits();
  at_conductor(62 * kSecond);
  EXPECT_TRUE(call_view("talking").has_value());
  at_conductor(62 * kSecond + 1);
  EXPECT_FALSE(call_view("talking").has_value());
  EXPECT_FALSE(call_view("waiting").has_value());
  EXPECT_EQ(agent_view("ada").state, AgentState::kLoggedOut);
  connect();
  EXPECT_FALSE(said_.back().opened.resumed);  // So it begins anew.
  EXPECT_EQ(said_.back().opened.last_sequence, 0);
  EXPECT_EQ(life_->partition->check_invariants(), "");
}

TEST_F(RecoveryTest, SwitchThatRestartedMeanwhileBeginsAnew) {
  connect();
  turn(batch().at(0).enqueue(1, "c1", "sales").take());
  restart();
  connect("another epoch");
  EXPECT_FALSE(said_.back().opened.resumed);
  at(1);
  EXPECT_FALSE(call_view("c1").has_value());
}

TEST_F(RecoveryTest, StatisticsGoOn) {
  connect();
  come(0, 1, "ada");
  turn(batch().at(0).enqueue(3, "c1", "sales").take());
  talk(4 * kSecond, 4, "c1");
  turn(batch().at(64 * kSecond).end(6, "c1").enqueue(7, "c2", "sales").take());
  restart();
  connect();
  turn(batch().at(65 * kSecond).end(8, "c2").take());
  const QueueCounts total =
      life_->read<QueueCounts>([](const Board& board) { return board.total(); });
  EXPECT_EQ(total.offered, 2);
  EXPECT_EQ(total.answered, 1);
  EXPECT_EQ(total.abandoned + total.short_abandoned, 1);
  EXPECT_EQ(agent_view("ada").answered, 1);
}

// One chat in wrap-up, one under way, one that is being offered.
TEST_F(RecoveryTest, WhoHasSeveralContactsHasThemAfterwards) {
  connect();
  come(0, 1, "cy");
  for (const int64_t number : {0, 1, 2}) {
    const std::string chat = "chat-" + std::to_string(number);
    turn(batch().at(number).enqueue(3 + 3 * number, chat, "sales", "", Medium::kChat).take());
    if (number < 2) talk(number, 4 + 3 * number, chat);
  }
  turn(batch().at(2 * kSecond).end(10, "chat-0").take());
  restart();
  EXPECT_THAT(connect(), ElementsAre("ring chat-2 cy"));
  EXPECT_EQ(agent_view("cy").state, AgentState::kOnCall);
  EXPECT_EQ(agent_view("cy").calls.size(), 2u);
  // Its capacity is what it was: the next one waits until the wrap-up is over.
  turn(batch().at(3 * kSecond).enqueue(11, "chat-3", "sales", "", Medium::kChat).take());
  talk(4 * kSecond, 12, "chat-2");
  EXPECT_THAT(at(32 * kSecond), IsEmpty());
  EXPECT_THAT(at(32 * kSecond + 1), ElementsAre("ring chat-3 cy"));
  const QueueCounts total =
      life_->read<QueueCounts>([](const Board& board) { return board.total(); });
  EXPECT_EQ(total.answered, 3);
  EXPECT_EQ(total.handled, 1);
}

// As a life would that begins and ends at once: says nothing new.
void append_seeded(const std::string& folder, uint32_t behaviour_version, int64_t wall_later_ns) {
  Command command;
  command.kind = CommandKind::kSeeded;
  command.number = static_cast<int32_t>(behaviour_version);
  command.text = {0, 5};
  write_behind(folder, {{command, "9.8.7"}}, wall_later_ns);
}

// On the clock of the wall: nobody ran for two minutes, and the phone should have stopped ringing.
TEST_F(RecoveryTest, DeadlinesThatFellDueMeanwhileWaitForTheGrace) {
  life_.reset();
  const TempFolder folder;
  life_.emplace(folder.path(), ClockMode::kWall, PartitionOptions{}, kSegment, kCentre);
  connect();
  turn(batch()
           .agent(CommandKind::kLogIn, 1, "ada", "100")
           .agent(CommandKind::kSetReady, 2, "ada")
           .enqueue(3, "c1", "sales")
           .take());
  const int64_t offered_until_ns = life_->partition->next_turn_ns();
  life_.reset();
  // The last frame is as old as that.
  append_seeded(folder.path(), kBehaviourVersion, -120 * kSecond);
  life_.emplace(folder.path(), ClockMode::kWall, PartitionOptions{}, kSegment, kCentre);
  ASSERT_TRUE(life_->started.ok()) << life_->recovered << life_->started;
  const int64_t now_ns = life_->partition->clock().now_ns();
  EXPECT_GT(now_ns, offered_until_ns + 90 * kSecond);
  const int64_t next_ns = life_->partition->next_turn_ns();
  EXPECT_GT(next_ns, now_ns);
  EXPECT_GT(next_ns - offered_until_ns, 100 * kSecond);
  EXPECT_THAT(connect(), ElementsAre("ring c1 ada"));  // It still rings.
}

// Else nobody could tell the hours in which nothing happened from hours in which nobody ran.
TEST_F(RecoveryTest, QuietPartitionTellsTheTimeNowAndThen) {
  life_.reset();
  const TempFolder folder;
  const auto start = [&](int64_t quiet_max_ns) {
    life_.reset();
    PartitionOptions options;
    options.quiet_max_ns = quiet_max_ns;
    life_.emplace(folder.path(), ClockMode::kWall, options, kSegment, kCentre);
    ASSERT_TRUE(life_->started.ok()) << life_->recovered << life_->started;
  };
  const auto run_idle_turn = [&] {
    std::vector<std::unique_ptr<Batch>> none;
    life_->partition->turn(none);
    return life_->journal->position();
  };
  start(3600 * kSecond);
  const int64_t until_ns = life_->partition->next_turn_ns();
  EXPECT_LE(until_ns, life_->partition->clock().now_ns() + 3600 * kSecond + 1);
  EXPECT_GT(until_ns, 3500 * kSecond);
  uint64_t position = life_->journal->position();
  EXPECT_EQ(run_idle_turn(), position);
  start(1);
  position = life_->journal->position();
  EXPECT_EQ(run_idle_turn(), position + 1);
  EXPECT_EQ(run_idle_turn(), position + 2);
  const uint64_t state_hash = life_->partition->state_hash();
  start(1);
  EXPECT_EQ(life_->recovered_hash, state_hash);
}

TEST_F(RecoveryTest, RecordsOfOtherRulesAreRefusedByTheNameOfTheirRelease) {
  life_.reset();
  const TempFolder folder;
  life_.emplace(folder.path(), ClockMode::kDriven, PartitionOptions{}, kSegment, kCentre);
  life_.reset();
  append_seeded(folder.path(), kBehaviourVersion + 1, 0);
  life_.emplace(folder.path(), ClockMode::kDriven, PartitionOptions{}, kSegment, kCentre);
  EXPECT_EQ(life_->recovered.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(life_->recovered.message()),
              HasSubstr(absl::StrCat(
                  "from here on release 9.8.7 decided by the rules of behaviour version ",
                  kBehaviourVersion + 1, "; this release decides by version ", kBehaviourVersion)));
}

// Settings of the process are none of the Router's business.
TEST_F(RecoveryTest, OneJournalGivesTheSameHashesUnderOtherSettings) {
  life_.reset();
  const TempFolder folder;
  PartitionOptions small;
  small.timers_per_turn_max = 3;
  small.frame_bytes_max = 64;
  life_.emplace(folder.path(), ClockMode::kDriven, small, kSegment, kCentre, Durability::kNone);
  connect();
  come(0, 1, "ada");
  come(0, 3, "bob");
  int64_t sequence = 5;
  for (int64_t second = 1; second <= 40; ++second) {
    BatchBuilder builder = batch();
    builder.at(second * kSecond);
    for (int i = 0; i < 5; ++i) {
      builder.enqueue(sequence, "c" + std::to_string(sequence), i % 2 == 0 ? "sales" : "french");
      ++sequence;
    }
    turn(builder.take());
  }
  at(3600 * kSecond);
  const uint64_t hash = life_->partition->state_hash();
  life_.reset();
  // Each replays its own copy, and adds the same of its own: the restart.
  std::vector<uint64_t> hashes;
  for (const bool is_small : {true, false}) {
    const std::string copy = folder.path() + (is_small ? "-small" : "-large");
    std::filesystem::copy(folder.path(), copy, std::filesystem::copy_options::recursive);
    HistoryOptions history_options;
    history_options.path = copy + "/history.sqlite";
    auto history = HistoryWriter::open(history_options, 0);
    ASSERT_TRUE(history.ok()) << history.status();
    PartitionOptions options = is_small ? small : PartitionOptions{};
    if (!is_small) options.history = history->get();
    life_.emplace(copy, ClockMode::kDriven, options, kSegment, kCentre,
                  is_small ? Durability::kNone : Durability::kSync);
    ASSERT_TRUE(life_->started.ok()) << life_->recovered << life_->started;
    connect();
    at(3601 * kSecond);
    hashes.push_back(life_->partition->state_hash());
    EXPECT_EQ(life_->partition->check_invariants(), "");
    life_.reset();
    std::filesystem::remove_all(copy);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[0], hash);  // The restart is in it.
}

}  // namespace
}  // namespace acd
