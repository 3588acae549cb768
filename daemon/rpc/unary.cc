// SPDX-License-Identifier: Apache-2.0
// What every unary method does before and after its own work.
#include "daemon/rpc/unary.h"

#include <absl/strings/str_cat.h>

#include <chrono>
#include <utility>
#include <vector>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/wire.h"

namespace acd {
namespace {

std::optional<RpcError> check_authorized(std::string_view principal, std::string_view method,
                                         std::string_view tenant) {
  if (authorize(principal, method, tenant)) return std::nullopt;
  return RpcError{v1::ERROR_REASON_NOT_AUTHORIZED,
                  "The caller may not do this.",
                  {{"method", std::string(method)}, {"tenant", std::string(tenant)}},
                  {}};
}

}  // namespace

std::optional<RpcError> parse_request(const Edge& edge, const grpc::ByteBuffer& bytes,
                                      size_t bytes_max, google::protobuf::Message* request) {
  if (edge.stopping()) return shutting_down_error();
  if (bytes.Length() > bytes_max) {
    return RpcError{
        v1::ERROR_REASON_MESSAGE_TOO_LARGE,
        absl::StrCat("The message has ", bytes.Length(), " bytes; at most ", bytes_max,
                     " are allowed."),
        {{"bytes", absl::StrCat(bytes.Length())}, {"message_bytes_max", absl::StrCat(bytes_max)}},
        {}};
  }
  // Where a message may be larger than others, it may not take more memory than its bytes explain.
  if (bytes.Length() > edge.options().message_bytes_max &&
      !has_parts_at_most(bytes, *request->GetDescriptor(), kMessagePartsMax)) {
    return RpcError{v1::ERROR_REASON_MESSAGE_TOO_LARGE,
                    absl::StrCat("The message has more than ", kMessagePartsMax,
                                 " queues, members and other parts."),
                    {{"parts_max", absl::StrCat(kMessagePartsMax)}},
                    {}};
  }
  std::vector<std::string> bad_texts;
  const ParseResult result = parse_message(bytes, request, &bad_texts);
  if (result == ParseResult::kOk) return std::nullopt;

  RpcError error{v1::ERROR_REASON_MESSAGE_UNPARSABLE,
                 absl::StrCat("The bytes are no ", request->GetDescriptor()->full_name(), "."),
                 {},
                 {}};
  for (std::string& field : bad_texts) {
    error.violations.push_back({std::move(field), "must be valid UTF-8"});
  }
  return error;
}

std::optional<RpcError> find_port(const Edge& edge, std::string_view principal,
                                  std::string_view method, std::string_view tenant,
                                  TenantPort** port) {
  if (auto error = check_authorized(principal, method, tenant)) return error;
  *port = edge.find(tenant);
  if (*port != nullptr) return std::nullopt;
  return RpcError{v1::ERROR_REASON_TENANT_UNKNOWN,
                  absl::StrCat("This daemon does not serve tenants/", std::string(tenant), "."),
                  {{"tenant", std::string(tenant)}},
                  {}};
}

UnaryReply::~UnaryReply() { finish(shutting_down_status()); }

void UnaryReply::answer(const google::protobuf::Message& message) {
  grpc::ServerUnaryReactor* const reactor = take_reactor();
  if (reactor == nullptr) return;
  *response_ = serialize_message(message);
  reactor->Finish(grpc::Status::OK);
}

void UnaryReply::answer_bytes(std::string_view bytes) {
  grpc::ServerUnaryReactor* const reactor = take_reactor();
  if (reactor == nullptr) return;
  const grpc::Slice slice(bytes.data(), bytes.size());
  *response_ = grpc::ByteBuffer(&slice, 1);
  reactor->Finish(grpc::Status::OK);
}

void UnaryReply::finish(const grpc::Status& status) {
  grpc::ServerUnaryReactor* const reactor = take_reactor();
  if (reactor != nullptr) reactor->Finish(status);
}

grpc::ServerUnaryReactor* UnaryReply::take_reactor() {
  const MutexLock lock(&mutex_);
  return std::exchange(reactor_, nullptr);
}

UnaryCall::UnaryCall(const Edge& shared_edge, std::string_view method_name,
                     grpc::CallbackServerContext* context, grpc::ByteBuffer* response)
    : edge(shared_edge),
      method(method_name),
      principal(principal_of(*context)),
      reactor(context->DefaultReactor()),
      reply(std::make_shared<UnaryReply>(reactor, response)) {
  if (context->deadline() == std::chrono::system_clock::time_point::max()) {
    edge.open_calls().add(reply);
  }
}

bool UnaryCall::parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* request) {
  return parse(bytes, request, edge.options().message_bytes_max);
}

bool UnaryCall::parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* request,
                      size_t bytes_max) {
  std::optional<RpcError> error =
      edge.principals().take_call(principal, PrincipalLimits::Clock::now());
  if (!error) error = parse_request(edge, bytes, bytes_max, request);
  if (error) reply->fail(*error);
  return !error;
}

bool UnaryCall::authorize_for(std::string_view tenant) {
  const std::optional<RpcError> error = check_authorized(principal, method, tenant);
  if (error) reply->fail(*error);
  return !error;
}

TenantPort* UnaryCall::find_tenant(std::string_view tenant) {
  TenantPort* port = nullptr;
  const std::optional<RpcError> error = find_port(edge, principal, method, tenant, &port);
  if (error) reply->fail(*error);
  return port;
}

void UnaryCall::read(TenantPort* port, TenantPort::Visit visit) {
  if (!port->read(std::move(visit))) {
    reply->finish(overloaded_status("Too many reads wait; try again."));
  }
}

}  // namespace acd
