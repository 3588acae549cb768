// SPDX-License-Identifier: Apache-2.0
// Outcomes of calls, by switches and by requests: journal, Router, board, answers, and the same by
// replay.
#include <string>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using Done = TableAnswer::Outcome;

constexpr char kCodedCentre[] = R"(
tenants:
  - id: bank
    wrap_up_codes: [sold, junk, other]
    labels: [vip]
    queues: [{id: sales, wrap_up_codes: [sold, junk]}]
    agents: [{id: ada}]
)";
constexpr char kUuid[] = "123e4567-e89b-42d3-a456-426614174000";

struct CodedLife : Life {
  explicit CodedLife(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kCodedCentre) {}
};

class PartitionOutcomesTest : public ::testing::Test {
 protected:
  // What is empty, or less than 0, is not said.
  static std::unique_ptr<TableChange> told(const std::string& call, const std::string& code,
                                           int32_t survey = -1, const std::string& labels = "",
                                           const std::string& request_id = "") {
    std::string arena;
    const auto text = [&](const std::string& value) {
      const TextRef ref{static_cast<uint32_t>(arena.size()), static_cast<uint32_t>(value.size())};
      arena += value;
      return ref;
    };
    Command command;
    command.kind = CommandKind::kSetOutcome;
    command.call = text(call);
    if (!code.empty()) command.detail |= kSaysCode;
    if (survey >= 0) command.detail |= kSaysSurvey;
    if (!labels.empty()) command.detail |= kSaysLabels;
    command.name = text(code);
    command.preferred = text(labels);
    command.number = std::max(survey, 0);
    return make_call_change(command, arena, request_id);
  }
  std::vector<Delivery> turn(Life& life, BatchBuilder& builder) {
    return run_turn(*life.partition, builder);
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // c1 was answered by ada and is over.
  void play_one(Life& life) {
    turn(life, batch().open("pbx", "epoch").at(0));
    turn(life, batch()
                   .agent(CommandKind::kLogIn, 1, "ada", "100")
                   .agent(CommandKind::kSetReady, 2, "ada")
                   .enqueue(3, "c1", "sales"));
    turn(life, batch().leg(CommandKind::kCallConnected, 4, "c1", 1).end(5, "c1"));
  }
  static CodeCounts codes(Life& life) {
    return life.read<CodeCounts>([](const Board& board) { return board.total_codes(); });
  }
  static int64_t survey_sum(Life& life) {
    return life.read<int64_t>([](const Board& board) { return board.total().outcomes.survey_sum; });
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(PartitionOutcomesTest, AreTheSameAfterARestart) {
  uint64_t state_hash = 0;
  {
    CodedLife life(folder_.path());
    play_one(life);
    EXPECT_EQ(life.ask(told("c1", "sold", 7, "vip")).outcome, Done::kDone);
    EXPECT_EQ(life.ask(told("c1", "junk")).outcome, Done::kDone);
    state_hash = life.partition->state_hash();
  }
  CodedLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.recovered_hash, state_hash);
  EXPECT_THAT(codes(life), ElementsAre(Pair("junk", 1)));
  EXPECT_EQ(survey_sum(life), 7);
  EXPECT_EQ(life.read<int64_t>(
                [](const Board& board) { return board.find_agent("ada")->outcomes.surveys; }),
            1);
}

TEST_F(PartitionOutcomesTest, ComeWithTheSnapshot) {
  uint64_t state_hash = 0;
  {
    CodedLife life(folder_.path());
    play_one(life);
    EXPECT_EQ(life.ask(told("c1", "sold", 7)).outcome, Done::kDone);
    state_hash = life.partition->state_hash();
  }
  ASSERT_TRUE(write_checkpoint({folder_.path(), "main", "test"}).ok());
  CodedLife life(folder_.path());
  ASSERT_TRUE(life.recovered.ok()) << life.recovered;
  EXPECT_EQ(life.partition->replayed_records(), 0u);
  EXPECT_EQ(life.recovered_hash, state_hash);
  EXPECT_EQ(life.ask(told("c1", "junk", 9)).outcome, Done::kDone);
  EXPECT_THAT(codes(life), ElementsAre(Pair("junk", 1)));
  EXPECT_EQ(survey_sum(life), 9);
}

TEST_F(PartitionOutcomesTest, ARepeatOfARequestIsAnsweredAndDoesNothing) {
  {
    CodedLife life(folder_.path());
    play_one(life);
    EXPECT_EQ(life.ask(told("c1", "sold", 7, "", kUuid)).outcome, Done::kDone);
    EXPECT_EQ(life.ask(told("c1", "", 3)).outcome, Done::kDone);
    const TableAnswer repeat = life.ask(told("c1", "sold", 7, "", kUuid));
    EXPECT_EQ(repeat.outcome, Done::kDone);
    EXPECT_TRUE(repeat.is_repeat);
    EXPECT_EQ(survey_sum(life), 3);
  }
  CodedLife life(folder_.path());
  EXPECT_TRUE(life.ask(told("c1", "sold", 7, "", kUuid)).is_repeat);
  EXPECT_EQ(survey_sum(life), 3);
  EXPECT_EQ(life.ask(told("c1", "sold", 8, "", kUuid)).outcome, Done::kRequestIdUsed);
}

TEST_F(PartitionOutcomesTest, ARefusalNamesTheWordAndIsNotKept) {
  CodedLife life(folder_.path());
  play_one(life);
  const auto refused = [&](std::unique_ptr<TableChange> one) {
    const TableAnswer answer = life.ask(std::move(one));
    EXPECT_EQ(answer.outcome, Done::kRefused);
    return answer;
  };
  TableAnswer answer = refused(told("c1", "bought", -1, "", kUuid));
  EXPECT_EQ(answer.reject, Reject::kCodeUnknown);
  EXPECT_THAT(answer.refusal, HasSubstr("\"bought\""));
  answer = refused(told("c1", "other"));
  EXPECT_EQ(answer.reject, Reject::kCodeNotAllowed);
  EXPECT_THAT(answer.refusal, HasSubstr("\"other\""));
  answer = refused(told("c1", "", -1, "vip,nobody"));
  EXPECT_EQ(answer.reject, Reject::kLabelUnknown);
  EXPECT_THAT(answer.refusal, HasSubstr("\"nobody\""));
  EXPECT_EQ(refused(told("c2", "sold")).reject, Reject::kCallUnknown);
  // The request was not done, so its id may come again.
  EXPECT_EQ(life.ask(told("c1", "sold", -1, "", kUuid)).outcome, Done::kDone);
  EXPECT_THAT(codes(life), ElementsAre(Pair("sold", 1)));
}

TEST_F(PartitionOutcomesTest, ASwitchIsToldWhichCodeItsEventIsRefusedFor) {
  CodedLife life(folder_.path());
  play_one(life);
  const auto told = turn(life, batch().outcome(6, "c1", "bought").outcome(7, "c1", "sold"));
  ASSERT_EQ(told[0].refused.size(), 1u);
  EXPECT_EQ(told[0].refused[0].sequence, 6);
  EXPECT_EQ(told[0].refused[0].reject, Reject::kCodeUnknown);
  EXPECT_THAT(told[0].refused[0].message, HasSubstr("\"bought\""));
  EXPECT_EQ(told[0].through_sequence, 7);
  EXPECT_THAT(told[0].commands, IsEmpty());
  EXPECT_THAT(codes(life), ElementsAre(Pair("sold", 1)));
}

}  // namespace
}  // namespace acd
