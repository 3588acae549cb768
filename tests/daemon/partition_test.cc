// SPDX-License-Identifier: Apache-2.0
// Turns, output, and recovery by replay.
#include "daemon/partition.h"

#include "acd/storage/v1/records.pb.h"
#include "daemon/config/config_tables.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PartitionTest : public ::testing::Test {
 protected:
  static std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  void open(Life& life) { turn(life, batch().open("pbx", "epoch")); }

  static std::vector<std::string> commands_of(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> lines;
    for (const Delivery& delivery : deliveries) {
      for (const SwitchCommand& command : delivery.commands) {
        static constexpr const char* kWords[] = {"ring", "stop",     "connect", "drop",
                                                 "play", "transfer", "release"};
        std::string line = kWords[static_cast<int>(command.kind)];
        line += " " + std::string(command.call.in(delivery.arena));
        if (command.agent.size > 0) line += " " + std::string(command.agent.in(delivery.arena));
        if (command.text.size > 0) line += " " + std::string(command.text.in(delivery.arena));
        if (command.number != 0) line += " " + std::to_string(command.number);
        lines.push_back(line);
      }
    }
    return lines;
  }

  // Makes a journal that holds one configuration and ends there.
  void write_configuration(const v1::TenantConfig& config, uint64_t event_hash) {
    SegmentJournalOptions options;
    options.folder = folder_.path();
    options.partition = "main";
    QuietListener quiet;
    auto journal = *SegmentJournal::open(options);
    ASSERT_TRUE(journal->start(&quiet).ok());
    storage::v1::Configure configure;
    *configure.mutable_config() = config;
    const std::string payload = configure.SerializeAsString();
    Command command;
    command.kind = CommandKind::kConfigure;
    command.name = {0, static_cast<uint32_t>(payload.size())};
    FrameBuilder frame;
    frame.add_command(TenantIndex(0u), 0, command, payload);
    FrameHeader header;
    header.epoch = 1;
    header.first_sequence = 1;
    header.record_count = 1;
    header.event_hash = event_hash;
    journal->append(header, frame.take());
    journal->stop();
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionTest, OpensASessionAndAcknowledgesItsEvents) {
  Life life(folder_.path(), ClockMode::kWall);
  ASSERT_TRUE(life.started.ok()) << life.started.ToString();
  const std::vector<Delivery> opened = turn(life, batch().open("pbx", "epoch"));
  ASSERT_THAT(opened, SizeIs(1));
  EXPECT_TRUE(opened[0].is_opened);
  EXPECT_FALSE(opened[0].opened.resumed);
  const std::vector<Delivery> taken =
      turn(life, batch().enqueue(1, "c1", "sales").enqueue(2, "c2", "nowhere"));
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].through_sequence, 2);
  ASSERT_THAT(taken[0].refused, SizeIs(1));
  EXPECT_EQ(taken[0].refused[0].sequence, 2);
  EXPECT_EQ(taken[0].refused[0].reject, Reject::kQueueUnknown);
  EXPECT_EQ(life.offered(), 1);
}

TEST_F(PartitionTest, PassesOnWhatTheEdgeRefused) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  const std::vector<Delivery> taken =
      turn(life, batch().refused(1, 13, "call_id").enqueue(2, "c2", "sales"));
  ASSERT_THAT(taken[0].refused, SizeIs(1));
  EXPECT_EQ(taken[0].refused[0].edge_reason, 13);
  EXPECT_EQ(taken[0].refused[0].field, "call_id");
  EXPECT_EQ(taken[0].through_sequence, 2);
  // Resent after a cut, the refusal is remembered.
  const std::vector<Delivery> repeated = turn(life, batch().enqueue(1, "c1", "sales"));
  ASSERT_THAT(repeated[0].refused, SizeIs(1));
  EXPECT_EQ(repeated[0].refused[0].edge_reason, 13);
  EXPECT_EQ(life.offered(), 1);
}

TEST_F(PartitionTest, NamesTheSkillThatIsNotDeclared) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  const std::vector<Delivery> taken =
      turn(life, batch().enqueue(1, "c1", "sales", "sales >= 2 AND juggling >= 1 AND mime >= 1"));
  ASSERT_THAT(taken[0].refused, SizeIs(1));
  EXPECT_EQ(taken[0].refused[0].reject, Reject::kSkillUnknown);
  EXPECT_EQ(taken[0].refused[0].message, "column 16: no skill 'juggling' is declared");
}

TEST_F(PartitionTest, TurnsTheRoutersDecisionsIntoCommandsForTheSwitch) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  const auto rung = turn(life, batch()
                                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                                   .agent(CommandKind::kSetReady, 2, "ada")
                                   .enqueue(3, "c1", "sales"));
  EXPECT_EQ(commands_of(rung), std::vector<std::string>{"ring c1 ada"});
  EXPECT_EQ(rung[0].commands[0].station.in(rung[0].arena), "100");
  EXPECT_EQ(rung[0].commands[0].timeout_ns, kOfferTimeoutDefaultNs);
  const auto answered = turn(life, batch().leg(CommandKind::kLegAnswered, 4, "c1", 1));
  EXPECT_EQ(commands_of(answered), std::vector<std::string>{"connect c1 ada"});
  const auto left = turn(life, batch().end(5, "c1"));
  EXPECT_EQ(commands_of(left), std::vector<std::string>{"drop c1 ada"});
  const auto late = turn(life, batch().leg(CommandKind::kLegAnswered, 6, "c1", 1));
  EXPECT_EQ(commands_of(late), std::vector<std::string>{"drop c1"});
}

TEST_F(PartitionTest, TellsTheSwitchWhatTheCallerIsToNotice) {
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.started.ok()) << life.started.ToString();
  open(life);
  const auto entered = turn(life, batch()
                                      .at(0)
                                      .enqueue(1, "c1", "refused")
                                      .enqueue(2, "c2", "elsewhere")
                                      .enqueue(3, "c3", "music"));
  EXPECT_EQ(commands_of(entered),
            (std::vector<std::string>{"release c1 17", "transfer c2 +44123"}));
  EXPECT_EQ(commands_of(turn(life, batch().at(1))), std::vector<std::string>{"play c3 waltz 1"});
  EXPECT_EQ(commands_of(turn(life, batch().at(10 * kNsPerS + 1))),
            std::vector<std::string>{"release c3 31"});
  EXPECT_TRUE(life.partition->check_invariants().empty());
}

TEST_F(PartitionTest, ReleasesACallWhoseWaitWasOverWhileItsSwitchWasAwayWhenThatIsBack) {
  Life life(folder_.path(), ClockMode::kDriven);
  const auto conductor = std::make_shared<FakeStream>();
  const auto drive_to = [&](int64_t now_ns) {
    BatchBuilder builder(conductor);
    turn(life, builder.at(now_ns));
  };
  BatchBuilder first(conductor);
  turn(life, first.open("clock", "epoch"));
  drive_to(0);
  open(life);
  turn(life, batch().enqueue(1, "c1", "music"));
  turn(life, batch().close());
  drive_to(15 * kNsPerS);  // Past its 10 s, and past the music.
  stream_ = std::make_shared<FakeStream>();
  const auto back = turn(life, batch().open("pbx", "epoch"));
  EXPECT_TRUE(back[0].opened.resumed);
  EXPECT_THAT(commands_of(back), IsEmpty());
  drive_to(10 * kNsPerS + kLimitRetryNs + 1);
  EXPECT_EQ(commands_of(turn(life, batch().at(-1))), std::vector<std::string>{"release c1 31"});
  EXPECT_TRUE(life.partition->check_invariants().empty());
}

TEST_F(PartitionTest, RepeatsWhatEndedCallsToASwitchThatResumesUntilItSaysThatTheyAreOver) {
  const auto come_back = [&](Life& life, const std::string& epoch) {
    stream_ = std::make_shared<FakeStream>();
    return commands_of(turn(life, batch().open("pbx", epoch)));
  };
  {
    Life life(folder_.path(), ClockMode::kWall);
    open(life);
    turn(life, batch().enqueue(1, "c1", "refused").enqueue(2, "c2", "elsewhere"));
    turn(life, batch().close());
    EXPECT_EQ(come_back(life, "epoch"),
              (std::vector<std::string>{"release c1 17", "transfer c2 +44123"}));
    turn(life, batch().end(3, "c1"));
    turn(life, batch().close());
    EXPECT_EQ(come_back(life, "epoch"), std::vector<std::string>{"transfer c2 +44123"});
  }
  Life life(folder_.path(), ClockMode::kWall);  // What went out last may not have arrived.
  EXPECT_EQ(come_back(life, "epoch"),
            (std::vector<std::string>{"release c1 17", "transfer c2 +44123"}));
  turn(life, batch().close());
  EXPECT_THAT(come_back(life, "another epoch"), IsEmpty());
  turn(life, batch().close());
  EXPECT_THAT(come_back(life, "another epoch"), IsEmpty());
}

TEST_F(PartitionTest, ASwitchThatRestartedListsItsCallsAlsoOverACrash) {
  const auto come_back = [&](Life& life) {
    stream_ = std::make_shared<FakeStream>();
    return turn(life, batch().open("pbx", "restarted", true));
  };
  {
    Life life(folder_.path(), ClockMode::kWall);
    open(life);
    turn(life,
         batch().enqueue(1, "c1", "sales").enqueue(2, "c2", "sales").enqueue(3, "c3", "sales"));
    turn(life, batch().enqueue(4, "over", "refused"));
    turn(life, batch().close());
    const std::vector<Delivery> opened = come_back(life);
    ASSERT_THAT(opened, SizeIs(1));
    EXPECT_FALSE(opened[0].opened.resumed);
    EXPECT_TRUE(opened[0].opened.lists);
    EXPECT_EQ(opened[0].opened.last_sequence, 0);
    // It is to release what it may hold for a live call.
    EXPECT_EQ(commands_of(opened), std::vector<std::string>{"release over 17"});
    turn(life, batch().waits(1, "c1", "sales"));
  }
  Life life(folder_.path(), ClockMode::kWall);
  ASSERT_TRUE(life.started.ok()) << life.started.ToString();
  const std::vector<Delivery> opened = come_back(life);
  ASSERT_THAT(opened, SizeIs(1));
  EXPECT_TRUE(opened[0].opened.resumed);
  EXPECT_TRUE(opened[0].opened.lists);
  EXPECT_EQ(opened[0].opened.last_sequence, 1);
  const std::vector<Delivery> listed =
      turn(life, batch().waits(2, "c3", "sales").waits(3, "over", "sales").end_list(4).end_list(5));
  ASSERT_THAT(listed, SizeIs(1));
  ASSERT_THAT(listed[0].refused, SizeIs(2));
  EXPECT_EQ(listed[0].refused[0].reject, Reject::kCallExists);
  EXPECT_EQ(listed[0].refused[1].reject, Reject::kResyncNotOpen);
  // What was listed lives, the other call is lost.
  const std::vector<Delivery> ended = turn(life, batch().end(6, "c1").end(7, "c2").end(8, "c3"));
  ASSERT_THAT(ended, SizeIs(1));
  ASSERT_THAT(ended[0].refused, SizeIs(1));
  EXPECT_EQ(ended[0].refused[0].sequence, 7);
  EXPECT_EQ(life.partition->check_invariants(), "");
}

TEST_F(PartitionTest, ReleasesNoCallThatTheSwitchItselfTimedOut) {
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  turn(life, batch().at(0).enqueue(1, "c1", "sales"));
  std::unique_ptr<Batch> ended = batch().at(1).end(2, "c1").take();
  ended->commands[0].detail = static_cast<uint8_t>(EndedBy::kTimeout);
  std::vector<std::unique_ptr<Batch>> batches;
  batches.push_back(std::move(ended));
  const size_t finished = stream_->finished() + 1;
  life.partition->turn(batches);
  EXPECT_THAT(commands_of(stream_->await(finished)), IsEmpty());
}

TEST_F(PartitionTest, SplitsABatchThatIsLargerThanAFrameAndLosesNoRefusal) {
  PartitionOptions options;
  options.frame_bytes_max = 64;
  Life life(folder_.path(), ClockMode::kWall, options);
  open(life);
  BatchBuilder builder(stream_);
  builder.enqueue(1, "call-1", "nowhere");
  for (int i = 2; i <= 50; ++i) builder.enqueue(i, "call-" + std::to_string(i), "sales");
  const std::vector<Delivery> deliveries = turn(life, builder);
  // A refusal leaves with the frame that holds it, and always under an acknowledgement.
  std::vector<int64_t> refused;
  for (const Delivery& delivery : deliveries) {
    if (!delivery.refused.empty()) {
      EXPECT_TRUE(delivery.has_ack);
    }
    for (const Refused& refusal : delivery.refused) refused.push_back(refusal.sequence);
  }
  EXPECT_EQ(refused, std::vector<int64_t>{1});
  EXPECT_GT(deliveries.size(), 1u);
  EXPECT_EQ(deliveries.back().through_sequence, 50);
  EXPECT_EQ(life.offered(), 49);
}

TEST_F(PartitionTest, NewerStreamOfASourceReplacesTheOlder) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  const auto older = stream_;
  stream_ = std::make_shared<FakeStream>();
  const std::vector<Delivery> opened = turn(life, batch().open("pbx", "epoch"));
  EXPECT_TRUE(opened[0].opened.resumed);
  const std::vector<Delivery> ended = older->await(1);
  EXPECT_EQ(ended.back().close, CloseReason::kSessionReplaced);
  // What the older one still sends changes nothing, and its end does not end the newer one's
  // session.
  turn(life, BatchBuilder(older).enqueue(1, "ghost", "sales"));
  turn(life, BatchBuilder(older).close());
  turn(life, batch().enqueue(1, "c1", "sales"));
  EXPECT_EQ(life.offered(), 1);
}

TEST_F(PartitionTest, GapEndsTheStreamAndAppliesNothingBehindIt) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  const auto taken = turn(life, batch().enqueue(2, "c2", "sales").enqueue(3, "c3", "sales"));
  EXPECT_EQ(taken[0].close, CloseReason::kSequenceGap);
  EXPECT_EQ(life.offered(), 0);
}

TEST_F(PartitionTest, RecoversByReplayToTheSameState) {
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    open(life);
    turn(life, batch()
                   .at(kNsPerS)
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .enqueue(3, "c1", "sales")
                   .enqueue(4, "c2", "sales"));
    turn(life, batch().at(30 * kNsPerS));  // The offer times out.
    turn(life, batch().close());
    state_hash = life.partition->state_hash();
  }
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered.ToString();
  EXPECT_EQ(life.partition->state_hash(), state_hash);
  EXPECT_EQ(life.partition->check_invariants(), "");
  EXPECT_EQ(life.offered(), 2);
  EXPECT_EQ(life.read<int64_t>([](const Board& board) { return board.total().offers.no_answer; }),
            1);
}

TEST_F(PartitionTest, ResumesAfterARestartInTheSameEpoch) {
  {
    Life life(folder_.path(), ClockMode::kDriven);
    open(life);
    turn(life, batch()
                   .at(0)
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .enqueue(3, "c1", "sales"));
  }
  Life life(folder_.path(), ClockMode::kDriven);
  stream_ = std::make_shared<FakeStream>();
  const auto opened = turn(life, batch().open("pbx", "epoch"));
  EXPECT_TRUE(opened[0].opened.resumed);
  EXPECT_EQ(opened[0].opened.last_sequence, 3);
  EXPECT_EQ(commands_of(opened), std::vector<std::string>{"ring c1 ada"});
  // What was acknowledged before is dropped in silence, what is new goes on.
  const auto taken = turn(life, batch().at(0).enqueue(3, "c1", "sales").enqueue(4, "c2", "sales"));
  EXPECT_EQ(taken.back().through_sequence, 4);
  EXPECT_THAT(taken.back().refused, IsEmpty());
  EXPECT_EQ(life.offered(), 2);
}

TEST_F(PartitionTest, RefusesAJournalThatReplaysDifferently) {
  {
    Life life(folder_.path(), ClockMode::kDriven);
    open(life);
  }
  SegmentJournalOptions options;
  options.folder = folder_.path();
  options.partition = "main";
  {
    // A frame with a hash that its records do not give.
    QuietListener quiet;
    auto journal = *SegmentJournal::open(options);
    ASSERT_TRUE(journal->start(&quiet).ok());
    FrameBuilder frame;
    frame.add_advance(TenantIndex(0u), 10, 0);
    FrameHeader header;
    header.epoch = journal->epoch();
    header.first_sequence = journal->position();
    header.record_count = 1;
    header.event_hash = 0xbad;
    journal->append(header, frame.take());
    journal->stop();
  }
  Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(life.recovered.message()).find("replay"), std::string::npos);
}

TEST_F(PartitionTest, DrivenClockAnswersAfterTheTimersWithTheNextDeadline) {
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  auto answer = turn(life, batch()
                               .at(0)
                               .agent(CommandKind::kLogIn, 1, "ada", "100")
                               .agent(CommandKind::kSetReady, 2, "ada")
                               .enqueue(3, "c1", "sales"));
  ASSERT_TRUE(answer.back().has_driven_clock);
  EXPECT_EQ(answer.back().next_deadline_ns, kOfferTimeoutDefaultNs);
  answer = turn(life, batch().at(kOfferTimeoutDefaultNs));
  EXPECT_THAT(commands_of(answer), IsEmpty());  // The instant itself belongs to events.
  answer = turn(life, batch().at(kOfferTimeoutDefaultNs + 1));
  EXPECT_EQ(commands_of(answer), std::vector<std::string>{"stop c1 ada"});
  EXPECT_TRUE(answer.back().has_driven_clock);
}

TEST_F(PartitionTest, DrivenClockNeverGoesBackAndHasOneConductor) {
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  turn(life, batch().at(kNsPerS));
  EXPECT_EQ(turn(life, batch().at(kNsPerS - 1)).back().close, CloseReason::kClockMismatch);
  const auto other = std::make_shared<FakeStream>();
  turn(life, BatchBuilder(other).open("other", "epoch"));
  EXPECT_EQ(turn(life, BatchBuilder(other).at(2 * kNsPerS)).back().close,
            CloseReason::kConductorExists);
  turn(life, batch().close());  // Now the place is free.
  EXPECT_TRUE(turn(life, BatchBuilder(other).at(2 * kNsPerS)).back().has_driven_clock);
}

// Nothing but that time came with the batch: what is asked after a crash is not asked at an earlier one.
TEST_F(PartitionTest, DrivenClockStandsOverARestartWhereItsLastAnswerSaid) {
  for (const int64_t now_ns : {5 * kNsPerS, 7 * kNsPerS + 1}) {
    {
      Life life(folder_.path(), ClockMode::kDriven);
      open(life);
      EXPECT_EQ(turn(life, batch().at(now_ns)).back().driven_now_ns, now_ns);
      turn(life, batch().at(now_ns));
    }
    stream_ = std::make_shared<FakeStream>();
    Life next(folder_.path(), ClockMode::kDriven);
    const std::vector<Delivery> opened = turn(next, batch().open("pbx", "epoch"));
    ASSERT_TRUE(opened[0].is_opened);
    EXPECT_EQ(opened[0].opened.now_ns, now_ns);
    stream_ = std::make_shared<FakeStream>();
  }
}

TEST_F(PartitionTest, ManyTimersAtOnceGoInSeveralFramesAndReplay) {
  PartitionOptions options;
  options.timers_per_turn_max = 3;
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven, options);
    open(life);
    BatchBuilder builder(stream_);
    builder.at(0);
    int64_t sequence = 0;
    for (const char* who : {"ada", "bob"}) {
      builder.agent(CommandKind::kLogIn, ++sequence, who, std::string("phone-") + who);
      builder.agent(CommandKind::kSetReady, ++sequence, who);
    }
    for (int i = 0; i < 10; ++i) {
      builder.enqueue(++sequence, "c" + std::to_string(i), "sales");
    }
    turn(life, builder);
    turn(life, batch().at(3600 * kNsPerS));
    turn(life, batch().close());
    turn(life, BatchBuilder(stream_).open("pbx", "epoch"));
    state_hash = life.partition->state_hash();
    EXPECT_EQ(life.partition->check_invariants(), "");
  }
  Life life(folder_.path(), ClockMode::kDriven);  // Under other process settings.
  ASSERT_TRUE(life.recovered.ok()) << life.recovered.ToString();
  stream_ = std::make_shared<FakeStream>();
  turn(life, batch().open("pbx", "epoch"));
  EXPECT_NE(life.partition->state_hash(), 0u);
  EXPECT_NE(state_hash, 0u);
}

TEST_F(PartitionTest, TellsTheRefusalsAgainAfterACut) {
  Life life(folder_.path(), ClockMode::kWall);
  open(life);
  turn(life, batch().enqueue(1, "c1", "nowhere"));
  stream_ = std::make_shared<FakeStream>();  // The answer was lost with the stream.
  const auto opened = turn(life, batch().open("pbx", "epoch"));
  EXPECT_TRUE(opened[0].opened.resumed);
  EXPECT_TRUE(opened[0].has_ack);
  EXPECT_EQ(opened[0].through_sequence, 1);
  ASSERT_THAT(opened[0].refused, SizeIs(1));
  EXPECT_EQ(opened[0].refused[0].reject, Reject::kQueueUnknown);
}

TEST_F(PartitionTest, ReplacedConductorDoesNotKeepTheClock) {
  Life life(folder_.path(), ClockMode::kDriven);
  open(life);
  const auto older = stream_;
  turn(life, batch().at(kNsPerS));
  stream_ = std::make_shared<FakeStream>();
  open(life);
  turn(life, BatchBuilder(older).at(2 * kNsPerS));  // Was still on its way.
  turn(life, BatchBuilder(older).close());
  EXPECT_TRUE(turn(life, batch().at(3 * kNsPerS)).back().has_driven_clock);
}

TEST_F(PartitionTest, FinishesASeedThatWasCutShort) {
  // The first start died behind the configuration: agents and the mark of completeness are missing.
  const auto seeds = *parse_config(kSampleConfig, "sample");
  Router router;
  ASSERT_EQ(router.configure(to_tables(seeds[0].config), 0), Reject::kNone);
  Hash64 hash;
  hash.add(router.event_hash());
  write_configuration(seeds[0].config, hash.value());
  Life life(folder_.path(), ClockMode::kWall);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered.ToString();
  ASSERT_TRUE(life.started.ok()) << life.started.ToString();
  open(life);
  const auto taken = turn(life, batch().agent(CommandKind::kLogIn, 1, "ada", "100"));
  EXPECT_THAT(taken[0].refused, IsEmpty());
}

TEST_F(PartitionTest, NamesTheRuleThatAJournaledConfigurationBreaks) {
  v1::TenantConfig config;
  config.set_name("tenants/bank");
  config.set_rejects_max(0);
  write_configuration(config, 0);
  const Life life(folder_.path(), ClockMode::kWall);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(life.recovered.message()),
              EndsWith("frame at record 1: tenants/bank: the configuration breaks a rule: "
                       "rejects_max: must be 1 to 100, is 0"));
}

TEST(TableStatusTest, SaysWhyTheRouterRefused) {
  EXPECT_EQ(table_status(Reject::kNone, "tenants/bank", {}), absl::OkStatus());
  const absl::Status full = table_status(Reject::kLimitReached, "tenants/bank", {});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(
      full.message(),
      "tenants/bank: too many of something; counting those that were there once, a tenant has "
      "at most 10000 queues and 1024 skills, and 1000000 agents");
  const absl::Status in_use = table_status(Reject::kQueueNotEmpty, "tenants/bank", {"sales", 3});
  EXPECT_EQ(in_use.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(in_use.message(),
            "tenants/bank/queues/sales: has 3 calls, live or for later, but the configuration "
            "leaves it out and drains "
            "it nowhere: name it and its target in drains");
}

}  // namespace
}  // namespace acd
