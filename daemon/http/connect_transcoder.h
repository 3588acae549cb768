// SPDX-License-Identifier: Apache-2.0
// The Connect protocol with JSON: paths to methods, JSON to messages and back, statuses to answers.
// By descriptors alone; it knows no message of its own.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/http_message.h"

namespace acd {

// Bytes of a request's body.
inline constexpr size_t kCallBodyBytesMax = 1 << 20;

// Whether `path` is one of a public service, there or not: "/acd.v1.WallboardService/GetCall".
[[nodiscard]] bool is_service_path(std::string_view path);

// Null when no public service has that method.
[[nodiscard]] const google::protobuf::MethodDescriptor* find_service_method(std::string_view path);

// Why a request to a service may not be a call, by its header; none when it may. What passes comes
// from no page but our own: a foreign one can send neither the content type without being asked
// about (and OPTIONS is 405) nor another Origin than its own.
[[nodiscard]] std::optional<HttpAnswer> refuse_call(const HttpRequest& request);

// The rest of the header. INVALID_ARGUMENT or UNIMPLEMENTED says what of it is not taken; then
// `timeout` is as it was. Without Connect-Timeout-Ms it is none.
[[nodiscard]] grpc::Status read_call_header(const HttpRequest& request,
                                            std::optional<std::chrono::milliseconds>* timeout);

// The message that a body holds: of a stream in its one frame. INVALID_ARGUMENT says what is wrong.
[[nodiscard]] grpc::Status read_call_body(const google::protobuf::MethodDescriptor& method,
                                          std::string_view body, grpc::ByteBuffer* message);

// A message of `type` as JSON.
[[nodiscard]] grpc::Status write_json(const google::protobuf::Descriptor& type,
                                      const grpc::ByteBuffer& message, std::string* json);

// The answer of a unary call that failed. REQUIRES: not OK.
[[nodiscard]] HttpAnswer error_answer(const grpc::Status& status);

// What a stream's body consists of.
[[nodiscard]] std::string message_frame(std::string_view json);
[[nodiscard]] std::string end_frame(const grpc::Status& status);

inline constexpr char kUnaryContentType[] = "application/json";
inline constexpr char kStreamContentType[] = "application/connect+json";

// Errors of this edge itself, as the services would say them.
[[nodiscard]] grpc::Status body_too_large_status();
[[nodiscard]] grpc::Status too_many_streams_status(size_t streams_max);
[[nodiscard]] grpc::Status answers_full_status();
[[nodiscard]] grpc::Status starting_status();
[[nodiscard]] grpc::Status stopping_status();

}  // namespace acd
