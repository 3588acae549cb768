// SPDX-License-Identifier: Apache-2.0
// What a request must be to be a call, and how errors read.
#include "daemon/http/connect_transcoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "acd/v1/wallboard_service.grpc.pb.h"
#include "daemon/rpc/status.h"
#include "tests/http/connect_client.h"

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kGetCall[] = "/acd.v1.WallboardService/GetCall";
constexpr char kWatch[] = "/acd.v1.WallboardService/Watch";

HttpRequest request_to(std::string_view target) {
  HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.host = "localhost:7711";
  request.content_type = target == kWatch ? kStreamContentType : kUnaryContentType;
  return request;
}

unsigned refused(const HttpRequest& request) {
  const auto refusal = refuse_call(request);
  return refusal ? refusal->status : 0;
}

TEST(ConnectGuardTest, TakesCallsOfItsOwnPageAndOfPrograms) {
  HttpRequest request = request_to(kGetCall);
  EXPECT_EQ(refused(request), 0u);
  for (const char* type : {"application/json; charset=utf-8", "Application/JSON;charset=UTF-8"}) {
    request.content_type = type;
    EXPECT_EQ(refused(request), 0u) << type;
  }
  for (const char* origin : {"http://localhost:7711", "http://LOCALHOST:7711"}) {
    request.origin = origin;
    EXPECT_EQ(refused(request), 0u) << origin;
  }
  request.host = "acd.example";
  request.origin = "https://acd.example";
  for (const char* site : {"same-origin", "none"}) {
    request.fetch_site = site;
    EXPECT_EQ(refused(request), 0u) << site;
  }
  EXPECT_EQ(refused(request_to(kWatch)), 0u);
}

TEST(ConnectGuardTest, RefusesOtherPages) {
  for (const char* origin :
       {"http://evil.example", "null", "http://localhost:8080", "http://localhost", "file://",
        "http://localhost:7711.evil.example", "http://", "localhost:7711"}) {
    HttpRequest request = request_to(kGetCall);
    request.origin = origin;
    const auto refusal = refuse_call(request);
    ASSERT_TRUE(refusal.has_value()) << origin;
    EXPECT_EQ(refusal->status, 403u);
    EXPECT_THAT(refusal->body, HasSubstr("\"permission_denied\""));
    EXPECT_THAT(refusal->body, HasSubstr("NOT_AUTHORIZED"));
  }
  for (const char* site : {"cross-site", "same-site", "something"}) {
    HttpRequest request = request_to(kGetCall);
    request.fetch_site = site;
    EXPECT_EQ(refused(request), 403u) << site;
  }
}

TEST(ConnectGuardTest, TakesJsonByPostAlone) {
  for (const char* method : {"GET", "HEAD", "PUT", "OPTIONS", "DELETE", "post"}) {
    HttpRequest request = request_to(kGetCall);
    request.method = method;
    const auto refusal = refuse_call(request);
    ASSERT_TRUE(refusal.has_value()) << method;
    EXPECT_EQ(refusal->status, 405u);
    EXPECT_THAT(refusal->fields, Contains(Pair("Allow", "POST")));
    for (const auto& [name, value] : refusal->fields) EXPECT_FALSE(name.starts_with("Access-"));
  }
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/jsonp", "application/proto",
                           "application/json; charset=latin1", "application/connect+json"}) {
    HttpRequest request = request_to(kGetCall);
    request.content_type = type;
    EXPECT_EQ(refused(request), 415u) << type;
  }
  HttpRequest stream = request_to(kWatch);
  stream.content_type = kUnaryContentType;
  EXPECT_EQ(refused(stream), 415u);
  EXPECT_THAT(refuse_call(stream)->body, HasSubstr("application/connect+json"));
}

TEST(ConnectGuardTest, KnowsThePublicServicesAlone) {
  for (const char* path :
       {"/acd.v1.WallboardService/Get", "/acd.v1.Wallboard/GetCall", "/acd.v1.", "/acd.v1.x",
        "/acd.v1.WallboardService/", "/acd.v1.WallboardService/GetCall/", "/acd.v1./GetCall",
        "/acd.v1.WallboardService.GetCall/GetCall"}) {
    EXPECT_TRUE(is_service_path(path));
    EXPECT_EQ(refused(request_to(path)), 404u) << path;
  }
  for (const char* path : {"/", "/metrics", "/acd.v1", "/acd.v1x.Y/Z", "/acd.storage.v1.X/Y",
                           "/grpc.health.v1.Health/Check", "acd.v1.WallboardService/GetCall"}) {
    EXPECT_FALSE(is_service_path(path)) << path;
    EXPECT_EQ(find_service_method(path), nullptr) << path;
  }
  EXPECT_EQ(refused(request_to("/acd.v1.SwitchService/Connect")), 501u);
  EXPECT_EQ(refused(request_to("/acd.v1.AgentService/Connect")), 501u);
}

TEST(ConnectGuardTest, ReadsTheRestOfTheHeader) {
  const auto code = [](const std::function<void(HttpRequest*)>& change) {
    HttpRequest request = request_to(kGetCall);
    change(&request);
    std::optional<std::chrono::milliseconds> timeout;
    return read_call_header(request, &timeout).error_code();
  };
  EXPECT_EQ(code([](HttpRequest* r) { r->protocol_version = "1"; }), grpc::OK);
  EXPECT_EQ(code([](HttpRequest* r) { r->protocol_version = "2"; }), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(code([](HttpRequest* r) { r->content_encoding = "identity"; }), grpc::OK);
  EXPECT_EQ(code([](HttpRequest* r) { r->content_encoding = "gzip"; }), grpc::UNIMPLEMENTED);
  EXPECT_EQ(code([](HttpRequest* r) { r->message_encoding = "gzip"; }), grpc::UNIMPLEMENTED);
  for (const char* timeout : {"-1", "1s", "12345678901", "1.5", " 1"}) {
    EXPECT_EQ(code([&](HttpRequest* r) { r->timeout_ms = timeout; }), grpc::INVALID_ARGUMENT);
  }
  EXPECT_EQ(code([](HttpRequest* r) { r->timeout_ms = "0"; }), grpc::DEADLINE_EXCEEDED);
  HttpRequest request = request_to(kGetCall);
  request.timeout_ms = "1500";
  std::optional<std::chrono::milliseconds> timeout;
  EXPECT_TRUE(read_call_header(request, &timeout).ok());
  EXPECT_EQ(timeout->count(), 1'500);
}

grpc::Status read(const char* path, const std::string& body) {
  grpc::ByteBuffer message;
  return read_call_body(*find_service_method(path), body, &message);
}

TEST(ConnectBodyTest, SaysWhatIsNoMessage) {
  EXPECT_TRUE(read(kGetCall, "{}").ok());
  EXPECT_TRUE(read(kGetCall, R"({"name":"tenants/bank/calls/c1"})").ok());
  const grpc::Status unknown = read(kGetCall, R"({"nam":"x"})");
  EXPECT_EQ(unknown.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(reason_in(unknown), "MESSAGE_UNPARSABLE");
  EXPECT_THAT(unknown.error_message(), HasSubstr("no acd.v1.GetCallRequest as JSON"));
  EXPECT_THAT(unknown.error_message(), HasSubstr("nam"));
  for (const char* body : {"", "{", "[]", "1", "{\"name\":1}", "{\"name\":\"\xff\"}", "{} {}",
                           "{\"readMask\":\"state,\\u0000\"}x"}) {
    EXPECT_EQ(read(kGetCall, body).error_code(), grpc::INVALID_ARGUMENT) << body;
  }
  const std::string deep(100'000, '[');
  EXPECT_EQ(read(kGetCall, deep).error_code(), grpc::INVALID_ARGUMENT);
}

TEST(ConnectBodyTest, TakesOneFrameOfAStream) {
  EXPECT_TRUE(read(kWatch, framed("{\"allQueues\":true}")).ok());
  for (const std::string& body :
       {std::string(), std::string("\0\0\0\0", 4), framed("{}").substr(0, 6), framed("{}") + "x",
        framed("{}") + framed("{}"), framed("{}", 2), framed("{\"x\":1}"),
        std::string("\0\xff\xff\xff\xff{}", 7)}) {
    EXPECT_EQ(read(kWatch, body).error_code(), grpc::INVALID_ARGUMENT);
  }
  EXPECT_EQ(read(kWatch, framed("{}", 1)).error_code(), grpc::UNIMPLEMENTED);
}

TEST(ConnectErrorTest, HasTheProtocolsCodes) {
  const std::vector<std::pair<grpc::StatusCode, std::pair<unsigned, const char*>>> table = {
      {grpc::CANCELLED, {499, "canceled"}},
      {grpc::UNKNOWN, {500, "unknown"}},
      {grpc::INVALID_ARGUMENT, {400, "invalid_argument"}},
      {grpc::DEADLINE_EXCEEDED, {504, "deadline_exceeded"}},
      {grpc::NOT_FOUND, {404, "not_found"}},
      {grpc::ALREADY_EXISTS, {409, "already_exists"}},
      {grpc::PERMISSION_DENIED, {403, "permission_denied"}},
      {grpc::RESOURCE_EXHAUSTED, {429, "resource_exhausted"}},
      {grpc::FAILED_PRECONDITION, {400, "failed_precondition"}},
      {grpc::ABORTED, {409, "aborted"}},
      {grpc::OUT_OF_RANGE, {400, "out_of_range"}},
      {grpc::UNIMPLEMENTED, {501, "unimplemented"}},
      {grpc::INTERNAL, {500, "internal"}},
      {grpc::UNAVAILABLE, {503, "unavailable"}},
      {grpc::DATA_LOSS, {500, "data_loss"}},
      {grpc::UNAUTHENTICATED, {401, "unauthenticated"}}};
  for (const auto& [code, wanted] : table) {
    const HttpAnswer answer = error_answer({code, "why \"so\""});
    EXPECT_EQ(answer.status, wanted.first) << wanted.second;
    EXPECT_EQ(answer.content_type, "application/json");
    EXPECT_EQ(json_object(answer.body).fields().at("code").string_value(), wanted.second);
    EXPECT_EQ(json_object(answer.body).fields().at("message").string_value(), "why \"so\"");
  }
}

TEST(ConnectErrorTest, CarriesTheDetails) {
  RpcError error{v1::ERROR_REASON_FIELD_REQUIRED, "Bad.", {{"key", "value"}}, {}};
  error.violations.push_back({"name", "is required"});
  const auto body = json_object(error_answer(make_status(error)).body);
  const auto& details = body.fields().at("details").list_value();
  ASSERT_EQ(details.values_size(), 2);
  const auto& info = details.values(0).struct_value().fields();
  EXPECT_EQ(info.at("type").string_value(), "google.rpc.ErrorInfo");
  EXPECT_EQ(info.at("debug").struct_value().fields().at("reason").string_value(), "FIELD_REQUIRED");
  // What a client with the standard's messages decodes.
  EXPECT_THAT(info.at("value").string_value(),
              ::testing::StartsWith("Cg5GSUVMRF9SRVFVSVJFRBIGYWNkLnYx"));
  EXPECT_EQ(info.at("value").string_value().find('='), std::string::npos);
  EXPECT_EQ(details.values(1).struct_value().fields().at("type").string_value(),
            "google.rpc.BadRequest");
}

TEST(ConnectErrorTest, SaysWhenToTryAgain) {
  EXPECT_THAT(error_answer(overloaded_status("Too much.")).fields,
              Contains(Pair("Retry-After", "1")));
  EXPECT_TRUE(error_answer({grpc::NOT_FOUND, ""}).fields.empty());
}

TEST(ConnectErrorTest, EndsAStreamWithAFrame) {
  EXPECT_EQ(end_frame(grpc::Status::OK), framed("{}", 2));
  const std::string bad = end_frame({grpc::NOT_FOUND, "no"});
  EXPECT_EQ(bad, framed(R"({"error":{"code":"not_found","message":"no"}})", 2));
}

TEST(ConnectJsonTest, WritesWhatIsNotDefault) {
  v1::CallStatus call;
  call.set_name("tenants/bank/calls/c1");
  const std::string bytes = call.SerializeAsString();
  const grpc::Slice halves[] = {grpc::Slice(bytes.substr(0, 4)), grpc::Slice(bytes.substr(4))};
  std::string json;
  EXPECT_TRUE(write_json(*v1::CallStatus::descriptor(), grpc::ByteBuffer(halves, 2), &json).ok());
  EXPECT_EQ(json, R"({"name":"tenants/bank/calls/c1"})");
  // JSON has no such duration.
  v1::WatchRequest watch;
  watch.mutable_interval()->set_seconds(INT64_MAX);
  const grpc::Slice beyond(watch.SerializeAsString());
  EXPECT_EQ(
      write_json(*v1::WatchRequest::descriptor(), grpc::ByteBuffer(&beyond, 1), &json).error_code(),
      grpc::INTERNAL);
}

}  // namespace
}  // namespace acd
