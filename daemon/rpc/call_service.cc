// SPDX-License-Identifier: Apache-2.0
// CallService: from the request to the shard.
#include "daemon/rpc/call_service.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "daemon/rpc/call_change.h"
#include "daemon/rpc/codec.h"
#include "daemon/rpc/outcome_fields.h"
#include "daemon/rpc/transfer_fields.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Each notes what is wrong with its request; the command, whose call the arena has, is complete when
// nothing is. Texts go into the arena.

void take_fields(const v1::SetCallOutcomeRequest& request, const ResourceName&, std::string* arena,
                 Command* command, Violations* violations) {
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

void take_fields(const v1::TransferCallRequest& request, const ResourceName&, std::string* arena,
                 Command* command, Violations* violations) {
  if (!request.has_transfer()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "transfer", "is required");
  } else if (const auto fault = decode_transfer(request.transfer(), arena, command)) {
    violations->add(fault->reason, absl::StrCat("transfer.", fault->field), fault->message);
  }
}

void take_fields(const v1::ConsultRequest& request, const ResourceName&, std::string* arena,
                 Command* command, Violations* violations) {
  check_text("consult_id", request.consult_id(), kIdBytesMax, violations);
  if (!request.has_to()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "to", "is required");
  } else if (const auto fault = decode_transfer(request.to(), arena, command)) {
    violations->add(fault->reason, absl::StrCat("to.", fault->field), fault->message);
  }
}

void take_fields(const v1::MergeConsultRequest& request, const ResourceName&, std::string*,
                 Command* command, Violations*) {
  command->flag = request.conference();
}

void take_fields(const v1::RequestCallbackRequest& request, const ResourceName& call,
                 std::string* arena, Command* command, Violations* violations) {
  command->flag = !request.origin_call().empty();
  if (command->flag) {
    command->preferred =
        take_other("origin_call", request.origin_call(), "calls", call.tenant, arena, violations);
    for (const auto& [field, text] :
         {std::pair("queue", &request.queue()), std::pair("source_id", &request.source_id())}) {
      if (text->empty()) continue;
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field,
                      "has no place beside origin_call, whose it is");
    }
  } else {
    command->name = take_other("queue", request.queue(), "queues", call.tenant, arena, violations);
    command->preferred = add_text(request.source_id(), arena);
    check_text("source_id", request.source_id(), kIdBytesMax, violations);
  }
  command->text = add_text(request.number(), arena);
  check_text("number", request.number(), kNumberBytesMax, violations);
}

void take_fields(const v1::CancelCallRequest&, const ResourceName&, std::string*, Command* command,
                 Violations*) {
  command->detail = static_cast<uint8_t>(EndedBy::kSwitch);
}

void take_time(bool is_set, const google::protobuf::Timestamp& time, Command* command,
               Violations* violations) {
  if (!is_set) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "time", "is required");
    return;
  }
  const std::optional<int64_t> due_ms = schedule_ms(time);
  command->wait_ns = due_ms.value_or(0);
  if (due_ms) return;
  violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "time", kScheduleRule);
}

void take_fields(const v1::ScheduleCallRequest& request, const ResourceName& call,
                 std::string* arena, Command* command, Violations* violations) {
  command->name = take_other("queue", request.queue(), "queues", call.tenant, arena, violations);
  command->preferred = add_text(request.source_id(), arena);
  check_text("source_id", request.source_id(), kIdBytesMax, violations);
  command->text = add_text(request.number(), arena);
  if (!request.number().empty()) {
    check_text("number", request.number(), kNumberBytesMax, violations);
  }
  take_time(request.has_time(), request.time(), command, violations);
  command->flag = request.has_priority();
  command->number = request.priority();
  if (request.priority() < -kPriorityMax || request.priority() > kPriorityMax) {
    violations->add(
        v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "priority",
        absl::StrCat("is ", request.priority(), "; must be ", -kPriorityMax, "..", kPriorityMax));
  }
}

void take_fields(const v1::RescheduleCallRequest& request, const ResourceName&, std::string*,
                 Command* command, Violations* violations) {
  take_time(request.has_time(), request.time(), command, violations);
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
grpc::ServerUnaryReactor* CallService::change(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* bytes,
                                              grpc::ByteBuffer* response, const char* method,
                                              CommandKind kind) {
  UnaryCall call(edge_, method, context, response);
  return change_call<Request, Response>(
      call, *bytes, changes_, kind, "calls",
      [](const Request& request, const ResourceName& name, std::string* arena, Command* command,
         Violations* violations) -> const std::string& {
        command->call = add_text(name.id, arena);
        take_fields(request, name, arena, command, violations);
        return repeat_id(request, violations);
      });
}

grpc::ServerUnaryReactor* CallService::SetCallOutcome(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return change<v1::SetCallOutcomeRequest, v1::SetCallOutcomeResponse>(
      context, request, response, "CallService.SetCallOutcome", CommandKind::kSetOutcome);
}

grpc::ServerUnaryReactor* CallService::TransferCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return change<v1::TransferCallRequest, v1::TransferCallResponse>(
      context, request, response, "CallService.TransferCall", CommandKind::kTransferCall);
}

grpc::ServerUnaryReactor* CallService::Consult(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* response) {
  return change<v1::ConsultRequest, v1::ConsultResponse>(
      context, request, response, "CallService.Consult", CommandKind::kConsult);
}

grpc::ServerUnaryReactor* CallService::MergeConsult(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return change<v1::MergeConsultRequest, v1::MergeConsultResponse>(
      context, request, response, "CallService.MergeConsult", CommandKind::kMergeCall);
}

grpc::ServerUnaryReactor* CallService::RequestCallback(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return change<v1::RequestCallbackRequest, v1::RequestCallbackResponse>(
      context, request, response, "CallService.RequestCallback", CommandKind::kRequestCallback);
}

grpc::ServerUnaryReactor* CallService::CancelCall(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return change<v1::CancelCallRequest, v1::CancelCallResponse>(
      context, request, response, "CallService.CancelCall", CommandKind::kEndCall);
}

grpc::ServerUnaryReactor* CallService::ScheduleCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return change<v1::ScheduleCallRequest, v1::ScheduleCallResponse>(
      context, request, response, "CallService.ScheduleCall", CommandKind::kScheduleCall);
}

grpc::ServerUnaryReactor* CallService::RescheduleCall(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return change<v1::RescheduleCallRequest, v1::RescheduleCallResponse>(
      context, request, response, "CallService.RescheduleCall", CommandKind::kRescheduleCall);
}

}  // namespace acd
