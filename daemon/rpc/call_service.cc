// SPDX-License-Identifier: Apache-2.0
// CallService: from the request to the shard.
#include "daemon/rpc/call_service.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/config/text.h"
#include "daemon/rpc/codec.h"
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

// Of a required text of at most `bytes_max` bytes.
void check_text(const char* field, std::string_view text, size_t bytes_max,
                Violations* violations) {
  if (text.empty()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, field, "is required");
  } else if (text.size() > bytes_max) {
    violations->add(
        v1::ERROR_REASON_FIELD_TOO_LONG, field,
        absl::StrCat("has ", text.size(), " bytes; at most ", bytes_max, " are allowed"));
  } else if (!is_text(text)) {
    violations->add(v1::ERROR_REASON_FIELD_NOT_TEXT, field,
                    "must be valid UTF-8 without control characters");
  }
}

// Notes what is wrong with the request; the command, whose call is in `arena`, is complete when nothing
// is.
void take_callback(const v1::RequestCallbackRequest& request, const std::string& tenant,
                   std::string* arena, Command* command, Violations* violations) {
  const auto add = [arena](std::string_view text) {
    const TextRef ref{static_cast<uint32_t>(arena->size()), static_cast<uint32_t>(text.size())};
    arena->append(text);
    return ref;
  };
  const auto of_tenant = [&](const char* field, const std::string& text, const char* collection) {
    const ResourceName name = take_resource_name(field, text, collection, violations);
    if (!name.id.empty() && name.tenant != tenant) {
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field, "is of another tenant");
    }
    return add(name.id);
  };
  command->flag = !request.origin_call().empty();
  if (command->flag) {
    command->preferred = of_tenant("origin_call", request.origin_call(), "calls");
    for (const auto& [field, text] :
         {std::pair("queue", &request.queue()), std::pair("source_id", &request.source_id())}) {
      if (text->empty()) continue;
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field,
                      "has no place beside origin_call, whose it is");
    }
  } else {
    command->name = of_tenant("queue", request.queue(), "queues");
    command->preferred = add(request.source_id());
    check_text("source_id", request.source_id(), kIdBytesMax, violations);
  }
  command->text = add(request.number());
  check_text("number", request.number(), kNumberBytesMax, violations);
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
  violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "time",
                  "must be a time of the years 1970 to 2199");
}

// As take_callback().
void take_schedule(const v1::ScheduleCallRequest& request, const std::string& tenant,
                   std::string* arena, Command* command, Violations* violations) {
  const auto add = [arena](std::string_view text) {
    const TextRef ref{static_cast<uint32_t>(arena->size()), static_cast<uint32_t>(text.size())};
    arena->append(text);
    return ref;
  };
  const ResourceName queue = take_resource_name("queue", request.queue(), "queues", violations);
  if (!queue.id.empty() && queue.tenant != tenant) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "queue", "is of another tenant");
  }
  command->name = add(queue.id);
  command->preferred = add(request.source_id());
  check_text("source_id", request.source_id(), kIdBytesMax, violations);
  command->text = add(request.number());
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

grpc::ServerUnaryReactor* CallService::RequestCallback(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* bytes,
                                                       grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.RequestCallback", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::RequestCallbackRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kRequestCallback;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  take_callback(request, name.tenant, &arena, &command, &violations);
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::RequestCallbackResponse()); });
  return call.reactor;
}

grpc::ServerUnaryReactor* CallService::CancelCall(grpc::CallbackServerContext* context,
                                                  const grpc::ByteBuffer* bytes,
                                                  grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.CancelCall", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::CancelCallRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kEndCall;
  command.detail = static_cast<uint8_t>(EndedBy::kSwitch);
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::CancelCallResponse()); });
  return call.reactor;
}

grpc::ServerUnaryReactor* CallService::ScheduleCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* bytes,
                                                    grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.ScheduleCall", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::ScheduleCallRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kScheduleCall;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  take_schedule(request, name.tenant, &arena, &command, &violations);
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::ScheduleCallResponse()); });
  return call.reactor;
}

grpc::ServerUnaryReactor* CallService::RescheduleCall(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes,
                                                      grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.RescheduleCall", context, response);
  std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::RescheduleCallRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = CommandKind::kRescheduleCall;
  std::string arena = name.id;
  command.call = {0, static_cast<uint32_t>(arena.size())};
  take_time(request.has_time(), request.time(), &command, &violations);
  check_request_id(request.request_id(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(
      call, name.tenant, std::move(place),
      make_call_change(command, std::move(arena), request.request_id()),
      [](const TableAnswer&, UnaryReply* reply) { reply->answer(v1::RescheduleCallResponse()); });
  return call.reactor;
}

}  // namespace acd
