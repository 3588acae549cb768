// SPDX-License-Identifier: Apache-2.0
// Unary calls over HTTP: answers, errors, and every way one ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "acd/v1/config_service.pb.h"
#include "daemon/http/connect_transcoder.h"
#include "tests/http/connect_client.h"

namespace acd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGetQueue[] = "WallboardService/GetQueueStats";
constexpr char kSales[] = R"({"name":"tenants/bank/queues/sales"})";

class ConnectCallsTest : public ConnectTest {
 protected:
  // A call that the tenant holds.
  ConnectClient held() {
    tenant_->set_holds_reads();
    ConnectClient one = client();
    one.send(post("/acd.v1.WallboardService/GetQueueStats", kSales,
                  {{"Content-Type", "application/json"}}));
    EXPECT_TRUE(tenant_->wait_held_read());
    return one;
  }
};

TEST_F(ConnectCallsTest, AnswersAsTheServiceDoes) {
  start_both();
  const Reply reply = ask(kGetQueue, kSales);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.head, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(reply.head, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(reply.head, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(reply.head, Not(HasSubstr("Access-Control")));
  EXPECT_EQ(json_object(reply.body).fields().at("name").string_value(),
            "tenants/bank/queues/sales");
}

TEST_F(ConnectCallsTest, TakesCallAfterCallOnAConnection) {
  start_both();
  ConnectClient one = client();
  for (int i = 0; i < 3; ++i) {
    for (const int status : {200, 415, 404}) {
      const std::string target =
          status == 404 ? "/acd.v1.Nobody/Get" : "/acd.v1.WallboardService/GetQueueStats";
      one.send(post(target, kSales,
                    {{"Content-Type", status == 415 ? "text/plain" : "application/json"}}));
      EXPECT_EQ(one.reply().status, status);
    }
  }
}

TEST_F(ConnectCallsTest, TellsWhatTheServiceRefuses) {
  start_both();
  const Reply unknown = ask(kGetQueue, R"({"name":"tenants/bank/queues/nowhere"})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "not_found");
  EXPECT_EQ(unknown.reason(), "QUEUE_UNKNOWN");
  const Reply malformed = ask(kGetQueue, R"({"name":"sales"})");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.code(), "invalid_argument");
  EXPECT_EQ(malformed.reason(), "NAME_MALFORMED");
  EXPECT_THAT(malformed.body, HasSubstr(R"("field":"name")"));
  const Reply other = ask(kGetQueue, R"({"queue":"sales"})");
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(other.reason(), "MESSAGE_UNPARSABLE");
  tenant_->set_reads_full();
  const Reply full = ask(kGetQueue, kSales);
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(full.code(), "resource_exhausted");
  EXPECT_THAT(full.head, HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(ConnectCallsTest, EndsAtItsDeadline) {
  start_both();
  tenant_->set_holds_reads();
  const Reply late = ask(kGetQueue, kSales, {{"Connect-Timeout-Ms", "1"}});
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(late.code(), "deadline_exceeded");
  tenant_->run_held_reads();
}

TEST_F(ConnectCallsTest, GuardsBeforeAnythingIsDone) {
  start_both();
  const auto status = [&](HttpFields fields) {
    return ask(kGetQueue, kSales, std::move(fields)).status;
  };
  EXPECT_EQ(status({{"Host", "evil.example"}}), 421);
  EXPECT_EQ(status({{"Host", ""}}), 400);
  EXPECT_EQ(status({{"Content-Type", ""}}), 415);
  EXPECT_EQ(status({{"Content-Type", "text/plain"}}), 415);
  EXPECT_EQ(status({{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(status({{"Origin", "null"}}), 403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(status({{"Connect-Protocol-Version", "2"}}), 400);
  EXPECT_EQ(status({{"Content-Encoding", "gzip"}}), 501);
  EXPECT_EQ(status({{"Connect-Timeout-Ms", "soon"}}), 400);
  EXPECT_EQ(tenant_->asks(), 0);
  EXPECT_EQ(status({{"Origin", "http://localhost"},
                    {"Sec-Fetch-Site", "same-origin"},
                    {"Connect-Protocol-Version", "1"}}),
            200);
  EXPECT_EQ(tenant_->asks(), 1);
  ConnectClient get = client();
  get.send("GET /acd.v1.WallboardService/GetQueueStats HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(get.reply().status, 405);
  get.send(
      "OPTIONS /acd.v1.WallboardService/GetQueueStats HTTP/1.1\r\nHost: localhost\r\n"
      "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  const Reply preflight = get.reply();
  EXPECT_EQ(preflight.status, 405);
  EXPECT_THAT(preflight.head, Not(HasSubstr("Access-Control")));
}

TEST_F(ConnectCallsTest, TakesABodyUpToItsLimit) {
  start_both();
  const std::string padding(kCallBodyBytesMax - 2, ' ');
  EXPECT_EQ(ask(kGetQueue, "{" + padding + "}").status, 400);  // NAME_MALFORMED: it was read.
  const Reply told = ask(kGetQueue, "{" + padding + " }");
  EXPECT_EQ(told.status, 413);
  EXPECT_EQ(told.code(), "resource_exhausted");
  EXPECT_EQ(told.reason(), "MESSAGE_TOO_LARGE");
  // Of unknown length, and asking first.
  ConnectClient chunked = client();
  chunked.send(
      "POST /acd.v1.WallboardService/GetQueueStats HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(chunked.reply().status, 100);
  chunked.send("100001\r\n" + std::string(0x100001, ' '));
  EXPECT_EQ(chunked.reply().status, 413);
}

TEST_F(ConnectCallsTest, IsRefusedWhereItsAnswerHasNoRoom) {
  v1::TenantConfig config;
  for (int i = 0; i < 5'000; ++i) config.add_queues()->set_name("queue-" + std::to_string(i));
  tenant_->config = config.SerializeAsString();
  answers_bytes_max_ = 1'000;
  start_both();
  ConnectClient one = client();
  for (int i = 0; i < 3; ++i) {
    one.send(post("/acd.v1.ConfigService/GetConfig", R"({"name":"tenants/bank"})",
                  {{"Content-Type", "application/json"}}));
    const Reply full = one.reply();
    EXPECT_EQ(full.status, 429) << full.body.substr(0, 200);
    EXPECT_EQ(full.reason(), "OVERLOADED");
  }
  EXPECT_EQ(ask(kGetQueue, kSales).status, 200);
}

TEST_F(ConnectCallsTest, AsksWhoIsNotReadyToTryAgain) {
  start_http();
  const Reply early = ask(kGetQueue, kSales);
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.code(), "unavailable");
}

TEST_F(ConnectCallsTest, CountsForThePrincipalOfItsAddress) {
  options_.principal_unary_calls_per_s = 1;
  start_both();
  Reply reply;
  do {
    reply = ask(kGetQueue, kSales);
  } while (reply.status == 200);
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.body, HasSubstr("\"principal\":\"local:127.0.0.1\""));
}

TEST_F(ConnectCallsTest, NobodyElseNamesAPrincipal) {
  options_.principal_unary_calls_per_s = 1;
  start();
  grpc::Status status;
  while (status.ok()) {
    grpc::ClientContext context;
    context.AddMetadata("acd-principal", "local:somebody");
    context.set_deadline(std::chrono::system_clock::now() + kTestWaitMax);
    std::string unused;
    status = call_bytes(channel_, "/acd.v1.ConfigService/ListTenants", "", &unused, &context);
  }
  EXPECT_EQ(metadata_in(status, "principal"), "local:127.0.0.1");
}

TEST_F(ConnectCallsTest, AStopAnswersWhatIsUnderWay) {
  start_both();
  ConnectClient waiting = held();
  std::thread stop([&] { server_->stop(); });
  const Reply cut = waiting.reply();
  tenant_->run_held_reads();
  stop.join();
  EXPECT_EQ(cut.status, 503) << cut.body;
  EXPECT_EQ(cut.code(), "unavailable");
  EXPECT_EQ(ask(kGetQueue, kSales).status, 503);
}

TEST_F(ConnectCallsTest, AStopOfHttpAloneCutsWhatIsUnderWay) {
  start_both();
  ConnectClient waiting = held();
  http_->stop();
  EXPECT_THAT(waiting.reply().status, ::testing::AnyOf(0, 503));
  tenant_->run_held_reads();
}

TEST_F(ConnectCallsTest, TheServiceMayAnswerWhoIsGone) {
  start_both();
  { const ConnectClient gone = held(); }
  tenant_->run_held_reads();
  EXPECT_EQ(ask(kGetQueue, kSales).status, 200);
}

TEST_F(ConnectCallsTest, AnswersWhatWasAskedAheadInItsOrder) {
  start_both();
  ConnectClient eager = held();
  eager.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // That the daemon looked at what was asked ahead shows in another answer.
  ConnectClient other = client();
  other.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(other.reply().body, "alive\n");
  tenant_->run_held_reads();
  EXPECT_THAT(eager.reply().body, HasSubstr("tenants/bank/queues/sales"));
  EXPECT_EQ(eager.reply().body, "alive\n");
}

}  // namespace
}  // namespace acd
