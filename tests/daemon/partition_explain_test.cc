// SPDX-License-Identifier: Apache-2.0
// Questions why: answered in the turn, without a record, and with nothing changed.
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/partition_fixture.h"

namespace acd {
namespace {

using Answer = Explanation::Outcome;
using About = Question::About;

// As tests/golden/why_waiting.scenario.
constexpr char kWhyCentre[] = R"(
tenants:
  - id: bank
    skills: [spanish]
    queues:
      - {id: spain, requirement: spanish >= 5, members: [ada, bob, cy, dan]}
    agents:
      - {id: ada, skills: {spanish: 5}}
      - {id: bob, skills: {spanish: 3}}
      - {id: cy, skills: {spanish: 7}}
      - {id: dan, skills: {spanish: 9}}
      - {id: eve, skills: {spanish: 9}}
)";

class PartitionExplainTest : public ::testing::Test {
 protected:
  static Explanation ask(Life& life, About about, const std::string& id) {
    std::promise<Explanation> told;
    std::vector<std::unique_ptr<Batch>> batches;
    batches.push_back(std::make_unique<Batch>());
    batches[0]->tenant = TenantIndex(0u);
    batches[0]->question = std::make_unique<Question>();
    batches[0]->question->about = about;
    batches[0]->question->id = id;
    batches[0]->question->reply = [&told](const Explanation& answer) { told.set_value(answer); };
    life.partition->turn(batches);
    return told.get_future().get();
  }
  // "not_member 1, not_ready 2"
  static std::string words(const std::array<uint32_t, kBlockerCount>& counts) {
    std::string text;
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      text += (text.empty() ? "" : ", ") + std::string(blocker_name(static_cast<Blocker>(i))) +
              " " + std::to_string(counts[i]);
    }
    return text;
  }
  BatchBuilder batch() { return BatchBuilder(stream_); }
  // Ada talks to c1, and c2 waits.
  void play(Life& life) {
    BatchBuilder open = batch();
    run_turn(*life.partition, open.open("pbx", "epoch").at(0));
    BatchBuilder all = batch();
    run_turn(*life.partition, all.agent(CommandKind::kLogIn, 1, "ada", "101")
                                  .agent(CommandKind::kSetReady, 2, "ada")
                                  .agent(CommandKind::kLogIn, 3, "bob", "102")
                                  .agent(CommandKind::kSetReady, 4, "bob")
                                  .agent(CommandKind::kLogIn, 5, "eve", "105")
                                  .agent(CommandKind::kSetReady, 6, "eve")
                                  .agent(CommandKind::kLogIn, 7, "cy", "103")
                                  .enqueue(8, "c1", "spain")
                                  .leg(CommandKind::kCallConnected, 9, "c1", 1)
                                  .enqueue(10, "c2", "spain")
                                  .at(kNsPerS));
  }

  TempFolder folder_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

struct WhyCentre : Life {
  explicit WhyCentre(const std::string& folder)
      : Life(folder, ClockMode::kDriven, {}, size_t{4} << 20, kWhyCentre) {}
};

TEST_F(PartitionExplainTest, SaysWhyACallWaitsAndAnAgentIsIdle) {
  WhyCentre life(folder_.path());
  play(life);
  const Explanation waits = ask(life, About::kCall, "c2");
  EXPECT_EQ(waits.outcome, Answer::kDone);
  EXPECT_EQ(waits.queue, "spain");
  EXPECT_EQ(waits.now_ns, kNsPerS);
  EXPECT_EQ(words(waits.wait.agents), "not_member 1, not_ready 2, capacity 1, skill_level 1");
  EXPECT_FALSE(waits.wait.is_switch_away);
  EXPECT_EQ(ask(life, About::kAgent, "ada").idle.own, Blocker::kCapacity);
  EXPECT_EQ(ask(life, About::kAgent, "dan").idle.own, Blocker::kNotReady);
  const Explanation bob = ask(life, About::kAgent, "bob");
  EXPECT_EQ(bob.idle.own, Blocker::kNone);
  EXPECT_EQ(words(bob.idle.calls), "skill_level 1");
  EXPECT_EQ(words(ask(life, About::kAgent, "eve").idle.calls), "not_member 1");
}

TEST_F(PartitionExplainTest, SaysWhatThereIsNothingToSayOf) {
  WhyCentre life(folder_.path());
  play(life);
  EXPECT_EQ(ask(life, About::kCall, "c1").outcome, Answer::kNotWaiting);
  EXPECT_EQ(ask(life, About::kCall, "c3").outcome, Answer::kUnknown);
  EXPECT_EQ(ask(life, About::kAgent, "fay").outcome, Answer::kUnknown);
}

TEST_F(PartitionExplainTest, LeavesNoTrace) {
  WhyCentre life(folder_.path());
  play(life);
  const uint64_t hash = life.partition->state_hash();
  const uint64_t position = life.journal->position();
  for (int i = 0; i < 10; ++i) {
    ask(life, About::kCall, "c2");
    ask(life, About::kAgent, "bob");
    ask(life, About::kAgent, "nobody");
  }
  EXPECT_EQ(life.partition->state_hash(), hash);
  EXPECT_EQ(life.journal->position(), position);
}

}  // namespace
}  // namespace acd
