// SPDX-License-Identifier: Apache-2.0
// The server itself: addresses, health, reflection, start and stop.
#include "daemon/rpc/rpc_server.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "acd/v1/config_service.pb.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

// A message whose only field is string 1 (or 7 for reflection's list_services).
std::string string_field(int number, const std::string& value) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(value.size())) + value;
}

class RpcServerTest : public EdgeTest {
 protected:
  // What grpc.health.v1 says of `name`: 1 is SERVING; -1 when it knows no such service.
  int health_of(const std::string& name) {
    std::string response;
    const grpc::Status status =
        call_bytes(channel_, "/grpc.health.v1.Health/Check", string_field(1, name), &response);
    return status.ok() && response.size() == 2 ? response[1] : -1;
  }
};

// Else a request is refused as by a stop, or the end of a stream is lost.
TEST(InboxTest, HasRoomForAllThatMayBeUnderWay) {
  for (uint32_t streams = 1; streams <= 2'000; ++streams) {
    const uint32_t batches = streams * kStreamBatchesMax;
    const uint32_t ends = streams;
    EXPECT_GE(inbox_batches_max(streams),
              batches + ends + kChangesMax + kCallChangesMax + kClaimsMax + kSupervisorChangesMax);
  }
}

TEST_F(RpcServerTest, TakesLoopbackAddressesAndUnixSockets) {
  for (const char* address : {"127.0.0.1:7710", "127.3.2.1:0", "[::1]:65535", "localhost:7710",
                              "unix:/run/acdd.sock", "unix:acdd.sock", "unix-abstract:acdd"}) {
    EXPECT_TRUE(check_listen_address(address).ok()) << address;
  }
}

TEST_F(RpcServerTest, RefusesEveryOtherAddressWithTheReason) {
  for (const char* address :
       {"0.0.0.0:7710", "[::]:7710", "192.168.1.1:7710", "[::ffff:127.0.0.1]:7710", "[fe80::1]:1",
        "example.org:7710", "*:7710", ":7710", "localhost.:1", "127.1:7710", "dns:127.0.0.1:1"}) {
    const absl::Status status = check_listen_address(address);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_NE(status.message().find("until authentication exists"), absl::string_view::npos)
        << status.ToString();
  }
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                              "127.0.0.1:+1", "127.0.0.1:7710 ", "127.0.0.1:x", "unix:"}) {
    EXPECT_EQ(check_listen_address(address).code(), absl::StatusCode::kInvalidArgument) << address;
  }
  EXPECT_FALSE(check_listen_address("unix:" + std::string(108, 'x')).ok());
  EXPECT_FALSE(check_listen_address("localhost:1\n").ok());
}

TEST_F(RpcServerTest, DoesNotStartOnARefusedAddress) {
  options_.listen = {"127.0.0.1:0", "0.0.0.0:0"};
  RpcServer server(options_, directory_);
  EXPECT_EQ(server.start().code(), absl::StatusCode::kInvalidArgument);
  server.stop();
}

TEST_F(RpcServerTest, DoesNotStartWithoutAnAddress) {
  options_.listen.clear();
  RpcServer server(options_, directory_);
  EXPECT_EQ(server.start().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(RpcServerTest, SaysWhichAddressIsInUse) {
  start();
  RpcOptions taken = options_;
  taken.listen = {"127.0.0.1:0", server_->addresses().front()};
  RpcServer other(taken, directory_);
  const absl::Status status = other.start();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find(taken.listen[1]), absl::string_view::npos) << status.ToString();
}

TEST_F(RpcServerTest, ServesAUnixSocketAndNamesItsPeer) {
  const std::string path = testing::TempDir() + "acd-" + std::to_string(getpid()) + ".sock";
  options_.listen = {"unix:" + path};
  start();
  auto stream = connect();
  ASSERT_TRUE(stream->send(open_request()));
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->commands[0].principal.in(batch->arena), "local:unix");
  stream.reset();
  server_->stop();
  std::remove(path.c_str());
}

TEST_F(RpcServerTest, ReportsTheHealthOfEveryService) {
  start();
  for (const char* name :
       {"", "acd.v1.SwitchService", "acd.v1.WallboardService", "acd.v1.ConfigService"}) {
    EXPECT_EQ(health_of(name), 1) << name;
  }
  EXPECT_EQ(health_of("acd.clock.driven"), -1);
  EXPECT_EQ(health_of("acd.v1.NoService"), -1);
}

TEST_F(RpcServerTest, ReportsThePartsOfTheDaemonAsTheyAre) {
  std::atomic<bool> is_well{true};
  options_.part_health = [&] {
    return std::vector<PartHealth>{{"acd.journal", true}, {"acd.history", is_well}};
  };
  start();
  EXPECT_EQ(health_of("acd.journal"), 1);
  EXPECT_EQ(health_of("acd.history"), 1);
  is_well = false;
  while (health_of("acd.history") != 2) continue;
  is_well = true;
  while (health_of("acd.history") != 1) continue;
  EXPECT_EQ(health_of("acd.journal"), 1);
  server_->stop();  // `is_well` goes first.
}

TEST_F(RpcServerTest, NamesTheDrivenClockInItsHealth) {
  options_.driven_clock = true;
  start();
  EXPECT_EQ(health_of("acd.clock.driven"), 1);
}

TEST_F(RpcServerTest, ListsItsServicesByReflection) {
  start();
  RawStream stream(channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  ASSERT_TRUE(stream.send_bytes(string_field(7, "*")));
  const auto response = stream.receive_bytes();
  ASSERT_TRUE(response);
  for (const char* name : {"acd.v1.SwitchService", "acd.v1.WallboardService",
                           "acd.v1.ConfigService", "grpc.health.v1.Health"}) {
    EXPECT_NE(response->find(name), std::string::npos) << name;
  }
}

TEST_F(RpcServerTest, StopsTwiceAndRefusesConnectionsAfterwards) {
  start();
  server_->stop();
  server_->stop();
  std::string response;
  EXPECT_EQ(call_bytes(channel_, "/acd.v1.ConfigService/ListTenants", "", &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RpcServerTest, AnswersManyStreamsAndCallsAtOnce) {
  start();
  std::vector<std::unique_ptr<RawStream>> streams;
  std::vector<std::shared_ptr<SwitchStream>> shard_streams;
  for (int i = 0; i < 50; ++i) {
    streams.push_back(open());
    shard_streams.push_back(shard_stream_);
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(streams[static_cast<size_t>(i)]->send(ready_batch(1)));
    std::unique_ptr<Batch> batch = tenant_->next_batch();
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->stream, shard_streams[static_cast<size_t>(i)]);
    const auto shard_stream = batch->stream;
    shard_stream->deliver(acknowledged(std::move(batch), 1));
    const auto response = streams[static_cast<size_t>(i)]->receive<v1::ConnectResponse>();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->ack().through_sequence(), 1);
  }
}

}  // namespace
}  // namespace acd
