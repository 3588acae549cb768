// SPDX-License-Identifier: Apache-2.0
// From a desktop session's messages to commands: every check that needs no Router.
#include "daemon/rpc/agent_events.h"

#include "daemon/rpc/event_batch.h"
#include "routing/limits.h"

namespace acd {
namespace {

CommandKind kind_of(v1::AgentEvent::EventCase event) {
  switch (event) {
    case v1::AgentEvent::kAttach:
      return CommandKind::kAttachAgent;
    case v1::AgentEvent::kDetach:
      return CommandKind::kDetachAgent;
    case v1::AgentEvent::kLogIn:
      return CommandKind::kLogIn;
    case v1::AgentEvent::kLogOut:
      return CommandKind::kLogOut;
    case v1::AgentEvent::kReady:
      return CommandKind::kSetReady;
    case v1::AgentEvent::kNotReady:
      return CommandKind::kSetNotReady;
    case v1::AgentEvent::kEndWrapUp:
      return CommandKind::kEndWrapUp;
    case v1::AgentEvent::kExtendWrapUp:
      return CommandKind::kExtendWrapUp;
    case v1::AgentEvent::kPause:
      return CommandKind::kPauseMember;
    case v1::AgentEvent::kUnpause:
      return CommandKind::kUnpauseMember;
    case v1::AgentEvent::kAcceptOffer:
      return CommandKind::kAcceptOffer;
    case v1::AgentEvent::kRejectOffer:
      return CommandKind::kRejectOffer;
    case v1::AgentEvent::EVENT_NOT_SET:
      return CommandKind::kNone;
  }
  return CommandKind::kNone;
}

// The event's field in AgentEvent.
std::string agent_event_field(CommandKind kind) {
  const auto* fields = v1::AgentEvent::descriptor()->FindOneofByName("event");
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto event = static_cast<v1::AgentEvent::EventCase>(fields->field(i)->number());
    if (kind_of(event) == kind) return fields->field(i)->name();
  }
  return "";
}

// Turns one event into one command, or finds its first fault.
class AgentEventDecoder final : public EventFields {
 public:
  AgentEventDecoder(const v1::AgentEvent& event, std::string* arena, Command* command)
      : EventFields(v1::AgentEvent::descriptor(), arena, command), event_(event) {}

  // True when the command is complete.
  [[nodiscard]] bool decode() {
    command_->kind = kind_of(event_.event_case());
    command_->sequence = event_.sequence();
    const bool is_claim =
        command_->kind == CommandKind::kAcceptOffer || command_->kind == CommandKind::kRejectOffer;
    const bool may_name_call =
        command_->kind == CommandKind::kEndWrapUp || command_->kind == CommandKind::kExtendWrapUp;
    TextRef unused;
    return text("agent_id", event_.agent_id(), true, kIdBytesMax, &command_->name) &&
           text("call_id", event_.call_id(), is_claim, kIdBytesMax,
                is_claim || may_name_call ? &command_->call : &unused) &&
           content();
  }

 private:
  [[nodiscard]] std::string event_name() const override {
    return agent_event_field(command_->kind);
  }

  [[nodiscard]] bool content() {
    switch (event_.event_case()) {
      case v1::AgentEvent::kAttach:
      case v1::AgentEvent::kDetach:
      case v1::AgentEvent::kLogOut:
      case v1::AgentEvent::kReady:
      case v1::AgentEvent::kEndWrapUp:
      case v1::AgentEvent::kExtendWrapUp:
        return true;
      case v1::AgentEvent::kLogIn:
        return text("source_id", event_.log_in().source_id(), true, kIdBytesMax,
                    &command_->preferred) &&
               text("station", event_.log_in().station(), true, kIdBytesMax, &command_->text) &&
               station_of(event_.log_in());
      case v1::AgentEvent::kNotReady:
        return reason(event_.not_ready().reason());
      case v1::AgentEvent::kPause:
        return queue(event_.pause().queue_id()) && reason(event_.pause().reason());
      case v1::AgentEvent::kUnpause:
        return queue(event_.unpause().queue_id());
      case v1::AgentEvent::kAcceptOffer:
        return generation(event_.accept_offer().generation());
      case v1::AgentEvent::kRejectOffer:
        return generation(event_.reject_offer().generation());
      case v1::AgentEvent::EVENT_NOT_SET:
        break;
    }
    return refuse(v1::ERROR_REASON_FIELD_REQUIRED, "event",
                  "says nothing that this daemon knows; set one of the events");
  }

  [[nodiscard]] bool queue(std::string_view id) {
    return text("queue_id", id, true, kIdBytesMax, &command_->text);
  }

  const v1::AgentEvent& event_;
};

}  // namespace

std::optional<RpcError> decode_agent_open(const v1::AgentConnectRequest& request,
                                          std::span<const std::string> bad_texts,
                                          std::string_view principal, std::string* tenant,
                                          Batch* batch) {
  if (!request.has_open_session()) return first_must_open();
  return decode_session(request.open_session(), SourceKind::kDesktop, bad_texts, principal, tenant,
                        batch);
}

std::optional<RpcError> decode_agent_batch(const v1::AgentConnectRequest& request,
                                           std::span<const std::string> bad_texts,
                                           const RpcOptions& options, int64_t* expected_sequence,
                                           Batch* batch) {
  if (!request.has_batch()) return session_not_open(request.has_open_session());
  const auto& events = request.batch().events();
  if (auto error = check_events(events, options.agent_batch_events_max, *expected_sequence))
    return error;
  decode_events(events, bad_texts, expected_sequence, batch,
                [](const v1::AgentEvent& event, std::string* arena,
                   Command* command) -> std::optional<FieldFault> {
                  AgentEventDecoder decoder(event, arena, command);
                  if (decoder.decode()) return std::nullopt;
                  return std::move(decoder.fault());
                });
  return std::nullopt;
}

std::string agent_fault_field(Reject reject, CommandKind kind) {
  switch (reject) {
    case Reject::kQueueUnknown:
    case Reject::kNotMember:
      return agent_event_field(kind) + ".queue_id";
    case Reject::kStationBusy:
      return "log_in.station";
    case Reject::kSwitchAway:
      return "log_in.source_id";
    case Reject::kOfferStale:
      return agent_event_field(kind) + ".generation";
    case Reject::kSequenceGap:
      return "sequence";
    case Reject::kAgentUnknown:
    case Reject::kAgentState:
    case Reject::kAgentBusy:
    case Reject::kLegDown:
    case Reject::kExtensionsUsed:
    case Reject::kCodeRequired:
    case Reject::kNotAttached:
      return "agent_id";
    case Reject::kNone:
    case Reject::kRepeat:
    case Reject::kSourceUnknown:
    case Reject::kCallUnknown:
    case Reject::kStationUnknown:
    case Reject::kCallExists:
    case Reject::kRequirementInvalid:
    case Reject::kSkillUnknown:
    case Reject::kCallState:
    case Reject::kCallOfOtherSwitch:
    case Reject::kAgentOfOtherSwitch:
    case Reject::kLimitReached:
    case Reject::kQueueNotEmpty:
    case Reject::kCodeUnknown:
    case Reject::kCodeNotAllowed:
    case Reject::kLabelUnknown:
    case Reject::kTransfersUsed:
    case Reject::kNoSupervisor:
    case Reject::kPartyUnknown:
    case Reject::kConsultOpen:
    case Reject::kLegUnknown:
    case Reject::kLegTaken:
    case Reject::kNoCallbacks:
    case Reject::kNumberInvalid:
    case Reject::kNumberNotAllowed:
    case Reject::kCallbackOpen:
    case Reject::kResyncNotOpen:
      return "";
  }
  return "";
}

}  // namespace acd
