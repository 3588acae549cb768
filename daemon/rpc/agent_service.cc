// SPDX-License-Identifier: Apache-2.0
// AgentService: from the request to the shard.
#include "daemon/rpc/agent_service.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "daemon/config/text.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Puts call and generation of the offer into the command; notes what is wrong with them.
void take_offer(const std::string& call_id, int64_t generation, std::string* arena,
                Command* command, Violations* violations) {
  if (call_id.empty()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "call_id", "is required");
  } else if (call_id.size() > kIdBytesMax) {
    violations->add(
        v1::ERROR_REASON_FIELD_TOO_LONG, "call_id",
        absl::StrCat("has ", call_id.size(), " bytes; at most ", kIdBytesMax, " are allowed"));
  } else if (!is_text(call_id)) {
    violations->add(v1::ERROR_REASON_FIELD_NOT_TEXT, "call_id",
                    "must be valid UTF-8 without control characters");
  }
  command->call = {static_cast<uint32_t>(arena->size()), static_cast<uint32_t>(call_id.size())};
  *arena += call_id;
  if (generation == 0) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "generation", "is required");
  } else if (generation < 0 || generation > UINT32_MAX) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "generation",
                    absl::StrCat("is ", generation, "; must be 1..", UINT32_MAX));
  }
  command->generation = static_cast<uint32_t>(generation);
}

// Both methods, which differ in their names alone.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* claim(CommandKind kind, UnaryCall& call, const grpc::ByteBuffer& bytes,
                                Changes& changes) {
  std::shared_ptr<Changes::Place> place = changes.take_place(call);
  if (place == nullptr) return call.reactor;
  Request request;
  if (!call.parse(bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "agents", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = kind;
  std::string arena = name.id;
  command.name = {0, static_cast<uint32_t>(arena.size())};
  take_offer(request.call_id(), request.generation(), &arena, &command, &violations);
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(call, name.tenant, std::move(place),
                  make_call_change(command, std::move(arena), request.request_id()),
                  [](const TableAnswer&, UnaryReply* reply) { reply->answer(Response()); });
  return call.reactor;
}

}  // namespace

grpc::ServerUnaryReactor* AgentService::AcceptOffer(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "AgentService.AcceptOffer", context, response);
  return claim<v1::AcceptOfferRequest, v1::AcceptOfferResponse>(CommandKind::kAcceptOffer, call,
                                                                *request, changes_);
}

grpc::ServerUnaryReactor* AgentService::RejectOffer(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "AgentService.RejectOffer", context, response);
  return claim<v1::RejectOfferRequest, v1::RejectOfferResponse>(CommandKind::kRejectOffer, call,
                                                                *request, changes_);
}

}  // namespace acd
