// SPDX-License-Identifier: Apache-2.0
// Changes of configuration and agents: journal, Router, board, answers, and the same by replay.
#include <absl/strings/str_cat.h>

#include <string>
#include <vector>

#include "acd/storage/v1/records.pb.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = TableAnswer::Outcome;

constexpr char kRequestId[] = "123e4567-e89b-42d3-a456-426614174000";

// One configuration as the readers have it.
v1::TenantConfig config_of(Life& life) {
  std::promise<std::string> bytes;
  EXPECT_TRUE(life.observer.read(life.partition->tenants()[0].board,
                                 [&](const Insight& insight) { bytes.set_value(insight.config); }));
  v1::TenantConfig config;
  EXPECT_TRUE(config.ParseFromString(bytes.get_future().get()));
  return config;
}

void add_queue(v1::TenantConfig* config, const std::string& id) {
  config->add_queues()->set_name("tenants/bank/queues/" + id);
}

std::unique_ptr<TableChange> apply_change(const v1::TenantConfig& config,
                                          const std::string& based_on,
                                          const std::string& request_id = "") {
  return make_config_change(config, based_on, request_id);
}

std::vector<v1::Agent> some_agents(int count, const std::string& skill = "sales") {
  std::vector<v1::Agent> agents(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    v1::Agent& agent = agents[static_cast<size_t>(i)];
    agent.set_name(absl::StrCat("tenants/bank/agents/x", i));
    (*agent.mutable_skills())[skill] = 3;
  }
  return agents;
}

class PartitionTablesTest : public ::testing::Test {
 protected:
  // Runs all of them in one turn; the answers in the order of the changes.
  static std::vector<TableAnswer> change(Life& life,
                                         std::vector<std::unique_ptr<TableChange>> changes) {
    std::vector<std::promise<TableAnswer>> promises(changes.size());
    std::vector<std::unique_ptr<Batch>> batches;
    for (size_t i = 0; i < changes.size(); ++i) {
      changes[i]->principal = "local:test";
      changes[i]->reply = [&promises, i](const TableAnswer& answer) {
        promises[i].set_value(answer);
      };
      auto batch = std::make_unique<Batch>();
      batch->tenant = TenantIndex(0u);
      batch->change = std::move(changes[i]);
      batches.push_back(std::move(batch));
    }
    life.partition->turn(batches);
    std::vector<TableAnswer> answers;
    for (std::promise<TableAnswer>& promise : promises) {
      answers.push_back(promise.get_future().get());
    }
    return answers;
  }
  static TableAnswer change(Life& life, std::unique_ptr<TableChange> one) {
    std::vector<std::unique_ptr<TableChange>> changes;
    changes.push_back(std::move(one));
    return change(life, std::move(changes))[0];
  }
  static std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // As the board lists them.
  static std::vector<std::string> queues(Life& life) {
    return life.read<std::vector<std::string>>([](const Board& board) {
      std::vector<std::string> ids;
      for (const QueueView* queue : board.queues()) ids.push_back(queue->id);
      return ids;
    });
  }
  // Of what the journal holds, before anything is added to it.
  uint64_t replayed_state_hash() {
    SegmentJournalOptions options;
    options.folder = folder_.path();
    options.partition = "main";
    const auto journal = *SegmentJournal::open(options);
    return acd::replayed_state_hash(journal.get());
  }
  static std::pair<Command, std::string> staged(int32_t number, const std::string& part) {
    Command command;
    command.kind = CommandKind::kStageConfig;
    command.number = number;
    command.name = {0, static_cast<uint32_t>(part.size())};
    return {command, part};
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionTablesTest, AConfigurationIsInForceOnTheBoardAndAfterARestart) {
  std::string etag;
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    v1::TenantConfig config = config_of(life);
    add_queue(&config, "fresh");
    const TableAnswer answer = change(life, apply_change(config, config.etag()));
    EXPECT_EQ(answer.outcome, Outcome::kDone);
    etag = answer.etag;
    EXPECT_EQ(config_of(life).etag(), etag);
    EXPECT_EQ(life.partition->tenants()[0].config_etag, etag);
    EXPECT_THAT(queues(life), ElementsAre("sales", "refused", "elsewhere", "music", "fresh"));
    turn(life, batch().open("pbx", "epoch"));
    EXPECT_THAT(turn(life, batch().enqueue(1, "c1", "fresh"))[0].refused, IsEmpty());
    state_hash = life.partition->state_hash();
  }
  EXPECT_EQ(replayed_state_hash(), state_hash);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(config_of(life).etag(), etag);
  EXPECT_THAT(queues(life), ElementsAre("sales", "refused", "elsewhere", "music", "fresh"));
  EXPECT_EQ(life.partition->check_invariants(), "");
}

TEST_F(PartitionTablesTest, OfTwoChangesOfOneConfigurationOneWins) {
  Life life(folder_.path(), ClockMode::kDriven);
  const v1::TenantConfig before = config_of(life);
  v1::TenantConfig first = before;
  add_queue(&first, "first");
  v1::TenantConfig second = before;
  add_queue(&second, "second");
  std::vector<std::unique_ptr<TableChange>> changes;
  changes.push_back(apply_change(first, before.etag()));
  changes.push_back(apply_change(second, before.etag()));
  const std::vector<TableAnswer> answers = change(life, std::move(changes));
  EXPECT_EQ(answers[0].outcome, Outcome::kDone);
  EXPECT_EQ(answers[1].outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(answers[1].etag, answers[0].etag);
  EXPECT_EQ(config_of(life).etag(), answers[0].etag);
}

TEST_F(PartitionTablesTest, ADryRunAndARefusalLeaveNoTrace) {
  Life life(folder_.path(), ClockMode::kDriven);
  turn(life, batch().open("pbx", "epoch"));
  turn(life, batch().enqueue(1, "c1", "sales").enqueue(2, "c2", "sales"));
  const v1::TenantConfig before = config_of(life);
  const uint64_t state_hash = life.partition->state_hash();
  const uint64_t position = life.journal->position();

  v1::TenantConfig more = before;
  add_queue(&more, "fresh");
  auto dry = apply_change(more, before.etag());
  dry->validate_only = true;
  const TableAnswer would = change(life, std::move(dry));
  EXPECT_EQ(would.outcome, Outcome::kDone);
  EXPECT_EQ(would.etag, config_etag(more));

  v1::TenantConfig less = before;
  less.mutable_queues()->DeleteSubrange(0, 1);
  const TableAnswer refused = change(life, apply_change(less, before.etag()));
  EXPECT_EQ(refused.outcome, Outcome::kRefused);
  EXPECT_EQ(refused.reject, Reject::kQueueNotEmpty);
  EXPECT_EQ(refused.queue, "tenants/bank/queues/sales");
  EXPECT_EQ(refused.live_calls, 2);

  auto dry_agents = make_agents_change(some_agents(3), "");
  dry_agents->validate_only = true;
  EXPECT_EQ(change(life, std::move(dry_agents)).agent_count, 3);
  const TableAnswer same = change(life, apply_change(before, before.etag()));
  EXPECT_EQ(same.outcome, Outcome::kDone);
  EXPECT_EQ(same.etag, before.etag());

  EXPECT_EQ(life.journal->position(), position);
  EXPECT_EQ(life.partition->state_hash(), state_hash);
  EXPECT_EQ(config_of(life).etag(), before.etag());
}

TEST_F(PartitionTablesTest, AQueueWithCallsGoesWhenItIsDrained) {
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch().enqueue(1, "c1", "sales").at(1));
    v1::TenantConfig config = config_of(life);
    config.mutable_queues()->DeleteSubrange(0, 1);
    v1::Drain* drain = config.add_drains();
    drain->set_queue("tenants/bank/queues/sales");
    drain->set_target("tenants/bank/queues/music");
    EXPECT_EQ(change(life, apply_change(config, config.etag())).outcome, Outcome::kDone);
    EXPECT_THAT(queues(life), ElementsAre("refused", "elsewhere", "music"));
    turn(life, batch().at(kNsPerS));  // The call moves with the clock.
    EXPECT_EQ(life.read<std::string>([](const Board& board) {
      const CallView* call = board.find_call("c1");
      return call == nullptr ? "gone" : board.queue(call->queue).id;
    }),
              "music");
    // What was counted in the removed queue stays in the total.
    EXPECT_EQ(life.offered(), 1);
    state_hash = life.partition->state_hash();
    EXPECT_EQ(life.partition->check_invariants(), "");
  }
  EXPECT_EQ(replayed_state_hash(), state_hash);
}

// Its settings are those of a day when the queues that it names were still there, and it is drained.
TEST_F(PartitionTablesTest, ACallThatIsConnectedInADrainedQueueOutlivesARestartFromASnapshot) {
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    v1::TenantConfig config = config_of(life);
    auto& length = *config.mutable_queues(0)->mutable_limits()->mutable_length();
    length.set_max(100);
    length.mutable_action()->set_queue("tenants/bank/queues/refused");
    EXPECT_EQ(change(life, apply_change(config, config.etag())).outcome, Outcome::kDone);
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch().at(1).agent(CommandKind::kLogIn, 1, "ada", "100"));
    turn(life, batch().at(2).agent(CommandKind::kSetReady, 2, "ada").enqueue(3, "c1", "sales"));
    turn(life, batch().at(3).leg(CommandKind::kLegAnswered, 4, "c1", 1));
    turn(life, batch().at(4).leg(CommandKind::kCallConnected, 5, "c1", 1));
    config = config_of(life);
    config.mutable_queues()->DeleteSubrange(0, 2);  // Sales and refused.
    v1::Drain* drain = config.add_drains();
    drain->set_queue("tenants/bank/queues/sales");
    drain->set_target("tenants/bank/queues/music");
    EXPECT_EQ(change(life, apply_change(config, config.etag())).outcome, Outcome::kDone);
    turn(life, batch().at(kNsPerS));
    state_hash = life.partition->state_hash();
  }
  const auto written = write_checkpoint({folder_.path(), "main", "test"});
  ASSERT_TRUE(written.ok()) << written.status();
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  EXPECT_EQ(life.recovered_hash, state_hash);
  EXPECT_EQ(life.read<std::string>([](const Board& board) {
    const CallView* call = board.find_call("c1");
    return call == nullptr ? "gone" : board.queue(call->queue).id;
  }),
            "sales");
}

TEST_F(PartitionTablesTest, ALargeConfigurationIsStagedInParts) {
  const auto large = [](const v1::TenantConfig& before) {
    v1::TenantConfig config = before;
    for (int i = 0; i < 9'000; ++i) {
      const std::string id = absl::StrCat("queue-with-a-long-name-", i);
      add_queue(&config, id);
      v1::Treatment* treatment = config.mutable_queues(config.queues_size() - 1)->add_treatments();
      treatment->set_media(std::string(64, 'm'));
    }
    return config;
  };
  std::string etag;
  uint64_t state_hash = 0;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    const v1::TenantConfig config = large(config_of(life));
    ASSERT_GT(config.ByteSizeLong(), kFrameBytesMax);
    const uint64_t position = life.journal->position();
    const TableAnswer answer = change(life, apply_change(config, config.etag()));
    EXPECT_EQ(answer.outcome, Outcome::kDone);
    etag = answer.etag;
    EXPECT_EQ(life.journal->position(), position + 3);  // Two parts and the command.
    EXPECT_EQ(queues(life).size(), 9'004u);
    state_hash = life.partition->state_hash();
  }
  EXPECT_EQ(replayed_state_hash(), state_hash);
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(config_of(life).etag(), etag);
  EXPECT_EQ(queues(life).size(), 9'004u);
}

TEST_F(PartitionTablesTest, PartsWithoutTheirCommandAreDropped) {
  std::string before;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    before = config_of(life).etag();
  }
  write_behind(folder_.path(), {staged(0, "half of"), staged(1, "a configuration")});
  {
    Life life(folder_.path(), ClockMode::kDriven);
    ASSERT_TRUE(life.recovered.ok()) << life.recovered;
    v1::TenantConfig config = config_of(life);
    EXPECT_EQ(config.etag(), before);
    add_queue(&config, "fresh");
    EXPECT_EQ(change(life, apply_change(config, before)).outcome, Outcome::kDone);
  }
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_NE(config_of(life).etag(), before);
}

TEST_F(PartitionTablesTest, PartsOutOfTheirPlaceAreDamage) {
  { const Life life(folder_.path(), ClockMode::kDriven); }
  write_behind(folder_.path(), {staged(0, "a"), staged(2, "c")});
  const Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(life.recovered.message()),
              HasSubstr("a part of a configuration is out of its place"));
}

TEST_F(PartitionTablesTest, ACommandWithoutItsPartsIsDamage) {
  { const Life life(folder_.path(), ClockMode::kDriven); }
  Command command;
  command.kind = CommandKind::kConfigure;
  command.flag = true;
  command.number = 2;
  write_behind(folder_.path(), {staged(0, "a"), {command, ""}});
  const Life life(folder_.path(), ClockMode::kDriven);
  EXPECT_EQ(life.recovered.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(life.recovered.message()), HasSubstr("lacks parts"));
}

TEST_F(PartitionTablesTest, ARepeatGetsTheFirstAnswerAlsoAfterARestart) {
  v1::TenantConfig config;
  std::string before;
  TableAnswer first;
  {
    Life life(folder_.path(), ClockMode::kDriven);
    config = config_of(life);
    before = config.etag();
    add_queue(&config, "fresh");
    first = change(life, apply_change(config, before, kRequestId));
    EXPECT_EQ(first.outcome, Outcome::kDone);
    // Somebody else changes it meanwhile.
    v1::TenantConfig other = config;
    add_queue(&other, "other");
    EXPECT_EQ(change(life, apply_change(other, first.etag)).outcome, Outcome::kDone);
  }
  Life life(folder_.path(), ClockMode::kDriven);
  const std::string in_force = config_of(life).etag();
  const TableAnswer repeat = change(life, apply_change(config, before, kRequestId));
  EXPECT_EQ(repeat.outcome, Outcome::kDone);
  EXPECT_EQ(repeat.etag, first.etag);
  EXPECT_EQ(config_of(life).etag(), in_force);
  v1::TenantConfig another = config;
  add_queue(&another, "another");
  EXPECT_EQ(change(life, apply_change(another, in_force, kRequestId)).outcome,
            Outcome::kRequestIdUsed);
  EXPECT_EQ(change(life, make_agents_change(some_agents(1), kRequestId)).outcome,
            Outcome::kRequestIdUsed);
}

TEST_F(PartitionTablesTest, AnAnswerIsKeptForTenMinutes) {
  Life life(folder_.path(), ClockMode::kDriven);
  turn(life, batch().open("pbx", "epoch").at(0));
  EXPECT_EQ(change(life, make_agents_change(some_agents(1), kRequestId)).outcome, Outcome::kDone);
  turn(life, batch().at(kAnswersKeptNs));
  EXPECT_EQ(change(life, make_agents_change(some_agents(2), kRequestId)).outcome,
            Outcome::kRequestIdUsed);
  turn(life, batch().at(kAnswersKeptNs + 1));
  EXPECT_EQ(change(life, make_agents_change(some_agents(2), kRequestId)).outcome, Outcome::kDone);
}

TEST_F(PartitionTablesTest, AgentsComeAndAreKnownAfterARestart) {
  const auto known = [](Life& life) {
    return life.read<size_t>([](const Board& board) { return board.agents_by_id().size(); });
  };
  {
    Life life(folder_.path(), ClockMode::kDriven);
    const TableAnswer answer = change(life, make_agents_change(some_agents(250), kRequestId));
    EXPECT_EQ(answer.outcome, Outcome::kDone);
    EXPECT_EQ(answer.agent_count, 250);
    EXPECT_EQ(known(life), 252u);
    turn(life, batch().open("pbx", "epoch"));
    turn(life, batch().agent(CommandKind::kLogIn, 1, "x249", "100"));
    const auto ready = turn(life, batch().agent(CommandKind::kSetReady, 2, "x249"));
    EXPECT_THAT(ready[0].refused, IsEmpty());
  }
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(known(life), 252u);
  const TableAnswer repeat = change(life, make_agents_change(some_agents(250), kRequestId));
  EXPECT_EQ(repeat.agent_count, 250);
}

TEST_F(PartitionTablesTest, AgentsAreCheckedAgainstTheConfigurationInForce) {
  Life life(folder_.path(), ClockMode::kDriven);
  const TableAnswer refused = change(life, make_agents_change(some_agents(2, "spanish"), ""));
  EXPECT_EQ(refused.outcome, Outcome::kInvalid);
  ASSERT_EQ(refused.violations.size(), 2u);
  EXPECT_EQ(refused.violations[1].field, "agents[1].skills['spanish']");
  v1::TenantConfig config = config_of(life);
  config.add_skills("spanish");
  EXPECT_EQ(change(life, apply_change(config, config.etag())).outcome, Outcome::kDone);
  EXPECT_EQ(change(life, make_agents_change(some_agents(2, "spanish"), "")).outcome,
            Outcome::kDone);
}

google::protobuf::FieldMask mask_of(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

// "Name team skill=level ..." of x0.
std::string known_of_x0(Life& life) {
  return life.read<std::string>([](const Board& board) {
    const AgentView* const agent = board.find_agent("x0");
    if (agent == nullptr) return std::string();
    std::string text = absl::StrCat(agent->display_name, " ", agent->team);
    for (const auto& [skill, level] : agent->skills) absl::StrAppend(&text, " ", skill, "=", level);
    return text;
  });
}

TEST_F(PartitionTablesTest, AMaskLeavesWhatItDoesNotName) {
  std::vector<v1::Agent> whole = some_agents(1);
  whole[0].set_display_name("Xenia");
  whole[0].set_team("north");
  {
    Life life(folder_.path(), ClockMode::kDriven);
    v1::TenantConfig config = config_of(life);
    config.add_skills("spanish");
    ASSERT_EQ(change(life, apply_change(config, config.etag())).outcome, Outcome::kDone);
    ASSERT_EQ(change(life, make_agents_change(whole, "")).outcome, Outcome::kDone);
    EXPECT_EQ(known_of_x0(life), "Xenia north sales=3");

    std::vector<v1::Agent> part = some_agents(1, "spanish");
    EXPECT_EQ(change(life, make_agents_change(part, "", mask_of({"skills.spanish"}))).outcome,
              Outcome::kDone);
    EXPECT_EQ(known_of_x0(life), "Xenia north sales=3 spanish=3");
    part[0].clear_skills();
    EXPECT_EQ(change(life, make_agents_change(part, "", mask_of({"skills.sales"}))).outcome,
              Outcome::kDone);
    EXPECT_EQ(known_of_x0(life), "Xenia north spanish=3");
    part[0].set_team("south");
    EXPECT_EQ(change(life, make_agents_change(part, "", mask_of({"team"}))).outcome,
              Outcome::kDone);
    part[0].clear_team();
    part[0].set_display_name("Xen");
    EXPECT_EQ(change(life, make_agents_change(part, "", mask_of({"display_name"}))).outcome,
              Outcome::kDone);
    EXPECT_EQ(known_of_x0(life), "Xen south spanish=3");
    EXPECT_EQ(change(life, make_agents_change(some_agents(1), "", mask_of({"skills"}))).outcome,
              Outcome::kDone);
    EXPECT_EQ(known_of_x0(life), "Xen south sales=3");
  }
  Life life(folder_.path(), ClockMode::kDriven);
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(known_of_x0(life), "Xen south sales=3");
  EXPECT_EQ(change(life, make_agents_change(some_agents(1), "")).outcome, Outcome::kDone);
  EXPECT_EQ(known_of_x0(life), "x0  sales=3");
}

TEST_F(PartitionTablesTest, SomebodyNewBeginsWithWhatAMaskNames) {
  Life life(folder_.path(), ClockMode::kDriven);
  std::vector<v1::Agent> fresh = some_agents(1);
  EXPECT_EQ(change(life, make_agents_change(fresh, "", mask_of({"skills", "team"}))).outcome,
            Outcome::kDone);
  EXPECT_EQ(known_of_x0(life), "x0  sales=3");
}

TEST_F(PartitionTablesTest, AMaskNamesDeclaredSkills) {
  Life life(folder_.path(), ClockMode::kDriven);
  std::vector<v1::Agent> agents = some_agents(1);
  agents[0].clear_skills();
  const TableAnswer refused =
      change(life, make_agents_change(agents, "", mask_of({"team", "skills.latin"})));
  EXPECT_EQ(refused.outcome, Outcome::kInvalid);
  ASSERT_EQ(refused.violations.size(), 1u);
  EXPECT_EQ(refused.violations[0].field, "update_mask.paths[1]");
  EXPECT_THAT(refused.violations[0].description, HasSubstr("latin"));
  EXPECT_EQ(known_of_x0(life), "");
}

TEST_F(PartitionTablesTest, ARepeatHasTheSameMask) {
  Life life(folder_.path(), ClockMode::kDriven);
  const std::vector<v1::Agent> agents = some_agents(1);
  const auto with = [&](const std::vector<std::string>& paths) {
    return change(life, make_agents_change(agents, kRequestId, mask_of(paths)));
  };
  EXPECT_EQ(with({"skills"}).outcome, Outcome::kDone);
  EXPECT_TRUE(with({"skills"}).is_repeat);
  EXPECT_EQ(with({}).outcome, Outcome::kRequestIdUsed);
  EXPECT_EQ(with({"skills", "team"}).outcome, Outcome::kRequestIdUsed);
}

}  // namespace
}  // namespace acd
