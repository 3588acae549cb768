// SPDX-License-Identifier: Apache-2.0
// ApplyConfig and UpsertAgents at the edge: what is refused there, what is handed on, and how the
// shard's answers are told.
#include <gmock/gmock.h>

#include <string>

#include "acd/v1/config_service.pb.h"
#include "daemon/config/agent_mask.h"
#include "daemon/rpc/config_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using Outcome = TableAnswer::Outcome;

constexpr const char* kApply = "/acd.v1.ConfigService/ApplyConfig";
constexpr const char* kUpsert = "/acd.v1.ConfigService/UpsertAgents";
constexpr const char* kOverride = "/acd.v1.ConfigService/OverrideQueue";
constexpr const char* kRequestId = "123e4567-e89b-42d3-a456-426614174000";

v1::ApplyConfigRequest apply_request() {
  v1::ApplyConfigRequest request;
  request.mutable_config()->set_name("tenants/bank");
  request.mutable_config()->add_queues()->set_name("tenants/bank/queues/sales");
  request.set_etag("0123456789abcdef");
  return request;
}

v1::UpsertAgentsRequest upsert_request() {
  v1::UpsertAgentsRequest request;
  request.set_parent("tenants/bank");
  request.add_agents()->set_name("tenants/bank/agents/ada");
  return request;
}

v1::OverrideQueueRequest override_request() {
  v1::OverrideQueueRequest request;
  request.set_name("tenants/bank/queues/sales");
  request.set_state(v1::QUEUE_OVERRIDE_CLOSED);
  request.set_reason("fire drill");
  return request;
}

using ConfigChangesTest = EdgeTest;

TEST_F(ConfigChangesTest, HandsAConfigurationOnAndTellsItsEtag) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  request.set_request_id(kRequestId);
  request.set_validate_only(true);
  TableAnswer answer;
  answer.etag = "fedcba9876543210";
  v1::ApplyConfigResponse response;
  ASSERT_TRUE(answered(kApply, request, answer, &response).ok());
  EXPECT_EQ(response.etag(), answer.etag);
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kConfigure);
  EXPECT_EQ(change.based_on, request.etag());
  EXPECT_EQ(change.request_id, kRequestId);
  EXPECT_TRUE(change.validate_only);
  EXPECT_EQ(change.principal, "local:127.0.0.1");
  EXPECT_EQ(change.config->tables.queues[0].id, "sales");
  EXPECT_EQ(change.config->message.etag(), config_etag(request.config()));
}

TEST_F(ConfigChangesTest, HandsAgentsOnAndTellsHowMany) {
  start();
  TableAnswer answer;
  answer.agent_count = 1;
  v1::UpsertAgentsResponse response;
  ASSERT_TRUE(answered(kUpsert, upsert_request(), answer, &response).ok());
  EXPECT_EQ(response.upserted(), 1);
  EXPECT_EQ(batch_->change->kind, CommandKind::kUpsertAgents);
  EXPECT_EQ(batch_->change->agents[0].name(), "tenants/bank/agents/ada");
}

TEST_F(ConfigChangesTest, HandsOnWhatAMaskNamesOfAgents) {
  start();
  v1::UpsertAgentsRequest request = upsert_request();
  v1::Agent& ada = *request.mutable_agents(0);
  ada.set_team("no team !");
  ada.set_display_name("Ada L.");
  (*ada.mutable_skills())["ps"] = 7;
  (*ada.mutable_skills())["ts"] = 5;
  for (const char* path : {"display_name", "skills.ps"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  v1::UpsertAgentsResponse response;
  ASSERT_TRUE(answered(kUpsert, request, TableAnswer(), &response).ok());
  const v1::Agent& sent = batch_->change->agents[0];
  EXPECT_EQ(sent.display_name(), "Ada L.");
  EXPECT_EQ(sent.team(), "");
  EXPECT_EQ(sent.skills_size(), 1);
  EXPECT_EQ(batch_->change->agents_mask.paths_size(), 2);
}

TEST_F(ConfigChangesTest, RefusesAMaskThatNamesNoFieldOfAnAgent) {
  start();
  v1::UpsertAgentsRequest request = upsert_request();
  for (const char* path : {"team", "station", "skills.", "media[0]"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  EXPECT_EQ(refused(kUpsert, request),
            "3 FIELD_OUT_OF_RANGE update_mask.paths[1] update_mask.paths[2] update_mask.paths[3]");
  EXPECT_THAT(status_.error_details(), HasSubstr("station"));
  request.mutable_update_mask()->clear_paths();
  for (const char* path : {"", ".", ".team", "team.", "skills..", "team..name"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  EXPECT_EQ(refused(kUpsert, request),
            "3 FIELD_OUT_OF_RANGE update_mask.paths[0] update_mask.paths[1] update_mask.paths[2] "
            "update_mask.paths[3] update_mask.paths[5]");
  request.mutable_update_mask()->clear_paths();
  for (int i = 0; i <= kAgentMaskPathsMax; ++i) request.mutable_update_mask()->add_paths("team");
  EXPECT_EQ(refused(kUpsert, request), "3 FIELD_OUT_OF_RANGE update_mask");
}

TEST_F(ConfigChangesTest, ListsAllThatIsWrongWithAConfiguration) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  request.mutable_config()->mutable_queues(0)->set_requirement("ps >");
  request.mutable_config()->set_rejects_max(0);
  request.clear_etag();
  request.set_request_id("mine");
  EXPECT_EQ(refused(kApply, request),
            "3 CONFIG_INVALID config.queues[0].requirement config.rejects_max etag request_id");
  EXPECT_EQ(refused(kApply, v1::ApplyConfigRequest()), "3 FIELD_REQUIRED config etag");
}

TEST_F(ConfigChangesTest, SaysHowManyViolationsThereAreBeyondThoseItLists) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  for (int i = 0; i < 30; ++i) {
    request.mutable_config()->add_queues()->set_name("tenants/bank/queues/" + std::string(65, 'x'));
  }
  EXPECT_THAT(refused(kApply, request), HasSubstr("3 CONFIG_INVALID config.queues[1].name"));
  EXPECT_THAT(status_.error_message(), HasSubstr("more violations)"));
}

TEST_F(ConfigChangesTest, SaysThatTenantsComeWithTheFirstFile) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  request.mutable_config()->set_name("tenants/shop");
  request.mutable_config()->mutable_queues(0)->set_name("tenants/shop/queues/sales");
  EXPECT_EQ(refused(kApply, request), "5 TENANT_UNKNOWN ");
  EXPECT_THAT(status_.error_message(), HasSubstr("Tenants come with the first configuration file"));
  v1::UpsertAgentsRequest agents = upsert_request();
  agents.set_parent("tenants/shop");
  EXPECT_EQ(refused(kUpsert, agents), "5 TENANT_UNKNOWN ");
}

TEST_F(ConfigChangesTest, ChecksWhatItCanOfAgents) {
  start();
  v1::UpsertAgentsRequest request;
  request.set_parent("bank");
  request.set_request_id(std::string(36, 'x'));
  EXPECT_EQ(refused(kUpsert, request), "3 NAME_MALFORMED parent agents request_id");
  request = upsert_request();
  for (size_t i = 0; i < kRequestAgentsMax; ++i) request.add_agents();
  EXPECT_EQ(refused(kUpsert, request), "3 FIELD_OUT_OF_RANGE agents");
}

TEST_F(ConfigChangesTest, TellsTheEtagThatIsInForce) {
  start();
  TableAnswer answer;
  answer.outcome = Outcome::kEtagMismatch;
  answer.etag = "fedcba9876543210";
  v1::ApplyConfigResponse response;
  const grpc::Status status = answered(kApply, apply_request(), answer, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(reason_in(status), "ETAG_MISMATCH");
  EXPECT_THAT(status.error_message(), HasSubstr(answer.etag));
}

TEST_F(ConfigChangesTest, NamesTheQueueThatHasCalls) {
  start();
  TableAnswer answer;
  answer.outcome = Outcome::kRefused;
  answer.reject = Reject::kQueueNotEmpty;
  answer.queue = "tenants/bank/queues/old";
  answer.live_calls = 3;
  v1::ApplyConfigResponse response;
  const grpc::Status status = answered(kApply, apply_request(), answer, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(reason_in(status), "QUEUE_NOT_EMPTY");
  EXPECT_THAT(status.error_message(), HasSubstr("tenants/bank/queues/old is left out and has 3"));
}

TEST_F(ConfigChangesTest, TellsTheOtherAnswersOfTheShard) {
  start();
  v1::UpsertAgentsResponse response;
  TableAnswer answer;
  answer.outcome = Outcome::kRefused;
  answer.reject = Reject::kLimitReached;
  grpc::Status status = answered(kUpsert, upsert_request(), answer, &response);
  EXPECT_EQ(reason_in(status), "LIMIT_REACHED");
  EXPECT_THAT(status.error_message(), HasSubstr("1000000 agents"));
  answer.outcome = Outcome::kRequestIdUsed;
  status = answered(kUpsert, upsert_request(), answer, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status) + " " + fields_in(status), "REQUEST_ID_USED request_id");
  answer.outcome = Outcome::kStorageFull;
  status = answered(kUpsert, upsert_request(), answer, &response);
  EXPECT_EQ(reason_in(status), "STORAGE_FULL");
  answer.outcome = Outcome::kInvalid;
  answer.violations = {{"agents[0].skills['x']", "is not declared"}, {"agents[0].team", "bad"}};
  status = answered(kUpsert, upsert_request(), answer, &response);
  EXPECT_EQ(reason_in(status) + " " + fields_in(status),
            "CONFIG_INVALID agents[0].skills['x'] agents[0].team");
}

TEST_F(ConfigChangesTest, TakesAConfigurationOfSixteenMebibytes) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  // Skills are small: what fills it are names of members.
  constexpr size_t kQueues = 40;
  constexpr size_t kMembers = 5'000;
  for (size_t q = 0; q < kQueues; ++q) {
    v1::Queue* queue = request.mutable_config()->add_queues();
    queue->set_name("tenants/bank/queues/q" + std::to_string(q));
    for (size_t i = 0; i < kMembers; ++i) {
      const std::string id = std::to_string(i);
      queue->mutable_members()->add_agents("tenants/bank/agents/" + std::string(50, 'a') + id);
    }
  }
  ASSERT_GT(request.ByteSizeLong(), size_t{14} << 20);
  ASSERT_LE(request.config().ByteSizeLong(), kConfigBytesMax);
  TableAnswer answer;
  answer.etag = "x";
  v1::ApplyConfigResponse response;
  EXPECT_TRUE(answered(kApply, request, answer, &response).ok());
}

TEST_F(ConfigChangesTest, SaysThatAConfigurationIsTooLarge) {
  start();
  std::string unused;
  for (const char* method : {kApply, "/acd.v1.ConfigService/ValidateConfig"}) {
    const grpc::Status status =
        call_bytes(channel_, method, std::string(kConfigRequestBytesMax + 1, '\0'), &unused);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_EQ(reason_in(status), "MESSAGE_TOO_LARGE") << method;
  }
}

TEST_F(ConfigChangesTest, CountsTheQueuesOfALargeMessageBeforeItIsParsed) {
  start();
  // Field 3 of the configuration, a queue of no bytes, again and again.
  constexpr size_t kQueues = 1'100'000;
  std::string config;
  for (size_t i = 0; i < kQueues; ++i) config += std::string("\x1a\x00", 2);
  std::string request = "\x0a";  // Field 1, and its length as a varint.
  for (size_t size = config.size(); size > 0; size >>= 7) {
    request += static_cast<char>((size & 0x7f) | (size >= 0x80 ? 0x80 : 0));
  }
  std::string unused;
  const grpc::Status status = call_bytes(channel_, kApply, request + config, &unused);
  EXPECT_EQ(reason_in(status), "MESSAGE_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("more than 1000000 queues"));
}

TEST_F(ConfigChangesTest, RefusesChangesAboveItsLimitUntilOneIsAnswered) {
  start();
  const auto apply = [&] {
    v1::ApplyConfigResponse response;
    return call(channel_, kApply, apply_request(), &response);
  };
  std::vector<std::future<grpc::Status>> waiting;
  std::vector<std::unique_ptr<Batch>> batches;
  for (int i = 0; i < kChangesMax; ++i) {
    waiting.push_back(std::async(std::launch::async, apply));
    batches.push_back(tenant_->next_batch());
    ASSERT_NE(batches.back(), nullptr);
  }
  const grpc::Status status = apply();
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
  for (std::unique_ptr<Batch>& batch : batches) batch->change->reply({});
  batches.clear();  // With them go their places.
  for (std::future<grpc::Status>& one : waiting) EXPECT_TRUE(one.get().ok());
  v1::ApplyConfigResponse response;
  EXPECT_TRUE(answered(kApply, apply_request(), {}, &response).ok());
}

// A shard that waits for its disk answers nothing, and the daemon must stop all the same.
TEST_F(ConfigChangesTest, AStopDoesNotWaitForEverForAChange) {
  start();
  v1::ApplyConfigResponse response;
  auto called = std::async(std::launch::async,
                           [&] { return call(channel_, kApply, apply_request(), &response); });
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  server_->stop();
  EXPECT_EQ(reason_in(called.get()), "SHUTTING_DOWN");
  batch->change->reply({});  // Too late, and harmless.
}

TEST_F(ConfigChangesTest, SaysThatTheDaemonStopsWhenAChangeIsNotTaken) {
  tenant_->set_stopping();
  start();
  v1::ApplyConfigResponse response;
  const grpc::Status status = call(channel_, kApply, apply_request(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
}

TEST_F(ConfigChangesTest, HandsAnOverrideOnAndTellsWhetherTheQueueIsOpen) {
  start();
  v1::OverrideQueueRequest request = override_request();
  request.mutable_until()->set_seconds(1'000);
  request.mutable_until()->set_nanos(7'000'000);
  request.set_validate_only(true);
  request.set_request_id(kRequestId);
  TableAnswer answer;
  answer.is_open = true;
  v1::OverrideQueueResponse response;
  ASSERT_TRUE(answered(kOverride, request, answer, &response).ok());
  EXPECT_TRUE(response.is_open());
  const TableChange& change = *batch_->change;
  EXPECT_EQ(change.kind, CommandKind::kOverrideQueue);
  EXPECT_EQ(change.override_queue.queue, "sales");
  EXPECT_EQ(change.override_queue.state, v1::QUEUE_OVERRIDE_CLOSED);
  EXPECT_EQ(change.override_queue.reason, "fire drill");
  EXPECT_EQ(change.override_queue.until_ms, 1'000'007);
  EXPECT_TRUE(change.validate_only);
  EXPECT_EQ(change.request_id, kRequestId);
  EXPECT_EQ(change.principal, "local:127.0.0.1");
  // Of what is asked for alone.
  request.clear_request_id();
  request.clear_validate_only();
  EXPECT_EQ(change.override_queue.checksum, override_checksum(request));
  request.set_reason("another one");
  EXPECT_NE(change.override_queue.checksum, override_checksum(request));
}

TEST_F(ConfigChangesTest, ChecksWhatItCanOfAnOverride) {
  start();
  EXPECT_EQ(refused(kOverride, v1::OverrideQueueRequest()), "3 NAME_MALFORMED name state reason");
  v1::OverrideQueueRequest request = override_request();
  request.set_name("tenants/shop/queues/sales");
  EXPECT_EQ(refused(kOverride, request), "5 TENANT_UNKNOWN ");
  request = override_request();
  request.set_state(static_cast<v1::QueueOverride>(7));
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_OUT_OF_RANGE state");
  request = override_request();
  request.set_reason(std::string(kOverrideReasonBytesMax + 1, 'x'));
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_TOO_LONG reason");
  request.set_reason("a\nb");
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_NOT_TEXT reason");
  request = override_request();
  request.mutable_until()->set_seconds(-1);
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_OUT_OF_RANGE until");
  request.mutable_until()->set_seconds(1'000);
  request.mutable_until()->set_nanos(1'000'000'000);
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_OUT_OF_RANGE until");
  request = override_request();
  request.set_state(v1::QUEUE_OVERRIDE_FOLLOW_CALENDAR);
  request.mutable_until()->set_seconds(1'000);
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_OUT_OF_RANGE until");
  request = override_request();
  request.set_request_id("mine");
  EXPECT_EQ(refused(kOverride, request), "3 FIELD_OUT_OF_RANGE request_id");
}

TEST_F(ConfigChangesTest, TellsWhyTheShardRefusedAnOverride) {
  start();
  v1::OverrideQueueResponse response;
  TableAnswer answer;
  answer.outcome = Outcome::kRefused;
  answer.reject = Reject::kQueueUnknown;
  answer.queue = "tenants/bank/queues/sales";
  grpc::Status status = answered(kOverride, override_request(), answer, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(reason_in(status), "QUEUE_UNKNOWN");
  answer = TableAnswer();
  answer.outcome = Outcome::kInvalid;
  answer.violations = {{"until", "is over already"}};
  status = answered(kOverride, override_request(), answer, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status) + " " + fields_in(status), "FIELD_OUT_OF_RANGE until");
  answer.outcome = Outcome::kRequestIdUsed;
  status = answered(kOverride, override_request(), answer, &response);
  EXPECT_EQ(reason_in(status), "REQUEST_ID_USED");
  answer.outcome = Outcome::kStorageFull;
  status = answered(kOverride, override_request(), answer, &response);
  EXPECT_EQ(reason_in(status), "STORAGE_FULL");
}

TEST_F(ConfigChangesTest, RefusesAZoneThatTheMachineDoesNotKnow) {
  start();
  v1::ApplyConfigRequest request = apply_request();
  v1::Calendar* calendar = request.mutable_config()->add_calendars();
  calendar->set_name("tenants/bank/calendars/office");
  calendar->set_time_zone("Europe/Nowhere");
  EXPECT_EQ(refused(kApply, request), "3 CONFIG_INVALID config.calendars[0].time_zone");
  v1::ValidateConfigRequest check;
  *check.mutable_config() = request.config();
  v1::ValidateConfigResponse found;
  ASSERT_TRUE(call(channel_, "/acd.v1.ConfigService/ValidateConfig", check, &found).ok());
  ASSERT_EQ(found.violations_size(), 1);
  EXPECT_EQ(found.violations(0).field(), "calendars[0].time_zone");
}

}  // namespace
}  // namespace acd
