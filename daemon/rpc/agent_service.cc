// SPDX-License-Identifier: Apache-2.0
// AgentService: from the request to the shard.
#include "daemon/rpc/agent_service.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <string>

#include "daemon/rpc/call_change.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Puts call and generation of the offer into the command; notes what is wrong with them.
void take_offer(const std::string& call_id, int64_t generation, std::string* arena,
                Command* command, Violations* violations) {
  check_text("call_id", call_id, kIdBytesMax, violations);
  command->call = add_text(call_id, arena);
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
  return change_call<Request, Response>(
      call, bytes, changes, kind, "agents",
      [](const Request& request, const ResourceName& name, std::string* arena, Command* command,
         Violations* violations) -> const std::string& {
        command->name = add_text(name.id, arena);
        take_offer(request.call_id(), request.generation(), arena, command, violations);
        check_request_id(request.request_id(), violations);
        return request.request_id();
      });
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
