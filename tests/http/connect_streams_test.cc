// SPDX-License-Identifier: Apache-2.0
// A wallboard over HTTP: its stream, and every way it ends. The tenant has a real observer; the test
// plays its shard.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "acd/v1/wallboard_service.pb.h"
#include "daemon/http/http_connection.h"
#include "tests/http/connect_client.h"
#include "tests/rpc/observed_tenant.h"
#include "tests/rpc/wall.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kWatchAll[] = R"({"parent":"tenants/bank","interval":"0.100s","allAgents":true})";

class ConnectStreamsTest : public ConnectTest {
 protected:
  ConnectStreamsTest() {
    directory_.clear();
    auto bank = std::make_unique<ObservedTenant>("0123456789abcdef");
    bank_ = bank.get();
    directory_.emplace("bank", std::move(bank));
  }
  ~ConnectStreamsTest() override {
    if (http_) http_->stop();
    if (server_ != nullptr) server_->stop();
    server_.reset();
  }

  static bool take(ConnectClient& client, Wall* wall) {
    const auto frame = client.frame();
    if (!frame || frame->first != 0) return false;
    v1::WatchResponse response;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(frame->second, &response).ok());
    wall->take(response);
    return true;
  }
  void take_all(ConnectClient& client, Wall* wall) {
    while (wall->last.sequence() < bank_->feed.board.sequence() || wall->last.more()) {
      ASSERT_TRUE(take(client, wall));
    }
  }
  ConnectClient watch_bank(Wall* wall) {
    Reply head;
    ConnectClient one = watch(kWatchAll, &head);
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(take(one, wall));
    return one;
  }
  static std::string error_of(const std::string& end) {
    const auto object = json_object(end);
    const auto error = object.fields().find("error");
    if (error == object.fields().end()) return "";
    const auto& fields = error->second.struct_value().fields();
    const std::string code = fields.at("code").string_value();
    if (fields.count("details") == 0) return code;
    return absl::StrCat(code, " ",
                        fields.at("details")
                            .list_value()
                            .values(0)
                            .struct_value()
                            .fields()
                            .at("debug")
                            .struct_value()
                            .fields()
                            .at("reason")
                            .string_value());
  }
  std::string refusal(const std::string& body, HttpFields fields = {}) {
    fields.try_emplace("Content-Type", "application/connect+json");
    ConnectClient one = client();
    one.send(post("/acd.v1.WallboardService/Watch", body, fields));
    const Reply reply = one.reply();
    EXPECT_EQ(reply.status, 200);
    const std::string frames = reply.body.empty() ? one.end() : reply.body.substr(5);
    return error_of(frames);
  }

  ObservedTenant* bank_ = nullptr;
};

TEST_F(ConnectStreamsTest, TellsWhatChanges) {
  start_both();
  Reply head;
  ConnectClient one = watch(R"({"parent":"tenants/bank","interval":"0.100s"})", &head);
  EXPECT_THAT(head.head, HasSubstr("\r\nContent-Type: application/connect+json\r\n"));
  EXPECT_THAT(head.head, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  Wall wall;
  for (uint32_t call = 1; call <= 3; ++call) {
    bank_->feed.enqueue(call);
    bank_->publish();
    take_all(one, &wall);
    EXPECT_EQ(wall.total.waiting(), call);
    EXPECT_EQ(wall.queues["tenants/bank/queues/sales"].waiting(), call);
  }
  EXPECT_EQ(wall.snapshots, 1);
}

TEST_F(ConnectStreamsTest, TellsErrorsInItsEnd) {
  start_both();
  EXPECT_EQ(refusal(framed(R"({"parent":"tenants/nobody"})")), "not_found TENANT_UNKNOWN");
  EXPECT_EQ(refusal(framed(R"({"parent":"bank"})")), "invalid_argument NAME_MALFORMED");
  EXPECT_EQ(refusal(framed(R"({"paren":"bank"})")), "invalid_argument MESSAGE_UNPARSABLE");
  EXPECT_EQ(refusal("{}"), "invalid_argument");
  EXPECT_EQ(refusal(framed("{}", 1)), "unimplemented");
  EXPECT_EQ(refusal(framed("{}"), {{"Connect-Protocol-Version", "3"}}), "invalid_argument");
  EXPECT_EQ(refusal(framed("{}"), {{"Connect-Content-Encoding", "gzip"}}), "unimplemented");
  EXPECT_EQ(refusal(framed(kWatchAll), {{"Connect-Timeout-Ms", "1"}}), "deadline_exceeded");
}

TEST_F(ConnectStreamsTest, NeedsChunks) {
  start_both();
  HttpClient old(http_->address());
  old.send(
      "POST /acd.v1.WallboardService/Watch HTTP/1.0\r\nHost: localhost\r\n"
      "Content-Type: application/connect+json\r\nContent-Length: 7\r\n\r\n" +
      framed("{}"));
  EXPECT_THAT(old.read_all(), StartsWith("HTTP/1.1 505 "));
}

TEST_F(ConnectStreamsTest, WhoReadsLateIsToldTheNewestAtOnce) {
  start_both();
  // More than all buffers between take.
  for (uint32_t i = 0; i < 20'000; ++i) {
    bank_->feed.upsert(i, absl::StrCat("a", i), std::string(400, 'a'));
  }
  bank_->publish();
  Reply head;
  ConnectClient slow = watch(kWatchAll, &head);
  ConnectClient other = watch(R"({"parent":"tenants/bank","interval":"0.100s"})", &head);
  Wall prompt;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(take(other, &prompt));
    bank_->feed.upsert(0, "a0", absl::StrCat("name ", i));
    bank_->publish();
    take_all(other, &prompt);
  }
  Wall late;
  int tellings = 0;
  while (late.last.sequence() < bank_->feed.board.sequence() || late.last.more()) {
    ASSERT_TRUE(take(slow, &late));
    for (const v1::AgentStatus& agent : late.last.agents()) {
      if (agent.name() == "tenants/bank/agents/a0") ++tellings;
    }
  }
  EXPECT_EQ(late.agents["tenants/bank/agents/a0"].display_name(), "name 2");
  EXPECT_LE(tellings, 2);
  EXPECT_EQ(late.snapshots, 1);
}

TEST_F(ConnectStreamsTest, CutsWhoDoesNotReadAtAll) {
  answer_time_max_ = std::chrono::milliseconds(500);
  start_both();
  for (uint32_t i = 0; i < 20'000; ++i) {
    bank_->feed.upsert(i, absl::StrCat("a", i), std::string(400, 'a'));
  }
  bank_->publish();
  Reply head;
  ConnectClient slow = watch(kWatchAll, &head);
  // Another one is told all the while, for longer than that.
  ConnectClient other = watch(R"({"parent":"tenants/bank","interval":"0.100s"})", &head);
  Wall wall;
  for (int beat = 0; beat < 20; ++beat) ASSERT_TRUE(take(other, &wall));
  int last = 0;
  while (const auto frame = slow.frame()) last = frame->first;
  EXPECT_EQ(last, 0);  // It has no end: its connection was cut.
}

TEST_F(ConnectStreamsTest, HasAPlaceForSoManyAndAnotherWhenOneIsGone) {
  start_both();
  constexpr char kSeldom[] = R"({"parent":"tenants/bank","interval":"60s"})";
  Reply head;
  std::vector<ConnectClient> all;
  for (size_t i = 0; i < kHttpStreamsMax; ++i) {
    all.push_back(watch(kSeldom, &head));
    ASSERT_EQ(head.body, "");  // A stream, and no refusal, whose length is told.
  }
  EXPECT_EQ(refusal(framed(kWatchAll)), "resource_exhausted OVERLOADED");
  // They take no room of the others.
  EXPECT_THAT(http_get(http_->address(), "/healthz"), HasSubstr("alive"));
  all.pop_back();
  std::string error = "none";
  const auto began = std::chrono::steady_clock::now();
  while (!error.empty() && std::chrono::steady_clock::now() - began < kTestWaitMax) {
    ConnectClient another = watch(kSeldom, &head);
    error = head.body.empty() ? "" : error_of(head.body.substr(5));
  }
  EXPECT_EQ(error, "");
}

TEST_F(ConnectStreamsTest, EndsWhenItsClientSendsMore) {
  start_both();
  Reply head;
  ConnectClient one = watch(R"({"parent":"tenants/bank","interval":"0.100s"})", &head);
  one.send("G");
  EXPECT_EQ(one.end(), "");  // Cut, without an end frame; else messages would come for ever.
}

TEST_F(ConnectStreamsTest, AStopEndsItWithAReason) {
  start_both();
  Wall wall;
  ConnectClient one = watch_bank(&wall);
  server_->stop();
  EXPECT_EQ(error_of(one.end()), "unavailable SHUTTING_DOWN");
  // The connection goes on.
  one.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_FALSE(one.frame().has_value());
  EXPECT_EQ(one.reply().body, "alive\n");
}

TEST_F(ConnectStreamsTest, AStopOfHttpAloneEndsItsCalls) {
  start_both();
  Wall wall;
  std::vector<ConnectClient> all;
  for (int i = 0; i < 5; ++i) all.push_back(watch_bank(&wall));
  http_->stop();
  for (ConnectClient& one : all) EXPECT_NE(one.end(), "{}");
}

}  // namespace
}  // namespace acd
