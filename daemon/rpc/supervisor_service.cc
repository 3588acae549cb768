// SPDX-License-Identifier: Apache-2.0
// SupervisorService: from the request to the shard.
#include "daemon/rpc/supervisor_service.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "daemon/rpc/call_change.h"
#include "routing/limits.h"

namespace acd {
namespace {

// Q.850: normal, unspecified; and the largest there is.
constexpr int32_t kWithdrawCauseDefault = 31;
constexpr int32_t kCauseMax = 127;

void check_range(const char* field, int32_t value, int32_t min, int32_t max,
                 Violations* violations) {
  if (value >= min && value <= max) return;
  violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, field,
                  absl::StrCat("is ", value, "; must be ", min, "..", max));
}

void take_reason(const char* field, int32_t reason, Command* command, Violations* violations) {
  check_range(field, reason, 0, kSupervisorReasonMax, violations);
  command->number = reason;
}

// Each notes what is wrong with its request, and fills the command.

void take_fields(const v1::SetAgentStateRequest& request, const ResourceName& agent,
                 std::string* arena, Command* command, Violations* violations) {
  command->name = add_text(agent.id, arena);
  switch (request.state_case()) {
    case v1::SetAgentStateRequest::STATE_NOT_SET:
      violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "state",
                      "is required: ready, not_ready or logged_out");
      return;
    case v1::SetAgentStateRequest::kReady:
      command->kind = CommandKind::kSetReady;
      return;
    case v1::SetAgentStateRequest::kNotReady:
      command->kind = CommandKind::kSetNotReady;
      return take_reason("not_ready.reason", request.not_ready().reason(), command, violations);
    case v1::SetAgentStateRequest::kLoggedOut:
      command->kind = CommandKind::kLogOut;
      command->flag = request.logged_out().forced();
      return;
  }
}

// Of a wrap-up.
template <typename Request>
void take_wrap_up(const Request& request, const ResourceName& agent, std::string* arena,
                  Command* command, Violations* violations) {
  command->name = add_text(agent.id, arena);
  if (request.call_id().empty()) return;
  check_text("call_id", request.call_id(), kIdBytesMax, violations);
  command->call = add_text(request.call_id(), arena);
}
void take_fields(const v1::EndWrapUpRequest& request, const ResourceName& agent, std::string* arena,
                 Command* command, Violations* violations) {
  take_wrap_up(request, agent, arena, command, violations);
}
void take_fields(const v1::ExtendWrapUpRequest& request, const ResourceName& agent,
                 std::string* arena, Command* command, Violations* violations) {
  take_wrap_up(request, agent, arena, command, violations);
}

template <typename Request>
void take_member(const Request& request, const ResourceName& agent, std::string* arena,
                 Command* command, Violations* violations) {
  command->name = add_text(agent.id, arena);
  command->text = take_other("queue", request.queue(), "queues", agent.tenant, arena, violations);
}
void take_fields(const v1::PauseMemberRequest& request, const ResourceName& agent,
                 std::string* arena, Command* command, Violations* violations) {
  take_member(request, agent, arena, command, violations);
  take_reason("reason", request.reason(), command, violations);
}
void take_fields(const v1::UnpauseMemberRequest& request, const ResourceName& agent,
                 std::string* arena, Command* command, Violations* violations) {
  take_member(request, agent, arena, command, violations);
}

void take_fields(const v1::RequeueCallRequest&, const ResourceName& call, std::string* arena,
                 Command* command, Violations*) {
  command->call = add_text(call.id, arena);
}

void take_fields(const v1::ChangeCallPriorityRequest& request, const ResourceName& call,
                 std::string* arena, Command* command, Violations* violations) {
  command->call = add_text(call.id, arena);
  command->number = request.priority();
  if (!request.has_priority()) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "priority", "is required");
  }
  check_range("priority", request.priority(), -kPriorityMax, kPriorityMax, violations);
}

void take_fields(const v1::WithdrawCallRequest& request, const ResourceName& call,
                 std::string* arena, Command* command, Violations* violations) {
  command->call = add_text(call.id, arena);
  command->detail = static_cast<uint8_t>(EndedBy::kSupervisor);
  command->cause = request.has_cause() ? request.cause() : kWithdrawCauseDefault;
  check_range("cause", command->cause, 1, kCauseMax, violations);
}

void take_fields(const v1::SuperviseCallRequest& request, const ResourceName& call,
                 std::string* arena, Command* command, Violations* violations) {
  command->call = add_text(call.id, arena);
  const auto what = static_cast<Supervision>(request.kind());
  if (request.kind() == v1::SUPERVISION_UNSPECIFIED) {
    violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "kind", "is required");
  }
  check_range("kind", request.kind(), 0, kSupervisionMax, violations);
  command->detail = static_cast<uint8_t>(what);
  if (!request.agent_id().empty()) {
    check_text("agent_id", request.agent_id(), kIdBytesMax, violations);
    command->name = add_text(request.agent_id(), arena);
  }
  switch (request.supervisor_case()) {
    case v1::SuperviseCallRequest::kSupervisorId:
      check_text("supervisor_id", request.supervisor_id(), kIdBytesMax, violations);
      command->preferred = add_text(request.supervisor_id(), arena);
      break;
    case v1::SuperviseCallRequest::kStation:
      check_text("station", request.station(), kIdBytesMax, violations);
      command->text = add_text(request.station(), arena);
      break;
    case v1::SuperviseCallRequest::SUPERVISOR_NOT_SET:
      if (is_recording(what)) return;
      violations->add(v1::ERROR_REASON_FIELD_REQUIRED, "supervisor",
                      "is required: supervisor_id or station");
      return;
  }
  if (!is_recording(what)) return;
  violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "supervisor", "has no place with recording");
}

}  // namespace

template <typename Request, typename Response>
grpc::ServerUnaryReactor* SupervisorService::change(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* bytes,
                                                    grpc::ByteBuffer* response, const char* method,
                                                    CommandKind kind, const char* collection) {
  UnaryCall call(edge_, method, context, response);
  return change_call<Request, Response>(
      call, *bytes, changes_, kind, collection,
      [](const Request& request, const ResourceName& name, std::string* arena, Command* command,
         Violations* violations) -> const std::string& {
        take_fields(request, name, arena, command, violations);
        check_request_id(request.request_id(), violations);
        return request.request_id();
      });
}

grpc::ServerUnaryReactor* SupervisorService::SetAgentState(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return change<v1::SetAgentStateRequest, v1::SetAgentStateResponse>(
      context, request, response, "SupervisorService.SetAgentState", CommandKind::kSetReady,
      "agents");
}

grpc::ServerUnaryReactor* SupervisorService::EndWrapUp(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return change<v1::EndWrapUpRequest, v1::EndWrapUpResponse>(
      context, request, response, "SupervisorService.EndWrapUp", CommandKind::kEndWrapUp, "agents");
}

grpc::ServerUnaryReactor* SupervisorService::ExtendWrapUp(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return change<v1::ExtendWrapUpRequest, v1::ExtendWrapUpResponse>(
      context, request, response, "SupervisorService.ExtendWrapUp", CommandKind::kExtendWrapUp,
      "agents");
}

grpc::ServerUnaryReactor* SupervisorService::PauseMember(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return change<v1::PauseMemberRequest, v1::PauseMemberResponse>(
      context, request, response, "SupervisorService.PauseMember", CommandKind::kPauseMember,
      "agents");
}

grpc::ServerUnaryReactor* SupervisorService::UnpauseMember(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return change<v1::UnpauseMemberRequest, v1::UnpauseMemberResponse>(
      context, request, response, "SupervisorService.UnpauseMember", CommandKind::kUnpauseMember,
      "agents");
}

grpc::ServerUnaryReactor* SupervisorService::RequeueCall(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return change<v1::RequeueCallRequest, v1::RequeueCallResponse>(
      context, request, response, "SupervisorService.RequeueCall", CommandKind::kRequeueCall,
      "calls");
}

grpc::ServerUnaryReactor* SupervisorService::ChangeCallPriority(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return change<v1::ChangeCallPriorityRequest, v1::ChangeCallPriorityResponse>(
      context, request, response, "SupervisorService.ChangeCallPriority",
      CommandKind::kChangePriority, "calls");
}

grpc::ServerUnaryReactor* SupervisorService::WithdrawCall(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  return change<v1::WithdrawCallRequest, v1::WithdrawCallResponse>(
      context, request, response, "SupervisorService.WithdrawCall", CommandKind::kEndCall, "calls");
}

grpc::ServerUnaryReactor* SupervisorService::SuperviseCall(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response) {
  return change<v1::SuperviseCallRequest, v1::SuperviseCallResponse>(
      context, request, response, "SupervisorService.SuperviseCall", CommandKind::kSuperviseCall,
      "calls");
}

}  // namespace acd
