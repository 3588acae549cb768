// SPDX-License-Identifier: Apache-2.0
// The whole daemon in one process, a switch and a wallboard over gRPC.
#pragma once

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acd/v1/config_service.grpc.pb.h"
#include "acd/v1/switch_service.grpc.pb.h"
#include "acd/v1/wallboard_service.grpc.pb.h"
#include "daemon/server.h"
#include "tests/daemon/partition_fixture.h"

namespace acd {

// What grpc.health.v1 says of `service`: 1 serving, 2 not; 0: it knows no such service. Its
// messages hold one field each, with the layout of these wrappers.
inline int health_of(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  google::protobuf::StringValue request;
  request.set_value(service);
  google::protobuf::Int32Value response;
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &response);
  return status.ok() ? response.value() : 0;
}

// A switch over a real stream, one message at a time.
class Switch {
 public:
  Switch(const std::shared_ptr<grpc::Channel>& channel, const std::string& epoch,
         bool answers = false)
      : stub_(v1::SwitchService::NewStub(channel)), stream_(stub_->Connect(&context_)) {
    v1::ConnectRequest request;
    request.mutable_open_session()->set_tenant("tenants/bank");
    request.mutable_open_session()->set_source_id("pbx");
    request.mutable_open_session()->set_epoch(epoch);
    request.mutable_open_session()->set_answers_commands(answers);
    EXPECT_TRUE(stream_->Write(request));
    v1::ConnectResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    hello = response.hello();
    take(response);
    sequence_ = hello.last_durable_sequence();
  }
  v1::SwitchEvent& event() {
    v1::SwitchEvent& added = *request_.mutable_batch()->add_events();
    added.set_sequence(++sequence_);
    return added;
  }
  // Sends what was added and reads until it is acknowledged.
  void send() {
    EXPECT_TRUE(stream_->Write(request_));
    request_.Clear();
    while (acknowledged_ < sequence_) read();
  }
  // The next command, waited for.
  v1::SwitchCommand command() {
    while (commands_.empty()) read();
    v1::SwitchCommand first = commands_.front();
    commands_.erase(commands_.begin());
    return first;
  }
  grpc::Status finish() {
    stream_->WritesDone();
    v1::ConnectResponse response;
    while (stream_->Read(&response)) take(response);
    return stream_->Finish();
  }
  void cut() { context_.TryCancel(); }

  v1::Hello hello;
  std::vector<v1::Refusal> refusals;

 private:
  void read() {
    v1::ConnectResponse response;
    ASSERT_TRUE(stream_->Read(&response)) << "the stream ended";
    take(response);
  }
  void take(const v1::ConnectResponse& response) {
    if (response.has_ack()) acknowledged_ = response.ack().through_sequence();
    for (const v1::Refusal& refusal : response.ack().refusals()) refusals.push_back(refusal);
    for (const v1::SwitchCommand& command : response.commands()) commands_.push_back(command);
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::SwitchService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ConnectRequest, v1::ConnectResponse>> stream_;
  v1::ConnectRequest request_;
  int64_t sequence_ = 0;
  int64_t acknowledged_ = 0;
  std::vector<v1::SwitchCommand> commands_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    std::ofstream(folder_.path() + "/config.yaml") << kSampleConfig;
    settings_.config_file = folder_.path() + "/config.yaml";
    settings_.data_dir = folder_.path() + "/data";
    settings_.listen = {"127.0.0.1:0"};
    settings_.partitions = {{"main", {}}};
    snapshots_.program = "/bin/true";  // The tests themselves write what a child would.
  }
  // Starts a daemon over the same data.
  void start() {
    server_.emplace(settings_, journal_, snapshots_);
    const Server::Failure failed = server_->start();
    ASSERT_EQ(failed.exit_code, ExitCode::kOk) << failed.message;
    channel_ =
        grpc::CreateChannel(server_->addresses().front(), grpc::InsecureChannelCredentials());
  }
  void log_in(Switch& pbx, const std::string& agent, const std::string& station) {
    v1::SwitchEvent& event = pbx.event();
    event.mutable_agent_logged_in()->set_agent_id(agent);
    event.mutable_agent_logged_in()->set_station(station);
    pbx.event().mutable_agent_ready()->set_agent_id(agent);
  }
  void offer(Switch& pbx, const std::string& call) {
    v1::SwitchEvent& event = pbx.event();
    event.set_call_id(call);
    event.mutable_call_offered()->set_queue_id("sales");
  }
  v1::ListQueueStatsResponse queue_stats() {
    grpc::ClientContext context;
    v1::ListQueueStatsRequest request;
    request.set_parent("tenants/bank");
    v1::ListQueueStatsResponse response;
    const grpc::Status status =
        v1::WallboardService::NewStub(channel_)->ListQueueStats(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::QueueStats total() { return queue_stats().total(); }

  int health_of(const std::string& service) { return acd::health_of(channel_, service); }

  TempFolder folder_;
  Settings settings_;
  SegmentJournalOptions journal_;
  SnapshotKeeperOptions snapshots_;
  std::optional<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace acd
