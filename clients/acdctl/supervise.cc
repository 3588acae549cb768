// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/supervise.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "clients/acdctl/request_id.h"
#include "clients/acdctl/table.h"

namespace acd::acdctl {
namespace {

using Stub = v1::SupervisorService::Stub;

// One request to the SupervisorService: by which method, and what is said when it is done.
class Asked {
 public:
  Asked(Client& client, const Arguments& arguments, const Console& console, std::string tenant)
      : client_(client), arguments_(arguments), console_(console), tenant_(std::move(tenant)) {}

  // Argument `i`; empty where it is not given.
  [[nodiscard]] std::string word(size_t i) const {
    return i < arguments_.words.size() ? arguments_.words[i] : "";
  }
  [[nodiscard]] std::string name(std::string_view collection, size_t i) const {
    return absl::StrCat(tenant_, "/", std::string(collection), "/", word(i));
  }
  [[nodiscard]] int32_t number() const { return arguments_.number; }
  [[nodiscard]] bool has_number() const { return arguments_.has_number; }
  [[nodiscard]] bool is_forced() const { return arguments_.is_forced; }

  // `request` without name and request id, which are filled in here.
  template <typename Request, typename Response>
  ExitCode ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               std::string_view collection, Request request, std::string_view done) const {
    request.set_name(name(collection, 0));
    request.set_request_id(make_request_id());
    Response response;
    const absl::Status status = client_.supervise([&](Stub& stub, grpc::ClientContext& context) {
      return (stub.*method)(&context, request, &response);
    });
    if (!status.ok()) return fail(console_, status);
    return print_message(console_, arguments_, response,
                         absl::StrCat(printable(word(0)), ": ", std::string(done), "\n"));
  }

 private:
  Client& client_;
  const Arguments& arguments_;
  const Console& console_;
  const std::string tenant_;
};

ExitCode set_state(const Asked& asked, v1::SetAgentStateRequest request, std::string_view done) {
  return asked.ask(&Stub::SetAgentState, "agents", std::move(request), done);
}

ExitCode not_ready(const Asked& asked) {
  v1::SetAgentStateRequest request;
  request.mutable_not_ready()->set_reason(asked.number());
  return set_state(asked, std::move(request), "not ready");
}

template <typename Request, typename Response>
ExitCode wrap_up(const Asked& asked,
                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                 std::string_view done) {
  Request request;
  request.set_call_id(asked.word(1));
  return asked.ask(method, "agents", std::move(request), done);
}

ExitCode pause(const Asked& asked) {
  v1::PauseMemberRequest request;
  request.set_queue(asked.name("queues", 1));
  request.set_reason(asked.number());
  return asked.ask(&Stub::PauseMember, "agents", std::move(request), "paused");
}

ExitCode unpause(const Asked& asked) {
  v1::UnpauseMemberRequest request;
  request.set_queue(asked.name("queues", 1));
  return asked.ask(&Stub::UnpauseMember, "agents", std::move(request), "unpaused");
}

ExitCode log_out(const Asked& asked) {
  v1::SetAgentStateRequest request;
  request.mutable_logged_out()->set_forced(asked.is_forced());
  return set_state(asked, std::move(request), "logged out, once work in hand is done");
}

ExitCode change_priority(const Asked& asked) {
  v1::ChangeCallPriorityRequest request;
  request.set_priority(asked.number());
  return asked.ask(&Stub::ChangeCallPriority, "calls", std::move(request),
                   absl::StrCat("priority ", asked.number()));
}

ExitCode withdraw(const Asked& asked) {
  v1::WithdrawCallRequest request;
  if (asked.has_number()) request.set_cause(asked.number());
  return asked.ask(&Stub::WithdrawCall, "calls", std::move(request), "withdrawn");
}

ExitCode supervise(const Asked& asked, const Arguments& arguments, v1::Supervision kind,
                   std::string_view done) {
  v1::SuperviseCallRequest request;
  request.set_kind(kind);
  request.set_agent_id(arguments.agent);
  if (!arguments.transfer.from.empty()) request.set_supervisor_id(arguments.transfer.from);
  if (!arguments.station.empty()) request.set_station(arguments.station);
  return asked.ask(&Stub::SuperviseCall, "calls", std::move(request), done);
}

}  // namespace

ExitCode run_supervise(Client& client, const Arguments& arguments, const Console& console) {
  const absl::StatusOr<std::string> tenant = client.resolve_tenant(arguments.tenant);
  if (!tenant.ok()) return fail(console, tenant.status());
  const Asked asked(client, arguments, console, *tenant);
  switch (arguments.command) {
    case Command::kAgentsReady: {
      v1::SetAgentStateRequest request;
      request.mutable_ready();
      return set_state(asked, std::move(request), "ready");
    }
    case Command::kAgentsNotReady:
      return not_ready(asked);
    case Command::kAgentsLogOut:
      return log_out(asked);
    case Command::kAgentsEndWrapUp:
      return wrap_up(asked, &Stub::EndWrapUp, "wrap-up ended");
    case Command::kAgentsExtendWrapUp:
      return wrap_up(asked, &Stub::ExtendWrapUp, "wrap-up extended");
    case Command::kAgentsPause:
      return pause(asked);
    case Command::kAgentsUnpause:
      return unpause(asked);
    case Command::kCallsMonitor:
      return supervise(asked, arguments, v1::SUPERVISION_MONITOR, "monitored");
    case Command::kCallsWhisper:
      return supervise(asked, arguments, v1::SUPERVISION_WHISPER, "whispered to");
    case Command::kCallsBarge:
      return supervise(asked, arguments, v1::SUPERVISION_BARGE, "barged into");
    case Command::kCallsLeave:
      return supervise(asked, arguments, v1::SUPERVISION_LEAVE, "left alone");
    case Command::kCallsRecord:
      return arguments.stops
                 ? supervise(asked, arguments, v1::SUPERVISION_STOP_RECORDING, "recorded no longer")
                 : supervise(asked, arguments, v1::SUPERVISION_RECORD, "recorded");
    case Command::kCallsRequeue:
      return asked.ask(&Stub::RequeueCall, "calls", v1::RequeueCallRequest(), "back in its queue");
    case Command::kCallsPriority:
      return change_priority(asked);
    case Command::kCallsWithdraw:
      return withdraw(asked);
    case Command::kQueues:
    case Command::kQueuesOpen:
    case Command::kQueuesClose:
    case Command::kQueuesFollow:
    case Command::kAgents:
    case Command::kAgentsUpsert:
    case Command::kAgentsImport:
    case Command::kAgentsAccept:
    case Command::kAgentsReject:
    case Command::kCalls:
    case Command::kCallsOutcome:
    case Command::kCallsCallback:
    case Command::kCallsCancel:
    case Command::kCallsSchedule:
    case Command::kCallsScheduled:
    case Command::kCallsReschedule:
    case Command::kCallsTransfer:
    case Command::kCallsConsult:
    case Command::kCallsMerge:
    case Command::kCallsConference:
    case Command::kWhy:
    case Command::kWhyIdle:
    case Command::kWatch:
    case Command::kTop:
    case Command::kEvents:
    case Command::kTenants:
    case Command::kConfigGet:
    case Command::kConfigExport:
    case Command::kConfigDiff:
    case Command::kConfigApply:
    case Command::kConfigValidate:
    case Command::kJournalVerify:
    case Command::kJournalDump:
    case Command::kJournalStats:
    case Command::kBackup:
    case Command::kRestore:
    case Command::kHistoryCalls:
    case Command::kHistoryTalks:
    case Command::kHistoryQueues:
    case Command::kHistoryAgents:
    case Command::kHistoryTenant:
    case Command::kHistorySkills:
    case Command::kHistoryBands:
    case Command::kHistoryTeams:
    case Command::kHistoryExport:
    case Command::kHealth:
    case Command::kCompletion:
    case Command::kHelp:
      break;  // Not routed here.
  }
  return fail(console, absl::InternalError("this command is not one of a supervisor"));
}

}  // namespace acd::acdctl
