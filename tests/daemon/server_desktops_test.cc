// SPDX-License-Identifier: Apache-2.0
// Desktops over gRPC at a whole daemon: resume, repeats, two that accept at once, and the grace.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/agent_service.grpc.pb.h"
#include "tests/daemon/server_fixture.h"

namespace acd {
namespace {

// A desktop or gateway over a real stream, one message at a time.
class Desktop {
 public:
  Desktop(const std::shared_ptr<grpc::Channel>& channel, const std::string& id)
      : stub_(v1::AgentService::NewStub(channel)), stream_(stub_->Connect(&context_)) {
    v1::AgentConnectRequest request;
    request.mutable_open_session()->set_tenant("tenants/bank");
    request.mutable_open_session()->set_source_id(id);
    request.mutable_open_session()->set_epoch("epoch");
    EXPECT_TRUE(stream_->Write(request));
    v1::AgentConnectResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    hello = response.hello();
    take(response);
    sequence_ = hello.last_durable_sequence();
  }
  v1::AgentEvent& event(const std::string& agent) {
    v1::AgentEvent& added = *request_.mutable_batch()->add_events();
    added.set_sequence(++sequence_);
    added.set_agent_id(agent);
    return added;
  }
  v1::AgentEvent& accept(const std::string& agent, const v1::OfferMade& offer) {
    v1::AgentEvent& claim = event(agent);
    claim.set_call_id(offer.call_id());
    claim.mutable_accept_offer()->set_generation(offer.generation());
    return claim;
  }
  void write() { EXPECT_TRUE(stream_->Write(request_)); }
  // Sends what was added and reads until it is acknowledged.
  void send() {
    write();
    request_.Clear();
    while (acknowledged_ < sequence_) read();
  }
  // The next update for which `is_it` says so; what comes before is dropped.
  template <typename IsIt>
  v1::AgentUpdate update(const IsIt& is_it) {
    for (;;) {
      while (updates_.empty()) read();
      v1::AgentUpdate first = updates_.front();
      updates_.erase(updates_.begin());
      if (is_it(first)) return first;
    }
  }
  v1::OfferMade offer() {
    return update([](const v1::AgentUpdate& one) { return one.has_offer(); }).offer();
  }
  v1::OfferOver over() {
    return update([](const v1::AgentUpdate& one) { return one.has_offer_over(); }).offer_over();
  }
  void cut() { context_.TryCancel(); }

  v1::AgentHello hello;
  std::vector<v1::Refusal> refusals;

 private:
  void read() {
    v1::AgentConnectResponse response;
    ASSERT_TRUE(stream_->Read(&response)) << "the stream ended";
    take(response);
  }
  void take(const v1::AgentConnectResponse& response) {
    if (response.has_ack()) acknowledged_ = response.ack().through_sequence();
    for (const v1::Refusal& refusal : response.ack().refusals()) refusals.push_back(refusal);
    for (const v1::AgentUpdate& update : response.updates()) updates_.push_back(update);
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AgentConnectRequest, v1::AgentConnectResponse>>
      stream_;
  v1::AgentConnectRequest request_;
  int64_t sequence_ = 0;
  int64_t acknowledged_ = 0;
  std::vector<v1::AgentUpdate> updates_;
};

class ServerDesktopsTest : public ServerTest {
 protected:
  void attach(Desktop& desktop, const std::string& agent, const std::string& station) {
    desktop.event(agent).mutable_attach();
    v1::LogInAgent* log_in = desktop.event(agent).mutable_log_in();
    log_in->set_source_id("pbx");
    log_in->set_station(station);
    log_in->set_answer_mode(v1::ANSWER_MODE_DESKTOP);
    desktop.event(agent).mutable_ready();
    desktop.send();
  }
  v1::AgentStatus agent_status(const std::string& agent) {
    grpc::ClientContext context;
    v1::GetAgentRequest request;
    request.set_name("tenants/bank/agents/" + agent);
    v1::AgentStatus status;
    const grpc::Status result =
        v1::WallboardService::NewStub(channel_)->GetAgent(&context, request, &status);
    EXPECT_TRUE(result.ok()) << result.error_message();
    return status;
  }
};

TEST_F(ServerDesktopsTest, ResumesWithItsOfferAndAClaimCountsOnce) {
  start();
  Switch pbx(channel_, "epoch");
  v1::OfferMade made;
  {
    Desktop desktop(channel_, "d1");
    EXPECT_FALSE(desktop.hello.resumed());
    attach(desktop, "ada", "100");
    offer(pbx, "c1");
    pbx.send();
    made = desktop.offer();
    EXPECT_EQ(made.call_id(), "c1");
    EXPECT_EQ(made.queue_id(), "sales");
    EXPECT_GT(made.timeout().seconds(), 0);
    // Cut between the claim and its acknowledgement: whether it came is not known.
    desktop.accept("ada", made);
    desktop.write();
    EXPECT_EQ(pbx.command().connect_call().agent_id(), "ada");
    desktop.cut();
  }
  Desktop desktop(channel_, "d1");
  EXPECT_TRUE(desktop.hello.resumed());
  EXPECT_EQ(desktop.hello.last_durable_sequence(), 4);
  // It asks again all the same, under the next number, and under a generation that never was.
  desktop.accept("ada", made);
  made.set_generation(made.generation() + 1);
  desktop.accept("ada", made);
  desktop.send();
  ASSERT_EQ(desktop.refusals.size(), 1u);
  EXPECT_EQ(desktop.refusals[0].sequence(), 6);
  EXPECT_EQ(desktop.refusals[0].reason(), v1::ERROR_REASON_OFFER_STALE);
  EXPECT_EQ(agent_status("ada").desktop(), "d1");
  EXPECT_FALSE(agent_status("ada").desktop_away());
}

TEST_F(ServerDesktopsTest, OfTwoWhoAcceptAtOnceOneWins) {
  start();
  Switch pbx(channel_, "epoch");
  Desktop older(channel_, "d1");
  attach(older, "ada", "100");
  offer(pbx, "c1");
  pbx.send();
  const v1::OfferMade made = older.offer();
  Desktop newer(channel_, "d2");
  newer.event("ada").mutable_attach();
  newer.send();
  EXPECT_EQ(newer.offer().call_id(), "c1");
  older.accept("ada", made);
  newer.accept("ada", made);
  std::thread other([&] { older.send(); });
  newer.send();
  other.join();
  ASSERT_EQ(older.refusals.size(), 1u);
  EXPECT_EQ(older.refusals[0].reason(), v1::ERROR_REASON_AGENT_NOT_ATTACHED);
  EXPECT_TRUE(newer.refusals.empty());
  EXPECT_TRUE(newer.over().accepted());
  EXPECT_EQ(pbx.command().connect_call().agent_id(), "ada");
}

TEST_F(ServerDesktopsTest, AGatewaySpeaksForItsAgentsAcrossARestart) {
  start();
  {
    Switch pbx(channel_, "epoch");
    Desktop gateway(channel_, "gw");
    attach(gateway, "ada", "100");
    attach(gateway, "bob", "101");
    offer(pbx, "c1");
    offer(pbx, "c2");
    pbx.send();
    EXPECT_EQ(gateway.offer().call_id(), "c1");
    EXPECT_EQ(gateway.offer().call_id(), "c2");
  }
  server_->stop();
  server_.reset();
  start();
  EXPECT_TRUE(agent_status("ada").desktop_away());
  Switch pbx(channel_, "epoch");
  Desktop gateway(channel_, "gw");
  EXPECT_TRUE(gateway.hello.resumed());
  EXPECT_EQ(gateway.hello.last_durable_sequence(), 6);
  EXPECT_EQ(gateway.offer().call_id(), "c1");
  const v1::OfferMade second = gateway.offer();
  gateway.accept("bob", second);
  gateway.send();
  EXPECT_TRUE(gateway.refusals.empty());
  EXPECT_EQ(pbx.command().connect_call().agent_id(), "bob");
}

// What is claimed one by one and what a stream claims is one claim.
TEST_F(ServerDesktopsTest, AUnaryClaimIsToldToTheDesktop) {
  start();
  Switch pbx(channel_, "epoch");
  Desktop desktop(channel_, "d1");
  attach(desktop, "ada", "100");
  offer(pbx, "c1");
  pbx.send();
  const v1::OfferMade made = desktop.offer();
  grpc::ClientContext context;
  v1::AcceptOfferRequest request;
  request.set_name("tenants/bank/agents/ada");
  request.set_call_id("c1");
  request.set_generation(made.generation());
  v1::AcceptOfferResponse response;
  const grpc::Status status =
      v1::AgentService::NewStub(channel_)->AcceptOffer(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(desktop.over().accepted());
}

}  // namespace
}  // namespace acd
