// SPDX-License-Identifier: Apache-2.0
#include "routing/event.h"

#include <algorithm>
#include <limits>

#include "routing/callback.h"
#include "routing/limits.h"

namespace acd {
namespace {

std::string_view offer_ended_name(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kNone:
      break;
    case OfferOutcome::kNoAnswer:
      return "offer.no_answer";
    case OfferOutcome::kRejected:
      return "offer.rejected";
    case OfferOutcome::kBusy:
      return "offer.busy";
    case OfferOutcome::kUnreachable:
      return "offer.unreachable";
    case OfferOutcome::kUnknownAddress:
      return "offer.unknown_address";
    case OfferOutcome::kCanceled:
      return "offer.canceled";
    case OfferOutcome::kRescinded:
      return "offer.rescinded";
    case OfferOutcome::kAccepted:
      return "offer.accepted";
  }
  return "offer.unknown";
}

std::string_view scheduled_name(ScheduleChange change) {
  switch (change) {
    case ScheduleChange::kMade:
      return "call.scheduled";
    case ScheduleChange::kMoved:
      return "call.rescheduled";
    case ScheduleChange::kCanceled:
      return "call.unscheduled";
    case ScheduleChange::kDropped:
      return "call.dropped";
  }
  return "unknown";
}

std::string_view dial_ended_name(DialOutcome outcome) {
  return outcome == DialOutcome::kAnswered ? "call.customer_answered" : "call.dial_failed";
}

}  // namespace

std::string_view event_name(EventKind kind, uint8_t detail) {
  switch (kind) {
    case EventKind::kCallEnqueued:
      return "call.enqueued";
    case EventKind::kCallConnected:
      return "call.connected";
    case EventKind::kCallHeld:
      return "call.held";
    case EventKind::kCallResumed:
      return "call.resumed";
    case EventKind::kCallCompleted:
      return "call.completed";
    case EventKind::kCallAbandoned:
      return "call.abandoned";
    case EventKind::kCallTimedOut:
      return "call.timed_out";
    case EventKind::kCallWithdrawn:
      return "call.withdrawn";
    case EventKind::kCallFailed:
      return "call.failed";
    case EventKind::kCallOverflowed:
      return "call.overflowed";
    case EventKind::kCallRejected:
      return "call.rejected";
    case EventKind::kCallPriorityChanged:
      return "call.priority_changed";
    case EventKind::kCallStepChanged:
      return "call.step_changed";
    case EventKind::kCallTreated:
      return "call.treated";
    case EventKind::kCallDecided:
      return "call.decided";
    case EventKind::kCallScored:
      return "call.scored";
    case EventKind::kCallRequeued:
      return "call.requeued";
    case EventKind::kCallTransferred:
      return "call.transferred";
    case EventKind::kCallMerged:
      return "call.merged";
    case EventKind::kCallPartyJoined:
      return "call.party_joined";
    case EventKind::kCallPartyLeft:
      return "call.party_left";
    case EventKind::kCallRetrieved:
      return "call.retrieved";
    case EventKind::kCallOutsideDialed:
      return "call.outside_dialed";
    case EventKind::kCallOutsideAnswered:
      return "call.outside_answered";
    case EventKind::kCallSupervised:
      return "call.supervised";
    case EventKind::kCallRerouted:
      return "call.rerouted";
    case EventKind::kCallLegReplaced:
      return "call.leg_replaced";
    case EventKind::kOfferCreated:
      return "offer.created";
    case EventKind::kOfferRinging:
      return "offer.ringing";
    case EventKind::kOfferAccepted:
      return "offer.accepted";
    case EventKind::kOfferEnded:
      return offer_ended_name(static_cast<OfferOutcome>(detail));
    case EventKind::kOfferStale:
      return "offer.stale";
    case EventKind::kAgentUpserted:
      return "agent.skills_changed";
    case EventKind::kAgentLoggedIn:
      return "agent.logged_in";
    case EventKind::kAgentLoggedOut:
      return "agent.logged_out";
    case EventKind::kAgentLegUp:
      return "agent.leg_up";
    case EventKind::kAgentLegLost:
      return "agent.leg_lost";
    case EventKind::kAgentStateChanged:
      return "agent.state_changed";
    case EventKind::kAgentWrapUpStarted:
      return "agent.wrap_up_started";
    case EventKind::kAgentWrapUpEnded:
      return "agent.wrap_up_ended";
    case EventKind::kQueueConfigChanged:
      return "queue.config_changed";
    case EventKind::kQueueOpened:
      return "queue.opened";
    case EventKind::kQueueClosed:
      return "queue.closed";
    case EventKind::kQueueCallbacksOpened:
      return "queue.callbacks_opened";
    case EventKind::kQueueCallbacksClosed:
      return "queue.callbacks_closed";
    case EventKind::kQueueRemoved:
      return "queue.removed";
    case EventKind::kMemberAdded:
      return "member.added";
    case EventKind::kMemberRemoved:
      return "member.removed";
    case EventKind::kMemberPaused:
      return "member.paused";
    case EventKind::kMemberUnpaused:
      return "member.unpaused";
    case EventKind::kCallCallbackRequested:
      return "call.callback_requested";
    case EventKind::kCallDialed:
      return "call.dialed";
    case EventKind::kCallDialEnded:
      return dial_ended_name(static_cast<DialOutcome>(detail));
    case EventKind::kCallScheduled:
      return scheduled_name(static_cast<ScheduleChange>(detail));
    case EventKind::kCallDue:
      return "call.due";
    case EventKind::kDesktopConnected:
      return "desktop.connected";
    case EventKind::kDesktopDisconnected:
      return "desktop.disconnected";
    case EventKind::kAgentAttached:
      return "agent.attached";
    case EventKind::kAgentDetached:
      return "agent.detached";
    case EventKind::kSwitchConnected:
      return "switch.connected";
    case EventKind::kSwitchDisconnected:
      return "switch.disconnected";
    case EventKind::kSwitchResynced:
      return "switch.resynced";
  }
  return "unknown";
}

std::string encode_upserted(const UpsertedAgent& agent) {
  std::string text(agent.skills);
  for (const std::string& part : {std::string(agent.team), media_text(agent.media)}) {
    text += '|';
    text += part;
  }
  text.erase(text.find_last_not_of('|') + 1);
  return text;
}

std::optional<UpsertedAgent> decode_upserted(std::string_view text) {
  const auto take_part = [&text] {
    const std::string_view part = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
  };
  UpsertedAgent agent;
  agent.skills = take_part();
  agent.team = take_part();
  const std::optional<MediaRule> media = parse_media_text(text);
  if (!media) return std::nullopt;
  agent.media = *media;
  return agent;
}

// "+4930777 c1": there is no blank in a number.
int64_t order_key_ns(const Event& event) {
  return event.time_ns - event.duration_ns - event.generation * kNsPerMs;
}

void set_order_key(int64_t key_ns, Event* event) {
  const int64_t before_ms = (event->time_ns - event->duration_ns - key_ns) / kNsPerMs;
  event->generation = static_cast<uint32_t>(
      std::clamp<int64_t>(before_ms, 0, std::numeric_limits<uint32_t>::max()));
}

int64_t preferred_until_ns(const Event& event) { return event.time_ns + event.cause * kNsPerS; }

void set_preferred(AgentIndex agent, int64_t until_ns, Event* event) {
  const int64_t left_ns = until_ns - event->time_ns;
  if (!agent.valid() || left_ns <= 0) return;
  event->agent = agent;
  event->cause = static_cast<int32_t>((left_ns + kNsPerS - 1) / kNsPerS);
}

std::string encode_asked(const AskedCallback& asked) {
  std::string text(asked.number);
  if (!asked.origin.empty()) text.append(" ").append(asked.origin);
  return text;
}

AskedCallback decode_asked(std::string_view text) {
  const size_t blank = std::min(text.find(' '), text.size());
  return {text.substr(0, blank), text.substr(std::min(blank + 1, text.size()))};
}

}  // namespace acd
