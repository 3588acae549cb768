// SPDX-License-Identifier: Apache-2.0
// WallboardService: windows, predictions, groups and days, and every documented error.
#include <string>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

constexpr const char* kStatsService = "/acd.v1.WallboardService/";

// Calls 0 and 1 wait in "sales", call 2 in "slow"; ada of team "day" is on call 3, answered after 4 s.
class WallboardStatsTest : public EdgeTest {
 protected:
  void fill() {
    InsightFeed& feed = tenant_->feed;
    Event connected;
    connected.kind = EventKind::kSwitchConnected;
    connected.source = SourceIndex(0u);
    connected.text = feed.log.add_text("pbx-1");
    feed.add(connected);
    feed.upsert(0, "ada", "Ada L.", encode_upserted({"ps=5", "day", {}}));
    feed.upsert(1, "bob");
    feed.log_in(0, "sip/7");
    feed.change_state(0, AgentState::kReady);
    feed.at_s(10);
    feed.enqueue(3, 0);
    feed.at_s(14);
    feed.offer(3, 0);
    feed.accept(3, 0);
    feed.connect(3, 0);
    feed.change_state(0, AgentState::kOnCall);
    feed.priority = -1;
    feed.enqueue(0, 0);
    feed.enqueue(1, 0);
    feed.enqueue(2, 1);
    feed.at_s(20);
  }
  template <typename Response>
  grpc::Status ask(const std::string& method, const google::protobuf::Message& request,
                   Response* response) {
    return call(channel_, kStatsService + method, request, response);
  }
  // "CODE REASON fields".
  std::string refused(const std::string& method, const google::protobuf::Message& request) {
    std::string unused;
    const grpc::Status status =
        call_bytes(channel_, kStatsService + method, request.SerializeAsString(), &unused);
    return std::to_string(status.error_code()) + " " + reason_in(status) + " " + fields_in(status);
  }
};

TEST_F(WallboardStatsTest, WindowsAndPredictionsAreAnsweredWhereTheyAreAskedFor) {
  fill();
  start();
  v1::GetQueueStatsRequest one;
  one.set_name("tenants/bank/queues/sales");
  v1::QueueStats stats;
  ASSERT_TRUE(ask("GetQueueStats", one, &stats).ok());
  EXPECT_EQ(stats.windows_size(), 0);
  EXPECT_FALSE(stats.has_ewt());
  EXPECT_EQ(stats.abandon_percent(), 0);
  one.add_windows(v1::STATS_WINDOW_DAY);
  one.add_windows(v1::STATS_WINDOW_5_MIN);
  one.set_ewt(true);
  ASSERT_TRUE(ask("GetQueueStats", one, &stats).ok());
  ASSERT_EQ(stats.windows_size(), 2);
  const v1::WindowStats& window = stats.windows(0);
  EXPECT_EQ(window.window(), v1::STATS_WINDOW_5_MIN);
  EXPECT_EQ(stats.windows(1).window(), v1::STATS_WINDOW_DAY);
  EXPECT_TRUE(window.is_partial());
  EXPECT_TRUE(window.conserved());
  EXPECT_TRUE(window.percentiles_complete());
  EXPECT_EQ(window.visits().offered(), 3);
  EXPECT_EQ(window.visits().answered(), 1);
  EXPECT_EQ(window.waiting_at_end(), 2);
  EXPECT_DOUBLE_EQ(window.service_level_percent(), 100);
  EXPECT_EQ(window.offers().accepted(), 1);
  ASSERT_GT(window.durations_size(), 0);
  EXPECT_EQ(window.durations(0).kind(), v1::DURATION_KIND_WAIT_ANSWERED);
  EXPECT_EQ(window.durations(0).count(), 1);
  EXPECT_EQ(window.durations(0).sum().seconds(), 4);
  EXPECT_EQ(window.durations(0).max().seconds(), 4);
  EXPECT_NEAR(static_cast<double>(window.durations(0).p80().seconds()) +
                  window.durations(0).p80().nanos() / 1e9,
              4, 0.04);
  EXPECT_FALSE(window.has_calls());
  EXPECT_EQ(stats.ewt().unknown(), v1::WAIT_UNKNOWN_LEARNING);
  EXPECT_EQ(stats.ewt().position(), 1) << "before those of priority -1";
  ASSERT_EQ(stats.member_states_size(), 2);
  EXPECT_EQ(stats.member_states(0).state(), v1::AGENT_STATE_LOGGED_OUT);
  EXPECT_EQ(stats.member_states(1).state(), v1::AGENT_STATE_ON_CALL);
  EXPECT_EQ(stats.member_states(1).count(), 1);

  v1::ListQueueStatsRequest all;
  all.set_parent("tenants/bank");
  all.add_windows(v1::STATS_WINDOW_60_MIN);
  v1::ListQueueStatsResponse list;
  ASSERT_TRUE(ask("ListQueueStats", all, &list).ok());
  ASSERT_EQ(list.queues_size(), 2);
  EXPECT_EQ(list.queues(1).windows(0).visits().offered(), 1);
  EXPECT_FALSE(list.queues(1).has_ewt());
  const v1::WindowStats& total = list.total().windows(0);
  EXPECT_EQ(total.visits().offered(), 4);
  EXPECT_EQ(total.calls().begun(), 4);
  EXPECT_EQ(total.calls().live(), 4);
  EXPECT_TRUE(total.calls().conserved());
  EXPECT_EQ(list.total().calls().begun(), 4);

  v1::GetAgentRequest agent;
  agent.set_name("tenants/bank/agents/ada");
  agent.add_windows(v1::STATS_WINDOW_15_MIN);
  v1::AgentStatus ada;
  ASSERT_TRUE(ask("GetAgent", agent, &ada).ok());
  ASSERT_EQ(ada.windows_size(), 1);
  EXPECT_EQ(ada.windows(0).visits().answered(), 1);
  EXPECT_FALSE(ada.windows(0).has_service_level());
  EXPECT_NEAR(ada.windows(0).occupancy_percent(), 30, 0.01);
  v1::ListAgentsRequest agents;
  agents.set_parent("tenants/bank");
  agents.add_windows(v1::STATS_WINDOW_15_MIN);
  v1::ListAgentsResponse both;
  ASSERT_TRUE(ask("ListAgents", agents, &both).ok());
  EXPECT_EQ(both.agents(0).windows(0).visits().answered(), 1);
  EXPECT_EQ(both.agents(1).windows(0).visits().answered(), 0);
}

TEST_F(WallboardStatsTest, RefusesWindowsThatAreNone) {
  fill();
  start();
  const auto windows = [](auto request, std::vector<int> numbers) {
    for (const int number : numbers) request.add_windows(static_cast<v1::StatsWindow>(number));
    return request;
  };
  v1::ListQueueStatsRequest queues;
  queues.set_parent("tenants/bank");
  EXPECT_EQ(refused("ListQueueStats", windows(queues, {1, 0})), "3 FIELD_OUT_OF_RANGE windows[1]");
  EXPECT_EQ(refused("ListQueueStats", windows(queues, {9})), "3 FIELD_OUT_OF_RANGE windows[0]");
  v1::GetQueueStatsRequest queue;
  queue.set_name("tenants/bank/queues/sales");
  EXPECT_EQ(refused("GetQueueStats", windows(queue, {2, 3, 2})), "3 FIELD_OUT_OF_RANGE windows[2]");
  v1::GetAgentRequest agent;
  agent.set_name("tenants/bank/agents/ada");
  EXPECT_EQ(refused("GetAgent", windows(agent, {-1})), "3 FIELD_OUT_OF_RANGE windows[0]");
  v1::ListAgentsRequest agents;
  agents.set_parent("tenants/bank");
  EXPECT_EQ(refused("ListAgents", windows(agents, {6})), "3 FIELD_OUT_OF_RANGE windows[0]");
}

TEST_F(WallboardStatsTest, ListsTheCallsThatWaitInAQueue) {
  fill();
  start();
  v1::ListCallsRequest request;
  request.set_parent("tenants/bank");
  request.set_waiting(true);
  request.set_queue_id("sales");
  request.set_ewt(true);
  request.set_page_size(1);
  v1::ListCallsResponse page;
  ASSERT_TRUE(ask("ListCalls", request, &page).ok());
  ASSERT_EQ(page.calls_size(), 1);
  EXPECT_EQ(page.calls(0).name(), "tenants/bank/calls/c0");
  EXPECT_EQ(page.calls(0).ewt().position(), 1);
  EXPECT_EQ(page.calls(0).ewt().unknown(), v1::WAIT_UNKNOWN_LEARNING);
  request.set_page_token(page.next_page_token());
  ASSERT_TRUE(ask("ListCalls", request, &page).ok());
  ASSERT_EQ(page.calls_size(), 1);
  EXPECT_EQ(page.calls(0).name(), "tenants/bank/calls/c1");
  EXPECT_EQ(page.calls(0).ewt().position(), 2);
  EXPECT_EQ(page.next_page_token(), "") << "the others are not asked for";
  request.clear_page_token();
  request.set_waiting(false);
  request.set_page_size(0);
  ASSERT_TRUE(ask("ListCalls", request, &page).ok());
  ASSERT_EQ(page.calls_size(), 3);
  EXPECT_FALSE(page.calls(0).has_ewt()) << "it is connected";
  request.set_queue_id("other");
  EXPECT_EQ(refused("ListCalls", request), "5 QUEUE_UNKNOWN ");
  request.set_queue_id(std::string(65, 'q'));
  EXPECT_EQ(refused("ListCalls", request), "3 FIELD_TOO_LONG queue_id");
}

TEST_F(WallboardStatsTest, PredictsForACallThatWouldCome) {
  fill();
  start();
  v1::PredictWaitRequest request;
  request.set_name("tenants/bank/queues/sales");
  v1::PredictWaitResponse response;
  ASSERT_TRUE(ask("PredictWait", request, &response).ok());
  EXPECT_EQ(response.ewt().position(), 1);
  EXPECT_EQ(response.ewt().unknown(), v1::WAIT_UNKNOWN_LEARNING);
  EXPECT_FALSE(response.ewt().has_p80());
  EXPECT_EQ(response.now().seconds(), 20);
  request.set_priority(-1);
  ASSERT_TRUE(ask("PredictWait", request, &response).ok());
  EXPECT_EQ(response.ewt().position(), 3);
  request.mutable_age_credit()->set_seconds(60);
  ASSERT_TRUE(ask("PredictWait", request, &response).ok());
  EXPECT_EQ(response.ewt().position(), 1);
  request.mutable_age_credit()->set_seconds(24 * 3600 + 1);
  EXPECT_EQ(refused("PredictWait", request), "3 FIELD_OUT_OF_RANGE age_credit");
  request.clear_age_credit();
  request.set_priority(1'000'001);
  EXPECT_EQ(refused("PredictWait", request), "3 FIELD_OUT_OF_RANGE priority");
  request.clear_priority();
  request.set_name("tenants/bank/queues/other");
  EXPECT_EQ(refused("PredictWait", request), "5 QUEUE_UNKNOWN ");
  request.set_name("sales");
  EXPECT_EQ(refused("PredictWait", request), "3 NAME_MALFORMED name");
}

TEST_F(WallboardStatsTest, ListsGroups) {
  fill();
  start();
  v1::ListGroupStatsRequest request;
  request.set_parent("tenants/bank");
  request.set_kind(v1::GROUP_KIND_PRIORITY_BAND);
  request.add_windows(v1::STATS_WINDOW_5_MIN);
  v1::ListGroupStatsResponse list;
  ASSERT_TRUE(ask("ListGroupStats", request, &list).ok());
  ASSERT_EQ(list.groups_size(), 3);
  EXPECT_EQ(list.groups(0).group(), "low");
  EXPECT_EQ(list.groups(0).waiting(), 3);
  EXPECT_EQ(list.groups(0).longest_wait().seconds(), 6);
  EXPECT_EQ(list.groups(0).windows(0).visits().offered(), 3);
  EXPECT_EQ(list.groups(2).group(), "high");
  EXPECT_EQ(list.groups(2).windows(0).visits().answered(), 1);
  EXPECT_EQ(list.now().seconds(), 20);

  request.set_kind(v1::GROUP_KIND_TEAM);
  request.set_page_size(1);
  ASSERT_TRUE(ask("ListGroupStats", request, &list).ok());
  ASSERT_EQ(list.groups_size(), 1);
  EXPECT_EQ(list.groups(0).group(), "");
  const std::string token = list.next_page_token();
  request.set_page_token(token);
  ASSERT_TRUE(ask("ListGroupStats", request, &list).ok());
  EXPECT_EQ(list.groups(0).group(), "day");
  EXPECT_EQ(list.groups(0).agents(0).state(), v1::AGENT_STATE_ON_CALL);
  EXPECT_EQ(list.groups(0).windows(0).visits().answered(), 1);
  EXPECT_EQ(list.next_page_token(), "");
  request.set_kind(v1::GROUP_KIND_SKILL);
  EXPECT_EQ(refused("ListGroupStats", request), "3 FIELD_OUT_OF_RANGE page_token");
  request.clear_page_token();
  request.set_page_size(0);
  ASSERT_TRUE(ask("ListGroupStats", request, &list).ok());
  EXPECT_GE(list.groups_size(), 1);

  request.clear_kind();
  EXPECT_EQ(refused("ListGroupStats", request), "3 FIELD_REQUIRED kind");
  request.set_kind(static_cast<v1::GroupKind>(9));
  EXPECT_EQ(refused("ListGroupStats", request), "3 FIELD_OUT_OF_RANGE kind");
  request.set_kind(v1::GROUP_KIND_TEAM);
  request.add_windows(v1::STATS_WINDOW_5_MIN);
  EXPECT_EQ(refused("ListGroupStats", request), "3 FIELD_OUT_OF_RANGE windows[1]");
  request.clear_windows();
  request.set_parent("bank");
  EXPECT_EQ(refused("ListGroupStats", request), "3 NAME_MALFORMED parent");
}

TEST_F(WallboardStatsTest, ListsTheDay) {
  fill();
  start();
  v1::ListDayPointsRequest request;
  request.set_name("tenants/bank/queues/sales");
  v1::ListDayPointsResponse day;
  ASSERT_TRUE(ask("ListDayPoints", request, &day).ok());
  ASSERT_GT(day.points_size(), 0);
  const v1::DayPoint& now = *day.points().rbegin();
  EXPECT_EQ(now.answered(), 1);
  EXPECT_EQ(now.answered_in_target(), 1);
  EXPECT_EQ(now.entered(), 1);
  EXPECT_EQ(now.waiting_max(), 2);
  EXPECT_EQ(now.begin().seconds() % 300, 0);
  EXPECT_EQ(day.now().seconds(), 20);
  request.set_name("tenants/bank");
  ASSERT_TRUE(ask("ListDayPoints", request, &day).ok());
  EXPECT_EQ(day.points().rbegin()->waiting_max(), 3);
  request.set_name("tenants/bank/queues/other");
  EXPECT_EQ(refused("ListDayPoints", request), "5 QUEUE_UNKNOWN ");
  request.set_name("bank");
  EXPECT_EQ(refused("ListDayPoints", request), "3 NAME_MALFORMED name");
}

}  // namespace
}  // namespace acd
