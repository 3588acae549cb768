// SPDX-License-Identifier: Apache-2.0
// The state of a Router as a snapshot holds it, and a Router from such a state.
#include <algorithm>
#include <utility>
#include <variant>

#include "routing/check.h"
#include "routing/router.h"
#include "routing/saved_router.h"

namespace acd {

bool Router::is_quiet() const { return !is_suspended() && counted_queues_.empty(); }

// --- Saving.

SavedRouter Router::save() const {
  ACD_CHECK(configured() && is_quiet() && log_.events.empty());
  SavedRouter saved;
  saved.config = config_;
  saved.config_hash = config_hash_;
  saved.config_version = config_version_;
  saved.skills = skills_;
  saved.codes = codes_;
  saved.now_ns = now_ns_;
  saved.event_sequence = event_sequence_;
  saved.event_hash = event_hash_.value();
  saved.next_order = next_order_;
  saved.random_state = random_.state();
  saved.fewest_calls_floor = fewest_calls_floor_;
  saved.least_occupied_floor_ppm = least_occupied_floor_ppm_;
  for (const Queue& queue : queues_) saved.queues.push_back(saved_queue(queue));
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    saved.sources.push_back(sessions_.at(SourceIndex(i)));
  }
  saved.ended_calls = ended_calls_.all();
  saved.scheduled.assign(scheduled_.begin(), scheduled_.end());
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    saved.agents.push_back(saved_agent(roster_.at(AgentIndex(i))));
  }
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    if (calls_.at(CallIndex(i)).stage != CallStage::kFree) {
      saved.calls.push_back(saved_call(CallIndex(i)));
    }
  }
  std::sort(saved.calls.begin(), saved.calls.end(),
            [](const SavedCall& a, const SavedCall& b) { return a.order < b.order; });
  return saved;
}

SavedQueue Router::saved_queue(const Queue& queue) {
  SavedQueue saved;
  if (!queue.is_removed || queue.live_calls > 0) {
    saved.config = queue.config;
  } else {
    saved.config.id = queue.config.id;
  }
  saved.config_hash = queue.config_hash;
  saved.is_removed = queue.is_removed;
  saved.is_open = queue.is_open;
  saved.are_callbacks_open = queue.are_callbacks_open;
  saved.version = queue.version;
  saved.configured_version = queue.configured_version;
  saved.condition_mask = queue.condition_mask;
  saved.drain_target = queue.drain_target;
  saved.ewt_ns = queue.ewt_ns;
  saved.rang_last = queue.rang_last;
  saved.share_floor = queue.shares.floor();
  saved.share_counts = queue.shares.counts();
  return saved;
}

SavedAgent Router::saved_agent(const Agent& agent) const {
  SavedAgent saved;
  saved.id = agent.id.view();
  saved.station = agent.station.view();
  if (agent.team.valid()) saved.team = teams_[agent.team.value()];
  for (const PackedSkill& one : roster_.skills_of(agent)) {
    saved.skills.push_back({one.skill(), one.level()});
  }
  saved.paused = agent.paused;
  saved.source = agent.source;
  saved.presence = agent.presence;
  saved.media = agent.media;
  saved.answer_mode = agent.answer_mode;
  saved.station_media = agent.station_media;
  saved.is_leg_up = agent.is_leg_up;
  saved.items.assign(agent.items.begin(), agent.items.end());
  saved.items_begun = agent.items_begun;
  saved.log_out_pending = agent.log_out_pending;
  saved.log_out_forced = agent.log_out_forced;
  saved.log_out_on_behalf = agent.log_out_on_behalf;
  saved.is_phone_busy = agent.is_phone_busy;
  saved.reason = agent.reason;
  saved.idle_since_ns = agent.idle_since_ns;
  saved.since_ns = agent.since_ns;
  saved.rejects = agent.rejects;
  saved.no_answers = agent.no_answers;
  saved.log_in_order = agent.log_in_order;
  saved.connected_calls = agent.connected_calls;
  saved.work_time = agent.work_time;
  saved.free_time = agent.free_time;
  saved.occupancy_ppm = agent.occupancy_ppm;
  saved.dial_prefix = agent.dial_prefix.view();
  saved.desktop = agent.desktop;
  saved.attach_order = agent.attach_order;
  return saved;
}

SavedCall Router::saved_call(CallIndex index) const {
  const Call& call = calls_.at(index);
  SavedCall saved;
  saved.id = call.id.view();
  saved.slot = index.value();
  saved.stage = call.stage;
  saved.medium = call.medium;
  saved.on_hold = call.on_hold;
  saved.has_priority = call.has_priority;
  saved.is_reminder = call.is_reminder;
  saved.waits_if_busy = call.waits_if_busy;
  saved.is_for_owner = call.is_for_owner;
  saved.round_failed = call.round_failed;
  saved.is_boxed = call.is_boxed;
  saved.overflows = call.overflows;
  saved.transfers = call.transfers;
  saved.actions_taken = call.actions_taken;
  saved.steps = call.steps;
  saved.offers = call.offers;
  saved.source = call.source;
  saved.queue = call.queue;
  saved.requirement = calls_.requirement_at(call.requirement).text;
  if (call.call_class.valid()) {
    const CallClassKey& key = calls_.class_at(call.call_class).key;
    saved.class_version = key.version;
    saved.class_steps = key.steps;
  }
  saved.priority = call.priority;
  saved.generation = call.generation;
  saved.agent = call.agent;
  if (call.agent.valid()) {
    for (AgentIndex a = next_party(call.agent, index); a.valid(); a = next_party(a, index)) {
      saved.further_parties.push_back(a);
    }
  }
  saved.parent = call.parent;
  for (AgentIndex a = call.first_offered; a.valid(); a = next_offered(a, index)) {
    saved.offered.push_back(a);
  }
  saved.preferred = call.preferred;
  saved.order = call.order;
  saved.leg = call.leg;
  saved.number = call.number;
  saved.outcome = call.outcome;
  saved.enqueued_ns = call.enqueued_ns;
  saved.key_ns = call.key_ns;
  saved.deadline_ns = call.deadline_ns;
  saved.preferred_until_ns = call.preferred_until_ns;
  saved.not_before_ns = call.not_before_ns;
  saved.steps_seen_ns = call.steps_seen_ns;
  saved.line_ns = call.line_ns;
  saved.source_order = call.source_order;
  if (const CallbackFacts* facts = callback_of(call); facts != nullptr) saved.callback = *facts;
  if (call.is_outside()) saved.outside_number = outside_number(call);
  saved.treated_ns = call.treated_ns;
  saved.limits_at_ns = call.limits_at_ns;
  saved.visited = calls_.visited(call);
  for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
       i = calls_.exclusion_at(i).next) {
    saved.exclusions.push_back(calls_.exclusion_at(i));
    saved.exclusions.back().next = OrderedNode::kNone;
  }
  return saved;
}

// --- Restoring: tables first, then who is in them, then what follows from both.

void Router::restore(const SavedRouter& saved) {
  ACD_CHECK(!configured());
  now_ns_ = saved.now_ns;
  event_sequence_ = saved.event_sequence;
  event_hash_ = Hash64(saved.event_hash);
  next_order_ = saved.next_order;
  random_ = RandomDraw(saved.random_state);
  fewest_calls_floor_ = saved.fewest_calls_floor;
  least_occupied_floor_ppm_ = saved.least_occupied_floor_ppm;
  config_ = saved.config;
  config_hash_ = saved.config_hash;
  config_version_ = saved.config_version;
  half_life_before_ns_ = config_.decay_half_life_ns;
  for (const std::string& skill : saved.skills) skill_for(skill);
  for (const std::string& code : saved.codes) add_code(code);
  take_outcome_words();
  for (const SavedQueue& queue : saved.queues) restore_queue(queue);
  compile_memberships();
  for (const ProtectRule& rule : config_.protects)
    protect_skills_.push_back(find_skill(rule.skill));
  forget_counts();
  reach_.configure(config_.reaches);
  sessions_.restore(saved.sources);
  for (const Source& source : saved.sources) {
    reach_.add(source.kind == SourceKind::kDesktop ? std::string_view() : source.id.view());
  }
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    const Source& source = sessions_.at(SourceIndex(i));
    if (source.deadline_ns != kNeverNs) set_source_deadline(SourceIndex(i), source.deadline_ns);
  }
  ended_calls_.restore(saved.ended_calls);
  for (const auto& [id, scheduled] : saved.scheduled) {
    scheduled_.emplace(id, scheduled);
    ++queue(queue_for_later(scheduled)).scheduled_calls;
    dues_.insert({scheduled.due_ms, id});
  }
  for (const SavedAgent& agent : saved.agents) restore_agent(agent);
  uint32_t slots = 0;
  for (const SavedCall& call : saved.calls) slots = std::max(slots, call.slot + 1);
  calls_.make_slots(slots);
  for (const SavedCall& call : saved.calls) restore_call(call);
  calls_.list_free_slots();
  link_calls_by_source_order(saved.calls);
  link_agents_by_log_in();
  link_attached_by_order();
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    if (roster_.at(AgentIndex(i)).presence != Presence::kLoggedOut) join_class(AgentIndex(i));
  }
  for (const SavedCall& call : saved.calls) restore_class(call);
  // As it was: between commands nothing is left to be looked at.
  drop_marks();
  for (const AgentIndex index : dirty_boxes_) roster_.at(index).is_box_dirty = false;
  dirty_boxes_.clear();
  for (const QueueIndex index : counted_queues_) queue(index).is_counted_anew = false;
  counted_queues_.clear();
  ACD_CHECK(log_.events.empty());
}

void Router::restore_queue(const SavedQueue& saved) {
  const QueueIndex index(queues_.size());
  queues_.emplace_back().config.id = saved.config.id;
  queue_by_id_.insert(HashedName(saved.config.id), index.value());
  compile_queue(index, saved.config);
  Queue& queue = queues_.back();
  if (!saved.is_removed) key_kinds_ |= key_bits(saved.config.strategy);
  queue.config_hash = saved.config_hash;
  queue.is_removed = saved.is_removed;
  queue.is_open = saved.is_open;
  queue.are_callbacks_open = saved.are_callbacks_open;
  queue.version = saved.version;
  queue.configured_version = saved.configured_version;
  queue.condition_mask = saved.condition_mask;
  queue.drain_target = saved.drain_target;
  queue.ewt_ns = saved.ewt_ns;
  queue.rang_last = saved.rang_last;
  queue.shares.restore(saved.share_floor, saved.share_counts);
}

void Router::restore_agent(const SavedAgent& saved) {
  const AgentIndex index = roster_.add(HashedName(saved.id));
  Agent& agent = roster_.at(index);
  agent.station = IdText(saved.station);
  agent.team = team_for(saved.team);
  roster_.set_skills(index, saved.skills);
  agent.memberships = memberships_of(agent);
  agent.paused = saved.paused;
  agent.source = saved.source;
  agent.presence = saved.presence;
  agent.media = saved.media;
  agent.answer_mode = saved.answer_mode;
  agent.station_media = saved.station_media;
  agent.is_leg_up = saved.is_leg_up;
  agent.items.assign(saved.items.begin(), saved.items.end());
  for (WorkItem& one : agent.items) one.next_offered = one.next_party = AgentIndex();
  agent.items_begun = saved.items_begun;
  agent.log_out_pending = saved.log_out_pending;
  agent.log_out_forced = saved.log_out_forced;
  agent.log_out_on_behalf = saved.log_out_on_behalf;
  agent.is_phone_busy = saved.is_phone_busy;
  agent.reason = saved.reason;
  agent.idle_since_ns = saved.idle_since_ns;
  agent.since_ns = saved.since_ns;
  agent.rejects = saved.rejects;
  agent.no_answers = saved.no_answers;
  agent.log_in_order = saved.log_in_order;
  agent.connected_calls = saved.connected_calls;
  agent.work_time = saved.work_time;
  agent.free_time = saved.free_time;
  agent.occupancy_ppm = saved.occupancy_ppm;
  agent.dial_prefix = DialPrefix(saved.dial_prefix);
  agent.desktop = saved.desktop;
  agent.attach_order = saved.attach_order;
  agent.is_desk_empty = lacks_desktop(agent);
  agent.was_free = agent.is_free();
  if (agent.presence != Presence::kLoggedOut) roster_.occupy_station(index);
  refresh_agent_timer(index);
}

// The lists of their switches.
void Router::link_calls_by_source_order(const std::vector<SavedCall>& saved) {
  std::vector<std::pair<uint64_t, CallIndex>> live;
  for (const SavedCall& call : saved) live.emplace_back(call.source_order, CallIndex(call.slot));
  std::sort(live.begin(), live.end());
  for (const auto& [order, index] : live) link_call(index);
}

// The lists of their switches: the first to log in comes first.
void Router::link_agents_by_log_in() {
  std::vector<AgentIndex> here;
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    if (roster_.at(AgentIndex(i)).presence != Presence::kLoggedOut) here.emplace_back(i);
  }
  std::sort(here.begin(), here.end(), [this](AgentIndex a, AgentIndex b) {
    return roster_.at(a).log_in_order < roster_.at(b).log_in_order;
  });
  for (const AgentIndex index : here) link_agent(index);
}

// The lists of their desktop sessions.
void Router::link_attached_by_order() {
  std::vector<AgentIndex> attached;
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    if (roster_.at(AgentIndex(i)).desktop.valid()) attached.emplace_back(i);
  }
  std::sort(attached.begin(), attached.end(), [this](AgentIndex a, AgentIndex b) {
    return roster_.at(a).attach_order < roster_.at(b).attach_order;
  });
  for (const AgentIndex index : attached) link_attached(index);
}

// All but its class and what depends on it.
void Router::restore_call(const SavedCall& saved) {
  const CallIndex index(saved.slot);
  calls_.add_at(HashedName(saved.id), index);
  Call& call = calls_.at(index);
  call.stage = saved.stage;
  call.on_hold = saved.on_hold;
  call.has_priority = saved.has_priority;
  call.is_reminder = saved.is_reminder;
  call.waits_if_busy = saved.waits_if_busy;
  call.is_for_owner = saved.is_for_owner;
  call.round_failed = saved.round_failed;
  call.is_boxed = saved.is_boxed;
  call.overflows = saved.overflows;
  call.transfers = saved.transfers;
  call.actions_taken = saved.actions_taken;
  call.steps = saved.steps;
  call.offers = saved.offers;
  call.source = saved.source;
  call.queue = saved.queue;
  Reject reject = Reject::kNone;
  call.requirement = requirement_for(saved.requirement, &reject);
  ACD_CHECK(reject == Reject::kNone);
  calls_.use_requirement(call.requirement);
  call.medium = saved.medium;
  call.priority = saved.priority;
  call.generation = saved.generation;
  call.agent = saved.agent;
  for (const AgentIndex agent : saved.further_parties) add_party(index, agent);
  call.parent = saved.parent;
  call.preferred = saved.preferred;
  call.order = saved.order;
  calls_.set_leg(index, saved.leg);
  call.number = saved.number;
  call.outcome = saved.outcome;
  call.enqueued_ns = saved.enqueued_ns;
  call.key_ns = saved.key_ns;
  call.preferred_until_ns = saved.preferred_until_ns;
  call.not_before_ns = saved.not_before_ns;
  call.steps_seen_ns = saved.steps_seen_ns;
  call.line_ns = saved.line_ns;
  call.source_order = saved.source_order;
  if (!saved.callback.number.empty()) {
    callbacks_.emplace(call.order, saved.callback);
    open_numbers_.insert({saved.callback.asked_queue, saved.callback.number});
  }
  if (call.is_outside()) outside_numbers_.emplace(call.order, saved.outside_number);
  if (call.stage == CallStage::kDialing) ++queue(call.queue).dialing_calls;
  call.treated_ns = saved.treated_ns;
  call.limits_at_ns = saved.limits_at_ns;
  AgentIndex* link = &call.first_offered;
  for (const AgentIndex agent : saved.offered) {
    *link = agent;
    link = &roster_.at(agent).item_of(index).next_offered;
  }
  // Lists put what comes last at their front.
  for (auto one = saved.visited.rbegin(); one != saved.visited.rend(); ++one) {
    calls_.visit(index, *one);
  }
  for (auto one = saved.exclusions.rbegin(); one != saved.exclusions.rend(); ++one) {
    calls_.exclude(index, one->agent, one->generation, one->until_ns, one->is_firm);
  }
  if (saved.deadline_ns != kNeverNs) set_call_deadline(index, saved.deadline_ns);
  ++queue(call.queue).live_calls;
}

void Router::restore_class(const SavedCall& saved) {
  const CallIndex index(saved.slot);
  Call& call = calls_.at(index);
  if (saved.class_version != 0) {
    CallClassKey key = class_key(call);
    key.version = saved.class_version;
    key.steps = saved.class_steps;
    call.call_class = call_class_for(key);
    calls_.join_class(call.call_class);
  }
  if (call.stage != CallStage::kEnqueued) return;
  if (call.is_boxed) {
    Agent& agent = roster_.at(call.preferred);
    calls_.insert_boxed(index, &agent.preferring);
    ++agent.preferring_count;
  }
  calls_.insert_waiting(index, order_rule(call.queue));
  ++queue(call.queue).waiting_calls;
  if (!call.is_on_line()) ++queue(call.queue).off_line_calls;
}

}  // namespace acd
