// SPDX-License-Identifier: Apache-2.0
// The server over real sockets: what it answers, and what it cuts.
#include "daemon/http/http_server.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <optional>
#include <vector>

#include "tests/http/http_client.h"

namespace acd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kConnectionsMax = 64;  // As README.md of daemon/http says.

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    server_.emplace(options("127.0.0.1:0"));
    const absl::Status status = server_->start();
    EXPECT_TRUE(status.ok()) << status;
  }
  static HttpOptions options(const std::string& listen) {
    DaemonFigures figures;
    figures.phase = DaemonPhase::kServing;
    HttpOptions options;
    options.listen = listen;
    options.figures = [figures] { return figures; };
    options.gather = [figures](const auto& done) { done(figures); };
    return options;
  }
  [[nodiscard]] HttpClient connect() const { return HttpClient(server_->address()); }
  // What comes for `request` until the server closes.
  [[nodiscard]] std::string ask(const std::string& request) const {
    HttpClient client = connect();
    client.send(request);
    return client.read_all();
  }

  std::optional<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndCloses) {
  const std::string answer =
      ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nready\n"));
}

TEST_F(HttpServerTest, TakesOneRequestAfterAnother) {
  HttpClient client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("alive\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  const std::string answer =
      ask("HEAD /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, RefusesWhatIsTooMuchOrNoHttp) {
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(9'000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("\r\rhello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  for (const char* host : {"evil.example", "localhost:evil", "localhost:80:evil.example"}) {
    EXPECT_THAT(
        ask(absl::StrCat("GET /healthz HTTP/1.1\r\nHost: ", host, "\r\nConnection: close\r\n\r\n")),
        StartsWith("HTTP/1.1 421 "))
        << host;
  }
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /acd.v1.WallboardService/GetCall HTTP/1.1\r\nHost: localhost\r\n"
                  "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 501 "));
}

TEST_F(HttpServerTest, WhatIsNoHttpBehindARequestIsNotTakenForIt) {
  for (const char* method : {"HEAD", "WXYZ"}) {
    HttpClient client = connect();
    client.send(absl::StrCat(method, " /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 ")) << method;
    client.send(
        "G@RB\x01"
        "AGE\r\n\r\n");
    EXPECT_THAT(client.read_all(), EndsWith("this is no HTTP request\n")) << method;
  }
}

TEST_F(HttpServerTest, ClosesTheConnectionThatIsOneTooMany) {
  std::vector<HttpClient> clients;
  for (int i = 0; i < kConnectionsMax; ++i) {
    clients.push_back(connect());
    // It is counted when it has been answered.
    clients.back().send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(clients.back().read_until("alive\n"), HasSubstr("200"));
  }
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), "");
  clients.back().send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(clients.back().read_all(), HasSubstr("200"));
}

TEST_F(HttpServerTest, StopCutsWhoIsConnected) {
  HttpClient client = connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("alive\n");
  server_->stop();
  server_->stop();
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, TellsMetricsWithoutTenantsThatAreLate) {
  server_->stop();
  HttpOptions late = options("127.0.0.1:0");
  std::function<void(DaemonFigures)> done;
  std::promise<void> asked;
  late.gather = [&](auto told) {
    done = std::move(told);
    asked.set_value();
  };
  late.gather_time_max = std::chrono::milliseconds(1);
  server_.emplace(std::move(late));
  ASSERT_TRUE(server_->start().ok());
  EXPECT_THAT(http_get(server_->address(), "/metrics"), HasSubstr("acd_scrape_partial 1\n"));
  asked.get_future().wait();
  // One gathering at a time: who asks now does not wait for it.
  EXPECT_THAT(http_get(server_->address(), "/metrics"), HasSubstr("acd_scrape_partial 1\n"));
  EXPECT_THAT(http_get(server_->address(), "/healthz"), HasSubstr("alive"));
  done(DaemonFigures());
}

TEST_F(HttpServerTest, HoldsNoMoreAnswersThanItMay) {
  DaemonFigures large;
  for (int i = 0; i < 5'000; ++i) large.config_drift.emplace_back(absl::StrCat("t", i), false);
  for (const size_t bytes_max : {size_t{1'000}, size_t{200} << 10}) {
    server_->stop();
    HttpOptions bounded = options("127.0.0.1:0");
    bounded.answers_bytes_max = bytes_max;
    bounded.gather = [&large](const auto& done) { done(large); };
    server_.emplace(std::move(bounded));
    ASSERT_TRUE(server_->start().ok());
    // What was taken is held no more.
    for (int i = 0; i < 3; ++i) {
      const std::string answer = http_get(server_->address(), "/metrics");
      if (bytes_max == 1'000) {
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
        EXPECT_THAT(answer, EndsWith("ask again\n"));
      } else {
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
      }
    }
  }
}

TEST(HttpMemoryTest, IsThatOfAllRequestsAndAnswers) {
  HttpOptions options;
  options.answers_bytes_max = 1'000;
  const MemoryLimit limit = http_memory_limit(options);
  EXPECT_EQ(limit.part, "http");
  EXPECT_EQ(limit.bytes, uint64_t{64 + 256} * ((1 << 20) + (16 << 10) + (64 << 10)) + 1'000);
}

TEST_F(HttpServerTest, SaysWhyAnAddressCannotBeHad) {
  HttpServer second(options(server_->address()));
  const absl::Status taken = second.start();
  EXPECT_TRUE(absl::IsUnavailable(taken));
  EXPECT_THAT(std::string(taken.message()), HasSubstr("cannot listen on " + server_->address()));
  EXPECT_TRUE(check_http_address("[::1]:0").ok());
  EXPECT_TRUE(check_http_address("localhost:7711").ok());
  for (const char* address : {"0.0.0.0:7711", "192.168.0.1:7711", "[::]:7711", "7711", "localhost",
                              "localhost:70000", "nowhere.example:1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(check_http_address(address))) << address;
  }
}

}  // namespace
}  // namespace acd
