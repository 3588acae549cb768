// SPDX-License-Identifier: Apache-2.0
// What commands and faults are called in the messages of a switch.
#include <absl/strings/str_cat.h>

#include "daemon/rpc/codec.h"

namespace acd {

std::string_view event_field(CommandKind kind) {
  switch (kind) {
    case CommandKind::kEnqueueCall:
    case CommandKind::kReplaceLeg:
      return "call_offered";
    case CommandKind::kEndCall:
      return "call_ended";
    case CommandKind::kResyncBegin:
      return "resync_begun";
    case CommandKind::kKeepCall:
      return "live_call";
    case CommandKind::kKeepAgent:
      return "live_agent";
    case CommandKind::kResyncEnd:
      return "resync_ended";
    case CommandKind::kRerouteCall:
      return "switch_rerouted";
    case CommandKind::kCommandDone:
      return "command_done";
    case CommandKind::kLegRinging:
      return "leg_ringing";
    case CommandKind::kLegAnswered:
      return "leg_answered";
    case CommandKind::kLegFailed:
      return "leg_failed";
    case CommandKind::kCallConnected:
      return "call_connected";
    case CommandKind::kConnectFailed:
      return "connect_failed";
    case CommandKind::kHoldCall:
      return "call_held";
    case CommandKind::kResumeCall:
      return "call_resumed";
    case CommandKind::kChangePriority:
      return "call_priority_changed";
    case CommandKind::kSetOutcome:
      return "call_outcome";
    case CommandKind::kTransferCall:
      return "transfer_requested";
    case CommandKind::kLeaveCall:
      return "party_left";
    case CommandKind::kConsult:
      return "consult_begun";
    case CommandKind::kMergeCall:
      return "consult_merged";
    case CommandKind::kRequestCallback:
      return "callback_requested";
    case CommandKind::kScheduleCall:
      return "call_scheduled";
    case CommandKind::kCustomerAnswered:
      return "customer_answered";
    case CommandKind::kLogIn:
      return "agent_logged_in";
    case CommandKind::kLogOut:
      return "agent_logged_out";
    case CommandKind::kSetReady:
      return "agent_ready";
    case CommandKind::kSetNotReady:
      return "agent_not_ready";
    case CommandKind::kEndWrapUp:
      return "wrap_up_ended";
    case CommandKind::kExtendWrapUp:
      return "wrap_up_extended";
    case CommandKind::kPauseMember:
      return "member_paused";
    case CommandKind::kUnpauseMember:
      return "member_unpaused";
    case CommandKind::kPhoneBusy:
      return "phone_busy";
    case CommandKind::kPhoneIdle:
      return "phone_idle";
    case CommandKind::kPhoneUnregistered:
      return "phone_unregistered";
    case CommandKind::kLegUp:
      return "leg_up";
    case CommandKind::kLegLost:
      return "leg_lost";
    case CommandKind::kNone:
    case CommandKind::kOpenSession:
    case CommandKind::kCloseSession:
    case CommandKind::kResume:
    case CommandKind::kRefused:
    case CommandKind::kSeeded:
    case CommandKind::kConfigure:
    case CommandKind::kUpsertAgents:
    case CommandKind::kStageConfig:
    case CommandKind::kOverrideQueue:
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
    case CommandKind::kOpenQueue:
    case CommandKind::kCloseQueue:
    case CommandKind::kOpenCallbacks:
    case CommandKind::kCloseCallbacks:
    case CommandKind::kSetEwt:
    case CommandKind::kCallDue:
    case CommandKind::kRequeueCall:
    case CommandKind::kSuperviseCall:
    case CommandKind::kRescheduleCall:
    case CommandKind::kAttachAgent:
    case CommandKind::kDetachAgent:
      return "";
  }
  return "";
}

namespace {

bool is_by_station(CommandKind kind) {
  return kind == CommandKind::kLegUp || kind == CommandKind::kLegLost;
}

}  // namespace

std::string fault_field(Reject reject, CommandKind kind) {
  // Who of two is unknown is not told.
  if (kind == CommandKind::kKeepCall && reject == Reject::kAgentUnknown) return "live_call";
  const char* part = kind == CommandKind::kKeepAgent ? "logged_in." : "";
  if (kind == CommandKind::kKeepCall) {
    const bool is_talk = reject == Reject::kAgentState || reject == Reject::kAgentOfOtherSwitch;
    part = is_talk ? "talking." : "waiting.";
  }
  const auto below_event = [kind, part](const char* field) {
    const std::string event(event_field(kind));
    return event.empty() ? "" : absl::StrCat(event, ".", part, field);
  };
  const bool is_consult = kind == CommandKind::kConsult;
  const auto below_target = [&](const char* field) {
    return below_event(is_consult ? absl::StrCat("to.", field).c_str() : field);
  };
  switch (reject) {
    case Reject::kNone:
    case Reject::kRepeat:
    case Reject::kSourceUnknown:
    case Reject::kLimitReached:
    case Reject::kQueueNotEmpty:
    case Reject::kTransfersUsed:
    case Reject::kSwitchAway:
    case Reject::kNotAttached:
    case Reject::kResyncNotOpen:
      return "";
    case Reject::kLegUnknown:
      return below_event("replaces_leg");
    case Reject::kLegTaken:
      return "leg_id";
    case Reject::kNoSupervisor:
      return below_target("supervisor");
    case Reject::kSequenceGap:
      return "sequence";
    case Reject::kQueueUnknown:
      return below_target("queue_id");
    case Reject::kNotMember:
      return below_target(is_consult || kind == CommandKind::kTransferCall ? "agent_id"
                                                                           : "queue_id");
    case Reject::kCallExists:
      return is_consult ? below_event("consult_id") : "call_id";
    case Reject::kCallUnknown:
    case Reject::kCallState:
    case Reject::kCallOfOtherSwitch:
      return kind == CommandKind::kRequestCallback ? below_event("origin_call_id") : "call_id";
    case Reject::kAgentUnknown:
      if (is_consult) return below_target("agent_id");
      return below_event(kind == CommandKind::kEnqueueCall ? "preferred.agent_id" : "agent_id");
    case Reject::kAgentState:
      return below_event(is_by_station(kind) ? "station" : "agent_id");
    case Reject::kLegDown:
    case Reject::kAgentBusy:
      return below_target("agent_id");
    case Reject::kPartyUnknown:
    case Reject::kConsultOpen:
      if (is_consult || kind == CommandKind::kTransferCall) return below_target("from_agent_id");
      return below_event("agent_id");
    case Reject::kAgentOfOtherSwitch:
    case Reject::kExtensionsUsed:
    case Reject::kCodeRequired:
      return below_event("agent_id");
    case Reject::kStationUnknown:
    case Reject::kStationBusy:
      return below_event("station");
    case Reject::kRequirementInvalid:
    case Reject::kSkillUnknown:
      return below_event("requirement");
    case Reject::kCodeUnknown:
    case Reject::kCodeNotAllowed:
      return below_event("wrap_up_code");
    case Reject::kLabelUnknown:
      return below_event("labels");
    case Reject::kNoCallbacks:
      return below_event("queue_id");
    case Reject::kNumberInvalid:
    case Reject::kNumberNotAllowed:
    case Reject::kCallbackOpen:
      return below_event("number");
    case Reject::kOfferStale:
      return below_event("generation");
  }
  return "";
}

}  // namespace acd
