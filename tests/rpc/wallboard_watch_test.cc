// SPDX-License-Identifier: Apache-2.0
// WallboardService.Watch over the wire: what a client gets, and every way a stream ends. The tenant
// has a real observer; the test plays its shard.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/event_service.pb.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/wallboard_service.h"
#include "tests/rpc/edge_test.h"
#include "tests/rpc/observed_tenant.h"
#include "tests/rpc/wall.h"

namespace acd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

constexpr const char* kMethod = "/acd.v1.WallboardService/Watch";

class WallboardWatchTest : public EdgeTest {
 protected:
  WallboardWatchTest() {
    directory_.clear();
    auto bank = std::make_unique<ObservedTenant>("0123456789abcdef");
    bank_ = bank.get();
    directory_.emplace("bank", std::move(bank));
  }
  ~WallboardWatchTest() override {
    if (server_ != nullptr) server_->stop();
    server_.reset();
  }

  std::unique_ptr<RawStream> watch(v1::WatchRequest request = {}) {
    if (request.parent().empty()) request.set_parent("tenants/bank");
    if (!request.has_interval()) {
      request.mutable_interval()->set_nanos(static_cast<int32_t>(100 * kNsPerMs));
    }
    auto stream = std::make_unique<RawStream>(channel_, kMethod);
    EXPECT_TRUE(stream->send(request));
    EXPECT_TRUE(stream->half_close());
    return stream;
  }
  // Takes the responses of one instant.
  static bool take(RawStream& stream, Wall* wall) {
    do {
      const auto response = stream.receive<v1::WatchResponse>();
      if (!response) return false;
      wall->take(*response);
    } while (wall->last.more());
    return true;
  }
  // Takes them until the wall has heard of all that was published.
  void take_all(RawStream& stream, Wall* wall) {
    while (wall->last.sequence() < bank_->feed.board.sequence()) ASSERT_TRUE(take(stream, wall));
  }
  std::string refusal(const v1::WatchRequest& request) {
    const grpc::Status status = watch(request)->finish();
    return absl::StrCat(status.error_code(), " ", reason_in(status), " ", fields_in(status));
  }
  template <typename Response, typename Request>
  Response list(const std::string& method, Request request) {
    Response response;
    request.set_parent("tenants/bank");
    const auto status = call(channel_, "/acd.v1.WallboardService/" + method, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  // A snapshot that no window of HTTP/2 has room for.
  void add_many_agents() {
    for (uint32_t i = 0; i < 2'000; ++i) {
      bank_->feed.upsert(i, absl::StrCat("a", i), std::string(200, 'a'));
    }
    bank_->publish();
  }
  static v1::WatchRequest all_agents() {
    v1::WatchRequest request;
    request.set_all_agents(true);
    return request;
  }

  ObservedTenant* bank_ = nullptr;
};

TEST_F(WallboardWatchTest, TheSnapshotIsWhatTheListsSay) {
  start();
  EventFeed& feed = bank_->feed;
  feed.upsert(0, "ada", "Ada");
  feed.log_in(0, "101");
  feed.change_state(0, AgentState::kReady);
  feed.at_s(5);
  feed.enqueue(1);
  feed.enqueue(2, 1);
  bank_->publish();
  v1::WatchRequest request;
  request.set_all_queues(true);
  request.set_total(true);
  request.set_all_agents(true);
  Wall wall;
  ASSERT_TRUE(take(*watch(request), &wall));
  const auto queues =
      list<v1::ListQueueStatsResponse>("ListQueueStats", v1::ListQueueStatsRequest());
  ASSERT_EQ(queues.queues_size(), 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(wall.order.at(static_cast<size_t>(i)), queues.queues(i).name());
    EXPECT_EQ(wall.queues[queues.queues(i).name()].DebugString(), queues.queues(i).DebugString());
  }
  EXPECT_EQ(wall.total.DebugString(), queues.total().DebugString());
  EXPECT_EQ(wall.last.resume_token(), queues.resume_token());
  EXPECT_EQ(wall.last.now().DebugString(), queues.now().DebugString());
  EXPECT_EQ(wall.last.sequence(), feed.board.sequence());
  const auto agents = list<v1::ListAgentsResponse>("ListAgents", v1::ListAgentsRequest());
  ASSERT_EQ(agents.agents_size(), 1);
  EXPECT_EQ(wall.agents["tenants/bank/agents/ada"].DebugString(), agents.agents(0).DebugString());
}

TEST_F(WallboardWatchTest, TellsWhatChangesAtEveryInterval) {
  start();
  auto stream = watch();
  Wall wall;
  for (uint32_t call = 1; call <= 3; ++call) {
    bank_->feed.enqueue(call);
    bank_->publish();
    take_all(*stream, &wall);
    EXPECT_EQ(wall.total.waiting(), call);
    EXPECT_EQ(wall.queues["tenants/bank/queues/sales"].waiting(), call);
  }
  EXPECT_EQ(wall.snapshots, 1);
  // The token is one of the events.
  bank_->feed.abandon(1);
  bank_->publish();
  v1::WatchEventsRequest events;
  events.set_parent("tenants/bank");
  events.set_resume_token(wall.last.resume_token());
  RawStream follower(channel_, "/acd.v1.EventService/WatchEvents");
  ASSERT_TRUE(follower.send(events));
  auto told = follower.receive<v1::WatchEventsResponse>();
  while (told && told->events().empty()) told = follower.receive<v1::WatchEventsResponse>();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->events(0).sequence(), wall.last.sequence() + 1);
}

TEST_F(WallboardWatchTest, TellsOfANewConfiguration) {
  start();
  auto stream = watch();
  Wall wall;
  ASSERT_TRUE(take(*stream, &wall));
  TenantConfig config = two_queues();
  config.queues.erase(config.queues.begin());
  bank_->feed.board.configure(config);
  bank_->feed.remove_queue(0);
  bank_->publish(&config);
  take_all(*stream, &wall);
  EXPECT_EQ(wall.snapshots, 2);
  EXPECT_THAT(wall.order, ElementsAre("tenants/bank/queues/slow"));
}

TEST_F(WallboardWatchTest, WhoReadsLateIsToldTheNewestAtOnce) {
  start();
  add_many_agents();
  auto slow = watch(all_agents());
  ASSERT_TRUE(slow->receive_metadata());  // From here on its snapshot is on its way.
  auto other = watch();
  Wall prompt;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(take(*other, &prompt));
    bank_->feed.upsert(0, "a0", absl::StrCat("name ", i));
    bank_->publish();
    take_all(*other, &prompt);
  }
  // It was still being written its snapshot all the time.
  Wall late;
  ASSERT_TRUE(take(*slow, &late));
  EXPECT_EQ(late.agents.size(), 2'000u);
  EXPECT_EQ(late.agents["tenants/bank/agents/a0"].display_name(), std::string(200, 'a'));
  do {
    ASSERT_TRUE(take(*slow, &late));
  } while (late.last.agents().empty());
  ASSERT_EQ(late.last.agents_size(), 1);
  EXPECT_EQ(late.last.agents(0).display_name(), "name 2");
  EXPECT_EQ(late.snapshots, 1);
}

TEST_F(WallboardWatchTest, RefusesWhatItCannotShow) {
  start();
  v1::WatchRequest request;
  request.set_parent("bank");
  request.add_queue_ids("");
  request.add_team_ids(std::string(1'000, 't'));
  request.mutable_interval()->set_nanos(static_cast<int32_t>(99 * kNsPerMs));
  EXPECT_EQ(refusal(request), "3 NAME_MALFORMED parent queue_ids[0] team_ids[0] interval");
  request.Clear();
  for (const int64_t wrong : {int64_t{61}, int64_t{-1}, std::numeric_limits<int64_t>::max(),
                              std::numeric_limits<int64_t>::min()}) {
    request.mutable_interval()->set_seconds(wrong);
    EXPECT_EQ(refusal(request), "3 FIELD_OUT_OF_RANGE interval") << wrong;
  }
  for (const int32_t wrong : {-900'000'000, 2'000'000'000, 100'500'000}) {
    request.mutable_interval()->set_seconds(2);
    request.mutable_interval()->set_nanos(wrong);
    EXPECT_EQ(refusal(request), "3 FIELD_OUT_OF_RANGE interval") << wrong;
  }
  request.Clear();
  for (int i = 0; i <= kFilterEntriesMax; ++i) request.add_queue_ids("q");
  EXPECT_EQ(refusal(request), "3 FIELD_OUT_OF_RANGE queue_ids");
  request.Clear();
  request.set_parent("tenants/nobody");
  EXPECT_EQ(refusal(request), "5 TENANT_UNKNOWN ");
  request.Clear();
  request.add_queue_ids("sales");
  request.add_queue_ids("nowhere");
  EXPECT_EQ(refusal(request), "5 QUEUE_UNKNOWN ");
}

TEST_F(WallboardWatchTest, APrincipalHasAsManyAsItMay) {
  options_.principal_watches_max = 1;
  start();
  auto first = watch();
  Wall wall;
  ASSERT_TRUE(take(*first, &wall));
  const grpc::Status status = watch()->finish();
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
}

TEST_F(WallboardWatchTest, AStopEndsIt) {
  start();
  auto stream = watch();
  Wall wall;
  ASSERT_TRUE(take(*stream, &wall));
  server_->stop();
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
}

// The same service in a server of the test's own, so that the test tells it the time.
class WallboardClockTest : public WallboardWatchTest {
 protected:
  WallboardClockTest() : edge_(options_, directory_), service_(edge_, 3) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    own_server_ = builder.BuildAndStart();
    channel_ = channel_to("127.0.0.1:" + std::to_string(port));
  }
  ~WallboardClockTest() override {
    service_.finish_all();
    own_server_->Shutdown(std::chrono::system_clock::now());
  }
  void wait_streams(size_t count) {
    const auto began = StreamClock::now();
    while (service_.stream_count() != count && StreamClock::now() - began < kTestWaitMax) {
      std::this_thread::yield();
    }
    EXPECT_EQ(service_.stream_count(), count);
  }

  Edge edge_;
  WallboardService service_;
  std::unique_ptr<grpc::Server> own_server_;
};

TEST_F(WallboardClockTest, CutsAStreamThatIsNotReadAndNoOther) {
  add_many_agents();
  v1::WatchRequest seldom = all_agents();
  seldom.mutable_interval()->set_seconds(60);
  auto slow = watch(seldom);
  auto other = watch(seldom);
  Wall wall;
  ASSERT_TRUE(take(*other, &wall));
  // The slow one was shown its snapshot before this one, and the other has read all of its own.
  auto last = watch(seldom);
  ASSERT_TRUE(take(*last, &wall));
  last->cancel();
  wait_streams(2);
  service_.tick(StreamClock::now() + seconds(4));
  EXPECT_EQ(service_.stream_count(), 2u);
  service_.tick(StreamClock::now() + seconds(6));
  const grpc::Status status = slow->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "STREAM_TOO_SLOW");
  wait_streams(1);
}

TEST_F(WallboardClockTest, TakesAsManyStreamsAsItMayAndAnotherWhenOneIsGone) {
  auto first = watch();
  auto second = watch();
  auto third = watch();
  Wall wall;
  for (const auto& stream : {&first, &second, &third}) ASSERT_TRUE(take(**stream, &wall));
  const grpc::Status status = watch()->finish();
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
  first->cancel();
  std::string reason = "OVERLOADED";
  const auto began = StreamClock::now();
  while (reason == "OVERLOADED" && StreamClock::now() - began < kTestWaitMax) {
    auto another = watch();
    reason = take(*another, &wall) ? "" : reason_in(another->finish());
  }
  EXPECT_EQ(reason, "");
}

}  // namespace
}  // namespace acd
