// SPDX-License-Identifier: Apache-2.0
// Switches: their sessions, the grace of one that is away, and the loss of what it no longer knows.
#include <algorithm>
#include <vector>

#include "routing/router.h"

namespace acd {

Reject Router::open_session(const Command& command, std::string_view arena) {
  const std::string_view id = command.name.in(arena);
  const std::string_view epoch = command.text.in(arena);
  const bool is_desktop = command.detail == static_cast<uint8_t>(SourceKind::kDesktop);
  const auto kind = is_desktop ? SourceKind::kDesktop : SourceKind::kSwitch;
  SourceIndex index = sessions_.find(id, kind);
  if (!index.valid()) {
    index = sessions_.add(id, kind);
    if (!index.valid()) return Reject::kLimitReached;
    if (reach_.size() < sessions_.size()) reach_.add(is_desktop ? std::string_view() : id);
  }
  Source& source = sessions_.at(index);
  const bool resumed = source.epoch.view() == epoch;
  const bool has_list = command.number != 0;
  if (!resumed) {
    source.epoch = IdText(epoch);
    source.last_sequence = 0;
    source.refusals.clear();
    if (has_list) {
      expect_list(index, true);
    } else {
      source.is_resyncing = false;
      source.resync_until_ns = kNeverNs;
      source.lost_before = next_order_;
    }
  }
  source.connected = true;
  if (is_desktop) {
    open_desktop(index, resumed);
    return Reject::kNone;
  }
  source.reports_ringing = command.flag;
  source.rematch_pending = true;
  Event& event = emit(EventKind::kSwitchConnected);
  event.source = index;
  event.flag = resumed;
  event.detail = source.is_resyncing ? 1 : 0;
  event.text = log_.add_text(id);
  fire_source(index);
  return Reject::kNone;
}

void Router::close_session(SourceIndex index) {
  Source& source = sessions_.at(index);
  if (!source.connected) return;
  source.connected = false;
  if (source.kind == SourceKind::kDesktop) return close_desktop(index);
  set_source_deadline(index, now_ns_ + config_.switch_grace_ns);
  // What is left of a loss goes when the grace is over; nobody waits for that.
  end_loss(index);
  emit(EventKind::kSwitchDisconnected).source = index;
}

void Router::resume_after_restart() {
  // Deadlines that fell due while nobody ran move, in order, to the end of the reconnect grace.
  int64_t deadline_ns = now_ns_ + kReconnectGraceDefaultNs;
  while (timers_.next_deadline_ns() < now_ns_) {
    const TimerQueue::Timer timer = timers_.pop();
    switch (timer.kind) {
      case TimerKind::kBulk:
        break;
      case TimerKind::kSource:
        set_source_deadline(SourceIndex(timer.index), deadline_ns);
        break;
      case TimerKind::kAgent:
        // The agent's next one comes in its turn.
        set_item_deadline(AgentIndex(timer.index), first_due(&roster_.at(AgentIndex(timer.index))),
                          deadline_ns);
        break;
      case TimerKind::kCall:
        set_call_deadline(CallIndex(timer.index), deadline_ns);
        calls_.at(CallIndex(timer.index)).not_before_ns = deadline_ns;
        break;
    }
    if (timer.kind != TimerKind::kBulk) ++deadline_ns;
  }
  // Nobody waits for bulk work but ourselves.
  if (bulk_ != BulkPhase::kNone) timers_.set(TimerKind::kBulk, 0, 0, bulk_deadline_ns_);
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    Source& source = sessions_.at(SourceIndex(i));
    // A list that this cut goes on as long again; whom a desktop left behind may be attached again.
    if (source.is_resyncing) {
      source.resync_until_ns = now_ns_ + config_.switch_grace_ns;
    } else if (source.resync_until_ns < now_ns_) {
      source.resync_until_ns = now_ns_ + kReconnectGraceDefaultNs;
    }
    close_session(SourceIndex(i));
  }
}

// When the grace is over all is lost, and the switch learns it, because its epoch is no longer known.
void Router::forget_if_away(Source* source) {
  if (source->connected || source->epoch.empty()) return;  // Once, not with each slice.
  source->lost_before = next_order_;
  source->is_resyncing = false;
  source->resync_until_ns = kNeverNs;
  source->epoch = IdText();
  source->last_sequence = 0;
  source->refusals.clear();
}

void Router::fire_source(SourceIndex index) {
  Source& source = sessions_.at(index);
  source.deadline_ns = kNeverNs;
  timers_.cancel(TimerKind::kSource, index.value());
  forget_if_away(&source);
  if (source.kind == SourceKind::kDesktop) return fire_desktop(index);
  bool done = lose_slice(index);
  // Where rules join switches nobody is given anything before all that is lost is gone.
  if (!done && !reach_.empty()) losing_.insert(index);
  if (done) end_loss(index);
  if (done && source.is_here() && source.rematch_pending) {
    source.rematch_pending = false;
    // Else the bulk work ends with a match of everything. Others' calls may want whom this brings.
    if (bulk_ == BulkPhase::kNone) done = rematch(reach_.empty() ? index : SourceIndex());
    source.rematch_pending = !done;
  }
  // What is left goes on at the next Advance.
  if (!done) set_source_deadline(index, now_ns_);
  if (done && source.is_here_to_list()) {
    set_source_deadline(index, std::max(source.resync_until_ns, now_ns_));
  }
  is_slice_left_ = !done;
}

void Router::end_loss(SourceIndex index) {
  if (losing_.erase(index) != 0 && losing_.empty()) start_bulk(BulkPhase::kMatch);
}

bool Router::lose_slice(SourceIndex index) {
  Source& source = sessions_.at(index);
  for (size_t i = 0; i < kBulkSliceMax; ++i) {
    const CallIndex call = source.first_call;
    if (call.valid() && calls_.at(call).source_order < source.lost_before) {
      if (!calls_.at(call).is_of_nobody() || calls_.at(call).stage == CallStage::kConnected) {
        finish_call(call, {EventKind::kCallFailed, static_cast<uint8_t>(FailReason::kSwitchLost)});
      } else {
        outlive_switch(call);
      }
    } else if (source.first_agent.valid() &&
               roster_.at(source.first_agent).log_in_order < source.lost_before) {
      lose_agent(source.first_agent);
    } else {
      return true;
    }
  }
  return false;
}

// With the calls of their own switch gone, who has none of another one in hand is logged out. Such a
// call is its switch's to report: who is being joined to it or has it logs out when it is done.
void Router::lose_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  for (;;) {
    const auto lost =
        std::find_if(agent.items.begin(), agent.items.end(), [&](const WorkItem& one) {
          return !one.call.valid() || calls_.at(one.call).stage == CallStage::kAlerting;
        });
    if (lost == agent.items.end()) break;
    if (lost->call.valid()) {
      fail_offer(lost->call, index, OfferOutcome::kRescinded, true, 0);
    } else {
      finish_item(index, &*lost, false);
    }
  }
  if (agent.presence == Presence::kLoggedOut) return;
  if (agent.items.empty()) return leave(index, false);
  turn_leg(index, false);
  agent.log_out_pending = true;
  agent.log_out_on_behalf = false;
  unlink_agent(index);
  agent.log_in_order = next_order_++;  // It counts as new, so that it is not lost again.
  link_agent(index);
  refresh_idle(index);
}

void Router::set_source_deadline(SourceIndex index, int64_t deadline_ns) {
  sessions_.at(index).deadline_ns = deadline_ns;
  if (deadline_ns == kNeverNs) return timers_.cancel(TimerKind::kSource, index.value());
  timers_.set(TimerKind::kSource, index.value(), index.value(), deadline_ns);
}

std::vector<Router::OpenOffer> Router::open_offers(SourceIndex source) const {
  std::vector<OpenOffer> open;
  for (CallIndex i = sessions_.at(source).first_call; i.valid(); i = calls_.at(i).next_of_source) {
    add_open_offers(i, &open);
  }
  return open;
}

void Router::add_open_offers(CallIndex index, std::vector<OpenOffer>* open) const {
  const Call& call = calls_.at(index);
  for (AgentIndex a = call.first_offered; a.valid(); a = next_offered(a, index)) {
    open->push_back({index, a, roster_.at(a).item_of(index).generation, call.deadline_ns});
  }
  // When its phone stops ringing a customer who was reached has the time of a connection left.
  const int64_t deadline_ns =
      call.deadline_ns - (call.is_on_line() ? 0 : queue(call.queue).config.connect_timeout_ns);
  if (call.stage == CallStage::kConnecting) {
    const WorkItem& item = roster_.at(call.agent).item_of(index);
    open->push_back({index, call.agent, item.generation, deadline_ns});
  }
  if (call.stage == CallStage::kDialing) {
    open->push_back({index, AgentIndex(), call.generation, deadline_ns});
  }
  if (call.stage == CallStage::kDialingOutside) {
    open->push_back({index, consulting_agent(index), call.generation, kNeverNs});
  }
}

}  // namespace acd
