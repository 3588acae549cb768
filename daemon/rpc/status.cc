// SPDX-License-Identifier: Apache-2.0
// How this edge says no: reasons, canonical codes and standard error details.
#include "daemon/rpc/status.h"

#include <google/protobuf/any.pb.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "acd/internal/rpc_status.pb.h"
#include "routing/check.h"
#include "routing/limits.h"

namespace acd {
namespace {

constexpr std::string_view kReasonPrefix = "ERROR_REASON_";
constexpr const char* kErrorDomain = "acd.v1";
constexpr const char* kTypePrefix = "type.googleapis.com/google.rpc.";

// How long a client is to wait before it tries again as is; 0 where time alone does not change the
// answer. Clients that are many add a random part.
int64_t retry_delay_ns(v1::ErrorReason reason) {
  constexpr int64_t kNsPerMs = 1'000'000;
  const grpc::StatusCode code = code_of(reason);
  if (code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return kNsPerS;  // A restart takes about as long.
  }
  if (code != grpc::StatusCode::RESOURCE_EXHAUSTED) return 0;
  if (reason == v1::ERROR_REASON_MESSAGE_TOO_LARGE) return 0;       // It stays so.
  if (reason == v1::ERROR_REASON_STORAGE_FULL) return 5 * kNsPerS;  // Somebody frees space.
  if (reason == v1::ERROR_REASON_LIMIT_REACHED) return kNsPerS;     // Some call has to end.
  return 200 * kNsPerMs;  // A queue of the daemon's has moved on by then.
}

std::string_view call_state_message(CommandKind kind) {
  if (kind == CommandKind::kTransferCall) {
    return "the call is being joined with an agent, is a consult or a conference, has nobody on "
           "the "
           "line, is not with the agent who transfers it, or is with or at the agent that it is to "
           "go to; wait for call_connected, or name another target";
  }
  if (kind == CommandKind::kLeaveCall) return "the call is not connected";
  if (kind == CommandKind::kConsult) {
    return "the call is not connected, is a consult itself, or the agent who is asked is on it";
  }
  if (kind == CommandKind::kMergeCall) {
    return "the call is no consult that is connected, or who was consulted is on the other call";
  }
  if (kind == CommandKind::kRequestCallback) {
    return "the call does not wait in a queue with its caller on the line";
  }
  if (kind == CommandKind::kEndCall) {
    return "who talks is released by the switch, who waits on the line by WithdrawCall; a "
           "callback, a "
           "consult and a call for later are taken back by CancelCall";
  }
  if (kind == CommandKind::kSuperviseCall) {
    return "the call is not connected, or the supervisor is on it";
  }
  if (kind == CommandKind::kRequeueCall) {
    return "the call waits already, is being joined with an agent, or is a consult or a conference";
  }
  if (kind == CommandKind::kRerouteCall) return "an agent has the call, or it is one for later";
  return "the call is connected; its priority counts only before";
}

std::string_view call_unknown_message(CommandKind kind) {
  if (kind == CommandKind::kSetOutcome) {
    return "no live call has this id, nor one that ended within the last 24 hours; an outcome is "
           "not "
           "taken later";
  }
  if (kind == CommandKind::kRescheduleCall) return "no call for later has this id";
  if (kind == CommandKind::kEndCall) return "neither a live call nor one for later has this id";
  return "no live call has this id";
}

std::string_view limit_message(CommandKind kind) {
  if (kind == CommandKind::kScheduleCall) {
    return "the tenant has as many calls for later as it may; more are taken when some have "
           "entered";
  }
  if (kind == CommandKind::kMergeCall) {
    return "as many agents are on the other call as may be; merge without conference";
  }
  return "a limit of the tenant is reached (live calls, callbacks, kinds of calls or "
         "requirements); "
         "new calls are taken again when others have ended";
}

// Whatever else asks for an agent's state asks for somebody who is logged in.
std::string_view agent_state_message(CommandKind kind) {
  if (kind == CommandKind::kEndWrapUp) return "the agent is not in wrap-up, or not of that call";
  if (kind == CommandKind::kExtendWrapUp) {
    return "the agent is not in a wrap-up that ends by itself, or not of that call; only a timed "
           "one "
           "can be extended";
  }
  if (kind == CommandKind::kTransferCall || kind == CommandKind::kConsult) {
    return "the agent is not ready, or their switch is away";
  }
  if (kind == CommandKind::kLegUp || kind == CommandKind::kLegLost) {
    return "the agent's answer mode at this station is not nailed_up";
  }
  if (kind == CommandKind::kAcceptOffer) {
    return "the agent's answer mode is not desktop; who has a phone to answer accepts by that";
  }
  return "the agent is not logged in; report agent_logged_in first";
}

void add_detail(const char* type, const google::protobuf::Message& detail,
                internal::RpcStatus* status) {
  google::protobuf::Any* any = status->add_details();
  any->set_type_url(std::string(kTypePrefix) + type);
  any->set_value(detail.SerializeAsString());
}

}  // namespace

void Violations::add(v1::ErrorReason reason, std::string field, std::string description) {
  if (empty()) {
    error_.reason = reason;
    error_.message = field + ": " + description;
    error_.metadata["field"] = field;
  }
  error_.violations.push_back({std::move(field), std::move(description)});
}

std::string reason_name(v1::ErrorReason reason) {
  return v1::ErrorReason_Name(reason).substr(kReasonPrefix.size());
}

grpc::StatusCode code_of(v1::ErrorReason reason) {
  switch (reason) {
    case v1::ERROR_REASON_MESSAGE_UNPARSABLE:
    case v1::ERROR_REASON_BATCH_TOO_LARGE:
    case v1::ERROR_REASON_SEQUENCE_GAP:
    case v1::ERROR_REASON_SESSION_NOT_OPEN:
    case v1::ERROR_REASON_CLOCK_MISMATCH:
    case v1::ERROR_REASON_FIELD_REQUIRED:
    case v1::ERROR_REASON_FIELD_TOO_LONG:
    case v1::ERROR_REASON_FIELD_NOT_TEXT:
    case v1::ERROR_REASON_FIELD_OUT_OF_RANGE:
    case v1::ERROR_REASON_NAME_MALFORMED:
    case v1::ERROR_REASON_REQUIREMENT_INVALID:
    case v1::ERROR_REASON_SKILL_UNKNOWN:
    case v1::ERROR_REASON_CONFIG_INVALID:
    case v1::ERROR_REASON_REQUEST_ID_USED:
    case v1::ERROR_REASON_NUMBER_INVALID:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case v1::ERROR_REASON_TENANT_UNKNOWN:
    case v1::ERROR_REASON_QUEUE_UNKNOWN:
    case v1::ERROR_REASON_AGENT_UNKNOWN:
    case v1::ERROR_REASON_CALL_UNKNOWN:
    case v1::ERROR_REASON_STATION_UNKNOWN:
    case v1::ERROR_REASON_WRAP_UP_CODE_UNKNOWN:
    case v1::ERROR_REASON_LABEL_UNKNOWN:
    case v1::ERROR_REASON_LEG_UNKNOWN:
      return grpc::StatusCode::NOT_FOUND;
    case v1::ERROR_REASON_CALL_EXISTS:
    case v1::ERROR_REASON_LEG_TAKEN:
      return grpc::StatusCode::ALREADY_EXISTS;
    case v1::ERROR_REASON_OFFER_STALE:
    case v1::ERROR_REASON_CALL_STATE:
    case v1::ERROR_REASON_RESYNC_NOT_OPEN:
    case v1::ERROR_REASON_COMMANDS_NOT_ANSWERED:
    case v1::ERROR_REASON_AGENT_STATE:
    case v1::ERROR_REASON_AGENT_BUSY:
    case v1::ERROR_REASON_STATION_BUSY:
    case v1::ERROR_REASON_CALL_OF_OTHER_SWITCH:
    case v1::ERROR_REASON_AGENT_NOT_ATTACHED:
    case v1::ERROR_REASON_AGENT_OF_OTHER_SWITCH:
    case v1::ERROR_REASON_CONDUCTOR_EXISTS:
    case v1::ERROR_REASON_NOT_MEMBER:
    case v1::ERROR_REASON_QUEUE_NOT_EMPTY:
    case v1::ERROR_REASON_EXTENSIONS_USED:
    case v1::ERROR_REASON_WRAP_UP_CODE_NOT_ALLOWED:
    case v1::ERROR_REASON_PARTY_UNKNOWN:
    case v1::ERROR_REASON_CONSULT_OPEN:
    case v1::ERROR_REASON_WRAP_UP_CODE_REQUIRED:
    case v1::ERROR_REASON_TRANSFERS_USED:
    case v1::ERROR_REASON_NO_SUPERVISOR:
    case v1::ERROR_REASON_SWITCH_AWAY:
    case v1::ERROR_REASON_LEG_DOWN:
    case v1::ERROR_REASON_NO_CALLBACKS:
    case v1::ERROR_REASON_NUMBER_NOT_ALLOWED:
    case v1::ERROR_REASON_CALLBACK_OPEN:
    case v1::ERROR_REASON_HISTORY_CHANGED:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case v1::ERROR_REASON_RESUME_TOKEN_EXPIRED:
      return grpc::StatusCode::OUT_OF_RANGE;
    case v1::ERROR_REASON_SESSION_REPLACED:
    case v1::ERROR_REASON_ETAG_MISMATCH:
      return grpc::StatusCode::ABORTED;
    case v1::ERROR_REASON_MESSAGE_TOO_LARGE:
    case v1::ERROR_REASON_LIMIT_REACHED:
    case v1::ERROR_REASON_OVERLOADED:
    case v1::ERROR_REASON_STORAGE_FULL:
    case v1::ERROR_REASON_STREAM_TOO_SLOW:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case v1::ERROR_REASON_SHUTTING_DOWN:
    case v1::ERROR_REASON_NOT_OWNER:
      return grpc::StatusCode::UNAVAILABLE;
    case v1::ERROR_REASON_DEADLINE_EXCEEDED:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case v1::ERROR_REASON_NOT_AUTHORIZED:
      return grpc::StatusCode::PERMISSION_DENIED;
    case v1::ERROR_REASON_POISONED:
      return grpc::StatusCode::INTERNAL;
    case v1::ERROR_REASON_UNSPECIFIED:
    case v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return grpc::StatusCode::INTERNAL;  // No reason was said: a bug.
}

v1::ErrorReason reason_of(Reject reject) {
  switch (reject) {
    case Reject::kNone:
    case Reject::kRepeat:
      return v1::ERROR_REASON_UNSPECIFIED;
    case Reject::kSequenceGap:
      return v1::ERROR_REASON_SEQUENCE_GAP;
    case Reject::kSourceUnknown:
      return v1::ERROR_REASON_SESSION_NOT_OPEN;
    case Reject::kQueueUnknown:
      return v1::ERROR_REASON_QUEUE_UNKNOWN;
    case Reject::kAgentUnknown:
      return v1::ERROR_REASON_AGENT_UNKNOWN;
    case Reject::kCallUnknown:
      return v1::ERROR_REASON_CALL_UNKNOWN;
    case Reject::kStationUnknown:
      return v1::ERROR_REASON_STATION_UNKNOWN;
    case Reject::kCallExists:
      return v1::ERROR_REASON_CALL_EXISTS;
    case Reject::kRequirementInvalid:
      return v1::ERROR_REASON_REQUIREMENT_INVALID;
    case Reject::kSkillUnknown:
      return v1::ERROR_REASON_SKILL_UNKNOWN;
    case Reject::kOfferStale:
      return v1::ERROR_REASON_OFFER_STALE;
    case Reject::kCallState:
      return v1::ERROR_REASON_CALL_STATE;
    case Reject::kAgentState:
      return v1::ERROR_REASON_AGENT_STATE;
    case Reject::kAgentBusy:
      return v1::ERROR_REASON_AGENT_BUSY;
    case Reject::kStationBusy:
      return v1::ERROR_REASON_STATION_BUSY;
    case Reject::kCallOfOtherSwitch:
      return v1::ERROR_REASON_CALL_OF_OTHER_SWITCH;
    case Reject::kAgentOfOtherSwitch:
      return v1::ERROR_REASON_AGENT_OF_OTHER_SWITCH;
    case Reject::kLimitReached:
      return v1::ERROR_REASON_LIMIT_REACHED;
    case Reject::kNotMember:
      return v1::ERROR_REASON_NOT_MEMBER;
    case Reject::kQueueNotEmpty:
      return v1::ERROR_REASON_QUEUE_NOT_EMPTY;
    case Reject::kExtensionsUsed:
      return v1::ERROR_REASON_EXTENSIONS_USED;
    case Reject::kCodeUnknown:
      return v1::ERROR_REASON_WRAP_UP_CODE_UNKNOWN;
    case Reject::kCodeNotAllowed:
      return v1::ERROR_REASON_WRAP_UP_CODE_NOT_ALLOWED;
    case Reject::kCodeRequired:
      return v1::ERROR_REASON_WRAP_UP_CODE_REQUIRED;
    case Reject::kLabelUnknown:
      return v1::ERROR_REASON_LABEL_UNKNOWN;
    case Reject::kTransfersUsed:
      return v1::ERROR_REASON_TRANSFERS_USED;
    case Reject::kNoSupervisor:
      return v1::ERROR_REASON_NO_SUPERVISOR;
    case Reject::kPartyUnknown:
      return v1::ERROR_REASON_PARTY_UNKNOWN;
    case Reject::kConsultOpen:
      return v1::ERROR_REASON_CONSULT_OPEN;
    case Reject::kSwitchAway:
      return v1::ERROR_REASON_SWITCH_AWAY;
    case Reject::kLegUnknown:
      return v1::ERROR_REASON_LEG_UNKNOWN;
    case Reject::kLegTaken:
      return v1::ERROR_REASON_LEG_TAKEN;
    case Reject::kLegDown:
      return v1::ERROR_REASON_LEG_DOWN;
    case Reject::kNoCallbacks:
      return v1::ERROR_REASON_NO_CALLBACKS;
    case Reject::kNumberInvalid:
      return v1::ERROR_REASON_NUMBER_INVALID;
    case Reject::kNumberNotAllowed:
      return v1::ERROR_REASON_NUMBER_NOT_ALLOWED;
    case Reject::kCallbackOpen:
      return v1::ERROR_REASON_CALLBACK_OPEN;
    case Reject::kNotAttached:
      return v1::ERROR_REASON_AGENT_NOT_ATTACHED;
    case Reject::kResyncNotOpen:
      return v1::ERROR_REASON_RESYNC_NOT_OPEN;
  }
  return v1::ERROR_REASON_UNSPECIFIED;
}

std::string_view message_of(Reject reject, CommandKind kind) {
  switch (reject) {
    case Reject::kNone:
    case Reject::kRepeat:
      return "";
    case Reject::kSequenceGap:
      return "is not the sequence that follows";
    case Reject::kSourceUnknown:
      if (kind == CommandKind::kRequestCallback || kind == CommandKind::kScheduleCall) {
        return "no switch has ever connected to the tenant with this source_id";
      }
      return "the session is not open; connect again";
    case Reject::kQueueUnknown:
      return "no such queue in the tenant's configuration";
    case Reject::kAgentUnknown:
      return "no such agent in the tenant; the first configuration file lists its agents";
    case Reject::kCallUnknown:
      return call_unknown_message(kind);
    case Reject::kStationUnknown:
      return "no agent is logged in at this station";
    case Reject::kCallExists:
      return "a call with this id is live, is to enter later, or ended within the last 24 hours; "
             "use "
             "a new id";
    case Reject::kRequirementInvalid:
      return "is no requirement; write e.g. 'spanish >= 5 AND (billing >= 3 OR retention)'";
    case Reject::kSkillUnknown:
      return "names a skill that the tenant's configuration does not declare";
    case Reject::kOfferStale:
      return "the offer of this generation is over";
    case Reject::kCallState:
      return call_state_message(kind);
    case Reject::kAgentState:
      return agent_state_message(kind);
    case Reject::kAgentBusy:
      if (kind == CommandKind::kTransferCall || kind == CommandKind::kConsult) {
        return "the agent has no room for another such call";
      }
      return "the agent has a contact in hand and cannot move to another station before it is in "
             "wrap-up";
    case Reject::kStationBusy:
      return "another agent with a contact in hand is logged in at this station";
    case Reject::kCallOfOtherSwitch:
      return "the call belongs to another switch";
    case Reject::kAgentOfOtherSwitch:
      return "the agent is logged in at another switch";
    case Reject::kLimitReached:
      return limit_message(kind);
    case Reject::kNotMember:
      if (kind == CommandKind::kTransferCall || kind == CommandKind::kConsult) {
        return "the agent could not serve the call in that queue: they are no member of it, lack a "
               "skill that the call requires, take no contacts of its medium, or are logged in "
               "where "
               "its switch does not reach";
      }
      return "the agent does not serve this queue: the queue's members name neither them nor their "
             "team";
    case Reject::kQueueNotEmpty:
      return "a queue that is left out has live calls; drain it into another";
    case Reject::kExtensionsUsed:
      return "the wrap-up has been extended as often as its queue allows";
    case Reject::kCodeUnknown:
      return "the tenant's configuration has no such wrap-up code";
    case Reject::kCodeNotAllowed:
      return "the queue of the call does not take this wrap-up code";
    case Reject::kCodeRequired:
      return "the queue requires a wrap-up code, and the call has none yet; report call_outcome "
             "first";
    case Reject::kLabelUnknown:
      return "the tenant's configuration has no such label";
    case Reject::kTransfersUsed:
      return "the call has been transferred as often as transfers_max allows";
    case Reject::kNoSupervisor:
      return "nobody who supervises the agent's team is ready and could serve the call in that "
             "queue";
    case Reject::kPartyUnknown:
      return "the agent is not on the call; of several agents on it one has to be named";
    case Reject::kConsultOpen:
      return "the agent has a consult about the call already";
    case Reject::kSwitchAway:
      if (kind == CommandKind::kLogIn) return "no switch of this source_id is connected";
      return "the call's switch is away and could not be told; try again when it is back";
    case Reject::kLegUnknown:
      return "no live call of this switch has the leg; a leg that replaces none is offered without";
    case Reject::kLegTaken:
      return "a leg whose id begins with \"acd-\" is one that the daemon asked for, and no new "
             "call";
    case Reject::kLegDown:
      return "the leg of the agent's nailed-up station is not up; report leg_up first";
    case Reject::kNoCallbacks:
      return "the queue calls nobody back; configure its callback";
    case Reject::kNumberInvalid:
      return "is no number: 1 to 24 digits with an optional + in front, and only blanks and - . ( "
             ") "
             "/ between them";
    case Reject::kNumberNotAllowed:
      return "is a number that the queue does not call, by its callback's allow and deny";
    case Reject::kCallbackOpen:
      return "a callback to this number, asked for in this queue, is open already";
    case Reject::kNotAttached:
      return "the agent is not attached to this session, or no longer: another one took over";
    case Reject::kResyncNotOpen:
      return "no resync is open: none was begun, or it has ended, at the latest after "
             "switch_grace; "
             "begin one with resync_begun";
  }
  return "";
}

RpcError error_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kNone:
      break;
    case CloseReason::kSessionReplaced:
      return {v1::ERROR_REASON_SESSION_REPLACED,
              "A newer stream of the same source took over.",
              {},
              {}};
    case CloseReason::kConductorExists:
      return {v1::ERROR_REASON_CONDUCTOR_EXISTS,
              "Another stream already drives the daemon's clock.",
              {},
              {}};
    case CloseReason::kClockMismatch:
      return {v1::ERROR_REASON_CLOCK_MISMATCH,
              "The batch's time does not go with the daemon's clock, or goes back.",
              {},
              {}};
    case CloseReason::kSequenceGap:
      return {v1::ERROR_REASON_SEQUENCE_GAP,
              "An event's sequence is not the one that follows; resume from the last durable one.",
              {},
              {}};
    case CloseReason::kLimitReached:
      return {v1::ERROR_REASON_LIMIT_REACHED,
              "The tenant has seen as many source ids as it may; use one of those.",
              {},
              {}};
    case CloseReason::kPoisoned:
      return {v1::ERROR_REASON_POISONED,
              "The daemon crashed when it opened this session before, and does not try again; its "
              "log says more. A new epoch is another session.",
              {},
              {}};
  }
  ACD_CHECK(reason != CloseReason::kNone);
  return {};
}

// A status travels in trailers, which clients bound to 8 KiB: the first few say enough.
constexpr size_t kViolationsSentMax = 20;

grpc::Status make_status(const RpcError& error) {
  ACD_CHECK(error.reason != v1::ERROR_REASON_UNSPECIFIED);
  const grpc::StatusCode code = code_of(error.reason);
  std::string message = error.message;
  if (error.violations.size() > kViolationsSentMax) {
    message += " (and " + std::to_string(error.violations.size() - 1) + " more violations)";
  }
  internal::RpcStatus status;
  status.set_code(static_cast<int32_t>(code));
  status.set_message(message);

  internal::ErrorInfo info;
  info.set_reason(reason_name(error.reason));
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : error.metadata) (*info.mutable_metadata())[key] = value;
  add_detail("ErrorInfo", info, &status);

  if (!error.violations.empty()) {
    internal::BadRequest bad_request;
    const size_t count = std::min(error.violations.size(), kViolationsSentMax);
    for (const FieldViolation& violation : std::span(error.violations).first(count)) {
      auto* entry = bad_request.add_field_violations();
      entry->set_field(violation.field);
      entry->set_description(violation.description);
    }
    add_detail("BadRequest", bad_request, &status);
  }
  if (const int64_t delay_ns = retry_delay_ns(error.reason); delay_ns > 0) {
    internal::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(delay_ns / kNsPerS);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay_ns % kNsPerS));
    add_detail("RetryInfo", retry, &status);
  }
  return {code, message, status.SerializeAsString()};
}

grpc::Status overloaded_status(std::string message) {
  return make_status({v1::ERROR_REASON_OVERLOADED, std::move(message), {}, {}});
}

RpcError shutting_down_error() {
  return {v1::ERROR_REASON_SHUTTING_DOWN, "The daemon is stopping; connect again.", {}, {}};
}

grpc::Status shutting_down_status() { return make_status(shutting_down_error()); }

}  // namespace acd
