// SPDX-License-Identifier: Apache-2.0
// The oracle's agents and phones.
#include <algorithm>
#include <optional>

#include "routing/check.h"
#include "sim/oracle.h"

namespace acd {
namespace {

bool is_by_phone(Medium medium) { return medium == Medium::kVoice || medium == Medium::kCallback; }

}  // namespace

// --- Commands.

Reject Oracle::log_in(const Command& command, std::string_view arena) {
  if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
  const AgentIndex index = find_agent(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  if (command.detail > static_cast<uint8_t>(AnswerMode::kNailedUp)) return Reject::kAgentState;
  if (command.number < 0 || command.number > kAllMedia) return Reject::kAgentState;
  const std::string_view station = command.text.in(arena);
  const auto mode = static_cast<AnswerMode>(command.detail);
  const MediaMask media = command.number == 0 ? kAllMedia : static_cast<MediaMask>(command.number);
  Agent& agent = agent_at(index);
  const AgentIndex occupant = at_station(command.source, station);
  if (occupant == index && agent.answer_mode == mode && agent.station_media == media) {
    const Source& station_source = sessions_.at(command.source);
    const bool is_owed = station_source.is_resyncing;  // A list: who is told anew is kept.
    if (is_owed && agent.log_in_order < station_source.resync_before) {
      agent.log_in_order = next_order_++;
    }
    if (command.kind != CommandKind::kKeepAgent) take_log_out_back(agent);
    return Reject::kNone;
  }
  // The newer log-in takes over, of the agent and of the station, and ends what is wrapped up there.
  if (is_on_contact(agent)) return Reject::kAgentBusy;
  if (occupant.valid() && is_on_contact(agent_at(occupant))) return Reject::kStationBusy;
  agent.is_switch_unaware = false;
  if (occupant.valid()) agent_at(occupant).is_switch_unaware = false;
  if (agent.presence != Presence::kLoggedOut) leave(agent, occupant != index);
  if (occupant.valid() && occupant != index) leave(agent_at(occupant), true);

  agent.source = command.source;
  agent.station = station;
  agent.answer_mode = mode;
  agent.station_media = media;
  agent.log_in_order = next_order_++;
  agent.rejects = 0;
  agent.no_answers = 0;
  agent.idle_since_ns = now_ns_;
  start_counts(agent);
  Event& event = emit(EventKind::kAgentLoggedIn);
  event.agent = index;
  event.source = agent.source;
  event.text = log_.add_text(station);
  event.detail = static_cast<uint8_t>(mode);
  event.number = media;
  set_presence(agent, Presence::kNotReady, kReasonLoggedIn);
  find_stranded();
  return Reject::kNone;
}

// A newcomer is not flooded.
void Oracle::start_counts(Agent& agent) {
  agent.calls = std::max(agent.calls, fewest_calls_floor_);
  for (Queue& queue : queues_) {
    const bool has_share = queue.config.strategy == Strategy::kPercentAllocation &&
                           membership(queue, agent).percent > 0;
    if (queue.removed || !has_share) continue;
    queue.given[agent.index] = std::max(queue.given_to(agent.index), queue.given_floor);
  }
  const bool has_history = !agent.worked.is_zero() || !agent.idled.is_zero();
  if (!has_history) agent.occupancy_ppm = least_occupied_floor_ppm_;
}

// Counts are kept while some queue reads them.
bool Oracle::uses(Strategy strategy) const {
  return std::any_of(config_.queues.begin(), config_.queues.end(),
                     [&](const QueueConfig& queue) { return queue.strategy == strategy; });
}

// Whoever else says so, the switch must be told; what it said itself it knows.
Reject Oracle::log_out(Agent& agent, bool forced, bool by_switch) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (by_switch) {
    agent.is_switch_unaware = false;
  } else if (!agent.log_out_pending) {
    agent.is_switch_unaware = true;
  }
  if (has_contact(agent)) {
    agent.log_out_pending = true;
    agent.log_out_forced = agent.log_out_forced || forced;
    agent.changed = true;
    return Reject::kNone;
  }
  leave(agent, false);
  return Reject::kNone;
}

// Nobody logs in at a switch that is lost: who is there still has a call of another one.
bool Oracle::outlives_switch(const Agent& agent) const {
  const Source& own = sessions_.at(agent.source);
  return own.epoch.empty() && agent.log_in_order >= own.lost_before;
}

void Oracle::take_log_out_back(Agent& agent) const {
  if (!agent.log_out_pending || agent.log_out_forced || outlives_switch(agent)) return;
  agent.log_out_pending = false;
  agent.is_switch_unaware = false;
  agent.changed = true;
}

void Oracle::leave(Agent& agent, bool is_taken_over) {
  agent.log_out_pending = false;
  agent.log_out_forced = false;
  agent.is_phone_busy = false;
  while (!agent.items.empty()) end_item(agent, agent.items.front(), is_last_work(agent));
  set_presence(agent, Presence::kLoggedOut, kReasonNone);
  tell_of_station(EventKind::kAgentLoggedOut, agent, is_taken_over);
  log_.events.back().detail = agent.is_switch_unaware ? 1 : 0;
  agent.is_switch_unaware = false;
  agent.station.clear();
  agent.answer_mode = AnswerMode::kPhone;
  agent.station_media = kAllMedia;
  agent.is_stranded = false;
  agent.has_leg = false;
}

void Oracle::tell_of_station(EventKind kind, const Agent& agent, bool flag) {
  Event& event = emit(kind);
  event.agent = agent.index;
  event.source = agent.source;
  event.flag = flag;
  event.text = log_.add_text(agent.station);
}

Reject Oracle::set_ready(Agent& agent) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.answer_mode == AnswerMode::kNailedUp && !agent.has_leg) return Reject::kLegDown;
  take_log_out_back(agent);
  if (agent.presence == Presence::kReady) return Reject::kNone;
  agent.idle_since_ns = now_ns_;
  agent.rejects = 0;
  agent.no_answers = 0;
  set_presence(agent, Presence::kReady, kReasonNone);
  return Reject::kNone;
}

Reject Oracle::set_not_ready(Agent& agent, int32_t reason) {
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  set_presence(agent, Presence::kNotReady, reason);
  return Reject::kNone;
}

Oracle::Item* Oracle::find_wrap_up(Agent& agent, std::string_view call) {
  if (call.empty()) return find_item(agent, Work::kWrapUp);
  const auto found = std::ranges::find_if(agent.items, [&](const Item& one) {
    return one.work == Work::kWrapUp && one.wrap_up_call == call;
  });
  return found == agent.items.end() ? nullptr : &*found;
}

Reject Oracle::end_wrap_up(Agent& agent, std::string_view call) {
  Item* const item = find_wrap_up(agent, call);
  if (item == nullptr) return Reject::kAgentState;
  if (lacks_code(*item)) return Reject::kCodeRequired;
  finish_item(agent, *item, is_last_work(agent));
  return Reject::kNone;
}

Reject Oracle::extend_wrap_up(Agent& agent, std::string_view call) {
  Item* const item = find_wrap_up(agent, call);
  if (item == nullptr || item->deadline_ns == kNeverNs) return Reject::kAgentState;
  if (item->extensions_left == 0) return Reject::kExtensionsUsed;
  --item->extensions_left;
  item->deadline_ns += item->extension_ns;
  return Reject::kNone;
}

Reject Oracle::pause_member(const Command& command, std::string_view arena, Agent& agent) {
  const QueueIndex index = find_queue(command.text.in(arena));
  if (!index.valid()) return Reject::kQueueUnknown;
  Queue& queue = queue_at(index);
  if (!membership(queue, agent).serves) return Reject::kNotMember;
  const auto known = queue.paused.find(agent.index);
  const bool is_paused = known != queue.paused.end();
  const bool pauses = command.kind == CommandKind::kPauseMember;
  if (is_paused == pauses) return Reject::kNone;  // It changes nothing.
  agent.changed = true;
  if (!pauses) {
    queue.paused.erase(known);
    Event& event = emit(EventKind::kMemberUnpaused);
    event.agent = agent.index;
    event.queue = index;
    return Reject::kNone;
  }
  queue.paused[agent.index] = command.number;
  Event& event = emit(EventKind::kMemberPaused);
  event.agent = agent.index;
  event.queue = index;
  event.number = command.number;
  return Reject::kNone;
}

Reject Oracle::phone_event(const Command& command, std::string_view arena) {
  const AgentIndex index = at_station(command.source, command.text.in(arena));
  if (!index.valid()) return Reject::kStationUnknown;
  Agent& agent = agent_at(index);
  if (command.kind == CommandKind::kLegUp || command.kind == CommandKind::kLegLost) {
    if (agent.answer_mode != AnswerMode::kNailedUp) return Reject::kAgentState;
    turn_leg(agent, command.kind == CommandKind::kLegUp);
    return Reject::kNone;
  }
  if (command.kind != CommandKind::kPhoneBusy) {
    // A phone that is gone has no leg open either.
    if (command.kind == CommandKind::kPhoneUnregistered) turn_leg(agent, false);
    if (agent.is_phone_busy) {
      agent.is_phone_busy = false;
      show_work(agent, displayed_state(agent));
    }
    if (command.kind == CommandKind::kPhoneUnregistered && agent.presence == Presence::kReady) {
      set_presence(agent, Presence::kNotReady, kReasonPhone);
    }
    for (;;) {
      const auto busy = std::find_if(agent.items.rbegin(), agent.items.rend(), [](const Item& one) {
        return one.work == Work::kBusyOther && is_by_phone(one.medium);
      });
      if (busy == agent.items.rend()) return Reject::kNone;
      finish_item(agent, *busy, is_last_work(agent));
    }
  }
  Item* busy = nullptr;
  bool has_wrap_up = false;
  for (Item& one : agent.items) {
    if (!is_by_phone(one.medium)) continue;
    if (one.work == Work::kBusyOther) {
      if (busy == nullptr) busy = &one;
    } else if (one.work == Work::kWrapUp) {
      has_wrap_up = true;
    } else {
      return Reject::kNone;  // The phone is busy with what was routed.
    }
  }
  const AgentState from = displayed_state(agent);
  if (busy != nullptr) {
    busy->deadline_ns = kNeverNs;  // The switch says so itself: until it reports idle.
  } else if (has_wrap_up) {
    agent.is_phone_busy = true;  // Still so once wrap-up is over.
    show_work(agent, from);
  } else {
    add_item(agent, Medium::kVoice, {}).work = Work::kBusyOther;
    show_work(agent, from);
  }
  return Reject::kNone;
}

void Oracle::turn_leg(Agent& agent, bool is_up) {
  if (agent.has_leg == is_up) return;
  agent.has_leg = is_up;
  tell_of_station(is_up ? EventKind::kAgentLegUp : EventKind::kAgentLegLost, agent, false);
  // Nothing can be offered until it is up again.
  if (!is_up && agent.presence == Presence::kReady) {
    set_presence(agent, Presence::kNotReady, kReasonPhone);
  }
}

AgentIndex Oracle::at_station(SourceIndex source, std::string_view station) const {
  for (const Agent& agent : agents_) {
    const bool is_here = agent.presence != Presence::kLoggedOut && agent.source == source &&
                         agent.station == station;
    if (is_here) return agent.index;
  }
  return {};
}

// --- State changes: each emits what a watcher sees.

// What a failed offer means for the agent; ends the work item.
void Oracle::penalise(Agent& agent, const Call& call, OfferOutcome outcome) {
  Item& item = item_of(agent, call.order);
  item.call.reset();
  const auto take_away = [&](int32_t reason) {
    if (agent.presence != Presence::kReady) return;
    agent.presence = Presence::kNotReady;
    agent.reason = reason;
  };
  switch (outcome) {
    case OfferOutcome::kNoAnswer:
      if (++agent.no_answers >= config_.no_answers_max) take_away(kReasonRona);
      finish_item(agent, item, true);
      return;
    case OfferOutcome::kRejected:
      if (++agent.rejects >= config_.rejects_max) take_away(kReasonRejects);
      finish_item(agent, item, true);
      return;
    case OfferOutcome::kBusy:
      if (agent.log_out_pending) {
        finish_item(agent, item, false);
        return;
      }
      set_work(agent, item, Work::kBusyOther);
      item.deadline_ns = now_ns_ + config_.busy_limit_ns;
      return;
    case OfferOutcome::kUnreachable:
    case OfferOutcome::kUnknownAddress:
      if (!is_beyond(call, agent.index, outcome)) take_away(kReasonPhone);
      finish_item(agent, item, false);
      return;
    case OfferOutcome::kCanceled:
    case OfferOutcome::kRescinded:
    case OfferOutcome::kNone:
    case OfferOutcome::kAccepted:
      finish_item(agent, item, false);
      return;
  }
}

void Oracle::set_presence(Agent& agent, Presence presence, int32_t reason) {
  const AgentState from = displayed_state(agent);
  const bool reason_changed = agent.reason != reason;
  agent.presence = presence;
  agent.reason = reason;
  agent.changed = true;
  account(agent);
  if (from != displayed_state(agent) || reason_changed) emit_state_change(agent, from);
}

// --- Work items.

Oracle::Item& Oracle::item_of(Agent& agent, uint64_t call_order) {
  const auto found = std::find_if(agent.items.begin(), agent.items.end(),
                                  [&](const Item& one) { return one.call == call_order; });
  ACD_CHECK(found != agent.items.end());
  return *found;
}

Oracle::Item* Oracle::find_item(Agent& agent, Work work) {
  for (Item& one : agent.items) {
    if (one.work == work) return &one;
  }
  return nullptr;
}

bool Oracle::has_contact(const Agent& agent) {
  return std::any_of(agent.items.begin(), agent.items.end(),
                     [](const Item& one) { return one.work != Work::kBusyOther; });
}

bool Oracle::is_on_contact(const Agent& agent) {
  return !std::all_of(agent.items.begin(), agent.items.end(), [](const Item& one) {
    return one.work == Work::kBusyOther || one.work == Work::kWrapUp;
  });
}

bool Oracle::is_last_work(const Agent& agent) {
  size_t begun = 0;
  for (const Item& one : agent.items) {
    const bool is_offer =
        one.work == Work::kReserved || one.work == Work::kRinging || one.work == Work::kConnecting;
    if (!is_offer) ++begun;
  }
  return begun <= 1;
}

Oracle::Item& Oracle::add_item(Agent& agent, Medium medium, std::optional<uint64_t> call_order) {
  Item fresh;
  fresh.medium = medium;
  fresh.number = ++agent.items_begun;
  fresh.call = call_order;
  agent.items.push_back(fresh);
  return agent.items.back();
}

void Oracle::show_work(Agent& agent, AgentState from) {
  agent.changed = true;
  account(agent);
  if (from != displayed_state(agent)) emit_state_change(agent, from);
}

void Oracle::set_work(Agent& agent, Item& item, Work work) {
  const AgentState from = displayed_state(agent);
  item.work = work;
  show_work(agent, from);
}

void Oracle::finish_item(Agent& agent, Item& item, bool restart_idle) {
  end_item(agent, item, restart_idle);
  if (agent.log_out_pending && !has_contact(agent)) leave(agent, false);
}

void Oracle::end_item(Agent& agent, Item& item, bool restart_idle) {
  const AgentState from = displayed_state(agent);
  const bool was_wrap_up = item.work == Work::kWrapUp;
  if (restart_idle) agent.idle_since_ns = now_ns_;
  if (was_wrap_up) {
    Event& event = emit(EventKind::kAgentWrapUpEnded);
    event.agent = agent.index;
    event.queue = item.wrap_up_queue;
    event.number = static_cast<int32_t>(item.number);
  }
  const auto by_phone = std::count_if(agent.items.begin(), agent.items.end(),
                                      [](const Item& one) { return is_by_phone(one.medium); });
  bool is_busy = false;
  if (is_by_phone(item.medium) && by_phone == 1) {
    is_busy = was_wrap_up && agent.is_phone_busy && !agent.log_out_pending;
    agent.is_phone_busy = false;
  }
  if (!is_busy && agent.items.size() > 1 && uses(Strategy::kLeastOccupied)) {
    // Work goes on: what it was so far counts already.
    agent.worked.add(now_ns_ - agent.work_since_ns, now_ns_, config_.decay_half_life_ns);
    agent.work_since_ns = now_ns_;
    agent.occupancy_ppm = DecayedCount::share_ppm(agent.worked, agent.idled);
  }
  if (is_busy) {
    Item busy;
    busy.work = Work::kBusyOther;
    busy.medium = item.medium;
    busy.number = item.number;
    item = busy;
  } else {
    const uint32_t number = item.number;
    std::erase_if(agent.items, [&](const Item& one) { return one.number == number; });
  }
  show_work(agent, from);
}

void Oracle::start_wrap_up_or_finish(Agent& agent, Item& item, QueueIndex queue,
                                     const std::string& call) {
  const QueueConfig& config = queue_at(queue).config;
  if (config.wrap_up_mode == WrapUpMode::kNone || outlives_switch(agent)) {
    finish_item(agent, item, is_last_work(agent));
    return;
  }
  const bool is_timed = config.wrap_up_mode == WrapUpMode::kTimed;
  item.wrap_up_queue = queue;
  item.extensions_left = config.wrap_up_extensions;
  item.extension_ns = config.wrap_up_extension_ns;
  item.wrap_up_call = call;
  item.needs_code = config.requires_wrap_up_code && !call.empty();
  Event& event = emit(EventKind::kAgentWrapUpStarted);
  event.agent = agent.index;
  event.queue = queue;
  event.number = static_cast<int32_t>(item.number);
  event.duration_ns = is_timed ? config.wrap_up_ns : kNeverNs;
  set_work(agent, item, Work::kWrapUp);
  if (is_timed) item.deadline_ns = now_ns_ + config.wrap_up_ns;
}

int64_t Oracle::deadline_of(const Agent& agent) {
  int64_t deadline_ns = kNeverNs;
  for (const Item& one : agent.items) deadline_ns = std::min(deadline_ns, one.deadline_ns);
  return deadline_ns;
}

// What is in hand of each other medium must go together with it, or may be interrupted by it; of the
// same one there must be less than the agent can take. Nobody is rung for two at a time.
bool Oracle::has_room(const Agent& agent, Medium medium) {
  for (const Item& one : agent.items) {
    switch (one.work) {
      case Work::kReserved:
      case Work::kRinging:
      case Work::kConnecting:
        return false;
      case Work::kNone:
      case Work::kOnCall:
      case Work::kOnHold:
      case Work::kWrapUp:
      case Work::kBusyOther:
        break;
    }
  }
  return has_room_beside(agent, medium);
}

bool Oracle::has_room_beside(const Agent& agent, Medium medium) {
  const auto wanted = static_cast<size_t>(medium);
  size_t same = 0;
  for (const Item& one : agent.items) {
    const bool is_busy_phone =
        is_by_phone(one.medium) && (one.work == Work::kBusyOther || agent.is_phone_busy);
    if (is_busy_phone && is_by_phone(medium)) return false;
    if (one.medium == medium) {
      ++same;
      continue;
    }
    const auto held = static_cast<size_t>(one.medium);
    if ((agent.media.interrupted_by[held] & mask_of(medium)) != 0) continue;
    if ((agent.media.excludes[held] & mask_of(medium)) != 0) return false;
    if ((agent.media.excludes[wanted] & mask_of(one.medium)) != 0) return false;
  }
  return agent.takes(medium) && same < agent.media.capacity[wanted];
}

bool Oracle::is_on_hand(const Agent& agent) {
  return agent.presence == Presence::kReady && !agent.log_out_pending && !agent.is_stranded;
}

bool Oracle::is_open(const Agent& agent, Medium medium) {
  return is_on_hand(agent) && has_room(agent, medium);
}

bool Oracle::is_open(const Agent& agent) {
  for (size_t i = 0; i < kMediumCount; ++i) {
    if (is_open(agent, static_cast<Medium>(i))) return true;
  }
  return false;
}

void Oracle::account(Agent& agent) {
  const bool is_working = displayed_state(agent) > AgentState::kReady;
  const int64_t half_life_ns = config_.decay_half_life_ns;
  const bool counts = uses(Strategy::kLeastOccupied);
  if (counts && agent.was_working && !is_working) {
    agent.worked.add(now_ns_ - agent.work_since_ns, now_ns_, half_life_ns);
  }
  if (counts && agent.was_free && !is_free(agent)) {
    agent.idled.add(now_ns_ - agent.free_since_ns, now_ns_, half_life_ns);
  }
  if (!agent.was_working && is_working) agent.work_since_ns = now_ns_;
  if (!agent.was_free && is_free(agent)) {
    agent.free_since_ns = now_ns_;
    if (!agent.worked.is_zero() || !agent.idled.is_zero()) {
      agent.occupancy_ppm = DecayedCount::share_ppm(agent.worked, agent.idled);
    }
  }
  agent.was_working = is_working;
  agent.was_free = is_free(agent);
}

void Oracle::emit_state_change(const Agent& agent, AgentState from) {
  const AgentState to = displayed_state(agent);
  Event& event = emit(EventKind::kAgentStateChanged);
  event.agent = agent.index;
  event.from = from;
  event.to = to;
  event.number = to == AgentState::kNotReady ? agent.reason : kReasonNone;
}

bool Oracle::is_free(const Agent& agent) { return is_on_hand(agent) && agent.items.empty(); }

AgentState Oracle::displayed_state(const Agent& agent) {
  const auto has = [&](Work work) {
    return std::any_of(agent.items.begin(), agent.items.end(),
                       [work](const Item& one) { return one.work == work; });
  };
  if (has(Work::kOnCall)) return AgentState::kOnCall;
  if (has(Work::kOnHold)) return AgentState::kOnHold;
  if (has(Work::kConnecting)) return AgentState::kConnecting;
  if (has(Work::kRinging)) return AgentState::kRinging;
  if (has(Work::kReserved)) return AgentState::kReserved;
  if (has(Work::kWrapUp)) return AgentState::kWrapUp;
  if (has(Work::kBusyOther)) return AgentState::kBusyOther;
  switch (agent.presence) {
    case Presence::kLoggedOut:
      return AgentState::kLoggedOut;
    case Presence::kNotReady:
      return AgentState::kNotReady;
    case Presence::kReady:
      return AgentState::kReady;
  }
  return AgentState::kLoggedOut;
}

}  // namespace acd
