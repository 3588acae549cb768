// SPDX-License-Identifier: Apache-2.0
// The fault proxy between a client and an echo: it harms what its counters say, and nothing else.
#include "tests/net/fault_proxy.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/net/echo_server.h"
#include "tests/rpc/raw_client.h"

namespace acd::net {
namespace {

using grpc::StatusCode;
using testing::Contains;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Pair;
using Strings = std::vector<std::string>;
using Calls = std::vector<EchoCall>;

constexpr int kMessages = 200;

Strings numbered(int count) {
  Strings messages;
  for (int i = 0; i < count; ++i) messages.push_back("message " + std::to_string(i));
  return messages;
}

// What a script lets through of them, and how it counts.
Strings through(FaultScript script, const Strings& messages, ByFault<int64_t>* counts) {
  Strings passed;
  for (const std::string& message : messages) {
    const Fault fault = script.next().fault;
    ++(*counts)[fault];
    if (fault == Fault::kCut) break;
    if (fault != Fault::kDrop) passed.push_back(message);
    if (fault == Fault::kRepeat) passed.push_back(message);
  }
  return passed;
}

// Whether the last call came to that in time.
bool await_last(const EchoServer& echo, const std::function<bool(const EchoCall&)>& what) {
  return echo.await([&](const Calls& calls) { return !calls.empty() && what(calls.back()); });
}

std::multimap<std::string, std::string> copy(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  std::multimap<std::string, std::string> copied;
  for (const auto& [key, value] : metadata) {
    copied.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return copied;
}

class FaultProxyTest : public testing::Test {
 protected:
  FaultProxyTest() { start(""); }

  // Another proxy before the same echo.
  void start(const std::string& rates, uint64_t seed = 1) {
    channel_.reset();
    seed_ = seed;
    rates_ = *parse_rates(rates);
    proxy_ = std::make_unique<FaultProxy>(
        FaultProxyOptions{.target = echo_->address(), .seed = seed, .rates = rates_});
    ASSERT_TRUE(proxy_->start().ok());
    channel_ = grpc::CreateChannel(proxy_->address(), grpc::InsecureChannelCredentials());
  }

  FaultScript script(const std::string& method, int64_t ordinal, Direction direction) const {
    return {rates_, seed_, method, ordinal, direction, false};
  }

  int64_t count(Direction direction, Fault fault) const {
    return proxy_->counts().messages[direction][fault];
  }

  // Sends all of them and half-closes; returns what comes back.
  static Strings exchange(RawStream& stream, const Strings& messages, grpc::Status* status) {
    for (const std::string& message : messages) {
      if (!stream.send_bytes(message)) break;
    }
    stream.half_close();
    Strings received;
    while (const auto message = stream.receive_bytes()) received.push_back(*message);
    *status = stream.finish();
    return received;
  }

  std::unique_ptr<EchoServer> echo_ = std::make_unique<EchoServer>();
  FaultRates rates_;
  uint64_t seed_ = 0;
  std::unique_ptr<FaultProxy> proxy_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(FaultProxyTest, PassesMessagesOfEverySizeBothWays) {
  const Strings messages = {"", "a", std::string(3 << 20, 'x'), std::string("\0\xff", 2), ""};
  RawStream stream(channel_, kEchoMethod);
  for (const std::string& message : messages) {
    ASSERT_TRUE(stream.send_bytes(message));
    EXPECT_EQ(stream.receive_bytes(), message);
  }
  ASSERT_TRUE(stream.half_close());
  EXPECT_TRUE(stream.finish().ok());
  ASSERT_EQ(echo_->calls().size(), 1U);
  EXPECT_EQ(echo_->calls()[0].messages, messages);
  const FaultCounts counts = proxy_->counts();
  EXPECT_EQ(counts.streams, 1);
  EXPECT_EQ(counts.messages[Direction::kUp][Fault::kNone], 5);
  EXPECT_EQ(counts.messages[Direction::kDown][Fault::kNone], 5);
}

TEST_F(FaultProxyTest, PassesMetadataAndTrailers) {
  const std::string binary("\x00\xff\x01", 3);
  RawStream stream(channel_, kEchoMethod, [&](grpc::ClientContext& context) {
    context.AddMetadata("echo-word", "first");
    context.AddMetadata("echo-word", "second");
    context.AddMetadata("echo-bytes-bin", binary);
    context.AddMetadata("other", "x");
  });
  grpc::Status status;
  EXPECT_THAT(exchange(stream, {"a"}, &status), ElementsAreArray({"a"}));
  EXPECT_TRUE(status.ok());

  const EchoCall call = echo_->calls().at(0);
  EXPECT_EQ(call.metadata.count("echo-word"), 2U);
  EXPECT_THAT(call.metadata, Contains(Pair("echo-bytes-bin", binary)));
  EXPECT_THAT(call.metadata, Contains(Pair("other", "x")));
  const auto initial = copy(stream.context().GetServerInitialMetadata());
  EXPECT_EQ(initial.count("echo-word"), 2U);
  EXPECT_THAT(initial, Contains(Pair("echo-bytes-bin", binary)));
  const auto trailers = copy(stream.context().GetServerTrailingMetadata());
  EXPECT_EQ(trailers.count("last-echo-word"), 2U);
  EXPECT_THAT(trailers, Contains(Pair("last-echo-bytes-bin", binary)));
}

TEST_F(FaultProxyTest, PassesInitialMetadataBeforeAnyMessage) {
  RawStream stream(channel_, kSilentMethod,
                   [](grpc::ClientContext& context) { context.AddMetadata("echo-word", "now"); });
  ASSERT_TRUE(echo_->await([](const Calls& calls) { return calls.size() == 1; }));
  ASSERT_TRUE(stream.receive_metadata());
  EXPECT_THAT(copy(stream.context().GetServerInitialMetadata()),
              Contains(Pair("echo-word", "now")));
}

TEST_F(FaultProxyTest, PassesAStatusWithItsDetailsOnce) {
  RawStream stream(channel_, kFailMethod);
  grpc::Status status;
  EXPECT_TRUE(exchange(stream, {"a"}, &status).empty());
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), kFailMessage);
  EXPECT_EQ(status.error_details(), kFailDetails);
  EXPECT_LE(stream.context().GetServerTrailingMetadata().count("grpc-status-details-bin"), 1U);
}

TEST_F(FaultProxyTest, PassesUnaryCalls) {
  std::string response;
  EXPECT_TRUE(call_bytes(channel_, kEchoMethod, "question", &response).ok());
  EXPECT_EQ(response, "question");
  const grpc::Status status = call_bytes(channel_, kFailMethod, "question", &response);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_details(), kFailDetails);
}

TEST_F(FaultProxyTest, PassesAHalfClose) {
  RawStream stream(channel_, kSilentMethod);
  ASSERT_TRUE(stream.send_bytes("a"));
  ASSERT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.messages.size() == 1; }));
  EXPECT_FALSE(echo_->calls()[0].is_half_closed);
  ASSERT_TRUE(stream.half_close());
  EXPECT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.is_half_closed; }));
  EXPECT_FALSE(echo_->calls()[0].is_cancelled);
}

TEST_F(FaultProxyTest, PassesACancellation) {
  RawStream stream(channel_, kSilentMethod);
  ASSERT_TRUE(stream.send_bytes("a"));
  ASSERT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.messages.size() == 1; }));
  stream.cancel();
  EXPECT_EQ(stream.finish().error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.is_cancelled; }));
}

TEST_F(FaultProxyTest, PassesADeadline) {
  std::string response;
  const grpc::Status status =
      call_bytes(channel_, kSilentMethod, "question", &response, std::chrono::milliseconds(300));
  EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.is_cancelled; }));
  EXPECT_LT(echo_->calls()[0].seconds_left, 5);
}

TEST_F(FaultProxyTest, PassesManyStreamsAtOnce) {
  std::vector<std::unique_ptr<RawStream>> streams;
  for (int i = 0; i < 50; ++i)
    streams.push_back(std::make_unique<RawStream>(channel_, kEchoMethod));
  for (const auto& stream : streams) ASSERT_TRUE(stream->send_bytes("a"));
  for (const auto& stream : streams) EXPECT_EQ(stream->receive_bytes(), "a");
  for (const auto& stream : streams) {
    ASSERT_TRUE(stream->half_close());
    EXPECT_TRUE(stream->finish().ok());
  }
}

TEST_F(FaultProxyTest, SaysThatItsTargetIsGoneAndFindsItAgain) {
  const std::string address = echo_->address();
  echo_.reset();
  std::string response;
  EXPECT_EQ(call_bytes(channel_, kEchoMethod, "a", &response).error_code(),
            StatusCode::UNAVAILABLE);
  echo_ = std::make_unique<EchoServer>(address);
  // gRPC waits before it tries to connect again; each call says so until then.
  const auto end = std::chrono::steady_clock::now() + kTestWaitMax;
  grpc::Status status;
  do {
    status = call_bytes(channel_, kEchoMethod, "a", &response);
  } while (!status.ok() && std::chrono::steady_clock::now() < end);
  EXPECT_TRUE(status.ok());
}

// --- Faults.

// Delays and stalls keep the order and lose nothing; drops and repeats are those of the script.
TEST_F(FaultProxyTest, LosesDoublesAndHoldsBackWhatItsScriptsSay) {
  for (const uint64_t seed : {1, 2, 3}) {
    start("delay=10,stall=40,drop=60,repeat=60", seed);
    RawStream stream(channel_, kEchoMethod);
    grpc::Status status;
    const Strings sent = numbered(kMessages);
    const Strings received = exchange(stream, sent, &status);
    EXPECT_TRUE(status.ok());
    FaultCounts expected;
    ByFault<int64_t>& ups = expected.messages[Direction::kUp];
    ByFault<int64_t>& downs = expected.messages[Direction::kDown];
    const Strings reached = through(script(kEchoMethod, 0, Direction::kUp), sent, &ups);
    EXPECT_EQ(echo_->calls().back().messages, reached);
    EXPECT_EQ(received, through(script(kEchoMethod, 0, Direction::kDown), reached, &downs));
    const FaultCounts counts = proxy_->counts();
    for (const Direction direction : kDirections) {
      for (const Fault fault : {Fault::kDrop, Fault::kRepeat, Fault::kCut}) {
        EXPECT_EQ(counts.messages[direction][fault], expected.messages[direction][fault]);
      }
      EXPECT_GT(counts.messages[direction][Fault::kDrop], 0);
      EXPECT_GT(counts.messages[direction][Fault::kRepeat], 0);
      EXPECT_GT(counts.messages[direction][Fault::kStall], 0);
    }
  }
}

TEST_F(FaultProxyTest, DelaysForAsLongAsItsScriptSays) {
  start("up:delay=1000");
  FaultScript delays = script(kEchoMethod, 0, Direction::kUp);
  int64_t sum_ms = 0;
  RawStream stream(channel_, kEchoMethod);
  const auto begun = std::chrono::steady_clock::now();
  for (const std::string& message : numbered(10)) {
    sum_ms += delays.next().delay_ms;
    ASSERT_TRUE(stream.send_bytes(message));
    EXPECT_EQ(stream.receive_bytes(), message);
  }
  // An alarm rounds to milliseconds.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(sum_ms - 10));
  EXPECT_EQ(count(Direction::kUp, Fault::kDelay), 10);
  EXPECT_EQ(count(Direction::kDown, Fault::kDelay), 0);
}

TEST_F(FaultProxyTest, StallsUntilEnoughHasComeBehindIt) {
  start("up:stall=1000");
  RawStream stream(channel_, kEchoMethod);
  grpc::Status status;
  const Strings sent = numbered(kMessages);
  EXPECT_EQ(exchange(stream, sent, &status), sent);
  EXPECT_TRUE(status.ok());
  EXPECT_GE(count(Direction::kUp, Fault::kStall), kMessages / (1 + kStallMessagesMax));
  EXPECT_EQ(count(Direction::kUp, Fault::kStall) + count(Direction::kUp, Fault::kNone), kMessages);
  EXPECT_GE(proxy_->counts().held_max, 2);
  EXPECT_LE(proxy_->counts().held_max, 1 + kStallMessagesMax);
}

TEST_F(FaultProxyTest, StallsForSomeTimeOnlyWhenNothingComesBehindIt) {
  start("up:stall=1000");
  RawStream stream(channel_, kEchoMethod);
  ASSERT_TRUE(stream.send_bytes("alone"));
  EXPECT_EQ(stream.receive_bytes(), "alone");
  EXPECT_EQ(count(Direction::kUp, Fault::kStall), 1);
}

TEST_F(FaultProxyTest, ReleasesAStallAtAHalfClose) {
  start("up:stall=1000");
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    std::string response;
    EXPECT_TRUE(call_bytes(channel_, kEchoMethod, "a", &response).ok());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun,
            std::chrono::milliseconds(20 * kStallTimeMaxMs));
  EXPECT_EQ(count(Direction::kUp, Fault::kStall), 20);
}

TEST_F(FaultProxyTest, CutsBothSidesWhereItsScriptSays) {
  for (const uint64_t seed : {1, 2, 3}) {
    start("up:cut=30", seed);
    RawStream stream(channel_, kEchoMethod);
    const Strings sent = numbered(kMessages);
    ByFault<int64_t> counts;
    const Strings reached = through(script(kEchoMethod, 0, Direction::kUp), sent, &counts);
    ASSERT_EQ(counts[Fault::kCut], 1);
    // One after the other, so that all before the cut came through.
    for (size_t i = 0; i < reached.size(); ++i) {
      ASSERT_TRUE(stream.send_bytes(sent[i]));
      ASSERT_EQ(stream.receive_bytes(), sent[i]);
    }
    stream.send_bytes(sent[reached.size()]);
    EXPECT_EQ(stream.receive_bytes(), std::nullopt);
    EXPECT_EQ(stream.finish().error_code(), StatusCode::CANCELLED);
    EXPECT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.is_cancelled; }));
    EXPECT_EQ(echo_->calls().back().messages, reached);
    EXPECT_EQ(proxy_->counts().messages[Direction::kUp], counts);
  }
}

TEST_F(FaultProxyTest, CutsBehindTheServersAnswer) {
  start("down:cut=1000");
  std::string response;
  EXPECT_EQ(call_bytes(channel_, kEchoMethod, "a", &response).error_code(), StatusCode::CANCELLED);
  EXPECT_THAT(echo_->calls().at(0).messages, ElementsAreArray({"a"}));
  EXPECT_EQ(count(Direction::kDown, Fault::kCut), 1);
  EXPECT_EQ(count(Direction::kUp, Fault::kCut), 0);
}

TEST_F(FaultProxyTest, RefusesStreamsThatItsSeedSays) {
  start("refuse=500");
  int64_t refused = 0;
  for (int64_t ordinal = 0; ordinal < 40; ++ordinal) {
    std::string response;
    const grpc::Status status = call_bytes(channel_, kEchoMethod, "a", &response);
    const bool is_expected = is_refused(rates_, seed_, kEchoMethod, ordinal);
    EXPECT_EQ(status.error_code(), is_expected ? StatusCode::UNAVAILABLE : StatusCode::OK);
    refused += is_expected ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(proxy_->counts().refused, refused);
  EXPECT_EQ(proxy_->counts().streams, 40);
  EXPECT_EQ(echo_->calls().size(), static_cast<size_t>(40 - refused));
}

TEST_F(FaultProxyTest, DoesTheSameAgainForTheSameSeed) {
  const Strings sent = numbered(kMessages);
  std::vector<Strings> received;
  for (const uint64_t seed : {9, 9, 10}) {
    start("drop=100,repeat=100", seed);
    RawStream stream(channel_, kEchoMethod);
    grpc::Status status;
    received.push_back(exchange(stream, sent, &status));
  }
  EXPECT_EQ(received[0], received[1]);
  EXPECT_NE(received[0], received[2]);
}

TEST_F(FaultProxyTest, LosesNothingOfACallWithOneMessage) {
  start("drop=500,repeat=500");
  FaultProxy proxy(
      {.target = echo_->address(),
       .seed = 1,
       .rates = rates_,
       .is_single = [](const std::string& method, Direction) { return method == kEchoMethod; }});
  ASSERT_TRUE(proxy.start().ok());
  const auto channel = grpc::CreateChannel(proxy.address(), grpc::InsecureChannelCredentials());
  for (int i = 0; i < 20; ++i) {
    std::string response;
    EXPECT_TRUE(call_bytes(channel, kEchoMethod, "a", &response).ok());
    EXPECT_EQ(response, "a");
  }
  EXPECT_EQ(proxy.counts().messages[Direction::kUp][Fault::kNone], 20);
}

// --- Limits and the end.

TEST_F(FaultProxyTest, HoldsNoMoreBytesThanItMay) {
  start("up:stall=1000");
  RawStream stream(channel_, kSilentMethod);
  // Two of them are past kHeldBytesMax, so that a third is never held.
  const std::string large(3 << 20, 'x');
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(stream.send_bytes(large));
  EXPECT_TRUE(await_last(*echo_, [](const EchoCall& call) { return call.messages.size() == 12; }));
  EXPECT_EQ(proxy_->counts().held_max, 2);
}

TEST_F(FaultProxyTest, RefusesMoreStreamsThanItHasRoomFor) {
  std::vector<std::unique_ptr<RawStream>> streams;
  for (size_t i = 0; i < kStreamsMax; ++i) {
    streams.push_back(std::make_unique<RawStream>(channel_, kSilentMethod));
  }
  ASSERT_TRUE(echo_->await([](const Calls& calls) { return calls.size() == kStreamsMax; }));
  std::string response;
  const grpc::Status status = call_bytes(channel_, kEchoMethod, "a", &response);
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("no room"));
  EXPECT_EQ(proxy_->counts().crowded, 1);
}

TEST_F(FaultProxyTest, StopsWithStreamsOpenAndTwice) {
  start("up:delay=500,up:stall=500");
  std::vector<std::unique_ptr<RawStream>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(std::make_unique<RawStream>(channel_, kSilentMethod));
    ASSERT_TRUE(streams.back()->send_bytes("a"));
  }
  ASSERT_TRUE(echo_->await([](const Calls& calls) { return calls.size() == 20; }));
  proxy_->stop();
  proxy_->stop();
  for (const auto& stream : streams) EXPECT_FALSE(stream->finish().ok());
  EXPECT_TRUE(echo_->await([](const Calls& calls) {
    for (const EchoCall& call : calls) {
      if (!call.is_over) return false;
    }
    return true;
  }));
  EXPECT_EQ(proxy_->counts().streams, 20);
}

TEST_F(FaultProxyTest, SaysWhyItCannotListen) {
  FaultProxy second({.listen = proxy_->address(), .target = echo_->address()});
  const absl::Status status = second.start();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(proxy_->address()));
}

TEST(FaultCountsTest, AreToldOneALine) {
  FaultCounts counts;
  counts.streams = 3;
  counts.messages[Direction::kDown][Fault::kCut] = 7;
  const std::string text = to_text(counts);
  EXPECT_THAT(text, HasSubstr("streams 3\n"));
  EXPECT_THAT(text, HasSubstr("down:cut 7\n"));
  EXPECT_THAT(text, HasSubstr("up:pass 0\n"));
}

}  // namespace
}  // namespace acd::net
