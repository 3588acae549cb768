// SPDX-License-Identifier: Apache-2.0
// Live configuration end to end: a daemon in this process, a switch, a wallboard and somebody who
// changes the configuration.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "daemon/config/config_tables.h"
#include "tests/daemon/server_fixture.h"

namespace acd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LiveConfigTest : public ServerTest {
 protected:
  v1::TenantConfig config() {
    grpc::ClientContext context;
    v1::GetConfigRequest request;
    request.set_name("tenants/bank");
    v1::TenantConfig response;
    const grpc::Status status =
        v1::ConfigService::NewStub(channel_)->GetConfig(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status apply(const v1::TenantConfig& config, const std::string& based_on,
                     bool validate_only = false, const std::string& request_id = "") {
    grpc::ClientContext context;
    v1::ApplyConfigRequest request;
    *request.mutable_config() = config;
    request.set_etag(based_on);
    request.set_validate_only(validate_only);
    request.set_request_id(request_id);
    v1::ApplyConfigResponse response;
    const grpc::Status status =
        v1::ConfigService::NewStub(channel_)->ApplyConfig(&context, request, &response);
    EXPECT_EQ(response.etag(), status.ok() ? config_etag(config) : "");
    return status;
  }
  // Each queue with what was offered to it.
  std::vector<std::string> queues() {
    const v1::ListQueueStatsResponse response = queue_stats();
    std::vector<std::string> lines;
    for (const v1::QueueStats& queue : response.queues()) {
      lines.push_back(absl::StrCat(queue.name().substr(std::string("tenants/bank/queues/").size()),
                                   " ", queue.offered()));
    }
    return lines;
  }
  static v1::TenantConfig with_queue(v1::TenantConfig config, const std::string& id) {
    config.add_queues()->set_name("tenants/bank/queues/" + id);
    return config;
  }
  void offer_to(Switch& pbx, const std::string& call, const std::string& queue) {
    v1::SwitchEvent& event = pbx.event();
    event.set_call_id(call);
    event.mutable_call_offered()->set_queue_id(queue);
  }
  void restart() {
    server_->stop();
    server_.reset();
    start();
  }
};

TEST_F(LiveConfigTest, AQueueAddedLiveTakesCallsAndIsOnTheWallboard) {
  start();
  Switch pbx(channel_, "epoch");
  log_in(pbx, "ada", "100");
  offer_to(pbx, "c1", "sales");
  offer_to(pbx, "c2", "fresh");
  pbx.send();
  ASSERT_THAT(pbx.refusals, SizeIs(1));
  EXPECT_EQ(pbx.refusals[0].reason(), v1::ERROR_REASON_QUEUE_UNKNOWN);
  const v1::TenantConfig before = config();
  ASSERT_TRUE(apply(with_queue(before, "fresh"), before.etag()).ok());
  EXPECT_THAT(queues(), ElementsAre("sales 1", "refused 0", "elsewhere 0", "music 0", "fresh 0"));
  EXPECT_NE(config().etag(), before.etag());
  offer_to(pbx, "c3", "fresh");
  pbx.send();
  EXPECT_THAT(pbx.refusals, SizeIs(1));
  EXPECT_THAT(queues(), ElementsAre("sales 1", "refused 0", "elsewhere 0", "music 0", "fresh 1"));
  EXPECT_TRUE(total().conserved());
  const v1::TenantConfig after = config();
  restart();
  EXPECT_EQ(config().SerializeAsString(), after.SerializeAsString());
  EXPECT_THAT(queues(), ElementsAre("sales 1", "refused 0", "elsewhere 0", "music 0", "fresh 1"));
}

TEST_F(LiveConfigTest, ARepeatedRequestSaysNothingOfWhatIsInForce) {
  start();
  const std::string id = "123e4567-e89b-42d3-a456-426614174000";
  const v1::TenantConfig file = config();
  const v1::TenantConfig other = with_queue(file, "fresh");
  ASSERT_TRUE(apply(other, file.etag(), false, id).ok());
  EXPECT_THAT(server_->config_drift(), SizeIs(1));
  ASSERT_TRUE(apply(file, config().etag()).ok());
  EXPECT_THAT(server_->config_drift(), IsEmpty());
  // The same request again, because its first answer was lost.
  EXPECT_TRUE(apply(other, file.etag(), false, id).ok());
  EXPECT_EQ(config().etag(), file.etag());
  EXPECT_THAT(server_->config_drift(), IsEmpty());
}

TEST_F(LiveConfigTest, OfTwoClientsThatRaceOneWins) {
  start();
  const v1::TenantConfig before = config();
  constexpr int kClients = 3;
  std::vector<std::future<grpc::Status>> racing;
  for (int i = 0; i < kClients; ++i) {
    racing.push_back(std::async(std::launch::async, [&, i] {
      return apply(with_queue(before, absl::StrCat("q", i)), before.etag());
    }));
  }
  int won = 0;
  for (std::future<grpc::Status>& one : racing) {
    const grpc::Status status = one.get();
    won += status.ok() ? 1 : 0;
    if (!status.ok()) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
      EXPECT_THAT(status.error_message(), HasSubstr(config().etag()));
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(config().queues_size(), before.queues_size() + 1);
}

TEST_F(LiveConfigTest, AQueueWithCallsIsRefusedUntilItIsDrained) {
  start();
  Switch pbx(channel_, "epoch");
  offer_to(pbx, "c1", "sales");
  pbx.send();
  const v1::TenantConfig before = config();
  v1::TenantConfig next = before;
  next.mutable_queues()->DeleteSubrange(0, 1);
  const grpc::Status refused = apply(next, before.etag());
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_message(),
              HasSubstr("tenants/bank/queues/sales is left out and has 1"));
  EXPECT_EQ(apply(next, before.etag(), true).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  v1::Drain* drain = next.add_drains();
  drain->set_queue("tenants/bank/queues/sales");
  drain->set_target("tenants/bank/queues/music");
  ASSERT_TRUE(apply(next, before.etag()).ok());
  EXPECT_THAT(queues(), SizeIs(3));
  EXPECT_EQ(total().offered(), 1);
  // The call moved: music plays to those who wait there.
  EXPECT_EQ(pbx.command().play_treatment().media(), "waltz");
}

TEST_F(LiveConfigTest, ADryRunChangesNothing) {
  start();
  const v1::TenantConfig before = config();
  EXPECT_TRUE(apply(with_queue(before, "fresh"), before.etag(), true).ok());
  EXPECT_EQ(config().SerializeAsString(), before.SerializeAsString());
  EXPECT_THAT(queues(), SizeIs(4));
  EXPECT_EQ(apply(with_queue(before, "fresh"), "another", true).error_code(),
            grpc::StatusCode::ABORTED);
}

TEST_F(LiveConfigTest, AgentsThatAreUpsertedLogInAndStayAfterARestart) {
  start();
  grpc::ClientContext context;
  v1::UpsertAgentsRequest request;
  request.set_parent("tenants/bank");
  v1::Agent* agent = request.add_agents();
  agent->set_name("tenants/bank/agents/eve");
  agent->set_display_name("Eve");
  (*agent->mutable_skills())["sales"] = 4;
  v1::UpsertAgentsResponse response;
  const grpc::Status status =
      v1::ConfigService::NewStub(channel_)->UpsertAgents(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.upserted(), 1);
  {
    Switch pbx(channel_, "epoch");
    log_in(pbx, "eve", "100");
    offer_to(pbx, "c1", "sales");
    pbx.send();
    EXPECT_THAT(pbx.refusals, IsEmpty());
    EXPECT_EQ(pbx.command().ring_agent().agent_id(), "eve");
    pbx.cut();
  }
  restart();
  grpc::ClientContext again;
  v1::GetAgentRequest get;
  get.set_name("tenants/bank/agents/eve");
  v1::AgentStatus known;
  EXPECT_TRUE(v1::WallboardService::NewStub(channel_)->GetAgent(&again, get, &known).ok());
  EXPECT_EQ(known.display_name(), "Eve");
}

TEST_F(LiveConfigTest, DriftIsKnownAndSettledByApplyingTheFile) {
  start();
  EXPECT_THAT(server_->config_drift(), IsEmpty());
  server_->stop();
  server_.reset();
  std::string text = kSampleConfig;
  text.insert(text.find("    queues:\n"), "    rejects_max: 7\n");
  std::ofstream(settings_.config_file) << text << "  - id: shop\n";
  start();
  auto drift = server_->config_drift();
  ASSERT_THAT(drift, SizeIs(2));
  EXPECT_EQ(drift[0].tenant, "bank");
  EXPECT_EQ(drift[0].kind, ConfigDrift::Kind::kDiffers);
  EXPECT_EQ(drift[1].tenant, "shop");
  EXPECT_EQ(drift[1].kind, ConfigDrift::Kind::kNotServed);
  v1::TenantConfig next = config();
  EXPECT_EQ(drift[0].etag, next.etag());
  next.set_rejects_max(7);
  ASSERT_TRUE(apply(next, next.etag()).ok());
  drift = server_->config_drift();
  ASSERT_THAT(drift, SizeIs(1));
  EXPECT_EQ(drift[0].tenant, "shop");
  EXPECT_THAT(server_->figures().config_drift,
              testing::ElementsAre(testing::Pair("bank", false), testing::Pair("shop", true)));
}

TEST_F(LiveConfigTest, ATenantThatTheFileLacksIsDriftAndServed) {
  start();
  server_->stop();
  server_.reset();
  std::ofstream(settings_.config_file) << "tenants:\n  - id: shop\n";
  start();
  const auto drift = server_->config_drift();
  ASSERT_THAT(drift, SizeIs(2));
  EXPECT_EQ(drift[0].kind, ConfigDrift::Kind::kNotInFile);
  EXPECT_EQ(drift[1].kind, ConfigDrift::Kind::kNotServed);
  EXPECT_EQ(config().queues_size(), 4);
}

TEST_F(LiveConfigTest, ACalendarAndASupervisorOpenAndCloseAQueue) {
  start();
  v1::TenantConfig wanted = config();
  v1::Calendar* calendar = wanted.add_calendars();  // Without hours: always closed.
  calendar->set_name("tenants/bank/calendars/never");
  calendar->set_time_zone("Europe/Berlin");
  v1::Queue* sales = wanted.mutable_queues(0);
  sales->set_calendar(calendar->name());
  sales->mutable_limits()->mutable_closed()->set_release(31);
  ASSERT_TRUE(apply(wanted, config().etag()).ok());
  EXPECT_FALSE(queue_stats().queues(0).is_open());
  EXPECT_EQ(queue_stats().queues(0).hours().source(), v1::QUEUE_HOURS_SOURCE_CALENDAR);
  Switch pbx(channel_, "epoch");
  offer(pbx, "refused");
  pbx.send();
  EXPECT_EQ(pbx.command().release_call().cause(), 31);

  grpc::ClientContext context;
  v1::OverrideQueueRequest request;
  request.set_name("tenants/bank/queues/sales");
  request.set_state(v1::QUEUE_OVERRIDE_OPEN);
  request.set_reason("fire drill");
  v1::OverrideQueueResponse response;
  const auto stub = v1::ConfigService::NewStub(channel_);
  ASSERT_TRUE(stub->OverrideQueue(&context, request, &response).ok());
  EXPECT_TRUE(response.is_open());
  offer(pbx, "taken");
  pbx.send();
  EXPECT_EQ(queue_stats().queues(0).waiting(), 1);
  pbx.cut();
  restart();
  // What the start found is on the board when an answer comes that left behind it.
  grpc::ClientContext trial;
  request.set_validate_only(true);
  const auto anew = v1::ConfigService::NewStub(channel_);
  ASSERT_TRUE(anew->OverrideQueue(&trial, request, &response).ok());
  const v1::QueueStats stats = queue_stats().queues(0);
  EXPECT_TRUE(stats.is_open());
  EXPECT_EQ(stats.hours().source(), v1::QUEUE_HOURS_SOURCE_OVERRIDE);
  EXPECT_EQ(stats.hours().reason(), "fire drill");
  EXPECT_EQ(stats.hours().principal(), "local:127.0.0.1");
  EXPECT_EQ(stats.hours().calendar(), calendar->name());
  EXPECT_GT(stats.hours().since().seconds(), 0);
}

}  // namespace
}  // namespace acd
