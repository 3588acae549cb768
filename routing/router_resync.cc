// SPDX-License-Identifier: Apache-2.0
// A switch that restarted, or lost events, lists what it has: that is kept, the rest is lost.
#include <algorithm>
#include <string>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {

// What is known of the switch counts no longer, but is not lost yet. One that begins its list anew
// has no more time for it, but a switch that restarted once more has some.
void Router::expect_list(SourceIndex index, bool is_new_epoch) {
  Source& source = sessions_.at(index);
  const bool is_begun = source.is_resyncing;
  source.is_resyncing = true;
  source.rematch_pending = true;  // Nothing is offered before it is known what there is.
  source.resync_before = next_order_;
  if (!is_begun) source.resync_until_ns = now_ns_ + config_.switch_grace_ns;
  if (is_new_epoch) {
    source.resync_until_ns = std::max(source.resync_until_ns, now_ns_ + kReconnectGraceDefaultNs);
  }
}

Reject Router::begin_resync(SourceIndex index) {
  if (!sessions_.at(index).connected) return Reject::kSwitchAway;
  expect_list(index, false);
  fire_source(index);
  return Reject::kNone;
}

// `is_late`: the list did not end in time; what is not on it until now is lost all the same.
void Router::end_resync(SourceIndex index, bool is_late) {
  Source& source = sessions_.at(index);
  source.is_resyncing = false;
  source.resync_until_ns = kNeverNs;
  source.lost_before = source.resync_before;
  Event& event = emit(EventKind::kSwitchResynced);
  event.source = index;
  event.flag = is_late;
  fire_source(index);
}

// Behind all that is lost if the list ends now.
void Router::put_behind(CallIndex index) {
  unlink_call(index);
  calls_.at(index).source_order = next_order_++;
  link_call(index);
}

Reject Router::keep_call(const Command& command, std::string_view arena, CallIndex index,
                         const HashedName& id) {
  if (!sessions_.at(command.source).is_here_to_list()) return Reject::kResyncNotOpen;
  if (command.generation != 0) return keep_talk(command, arena, index);
  if (!index.valid()) return enqueue_call(command, arena, id);
  Call& call = calls_.at(index);
  const bool is_returned = call.stage == CallStage::kConnected && !call.parent.valid();
  const QueueIndex to = queue_or_drain(command.name.in(arena));
  if (is_returned && call.transfers >= kTransfersMaxLimit) return Reject::kTransfersUsed;
  if (is_returned && !to.valid()) return Reject::kQueueUnknown;
  put_behind(index);
  switch (call.stage) {
    case CallStage::kAlerting:
      rescind_offers(index);
      return_to_queue(index);
      break;
    case CallStage::kConnecting:
    case CallStage::kDialing:
      // The legs are gone, and nobody is to blame.
      if (call.is_on_line()) {
        requeue(index, false, OfferOutcome::kRescinded);
      } else {
        end_dial(index, DialOutcome::kNone, false);
      }
      break;
    case CallStage::kConnected:
      if (call.parent.valid()) {
        finish_call(index,
                    {EventKind::kCallCompleted, static_cast<uint8_t>(EndedBy::kSwitch), 0, {}});
        break;
      }
      return_caller(index, to);
      break;
    case CallStage::kEnqueued:
    case CallStage::kScheduled:
    case CallStage::kDialingOutside:
    case CallStage::kOutside:
    case CallStage::kFree:
      break;
  }
  return Reject::kNone;
}

// Their agents are on the call no longer, as nobody had told: the caller waits again.
void Router::return_caller(CallIndex index, QueueIndex to) {
  for (AgentIndex a = next_party(calls_.at(index).agent, index); a.valid();
       a = next_party(calls_.at(index).agent, index)) {
    remove_party(index, a, 0, false, false);
  }
  end_consult(index, calls_.at(index).agent, false);
  Transfer transfer;
  transfer.target = TransferTarget::kQueue;
  transfer.queue = to;
  const std::string name = queue(to).config.id;
  transfer.name = name;
  move_by_transfer(index, transfer);
}

// The caller talks with that agent.
Reject Router::keep_talk(const Command& command, std::string_view arena, CallIndex index) {
  const AgentIndex agent = roster_.find(command.name.in(arena));
  if (!agent.valid()) return Reject::kAgentUnknown;
  const bool is_out = index.valid() && calls_.at(index).is_outside();
  if (is_out || (index.valid() && roster_.at(agent).find_item(index) != nullptr)) {
    put_behind(index);
    if (is_out) return Reject::kNone;
    Command connected = command;
    connected.generation = roster_.at(agent).item_of(index).generation;
    return call_connected(connected, arena, index);
  }
  if (roster_.at(agent).presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (roster_.at(agent).source != command.source) return Reject::kAgentOfOtherSwitch;
  // Somebody joined the two, not the daemon: the call is not its own, and the phone is busy.
  if (index.valid()) {
    const bool is_connected = calls_.at(index).stage == CallStage::kConnected;
    finish_call(index, {is_connected ? EventKind::kCallCompleted : EventKind::kCallWithdrawn,
                        static_cast<uint8_t>(EndedBy::kSwitch), command.cause});
  }
  if (roster_.at(agent).presence == Presence::kLoggedOut) return Reject::kNone;  // With that call.
  return phone_is(CommandKind::kPhoneBusy, agent);
}

Reject Router::phone_is(CommandKind kind, AgentIndex index) {
  const Agent& agent = roster_.at(index);
  const std::string station(agent.station.view());
  Command phone;
  phone.kind = kind;
  phone.source = agent.source;
  phone.text = {0, static_cast<uint32_t>(station.size())};
  return phone_event(phone, station);
}

// Told anew since the list began, so that they are not lost with its end.
void Router::renew_log_in(AgentIndex index) {
  const Source& source = sessions_.at(roster_.at(index).source);
  if (!source.is_resyncing || roster_.at(index).log_in_order >= source.resync_before) return;
  unlink_agent(index);
  roster_.at(index).log_in_order = next_order_++;
  link_agent(index);
  refresh_agent_timer(index);
}

Reject Router::keep_agent(const Command& command, std::string_view arena) {
  if (!sessions_.at(command.source).is_here_to_list()) return Reject::kResyncNotOpen;
  const Reject reject = log_in(command, arena);
  if (reject != Reject::kNone) return reject;
  const AgentIndex index = roster_.find(command.name.in(arena));
  // Which legs are up, and what is busy, is told anew.
  turn_leg(index, false);
  return phone_is(CommandKind::kPhoneIdle, index);
}

std::string Router::list_fault() const {
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    const Source& source = sessions_.at(SourceIndex(i));
    if (source.kind == SourceKind::kDesktop) continue;
    const std::string which = "switch " + std::string(source.id.view());
    const bool is_timed = source.deadline_ns != kNeverNs;
    if (source.is_resyncing && (!source.rematch_pending || !is_timed)) {
      return which + " lists what it has, but is given calls, or for ever";
    }
    const CallIndex call = source.first_call;
    const AgentIndex agent = source.first_agent;
    const bool has_lost = (call.valid() && calls_.at(call).source_order < source.lost_before) ||
                          (agent.valid() && roster_.at(agent).log_in_order < source.lost_before);
    if (has_lost && !is_timed) return which + " has what it does not know";
  }
  return {};
}

}  // namespace acd
