// SPDX-License-Identifier: Apache-2.0
// Calls that few kinds of agents can serve are listed by these, those that many can stand in columns
// of bits: nobody notices which, nor that one becomes the other.
#include <string>
#include <vector>

#include "routing/skill_sets.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

class RouterColumnsTest : public RouterFixture {
 protected:
  static constexpr int kKinds = 200;

  RouterColumnsTest() : RouterFixture(config_with_marks()) {
    for (int i = 0; i < kKinds; i += 100) {
      std::vector<AgentProfile> some;
      for (int k = i; k < i + 100; ++k) some.push_back(profile(k, {}));
      EXPECT_EQ(router_.upsert_agents(some, now_ns_), Reject::kNone);
    }
    for (int k = 0; k < kKinds; ++k) {
      Command command = of_agent(CommandKind::kLogIn, name(k));
      command.text = text(name(k));
      EXPECT_EQ(send(command), Reject::kNone);
    }
    collect();
  }

  static TenantConfig config_with_marks() {
    TenantConfig config = sample_config();
    config.skills.emplace_back("a");
    config.skills.emplace_back("b");
    for (int i = 0; i < kKinds / 10; ++i) config.skills.push_back("m" + std::to_string(i));
    return config;
  }
  static std::string name(int kind) { return "k" + std::to_string(kind); }
  // A kind of their own, with these skills beside it.
  static AgentProfile profile(int kind, const std::vector<std::string>& skills) {
    AgentProfile one{name(kind), "", {}, ""};
    for (const std::string& skill : skills) one.skills.emplace_back(skill, 5);
    one.skills.emplace_back("m" + std::to_string(kind / 10), 1 + kind % 10);
    return one;
  }
  void teach(int kind, const std::vector<std::string>& skills) {
    lines_.clear();
    ASSERT_EQ(router_.upsert_agents({profile(kind, skills)}, now_ns_), Reject::kNone);
    collect();
  }
  // Whom a call of those needs gets when these are free, the longest idle first.
  void expect_offer(int kind) {
    EXPECT_THAT(lines_, ::testing::Contains("offer.created c1 " + name(kind)));
  }
};

TEST_F(RouterColumnsTest, ACallThatFewCouldServeIsFoundByThoseWhoLearnTo) {
  teach(0, {"a"});
  ASSERT_EQ(enqueue("c1", "sales", "REPLACE a >= 1"), Reject::kNone);
  for (int k = 1; k < 10; ++k) teach(k, {"a"});  // The fourth makes it more than one of 64.
  ASSERT_EQ(ready(name(20)), Reject::kNone);
  EXPECT_THAT(lines_, ::testing::Not(::testing::Contains(::testing::StartsWith("offer"))));
  ASSERT_EQ(ready(name(9)), Reject::kNone);
  expect_offer(9);
}

TEST_F(RouterColumnsTest, ACallThatFewCouldServeIsFoundByTheFirstOfThem) {
  teach(0, {"a"});
  ASSERT_EQ(enqueue("c1", "sales", "REPLACE a >= 1"), Reject::kNone);
  for (int k = 1; k < 10; ++k) teach(k, {"a"});
  ASSERT_EQ(ready(name(0)), Reject::kNone);
  expect_offer(0);
}

TEST_F(RouterColumnsTest, WhoServedACallWhenFewCouldCountsOnceWhenManyCan) {
  teach(0, {"a"});
  ASSERT_EQ(enqueue("c1", "sales", "REPLACE a >= 1"), Reject::kNone);
  for (int k = 1; k < 10; ++k) teach(k, {"a"});
  for (int k = 0; k < 9; ++k) ASSERT_EQ(agent(CommandKind::kLogOut, name(k)), Reject::kNone);
  ASSERT_EQ(ready(name(9)), Reject::kNone);
  expect_offer(9);
  // Somebody else would be, if the one who logged out counted still.
  ASSERT_EQ(fail("c1", OfferOutcome::kRejected), Reject::kNone);
  EXPECT_THAT(lines_, ::testing::Contains("offer.created c1 " + name(9)));
}

TEST_F(RouterColumnsTest, CallsThatManyCanServeLeaveTheListsWithoutTheOthers) {
  teach(0, {"a", "b"});
  ASSERT_EQ(enqueue("c2", "sales", "REPLACE a >= 1"), Reject::kNone);
  pass(1);
  ASSERT_EQ(enqueue("c3", "service", "REPLACE a >= 1"), Reject::kNone);
  pass(1);
  ASSERT_EQ(enqueue("c1", "sales", "REPLACE b >= 1"), Reject::kNone);
  for (int k = 1; k < 10; ++k) teach(k, {"a"});
  for (int k = 1; k < 3; ++k) ASSERT_EQ(ready(name(k)), Reject::kNone);  // They take the first two.
  ASSERT_EQ(ready(name(0)), Reject::kNone);
  expect_offer(0);
}

TEST_F(RouterColumnsTest, AnAgentPicksTheFirstOfListedAndOfOtherCalls) {
  teach(0, {"a", "b"});
  for (int k = 1; k < 10; ++k) teach(k, {"b"});
  ASSERT_EQ(enqueue("c2", "sales", "REPLACE b >= 1"), Reject::kNone);
  pass(1);
  ASSERT_EQ(enqueue("c1", "service", "REPLACE a >= 1"), Reject::kNone);
  pass(1);
  ASSERT_EQ(enqueue("c3", "sales", "REPLACE b >= 1"), Reject::kNone);
  ASSERT_EQ(ready(name(1)), Reject::kNone);
  EXPECT_THAT(lines_, ::testing::Contains("offer.created c2 " + name(1)));
  ASSERT_EQ(ready(name(0)), Reject::kNone);
  expect_offer(0);
}

TEST_F(RouterColumnsTest, WhoForgetsASkillIsOfferedNoCallThatAsksForIt) {
  for (int k = 0; k < 10; ++k) teach(k, {"a"});
  ASSERT_EQ(enqueue("c1", "sales", "REPLACE a >= 1"), Reject::kNone);
  for (int k = 0; k < 9; ++k) teach(k, {});
  for (int k = 0; k < 9; ++k) {
    ASSERT_EQ(ready(name(k)), Reject::kNone);
    EXPECT_THAT(lines_, ::testing::Not(::testing::Contains(::testing::StartsWith("offer"))));
  }
  ASSERT_EQ(ready(name(9)), Reject::kNone);
  expect_offer(9);
}

// --- Sets of skills.

std::vector<SkillLevel> some_skills(uint32_t count, uint8_t level) {
  std::vector<SkillLevel> skills;
  for (uint32_t i = 0; i < count; ++i) skills.push_back({SkillIndex(i), level});
  return skills;
}

TEST(SkillSetsTest, EqualSetsAreOne) {
  SkillSets sets;
  const SkillSetIndex a = sets.use(some_skills(3, 5));
  EXPECT_EQ(sets.use(some_skills(3, 5)), a);
  EXPECT_NE(sets.use(some_skills(3, 6)), a);
  EXPECT_NE(sets.use(some_skills(2, 5)), a);
  EXPECT_EQ(sets.users(a), 2u);
  EXPECT_EQ(sets.at(a).size(), 3u);
  EXPECT_EQ(level_of(sets.at(a), SkillIndex(2u)), 5);
  EXPECT_EQ(level_of(sets.at(a), SkillIndex(3u)), 0);
  EXPECT_EQ(level_of(sets.at(a), SkillIndex()), 0);
}

TEST(SkillSetsTest, TheRoomOfASetThatNobodyUsesIsUsedAgain) {
  SkillSets sets;
  const SkillSetIndex a = sets.use(some_skills(4, 1));
  for (uint8_t level = 2; level <= kSkillLevelMax; ++level) {
    const SkillSetIndex large = sets.use(some_skills(kSkillsMax, level));
    const SkillSetIndex small = sets.use(some_skills(3, level));
    EXPECT_EQ(sets.size(), 3u);
    EXPECT_EQ(sets.at(large).size(), kSkillsMax);
    EXPECT_EQ(sets.at(large).back().level(), level);
    EXPECT_EQ(sets.at(small).back().level(), level);
    sets.release(large);
    sets.release(small);
  }
  EXPECT_EQ(sets.at(a).back().level(), 1);
}

TEST(SkillSetsTest, NoSkillsAreASetToo) {
  SkillSets sets;
  const SkillSetIndex nothing = sets.use({});
  EXPECT_TRUE(nothing.valid());
  EXPECT_EQ(sets.use({}), nothing);
  EXPECT_TRUE(sets.at(nothing).empty());
  EXPECT_TRUE(sets.at(SkillSetIndex()).empty());
}

}  // namespace
}  // namespace acd
