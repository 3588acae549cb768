// SPDX-License-Identifier: Apache-2.0
// What the record of an assignment says.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "routing/decision.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

class RouterDecisionTest : public RouterFixture {
 protected:
  // "urgent": ada alone, in her second rank. "usual": both, in the first.
  static TenantConfig ranked_config() {
    TenantConfig config = sample_config();
    QueueConfig& urgent = config.queues[0];
    urgent.id = "urgent";
    urgent.priority = 5;
    urgent.members_all = false;
    urgent.members = {{MemberConfig::Kind::kAgent, "ada", 2}};
    QueueConfig& usual = config.queues[1];
    usual.id = "usual";
    usual.requirement = "sales >= 1";
    usual.members_all = false;
    usual.members = {{MemberConfig::Kind::kAgent, "bob"}, {MemberConfig::Kind::kAgent, "ada"}};
    return config;
  }
  RouterDecisionTest() : RouterFixture(ranked_config()) {}

  void have_skills(int level) {
    std::vector<AgentProfile> profiles = {{"ada", "", {}, ""}, {"bob", "", {}, ""}};
    if (level > 0) {
      for (AgentProfile& one : profiles) one.skills = {{"sales", level}};
    }
    ASSERT_EQ(router_.upsert_agents(profiles, now_ns_), Reject::kNone);
  }
  // The record of that call's assignment among the events that were not taken yet.
  std::optional<Decision> record_of(std::string_view call) {
    EventLog log;
    router_.take_events(&log);
    for (const Event& event : log.events) {
      if (event.kind != EventKind::kCallDecided) continue;
      if (router_.call(event.call).id.view() != call) continue;
      return decode_decision(event.text.in(log.arena));
    }
    return std::nullopt;
  }
};

TEST_F(RouterDecisionTest, SaysThatTheAgentChoseTheCallWhereAnotherCallPickedTheAgent) {
  have_skills(0);
  bring("bob");
  pass(kSecond);
  bring("ada");
  ASSERT_EQ(enqueue("c1", "urgent"), Reject::kNone);
  ASSERT_EQ(enqueue("c2", "usual"), Reject::kNone);
  have_skills(5);
  // c1 picks ada, and she serves c2 first, for which bob is idle longer.
  const std::optional<Decision> record = record_of("c2");
  ASSERT_TRUE(record.has_value());
  ASSERT_EQ(record->candidate_count, 2);
  EXPECT_EQ(router_.agent(record->candidates[0].agent).id.view(), "ada");
  EXPECT_EQ(router_.agent(record->candidates[1].agent).id.view(), "bob");
  EXPECT_EQ(record->tie_break, TieBreak::kAgentsChoice);
}

TEST_F(RouterDecisionTest, NamesTheIdleTimeWhereTheCallItselfPickedTheAgent) {
  bring("bob");
  pass(kSecond);
  bring("ada");
  Command command = of_call(CommandKind::kEnqueueCall, "c1");
  command.name = text("usual");
  ASSERT_EQ(send(command), Reject::kNone);
  const std::optional<Decision> record = record_of("c1");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(router_.agent(record->candidates[0].agent).id.view(), "bob");
  EXPECT_EQ(record->tie_break, TieBreak::kIdle);
}

class RouterShareDecisionTest : public RouterFixture {
 protected:
  // Cy, idle longest, has no share.
  static TenantConfig shared_config() {
    TenantConfig config = sample_config();
    QueueConfig& vip = config.queues[2];
    vip.strategy = Strategy::kPercentAllocation;
    vip.members = {{MemberConfig::Kind::kAgent, "ada", 1, 1, 75},
                   {MemberConfig::Kind::kAgent, "bob", 1, 1, 25},
                   {MemberConfig::Kind::kAgent, "cy"}};
    return config;
  }
  RouterShareDecisionTest() : RouterFixture(shared_config()) {}
};

TEST_F(RouterShareDecisionTest, ListsMembersWithAShareBeforeThoseWithout) {
  for (const char* agent : {"cy", "bob", "ada"}) {
    bring(agent);
    pass(kSecond);
  }
  Command call = of_call(CommandKind::kEnqueueCall, "c1");
  call.name = text("vip");
  ASSERT_EQ(send(call), Reject::kNone);  // Leaves the events there.
  EventLog log;
  router_.take_events(&log);
  const auto decided = std::find_if(log.events.begin(), log.events.end(), [](const Event& event) {
    return event.kind == EventKind::kCallDecided;
  });
  ASSERT_NE(decided, log.events.end());
  const std::optional<Decision> record = decode_decision(decided->text.in(log.arena));
  ASSERT_TRUE(record.has_value());
  std::vector<std::string_view> listed;
  for (size_t i = 0; i < record->candidate_count; ++i) {
    listed.push_back(router_.agent(record->candidates[i].agent).id.view());
  }
  EXPECT_THAT(listed, ::testing::ElementsAre("bob", "ada", "cy"));
  EXPECT_EQ(record->tie_break, TieBreak::kIdle);  // Neither had any yet.
}

}  // namespace
}  // namespace acd
