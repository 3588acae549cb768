// SPDX-License-Identifier: Apache-2.0
// A client of the Connect protocol that sees bytes: heads, chunks, frames.
#pragma once

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/http/http_server.h"
#include "tests/http/http_client.h"
#include "tests/rpc/edge_test.h"

namespace acd {

using HttpFields = std::map<std::string, std::string>;

inline google::protobuf::Struct json_object(const std::string& text) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &object).ok()) << text;
  return object;
}

// A message as a stream carries it.
inline std::string framed(const std::string& json, char flags = 0) {
  std::string bytes(1, flags);
  for (const int shift : {24, 16, 8, 0}) {
    bytes.push_back(static_cast<char>(json.size() >> shift & 0xFF));
  }
  return bytes + json;
}

// "POST target" with `fields` beside Host and Content-Length; one without value is left out.
inline std::string post(const std::string& target, const std::string& body,
                        const HttpFields& fields) {
  HttpFields all = {{"Host", "localhost"}, {"Content-Length", std::to_string(body.size())}};
  for (const auto& [name, value] : fields) all[name] = value;
  std::string text = "POST " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : all) {
    if (!value.empty()) text += name + ": " + value + "\r\n";
  }
  return text + "\r\n" + body;
}

struct Reply {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] std::string code() const {
    return json_object(body).fields().at("code").string_value();
  }
  // Reason in the ErrorInfo.
  [[nodiscard]] std::string reason() const {
    const auto error = json_object(body);
    const auto details = error.fields().find("details");
    if (details == error.fields().end()) return "";
    return details->second.list_value()
        .values(0)
        .struct_value()
        .fields()
        .at("debug")
        .struct_value()
        .fields()
        .at("reason")
        .string_value();
  }
};

// One connection.
class ConnectClient {
 public:
  explicit ConnectClient(const std::string& address) : client_(address) {}

  void send(const std::string& bytes) { client_.send(bytes); }
  // The head of an answer; its body too where its length is told.
  Reply reply() {
    Reply reply;
    if (!take_until("\r\n\r\n", &reply.head)) return reply;
    reply.status = std::stoi(reply.head.substr(sizeof("HTTP/1.1")));
    const size_t length = reply.head.find("Content-Length: ");
    if (length == std::string::npos) return reply;
    take(static_cast<size_t>(std::stoll(reply.head.substr(length + 16))), &reply.body);
    return reply;
  }
  // The next frame of a stream: flags and JSON. None when the stream is over.
  std::optional<std::pair<int, std::string>> frame() {
    std::string head;
    if (!take_chunked(5, &head)) return std::nullopt;
    uint32_t size = 0;
    for (size_t i = 1; i < 5; ++i) size = size << 8 | static_cast<uint8_t>(head[i]);
    std::string json;
    if (!take_chunked(size, &json)) return std::nullopt;
    return std::pair<int, std::string>(head[0], json);
  }
  // The end frame, what comes before it passed over.
  std::string end() {
    while (auto next = frame()) {
      if (next->first == 2) return next->second;
    }
    return "";
  }

 private:
  bool fill() {
    const std::string more = client_.read_some();
    bytes_ += more;
    return !more.empty();
  }
  bool take_until(const std::string& end, std::string* taken) {
    size_t place = 0;
    while ((place = bytes_.find(end)) == std::string::npos) {
      if (!fill()) return false;
    }
    *taken = bytes_.substr(0, place + end.size());
    bytes_.erase(0, place + end.size());
    return true;
  }
  bool take(size_t size, std::string* taken) {
    while (bytes_.size() < size) {
      if (!fill()) return false;
    }
    *taken = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return true;
  }
  bool take_chunked(size_t size, std::string* taken) {
    while (unchunked_.size() < size) {
      std::string line;
      if (!take_until("\r\n", &line)) return false;
      std::string chunk;
      if (!take(std::stoul(line, nullptr, 16) + 2, &chunk)) return false;
      if (chunk.size() == 2) return false;  // The last.
      unchunked_ += chunk.substr(0, chunk.size() - 2);
    }
    *taken = unchunked_.substr(0, size);
    unchunked_.erase(0, size);
    return true;
  }

  HttpClient client_;
  std::string bytes_;
  std::string unchunked_;
};

// The edges of gRPC and HTTP before a tenant.
class ConnectTest : public EdgeTest {
 protected:
  void TearDown() override {
    EdgeTest::TearDown();
    if (http_) http_->stop();
  }
  void start_http() {
    HttpOptions options;
    options.listen = "127.0.0.1:0";
    options.figures = [] { return DaemonFigures(); };
    options.gather = [](const auto& done) { done(DaemonFigures()); };
    options.answer_time_max = answer_time_max_;
    options.answers_bytes_max = answers_bytes_max_;
    http_.emplace(std::move(options));
    ASSERT_TRUE(http_->start().ok());
  }
  void start_both() {
    start_http();
    options_.before_shutdown = [this] { http_->end_calls(); };
    start();
    http_->serve_calls(server_->channel());
  }
  [[nodiscard]] ConnectClient client() const { return ConnectClient(http_->address()); }
  // A unary call.
  [[nodiscard]] Reply ask(const std::string& method, const std::string& body,
                          HttpFields fields = {}) const {
    fields.try_emplace("Content-Type", "application/json");
    ConnectClient one = client();
    one.send(post("/acd.v1." + method, body, fields));
    return one.reply();
  }
  // A stream, from its head on.
  [[nodiscard]] ConnectClient watch(const std::string& json, Reply* head,
                                    HttpFields fields = {}) const {
    fields.try_emplace("Content-Type", "application/connect+json");
    ConnectClient one = client();
    one.send(post("/acd.v1.WallboardService/Watch", framed(json), fields));
    *head = one.reply();
    return one;
  }

  std::chrono::milliseconds answer_time_max_{std::chrono::seconds(10)};
  size_t answers_bytes_max_ = size_t{256} << 20;
  std::optional<HttpServer> http_;
};

}  // namespace acd
