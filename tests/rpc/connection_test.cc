// SPDX-License-Identifier: Apache-2.0
// What a connection is given, and what peers do that gRPC's own clients never would.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "acd/v1/call_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "tests/rpc/edge_test.h"
#include "tests/rpc/raw_http2.h"

namespace acd {
namespace {

using std::chrono::milliseconds;

constexpr const char* kListTenantsMethod = "/acd.v1.ConfigService/ListTenants";

class ConnectionTest : public EdgeTest {
 protected:
  grpc::Status list_tenants(milliseconds deadline = kTestWaitMax) {
    std::string unused;
    return call_bytes(channel_, kListTenantsMethod, "", &unused, deadline);
  }
};

TEST_F(ConnectionTest, EndsAConnectionThatPingsTooOften) {
  start();
  const RawHttp2 peer(server_->addresses().front());
  for (int i = 0; i < 8; ++i) peer.send({FrameType::kPing, 0, 0, "12345678"});
  const auto goodbye = peer.receive(FrameType::kGoAway);
  ASSERT_TRUE(goodbye);
  ASSERT_GE(goodbye->payload.size(), 8u);
  EXPECT_EQ(goodbye->payload.substr(4, 4), std::string("\0\0\0\x0b", 4));  // ENHANCE_YOUR_CALM
  EXPECT_EQ(goodbye->payload.substr(8), "too_many_pings");
}

TEST_F(ConnectionTest, ClosesTheSessionOfAPeerThatIsDead) {
  options_.connection.keepalive_time = milliseconds(1'000);
  options_.connection.keepalive_timeout = milliseconds(1'000);
  start();
  // It is there as far as TCP knows, and answers no ping.
  const RawHttp2 dead(server_->addresses().front());
  ASSERT_TRUE(dead.call(1, kConnectMethod, open_request().SerializeAsString()));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  const auto shard_stream = batch->stream;
  shard_stream->deliver(opened(std::move(batch)));
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  EXPECT_TRUE(dead.receive(FrameType::kPing));  // It was asked.
}

TEST_F(ConnectionTest, RefusesTooMuchMetadata) {
  start();
  const auto code_with = [&](size_t bytes) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kTestWaitMax);
    context.AddMetadata("x-much", std::string(bytes, 'm'));
    std::string unused;
    return call_bytes(channel_, kListTenantsMethod, "", &unused, &context).error_code();
  };
  EXPECT_EQ(code_with(6 << 10), grpc::StatusCode::OK);
  EXPECT_EQ(code_with(9 << 10), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // That connection may be over; others are not.
  channel_ = grpc::CreateChannel(server_->addresses().front(), grpc::InsecureChannelCredentials());
  EXPECT_EQ(code_with(100), grpc::StatusCode::OK);
}

TEST_F(ConnectionTest, HasOneMoreCallWaitUntilAStreamOfTheConnectionEnds) {
  options_.connection.streams_max = 4;
  start();
  std::vector<std::unique_ptr<RawStream>> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(open());
  EXPECT_EQ(list_tenants(milliseconds(100)).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  auto waiting = std::async(std::launch::async, [&] { return list_tenants(); });
  ASSERT_TRUE(streams.back()->half_close());
  EXPECT_TRUE(streams.back()->finish().ok());
  EXPECT_TRUE(waiting.get().ok());
}

TEST_F(ConnectionTest, EndsAStreamWhenItsConnectionIsOldAndTheSwitchResumes) {
  options_.connection.age_max = milliseconds(100);
  options_.connection.age_grace = milliseconds(100);
  start();
  auto stream = open();
  EXPECT_EQ(stream->finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  EXPECT_NE(open(7), nullptr);  // On the same channel.
}

TEST_F(ConnectionTest, ClosesAConnectionThatIsIdle) {
  options_.connection.idle_max = milliseconds(100);
  start();
  const RawHttp2 peer(server_->addresses().front());
  EXPECT_TRUE(peer.receive(FrameType::kGoAway));
}

// An identity that is kept for the connection would be that of its first call.
TEST_F(ConnectionTest, JudgesEachCallOfAConnectionByItself) {
  start();
  auto good = open();
  auto stranger = connect();
  v1::ConnectRequest request = open_request();
  request.mutable_open_session()->set_tenant("tenants/shop");
  ASSERT_TRUE(stranger->send(request));
  EXPECT_EQ(reason_in(stranger->finish()), "TENANT_UNKNOWN");
  ASSERT_TRUE(good->send(ready_batch(1)));
  EXPECT_NE(tenant_->next_batch(), nullptr);
}

TEST(AuthContextTest, IsAskedInNoFileButTheOneThatDecides) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(ACD_SOURCE_DIR "/daemon")) {
    if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
    ++files;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const bool asks = text.find("auth_context") != std::string::npos ||
                      text.find("AuthContext") != std::string::npos;
    EXPECT_TRUE(!asks || entry.path().filename() == "auth.cc") << entry.path();
  }
  EXPECT_GT(files, 100);
}

// gRPC runs all reactions on two threads: one that waited for a shard, an observer or a peer would hold
// up everybody.
TEST_F(ConnectionTest, GoesOnWhileNothingBehindItAnswers) {
  tenant_->set_holds_reads();
  start();
  std::vector<std::future<grpc::Status>> calls;
  const auto ask = [&](const char* method, const google::protobuf::Message& request) {
    calls.push_back(
        std::async(std::launch::async, [this, method, bytes = request.SerializeAsString()] {
          std::string unused;
          return call_bytes(channel_, method, bytes, &unused);
        }));
  };
  v1::CancelCallRequest change;
  change.set_name("tenants/bank/calls/c1");
  v1::GetAgentRequest read;
  read.set_name("tenants/bank/agents/ada");
  std::vector<std::unique_ptr<Batch>> held;
  for (int i = 0; i < 8; ++i) {
    ask("/acd.v1.CallService/CancelCall", change);
    ask("/acd.v1.WallboardService/GetAgent", read);
    held.push_back(tenant_->next_batch());
    ASSERT_NE(held.back(), nullptr);
  }
  auto full = open();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(full->send(ready_batch(i)));
  for (uint32_t i = 0; i < kStreamBatchesMax; ++i) held.push_back(tenant_->next_batch());
  auto unread = open();
  Delivery large;
  large.arena = std::string(64, 'c');
  SwitchCommand command;
  command.kind = SwitchCommandKind::kRingAgent;
  command.call = command.agent = command.station = {0, 64};
  large.commands.assign(20'000, command);  // 4 MB, far above what a connection holds.
  shard_stream_->deliver(std::move(large));

  for (int i = 0; i < 100; ++i) ASSERT_TRUE(list_tenants().ok());
  EXPECT_NE(open(), nullptr);

  held.clear();
  tenant_->run_held_reads();
  for (auto& call : calls) {
    const std::string reason = reason_in(call.get());
    EXPECT_TRUE(reason == "AGENT_UNKNOWN" || reason == "SHUTTING_DOWN") << reason;
  }
}

}  // namespace
}  // namespace acd
