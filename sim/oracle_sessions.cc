// SPDX-License-Identifier: Apache-2.0
// Sessions of the oracle: switches that come, go and are lost.
#include <algorithm>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {

Reject Oracle::open_session(const Command& command, std::string_view arena) {
  const std::string_view id = command.name.in(arena);
  const std::string_view epoch = command.text.in(arena);
  const auto kind = static_cast<SourceKind>(command.detail);
  SourceIndex index = sessions_.find(id, kind);
  if (!index.valid()) index = sessions_.add(id, kind);
  if (!index.valid()) return Reject::kLimitReached;
  Source& source = sessions_.at(index);
  const bool resumed = source.epoch.view() == epoch;
  source.deadline_ns = kNeverNs;
  if (!resumed) {
    source.epoch = IdText(epoch);
    source.last_sequence = 0;
    source.refusals.clear();
    if (command.number != 0) {
      expect_list(source, true);
    } else {
      source.is_resyncing = false;
      source.lost_before = next_order_;
    }
  } else if (source.is_resyncing) {
    source.deadline_ns = std::max(source.resync_until_ns, now_ns_);
  }
  source.connected = true;
  if (kind == SourceKind::kDesktop) {
    open_desktop(index, resumed);
    return Reject::kNone;
  }
  source.reports_ringing = command.flag;
  Event& event = emit(EventKind::kSwitchConnected);
  event.source = index;
  event.flag = resumed;
  event.detail = source.is_resyncing ? 1 : 0;
  event.text = log_.add_text(id);
  lose_source(index);
  return Reject::kNone;
}

void Oracle::close_session(SourceIndex index) {
  Source& source = sessions_.at(index);
  if (!source.connected) return;
  source.connected = false;
  if (source.kind == SourceKind::kDesktop) {
    source.deadline_ns = now_ns_ + config_.agent_grace_ns;
    emit(EventKind::kDesktopDisconnected).source = index;
    find_stranded();
    return;
  }
  source.deadline_ns = now_ns_ + config_.switch_grace_ns;
  emit(EventKind::kSwitchDisconnected).source = index;
}

// Ends what the switch no longer knows.
void Oracle::lose_source(SourceIndex index) {
  const uint64_t lost_before = sessions_.at(index).lost_before;
  std::map<uint64_t, uint64_t> lost;  // As they came to the switch.
  for (const auto& [order, call] : calls_) {
    if (call.source == index && call.source_order < lost_before) {
      lost.emplace(call.source_order, order);
    }
  }
  for (const auto& [source_order, order] : lost) {
    if (!calls_.contains(order)) continue;  // A consult, with the call that it was about.
    Call& call = calls_.at(order);
    if (!call.is_of_nobody() || call.stage == Stage::kConnected) {
      finish_call(call, EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kSwitchLost), 0);
    } else {
      take_back(call);
    }
  }
  std::map<uint64_t, AgentIndex> leavers;
  for (const Agent& agent : agents_) {
    if (agent.presence == Presence::kLoggedOut || agent.source != index) continue;
    if (agent.log_in_order < lost_before) leavers.emplace(agent.log_in_order, agent.index);
  }
  for (const auto& [order, leaver] : leavers) {
    lose_agent(agent_at(leaver));
  }
}

// A call of another switch that is connected, or about to be, is kept until that switch ends it; an
// open leg went with the agent's own.
void Oracle::lose_agent(Agent& agent) {
  const auto kept = [&](const Item& one) {
    return one.call.has_value() && calls_.at(*one.call).stage != Stage::kAlerting;
  };
  for (;;) {
    const auto lost = std::find_if_not(agent.items.begin(), agent.items.end(), kept);
    if (lost == agent.items.end()) break;
    if (!lost->call.has_value()) {
      finish_item(agent, *lost, false);
      continue;
    }
    Call& call = calls_.at(*lost->call);
    const auto offer = std::find_if(call.offers.begin(), call.offers.end(),
                                    [&](const Offer& one) { return one.agent == agent.index; });
    fail_offer(call, offer->generation, OfferOutcome::kRescinded, true, 0);
  }
  if (agent.presence == Presence::kLoggedOut) return;
  if (agent.items.empty()) {
    leave(agent, false);
    return;
  }
  turn_leg(agent, false);
  agent.log_out_pending = true;
  agent.is_switch_unaware = false;
  agent.log_in_order = next_order_++;
  agent.changed = true;
}

}  // namespace acd
