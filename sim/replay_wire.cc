// SPDX-License-Identifier: Apache-2.0
// Events and commands of a replay as messages of the contract.
#include "sim/replay_wire.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace acd::sim {
namespace {

constexpr size_t kReasonPrefixSize = sizeof("ERROR_REASON_") - 1;

v1::EndedBy to_proto(EndedBy ended_by) {
  switch (ended_by) {
    case EndedBy::kNone:
    case EndedBy::kSupervisor:  // No switch says so.
      return v1::ENDED_BY_UNSPECIFIED;
    case EndedBy::kCaller:
      return v1::ENDED_BY_CALLER;
    case EndedBy::kAgent:
      return v1::ENDED_BY_AGENT;
    case EndedBy::kTimeout:
      return v1::ENDED_BY_TIMEOUT;
    case EndedBy::kSwitch:
      return v1::ENDED_BY_SWITCH;
  }
  return v1::ENDED_BY_UNSPECIFIED;
}

v1::Medium to_proto(Medium medium) {
  switch (medium) {
    case Medium::kVoice:
      return v1::MEDIUM_UNSPECIFIED;  // The default.
    case Medium::kChat:
      return v1::MEDIUM_CHAT;
    case Medium::kEmail:
      return v1::MEDIUM_EMAIL;
    case Medium::kCallback:
      return v1::MEDIUM_CALLBACK;
    case Medium::kTask:
      return v1::MEDIUM_TASK;
  }
  return v1::MEDIUM_UNSPECIFIED;
}

v1::AnswerMode to_proto(AnswerMode mode) {
  switch (mode) {
    case AnswerMode::kPhone:
      return v1::ANSWER_MODE_UNSPECIFIED;  // The default.
    case AnswerMode::kDesktop:
      return v1::ANSWER_MODE_DESKTOP;
    case AnswerMode::kAuto:
      return v1::ANSWER_MODE_AUTO;
    case AnswerMode::kNailedUp:
      return v1::ANSWER_MODE_NAILED_UP;
  }
  return v1::ANSWER_MODE_UNSPECIFIED;
}

AnswerMode from_proto(v1::AnswerMode mode) {
  switch (mode) {
    case v1::ANSWER_MODE_DESKTOP:
      return AnswerMode::kDesktop;
    case v1::ANSWER_MODE_AUTO:
      return AnswerMode::kAuto;
    case v1::ANSWER_MODE_NAILED_UP:
      return AnswerMode::kNailedUp;
    default:
      return AnswerMode::kPhone;
  }
}

// A command that a replay does not know yet is skipped: values may be added to the contract.
void append_command(const v1::SwitchCommand& in, std::vector<ReplayCommand>& commands) {
  ReplayCommand command;
  command.call = in.call_id();
  command.generation = in.generation();
  switch (in.command_case()) {
    case v1::SwitchCommand::kRingAgent:
      command.kind = ReplayCommandKind::kRingAgent;
      command.agent = in.ring_agent().agent_id();
      command.station = in.ring_agent().station();
      command.leg = in.ring_agent().leg_id();
      command.other_call = in.ring_agent().parent_call_id();
      command.consulting = in.ring_agent().consulting_agent_id();
      break;
    case v1::SwitchCommand::kStopRinging:
      command.kind = ReplayCommandKind::kStopRinging;
      command.agent = in.stop_ringing().agent_id();
      break;
    case v1::SwitchCommand::kConnectCall:
      command.kind = ReplayCommandKind::kConnectCall;
      command.agent = in.connect_call().agent_id();
      command.station = in.connect_call().station();
      command.answer_mode = from_proto(in.connect_call().answer_mode());
      command.leg = in.connect_call().leg_id();
      command.other_call = in.connect_call().parent_call_id();
      command.consulting = in.connect_call().consulting_agent_id();
      break;
    case v1::SwitchCommand::kDropLeg:
      command.kind = ReplayCommandKind::kDropLeg;
      break;
    case v1::SwitchCommand::kPlayTreatment:
      command.kind = ReplayCommandKind::kPlayTreatment;
      break;
    case v1::SwitchCommand::kTransferCall:
      command.kind = ReplayCommandKind::kTransferCall;
      command.number = in.transfer_call().number();
      break;
    case v1::SwitchCommand::kReleaseCall:
      command.kind = ReplayCommandKind::kReleaseCall;
      break;
    case v1::SwitchCommand::kParkCaller:
      command.kind = ReplayCommandKind::kParkCaller;
      command.queue = in.park_caller().queue_id();
      break;
    case v1::SwitchCommand::kRetrieveCall:
      command.kind = ReplayCommandKind::kRetrieveCall;
      command.agent = in.retrieve_call().agent_id();
      command.other_call = in.retrieve_call().consult_id();
      break;
    case v1::SwitchCommand::kMergeCall:
      command.kind = ReplayCommandKind::kMergeCall;
      command.agent = in.merge_call().agent_id();
      command.other_call = in.merge_call().parent_call_id();
      command.consulting = in.merge_call().consulting_agent_id();
      command.is_conference = in.merge_call().conference();
      break;
    case v1::SwitchCommand::kDialCustomer:
      command.kind = ReplayCommandKind::kDialCustomer;
      command.agent = in.dial_customer().agent_id();
      command.station = in.dial_customer().station();
      command.answer_mode = from_proto(in.dial_customer().answer_mode());
      command.number = in.dial_customer().number();
      command.leg = in.dial_customer().leg_id();
      break;
    case v1::SwitchCommand::kLogOutAgent:
      command.kind = ReplayCommandKind::kLogOutAgent;
      command.agent = in.log_out_agent().agent_id();
      command.station = in.log_out_agent().station();
      break;
    case v1::SwitchCommand::kSuperviseCall:  // Nor does it listen.
    case v1::SwitchCommand::kDialOutside:    // A replay consults nobody outside.
    case v1::SwitchCommand::COMMAND_NOT_SET:
      return;
  }
  commands.push_back(std::move(command));
}

}  // namespace

int64_t to_ns(const google::protobuf::Duration& duration) {
  return duration.seconds() * kNsPerS + duration.nanos();
}

void set_duration(int64_t ns, google::protobuf::Duration* duration) {
  duration->set_seconds(ns / kNsPerS);
  duration->set_nanos(static_cast<int32_t>(ns % kNsPerS));
}

void set_time(int64_t unix_ns, google::protobuf::Timestamp* time) {
  time->set_seconds(unix_ns / kNsPerS);
  time->set_nanos(static_cast<int32_t>(unix_ns % kNsPerS));
}

void to_proto(const ReplayOutcome& outcome, v1::CallOutcome* out) {
  if (outcome.code) out->set_wrap_up_code(*outcome.code);
  if (outcome.is_resolved) out->set_resolved(*outcome.is_resolved);
  if (outcome.survey_score) out->set_survey_score(*outcome.survey_score);
  if (outcome.quality_score) out->set_quality_score(*outcome.quality_score);
  for (const std::string& label : outcome.labels) out->mutable_labels()->add_labels(label);
}

// Where a transfer or a consult goes. `from`: who asks, if that is to be said.
void to_proto(const ReplayEvent& event, const std::string& from, v1::CallTransfer* out) {
  if (event.is_to_supervisor) {
    out->mutable_supervisor();
  } else if (!event.number.empty()) {
    out->set_outside(event.number);
  } else if (!event.target_agent.empty()) {
    out->set_agent_id(event.target_agent);
  } else {
    out->set_queue_id(event.queue);
  }
  if (!from.empty()) out->set_from_agent_id(from);
}

void to_proto(const ReplayEvent& event, v1::SwitchEvent* out) {
  out->set_sequence(event.sequence);
  if (!event.call.empty()) out->set_call_id(event.call);
  switch (event.kind) {
    case ReplayEventKind::kAgentLoggedIn:
      out->mutable_agent_logged_in()->set_agent_id(event.agent);
      out->mutable_agent_logged_in()->set_station(event.station);
      out->mutable_agent_logged_in()->set_answer_mode(to_proto(event.answer_mode));
      return;
    case ReplayEventKind::kLegUp:
      out->mutable_leg_up()->set_station(event.station);
      return;
    case ReplayEventKind::kLegLost:
      out->mutable_leg_lost()->set_station(event.station);
      return;
    case ReplayEventKind::kAgentReady:
      out->mutable_agent_ready()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kAgentLoggedOut:
      out->mutable_agent_logged_out()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kCallOffered:
      out->mutable_call_offered()->set_queue_id(event.queue);
      out->mutable_call_offered()->set_priority(0);
      out->mutable_call_offered()->set_medium(to_proto(event.medium));
      if (event.age_credit_ns != 0) {
        set_duration(event.age_credit_ns, out->mutable_call_offered()->mutable_age_credit());
      }
      return;
    case ReplayEventKind::kLegAnswered:
      out->mutable_leg_answered()->set_generation(event.generation);
      return;
    case ReplayEventKind::kCallConnected:
      out->mutable_call_connected()->set_generation(event.generation);
      return;
    case ReplayEventKind::kCallEnded:
      out->mutable_call_ended()->set_ended_by(to_proto(event.ended_by));
      return;
    case ReplayEventKind::kConnectFailed:
      out->mutable_connect_failed()->set_generation(event.generation);
      out->mutable_connect_failed()->set_customer(v1::DIAL_OUTCOME_NO_ANSWER);
      return;
    case ReplayEventKind::kCustomerAnswered:
      out->mutable_customer_answered()->set_generation(event.generation);
      return;
    case ReplayEventKind::kCallHeld:
      out->mutable_call_held()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kCallResumed:
      out->mutable_call_resumed()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kWrapUpEnded:
      out->mutable_wrap_up_ended()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kWrapUpExtended:
      out->mutable_wrap_up_extended()->set_agent_id(event.agent);
      return;
    case ReplayEventKind::kTransferRequested:
      to_proto(event, event.agent, out->mutable_transfer_requested());
      return;
    case ReplayEventKind::kConsultBegun:
      out->mutable_consult_begun()->set_consult_id(event.other_call);
      to_proto(event, event.agent, out->mutable_consult_begun()->mutable_to());
      return;
    case ReplayEventKind::kConsultMerged:
      out->mutable_consult_merged()->set_conference(event.is_conference);
      return;
    case ReplayEventKind::kCallbackRequested:
      out->mutable_callback_requested()->set_origin_call_id(event.other_call);
      out->mutable_callback_requested()->set_number(event.number);
      return;
    case ReplayEventKind::kCallScheduled:
      out->mutable_call_scheduled()->set_queue_id(event.queue);
      set_time(event.due_unix_ns, out->mutable_call_scheduled()->mutable_time());
      return;
    case ReplayEventKind::kCallOutcome:
      to_proto(event.outcome, out->mutable_call_outcome());
      return;
    case ReplayEventKind::kOfferAccepted:
      return;  // By request alone.
  }
}

// "CALL_STATE" and so on.
std::string reason_name(v1::ErrorReason reason) {
  const std::string name = v1::ErrorReason_Name(reason);
  return name.substr(std::min(kReasonPrefixSize, name.size()));
}

void append_commands(const v1::ConnectResponse& response, ReplayAnswer& answer) {
  for (const v1::SwitchCommand& command : response.commands()) {
    append_command(command, answer.commands);
  }
}

void append_response(const v1::ConnectResponse& response, ReplayAnswer& answer) {
  if (response.has_ack()) {
    answer.acked_sequence = response.ack().through_sequence();
    for (const v1::Refusal& refusal : response.ack().refusals()) {
      answer.refusals.push_back({refusal.sequence(),
                                 absl::StrCat(reason_name(refusal.reason()), " ", refusal.field(),
                                              ": ", refusal.message()),
                                 refusal.reason() == v1::ERROR_REASON_STORAGE_FULL});
    }
  }
  append_commands(response, answer);
}

}  // namespace acd::sim
