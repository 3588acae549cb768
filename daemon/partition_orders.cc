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

void Partition::fill_parties(const Tenant& tenant, CallIndex call, AgentIndex agent,
                             SwitchCommand* command, std::string* arena) {
  const Router& router = tenant.router;
  const auto copy = [&](std::string_view text) { return acd::add_text(text, arena); };
  command->call = copy(router.call(call).id.view());
  if (command->kind == SwitchCommandKind::kDialOutside) {  // The agent of its event consults.
    command->parent = copy(router.call(router.call(call).parent).id.view());
    command->consulting = copy(router.agent(agent).id.view());
    return;
  }
  if (!agent.valid()) return;
  command->agent = copy(router.agent(agent).id.view());
  if (command->kind != SwitchCommandKind::kRingAgent &&
      command->kind != SwitchCommandKind::kConnectCall &&
      command->kind != SwitchCommandKind::kDialCustomer) {
    return;
  }
  const Call& offered = router.call(call);
  const Agent& reached = router.agent(agent);
  std::string address(reached.dial_prefix.view());
  command->station = copy(address.append(reached.station.view()));
  if (offered.stage != CallStage::kFree && offered.parent.valid()) {
    command->parent = copy(router.call(offered.parent).id.view());
    command->consulting = copy(router.agent(router.consulting_agent(call)).id.view());
  }
  if (const WorkItem* const item = reached.find_item(call); command->item == 0 && item != nullptr) {
    command->item = item->number;
  }
  if (command->item != 0) command->leg = copy(leg_id({agent, command->item}));
  command->answer_mode = reached.answer_mode;
}

void Partition::keep_order(Tenant& tenant, const Event& event, const SwitchCommand& command,
                           std::string_view arena) {
  KeptOrder order;
  order.command = with_texts_in(command, arena, &order.texts);
  if (does_answer(tenant, event.source)) {
    // A session that is forgotten is never resumed; a newer one that lists is told of ends alone.
    const bool is_forgotten = tenant.router.sessions().at(event.source).epoch.empty();
    if (is_forgotten && !is_told_at_a_list(command.kind)) return;
    return keep_unanswered(tenant, event.source, std::move(order), event.time_ns);
  }
  if (is_told_at_a_list(command.kind)) return keep_end(tenant, event, std::move(order));
  keep_live_order(tenant, event.source, std::move(order), event.time_ns);
}

void Partition::keep_end(Tenant& tenant, const Event& event, KeptOrder order) {
  if (tenant.ends.size() <= event.source.value()) tenant.ends.resize(event.source.value() + 1);
  std::deque<KeptOrder>& ends = tenant.ends[event.source.value()];
  ends.push_back(std::move(order));
  while (ends.size() > kEndsKeptMax || ends.front().command.deadline_ns < event.time_ns) {
    ends.pop_front();
  }
}

// Behind those that were told before: the switch may have heard none of them.
void Partition::keep_live_order(Tenant& tenant, SourceIndex source, KeptOrder order,
                                int64_t now_ns) {
  LiveOrders& live =
      tenant.live_orders[std::string(order.parent().empty() ? order.call() : order.parent())];
  live.source = source;
  live.orders.push_back(std::move(order));
  while (live.orders.size() > kLiveOrdersKeptMax ||
         live.orders.front().command.deadline_ns < now_ns) {
    live.orders.pop_front();
  }
}

// The switch knows that this call is over.
void Partition::forget_end(Tenant& tenant, SourceIndex source, std::string_view call) {
  if (source.value() >= tenant.ends.size()) return;
  std::erase_if(tenant.ends[source.value()],
                [&](const KeptOrder& one) { return one.call() == call || one.parent() == call; });
}

// Who consults anew is with the caller no longer.
void Partition::forget_retrieval(Tenant& tenant, const Event& event) {
  const auto found = tenant.live_orders.find(event.text3.in(tenant.router.events().arena));
  if (found == tenant.live_orders.end()) return;
  const std::string_view agent = tenant.router.agent(event.agent).id.view();
  std::erase_if(found->second.orders, [agent](const KeptOrder& one) {
    return one.command.kind == SwitchCommandKind::kRetrieveCall && one.agent() == agent;
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
        if (order.command.kind != SwitchCommandKind::kMergeCall) continue;
        keep_end(tenant, event, std::move(order));
      }
    }
    tenant.live_orders.erase(found);
    return;
  }
  for (KeptOrder& order : found->second.orders) {
    if (order.command.kind != SwitchCommandKind::kParkCaller) continue;
    order.command.text = acd::add_text(queue.in(tenant.router.events().arena), &order.texts);
  }
}

void Partition::resend_order(const KeptOrder& order, Delivery& delivery) const {
  if (order.command.deadline_ns < now_ns_) return;
  SwitchCommand command = with_texts_in(order.command, order.texts, &delivery.arena);
  if (command.timeout_ns > 0) {
    command.timeout_ns = std::max<int64_t>(1, command.deadline_ns - now_ns_);
  }
  delivery.commands.push_back(command);
}

void Partition::resend_orders(const Tenant& tenant, SourceIndex source, Delivery& delivery) const {
  if (source.value() < tenant.ends.size()) {
    for (const KeptOrder& one : tenant.ends[source.value()]) resend_order(one, delivery);
  }
  for (const auto& [call, live] : tenant.live_orders) {
    if (live.source != source) continue;
    for (const KeptOrder& one : live.orders) resend_order(one, delivery);
  }
}

void Partition::resend_open(Tenant& tenant, const std::vector<Router::OpenOffer>& open,
                            const std::shared_ptr<SwitchStream>& stream) {
  for (const Router::OpenOffer& offer : open) {
    const Call& call = tenant.router.call(offer.call);
    if (!is_open(tenant.router, offer)) continue;  // Lost meanwhile.
    SwitchCommand command;
    command.generation = offer.generation;
    command.kind = awaited_kind(call);
    if (call.is_outside()) {
      command.text = add_text(delivery_for(stream), tenant.router.outside_number(call));
    } else if (offer.agent.valid()) {
      const Agent& agent = tenant.router.agent(offer.agent);
      const bool is_rung = agent.answer_mode == AnswerMode::kPhone;
      if (command.kind == SwitchCommandKind::kRingAgent && !is_rung) continue;
      command.item = agent.find_item(offer.call)->number;
    }
    command.deadline_ns = std::min(offer.rings_until_ns, now_ns_ + kPromptDeadlineNs);
    command.timeout_ns = std::max<int64_t>(1, offer.rings_until_ns - now_ns_);
    if (command.kind == SwitchCommandKind::kDialCustomer) {
      const CallbackFacts& facts = *tenant.router.callback_of(call);
      command.text = add_text(delivery_for(stream), facts.number);
      command.customer_leg =
          add_text(delivery_for(stream), leg_id(CustomerLeg{call.order, facts.dials}));
    }
    Delivery& delivery = delivery_for(stream);
    fill_parties(tenant, offer.call, offer.agent, &command, &delivery.arena);
    delivery.commands.push_back(command);
  }
}

}  // namespace acd
