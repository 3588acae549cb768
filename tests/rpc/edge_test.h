// SPDX-License-Identifier: Apache-2.0
// A real server on a free port in front of a tenant "bank" that the test plays.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "acd/v1/switch_service.pb.h"
#include "daemon/rpc/rpc_server.h"
#include "tests/rpc/fake_tenant.h"
#include "tests/rpc/raw_client.h"

namespace acd {

class EdgeTest : public ::testing::Test {
 protected:
  EdgeTest() {
    auto bank = std::make_unique<FakeTenant>();
    tenant_ = bank.get();
    directory_.emplace("bank", std::move(bank));
    options_.listen = {"127.0.0.1:0"};
    // Many tests end with a batch that nobody returns.
    options_.drain_wait_max = std::chrono::milliseconds(20);
  }

  void TearDown() override {
    if (server_ != nullptr) server_->stop();
  }

  void start() {
    server_ = std::make_unique<RpcServer>(options_, directory_);
    const absl::Status status = server_->start();
    ASSERT_TRUE(status.ok()) << status.ToString();
    channel_ = channel_to(server_->addresses().front());
  }

  // With the least window that HTTP/2 begins with, so that a stream which is not read stalls soon.
  static std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }

  std::unique_ptr<RawStream> connect() {
    return std::make_unique<RawStream>(channel_, kConnectMethod);
  }

  static v1::ConnectRequest open_request() {
    v1::ConnectRequest request;
    request.mutable_open_session()->set_tenant("tenants/bank");
    request.mutable_open_session()->set_source_id("pbx-1");
    request.mutable_open_session()->set_epoch("1");
    return request;
  }

  // A stream whose session is open, with `last_sequence` durable.
  std::unique_ptr<RawStream> open(int64_t last_sequence = 0) {
    auto stream = connect();
    EXPECT_TRUE(stream->send(open_request()));
    std::unique_ptr<Batch> batch = tenant_->next_batch();
    if (batch == nullptr) return stream;
    shard_stream_ = batch->stream;
    shard_stream_->deliver(opened(std::move(batch), last_sequence));
    const auto response = stream->receive<v1::ConnectResponse>();
    EXPECT_TRUE(response && response->has_hello());
    return stream;
  }

  // A good batch of `count` events from `first` on.
  static v1::ConnectRequest ready_batch(int64_t first, int count = 1) {
    v1::ConnectRequest request;
    request.mutable_batch();
    for (int i = 0; i < count; ++i) {
      v1::SwitchEvent* event = request.mutable_batch()->add_events();
      event->set_sequence(first + i);
      event->mutable_agent_ready()->set_agent_id("ada");
    }
    return request;
  }

  // "CODE REASON fields" of a request that the edge refuses.
  std::string refused(const std::string& method, const google::protobuf::Message& request) {
    std::string unused;
    status_ = call_bytes(channel_, method, request.SerializeAsString(), &unused);
    EXPECT_EQ(tenant_->submitted(), 0);
    return std::to_string(status_.error_code()) + " " + reason_in(status_) + " " +
           fields_in(status_);
  }
  // What the caller gets when the shard answers `answer`; the change is kept in `batch_`.
  template <typename Response>
  grpc::Status answered(const std::string& method, const google::protobuf::Message& request,
                        const TableAnswer& answer, Response* response) {
    auto called =
        std::async(std::launch::async, [&] { return call(channel_, method, request, response); });
    batch_ = tenant_->next_batch();
    if (batch_ == nullptr) return called.get();
    EXPECT_NE(batch_->change, nullptr);
    EXPECT_EQ(batch_->stream, nullptr);
    batch_->change->reply(answer);
    return called.get();
  }
  template <typename Response>
  grpc::Status answered(const std::string& method, const google::protobuf::Message& request,
                        const TableAnswer& answer = {}) {
    Response response;
    return answered(method, request, answer, &response);
  }

  RpcOptions options_;
  Directory directory_;
  FakeTenant* tenant_ = nullptr;
  std::unique_ptr<RpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<SwitchStream> shard_stream_;  // As the shard holds it.
  grpc::Status status_;                         // Of the latest refusal.
  std::unique_ptr<Batch> batch_;                // Of the latest answer.
};

}  // namespace acd
