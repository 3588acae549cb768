// SPDX-License-Identifier: Apache-2.0
// From a switch's messages to commands: every check that needs no Router.
#include "daemon/rpc/codec.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "daemon/config/config_tables.h"
#include "daemon/config/skill_lookup.h"
#include "daemon/config/text.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/event_batch.h"
#include "daemon/rpc/field_fault.h"
#include "daemon/rpc/outcome_fields.h"
#include "daemon/rpc/station_fields.h"
#include "daemon/rpc/transfer_fields.h"
#include "routing/check.h"
#include "routing/requirement.h"

namespace acd {
namespace {

using google::protobuf::Duration;
using google::protobuf::Timestamp;

// Bytes of what a switch says of a command that it cannot do.
constexpr size_t kFailureTextBytesMax = 256;

// How long before `send_time` the event happened, 0..kEventAgeMaxNs. REQUIRES: both are
// well-formed.
int64_t age_ns(const Timestamp& send_time, const Timestamp& switch_time) {
  const int64_t seconds = send_time.seconds() - switch_time.seconds();
  if (seconds > kEventAgeMaxNs / kNsPerS) return kEventAgeMaxNs;
  if (seconds < -1) return 0;
  return std::clamp(seconds * kNsPerS + send_time.nanos() - switch_time.nanos(), int64_t{0},
                    kEventAgeMaxNs);
}

CommandKind kind_of(v1::SwitchEvent::EventCase event) {
  switch (event) {
    case v1::SwitchEvent::kCallOffered:
      return CommandKind::kEnqueueCall;
    case v1::SwitchEvent::kLegRinging:
      return CommandKind::kLegRinging;
    case v1::SwitchEvent::kLegAnswered:
      return CommandKind::kLegAnswered;
    case v1::SwitchEvent::kLegFailed:
      return CommandKind::kLegFailed;
    case v1::SwitchEvent::kCallConnected:
      return CommandKind::kCallConnected;
    case v1::SwitchEvent::kConnectFailed:
      return CommandKind::kConnectFailed;
    case v1::SwitchEvent::kCallHeld:
      return CommandKind::kHoldCall;
    case v1::SwitchEvent::kCallResumed:
      return CommandKind::kResumeCall;
    case v1::SwitchEvent::kCallEnded:
      return CommandKind::kEndCall;
    case v1::SwitchEvent::kSwitchRerouted:
      return CommandKind::kRerouteCall;
    case v1::SwitchEvent::kCallPriorityChanged:
      return CommandKind::kChangePriority;
    case v1::SwitchEvent::kCallOutcome:
      return CommandKind::kSetOutcome;
    case v1::SwitchEvent::kTransferRequested:
      return CommandKind::kTransferCall;
    case v1::SwitchEvent::kPartyLeft:
      return CommandKind::kLeaveCall;
    case v1::SwitchEvent::kConsultBegun:
      return CommandKind::kConsult;
    case v1::SwitchEvent::kConsultMerged:
      return CommandKind::kMergeCall;
    case v1::SwitchEvent::kCallbackRequested:
      return CommandKind::kRequestCallback;
    case v1::SwitchEvent::kCallScheduled:
      return CommandKind::kScheduleCall;
    case v1::SwitchEvent::kCustomerAnswered:
      return CommandKind::kCustomerAnswered;
    case v1::SwitchEvent::kAgentLoggedIn:
      return CommandKind::kLogIn;
    case v1::SwitchEvent::kAgentLoggedOut:
      return CommandKind::kLogOut;
    case v1::SwitchEvent::kAgentReady:
      return CommandKind::kSetReady;
    case v1::SwitchEvent::kAgentNotReady:
      return CommandKind::kSetNotReady;
    case v1::SwitchEvent::kWrapUpEnded:
      return CommandKind::kEndWrapUp;
    case v1::SwitchEvent::kWrapUpExtended:
      return CommandKind::kExtendWrapUp;
    case v1::SwitchEvent::kMemberPaused:
      return CommandKind::kPauseMember;
    case v1::SwitchEvent::kMemberUnpaused:
      return CommandKind::kUnpauseMember;
    case v1::SwitchEvent::kPhoneBusy:
      return CommandKind::kPhoneBusy;
    case v1::SwitchEvent::kPhoneIdle:
      return CommandKind::kPhoneIdle;
    case v1::SwitchEvent::kPhoneUnregistered:
      return CommandKind::kPhoneUnregistered;
    case v1::SwitchEvent::kLegUp:
      return CommandKind::kLegUp;
    case v1::SwitchEvent::kLegLost:
      return CommandKind::kLegLost;
    case v1::SwitchEvent::kResyncBegun:
      return CommandKind::kResyncBegin;
    case v1::SwitchEvent::kLiveCall:
      return CommandKind::kKeepCall;
    case v1::SwitchEvent::kLiveAgent:
      return CommandKind::kKeepAgent;
    case v1::SwitchEvent::kResyncEnded:
      return CommandKind::kResyncEnd;
    case v1::SwitchEvent::kCommandDone:
      return CommandKind::kCommandDone;
    case v1::SwitchEvent::EVENT_NOT_SET:
      return CommandKind::kNone;
  }
  return CommandKind::kNone;
}

// Whether `call_id` is the call that the event is about.
bool is_about_call(CommandKind kind) {
  switch (kind) {
    case CommandKind::kEnqueueCall:
    case CommandKind::kKeepCall:
    case CommandKind::kEndCall:
    case CommandKind::kRerouteCall:
    case CommandKind::kLegRinging:
    case CommandKind::kLegAnswered:
    case CommandKind::kLegFailed:
    case CommandKind::kCallConnected:
    case CommandKind::kConnectFailed:
    case CommandKind::kHoldCall:
    case CommandKind::kResumeCall:
    case CommandKind::kChangePriority:
    case CommandKind::kSetOutcome:
    case CommandKind::kTransferCall:
    case CommandKind::kLeaveCall:
    case CommandKind::kConsult:
    case CommandKind::kMergeCall:
    case CommandKind::kRequestCallback:
    case CommandKind::kScheduleCall:
    case CommandKind::kCustomerAnswered:
      return true;
    default:
      return false;
  }
}

bool may_name_call(CommandKind kind) {
  return kind == CommandKind::kEndWrapUp || kind == CommandKind::kExtendWrapUp;
}

// Turns one event into one command, or finds its first fault.
class EventDecoder final : public EventFields {
 public:
  EventDecoder(const v1::SwitchEvent& event, std::string* arena, Command* command)
      : EventFields(v1::SwitchEvent::descriptor(), arena, command), event_(event) {}

  // True when `command` is complete.
  [[nodiscard]] bool decode(const Timestamp* send_time) {
    command_->kind = kind_of(event_.event_case());
    command_->sequence = event_.sequence();
    return envelope(send_time) && event_is_set() && content();
  }

 private:
  [[nodiscard]] std::string event_name() const override {
    return std::string(event_field(command_->kind));
  }

  [[nodiscard]] bool envelope(const Timestamp* send_time) {
    if (event_.has_switch_time()) {
      if (!is_well_formed(event_.switch_time())) {
        return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "switch_time", "is no valid time");
      }
      if (send_time != nullptr) command_->age_ns = age_ns(*send_time, event_.switch_time());
    }
    // Calls of other events are checked but not kept, unless they may name one.
    TextRef unused;
    const bool about_call = is_about_call(command_->kind);
    if (!text("call_id", event_.call_id(), about_call, kIdBytesMax,
              about_call || may_name_call(command_->kind) ? &command_->call : &unused) ||
        !text("leg_id", event_.leg_id(), false, kIdBytesMax, &command_->leg)) {
      return false;
    }
    command_->cause = event_.cause();
    return in_range("cause", event_.cause(), 0, kCauseMax);
  }

  [[nodiscard]] bool event_is_set() {
    return command_->kind != CommandKind::kNone ||
           refuse(v1::ERROR_REASON_FIELD_REQUIRED, "event",
                  "says nothing that this daemon knows; set one of the events");
  }

  [[nodiscard]] bool content() {
    switch (event_.event_case()) {
      case v1::SwitchEvent::kCallOffered:
        return call_offered(event_.call_offered());
      case v1::SwitchEvent::kLegRinging:
        return generation(event_.leg_ringing().generation());
      case v1::SwitchEvent::kLegAnswered:
        return generation(event_.leg_answered().generation());
      case v1::SwitchEvent::kLegFailed:
        return generation(event_.leg_failed().generation()) &&
               choice("outcome", event_.leg_failed().outcome(), v1::OFFER_OUTCOME_UNKNOWN_ADDRESS);
      case v1::SwitchEvent::kCallConnected:
        return generation(event_.call_connected().generation());
      case v1::SwitchEvent::kConnectFailed:
        return generation(event_.connect_failed().generation()) &&
               dial_outcome(event_.connect_failed().customer());
      case v1::SwitchEvent::kCallHeld:
        return party(event_.call_held().agent_id(), &command_->name);
      case v1::SwitchEvent::kCallResumed:
        return party(event_.call_resumed().agent_id(), &command_->name);
      case v1::SwitchEvent::kPartyLeft:
        return party(event_.party_left().agent_id(), &command_->name);
      case v1::SwitchEvent::kConsultBegun:
        return consult(event_.consult_begun());
      case v1::SwitchEvent::kConsultMerged:
        command_->flag = event_.consult_merged().conference();
        return true;
      case v1::SwitchEvent::kCallEnded:
        return choice("ended_by", event_.call_ended().ended_by(), v1::ENDED_BY_SWITCH);
      case v1::SwitchEvent::kSwitchRerouted:
        return true;
      case v1::SwitchEvent::kCallPriorityChanged:
        return event_.call_priority_changed().has_priority()
                   ? priority(event_.call_priority_changed().priority())
                   : missing("priority");
      case v1::SwitchEvent::kCallOutcome:
        return outcome(event_.call_outcome());
      case v1::SwitchEvent::kTransferRequested:
        return transfer(event_.transfer_requested());
      case v1::SwitchEvent::kCallbackRequested:
        return callback(event_.callback_requested());
      case v1::SwitchEvent::kCallScheduled:
        return scheduled(event_.call_scheduled());
      case v1::SwitchEvent::kCustomerAnswered:
        return generation(event_.customer_answered().generation());
      case v1::SwitchEvent::kAgentLoggedIn:
        return logged_in(event_.agent_logged_in());
      case v1::SwitchEvent::kAgentLoggedOut:
        command_->flag = event_.agent_logged_out().forced();
        return agent(event_.agent_logged_out().agent_id());
      case v1::SwitchEvent::kAgentReady:
        return agent(event_.agent_ready().agent_id());
      case v1::SwitchEvent::kAgentNotReady:
        return agent(event_.agent_not_ready().agent_id()) &&
               reason(event_.agent_not_ready().reason());
      case v1::SwitchEvent::kWrapUpEnded:
        return agent(event_.wrap_up_ended().agent_id());
      case v1::SwitchEvent::kWrapUpExtended:
        return agent(event_.wrap_up_extended().agent_id());
      case v1::SwitchEvent::kMemberPaused:
        return agent(event_.member_paused().agent_id()) &&
               queue(event_.member_paused().queue_id()) && reason(event_.member_paused().reason());
      case v1::SwitchEvent::kMemberUnpaused:
        return agent(event_.member_unpaused().agent_id()) &&
               queue(event_.member_unpaused().queue_id());
      case v1::SwitchEvent::kPhoneBusy:
        return station(event_.phone_busy().station());
      case v1::SwitchEvent::kPhoneIdle:
        return station(event_.phone_idle().station());
      case v1::SwitchEvent::kPhoneUnregistered:
        return station(event_.phone_unregistered().station());
      case v1::SwitchEvent::kLegUp:
        return station(event_.leg_up().station());
      case v1::SwitchEvent::kLegLost:
        return station(event_.leg_lost().station());
      case v1::SwitchEvent::kLiveCall:
        return live_call(event_.live_call());
      case v1::SwitchEvent::kLiveAgent:
        return live_agent(event_.live_agent());
      case v1::SwitchEvent::kCommandDone:
        return command_done(event_.command_done());
      case v1::SwitchEvent::kResyncBegun:
      case v1::SwitchEvent::kResyncEnded:
        return true;
      case v1::SwitchEvent::EVENT_NOT_SET:
        break;
    }
    return false;
  }

  [[nodiscard]] bool call_offered(const v1::CallOffered& offered) {
    if (!offered.replaces_leg().empty()) {
      command_->kind = CommandKind::kReplaceLeg;
      return (!event_.leg_id().empty() || missing("leg_id")) &&
             text("replaces_leg", offered.replaces_leg(), true, kIdBytesMax, &command_->text);
    }
    if (!text("queue_id", offered.queue_id(), true, kIdBytesMax, &command_->name) ||
        !text("requirement", offered.requirement(), false, kRequirementBytesMax, &command_->text) ||
        !requirement(offered.requirement())) {
      return false;
    }
    command_->flag = offered.has_priority();
    if (!priority(offered.priority())) return false;
    if (offered.has_preferred() && !preferred(offered.preferred())) return false;
    if (!v1::Medium_IsValid(offered.medium())) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "medium", "is no Medium");
    }
    command_->detail |= static_cast<uint8_t>(static_cast<int>(to_medium(offered.medium())) << 1);
    const std::optional<int64_t> age_credit = to_ns(offered.age_credit(), kAgeCreditMaxNs);
    command_->age_credit_ns = age_credit.value_or(0);
    return age_credit.has_value() ||
           refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "age_credit", "must be 0..24 h");
  }

  [[nodiscard]] bool preferred(const v1::PreferredAgent& preferred) {
    if (!text("preferred.agent_id", preferred.agent_id(), true, kIdBytesMax,
              &command_->preferred)) {
      return false;
    }
    if (!preferred.has_wait()) return missing("preferred.wait");
    const std::optional<int64_t> wait = to_ns(preferred.wait(), kPreferredMaxNs);
    command_->wait_ns = wait.value_or(0);
    command_->detail = preferred.wait_if_busy() ? 1 : 0;
    return command_->wait_ns > 0 || refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "preferred.wait",
                                           "must be more than 0 and at most 1 h");
  }

  [[nodiscard]] bool live_call(const v1::LiveCall& call) {
    if (call.has_talking()) {
      prefix_ = "talking.";
      command_->generation = 1;
      return agent(call.talking().agent_id());
    }
    if (!call.has_waiting()) return missing("state");
    prefix_ = "waiting.";
    if (!call.waiting().replaces_leg().empty()) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "replaces_leg", "has no place in a list");
    }
    return call_offered(call.waiting());
  }

  [[nodiscard]] bool live_agent(const v1::LiveAgent& listed) {
    if (!listed.has_logged_in()) return missing("logged_in");
    prefix_ = "logged_in.";
    return logged_in(listed.logged_in());
  }

  [[nodiscard]] bool logged_in(const v1::AgentLoggedIn& logged_in) {
    return agent(logged_in.agent_id()) && station(logged_in.station()) && station_of(logged_in);
  }

  [[nodiscard]] bool command_done(const v1::CommandDone& done) {
    command_->wait_ns = done.command_id();
    command_->detail = static_cast<uint8_t>(done.failure());
    return in_range("command_id", done.command_id(), 1, INT64_MAX) &&
           in_range("failure", done.failure(), 0, v1::COMMAND_FAILURE_INTERNAL) &&
           text("failure_text", done.failure_text(), false, kFailureTextBytesMax, &command_->text);
  }

  // Its form alone: which skills there are the Router knows, which parses it again.
  [[nodiscard]] bool requirement(std::string_view expression) {
    if (expression.empty()) return true;
    const auto parsed = parse_requirement(expression, AnySkill());
    const auto* error = std::get_if<RequirementError>(&parsed);
    return error == nullptr ||
           refuse(v1::ERROR_REASON_REQUIREMENT_INVALID, "requirement",
                  absl::StrCat("column ", error->column, ": ", error->description));
  }

  [[nodiscard]] bool outcome(const v1::CallOutcome& outcome) {
    std::optional<FieldFault> fault = decode_outcome(outcome, arena_, command_);
    if (!fault) return true;
    fault_.reason = fault->reason;
    fault_.field = absl::StrCat("call_outcome", fault->field.empty() ? "" : ".", fault->field);
    fault_.message = std::move(fault->message);
    return false;
  }

  [[nodiscard]] bool transfer(const v1::CallTransfer& transfer) {
    std::optional<FieldFault> fault = decode_transfer(transfer, arena_, command_);
    return !fault || refuse(fault->reason, fault->field, std::move(fault->message));
  }

  [[nodiscard]] bool consult(const v1::ConsultBegun& consult) {
    if (!text("consult_id", consult.consult_id(), true, kIdBytesMax, &command_->leg)) return false;
    if (!consult.has_to()) return missing("to");
    std::optional<FieldFault> fault = decode_transfer(consult.to(), arena_, command_);
    return !fault ||
           refuse(fault->reason, absl::StrCat("to.", fault->field), std::move(fault->message));
  }

  // An agent on the call, who need not be named where there is one.
  [[nodiscard]] bool party(std::string_view id, TextRef* ref) {
    return text("agent_id", id, false, kIdBytesMax, ref);
  }
  [[nodiscard]] bool agent(std::string_view id) {
    return text("agent_id", id, true, kIdBytesMax, &command_->name);
  }
  [[nodiscard]] bool queue(std::string_view id) {
    return text("queue_id", id, true, kIdBytesMax, &command_->text);
  }
  [[nodiscard]] bool priority(int32_t value) {
    command_->number = value;
    return in_range("priority", value, -kPriorityMax, kPriorityMax);
  }
  [[nodiscard]] bool station(std::string_view address) {
    return text("station", address, true, kIdBytesMax, &command_->text);
  }

  [[nodiscard]] bool dial_outcome(int value) {
    command_->detail = static_cast<uint8_t>(value);
    return in_range("customer", value, 0, v1::DIAL_OUTCOME_UNREACHABLE);
  }

  [[nodiscard]] bool callback(const v1::CallbackRequested& request) {
    const bool has_origin = !request.origin_call_id().empty();
    if (has_origin && !request.queue_id().empty()) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "queue_id",
                    "has no place beside origin_call_id, whose queue it is");
    }
    command_->flag = has_origin;
    return text("origin_call_id", request.origin_call_id(), false, kIdBytesMax,
                &command_->preferred) &&
           text("queue_id", request.queue_id(), !has_origin, kIdBytesMax, &command_->name) &&
           text("number", request.number(), true, kNumberBytesMax, &command_->text);
  }

  [[nodiscard]] bool scheduled(const v1::CallScheduled& later) {
    if (!later.has_time()) return missing("time");
    const std::optional<int64_t> due_ms = schedule_ms(later.time());
    if (!due_ms) {
      return refuse(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "time", kScheduleRule);
    }
    command_->wait_ns = *due_ms;
    command_->flag = later.has_priority();
    return text("queue_id", later.queue_id(), true, kIdBytesMax, &command_->name) &&
           text("number", later.number(), false, kNumberBytesMax, &command_->text) &&
           priority(later.priority());
  }

  // An enum of which the switch may say 1..max.
  [[nodiscard]] bool choice(const char* field, int value, int max) {
    if (value == 0) return missing(field);
    command_->detail = static_cast<uint8_t>(value);
    return in_range(field, value, 1, max);
  }

  const v1::SwitchEvent& event_;
};

std::optional<RpcError> bad_field(v1::ErrorReason reason, std::string field,
                                  std::string description) {
  Violations violations;
  violations.add(reason, std::move(field), std::move(description));
  return violations.error();
}

std::optional<RpcError> decode_times(const v1::EventBatch& batch, bool driven_clock,
                                     Batch* decoded) {
  if (batch.has_send_time() && !is_well_formed(batch.send_time())) {
    return bad_field(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "batch.send_time", "is no valid time");
  }
  if (batch.has_now() != driven_clock) {
    return RpcError{v1::ERROR_REASON_CLOCK_MISMATCH,
                    driven_clock ? "The daemon runs on a driven clock: every batch carries `now`."
                                 : "The daemon runs on the machine's clock: leave `now` unset.",
                    {},
                    {}};
  }
  if (!driven_clock) return std::nullopt;
  const std::optional<int64_t> now = to_ns(batch.now(), kDrivenNowMaxNs);
  if (!now) {
    return bad_field(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "batch.now", "must be 0 s..100 years");
  }
  decoded->driven_now_ns = *now;
  decoded->driven_number = batch.number();
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> schedule_ms(const Timestamp& time) {
  constexpr int64_t kMsPerS = 1'000;
  if (!is_well_formed(time) || time.seconds() < 0) return std::nullopt;
  if (time.seconds() >= kScheduleMaxMs / kMsPerS) return std::nullopt;
  return time.seconds() * kMsPerS + time.nanos() / kNsPerMs;
}

std::optional<RpcError> decode_open(const v1::ConnectRequest& request,
                                    std::span<const std::string> bad_texts,
                                    std::string_view principal, std::string* tenant, Batch* batch) {
  if (!request.has_open_session()) return first_must_open();
  const v1::OpenSession& open = request.open_session();
  if (auto error = decode_session(open, SourceKind::kSwitch, bad_texts, principal, tenant, batch)) {
    return error;
  }
  batch->commands.back().flag = open.reports_ringing();
  batch->commands.back().number = open.resync() ? 1 : 0;
  batch->commands.back().generation = open.answers_commands() ? 1 : 0;
  return std::nullopt;
}

std::optional<RpcError> decode_batch(const v1::ConnectRequest& request,
                                     std::span<const std::string> bad_texts,
                                     const RpcOptions& options, int64_t* expected_sequence,
                                     Batch* batch) {
  if (!request.has_batch()) return session_not_open(request.has_open_session());
  const v1::EventBatch& events = request.batch();
  if (auto error = check_events(events.events(), options.batch_events_max, *expected_sequence))
    return error;
  if (auto error = decode_times(events, options.driven_clock, batch)) return error;

  const Timestamp* send_time = events.has_send_time() ? &events.send_time() : nullptr;
  decode_events(events.events(), bad_texts, expected_sequence, batch,
                [send_time](const v1::SwitchEvent& event, std::string* arena,
                            Command* command) -> std::optional<FieldFault> {
                  EventDecoder decoder(event, arena, command);
                  if (decoder.decode(send_time)) return std::nullopt;
                  return std::move(decoder.fault());
                });
  return std::nullopt;
}

}  // namespace acd
