// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request over HTTP, up to the message that a service would be handed, and that
// message written as JSON again. Must never happen: a crash, a request of another page that is a
// call, an answer without a status or with fields that end a line, or a message that its own JSON is
// not.
#include <google/protobuf/stubs/logging.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acd/v1/agent_service.pb.h"
#include "acd/v1/call_service.pb.h"
#include "acd/v1/config_service.pb.h"
#include "acd/v1/event_service.pb.h"
#include "acd/v1/explain_service.pb.h"
#include "acd/v1/supervisor_service.pb.h"
#include "acd/v1/switch_service.pb.h"
#include "acd/v1/wallboard_service.pb.h"
#include "daemon/http/connect_transcoder.h"
#include "daemon/http/http_connection.h"
#include "daemon/http/http_pages.h"
#include "routing/check.h"

namespace acd {
namespace {

constexpr StaticFile kFiles[] = {
    {"/index.html", "text/html; charset=utf-8", "\"abc\"", "<!doctype html>", "packed"}};

void check_answer(const HttpAnswer& answer) {
  ACD_CHECK(answer.status >= 200 && answer.status < 600 && !answer.content_type.empty());
  for (const auto& [name, value] : answer.fields) {
    ACD_CHECK(name.find_first_of("\r\n:") == name.npos &&
              value.find_first_of("\r\n") == value.npos);
  }
}

void check_call(const HttpRequest& request, std::string_view body) {
  // No page sends this unasked but our own.
  ACD_CHECK(request.method == "POST" && request.origin != "null");
  ACD_CHECK(request.content_type.size() >= sizeof(kUnaryContentType) - 1);
  const auto* const method = find_service_method(request.path());
  ACD_CHECK(method != nullptr && !method->client_streaming());
  std::optional<std::chrono::milliseconds> timeout;
  grpc::Status status = read_call_header(request, &timeout);
  grpc::ByteBuffer message;
  if (status.ok()) status = read_call_body(*method, body, &message);
  if (!status.ok()) {
    check_answer(error_answer(status));
    ACD_CHECK(end_frame(status).size() > end_frame(grpc::Status::OK).size());
    return;
  }
  // What was read is written, and read again: the same message.
  std::string json;
  ACD_CHECK(write_json(*method->input_type(), message, &json).ok());
  if (method->server_streaming()) json = message_frame(json);
  grpc::ByteBuffer again;
  ACD_CHECK(read_call_body(*method, json, &again).ok());
}

// As HttpConnection reads: the head, who may ask, then page or body.
void read_request(std::string_view bytes) {
  namespace http = boost::beast::http;
  http::request_parser<http::string_body> parser;
  parser.header_limit(kHttpHeaderBytesMax);
  parser.body_limit(kCallBodyBytesMax);
  parser.eager(true);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser.is_header_done()) return;
  const HttpRequest request = request_of(parser.get());
  if (const auto refusal = refuse_host(request, {"acd.example"})) return check_answer(*refusal);
  if (!is_service_path(request.path())) {
    return check_answer(answer_request(request, kFiles, [] { return DaemonFigures(); }));
  }
  if (!parser.is_done()) return;
  if (const auto refusal = refuse_call(request)) return check_answer(*refusal);
  check_call(request, parser.get().body());
}

// One message of each file: else the linker leaves their services out.
bool has_services() {
  for (const google::protobuf::Descriptor* const descriptor :
       {v1::AgentConnectRequest::descriptor(), v1::CancelCallRequest::descriptor(),
        v1::GetConfigRequest::descriptor(), v1::WatchEventsRequest::descriptor(),
        v1::WhyIdleRequest::descriptor(), v1::EndWrapUpRequest::descriptor(),
        v1::ConnectRequest::descriptor(), v1::GetCallRequest::descriptor()}) {
    if (descriptor->file()->service_count() != 1) return false;
  }
  return true;
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);
  ACD_CHECK(acd::has_services());
  acd::read_request({reinterpret_cast<const char*>(data), size});
  return 0;
}
