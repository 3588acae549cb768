// SPDX-License-Identifier: Apache-2.0
// Configuration, dispatch and time of the oracle.
#include "sim/oracle.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "routing/check.h"

namespace acd {
namespace {

const QueueConfig* find_config(const TenantConfig& config, std::string_view id) {
  for (const QueueConfig& queue : config.queues) {
    if (queue.id == id) return &queue;
  }
  return nullptr;
}

const DrainConfig* find_drain(const TenantConfig& config, std::string_view queue) {
  for (const DrainConfig& drain : config.drains) {
    if (drain.queue == queue) return &drain;
  }
  return nullptr;
}

}  // namespace

// --- Configuration.

Reject Oracle::configure(const TenantConfig& config, int64_t now_ns) {
  ACD_CHECK(now_ns >= now_ns_);
  now_ns_ = now_ns;
  std::map<QueueIndex, std::string> drains;
  if (!find_drains(config, &drains)) return Reject::kQueueNotEmpty;
  const bool is_first = !configured_;
  const int64_t half_life_before_ns = config_.decay_half_life_ns;
  if (is_first) {
    random_ = RandomDraw(config.random_seed);
  } else {
    const int64_t from_ns = config_.decay_half_life_ns;
    const int64_t to_ns = config.decay_half_life_ns;
    for (Agent& agent : agents_) {
      agent.worked.change_half_life(now_ns_, from_ns, to_ns);
      agent.idled.change_half_life(now_ns_, from_ns, to_ns);
      agent.calls.change_half_life(now_ns_, from_ns, to_ns);
    }
    for (Queue& queue : queues_) {
      queue.given_floor.change_half_life(now_ns_, from_ns, to_ns);
      for (auto& [agent, count] : queue.given) count.change_half_life(now_ns_, from_ns, to_ns);
    }
  }
  configured_ = true;
  ++config_version_;
  config_ = config;
  for (const std::string& skill : config.skills) {
    if (!find_skill(skill).valid()) skills_.push_back(skill);
  }
  take_queues(config);
  for (const auto& [queue, target] : drains) queue_at(queue).drains_to = target;
  if (is_first) {
    look_at_conditions();
    return Reject::kNone;
  }
  fewest_calls_floor_.change_half_life(now_ns_, half_life_before_ns, config_.decay_half_life_ns);
  is_live_change_ = true;
  start_bulk();
  return Reject::kNone;
}

bool Oracle::find_drains(const TenantConfig& config,
                         std::map<QueueIndex, std::string>* drains) const {
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    const Queue& queue = queues_[i];
    if (find_config(config, queue.config.id) != nullptr) continue;
    const bool is_empty = std::none_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
      return entry.second.queue == QueueIndex(i);
    });
    const bool is_awaited = std::ranges::any_of(
        scheduled_, [&](const auto& entry) { return entry.second.queue == queue.config.id; });
    if (is_empty && !is_awaited) continue;
    // A queue that was removed earlier keeps its target, unless that goes as well.
    const DrainConfig* drain = find_drain(config, queue.config.id);
    std::string target = drain != nullptr ? drain->target : queue.drains_to;
    for (size_t hops = 0; find_config(config, target) == nullptr; ++hops) {
      const DrainConfig* next = find_drain(config, target);
      if (next == nullptr || hops > config.drains.size()) return false;
      target = next->target;
    }
    drains->emplace(QueueIndex(i), target);
  }
  return true;
}

void Oracle::take_queues(const TenantConfig& config) {
  for (const QueueConfig& taken : config.queues) {
    QueueIndex index;
    for (uint32_t i = 0; i < queues_.size(); ++i) {
      if (queues_[i].config.id == taken.id) index = QueueIndex(i);
    }
    if (!index.valid()) {
      index = QueueIndex(queues_.size());
      queues_.emplace_back();
    } else if (queue_at(index).removed) {
      queue_at(index) = Queue{};  // It comes back as a new one.
    }
    Queue& queue = queue_at(index);
    queue.config = taken;
    queue.requirement = parsed(taken.requirement);
    queue.conditions.assign(taken.steps.size(), false);
    Event& event = emit(EventKind::kQueueConfigChanged);
    event.queue = index;
    event.text = log_.add_text(taken.id);
  }
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = queues_[i];
    if (queue.removed || find_config(config, queue.config.id) != nullptr) continue;
    queue.removed = true;
    Event& event = emit(EventKind::kQueueRemoved);
    event.queue = QueueIndex(i);
    event.text = log_.add_text(queue.config.id);
  }
}

Reject Oracle::upsert_agents(const std::vector<AgentProfile>& profiles, int64_t now_ns) {
  ACD_CHECK(configured_ && now_ns >= now_ns_);
  now_ns_ = now_ns;
  std::set<std::string_view> fresh;
  for (const AgentProfile& profile : profiles) {
    if (!find_agent(profile.id).valid()) fresh.insert(profile.id);
  }
  if (agents_.size() + fresh.size() > kAgentsMax) return Reject::kLimitReached;
  for (const AgentProfile& profile : profiles) {
    AgentIndex index = find_agent(profile.id);
    const bool is_new = !index.valid();
    if (is_new) {
      index = AgentIndex(agents_.size());
      agents_.emplace_back();
      agents_.back().index = index;
      agents_.back().id = profile.id;
    }
    Agent& agent = agent_at(index);
    agent.skills.clear();
    std::string skills_text;
    for (const auto& [name, level] : profile.skills) {
      const SkillIndex skill = find_skill(name);
      ACD_CHECK(skill.valid());
      agent.skills.push_back({skill, static_cast<uint8_t>(level)});
      if (!skills_text.empty()) skills_text += ',';
      skills_text += name + '=' + std::to_string(level);
    }
    std::sort(agent.skills.begin(), agent.skills.end());
    agent.team = profile.team;
    agent.media = profile.media;
    agent.changed = true;
    Event& event = emit(EventKind::kAgentUpserted);
    event.agent = index;
    event.text = log_.add_text(profile.id);
    if (is_new || !profile.keeps_display_name) {
      event.text2 = log_.add_text(profile.display_name.empty() ? profile.id : profile.display_name);
    }
    event.text3 = log_.add_text(encode_upserted({skills_text, agent.team, agent.media}));
    tell_memberships(index);
  }
  match();
  return Reject::kNone;
}

// Tells which queues name the agent, where that is not known yet.
void Oracle::tell_memberships(AgentIndex index) {
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = queues_[i];
    const Membership now = membership(queue, agent_at(index));
    const auto known = queue.named.find(index);
    const bool is_named = now.serves && !queue.config.members_all;
    if (queue.removed) {
      queue.named.clear();
    } else if (is_named && (known == queue.named.end() || known->second != now.rank)) {
      queue.named[index] = now.rank;
      Event& event = emit(EventKind::kMemberAdded);
      event.agent = index;
      event.queue = QueueIndex(i);
      event.number = now.rank;
    } else if (!is_named && known != queue.named.end()) {
      queue.named.erase(known);
      queue.paused.erase(index);
      Event& event = emit(EventKind::kMemberRemoved);
      event.agent = index;
      event.queue = QueueIndex(i);
    }
  }
}

// --- Commands.

Reject Oracle::apply(const Command& command, std::string_view arena, int64_t now_ns) {
  ACD_CHECK(now_ns >= now_ns_);
  if (command.sequence > 0 && !sessions_.contains(command.source)) {
    now_ns_ = now_ns;
    match();
    return Reject::kSourceUnknown;
  }
  if (command.sequence > 0) {
    const Reject order = sessions_.check_sequence(command.source, command.sequence);
    if (order != Reject::kNone) return order;
  }
  now_ns_ = now_ns;
  const Reject reject = dispatch(command, arena);
  match();
  if (command.sequence > 0) sessions_.complete(command.source, command, reject);
  return reject;
}

Reject Oracle::dispatch(const Command& command, std::string_view arena) {
  Call* const call = find_call(command.call.in(arena));
  if (sessions_.is_desktop(command.source)) return desktop_command(command, arena, call);
  // The daemon itself asks without a source.
  constexpr CommandKind kOfAnySwitch[] = {CommandKind::kEnqueueCall,  CommandKind::kRequestCallback,
                                          CommandKind::kScheduleCall, CommandKind::kReplaceLeg,
                                          CommandKind::kEndWrapUp,    CommandKind::kExtendWrapUp};
  const bool is_foreign = call != nullptr && command.source.valid() &&
                          call->source != command.source &&
                          std::ranges::find(kOfAnySwitch, command.kind) == std::end(kOfAnySwitch);
  return is_foreign ? Reject::kCallOfOtherSwitch : obey(command, arena, call);
}

Reject Oracle::obey(const Command& command, std::string_view arena, Call* call) {
  const auto of_call = [&](auto&& handle) {
    return call != nullptr ? handle(*call) : Reject::kCallUnknown;
  };
  const auto of_agent = [&](auto&& handle) { return with_agent(command, arena, handle); };
  switch (command.kind) {
    case CommandKind::kNone:
    case CommandKind::kConfigure:
    case CommandKind::kUpsertAgents:
    case CommandKind::kStageConfig:
    case CommandKind::kOverrideQueue:
      ACD_CHECK(false && "not a command for apply()");
      return Reject::kNone;
    case CommandKind::kRefused:
    case CommandKind::kSeeded:
    case CommandKind::kCommandDone:
      return Reject::kNone;
    case CommandKind::kOpenSession:
      return open_session(command, arena);
    case CommandKind::kCloseSession:
      if (!sessions_.contains(command.source)) return Reject::kSourceUnknown;
      close_session(command.source);
      return Reject::kNone;
    case CommandKind::kResume:
      resume_after_restart();
      return Reject::kNone;
    case CommandKind::kEnqueueCall:
      return enqueue_call(command, arena);
    case CommandKind::kRequestCallback:
      return request_callback(command, arena);
    case CommandKind::kCustomerAnswered:
      customer_answered(command, arena, call);
      return Reject::kNone;
    case CommandKind::kScheduleCall:
      return schedule_call(command, arena);
    case CommandKind::kRescheduleCall:
      return reschedule_call(command, command.call.in(arena));
    case CommandKind::kCallDue:
      return call_due(command.call.in(arena));
    case CommandKind::kEndCall:
      if (call == nullptr) return cancel_scheduled(command, command.call.in(arena));
      return of_call([&](Call& live) { return end_call(command, arena, live); });
    case CommandKind::kResyncBegin:
    case CommandKind::kKeepCall:
    case CommandKind::kKeepAgent:
    case CommandKind::kResyncEnd:
      return list_event(command, arena, call);
    case CommandKind::kRerouteCall:
      return reroute_call(command, command.call.in(arena), call);
    case CommandKind::kLegRinging:
      leg_ringing(command, call);
      return Reject::kNone;
    case CommandKind::kLegAnswered:
      leg_answered(command, arena, call);
      return Reject::kNone;
    case CommandKind::kLegFailed:
      return leg_failed(command, arena, call);
    case CommandKind::kCallConnected:
      call_connected(command, arena, call);
      return Reject::kNone;
    case CommandKind::kConnectFailed:
      return connect_failed(command, arena, call);
    case CommandKind::kHoldCall:
    case CommandKind::kResumeCall:
      return of_call([&](Call& live) { return hold_call(command, arena, live); });
    case CommandKind::kSuperviseCall:
      return of_call([&](Call& live) { return supervise_call(command, arena, live); });
    case CommandKind::kRequeueCall:
      return of_call([&](Call& live) { return requeue_call(live); });
    case CommandKind::kLeaveCall:
      return of_call([&](Call& live) { return leave_call(command, arena, live); });
    case CommandKind::kConsult:
      return of_call([&](Call& live) { return consult(command, arena, live); });
    case CommandKind::kMergeCall:
      return of_call([&](Call& live) { return merge_call(command, live); });
    case CommandKind::kChangePriority:
      return of_call([&](Call& live) { return change_priority(live, command.number); });
    case CommandKind::kSetOutcome:
      return set_outcome(command, arena, call);
    case CommandKind::kTransferCall:
      return of_call([&](Call& live) { return transfer_call(command, arena, live); });
    case CommandKind::kReplaceLeg:
      return replace_leg(command, arena);
    case CommandKind::kLogIn:
      return log_in(command, arena);
    case CommandKind::kLogOut:
      return of_agent(
          [&](Agent& agent) { return log_out(agent, command.flag, command.source.valid()); });
    case CommandKind::kSetReady:
      return of_agent([&](Agent& agent) { return set_ready(agent); });
    case CommandKind::kSetNotReady:
      return of_agent([&](Agent& agent) { return set_not_ready(agent, command.number); });
    case CommandKind::kEndWrapUp:
      return of_agent([&](Agent& agent) { return end_wrap_up(agent, command.call.in(arena)); });
    case CommandKind::kExtendWrapUp:
      return of_agent([&](Agent& agent) { return extend_wrap_up(agent, command.call.in(arena)); });
    case CommandKind::kPauseMember:
    case CommandKind::kUnpauseMember:
      return of_agent([&](Agent& agent) { return pause_member(command, arena, agent); });
    case CommandKind::kPhoneBusy:
    case CommandKind::kPhoneIdle:
    case CommandKind::kPhoneUnregistered:
    case CommandKind::kLegUp:
    case CommandKind::kLegLost:
      return phone_event(command, arena);
    case CommandKind::kAcceptOffer:
    case CommandKind::kRejectOffer:
      return of_agent([&](Agent& agent) { return claim_offer(command, arena, call, agent); });
    case CommandKind::kAttachAgent:
    case CommandKind::kDetachAgent:
      return Reject::kSourceUnknown;
    case CommandKind::kOpenQueue:
    case CommandKind::kCloseQueue:
    case CommandKind::kOpenCallbacks:
    case CommandKind::kCloseCallbacks:
    case CommandKind::kSetEwt:
      return queue_command(command, arena);
  }
  return Reject::kNone;
}

Reject Oracle::with_agent(const Command& command, std::string_view arena,
                          const std::function<Reject(Agent&)>& handle) {
  const AgentIndex index = find_agent(command.name.in(arena));
  if (!index.valid()) return Reject::kAgentUnknown;
  Agent& agent = agent_at(index);
  const bool is_elsewhere = agent.presence != Presence::kLoggedOut && command.source.valid() &&
                            agent.source != command.source;
  return is_elsewhere ? Reject::kAgentOfOtherSwitch : handle(agent);
}

Reject Oracle::queue_command(const Command& command, std::string_view arena) {
  const QueueIndex index = find_queue(command.name.in(arena));
  if (!index.valid()) return Reject::kQueueUnknown;
  Queue& queue = queue_at(index);
  if (command.kind == CommandKind::kSetEwt) {
    queue.ewt_ns = command.wait_ns;
    return Reject::kNone;
  }
  if (command.kind == CommandKind::kOpenCallbacks || command.kind == CommandKind::kCloseCallbacks) {
    const bool may_call = command.kind == CommandKind::kOpenCallbacks;
    if (std::exchange(queue.may_call, may_call) == may_call) return Reject::kNone;
    Event& event =
        emit(may_call ? EventKind::kQueueCallbacksOpened : EventKind::kQueueCallbacksClosed);
    event.queue = index;
    event.number = command.number;
    return Reject::kNone;
  }
  const bool open = command.kind == CommandKind::kOpenQueue;
  if (queue.open == open) return Reject::kNone;
  queue.open = open;
  Event& event = emit(open ? EventKind::kQueueOpened : EventKind::kQueueClosed);
  event.queue = index;
  event.number = command.number;
  return Reject::kNone;
}

// --- Sessions.

// --- Time.

template <typename Visit>
void Oracle::for_each_timer(const Visit& visit) const {
  const auto visit_set = [&](const Timer& timer) {
    if (timer.deadline_ns != kNeverNs) visit(timer);
  };
  visit_set({bulk_deadline_ns_, TimerKind::kBulk, 0, 0});
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    visit_set({sessions_.at(SourceIndex(i)).deadline_ns, TimerKind::kSource, i, i});
  }
  for (const Agent& agent : agents_) {
    visit_set({deadline_of(agent), TimerKind::kAgent, agent.log_in_order, agent.index.value()});
  }
  for (const auto& [order, call] : calls_) {
    visit_set({deadline_of(call), TimerKind::kCall, order, 0});
  }
}

void Oracle::resume_after_restart() {
  // Deadlines that fell due while nobody ran move, in order, to the end of the reconnect grace.
  int64_t deadline_ns = now_ns_ + kReconnectGraceDefaultNs;
  for (;;) {
    Timer timer;  // The first that is left; an agent has several, one after the other.
    for_each_timer([&](const Timer& one) {
      if (one.kind != TimerKind::kBulk) timer = std::min(timer, one);
    });
    if (timer.deadline_ns >= now_ns_) break;
    if (timer.kind == TimerKind::kSource) {
      sessions_.at(SourceIndex(timer.index)).deadline_ns = deadline_ns;
    } else if (timer.kind == TimerKind::kAgent) {
      for (Item& one : agent_at(AgentIndex(timer.index)).items) {
        if (one.deadline_ns != timer.deadline_ns) continue;
        one.deadline_ns = deadline_ns;
        break;
      }
    } else {
      calls_.at(timer.order).not_before_ns = deadline_ns;
    }
    ++deadline_ns;
  }
  for (uint32_t i = 0; i < sessions_.size(); ++i) {
    Source& source = sessions_.at(SourceIndex(i));
    // Its time to list begins anew: the cut was not its own. A desktop's time moves as deadlines do.
    if (source.is_resyncing) {
      source.resync_until_ns = now_ns_ + config_.switch_grace_ns;
    } else if (source.resync_until_ns < now_ns_) {
      source.resync_until_ns = now_ns_ + kReconnectGraceDefaultNs;
    }
    close_session(SourceIndex(i));
  }
}

Oracle::Timer Oracle::first_timer() const {
  Timer first;
  for_each_timer([&](const Timer& timer) { first = std::min(first, timer); });
  return first;
}

int64_t Oracle::next_deadline_ns() const { return first_timer().deadline_ns; }

uint32_t Oracle::advance(int64_t now_ns, uint32_t timers_max) {
  ACD_CHECK(now_ns >= now_ns_);
  uint32_t fired = 0;
  for (; fired < timers_max; ++fired) {
    const Timer first = first_timer();
    if (first.deadline_ns >= now_ns) break;
    now_ns_ = std::max(now_ns_, first.deadline_ns);
    fire(first);
    match();
  }
  if (next_deadline_ns() >= now_ns) now_ns_ = now_ns;
  return fired;
}

void Oracle::fire(const Timer& timer) {
  switch (timer.kind) {
    case TimerKind::kBulk:
      fire_bulk();
      return;
    case TimerKind::kSource: {
      Source& source = sessions_.at(SourceIndex(timer.index));
      const bool is_desktop = source.kind == SourceKind::kDesktop;
      if (source.connected && !is_desktop) return end_resync(SourceIndex(timer.index), true);
      source.is_resyncing = false;
      source.deadline_ns = kNeverNs;
      if (source.connected) return lose_desktop(SourceIndex(timer.index));
      // The grace is over: all is lost, and the switch learns it, because its epoch is forgotten.
      source.lost_before = next_order_;
      source.epoch = IdText();
      source.last_sequence = 0;
      source.refusals.clear();
      if (is_desktop) return lose_desktop(SourceIndex(timer.index));
      lose_source(SourceIndex(timer.index));
      return;
    }
    case TimerKind::kAgent: {
      // Wrap-up or busy is over.
      Agent& agent = agent_at(AgentIndex(timer.index));
      for (Item& one : agent.items) {
        if (one.deadline_ns != timer.deadline_ns) continue;
        return finish_item(agent, one, is_last_work(agent));
      }
      return;
    }
    case TimerKind::kCall:
      fire_call(calls_.at(timer.order));
      return;
  }
}

void Oracle::start_bulk() { bulk_deadline_ns_ = std::min(bulk_deadline_ns_, now_ns_); }

void Oracle::fire_bulk() {
  bulk_deadline_ns_ = kNeverNs;
  const bool live_change = is_live_change_;
  is_live_change_ = false;
  std::set<QueueIndex> flipped;
  for (uint32_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].flipped) flipped.insert(QueueIndex(i));
    queues_[i].flipped = false;
  }
  if (live_change) {
    for (const Agent& agent : agents_) tell_memberships(agent.index);
    look_at_conditions();
    for (Queue& queue : queues_) queue.flipped = false;  // All look at their steps below.
    bulk_deadline_ns_ = kNeverNs;
  }
  std::vector<uint64_t> waiting;
  for (const auto& [order, call] : calls_) {
    if (call.stage == Stage::kEnqueued) waiting.push_back(order);
  }
  for (const uint64_t order : waiting) {
    Call& call = calls_.at(order);
    const bool is_removed = queue_of(call).removed;
    if (!is_removed && !live_change && !flipped.contains(call.queue)) continue;
    call.not_before_ns = std::max(call.not_before_ns, now_ns_);
    if (is_removed) {
      drain_call(call);
      continue;
    }
    if (live_change) {
      refresh_priority(call);
      call.treat_from_ns = std::max(call.treat_from_ns, now_ns_);
    }
    look_at_steps(call);
    look_at_preference(call);
  }
}

// --- Events and small things.

Event& Oracle::emit(EventKind kind) {
  Event& event = log_.events.emplace_back();
  event.kind = kind;
  event.sequence = ++event_sequence_;
  event.time_ns = now_ns_;
  return event;
}

// With the agent and generation of the accepted offer, if there is one.
Event& Oracle::emit(EventKind kind, const Call& call) {
  Event& event = emit(kind);
  event.call = call.index;
  event.medium = call.medium;
  event.queue = call.queue;
  event.source = call.source;
  event.generation = call.generation;
  if (call.stage >= Stage::kConnecting && !call.offers.empty()) {
    event.agent = call.offers.front().agent;
    event.generation = call.offers.front().generation;
  }
  return event;
}

void Oracle::take_events(EventLog* taken) {
  std::swap(log_, *taken);
  log_.clear();
}

SkillIndex Oracle::find_skill(std::string_view name) const {
  for (size_t i = 0; i < skills_.size(); ++i) {
    if (skills_[i] == name) return SkillIndex(i);
  }
  return {};
}

// REQUIRES: text of a checked configuration.
const Requirement& Oracle::parsed(std::string_view text) const {
  const auto known = parsed_.find(text);
  if (known != parsed_.end()) return known->second;
  auto result = parse_requirement(text, [&](std::string_view name) { return find_skill(name); });
  ACD_CHECK(std::holds_alternative<Requirement>(result));
  return parsed_.emplace(text, std::get<Requirement>(std::move(result))).first->second;
}

QueueIndex Oracle::find_queue(std::string_view id) const {
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].config.id == id && !queues_[i].removed) return QueueIndex(i);
  }
  return {};
}

AgentIndex Oracle::find_agent(std::string_view id) const {
  for (const Agent& agent : agents_) {
    if (agent.id == id) return agent.index;
  }
  return {};
}

Oracle::Call* Oracle::find_call(std::string_view id) {
  for (auto& [order, call] : calls_) {
    if (call.id == id) return &call;
  }
  return nullptr;
}

}  // namespace acd
