// SPDX-License-Identifier: Apache-2.0
// WallboardService and ConfigService: answers, pages and every documented error.
#include <absl/strings/str_cat.h>

#include <string>
#include <vector>

#include "acd/v1/config_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "daemon/rpc/request_fields.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

constexpr const char* kWallboard = "/acd.v1.WallboardService/";
constexpr const char* kConfig = "/acd.v1.ConfigService/";

// Queues "sales" and "slow"; agents ada (on call 1), bob (not ready) and cyd (logged out); calls 0
// and 2 wait.
class UnaryTest : public EdgeTest {
 protected:
  // Voice and callback exclude each other in any case.
  static constexpr MediaRule kAdasMedia{
      {1, 3, 0, 1, 0}, {0b1000, 0, 0, 0b0010, 0}, {0, 1, 0, 0, 0}};

  void fill() {
    EventFeed& feed = tenant_->feed;
    Event connected;
    connected.kind = EventKind::kSwitchConnected;
    connected.source = SourceIndex(0u);
    connected.text = feed.log.add_text("pbx-1");
    feed.add(connected);
    feed.upsert(0, "ada", "Ada L.", encode_upserted({"ps=5,ts=3", "day", kAdasMedia}));
    feed.upsert(1, "bob");
    feed.upsert(2, "cyd");
    feed.log_in(0, "sip/7");
    feed.change_state(0, AgentState::kReady);
    feed.log_in(1, "sip/8");
    feed.change_state(1, AgentState::kNotReady, 7);
    feed.at_s(10);
    feed.enqueue(0, 0);
    feed.enqueue(1, 0);
    feed.enqueue(2, 1, 2 * kNsPerS);
    feed.change_state(0, AgentState::kReserved);
    feed.offer(1, 0);
    feed.accept(1, 0);
    feed.at_s(14);
    feed.connect(1, 0);
    feed.change_state(0, AgentState::kOnCall);
    feed.at_s(20);
    feed.board.advance(feed.now_ns);
  }

  template <typename Response>
  grpc::Status ask(const std::string& method, const google::protobuf::Message& request,
                   Response* response) {
    return call(channel_, method, request, response);
  }
  // "CODE REASON fields" of a Get with that name.
  template <typename Request>
  std::string error_of_get(const std::string& method, const std::string& name) {
    Request request;
    request.set_name(name);
    std::string unused;
    const grpc::Status status = call_bytes(channel_, method, request.SerializeAsString(), &unused);
    return std::to_string(status.error_code()) + " " + reason_in(status) + " " + fields_in(status);
  }
};

TEST_F(UnaryTest, AnswersOnlyWhatAMaskNames) {
  fill();
  start();
  v1::GetAgentRequest one;
  one.set_name("tenants/bank/agents/ada");
  one.mutable_read_mask()->add_paths("state");
  v1::AgentStatus ada;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetAgent", one, &ada).ok());
  EXPECT_EQ(ada.ShortDebugString(), "state: AGENT_STATE_ON_CALL");
  v1::ListCallsRequest calls;
  calls.set_parent("tenants/bank");
  calls.mutable_read_mask()->add_paths("state");
  v1::ListCallsResponse list;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListCalls", calls, &list).ok());
  ASSERT_EQ(list.calls_size(), 3);
  EXPECT_EQ(list.calls(2).ShortDebugString(), "state: CALL_STATE_CONNECTED");
  v1::ListQueueStatsRequest queues;
  queues.set_parent("tenants/bank");
  queues.mutable_read_mask()->add_paths("longest_wait.seconds");
  queues.mutable_read_mask()->add_paths("name");
  v1::ListQueueStatsResponse stats;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListQueueStats", queues, &stats).ok());
  EXPECT_EQ(stats.queues(0).ShortDebugString(),
            "name: \"tenants/bank/queues/sales\" longest_wait { seconds: 10 }");
  // All of a field is no less for a part of it.
  queues.mutable_read_mask()->add_paths("longest_wait");
  queues.mutable_read_mask()->add_paths("longest_wait.nanos");
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListQueueStats", queues, &stats).ok());
  EXPECT_EQ(stats.queues(0).ShortDebugString(),
            "name: \"tenants/bank/queues/sales\" longest_wait { seconds: 10 }");
  EXPECT_EQ(stats.total().name(), "tenants/bank");
  EXPECT_EQ(stats.total().offered(), 0);
  queues.mutable_read_mask()->clear_paths();
  queues.mutable_read_mask()->add_paths("*");
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListQueueStats", queues, &stats).ok());
  EXPECT_EQ(stats.total().offered(), 3);
}

TEST_F(UnaryTest, RefusesAMaskThatNamesNoField) {
  start();
  std::string unused;
  const auto refused = [&](const std::string& method, const google::protobuf::Message& request) {
    const grpc::Status status = call_bytes(channel_, std::string(kWallboard) + method,
                                           request.SerializeAsString(), &unused);
    return reason_in(status) + " " + fields_in(status);
  };
  v1::GetQueueStatsRequest one;
  one.set_name("tenants/bank/queues/sales");
  one.mutable_read_mask()->add_paths("waiting");
  one.mutable_read_mask()->add_paths("patience");
  EXPECT_EQ(refused("GetQueueStats", one), "FIELD_OUT_OF_RANGE read_mask.paths[1]");
  v1::ListAgentsRequest agents;
  agents.set_parent("tenants/bank");
  agents.mutable_read_mask()->add_paths("media.capacity");  // Of many.
  EXPECT_EQ(refused("ListAgents", agents), "FIELD_OUT_OF_RANGE read_mask.paths[0]");
  for (const char* const path : {"", ".", ".name", "name.", "longest_wait..seconds"}) {
    one.mutable_read_mask()->set_paths(1, path);
    EXPECT_EQ(refused("GetQueueStats", one), "FIELD_OUT_OF_RANGE read_mask.paths[1]") << path;
  }
  agents.clear_read_mask();
  for (int i = 0; i <= kReadMaskPathsMax; ++i) agents.mutable_read_mask()->add_paths("name");
  EXPECT_EQ(refused("ListAgents", agents), "FIELD_OUT_OF_RANGE read_mask");
}

TEST_F(UnaryTest, GetsStatisticsOfAQueue) {
  fill();
  start();
  v1::GetQueueStatsRequest request;
  request.set_name("tenants/bank/queues/sales");
  v1::QueueStats stats;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetQueueStats", request, &stats).ok());
  EXPECT_EQ(stats.name(), "tenants/bank/queues/sales");
  EXPECT_EQ(stats.waiting(), 1);
  EXPECT_EQ(stats.longest_wait().seconds(), 10);
  EXPECT_EQ(stats.offered(), 2);
  EXPECT_EQ(stats.answered(), 1);
  EXPECT_EQ(stats.connected(), 1);
  EXPECT_EQ(stats.offers().created(), 1);
  EXPECT_EQ(stats.offers().accepted(), 1);
  EXPECT_EQ(stats.average_speed_of_answer().seconds(), 4);
  EXPECT_EQ(stats.wait_answered_sum().seconds(), 4);
  EXPECT_EQ(stats.wait_max().seconds(), 4);
  EXPECT_TRUE(stats.conserved());
  EXPECT_TRUE(stats.has_service_level_percent());
  EXPECT_DOUBLE_EQ(stats.service_level_percent(), 100.0);
  EXPECT_EQ(stats.service_level().entered(), 1);
  EXPECT_EQ(stats.service_level().answered_in_target(), 1);
  EXPECT_DOUBLE_EQ(stats.service_level().abandoned_positive_percent(), 100.0);
  EXPECT_EQ(stats.service_level_target().target().seconds(), 20);
  EXPECT_EQ(stats.service_level_target().goal_percent(), 80);
  EXPECT_EQ(stats.service_level_target().variant(), v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE);
  EXPECT_EQ(stats.agents_size(), 0);
}

TEST_F(UnaryTest, GetsOverflowRejectionsAndTheStateOfAQueue) {
  fill();
  EventFeed& feed = tenant_->feed;
  feed.overflow(0, 1);
  feed.enqueue(3, 1);
  feed.reject(3);
  feed.change_member(EventKind::kMemberPaused, 1, 1);
  Event closed;
  closed.kind = EventKind::kQueueClosed;
  closed.queue = queue_index(1);
  feed.add(closed);
  start();
  v1::GetQueueStatsRequest request;
  request.set_name("tenants/bank/queues/slow");
  v1::QueueStats slow;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetQueueStats", request, &slow).ok());
  EXPECT_EQ(slow.offered(), 2);
  EXPECT_EQ(slow.overflowed_in(), 1);
  EXPECT_EQ(slow.overflowed_out(), 0);
  EXPECT_EQ(slow.rejected(), 1);
  EXPECT_EQ(slow.waiting(), 2);
  EXPECT_EQ(slow.service_level().left_out(), 1);
  EXPECT_TRUE(slow.has_is_open());
  EXPECT_FALSE(slow.is_open());
  EXPECT_EQ(slow.members_paused(), 1);
  EXPECT_TRUE(slow.conserved());
  request.set_name("tenants/bank/queues/sales");
  v1::QueueStats sales;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetQueueStats", request, &sales).ok());
  EXPECT_EQ(sales.overflowed_out(), 1);
  EXPECT_EQ(sales.service_level().overflowed_in_target(), 1);
  EXPECT_TRUE(sales.is_open());
  EXPECT_TRUE(sales.conserved());
}

TEST_F(UnaryTest, SaysByWhatAQueueIsOpen) {
  fill();
  QueueHours by_calendar;
  by_calendar.source = HoursSource::kCalendar;
  by_calendar.calendar = "office";
  by_calendar.next_change_ms = 5'250;
  QueueHours by_hand;
  by_hand.source = HoursSource::kOverride;
  by_hand.reason = "fire drill";
  by_hand.principal = "local:test";
  by_hand.since_ms = 1'000;
  by_hand.until_ms = 2'000;
  tenant_->feed.board.set_hours(
      {{"sales", by_calendar, {}}, {"slow", by_hand, by_calendar}, {"gone", by_hand, {}}});
  start();
  v1::ListQueueStatsRequest request;
  request.set_parent("tenants/bank");
  v1::ListQueueStatsResponse list;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListQueueStats", request, &list).ok());
  ASSERT_EQ(list.queues_size(), 2);
  const v1::QueueHours& sales = list.queues(0).hours();
  EXPECT_EQ(sales.source(), v1::QUEUE_HOURS_SOURCE_CALENDAR);
  EXPECT_EQ(sales.calendar(), "tenants/bank/calendars/office");
  EXPECT_EQ(sales.next_change().seconds(), 5);
  EXPECT_EQ(sales.next_change().nanos(), 250'000'000);
  EXPECT_FALSE(sales.has_since() || sales.has_until());
  const v1::QueueHours& slow = list.queues(1).hours();
  EXPECT_EQ(slow.source(), v1::QUEUE_HOURS_SOURCE_OVERRIDE);
  EXPECT_EQ(slow.calendar(), "");
  EXPECT_EQ(slow.reason(), "fire drill");
  EXPECT_EQ(slow.principal(), "local:test");
  EXPECT_EQ(slow.since().seconds(), 1);
  EXPECT_EQ(slow.until().seconds(), 2);
  EXPECT_FALSE(slow.has_next_change());
  // The window of its callbacks is told apart.
  EXPECT_EQ(list.queues(0).callback_hours().source(), v1::QUEUE_HOURS_SOURCE_ALWAYS_OPEN);
  EXPECT_TRUE(list.queues(1).callbacks_open());
  EXPECT_EQ(list.queues(1).callback_hours().calendar(), "tenants/bank/calendars/office");
  EXPECT_EQ(list.queues(1).callback_hours().next_change().seconds(), 5);
  EXPECT_FALSE(list.total().has_callbacks_open());
  EXPECT_FALSE(list.total().has_hours());
}

TEST_F(UnaryTest, LeavesTheServiceLevelUnsetBeforeTheFirstVisit) {
  start();
  v1::GetQueueStatsRequest request;
  request.set_name("tenants/bank/queues/sales");
  v1::QueueStats stats;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetQueueStats", request, &stats).ok());
  EXPECT_FALSE(stats.has_service_level_percent());
  EXPECT_FALSE(stats.service_level().has_abandoned_negative_percent());
  EXPECT_EQ(stats.average_speed_of_answer().seconds(), 0);
}

TEST_F(UnaryTest, ListsQueuesInTheirOrderWithTheTotalOnEveryPage) {
  fill();
  start();
  v1::ListQueueStatsRequest request;
  request.set_parent("tenants/bank");
  request.set_page_size(1);
  std::vector<std::string> names;
  for (int page = 0; page < 2; ++page) {
    v1::ListQueueStatsResponse list;
    ASSERT_TRUE(ask(std::string(kWallboard) + "ListQueueStats", request, &list).ok());
    ASSERT_EQ(list.queues_size(), 1);
    names.push_back(list.queues(0).name());
    EXPECT_EQ(list.total().name(), "tenants/bank");
    EXPECT_EQ(list.total().waiting(), 2);
    EXPECT_EQ(list.total().longest_wait().seconds(), 12);
    EXPECT_FALSE(list.total().has_service_level_target());
    EXPECT_FALSE(list.total().has_is_open());
    ASSERT_GE(list.total().agents_size(), 3);
    EXPECT_EQ(list.now().seconds(), 20);
    EXPECT_EQ(list.next_page_token().empty(), page == 1);
    request.set_page_token(list.next_page_token());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"tenants/bank/queues/sales", "tenants/bank/queues/slow"}));
}

TEST_F(UnaryTest, GetsAnAgentOnACall) {
  fill();
  start();
  v1::GetAgentRequest request;
  request.set_name("tenants/bank/agents/ada");
  v1::AgentStatus agent;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetAgent", request, &agent).ok());
  EXPECT_EQ(agent.name(), "tenants/bank/agents/ada");
  EXPECT_EQ(agent.display_name(), "Ada L.");
  EXPECT_EQ(agent.state(), v1::AGENT_STATE_ON_CALL);
  EXPECT_EQ(agent.reason(), 0);
  EXPECT_EQ(agent.time_in_state().seconds(), 6);
  EXPECT_EQ(agent.station(), "sip/7");
  EXPECT_EQ(agent.source_id(), "pbx-1");
  ASSERT_EQ(agent.calls_size(), 1);
  EXPECT_EQ(agent.calls(0), "tenants/bank/calls/c1");
  EXPECT_EQ(agent.skills().at("ps"), 5);
  EXPECT_EQ(agent.skills().at("ts"), 3);
  EXPECT_EQ(agent.team(), "day");
  // As it is told it makes the same rule again.
  v1::Agent again;
  again.set_name(agent.name());
  *again.mutable_media() = agent.media();
  EXPECT_EQ(to_profile(again).media, kAdasMedia);
  EXPECT_EQ(agent.media_size(), 3);
  EXPECT_EQ(agent.answered(), 1);
  EXPECT_DOUBLE_EQ(agent.occupancy_percent(), 50.0);
}

TEST_F(UnaryTest, ListsAgentsByIdOverPages) {
  fill();
  start();
  v1::ListAgentsRequest request;
  request.set_parent("tenants/bank");
  request.set_page_size(2);
  v1::ListAgentsResponse first;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListAgents", request, &first).ok());
  ASSERT_EQ(first.agents_size(), 2);
  EXPECT_EQ(first.agents(0).name(), "tenants/bank/agents/ada");
  EXPECT_EQ(first.agents(1).name(), "tenants/bank/agents/bob");
  EXPECT_EQ(first.agents(1).display_name(), "bob");
  EXPECT_EQ(first.agents(1).state(), v1::AGENT_STATE_NOT_READY);
  EXPECT_EQ(first.agents(1).reason(), 7);
  request.set_page_token(first.next_page_token());
  v1::ListAgentsResponse second;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListAgents", request, &second).ok());
  ASSERT_EQ(second.agents_size(), 1);
  EXPECT_EQ(second.agents(0).name(), "tenants/bank/agents/cyd");
  EXPECT_EQ(second.agents(0).state(), v1::AGENT_STATE_LOGGED_OUT);
  EXPECT_FALSE(second.agents(0).has_occupancy_percent());
  EXPECT_TRUE(second.next_page_token().empty());
}

TEST_F(UnaryTest, GetsACall) {
  fill();
  start();
  v1::GetCallRequest request;
  request.set_name("tenants/bank/calls/c1");
  v1::CallStatus status;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetCall", request, &status).ok());
  EXPECT_EQ(status.name(), "tenants/bank/calls/c1");
  EXPECT_EQ(status.state(), v1::CALL_STATE_CONNECTED);
  EXPECT_EQ(status.queue(), "tenants/bank/queues/sales");
  EXPECT_EQ(status.priority(), 7);
  EXPECT_EQ(status.wait().seconds(), 4);
  EXPECT_EQ(status.talk().seconds(), 6);
  EXPECT_EQ(status.agent(), "tenants/bank/agents/ada");
  EXPECT_EQ(status.requirement(), "ps >= 5");
  EXPECT_EQ(status.offers(), 1);
  EXPECT_EQ(status.source_id(), "pbx-1");
  EXPECT_EQ(status.leg_id(), "leg-1");
}

TEST_F(UnaryTest, GetsACallThatOverflowedAndRingsSeveralAgents) {
  fill();
  EventFeed& feed = tenant_->feed;
  feed.overflow(0, 1);
  feed.offer(0, 1, 1);
  feed.offer(0, 2, 2);
  feed.at_s(25);
  feed.board.advance(feed.now_ns);
  start();
  v1::GetCallRequest request;
  request.set_name("tenants/bank/calls/c0");
  v1::CallStatus status;
  ASSERT_TRUE(ask(std::string(kWallboard) + "GetCall", request, &status).ok());
  EXPECT_EQ(status.queue(), "tenants/bank/queues/slow");
  EXPECT_EQ(status.wait().seconds(), 5);
  EXPECT_EQ(status.wait_total().seconds(), 15);
  EXPECT_EQ(status.visits(), 2);
  EXPECT_EQ(status.state(), v1::CALL_STATE_ALERTING);
  EXPECT_EQ(status.agent(), "tenants/bank/agents/bob");
  ASSERT_EQ(status.offered_agents_size(), 2);
  EXPECT_EQ(status.offered_agents(1), "tenants/bank/agents/cyd");
}

TEST_F(UnaryTest, ListsCallsLongestInTheSystemFirstOverPages) {
  fill();
  start();
  v1::ListCallsRequest request;
  request.set_parent("tenants/bank");
  request.set_page_size(1);
  std::vector<std::string> names;
  do {
    v1::ListCallsResponse list;
    ASSERT_TRUE(ask(std::string(kWallboard) + "ListCalls", request, &list).ok());
    ASSERT_EQ(list.calls_size(), 1);
    names.push_back(list.calls(0).name());
    EXPECT_EQ(list.calls(0).has_talk(), names.back() == "tenants/bank/calls/c1");
    request.set_page_token(list.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names, (std::vector<std::string>{"tenants/bank/calls/c2", "tenants/bank/calls/c0",
                                             "tenants/bank/calls/c1"}));
}

TEST_F(UnaryTest, APageOfAFilteredListLooksAtSoManyCallsAndOthersFollow) {
  fill();
  constexpr uint32_t kLast = 50'000;
  for (uint32_t call = 3; call < kLast; ++call) tenant_->feed.enqueue(call, 0);
  tenant_->feed.at_s(21);
  tenant_->feed.enqueue(kLast, 1);
  start();
  v1::ListCallsRequest request;
  request.set_parent("tenants/bank");
  request.set_queue_id("slow");
  std::vector<int> sizes;
  v1::ListCallsResponse list;
  do {
    ASSERT_TRUE(ask(std::string(kWallboard) + "ListCalls", request, &list).ok());
    sizes.push_back(list.calls_size());
    request.set_page_token(list.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(sizes, (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(list.calls(0).name(), absl::StrCat("tenants/bank/calls/c", kLast));
}

TEST_F(UnaryTest, SaysWhatIsUnknown) {
  fill();
  start();
  const std::string wallboard = kWallboard;
  EXPECT_EQ(error_of_get<v1::GetQueueStatsRequest>(wallboard + "GetQueueStats",
                                                   "tenants/bank/queues/none"),
            "5 QUEUE_UNKNOWN ");
  EXPECT_EQ(error_of_get<v1::GetAgentRequest>(wallboard + "GetAgent", "tenants/bank/agents/none"),
            "5 AGENT_UNKNOWN ");
  EXPECT_EQ(error_of_get<v1::GetCallRequest>(wallboard + "GetCall", "tenants/bank/calls/a b/c"),
            "5 CALL_UNKNOWN ");
  EXPECT_EQ(error_of_get<v1::GetCallRequest>(wallboard + "GetCall", "tenants/shop/calls/c1"),
            "5 TENANT_UNKNOWN ");
  EXPECT_EQ(error_of_get<v1::GetConfigRequest>(std::string(kConfig) + "GetConfig", "tenants/shop"),
            "5 TENANT_UNKNOWN ");
}

TEST_F(UnaryTest, SaysWhichNameIsMalformed) {
  start();
  const std::string wallboard = kWallboard;
  for (const char* name :
       {"", "sales", "tenants/bank", "tenants/bank/queues/", "tenants/bank/agents/sales",
        "tenants//queues/sales", "tenants/bank/queues/sa les", "tenants/bank/queues/sales/x"}) {
    EXPECT_EQ(error_of_get<v1::GetQueueStatsRequest>(wallboard + "GetQueueStats", name),
              "3 NAME_MALFORMED name")
        << name;
  }
  EXPECT_EQ(error_of_get<v1::GetCallRequest>(wallboard + "GetCall",
                                             "tenants/bank/calls/" + std::string(65, 'c')),
            "3 NAME_MALFORMED name");
  EXPECT_EQ(error_of_get<v1::GetConfigRequest>(std::string(kConfig) + "GetConfig", "bank"),
            "3 NAME_MALFORMED name");
}

TEST_F(UnaryTest, ListsAllViolationsOfAListRequest) {
  start();
  for (const std::string& method :
       {std::string(kWallboard) + "ListQueueStats", std::string(kWallboard) + "ListAgents",
        std::string(kWallboard) + "ListCalls",
        std::string("/acd.v1.CallService/ListScheduledCalls")}) {
    v1::ListAgentsRequest request;  // All have one layout.
    request.set_parent("bank");
    request.set_page_size(-1);
    request.set_page_token("nonsense");
    std::string unused;
    const grpc::Status status = call_bytes(channel_, method, request.SerializeAsString(), &unused);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(reason_in(status), "NAME_MALFORMED") << method;
    EXPECT_EQ(fields_in(status), "parent page_size page_token") << method;
  }
}

TEST_F(UnaryTest, RefusesTheTokenOfAnotherList) {
  fill();
  start();
  v1::ListAgentsRequest request;
  request.set_parent("tenants/bank");
  request.set_page_size(1);
  v1::ListAgentsResponse list;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListAgents", request, &list).ok());
  request.set_page_token(list.next_page_token());
  for (const std::string& method :
       {std::string(kWallboard) + "ListQueueStats", std::string(kWallboard) + "ListCalls",
        std::string("/acd.v1.CallService/ListScheduledCalls")}) {
    std::string unused;
    const grpc::Status status = call_bytes(channel_, method, request.SerializeAsString(), &unused);
    EXPECT_EQ(reason_in(status), "FIELD_OUT_OF_RANGE") << method;
    EXPECT_EQ(fields_in(status), "page_token") << method;
  }
}

TEST_F(UnaryTest, ClampsALargePageSize) {
  fill();
  start();
  v1::ListAgentsRequest request;
  request.set_parent("tenants/bank");
  request.set_page_size(2'000'000'000);
  v1::ListAgentsResponse list;
  ASSERT_TRUE(ask(std::string(kWallboard) + "ListAgents", request, &list).ok());
  EXPECT_EQ(list.agents_size(), 3);
}

// Every unary method, for what all of them answer alike.
const std::vector<std::string>& all_methods() {
  static const auto* const kMethods = new std::vector<std::string>{
      "/acd.v1.WallboardService/GetQueueStats", "/acd.v1.WallboardService/ListQueueStats",
      "/acd.v1.WallboardService/GetAgent",      "/acd.v1.WallboardService/ListAgents",
      "/acd.v1.WallboardService/GetCall",       "/acd.v1.WallboardService/ListCalls",
      "/acd.v1.ConfigService/ValidateConfig",   "/acd.v1.ConfigService/GetConfig",
      "/acd.v1.ConfigService/ListTenants",      "/acd.v1.ConfigService/ApplyConfig",
      "/acd.v1.ConfigService/UpsertAgents",     "/acd.v1.CallService/ListScheduledCalls"};
  return *kMethods;
}

TEST_F(UnaryTest, SaysThatBytesAreNoMessage) {
  start();
  for (const std::string& method : all_methods()) {
    std::string unused;
    const grpc::Status status = call_bytes(channel_, method, "\x0a\x7f", &unused);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(reason_in(status), "MESSAGE_UNPARSABLE") << method;
  }
}

TEST_F(UnaryTest, SaysThatAMessageIsTooLarge) {
  start();
  for (const std::string& method : all_methods()) {
    // These take configurations, which may be larger: config_changes_test.cc.
    if (method.ends_with("/ApplyConfig") || method.ends_with("/ValidateConfig")) continue;
    std::string unused;
    const grpc::Status status =
        call_bytes(channel_, method, std::string((1 << 20) + 1, '\0'), &unused);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_EQ(reason_in(status), "MESSAGE_TOO_LARGE") << method;
  }
}

TEST_F(UnaryTest, NamesTheStringThatIsNoUtf8) {
  start();
  std::string unused;
  const grpc::Status status =
      call_bytes(channel_, std::string(kWallboard) + "GetCall", "\x0a\x02\xc3\x28", &unused);
  EXPECT_EQ(reason_in(status), "MESSAGE_UNPARSABLE");
  EXPECT_EQ(fields_in(status), "name");
}

TEST_F(UnaryTest, SaysThatTooManyReadsWait) {
  tenant_->set_reads_full();
  start();
  v1::GetAgentRequest request;
  request.set_name("tenants/bank/agents/ada");
  v1::AgentStatus agent;
  const grpc::Status status = ask(std::string(kWallboard) + "GetAgent", request, &agent);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
}

TEST_F(UnaryTest, SaysThatTheDaemonStopsWhenAReadIsDropped) {
  tenant_->set_drops_reads();
  start();
  v1::GetConfigRequest request;
  request.set_name("tenants/bank");
  v1::TenantConfig config;
  const grpc::Status status = ask(std::string(kConfig) + "GetConfig", request, &config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
}

TEST_F(UnaryTest, OutlivesACallerWhoDoesNotWaitForTheAnswer) {
  tenant_->set_holds_reads();
  start();
  v1::GetAgentRequest request;
  request.set_name("tenants/bank/agents/ada");
  const std::string method = std::string(kWallboard) + "GetAgent";
  std::string unused;
  // Long enough to arrive, as the next line shows; the answer never comes within it.
  const grpc::Status status = call_bytes(channel_, method, request.SerializeAsString(), &unused,
                                         std::chrono::milliseconds(200));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  ASSERT_TRUE(tenant_->wait_held_read());
  tenant_->run_held_reads();
  v1::AgentStatus agent;
  EXPECT_EQ(reason_in(ask(method, request, &agent)), "AGENT_UNKNOWN");
}

TEST_F(UnaryTest, GetsTheConfigurationInForce) {
  v1::TenantConfig config;
  config.set_name("tenants/bank");
  config.add_queues()->set_name("tenants/bank/queues/sales");
  config.set_etag("0123456789abcdef");
  tenant_->config = config.SerializeAsString();
  start();
  v1::GetConfigRequest request;
  request.set_name("tenants/bank");
  v1::TenantConfig answer;
  ASSERT_TRUE(ask(std::string(kConfig) + "GetConfig", request, &answer).ok());
  EXPECT_EQ(answer.SerializeAsString(), config.SerializeAsString());
}

TEST_F(UnaryTest, ValidatesAConfigurationWithoutAnError) {
  start();
  v1::ValidateConfigRequest request;
  v1::ValidateConfigResponse answer;
  const std::string method = std::string(kConfig) + "ValidateConfig";
  ASSERT_TRUE(ask(method, request, &answer).ok());
  ASSERT_EQ(answer.violations_size(), 1);
  EXPECT_EQ(answer.violations(0).field(), "config");

  request.mutable_config()->set_name("tenants/bank");
  request.mutable_config()->add_queues()->set_name("tenants/bank/queues/sales");
  ASSERT_TRUE(ask(method, request, &answer).ok());
  EXPECT_EQ(answer.violations_size(), 0) << answer.ShortDebugString();

  request.mutable_config()->mutable_queues(0)->set_requirement("ps >");
  request.mutable_config()->set_rejects_max(0);
  ASSERT_TRUE(ask(method, request, &answer).ok());
  ASSERT_EQ(answer.violations_size(), 2) << answer.ShortDebugString();
  EXPECT_EQ(answer.violations(0).field(), "queues[0].requirement");
  EXPECT_EQ(answer.violations(1).field(), "rejects_max");
}

TEST_F(UnaryTest, ListsTenantsOverPages) {
  directory_.emplace("atlas", std::make_unique<FakeTenant>());
  start();
  v1::ListTenantsRequest request;
  request.set_page_size(1);
  v1::ListTenantsResponse list;
  const std::string method = std::string(kConfig) + "ListTenants";
  ASSERT_TRUE(ask(method, request, &list).ok());
  ASSERT_EQ(list.names_size(), 1);
  EXPECT_EQ(list.names(0), "tenants/atlas");
  request.set_page_token(list.next_page_token());
  ASSERT_TRUE(ask(method, request, &list).ok());
  ASSERT_EQ(list.names_size(), 1);
  EXPECT_EQ(list.names(0), "tenants/bank");
  EXPECT_TRUE(list.next_page_token().empty());
  request.set_page_token("x");
  EXPECT_EQ(reason_in(ask(method, request, &list)), "FIELD_OUT_OF_RANGE");
}

}  // namespace
}  // namespace acd
