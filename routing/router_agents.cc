// SPDX-License-Identifier: Apache-2.0
// The Router's agents and phones.
#include <algorithm>

#include "routing/check.h"
#include "routing/router.h"

namespace acd {
namespace {

// The wrap-up of the contact with that id; without one the wrap-up that began first. Null: none.
WorkItem* find_wrap_up(Agent* agent, std::string_view call) {
  const uint64_t hash = call.empty() ? 0 : HashedName(call).hash;
  for (WorkItem& item : agent->items) {
    if (item.work != Work::kWrapUp) continue;
    if (call.empty() || item.wrap_up_call == hash) return &item;
  }
  return nullptr;
}

// More in hand than a phone that is busy otherwise.
bool has_contact(const Agent& agent) {
  return std::any_of(agent.items.begin(), agent.items.end(),
                     [](const WorkItem& one) { return one.work != Work::kBusyOther; });
}

// More than wrap-ups, too.
bool has_call(const Agent& agent) {
  return std::any_of(agent.items.begin(), agent.items.end(),
                     [](const WorkItem& one) { return one.call.valid(); });
}

// Whether nothing but one work item is in hand, or offers beside it: with its end the agent is idle.
bool is_last_work(const Agent& agent) {
  return std::count_if(agent.items.begin(), agent.items.end(),
                       [](const WorkItem& one) { return !one.is_offer(); }) <= 1;
}

// Whether the agent's switch is lost, and a call of another one is all that keeps them.
bool outlives_switch(const Agent& agent, const Source& own) {
  return own.epoch.empty() && agent.log_in_order >= own.lost_before;
}

bool is_working(AgentState state) { return state > AgentState::kReady; }

}  // namespace

Reject Router::log_in(const Command& command, std::string_view arena) {
  const AgentIndex index = roster_.find(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  if (command.detail >= kAnswerModeCount || command.number < 0 || command.number > kAllMedia) {
    return Reject::kAgentState;
  }
  const std::string_view station = command.text.in(arena);
  const auto answer_mode = static_cast<AnswerMode>(command.detail);
  const auto media = static_cast<MediaMask>(command.number == 0 ? kAllMedia : command.number);
  Agent& agent = roster_.at(index);
  const SourceIndex source = station_switch(command, arena);
  const AgentIndex occupant = roster_.at_station(source, station);
  const bool is_same = agent.answer_mode == answer_mode && agent.station_media == media;
  if (occupant == index && is_same) {
    // Back before the work was done; on a list they stay as they are.
    renew_log_in(index);
    if (command.kind == CommandKind::kLogIn) take_log_out_back(index);
    return Reject::kNone;
  }
  // The newer log-in takes over, of the agent and of the station, unless more than wrap-ups is in
  // hand.
  if (has_call(agent)) return Reject::kAgentBusy;
  if (occupant.valid() && has_call(roster_.at(occupant))) return Reject::kStationBusy;
  for (const AgentIndex leaver : {index, occupant}) {
    if (!leaver.valid() || roster_.at(leaver).presence == Presence::kLoggedOut) continue;
    roster_.at(leaver).log_out_on_behalf = false;
    leave(leaver, occupant != index);  // At their own station there is nobody to be told.
  }

  agent.source = source;
  agent.station = IdText(station);
  agent.answer_mode = answer_mode;
  agent.station_media = media;
  agent.log_in_order = next_order_++;
  agent.rejects = 0;
  agent.no_answers = 0;
  agent.idle_since_ns = now_ns_;
  agent.log_out_pending = false;
  agent.log_out_forced = false;
  // A newcomer starts where the others are, else everything would go to them.
  agent.connected_calls = std::max(agent.connected_calls, fewest_calls_floor_);
  for (const Membership& one : agent.memberships) {
    if (one.percent > 0) queue(one.queue).shares.join(index);
  }
  const bool is_new = agent.work_time.is_zero() && agent.free_time.is_zero();
  if (is_new) agent.occupancy_ppm = least_occupied_floor_ppm_;
  roster_.occupy_station(index);
  link_agent(index);
  Event& event = emit(EventKind::kAgentLoggedIn);
  event.agent = index;
  event.source = agent.source;
  event.text = log_.add_text(station);
  event.detail = command.detail;
  event.number = media;
  agent.is_desk_empty = lacks_desktop(agent);
  set_presence(index, Presence::kNotReady, kReasonLoggedIn);
  join_class(index);
  return Reject::kNone;
}

Reject Router::log_out(AgentIndex index, const Command& command) {
  Agent& agent = roster_.at(index);
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  // A supervisor or the agent's desktop says so; the switch does not know, unless it said so before.
  const bool on_behalf = command.source != agent.source;
  agent.log_out_on_behalf = on_behalf && (agent.log_out_on_behalf || !agent.log_out_pending);
  if (has_contact(agent)) {
    agent.log_out_pending = true;
    agent.log_out_forced = agent.log_out_forced || command.flag;
    refresh_idle(index);
    return Reject::kNone;
  }
  leave(index, false);
  return Reject::kNone;
}

void Router::take_log_out_back(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (!agent.log_out_pending || agent.log_out_forced) return;
  if (outlives_switch(agent, sessions_.at(agent.source))) return;
  agent.log_out_pending = false;
  agent.log_out_on_behalf = false;
  refresh_idle(index);
}

void Router::leave(AgentIndex index, bool is_taken_over) {
  Agent& agent = roster_.at(index);
  agent.log_out_pending = false;
  agent.log_out_forced = false;
  agent.is_phone_busy = false;
  ACD_CHECK(!has_call(agent));
  while (!agent.items.empty()) {
    end_item(index, &agent.items.front(), is_last_work(agent));
  }
  ACD_CHECK(agent.presence != Presence::kLoggedOut);
  set_presence(index, Presence::kLoggedOut, kReasonNone);
  if (agent.agent_class.valid()) leave_agent_class(index);
  Event& event = emit_station(EventKind::kAgentLoggedOut, index);
  event.flag = is_taken_over;
  event.detail = agent.log_out_on_behalf ? 1 : 0;
  agent.log_out_on_behalf = false;
  roster_.leave_station(index);
  unlink_agent(index);
  mark_boxes(index);
  agent.answer_mode = AnswerMode::kPhone;
  agent.is_desk_empty = false;
  agent.station_media = kAllMedia;
  agent.is_leg_up = false;
  agent.dial_prefix = DialPrefix();
}

// About an agent at their station.
Event& Router::emit_station(EventKind kind, AgentIndex index) {
  const Agent& agent = roster_.at(index);
  Event& event = emit(kind);
  event.agent = index;
  event.source = agent.source;
  event.text = log_.add_text(agent.station.view());
  return event;
}

Reject Router::set_ready(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.presence == Presence::kLoggedOut) return Reject::kAgentState;
  if (agent.is_leg_down()) return Reject::kLegDown;
  take_log_out_back(index);
  if (agent.presence == Presence::kReady) return Reject::kNone;
  agent.idle_since_ns = now_ns_;
  agent.rejects = 0;
  agent.no_answers = 0;
  set_presence(index, Presence::kReady, kReasonNone);
  return Reject::kNone;
}

Reject Router::set_not_ready(AgentIndex index, int32_t reason) {
  if (roster_.at(index).presence == Presence::kLoggedOut) return Reject::kAgentState;
  set_presence(index, Presence::kNotReady, reason);
  return Reject::kNone;
}

Reject Router::end_wrap_up(AgentIndex index, std::string_view call) {
  WorkItem* const item = find_wrap_up(&roster_.at(index), call);
  if (item == nullptr) return Reject::kAgentState;
  if (lacks_code(*item)) return Reject::kCodeRequired;
  finish_item(index, item, is_last_work(roster_.at(index)));
  return Reject::kNone;
}

Reject Router::extend_wrap_up(AgentIndex index, std::string_view call) {
  WorkItem* const item = find_wrap_up(&roster_.at(index), call);
  if (item == nullptr || item->deadline_ns == kNeverNs) return Reject::kAgentState;
  if (item->extensions_left == 0) return Reject::kExtensionsUsed;
  --item->extensions_left;
  set_item_deadline(index, item, item->deadline_ns + item->extension_ns);
  return Reject::kNone;
}

Reject Router::pause_member(AgentIndex index, std::string_view queue_id, bool pause,
                            int32_t reason) {
  const QueueIndex paused = find_queue(queue_id);
  if (!paused.valid()) return Reject::kQueueUnknown;
  Agent& agent = roster_.at(index);
  const bool is_member =
      queue(paused).config.members_all ||
      std::any_of(agent.memberships.begin(), agent.memberships.end(),
                  [paused](const Membership& one) { return one.queue == paused; });
  if (!is_member) return Reject::kNotMember;
  const auto at = std::lower_bound(agent.paused.begin(), agent.paused.end(), paused);
  const bool is_paused = at != agent.paused.end() && *at == paused;
  if (is_paused == pause) return Reject::kNone;
  if (agent.agent_class.valid()) leave_agent_class(index);
  if (pause) {
    agent.paused.insert(at, paused);
  } else {
    agent.paused.erase(at);
  }
  Event& event = emit(pause ? EventKind::kMemberPaused : EventKind::kMemberUnpaused);
  event.agent = index;
  event.queue = paused;
  event.number = pause ? reason : kReasonNone;
  if (agent.presence != Presence::kLoggedOut) join_class(index);
  return Reject::kNone;
}

Reject Router::phone_event(const Command& command, std::string_view arena) {
  const AgentIndex index = roster_.at_station(command.source, command.text.in(arena));
  if (!index.valid()) return Reject::kStationUnknown;
  Agent& agent = roster_.at(index);
  if (command.kind == CommandKind::kLegUp || command.kind == CommandKind::kLegLost) {
    if (agent.answer_mode != AnswerMode::kNailedUp) return Reject::kAgentState;
    turn_leg(index, command.kind == CommandKind::kLegUp);
    return Reject::kNone;
  }
  const auto find_by_phone = [&agent](auto&& is_so) {
    return std::find_if(agent.items.begin(), agent.items.end(),
                        [&](const WorkItem& one) { return one.uses_phone() && is_so(one.work); });
  };
  const auto find_busy = [&] {
    return find_by_phone([](Work work) { return work == Work::kBusyOther; });
  };
  if (command.kind != CommandKind::kPhoneBusy) {
    if (command.kind == CommandKind::kPhoneUnregistered) turn_leg(index, false);
    if (agent.is_phone_busy) change_work(index, [&] { agent.is_phone_busy = false; });
    if (command.kind == CommandKind::kPhoneUnregistered && agent.presence == Presence::kReady) {
      set_presence(index, Presence::kNotReady, kReasonPhone);
    }
    for (auto busy = find_busy(); busy != agent.items.end(); busy = find_busy()) {
      finish_item(index, &*busy, is_last_work(agent));
    }
    return Reject::kNone;
  }
  const auto is_live = [](Work work) { return work != Work::kWrapUp && work != Work::kBusyOther; };
  if (find_by_phone(is_live) != agent.items.end()) return Reject::kNone;  // With what was routed.
  const auto busy = find_busy();
  if (busy != agent.items.end()) {
    set_item_deadline(index, &*busy, kNeverNs);  // The switch says so: until it reports idle.
  } else if (find_by_phone([](Work) { return true; }) != agent.items.end()) {
    change_work(index, [&] { agent.is_phone_busy = true; });  // And still when wrap-up is over.
  } else {
    add_item(index, Work::kBusyOther, Medium::kVoice);
  }
  return Reject::kNone;
}

// The open leg of a nailed-up station; of others nothing.
void Router::turn_leg(AgentIndex index, bool is_up) {
  Agent& agent = roster_.at(index);
  if (agent.answer_mode != AnswerMode::kNailedUp || agent.is_leg_up == is_up) return;
  agent.is_leg_up = is_up;
  emit_station(is_up ? EventKind::kAgentLegUp : EventKind::kAgentLegLost, index);
  if (!is_up && agent.presence == Presence::kReady) {
    set_presence(index, Presence::kNotReady, kReasonPhone);
  }
}

// --- State changes: each emits what a watcher sees and keeps the idle order true.

void Router::set_presence(AgentIndex index, Presence presence, int32_t reason) {
  Agent& agent = roster_.at(index);
  const AgentState from = displayed_state(agent);
  const bool reason_changed = agent.reason != reason;
  const int64_t ready_change =
      (presence == Presence::kReady ? 1 : 0) - (agent.presence == Presence::kReady ? 1 : 0);
  if (ready_change != 0) count_ready(agent, ready_change);
  agent.presence = presence;
  agent.reason = reason;
  refresh_idle(index);
  if (from != displayed_state(agent) || reason_changed) emit_state_change(index, from);
}

// `change` is what happens to the agent's work items.
template <typename Change>
void Router::change_work(AgentIndex index, Change&& change) {
  Agent& agent = roster_.at(index);
  const AgentState from = displayed_state(agent);
  const bool was_working = is_working(from);
  change();
  const AgentState to = displayed_state(agent);
  if (agent.agent_class.valid()) {
    roster_.class_at(agent.agent_class).wrap_up_count +=
        (to == AgentState::kWrapUp ? 1 : 0) - (from == AgentState::kWrapUp ? 1 : 0);
  }
  refresh_idle(index);
  if (!was_working && is_working(to)) agent.since_ns = now_ns_;
  if (from != to) emit_state_change(index, from);
}

void Router::add_item(AgentIndex index, Work work, Medium medium, CallIndex call,
                      uint32_t generation) {
  change_work(index, [&] {
    Agent& agent = roster_.at(index);
    WorkItem& fresh = agent.items.emplace_back();
    take_step(fresh.work, work);
    fresh.work = work;
    fresh.medium = medium;
    fresh.number = ++agent.items_begun;
    fresh.call = call;
    fresh.generation = generation;
  });
}

void Router::set_work(AgentIndex index, WorkItem* item, Work work) {
  take_step(item->work, work);
  change_work(index, [&] { item->work = work; });
}

void Router::take_step(Work from, Work to) {
  ACD_CHECK(kWorkTransitions.has(from, to));
  work_seen_.add(from, to);
}

void Router::finish_item(AgentIndex index, WorkItem* item, bool restart_idle) {
  end_item(index, item, restart_idle);
  const Agent& agent = roster_.at(index);
  if (agent.log_out_pending && !has_contact(agent)) leave(index, false);
}

void Router::end_item(AgentIndex index, WorkItem* item, bool restart_idle) {
  Agent& agent = roster_.at(index);
  const bool was_wrap_up = item->work == Work::kWrapUp;
  if (item->deadline_ns != kNeverNs) set_item_deadline(index, item, kNeverNs);
  if (restart_idle) {
    unlist_idle(index);  // Where the idle time orders them.
    agent.idle_since_ns = now_ns_;
  }
  if (was_wrap_up) {
    Event& event = emit(EventKind::kAgentWrapUpEnded);
    event.agent = index;
    event.queue = item->wrap_up_queue;
    event.number = static_cast<int32_t>(item->number);
  }
  const bool is_last_by_phone =
      item->uses_phone() &&
      std::count_if(agent.items.begin(), agent.items.end(),
                    [](const WorkItem& one) { return one.uses_phone(); }) == 1;
  const bool is_busy =
      was_wrap_up && is_last_by_phone && agent.is_phone_busy && !agent.log_out_pending;
  if (is_last_by_phone) agent.is_phone_busy = false;
  if (!is_busy && keeps_occupancy()) {
    agent.work_time.add(now_ns_ - agent.since_ns, now_ns_, config_.decay_half_life_ns);
    agent.since_ns = now_ns_;
    if (agent.items.size() > 1) {
      unlist_idle(index);
      agent.occupancy_ppm = DecayedCount::share_ppm(agent.work_time, agent.free_time);
    }
  }
  take_step(item->work, is_busy ? Work::kBusyOther : Work::kNone);
  change_work(index, [&] {
    if (!is_busy) {
      agent.items.erase(agent.items.begin() + (item - agent.items.data()));
      return;
    }
    WorkItem busy;
    busy.work = Work::kBusyOther;
    busy.medium = item->medium;
    busy.number = item->number;
    *item = busy;
  });
}

void Router::start_wrap_up_or_finish(AgentIndex index, WorkItem* item, QueueIndex queue_index,
                                     uint64_t call) {
  const QueueConfig& config = queue(queue_index).config;
  const Agent& agent = roster_.at(index);
  if (config.wrap_up_mode == WrapUpMode::kNone ||
      outlives_switch(agent, sessions_.at(agent.source))) {
    finish_item(index, item, is_last_work(agent));
    return;
  }
  const bool timed = config.wrap_up_mode == WrapUpMode::kTimed;
  item->wrap_up_queue = queue_index;
  item->extensions_left = timed ? config.wrap_up_extensions : 0;
  item->extension_ns = config.wrap_up_extension_ns;
  item->wrap_up_call = call;
  item->needs_code = config.requires_wrap_up_code && call != 0;
  Event& event = emit(EventKind::kAgentWrapUpStarted);
  event.agent = index;
  event.queue = queue_index;
  event.number = static_cast<int32_t>(item->number);
  event.duration_ns = timed ? config.wrap_up_ns : kNeverNs;
  set_work(index, item, Work::kWrapUp);
  if (timed) set_item_deadline(index, item, now_ns_ + config.wrap_up_ns);
}

void Router::refresh_idle(AgentIndex index) {
  Agent& agent = roster_.at(index);
  mark_boxes(index);
  const bool is_free = agent.is_free();
  if (is_free != agent.was_free) {
    if (!is_free && keeps_occupancy()) {
      agent.free_time.add(now_ns_ - agent.since_ns, now_ns_, config_.decay_half_life_ns);
    }
    agent.since_ns = now_ns_;
    if (is_free && (!agent.work_time.is_zero() || !agent.free_time.is_zero())) {
      unlist_idle(index);  // Where the share of work orders them.
      agent.occupancy_ppm = DecayedCount::share_ppm(agent.work_time, agent.free_time);
    }
  }
  agent.was_free = is_free;
  if (!agent.agent_class.valid()) return;
  const MediaMask open = agent.open_media();
  if (open == 0) unlist_idle(index);
  if (!is_in_class_of_its_load(agent)) {
    leave_agent_class(index);
    join_class(index);
  } else if (open != 0) {
    list_idle(index);
  }
}

// What it has in hand may put an agent, who has room for more, into another class.
bool Router::is_in_class_of_its_load(const Agent& agent) const {
  const AgentClassKey& key = roster_.class_at(agent.agent_class).key;
  const MediaMask open = agent.open_media();
  if (open == 0) return key.load == 0 && key.open == key.capable;
  return key.load == agent.load() && key.open == open;
}

void Router::list_idle(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (agent.is_listed || !agent.agent_class.valid()) return;
  roster_.insert_idle(index, key_kinds_);
  for (const Membership& one : agent.memberships) {
    // Under a configuration that is over they are unlisted before anybody is matched.
    const uint32_t version = roster_.class_at(agent.agent_class).key.config_version;
    if (one.percent == 0 || version != config_version_) continue;
    queue(one.queue).shares.insert_free(index, roster_.class_at(agent.agent_class).zone,
                                        agent.idle_since_ns);
  }
  count_free(agent, 1);
  mark_agent(index);
}

void Router::unlist_idle(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (!agent.is_listed) return;
  roster_.erase_idle(index);
  for (const Membership& one : agent.memberships) {
    if (one.percent > 0) queue(one.queue).shares.erase_free(index);
  }
  count_free(agent, -1);
}

template <typename Visit>
void Router::for_each_queue_count(const AgentClassKey& key, Visit&& visit) {
  for (const Membership& one : key.memberships) {
    if (!std::binary_search(key.paused.begin(), key.paused.end(), one.queue)) {
      visit(queue(one.queue));
    }
  }
  for (const QueueIndex paused : key.paused) {
    if (queue(paused).config.members_all) visit(queue(paused));
  }
}

// The counts that protect rules and steps read: of those with nothing in hand.
void Router::count_free(const Agent& agent, int64_t change) {
  const AgentClass& agent_class = roster_.class_at(agent.agent_class);
  if (agent_class.key.load != 0) return;
  // Rules and steps of a configuration that is over: these counts begin anew.
  if (agent_class.key.config_version != config_version_) return;
  for (uint32_t mask = agent_class.protect_mask; mask != 0; mask &= mask - 1) {
    const auto rule = static_cast<uint32_t>(__builtin_ctz(mask));
    protect_free_[rule] += change;
    const bool withholds = protect_free_[rule] <= config_.protects[rule].ready_max;
    const uint32_t bit = 1u << rule;
    if (withholds == ((active_protects_ & bit) != 0)) continue;
    active_protects_ ^= bit;
    released_protects_ |= withholds ? 0 : bit;
  }
  for (const ConditionIndex& one : agent_class.conditions) {
    Step& step = queue(one.queue).steps[one.step];
    if (step.config.condition.counter == Condition::Counter::kReady) {
      step.condition_count += change;
      count_anew(one.queue);
    }
  }
}

void Router::count_logged_in(AgentIndex index, int64_t change) {
  const Agent& agent = roster_.at(index);
  const AgentClass& agent_class = roster_.class_at(agent.agent_class);
  const bool is_present = agent_class.key.config_version == config_version_;
  for (const ConditionIndex& one : agent_class.conditions) {
    if (!is_present) break;  // As in count_free().
    Step& step = queue(one.queue).steps[one.step];
    if (step.config.condition.counter == Condition::Counter::kLoggedIn) {
      step.condition_count += change;
      count_anew(one.queue);
    }
  }
  visit_links(agent.agent_class, [&](CallClassIndex calls) {
    calls_.class_at(calls).eligible_count += change;
    if (change < 0) mark_excluded(calls);
  });
  const MediaMask capable = agent_class.key.capable;
  add_to(&logged_in_, capable, change);
  for_each_queue_count(agent_class.key,
                       [&](Queue& counted) { add_to(&counted.logged_in, capable, change); });
}

// REQUIRES: called before the presence changes, or with the class that is left.
void Router::count_ready(const Agent& agent, int64_t change) {
  if (!agent.agent_class.valid()) return;
  roster_.class_at(agent.agent_class).ready_count += static_cast<uint32_t>(change);
  const AgentClassKey& key = roster_.class_at(agent.agent_class).key;
  add_to(&ready_, key.capable, change);
  for_each_queue_count(key, [&](Queue& counted) { add_to(&counted.ready, key.capable, change); });
}

void Router::emit_state_change(AgentIndex index, AgentState from) {
  const Agent& agent = roster_.at(index);
  const AgentState to = displayed_state(agent);
  Event& event = emit(EventKind::kAgentStateChanged);
  event.agent = index;
  event.from = from;
  event.to = to;
  event.number = to == AgentState::kNotReady ? agent.reason : kReasonNone;
}

// Puts a logged-in agent into the class of what they are, unless bulk work will.
// The class of one with nothing in hand.
AgentClassKey Router::key_without_work(const Agent& agent) const {
  AgentClassKey key{agent.skills, agent.memberships, agent.paused,
                    {},           agent.source,      config_version_};
  key.capable = agent.capable_media();
  key.open = key.capable;
  if (agent.team.valid() && agent.team.value() < is_team_opened_.size() &&
      is_team_opened_[agent.team.value()]) {
    key.team = agent.team;
  }
  return key;
}

void Router::join_class(AgentIndex index) {
  Agent& agent = roster_.at(index);
  if (!may_link(index)) {
    if (agent.agent_class.valid()) leave_agent_class(index);  // That of what they were.
    return;
  }
  AgentClassKey key = key_without_work(agent);
  const MediaMask open = agent.open_media();
  key.open = open == 0 ? key.capable : open;
  key.load = open == 0 ? 0 : agent.load();
  bool created = false;
  const AgentClassIndex joined =
      roster_.class_for(std::move(key), reach_.zone_of(agent.source), &created);
  if (created) {
    roster_.class_at(joined).example = index;
    connect_agent_class(joined);
  }
  // In the same class they may have room for less than before.
  if (joined == agent.agent_class) return mark_boxes(index);
  if (agent.agent_class.valid()) leave_agent_class(index);
  agent.agent_class = joined;
  AgentClass& agent_class = roster_.class_at(joined);
  partly_open_ += agent_class.key.open != kAllMedia ? 1 : 0;
  if (!agent_class.example.valid()) agent_class.example = index;
  if (roster_.head(joined).logged_in_count == 0) ++classes_begun_;
  roster_.join_class(joined);
  count_logged_in(index, 1);
  if (agent.presence == Presence::kReady) count_ready(agent, 1);
  if (agent.is_in_wrap_up()) ++agent_class.wrap_up_count;
  if (open != 0) list_idle(index);
  mark_boxes(index);
}

void Router::leave_agent_class(AgentIndex index) {
  Agent& agent = roster_.at(index);
  unlist_idle(index);
  if (agent.presence == Presence::kReady) count_ready(agent, -1);
  if (agent.is_in_wrap_up()) --roster_.class_at(agent.agent_class).wrap_up_count;
  count_logged_in(index, -1);
  AgentClass& left = roster_.class_at(agent.agent_class);
  partly_open_ -= left.key.open != kAllMedia ? 1 : 0;
  if (left.example == index) left.example = AgentIndex();
  roster_.leave_class(agent.agent_class);
  agent.agent_class = AgentClassIndex();
  mark_boxes(index);
}

// While bulk work brings agents to a new configuration, each is listed when their turn has come.
bool Router::may_link(AgentIndex index) const {
  if (bulk_ == BulkPhase::kUnlinkAgents) return false;
  return bulk_ != BulkPhase::kLinkAgents || index.value() < bulk_agent_;
}

// Wrap-up or busy is over: one at a time, the earliest first.
void Router::fire_agent(AgentIndex index) {
  Agent& agent = roster_.at(index);
  finish_item(index, first_due(&agent), is_last_work(agent));
}

// Of its work items the one with the earliest deadline; of several the first that began.
WorkItem* Router::first_due(Agent* agent) {
  return &*std::min_element(
      agent->items.begin(), agent->items.end(),
      [](const WorkItem& a, const WorkItem& b) { return a.deadline_ns < b.deadline_ns; });
}

void Router::set_item_deadline(AgentIndex index, WorkItem* item, int64_t deadline_ns) {
  item->deadline_ns = deadline_ns;
  refresh_agent_timer(index);
}

void Router::refresh_agent_timer(AgentIndex index) {
  const Agent& agent = roster_.at(index);
  const int64_t deadline_ns = agent.deadline_ns();
  if (deadline_ns == kNeverNs) {
    timers_.cancel(TimerKind::kAgent, index.value());
  } else {
    timers_.set(TimerKind::kAgent, index.value(), agent.log_in_order, deadline_ns);
  }
}

}  // namespace acd
