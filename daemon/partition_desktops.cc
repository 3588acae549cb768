// SPDX-License-Identifier: Apache-2.0
// What desktop sessions are told of the agents who are attached to them.
#include <algorithm>

#include "daemon/partition.h"

namespace acd {

std::shared_ptr<SwitchStream> Partition::desktop_stream(const Tenant& tenant, SourceIndex desktop) {
  return desktop.value() < tenant.streams.size() ? tenant.streams[desktop.value()] : nullptr;
}

// Nothing of agents whom a session that came anew has not attached again: it knows nobody of them.
std::shared_ptr<SwitchStream> Partition::stream_of_agent(const Tenant& tenant, AgentIndex index) {
  const Agent& agent = tenant.router.agent(index);
  if (!agent.desktop.valid()) return nullptr;
  const Source& desktop = tenant.router.sessions().at(agent.desktop);
  return agent.attach_order < desktop.lost_before ? nullptr : desktop_stream(tenant, agent.desktop);
}

void Partition::tell_desktop(Tenant& tenant, const Event& event) {
  if (!event.agent.valid() || is_replaying_) return;
  switch (event.kind) {
    case EventKind::kAgentAttached:
      if (const auto stream = stream_of_agent(tenant, event.agent); stream != nullptr) {
        tell_standing(tenant, event.agent, stream);
      }
      return;
    case EventKind::kAgentDetached:
      if (event.detail == static_cast<uint8_t>(DetachReason::kTakenOver)) {
        if (const auto stream = desktop_stream(tenant, event.source); stream != nullptr) {
          add_update(tenant, event.agent, {}, stream);
        }
      }
      return;
    case EventKind::kOfferCreated:
    case EventKind::kOfferAccepted:
    case EventKind::kOfferEnded:
    case EventKind::kAgentStateChanged:
    case EventKind::kAgentLoggedIn:
    case EventKind::kAgentLoggedOut:
      break;
    case EventKind::kCallEnqueued:
    case EventKind::kCallConnected:
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallCompleted:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallFailed:
    case EventKind::kCallRequeued:
    case EventKind::kCallOverflowed:
    case EventKind::kCallRejected:
    case EventKind::kCallPriorityChanged:
    case EventKind::kCallStepChanged:
    case EventKind::kCallTreated:
    case EventKind::kCallDecided:
    case EventKind::kCallScored:
    case EventKind::kOfferRinging:
    case EventKind::kOfferStale:
    case EventKind::kAgentUpserted:
    case EventKind::kAgentWrapUpStarted:
    case EventKind::kAgentWrapUpEnded:
    case EventKind::kQueueConfigChanged:
    case EventKind::kQueueOpened:
    case EventKind::kQueueClosed:
    case EventKind::kQueueRemoved:
    case EventKind::kQueueCallbacksOpened:
    case EventKind::kQueueCallbacksClosed:
    case EventKind::kSwitchConnected:
    case EventKind::kSwitchDisconnected:
    case EventKind::kSwitchResynced:
    case EventKind::kMemberAdded:
    case EventKind::kMemberRemoved:
    case EventKind::kMemberPaused:
    case EventKind::kMemberUnpaused:
    case EventKind::kCallTransferred:
    case EventKind::kCallMerged:
    case EventKind::kCallPartyJoined:
    case EventKind::kCallPartyLeft:
    case EventKind::kCallRetrieved:
    case EventKind::kCallOutsideDialed:
    case EventKind::kCallOutsideAnswered:
    case EventKind::kCallLegReplaced:
    case EventKind::kCallRerouted:
    case EventKind::kCallSupervised:
    case EventKind::kAgentLegUp:
    case EventKind::kAgentLegLost:
    case EventKind::kDesktopConnected:
    case EventKind::kDesktopDisconnected:
    case EventKind::kCallCallbackRequested:
    case EventKind::kCallDialed:
    case EventKind::kCallDialEnded:
    case EventKind::kCallDue:
    case EventKind::kCallScheduled:
      return;
  }
  const std::shared_ptr<SwitchStream> stream = stream_of_agent(tenant, event.agent);
  if (stream == nullptr) return;
  if (event.kind == EventKind::kOfferCreated) {
    return tell_offer(tenant, event.call, event.agent, event.generation, event.time_ns,
                      event.time_ns + event.duration_ns, stream);
  }
  if (event.kind != EventKind::kOfferAccepted && event.kind != EventKind::kOfferEnded) {
    return tell_status(tenant, event.agent, stream);
  }
  DesktopUpdate over;
  over.kind = DesktopUpdate::Kind::kOfferOver;
  over.call = add_text(delivery_for(stream), tenant.router.call(event.call).id.view());
  over.generation = event.generation;
  over.outcome = event.kind == EventKind::kOfferAccepted ? OfferOutcome::kAccepted
                                                         : static_cast<OfferOutcome>(event.detail);
  add_update(tenant, event.agent, over, stream);
}

// How the agent stands, and what is offered to them.
void Partition::tell_standing(Tenant& tenant, AgentIndex index,
                              const std::shared_ptr<SwitchStream>& stream) {
  tell_status(tenant, index, stream);
  for (const WorkItem& item : tenant.router.agent(index).items) {
    if (item.work != Work::kReserved && item.work != Work::kRinging) continue;
    tell_offer(tenant, item.call, index, item.generation, now_ns_,
               tenant.router.call(item.call).deadline_ns, stream);
  }
}

void Partition::tell_status(Tenant& tenant, AgentIndex index,
                            const std::shared_ptr<SwitchStream>& stream) {
  const Agent& agent = tenant.router.agent(index);
  DesktopUpdate status;
  status.kind = DesktopUpdate::Kind::kStatus;
  status.state = displayed_state(agent);
  if (status.state == AgentState::kNotReady) status.reason = agent.reason;
  if (agent.presence != Presence::kLoggedOut) {
    Delivery& delivery = delivery_for(stream);
    status.source = add_text(delivery, tenant.router.sessions().at(agent.source).id.view());
    status.station = add_text(delivery, agent.station.view());
    status.answer_mode = agent.answer_mode;
    for (const WorkItem& item : agent.items) {
      if (!item.call.valid()) continue;
      status.calls.push_back(add_text(delivery, tenant.router.call(item.call).id.view()));
    }
  }
  add_update(tenant, index, status, stream);
}

void Partition::tell_offer(Tenant& tenant, CallIndex index, AgentIndex offered, uint32_t generation,
                           int64_t now_ns, int64_t deadline_ns,
                           const std::shared_ptr<SwitchStream>& stream) {
  const Router& router = tenant.router;
  const Call& call = router.call(index);
  const WorkItem* const item = router.agent(offered).find_item(index);
  // It may be over already, and what is told next says so.
  if (item == nullptr || item->generation != generation) return;
  Delivery& delivery = delivery_for(stream);
  DesktopUpdate offer;
  offer.kind = DesktopUpdate::Kind::kOffer;
  offer.call = add_text(delivery, call.id.view());
  offer.generation = generation;
  offer.deadline_ns = deadline_ns;
  offer.timeout_ns = std::max<int64_t>(1, deadline_ns - now_ns);
  offer.queue = add_text(delivery, router.queue_id(call.queue));
  offer.medium = call.medium;
  offer.priority = call.priority;
  offer.waited_ns = std::max<int64_t>(0, now_ns - call.enqueued_ns);
  offer.requirement = add_text(delivery, router.requirement_of(call));
  if (call.parent.valid()) {
    offer.parent = add_text(delivery, router.call(call.parent).id.view());
    offer.consulting = add_text(delivery, router.agent(router.consulting_agent(index)).id.view());
  }
  if (const CallbackFacts* callback = router.callback_of(call); callback != nullptr) {
    offer.number = add_text(delivery, callback->number);
  }
  offer.answer_mode = router.agent(offered).answer_mode;
  add_update(tenant, offered, offer, stream);
}

void Partition::add_update(Tenant& tenant, AgentIndex agent, DesktopUpdate update,
                           const std::shared_ptr<SwitchStream>& stream) {
  Delivery& delivery = delivery_for(stream);
  update.agent = add_text(delivery, tenant.router.agent(agent).id.view());
  delivery.updates.push_back(update);
}

// To a session that resumes: of all whom it has.
void Partition::tell_attached(Tenant& tenant, SourceIndex desktop,
                              const std::shared_ptr<SwitchStream>& stream) {
  const Router& router = tenant.router;
  for (AgentIndex a = router.sessions().at(desktop).first_agent; a.valid();
       a = router.agent(a).next_of_desktop) {
    if (stream_of_agent(tenant, a) != nullptr) tell_standing(tenant, a, stream);
  }
  DesktopUpdate all_told;
  all_told.kind = DesktopUpdate::Kind::kAllTold;
  delivery_for(stream).updates.push_back(all_told);
}

}  // namespace acd
