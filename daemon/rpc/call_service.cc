// SPDX-License-Identifier: Apache-2.0
// CallService: from the request to the shard.
#include "daemon/rpc/call_service.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/config/text.h"
#include "daemon/rpc/outcome_fields.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/transfer_fields.h"
#include "daemon/rpc/unary.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Each notes what is wrong with its request; the command is complete when nothing is. Texts go into
// the arena.

void take_fields(const v1::SetCallOutcomeRequest& request, std::string* arena, Command* command,
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

void take_fields(const v1::TransferCallRequest& request, std::string* arena, Command* command,
                 Violations* violations) {
  if (!request.has_transfer()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "transfer", "is required");
  } else if (const auto fault = decode_transfer(request.transfer(), arena, command)) {
    violations->add(fault->reason, absl::StrCat("transfer.", fault->field), fault->message);
  }
}

void take_fields(const v1::ConsultRequest& request, std::string* arena, Command* command,
                 Violations* violations) {
  const std::string& id = request.consult_id();
  if (id.empty()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "consult_id", "is required");
  } else if (id.size() > kIdBytesMax) {
    violations->add(
        v1::ERROR_REASON_FIELD_TOO_LONG, "consult_id",
        absl::StrCat("has ", id.size(), " bytes; at most ", kIdBytesMax, " are allowed"));
  } else if (!is_text(id)) {
    violations->add(v1::ERROR_REASON_FIELD_NOT_TEXT, "consult_id",
                    "must be valid UTF-8 without control characters");
  }
  if (!request.has_to()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "to", "is required");
  } else if (const auto fault = decode_consulted(request.to(), arena, command)) {
    violations->add(fault->reason, absl::StrCat("to.", fault->field), fault->message);
  }
}

void take_fields(const v1::MergeConsultRequest& request, std::string*, Command* command,
                 Violations*) {
  command->flag = request.conference();
}

// By which a repeat is known. A consult is known by its own id for ever.
template <typename Request>
const std::string& repeat_id(const Request& request, Violations* violations) {
  check_request_id(request.request_id(), violations);
  return request.request_id();
}
const std::string& repeat_id(const v1::ConsultRequest& request, Violations*) {
  return request.consult_id();
}

}  // namespace

template <typename Request, typename Response>
grpc::ServerUnaryReactor* CallService::change_call(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* bytes,
                                                   grpc::ByteBuffer* response, const char* method,
                                                   CommandKind kind) {
  UnaryCall call(edge_, method, context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  Request request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = kind;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  take_fields(request, &arena, &command, &violations);
  const std::string& id = repeat_id(request, &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(call, name.tenant, std::move(place),
                  make_call_change(command, std::move(arena), id),
                  [](const TableAnswer&, UnaryReply* reply) { reply->answer(Response()); });
  return call.reactor;
}

grpc::ServerUnaryReactor* CallService::SetCallOutcome(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return change_call<v1::SetCallOutcomeRequest, v1::SetCallOutcomeResponse>(
      context, request, response, "CallService.SetCallOutcome", CommandKind::kSetOutcome);
}

grpc::ServerUnaryReactor* CallService::TransferCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return change_call<v1::TransferCallRequest, v1::TransferCallResponse>(
      context, request, response, "CallService.TransferCall", CommandKind::kTransferCall);
}

grpc::ServerUnaryReactor* CallService::Consult(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) {
  return change_call<v1::ConsultRequest, v1::ConsultResponse>(
      context, request, response, "CallService.Consult", CommandKind::kConsult);
}

grpc::ServerUnaryReactor* CallService::MergeConsult(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return change_call<v1::MergeConsultRequest, v1::MergeConsultResponse>(
      context, request, response, "CallService.MergeConsult", CommandKind::kMergeCall);
}

}  // namespace acd
