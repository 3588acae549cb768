// SPDX-License-Identifier: Apache-2.0
// SwitchService.Connect: opening, the flow of batches and responses, and every way it ends.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/rpc/edge_test.h"

namespace acd {
namespace {

class SwitchStreamTest : public EdgeTest {};

TEST_F(SwitchStreamTest, OpensASessionAndSaysHello) {
  start();
  auto stream = connect();
  v1::ConnectRequest request = open_request();
  request.mutable_open_session()->set_reports_ringing(true);
  ASSERT_TRUE(stream->send(request));

  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 1u);
  const Command& command = batch->commands[0];
  EXPECT_EQ(command.kind, CommandKind::kOpenSession);
  EXPECT_EQ(command.name.in(batch->arena), "pbx-1");
  EXPECT_EQ(command.text.in(batch->arena), "1");
  EXPECT_EQ(command.principal.in(batch->arena), "local:127.0.0.1");
  EXPECT_TRUE(command.flag);

  const auto shard_stream = batch->stream;
  shard_stream->deliver(opened(std::move(batch), 41));
  const auto response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response && response->has_hello());
  const v1::Hello& hello = response->hello();
  EXPECT_EQ(hello.last_durable_sequence(), 41);
  EXPECT_TRUE(hello.resumed());
  EXPECT_EQ(hello.limits().message_bytes_max(), 1 << 20);
  EXPECT_EQ(hello.limits().batch_events_max(), 1024);
  EXPECT_EQ(hello.limits().id_bytes_max(), 64);
  EXPECT_EQ(hello.limits().requirement_bytes_max(), 512);
  EXPECT_EQ(hello.ack_timeout().seconds(), 3);
  EXPECT_EQ(hello.heartbeat().seconds(), 5);
  EXPECT_EQ(hello.switch_grace().seconds(), 60);
  EXPECT_EQ(hello.clock_mode(), v1::CLOCK_MODE_WALL);
  EXPECT_EQ(hello.now().seconds(), 5);
  EXPECT_EQ(hello.unix_time().seconds(), 1'900'000'000);
  EXPECT_EQ(hello.unix_time().nanos(), 7);
}

TEST_F(SwitchStreamTest, RefusesAStreamThatDoesNotOpenItsSession) {
  start();
  auto stream = connect();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "SESSION_NOT_OPEN");
  EXPECT_EQ(tenant_->submitted(), 0);
}

TEST_F(SwitchStreamTest, RefusesASecondOpenSession) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(open_request()));
  EXPECT_EQ(reason_in(stream->finish()), "SESSION_NOT_OPEN");
}

TEST_F(SwitchStreamTest, NamesEveryBadFieldOfOpenSession) {
  start();
  auto stream = connect();
  v1::ConnectRequest request = open_request();
  request.mutable_open_session()->set_tenant("bank");
  request.mutable_open_session()->set_source_id(std::string(65, 'x'));
  request.mutable_open_session()->set_epoch("a\nb");
  ASSERT_TRUE(stream->send(request));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "NAME_MALFORMED");
  EXPECT_EQ(fields_in(status), "open_session.tenant open_session.source_id open_session.epoch");
}

TEST_F(SwitchStreamTest, NamesTheReasonOfOneBadFieldOfOpenSession) {
  start();
  const auto reason_of_open = [&](const std::string& tenant, const std::string& source,
                                  const std::string& epoch) {
    v1::ConnectRequest request;
    request.mutable_open_session()->set_tenant(tenant);
    request.mutable_open_session()->set_source_id(source);
    request.mutable_open_session()->set_epoch(epoch);
    auto stream = connect();
    EXPECT_TRUE(stream->send(request));
    return reason_in(stream->finish());
  };
  EXPECT_EQ(reason_of_open("", "pbx", "1"), "FIELD_REQUIRED");
  EXPECT_EQ(reason_of_open("tenants/bank", "", "1"), "FIELD_REQUIRED");
  EXPECT_EQ(reason_of_open("tenants/bank", "pbx", ""), "FIELD_REQUIRED");
  EXPECT_EQ(reason_of_open("tenants/bank", "pbx", std::string(65, '1')), "FIELD_TOO_LONG");
  EXPECT_EQ(reason_of_open("tenants/bank", "p\x7f", "1"), "FIELD_NOT_TEXT");
  EXPECT_EQ(reason_of_open("tenants/bank", "p\xff", "1"), "FIELD_NOT_TEXT");
  EXPECT_EQ(reason_of_open("tenants/", "pbx", "1"), "NAME_MALFORMED");
  EXPECT_EQ(reason_of_open("tenants/shop", "pbx", "1"), "TENANT_UNKNOWN");
  EXPECT_EQ(tenant_->submitted(), 0);
}

TEST_F(SwitchStreamTest, SaysNotFoundForAnUnknownTenant) {
  start();
  auto stream = connect();
  v1::ConnectRequest request = open_request();
  request.mutable_open_session()->set_tenant("tenants/shop");
  ASSERT_TRUE(stream->send(request));
  EXPECT_EQ(stream->finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(SwitchStreamTest, AcknowledgesRefusesAndCommands) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1, 3)));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 3u);
  EXPECT_EQ(batch->commands[2].sequence, 3);

  Delivery delivery = acknowledged(std::move(batch), 3);
  delivery.refused.push_back({2, CommandKind::kSetReady, Reject::kAgentUnknown, 0, "", ""});
  delivery.arena = "c1adasip/7";
  SwitchCommand ring;
  ring.kind = SwitchCommandKind::kRingAgent;
  ring.generation = 4;
  ring.timeout_ns = 20 * kNsPerS + 5;
  ring.call = {0, 2};
  ring.agent = {2, 3};
  ring.station = {5, 5};
  SwitchCommand stop = ring;
  stop.kind = SwitchCommandKind::kStopRinging;
  stop.outcome = OfferOutcome::kRescinded;
  SwitchCommand join = ring;
  join.kind = SwitchCommandKind::kConnectCall;
  SwitchCommand drop = ring;
  drop.kind = SwitchCommandKind::kDropLeg;
  delivery.commands = {ring, stop, join, drop};
  shard_stream_->deliver(std::move(delivery));

  const auto response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_FALSE(response->has_hello());
  EXPECT_EQ(response->ack().through_sequence(), 3);
  ASSERT_EQ(response->ack().refusals_size(), 1);
  const v1::Refusal& refusal = response->ack().refusals(0);
  EXPECT_EQ(refusal.sequence(), 2);
  EXPECT_EQ(refusal.reason(), v1::ERROR_REASON_AGENT_UNKNOWN);
  EXPECT_EQ(refusal.field(), "agent_ready.agent_id");
  EXPECT_FALSE(refusal.message().empty());
  ASSERT_EQ(response->commands_size(), 4);
  EXPECT_EQ(response->commands(0).call_id(), "c1");
  EXPECT_EQ(response->commands(0).generation(), 4);
  EXPECT_EQ(response->commands(0).ring_agent().agent_id(), "ada");
  EXPECT_EQ(response->commands(0).ring_agent().station(), "sip/7");
  EXPECT_EQ(response->commands(0).ring_agent().timeout().seconds(), 20);
  EXPECT_EQ(response->commands(0).ring_agent().timeout().nanos(), 5);
  EXPECT_EQ(response->commands(1).stop_ringing().outcome(), v1::OFFER_OUTCOME_RESCINDED);
  EXPECT_EQ(response->commands(2).connect_call().agent_id(), "ada");
  EXPECT_TRUE(response->commands(3).has_drop_leg());
}

TEST_F(SwitchStreamTest, RefusesABadEventAloneAndPassesOnTheRest) {
  start();
  auto stream = open();
  v1::ConnectRequest request = ready_batch(1, 3);
  request.mutable_batch()->mutable_events(1)->mutable_agent_ready()->clear_agent_id();
  ASSERT_TRUE(stream->send(request));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 3u);
  EXPECT_EQ(batch->commands[0].kind, CommandKind::kSetReady);
  EXPECT_EQ(batch->commands[1].kind, CommandKind::kRefused);
  EXPECT_EQ(batch->commands[1].sequence, 2);
  EXPECT_EQ(batch->commands[1].detail, v1::ERROR_REASON_FIELD_REQUIRED);
  EXPECT_EQ(batch->commands[2].kind, CommandKind::kSetReady);
  ASSERT_EQ(batch->refusals.size(), 1u);
  EXPECT_EQ(batch->refusals[0].command_index, 1u);
  EXPECT_EQ(batch->refusals[0].field, "agent_ready.agent_id");

  // What the edge found comes back in the acknowledgement as it was found.
  Delivery delivery = acknowledged(std::move(batch), 3);
  delivery.refused.push_back({2, CommandKind::kRefused, Reject::kNone,
                              v1::ERROR_REASON_FIELD_REQUIRED, "agent_ready.agent_id",
                              "is required"});
  shard_stream_->deliver(std::move(delivery));
  const auto response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  ASSERT_EQ(response->ack().refusals_size(), 1);
  EXPECT_EQ(response->ack().refusals(0).reason(), v1::ERROR_REASON_FIELD_REQUIRED);
  EXPECT_EQ(response->ack().refusals(0).field(), "agent_ready.agent_id");
  EXPECT_EQ(response->ack().refusals(0).message(), "is required");
}

TEST_F(SwitchStreamTest, RefusesAnEventWithInvalidUtf8Alone) {
  start();
  auto stream = open();
  v1::ConnectRequest request = ready_batch(1, 3);
  request.mutable_batch()->mutable_events(1)->mutable_agent_ready()->set_agent_id("zoé!");
  std::string bytes = request.SerializeAsString();
  bytes[bytes.find("zoé!") + 3] = '!';  // Half a letter.
  ASSERT_TRUE(stream->send_bytes(bytes));
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 3u);
  EXPECT_EQ(batch->commands[0].kind, CommandKind::kSetReady);
  EXPECT_EQ(batch->commands[1].kind, CommandKind::kRefused);
  EXPECT_EQ(batch->commands[1].detail, v1::ERROR_REASON_FIELD_NOT_TEXT);
  EXPECT_EQ(batch->commands[2].kind, CommandKind::kSetReady);
  ASSERT_EQ(batch->refusals.size(), 1u);
  EXPECT_EQ(batch->refusals[0].field, "agent_ready.agent_id");
  EXPECT_EQ(batch->arena, "adaada");
}

TEST_F(SwitchStreamTest, EndsOnUnparsableBytesBeforeAnythingIsApplied) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send_bytes(ready_batch(1).SerializeAsString() + "\x12\x7f"));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "MESSAGE_UNPARSABLE");
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(SwitchStreamTest, EndsOnAMessageAboveTheLimit) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send_bytes(std::string((1 << 20) + 1, '\0')));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "MESSAGE_TOO_LARGE");
}

TEST_F(SwitchStreamTest, EndsOnABatchAboveTheLimitBeforeAnythingIsApplied) {
  options_.batch_events_max = 4;
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1, 4)));
  ASSERT_NE(tenant_->next_batch(), nullptr);
  ASSERT_TRUE(stream->send(ready_batch(5, 5)));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "BATCH_TOO_LARGE");
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(SwitchStreamTest, EndsOnAGapBetweenBatches) {
  start();
  auto stream = open(10);
  ASSERT_TRUE(stream->send(ready_batch(12)));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "SEQUENCE_GAP");
}

TEST_F(SwitchStreamTest, EndsOnAGapWithinABatch) {
  start();
  auto stream = open();
  v1::ConnectRequest request = ready_batch(1, 3);
  request.mutable_batch()->mutable_events(2)->set_sequence(4);
  ASSERT_TRUE(stream->send(request));
  EXPECT_EQ(reason_in(stream->finish()), "SEQUENCE_GAP");
}

TEST_F(SwitchStreamTest, EndsOnASequenceBelowOne) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(0)));
  EXPECT_EQ(reason_in(stream->finish()), "SEQUENCE_GAP");
}

TEST_F(SwitchStreamTest, PassesOnRepeatsAndGoesOnBehindThem) {
  start();
  auto stream = open(10);
  ASSERT_TRUE(stream->send(ready_batch(9, 3)));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->commands.size(), 3u);
  EXPECT_EQ(batch->commands[0].sequence, 9);
  EXPECT_EQ(batch->commands[2].sequence, 11);
  ASSERT_TRUE(stream->send(ready_batch(12)));
  batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->commands[0].sequence, 12);
}

TEST_F(SwitchStreamTest, TakesAnEmptyBatchAsAHeartbeat) {
  start();
  auto stream = open();
  v1::ConnectRequest heartbeat;
  heartbeat.mutable_batch();
  ASSERT_TRUE(stream->send(heartbeat));
  ASSERT_TRUE(stream->send(ready_batch(1)));
  const std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->commands.size(), 1u);
  EXPECT_EQ(tenant_->submitted(), 2);  // The open and the event.
}

TEST_F(SwitchStreamTest, RefusesTheDrivenClockOnAWallClock) {
  start();
  auto stream = open();
  v1::ConnectRequest request = ready_batch(1);
  request.mutable_batch()->mutable_now()->set_seconds(1);
  ASSERT_TRUE(stream->send(request));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(status), "CLOCK_MISMATCH");
}

TEST_F(SwitchStreamTest, RefusesABatchWithoutTimeOnADrivenClock) {
  options_.driven_clock = true;
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  EXPECT_EQ(reason_in(stream->finish()), "CLOCK_MISMATCH");
}

TEST_F(SwitchStreamTest, RefusesTimesOutOfRange) {
  options_.driven_clock = true;
  start();
  const auto fields_of = [&](int64_t seconds, int32_t nanos) {
    auto stream = open();
    v1::ConnectRequest request;
    request.mutable_batch()->mutable_now()->set_seconds(seconds);
    request.mutable_batch()->mutable_now()->set_nanos(nanos);
    EXPECT_TRUE(stream->send(request));
    const grpc::Status status = stream->finish();
    EXPECT_EQ(reason_in(status), "FIELD_OUT_OF_RANGE");
    EXPECT_NE(tenant_->next_batch(), nullptr);  // The close.
    return fields_in(status);
  };
  EXPECT_EQ(fields_of(-1, 0), "batch.now");
  EXPECT_EQ(fields_of(0, -1), "batch.now");
  EXPECT_EQ(fields_of(0, 1'000'000'000), "batch.now");
  EXPECT_EQ(fields_of(INT64_MAX, 0), "batch.now");
}

TEST_F(SwitchStreamTest, AnswersEachDrivenBatchByItself) {
  options_.driven_clock = true;
  start();
  auto stream = open();
  std::vector<std::unique_ptr<Batch>> batches;
  for (int second = 1; second <= 2; ++second) {
    v1::ConnectRequest request;
    request.mutable_batch()->mutable_now()->set_seconds(second);
    request.mutable_batch()->set_number(70 + second);
    ASSERT_TRUE(stream->send(request));
    batches.push_back(tenant_->next_batch());
    ASSERT_NE(batches.back(), nullptr);
    EXPECT_EQ(batches.back()->driven_now_ns, second * kNsPerS);
    EXPECT_TRUE(batches.back()->commands.empty());
  }
  for (auto& batch : batches) {
    Delivery delivery;
    delivery.has_driven_clock = true;
    delivery.driven_now_ns = batch->driven_now_ns;
    delivery.driven_number = batch->driven_number;
    delivery.next_deadline_ns = batch->driven_now_ns == kNsPerS ? 90 * kNsPerS : kNeverNs;
    delivery.finished.push_back(std::move(batch));
    shard_stream_->deliver(std::move(delivery));
  }
  const auto first = stream->receive<v1::ConnectResponse>();
  const auto second = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->driven_clock().now().seconds(), 1);
  EXPECT_EQ(first->driven_clock().next_deadline().seconds(), 90);
  EXPECT_EQ(second->driven_clock().now().seconds(), 2);
  EXPECT_EQ(first->driven_clock().number(), 71);
  EXPECT_EQ(second->driven_clock().number(), 72);
  EXPECT_EQ(first->number(), 2);  // Behind the hello.
  EXPECT_EQ(second->number(), 3);
  EXPECT_FALSE(second->driven_clock().has_next_deadline());
}

TEST_F(SwitchStreamTest, ReadsNoFurtherBatchUntilOneIsReturned) {
  start();
  auto stream = open();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(stream->send(ready_batch(i)));
  std::array<std::unique_ptr<Batch>, 4> batches;
  for (std::unique_ptr<Batch>& batch : batches) batch = tenant_->next_batch();
  ASSERT_NE(batches.back(), nullptr);

  // Every message behind the fifth would be seen as well, had it been read: this one ends the
  // stream.
  ASSERT_TRUE(stream->send_bytes("\xff"));
  Delivery command;
  command.commands.emplace_back().kind = SwitchCommandKind::kDropLeg;
  shard_stream_->deliver(std::move(command));
  ASSERT_TRUE(stream->receive<v1::ConnectResponse>());
  EXPECT_EQ(tenant_->submitted(), 5);  // The open and four batches.

  shard_stream_->deliver(acknowledged(std::move(batches[0]), 1));
  ASSERT_TRUE(tenant_->wait_submitted(6));
  shard_stream_->deliver(acknowledged(std::move(batches[1]), 2));
  EXPECT_EQ(reason_in(stream->finish()), "MESSAGE_UNPARSABLE");
}

TEST_F(SwitchStreamTest, ClosesTheSessionOnceWhenTheClientCancels) {
  start();
  auto stream = open();
  stream->cancel();
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  ASSERT_EQ(close->commands.size(), 1u);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  EXPECT_EQ(close->stream, shard_stream_);
  server_->stop();
  EXPECT_EQ(tenant_->submitted(), 2);  // The open and one close.
}

TEST_F(SwitchStreamTest, ClosesNothingWhenNoSessionWasOpened) {
  start();
  auto stream = connect();
  stream->cancel();
  stream.reset();
  server_->stop();
  EXPECT_EQ(tenant_->submitted(), 0);
}

TEST_F(SwitchStreamTest, ClosesTheSessionWhenABatchIsReturnedIfAllAreInFlight) {
  start();
  auto stream = open();
  std::vector<std::unique_ptr<Batch>> batches;
  for (int i = 1; i <= 4; ++i) {
    ASSERT_TRUE(stream->send(ready_batch(i)));
    batches.push_back(tenant_->next_batch());
    ASSERT_NE(batches.back(), nullptr);
  }
  stream->cancel();
  stream.reset();
  server_->stop();
  EXPECT_EQ(tenant_->submitted(), 5);
  shard_stream_->deliver(acknowledged(std::move(batches[0]), 1));
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
  shard_stream_->deliver(acknowledged(std::move(batches[1]), 2));
  EXPECT_EQ(tenant_->submitted(), 6);
}

TEST_F(SwitchStreamTest, AnswersWhatWasSentBeforeAHalfClose) {
  start();
  auto stream = open();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  ASSERT_TRUE(stream->half_close());
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  shard_stream_->deliver(acknowledged(std::move(batch), 1));
  const auto response = stream->receive<v1::ConnectResponse>();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->ack().through_sequence(), 1);
  EXPECT_TRUE(stream->finish().ok());
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->commands[0].kind, CommandKind::kCloseSession);
}

TEST_F(SwitchStreamTest, EndsAsTheShardSays) {
  start();
  const auto status_of = [&](CloseReason reason) {
    auto stream = open();
    Delivery delivery;
    delivery.close = reason;
    shard_stream_->deliver(std::move(delivery));
    const grpc::Status status = stream->finish();
    EXPECT_NE(tenant_->next_batch(), nullptr);  // The close.
    return std::to_string(status.error_code()) + " " + reason_in(status);
  };
  EXPECT_EQ(status_of(CloseReason::kSessionReplaced), "10 SESSION_REPLACED");
  EXPECT_EQ(status_of(CloseReason::kConductorExists), "9 CONDUCTOR_EXISTS");
  EXPECT_EQ(status_of(CloseReason::kClockMismatch), "3 CLOCK_MISMATCH");
  EXPECT_EQ(status_of(CloseReason::kSequenceGap), "3 SEQUENCE_GAP");
  EXPECT_EQ(status_of(CloseReason::kLimitReached), "8 LIMIT_REACHED");
}

TEST_F(SwitchStreamTest, RefusesAnOpenThatTheShardRefuses) {
  start();
  auto stream = connect();
  ASSERT_TRUE(stream->send(open_request()));
  std::unique_ptr<Batch> batch = tenant_->next_batch();
  ASSERT_NE(batch, nullptr);
  const auto shard_stream = batch->stream;
  Delivery delivery;
  delivery.close = CloseReason::kLimitReached;
  delivery.finished.push_back(std::move(batch));
  shard_stream->deliver(std::move(delivery));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(reason_in(status), "LIMIT_REACHED");
  EXPECT_TRUE(has_retry(status));
}

TEST_F(SwitchStreamTest, RefusesStreamsAboveTheLimitWithARetry) {
  options_.switch_streams_max = 1;
  start();
  auto stream = open();
  auto other = connect();
  const grpc::Status status = other->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reason_in(status), "OVERLOADED");
  EXPECT_TRUE(has_retry(status));
}

TEST_F(SwitchStreamTest, EndsWhenTheShardTakesNoMore) {
  start();
  auto stream = open();
  tenant_->set_stopping();
  ASSERT_TRUE(stream->send(ready_batch(1)));
  const grpc::Status status = stream->finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
}

TEST_F(SwitchStreamTest, EndsOpenStreamsAtAStop) {
  start();
  auto stream = open();
  auto waiting = connect();
  ASSERT_TRUE(waiting->send(open_request()));
  const std::unique_ptr<Batch> unanswered = tenant_->next_batch();
  ASSERT_NE(unanswered, nullptr);
  server_->stop();
  for (auto* each : {stream.get(), waiting.get()}) {
    const grpc::Status status = each->finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(reason_in(status), "SHUTTING_DOWN");
    EXPECT_TRUE(has_retry(status));
  }
  EXPECT_EQ(tenant_->submitted(), 4);  // Two opens and two closes.
}

TEST_F(SwitchStreamTest, SwallowsDeliveriesAfterItsEnd) {
  start();
  auto stream = open();
  stream.reset();
  const std::unique_ptr<Batch> close = tenant_->next_batch();
  ASSERT_NE(close, nullptr);
  Delivery delivery;
  delivery.has_ack = true;
  delivery.through_sequence = 7;
  shard_stream_->deliver(std::move(delivery));
  server_->stop();
  EXPECT_EQ(tenant_->submitted(), 2);
}

}  // namespace
}  // namespace acd
