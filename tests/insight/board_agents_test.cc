// SPDX-License-Identifier: Apache-2.0
// Agents and switches on the board.
#include <gtest/gtest.h>

#include <list>

#include "routing/insight/saved_board.h"
#include "tests/insight/event_feed.h"

namespace acd {
namespace {

using Skills = std::vector<std::pair<std::string, int>>;

TEST(BoardAgentsTest, ShowsUpsertedAgentLoggedOut) {
  EventFeed feed;
  feed.at_s(3);
  feed.upsert(0, "ada", "Ada L.", "ne=3,ps=10");
  const AgentView* const agent = feed.board.find_agent("ada");
  ASSERT_NE(agent, nullptr);
  EXPECT_EQ(agent->display_name, "Ada L.");
  EXPECT_EQ(agent->skills, (Skills{{"ne", 3}, {"ps", 10}}));
  EXPECT_EQ(agent->state, AgentState::kLoggedOut);
  EXPECT_EQ(agent->state_since_ns, 3 * kNsPerS);
  EXPECT_TRUE(agent->station.empty());
  EXPECT_EQ(feed.board.find_agent("bob"), nullptr);
}

TEST(BoardAgentsTest, UpsertReplacesNameAndSkillsOnly) {
  EventFeed feed;
  feed.upsert(0, "ada", "Ada L.", "ne=3");
  feed.log_in(0, "phone-1");
  feed.upsert(0, "ada", "", "");
  const AgentView& agent = feed.board.agent(agent_index(0));
  EXPECT_EQ(agent.display_name, "Ada L.");  // Not said: it stays.
  feed.upsert(0, "ada", "ada", "");
  EXPECT_EQ(agent.display_name, "ada");
  EXPECT_TRUE(agent.skills.empty());
  EXPECT_EQ(agent.station, "phone-1");
  EXPECT_EQ(agent.state, AgentState::kNotReady);
  EXPECT_EQ(feed.board.agents_by_id().size(), 1u);
}

TEST(BoardAgentsTest, LogsInNotReadyAndOut) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.at_s(10);
  feed.log_in(0, "phone-1");
  const AgentView& agent = feed.board.agent(agent_index(0));
  EXPECT_EQ(agent.state, AgentState::kNotReady);
  EXPECT_EQ(agent.reason, kReasonLoggedIn);
  EXPECT_EQ(agent.state_since_ns, 10 * kNsPerS);
  EXPECT_EQ(agent.station, "phone-1");
  EXPECT_EQ(agent.source, SourceIndex(0u));
  feed.at_s(20);
  feed.log_out(0);
  EXPECT_EQ(agent.state, AgentState::kLoggedOut);
  EXPECT_EQ(agent.reason, kReasonNone);
  EXPECT_TRUE(agent.station.empty());
  EXPECT_FALSE(agent.source.valid());
}

TEST(BoardAgentsTest, KnowsWhoseDesktopIsAway) {
  EventFeed feed;
  feed.upsert(0, "ada");
  const AgentView& agent = feed.board.agent(agent_index(0));
  EXPECT_FALSE(feed.board.is_desktop_away(agent));
  const auto tell = [&](EventKind kind, AgentIndex who) {
    Event event;
    event.kind = kind;
    event.agent = who;
    event.source = SourceIndex(20'000u);
    event.text = feed.log.add_text("gateway");
    feed.add(event);
  };
  tell(EventKind::kDesktopConnected, {});
  tell(EventKind::kAgentAttached, agent_index(0));
  EXPECT_EQ(feed.board.source_id(agent.desktop), "gateway");
  EXPECT_FALSE(feed.board.is_desktop_away(agent));
  tell(EventKind::kDesktopDisconnected, {});
  EXPECT_TRUE(feed.board.is_desktop_away(agent));
  tell(EventKind::kAgentDetached, agent_index(0));
  EXPECT_FALSE(agent.desktop.valid());
  EXPECT_FALSE(feed.board.is_desktop_away(agent));
}

TEST(BoardAgentsTest, ShowsStateAndReason) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.log_in(0, "phone-1");
  feed.at_s(5);
  feed.change_state(0, AgentState::kReady);
  EXPECT_EQ(feed.board.agent(agent_index(0)).state, AgentState::kReady);
  EXPECT_EQ(feed.board.agent(agent_index(0)).reason, 0);
  feed.at_s(6);
  feed.change_state(0, AgentState::kNotReady, 42);
  feed.at_s(9);
  feed.change_state(0, AgentState::kNotReady, 43);
  EXPECT_EQ(feed.board.agent(agent_index(0)).reason, 43);
  EXPECT_EQ(feed.board.agent(agent_index(0)).state_since_ns, 9 * kNsPerS);
}

TEST(BoardAgentsTest, KeepsTimeInStateWhenNothingDisplayedChanges) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.at_s(5);
  feed.log_in(0, "phone-1");
  feed.change_state(0, AgentState::kNotReady, kReasonLoggedIn);
  feed.change_state(0, AgentState::kOnCall);
  feed.at_s(9);
  feed.change_state(0, AgentState::kOnCall);
  EXPECT_EQ(feed.board.agent(agent_index(0)).state_since_ns, 5 * kNsPerS);
  EXPECT_EQ(feed.board.agent(agent_index(0)).busy_sum_ns, 0);
  feed.at_s(12);
  feed.change_state(0, AgentState::kReady);
  EXPECT_EQ(feed.board.agent(agent_index(0)).busy_sum_ns, 7 * kNsPerS);
}

TEST(BoardAgentsTest, SumsBusyAndIdleTime) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.at_s(100);
  feed.log_in(0, "phone-1");
  // Each state lasts a second longer than the one before.
  const AgentState states[] = {
      AgentState::kReady,      AgentState::kReserved,  AgentState::kRinging,
      AgentState::kConnecting, AgentState::kOnCall,    AgentState::kOnHold,
      AgentState::kWrapUp,     AgentState::kBusyOther, AgentState::kNotReady};
  int64_t second = 1'000;
  int64_t length = 0;
  for (const AgentState state : states) {
    feed.at_s(second);
    feed.change_state(0, state);
    second += ++length;
  }
  feed.at_s(second);
  feed.log_out(0);
  feed.at_s(second + 500);
  feed.log_in(0, "phone-1");
  const AgentView& agent = feed.board.agent(agent_index(0));
  EXPECT_EQ(agent.idle_sum_ns, 1 * kNsPerS);
  EXPECT_EQ(agent.busy_sum_ns, (2 + 3 + 4 + 5 + 6 + 7 + 8) * kNsPerS);
}

TEST(BoardAgentsTest, ComputesOccupancyUpToNow) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.log_in(0, "phone-1");
  const AgentView& agent = feed.board.agent(agent_index(0));
  EXPECT_FALSE(occupancy_percent(agent, 50 * kNsPerS).has_value());
  feed.at_s(100);
  feed.change_state(0, AgentState::kReady);
  EXPECT_EQ(occupancy_percent(agent, 110 * kNsPerS), 0.0);
  feed.at_s(110);
  feed.change_state(0, AgentState::kOnCall);
  EXPECT_EQ(occupancy_percent(agent, 140 * kNsPerS), 75.0);
  feed.at_s(140);
  feed.change_state(0, AgentState::kNotReady);
  EXPECT_EQ(occupancy_percent(agent, 900 * kNsPerS), 75.0);
}

TEST(BoardAgentsTest, CountsAgentsByState) {
  EventFeed feed;
  const char* const ids[] = {"ada", "bob", "cy"};
  for (uint32_t i = 0; i < 3; ++i) feed.upsert(i, ids[i]);
  feed.log_in(0, "phone-1");
  feed.log_in(1, "phone-2");
  feed.change_state(1, AgentState::kReady);
  const std::map<AgentState, int64_t> counts = feed.board.agents_by_state();
  EXPECT_EQ(counts.size(), 10u);
  EXPECT_EQ(counts.at(AgentState::kLoggedOut), 1);
  EXPECT_EQ(counts.at(AgentState::kNotReady), 1);
  EXPECT_EQ(counts.at(AgentState::kReady), 1);
  EXPECT_EQ(counts.at(AgentState::kOnCall), 0);
}

TEST(BoardAgentsTest, ListsAgentsById) {
  EventFeed feed;
  feed.upsert(0, "zoe");
  feed.upsert(1, "ada");
  const auto& agents = feed.board.agents_by_id();
  ASSERT_EQ(agents.size(), 2u);
  EXPECT_EQ(agents.begin()->first, "ada");
  EXPECT_EQ(agents.begin()->second, agent_index(1));
}

TEST(BoardAgentsTest, HasTheAgentsOfATeamByWhenTheyChangedLast) {
  EventFeed feed;
  const auto put_in_team = [&feed](uint32_t agent, const std::string& team) {
    UpsertedAgent told;
    told.team = team;
    feed.upsert(agent, "a" + std::to_string(agent), "", encode_upserted(told));
  };
  for (uint32_t i = 0; i < 3; ++i) put_in_team(i, "red");
  feed.log_in(1, "101");
  const Board& board = feed.board;
  using Agents = std::list<AgentIndex>;
  EXPECT_EQ(board.teams().at("red").agents,
            (Agents{agent_index(1), agent_index(2), agent_index(0)}));
  EXPECT_EQ(board.agent_changed(agent_index(1)), board.sequence());
  EXPECT_EQ(board.team_left("red"), 0);
  // What is about others changes nothing.
  const int64_t changed = board.agent_changed(agent_index(2));
  feed.enqueue(1);
  EXPECT_EQ(board.agent_changed(agent_index(2)), changed);
  put_in_team(2, "blue");
  EXPECT_EQ(board.teams().at("red").agents, (Agents{agent_index(1), agent_index(0)}));
  EXPECT_EQ(board.teams().at("blue").agents, (Agents{agent_index(2)}));
  EXPECT_EQ(board.team_left("red"), board.sequence());
  put_in_team(2, "red");
  EXPECT_FALSE(board.teams().contains("blue"));
  EXPECT_EQ(board.team_left("blue"), board.sequence());
  // A board that goes on from what was saved has them too.
  Board restored;
  restored.restore(board.save());
  EXPECT_EQ(restored.teams().at("red").agents.size(), 3u);
  EXPECT_EQ(restored.agent_changed(agent_index(0)), board.sequence());
}

TEST(BoardAgentsTest, CountsPausedMembersOfEachQueue) {
  EventFeed feed;
  feed.upsert(0, "ada");
  feed.upsert(1, "bob");
  const auto paused = [&](uint32_t queue) {
    return feed.board.queue(queue_index(queue)).members_paused.size();
  };
  feed.change_member(EventKind::kMemberAdded, 0, 1);
  feed.change_member(EventKind::kMemberPaused, 0, 0);
  feed.change_member(EventKind::kMemberPaused, 0, 1);
  feed.change_member(EventKind::kMemberPaused, 1, 0);
  feed.change_member(EventKind::kMemberPaused, 1, 0);  // With another reason.
  EXPECT_EQ(paused(0), 2u);
  EXPECT_EQ(paused(1), 1u);
  feed.change_member(EventKind::kMemberUnpaused, 0, 0);
  EXPECT_EQ(paused(0), 1u);
  feed.change_member(EventKind::kMemberRemoved, 0, 1);
  EXPECT_EQ(paused(1), 0u);
}

TEST(BoardAgentsTest, KnowsSwitchesByName) {
  EventFeed feed;
  for (const uint32_t source : {0u, 1u}) {
    Event event;
    event.kind = EventKind::kSwitchConnected;
    event.source = SourceIndex(source);
    event.text = feed.log.add_text(source == 0 ? "pbx-a" : "pbx-b");
    feed.add(event);
  }
  EXPECT_EQ(feed.board.source_id(SourceIndex(0u)), "pbx-a");
  EXPECT_EQ(feed.board.source_id(SourceIndex(1u)), "pbx-b");
}

TEST(BoardAgentsDeathTest, RefusesSkillsThatCannotBe) {
  EventFeed feed;
  for (const char* const skills : {"ps", "ps=", "ps=x", "ps=5x", "ps=5,,ne=3"}) {
    EXPECT_DEATH(feed.upsert(0, "ada", "", skills), "CHECK failed") << skills;
  }
}

}  // namespace
}  // namespace acd
