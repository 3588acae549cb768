// SPDX-License-Identifier: Apache-2.0
// The judge is judged: the order of calls, the strategies and protect by examples that can be
// checked by hand.
#include "routing/random_draw.h"
#include "tests/sim/oracle_fixture.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

using OracleMatchTest = OracleFixture;

TEST_F(OracleMatchTest, GivesCallToTheLongestIdleWhoHasTheSkills) {
  start();
  bring({"cy", "bob", "ada"});
  enqueue("c1", "service");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1", "offer.created c1 bob"));
}

TEST_F(OracleMatchTest, GivesFreedAgentTheFirstOfTheCallsTheyMayServe) {
  start();
  enqueue("young", "open");
  enqueue("urgent", "sales", [](Command& command) {
    command.flag = true;
    command.number = 5;
  });
  enqueue("foreign", "service");
  bring({"cy"});
  EXPECT_EQ(state_of("cy"), AgentState::kReserved);
  EXPECT_EQ(answer("urgent"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted urgent cy"));
}

TEST_F(OracleMatchTest, PrefersLowerRankOverOlderCallAndLowerRankOverLongerIdle) {
  start([](TenantConfig& config) {
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kTeam, "north", 2, 1, 0},
                                {MemberConfig::Kind::kAgent, "cy", 1, 1, 0}};
  });
  bring({"ada", "cy"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c1 cy"));
  enqueue("c2", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c2 ada"));
  enqueue("old", "sales");
  enqueue("young", "open");
  end("c2");  // ada serves "open" at rank 1.
  EXPECT_THAT(lines_, Contains("offer.created young ada"));
}

TEST_F(OracleMatchTest, RanksByPrefersBeforeStrategy) {
  start();
  bring({"ada", "cy"});
  enqueue("c1", "open", [&](Command& command) { command.text = text("PREFERS spanish * 2"); });
  EXPECT_THAT(lines_, Contains("offer.created c1 cy"));
}

TEST_F(OracleMatchTest, OrdersCallsByScore) {
  start([](TenantConfig& config) {
    config.call_order = CallOrder::kScore;
    config.queues[0].age_rate = 3'600;  // A point a second.
    config.queues[2].age_rate = 7'200;
  });
  enqueue("slow", "sales");
  pass(10 * kSecond);
  enqueue("fast", "open");
  pass(9 * kSecond);  // 19 points against 18.
  bring({"ada"});
  EXPECT_EQ(answer("slow"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted slow ada"));
  pass(2 * kSecond);
  enqueue("slow2", "sales", [](Command& command) { command.age_ns = 21 * kSecond; });
  agent(CommandKind::kLogIn, "bob", "phone-bob");
  ready("bob");  // 24 points against 21.
  EXPECT_THAT(lines_, ElementsAre("offer.created fast bob"));
}

TEST_F(OracleMatchTest, OrdersCallsByServiceObjective) {
  start([](TenantConfig& config) {
    config.call_order = CallOrder::kServiceObjective;
    config.queues[0].objective_ns = 60 * kSecond;
    config.queues[2].objective_ns = 20 * kSecond;
  });
  enqueue("patient", "sales");
  pass(10 * kSecond);
  enqueue("hasty", "open");
  pass(6 * kSecond);  // 16 of 60 against 6 of 20.
  bring({"ada"});
  EXPECT_EQ(answer("hasty"), Reject::kNone);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted hasty ada"));
}

TEST_F(OracleMatchTest, RingsRoundRobinInTheOrderOfAdding) {
  start([](TenantConfig& config) { config.queues[0].strategy = Strategy::kRoundRobin; });
  bring({"cy", "bob", "ada"});
  int number = 0;
  for (const char* expected : {"ada", "bob", "cy", "ada"}) {
    const std::string call = "c" + std::to_string(++number);
    enqueue(call, "sales");
    EXPECT_THAT(lines_, Contains("offer.created " + call + " " + expected));
    end(call);
  }
}

TEST_F(OracleMatchTest, CountsFewestCallsAndDoesNotFloodNewcomers) {
  start([](TenantConfig& config) { config.queues[0].strategy = Strategy::kFewestCalls; });
  bring({"ada"});
  serve("c1", "sales");
  pass(kSecond);
  serve("c2", "sales");
  bring({"bob"});  // Starts with ada's count when she was rung last: one call less than hers.
  enqueue("c3", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c3 bob"));
  connect("c3");
  end("c3");
  enqueue("c4", "sales");  // Level now, so that it is not all bob's.
  EXPECT_THAT(lines_, Contains("offer.created c4 ada"));
}

TEST_F(OracleMatchTest, PicksTheLeastOccupied) {
  start([](TenantConfig& config) { config.queues[0].strategy = Strategy::kLeastOccupied; });
  bring({"ada", "bob"});
  enqueue("c1", "service");
  connect("c1");
  pass(100 * kSecond);
  end("c1");  // ada: 100 s of work, 2 s idle.
  pass(50 * kSecond);
  enqueue("c2", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c2 bob"));
}

TEST_F(OracleMatchTest, DrawsTheSameForTheSameSeedAndByWeight) {
  start([](TenantConfig& config) {
    config.queues[0].strategy = Strategy::kWeightedRandom;
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kAgent, "ada", 1, 1, 0},
                                {MemberConfig::Kind::kAgent, "cy", 1, 99, 0}};
  });
  bring({"ada", "cy"});
  RandomDraw draw(1);
  int of_cy = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string call = "c" + std::to_string(i);
    enqueue(call, "sales");
    const std::string who = draw.below(100) < 1 ? "ada" : "cy";
    EXPECT_THAT(lines_, Contains("offer.created " + call + " " + who));
    if (who == "cy") ++of_cy;
    end(call);
  }
  EXPECT_GT(of_cy, 180);
}

TEST_F(OracleMatchTest, PicksBySkills) {
  start([](TenantConfig& config) {
    config.queues[0].strategy = Strategy::kLeastSkilled;  // cy: 8 levels, ada 10.
    config.queues[2].strategy = Strategy::kSkillWeight;
    config.queues[2].skill_weights = {{"service", 2}, {"spanish", -1}};
    config.queues[1].strategy = Strategy::kMostSkilled;
    config.queues[1].requirement = "sales AND (service OR spanish)";  // ada 10, cy 8.
  });
  bring({"ada", "cy"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, Contains("offer.created c1 cy"));
  end("c1");
  enqueue("c2", "open");
  EXPECT_THAT(lines_, Contains("offer.created c2 ada"));
  end("c2");
  enqueue("c3", "service");
  EXPECT_THAT(lines_, Contains("offer.created c3 ada"));
}

TEST_F(OracleMatchTest, SharesCallsByPercent) {
  start([](TenantConfig& config) {
    config.queues[0].strategy = Strategy::kPercentAllocation;
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kAgent, "ada", 1, 1, 25},
                                {MemberConfig::Kind::kAgent, "bob", 1, 1, 75},
                                {MemberConfig::Kind::kAgent, "cy", 1, 1, 0}};
  });
  bring({"ada", "bob", "cy"});
  int of_ada = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string call = "c" + std::to_string(i);
    enqueue(call, "sales");
    EXPECT_THAT(lines_, Not(Contains("offer.created " + call + " cy")));
    if (lines_.back() == "offer.created " + call + " ada") ++of_ada;
    connect(call);
    end(call);
  }
  EXPECT_EQ(of_ada, 10);
}

TEST_F(OracleMatchTest, FollowsTheOrderOfMembers) {
  start([](TenantConfig& config) {
    config.queues[0].strategy = Strategy::kOrdered;
    config.queues[0].members_all = false;
    config.queues[0].members = {{MemberConfig::Kind::kAgent, "cy", 1, 1, 0},
                                {MemberConfig::Kind::kTeam, "north", 1, 1, 0}};
  });
  bring({"bob", "ada", "cy"});
  for (const char* expected : {"cy", "ada", "bob"}) {
    const std::string call = std::string("for-") + expected;
    enqueue(call, "sales");
    EXPECT_THAT(lines_, Contains("offer.created " + call + " " + expected));
  }
}

TEST_F(OracleMatchTest, RingsAllAndRescindsTheLosers) {
  start([](TenantConfig& config) {
    config.queues[0].strategy = Strategy::kRingAll;
    config.queues[0].ring_max = 2;
  });
  bring({"cy", "ada", "bob"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_,
              ElementsAre("call.enqueued c1", "offer.created c1 cy", "offer.created c1 ada"));
  fail("c1", 1);
  EXPECT_THAT(lines_, ElementsAre("offer.rejected c1 cy"));  // The rest ring on.
  end("c1");
  EXPECT_THAT(lines_, ElementsAre("offer.canceled c1 ada", "call.abandoned c1"));
  enqueue("c2", "sales");  // ada, bob: cy's idle clock began anew.
  answer("c2", 2);
  EXPECT_THAT(lines_, ElementsAre("offer.accepted c2 bob", "offer.rescinded c2 ada"));
  EXPECT_EQ(state_of("ada"), AgentState::kReady);
}

TEST_F(OracleMatchTest, ProtectsScarceSkills) {
  start([](TenantConfig& config) { config.protects = {{"spanish", 1}}; });
  bring({"cy"});
  enqueue("c1", "sales");
  EXPECT_THAT(lines_, ElementsAre("call.enqueued c1"));
  enqueue("c2", "sales", [&](Command& command) { command.text = text("spanish"); });
  EXPECT_THAT(lines_, Contains("offer.created c2 cy"));
}

}  // namespace
}  // namespace acd
