// SPDX-License-Identifier: Apache-2.0
// What a switch is told again when it resumes, because the first time may have been lost.
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/partition.h"

namespace acd {

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
      order.agent = tenant.router.agent(event.agent).id.view();
      order.parent = event.text.in(texts);
      order.consulting = event.text2.in(texts);
      order.conference = command.conference;
      tenant.live_orders[order.parent] = {event.source, order};
      return;
    case SwitchCommandKind::kRetrieveCall:
      order.agent = tenant.router.agent(event.agent).id.view();
      [[fallthrough]];
    case SwitchCommandKind::kParkCaller:
      order.text = text.in(texts);
      tenant.live_orders[order.call] = {event.source, order};
      return;
    default:
      order.text = text.in(texts);
  }
  if (tenant.ends.size() <= event.source.value()) tenant.ends.resize(event.source.value() + 1);
  std::deque<KeptOrder>& ends = tenant.ends[event.source.value()];
  ends.push_back(std::move(order));
  while (ends.size() > kEndsKeptMax || ends.front().time_ns + kEndsKeptNs < event.time_ns) {
    ends.pop_front();
  }
}

// The switch knows that this call is over.
void Partition::forget_end(Tenant& tenant, SourceIndex source, std::string_view call) {
  if (source.value() >= tenant.ends.size()) return;
  std::erase_if(tenant.ends[source.value()],
                [&](const KeptOrder& one) { return one.call == call; });
}

// A call goes on otherwise, or is over.
void Partition::forget_live_order(Tenant& tenant, const Event& event) {
  if (tenant.live_orders.empty()) return;
  switch (event.kind) {
    case EventKind::kOfferAccepted:
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
    case EventKind::kCallTransferred:
      if (event.flag) break;
      return;
    default:
      return;
  }
  const auto found = tenant.live_orders.find(tenant.router.call(event.call).id.view());
  if (found != tenant.live_orders.end()) tenant.live_orders.erase(found);
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
  for (const auto& [call, order] : tenant.live_orders) {
    if (order.first == source) resend(order.second);
  }
}

}  // namespace acd
