// SPDX-License-Identifier: Apache-2.0
// CallService: from the request to the shard.
#include "daemon/rpc/call_service.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/rpc/outcome_fields.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/transfer_fields.h"
#include "daemon/rpc/unary.h"

namespace acd {
namespace {

// Notes what is wrong with the outcome; the command is complete when nothing is.
void take_outcome(const v1::SetCallOutcomeRequest& request, std::string* arena, Command* command,
                  Violations* violations) {
  if (!request.has_outcome()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "outcome", "is required");
    return;
  }
  const auto fault = decode_outcome(request.outcome(), arena, command);
  if (!fault) return;
  violations->add(fault->reason,
                  absl::StrCat("outcome", fault->field.empty() ? "" : ".", fault->field),
                  fault->message);
}

}  // namespace

grpc::ServerUnaryReactor* CallService::SetCallOutcome(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes,
                                                      grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.SetCallOutcome", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::SetCallOutcomeRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kSetOutcome;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  take_outcome(request, &arena, &command, &violations);
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::SetCallOutcomeResponse()); });
  return call.reactor;
}

grpc::ServerUnaryReactor* CallService::TransferCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* bytes,
                                                    grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.TransferCall", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::TransferCallRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kTransferCall;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  if (!request.has_transfer()) {
    violations.add(v1::ERROR_REASON_FIELD_REQUIRED, "transfer", "is required");
  } else if (const auto fault = decode_transfer(request.transfer(), &arena, &command)) {
    violations.add(fault->reason, absl::StrCat("transfer.", fault->field), fault->message);
  }
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::TransferCallResponse()); });
  return call.reactor;
}

}  // namespace acd
