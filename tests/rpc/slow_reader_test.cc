// SPDX-License-Identifier: Apache-2.0
// Switches that do not read, or say nothing.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "daemon/rpc/edge.h"
#include "daemon/rpc/switch_service.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

class SlowReaderTest : public EdgeTest {};

// Commands of about 200 bytes each.
Delivery many_commands(int count) {
  Delivery delivery;
  delivery.arena = std::string(64, 'c');
  SwitchCommand command;
  command.kind = SwitchCommandKind::kRingAgent;
  command.call = command.agent = command.station = {0, 64};
  delivery.commands.assign(static_cast<size_t>(count), command);
  return delivery;
}

TEST_F(SlowReaderTest, CutsAStreamThatLeavesTooMuchUnread) {
  start();
  auto stream = open();
  for (int i = 0; i < 100; ++i) shard_stream_->deliver(many_commands(1'000));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "STREAM_TOO_SLOW");
}

TEST_F(SlowReaderTest, StopsAlthoughAStreamIsNotRead) {
  start();
  auto stream = open();
  shard_stream_->deliver(many_commands(20'000));
  server_->stop();
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(SlowReaderTest, SplitsALargeDeliveryIntoResponsesOfBoundedSize) {
  start();
  auto stream = open();
  shard_stream_->deliver(many_commands(10'000));
  int commands = 0;
  while (commands < 10'000) {
    const auto response = stream->receive<v1::ConnectResponse>();
    ASSERT_TRUE(response);
    EXPECT_LE(response->commands_size(), 1'024);
    commands += response->commands_size();
  }
  EXPECT_EQ(commands, 10'000);
}

// The same service in a server of the test's own, so that the test tells it the time.
class StallTest : public EdgeTest {
 protected:
  StallTest() : edge_(options_, directory_), service_(edge_) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    own_server_ = builder.BuildAndStart();
    channel_ = channel_to("127.0.0.1:" + std::to_string(port));
  }
  ~StallTest() override {
    service_.streams().finish_all();
    own_server_->Shutdown(std::chrono::system_clock::now());
  }

  Edge edge_;
  SwitchService service_;
  std::unique_ptr<grpc::Server> own_server_;
};

TEST_F(StallTest, CutsAStreamThatIsNotRead) {
  auto stream = open();
  shard_stream_->deliver(many_commands(20'000));  // 4 MB, far above what a connection holds.
  const auto now = StreamClock::now();
  service_.streams().tick(now + std::chrono::seconds(4));
  ASSERT_EQ(tenant_->submitted(), 1);
  service_.streams().tick(now + std::chrono::seconds(6));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(reason_in(status), "STREAM_TOO_SLOW");
}

TEST_F(StallTest, ResetsAStreamThatDoesNotEvenTakeItsStatus) {
  auto stream = open();
  shard_stream_->deliver(many_commands(20'000));
  const auto now = StreamClock::now();
  service_.streams().tick(now + std::chrono::seconds(6));
  service_.streams().tick(now + std::chrono::seconds(12));
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(StallTest, EndsAStreamThatDoesNotOpenItsSessionInTime) {
  auto idle = connect();
  const auto now = StreamClock::now();
  while (service_.streams().count() == 0 && StreamClock::now() - now < kTestWaitMax) {
    std::this_thread::yield();
  }
  service_.streams().tick(now + std::chrono::seconds(9));
  ASSERT_TRUE(idle->send(open_request()));
  ASSERT_NE(tenant_->next_batch(), nullptr);

  auto late = connect();
  while (service_.streams().count() == 1 && StreamClock::now() - now < kTestWaitMax) {
    std::this_thread::yield();
  }
  service_.streams().tick(StreamClock::now() + std::chrono::seconds(11));
  EXPECT_EQ(reason_in(late->finish()), "SESSION_NOT_OPEN");
}

}  // namespace
}  // namespace acd
