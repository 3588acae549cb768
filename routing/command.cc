// SPDX-License-Identifier: Apache-2.0
#include "routing/command.h"

namespace acd {

std::string_view command_name(CommandKind kind) {
  switch (kind) {
    case CommandKind::kNone:
      return "none";
    case CommandKind::kOpenSession:
      return "open_session";
    case CommandKind::kCloseSession:
      return "close_session";
    case CommandKind::kResume:
      return "resume";
    case CommandKind::kSeeded:
      return "seeded";
    case CommandKind::kRefused:
      return "refused";
    case CommandKind::kConfigure:
      return "configure";
    case CommandKind::kUpsertAgents:
      return "upsert_agents";
    case CommandKind::kOverrideQueue:
      return "override_queue";
    case CommandKind::kStageConfig:
      return "stage_config";
    case CommandKind::kEnqueueCall:
      return "enqueue_call";
    case CommandKind::kEndCall:
      return "end_call";
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
      return "hold_call";
    case CommandKind::kResumeCall:
      return "resume_call";
    case CommandKind::kChangePriority:
      return "change_priority";
    case CommandKind::kSetOutcome:
      return "set_outcome";
    case CommandKind::kTransferCall:
      return "transfer_call";
    case CommandKind::kLeaveCall:
      return "leave_call";
    case CommandKind::kConsult:
      return "consult";
    case CommandKind::kMergeCall:
      return "merge_call";
    case CommandKind::kReplaceLeg:
      return "replace_leg";
    case CommandKind::kLogIn:
      return "log_in";
    case CommandKind::kLogOut:
      return "log_out";
    case CommandKind::kSetReady:
      return "set_ready";
    case CommandKind::kSetNotReady:
      return "set_not_ready";
    case CommandKind::kEndWrapUp:
      return "end_wrap_up";
    case CommandKind::kExtendWrapUp:
      return "extend_wrap_up";
    case CommandKind::kPauseMember:
      return "pause_member";
    case CommandKind::kUnpauseMember:
      return "unpause_member";
    case CommandKind::kAcceptOffer:
      return "accept_offer";
    case CommandKind::kRejectOffer:
      return "reject_offer";
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
    case CommandKind::kOpenQueue:
      return "open_queue";
    case CommandKind::kCloseQueue:
      return "close_queue";
    case CommandKind::kSetEwt:
      return "set_ewt";
  }
  return "unknown";
}

}  // namespace acd
