// SPDX-License-Identifier: Apache-2.0
// AgentService.Connect: opening, events of agents, what desktops are told, and how it ends.
#include <memory>
#include <string>
#include <utility>

#include "acd/v1/agent_service.pb.h"
#include "daemon/rpc/response_buffer.h"
#include "routing/limits.h"
#include "routing/sessions.h"
#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

constexpr const char* kConnect = "/acd.v1.AgentService/Connect";

class AgentStreamTest : public EdgeTest {
 protected:
  std::unique_ptr<RawStream> connect_desktop() {
    return std::make_unique<RawStream>(channel_, kConnect);
  }
  static v1::AgentConnectRequest open_desktop() {
    v1::AgentConnectRequest request;
    request.mutable_open_session()->set_tenant("tenants/bank");
    request.mutable_open_session()->set_source_id("desk-7");
    request.mutable_open_session()->set_epoch("1");
    return request;
  }
  // A stream whose session is open.
  std::unique_ptr<RawStream> opened_desktop() {
    auto stream = connect_desktop();
    EXPECT_TRUE(stream->send(open_desktop()));
    std::unique_ptr<Batch> batch = tenant_->next_batch();
    if (batch == nullptr) return stream;
    shard_stream_ = batch->stream;
    shard_stream_->deliver(opened(std::move(batch), 0));
    const auto response = stream->receive<v1::AgentConnectResponse>();
    EXPECT_TRUE(response && response->has_hello());
    return stream;
  }
  static v1::AgentEvent* add(v1::AgentConnectRequest* request, int64_t sequence,
                             const std::string& agent) {
    v1::AgentEvent* event = request->mutable_batch()->add_events();
    event->set_sequence(sequence);
    event->set_agent_id(agent);
    return event;
  }
};

TEST_F(AgentStreamTest, OpensASessionAndSaysHello) {
  start();
  auto stream = connect_desktop();
  ASSERT_TRUE(stream->send(open_desktop()));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 1u);
  const Command& command = batch->commands[0];
  EXPECT_EQ(command.kind, CommandKind::kOpenSession);
  EXPECT_EQ(command.detail, static_cast<uint8_t>(SourceKind::kDesktop));
  EXPECT_EQ(command.name.in(batch->arena), "desk-7");
  EXPECT_EQ(command.text.in(batch->arena), "1");
  const auto shard_stream = batch->stream;
  shard_stream->deliver(opened(std::move(batch), 41));
  const auto response = stream->receive<v1::AgentConnectResponse>();
  ASSERT_TRUE(response && response->has_hello());
  EXPECT_EQ(response->hello().last_durable_sequence(), 41);
  EXPECT_TRUE(response->hello().resumed());
  EXPECT_EQ(response->hello().limits().message_bytes_max(), 16 << 10);
  EXPECT_EQ(response->hello().limits().batch_events_max(), 128);
  EXPECT_EQ(response->hello().heartbeat().seconds(), 5);
  EXPECT_EQ(response->hello().agent_grace().seconds(), 60);
}

TEST_F(AgentStreamTest, HandsEveryEventOn) {
  start();
  auto stream = opened_desktop();
  v1::AgentConnectRequest request;
  add(&request, 1, "ada")->mutable_attach();
  v1::LogInAgent* log_in = add(&request, 2, "ada")->mutable_log_in();
  log_in->set_source_id("pbx");
  log_in->set_station("100");
  log_in->set_answer_mode(v1::ANSWER_MODE_DESKTOP);
  log_in->add_media(v1::MEDIUM_CHAT);
  add(&request, 3, "ada")->mutable_ready();
  add(&request, 4, "ada")->mutable_not_ready()->set_reason(7);
  v1::AgentEvent* end = add(&request, 5, "ada");
  end->set_call_id("c0");
  end->mutable_end_wrap_up();
  add(&request, 6, "ada")->mutable_extend_wrap_up();
  add(&request, 7, "ada")->mutable_pause()->set_queue_id("sales");
  add(&request, 8, "ada")->mutable_unpause()->set_queue_id("sales");
  v1::AgentEvent* accept = add(&request, 9, "ada");
  accept->set_call_id("c1");
  accept->mutable_accept_offer()->set_generation(3);
  v1::AgentEvent* reject = add(&request, 10, "bob");
  reject->set_call_id("c2");
  reject->mutable_reject_offer()->set_generation(4);
  add(&request, 11, "ada")->mutable_log_out();
  add(&request, 12, "ada")->mutable_detach();
  ASSERT_TRUE(stream->send(request));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  constexpr CommandKind kKinds[] = {
      CommandKind::kAttachAgent, CommandKind::kLogIn,         CommandKind::kSetReady,
      CommandKind::kSetNotReady, CommandKind::kEndWrapUp,     CommandKind::kExtendWrapUp,
      CommandKind::kPauseMember, CommandKind::kUnpauseMember, CommandKind::kAcceptOffer,
      CommandKind::kRejectOffer, CommandKind::kLogOut,        CommandKind::kDetachAgent};
  ASSERT_EQ(batch->commands.size(), std::size(kKinds));
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    EXPECT_EQ(batch->commands[i].kind, kKinds[i]) << i;
    EXPECT_EQ(batch->commands[i].sequence, static_cast<int64_t>(i + 1));
  }
  const std::string& arena = batch->arena;
  EXPECT_EQ(batch->commands[1].preferred.in(arena), "pbx");
  EXPECT_EQ(batch->commands[1].text.in(arena), "100");
  EXPECT_EQ(batch->commands[1].detail, static_cast<uint8_t>(AnswerMode::kDesktop));
  EXPECT_EQ(batch->commands[1].number, mask_of(Medium::kChat));
  EXPECT_EQ(batch->commands[3].number, 7);
  EXPECT_EQ(batch->commands[4].call.in(arena), "c0");
  EXPECT_EQ(batch->commands[6].text.in(arena), "sales");
  EXPECT_EQ(batch->commands[8].call.in(arena), "c1");
  EXPECT_EQ(batch->commands[8].generation, 3u);
  EXPECT_EQ(batch->commands[9].name.in(arena), "bob");
}

TEST_F(AgentStreamTest, NamesTheFieldThatIsWrongAndTakesTheRest) {
  start();
  auto stream = opened_desktop();
  v1::AgentConnectRequest request;
  add(&request, 1, "")->mutable_attach();
  add(&request, 2, "ada");
  add(&request, 3, "ada")->mutable_accept_offer()->set_generation(1);
  v1::AgentEvent* accept = add(&request, 4, "ada");
  accept->set_call_id("c1");
  accept->mutable_accept_offer();
  add(&request, 5, "ada")->mutable_log_in()->set_station("100");
  add(&request, 6, "ada")->mutable_not_ready()->set_reason(100);
  add(&request, 7, "a\xff")->mutable_ready();
  add(&request, 8, "ada")->mutable_ready();
  ASSERT_TRUE(stream->send(request));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->refusals.size(), 7u);
  const std::pair<const char*, v1::ErrorReason> kWanted[] = {
      {"agent_id", v1::ERROR_REASON_FIELD_REQUIRED},
      {"event", v1::ERROR_REASON_FIELD_REQUIRED},
      {"call_id", v1::ERROR_REASON_FIELD_REQUIRED},
      {"accept_offer.generation", v1::ERROR_REASON_FIELD_REQUIRED},
      {"log_in.source_id", v1::ERROR_REASON_FIELD_REQUIRED},
      {"not_ready.reason", v1::ERROR_REASON_FIELD_OUT_OF_RANGE},
      {"agent_id", v1::ERROR_REASON_FIELD_NOT_TEXT}};
  for (size_t i = 0; i < std::size(kWanted); ++i) {
    EXPECT_EQ(batch->refusals[i].field, kWanted[i].first);
    EXPECT_EQ(batch->refusals[i].reason, kWanted[i].second) << kWanted[i].first;
  }
  EXPECT_EQ(batch->commands[7].kind, CommandKind::kSetReady);
}

TEST_F(AgentStreamTest, TellsWhatHappensToItsAgents) {
  start();
  auto stream = opened_desktop();
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = 2;
  delivery.refused.push_back({2, CommandKind::kLogIn, Reject::kSwitchAway, 0, "", ""});
  delivery.refused.push_back({2, CommandKind::kSetReady, Reject::kNotAttached, 0, "", ""});
  delivery.arena = "adac1salespbx100";
  DesktopUpdate offer;
  offer.kind = DesktopUpdate::Kind::kOffer;
  offer.agent = {0, 3};
  offer.call = {3, 2};
  offer.queue = {5, 5};
  offer.generation = 4;
  offer.timeout_ns = 20 * kNsPerS;
  offer.deadline_ns = 95 * kNsPerS;
  offer.waited_ns = 3 * kNsPerS;
  offer.priority = -2;
  offer.medium = Medium::kChat;
  offer.answer_mode = AnswerMode::kDesktop;
  DesktopUpdate over = offer;
  over.kind = DesktopUpdate::Kind::kOfferOver;
  over.outcome = OfferOutcome::kRescinded;
  DesktopUpdate accepted = over;
  accepted.outcome = OfferOutcome::kAccepted;
  DesktopUpdate status;
  status.kind = DesktopUpdate::Kind::kStatus;
  status.agent = {0, 3};
  status.state = AgentState::kNotReady;
  status.reason = kReasonConnectionLost;
  status.source = {10, 3};
  status.station = {13, 3};
  DesktopUpdate taken;
  taken.agent = {0, 3};
  status.calls = {{3, 2}};
  DesktopUpdate all_told;
  all_told.kind = DesktopUpdate::Kind::kAllTold;
  delivery.updates = {offer, over, accepted, status, taken, all_told};
  shard_stream_->deliver(std::move(delivery));

  const auto response = stream->receive<v1::AgentConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->ack().through_sequence(), 2);
  ASSERT_EQ(response->ack().refusals_size(), 2);
  EXPECT_EQ(response->ack().refusals(0).reason(), v1::ERROR_REASON_SWITCH_AWAY);
  EXPECT_EQ(response->ack().refusals(0).field(), "log_in.source_id");
  EXPECT_EQ(response->ack().refusals(1).reason(), v1::ERROR_REASON_AGENT_NOT_ATTACHED);
  EXPECT_EQ(response->ack().refusals(1).field(), "agent_id");
  ASSERT_EQ(response->updates_size(), 6);
  EXPECT_EQ(response->updates(0).agent_id(), "ada");
  const v1::OfferMade& made = response->updates(0).offer();
  EXPECT_EQ(made.call_id(), "c1");
  EXPECT_EQ(made.generation(), 4);
  EXPECT_EQ(made.timeout().seconds(), 20);
  EXPECT_EQ(made.deadline().seconds(), 95);
  EXPECT_EQ(made.waited().seconds(), 3);
  EXPECT_EQ(made.queue_id(), "sales");
  EXPECT_EQ(made.priority(), -2);
  EXPECT_EQ(made.medium(), v1::MEDIUM_CHAT);
  EXPECT_EQ(made.answer_mode(), v1::ANSWER_MODE_DESKTOP);
  EXPECT_EQ(response->updates(1).offer_over().outcome(), v1::OFFER_OUTCOME_RESCINDED);
  EXPECT_FALSE(response->updates(1).offer_over().accepted());
  EXPECT_TRUE(response->updates(2).offer_over().accepted());
  EXPECT_EQ(response->updates(3).status().state(), v1::AGENT_STATE_NOT_READY);
  EXPECT_EQ(response->updates(3).status().reason(), 204);
  EXPECT_EQ(response->updates(3).status().source_id(), "pbx");
  EXPECT_EQ(response->updates(3).status().station(), "100");
  ASSERT_EQ(response->updates(3).status().call_ids_size(), 1);
  EXPECT_EQ(response->updates(3).status().call_ids(0), "c1");
  EXPECT_TRUE(response->updates(4).has_taken_over());
  EXPECT_TRUE(response->updates(5).has_all_told());
  EXPECT_EQ(response->updates(5).agent_id(), "");
}

// Well above what else may wait: it is read in parts, and what comes meanwhile with it.
TEST_F(AgentStreamTest, TellsAGatewayOfAllItsAgentsHoweverMany) {
  start();
  auto stream = connect_desktop();
  ASSERT_TRUE(stream->send(open_desktop()));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  shard_stream_ = batch->stream;
  Delivery delivery = opened(std::move(batch), 0);
  delivery.arena = std::string(kRequirementBytesMax, 'x');
  DesktopUpdate offer;
  offer.kind = DesktopUpdate::Kind::kOffer;
  offer.agent = offer.call = offer.queue = {0, 64};
  offer.requirement = {0, static_cast<uint32_t>(kRequirementBytesMax)};
  const size_t count = 3 * kPendingBytesMax / 2 / kRequirementBytesMax;
  delivery.updates.assign(count, offer);
  shard_stream_->deliver(std::move(delivery));
  Delivery more;
  more.arena = "ada";
  DesktopUpdate taken;
  taken.agent = {0, 3};
  more.updates = {taken};
  shard_stream_->deliver(std::move(more));
  size_t told = 0;
  while (told <= count) {
    const auto response = stream->receive<v1::AgentConnectResponse>();
    ASSERT_TRUE(response);
    EXPECT_LE(response->updates_size(), 1'024);
    told += static_cast<size_t>(response->updates_size());
  }
  EXPECT_EQ(told, count + 1);
}

TEST_F(AgentStreamTest, EndsAsASwitchesStreamDoes) {
  start();
  const auto reason_of = [&](const v1::AgentConnectRequest& request) {
    auto stream = connect_desktop();
    EXPECT_TRUE(stream->send(request));
    return reason_in(stream->finish());
  };
  EXPECT_EQ(reason_of({}), "SESSION_NOT_OPEN");
  v1::AgentConnectRequest bad = open_desktop();
  bad.mutable_open_session()->set_tenant("tenants/shop");
  EXPECT_EQ(reason_of(bad), "TENANT_UNKNOWN");
  bad.mutable_open_session()->set_epoch("");
  EXPECT_EQ(reason_of(bad), "FIELD_REQUIRED");
  v1::AgentConnectRequest large = open_desktop();
  large.mutable_open_session()->set_epoch(std::string(17 << 10, 'x'));
  EXPECT_EQ(reason_of(large), "MESSAGE_TOO_LARGE");

  auto stream = opened_desktop();
  v1::AgentConnectRequest gap;
  add(&gap, 2, "ada")->mutable_ready();
  ASSERT_TRUE(stream->send(gap));
  EXPECT_EQ(reason_in(stream->finish()), "SEQUENCE_GAP");
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(AgentStreamTest, TakesNoMoreStreamsThanItMay) {
  options_.agent_streams_max = 1;
  start();
  auto first = opened_desktop();
  auto second = connect_desktop();
  const grpc::Status status = second->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "OVERLOADED");
}

}  // namespace
}  // namespace acd
