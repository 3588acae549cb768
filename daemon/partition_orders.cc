// SPDX-License-Identifier: Apache-2.0
// What a switch is told again when it resumes, because the first time may have been lost.
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/partition.h"
#include "routing/leg_id.h"

namespace acd {
namespace {

// Whether the offer, connection or dial is what it was.
bool is_open(const Router& router, const Router::OpenOffer& offer) {
  const Call& call = router.call(offer.call);
  if (call.stage == CallStage::kDialing || call.stage == CallStage::kDialingOutside) {
    return call.generation == offer.generation;
  }
  if (!offer.agent.valid()) return false;
  const WorkItem* const item = router.agent(offer.agent).find_item(offer.call);
  return item != nullptr && item->generation == offer.generation;
}

}  // namespace

void Partition::add_switch_command(Tenant& tenant, CallIndex call, AgentIndex agent,
                                   SwitchCommand command,
                                   const std::shared_ptr<SwitchStream>& stream) {
  Delivery& delivery = delivery_for(stream);
  command.call = add_text(delivery, tenant.router.call(call).id.view());
  if (command.kind == SwitchCommandKind::kDialOutside) {  // The agent of its event consults.
    const CallIndex parent = tenant.router.call(call).parent;
    command.parent = add_text(delivery, tenant.router.call(parent).id.view());
    command.consulting = add_text(delivery, tenant.router.agent(agent).id.view());
    return delivery.commands.push_back(command);
  }
  if (agent.valid()) command.agent = add_text(delivery, tenant.router.agent(agent).id.view());
  if (command.kind == SwitchCommandKind::kRingAgent ||
      command.kind == SwitchCommandKind::kConnectCall ||
      (command.kind == SwitchCommandKind::kDialCustomer && agent.valid())) {
    const Call& offered = tenant.router.call(call);
    const Agent& reached = tenant.router.agent(agent);
    std::string address(reached.dial_prefix.view());
    command.station = add_text(delivery, address.append(reached.station.view()));
    if (offered.stage != CallStage::kFree && offered.parent.valid()) {
      const AgentIndex consulting = tenant.router.consulting_agent(call);
      command.parent = add_text(delivery, tenant.router.call(offered.parent).id.view());
      command.consulting = add_text(delivery, tenant.router.agent(consulting).id.view());
    }
    if (const WorkItem* const item = tenant.router.agent(agent).find_item(call);
        command.item == 0 && item != nullptr) {
      command.item = item->number;
    }
    if (command.item != 0) command.leg = add_text(delivery, leg_id({agent, command.item}));
    command.answer_mode = tenant.router.agent(agent).answer_mode;
  }
  delivery.commands.push_back(command);
}

void Partition::keep_order(Tenant& tenant, const Event& event, const SwitchCommand& command,
                           TextRef text) {
  const std::string_view texts = tenant.router.events().arena;
  KeptOrder order;
  order.time_ns = event.time_ns;
  order.kind = command.kind;
  order.number = command.number;
  order.call = tenant.router.call(event.call).id.view();
  order.generation = command.generation;
  switch (command.kind) {
    case SwitchCommandKind::kMergeCall:
      if (event.agent.valid()) order.agent = tenant.router.agent(event.agent).id.view();
      order.parent = event.text.in(texts);
      order.consulting = event.text2.in(texts);
      order.conference = command.conference;
      return keep_live_order(tenant, event.source, std::move(order));
    case SwitchCommandKind::kRetrieveCall:
      order.agent = tenant.router.agent(event.agent).id.view();
      [[fallthrough]];
    case SwitchCommandKind::kParkCaller:
      order.text = text.in(texts);
      return keep_live_order(tenant, event.source, std::move(order));
    default:
      order.text = text.in(texts);
  }
  keep_end(tenant, event, std::move(order));
}

void Partition::keep_end(Tenant& tenant, const Event& event, KeptOrder order) {
  if (tenant.ends.size() <= event.source.value()) tenant.ends.resize(event.source.value() + 1);
  std::deque<KeptOrder>& ends = tenant.ends[event.source.value()];
  ends.push_back(std::move(order));
  while (ends.size() > kEndsKeptMax || ends.front().time_ns + kEndsKeptNs < event.time_ns) {
    ends.pop_front();
  }
}

// Behind those that were told before: the switch may have heard none of them.
void Partition::keep_live_order(Tenant& tenant, SourceIndex source, KeptOrder order) {
  LiveOrders& live = tenant.live_orders[order.parent.empty() ? order.call : order.parent];
  live.source = source;
  const int64_t now_ns = order.time_ns;
  live.orders.push_back(std::move(order));
  while (live.orders.size() > kLiveOrdersKeptMax ||
         live.orders.front().time_ns + kEndsKeptNs < now_ns) {
    live.orders.pop_front();
  }
}

// The switch knows that this call is over.
void Partition::forget_end(Tenant& tenant, SourceIndex source, std::string_view call) {
  if (source.value() >= tenant.ends.size()) return;
  std::erase_if(tenant.ends[source.value()],
                [&](const KeptOrder& one) { return one.call == call || one.parent == call; });
}

// Who consults anew is with the caller no longer.
void Partition::forget_retrieval(Tenant& tenant, const Event& event) {
  const auto found = tenant.live_orders.find(event.text3.in(tenant.router.events().arena));
  if (found == tenant.live_orders.end()) return;
  const std::string_view agent = tenant.router.agent(event.agent).id.view();
  std::erase_if(found->second.orders, [agent](const KeptOrder& one) {
    return one.kind == SwitchCommandKind::kRetrieveCall && one.agent == agent;
  });
  if (found->second.orders.empty()) tenant.live_orders.erase(found);
}

void Partition::tend_live_order(Tenant& tenant, const Event& event) {
  if (tenant.live_orders.empty()) return;
  const bool begins_consult = event.kind == EventKind::kCallEnqueued &&
                              event.detail == static_cast<uint8_t>(VisitEntry::kConsult);
  if (begins_consult) return forget_retrieval(tenant, event);
  TextRef queue;
  switch (event.kind) {
    case EventKind::
        kCallConnected:  // Not when an offer is accepted: a phone may do that by itself.
    case EventKind::kCallHeld:
    case EventKind::kCallResumed:
    case EventKind::kCallCompleted:
    case EventKind::kCallAbandoned:
    case EventKind::kCallTimedOut:
    case EventKind::kCallWithdrawn:
    case EventKind::kCallRejected:
    case EventKind::kCallFailed:
    case EventKind::kCallCallbackRequested:
      break;
    case EventKind::kCallOverflowed:  // With its flag: out of here. Else it waits on.
      queue = event.text;
      break;
    case EventKind::kCallTransferred:
      queue = event.text2;
      break;
    default:
      return;
  }
  const auto found = tenant.live_orders.find(tenant.router.call(event.call).id.view());
  if (found == tenant.live_orders.end()) return;
  const bool waits_on = queue.size != 0 && !event.flag;
  if (!waits_on) {
    if (event.kind == EventKind::kCallTransferred &&
        is_joined(event)) {  // By the merge, which the switch may not have heard.
      for (KeptOrder& order : found->second.orders) {
        if (order.kind == SwitchCommandKind::kMergeCall) keep_end(tenant, event, std::move(order));
      }
    }
    tenant.live_orders.erase(found);
    return;
  }
  for (KeptOrder& order : found->second.orders) {
    if (order.kind != SwitchCommandKind::kParkCaller) continue;
    order.text = queue.in(tenant.router.events().arena);
  }
}

void Partition::resend_orders(const Tenant& tenant, SourceIndex source, Delivery& delivery) const {
  const auto resend = [&](const KeptOrder& one) {
    if (one.time_ns + kEndsKeptNs < now_ns_) return;
    SwitchCommand command;
    command.kind = one.kind;
    command.number = one.number;
    command.generation = one.generation;
    command.call = add_text(delivery, one.call);
    command.text = add_text(delivery, one.text);
    command.agent = add_text(delivery, one.agent);
    command.parent = add_text(delivery, one.parent);
    command.consulting = add_text(delivery, one.consulting);
    command.conference = one.conference;
    delivery.commands.push_back(command);
  };
  if (source.value() < tenant.ends.size()) {
    for (const KeptOrder& one : tenant.ends[source.value()]) resend(one);
  }
  for (const auto& [call, live] : tenant.live_orders) {
    if (live.source != source) continue;
    for (const KeptOrder& one : live.orders) resend(one);
  }
}

void Partition::resend_open(Tenant& tenant, const std::vector<Router::OpenOffer>& open,
                            const std::shared_ptr<SwitchStream>& stream) {
  for (const Router::OpenOffer& offer : open) {
    const Call& call = tenant.router.call(offer.call);
    if (!is_open(tenant.router, offer)) continue;  // Lost meanwhile.
    SwitchCommand command;
    command.generation = offer.generation;
    command.kind = call.stage == CallStage::kAlerting ? SwitchCommandKind::kRingAgent
                                                      : SwitchCommandKind::kConnectCall;
    if (call.is_outside()) {
      command.kind = SwitchCommandKind::kDialOutside;
      command.text = add_text(delivery_for(stream), tenant.router.outside_number(call));
    } else if (offer.agent.valid()) {
      const Agent& agent = tenant.router.agent(offer.agent);
      const bool is_rung = agent.answer_mode == AnswerMode::kPhone;
      if (command.kind == SwitchCommandKind::kRingAgent && !is_rung) continue;
      command.item = agent.find_item(offer.call)->number;
    }
    command.timeout_ns = std::max<int64_t>(1, offer.rings_until_ns - now_ns_);
    if (call.stage != CallStage::kAlerting && !call.is_on_line() && !call.is_outside()) {
      command.kind = SwitchCommandKind::kDialCustomer;
      const CallbackFacts& facts = *tenant.router.callback_of(call);
      command.text = add_text(delivery_for(stream), facts.number);
      command.customer_leg =
          add_text(delivery_for(stream), leg_id(CustomerLeg{call.order, facts.dials}));
    }
    add_switch_command(tenant, offer.call, offer.agent, command, stream);
  }
}

}  // namespace acd
