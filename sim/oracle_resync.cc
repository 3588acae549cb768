// SPDX-License-Identifier: Apache-2.0
// The oracle's switches that list what they have.
#include <algorithm>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {

void Oracle::expect_list(Source& source, bool restarted) {
  // The first beginning counts; who restarted has the time of a return at least.
  if (!source.is_resyncing) source.resync_until_ns = now_ns_ + config_.switch_grace_ns;
  const int64_t return_ns = now_ns_ + kReconnectGraceDefaultNs;
  if (restarted && source.resync_until_ns < return_ns) source.resync_until_ns = return_ns;
  source.is_resyncing = true;
  source.resync_before = next_order_;
  source.deadline_ns = std::max(source.resync_until_ns, now_ns_);
}

Reject Oracle::list_event(const Command& command, std::string_view arena, Call* call) {
  if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
  Source& source = sessions_.at(command.source);
  if (command.kind == CommandKind::kResyncBegin) {
    if (!source.connected) return Reject::kSwitchAway;
    expect_list(source, false);
    return Reject::kNone;
  }
  if (!source.connected || !source.is_resyncing) return Reject::kResyncNotOpen;
  if (command.kind == CommandKind::kResyncEnd) {
    end_resync(command.source, false);
    return Reject::kNone;
  }
  if (command.kind == CommandKind::kKeepAgent) return keep_agent(command, arena);
  if (command.generation != 0) return keep_talk(command, arena, call);
  if (call == nullptr) return enqueue_call(command, arena);
  return keep_waiting(*call, queue_or_drain(std::string(command.name.in(arena))));
}

void Oracle::end_resync(SourceIndex index, bool is_late) {
  Source& source = sessions_.at(index);
  source.is_resyncing = false;
  source.deadline_ns = kNeverNs;
  source.lost_before = source.resync_before;
  Event& event = emit(EventKind::kSwitchResynced);
  event.source = index;
  event.flag = is_late;
  lose_source(index);
}

Reject Oracle::keep_waiting(Call& call, QueueIndex to) {
  if (call.stage == Stage::kConnected && !call.parent) {
    if (call.transfers >= kTransfersMaxLimit) return Reject::kTransfersUsed;
    if (!to.valid()) return Reject::kQueueUnknown;
  }
  call.source_order = next_order_++;
  switch (call.stage) {
    case Stage::kEnqueued:
    case Stage::kScheduled:
    case Stage::kDialingOutside:
    case Stage::kOutside:
      return Reject::kNone;
    case Stage::kAlerting: {
      const std::vector<Offer> open = call.offers;
      for (const Offer& offer : open) {
        fail_offer(call, offer.generation, OfferOutcome::kRescinded, true, 0);
      }
      return Reject::kNone;
    }
    case Stage::kDialing:
    case Stage::kConnecting:
      if (call.is_on_line) {
        requeue(call, false, OfferOutcome::kRescinded);
      } else {
        end_dial(call, DialOutcome::kNone, false);
      }
      return Reject::kNone;
    case Stage::kConnected:
      break;
  }
  if (call.parent) {
    finish_call(call, EventKind::kCallCompleted, static_cast<uint8_t>(EndedBy::kSwitch), 0);
    return Reject::kNone;
  }
  // Nobody has the caller any longer.
  while (call.offers.size() > 1) let_leave(call, call.offers[1].agent, 0, false, false);
  end_consult(call, call.offers.front().agent, false);
  Destination back;
  back.target = TransferTarget::kQueue;
  back.queue = to;
  back.name = queue_at(to).config.id;
  move_elsewhere(call, back);
  return Reject::kNone;
}

Reject Oracle::keep_talk(const Command& command, std::string_view arena, Call* call) {
  const AgentIndex index = find_agent(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  if (call != nullptr && call->stage > Stage::kConnected) {
    call->source_order = next_order_++;
    return Reject::kNone;
  }
  if (call != nullptr) {
    for (const Offer& offer : call->offers) {
      if (offer.agent != index) continue;
      call->source_order = next_order_++;
      Command joined = command;
      joined.generation = offer.generation;
      call_connected(joined, arena, call);
      return Reject::kNone;
    }
  }
  const Agent& agent = agent_at(index);
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.source != command.source) return Reject::kAgentOfOtherSwitch;
  if (call != nullptr) {
    const bool was_connected = call->stage == Stage::kConnected;
    finish_call(*call, was_connected ? EventKind::kCallCompleted : EventKind::kCallWithdrawn,
                static_cast<uint8_t>(EndedBy::kSwitch), command.cause);
  }
  if (agent.presence == Presence::kLoggedOut) return Reject::kNone;
  return phone_is(CommandKind::kPhoneBusy, agent);
}

Reject Oracle::keep_agent(const Command& command, std::string_view arena) {
  const Reject reject = log_in(command, arena);
  if (reject != Reject::kNone) return reject;
  Agent& agent = agent_at(find_agent(command.name.in(arena)));
  turn_leg(agent, false);
  return phone_is(CommandKind::kPhoneIdle, agent);
}

Reject Oracle::phone_is(CommandKind kind, const Agent& agent) {
  const std::string station(agent.station);
  Command phone;
  phone.kind = kind;
  phone.source = agent.source;
  phone.text = {0, static_cast<uint32_t>(station.size())};
  return phone_event(phone, station);
}

}  // namespace acd
