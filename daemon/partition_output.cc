// SPDX-License-Identifier: Apache-2.0
// What the Router's events mean for the switches: one event gives at most one command.
#include <spdlog/spdlog.h>

#include <string_view>

#include "daemon/partition.h"

namespace acd {

namespace {

// Of a call that goes on: told again until the switch shows that it knows.
bool is_live_order(SwitchCommandKind kind) {
  return kind == SwitchCommandKind::kParkCaller || kind == SwitchCommandKind::kRetrieveCall ||
         kind == SwitchCommandKind::kMergeCall;
}

// To a switch that resumes, which may not have heard it.
bool is_told_again(SwitchCommandKind kind) {
  return is_live_order(kind) || kind == SwitchCommandKind::kReleaseCall ||
         kind == SwitchCommandKind::kTransferCall;
}

// Whether SwitchCommand::text says something of the event's.
bool has_text(SwitchCommandKind kind) {
  return is_live_order(kind) || kind == SwitchCommandKind::kPlayTreatment ||
         kind == SwitchCommandKind::kTransferCall || kind == SwitchCommandKind::kDialCustomer ||
         kind == SwitchCommandKind::kDialOutside || kind == SwitchCommandKind::kSuperviseCall;
}

}  // namespace

Delivery& Partition::delivery_for(const std::shared_ptr<SwitchStream>& stream) {
  const auto [it, inserted] = delivery_index_.try_emplace(stream.get(), output_.deliveries.size());
  if (inserted) output_.deliveries.emplace_back(stream, Delivery{});
  return output_.deliveries[it->second].second;
}

void Partition::translate_events(TenantIndex index, std::string_view ended_call) {
  Tenant& tenant = tenant_at(index);
  const std::vector<Event>& events = tenant.router.events().events;
  for (; tenant.translated_events < events.size(); ++tenant.translated_events) {
    translate_event(tenant, events[tenant.translated_events], ended_call);
  }
}

void Partition::translate_event(Tenant& tenant, const Event& event, std::string_view ended_call) {
  SwitchCommand command;
  command.generation = event.generation;
  bool is_command = event.flag;
  tend_live_order(tenant, event);
  warn_of_line(tenant, event);
  tell_desktop(tenant, event);
  switch (event.kind) {
    case EventKind::kOfferCreated:
      if (tenant.router.agent(event.agent).answer_mode != AnswerMode::kPhone) return;
      command.kind = SwitchCommandKind::kRingAgent;
      command.timeout_ns = event.duration_ns;
      command.item = static_cast<uint32_t>(event.number);
      is_command = true;
      break;
    case EventKind::kOfferEnded:
      command.kind = SwitchCommandKind::kStopRinging;
      command.outcome = static_cast<OfferOutcome>(event.detail);
      break;
    case EventKind::kOfferAccepted:
      command.kind = SwitchCommandKind::kConnectCall;
      break;
    case EventKind::kAgentLoggedOut:  // With its flag: by a newer log-in; with a detail: on behalf.
      command.kind = SwitchCommandKind::kLogOutAgent;
      is_command = event.flag || event.detail != 0;
      break;
    case EventKind::kCallDialed:
      command.kind = SwitchCommandKind::kDialCustomer;
      command.timeout_ns = event.duration_ns;
      break;
    case EventKind::kCallOutsideDialed:
      command.kind = SwitchCommandKind::kDialOutside;
      break;
    case EventKind::kCallCallbackRequested:
      command.kind = SwitchCommandKind::kReleaseCall;
      command.number = event.cause;
      break;
    case EventKind::kCallDialEnded:
    case EventKind::kOfferStale:
    case EventKind::kCallRequeued:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
      command.kind = SwitchCommandKind::kDropLeg;
      if (is_release(tenant, event, ended_call)) {
        command.kind = SwitchCommandKind::kReleaseCall;
        command.number = event.cause;
        is_command = true;
      }
      break;
    case EventKind::kCallTreated:
      command.kind = SwitchCommandKind::kPlayTreatment;
      command.treatment = static_cast<TreatmentKind>(event.detail);
      command.number = event.number;
      command.ewt_ns = event.duration_ns;
      is_command = true;
      break;
    case EventKind::kCallOverflowed:  // With its flag: out of here.
      command.kind = SwitchCommandKind::kTransferCall;
      break;
    case EventKind::kCallTransferred:
      if (is_joined(event)) return;
      command.kind = event.flag ? SwitchCommandKind::kTransferCall : SwitchCommandKind::kParkCaller;
      is_command = event.flag || event.agent.valid();  // Of a waiting one there is no leg to drop.
      break;
    case EventKind::kCallRejected:
      command.kind = SwitchCommandKind::kReleaseCall;
      command.number = event.cause;
      is_command = true;
      break;
    case EventKind::kCallCompleted:  // With its flag: a consult, because who consults is gone.
      command.kind = SwitchCommandKind::kReleaseCall;
      break;
    case EventKind::kCallSupervised:
      command.kind = SwitchCommandKind::kSuperviseCall;
      command.supervision = static_cast<Supervision>(event.detail);
      is_command = true;
      break;
    case EventKind::kCallRetrieved:
      command.kind = SwitchCommandKind::kRetrieveCall;
      is_command = true;
      break;
    case EventKind::kCallMerged:
      command.kind = SwitchCommandKind::kMergeCall;
      command.conference = event.flag;
      is_command = event.detail != 0;  // Else the switch has done it.
      break;
    case EventKind::kAgentStateChanged:
      if (event.to == AgentState::kNotReady && event.number == kReasonPhone && !is_replaying_) {
        spdlog::warn("agent's phone cannot be reached: tenant={} agent={}", tenant.id,
                     tenant.router.agent(event.agent).id.view());
      }
      return;
    case EventKind::kSwitchConnected:
      return greet_switch(tenant, event);
    case EventKind::kCallScheduled:
      if (event.detail == static_cast<uint8_t>(ScheduleChange::kDropped) && !is_replaying_) {
        spdlog::warn(
            "a call for later could not enter and is dropped: tenant={} call={} queue={} why={}",
            tenant.id, event.text.in(tenant.router.events().arena),
            event.text2.in(tenant.router.events().arena),
            reject_name(static_cast<Reject>(event.number)));
      }
      return;
    case EventKind::kCallRerouted:
    case EventKind::kSwitchResynced:
    case EventKind::kCallDue:
    case EventKind::kCallOutsideAnswered:
    case EventKind::kCallEnqueued:
    case EventKind::kCallConnected:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallPartyLeft:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kOfferRinging:
    case EventKind::kAgentUpserted:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueConfigChanged:
    case EventKind::kSwitchDisconnected:
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kAgentAttached:
    case EventKind::kAgentDetached:
    case EventKind::kCallLegReplaced:
    case EventKind::kCallPriorityChanged:
    case EventKind::kCallStepChanged:
    case EventKind::kCallDecided:
    case EventKind::kCallScored:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kQueueRemoved:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
      return;
  }
  if (!is_command) return;
  command.id = event.sequence;
  command.deadline_ns = deadline_of(tenant, event, command);
  const bool answers = does_answer(tenant, event.source);
  const bool is_kept = answers || is_told_again(command.kind);
  const bool is_known = event.source.value() < tenant.streams.size();
  const std::shared_ptr<SwitchStream> stream =
      is_known ? tenant.streams[event.source.value()] : nullptr;
  if (stream == nullptr && !is_kept) return;  // Away: what is open is told when it comes back.
  std::string of_nobody;
  std::string* const arena = stream == nullptr ? &of_nobody : &delivery_for(stream).arena;
  fill_texts(tenant, event, &command, arena);
  if (stream != nullptr) delivery_for(stream).commands.push_back(command);
  if (is_kept) keep_order(tenant, event, command, *arena);
}

int64_t Partition::deadline_of(const Tenant& tenant, const Event& event,
                               const SwitchCommand& command) {
  switch (command.kind) {
    case SwitchCommandKind::kRingAgent:
    case SwitchCommandKind::kDialCustomer:
      return event.time_ns + command.timeout_ns;
    case SwitchCommandKind::kConnectCall:
      if (const Call& call = tenant.router.call(event.call); call.stage == CallStage::kConnecting) {
        return call.deadline_ns;
      }
      [[fallthrough]];  // Over by now.
    case SwitchCommandKind::kPlayTreatment:
    case SwitchCommandKind::kDialOutside:
    case SwitchCommandKind::kSuperviseCall:
      return event.time_ns + kPromptDeadlineNs;
    case SwitchCommandKind::kStopRinging:
    case SwitchCommandKind::kDropLeg:
    case SwitchCommandKind::kTransferCall:
    case SwitchCommandKind::kReleaseCall:
    case SwitchCommandKind::kParkCaller:
    case SwitchCommandKind::kRetrieveCall:
    case SwitchCommandKind::kMergeCall:
    case SwitchCommandKind::kLogOutAgent:
      break;
  }
  return event.time_ns + kOrderDeadlineNs;
}

void Partition::fill_texts(const Tenant& tenant, const Event& event, SwitchCommand* command,
                           std::string* arena) {
  const std::string_view texts = tenant.router.events().arena;
  const auto copy = [&](TextRef ref) { return acd::add_text(ref.in(texts), arena); };
  if (event.kind == EventKind::kOfferStale) {
    command->call = copy(event.text);
    return;
  }
  if (event.kind == EventKind::kAgentLoggedOut) {
    command->station = copy(event.text);
    command->agent = acd::add_text(tenant.router.agent(event.agent).id.view(), arena);
    return;
  }
  if (command->kind == SwitchCommandKind::kMergeCall) {
    command->parent = copy(event.text);
    command->consulting = copy(event.text2);
  } else if (has_text(command->kind)) {
    command->text = copy(is_live_order(command->kind) ? event.text2 : event.text);
  }
  if (command->kind == SwitchCommandKind::kSuperviseCall) command->consulting = copy(event.text2);
  if (command->kind == SwitchCommandKind::kDialCustomer) command->customer_leg = copy(event.text2);
  fill_parties(tenant, event.call, event.agent, command, arena);
}

// Of an agent at another switch than the call's, who stays ready.
void Partition::warn_of_line(Tenant& tenant, const Event& event) const {
  const bool is_of_leg =
      event.kind == EventKind::kOfferEnded || event.kind == EventKind::kCallRequeued;
  if (!is_of_leg || is_replaying_ || !event.agent.valid()) return;
  if (!Router::is_dead_end(static_cast<OfferOutcome>(event.detail))) return;
  const Agent& agent = tenant.router.agent(event.agent);
  if (agent.presence == Presence::kLoggedOut || agent.source == event.source) return;
  const auto [line, is_new] =
      tenant.lines_warned_ns.try_emplace({event.source, agent.source}, now_ns_);
  if (!is_new && now_ns_ - line->second < kLineWarningNs) return;
  line->second = now_ns_;
  spdlog::warn("agent cannot be reached from another switch: tenant={} agent={} from={}", tenant.id,
               agent.id.view(), tenant.router.sessions().at(event.source).id.view());
}

bool Partition::is_release(const Tenant& tenant, const Event& event, std::string_view ended_call) {
  // A consult, because who consults is gone, or by a supervisor; else the switch has withdrawn it.
  if (event.kind == EventKind::kCallWithdrawn) {
    return event.detail == static_cast<uint8_t>(EndedBy::kCaller) ||
           event.detail == static_cast<uint8_t>(EndedBy::kSupervisor);
  }
  if (event.kind == EventKind::kCallFailed) {
    return event.detail == static_cast<uint8_t>(FailReason::kOffers);
  }
  return event.kind == EventKind::kCallTimedOut &&
         tenant.router.call(event.call).id.view() != ended_call;
}

TextRef Partition::add_text(Delivery& delivery, std::string_view text) {
  return acd::add_text(text, &delivery.arena);
}

}  // namespace acd
