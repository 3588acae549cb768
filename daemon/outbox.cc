// SPDX-License-Identifier: Apache-2.0
#include "daemon/outbox.h"

#include <utility>

#include "routing/check.h"

namespace acd {

SwitchCommand with_texts_in(SwitchCommand command, std::string_view from, std::string* to) {
  for_each_text(command, [&](TextRef& ref) {
    if (ref.size != 0) ref = add_text(ref.in(from), to);
  });
  return command;
}

SwitchCommandKind awaited_kind(const Call& call) {
  if (call.is_outside()) return SwitchCommandKind::kDialOutside;
  if (call.stage == CallStage::kAlerting) return SwitchCommandKind::kRingAgent;
  if (call.is_on_line()) return SwitchCommandKind::kConnectCall;
  return SwitchCommandKind::kDialCustomer;
}

std::string_view command_name(SwitchCommandKind kind) {
  switch (kind) {
    case SwitchCommandKind::kRingAgent:
      return "ring_agent";
    case SwitchCommandKind::kStopRinging:
      return "stop_ringing";
    case SwitchCommandKind::kConnectCall:
      return "connect_call";
    case SwitchCommandKind::kDropLeg:
      return "drop_leg";
    case SwitchCommandKind::kPlayTreatment:
      return "play_treatment";
    case SwitchCommandKind::kTransferCall:
      return "transfer_call";
    case SwitchCommandKind::kReleaseCall:
      return "release_call";
    case SwitchCommandKind::kParkCaller:
      return "park_caller";
    case SwitchCommandKind::kRetrieveCall:
      return "retrieve_call";
    case SwitchCommandKind::kMergeCall:
      return "merge_call";
    case SwitchCommandKind::kLogOutAgent:
      return "log_out_agent";
    case SwitchCommandKind::kDialCustomer:
      return "dial_customer";
    case SwitchCommandKind::kDialOutside:
      return "dial_outside";
    case SwitchCommandKind::kSuperviseCall:
      return "supervise_call";
  }
  return "unknown";
}

void Outbox::keep(KeptOrder order) {
  const int64_t id = order.command.id;
  due_.emplace(order.command.deadline_ns, id);
  const bool is_new = orders_.emplace(id, std::move(order)).second;
  ACD_CHECK(is_new);
}

std::optional<KeptOrder> Outbox::take(int64_t id) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return std::nullopt;
  std::optional<KeptOrder> taken = std::move(found->second);
  due_.erase({taken->command.deadline_ns, id});
  orders_.erase(found);
  return taken;
}

std::vector<KeptOrder> Outbox::take_all() {
  std::vector<KeptOrder> taken;
  taken.reserve(orders_.size());
  for (auto& [id, order] : std::exchange(orders_, {})) taken.push_back(std::move(order));
  due_.clear();
  return taken;
}

std::optional<KeptOrder> Outbox::take_overdue(int64_t now_ns) {
  if (orders_.empty()) return std::nullopt;
  if (due_.begin()->first < now_ns) return take(due_.begin()->second);
  return orders_.size() > kOutboxMax ? take(orders_.begin()->first) : std::nullopt;
}

}  // namespace acd
