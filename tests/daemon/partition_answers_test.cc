// SPDX-License-Identifier: Apache-2.0
// What a switch that answers its commands is told, and told again.
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "acd/v1/errors.pb.h"
#include "acd/v1/switch_event.pb.h"
#include "daemon/outbox.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Done = TableAnswer::Outcome;
using Ids = std::vector<int64_t>;

constexpr char kToldCentre[] = R"(
tenants:
  - id: bank
    queues:
      - {id: loans, members: [ada]}
      - {id: cards, members: [bob]}
      - {id: refused, members: [eve], limits: {no_agents: {release: 17}}}
      - {id: elsewhere, members: [eve], limits: {no_agents: {outside: "+44123"}}}
      - {id: music, members: [eve], treatments: [{media: waltz, tells_position: true}]}
      - {id: back, callback: {mode: customer_first, dial_timeout: 20s}}
    agents: [{id: ada}, {id: bob}, {id: eve}]
)";

struct ToldLife : Life {
  explicit ToldLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kToldCentre) {}
};

// A command as the switch sees it.
struct Told {
  SwitchCommand command;
  std::string call;
};

class PartitionAnswersTest : public ::testing::Test {
 protected:
  // What the switch was told by the turn, and the refusals of what it said.
  std::vector<Told> turn(Life& life, BatchBuilder& builder) {
    std::vector<Told> told;
    for (const Delivery& delivery : run_turn(*life.partition, builder)) {
      for (const SwitchCommand& command : delivery.commands) {
        told.push_back({command, std::string(command.call.in(delivery.arena))});
      }
      for (const Refused& refused : delivery.refused) refused_.push_back(refused.edge_reason);
    }
    return told;
  }
  static Ids ids(const std::vector<Told>& told) {
    Ids all;
    for (const Told& one : told) all.push_back(one.command.id);
    return all;
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // On a new stream.
  std::vector<Told> come_back(Life& life, const std::string& epoch = "epoch") {
    stream_ = std::make_shared<FakeStream>();
    return turn(life, batch().open("pbx", epoch).answering());
  }
  std::vector<Told> ask(Life& life, Command command, const std::string& call,
                        const std::string& name) {
    std::string arena;
    command.call = add_text(call, &arena);
    command.name = add_text(name, &arena);
    const std::string id = command.kind == CommandKind::kConsult ? "x-" + name : "";
    EXPECT_EQ(life.ask(make_call_change(command, arena, id)).outcome, Done::kDone);
    BatchBuilder nothing = batch();
    return turn(life, nothing);
  }
  static Command transfer(TransferTarget target, CommandKind kind = CommandKind::kTransferCall) {
    Command command;
    command.kind = kind;
    command.detail = static_cast<uint8_t>(target);
    return command;
  }
  static Command monitor() {
    Command command;
    command.kind = CommandKind::kSuperviseCall;
    command.detail = static_cast<uint8_t>(Supervision::kMonitor);
    return command;
  }
  // The switch is there, ada and bob are ready.
  void begin(Life& life, bool answers = true) {
    stream_ = std::make_shared<FakeStream>();
    BatchBuilder opened = batch();
    opened.open("pbx", "epoch");
    if (answers) opened.answering();
    turn(life, opened);
    turn(life, batch()
                   .at(0)
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .agent(CommandKind::kLogIn, 3, "bob", "101")
                   .agent(CommandKind::kSetReady, 4, "bob"));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  std::vector<int32_t> refused_;
};

TEST_F(PartitionAnswersTest, EveryKindOfCommandHasAnIdAndADeadline) {
  ToldLife life(folder_.path());
  ASSERT_TRUE(life.started.ok()) << life.started;
  begin(life, false);  // Also to a switch that does not answer.
  std::vector<Told> all;
  const auto keep = [&](std::vector<Told> told) {
    for (Told& one : told) all.push_back(std::move(one));
  };
  keep(turn(life, batch().enqueue(5, "c1", "refused").enqueue(6, "c2", "elsewhere")));
  keep(turn(life, batch().enqueue(7, "c3", "music").callback(8, "cb", "back", "0201").at(1)));
  keep(turn(life, batch().at(2)));
  keep(turn(life, batch().end(9, "cb").enqueue(10, "c4", "loans")));
  keep(turn(life, batch().leg(CommandKind::kLegAnswered, 11, "c4", 1)));
  keep(turn(life, batch().leg(CommandKind::kCallConnected, 12, "c4", 1)));
  keep(ask(life, monitor(), "c4", "ada"));
  keep(ask(life, transfer(TransferTarget::kQueue, CommandKind::kConsult), "c4", "cards"));
  keep(turn(life, batch().end(13, "x-cards")));  // Stops bob's phone, gives the caller back.
  keep(ask(life, transfer(TransferTarget::kOutside, CommandKind::kConsult), "c4", "0300"));
  keep(turn(life, batch().leg(CommandKind::kLegAnswered, 14, "gone", 1)));
  keep(turn(life, batch().end(15, "x-0300").consult(16, "c4", "cards", "x2")));
  keep(turn(life, batch().leg(CommandKind::kLegAnswered, 17, "x2", 1)));
  keep(turn(life, batch().leg(CommandKind::kCallConnected, 18, "x2", 1)));
  Command merge;
  merge.kind = CommandKind::kMergeCall;
  keep(ask(life, merge, "x2", ""));
  keep(ask(life, transfer(TransferTarget::kQueue), "c4", "loans"));
  keep(turn(life, batch().end(19, "c4").agent(CommandKind::kLogIn, 20, "ada", "102")));
  std::set<SwitchCommandKind> kinds;
  int64_t last_id = 0;
  for (const Told& one : all) {
    kinds.insert(one.command.kind);
    EXPECT_GT(one.command.id, last_id) << command_name(one.command.kind);
    EXPECT_GT(one.command.deadline_ns, 2) << command_name(one.command.kind);
    EXPECT_LT(one.command.deadline_ns, kNeverNs) << command_name(one.command.kind);
    last_id = one.command.id;
  }
  for (int kind = 0; kind <= static_cast<int>(SwitchCommandKind::kSuperviseCall); ++kind) {
    EXPECT_TRUE(kinds.contains(static_cast<SwitchCommandKind>(kind)))
        << command_name(static_cast<SwitchCommandKind>(kind));
  }
}

TEST_F(PartitionAnswersTest, WhatIsNotAnsweredIsToldAgainUnderItsIdAndWhatIsAnsweredIsNot) {
  Ids left;
  {
    ToldLife life(folder_.path());
    begin(life);
    const std::vector<Told> told =
        turn(life, batch().enqueue(5, "c1", "refused").enqueue(6, "c2", "loans"));
    ASSERT_EQ(told.size(), 2u);
    turn(life, batch().leg(CommandKind::kLegAnswered, 7, "c2", 1));
    turn(life, batch().leg(CommandKind::kCallConnected, 8, "c2", 1).done(9, told[1].command.id));
    const std::vector<Told> heard = ask(life, monitor(), "c2", "ada");
    ASSERT_EQ(heard.size(), 1u);
    turn(life, batch().close());
    const std::vector<Told> again = come_back(life);
    // The release, and to listen; that the two are connected the switch has said itself.
    ASSERT_EQ(again.size(), 2u);
    EXPECT_EQ(again[0].command.id, told[0].command.id);
    EXPECT_EQ(again[0].command.number, 17);
    EXPECT_EQ(again[0].call, "c1");
    EXPECT_EQ(again[0].command.deadline_ns, told[0].command.deadline_ns);
    EXPECT_EQ(again[1].command.id, heard[0].command.id);
    EXPECT_EQ(again[1].command.supervision, Supervision::kMonitor);
    left = ids(again);
  }
  {
    ToldLife life(folder_.path());  // From the journal.
    ASSERT_TRUE(life.recovered.ok()) << life.recovered;
    EXPECT_EQ(ids(come_back(life)), left);
    turn(life, batch().done(10, left[0]));
    left = {left[1]};
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  ToldLife life(folder_.path());  // From a snapshot.
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  EXPECT_EQ(ids(come_back(life)), left);
  turn(life, batch().done(11, left[0]));
  EXPECT_THAT(ids(come_back(life)), IsEmpty());
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(PartitionAnswersTest, WhatNobodyAnsweredBeforeTheCutComesBeforeWhatIsNew) {
  ToldLife life(folder_.path());
  begin(life);
  const Ids first = ids(turn(life, batch().enqueue(5, "c1", "refused").enqueue(6, "c2", "loans")));
  turn(life, batch().close());
  stream_ = std::make_shared<FakeStream>();
  Ids all = ids(turn(life, batch().open("pbx", "epoch").answering()));
  const Ids next = ids(turn(life, batch().enqueue(7, "c3", "refused")));
  all.insert(all.end(), next.begin(), next.end());
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_THAT(Ids(all.begin(), all.begin() + 2), ::testing::ElementsAreArray(first));
}

TEST_F(PartitionAnswersTest, ARingIsToldAgainForTheTimeThatIsLeft) {
  ToldLife life(folder_.path());
  begin(life);
  const std::vector<Told> rung = turn(life, batch().enqueue(5, "c1", "loans"));
  ASSERT_EQ(rung.size(), 1u);
  turn(life, batch().at(4 * kNsPerS));
  turn(life, batch().close());
  const std::vector<Told> again = come_back(life);
  ASSERT_EQ(ids(again), ids(rung));
  EXPECT_EQ(again[0].command.timeout_ns, rung[0].command.timeout_ns - 4 * kNsPerS);
}

TEST_F(PartitionAnswersTest, WhatIsPastItsDeadlineIsCountedAndNotToldAgain) {
  ToldLife life(folder_.path());
  begin(life);
  turn(life, batch().enqueue(5, "c1", "music"));
  const std::vector<Told> played = turn(life, batch().at(1));
  ASSERT_EQ(played.size(), 1u);
  const Ids released = ids(turn(life, batch().enqueue(6, "c2", "refused")));
  turn(life, batch().at(kPromptDeadlineNs));
  EXPECT_EQ(life.partition->command_figures().overdue, 0u);
  turn(life, batch().at(kPromptDeadlineNs + 2 * kNsPerS));
  EXPECT_EQ(life.partition->command_figures().overdue, 1u);
  EXPECT_EQ(ids(come_back(life)), released);
  // Too late, and nobody waits for it: nothing is wrong with that.
  turn(life, batch().done(7, played[0].command.id));
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_EQ(life.partition->command_figures().failed, 0u);
}

TEST_F(PartitionAnswersTest, AConnectionIsToldAgainAsLongAsTheCallWaitsForIt) {
  ToldLife life(folder_.path());
  begin(life);
  turn(life, batch().log_in(5, "ada", "100", AnswerMode::kAuto));
  turn(life, batch().agent(CommandKind::kSetReady, 6, "ada"));
  const std::vector<Told> told = turn(life, batch().enqueue(7, "c1", "loans"));
  ASSERT_EQ(told.size(), 1u);
  ASSERT_EQ(told[0].command.kind, SwitchCommandKind::kConnectCall);
  turn(life, batch().close());
  // While the switch is away the call's own deadline is moved; another switch brings the time.
  const auto other = std::make_shared<FakeStream>();
  turn(life, BatchBuilder(other).open("lab", "epoch"));
  for (int64_t s = 1; s <= 25; ++s) turn(life, BatchBuilder(other).at(s * kNsPerS));
  EXPECT_EQ(life.partition->command_figures().overdue, 0u);
  turn(life, BatchBuilder(other).close());
  EXPECT_EQ(ids(come_back(life)), ids(told));
}

TEST_F(PartitionAnswersTest, ARingThatIsOverIsNotToldAgainButThatItStops) {
  ToldLife life(folder_.path());
  begin(life);
  const std::vector<Told> rung = turn(life, batch().enqueue(5, "c1", "loans"));
  ASSERT_EQ(rung.size(), 1u);
  const std::vector<Told> stopped = turn(life, batch().end(6, "c1"));
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_EQ(stopped[0].command.kind, SwitchCommandKind::kStopRinging);
  EXPECT_EQ(ids(come_back(life)), ids(stopped));
  // That the call is gone is as good.
  turn(life, batch().done(7, stopped[0].command.id, v1::COMMAND_FAILURE_CALL_GONE));
  EXPECT_EQ(life.partition->command_figures().failed, 0u);
  EXPECT_THAT(come_back(life), IsEmpty());
}

TEST_F(PartitionAnswersTest, NobodyIsToldOfASessionThatIsForgotten) {
  ToldLife life(folder_.path());
  begin(life);
  turn(life, batch().enqueue(5, "c1", "loans"));
  turn(life, batch().close());
  const auto other = std::make_shared<FakeStream>();
  turn(life, BatchBuilder(other).open("lab", "epoch"));
  turn(life, BatchBuilder(other).at(120 * kNsPerS));
  turn(life, BatchBuilder(other).at(130 * kNsPerS));
  turn(life, BatchBuilder(other).at(2'000 * kNsPerS));
  EXPECT_EQ(life.partition->command_figures().overdue, 0u);
}

TEST_F(PartitionAnswersTest, WhatASwitchCannotDoIsCountedAndForgotten) {
  ToldLife life(folder_.path());
  begin(life);
  const Ids told = ids(turn(life, batch().enqueue(5, "c1", "elsewhere")));
  ASSERT_EQ(told.size(), 1u);
  turn(life, batch().done(6, told[0], v1::COMMAND_FAILURE_UNREACHABLE, "no trunk"));
  EXPECT_EQ(life.partition->command_figures().failed, 1u);
  EXPECT_THAT(come_back(life), IsEmpty());
  // Answered twice, and what was never told: both change nothing.
  turn(life, batch().done(7, told[0], v1::COMMAND_FAILURE_UNREACHABLE).done(8, 1'000'000));
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_EQ(life.partition->command_figures().failed, 1u);
  EXPECT_EQ(life.partition->command_figures().overdue, 0u);
}

TEST_F(PartitionAnswersTest, AnAnswerOfASessionThatDoesNotAnswerIsRefusedAlsoAfterARestart) {
  {
    ToldLife life(folder_.path());
    begin(life, false);
    const Ids told = ids(turn(life, batch().enqueue(5, "c1", "refused")));
    ASSERT_EQ(told.size(), 1u);
    turn(life, batch().done(6, told[0]));
    EXPECT_THAT(refused_, ElementsAre(v1::ERROR_REASON_COMMANDS_NOT_ANSWERED));
    // What the epoch said first counts.
    EXPECT_EQ(ids(come_back(life)), told);
    turn(life, batch().done(7, told[0]));
    EXPECT_EQ(refused_.back(), v1::ERROR_REASON_COMMANDS_NOT_ANSWERED);
  }
  ToldLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(come_back(life).size(), 1u);
}

// Its deadline passed while the daemon was down: the switch has the time of a return for it.
TEST_F(PartitionAnswersTest, WhatFellDueWhileTheDaemonWasDownIsToldAgain) {
  static int64_t wall_ns = 1'700'000'000 * kNsPerS;
  PartitionOptions options;
  options.unix_ns = [] { return wall_ns; };
  const auto live = [&] {
    return std::make_unique<Life>(folder_.path(), ClockMode::kWall, options, size_t{4} << 20,
                                  kToldCentre);
  };
  std::unique_ptr<Life> life = live();
  turn(*life, batch().open("pbx", "epoch").answering());
  const Ids told = ids(turn(*life, batch().enqueue(1, "c1", "elsewhere")));
  ASSERT_EQ(told.size(), 1u);
  life.reset();
  wall_ns += kOrderDeadlineNs + 60 * kNsPerS;
  life = live();
  ASSERT_TRUE(life->started.ok()) << life->started;
  EXPECT_EQ(ids(come_back(*life)), told);
  EXPECT_EQ(life->partition->command_figures().overdue, 0u);
}

TEST_F(PartitionAnswersTest,
       ASwitchThatRestartedHearsNothingOfBeforeButWhatItIsToReleaseOfWhatItLists) {
  ToldLife life(folder_.path());
  begin(life);
  const Ids told = ids(turn(life, batch().enqueue(5, "c1", "refused").enqueue(6, "c2", "loans")));
  ASSERT_EQ(told.size(), 2u);
  stream_ = std::make_shared<FakeStream>();
  EXPECT_EQ(ids(turn(life, batch().open("pbx", "second", true).answering())), Ids{told[0]});
  // The next one does not answer, and is told as it would have been before.
  stream_ = std::make_shared<FakeStream>();
  EXPECT_EQ(ids(turn(life, batch().open("pbx", "third", true))), Ids{told[0]});
  stream_ = std::make_shared<FakeStream>();
  EXPECT_EQ(ids(turn(life, batch().open("pbx", "fourth", true).answering())), Ids{told[0]});
  // Without a list it hears of c2, which goes now, and of nothing that was.
  EXPECT_THAT(ids(come_back(life, "fifth")), ::testing::Each(::testing::Gt(told[1])));
}

TEST(OutboxTest, GivesUpTheOldestBeyondItsLimitAndWhatIsOverdueFirst) {
  Outbox outbox;
  const auto keep = [&](int64_t id, int64_t deadline_ns) {
    KeptOrder order;
    order.command.id = id;
    order.command.deadline_ns = deadline_ns;
    outbox.keep(std::move(order));
  };
  const auto overdue = [&](int64_t now_ns) {
    const std::optional<KeptOrder> order = outbox.take_overdue(now_ns);
    return order ? order->command.id : 0;
  };
  for (size_t i = 1; i <= kOutboxMax; ++i) keep(static_cast<int64_t>(i), i == 7 ? 5 : 100);
  EXPECT_EQ(overdue(5), 0);
  keep(200'000, 100);
  EXPECT_EQ(overdue(6), 7);
  EXPECT_EQ(overdue(6), 0);
  keep(200'001, 100);
  EXPECT_EQ(overdue(6), 1);
  EXPECT_EQ(overdue(6), 0);
  EXPECT_EQ(outbox.orders().size(), kOutboxMax);
  EXPECT_FALSE(outbox.take(1).has_value());
  EXPECT_TRUE(outbox.take(2).has_value());
  EXPECT_EQ(overdue(101), 3);
}

// A switch whose streams are cut at any moment: what the daemon sent last may be lost, and so may
// the acknowledgement of what it said.
class CutSwitch {
 public:
  CutSwitch(std::string folder, uint64_t seed) : folder_(std::move(folder)), draw_(seed) {
    life_ = std::make_unique<ToldLife>(folder_);
    resume();
    for (const char* agent : {"ada", "bob"}) {
      say([agent](BatchBuilder& batch, int64_t sequence) {
        batch.agent(CommandKind::kLogIn, sequence, agent, agent);
      });
      say([agent](BatchBuilder& batch, int64_t sequence) {
        batch.agent(CommandKind::kSetReady, sequence, agent);
      });
    }
    send();
  }

  void step() {
    switch (draw_() % 8) {
      case 0:
      case 1:
        call();
        break;
      case 2:
      case 3:
        obey_one();
        break;
      case 4:
        answer_one();
        break;
      case 5:
        end_one();
        break;
      case 6:
        return cut();
      default:
        break;
    }
    send();
  }
  // Nothing is lost any more; all is told and answered, and then nothing is left.
  void finish() {
    loses_ = false;
    resume();
    send();
    for (const int64_t id : told_) EXPECT_TRUE(heard_.contains(id)) << "lost: " << id;
    while (!unanswered_.empty()) {
      answer_one();
      send();
    }
    resume();
    EXPECT_EQ(told_now_, 0u);
    EXPECT_EQ(life_->partition->command_figures().overdue, 0u);
    EXPECT_TRUE(life_->partition->check_invariants().empty());
  }
  [[nodiscard]] size_t told_again() const { return told_again_; }

 private:
  using Event = std::function<void(BatchBuilder&, int64_t)>;
  struct Said {
    int64_t sequence;
    Event event;
    int64_t answered;  // Id of the command, or 0.
  };

  void say(Event event, int64_t answered = 0) {
    said_.push_back({++sequence_, std::move(event), answered});
  }
  void call() {
    static constexpr const char* kQueues[] = {"loans", "cards", "refused", "elsewhere", "music"};
    const std::string id = "c" + std::to_string(++calls_);
    const char* const queue = kQueues[draw_() % std::size(kQueues)];
    live_.push_back(id);
    say([id, queue](BatchBuilder& batch, int64_t sequence) { batch.enqueue(sequence, id, queue); });
  }
  void obey_one() {
    if (to_do_.empty()) return;
    const auto [kind, id, generation] = to_do_.front();
    to_do_.pop_front();
    say([=](BatchBuilder& batch, int64_t sequence) { batch.leg(kind, sequence, id, generation); });
  }
  void answer_one() {
    if (unanswered_.empty()) return;
    const auto one = std::next(unanswered_.begin(), static_cast<int>(draw_() % unanswered_.size()));
    const int64_t id = *one;
    unanswered_.erase(one);
    say([id](BatchBuilder& batch, int64_t sequence) { batch.done(sequence, id); }, id);
  }
  void end_one() {
    if (live_.empty()) return;
    const std::string id = live_.front();
    live_.pop_front();
    say([id](BatchBuilder& batch, int64_t sequence) { batch.end(sequence, id); });
  }

  void send() {
    BatchBuilder batch(stream_);
    batch.at(++now_ns_);
    for (const Said& one : said_) {
      if (one.sequence > sent_) one.event(batch, one.sequence);
    }
    sent_ = sequence_;
    const bool is_lost = loses_ && draw_() % 4 == 0;
    take(run_turn(*life_->partition, batch), is_lost);
    if (is_lost) resume();
  }
  void cut() {
    if (draw_() % 2 == 0) {
      BatchBuilder batch(stream_);
      take(run_turn(*life_->partition, batch.close()), true);
    }
    if (draw_() % 4 == 0) {
      life_.reset();
      if (draw_() % 2 == 0) {
        ASSERT_TRUE(write_checkpoint({folder_, "main", "test"}).ok());
      }
      life_ = std::make_unique<ToldLife>(folder_);
      ASSERT_TRUE(life_->recovered.ok()) << life_->recovered;
    }
    resume();
  }
  void resume() {
    stream_ = std::make_shared<FakeStream>();
    last_id_ = 0;
    told_now_ = 0;
    BatchBuilder batch(stream_);
    take(run_turn(*life_->partition, batch.open("pbx", "epoch").answering()), false);
    sent_ = acknowledged_;
  }
  void take(const std::vector<Delivery>& deliveries, bool is_lost) {
    for (const Delivery& delivery : deliveries) {
      if (!is_lost && delivery.is_opened) acknowledge(delivery.opened.last_sequence);
      if (!is_lost && delivery.has_ack) acknowledge(delivery.through_sequence);
      for (const SwitchCommand& command : delivery.commands) {
        told_.insert(command.id);
        if (!is_lost) hear(command, delivery.arena);
      }
    }
  }
  void acknowledge(int64_t through) {
    acknowledged_ = std::max(acknowledged_, through);
    while (!said_.empty() && said_.front().sequence <= through) {
      if (said_.front().answered != 0) settled_.insert(said_.front().answered);
      said_.pop_front();
    }
  }
  void hear(const SwitchCommand& command, std::string_view arena) {
    const std::string id(command.call.in(arena));
    std::string words = std::string(command_name(command.kind)) + " " + id + " " +
                        std::to_string(command.generation);
    for_each_text(command, [&](TextRef ref) { words.append(" ").append(ref.in(arena)); });
    ++told_now_;
    EXPECT_GT(command.id, last_id_) << words;
    EXPECT_FALSE(settled_.contains(command.id)) << "doubled: " << words;
    last_id_ = command.id;
    const auto [known, is_new] = heard_.emplace(command.id, words);
    EXPECT_EQ(known->second, words);
    told_again_ += is_new ? 0 : 1;
    if (!is_new) return;
    unanswered_.insert(command.id);
    if (command.kind == SwitchCommandKind::kRingAgent) {
      to_do_.push_back({CommandKind::kLegAnswered, id, command.generation});
    } else if (command.kind == SwitchCommandKind::kConnectCall) {
      to_do_.push_back({CommandKind::kCallConnected, id, command.generation});
    }
  }

  struct ToDo {
    CommandKind kind;
    std::string call;
    uint32_t generation;
  };
  const std::string folder_;
  std::mt19937_64 draw_;
  std::unique_ptr<ToldLife> life_;
  std::shared_ptr<FakeStream> stream_;
  bool loses_ = true;
  int64_t now_ns_ = 0;
  int64_t calls_ = 0;
  int64_t sequence_ = 0;
  int64_t sent_ = 0;
  int64_t acknowledged_ = 0;
  std::deque<Said> said_;  // What is not acknowledged.
  std::deque<std::string> live_;
  std::deque<ToDo> to_do_;
  std::set<int64_t> told_;                // That it was sent, by the daemon's account.
  std::map<int64_t, std::string> heard_;  // That reached it.
  std::set<int64_t> unanswered_;
  std::set<int64_t> settled_;  // Whose answer was acknowledged.
  int64_t last_id_ = 0;        // Of this stream.
  size_t told_now_ = 0;
  size_t told_again_ = 0;
};

TEST(CutSwitchTest, NoCutLosesOrDoublesACommand) {
  size_t told_again = 0;
  for (uint64_t seed = 1; seed <= 25 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TempFolder folder;
    CutSwitch one(folder.path(), seed);
    for (int i = 0; i < 80 && !::testing::Test::HasFailure(); ++i) one.step();
    one.finish();
    told_again += one.told_again();
  }
  EXPECT_GT(told_again, 25u);
}

}  // namespace
}  // namespace acd
