// SPDX-License-Identifier: Apache-2.0
// Limits that somebody meets on a real server, and a stop that loses nothing of what was read.
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/call_service.pb.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

class LimitsTest : public EdgeTest {
 protected:
  grpc::Status ask(const std::string& method, const google::protobuf::Message& request,
                   grpc::ClientContext* context) {
    std::string unused;
    return call_bytes(channel_, method, request.SerializeAsString(), &unused, context);
  }
  grpc::Status ask_for_tenants() {
    std::string unused;
    return call_bytes(channel_, "/acd.v1.ConfigService/ListTenants", "", &unused);
  }
  static v1::CancelCallRequest cancel_request() {
    v1::CancelCallRequest request;
    request.set_name("tenants/bank/calls/c1");
    return request;
  }
  static Delivery commands(int count) {
    Delivery delivery;
    delivery.arena = std::string(64, 'c');
    SwitchCommand command;
    command.kind = SwitchCommandKind::kRingAgent;
    command.call = command.agent = command.station = {0, 64};
    delivery.commands.assign(static_cast<size_t>(count), command);
    return delivery;
  }
};

constexpr const char* kCancelMethod = "/acd.v1.CallService/CancelCall";

TEST_F(LimitsTest, RefusesAPrincipalsNextStream) {
  options_.principal_switch_streams_max = 2;
  start();
  auto first = open();
  auto second = open();
  const grpc::Status status = connect()->finish();
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_EQ(metadata_in(status, "limit"), "principal_switch_streams_max");
  EXPECT_EQ(metadata_in(status, "principal"), "local:127.0.0.1");
  EXPECT_TRUE(has_retry(status));
  // One that ends makes room, when its last batch is back.
  first.reset();
  std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  auto ended = close->stream;
  ended->deliver(acknowledged(std::move(close), 0));
  ended.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(LimitsTest, RefusesCallsThatAPrincipalMakesTooOften) {
  options_.principal_unary_calls_per_s = 5;
  start();
  int taken = 0;
  grpc::Status status;
  while ((status = ask_for_tenants()).ok()) ++taken;
  EXPECT_GE(taken, 5);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_EQ(metadata_in(status, "limit"), "principal_unary_calls_per_s");
  EXPECT_EQ(metadata_in(status, "max"), "5");
  EXPECT_TRUE(has_retry(status));
  EXPECT_NE(open(), nullptr);  // Streams go on.
}

TEST_F(LimitsTest, EndsACallWithoutADeadlineThatIsNotAnswered) {
  options_.unary_wait_max = std::chrono::milliseconds(50);
  start();
  grpc::ClientContext context;
  const grpc::Status status = ask(kCancelMethod, cancel_request(), &context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(reason_in(status), "DEADLINE_EXCEEDED");
  EXPECT_EQ(metadata_in(status, "unary_wait_ms"), "50");
  EXPECT_TRUE(has_retry(status));
  // What it asked for is done all the same, and tells nobody.
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  batch->change->reply({});
}

TEST_F(LimitsTest, LeavesACallTheDeadlineThatItHas) {
  options_.unary_wait_max = std::chrono::milliseconds(1);
  start();
  auto called = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kTestWaitMax);
    return ask(kCancelMethod, cancel_request(), &context);
  });
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  // One that comes later and has none is over before.
  grpc::ClientContext none;
  EXPECT_EQ(reason_in(ask(kCancelMethod, cancel_request(), &none)), "DEADLINE_EXCEEDED");
  EXPECT_NE(tenant_->next_batch(), nullptr);
  batch->change->reply({});
  EXPECT_TRUE(called.get().ok());
}

TEST_F(LimitsTest, TellsAFullInboxFromAStop) {
  start();
  auto stream = open();
  tenant_->set_full(true);
  grpc::ClientContext context;
  const grpc::Status refused = ask(kCancelMethod, cancel_request(), &context);
  EXPECT_EQ(reason_in(refused), "OVERLOADED");
  EXPECT_TRUE(has_retry(refused));

  ASSERT_TRUE(stream->send(ready_batch(1)));
  EXPECT_EQ(reason_in(stream->finish()), "OVERLOADED");
  // The close of its session is handed over as soon as there is room: the change, the batch, and it.
  ASSERT_TRUE(tenant_->wait_refused(3));
  tenant_->set_full(false);
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  EXPECT_EQ(tenant_->submitted(), 2);
}

TEST_F(LimitsTest, ClosesNothingWhenTheOpenFoundAFullInbox) {
  start();
  tenant_->set_full(true);
  auto stream = connect();
  ASSERT_TRUE(stream->send(open_request()));
  EXPECT_EQ(reason_in(stream->finish()), "OVERLOADED");
  tenant_->set_full(false);
  stream = open();
  EXPECT_EQ(tenant_->submitted(), 1);
}

TEST_F(LimitsTest, CutsTheStreamThatNeedsMoreThanAllStreamsMayLeaveUnread) {
  options_.pending_shared_bytes_max = 2 << 20;
  start();
  auto greedy = open();
  const auto greedy_shard = shard_stream_;
  auto modest = open();
  const auto modest_shard = shard_stream_;
  // About 200 bytes each, of which HTTP/2 takes 64 KiB: less than one stream may have by itself.
  for (int i = 0; i < 30; ++i) greedy_shard->deliver(commands(1'024));
  modest_shard->deliver(commands(10));
  const grpc::Status status = greedy->finish();
  EXPECT_EQ(reason_in(status), "STREAM_TOO_SLOW");
  EXPECT_EQ(metadata_in(status, "limit"), "pending_shared_bytes_max");
  const auto response = modest->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->commands_size(), 10);
}

TEST_F(LimitsTest, AStopHasAcknowledgedWhatWasRead) {
  options_.drain_wait_max = std::chrono::seconds(2);
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  ASSERT_TRUE(stream->send(ready_batch(2)));
  std::unique_ptr<Batch> first = tenant_->next_batch();
  std::unique_ptr<Batch> second = tenant_->next_batch();
  ASSERT_NE(second, nullptr);
  auto idle = open();
  auto stopped = std::async(std::launch::async, [&] { server_->stop(); });
  // Who has nothing under way is told at once; whoever else is waited for.
  EXPECT_EQ(reason_in(idle->finish()), "SHUTTING_DOWN");
  ASSERT_TRUE(stream->send(ready_batch(3)));  // Nobody reads it any more.
  const auto shard_stream = first->stream;
  shard_stream->deliver(acknowledged(std::move(first), 1));
  auto response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->ack().through_sequence(), 1);
  shard_stream->deliver(acknowledged(std::move(second), 2));
  response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->ack().through_sequence(), 2);
  EXPECT_EQ(reason_in(stream->finish()), "SHUTTING_DOWN");
  stopped.get();
  // Two opens, two batches and two closes: the third batch is sent again when the switch resumes.
  EXPECT_EQ(tenant_->submitted(), 6);
}

TEST_F(LimitsTest, AStopWaitsNoLongerThanItMayForAShard) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  const std::unique_ptr<Batch> stuck = tenant_->next_batch();
  ASSERT_NE(stuck, nullptr);
  server_->stop();
  EXPECT_EQ(reason_in(stream->finish()), "SHUTTING_DOWN");
}

// gRPC aborts the process when a stream is finished twice.
TEST_F(LimitsTest, EndsAStreamOnceWhateverEndsItAtOnce) {
  start();
  for (int i = 0; i < 100; ++i) {
    auto stream = open();
    const auto shard_stream = shard_stream_;
    std::promise<void> begun;
    const std::shared_future<void> begin = begun.get_future().share();
    std::vector<std::future<void>> enders;
    for (int j = 0; j < 3; ++j) {
      enders.push_back(std::async(std::launch::async, [begin, shard_stream] {
        begin.wait();
        Delivery delivery;
        delivery.close = CloseReason::kSessionReplaced;
        shard_stream->deliver(std::move(delivery));
      }));
    }
    begun.set_value();
    if (i % 2 == 0) {
      stream->cancel();
    } else {
      stream->send_bytes("\xff");
    }
    for (auto& ender : enders) ender.get();
    EXPECT_NE(stream->finish().error_code(), grpc::StatusCode::UNKNOWN);
    const std::unique_ptr<Batch> close = tenant_->next_batch();
    ASSERT_NE(close, nullptr);
    EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  }
}

TEST(MemoryLimitsTest, NamesEveryPartAndFollowsTheSettings) {
  RpcOptions options;
  options.switch_streams_max = 10;
  options.message_bytes_max = 1'000;
  options.batch_events_max = 0;
  options.agent_streams_max = 20;
  options.agent_message_bytes_max = 100;
  options.agent_batch_events_max = 0;
  options.pending_shared_bytes_max = 5'000;
  options.watch_pending_bytes_max = 6'000;
  std::map<std::string, uint64_t> bytes;
  for (const MemoryLimit& limit : memory_limits(options)) bytes[limit.part] = limit.bytes;
  EXPECT_EQ(bytes.size(), 6u);
  EXPECT_EQ(bytes["grpc"], uint64_t{512} << 20);
  EXPECT_EQ(bytes["switch_batches"], 10u * kStreamBatchesMax * 1'000);
  EXPECT_EQ(bytes["agent_batches"], 20u * kStreamBatchesMax * 100);
  EXPECT_EQ(bytes["unread_responses"], 30u * (64 << 10) + 5'000);
  EXPECT_EQ(bytes["unread_watches"], 40'000u * (64 << 10) + 6'000);
  EXPECT_EQ(bytes["changes"], 4u * ((16 << 20) + (16 << 10)) + uint64_t{32 + 256 + 32} * 1'000);
}

}  // namespace
}  // namespace acd
