// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/connect_transcoder.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/strip.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <memory>

#include "acd/internal/connect_error.pb.h"
#include "acd/internal/rpc_status.pb.h"
#include "acd/v1/errors.pb.h"

namespace acd {
namespace {

namespace proto = google::protobuf;

constexpr std::string_view kPackage = "acd.v1";
constexpr char kTypePrefix[] = "type.googleapis.com";
constexpr std::string_view kDetailPackage = "google.rpc.";
constexpr char kReasonPrefix[] = "ERROR_REASON_";
// Of what the parser says of bad JSON, which quotes it.
constexpr size_t kWhyBytesMax = 300;
constexpr size_t kTimeoutDigitsMax = 10;  // As the protocol says.
constexpr size_t kFrameHeadBytes = 5;
constexpr uint8_t kFrameCompressed = 1;
constexpr uint8_t kFrameEnd = 2;

struct CodeEntry {
  grpc::StatusCode code;
  const char* name;
  unsigned http_status;
};

// The table of the Connect protocol.
constexpr CodeEntry kCodes[] = {
    {grpc::CANCELLED, "canceled", 499},
    {grpc::UNKNOWN, "unknown", 500},
    {grpc::INVALID_ARGUMENT, "invalid_argument", 400},
    {grpc::DEADLINE_EXCEEDED, "deadline_exceeded", 504},
    {grpc::NOT_FOUND, "not_found", 404},
    {grpc::ALREADY_EXISTS, "already_exists", 409},
    {grpc::PERMISSION_DENIED, "permission_denied", 403},
    {grpc::RESOURCE_EXHAUSTED, "resource_exhausted", 429},
    {grpc::FAILED_PRECONDITION, "failed_precondition", 400},
    {grpc::ABORTED, "aborted", 409},
    {grpc::OUT_OF_RANGE, "out_of_range", 400},
    {grpc::UNIMPLEMENTED, "unimplemented", 501},
    {grpc::INTERNAL, "internal", 500},
    {grpc::UNAVAILABLE, "unavailable", 503},
    {grpc::DATA_LOSS, "data_loss", 500},
    {grpc::UNAUTHENTICATED, "unauthenticated", 401},
};

const CodeEntry& entry_of(grpc::StatusCode code) {
  for (const CodeEntry& entry : kCodes) {
    if (entry.code == code) return entry;
  }
  return kCodes[1];
}

proto::util::TypeResolver* resolver() {
  static const std::unique_ptr<proto::util::TypeResolver> all(
      proto::util::NewTypeResolverForDescriptorPool(kTypePrefix,
                                                    proto::DescriptorPool::generated_pool()));
  return all.get();
}

std::string url_of(const std::string& type) { return absl::StrCat(kTypePrefix, "/", type); }

// Its own messages, which are text throughout.
std::string own_json(const proto::Message& message) {
  std::string json;
  static_cast<void>(proto::util::MessageToJsonString(message, &json));
  return json;
}

grpc::Status own_error(grpc::StatusCode code, v1::ErrorReason reason, const std::string& message) {
  internal::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason).substr(sizeof(kReasonPrefix) - 1));
  info.set_domain(std::string(kPackage));
  internal::RpcStatus status;
  status.set_code(code);
  status.set_message(message);
  proto::Any& detail = *status.add_details();
  detail.set_type_url(url_of("google.rpc.ErrorInfo"));
  detail.set_value(info.SerializeAsString());
  return {code, message, status.SerializeAsString()};
}

grpc::Status unparsable(const proto::Descriptor& type, std::string_view why) {
  return own_error(grpc::INVALID_ARGUMENT, v1::ERROR_REASON_MESSAGE_UNPARSABLE,
                   absl::StrCat("The body is no ", type.full_name(),
                                " as JSON: ", shown_text(why, kWhyBytesMax)));
}

// The standard detail as JSON: its twin of ours has the same fields.
void add_debug(const proto::Any& detail, std::string_view type,
               internal::ConnectError::Detail* shown) {
  if (!type.starts_with(kDetailPackage)) return;
  type.remove_prefix(kDetailPackage.size());
  std::string json;
  const auto status = proto::util::BinaryToJsonString(
      resolver(), url_of(absl::StrCat("acd.internal.", std::string(type))), detail.value(), &json);
  if (!status.ok() || !proto::util::JsonStringToMessage(json, shown->mutable_debug()).ok()) {
    shown->clear_debug();
  }
}

internal::RpcStatus details_of(const grpc::Status& status) {
  internal::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  return details;
}

internal::ConnectError error_of(const grpc::Status& status) {
  internal::ConnectError error;
  error.set_code(entry_of(status.error_code()).name);
  error.set_message(status.error_message());
  const internal::RpcStatus told = details_of(status);
  for (const proto::Any& detail : told.details()) {
    internal::ConnectError::Detail& shown = *error.add_details();
    const std::string& url = detail.type_url();
    shown.set_type(url.substr(url.rfind('/') + 1));
    const std::string base64 = absl::Base64Escape(detail.value());
    shown.set_value(base64.substr(0, base64.find('=')));
    add_debug(detail, shown.type(), &shown);
  }
  return error;
}

// Whole seconds that a client is to wait; 0: it is not told.
int64_t retry_after_s(const grpc::Status& status) {
  const internal::RpcStatus told = details_of(status);
  for (const proto::Any& detail : told.details()) {
    internal::RetryInfo retry;
    if (!absl::EndsWith(detail.type_url(), ".RetryInfo")) continue;
    if (!retry.ParseFromString(detail.value())) continue;
    return retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
  }
  return 0;
}

std::string frame(uint8_t flags, std::string_view json) {
  const auto size = static_cast<uint32_t>(json.size());
  std::string bytes;
  bytes.reserve(kFrameHeadBytes + json.size());
  bytes.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(size >> shift & 0xFF));
  bytes.append(json);
  return bytes;
}

// "application/json", also with its charset, which can be no other.
bool is_content_type(std::string_view given, std::string_view wanted) {
  std::string plain = absl::AsciiStrToLower({given.data(), given.size()});
  plain = absl::StrReplaceAll(plain, {{" ", ""}});
  return plain == wanted || plain == absl::StrCat(std::string(wanted), ";charset=utf-8");
}

// Whether a page's origin is the host that it asks.
bool is_own_origin(const HttpRequest& request) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!request.origin.starts_with(scheme)) continue;
    const std::string_view host = request.origin.substr(scheme.size());
    return absl::EqualsIgnoreCase({host.data(), host.size()},
                                  {request.host.data(), request.host.size()});
  }
  return false;
}

bool is_plain(std::string_view encoding) { return encoding.empty() || encoding == "identity"; }

grpc::Status invalid(const std::string& message) { return {grpc::INVALID_ARGUMENT, message}; }

// The JSON of the one frame that a stream begins with.
grpc::Status read_frame(std::string_view body, std::string_view* json) {
  if (body.size() < kFrameHeadBytes) {
    return invalid("The body has no message: five bytes of head, then JSON.");
  }
  const auto flags = static_cast<uint8_t>(body[0]);
  if (flags == kFrameCompressed) return {grpc::UNIMPLEMENTED, "Packed messages are not taken."};
  if (flags != 0) return invalid("The first message's flags are not 0.");
  uint32_t size = 0;
  for (const char c : body.substr(1, kFrameHeadBytes - 1)) {
    size = size << 8 | static_cast<uint8_t>(c);
  }
  body.remove_prefix(kFrameHeadBytes);
  if (size != body.size()) {
    return invalid(absl::StrCat("The message should have ", size, " bytes and has ", body.size(),
                                "; there is one in a request."));
  }
  *json = body;
  return grpc::Status::OK;
}

}  // namespace

bool is_service_path(std::string_view path) {
  return path.starts_with('/') && path.substr(1).starts_with(kPackage) &&
         path.substr(1 + kPackage.size()).starts_with('.');
}

const proto::MethodDescriptor* find_service_method(std::string_view path) {
  if (!is_service_path(path)) return nullptr;
  path.remove_prefix(1);
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return nullptr;
  const proto::ServiceDescriptor* const service =
      proto::DescriptorPool::generated_pool()->FindServiceByName(
          std::string(path.substr(0, slash)));
  if (service == nullptr || service->file()->package() != kPackage) return nullptr;
  return service->FindMethodByName(std::string(path.substr(slash + 1)));
}

std::optional<HttpAnswer> refuse_call(const HttpRequest& request) {
  const proto::MethodDescriptor* const method = find_service_method(request.path());
  if (method == nullptr) {
    HttpAnswer answer = error_answer(
        {grpc::UNIMPLEMENTED, absl::StrCat("There is no method ", shown_text(request.path()),
                                           "; README.md of daemon/http tells where they stand.")});
    answer.status = 404;
    return answer;
  }
  if (method->client_streaming()) {
    return error_answer(
        {grpc::UNIMPLEMENTED, absl::StrCat(method->full_name(), " takes a stream; use gRPC.")});
  }
  if (request.method != "POST") {
    HttpAnswer answer = http_refusal(405, absl::StrCat(method->full_name(), " takes POST only"));
    answer.fields.emplace_back("Allow", "POST");
    return answer;
  }
  const char* const type = method->server_streaming() ? kStreamContentType : kUnaryContentType;
  if (!is_content_type(request.content_type, type)) {
    return http_refusal(415,
                        absl::StrCat(method->full_name(), " takes Content-Type: ", type, " only"));
  }
  if (!request.origin.empty() && !is_own_origin(request)) {
    return error_answer(own_error(grpc::PERMISSION_DENIED, v1::ERROR_REASON_NOT_AUTHORIZED,
                                  absl::StrCat("Origin ", shown_text(request.origin),
                                               " is not that of this daemon's page.")));
  }
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" &&
      request.fetch_site != "none") {
    return error_answer(own_error(grpc::PERMISSION_DENIED, v1::ERROR_REASON_NOT_AUTHORIZED,
                                  absl::StrCat("Sec-Fetch-Site is ", shown_text(request.fetch_site),
                                               "; only this daemon's own page may call.")));
  }
  return std::nullopt;
}

grpc::Status read_call_header(const HttpRequest& request,
                              std::optional<std::chrono::milliseconds>* timeout) {
  if (!request.protocol_version.empty() && request.protocol_version != "1") {
    return invalid(absl::StrCat("Connect-Protocol-Version is ",
                                shown_text(request.protocol_version), "; it must be 1."));
  }
  if (!is_plain(request.content_encoding) || !is_plain(request.message_encoding)) {
    return {grpc::UNIMPLEMENTED, "Packed messages are not taken; send them as they are."};
  }
  if (request.timeout_ms.empty()) return grpc::Status::OK;
  const std::string digits(request.timeout_ms);
  int64_t ms = 0;
  const bool is_number =
      digits.size() <= kTimeoutDigitsMax &&
      std::all_of(digits.begin(), digits.end(),
                  [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }) &&
      absl::SimpleAtoi(digits, &ms);
  if (!is_number) {
    return invalid(absl::StrCat("Connect-Timeout-Ms is ", shown_text(digits),
                                "; it must be a number of at most ten digits."));
  }
  if (ms == 0) return {grpc::DEADLINE_EXCEEDED, "Connect-Timeout-Ms is 0: no time is left."};
  *timeout = std::chrono::milliseconds(ms);
  return grpc::Status::OK;
}

grpc::Status read_call_body(const proto::MethodDescriptor& method, std::string_view body,
                            grpc::ByteBuffer* message) {
  std::string_view json = body;
  if (method.server_streaming()) {
    grpc::Status status = read_frame(body, &json);
    if (!status.ok()) return status;
  }
  const proto::Descriptor& type = *method.input_type();
  std::string bytes;
  const auto status =
      proto::util::JsonToBinaryString(resolver(), url_of(type.full_name()), std::string(json),
                                      &bytes, proto::util::JsonParseOptions());
  if (!status.ok()) {
    return unparsable(type, {status.message().data(), status.message().size()});
  }
  const grpc::Slice slice(bytes);
  *message = grpc::ByteBuffer(&slice, 1);
  return grpc::Status::OK;
}

grpc::Status write_json(const proto::Descriptor& type, const grpc::ByteBuffer& message,
                        std::string* json) {
  grpc::Slice slice;
  grpc::Status status = message.TrySingleSlice(&slice);
  if (!status.ok()) status = message.DumpToSingleSlice(&slice);
  if (!status.ok() || slice.size() > INT_MAX) {
    return {grpc::INTERNAL, "The answer cannot be read."};
  }
  proto::io::ArrayInputStream bytes(slice.begin(), static_cast<int>(slice.size()));
  proto::io::StringOutputStream text(json);
  const auto written =
      proto::util::BinaryToJsonStream(resolver(), url_of(type.full_name()), &bytes, &text);
  if (written.ok()) return grpc::Status::OK;
  return {grpc::INTERNAL, "The answer cannot be written as JSON."};
}

HttpAnswer error_answer(const grpc::Status& status) {
  HttpAnswer answer;
  answer.status = entry_of(status.error_code()).http_status;
  answer.content_type = kUnaryContentType;
  answer.body = own_json(error_of(status));
  if (const int64_t wait_s = retry_after_s(status); wait_s > 0) {
    answer.fields.emplace_back("Retry-After", absl::StrCat(wait_s));
  }
  return answer;
}

std::string message_frame(std::string_view json) { return frame(0, json); }

std::string end_frame(const grpc::Status& status) {
  internal::ConnectStreamEnd end;
  if (!status.ok()) *end.mutable_error() = error_of(status);
  return frame(kFrameEnd, own_json(end));
}

grpc::Status body_too_large_status() {
  return own_error(grpc::RESOURCE_EXHAUSTED, v1::ERROR_REASON_MESSAGE_TOO_LARGE,
                   absl::StrCat("The body has more than ", kCallBodyBytesMax, " bytes; use gRPC."));
}

grpc::Status too_many_streams_status(size_t streams_max) {
  return own_error(grpc::RESOURCE_EXHAUSTED, v1::ERROR_REASON_OVERLOADED,
                   absl::StrCat("There are ", streams_max, " streams over HTTP already."));
}

grpc::Status answers_full_status() {
  return own_error(grpc::RESOURCE_EXHAUSTED, v1::ERROR_REASON_OVERLOADED,
                   "Too many answers over HTTP wait for their clients to take them; try again.");
}

grpc::Status stopping_status() {
  return own_error(grpc::UNAVAILABLE, v1::ERROR_REASON_SHUTTING_DOWN,
                   "The daemon stops; ask again, from the last resume token.");
}

grpc::Status starting_status() {
  return {grpc::UNAVAILABLE, "The daemon starts or stops; try again."};
}

}  // namespace acd
